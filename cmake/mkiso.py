#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the bootable ISO: BIOS and UEFI, CD and USB stick, one file.

  mkiso.py OUT --kernel ELF --template grub.cfg.in --lists DIR --stage DIR
           [--objcopy PROGRAM] APP.elf...

Reproducible: times, identifiers and order depend on the input only (SOURCE_DATE_EPOCH is honoured).
Debug sections stay behind, names of functions do not.
"""
import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from mkcpio import parse_list, split_words  # noqa: E402

EPOCH = 1767225600  # 2026-01-01, when nobody says otherwise

# What the menu uses. GRUB's core finds the disk and the menu; all else is loaded by name.
MODULES = """normal multiboot2 smbios regexp test echo serial terminal all_video video iso9660
search search_fs_uuid minicmd sleep reboot halt configfile part_msdos part_gpt part_apple part_acorn
part_amiga part_bsd part_dfly part_dvh part_plan part_sun part_sunpc""".split()


def quote(text):
    """A word for GRUB's command line. What GRUB makes of it then is undone by kernel/base/words.c."""
    return "'" + text.replace("'", "'\\''") + "'" if re.search(r"^$|[^\w.,:/=@%+-]", text) else text


def menu_entry(ident, title, words, apps):
    lines = [f"menuentry {quote(title)} --id {ident} {{"]
    # $words are separate words only unquoted.
    lines.append(" ".join(["    multiboot2 /boot/argos.elf", *words, "$words"]))
    for file, name, args in apps:
        lines.append(" ".join(["    module2", quote(f"/apps/{file}"), quote(name), *map(quote, split_words(args))]))
    return "\n".join(lines + ["}", ""])


def name_of(path):
    """What lists call an app's file: verified ones stand in a folder of that name."""
    folder, name = os.path.split(path)
    return f"verified/{name}" if os.path.basename(folder) == "verified" else name


def expand(template, lists, present):
    """The menu, and the set of files it wants."""
    pattern = re.compile(r'^@menu ([^\s=]+)(?:=(\S+))? "([^"]*)"(.*)$', re.M)
    wanted, left_out = set(), set()

    def one(match):
        ident, title, words = match[1], match[3], [quote(w) for w in split_words(match[4]) if w]
        path = os.path.join(lists, (match[2] or ident) + ".list")
        apps = []
        with open(path, encoding="utf-8") as f:
            for file, name, args, optional in parse_list(f.read()):
                if file in present:
                    apps.append((file, name, args))
                    wanted.add(file)
                elif optional:
                    print(f"iso: entry {ident} goes without {name} ({file} was not built)")
                else:
                    sys.exit(f"mkiso: {path}: {file} was not built")
        if not apps:
            left_out.add(ident)
            print(f"iso: no entry {ident}: none of its apps was built")
            return ""
        return menu_entry(ident, title, words, apps)

    menu = pattern.sub(one, template)
    return menu.replace("@ids@", " ".join(m[1] for m in pattern.finditer(template) if m[1] not in left_out)), wanted


def stage(args, epoch):
    """The ISO's tree, every time in it the same."""
    shutil.rmtree(args.stage, ignore_errors=True)
    os.makedirs(os.path.join(args.stage, "boot/grub"))
    os.makedirs(os.path.join(args.stage, "apps/verified"))
    files = {name_of(a): a for a in args.apps if os.path.isfile(a)}
    with open(args.template, encoding="utf-8") as f:
        menu, wanted = expand(f.read(), args.lists, files)
    with open(os.path.join(args.stage, "boot/grub/grub.cfg"), "w", encoding="utf-8") as f:
        f.write(menu)
    copies = {args.kernel: "boot/argos.elf"}
    copies.update({files[f]: f"apps/{f}" for f in sorted(wanted)})
    for source, name in copies.items():
        target = os.path.join(args.stage, name)
        if subprocess.run([args.objcopy, "--strip-debug", source, target],
                          stderr=subprocess.DEVNULL).returncode:
            shutil.copyfile(source, target)
    for folder, _, names in os.walk(args.stage):
        for path in [folder] + [os.path.join(folder, n) for n in names]:
            os.chmod(path, 0o755 if os.path.isdir(path) else 0o644)
            os.utime(path, (epoch, epoch))


def settle(path):
    """Puts a constant where mformat put a random number: the serial of the UEFI partition's FAT."""
    with open(path, "r+b") as f:
        data = f.read()
        for at in range(0, len(data), 512):
            if data[at + 0x36:at + 0x39] == b"FAT" and data[at + 510:at + 512] == b"\x55\xaa":
                f.seek(at + 0x27)
                f.write(b"ARGS")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("apps", nargs="*")
    for name in ("kernel", "template", "lists", "stage"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--objcopy", default="objcopy")
    args = parser.parse_intermixed_args()

    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or EPOCH)
    stage(args, epoch)
    when = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y%m%d%H%M%S00")
    env = dict(os.environ, SOURCE_DATE_EPOCH=str(epoch), TZ="UTC", LC_ALL="C")
    env["MTOOLS_SKIP_CHECK"] = "1"
    # GRUB and xorriso see names of ours only, whatever the folders are called: they take "=" and "\\" for their own.
    where, folder = os.path.split(os.path.abspath(args.stage))
    made = folder + ".made"
    command = ["grub-mkrescue", "-o", made, folder, "--product-name=Argos",
               "--install-modules=" + " ".join(MODULES),
               "--locales=", "--fonts=", "--themes=", "--modification-date=" + when,
               "--", "-volid", "ARGOS", "-volume_date", "all_file_dates", when]
    run = subprocess.run(command, env=env, cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    made = os.path.join(where, made)
    if run.returncode or not os.path.isfile(made):
        sys.exit(f"mkiso: grub-mkrescue failed ({run.returncode}):\n{run.stdout}")
    settle(made)
    shutil.move(made, args.out + ".tmp") # perhaps from another disk
    os.replace(args.out + ".tmp", args.out)


if __name__ == "__main__":
    main()
