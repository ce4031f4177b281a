# SPDX-License-Identifier: MIT
"""Writes a moving GIF: one palette for all frames, and only what changed in each."""
import struct


def palette_of(shots, size=255):
    """A palette by median cut, and a table from 15-bit colours to its entries."""
    counts = {}
    for shot in shots[:: max(1, len(shots) // 8)]:
        data = shot.data
        for i in range(0, len(data) - 2, 3 * 5):
            key = (data[i] >> 3) << 10 | (data[i + 1] >> 3) << 5 | data[i + 2] >> 3
            counts[key] = counts.get(key, 0) + 1
    boxes = [list(counts)]

    def spread(box):
        """(weight, channel) of the channel in which a box is widest."""
        best = (0, 0)
        for shift in (10, 5, 0):
            values = [k >> shift & 31 for k in box]
            best = max(best, (max(values) - min(values), shift))
        return best

    while len(boxes) < size:
        boxes.sort(key=lambda b: spread(b)[0] * sum(counts[k] for k in b) ** 0.3 if len(b) > 1 else 0)
        box = boxes.pop()
        if len(box) < 2:
            boxes.append(box)
            break
        shift = spread(box)[1]
        box.sort(key=lambda k: k >> shift & 31)
        half, total, at = sum(counts[k] for k in box) / 2, 0, 0
        while at < len(box) - 1 and total + counts[box[at]] <= half:
            total += counts[box[at]]
            at += 1
        at = min(max(at, 1), len(box) - 1)
        boxes += [box[:at], box[at:]]
    colours = []
    for box in boxes:
        n = sum(counts[k] for k in box)
        colours.append(tuple(sum((k >> s & 31) * counts[k] for k in box) * 255 // (31 * n)
                             for s in (10, 5, 0)))
    return colours


class Indexer:
    """Pixels to palette entries."""

    def __init__(self, colours):
        self.colours, self.known = colours, {}

    def nearest(self, key):
        r, g, b = ((key >> s & 31) * 255 // 31 for s in (10, 5, 0))
        return min(range(len(self.colours)),
                   key=lambda i: 2 * (self.colours[i][0] - r) ** 2 + 4 * (self.colours[i][1] - g) ** 2
                   + 3 * (self.colours[i][2] - b) ** 2)

    def indexes(self, data):
        out, known = bytearray(len(data) // 3), self.known
        for n, i in enumerate(range(0, len(data), 3)):
            key = (data[i] >> 3) << 10 | (data[i + 1] >> 3) << 5 | data[i + 2] >> 3
            if key not in known:
                known[key] = self.nearest(key)
            out[n] = known[key]
        return bytes(out)


def lzw(pixels, bits=8):
    """GIF's compression, in its blocks."""
    clear, end = 1 << bits, (1 << bits) + 1
    out, hold, held = bytearray(), 0, 0
    table, width, code = {}, bits + 1, clear + 2

    def emit(value):
        nonlocal hold, held
        hold |= value << held
        held += width
        while held >= 8:
            out.append(hold & 255)
            hold >>= 8
            held -= 8

    emit(clear)
    prefix = pixels[0]
    for pixel in pixels[1:]:
        key = prefix << 8 | pixel
        if key in table:
            prefix = table[key]
            continue
        emit(prefix)
        if code < 4096:
            table[key] = code
            if code == 1 << width:
                width += 1
            code += 1
        else:
            emit(clear)
            table, width, code = {}, bits + 1, clear + 2
        prefix = pixel
    emit(prefix)
    emit(end)
    if held:
        out.append(hold & 255)
    blocks = bytearray([bits])
    for i in range(0, len(out), 255):
        block = out[i:i + 255]
        blocks += bytes([len(block)]) + block
    return bytes(blocks) + b"\0"


def write_gif(path, shots, ms):
    """A GIF that loops for ever. Entry 255 of the palette means: as before."""
    w, h = shots[0].w, shots[0].h
    colours = palette_of(shots)
    indexer = Indexer(colours)
    table = b"".join(bytes(c) for c in colours).ljust(768, b"\0")
    frames, before = [], None  # [y, rows, pixels, milliseconds]
    for shot in shots:
        now = indexer.indexes(shot.data)
        if before is None:
            frames.append([0, h, now, ms])
        else:
            rows = [y for y in range(h) if now[y * w:(y + 1) * w] != before[y * w:(y + 1) * w]]
            if not rows:
                frames[-1][3] += ms
                continue
            top, bottom = rows[0] * w, (rows[-1] + 1) * w
            changed = bytes(255 if a == b else a
                            for a, b in zip(now[top:bottom], before[top:bottom]))
            frames.append([rows[0], rows[-1] + 1 - rows[0], changed, ms])
        before = now
    with open(path, "wb") as f:
        f.write(b"GIF89a" + struct.pack("<HHBBB", w, h, 0xf7, 0, 0) + table)
        f.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")
        for n, (y, rows, pixels, delay) in enumerate(frames):
            f.write(b"\x21\xf9\x04" + struct.pack("<BHBB", 4 | (1 if n else 0), delay // 10, 255, 0))
            f.write(b"\x2c" + struct.pack("<HHHHB", 0, y, w, rows, 0) + lzw(pixels))
        f.write(b"\x3b")
