#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The text for `ctx idl` of a table of context.toml that apps may offer (optional = true), so that nobody writes it twice.

usage: interface.py NAME FILE [fn.OLD=NEW | struct.OLD=NEW]...

Names of functions and structs are the table's, but for those that are renamed: of an interface `open` is made, for one, so no
function can be called that. A name is nothing that a binary sees.
"""
import json
import os
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))


def struct_of(kind):
    word = kind.split(" ")
    return word[1] if word[0] in ("in-struct", "out-struct", "inout-struct") else None


def text(name, new):
    with open(os.path.join(HERE, "context.toml"), "rb") as f:
        d = tomllib.load(f)
    table = next((t for t in d["table"] if t["name"] == name and t.get("optional")), None)
    if table is None:
        sys.exit(f"interface.py: context.toml has no table {name} that apps may offer")

    def own(struct):
        if not struct.startswith(f"{name}_"):
            sys.exit(f"interface.py: {name} uses struct {struct}, which is not its own")
        return new.get("struct." + struct[len(name) + 1:], struct[len(name) + 1:])

    used = []
    for fn in table["fn"]:
        used += [s for s in (struct_of(a[0]) for a in fn["args"]) if s and s not in used]
        used += [fn["result"]] if fn.get("result") and fn["result"] not in used else []
    quote = json.dumps  # TOML's basic strings are JSON's
    o = ["# SPDX-License-Identifier: MIT", "# made by libctx/abi/interface.py from context.toml; change that.",
         f"interface = {quote(table['id'])}", f"doc = {quote(' '.join(table['doc'].split()))}"]
    for s in (s for s in d["struct"] if s["name"] in used):
        o += ["", "[[struct]]", f"name = {quote(own(s['name']))}", f"doc = {quote(' '.join(s['doc'].split()))}", "fields = ["]
        o += [f"    {json.dumps(field)}," for field in s["fields"]] + ["]"]
    for fn in table["fn"]:
        args = []
        for kind, arg in fn["args"]:
            struct = struct_of(kind)
            args.append([f"{kind.split(' ')[0]} {own(struct)}" if struct else kind, arg])
        o += ["", "[[fn]]", f"name = {quote(new.get('fn.' + fn['name'], fn['name']))}", f"args = {json.dumps(args)}"]
        if fn.get("result"):
            o.append(f"result = {quote(own(fn['result']))}")
        o += [f"doc = {quote(' '.join(fn['doc'].split()))}", f"errors = {json.dumps(fn['errors'])}"]
    return "\n".join(o) + "\n"


def main():
    if len(sys.argv) < 3 or any("=" not in word for word in sys.argv[3:]):
        sys.exit(__doc__)
    made = text(sys.argv[1], dict(word.split("=", 1) for word in sys.argv[3:]))
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(made)


main()
