# SPDX-License-Identifier: MIT
"""Disks for ctest/qemu/apps/disks.c, on either machine: partition tables, and what the app says."""
import re
import struct
import uuid
import zlib

MIB = 1 << 20
LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"


def partitioned(path, bytes_, parts, sector=512):
    """A file with a GUID partition table; parts: (first sector, last, name), or None."""
    count, table = bytes_ // sector, bytearray(128 * 128)
    for i, part in enumerate(parts):
        if part:
            first, last, name = part
            table[i * 128:i * 128 + 128] = (uuid.UUID(LINUX).bytes_le + uuid.uuid4().bytes + struct.pack("<QQQ", first, last, 0)
                                            + name.encode("utf-16le").ljust(72, b"\0"))
    size, disk = len(table) // sector, uuid.uuid4().bytes

    def header(own, other, entries):
        h = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, own, other, 2 + size, count - size - 2, disk, entries, 128, 128,
                        zlib.crc32(table))
        return h[:16] + struct.pack("<I", zlib.crc32(h)) + h[20:]

    with open(path, "wb") as f:
        f.truncate(bytes_)
        for at, data in ((1, header(1, count - 1, 2)), (2, table), (count - 1 - size, table), (count - 1, header(count - 1, 1, count - 1 - size))):
            f.seek(at * sector)
            f.write(data)


def blank(path, bytes_):
    with open(path, "wb") as f:
        f.truncate(bytes_)
    return path


# Everything, on a disk without partitions; and what it says, in this order.
ALL = "list on=vda bad write=600 flush read=600 bytes=65536 round=2 write=40 flush read=40 zeroes discard last release on=vda read=1"
SAYS = [r"T disk vda bytes \d+ block \d+ flags \d+", r"T claimed vda 0$", r"T bad 0$", r"T write ok 600$", r"T flush 0$", r"T read ok 600$", r"T write ok 40$",
        r"T flush 0$", r"T read ok 40$", r"T zeroes 0$", r"T zero 0$", r"T discard 0$", r"T last 0$", r"T release 0$", r"T claimed vda 0$", r"T read ok 1$",
        r"T end 0$"]
# A disk that can only be read, with zeroes on it.
READ_ONLY = "list on=vda ro=vda bad write=3 flush last"
READ_ONLY_SAYS = [r"T claimed vda -18$", r"T claimed vda 0$", r"T bad 0$", r"T write ok 0$", r"T write bad 3 -18$", r"T flush 0$", r"T last 0$", r"T end 0$"]
# Two partitions: (first, last, name), in sectors of 512.
PARTS = [(2048, 4095, "one"), (4096, 16383, "zwei ä")]
PARTED = "list on=vda2 bad write=50 read=50 last on=vda on=vda1 last"
PARTED_SAYS = [r"T disk vda bytes", r"T disk vda1 bytes 1048576 block \d+ flags \d+ label one", r"T disk vda2 bytes 6291456 block \d+ flags \d+ label zwei ä",
               r"T claimed vda2 0$", r"T bad 0$", r"T write ok 50$", r"T read ok 50$", r"T last 0$", r"T claimed vda -12$", r"T claimed vda1 0$", r"T last 0$",
               r"T end 0$"]


def missing(text, patterns):
    """The first that does not come behind those before it, or what failed; None: all is well."""
    failed = re.search(r".*(?: FAIL|wrong \d|T odd |PANIC).*", text, re.M)
    if failed:
        return failed[0]
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(text.replace("\r", ""), at)
        if not found:
            return f"no {pattern!r} behind the others"
        at = found.end()
    return None
