# SPDX-License-Identifier: MIT
"""tracer and warden around an app: who they are, what the app's picture must be, and whether all is as it was without them."""
import re

GRANT = "grant=ctx.host/1"


def tools(name, rules=("limit all 1000000/s", ), options="hidden"):
    """(file, name, words) of a warden and, within it, a tracer around the app of this name; the warden is asked first."""
    words = [f"rule={rule}".replace(" ", "\\ ") for rule in rules]
    return [("tracer", "tracer", f"app={name} over={name} {GRANT} log {options}"),
            ("warden", "warden", f"app={name} over={name} {GRANT} {options} " + " ".join(words))]


# ---- what veteran shows ----

SIDE, EDGE, PERIOD = 168, 28, 1024  # of its window, from the edge of the screen; of its picture, in steps of 24 ms
QUARTER = [0, 6, 13, 19, 25, 31, 37, 44, 50, 56, 62, 68, 74, 80, 86, 92, 98, 103, 109, 115, 120, 126, 131, 136, 142, 147, 152, 157, 162, 167, 171,
           176, 180, 185, 189, 193, 197, 201, 205, 208, 212, 215, 219, 222, 225, 228, 231, 233, 236, 238, 240, 242, 244, 246, 247, 249, 250, 251, 252,
           253, 254, 254, 255, 255, 255]
WAVE = [255 - v if turn & 128 else 255 + v for turn in range(256) for v in [QUARTER[turn & 127 if turn & 127 <= 64 else 128 - (turn & 127)]]]
STOPS = [(22, 24, 62), (104, 62, 132), (232, 112, 108), (255, 206, 132), (255, 206, 132)]


def _color(x, y, t):
    v = WAVE[(x * 2 + t) & 255] + WAVE[(y * 3 - t) & 255] + WAVE[(x + y + (t >> 1)) & 255] + WAVE[(t * 2 - x) & 255]
    v = WAVE[((v >> 3) + (t >> 2)) & 255] * 3 // 2
    low, high, part = STOPS[v >> 8], STOPS[(v >> 8) + 1], v & 255
    return tuple((a * (256 - part) + b * part) >> 8 for a, b in zip(low, high))


def _inside():
    """(x, y, on the rim) of all pixels that are its own."""
    for y in range(SIDE):
        for x in range(SIDE):
            far = (2 * x - SIDE + 1) ** 2 + (2 * y - SIDE + 1) ** 2
            if far < SIDE * SIDE:
                yield x, y, far >= (SIDE - 6) ** 2


def veterans_time(shot):
    """At which moment of its period, in steps of 24 ms, every pixel of its window is as it draws it; or why there is none."""
    left, top = EDGE, shot.h - SIDE - EDGE
    few = [(84 + 9 * i, 84 - 7 * i) for i in range(-6, 7)]
    times = [t for t in range(PERIOD) if all(shot.at(left + x, top + y) == _color(x, y, t) for x, y in few)]
    if not times:
        return None, "no moment has these pixels"
    for t in times:
        wrong = [(x, y) for x, y, rim in _inside() if shot.at(left + x, top + y) != ((236, 228, 240) if rim else _color(x, y, t))]
        if not wrong:
            return t, None
    return None, f"{len(wrong)} pixels are others, from {wrong[0]} on"


# ---- what the log says ----

def lines_of(text, name):
    """All that an app did: traced calls and lines of its log, without what differs from run to run."""
    lines = re.findall(rf"^\[ *[\d.]+\] (\S (?:trace\.|app\.){name}#\d+: .*?)\r?$", text, re.M)
    lines = [re.sub(r"0x[2-4]\w{3}(?=\w{8}\b)", "slot+0x", line) for line in lines]
    lines = [re.sub(r"(time\.wake_at)\(\w+\)", r"\1()", line) for line in lines]
    return [a for a, b in zip(lines, [None] + lines) if a != b]


def hosts_failed(text):
    """What a tool did wrong, if it did."""
    found = re.search(r"fault name=(tracer|warden).*|PANIC.*|(stopped|exited) name=(tracer|warden|veteran).*|fault name=veteran.*", text)
    return found[0] if found else None
