#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""From libctx/abi/context.toml: C header, gate descriptors, Rust binding, the list of what apps rely on, reference pages.

usage: generate.py           write them
       generate.py --check   fail if one of them is not what it would be

Nothing is written where context.toml does not keep what a frozen version (v3.txt ...) says.
"""
import os
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
LIBCTX = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(LIBCTX, "sdk"), HERE]
sys.dont_write_bytecode = True
import promise  # noqa: E402
from ctx_idl import c, form, model, rust as in_rust  # noqa: E402
from ctx_idl.form import wrap  # noqa: E402

MADE = "made by libctx/abi/generate.py from context.toml; change that"


def load():
    with open(os.path.join(HERE, "context.toml"), "rb") as f:
        d = tomllib.load(f)
    structs = {s["name"]: s for s in d["struct"]}
    for s in structs.values():
        for _, field, *_ in s["fields"]:
            why = model.why_no_name(field.split("[")[0])
            if why:
                sys.exit(f"context.toml: struct {s['name']}: {why}")
    for s in structs.values():
        try:
            s["layout"], s["bytes"] = form.lay_out(s["fields"])
            if not 8 <= s.get("first", 8) <= s["bytes"]:
                sys.exit(f"context.toml: struct {s['name']}: first = {s['first']} is not from 8 to its {s['bytes']} bytes")
        except form.Misfit as why:
            sys.exit(f"context.toml: struct {s['name']}: {why}")
    gates = {}
    for t in d["table"]:
        for i, fn in enumerate(t["fn"]):
            fn.setdefault("returns", "status")
            fn["slot"] = i
            fn["table"] = t
            if len(fn["args"]) > 5:
                sys.exit(f"{t['name']}.{fn['name']}: more than six arguments with self")
            passed = [kind.split(" ")[1] for kind, _ in fn["args"] if "-struct" in kind]
            if len(passed) > 1 or any(name not in structs for name in passed):
                sys.exit(f"{t['name']}.{fn['name']}: one struct at most, of the list: a kernel keeps one caller's size")
            if "gate" in fn:
                if fn["gate"] in gates or t["id"]:
                    sys.exit(f"gate {fn['gate']} is given twice, or to a draft")
                gates[fn["gate"]] = fn
    return d, structs, gates


def header(d, structs):
    o = ["/* SPDX-License-Identifier: MIT */", f"/* {MADE}. */", "/*"]
    draft = ("DRAFT: until version 3 is frozen an app and a kernel must have the same draft serial. " if d["draft_serial"]
             else "Frozen: what stands here stays, and more may follow at the ends. ")
    o += wrap(f"<ctx/tables.h> - the tables of version 3. {draft}Every function's first argument is the table it was called "
              "through; everything may be called only inside _start of that instance. Statuses are in "
              "<ctx/status.h>.", " *", " *")
    o += [" */", "#ifndef CTX_TABLES_H", "#define CTX_TABLES_H", "", "#include <ctx/base.h>", "#include <ctx/status.h>", "",
          f"#define CTX_DRAFT_SERIAL {d['draft_serial']}", ""]
    o += form.c_constants(d["constants"]) + form.c_structs(structs.values())
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
        draft = "DRAFT, no part of a frozen version: a later system may have another revision of it instead. " * bool(t.get("draft"))
        o += ["/*"] + wrap(draft + t["doc"] + (f' Open it as "{t["id"]}".' if t["id"] else ""), " *", " *") + [" */"]
        if t["id"]:
            o.append(f'#define CTX_ID_{t["name"].upper()} "{t["id"]}"')
        o += form.c_table(name, t["fn"])
    o += form.c_struct_asserts(structs.values())
    for t in d["table"]:
        o += form.c_table_asserts(f"ctx_{t['name']}", t["fn"])
    return "\n".join(o + ["", "#endif", ""])


KINDS = {"u32": "U32", "i32": "U32", "u64": "U64", "i64": "U64", "handle": "U32", "in": "IN", "out": "OUT", "in-struct": "IN_STRUCT",
         "out-struct": "OUT_STRUCT", "inout-struct": "OUT_STRUCT", "serve": "U64", "out-u32": "OUT4", "out-u64": "OUT8", "out-i64": "OUT8", "out-table": "OUT8",
         "memory": "MEMORY", "request": "OUT8"}


def descriptor(fn, structs):
    args = []
    for kind, _ in fn["args"]:
        kind, _, what = kind.partition(" ")
        # What an app passes may be as short as the first one was; the system knows all of what it fills in.
        size = structs[what]["bytes"] if kind.endswith("-struct") else 0
        args.append((KINDS[kind], structs[what].get("first", size) if kind == "in-struct" else size))
    inner = ", ".join(f"{{CTX_ARG_{k}, {n}}}" for k, n in args) or "{0, 0}"
    return (f'{{"{fn["table"]["name"]}.{fn["name"]}", CTX_RETURNS_{fn["returns"].upper()}, '
            f'{len(args)}, {{{inner}}}, {fn.get("gate", 0)}}}')


def gates_c(d, structs, gates):
    o = ["/* SPDX-License-Identifier: MIT */", f"/* {MADE}. */", "#include <ctx/gates.h>", "",
         "/* clang-format off */", "const struct ctx_gate_info ctx_gates[CTX_GATE_USED] = {",
         '    [0] = {"return", CTX_RETURNS_VOID, 0, {{0, 0}}, 0},',
         '    [1] = {"nosys", CTX_RETURNS_STATUS, 0, {{0, 0}}, 1},',
         '    [2] = {"log", CTX_RETURNS_VOID, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U32, 0}}, 2},',
         '    [3] = {"alloc", CTX_RETURNS_POINTER, 2, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 3},',
         '    [4] = {"dealloc", CTX_RETURNS_VOID, 3, {{CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}, {CTX_ARG_U64, 0}}, 4},']
    o += [f"    [{n}] = {descriptor(fn, structs)}," for n, fn in sorted(gates.items())]
    o += ["};", ""]
    tables = [t for t in d["table"]]
    for t in tables:
        o.append(f"static const struct ctx_gate_info {t['name']}_fns[] = {{")
        o += [f"    {descriptor(fn, structs)}," for fn in t["fn"]]
        o += ["};", ""]
    o.append("const struct ctx_table_info ctx_tables[CTX_TABLES] = {")
    for t in tables:
        on_ctx = 0 if t["id"] else 1
        o.append(f'    {{"{t["name"]}", "{t["id"]}", {t["name"]}_fns, {len(t["fn"])}, {on_ctx}, '
                 f'{1 if t.get("grant") else 0}, {1 if t.get("optional") else 0}}},')
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
          "    CTX_ARG_MEMORY,",
          "    /* only of other apps' interfaces, whose kinds have the same numbers: <ctx/interface.h> */",
          "    CTX_ARG_INOUT_STRUCT,", "    CTX_ARG_SHARE,", "    CTX_ARG_REQUEST,", "};", "", "enum ctx_returns {", "    CTX_RETURNS_STATUS,", "    CTX_RETURNS_POINTER,",
          "    CTX_RETURNS_VOID,", "};", "", "struct ctx_arg_info {", "    uint16_t kind, size;", "};", "",
          "/* Without self. */", "struct ctx_gate_info {", "    const char *name; /* table.function */",
          "    uint8_t returns, count;", "    struct ctx_arg_info args[5];", "    uint16_t gate; /* of a function that hangs on ctx; 0: those that are opened get theirs then */", "};", "", "struct ctx_table_info {",
          "    const char *name, *id;", "    const struct ctx_gate_info *fns;", "    uint32_t count;",
          "    uint32_t on_ctx; /* 1: it hangs on ctx, and its functions have gates */",
          "    uint32_t grant;      /* 1: not everyone may */",
          "    uint32_t optional;   /* 1: not for everyone; another app may offer it instead */", "};", "",
          f"#define CTX_TABLES {len(d['table'])}u"]
    o += [f"#define CTX_TABLE_{t['name'].upper()} {i}u" for i, t in enumerate(d["table"])]
    each = wrap(" ".join(f"f({t['name']})" for t in d["table"]), "    ", "    ", 96)
    o += ["", "/* f(log) for ctx.log/1, and so for each of them in this order: what a kernel offers, as a list. */",
          " \\\n".join(["#define CTX_EACH_TABLE(f)", *each])]
    o += ["", "extern const struct ctx_gate_info ctx_gates[CTX_GATE_USED];",
          "extern const struct ctx_table_info ctx_tables[CTX_TABLES];", "", "#endif", ""]
    return "\n".join(o)


def rust(d, structs):
    o = ["// SPDX-License-Identifier: MIT", f"// {MADE}.",
         "//! The Context of version 3 as Rust sees it: layouts only, every call is unsafe.",
         "#![allow(dead_code, clippy::all)]", "", f"pub const DRAFT_SERIAL: u16 = {d['draft_serial']};", ""]
    o += form.rust_constants(d["constants"], without="CTX_") + [""]
    for s in structs.values():
        o += form.rust_struct(s)
    o += ["/// A table that is opened by its id.", "pub trait Named {", "    const ID: &'static str;", "}", ""]
    o += ["/// What every table begins with.", "#[repr(C)]", "pub struct Table {", "    pub size: u32,",
          "    pub flags: u32,", "    pub features: u64,", "}", ""]
    o += ["/// A function of a host app that stands in for a function of its child's Context: ctx.host/1.",
          'pub type ServeFn = unsafe extern "C" fn(ctx: *mut u8, call: *mut HostCall);', ""]
    for t in d["table"]:
        name = t["name"].capitalize()
        o += form.rust_table(name, t["doc"], t["fn"])
        if t["id"]:
            o += [f"impl Named for {name} {{", f'    const ID: &\'static str = "{t["id"]}";', "}", ""]
    return "\n".join(o)


def today(d, structs):
    return "\n".join([f"# What apps of version {d['version']} rely on today; {MADE}.", *promise.lines(d, structs), ""])


def keep_promises(d, structs):
    """Nothing that is frozen has changed, and the draft serial says what is frozen."""
    frozen = promise.frozen(HERE)
    wrong = [line for name, old in frozen for line in promise.broken(name, old, promise.lines(d, structs), promise.of_the_toml)]
    is_frozen = any(name == f"v{d['version']}.txt" for name, _ in frozen)
    if is_frozen != (d["draft_serial"] == 0):
        wrong.append(f"context.toml: draft_serial = {d['draft_serial']}, but version {d['version']} is "
                     + ("frozen: it is 0" if is_frozen else "not frozen (freeze.py): it is 1 or more"))
    if wrong:
        sys.exit("\n".join(wrong[:20]) + "\ngenerate.py: what is frozen never changes; append, or give it a new name (libctx/abi/README.md)")


def page(d, t):
    o = [f"# {t['name']}", "", f"<!-- {MADE}. -->", "", t["doc"], "",
         f'Opened with `ctx->iface->open(ctx->iface, "{t["id"]}", {len(t["id"])}, min_size, &table)`.' if t["id"]
         else f"Hangs on `ctx->{t['name']}` since version 3.", ""]
    if t.get("draft"):
        o += ["**A draft**, no part of a frozen version: a later system may have another revision of it instead, and then answers NOSYS to this one.", ""]
    if t.get("grant"):
        o += ["Needs a grant: the boot word `grant=" + t["id"] + "` among the app's arguments.", ""]
    if "OPEN(" in t["example"]:
        o += ["In the example `OPEN(id)` stands for `iface.open`, whose page has it in full.", ""]
    o += ["```c", t["example"].strip("\n"), "```", ""]
    for fn in t["fn"]:
        o += form.page_fn(fn, ("version 3 (draft), " if d["draft_serial"] else "draft, " if t.get("draft") else "version 3, ") + (f"gate {fn['gate']}" if "gate" in fn else f"`{t['id']}`"))
    return "\n".join(o)


def sql_tables():
    """Of ctx.sql/1, which storage offers, what <ctx/sql.h> and ctx::sql stand on: as `ctx idl` makes it, but in here."""
    m = model.load(os.path.join(os.path.dirname(LIBCTX), "apps", "storage", "sql.toml"))
    licence = "SPDX-License-Identifier: MIT"
    return {
        "include/ctx/sql_table.h": f"/* {licence} */\n/* NOLINTBEGIN(readability-identifier-naming) */\n{c.consumer(m, 'sql.toml')}/* NOLINTEND(readability-identifier-naming) */\n",
        "rust/sql_table.rs": f"// {licence}\n{in_rust.module(m, 'sql.toml')}".replace("ctx::", "crate::"),
    }


def main():
    d, structs, gates = load()
    keep_promises(d, structs)
    out = {
        "include/ctx/tables.h": header(d, structs),
        "include/ctx/gates.h": gates_h(d, gates),
        "src/gates.c": gates_c(d, structs, gates),
        "rust/tables.rs": rust(d, structs),
        "abi/today.txt": today(d, structs),
    }
    for t in d["table"]:
        out[f"doc/ref/{t['name']}.md"] = page(d, t)
    out |= sql_tables()
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
