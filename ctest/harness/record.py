#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the README's moving picture: boots an entry of the ISO, moves the mouse, types, and keeps
screenshots.

  record.py OUT.gif|OUT.png [--build DIR] [--entry ID] [--frames N] [--ms N]
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

# What is typed, a key per frame; it turns the vine as well.
TYPED = "pid\neval 6 * 7\nhelp\n"


def path(t):
    """Where the mouse is at a time from 0 to 1: a closed curve, so that the picture loops."""
    a = 2 * math.pi * t
    return int(640 + 420 * math.sin(a)), int(400 + 220 * math.sin(2 * a))


def mean(a, b):
    """Byte by byte, of two strings at once: one addition of long numbers."""
    x, y = int.from_bytes(a, "big"), int.from_bytes(b, "big")
    mask = int.from_bytes(b"\x7f" * len(a), "big")
    return ((x & y) + (((x ^ y) >> 1) & mask)).to_bytes(len(a), "big")


def halve(shot):
    """Half the size, each pixel the mean of four: letters stay readable."""
    pitch = 3 * shot.w
    out = bytearray(3 * (shot.w // 2) * (shot.h // 2))
    tall = b"".join(mean(shot.data[y * pitch:(y + 1) * pitch], shot.data[(y + 1) * pitch:(y + 2) * pitch])
                    for y in range(0, shot.h // 2 * 2, 2))
    for c in range(3):
        out[c::3] = mean(tall[c::6], tall[c + 3::6])
    return picture.Picture(shot.w // 2, shot.h // 2, bytes(out))


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
            if 4 <= i < 4 + len(TYPED):
                vm.type(TYPED[i - 4], 0)
            if i % 23 == 0:
                vm.key(("down", "right")[i // 23 % 2])
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
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--ms", type=int, default=100)
    args = parser.parse_args()
    shots = [halve(s) for s in record(args.build, args.entry, args.frames, args.ms)]
    if args.out.endswith(".png"):
        picture.write_moving(args.out, shots, args.ms)
    else:
        gif.write_gif(args.out, shots, args.ms)
    print(f"{args.out}: {len(shots)} frames of {shots[0].w}x{shots[0].h}, "
          f"{os.path.getsize(args.out) // 1024} KiB")


if __name__ == "__main__":
    main()
