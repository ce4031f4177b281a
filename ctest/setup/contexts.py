# SPDX-License-Identifier: MIT
"""What the headers and globals of kernel/ and drivers/ say of when they may be used (architecture.md, "Who touches what") is held against
who calls whom: whatever is reached from a gate, or from an app's call inside another one, has to say [in a call], or [any].

  contexts.py [--build DIR]

Calls are read off the text: f(...) of that name, and p->f(...) of each function that an initializer puts into a field f. That is more than
what happens, and a name that says nothing of when it may be used is not asked. Of the machines x86 is looked at."""
import os
import re
import sys

import globals as declared

SOURCE = declared.SOURCE
WORDS = declared.WORDS + ("not in a call", "in a call of another app")
TAG = re.compile(r"\[((?:%s)(?:, (?:%s))*)\]" % ("|".join(WORDS), "|".join(WORDS)))
DEFINITION = re.compile(r"^([A-Za-z_][^\n;={}#()]*(?:\n[ \t]*[^\n;{}=()]*)?)\b(\w+)\(([^;{}]*?)\)\s*\n\{\n(.*?)^\}", re.M | re.S)
DECLARED = re.compile(r"^/\*((?:(?!\*/).)*)\*/\n((?:[a-z][^\n{]*\n(?:[ \t]+[^\n{]*\n)*)+)", re.M | re.S)
# Where a call of an app is going on: beside the gates themselves.
INSIDE = ("ctx_v1_log", "ctx_v2_alloc", "ctx_v2_dealloc", "app_page_in", "app_page_write", "app_breakpoint", "app_serve")
END = ("panic",)  # nothing comes back from there


def sources(top=SOURCE):
    found = {}
    for folder, _, names in (step for part in ("kernel", "drivers") for step in os.walk(os.path.join(top, part))):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top)
            if name.endswith((".c", ".h")) and not path.startswith(os.path.join("kernel", "linux")):
                with open(os.path.join(top, path), encoding="utf-8") as f:
                    found[path] = f.read()
    return found


def code_of(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)", "", text)


class Program:
    def __init__(self, texts):
        self.texts, self.bodies, self.places = texts, {}, {}
        code = {path: code_of(text) for path, text in texts.items()}
        for path, text in code.items():
            for match in DEFINITION.finditer(text):
                own = re.search(r"\bstatic\b|\bHOT\b", match[1]) is not None
                key = (path if own else "", match[2])
                self.bodies[key], self.places[key] = match[4], path
        self.inline = {name: (path, name) for path, name in self.bodies if path.endswith(".h")}
        self.fields, self.gates = {}, []
        for path, text in code.items():
            for field, name in re.findall(r"\.(\w+) = (\w+)\b", text):
                key = self.find(path, name)
                if key:
                    self.fields.setdefault(field, set()).add(key)
            for listed in re.findall(r"^GATE_TABLE\(([^;]*)\);", text, re.M):
                self.gates += [key for key in (self.find(path, name) for name in re.findall(r"\w+", listed)) if key]
        self.gates += [("", name) for name in INSIDE if ("", name) in self.bodies]

    def find(self, path, name):
        return next((key for key in ((path, name), ("", name)) if key in self.bodies), self.inline.get(name))

    def calls(self, key):
        path, body = self.places[key], self.bodies[key]
        for way, name in re.findall(r"(->|\.)?\b(\w+)\s*\(", body):
            if way == "" and name not in END:
                found = self.find(path, name)
                if found:
                    yield found
            elif way == "->":
                yield from self.fields.get(name, ())

    def reached(self):
        """Each function that a gate leads to, and by which other one."""
        by = {key: None for key in self.gates}
        left = list(by)
        while left:
            key = left.pop(0)
            for other in self.calls(key):
                if other not in by:
                    by[other] = key
                    left.append(other)
        return by


def is_for_calls(text):
    """None: it does not say when it may be used."""
    said = [word for listed in TAG.findall(re.sub(r"\n\s*\*? *", " ", text)) for word in listed.split(", ")]
    return any(word in ("in a call", "in a call of another app", "any") for word in said) if said else None


def wrong(texts):
    program = Program(texts)
    by = program.reached()

    def way(key):
        names = []
        while key is not None:
            names.append(key[1])
            key = by[key]
        return " <- ".join(names[:6])

    for path, text in sorted(texts.items()):
        for comment, below in DECLARED.findall(text) if path.endswith(".h") else ():
            for name in re.findall(r"\b(\w+)\(", below) if is_for_calls(comment) is False else ():
                if ("", name) in by:
                    yield f"{path}: {name} is not for calls, as its comment says: {way(('', name))}"
        lines = text.split("\n")
        for no, name, said in declared.declarations(lines) if path.endswith(".c") else ():
            if name == "state" and re.search(r"^(?:static )?(?:struct|union) (?:\w+ )?\{$", lines[no - 1]):
                name = re.match(r"\}[ *]*(\w+)", next(line for line in lines[no:] if line.startswith("}"))).group(1)
            users = [key for key in by if program.places[key] == path and re.search(r"(?<![>.\w])%s\b" % name, program.bodies[key])]
            if users and is_for_calls(said) is False:
                yield f"{path}:{no}: {name} is not for calls, as it says: {way(users[0])}"


# It has to find both kinds, by each way of calling, and nothing that says it right.
EXAMPLE = {
    "kernel/a.h": "/* Now. [loop] */\nvoid a_now(void);\n/* Ever. [loop, in a call] */\nvoid a_ever(void);\n/* Late. [boot] */\nvoid a_late(void);\n",
    "kernel/a.c": "/* [boot, loop] */\nstatic struct {\n    int x;\n} state;\n\nvoid a_now(void)\n{\n    state.x = 1;\n}\n\nvoid a_ever(void)\n{\n}\n\n"
                  "void a_late(void)\n{\n}\n\nconst struct kind a_kind = {.late = a_late};\n",
    "kernel/b.c": "static uint64_t b_gate(struct app *app, const uint64_t args[6])\n{\n    a_now();\n    a_ever();\n    app->kind->late();\n    return 0;\n}\n\n"
                  "GATE_TABLE(b_table, 0, b_gate);\n",
}


def main():
    found = sorted(line.split(" is ")[0] for line in wrong(EXAMPLE))
    if found != ["kernel/a.c:2: state", "kernel/a.h: a_late", "kernel/a.h: a_now"]:
        sys.exit(f"the check finds {found} in its example")
    texts = sources()
    program = Program(texts)
    reached = program.reached()
    if len(program.gates) < 120 or len(reached) < 1000:
        sys.exit(f"only {len(program.gates)} gates that lead to {len(reached)} functions: not all are found")
    lines = list(wrong(texts))
    if lines:
        sys.exit("\n".join(lines))
    print(f"{len(program.gates)} ways in, {len(reached)} functions")


if __name__ == "__main__":
    main()
