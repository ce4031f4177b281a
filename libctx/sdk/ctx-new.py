#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx new NAME [--lang LANG] - a project to begin with: one source file, a CMakeLists.txt, and how to go on."""
import argparse
import os
import re
import shlex
import sys


def languages(home):
    return sorted(os.listdir(os.path.join(home, "templates")))


def main():
    parser = argparse.ArgumentParser(prog="ctx new", description="Makes a folder NAME with an app in it.")
    parser.add_argument("--home", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tool", required=True, help=argparse.SUPPRESS)
    parser.add_argument("name", help="of the folder and of the app: letters, digits, - and _")
    parser.add_argument("--lang", default="c", help="c (the default), cpp, rust, asm, or libc: C with a C library and main()")
    args = parser.parse_args()
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,30}", args.name):
        sys.exit(f"ctx: new: {args.name}: a name begins with a letter, has letters, digits, - and _, and at most 31 of them")
    if args.lang not in languages(args.home):
        sys.exit(f"ctx: new: --lang {args.lang}: there are {', '.join(languages(args.home))}")
    if os.path.exists(args.name):
        sys.exit(f"ctx: new: {args.name}: is there already; nothing was changed")
    template = os.path.join(args.home, "templates", args.lang)
    prefix = os.path.dirname(os.path.dirname(args.home))
    os.makedirs(args.name)
    for file in sorted(os.listdir(template)):
        with open(os.path.join(template, file), encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(args.name, file), "w", encoding="utf-8") as f:
            f.write(text.replace("@NAME@", args.name))
    standard = prefix in ("/usr", "/usr/local")
    print(f"{args.name}/ is ready:\n"
          f"  cmake -S {args.name} -B {args.name}/build" + ("" if standard else " " + shlex.quote(f"-DCMAKE_PREFIX_PATH={prefix}")) + "\n"
          f"  cmake --build {args.name}/build --target run      in a window\n"
          f"  cmake --build {args.name}/build --target iso      {args.name}/build/{args.name}.iso")


if __name__ == "__main__":
    main()
