#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx.block/1: 4 KiB reads at random places, one and sixteen at a time, and a write with a flush behind it, under QEMU and natively.

  block.py --build build/kernel [--native build/linux] [--rounds N] [--seconds S] [--folder DIR]     figures are printed, never asserted; the best of the rounds

DIR: where the disk is put. On a real disk a flush is the host's fdatasync, whose time is what the column "the host itself" shows: the same writes,
by a program of the host, in the same rounds. In /dev/shm a flush costs the host nothing, and what is left is our own way.

A guest beside it has the same QEMU line: q35, TCG, one processor, 512 MiB, virtio-blk over a file that is written all over and lies in the
host's page cache, cache=writeback, FLUSH negotiated. Compare when little else runs, and per second of QEMU's processor time.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, test_app  # noqa: E402
import vm as machine  # noqa: E402

MIB = 1 << 20
# What a Debian guest (Linux 6.1) did on such a line, a second: fio, libaio, direct, and one write with fsync.
PEER = {"read, depth 1": 2141, "read, depth 16": 3229, "write + flush": 693}
AIMS = {"read, depth 1": 2.0, "read, depth 16": 3.0, "write + flush": 2.0}
RUNS = {"read, depth 1": "depth=1 bench=read", "read, depth 16": "depth=16 bench=read", "write + flush": "bench=flush"}
GRANTS = "grant=ctx.block/1 disk=vda on=vda"


def rate(text):
    found = re.search(r"T bench \w+ (\d+)", text)
    if not found:
        sys.exit(f"it measures nothing:\n{text[-2000:]}")
    return int(found[1])


def in_qemu(path, words, seconds):
    with apps_vm([(test_app("disks"), "disks", f"{GRANTS} time={seconds * 1000} wait=300 {words}")], "debugexit nodisplay", mem=512,
                 devices=machine.disk(path), seconds=60 + seconds) as vm:
        vm.until(r"T claimed vda 0")
        before = vm.cpu_seconds()
        vm.until(r"T end 0")
        return rate(vm.text), vm.cpu_seconds() - before


def host_itself(path, words, seconds):
    fd, count, places = os.open(path, os.O_RDWR), 0, os.path.getsize(path) // 4096
    page = os.urandom(4096)
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        place = count * 7919 % places * 4096
        if "flush" in words:
            os.pwrite(fd, page, place)
            os.fdatasync(fd)
        else:
            os.pread(fd, 4096, place)
        count += 1
    os.close(fd)
    return int(count / (time.monotonic() - start))


def natively(build, path, words, seconds):
    p = subprocess.run([os.path.join(build, "ctx"), "run", "--headless", "--disk", path, os.path.join(build, "ctest/qemu/apps/disks.elf"), *GRANTS.split(),
                        f"time={seconds * 1000}", *words.split()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
                       env={**os.environ, "CTX_RUN_OPTIONS": ""})
    return rate(p.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--native")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--folder")
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    best = {}
    with tempfile.TemporaryDirectory(prefix="argos-bench-", dir=args.folder) as folder:
        path = os.path.join(folder, "disk.img")
        with open(path, "wb") as f:
            for _ in range(256):
                f.write(os.urandom(MIB))
        for _ in range(args.rounds):
            for name, words in RUNS.items():
                got, cpu = in_qemu(path, words, args.seconds)
                native = natively(args.native, path, words, args.seconds) if args.native else 0
                now = (got, got * args.seconds / cpu, native, host_itself(path, words, args.seconds))
                best[name] = tuple(max(pair) for pair in zip(now, best.get(name, now)))
    print(f"load {os.getloadavg()[0]:.1f}; 4 KiB, a second:   in QEMU  per CPU second  of the peer's   aim   natively  the host itself")
    for name, (got, per, native, host) in best.items():
        print(f"  {name:28} {got:12} {per:15.0f} {got / PEER[name]:14.1f}x {AIMS[name]:5.0f}x {native or '-':>10} {host:>16}")


if __name__ == "__main__":
    main()
