# SPDX-License-Identifier: MIT
"""virtio-blk: the kernel's self-check (boot word `blocktest`) over disks of many kinds, and a look at the files afterwards."""
import array
import contextlib
import json
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, Skip, apps_vm, case, check, product, pvh, test_app  # noqa: E402

SECTOR = 512
MIB = 2048  # in sectors
SPREAD = 0x9e3779b97f4a7c15
MASK = 2**64 - 1
LINE = re.compile(r"KBLOCK name=(\w+) sectors=(\d+) in_flight=(\d+) errors=(\d+) (ok|FAILED)")


class Disk:
    """A file full of noise, and what the self-check does with it: kernel/blocktest.c."""

    def __init__(self, folder, sectors=4 * MIB, unit=1, tail=0):
        self.sectors, self.unit = sectors, unit
        self.path = os.path.join(folder, f"{len(os.listdir(folder))}.img")
        self.bytes = random.Random(sectors).randbytes(sectors * SECTOR + tail)
        with open(self.path, "wb") as f:
            f.write(self.bytes)

    def places(self):
        """(first sector, how many) of each request."""
        units = self.sectors // self.unit
        for i in range(67):
            at = 0 if i == 0 else units - 1 if i == 1 else units // 2 if i == 66 else (i * SPREAD & MASK) % units
            at *= self.unit
            yield at, min(self.sectors // self.unit * self.unit - at, MIB) if i == 66 else self.unit

    def sum(self):
        value = 0xcbf29ce484222325
        for at, count in self.places():
            for word in array.array("Q", self.bytes[at * SECTOR:(at + count) * SECTOR]):
                value = (value ^ word) * 0x100000001b3 & MASK
        return value

    def written(self):
        """What is in the file after `blocktest=write`."""
        expected = bytearray(self.bytes)
        for at, count in self.places():
            words = array.array("Q", ((s * SPREAD + w) & MASK for s in range(at, at + count) for w in range(64)))
            expected[at * SECTOR:(at + count) * SECTOR] = words.tobytes()
        return bytes(expected)

    def check_file(self, expected):
        found = suite.read(self.path)
        if found != expected:
            at = next(i for i, (a, b) in enumerate(zip(found, expected)) if a != b)
            raise suite.Failure(f"{self.path}: byte {at} (sector {at // SECTOR}) is {found[at]:#x}, not {expected[at]:#x}")


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="argos-disk-") as path:
        yield path


def device(disk, options="", no=0, rules=None, read_only=False):
    """QEMU's arguments for a disk; rules: what goes wrong with it."""
    node = f"d{no}"
    file = {"driver": "file", "filename": disk.path, "node-name": node, "read-only": read_only}
    args = ["-blockdev", json.dumps(file)]
    if rules:
        node = f"b{no}"
        debug = {"driver": "blkdebug", "node-name": node, "image": f"d{no}", "inject-error": rules}
        args += ["-blockdev", json.dumps(debug)]
    options = f",{options}" if options else ""
    return args + ["-device", f"virtio-blk-pci,drive={node},werror=report,rerror=report{options}"]


def boot(devices, words="", kernel="argos.elf", **options):
    """Boots, waits for the self-check, and gives back all text and {name: (sectors, in flight, errors, verdict)}."""
    if not os.path.exists(os.path.join(suite.build(), kernel)):
        raise Skip(f"{kernel} was not built")
    with VM(pvh(product(kernel)), f"debugexit nodisplay {words or 'blocktest'}", devices=devices, **options) as vm:
        vm.until(r"KBLOCK devices=\d+ failed=\d+\s")
        text = vm.text
    check("PANIC" not in text, "the kernel panicked")
    found = {m[1]: (int(m[2]), int(m[3]), int(m[4]), m[5]) for m in LINE.finditer(text)}
    return text, found


def good(found, name, disk):
    sectors, in_flight, errors, verdict = found.get(name, (None,) * 4)
    check(sectors == disk.sectors // disk.unit * disk.unit, f"{name} has {sectors} sectors, not {disk.sectors}")
    check(verdict == "ok" and errors == 0, f"{name}: {errors} errors")
    check(in_flight >= 60, f"{name}: only {in_flight} requests were in flight at once")


def reads(options, words="", extra=(), **more):
    """One disk of this kind, which is only read."""
    with folder() as path:
        disk = Disk(path, **more)
        text, found = boot(list(extra) + device(disk, options), f"blocktest {words}")
        good(found, "vda", disk)
        check(f"vda: sum=0x{disk.sum():x} " in text, f"what was read is not what is there ({options})")
        disk.check_file(disk.bytes)
        return text


def writes(options, words="", extra=(), rules=None, kernel="argos.elf", **more):
    with folder() as path:
        disk = Disk(path, **more)
        text, found = boot(list(extra) + device(disk, options, rules=rules), f"blocktest=write {words}", kernel)
        good(found, "vda", disk)
        check(f"vda: sum=0x{disk.sum():x} " in text, f"what was read is not what was there ({options})")
        disk.check_file(disk.written())
        return text


@case
def modern_and_transitional():
    for options in ("disable-legacy=on,serial=argos-test", "disable-legacy=off,disable-modern=off,serial=argos-test"):
        text = writes(options)
        check('vda id="argos-test" block=512 max_sectors=2048 flush=yes irq=msix queue=64' in text, "its line is wrong")


@case
def without_interrupts():
    check("irq=polled" in writes("vectors=0"), "it is not polled")
    check("irq=polled" in writes("disable-legacy=on", "nomsix"), "it is not polled")


@case
def rings_of_all_kinds():
    for options in ("event_idx=off", "indirect_desc=off", "event_idx=off,indirect_desc=off,vectors=0",
                    "queue-size=4,seg-max-adjust=off", "queue-size=4,seg-max-adjust=off,indirect_desc=off", "queue-size=1024", "num-queues=4",
                    "num-queues=1"):
        writes(options, sectors=3 * MIB + 5)


@case
def another_thread():
    """The device's work done beside QEMU's main thread: what is a race shows here."""
    extra = ["-object", "iothread,id=io0"]
    for options in ("iothread=io0", "iothread=io0,num-queues=2,event_idx=off", "iothread=io0,indirect_desc=off"):
        writes(options, extra=extra, sectors=16 * MIB)


@case
def sizes():
    for sectors in (1, 2, 7, 63, MIB - 1, MIB + 1):
        reads("", sectors=sectors)
        writes("", sectors=sectors)
    with folder() as path:
        text, found = boot(device(Disk(path, sectors=0)))
        check(not found and "given up: it holds not one block" in text, "an empty disk is a disk")


@case
def large_disk():
    """2 TiB and one sector, nearly all of it a hole."""
    with folder() as path:
        disk = Disk(path, sectors=0)
        disk.sectors = 2**32 + 1
        os.truncate(disk.path, disk.sectors * SECTOR)
        _, found = boot(device(disk), "blocktest=write")
        good(found, "vda", disk)
        with open(disk.path, "rb") as f:
            for at, _ in disk.places():
                f.seek(at * SECTOR + 8)
                check(int.from_bytes(f.read(8), "little") == (at * SPREAD + 1) & MASK, f"sector {at} was not written")


@case
def several():
    """Names follow the slots; what is one too many is named."""
    with folder() as path:
        disks = [Disk(path, sectors=100 + i) for i in range(9)]
        devices = [device(d, f"addr={0x10 + i:#x}", i) for i, d in enumerate(disks)]
        _, found = boot(devices[1] + devices[0], "blocktest=write")
        check(sorted(found) == ["vda", "vdb"], f"found {list(found)}")
        for name, disk in zip(("vda", "vdb"), disks):
            good(found, name, disk)
            disk.check_file(disk.written())
        text, found = boot(sum(devices, []))
        check(sorted(found) == [f"vd{c}" for c in "abcdefgh"], f"found {list(found)}")
        check("only 8 virtio-blk are driven, not at=00:18.0" in text, "the ninth is not named")
        check("KBLOCK devices=8 failed=0" in text, "not all are well")


@case
def read_only():
    with folder() as path:
        disk = Disk(path)
        text, found = boot(device(disk, read_only=True), "blocktest=write")
        good(found, "vda", disk)
        check(re.search(r"I block: name=vda .* read-only", text), "it is not said to be read-only")
        disk.check_file(disk.bytes)


@case
def flush_or_none():
    check("flush=yes" in writes("write-cache=on"), "no flush")
    check("flush=needless" in writes("write-cache=off,config-wce=off"), "a flush that nobody needs")
    check("flush=yes" in writes("write-cache=off,config-wce=on"), "no flush")


@case
def long_blocks():
    """Blocks of 4 KiB: QEMU refuses less."""
    for size in (1024, 4096):
        text = writes(f"logical_block_size={size},physical_block_size=4096", unit=size // SECTOR, sectors=4 * MIB + size // SECTOR)
        check(f"block={size} " in text, "its block is not known")
    with folder() as path:
        disk = Disk(path, sectors=801)
        _, found = boot(device(disk, "logical_block_size=4096,physical_block_size=4096"), "blocktest=write")
        check(found["vda"][0] == 800 and found["vda"][3] == "ok", f"a piece of a block: {found['vda']}")


def fails(rules, words, wanted, options=()):
    """Errors by plan: each is told, nothing hangs, and the rest of the disk is well. wanted: [(line, times)]"""
    with folder() as path:
        disk = Disk(path)
        at = list(disk.places())[5][0]
        rules = [dict(rule, **({"sector": at} if rule.pop("here", False) else {})) for rule in rules]
        # Else QEMU joins requests that are neighbours, and all of them fail.
        options = ",".join(["request-merging=off", *options])
        text, found = boot(device(disk, options, rules=rules), words)
        check(found["vda"][3] == "FAILED" and "KBLOCK devices=1 failed=1" in text, "nothing failed")
        errors = sum(times for _, times in wanted)
        check(found["vda"][2] == errors, f"{found['vda'][2]} errors, not {errors}")
        for line, times in wanted:
            line = line.replace("HERE", str(at))
            check(len(re.findall(line, text)) == times, f"{line!r} does not come {times} times")
        check("resetting" not in text and "given up" not in text, "an error is a reason to reset")


@case
def read_errors():
    for options in ((), ("vectors=0",)):
        fails([{"event": "none", "iotype": "read", "errno": 5, "here": True, "once": False}], "blocktest",
              [("blocktest: vda: read sector=HERE sectors=1: failed status=-10", 1),
               ("blocktest: vda: read sector=[0-9]+ sectors=2048: failed status=-10", 1)], options)


@case
def write_errors():
    for errno in (5, 28):  # 28: the host's disk is full
        fails([{"event": "none", "iotype": "write", "errno": errno, "here": True, "once": False}], "blocktest=write",
              [("blocktest: vda: write sector=HERE sectors=1: failed status=-10", 1),
               ("blocktest: vda: read sector=HERE sectors=1: not what was written", 1)])


@case
def flush_errors():
    fails([{"event": "none", "iotype": "flush", "errno": 5, "once": False}], "blocktest=write",
          [("blocktest: vda: flush sector=0 sectors=0: failed status=-10", 1)])


@case
def everything_fails():
    """All reads do: 67 of the places, and each of the long ones."""
    with folder() as path:
        disk = Disk(path)
        rules = [{"event": "none", "iotype": "read", "errno": 5, "once": False}]
        text, found = boot(device(disk, rules=rules), "blocktest")
        check(found["vda"][2:] == (67 + 4, "FAILED"), f"{found['vda']}")
        check(text.count("W virtio-blk: vda: ") == 8 and "more are not named" in text, "the log is full of it")


@case
def slow_disk():
    """One that answers 150 times a second: all of it takes its time, nobody loses patience."""
    with folder() as path:
        disk = Disk(path)
        args = ["-object", "throttle-group,id=tg,x-iops-total=150",
                "-blockdev", json.dumps({"driver": "throttle", "node-name": "t0", "throttle-group": "tg",
                                         "file": {"driver": "file", "filename": disk.path}}),
                "-device", "virtio-blk-pci,drive=t0,request-merging=off"]
        _, found = boot(args, "blocktest=write")
        good(found, "vda", disk)
        disk.check_file(disk.written())


@case
def no_disk():
    text, found = boot([])
    check(not found and "KBLOCK devices=0 failed=0" in text, "a disk out of nowhere")
    with folder() as path:  # and one of the old kind, which is not for us
        text, found = boot(device(Disk(path), "disable-modern=on,disable-legacy=off"))
        check(not found and "W virtio-blk: has no modern interface" in text, "a legacy device")


@case
def beside_apps():
    """On a machine with everything else, while apps run."""
    with folder() as path:
        disk = Disk(path, sectors=8 * MIB)
        devices = suite.DESKTOP + ["-device", "virtio-rng-pci"] + device(disk)
        with apps_vm([product("apps/hello.elf"), test_app("idle")], "debugexit blocktest=write", devices=devices) as vm:
            vm.until("KBLOCK devices=1 failed=0")
            vm.until("T idle ok")
            check("PANIC" not in vm.text and " fault " not in vm.text, "trouble")
        disk.check_file(disk.written())


@case
def without_undefined_behaviour():
    writes("", kernel="argos-ubsan.elf")
    writes("vectors=0,indirect_desc=off", kernel="argos-ubsan.elf", sectors=1)


@case
def how_fast():
    """A number to look at: reads of 1 MiB, four at a time, of what the host has in memory."""
    for options in ("", "vectors=0"):
        text = reads(options, sectors=64 * MIB)
        print(f"virtio-blk {options or 'with interrupts'}: {re.search('read_KiB=.*', text)[0].strip()}")


if __name__ == "__main__":
    suite.main()
