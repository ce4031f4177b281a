#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the README's moving picture: boots an entry of the ISO, moves the mouse, types, and keeps
screenshots.

  record.py OUT.gif|OUT.png [--build DIR] [--entry ID] [--frames N] [--ms N] [--shrink N]
"""
import argparse
import math
import os
import sys
import time

sys.dont_write_bytecode = True
import gif  # noqa: E402
import picture  # noqa: E402
from vm import DESKTOP, SOURCE, VM, cdrom  # noqa: E402

KEYS = ["right", "right", "down", "down", "left", "down", "right", "up"]


def path(t):
    """Where the mouse is at a time from 0 to 1: a closed curve, so that the picture loops."""
    a = 2 * math.pi * t
    return int(640 + 420 * math.sin(a)), int(400 + 220 * math.sin(2 * a))


def record(build, entry, frames, ms):
    shots = []
    with VM(cdrom(os.path.join(build, "argos.iso")), "", entry=entry, devices=DESKTOP, mem=512,
            seconds=300) as vm:
        vm.until("main: running")
        time.sleep(1)
        for i in range(-10, frames):  # a run-up, so that the cursor has its curve in the first frame
            began = time.monotonic()
            for step in range(4):
                vm.mouse_to(*path((i + step / 4) / frames))
                time.sleep(ms / 5000)
            if i % 3 == 0:
                vm.key(KEYS[i // 3 % len(KEYS)])
            if i == frames // 2:
                vm.button("left", True)
            if i == frames * 3 // 4:
                vm.button("left", False)
            if i >= 0:
                shots.append(vm.screen())
            time.sleep(max(0, ms / 1000 - (time.monotonic() - began)))
    return shots


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--build", default=os.path.join(SOURCE, "build", "kernel"))
    parser.add_argument("--entry", default="desktop")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--ms", type=int, default=100)
    parser.add_argument("--shrink", type=int, default=2)
    args = parser.parse_args()
    shots = [s.shrink(args.shrink) for s in record(args.build, args.entry, args.frames, args.ms)]
    if args.out.endswith(".png"):
        picture.write_moving(args.out, shots, args.ms)
    else:
        gif.write_gif(args.out, shots, args.ms)
    print(f"{args.out}: {len(shots)} frames of {shots[0].w}x{shots[0].h}, "
          f"{os.path.getsize(args.out) // 1024} KiB")


if __name__ == "__main__":
    main()
