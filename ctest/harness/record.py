#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the README's moving picture: an evening on the desktop, played on Linux in virtual time, so each run makes the same one. Target `moving`.

  record.py OUT.gif|OUT.png --build DIR [--frames DIR]     --frames: the single pictures, to be looked at
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import gif  # noqa: E402
import picture  # noqa: E402

MS = 100  # a frame
GRANTS = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"
TEXT = "Things an app need not do\n\n- save itself\n- know where it runs\n- fear its neighbours\n"


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


class Story:
    """A script for `ctx run`, frame by frame."""

    def __init__(self, folder):
        self.folder, self.lines, self.count = folder, ["wait 1000", "pointer 900 620"], 0
        self.x, self.y = 900, 620

    def do(self, *lines):
        self.lines += lines

    def frames(self, n=1):
        for _ in range(n):
            self.do(f"wait {MS}", f"screenshot {self.folder}/{self.count:03}.png")
            self.count += 1

    def move(self, x, y, n):
        """There, as a hand moves: slowly at both ends."""
        from_x, from_y = self.x, self.y
        for i in range(1, n + 1):
            t = (1 - math.cos(math.pi * i / n)) / 2
            self.do(f"pointer {round(from_x + (x - from_x) * t)} {round(from_y + (y - from_y) * t)}")
            self.frames()
        self.x, self.y = x, y

    def click(self):
        self.do("button left down")
        self.frames()
        self.do("button left up")
        self.frames()

    def drag(self, x, y, n):
        self.do("button left down")
        self.move(x, y, n)
        self.frames(3)
        self.do("button left up")
        self.frames(2)

    def write(self, text, each=2):
        """On the keyboard, so many letters in a frame."""
        for i in range(0, len(text), each):
            for c in text[i:i + each]:
                name = {" ": "space", "\n": "enter", "-": "minus", "*": "8"}.get(c, c.lower())
                shift = c.isupper() or c == "*"
                self.do(*(["key leftshift down"] if shift else []), f"key {name} tap", *(["key leftshift up"] if shift else []))
            self.frames()

    def launch(self, name):
        self.do("key leftmeta tap")
        self.frames(4)
        self.write(name, 1)
        self.frames(3)
        self.do("key enter tap")
        self.frames(5)

    def hold(self, *keys):
        self.do(*(f"key {k} down" for k in keys[:-1]), f"key {keys[-1]} tap", *(f"key {k} up" for k in reversed(keys[:-1])))


def evening(story):
    story.frames(6)
    story.write("eval 6 * 7\n")
    story.frames(5)
    story.launch("snake")
    story.do("key space tap")
    for turn, n in (("down", 6), ("right", 5), ("up", 4), ("left", 6), ("down", 3)):
        story.do(f"key {turn} tap")
        story.frames(n)
    story.launch("fau")  # its fuse burns down while a text is written
    story.launch("edi")
    story.write(TEXT, 4)
    story.frames(9)
    story.move(870, 487, 6)
    story.frames(4)
    story.move(612, 487, 4)
    story.click()
    story.move(430, 196, 5)
    story.drag(2, 330, 8)
    story.frames(3)
    story.do("key leftalt down", "key tab tap")
    story.frames(6)
    story.do("key tab tap")
    story.frames(6)
    story.do("key leftalt up")
    story.frames(4)
    story.do("key f12 tap")
    story.frames(14)
    story.do("key f12 tap")
    story.hold("leftmeta", "d")
    story.frames(8)


def record(build, folder):
    apps = os.path.join(build, "apps")
    story = Story(folder)
    evening(story)
    script = os.path.join(folder, "script")
    with open(script, "w", encoding="utf-8") as f:
        f.write("\n".join([*story.lines, "quit", ""]))
    line = [os.path.join(apps, "desktop.elf"), GRANTS, "trusted"]
    for name, words in ("clock", ""), ("console", "trusted grant=ctx.system/1"), ("snake", "shelf"), ("editor", "shelf"), ("faults", "shelf window=480x300 restart=ask"):
        line += ["+", os.path.join(apps, name + ".elf"), *words.split()]
    subprocess.run([os.path.join(build, "ctx"), "run", "--headless", "--virtual-time", "--seed", "7", "--size", "1280x800", "--script", script, *line],
                   check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # one app faults, which is its purpose
    shots = []
    for i in range(story.count):
        path = os.path.join(folder, f"{i:03}.png")
        if not os.path.exists(path):
            sys.exit(f"there is no picture {i} of {story.count}: the run ended before")
        shots.append(halve(picture.read_png(path)))
    return shots


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--build", required=True)
    parser.add_argument("--frames")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shots = record(os.path.abspath(args.build), args.frames or folder)
    if args.out.endswith(".png"):
        picture.write_moving(args.out, shots, MS)
    else:
        gif.write_gif(args.out, shots, MS)
    print(f"{args.out}: {len(shots)} frames of {shots[0].w}x{shots[0].h}, {os.path.getsize(args.out) // 1024} KiB")


if __name__ == "__main__":
    main()
