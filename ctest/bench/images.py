#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What saving, restoring and undoing cost, natively (ctx) and under emulation (QEMU): in memory, no disk.

  images.py --build DIR [--plot FILE.svg]       figures are printed, never asserted
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import suite  # noqa: E402
from bars import bars  # noqa: E402
from suite import apps_vm, test_app  # noqa: E402

SIZES = (1, 20, 1000, 16000)  # KiB in blocks; the app itself has about 5 more
# What an emulator core's own serializer takes on such a machine: 26.6 KB saved in 3.8 us, restored in 4.7 us.
AIMS = {20: ("aim 3.8 us", "aim 4.7 us"), 16000: ("aim 2,000 us", "aim 2,000 us")}


def show(what, value, aim=""):
    print(f"  {what:<58} {value:>28}   {aim}", flush=True)


def ctx(*args):
    p = subprocess.run([os.path.join(suite.build(), "ctx"), "run", "--headless", "--no-watchdog", *args], text=True, check=False,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120)
    return p.stdout


def figures(text):
    """{(what, app): (bytes, p50, p99)}, in ns."""
    return {(m[1], m[2]): (int(m[3]), int(m[4]), int(m[5])) for m in re.finditer(
        r"IBENCH what=(\w+) app=(\w+) bytes=(\d+) n=\d+ p50_ns=(\d+) p99_ns=(\d+)", text)}


def us(found):
    return f"{found[1] / 1000:,.1f} / {found[2] / 1000:,.1f} us" if found else "-"


def holder_native(kib):
    return ctx("--seconds", "5", "--log", "/dev/stdout", "--imagebench", "1000", test_app("holder"), str(kib), "0")


def holder_emulated(kib):
    with apps_vm([(test_app("holder"), "holder", f"{kib} 0")], "nodisplay imagebench=200", seconds=120, mem=256) as vm:
        vm.until("IBENCH done")
        return vm.text


def images(title, run):
    print(f"{title}: one app saved to memory and put back, p50 / p99")
    rows = []
    for kib in SIZES:
        found = figures(run(kib))
        save, restore = found.get(("save", "holder")), found.get(("restore", "holder"))
        aims = AIMS.get(kib, ("", ""))
        what = f"{save[0] / 1000:,.0f} KB" if save else f"{kib} KiB"
        show(f"{what} saved", us(save), aims[0])
        show(f"{what} restored", us(restore), aims[1])
        rows += [(f"{what}, {word}", f[1] / 1000) for word, f in (("saved", save), ("restored", restore)) if f]
    return rows


def mean(text):
    m = re.search(r"loop: app=\w+ .*mean_ns=(\d+)", text)
    return int(m[1]) if m else 0


def call_native(kib, writes, words):
    return min(mean(ctx("--fast", "--frames", "20000", test_app("holder"), str(kib), str(writes), *words)) for _ in range(3))


def call_emulated(kib, writes, words):
    with apps_vm([(test_app("holder"), "holder", " ".join([str(kib), str(writes), *words]))],
                 "debugexit nodisplay stop=3000 frame_us=0", seconds=120) as vm:
        vm.wait()
        return mean(vm.text)


def undo(title, call):
    print(f"{title}: a call of an app that can be undone, beside one that can not")
    for kib, how in ((8, "copied"), (64, "copied"), (200, "copied"), (400, "watched"), (4000, "watched")):
        for writes in (1, 8):
            off, on = call(kib, writes, []), call(kib, writes, ["restart=undo"])
            show(f"{kib} KiB {how}, {writes} page(s) written", f"{on / 1000:,.2f} us", f"without {off / 1000:,.2f}")


def desktop():
    """How long the entry Toys stands still while it is saved, and how long a reboot takes until it goes on."""
    iso = os.path.join(suite.build(), "argos.iso")
    if not os.path.exists(iso):
        return
    from vm import DESKTOP, VM, cdrom  # noqa: PLC0415
    with VM(cdrom(iso), "imagebench=20", entry="toys", devices=DESKTOP, seconds=180) as vm:
        vm.until("IBENCH done")
        found, step = (figures(vm.text).get(key) for key in (("session", "all"), ("pack", "longest")))
    print("Emulated: the Toys' session; p50 / p99")
    show("all stands still while it is copied", us(found), "aim: less than a frame, 16,667 us")
    show(f"the longest step of packing it to {found[0] / 1000:,.0f} KB", us(step), "apps run in between")


def reboot():
    """From the wish to reboot to the first call of what goes on, in a machine with a disk."""
    tool, iso = (os.path.join(suite.build(), n) for n in ("ctx", "argos.iso"))
    if not (os.path.exists(iso) and os.path.exists(tool)):
        return
    from vm import DESKTOP, VM, cdrom  # noqa: PLC0415
    with tempfile.TemporaryDirectory() as folder:
        disk = os.path.join(folder, "disk.img")
        subprocess.run([tool, "disk", "create", disk, "--size", "64M"], check=True, stdout=subprocess.DEVNULL)
        devices = DESKTOP + ["-drive", f"if=none,id=d0,file={disk},format=raw", "-device",
                             "virtio-blk-pci,drive=d0,werror=report,rerror=report"]
        with VM(cdrom(iso), "session=bench", entry="toys", devices=devices, seconds=120) as vm:
            vm.until("main: running")
            time.sleep(2)
            asked = time.monotonic()
            vm.qmp.command("system_powerdown")
            vm.wait()
            down = time.monotonic() - asked
        asked = time.monotonic()
        with VM(cdrom(iso), "session=bench", entry="toys", devices=devices, seconds=120) as vm:
            vm.until("session: resumed")
            vm.until("main: running")
            up = time.monotonic() - asked
            kernel = re.search(r"\[\s*([\d.]+)\] I main: running", vm.text)
    print("Emulated: a machine with the Toys goes down and comes up again, with QEMU's start, firmware and GRUB")
    show("power button to power off", f"{down:.2f} s")
    show("power on to going on", f"{up:.2f} s", f"of that the kernel {float(kernel[1]):.2f} s" if kernel else "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--plot")
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    start = time.monotonic()
    rows = []
    if os.path.exists(os.path.join(args.build, "ctx")):
        rows = images("Natively", holder_native)
        undo("Natively", call_native)
    if os.path.exists(os.path.join(args.build, "argos.elf")):
        images("Emulated", holder_emulated)
        undo("Emulated", call_emulated)
        desktop()
        reboot()
    if args.plot and rows:
        bars(args.plot, "An app saved to memory and put back, natively (median)", rows, "us")
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
