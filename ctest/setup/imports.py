# SPDX-License-Identifier: MIT
"""No Python file of ours imports a name that nobody uses: neither the file itself, nor its __all__, nor another one that takes it from there
(`from vm import mkcpio`). Only syntax trees are looked at; nothing is run. ctest/setup/tidy.py asks for it.

  imports.py [FILE...]
"""
import ast
import os
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOPS = ("apps", "cmake", "ctest", "drivers", "iso", "kernel", "libctx")

# What is wrong with each of these files, if they are all there are: the check is checked before it is believed.
SAMPLE = {
    "plain.py": ("import os\nimport sys\nprint(sys.argv)\n", ["plain.py:1: os"]),
    "parts.py": ("import os.path\nimport xml.dom as dom\nfrom a import b as c, d\nos.path.join(c)\n", ["parts.py:2: dom", "parts.py:3: d"]),
    "inside.py": ("def f():\n    import os\n    import re\n    return re\n", ["inside.py:2: os"]),
    "written.py": ("import os\nimport re\nos = 1\nre.x = 2\n", ["written.py:1: os"]),
    "said.py": ("import a, b\n__all__ = ['a']\nprint('b')\n", ["said.py:1: b"]),
    "gives.py": ("import handed, asked, left\n", ["gives.py:1: left"]),
    "takes.py": ("from gives import handed\nimport gives\nhanded(gives.asked)\n", []),
    "future.py": ("from __future__ import annotations\nfrom a import *\n", []),
}


def files():
    for top in TOPS:
        for folder, _, names in os.walk(os.path.join(SOURCE, top)):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def imports(tree):
    """(line, name that the file has by it) of each import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.asname or alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield from ((node.lineno, alias.asname or alias.name) for alias in node.names if alias.name != "*")


def used(tree):
    """Names that the file reads, and those that it offers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            yield from (n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant))


def taken(tree):
    """(module, name) of what the file takes from others: imported from there, or read as module.name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def unused(texts):
    """What is wrong with {path: text}, one line each."""
    trees = {path: ast.parse(text, path) for path, text in texts.items()}
    elsewhere = {pair for tree in trees.values() for pair in taken(tree)}
    wrong = []
    for path, tree in sorted(trees.items()):
        module, names = os.path.splitext(os.path.basename(path))[0], set(used(tree))
        wrong += [f"{path}:{line}: {name}" for line, name in sorted(imports(tree)) if name not in names and (module, name) not in elsewhere]
    return wrong


def check(only=()):
    """What is to be said, and the number of files. All are read in any case, for one may take what another imports."""
    found = unused({path: text for path, (text, _) in SAMPLE.items()})
    expected = sorted(line for _, lines in SAMPLE.values() for line in lines)
    if sorted(found) != expected:
        return [f"imports.py finds {found} in its own sample, not {expected}"], 0
    texts = {}
    for path in [*files(), *(os.path.abspath(p) for p in only)]:
        with open(path, encoding="utf-8") as f:
            texts[os.path.relpath(path, SOURCE)] = f.read()
    if len(texts) < 80:
        return [f"only {len(texts)} files: not all are found"], len(texts)
    wanted = [os.path.relpath(path, SOURCE) for path in only] or texts
    return [f"{line} is imported, and nobody uses it" for line in unused(texts) if line.split(":")[0] in wanted], len(wanted)


if __name__ == "__main__":
    wrong_lines, count = check(sys.argv[1:])
    if wrong_lines:
        sys.exit("\n".join(wrong_lines))
    print(f"{count} files of Python")
