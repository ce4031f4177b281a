#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx idl FILE.toml [--lang c|cpp|rust]... [--out DIR] [--check] - what an interface's text makes of it."""
import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctx_idl import binary, c, cpp, golden, model, page, rust, skeleton  # noqa: E402

DESCRIPTION = """Checks the text of an interface (libctx/doc/services.md), keeps its layout, and makes tables, wrappers and skeletons of it.
Without --lang, --page and --descriptor it only checks."""
SKELETONS = {"c": ("c", skeleton.in_c), "cpp": ("cpp", skeleton.in_cpp), "rust": ("rs", skeleton.in_rust)}


def fail(lines):
    print("\n".join(lines), file=sys.stderr)
    sys.exit(1)


def write(path, data):
    """All of it or nothing of it, whoever else does the same."""
    new = f"{path}.{os.getpid()}.new"
    try:
        with open(new, "wb") as f:
            f.write(data)
        os.replace(new, path)
    except OSError as why:
        if os.path.exists(new):
            os.unlink(new)
        fail([f"ctx: idl: {path}: {why.strerror}"])


def read(path):
    """None: there is no such file."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None
    except OSError as why:
        fail([f"ctx: idl: {path}: {why.strerror}"])


def outputs(m, args):
    """{file: bytes} of what was asked for."""
    source, n, out = os.path.basename(args.file), m.name, {}
    if "c" in args.lang or "cpp" in args.lang:
        out |= {f"{n}.h": c.consumer(m, source), f"{n}_provider.h": c.provider(m, source)}
    if "cpp" in args.lang:
        out |= {f"{n}.hpp": cpp.consumer(m, source), f"{n}_provider.hpp": cpp.provider(m, source)}
    if "rust" in args.lang:
        out[f"{n}.rs"] = rust.module(m, source)
    if args.page:
        out[f"{n}.md"] = page.page(m, source)
    made = {name: text.encode() for name, text in out.items()}
    if args.descriptor:
        made[f"{n}.ctxi"] = binary.descriptor(m)
    return made


def keep_layout(m, args):
    """The golden layout to be written; None: it is as it should be."""
    path = args.layout or os.path.splitext(args.file)[0] + ".layout"
    old = read(path)
    if old is None:
        return path, golden.text(m)
    lines, wrong = golden.known(old.decode("utf-8", "replace"), path)
    wrong = wrong or golden.broken(m, lines, path)
    if wrong:
        fail(wrong)
    return path, None if sorted(lines) == sorted(golden.lines(m)) else golden.text(m)


def skeletons(m, args):
    for lang in args.lang:
        ending, make = SKELETONS[lang]
        path = os.path.join(args.out, f"{m.name}_provider.{ending}")
        if os.path.exists(path):
            print(f"ctx: idl: {path} is there already; it was left as it is")
        else:
            write(path, make(m).encode())


def main():
    parser = argparse.ArgumentParser(prog="ctx idl", description=DESCRIPTION)
    parser.add_argument("--home", help=argparse.SUPPRESS)
    parser.add_argument("--tool", help=argparse.SUPPRESS)
    parser.add_argument("file", metavar="FILE.toml")
    parser.add_argument("--lang", action="append", default=[], choices=sorted(SKELETONS), help="make what this language needs; several times for several")
    parser.add_argument("--out", default=".", metavar="DIR", help="where to (.)")
    parser.add_argument("--page", action="store_true", help="make a reference page, NAME.md")
    parser.add_argument("--descriptor", action="store_true", help="make NAME.ctxi, the descriptor's bytes")
    parser.add_argument("--skeleton", action="store_true", help="make a provider to begin with, NAME_provider.c, .cpp or .rs, unless it is there")
    parser.add_argument("--layout", metavar="FILE", help="what the interface's users rely on (FILE.layout beside FILE.toml)")
    parser.add_argument("--name", help="fail if the names that are made begin otherwise (for CMake)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the layout is broken, or a file is not what it would be")
    args = parser.parse_args()
    try:
        m = model.load(args.file)
    except model.Wrong as wrong:
        fail([str(wrong)])
    if args.name not in (None, m.name):
        fail([f"{args.file}: name: what is made of it is called {m.name}, not {args.name}; name = \"{args.name}\" says otherwise"])
    path, layout = keep_layout(m, args)
    made = outputs(m, args)
    if args.check:
        stale = [name for name, data in made.items() if read(os.path.join(args.out, name)) != data]
        if stale:
            fail([f"{args.file}: not made from it as it is: {', '.join(os.path.join(args.out, name) for name in stale)}"])
    else:
        if not os.path.isdir(args.out):
            print(f"{args.out}: a new folder")
        try:
            os.makedirs(args.out, exist_ok=True)
        except OSError as why:
            fail([f"ctx: idl: --out {args.out}: {why.strerror}"])
        for name, data in made.items():
            write(os.path.join(args.out, name), data)
        if args.skeleton:
            skeletons(m, args)
        if layout is not None:
            write(path, layout.encode())
    more = "" if layout is None else f"; {path} lacks what is new" if args.check else f"; {path} is new" if not os.path.exists(path) else f"; {path} has it all now"
    print(f"{args.file}: {m.id}, {len(m.fns)} function{'s' if len(m.fns) != 1 else ''}{more}")


if __name__ == "__main__":
    main()
