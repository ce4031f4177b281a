# SPDX-License-Identifier: MIT
"""Images as files: <ctx/image.h> in Python, and ways to damage them so that it takes more than a checksum to see it."""
import struct

HEADER, ENTRY = 64, 48
APP, PROGRAM, RUNS, CONTENTS, HEAP, FREE, SESSION_HEAD, CANVAS, SESSION_APP = 1, 2, 5, 6, 7, 8, 32, 17, 33

_P = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
_M = 2**64 - 1


def _turn(x, n):
    return (x << n | x >> (64 - n)) & _M


def xxh64(data):
    """XXH64 with the seed 0."""
    p1, p2, p3, p4, p5 = _P
    n, h = len(data), p5
    if n >= 32:
        a, b, c, d = (p1 + p2) & _M, p2, 0, -p1 & _M
        for w, x, y, z in struct.iter_unpack("<4Q", data[:n - n % 32]):
            a = (a + w * p2) & _M
            a = ((a << 31 | a >> 33) & _M) * p1 & _M
            b = (b + x * p2) & _M
            b = ((b << 31 | b >> 33) & _M) * p1 & _M
            c = (c + y * p2) & _M
            c = ((c << 31 | c >> 33) & _M) * p1 & _M
            d = (d + z * p2) & _M
            d = ((d << 31 | d >> 33) & _M) * p1 & _M
        h = _turn(a, 1) + _turn(b, 7) + _turn(c, 12) + _turn(d, 18) & _M
        for lane in (a, b, c, d):
            h = ((h ^ _turn(lane * p2 & _M, 31) * p1 & _M) * p1 + p4) & _M
    h = (h + n) & _M
    at = n - n % 32
    while at + 8 <= n:
        lane = struct.unpack_from("<Q", data, at)[0]
        h = (_turn(h ^ _turn(lane * p2 & _M, 31) * p1 & _M, 27) * p1 + p4) & _M
        at += 8
    if at + 4 <= n:
        h = (_turn(h ^ struct.unpack_from("<I", data, at)[0] * p1 & _M, 23) * p2 + p3) & _M
        at += 4
    for byte in data[at:]:
        h = _turn(h ^ byte * p5 & _M, 11) * p1 & _M
    for shift, prime in ((33, p2), (29, p3), (32, 1)):
        h = (h ^ h >> shift) * prime & _M
    return h


def sections(image):
    """(kind, where its entry lies, where its bytes lie, how many) of each section that is inside the image."""
    count = min(struct.unpack_from("<I", image, 24)[0], (len(image) - HEADER) // ENTRY)
    found = []
    for i in range(count):
        entry = HEADER + ENTRY * i
        kind, _, at, stored = struct.unpack_from("<IIQQ", image, entry)
        if at <= len(image) and stored <= len(image) - at:
            found.append((kind, entry, at, stored))
    return found


def reseal(image):
    """Checksums and the length that fit, whatever was changed; of the apps of a session too."""
    if len(image) < HEADER:
        return image
    image[:8] = b"CtxImage"
    struct.pack_into("<Q", image, 16, len(image))
    for kind, entry, at, stored in sections(image):
        body = bytes(image[at:at + stored])
        if kind == SESSION_APP and at >= HEADER:
            body = bytes(reseal(bytearray(body)))
            image[at:at + stored] = body
        struct.pack_into("<Q", image, entry + 32, xxh64(body))
    count = min(struct.unpack_from("<I", image, 24)[0], (len(image) - HEADER) // ENTRY)
    struct.pack_into("<Q", image, 32, xxh64(bytes(image[HEADER:HEADER + ENTRY * count])))
    struct.pack_into("<Q", image, 56, xxh64(bytes(image[:56])))
    return image


def apps_of(session):
    """The images in a session."""
    return [bytes(session[at:at + stored]) for kind, _, at, stored in sections(session) if kind == SESSION_APP]


def app_name(image):
    """Name and pid of an app's image."""
    at = next(at for kind, _, at, _ in sections(image) if kind == APP)
    struct_at = image[at:at + 576]
    name = struct_at[576 - 32 - 64 - 128 - 32 - 32:][:32].split(b"\0")[0].decode()
    return name, struct.unpack_from("<Q", struct_at, 16)[0]


# ---- damage ----

def _number(r, old, bits):
    """Another number, near a border if chance will."""
    return r.choice([0, 1, old + 1, old - 1, old * 2, old ^ 1 << r.randrange(bits), old + 4096, -1, -4096, 1 << (bits - 1),
                     (1 << bits // 2) - 1, 1 << bits // 2, r.getrandbits(bits)]) & ((1 << bits) - 1)


def _place(r, image):
    """Somewhere in it: header, table and short sections, where the numbers are, as often as the long ones."""
    parts = [(8, HEADER - 8), (HEADER, ENTRY * len(sections(image)))]
    parts += [(at, stored) for _, _, at, stored in sections(image) if stored]
    return r.choice(parts)


def _change(r, image):
    at, length = _place(r, image)
    if r.random() < 0.5 and length >= 8:
        size = r.choice([4, 8])
        where = at + r.randrange(length // size) * size
        form = "<I" if size == 4 else "<Q"
        struct.pack_into(form, image, where, _number(r, struct.unpack_from(form, image, where)[0], 8 * size))
        return
    for _ in range(r.choice([1, 1, 2, 8])):
        image[at + r.randrange(length)] ^= 1 << r.randrange(8)


def damaged(r, good):
    """A damaged image: most have checksums that fit."""
    image = bytearray(good)
    kind = r.random()
    inner = [(at, stored) for k, _, at, stored in sections(image) if k == SESSION_APP]
    if inner and kind < 0.6:  # of a session mostly one of its apps
        at, stored = r.choice(inner)
        part = bytearray(image[at:at + stored])
        for _ in range(r.randint(1, 3)):
            _change(r, part)
        image[at:at + stored] = part
    elif kind < 0.8:
        for _ in range(r.randint(1, 3)):
            _change(r, image)
    elif kind < 0.85:
        del image[r.randrange(len(image)):]
    elif kind < 0.9:
        image += r.randbytes(r.choice([1, 8, 4096]))
    elif kind < 0.95:  # sections change places, or one is there twice
        count = len(sections(image))
        a, b = (HEADER + ENTRY * r.randrange(count) for _ in range(2))
        first, second = image[a:a + ENTRY], image[b:b + ENTRY]
        image[a:a + ENTRY], image[b:b + ENTRY] = second, r.choice([first, second])
    else:  # a piece of it over another piece
        length = r.choice([8, 64, 600])
        a, b = (r.randrange(max(1, len(image) - length)) for _ in range(2))
        image[a:a + length] = image[b:b + length]
    return bytes(reseal(image) if r.random() < 0.9 else image)
