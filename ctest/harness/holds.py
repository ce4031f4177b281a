# SPDX-License-Identifier: MIT
"""What isolation stands on and the verifier does not look at: see ctest/qemu/holds.py and ctest/linux/holds.py."""
import re
import subprocess

from suite import Skip, check, limit


def instructions(path, *options):
    """(function, instruction) of all code of a file."""
    try:
        p = subprocess.run(["objdump", "-d", "--no-show-raw-insn", *options, path], stdout=subprocess.PIPE, timeout=limit(120), check=True)
    except FileNotFoundError:
        raise Skip("there is no objdump") from None
    found, function = [], None
    for line in p.stdout.decode("utf-8", "replace").splitlines():
        head = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        if head:
            function = head[1]
        elif line.startswith((" ", "ffff")) and "\t" in line:
            found.append((function, line.split("\t", 1)[1].strip()))
    check(len(found) > 10000, f"{path}: no code is read: {p.stdout[:500]}")
    return found


def gs_users(path, *options):
    """Functions whose code uses gs for memory; those that change it: {function: instruction}."""
    uses, changes = {}, {}
    for function, text in instructions(path, *options):
        text = text.split("#")[0].split("<")[0].strip()
        if "%gs:" in text:
            uses[function] = text
        elif re.search(r"%gs\b|wrgsbase|swapgs|^gs\b", text):
            changes[function] = text
    return uses, changes
