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


# Apps of the package: what the option brings along, and the line that it has.
WITH = {"files": ("storage", ["offer=ctx.files/1,ctx.kv/1,ctx.sql/1", "grant=ctx.block/1", "disk=*"]),
        "net": ("net", ["offer=ctx.net/1", "grant=ctx.nic/1,ctx.calendar/1", "nic=*"])}


def brought(home, wanted):
    """The lines of these apps, those that a kernel can verify first; they stand before all others."""
    lines = []
    for option in wanted:
        name, words = WITH[option]
        paths = [os.path.join(home, "apps", *where, name + ".elf") for where in (("verified",), ())]
        path = next((p for p in paths if os.path.isfile(p)), None)
        if path is None:
            sys.exit(f"ctx: iso: --{option}: {paths[-1]}, which belongs to this tool, is missing")
        lines.append([path, *words])
    return lines


def check(tool, words, apps):
    """Would the kernel refuse an app, or what its boot loader says? Then not even the image is made."""
    command = [word for app in apps for word in ("+", *app)][1:]
    run = subprocess.run([tool, "check", "--boot", " ".join(words), *command], stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        sys.exit(run.stdout + "ctx: iso: nothing was made")
    warnings = [line for line in run.stdout.splitlines() if not line.endswith(": fine")]
    if warnings:
        print("\n".join(warnings), flush=True)


def seconds(text):
    """GRUB waits for ever at -1."""
    if not re.fullmatch("-1|[0-9]{1,5}", text) or int(text) > 86400:
        raise argparse.ArgumentTypeError(f"{text} is no number from -1 to 86400")
    return int(text)


def main():
    parser = argparse.ArgumentParser(prog="ctx iso", description=__doc__.split("\n")[0],
                                     usage="ctx iso -o FILE.iso [OPTION...] APP.elf [WORD...] [+ APP.elf [WORD...]...]")
    parser.add_argument("--home", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tool", required=True, help=argparse.SUPPRESS)
    parser.add_argument("-o", dest="out", required=True, metavar="FILE.iso")
    parser.add_argument("--title", default="Argos", help="of the menu entry")
    parser.add_argument("--timeout", type=seconds, default=0, help="seconds that the menu waits (0)")
    parser.add_argument("--words", default="", help="for the kernel's command line, separated by spaces")
    parser.add_argument("--kernel", help="another argos.elf than the package's")
    parser.add_argument("--files", action="store_true", help="with the app storage: files that stay, on a disk of files")
    parser.add_argument("--net", action="store_true", help="with the app net: the network, by the machine's cards")
    # Behind the first app everything is a word of the apps, whatever it looks like.
    parser.add_argument("apps", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    args = parser.parse_args()
    sys.path.insert(0, args.home)
    sys.dont_write_bytecode = True
    from mkcpio import join_words
    kernel_words = [w for w in args.words.split(" ") if w]
    kernel = args.kernel or os.path.join(args.home, "argos.elf")
    apps = split(args.apps)
    apps = brought(args.home, [option for option in WITH if getattr(args, option)]) + apps
    if not os.path.isdir(os.path.dirname(args.out) or "."):
        sys.exit(f"ctx: iso: {args.out}: there is no such folder")
    if os.path.isdir(args.out):
        sys.exit(f"ctx: iso: {args.out}: it is a folder")
    if args.kernel is None and not os.path.exists(kernel):
        sys.exit(f"ctx: iso: {kernel} is not there: no kernel is installed (cmake --install build/kernel), or please name one with --kernel")
    for file in [kernel] + [a[0] for a in apps]:
        if not os.path.isfile(file):
            sys.exit(f"ctx: iso: {file}: {'it is no file' if os.path.exists(file) else 'there is no such file'}")
        if os.path.exists(args.out) and os.path.samefile(file, args.out):
            sys.exit(f"ctx: iso: {args.out}: the image is made of it")
    if os.path.isfile(args.out):
        with open(args.out, "rb") as f:
            if f.read(8) == b"ArgosSto":
                sys.exit(f"ctx: iso: {args.out}: it is a disk, and all that is saved on it would be lost")
    if "\n" in args.words or any("\n" in word for app in apps for word in app):
        sys.exit("ctx: iso: a word holds a line break")
    if '"' in args.title or "\n" in args.title:
        sys.exit("ctx: iso: --title: without quotes and line breaks")
    for program, package in (("grub-mkrescue", "grub-common"), ("xorriso", "xorriso"), ("mformat", "mtools")):
        if shutil.which(program) is None:
            sys.exit(f"ctx: iso: {program} is missing (package {package}; and grub-pc-bin, grub-efi-amd64-bin)")
    check(args.tool, kernel_words, apps)
    with tempfile.TemporaryDirectory(prefix="ctx-") as folder:
        lists, files, lines = os.path.join(folder, "lists"), [], []
        os.mkdir(lists)
        for i, (path, *words) in enumerate(apps):
            name = os.path.basename(path).removesuffix(".elf")
            safe = re.sub(r"[^A-Za-z0-9._+-]", "_", name) or "app"
            file = f"{i}-{safe}.elf"  # nobody sees it
            files.append(os.path.join(folder, file))
            shutil.copyfile(path, files[-1])
            lines.append(join_words([file, name, *words]))
        with open(os.path.join(lists, "apps.list"), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        template = os.path.join(folder, "grub.cfg.in")
        with open(template, "w", encoding="utf-8") as f:
            f.write(GRUB.replace("@title@", args.title).replace("@timeout@", str(args.timeout)).replace("@words@", join_words(kernel_words)))
        run = subprocess.run([sys.executable, "-B", os.path.join(args.home, "mkiso.py"), args.out, "--kernel", kernel,
                              "--template", template, "--lists", lists, "--stage", os.path.join(folder, "stage"), *files],
                             check=False)
    if run.returncode != 0:
        sys.exit("ctx: iso: nothing was made")
    print(f"{args.out}: {len(apps)} app{'s' if len(apps) != 1 else ''}, {os.path.getsize(args.out) // 1024} KiB")


if __name__ == "__main__":
    main()
