#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx iso -o FILE.iso APP.elf [WORD...] [+ APP.elf [WORD...]...] - an image that boots these apps.

Boots by BIOS and UEFI, from CD and USB stick. The first WORD that has no `=` is not the app's name: names are the files'."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

GRUB = """insmod all_video
set default=apps
set timeout=@timeout@
@menu apps "@title@" @words@
"""


def split(words):
    apps, app = [], []
    for word in words + ["+"]:
        if word != "+":
            app.append(word)
        elif not app:
            sys.exit("ctx: iso: an app's file is missing beside +")
        else:
            apps.append(app)
            app = []
    return apps


def check(tool, files):
    """Would the kernel refuse it? Then not even the image is made; the words are the loader's."""
    run = subprocess.run([tool, "check", *files], stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        sys.exit(run.stdout + "ctx: iso: nothing was made")


def main():
    parser = argparse.ArgumentParser(prog="ctx iso", description=__doc__.split("\n")[0],
                                     usage="ctx iso -o FILE.iso [OPTION...] APP.elf [WORD...] [+ APP.elf [WORD...]...]")
    parser.add_argument("--home", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tool", required=True, help=argparse.SUPPRESS)
    parser.add_argument("-o", dest="out", required=True, metavar="FILE.iso")
    parser.add_argument("--title", default="Argos", help="of the menu entry")
    parser.add_argument("--timeout", type=int, default=0, help="seconds that the menu waits (0)")
    parser.add_argument("--words", default="", help="for the kernel's command line")
    parser.add_argument("--kernel", help="another argos.elf than the package's")
    args, rest = parser.parse_known_args()
    kernel = args.kernel or os.path.join(args.home, "argos.elf")
    apps = split(rest)
    for file in [kernel] + [a[0] for a in apps]:
        if not os.path.isfile(file):
            sys.exit(f"ctx: iso: {file}: there is no such file")
    if '"' in args.title or "\n" in args.title:
        sys.exit("ctx: iso: --title: without quotes and line breaks")
    for program, package in (("grub-mkrescue", "grub-common"), ("xorriso", "xorriso"), ("mformat", "mtools")):
        if shutil.which(program) is None:
            sys.exit(f"ctx: iso: {program} is missing (package {package}; and grub-pc-bin, grub-efi-amd64-bin)")
    check(args.tool, [a[0] for a in apps])
    with tempfile.TemporaryDirectory(prefix="ctx-") as folder:
        lists, files, lines = os.path.join(folder, "lists"), [], []
        os.mkdir(lists)
        for i, (path, *words) in enumerate(apps):
            # (In a list of apps a space ends a name, and # begins a comment.)
            name = re.sub(r"[^A-Za-z0-9._+-]", "_", os.path.basename(path).removesuffix(".elf")) or "app"
            file = f"{i}-{name}.elf"
            files.append(os.path.join(folder, file))
            shutil.copyfile(path, files[-1])
            lines.append(" ".join([file, name, *words]))
        with open(os.path.join(lists, "apps.list"), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        template = os.path.join(folder, "grub.cfg.in")
        with open(template, "w", encoding="utf-8") as f:
            f.write(GRUB.replace("@title@", args.title).replace("@timeout@", str(args.timeout)).replace("@words@", args.words))
        run = subprocess.run([sys.executable, "-B", os.path.join(args.home, "mkiso.py"), args.out, "--kernel", kernel,
                              "--template", template, "--lists", lists, "--stage", os.path.join(folder, "stage"), *files],
                             check=False)
    if run.returncode != 0:
        sys.exit("ctx: iso: nothing was made")
    print(f"{args.out}: {len(apps)} app{'s' if len(apps) != 1 else ''}, {os.path.getsize(args.out) // 1024} KiB")


if __name__ == "__main__":
    main()
