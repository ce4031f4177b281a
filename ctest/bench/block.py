#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx.block/1: 4 KiB reads at random places, one and sixteen at a time, and a write with a flush behind it, under QEMU and natively.

  block.py --build build/kernel [--native build/linux] [--rounds N] [--seconds S]     figures are printed, never asserted; the best of the rounds

A guest beside it has the same QEMU line: q35, TCG, one processor, 512 MiB, virtio-blk over a file that is written all over and lies in the
host's page cache, cache=writeback, FLUSH negotiated. Compare when little else runs, and per second of QEMU's processor time.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

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
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    best = {}
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
        path = os.path.join(folder, "disk.img")
        with open(path, "wb") as f:
            for _ in range(256):
                f.write(os.urandom(MIB))
        for _ in range(args.rounds):
            for name, words in RUNS.items():
                got, cpu = in_qemu(path, words, args.seconds)
                native = natively(args.native, path, words, args.seconds) if args.native else 0
                old = best.get(name, (0, 0, 0))
                best[name] = (max(got, old[0]), max(got * args.seconds / cpu, old[1]), max(native, old[2]))
    print(f"load {os.getloadavg()[0]:.1f}; 4 KiB, a second:   in QEMU  per CPU second  of the peer's   aim   natively")
    for name, (got, per, native) in best.items():
        print(f"  {name:28} {got:12} {per:15.0f} {got / PEER[name]:14.1f}x {AIMS[name]:5.0f}x {native or '-':>10}")


if __name__ == "__main__":
    main()
