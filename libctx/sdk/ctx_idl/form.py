# SPDX-License-Identifier: MIT
"""Kinds of fields and arguments, layouts, and how C and Rust write them. No rules and no files: those are others'."""
HEADER_SIZE = 16  # of a table: struct ctx_table
SIZES = {"u8": 1, "u16": 2, "u32": 4, "i32": 4, "u64": 8, "i64": 8}
C_TYPES = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "i32": "int32_t", "u64": "uint64_t", "i64": "int64_t"}
RETURNS = {"status": "ctx_status ", "pointer": "void *", "void": "void "}


class Misfit(Exception):
    """A field that does not lie where C would put it: field, reason."""

    def __init__(self, field, reason):
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


def split_name(name):
    """"text[64]": ("text", 64); "x": ("x", 1)."""
    if name.endswith("]") and "[" in name:
        base, count = name[:-1].split("[", 1)
        return base, int(count)
    return name, 1


def lay_out(fields):
    """[(offset, bytes, kind, base name, name, doc)] of [kind, name, doc]... and all their bytes."""
    at, layout = 0, []
    for kind, name, doc in fields:
        base, count = split_name(name)
        size = SIZES[kind]
        if at % size:
            raise Misfit(name, f"at byte {at} it is not aligned: a {kind} lies at a multiple of {size}")
        layout.append((at, size * count, kind, base, name, doc))
        at += size * count
    if at % 8:
        raise Misfit(layout[-1][4] if layout else "", f"the struct ends with a hole: its {at} bytes are not a multiple of 8")
    return layout, at


def wrap(text, first, rest, width=98):
    lines, line = [], first
    for word in " ".join(text.split()).split(" "):
        if len(line) + len(word) + 1 > width and line.strip(" */"):
            lines.append(line.rstrip())
            line = rest
        line += ("" if line.endswith(" ") else " ") + word
    lines.append(line.rstrip())
    return lines


def camel(name):
    return "".join(word.capitalize() for word in name.split("_"))


# ---- C ----

def c_arg(kind, name, prefix="ctx"):
    """A consumer's argument of a table's function."""
    kind, _, what = kind.partition(" ")
    if kind in C_TYPES:
        return f"{C_TYPES[kind]} {name}"
    return {
        "handle": f"uint32_t {name}",
        "share": f"uint32_t {name}",
        "share-write": f"uint32_t {name}",
        "in": f"const void *{name}",
        "out": f"void *{name}",
        "in-struct": f"const struct {prefix}_{what} *{name}",
        "out-struct": f"struct {prefix}_{what} *{name}",
        "out-u32": f"uint32_t *{name}",
        "out-u64": f"uint64_t *{name}",
        "out-i64": f"int64_t *{name}",
        "out-table": f"const struct ctx_table **{name}",
        "inout-struct": f"struct {prefix}_{what} *{name}",
        "memory": f"void *{name}",
        "request": f"uint64_t *{name}",
        "serve": f"ctx_serve_fn {name}",
    }[kind]


def c_arg_type(kind, prefix="ctx"):
    """The same without its name."""
    text = c_arg(kind, "x", prefix)
    return text[:text.rindex("*") + 1] if "*" in text else text.rsplit(" ", 1)[0]


def c_constants(constants):
    o = []
    for c in constants:
        o += wrap(c["doc"], "/*", " *")
        o[-1] += " */"
        o += [f"#define {c['prefix']}_{n} {v}" for n, v in c["values"]] + [""]
    return o


def c_structs(structs, prefix="ctx"):
    o = []
    for s in structs:
        o += [f"/* {s['doc']} */", f"struct {prefix}_{s['name']} {{"]
        for _, _, kind, _, name, doc in s["layout"]:
            o.append(f"    {C_TYPES[kind]} {name};" + (f" /* {doc} */" if doc else ""))
        o += ["};", ""]
    return o


def c_table(table, fns, prefix="ctx"):
    """struct TABLE: struct ctx_table, and a pointer to each function."""
    o = [f"struct {table} {{", "    struct ctx_table t;"]
    for fn in fns:
        o += ["", "    /*"] + wrap(fn["doc"], "     *", "     *")
        for status, when in fn["errors"]:
            o += wrap(f"{status}: {when}.", "     *", "     *")
        o.append("     */")
        args = ", ".join([f"const struct {table} *self"] + [c_arg(k, n, prefix) for k, n in fn["args"]])
        o.append(f"    {RETURNS[fn['returns']]}(CTX_CALL *{fn['name']})({args});")
    return o + ["};", ""]


def c_struct_asserts(structs, prefix="ctx"):
    o = []
    for s in structs:
        name = f"{prefix}_{s['name']}"
        o.append(f'CTX_STATIC_ASSERT(sizeof(struct {name}) == {s["bytes"]}, "{name}");')
        for at, _, _, base, _, _ in s["layout"]:
            o.append(f'CTX_STATIC_ASSERT(offsetof(struct {name}, {base}) == {at}, "{name}.{base}");')
    return o


def c_table_asserts(table, fns):
    return [f'CTX_STATIC_ASSERT(offsetof(struct {table}, {fn["name"]}) == {HEADER_SIZE + 8 * fn["slot"]}, "{table}.{fn["name"]}");'
            for fn in fns]


# ---- Rust ----

RUST = {"u8": "u8", "u16": "u16", "u32": "u32", "i32": "i32", "u64": "u64", "i64": "i64"}


def rust_arg(kind, name):
    kind, _, what = kind.partition(" ")
    types = {"handle": "u32", "share": "u32", "share-write": "u32", "in": "*const u8", "out": "*mut u8",
             "in-struct": f"*const {camel(what)}", "out-struct": f"*mut {camel(what)}", "out-u32": "*mut u32", "out-u64": "*mut u64",
             "out-i64": "*mut i64", "out-table": "*mut *const Table", "memory": "*mut u8", "request": "*mut u64",
             "inout-struct": f"*mut {camel(what)}", "serve": "ServeFn"}
    return f"{name}: {RUST.get(kind) or types[kind]}"


def rust_constants(constants, without=""):
    return [f"pub const {c['prefix'].removeprefix(without)}_{n}: u32 = {v};" for c in constants for n, v in c["values"]]


def rust_struct(s):
    o = [f"/// {' '.join(s['doc'].split())}", "#[repr(C)]", "#[derive(Clone, Copy)]", f"pub struct {camel(s['name'])} {{"]
    for _, size, kind, base, _, _ in s["layout"]:
        count = size // SIZES[kind]
        o.append(f"    pub {base}: {RUST[kind] if count == 1 else f'[{RUST[kind]}; {count}]'},")
    return o + ["}", ""]


def rust_table(table, doc, fns, header="Table"):
    o = wrap(doc, "///", "///") + ["#[repr(C)]", f"pub struct {table} {{", f"    pub t: {header},"]
    for fn in fns:
        ret = {"status": " -> i32", "pointer": " -> *mut u8", "void": ""}[fn["returns"]]
        args = ", ".join([f"this: *const {table}"] + [rust_arg(k, n) for k, n in fn["args"]])
        o.append(f'    pub {fn["name"]}: unsafe extern "C" fn({args}){ret},')
    return o + ["}", ""]


# ---- layouts and pages ----

def layout_structs(structs, prefix="ctx"):
    return [f"{prefix}_{s['name']} {at} {size} {base} {C_TYPES[kind]}" for s in structs for at, size, kind, base, _, _ in s["layout"]]


def layout_table(table, fns, prefix="ctx"):
    o = [f"{table} 0 16 t struct ctx_table"]
    for fn in fns:
        args = ", ".join(c_arg_type(k, prefix) for k, n in fn["args"])
        o.append(f"{table} {HEADER_SIZE + 8 * fn['slot']} 8 {fn['name']} {fn['returns']}({args})")
    return o


def page_fn(fn, since, prefix="ctx"):
    """A function's part of a reference page."""
    args = ", ".join(["self"] + [c_arg(k, n, prefix) for k, n in fn["args"]])
    return [f"## {fn['name']}", "", f"    {RETURNS[fn['returns']].strip()} {fn['name']}({args})", "",
            " ".join(fn["doc"].split()), "", "**Errors:** " +
            ("; ".join(f"`{s}` {w}" for s, w in fn["errors"]) if fn["errors"] else "none of its own") +
            ("; `INVAL` an argument is not in the app's memory." if any(
                k.split()[0] in ("in", "out") or "out-" in k or "in-" in k for k, _ in fn["args"]) else "."), "",
            f"**Since:** {since}, offset {HEADER_SIZE + 8 * fn['slot']}", ""]
