#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Figures about speed and size, each beside its aim. Printed, never asserted: the machine decides.

  bench.py --build DIR [--runs N]
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import Failure, apps_vm, iso_vm, ovmf, product, test_app  # noqa: E402

RUNS = 7


def show(what, value, aim=""):
    print(f"  {what:<52} {value:>14}   {aim}", flush=True)


def stamp(vm, pattern):
    """The kernel's own clock at its first line that matches, in milliseconds."""
    match = vm.until(r"^\[ *(\d+\.\d+)\] [DIWE] " + pattern)
    return 1000 * float(match[1])


def seen(vm, pattern):
    """When a line came, in milliseconds since QEMU was spawned."""
    return next(1000 * t for t, line in vm.lines if re.search(pattern, line))


def spread(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f}) ms"


def boot_times():
    print("Boot, from spawning QEMU (TCG), median (least-most):")
    first, running, entry, bare = [], [], [], []
    for _ in range(RUNS):
        with apps_vm([product("apps/hello.elf")], "debugexit stop=1 nodisplay") as vm:
            vm.wait()
            bare.append(seen(vm, r"main: Argos"))
            first.append(seen(vm, r"hello#0:|app: started"))
            running.append(seen(vm, r"main: running"))
            entry.append(stamp(vm, "main: running") - stamp(vm, "main: Argos"))
    show("PVH: first line of the kernel", spread(bare), "QEMU and firmware alone: about 90 ms")
    show("PVH: first line about an app", spread(first), "aim 130 ms; a unikernel's hello 207 ms")
    show("PVH: all apps run", spread(running))
    show("kernel entry to first call, no display", spread(entry), "aim 30 ms")
    ratio = statistics.median(first) / statistics.median(bare)
    show("ratio first app line / first kernel line", f"{ratio:.2f}")
    for name, uefi in (("BIOS", False), ("UEFI", True)):
        if uefi and not ovmf():
            show("ISO by UEFI", "skipped", "no firmware (package ovmf)")
            continue
        times = []
        for _ in range(3 if not uefi else 2):
            with iso_vm("toys", "debugexit stop=1", uefi=uefi) as vm:
                vm.wait()
                times.append(seen(vm, "main: running"))
        show(f"ISO by {name}: the Toys run", spread(times))


def sizes():
    print("Size:")
    out = subprocess.run(["size", "-A", "-d", product("argos.elf")], stdout=subprocess.PIPE,
                         text=True, check=True).stdout
    sections = {w[0]: int(w[1]) for w in map(str.split, out.splitlines())
                if len(w) == 3 and w[1].isdigit()}
    code = sum(n for s, n in sections.items() if s.startswith((".text", ".rodata", ".boot")))
    show("kernel text and rodata", f"{code / 1024:.0f} KiB", "limit 445 KiB (ctest/qemu/memory.py)")
    for name in (".data", ".bss"):
        show(f"kernel {name}", f"{sum(n for s, n in sections.items() if s.startswith(name)) / 1024:.0f}"
             " KiB")
    show("argos.iso", f"{os.path.getsize(product('argos.iso')) / 1024:.0f} KiB")
    for name in sorted(os.listdir(product("apps"))):
        if name.endswith(".elf"):
            show(f"app {name}", f"{os.path.getsize(product('apps/' + name)) / 1024:.1f} KiB")


def smallest_memory():
    """The least -m with which hello runs, and with which the kernel says its first line."""
    def works(mb, pattern):
        try:
            with apps_vm([product("apps/hello.elf")], "debugexit stop=3", mem=mb, seconds=10) as vm:
                vm.until(pattern, 10)
                return True
        except Failure:
            return False

    print("Memory:")
    result = {}
    for what, pattern in (("hello runs", "KTEST PASS"), ("the kernel's first line", "main: Argos")):
        low, high = 0, 64
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if works(middle, pattern) else (middle, high)
        result[what] = high
        show(f"least -m at which {what}", f"{high} MiB")
    app, kernel = result.values()
    show("difference", f"{app - kernel} MiB", "aim 2 MiB")


def frames():
    print("Frames and turns (TCG):")
    for what, words, aim in (("at its own pace", "", "aim 60"),
                             ("as fast as it can", " frame_us=1", "above 60: time to spare")):
        with iso_vm("toys", "debugexit stop=300" + words) as vm:
            start = stamp(vm, "main: running")
            vm.wait(120)
            ms = stamp(vm, ".*KTEST") - start
            show(f"Toys, frames a second {what}", f"{300000 / ms:.0f}", aim)

    def busy(n, seconds=4.0):
        with apps_vm([(test_app("version"), f"v{i}") for i in range(n)], "nodisplay", mem=512) as vm:
            vm.until("main: running|no apps")
            time.sleep(1)
            before, began = vm.cpu_seconds(), time.monotonic()
            time.sleep(seconds)
            return (vm.cpu_seconds() - before) / (time.monotonic() - began)

    none, one, many = busy(0), busy(1), busy(200)
    show("host processor, no app", f"{100 * none:.1f} %", "hlt, no tick")
    show("host processor, one app at 60 calls a second", f"{100 * one:.1f} %")
    show("turn of a ready app (200 against 1)", f"{(many - one) / 199 / 60 * 1e6:.1f} us")


def main():
    global RUNS
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--runs", type=int, default=RUNS)
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)
    RUNS = args.runs
    for part in (sizes, boot_times, frames, smallest_memory):
        try:
            part()
        except (Failure, OSError, StopIteration, subprocess.SubprocessError) as e:
            print(f"  {part.__name__}: no figure ({e})")


if __name__ == "__main__":
    main()
