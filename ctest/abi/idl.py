#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Interfaces from text: what `ctx idl` takes, the system's check takes too, and all three languages; what breaks a rule is refused by
a line that names it; and what an interface's users rely on never changes.

  idl.py LIBCTX CC [CXX] [RUSTC]
"""
import copy
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

LIBCTX, CC = os.path.abspath(sys.argv[1]), sys.argv[2]
CXX, RUSTC = ([*sys.argv[3:], "", ""])[:2]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(LIBCTX, "sdk"))
from ctx_idl import binary, c, cpp, golden, model, rust, skeleton  # noqa: E402

SEED, COUNT = 15, 300
FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wundef", "-Werror", "-I", os.path.join(LIBCTX, "include")]

# Reads descriptors, each behind its length, and says of each whether it is one.
CHECKER = r"""
#include <ctx/interface.h>
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    uint32_t len;
    while (fread(&len, sizeof len, 1, stdin) == 1) {
        struct ctx_interface_error error = {"", "", 0, 0};
        unsigned char *bytes = malloc(len + 1u);
        if (bytes == NULL || fread(bytes, 1, len, stdin) != len) {
            return 2;
        }
        puts(ctx_interface_check(bytes, len, &error) ? "fine" : error.reason);
        free(bytes);
    }
    return 0;
}
"""


class Wrong(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Wrong(why)


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    check(done.returncode == 0, f"{' '.join(command)}\n{done.stdout.decode('utf-8', 'replace')}")
    return done.stdout


# ---- texts ----

def word(r, longest=12):
    """A name that is one."""
    while True:
        text = "_".join("".join(r.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(r.randint(1, longest // 2)))
                        for _ in range(r.randint(1, 2)))
        if not model.why_no_name(text) and text not in ("ctx", "cx"):
            return text


def words(r, count, longest=12):
    found = set()
    while len(found) < count:
        found.add(word(r, longest))
    return sorted(found)


def random_fields(r, argument):
    kinds = {"u8": 1, "u16": 2, "u32": 4, "i32": 4, "u64": 8, "i64": 8}
    names = words(r, r.randint(1, 9))
    fields, at = ([["u32", "size", "its size"]], 4) if argument else ([], 0)
    for name in [n for n in names if n != "size"]:
        kind = r.choice([k for k, size in kinds.items() if at % size == 0])
        count = r.choice((1, 1, 1, 2, 5, 8))
        fields.append([kind, name if count == 1 else f"{name}[{count}]", r.choice(("", "what it is"))])
        at += kinds[kind] * count
    if at % 8:
        fields.append(["u8", f"rsv_end[{8 - at % 8}]", "0"])
        at += 8 - at % 8
    return fields, at


def random_text(r):
    """An interface as tomllib would give it, which keeps every rule."""
    d = {"interface": ".".join(words(r, r.randint(1, 3))).replace("_", r.choice("_-")) + f"/{r.choice((1, 2, 999999999))}", "name": word(r),
         "doc": "Some words.", "needs_grant": r.random() < 0.3, "struct": [], "constants": [], "fn": []}
    d["interface"] = re.sub(r"(^|\.)([0-9])", r"\1x\2", d["interface"])
    arguments, results = [], []
    for name in words(r, r.randint(0, 5)):
        argument = r.random() < 0.7
        fields, size = random_fields(r, argument)
        s = {"name": name, "doc": "A struct.", "fields": fields}
        if argument and r.random() < 0.5:
            s["first"] = r.randrange(8, size + 1, 8)
        d["struct"].append(s)
        (arguments if argument else results).append(name)
    for name in [n for n in words(r, r.choice((1, 1, 2, 5, 20, 126))) if n != "t"]:
        args, names, requests = [], words(r, 5), 0
        for name_of in names[:r.randint(0, 5)]:
            kind = r.choice(("u32", "u64", "i64", "handle", "out-u32", "out-u64", "out-i64", "share", "share-write", "request", "in", "out",
                             "in-struct", "out-struct", "inout-struct"))
            if kind in ("in", "out") and len(args) <= 3:
                args += [[f"{kind} {name_of}_many", name_of], ["u32", f"{name_of}_many"]]
            elif kind.endswith("-struct") and arguments:
                args.append([f"{kind} {r.choice(arguments)}", name_of])
            elif kind != "request" and kind not in ("in", "out") and not kind.endswith("-struct"):
                args.append([kind, name_of])
            elif kind == "request" and requests == 0:
                args.append([kind, name_of])
                requests = 1
        fn = {"name": name, "args": args[:5], "doc": "Does it.", "errors": [["NOENT", "there is none"]] if r.random() < 0.3 else []}
        if args[4:5] and args[4][0].split()[0] in ("in", "out"):
            fn["args"] = args[:4]
        if requests and results and r.random() < 0.6 and any(k == "request" for k, _ in fn["args"]) and "result" not in [n for _, n in fn["args"]]:
            fn["result"] = r.choice(results)
        if r.random() < 0.2:
            fn["lasts"] = r.random() < 0.8
        d["fn"].append(fn)
    if r.random() < 0.5:
        d["constants"].append({"prefix": d["name"].upper(), "doc": "Numbers.", "values": [["K1", 0], ["K2", 4294967295]]})
    return d


def value(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, list):
        return "[" + ", ".join(value(x) for x in v) + "]"
    return str(v) if isinstance(v, (int, float)) else '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'


def toml(d):
    lines = [f"{k} = {value(v)}" for k, v in d.items() if not (isinstance(v, list) and v and isinstance(v[0], dict)) and v != []]  # an empty list of tables
    for k, v in d.items():
        for t in v if isinstance(v, list) and v and isinstance(v[0], dict) else []:
            lines += ["", f"[[{k}]]"] + [f"{name} = {value(x)}" for name, x in t.items()]
    return "\n".join(lines) + "\n"


def parse(d):
    return model.parse("a.toml", (d if isinstance(d, str) else toml(d)).encode())


# ---- what is accepted ----

def accepted(folder):
    r = random.Random(SEED)
    models = []
    while len(models) < COUNT:
        d = random_text(r)
        if not d["fn"]:
            continue
        try:
            models.append(parse(d))
        except model.Wrong as why:  # two names that make one: rare, and not what is looked for here
            check("is made, and so is of" in str(why), f"{why}\n{toml(d)}")
    source, program = os.path.join(folder, "check.c"), os.path.join(folder, "check")
    with open(source, "w", encoding="utf-8") as f:
        f.write(CHECKER)
    run([CC, "-O1", "-w", "-I", os.path.join(LIBCTX, "include"), source, os.path.join(LIBCTX, "src", "interface.c"), "-o", program])
    blobs = [binary.descriptor(m) for m in models]
    broken = []  # and the check says no when it should, or all of this would prove nothing
    for blob in blobs:
        at = r.choice((4, 6, 12, 14, r.choice((80 + 33, 80 + 32))))
        broken.append(blob[:at] + bytes([blob[at] ^ 0x80]) + blob[at + 1:])
    data = b"".join(struct.pack("<I", len(b)) + b for b in blobs + broken)
    said = run([program], input=data).decode().splitlines()
    check(len(said) == 2 * COUNT, f"{len(said)} answers")
    for m, answer in zip(models, said):
        check(answer == "fine", f"the system refuses what ctx idl takes: {answer}: {golden.text(m)}")
    check("fine" not in said[COUNT:], "the system's check takes broken ones")
    return models


def skeletons(m, here, rustc, crate):
    """Providers to begin with are whole programs."""
    n = m.name
    for ending, text in (("c", skeleton.in_c(m)), ("cpp", skeleton.in_cpp(m)), ("rs", skeleton.in_rust(m) + f'#[path = "module.rs"]\nmod {n};\n')):
        with open(os.path.join(here, f"{n}_provider.{ending}"), "w", encoding="utf-8") as f:
            f.write(text)
    run([CC, *FLAGS, "-std=c11", "-I", here, os.path.join(here, f"{n}_provider.c")])
    if CXX:
        run([CXX, *FLAGS, "-std=c++17", "-I", here, os.path.join(here, f"{n}_provider.cpp")])
    if rustc:
        run([*rustc, "--crate-type", "staticlib", "--crate-name", "skeleton", "--emit", "metadata", "--extern", f"ctx={crate}", "-o",
             os.path.join(here, "skeleton.rmeta"), os.path.join(here, f"{n}_provider.rs")])


def compiled(folder, models):
    """A few of them, and all kinds of arguments among them, in all languages; and the descriptor is the same in C as in bytes."""
    some = [m for m in models if len(m.fns) < 30 and m.structs and any(f["result"] for f in m.fns)][:2]
    some += [m for m in models if len(m.fns) > 120][:1]
    check(len(some) == 3, "the random texts are too poor")
    crate = os.path.join(folder, "libctx.rlib")
    rustc = [RUSTC, "--edition", "2021", "-C", "panic=abort", "-D", "warnings"]
    if RUSTC:
        run([*rustc, "--crate-type", "rlib", "--crate-name", "ctx", "-o", crate, os.path.join(LIBCTX, "rust", "lib.rs")])
    for i, m in enumerate(some):
        here = os.path.join(folder, str(i))
        os.mkdir(here)
        n = m.name
        for name, text in ((f"{n}.h", c.consumer(m)), (f"{n}_provider.h", c.provider(m)), (f"{n}.hpp", cpp.consumer(m)),
                           (f"{n}_provider.hpp", cpp.provider(m)), ("module.rs", rust.module(m))):
            with open(os.path.join(here, name), "w", encoding="utf-8") as f:
                f.write(text)
        run([CC, *FLAGS, "-std=c11", "-x", "c", "-I", here, "-include", f"{n}_provider.h", "/dev/null"])
        if CXX and len(m.fns) < 30:
            run([CXX, *FLAGS, "-std=c++17", "-x", "c++", "-I", here, "-include", f"{n}.hpp", "-include", f"{n}_provider.hpp", "/dev/null"])
        if RUSTC and i == 1:  # the first one is a skeleton's module
            with open(os.path.join(here, "lib.rs"), "w", encoding="utf-8") as f:
                f.write("#![no_std]\npub mod module;\n")
            run([*rustc, "--crate-type", "rlib", "--crate-name", "made", "--emit", "metadata", "--extern", f"ctx={crate}", "-o",
                 os.path.join(here, "made.rmeta"), os.path.join(here, "lib.rs")])
        if i == 0:
            skeletons(m, here, rustc if RUSTC else None, crate)
        source = os.path.join(here, "dump.c")
        with open(source, "w", encoding="utf-8") as f:
            f.write(f'#include "{n}_provider.h"\n#include <stdio.h>\nint main(void) {{ return fwrite(&{n}_descriptor, 1, sizeof {n}_descriptor, stdout)'
                    f" == sizeof {n}_descriptor ? 0 : 1; }}\n")
        run([CC, "-O1", "-w", "-I", os.path.join(LIBCTX, "include"), "-I", here, source, "-o", source + ".elf"])
        check(run([source + ".elf"]) == binary.descriptor(m), f"{n}: another descriptor in C than in bytes")
    return len(some)


# ---- what is refused ----

BASE = """interface = "org.example.chat/1"
doc = "Talk."

[[struct]]
name = "line"
doc = "A line."
fields = [
    ["u32", "size", "bytes"],
    ["u32", "room", ""],
    ["u64", "when", ""],
]

[[constants]]
prefix = "CHAT"
doc = "Ways."
values = [["LOUD", 1]]

[[fn]]
name = "say"
args = [["in text_len", "text"], ["u32", "text_len"]]
doc = "Say it."
errors = [["NOSPC", "full"]]

[[fn]]
name = "wait"
args = [["request", "request"], ["in-struct line", "from"]]
result = "line"
doc = "Wait."
"""

# (what is changed, into what): a line of the answer matches: the text's line, and words.
BROKEN = [
    ('"org.example.chat/1"', '"org.example.chat"', 1, r"interface: .*is not like"),
    ('"org.example.chat/1"', '"Org.example.chat/1"', 1, r"interface: "),
    ('"org.example.chat/1"', '"org.example.chat/0"', 1, r"interface: "),
    ('"org.example.chat/1"', '"org.example.chat/01"', 1, r"interface: "),
    ('"org.example.chat/1"', '"org..chat/1"', 1, r"interface: "),
    ('"org.example.chat/1"', '"org.1chat/1"', 1, r"interface: "),
    ('"org.example.chat/1"', '"org.example.chat/1 "', 1, r"interface: "),
    ('"org.example.chat/1"', f'"{"a" * 20}.{"b" * 20}.{"c" * 20}/11"', 1, r"interface: .*63 is the most"),
    ('"org.example.chat/1"', '"org.example.new/1"', None, r"name: new is a keyword of C\+\+; name = "),
    ('"org.example.chat/1"', '"ctx/1"', None, r"name: ctx is not yours"),
    ('"org.example.chat/1"', '7', 1, r"interface: "),
    ('interface = "org', 'interfaces = "org', 1, r"interfaces: there is no such key"),
    ('doc = "Talk."', 'doc = "Talk. */ int x;"', 2, r"doc: has /\* or \*/"),
    ('doc = "Talk."', 'doc = "Talk\\u202e."', 2, r"doc: has a character that nobody sees, U\+202E"),
    ('doc = "Talk."', 'doc = "Talk\\u0000."', 2, r"doc: has a character that nobody sees, U\+0000"),
    ('doc = "Talk."', 'doc = 3', 2, r"doc: is not a text"),
    ('doc = "Talk."', 'needs_grant = 1', 2, r"needs_grant: is neither true nor false"),
    ('doc = "Talk."', 'doc = "Talk', 2, r"no TOML"),
    ('name = "line"', 'name = "Line"', 4, r"struct Line: name: "),
    ('name = "line"', 'name = "for"', 4, r"struct for: name: for is a keyword of C"),
    ('line', 'client', 4, r"struct client: of it chat_client is made, and so is of every interface"),
    ('line', 'table', 4, r"struct table: of it chat_table is made"),
    ('name = "line"\n', '', 4, r"struct\[0\]: name: None is no name"),
    ('doc = "A line."', 'first = 12', 6, r"struct line.first: 12 is no multiple of 8"),
    ('doc = "A line."', 'first = 24', 6, r"struct line.first: 24 is no multiple of 8 from 8 to the struct's 16"),
    ('doc = "A line."', 'first = 0', 6, r"struct line.first: "),
    ('doc = "A line."', 'first = true', 6, r"struct line.first: "),
    ('doc = "A line."', 'size = 24', 6, r"struct line.size: there is no such key"),
    ('["u32", "room", ""]', '["u32", "room"], ["u32", "x", ""]', 10, r"struct line: field when: at byte 12 it is not aligned: a u64 lies at a multiple of 8"),
    ('["u64", "when", ""]', '["u32", "when", ""]', 10, r"struct line: field when: the struct ends with a hole"),
    ('["u64", "when", ""]', '["u64", "room", ""]', 9, r"struct line: field room: is there twice"),
    ('["u64", "when", ""]', '["u64", "class", ""]', 10, r"struct line: field class: class is a keyword of C\+\+"),
    ('["u64", "when", ""]', '["u64", "fn", ""]', 10, r"struct line: field fn: fn is a keyword of Rust"),
    ('["u64", "when", ""]', '["u64", "linux", ""]', 10, r"struct line: field linux: linux is a macro in C"),
    ('["u64", "when", ""]', '["u64", "a__b", ""]', 10, r"struct line: field a__b: .*no two in a row"),
    ('["u64", "when", ""]', '["u64", "size_t", ""]', 10, r"struct line: field size_t: .*types of C"),
    ('["u64", "when", ""]', '["pointer", "when", ""]', 10, r"struct line: field when: 'pointer' is no kind of field.*no pointers"),
    ('["u64", "when", ""]', '["u64", "when[0]", ""]', 10, r"struct line: field when\[0\]: is not like"),
    ('["u64", "when", ""]', '["u64", "when[", ""]', 10, r"struct line: field when\[: is not like"),
    ('["u64", "when", ""]', '["u64", "when", "*/"]', 10, r"struct line: field when: has /\*"),
    ('["u64", "when", ""]', '["u64", "when", "", ""]', None, r"struct line: fields\[2\]: is not \[KIND, NAME, DOC\]"),
    ('["u64", "when", ""]', '["u8", "when[16384]", ""]', 4, r"struct line: 16392 bytes, and 16384 is the most"),
    ('["u32", "size", "bytes"]', '["u32", "room2", "bytes"]', 4, r"struct line: an argument begins with its size"),
    ('["u32", "size", "bytes"]', '["i32", "size", "bytes"]', 4, r"struct line: an argument begins with its size"),
    ('prefix = "CHAT"', 'prefix = "CTX"', 14, r"constants\[0\].prefix: 'CTX' is not CHAT, or CHAT_"),
    ('["LOUD", 1]', '["LOUD", -1]', 16, r"constants\[0\]: LOUD: -1 is no number"),
    ('["LOUD", 1]', '["LOUD", 4294967296]', 16, r"constants\[0\]: LOUD: "),
    ('["LOUD", 1]', '["loud", 1]', None, r"constants\[0\].values\[0\]: "),
    ('["LOUD", 1]', '["ID", 1]', 16, r"constant ID: of it CHAT_ID is made"),
    ('["LOUD", 1]', '["A", 1], ["A", 2]', 16, r"constant A: of it CHAT_A is made, and so is of constant A"),
    ('name = "say"', 'name = "Say"', 18, r"fn Say: name: "),
    ('name = "say"', 'name = "int"', 18, r"fn int: name: int is a keyword of C"),
    ('name = "say"', 'name = "t"', 18, r"fn t: name: t is what a table's head is called"),
    ('name = "say"', 'name = "impl"', 18, r"fn impl: name: impl is a keyword of Rust"),
    ('name = "say"', 'name = "wait"', 24, r"fn wait: name: a second one of this name"),
    ('name = "say"', f'name = "{"s" * 32}"', 18, r"name: 32 bytes, and 31 is the most"),
    ('name = "say"', 'name = "open"', 18, r"fn open: of it chat_open is made, and so is of every interface"),
    ('name = "say"', 'name = "complete_wait"', 24, r"fn wait: of it chat_complete_wait is made, and so is of fn complete_wait"),
    ('name = "say"', 'name = "line"', 18, r"fn line: of it chat_line is made, and so is of struct line"),
    ('["u32", "text_len"]', '["u64", "text_len"]', 20, r"fn say: argument text: right behind it stands its length, \[\"u32\", \"text_len\"\]"),
    (', ["u32", "text_len"]', '', 20, r"fn say: argument text: right behind it"),
    ('["in text_len", "text"]', '["in", "text"]', 20, r"fn say: argument text: .*followed by the name of its length"),
    ('["in text_len", "text"]', '["in  9", "text"]', 20, r"fn say: argument text: .*followed by the name of its length"),
    ('["in text_len", "text"]', '["inn text_len", "text"]', 20, r"fn say: argument text: 'inn text_len' is no kind of argument"),
    ('["in text_len", "text"]', '["u32 x", "text"]', 20, r"fn say: argument text: 'u32 x' is no kind"),
    ('["in text_len", "text"]', '["u32", "self"]', 20, r"fn say: argument self: self is a keyword of Rust"),
    ('["in text_len", "text"]', '["u32", "ctx"]', 20, r"fn say: argument ctx: ctx is not yours"),
    ('["in text_len", "text"]', '["u32", "text_len"]', 20, r"fn say: argument text_len: is there twice"),
    ('["in text_len", "text"]', '["request", "text"], ["request", "b"]', 20, r"fn say.args: a second request"),
    ('["in text_len", "text"]', '["u32", "a"], ["u32", "b"], ["u32", "c"], ["u32", "d"], ["u32", "e"]', 20, r"fn say.args: 6 arguments, and 5 is the most"),
    ('["in text_len", "text"]', '["u32"]', 20, r"fn say: args\[0\]: .* is not \[KIND, NAME\]"),
    ('args = [["in text_len", "text"], ["u32", "text_len"]]', 'args = "text"', 20, r"fn say.args: is not"),
    ('errors = [["NOSPC", "full"]]', 'errors = [["FULL", "full"]]', 22, r"fn say.errors\[0\]: .*there are NOSYS, "),
    ('errors = [["NOSPC", "full"]]', 'result = "line"', 22, r"fn say.result: a result is of a request"),
    ('errors = [["NOSPC", "full"]]', 'gate = 5', 22, r"fn say.gate: there is no such key"),
    ('errors = [["NOSPC", "full"]]', 'lasts = 1', 22, r"fn say.lasts: is neither true nor false"),
    ('["in-struct line", "from"]', '["in-struct lines", "from"]', 26, r"fn wait: argument from: there is no \[\[struct\]\] 'lines'"),
    ('["in-struct line", "from"]', '["in-struct", "from"]', 26, r"fn wait: argument from: in-struct is followed by the name of a struct"),
    ('["in-struct line", "from"]', '["u32", "result"]', 26, r"fn wait: argument result: is what its result is called"),
    ('result = "line"', 'result = "nothing"', 27, r"fn wait.result: there is no \[\[struct\]\] 'nothing'"),
    ('[[fn]]\nname = "say"', '[fn]\nname = "say"', None, r"no TOML|fn: is not a list"),
    ('[[constants]]', '[[constant]]', None, r"constant: there is no such key"),
]


def refusal(text):
    try:
        m = parse(text)
    except model.Wrong as why:
        return str(why).splitlines()
    raise Wrong(f"it is taken: {golden.text(m)}\n{text}")


def refused():
    check(parse(BASE).id == "org.example.chat/1", "the text that is broken here is not right to begin with")
    for long in ("a" * 61, f"a.{'b' * 59}", f"org.example.{'c' * 49}"):  # the last part may be all of it
        text = BASE.replace("org.example.chat/1", f"{long}/1").replace('prefix = "CHAT"', f'prefix = "{long.split(".")[-1].upper()}"')
        check(parse(text).id == f"{long}/1", long)
    for old, new, line, pattern in BROKEN:
        check(BASE.count(old) >= 1, f"nothing to change: {old}")
        lines = refusal(BASE.replace(old, new, -1 if old == "line" else 1))
        where = rf"a\.toml:{line}(:\d+)?: " if line else r"a\.toml(:\d+)*: "
        check(any(re.match(where, li) and re.search(pattern, li) for li in lines), f"{new}: not said by {where}{pattern}:\n" + "\n".join(lines))
    lines = refusal(BASE.replace("[[fn]]", 'odd = 1\n[[fn]]', 1).replace('["NOSPC", "full"]', '["FULL", "full"]').replace('["in-struct line"', '["in-struct no"'))
    places = [int(re.match(r"a\.toml:(\d+)", li)[1]) for li in lines]
    check(len(places) == 3 and places == sorted(places), f"not the first line first: {lines}")
    for no in range(0, len(BASE), 7):  # half a text is no text, and never a crash
        try:
            parse(BASE[:no])
        except model.Wrong as why:
            check(str(why).startswith("a.toml"), str(why))
    many = BASE + "".join(f'\n[[fn]]\nname = "f{i}"\n' for i in range(125))
    check(any("127 functions, and 126 is the most" in li for li in refusal(many)), "127 functions")
    check(any("one function at least" in li for li in refusal(BASE[:BASE.index("[[fn]]")])), "no function")
    for raw, why in ((b"\xff\xfe", "not UTF-8"), (b"a = [" * 3000, "no TOML"), (b"", "interface: ")):
        try:
            model.parse("a.toml", raw)
        except model.Wrong as said:
            check(why in str(said), str(said))
            continue
        raise Wrong(f"taken: {raw[:20]}")
    return len(BROKEN)


def refused_at_random():
    """One rule of a random text is broken, somewhere in it."""
    r = random.Random(SEED + 1)
    def some_fn(d):
        return r.choice(d["fn"])
    breaks = [
        lambda d: d.update(interface=r.choice(("", "a", "a/0", "-a/1", "a/1/1", d["interface"] + "0" * 9, "ä/1"))),
        lambda d: some_fn(d).update(name=r.choice(("", "A", "9a", "a b", "while", "self", "a_", "x" * 32, "é"))),
        lambda d: some_fn(d).update(args=[["u32", f"a{i}"] for i in range(6)]),
        lambda d: some_fn(d).update(args=[[r.choice(("in x", "out x", "pointer", "U32", "in-struct", "u8", "", "out-table", "memory")), "a"]]),
        lambda d: some_fn(d).update(args=[["u32", "a"], ["u64", "a"]]),
        lambda d: some_fn(d).update(args=[["u32", r.choice(("", "A", "int", "mut", "x_", "ctx_x"))]]),
        lambda d: some_fn(d).update(args=[["request", "a"], ["request", "b"]]),
        lambda d: d["fn"].append(copy.deepcopy(some_fn(d))),
        lambda d: d["struct"].append({"name": "zz1", "doc": "", "fields": [["u32", "a", ""]]}),
        lambda d: d["struct"].append({"name": "zz1", "doc": "", "fields": [["u8", "a", ""], ["u64", "b", ""]]}),
        lambda d: d["struct"].append({"name": "zz1", "doc": "", "fields": []}),
        lambda d: d["struct"].append({"name": "zz1", "doc": "", "fields": [["u64", "a", ""], ["u64", "a[2]", ""]]}),
        lambda d: d.update(needs_grant=r.choice((0, 1, "yes"))),
        lambda d: d.update(more=1),
    ]
    for no in range(COUNT):
        d = random_text(r)
        d["fn"] = d["fn"] or [{"name": "only"}]
        breaks[no % len(breaks)](d)
        lines = refusal(toml(d))
        check(all(re.match(r"a\.toml(:\d+)*: \S.*: \S", li) for li in lines), "a line without place and reason:\n" + "\n".join(lines))


# ---- what never changes ----

MORE = BASE.replace('["u64", "when", ""],', '["u64", "when", ""],\n    ["u64", "more", ""],').replace('doc = "A line."', 'doc = "A line."\nfirst = 16')
GROWN = [BASE, BASE + '\n[[fn]]\nname = "shout"\n', MORE, BASE.replace('["LOUD", 1]', '["LOUD", 1], ["LOW", 2]'),
         BASE.replace("Say it.", "Say it aloud."), BASE.replace('doc = "Talk."', "needs_grant = true"),
         BASE + '\n[[struct]]\nname = "other"\nfields = [["u64", "x", ""]]\n']
CHANGED = [
    ('name = "say"', 'name = "tell"', r"function 0 is say\(in, u32\): now function 0 is tell"),
    ('name = "say"\nargs = [["in text_len", "text"], ["u32", "text_len"]]', 'name = "say"\nargs = []', r"function 0 is say\(in, u32\): now function 0 is say\(\)"),
    ('["in-struct line", "from"]', '["inout-struct line", "from"]', r"function 1 is wait.*: now function 1 is wait\(request, inout-struct line\)"),
    ('["in-struct line", "from"]', '["in-struct line", "from"], ["u32", "extra"]', r"function 1 is wait"),
    ('result = "line"\n', '', r"function 1 is wait.*-> line: now"),
    ('["u32", "room", ""]', '["i32", "room", ""]', r"field u32 room of struct line is at byte 4: now field i32 room"),
    ('["u32", "room", ""]', '["u32", "seat", ""]', r"field u32 room of struct line is at byte 4: now field u32 seat"),
    ('    ["u64", "when", ""],\n', '', r"field u64 when of struct line is at byte 8: it is gone"),
    ('    ["u64", "when", ""],\n', '    ["u64", "more", ""],\n    ["u64", "when", ""],\n', r"field u64 when of struct line is at byte 8: now it is at byte 16"),
    ('["u64", "when", ""],', '["u64", "when", ""],\n    ["u64", "more", ""],', r"struct line began with first = 16: say first = 16: users have that one"),
    ('["LOUD", 1]', '["LOUD", 2]', r"constant CHAT_LOUD 1: now constant CHAT_LOUD 2"),
    ('["LOUD", 1]', '["LOW", 1]', r"constant CHAT_LOUD 1: it is gone"),
    ('chat/1"', 'chat/2"', r"the interface is org.example.chat/1: now the interface is org.example.chat/2"),
]
SAY = BASE[BASE.index('[[fn]]\nname = "say"'):BASE.index('[[fn]]\nname = "wait"')]


def tool(folder, *words, rc=0):
    done = subprocess.run([sys.executable, "-B", os.path.join(LIBCTX, "sdk", "ctx-idl.py"), *words], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    check(done.returncode == rc, f"ctx idl {' '.join(words)}: {done.returncode}, not {rc}\n{done.stdout}")
    check("Traceback" not in done.stdout, done.stdout)
    return done.stdout


def put(folder, text, name="chat.toml"):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)


def append_only():
    old = golden.lines(parse(BASE))
    for text in GROWN:
        check(not golden.broken(parse(text), old, "chat.layout"), f"growing is refused: {golden.broken(parse(text), old, 'chat.layout')}")
    for before, after, pattern in CHANGED:
        check(before in BASE, before)
        lines = golden.broken(parse(BASE.replace(before, after, 1)), old, "chat.layout")
        check(any(re.search(pattern, li) for li in lines), f"{after}: not said: {pattern}\n" + "\n".join(lines))
    lines = golden.broken(parse(BASE.replace(SAY, "") + SAY), old, "chat.layout")
    check(any("function 0 is say(in, u32): now its place is 1" in li for li in lines), "\n".join(lines))
    return len(GROWN) + len(CHANGED)


def commands(folder):
    here = os.path.join(folder, "tool")
    os.mkdir(here)
    put(here, BASE)
    everything = ["--lang", "c", "--lang", "cpp", "--lang", "rust", "--page", "--descriptor", "--out", "made"]
    check("org.example.chat/1, 2 functions; chat.layout" in tool(here, "chat.toml", *everything, "--skeleton"), "what it says")
    made = sorted(os.listdir(os.path.join(here, "made")))
    check(made == ["chat.ctxi", "chat.h", "chat.hpp", "chat.md", "chat.rs", "chat_provider.c", "chat_provider.cpp", "chat_provider.h",
                   "chat_provider.hpp", "chat_provider.rs"], f"{made}")
    with open(os.path.join(here, "made", "chat.ctxi"), "rb") as f:
        check(f.read() == binary.descriptor(parse(BASE)), "chat.ctxi")
    with open(os.path.join(here, "chat.layout"), encoding="utf-8") as f:
        layout = f.read()
    tool(here, "chat.toml", *everything, "--check")
    # A skeleton is its author's; what is made is not.
    put(here, "mine", "made/chat_provider.c")
    check("was left as it is" in tool(here, "chat.toml", "--lang", "c", "--out", "made", "--skeleton"), "a skeleton is written twice")
    put(here, "mine", "made/chat.h")
    check("made/chat.h" in tool(here, "chat.toml", *everything, "--check", rc=1), "a changed file is not named")
    # Growing is noted, but not by a check; a change is refused and changes nothing.
    put(here, GROWN[1])
    check("lacks what is new" in tool(here, "chat.toml", "--check"), "what is new is not told")
    with open(os.path.join(here, "chat.layout"), encoding="utf-8") as f:
        check(f.read() == layout, "a check writes")
    tool(here, "chat.toml")
    put(here, BASE)
    said = tool(here, "chat.toml", *everything, rc=1)
    check("function 2 is shout(): it is gone" in said and "only grows at its end" in said, said)
    with open(os.path.join(here, "made", "chat.h"), encoding="utf-8") as f:
        check(f.read() == "mine", "a refused text writes files")
    put(here, "nonsense\n", "chat.layout")
    check("was it edited?" in tool(here, "chat.toml", rc=1), "an edited layout")
    put(here, "", "chat.layout")
    check("has no lines" in tool(here, "chat.toml", rc=1), "an empty layout")
    check("there is no" in tool(here, "chat.toml", "--layout", "none/x", rc=1).replace("No such file", "there is no"), "a layout nowhere")
    check("missing.toml: No such file" in tool(here, "missing.toml", rc=1), "no file")
    check("chat.h" in tool(here, "chat.toml", "--layout", "l2", "--lang", "c", "--out", "chat.toml", rc=1).replace("--out chat.toml", "chat.h"), "--out is a file")
    tool(here, "chat.toml", "--lang", "cobol", rc=2)
    put(here, BASE.replace("say", "int"), "bad.toml")
    put(here, BASE, "odd\nname.toml")  # it goes into comments
    tool(here, "odd\nname.toml", "--lang", "rust", "--lang", "cpp", "--out", "odd")
    with open(os.path.join(here, "odd", "chat.rs"), encoding="utf-8") as f:
        check(f.read().startswith("// made by ctx idl from odd?name.toml;"), "a line break in a comment")
    check(re.match(r"bad\.toml:18: fn int: name: int is a keyword of C$", tool(here, "bad.toml", rc=1).strip()), "the words for one wrong name")
    check(not os.path.exists(os.path.join(here, "bad.layout")), "a refused text leaves a layout")


def statuses():
    """The tool's list of them is that of <ctx/status.h>."""
    with open(os.path.join(LIBCTX, "include", "ctx", "status.h"), encoding="utf-8") as f:
        names = re.findall(r"#define CTX_E_(\w+) +\(-\d", f.read())
    check(tuple(names) == model.STATUSES, f"{names}")


def main():
    with tempfile.TemporaryDirectory(prefix="ctx-idl-") as folder:
        statuses()
        models = accepted(folder)
        languages = compiled(folder, models)
        count = refused()
        refused_at_random()
        grown = append_only()
        commands(folder)
    print(f"taken={len(models)} compiled={languages} refused={count + COUNT} layouts={grown}")


try:
    main()
except (Wrong, OSError) as why:
    sys.exit(f"idl: {why}")
