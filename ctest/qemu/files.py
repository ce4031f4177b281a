# SPDX-License-Identifier: MIT
"""Bad files among good apps are refused by name, and two hundred good ones run."""
import re
import subprocess

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, product, test_app  # noqa: E402


def patched(data, *changes):
    out = bytearray(data)
    for at, new in changes:
        out[at:at + len(new)] = new
    return bytes(out)


def noise(n, seed):
    out, x = bytearray(), seed
    for _ in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) & (1 << 64) - 1
        out.append(x >> 56)
    return bytes(out)


def bad_files():
    """Twenty of them: {name: bytes}."""
    good = suite.read(test_app("idle"))
    phoff = int.from_bytes(good[32:40], "little")
    le = lambda v, n: (v & (1 << 8 * n) - 1).to_bytes(n, "little")  # noqa: E731
    load = next(p for p in range(phoff, phoff + 56 * 12, 56) if good[p:p + 4] == le(1, 4))
    return {
        "empty": b"",
        "text": b"#!/bin/sh\necho I am no app\n" * 20,
        "one-byte": b"\x7f",
        "magic-only": b"\x7fELF",
        "garbage": noise(5000, 1),
        "garbage-elf": b"\x7fELF\x02\x01\x01" + noise(5000, 2),
        "zeros": bytes(8192),
        "cut-header": good[:50],
        "cut-headers": good[:phoff + 30],
        "cut-body": good[:len(good) // 3],
        "bits32": patched(good, (4, b"\x01")),
        "big-endian": patched(good, (5, b"\x02")),
        "other-machine": patched(good, (18, le(183, 2))),
        "relocatable": patched(good, (16, le(1, 2))),
        "no-headers": patched(good, (56, le(0, 2))),
        "headers-far": patched(good, (32, le(1 << 62, 8))),
        "entry-far": patched(good, (24, le(1 << 40, 8))),
        "address-far": patched(good, (load + 16, le(1 << 40, 8))),
        "size-huge": patched(good, (load + 40, le(1 << 50, 8))),
        "write-and-run": patched(good, (load + 4, le(7, 4))),
    }


@case
def what_would_be_passed_over():
    """Android's relocations, IFUNC, constructors: by their true names, on both machines."""
    says = {
        "ifunc": r"refused file=ifunc.elf field=R_X86_64_IRELATIVE value=0x\w+: an IFUNC, a function that is chosen",
        "ifunc-exec": r"refused file=ifunc-exec.elf field=R_X86_64_IRELATIVE value=0x\w+: an IFUNC",
        "ctor": r"ctor.elf: 1 function\(s\) of .init_array that nothing calls",
        "ctor-exec": r"ctor-exec.elf: 1 function\(s\) of .init_array that nothing calls",
        "android": r"refused file=android.elf field=DT_ANDROID_RELA value=0x\w+: relocations in Android's form",
        "android-relr": r"refused file=android-relr.elf field=DT_ANDROID_RELR value=0x\w+: relocations in Android's form",
    }
    says = {n: s for n, s in says.items() if os.path.exists(os.path.join(suite.build(), f"ctest/qemu/apps/{n}.elf"))}
    with apps_vm([test_app(n) for n in says]) as vm:
        vm.verdict("refused")
        for name, pattern in says.items():
            check(re.search(pattern, vm.text), f"Argos does not say: {pattern}")
    for name, pattern in says.items():
        run = subprocess.run([product("ctx"), "check", test_app(name)], stdout=subprocess.PIPE, text=True, check=False)
        check(run.returncode == 2 and re.search(pattern, run.stdout), f"ctx check {name}: {run.stdout}")


@case
def bad_among_good():
    files = bad_files()
    check(len(files) == 20, "count them again")
    apps = []
    for i, (name, data) in enumerate(files.items()):
        apps.append((data, "bad-" + name))
        if i % 5 == 0:
            apps.append((test_app("idle"), f"good{i}"))
    with apps_vm(apps, suite.STOP) as vm:
        vm.verdict("refused")
        for name in files:
            line = re.search(rf"^\[.*\] E app: refused file=bad-{name}\.elf field=\S+ value=[^:]+: \S.*",
                             vm.text, re.M)
            check(line, f"bad-{name}.elf is not refused by name, field and value")
        good = len(re.findall(r"T idle ok", vm.text))
        check(good == 4, f"{good} of 4 good apps ran")
        check(f"refused={len(files)}" in vm.text, "the count of refused apps is wrong")


@case
def bad_grub_module():
    """The same kernel word through ./run's way: one bad file, one good, exit code says refused."""
    with apps_vm([(b"text", "nonsense"), test_app("idle")], suite.STOP) as vm:
        vm.verdict("refused")
        vm.until("KTEST REFUSED n=1")


@case
def missing_file():
    """A name in the list without a file in the archive is refused too."""
    blob = suite.mkcpio.archive([("apps", b"nobody.elf nobody\nidle.elf idle\n"),
                                 ("idle.elf", suite.read(test_app("idle")))])
    with suite._AppsVM(blob, suite.STOP) as vm:
        vm.verdict("refused")
        check("nobody" in vm.text, "the missing file is not named")
        vm.until("T idle ok")


@case
def broken_archives():
    """Archives cut anywhere, or full of noise, are said to be broken: no panic, no hang."""
    whole = suite.mkcpio.pack([("idle.elf", "idle", "", suite.read(test_app("idle")))])
    for blob in (whole[:60], whole[:300], whole[:len(whole) // 2], noise(4096, 3),
                 whole.replace(b"070701", b"070707"), patched(whole, (54, b"FFFFFFFF")),
                 patched(whole, (94, b"FFFFFFFF"))):
        with suite._AppsVM(blob, suite.STOP) as vm:
            rc = vm.wait(20)
            check(rc in (33, 37), f"exit code {rc}")
            check("PANIC" not in vm.text, "the kernel panicked")
            check(re.search(r"\] [WE] ", vm.text), "nothing was said")


@case
def two_hundred():
    n = 200
    apps = [(test_app("idle"), f"idle{i}") for i in range(n)]
    with apps_vm(apps, suite.STOP, mem=512, devices=suite.DESKTOP, seconds=120) as vm:
        vm.verdict("pass")
        vm.until(rf"KTEST PASS apps={n} ")
        check(len(re.findall("T idle ok", vm.text)) == n, "not all of them ran")
        slots = re.findall(r"started name=\S+ pid=\d+ slot=(0x[0-9a-f]+)", vm.text)
        check(len(set(slots)) == n, f"{len(set(slots))} slots for {n} apps")


@case
def names_and_arguments():
    """The list's words: file, name, arguments; the order is the list's."""
    apps = [(test_app("idle"), "second", "a b"), (test_app("version"), "first", "")]
    with apps_vm(apps, suite.STOP) as vm:
        vm.verdict("pass")
        order = re.findall(r"started name=(\S+) pid=(\d+)", vm.text)
        check(order == [("second", "0"), ("first", "1")], f"order is {order}")


@case
def nobody():
    """Zero apps says so and ends at once."""
    for archive in (None, suite.mkcpio.archive([("apps", b"# none\n")])):
        if archive is None:
            vm = suite.VM(suite.pvh(product("argos.elf")), suite.STOP)
        else:
            vm = suite._AppsVM(archive, suite.STOP)
        with vm:
            vm.verdict("pass", 20)
            vm.until("W main: no apps")


if __name__ == "__main__":
    suite.main()
