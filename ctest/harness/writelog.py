# SPDX-License-Identifier: MIT
"""What was written to a disk of QEMU's, in its order, and what a power cut leaves of it."""
import json
import random
import struct

from suite import check, read


def logged(path, log):
    """Arguments of QEMU for a disk of which every write is logged."""
    with open(log, "wb") as f:
        f.truncate(256 << 20)
    return ["-blockdev", json.dumps({"driver": "file", "filename": path, "node-name": "f0"}),
            "-blockdev", json.dumps({"driver": "file", "filename": log, "node-name": "l0"}),
            "-blockdev", json.dumps({"driver": "blklogwrites", "node-name": "w0", "file": "f0", "log": "l0",
                                     "log-sector-size": 512, "log-super-update-interval": 1}),
            "-device", "virtio-blk-pci,drive=w0,werror=report,rerror=report,request-merging=off"]


class WriteLog:
    """QEMU's log of what was written to a disk: [(sector, bytes)] between flushes."""

    def __init__(self, path):
        data = read(path)
        magic, version, entries, sector = struct.unpack_from("<QQQI", data)
        check(magic == 0x6a736677736872 and version == 1, "that is no such log")
        self.epochs, at = [[]], sector
        for _ in range(entries):
            first, count, flags, length = struct.unpack_from("<QQQQ", data, at)
            at += sector
            if flags & 1:  # flush
                self.epochs.append([])
            if count and not flags & 4:
                self.epochs[-1].append((first, data[at:at + count * sector]))
                at += count * sector
        self.writes = sum(map(len, self.epochs))


def cuts(log, number, seed=1):
    """Moments of a power cut: so much is on the disk, in order, and of the rest until the next flush some, or half a write."""
    r = random.Random(seed)
    moments = [(e, set(range(w))) for e, epoch in enumerate(log.epochs) for w in range(len(epoch) + 1)]
    r.shuffle(moments)
    prefixes = max(number // 3, 1)
    chosen = moments[:prefixes]
    while len(chosen) < number:
        e = r.randrange(len(log.epochs))
        n = len(log.epochs[e])
        share = r.choice((0.1, 0.5, 0.9))
        kept = {w for w in range(n) if r.random() < share}
        torn = r.randrange(n) if n and r.random() < 0.5 else None
        chosen.append((e, kept, torn))
    return [(c[0], c[1], c[2] if len(c) > 2 else None) for c in chosen], r
