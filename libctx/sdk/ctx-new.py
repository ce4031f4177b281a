#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx new NAME [--lang LANG] - a project to begin with: one source file, a CMakeLists.txt, and how to go on."""
import argparse
import os
import re
import shlex
import sys


# What a crate of Rust can not be called: words of the language, and crates that are there.
TAKEN = set("""abstract alloc as async await become box break const continue core crate ctx deps do dyn else enum examples extern false final fn for
if impl in incremental let loop macro match mod move mut override priv proc_macro pub ref return self Self static std struct super test trait true
try type typeof union unsafe unsized use virtual where while yield build""".split())


# What an app of a project can not be called: the targets that the project has beside it, and those that are CMake's own.
TARGETS = {"run", "debug", "debug-qemu", "iso", "all", "clean", "help", "install", "preinstall", "edit_cache", "rebuild_cache", "ALL_BUILD", "INSTALL", "ZERO_CHECK"}


def languages(home):
    return sorted(os.listdir(os.path.join(home, "templates")))


def write(template, folder, words):
    """The template's files, with these words in them."""
    for where, _, files in os.walk(template):
        into = os.path.join(folder, os.path.relpath(where, template))
        os.makedirs(into, exist_ok=True)
        for file in sorted(files):
            with open(os.path.join(where, file), encoding="utf-8") as f:
                text = f.read()
            for word, value in words.items():
                text = text.replace(f"@{word}@", value)
            with open(os.path.join(into, file), "w", encoding="utf-8") as f:
                f.write(text)


def main():
    parser = argparse.ArgumentParser(prog="ctx new", description="Makes a folder NAME with an app in it.")
    parser.add_argument("--home", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tool", required=True, help=argparse.SUPPRESS)
    parser.add_argument("name", help="of the folder and of the app: letters, digits, - and _")
    parser.add_argument("--lang", default="c", help="c (the default), cpp, rust, lua, asm, or libc: C with a C library and main()")
    args = parser.parse_args()
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,30}", args.name):
        sys.exit(f"ctx: new: {args.name}: a name begins with a letter, has letters, digits, - and _, and at most 31 of them")
    if args.lang not in languages(args.home):
        sys.exit(f"ctx: new: --lang {args.lang}: there are {', '.join(languages(args.home))}")
    if args.name in TARGETS:
        sys.exit(f"ctx: new: {args.name}: the project, or CMake, has a target of this name; please call the app something else")
    if os.path.lexists(args.name):
        sys.exit(f"ctx: new: {args.name}: is there already; nothing was changed")
    crate = args.name.replace("-", "_")
    if args.lang == "rust" and crate in TAKEN:
        sys.exit(f"ctx: new: {args.name}: Rust, or Cargo, means something else by that name")
    if args.lang == "rust" and re.search(r"[\"\\\\$`]", args.home + args.tool):
        sys.exit(f"ctx: new: {args.home}: Cargo's files can not hold this name of the package's folder")
    prefix = os.path.dirname(os.path.dirname(args.home))
    write(os.path.join(args.home, "templates", args.lang), args.name,
          {"NAME": args.name, "CRATE": crate, "HOME": args.home, "TOOL": args.tool})
    standard = prefix in ("/usr", "/usr/local")
    print(f"{args.name}/ is ready:\n"
          f"  cmake -S {args.name} -B {args.name}/build" + ("" if standard else " " + shlex.quote(f"-DCMAKE_PREFIX_PATH={prefix}")) + "\n"
          f"  cmake --build {args.name}/build --target run      in a window\n"
          f"  cmake --build {args.name}/build --target debug    in gdb (debug-qemu: in a virtual machine)\n"
          f"  cmake --build {args.name}/build --target iso      {args.name}/build/{args.name}.iso")


if __name__ == "__main__":
    main()
