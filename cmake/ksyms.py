#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel's function names as an assembly file, for readable backtraces.

usage: ksyms.py NM PASS1.elf OUT.S          write the table of PASS1.elf
       ksyms.py --verify NM PASS1.elf PASS2.elf   no function may have moved between the passes
"""
import subprocess
import sys


def functions(nm, elf):
    out = subprocess.run([nm, "--numeric-sort", elf], check=True, capture_output=True, text=True).stdout
    found = {}
    start = None
    for line in out.splitlines():
        fields = line.split()
        if len(fields) != 3:
            continue
        if fields[2] == "text_start":
            start = int(fields[0], 16)
        if fields[1] in "tT" and fields[2] not in ("text_start", "text_end") and not fields[2].startswith("."):
            found.setdefault(int(fields[0], 16), fields[2])
    return {address - start: name for address, name in found.items() if address >= start}


def write(table, out):
    with open(out, "w", encoding="ascii") as f:
        f.write('\t.section .ksyms, "a"\n\t.balign 8\n\t.globl ksyms_count, ksyms, ksyms_names\n')
        f.write(f"ksyms_count:\t.long {len(table)}\n\t.balign 8\nksyms:\n")
        at = 0
        for offset, name in sorted(table.items()):
            f.write(f"\t.long {offset}, {at}\n")
            at += len(name) + 1
        f.write("ksyms_names:\n")
        for _, name in sorted(table.items()):
            f.write(f'\t.asciz "{name}"\n')
        f.write('\t.byte 0\n\t.section .note.GNU-stack, "", @progbits\n')


def main():
    if sys.argv[1] == "--verify":
        nm, first, second = sys.argv[2:5]
        if functions(nm, first) != functions(nm, second):
            sys.exit(f"ksyms: functions moved between {first} and {second}")
        return
    nm, elf, out = sys.argv[1:4]
    write(functions(nm, elf), out)


main()
