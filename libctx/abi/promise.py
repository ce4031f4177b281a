# SPDX-License-Identifier: MIT
"""What apps rely on, as lines of text; and whether today's lines keep those that were frozen.

A line is about one thing: a field or a function (STRUCT OFFSET SIZE NAME TYPE), or what its first word says: first (a struct that
apps pass: shorter it never was), fixed (a struct whose size is part of its meaning), table, call, gate, constant, define. Two lines
about one thing have to be equal; lines about new things may come.
"""
import os
import re
import subprocess
import sys
import tempfile
import tomllib

from ctx_idl import form, golden, model  # whoever imports this has libctx/sdk in its path

WORDS = ("first", "fixed", "table", "call", "gate", "constant", "define")
# Of C's macros: those of the frozen parts that are no table's.
MACROS = re.compile(r"CTX_(?:PENDING|OK|E_\w+|SLOT_\w+|STACK_\w+|GATE_(?:RETURN|NOSYS|V\d_\w+)|NOTE_[A-Z_]+|INTERFACE_[A-Z_0-9]+|AGAIN|WAIT)$")


def struct_of(kind):
    word = kind.split(" ")
    return word[1] if word[0] == "in-struct" else None


def without_drafts(d, structs):
    """Only tables that are no drafts, and the structs and constants of those."""
    drafts = tuple(t["name"] for t in d["table"] if t.get("draft"))
    tables = [t for t in d["table"] if not t.get("draft")]
    names = {name: s for name, s in structs.items() if not name.startswith(tuple(n + "_" for n in drafts))}
    constants = [c for c in d["constants"] if not (c["prefix"] + "_").startswith(tuple(f"CTX_{n.upper()}_" for n in drafts))]
    return dict(d, table=tables, constants=constants), names


def lines(d, structs):
    """Of context.toml, as generate.py has loaded it."""
    o = form.layout_structs(structs.values())
    passed = sorted({struct_of(kind) for t in d["table"] for fn in t["fn"] for kind, _ in fn["args"]} - {None})
    o += [f"first ctx_{name} {structs[name].get('first', structs[name]['bytes'])}" for name in passed]
    o += [f"fixed ctx_{s['name']} {s['bytes']}" for s in structs.values() if s.get("fixed")]
    for t in d["table"]:
        o += form.layout_table(f"ctx_{t['name']}", t["fn"])
        how = "".join(f" {word}" for word in ("grant", "optional", "draft") if t.get(word))
        o.append(f"table {t['name']} {t['id'] or 'ctx.' + t['name'] + ' on ctx'}{how}")
    for t in d["table"]:
        for fn in t["fn"]:
            kinds = ", ".join(kind if "struct" in kind else kind.split(" ")[0] for kind, _ in fn["args"])
            o.append(f"call {t['name']}.{fn['name']} ({kinds}) {fn['returns']}")
            if "gate" in fn:
                o.append(f"gate {fn['gate']} {t['name']}.{fn['name']}")
    o += [f"constant {c['prefix']}_{name} {value}" for c in d["constants"] for name, value in c["values"]]
    return o


def key_of(line):
    words = line.split(" ")
    return tuple(words[:2])


def read(path):
    with open(path, encoding="utf-8") as f:
        return [line for line in f.read().splitlines() if line and not line.startswith("#")]


def frozen(abi, since=3):
    """[(file's name, its lines)] of the versions that are frozen and that context.toml describes."""
    found = sorted(int(m.group(1)) for m in (re.fullmatch(r"v(\d+)\.txt", n) for n in os.listdir(abi)) if m)
    return [(f"v{n}.txt", read(os.path.join(abi, f"v{n}.txt"))) for n in found if n >= since]


def broken(name, old, today, about=lambda line: True):
    """What today's lines do not keep of the old ones, in words; empty: all of it."""
    now, wrong = {key_of(line): line for line in today}, []
    for line in filter(about, old):
        have = now.get(key_of(line))
        if have != line:
            wrong.append(f"{name}: frozen  {line}\n{' ' * len(name)}  today   {have or 'nothing'}")
    return wrong


def of_the_toml(line):
    """Whether context.toml says it; the rest is C's, by hand."""
    return line.split(" ")[0] not in ("define", "ctx", "ctx_rgba", "ctx_fb", "ctx_key_event", "ctx_input")


# ---- what is said elsewhere ----

def load(abi):
    """context.toml, and its structs with their layouts."""
    with open(os.path.join(abi, "context.toml"), "rb") as f:
        d = tomllib.load(f)
    structs = {s["name"]: s for s in d["struct"]}
    for s in structs.values():
        s["layout"], s["bytes"] = form.lay_out(s["fields"])
    for t in d["table"]:
        for slot, fn in enumerate(t["fn"]):
            fn.setdefault("returns", "status")
            fn["slot"] = slot
    return d, structs


def compiled(source, include, compiler="cc"):
    with tempfile.TemporaryDirectory() as tmp:
        path, out = os.path.join(tmp, "a.c"), os.path.join(tmp, "a")
        with open(path, "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run([compiler, "-I", include, path, "-o", out], check=True)
        return subprocess.run([out], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def of_c(include, layout_c, compiler="cc"):
    """Lines of the frozen parts that C's headers say by hand: struct ctx, statuses, the slot, the note."""
    with open(layout_c, encoding="utf-8") as f:
        fields = [line for line in compiled(f.read(), include, compiler) if " sizeof " not in line]
    heads = "".join(f"#include <ctx/{name}.h>\n" for name in ("ctx", "status", "slot", "note", "interface"))
    macros = subprocess.run([compiler, "-dM", "-E", "-I", include, "-x", "c", "-"], input=heads, check=True, stdout=subprocess.PIPE, text=True).stdout
    names = sorted(m.group(1) for m in re.finditer(r"^#define (\w+) (\S.*)$", macros, re.M) if MACROS.match(m.group(1)) and '"' not in m.group(2))
    names = [n for n in names if n not in ("CTX_E_LAST", "CTX_SLOT_COUNT", "CTX_SLOT_LOWEST")]  # which moves, and what is a kernel's own
    prints = "".join(f'    printf("define {n} %lld\\n", (long long)({n}));\n' for n in names)
    return fields + compiled(f"#include <stdio.h>\n{heads}int main(void)\n{{\n{prints}    return 0;\n}}\n", include, compiler)


def interfaces(root):
    """[(id, model)] of what apps of ours offer by an id that begins with `ctx.`."""
    found = []
    with tempfile.TemporaryDirectory() as tmp:
        files = os.path.join(tmp, "files.toml")
        # As apps/storage has it: names are nothing that a binary sees.
        subprocess.run([sys.executable, "-B", os.path.join(root, "libctx", "abi", "interface.py"), "files", files, "fn.open=open_file", "struct.info=about",
                        "struct.space=room"], check=True)
        texts = [files]
        for folder, _, names in sorted(os.walk(os.path.join(root, "apps"))):
            texts += [os.path.join(folder, n) for n in sorted(names) if n.endswith(".toml") and os.path.exists(os.path.join(folder, n[:-5] + ".layout"))]
        for path in texts:
            m = model.load(path)
            if m.id.startswith("ctx."):
                found.append((m.id, m))
    return sorted(found, key=lambda f: f[0])


def broken_interfaces(root, name, folder):
    """What today's interfaces do not keep of the frozen layouts in a folder."""
    today, wrong = dict(interfaces(root)), []
    for file in sorted(os.listdir(folder)):
        path = os.path.join(folder, file)
        with open(path, encoding="utf-8") as f:
            old, bad = golden.known(f.read(), f"{name}/{file}")
        m = today.get(file.removesuffix(".layout").rpartition("-")[0] + "/" + file.removesuffix(".layout").rpartition("-")[2])
        wrong += bad or (golden.broken(m, old, f"{name}/{file}") if m else [f"{name}/{file}: nobody offers it any more"])
    return wrong
