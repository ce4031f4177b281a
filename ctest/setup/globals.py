# SPDX-License-Identifier: MIT
"""Everything global in kernel/ and drivers/ says in its declaration who may touch it and when: [boot], [loop], [in a call], [irq],
[panic], [any], in the words of the headers (architecture.md, "Who touches what").

  globals.py [--build DIR] [FILE...]
"""
import os
import re
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORDS = ("boot", "loop", "in a call", "irq", "panic", "any")
TAG = re.compile(r"\[(?:%s)(?:, (?:%s))*\]" % ("|".join(WORDS), "|".join(WORDS)))
# Commands of `ctx` that read a file and end, and what stands in a header of its own.
ELSE = re.compile(r"[Tt]he command's own|[Ll]ikewise|its header has who may touch what")

DEFINED = re.compile(r"^(\s*)(?:static )?(?:volatile )?(?:struct |enum |union )?[A-Za-z_]\w*[ *]+(?:volatile )?\**(\w+)(?:\[[^\]]*\])*\s*(?:=[^=].*|;.*)$")
NOT = re.compile(r"^\s*(?:extern|typedef|return|goto|static const|const|struct \w+;|enum \w+;|else|case|_Static_assert|#|/?\*)|\bconst \w+\[|const \w+\(|\*const ")


def declarations(lines):
    """(line number, name, text): what stands above it, and all of it."""
    depth = 0
    for i, line in enumerate(lines):
        code = re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])+'", "", line)
        start = re.match(r"^(static )?(struct|union) (\w+ )?\{", line)
        outside = depth == 0 and not line.startswith((" ", "\t", "}"))
        local = depth > 0 and re.match(r"^\s+static (?!const\b|inline\b)", line)
        if outside and start and start.group(1):
            end = next(j for j in range(i, len(lines)) if lines[j].startswith("}"))
            yield i + 1, "state", above(lines, i) + "\n".join(lines[i:end + 1])
        elif (outside or local) and not NOT.match(line) and "(" not in code.split("=")[0]:
            found = DEFINED.match(code)
            if found and (outside or local):
                yield i + 1, found.group(2), above(lines, i) + line
        depth += code.count("{") - code.count("}")


def above(lines, i):
    text = []
    while i > 0 and re.match(r"^\s*(/?\*|/\*)", lines[i - 1]):
        i -= 1
        text.insert(0, lines[i])
    return "\n".join(text) + "\n"


def files():
    for top in ("kernel", "drivers"):
        for folder, _, names in os.walk(os.path.join(SOURCE, top)):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".c"))


def main(paths):
    count, silent = 0, []
    for path in paths or files():
        with open(path, encoding="utf-8") as f:
            for no, name, text in declarations(f.read().split("\n")):
                count += 1
                if not TAG.search(text) and not ELSE.search(text):
                    silent.append(f"{os.path.relpath(path, SOURCE)}:{no}: {name} does not say who may touch it, and when")
    if silent:
        sys.exit("\n".join(silent))
    if not paths and count < 60:
        sys.exit(f"only {count} globals: not all are found")
    print(f"{count} globals")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(arguments[2:] if arguments[:1] == ["--build"] else arguments)
