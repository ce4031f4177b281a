# SPDX-License-Identifier: MIT
"""Pictures without a library: reads PPM, counts and compares pixels, writes PNG and moving PNG."""
import struct
import zlib

from patience import Failure


class Picture:
    """w x h pixels, three bytes each."""

    def __init__(self, w, h, data):
        self.w, self.h, self.data = w, h, data

    def at(self, x, y):
        i = 3 * (y * self.w + x)
        return tuple(self.data[i:i + 3])

    def pixel(self, x, y):
        """(red, green, blue)"""
        at = (y * self.w + x) * 3
        return tuple(self.data[at:at + 3])

    def crop(self, x, y, w, h):
        x, y = max(0, x), max(0, y)
        w, h = min(w, self.w - x), min(h, self.h - y)
        rows = (self.data[3 * (r * self.w + x):3 * (r * self.w + x + w)] for r in range(y, y + h))
        return Picture(w, h, b"".join(rows))

    def shrink(self, n):
        """Every n-th pixel of every n-th row."""
        out = bytearray()
        for y in range(0, self.h // n * n, n):
            row = self.data[3 * y * self.w:3 * (y + 1) * self.w]
            end = 3 * (self.w // n * n)
            small = bytearray(self.w // n * 3)
            for c in range(3):
                small[c::3] = row[c:end:3 * n]
            out += small
        return Picture(self.w // n, self.h // n, bytes(out))

    def colours(self, step=7):
        """The set of colours of every step-th pixel."""
        return {self.data[i:i + 3] for i in range(0, len(self.data) - 2, 3 * step)}

    def black(self):
        return not any(self.data)

    def differing(self, other, tolerance=0):
        """[(x, y)] where two pictures of one size differ by more than a tolerance."""
        if (self.w, self.h) != (other.w, other.h):
            raise ValueError("pictures differ in size")
        points, pitch = [], 3 * self.w
        for y in range(self.h):
            a, b = self.data[y * pitch:(y + 1) * pitch], other.data[y * pitch:(y + 1) * pitch]
            if a == b:
                continue
            last = -1
            for i in range(pitch):
                if abs(a[i] - b[i]) > tolerance and i // 3 != last:
                    last = i // 3
                    points.append((last, y))
        return points


def _numbers(a, b):
    """Two rows as long numbers, and all the highest bits of their bytes."""
    return (int.from_bytes(row, "little") for row in (a, b, b"\x80" * len(a)))


def added(a, b):
    """The sums of the bytes of two rows, each modulo 256. Without their highest bits no byte carries into the next one."""
    one, other, high = _numbers(a, b)
    return ((one & ~high) + (other & ~high) ^ (one ^ other) & high).to_bytes(len(a), "little")


def subtracted(a, b):
    """The differences, each modulo 256."""
    one, other, high = _numbers(a, b)
    return ((one | high) - (other & ~high) ^ (one ^ ~other) & high).to_bytes(len(a), "little")


def read_ppm(data):
    """A binary PPM (P6, 8 bits) as QEMU writes it."""
    fields, at = [], 0
    while len(fields) < 4:
        while data[at:at + 1].isspace():
            at += 1
        if data[at:at + 1] == b"#":
            at = data.index(b"\n", at)
            continue
        end = at
        while not data[end:end + 1].isspace():
            end += 1
        fields.append(data[at:end])
        at = end
    if fields[0] != b"P6" or fields[3] != b"255":
        raise ValueError("not a PPM of 8 bits")
    w, h = int(fields[1]), int(fields[2])
    pixels = data[at + 1:at + 1 + 3 * w * h]
    if len(pixels) != 3 * w * h:
        raise ValueError("PPM is cut short")
    return Picture(w, h, pixels)


def _chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _header(w, h, colour=2):
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, colour, 0, 0, 0))


def _packed(rows, bpp):
    """Deflated rows, each filtered by `sub`: the difference from the pixel to the left."""
    out = bytearray()
    for row in rows:
        out.append(1)
        out += subtracted(row, bytes(bpp) + row[:-bpp])
    return zlib.compress(bytes(out), 9)


def _rows(pixels, w, bpp):
    return [pixels[i:i + w * bpp] for i in range(0, len(pixels), w * bpp)]


def write_png(path, shot):
    with open(path, "wb") as f:
        f.write(_header(shot.w, shot.h))
        f.write(_chunk(b"IDAT", _packed(_rows(shot.data, shot.w, 3), 3)))
        f.write(_chunk(b"IEND", b""))


def read_png(path):
    """A Picture of a PNG as ctx writes it: 8-bit RGB, rows as they are or filtered by `up`. All checksums are looked at."""
    with open(path, "rb") as f:
        data = f.read()
    if not (data[:8] == b"\x89PNG\r\n\x1a\n"):
        raise Failure("no PNG")
    at, packed, size = 8, [], None
    while at < len(data):
        length, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + length]
        crc = int.from_bytes(data[at + 8 + length:at + 12 + length], "big")
        if not (crc == zlib.crc32(body, zlib.crc32(kind))):
            raise Failure(f"the CRC of {kind} is wrong")
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
            if not (body[8:] == b"\x08\x02\0\0\0"):
                raise Failure("not 8-bit RGB")
        if kind == b"IDAT":
            packed.append(body)
        at += 12 + length
    if not (kind == b"IEND"):
        raise Failure("the end is missing")
    w, h = size
    raw, pixels, above = zlib.decompress(b"".join(packed)), [], bytes(3 * w)
    if not (len(raw) == (3 * w + 1) * h):
        raise Failure("rows are missing")
    for y in range(h):
        at = (3 * w + 1) * y
        if not (raw[at] in (0, 2)):
            raise Failure(f"filter {raw[at]}")
        row = raw[at + 1:at + 1 + 3 * w]
        above = added(row, above) if raw[at] else row
        pixels.append(above)
    return Picture(w, h, b"".join(pixels))


def _changed(before, after):
    """The smallest rectangle that holds every difference: (x, y, w, h), or None."""
    pitch = 3 * after.w
    rows = [y for y in range(after.h)
            if before.data[y * pitch:(y + 1) * pitch] != after.data[y * pitch:(y + 1) * pitch]]
    if not rows:
        return None
    left, right = after.w, 0
    for y in rows:
        a = before.data[y * pitch:(y + 1) * pitch]
        b = after.data[y * pitch:(y + 1) * pitch]
        first = next(i for i in range(pitch) if a[i] != b[i])
        last = next(i for i in range(pitch - 1, -1, -1) if a[i] != b[i])
        left, right = min(left, first // 3), max(right, last // 3)
    return left, rows[0], right - left + 1, rows[-1] - rows[0] + 1


def write_moving(path, shots, ms):
    """An animated PNG that loops. Each frame stores only the rectangle that changed, and in it
    unchanged pixels as transparent ones, which deflate to almost nothing."""
    w, h = shots[0].w, shots[0].h
    frames, before = [], None
    for shot in shots:
        if before is None:
            frames.append([0, 0, w, h, _rgba(shot, None), ms])
        else:
            box = _changed(before, shot)
            if box is None:
                frames[-1][5] += ms
            else:
                frames.append([*box, _rgba(shot.crop(*box), before.crop(*box)), ms])
        before = shot
    number = 0
    with open(path, "wb") as f:
        f.write(_header(w, h, 6))
        f.write(_chunk(b"acTL", struct.pack(">II", len(frames), 0)))
        for i, (x, y, fw, fh, pixels, delay) in enumerate(frames):
            f.write(_chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, fw, fh, x, y, delay, 1000, 0,
                                                1 if i else 0)))
            number += 1
            data = _packed(_rows(pixels, fw, 4), 4)
            if i == 0:
                f.write(_chunk(b"IDAT", data))
            else:
                f.write(_chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
        f.write(_chunk(b"IEND", b""))


def _rgba(shot, before):
    out = bytearray(b"\xff" * (4 * shot.w * shot.h))
    for c in range(3):
        out[c::4] = shot.data[c::3]
    if before is not None:
        a, b = shot.data, before.data
        for i in range(0, len(a), 3):
            if a[i:i + 3] == b[i:i + 3]:
                j = i // 3 * 4
                out[j:j + 4] = b"\0\0\0\0"
    return bytes(out)
