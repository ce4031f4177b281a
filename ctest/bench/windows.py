#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pictures that were shown in a second under TCG, unpaced: the apps of a list, in this kernel and in an older one, interleaved; and a window that
is dragged over eight others, as large as it is and enlarged. Printed, never asserted.

  windows.py --build DIR [--old argos.elf] [--rounds N]
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, product  # noqa: E402

TOYS = ("background", "veteran", "hello", "console", "cursor")
FRAMES = 400


def screen(w, h):
    return ["-device", f"virtio-vga,id=gpu,xres={w},yres={h}", "-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci"]


def rate(apps, w, h, kernel):
    with apps_vm(apps, f"debugexit frame_us=0 stop={FRAMES} isolate=off", devices=screen(w, h), kernel=kernel, mem=512) as vm:
        vm.wait(120)
        frames, ms = re.search(r"loop: .* presented=(\d+) .* ms=(\d+)", vm.text).groups()
        begun = float(re.search(r"^\[ *(\d+\.\d+)\] I main: running", vm.text, re.M)[1])
        return int(frames) / (int(ms) / 1000 - begun)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--old", help="an older kernel, built with the same presets")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    kernels = {"this one": product("argos.elf"), **({"older": os.path.abspath(args.old)} if args.old else {})}
    toys = [product(f"apps/{n}.elf") for n in TOYS]
    drag, pixels, smooth = ([(product(f"ctest/bench/bench_drag{kind}.elf"), "drag", "grant=ctx.windows/1")] for kind in ("", "_pixels", "_smooth"))
    for what, apps, w, h, both in (("background, veteran, hello, console, cursor", toys, 1280, 800, True),
                                   ("the same", toys, 1920, 1080, True),
                                   ("a window over eight others (aim 45)", drag, 1280, 800, True),
                                   ("the same, shown half as large again, pixel by pixel", pixels, 1280, 800, False),
                                   ("the same, smoothly", smooth, 1280, 800, False)):
        best = dict.fromkeys(kernels if both else ["this one"], 0.0)
        for _ in range(args.rounds):
            for name in best:
                best[name] = max(best[name], rate(apps, w, h, kernels[name]))
        said = ", ".join(f"{name} {fps:.1f}" for name, fps in best.items())
        ratio = f", ratio {best['this one'] / best['older']:.2f}" if len(best) > 1 else ""
        print(f"  {what} at {w}x{h}: frames a second: {said}{ratio}", flush=True)


if __name__ == "__main__":
    main()
