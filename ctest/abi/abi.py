#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks of the Context ABI.

  abi.py layout INCLUDE GOLDEN... -- COMPILER...   today's layout begins with each golden one
  abi.py headers INCLUDE -- COMPILER...            every public header compiles alone
  abi.py frozen ABI_DIR                            no frozen file has changed
  abi.py generated ABI_DIR                         header, binding, pages ... are what generate.py makes
  abi.py rust TABLES_RS LAYOUT RUSTC               the Rust binding has the offsets of the layout's lines
  abi.py crate LIB_RS RUSTC                        the crate's own tests, on this machine; without std it compiles without a warning
  abi.py selftest INCLUDE ABI_DIR -- COMPILER...   broken headers and files are really found
  abi.py promised ABI_DIR INCLUDE COMPILER         statuses, slot, note and interfaces are what frozen versions say
  abi.py freezing ABI_DIR                          freeze.py freezes a copy; then changes are refused, what is appended is not
  abi.py freeze ABI_DIR FILE...                    record files that are new (by hand, never a test)

A COMPILER is LANGUAGE=PATH with LANGUAGE c or c++; an empty PATH is skipped by name.
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STANDARDS = {"c": ["c11", "c17", "gnu17"], "c++": ["c++11", "c++17", "c++20"]}
# Structs that never cross the border may have padding: a parser's result.
PADDED = {"note.h"}
# What only shows when it is used: an app's note is a macro.
USES = {"note.h": "CTX_NOTE(3);\n"}


class Wrong(Exception):
    pass


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Wrong(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout
    return done.stdout


# ---- layout ----

def layout_of(language, compiler, include):
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "layout")
        std = "gnu17" if language == "c" else "c++17"
        run([compiler, "-x", language, f"-std={std}", "-Wall", "-Wextra", "-Werror", "-I", include,
             os.path.join(HERE, "layout.c"), "-o", out])
        return run([out]).splitlines()


def check_complete(lines):
    """Fields follow one another without a gap and fill their struct: none was forgotten."""
    ends = {}
    for line in lines:
        words = line.split(" ", 4)
        if words[1] == "sizeof":
            if ends.get(words[0]) != int(words[2]):
                raise Wrong(f"{words[0]}: fields end at {ends.get(words[0])}, the struct at {words[2]}; "
                            "is a new field missing in layout.c?")
        else:
            name, offset, size = words[0], int(words[1]), int(words[2])
            if ends.get(name, 0) != offset:
                raise Wrong(f"{name}: a gap before {words[3]} at {offset}")
            ends[name] = offset + size


def by_struct(lines):
    structs = {}
    for line in lines:
        if line and not line.startswith("#") and " sizeof " not in line:
            structs.setdefault(line.split()[0], []).append(line)
    return structs


def check_golden(today, golden_path):
    now = by_struct(today)
    with open(golden_path, encoding="utf-8") as f:
        golden = by_struct(f.read().splitlines())
    if not golden:
        raise Wrong(f"{golden_path}: no lines")
    for name, lines in golden.items():
        have = now.get(name, [])[:len(lines)]
        for i, line in enumerate(lines):
            if i >= len(have) or have[i] != line:
                raise Wrong(f"{os.path.basename(golden_path)}: frozen  {line}\n"
                            f"{' ' * len(os.path.basename(golden_path))}  today   "
                            f"{have[i] if i < len(have) else 'nothing'}")


def layout(include, goldens, compilers):
    first = None
    for language, compiler in compilers:
        lines = layout_of(language, compiler, include)
        check_complete(lines)
        for golden in goldens:
            check_golden(lines, golden)
        if first is not None and lines != first:
            raise Wrong(f"{compiler} ({language}) disagrees with the first compiler")
        first = lines
    return len(first)


# ---- headers ----

def public_headers(include):
    folder = os.path.join(include, "ctx")
    return sorted(f for f in os.listdir(folder) if f.endswith(".h"))


def headers(include, compilers):
    count = 0
    for language, compiler in compilers:
        for header in public_headers(include):
            for std in STANDARDS[language]:
                command = [compiler, "-x", language, f"-std={std}", "-fsyntax-only", "-Wall", "-Wextra",
                           "-Wpedantic", "-Wundef", "-Wconversion", "-Werror", "-I", include]
                if header not in PADDED:
                    command.append("-Wpadded")
                with tempfile.NamedTemporaryFile("w", suffix=".c") as f:
                    # Twice: include guards work. An object, so that the file is not empty.
                    f.write(f"#include <ctx/{header}>\n#include <ctx/{header}>\n"
                            "extern int nothing;\nint nothing;\n" + USES.get(header, ""))
                    f.flush()
                    run(command + [f.name])
                count += 1
    return count


# ---- frozen files ----

def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def frozen_files(abi):
    """What must not change: golden layouts, and everything in the folders v1, v2 ..."""
    found = []
    for root, dirs, files in os.walk(abi):
        dirs.sort()
        for name in sorted(files):
            path = os.path.relpath(os.path.join(root, name), abi)
            top = path.split(os.sep)[0]
            if "__pycache__" not in path and top[0] == "v" and top[1:].split(".")[0].isdigit():
                found.append(path)
    return found


def records(abi):
    known = {}
    with open(os.path.join(abi, "frozen.sha256"), encoding="utf-8") as f:
        for line in f.read().splitlines():
            digest, path = line.split("  ", 1)
            known[path] = digest
    return known


def frozen(abi):
    known = records(abi)
    for path, digest in known.items():
        full = os.path.join(abi, path)
        if not os.path.isfile(full):
            raise Wrong(f"{path} is frozen, and gone")
        if sha256(full) != digest:
            raise Wrong(f"{path} is frozen, and has changed: put it back (libctx/abi/README.md)")
    for path in frozen_files(abi):
        if path not in known:
            raise Wrong(f"{path} has no record; if it is meant to be frozen: abi.py freeze")
    if not known:
        raise Wrong("nothing is frozen")
    return len(known)


def freeze(abi, paths):
    known = records(abi)
    for path in paths:
        path = os.path.relpath(path, abi)
        if path in known:
            raise Wrong(f"{path} is frozen already")
        known[path] = sha256(os.path.join(abi, path))
    with open(os.path.join(abi, "frozen.sha256"), "w", encoding="utf-8") as f:
        f.writelines(f"{known[path]}  {path}\n" for path in sorted(known))


# ---- what is made from context.toml ----

def generated(abi):
    run([sys.executable, "-B", os.path.join(abi, "generate.py"), "--check"])


def rust_name(name):
    return "".join(word.capitalize() for word in name.removeprefix("ctx_").split("_"))


def rust(tables, layout_path, rustc):
    """Offsets and sizes, as Rust sees them. At run time: offset_of! is younger than Debian's rustc."""
    with open(layout_path, encoding="utf-8") as f:
        lines = [line.split(" ", 4) for line in f.read().splitlines() if line.startswith("ctx_")]
    ends, asserts = {}, []
    for name, offset, size, field, _ in lines:
        ends[rust_name(name)] = int(offset) + int(size)
        asserts.append(f"let u = MaybeUninit::<tables::{rust_name(name)}>::uninit(); "
                       f"let at = unsafe {{ core::ptr::addr_of!((*u.as_ptr()).{field}) }} as usize; "
                       f'assert_eq!(at - u.as_ptr() as usize, {offset}, "{name}.{field}");')
    asserts += [f'assert_eq!(core::mem::size_of::<tables::{name}>(), {end}, "{name}");' for name, end in ends.items()]
    if not lines:
        raise Wrong(f"{layout_path}: no lines")
    with tempfile.TemporaryDirectory() as tmp:
        source = os.path.join(tmp, "check.rs")
        with open(source, "w", encoding="utf-8") as f:
            f.write(f'#![allow(dead_code)]\n#[path = "{os.path.abspath(tables)}"]\nmod tables;\n'
                    "use core::mem::MaybeUninit;\nfn main() {\n" + "\n".join(asserts) + "\n}\n")
        run([rustc, "--edition", "2021", "-o", os.path.join(tmp, "check"), source])
        run([os.path.join(tmp, "check")])
    return len(asserts)


def crate(source, rustc):
    with tempfile.TemporaryDirectory() as tmp:
        common = [rustc, "--edition", "2021", "-D", "warnings", os.path.abspath(source)]
        run([*common, "--crate-type", "rlib", "--crate-name", "ctx", "-C", "panic=abort", "-o", os.path.join(tmp, "libctx.rlib")])
        run([*common, "--test", "-o", os.path.join(tmp, "tests")])
        passed = re.search(r"(\d+) passed; 0 failed", run([os.path.join(tmp, "tests")]))
        if passed is None or passed[1] == "0":
            raise Wrong(f"{source} has no tests")
        return int(passed[1])


# ---- do these checks find anything? ----

HEADER_BREAKS = [
    ("two fields swapped", "    uint64_t w;              /* pixels per row */\n"
                           "    uint64_t h;              /* rows */\n",
     "    uint64_t h;\n    uint64_t w;\n"),
    ("a parameter widened", "const uint8_t *s, uint32_t len)", "const uint8_t *s, uint64_t len)"),
    ("a parameter dropped", "*alloc)(uint64_t size, uint64_t align)", "*alloc)(uint64_t size)"),
    ("a field inserted", "    uint64_t pid;\n", "    uint64_t uid;\n    uint64_t pid;\n"),
    ("a field renamed", "uint64_t last; ", "uint64_t total; "),
    ("an array resized", "struct ctx_key_event ring[64]", "struct ctx_key_event ring[32]"),
    ("a field narrowed", "    uint64_t code;", "    uint32_t code;"),
    ("a field appended in secret", "    const struct ctx_events *events;\n};",
     "    const struct ctx_events *events;\n    uint64_t more;\n};"),
]


def must_fail(what, check, *args):
    try:
        check(*args)
    except Wrong:
        return
    raise Wrong(f"not found: {what}")


# In what is made, a hand has changed something: (file in libctx, what, by what).
MADE_BREAKS = [
    ("include/ctx/tables.h", "ctx_status (CTX_CALL *now)", "ctx_status (CTX_CALL *today)"),
    ("src/gates.c", '{"mem.alloc", CTX_RETURNS_POINTER, 3', '{"mem.alloc", CTX_RETURNS_POINTER, 2'),
    ("rust/tables.rs", "pub code: u32", "pub code: u64"),
    ("abi/today.txt", "ctx_event 24 4 code", "ctx_event 28 4 code"),
    ("abi/context.toml", "gate = 22", "gate = 23"),
    ("doc/ref/time.md", "offset 24", "offset 32"),
]


def selftest_made(libctx, rustc):
    count = 0
    for path, old, new in MADE_BREAKS:
        with tempfile.TemporaryDirectory() as tmp:
            copy = os.path.join(tmp, "libctx")
            shutil.copytree(libctx, copy)
            with open(os.path.join(copy, path), encoding="utf-8") as f:
                text = f.read()
            if old not in text:
                raise Wrong(f"selftest is out of date: {old}")
            with open(os.path.join(copy, path), "w", encoding="utf-8") as f:
                f.write(text.replace(old, new, 1))
            must_fail(f"{path} changed by hand", generated, os.path.join(copy, "abi"))
            if rustc and path.endswith(".rs"):
                must_fail("a field of another size in Rust", rust, os.path.join(copy, path),
                          os.path.join(copy, "abi", "today.txt"), rustc)
        count += 1
    return count


def selftest(include, abi, compilers):
    goldens = [os.path.join(abi, name) for name in ("v1.txt", "v2.txt")]
    with tempfile.TemporaryDirectory() as tmp:
        copy = os.path.join(tmp, "include")
        for what, old, new in HEADER_BREAKS:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(include, copy)
            path = os.path.join(copy, "ctx", "ctx.h")
            with open(path, encoding="utf-8") as f:
                text = f.read()
            if text.count(old) != 1:
                raise Wrong(f"selftest is out of date: {what}")
            # Without the header's own assertions: the golden comparison must find it alone.
            lines = [line for line in text.replace(old, new).splitlines()
                     if not line.startswith("CTX_STATIC_ASSERT(")]
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n")
            must_fail(what, layout, copy, goldens, compilers[:1])
        shutil.copytree(abi, os.path.join(tmp, "abi"))
        for name in ("v1.txt", "v2.txt"):
            with open(os.path.join(tmp, "abi", name), "a", encoding="utf-8") as f:
                f.write("ctx 96 8 more uint64_t\n")
            must_fail("a frozen file changed", frozen, os.path.join(tmp, "abi"))
            shutil.copy(os.path.join(abi, name), os.path.join(tmp, "abi", name))
        with open(os.path.join(tmp, "abi", "v3.txt"), "w", encoding="utf-8"):
            pass
        must_fail("a file without a record", frozen, os.path.join(tmp, "abi"))
        shutil.rmtree(copy)
        shutil.copytree(include, copy)
        with open(os.path.join(copy, "ctx", "slot.h"), "a", encoding="utf-8") as f:
            f.write("struct ctx_bad { uint8_t a; uint64_t b; };\n")
        must_fail("padding", headers, copy, compilers[:1])
    return len(HEADER_BREAKS) + 4 + selftest_made(os.path.dirname(abi), shutil.which("rustc"))


# ---- freezing ----

# What is done to context.toml when a version is frozen: (what, by what, whether it may be).
FROZEN_EDITS = [
    ('["u64", "cookie", "for what is about', '["u32", "cookie", "for what is about', False),
    ('name = "wall"\ngate = 7', 'name = "calendar"\ngate = 7', False),
    ('name = "wall"\ngate = 7', 'name = "wall"\ngate = 30', False),
    ('["DONE", 9], ["INTERFACE", 10]', '["DONE", 10], ["INTERFACE", 9]', False),
    ('args = [["handle", "share"], ["u32", "rights"], ["out-u64", "address"]]', 'args = [["handle", "share"], ["u64", "rights"], ["out-u64", "address"]]', False),
    ('args = [["handle", "surface"]]\ndoc = "Take it from', 'args = [["u32", "surface"]]\ndoc = "Take it from', False),
    ('id = "ctx.share/1"\n', 'id = "ctx.share/1"\ngrant = true\n', False),
    ('id = "ctx.share/1"', 'id = "ctx.shares/1"', False),
    ('draft_serial = 0', 'draft_serial = 5', False),
    ('    ["u32", "h", "and down"],\n', '    ["u32", "h", "and down"],\n    ["u64", "later", "0"],\n', False),
    ('name = "window_mirror"\n', 'name = "window_mirror"\nfirst = 40\n', True),
    ('    ["u32", "h", "and down"],\n]', '    ["u32", "h", "and down"],\n    ["u64", "later", "0"],\n]\nfirst = 40', True),
    ('["CALENDAR", 25]', '["CALENDAR", 25], ["MOON", 26]', True),
    ('# ---- drafts, opened by id', '[[table.fn]]\nname = "later"\ngate = 30\nargs = []\ndoc = "Later."\nerrors = []\n\n# ---- drafts, opened by id', True),
    ('["u64", "cookie", "for what is about something that was asked for with a cookie; else 0"],',
     '["u64", "cookie", "for what is about something that was asked for with a cookie; else 0"],\n    ["u64", "more", "0"],', True),
    ('name = "key"\nargs = [["u32", "code"], ["u32", "down"]]', 'name = "key"\nargs = [["u64", "code"], ["u32", "down"]]', True),  # a draft's
]


def replaced(path, old, new):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if old not in text:
        raise Wrong(f"freezing is out of date: {old}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new, 1))


def freezing(abi):
    """Of a copy: what freeze.py freezes is what there is, changes are refused from then on, and what is appended is not."""
    root = os.path.dirname(os.path.dirname(abi))
    with tempfile.TemporaryDirectory() as tmp:
        libctx, copy = os.path.join(tmp, "libctx"), os.path.join(tmp, "libctx", "abi")
        for folder in ("libctx", "apps", "ctest/harness", "ctest/linux", "ctest/abi"):
            shutil.copytree(os.path.join(root, folder), os.path.join(tmp, folder), ignore=shutil.ignore_patterns("v3*", "*.png", "*.ppm", "*.gz"))
        toml = os.path.join(copy, "context.toml")
        with open(toml, encoding="utf-8") as f:
            text = f.read()
        with open(toml, "w", encoding="utf-8") as f:
            f.write(re.sub(r"^draft_serial = \d+$", "draft_serial = 7", text, flags=re.M))
        generate = [sys.executable, "-B", os.path.join(copy, "generate.py")]
        freeze_now = [sys.executable, "-B", os.path.join(copy, "freeze.py"), "3", "--words", "--into", copy]
        run(generate)
        run(freeze_now)
        must_fail("a frozen version that still has a draft's serial", run, generate)
        must_fail("freezing twice", run, freeze_now)
        replaced(toml, "draft_serial = 7", "draft_serial = 0")
        run(generate)
        promised(copy, os.path.join(libctx, "include"), "cc")
        with open(toml, encoding="utf-8") as f:
            good = f.read()
        for old, new, may in FROZEN_EDITS:
            with open(toml, "w", encoding="utf-8") as f:
                f.write(good)
            replaced(toml, old, new)
            if may:
                run(generate)
            else:
                must_fail(f"{old} became {new}", run, generate)
        with open(toml, "w", encoding="utf-8") as f:
            f.write(good)
        run(generate)
        status = os.path.join(libctx, "include", "ctx", "status.h")
        replaced(status, "#define CTX_E_RANGE      (-19)", "#define CTX_E_RANGE      (-29)")
        must_fail("a status has another number", promised, copy, os.path.join(libctx, "include"), "cc")
        replaced(status, "#define CTX_E_RANGE      (-29)", "#define CTX_E_RANGE      (-19)")
        replaced(os.path.join(tmp, "apps", "clipboard", "clipboard.toml"), 'args = [["u32"', 'args = [["u64"')
        must_fail("an interface's function takes another kind", promised, copy, os.path.join(libctx, "include"), "cc")
    return len(FROZEN_EDITS) + 4


def promised(abi, include, compiler):
    """What v3.txt and younger ones say of C's headers and of interfaces is so (generate.py looks at context.toml)."""
    sys.path[:0] = [os.path.join(os.path.dirname(abi), "sdk"), abi]
    import promise  # pylint: disable=import-outside-toplevel
    root, wrong, count = os.path.dirname(os.path.dirname(abi)), [], 0
    for name, old in promise.frozen(abi):
        wrong += promise.broken(name, old, promise.of_c(include, os.path.join(HERE, "layout.c"), compiler), lambda line: not promise.of_the_toml(line))
        folder = os.path.join(abi, name[:-len(".txt")], "interfaces")
        wrong += promise.broken_interfaces(root, f"{name[:-4]}/interfaces", folder)
        count += len(old) + len(os.listdir(folder))
    if wrong:
        raise Wrong("\n".join(wrong))
    return count


def main(args):
    compilers = []
    if "--" in args:
        split = args.index("--")
        for word in args[split + 1:]:
            language, path = word.split("=", 1)
            if path and not path.endswith("-NOTFOUND"):
                compilers.append((language, path))
            else:
                print(f"skipped: no compiler for {language} of that name ({word})")
        args = args[:split]
        if not compilers:
            raise Wrong("no compiler")
    what, rest = args[0], args[1:]
    if what == "layout":
        print(f"lines={layout(rest[0], rest[1:], compilers)} compilers={len(compilers)}")
    elif what == "headers":
        print(f"compiled={headers(rest[0], compilers)}")
    elif what == "frozen":
        print(f"frozen={frozen(rest[0])}")
    elif what == "generated":
        generated(rest[0])
    elif what == "rust":
        print(f"checked={rust(*rest)}")
    elif what == "crate":
        print(f"tests={crate(*rest)}")
    elif what == "selftest":
        print(f"found={selftest(rest[0], rest[1], compilers)}")
    elif what == "promised":
        print(f"kept={promised(*rest)}")
    elif what == "freezing":
        print(f"edits={freezing(rest[0])}")
    elif what == "freeze":
        freeze(rest[0], rest[1:])
    else:
        raise Wrong(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Wrong, OSError, IndexError) as e:
        print(f"abi: {e}", file=sys.stderr)
        sys.exit(1)
