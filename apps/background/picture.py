#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Paints the desktop's picture and writes it as a PNG: hills before an evening sky.

usage: picture.py OUT.png

Everything is computed from one seed, so the same bytes come out each time. Standard library only.
"""
import math
import random
import struct
import sys
import zlib

W, H = 960, 600
SKY = [(0.00, (18, 22, 52)), (0.28, (38, 46, 94)), (0.52, (104, 78, 128)), (0.70, (216, 124, 116)), (0.82, (250, 186, 128))]
SUN = (0.69 * W, 0.66 * H)
# Ridges from far to near: height, roughness, colour above and below.
RIDGES = [
    (0.660, 0.050, (150, 104, 140), (188, 120, 132)),
    (0.735, 0.075, (96, 74, 120), (132, 92, 126)),
    (0.820, 0.085, (54, 50, 92), (78, 64, 104)),
    (0.915, 0.070, (24, 28, 56), (36, 36, 66)),
]


def mix(a, b, t):
    return tuple(x + (y - x) * t for x, y in zip(a, b))


def sky(y):
    t = y / H
    for (t0, c0), (t1, c1) in zip(SKY, SKY[1:]):
        if t <= t1:
            return mix(c0, c1, (t - t0) / (t1 - t0))
    return SKY[-1][1]


def ridge(rng, height, rough):
    """One height for each column: a few octaves of sines, smooth and without a seam."""
    waves = [(rng.uniform(0.8, 1.3) * 2**o, rng.uniform(0, math.tau), rough / 1.9**o) for o in range(7)]
    return [H * (height + sum(a * math.sin(f * math.tau * x / W + p) for f, p, a in waves) * 0.5) for x in range(W)]


def main():
    rng = random.Random(1958)
    ridges = [ridge(rng, r[0], r[1]) for r in RIDGES]
    stars = {(rng.randrange(W), int(rng.random() ** 1.7 * H * 0.5)): rng.uniform(30, 170) for _ in range(420)}
    rows = []
    for y in range(H):
        base = sky(y)
        row = bytearray()
        for x in range(W):
            d = math.hypot(x - SUN[0], y - SUN[1])
            color = mix(base, (255, 226, 170), 0.55 * math.exp(-d / 170) + 0.25 * math.exp(-d / 40))
            if d < 34:
                color = mix(color, (255, 240, 206), min(1, (34 - d) / 1.5))
            star = stars.get((x, y))
            if star:
                color = tuple(c + star for c in color)
            for (_, _, top, bottom), line in zip(RIDGES, ridges):
                depth = y - line[x]
                if depth > -1:
                    cover = min(1, depth + 1)
                    color = mix(color, mix(top, bottom, min(1, max(0, depth) / 90)), cover)
            grain = rng.random() * 1.5 - 0.25  # hides the steps of 8-bit gradients
            row += bytes(max(0, min(255, int(c + grain))) for c in color)
        # Filter 2 (up) suits gradients.
        rows.append(row)
    raw = bytearray()
    above = bytes(W * 3)
    for row in rows:
        raw += b"\x02" + bytes((a - b) & 255 for a, b in zip(row, above))
        above = row

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(sys.argv[1], "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(bytes(raw), 9)) + chunk(b"IEND", b""))


main()
