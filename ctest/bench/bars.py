# SPDX-License-Identifier: MIT
"""Horizontal bars with a logarithmic scale, as an SVG file: for figures that differ by orders of magnitude."""
import math
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, GAP, TOP = 900, 330, 26, 14, 64
INK, SOFT, PAPER = "#22263a", "#8a90a8", "#fbfaf7"
COLOURS = ("#4f7cac", "#6ba292", "#d9a05b", "#c8553d")


def bars(path, title, rows, unit="ns"):
    """rows: (label, value)."""
    low = 10 ** math.floor(math.log10(min(v for _, v in rows)))
    high = 10 ** math.ceil(math.log10(max(v for _, v in rows)))
    room = WIDTH - LABEL - 110

    def at(value):
        return room * math.log10(value / low) / math.log10(high / low)

    height = TOP + len(rows) * (BAR + GAP) + 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
           f'font-family="Helvetica, Arial, sans-serif" font-size="14">',
           f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
           f'<text x="20" y="34" font-size="16" font-weight="bold" fill="{INK}">{escape(title)}</text>']
    bottom = TOP + len(rows) * (BAR + GAP) - GAP + 6
    tick = low
    while tick <= high:
        x = LABEL + at(tick)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" stroke="{SOFT}" stroke-opacity="0.35"/>')
        out.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="{SOFT}">{tick:g}</text>')
        tick *= 10
    for i, (label, value) in enumerate(rows):
        y = TOP + i * (BAR + GAP)
        out.append(f'<text x="{LABEL - 12}" y="{y + 18}" text-anchor="end" fill="{INK}">{escape(label)}</text>')
        out.append(f'<rect x="{LABEL}" y="{y}" width="{max(at(value), 2):.1f}" height="{BAR}" rx="3" '
                   f'fill="{COLOURS[i % len(COLOURS)]}"/>')
        out.append(f'<text x="{LABEL + at(value) + 8:.1f}" y="{y + 18}" fill="{INK}">{value:.1f} {unit}</text>')
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out + ["</svg>", ""]))
