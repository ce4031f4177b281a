#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""From libctx/abi/context.toml: C header, gate descriptors, Rust binding, draft layout, reference pages.

usage: generate.py           write them
       generate.py --check   fail if one of them is not what it would be
"""
import os
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
LIBCTX = os.path.dirname(HERE)
HEADER_SIZE = 16
SIZES = {"u8": 1, "u32": 4, "i32": 4, "u64": 8, "i64": 8}
C_TYPES = {"u8": "uint8_t", "u32": "uint32_t", "i32": "int32_t", "u64": "uint64_t", "i64": "int64_t"}
MADE = "made by libctx/abi/generate.py from context.toml; change that"


def load():
    with open(os.path.join(HERE, "context.toml"), "rb") as f:
        d = tomllib.load(f)
    structs = {s["name"]: s for s in d["struct"]}
    for s in structs.values():
        at = 0
        s["layout"] = []
        for kind, name, doc in s["fields"]:
            base, count = name, 1
            if name.endswith("]"):
                base, count = name[:-1].split("[")
                count = int(count)
            size = SIZES[kind]
            if at % size:
                sys.exit(f"struct {s['name']}: {name} is not aligned")
            s["layout"].append((at, size * count, kind, base, name, doc))
            at += size * count
        if at % 8:
            sys.exit(f"struct {s['name']} ends with a hole")
        s["bytes"] = at
    gates = {}
    for t in d["table"]:
        for i, fn in enumerate(t["fn"]):
            fn.setdefault("returns", "status")
            fn["slot"] = i
            fn["table"] = t
            if len(fn["args"]) > 5:
                sys.exit(f"{t['name']}.{fn['name']}: more than six arguments with self")
            if "gate" in fn:
                if fn["gate"] in gates or t["id"]:
                    sys.exit(f"gate {fn['gate']} is given twice, or to a draft")
                gates[fn["gate"]] = fn
    return d, structs, gates


def wrap(text, first, rest, width=98):
    lines, line = [], first
    for word in " ".join(text.split()).split(" "):
        if len(line) + len(word) + 1 > width and line.strip(" */"):
            lines.append(line.rstrip())
            line = rest
        line += ("" if line.endswith(" ") else " ") + word
    lines.append(line.rstrip())
    return lines


def c_arg(kind, name):
    kind, _, what = kind.partition(" ")
    if kind in C_TYPES:
        return f"{C_TYPES[kind]} {name}"
    return {
        "handle": f"uint32_t {name}",
        "in": f"const void *{name}",
        "out": f"void *{name}",
        "in-struct": f"const struct ctx_{what} *{name}",
        "out-struct": f"struct ctx_{what} *{name}",
        "out-u32": f"uint32_t *{name}",
        "out-u64": f"uint64_t *{name}",
        "out-i64": f"int64_t *{name}",
        "out-table": f"const struct ctx_table **{name}",
        "inout-struct": f"struct ctx_{what} *{name}",
        "memory": f"void *{name}",
        "serve": f"ctx_serve_fn {name}",
    }[kind]


RETURNS = {"status": "ctx_status ", "pointer": "void *", "void": "void "}


def header(d, structs):
    o = ["/* SPDX-License-Identifier: MIT */", f"/* {MADE}. */", "/*"]
    o += wrap("<ctx/tables.h> - the tables of version 3. DRAFT: until version 3 is frozen an app and a kernel "
              "must have the same draft serial. Every function's first argument is the table it was called "
              "through; everything may be called only inside _start of that instance. Statuses are in "
              "<ctx/status.h>.", " *", " *")
    o += [" */", "#ifndef CTX_TABLES_H", "#define CTX_TABLES_H", "", "#include <ctx/base.h>", "#include <ctx/status.h>", "",
          f"#define CTX_DRAFT_SERIAL {d['draft_serial']}", ""]
    for c in d["constants"]:
        o += wrap(c["doc"], "/*", " *")
        o[-1] += " */"
        o += [f"#define {c['prefix']}_{n} {v}" for n, v in c["values"]] + [""]
    for s in structs.values():
        o += [f"/* {s['doc']} */", f"struct ctx_{s['name']} {{"]
        for _, _, kind, _, name, doc in s["layout"]:
            o.append(f"    {C_TYPES[kind]} {name};" + (f" /* {doc} */" if doc else ""))
        o += ["};", ""]
    o += ["struct ctx;", "", "/* A function of a host app that stands in for a function of its child's Context: ctx.host/1. */",
          "typedef void(CTX_CALL *ctx_serve_fn)(struct ctx *ctx, struct ctx_host_call *call);", ""]
    o += ["/* What every table begins with. */", "struct ctx_table {",
          "    uint32_t size;     /* valid bytes of the whole table */", "    uint32_t flags;    /* CTX_TBL_* */",
          "    uint64_t features; /* 0 */", "};", "",
          "/* The table's functions may be used; otherwise they answer DENIED. */", "#define CTX_TBL_GRANTED 1", "",
          "/* Whether a table has a function: newer ones are longer. */",
          "#define CTX_TABLE_HAS(type, table, fn) \\",
          "    ((table)->t.size >= offsetof(type, fn) + sizeof((table)->fn))", ""]
    for t in d["table"]:
        name = f"ctx_{t['name']}"
        o += ["/*"] + wrap(t["doc"] + (f' Open it as "{t["id"]}".' if t["id"] else ""), " *", " *") + [" */"]
        if t["id"]:
            o.append(f'#define CTX_ID_{t["name"].upper()} "{t["id"]}"')
        o += [f"struct {name} {{", "    struct ctx_table t;"]
        for fn in t["fn"]:
            o += ["", "    /*"] + wrap(fn["doc"], "     *", "     *")
            for status, when in fn["errors"]:
                o += wrap(f"{status}: {when}.", "     *", "     *")
            o.append("     */")
            args = ", ".join([f"const struct {name} *self"] + [c_arg(k, n) for k, n in fn["args"]])
            o.append(f"    {RETURNS[fn['returns']]}(CTX_CALL *{fn['name']})({args});")
        o += ["};", ""]
    for s in structs.values():
        o.append(f'CTX_STATIC_ASSERT(sizeof(struct ctx_{s["name"]}) == {s["bytes"]}, "ctx_{s["name"]}");')
        for at, _, _, base, _, _ in s["layout"]:
            o.append(f'CTX_STATIC_ASSERT(offsetof(struct ctx_{s["name"]}, {base}) == {at}, "ctx_{s["name"]}.{base}");')
    for t in d["table"]:
        for fn in t["fn"]:
            o.append(f'CTX_STATIC_ASSERT(offsetof(struct ctx_{t["name"]}, {fn["name"]}) == '
                     f'{HEADER_SIZE + 8 * fn["slot"]}, "ctx_{t["name"]}.{fn["name"]}");')
    return "\n".join(o + ["", "#endif", ""])


KINDS = {"u32": "U32", "u64": "U64", "i64": "U64", "handle": "U32", "in": "IN", "out": "OUT", "in-struct": "IN_STRUCT",
         "out-struct": "OUT_STRUCT", "inout-struct": "OUT_STRUCT", "serve": "U64", "out-u32": "OUT4", "out-u64": "OUT8", "out-i64": "OUT8", "out-table": "OUT8",
         "memory": "MEMORY"}


def descriptor(fn, structs):
    args = []
    for kind, _ in fn["args"]:
        kind, _, what = kind.partition(" ")
        args.append((KINDS[kind], structs[what]["bytes"] if kind.endswith("-struct") else 0))
    inner = ", ".join(f"{{CTX_ARG_{k}, {n}}}" for k, n in args) or "{0, 0}"
    return (f'{{"{fn["table"]["name"]}.{fn["name"]}", CTX_RETURNS_{fn["returns"].upper()}, '
            f'{len(args)}, {{{inner}}}}}')


def gates_c(d, structs, gates):
    o = ["/* SPDX-License-Identifier: MIT */", f"/* {MADE}. */", "#include <ctx/gates.h>", "",
         "/* clang-format off */", "const struct ctx_gate_info ctx_gates[CTX_GATE_USED] = {",
         '    [0] = {"return", CTX_RETURNS_VOID, 0, {{0, 0}}},',
         '    [1] = {"nosys", CTX_RETURNS_STATUS, 0, {{0, 0}}},',
         '    [2] = {"log", CTX_RETURNS_VOID, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}},',
         '    [3] = {"alloc", CTX_RETURNS_POINTER, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},',
         '    [4] = {"dealloc", CTX_RETURNS_VOID, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}},']
    o += [f"    [{n}] = {descriptor(fn, structs)}," for n, fn in sorted(gates.items())]
    o += ["};", ""]
    tables = [t for t in d["table"]]
    for t in tables:
        o.append(f"static const struct ctx_gate_info {t['name']}_fns[] = {{")
        o += [f"    {descriptor(fn, structs)}," for fn in t["fn"]]
        o += ["};", ""]
    o.append("const struct ctx_table_info ctx_tables[CTX_TABLES] = {")
    for t in tables:
        first = t["fn"][0].get("gate", 0)
        o.append(f'    {{"{t["name"]}", "{t["id"]}", {t["name"]}_fns, {len(t["fn"])}, {first}, '
                 f'{1 if t.get("grant") else 0}, 0}},')
    return "\n".join(o + ["};", "/* clang-format on */", ""])


def gates_h(d, gates):
    last = max(gates)
    o = ["/* SPDX-License-Identifier: MIT */", f"/* {MADE}. */", "/*"]
    o += wrap("<ctx/gates.h> - what each gate takes and returns, for kernels and tools: argument checks, tracer and "
              "loaders read it. Apps need none of it.", " *", " *")
    o += [" */", "#ifndef CTX_GATES_H", "#define CTX_GATES_H", "", "#include <stdint.h>", "",
          "/* One past the last number given out; the list only grows. */", f"#define CTX_GATE_USED {last + 1}u", ""]
    for n, fn in sorted(gates.items()):
        o.append(f"#define CTX_GATE_{fn['table']['name'].upper()}_{fn['name'].upper()} {n}u")
    o += ["", "/* Kinds of arguments; size is the struct's for *_STRUCT. IN and OUT are followed by their length. */",
          "enum ctx_arg_kind {", "    CTX_ARG_U32 = 1,", "    CTX_ARG_U64,", "    CTX_ARG_IN,", "    CTX_ARG_OUT,",
          "    CTX_ARG_IN_STRUCT,", "    CTX_ARG_OUT_STRUCT,", "    CTX_ARG_OUT4,", "    CTX_ARG_OUT8,",
          "    CTX_ARG_MEMORY,", "};", "", "enum ctx_returns {", "    CTX_RETURNS_STATUS,", "    CTX_RETURNS_POINTER,",
          "    CTX_RETURNS_VOID,", "};", "", "struct ctx_arg_info {", "    uint16_t kind, size;", "};", "",
          "/* Without self. */", "struct ctx_gate_info {", "    char name[24]; /* table.function */",
          "    uint8_t returns, count;", "    struct ctx_arg_info args[5];", "};", "", "struct ctx_table_info {",
          "    char name[16], id[24];", "    const struct ctx_gate_info *fns;", "    uint32_t count;",
          "    uint32_t first_gate; /* of a table that hangs on ctx; 0 for those that are opened */",
          "    uint32_t grant;      /* 1: not everyone may */", "    uint32_t rsv;", "};", "",
          f"#define CTX_TABLES {len(d['table'])}u"]
    o += [f"#define CTX_TABLE_{t['name'].upper()} {i}u" for i, t in enumerate(d["table"])]
    each = wrap(" ".join(f"f({t['name']})" for t in d["table"]), "    ", "    ", 96)
    o += ["", "/* f(log) for ctx.log/1, and so for each of them in this order: what a kernel offers, as a list. */",
          " \\\n".join(["#define CTX_EACH_TABLE(f)", *each])]
    o += ["", "extern const struct ctx_gate_info ctx_gates[CTX_GATE_USED];",
          "extern const struct ctx_table_info ctx_tables[CTX_TABLES];", "", "#endif", ""]
    return "\n".join(o)


RUST = {"u8": "u8", "u32": "u32", "i32": "i32", "u64": "u64", "i64": "i64"}


def rust_arg(kind, name):
    kind, _, what = kind.partition(" ")
    camel = "".join(w.capitalize() for w in what.split("_"))
    types = {"handle": "u32", "in": "*const u8", "out": "*mut u8", "in-struct": f"*const {camel}",
             "out-struct": f"*mut {camel}", "out-u32": "*mut u32", "out-u64": "*mut u64", "out-i64": "*mut i64",
             "out-table": "*mut *const Table", "memory": "*mut u8",
             "inout-struct": f"*mut {camel}", "serve": "ServeFn"}
    return f"{name}: {RUST.get(kind) or types[kind]}"


def rust(d, structs):
    o = ["// SPDX-License-Identifier: MIT", f"// {MADE}.",
         "//! The Context of version 3 as Rust sees it: layouts only, every call is unsafe.",
         "#![allow(dead_code, clippy::all)]", "", f"pub const DRAFT_SERIAL: u16 = {d['draft_serial']};", ""]
    for c in d["constants"]:
        o += [f"pub const {c['prefix'].removeprefix('CTX_')}_{n}: u32 = {v};" for n, v in c["values"]]
    o.append("")
    for s in structs.values():
        o += [f"/// {s['doc']}", "#[repr(C)]", "#[derive(Clone, Copy)]",
              f"pub struct {''.join(w.capitalize() for w in s['name'].split('_'))} {{"]
        for _, size, kind, base, _, _ in s["layout"]:
            count = size // SIZES[kind]
            o.append(f"    pub {base}: {RUST[kind] if count == 1 else f'[{RUST[kind]}; {count}]'},")
        o += ["}", ""]
    o += ["/// What every table begins with.", "#[repr(C)]", "pub struct Table {", "    pub size: u32,",
          "    pub flags: u32,", "    pub features: u64,", "}", ""]
    o += ["/// A function of a host app that stands in for a function of its child's Context: ctx.host/1.",
          'pub type ServeFn = unsafe extern "C" fn(ctx: *mut u8, call: *mut HostCall);', ""]
    for t in d["table"]:
        name = t["name"].capitalize()
        o += wrap(t["doc"], "///", "///") + ["#[repr(C)]", f"pub struct {name} {{", "    pub t: Table,"]
        for fn in t["fn"]:
            ret = {"status": " -> i32", "pointer": " -> *mut u8", "void": ""}[fn["returns"]]
            args = ", ".join([f"this: *const {name}"] + [rust_arg(k, n) for k, n in fn["args"]])
            o.append(f'    pub {fn["name"]}: unsafe extern "C" fn({args}){ret},')
        o += ["}", ""]
    return "\n".join(o)


def layout(d, structs):
    o = ["# struct offset size field type; DRAFT, not frozen"]
    for s in structs.values():
        o += [f"ctx_{s['name']} {at} {size} {base} {C_TYPES[kind]}" for at, size, kind, base, _, _ in s["layout"]]
    for t in d["table"]:
        o += [f"ctx_{t['name']} 0 16 t struct ctx_table"]
        for fn in t["fn"]:
            args = ", ".join(c_arg(k, n).rsplit(" ", 1)[0] if "*" not in c_arg(k, n) else
                             c_arg(k, n)[:c_arg(k, n).rindex("*") + 1] for k, n in fn["args"])
            o.append(f"ctx_{t['name']} {16 + 8 * fn['slot']} 8 {fn['name']} {fn['returns']}({args})")
    return "\n".join(o + [""])


def page(t, structs):
    o = [f"# {t['name']}", "", f"<!-- {MADE}. -->", "", t["doc"], "",
         f'Opened with `ctx->iface->open(ctx->iface, "{t["id"]}", {len(t["id"])}, min_size, &table)`.' if t["id"]
         else f"Hangs on `ctx->{t['name']}` since version 3.", ""]
    if t.get("grant"):
        o += ["Needs a grant: the boot word `grant=" + t["id"] + "` among the app's arguments.", ""]
    if "OPEN(" in t["example"]:
        o += ["In the example `OPEN(id)` stands for `iface.open`, whose page has it in full.", ""]
    o += ["```c", t["example"].strip("\n"), "```", ""]
    for fn in t["fn"]:
        args = ", ".join(["self"] + [c_arg(k, n) for k, n in fn["args"]])
        o += [f"## {fn['name']}", "", f"    {RETURNS[fn['returns']].strip()} {fn['name']}({args})", "",
              " ".join(fn["doc"].split()), "", "**Errors:** " +
              ("; ".join(f"`{s}` {w}" for s, w in fn["errors"]) if fn["errors"] else "none of its own") +
              ("; `INVAL` an argument is not in the app's memory." if any(
                  k.split()[0] in ("in", "out") or "out-" in k or "in-" in k for k, _ in fn["args"]) else "."), "",
              f"**Since:** version 3 (draft), " + (f"gate {fn['gate']}" if "gate" in fn else f"`{t['id']}`") +
              f", offset {HEADER_SIZE + 8 * fn['slot']}", ""]
    return "\n".join(o)


def main():
    d, structs, gates = load()
    out = {
        "include/ctx/tables.h": header(d, structs),
        "include/ctx/gates.h": gates_h(d, gates),
        "src/gates.c": gates_c(d, structs, gates),
        "rust/tables.rs": rust(d, structs),
        "abi/draft-v3.txt": layout(d, structs),
    }
    for t in d["table"]:
        out[f"doc/ref/{t['name']}.md"] = page(t, structs)
    stale = []
    for name, text in out.items():
        path = os.path.join(LIBCTX, name)
        old = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                old = f.read()
        if old == text:
            continue
        if "--check" in sys.argv[1:]:
            stale.append(name)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    if stale:
        sys.exit("not made from context.toml: libctx/" + ", libctx/".join(stale) + "; run libctx/abi/generate.py")


main()
