#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files on a disk of ours against the file system that the disk lies in: the same program, interleaved, ratios, never asserted.

  files.py --build build/linux [--rounds N] [--folder DIR]     DIR: where disk and files are put
  files.py --build build/machines --qemu [...]                 the same program on the machine, against a guest beside it

Natively a flush is the host's: what counts is the ratio. Each figure is the best of the rounds.

The guest beside it was Debian's (Linux 6.1, ext4, SQLite) on the same line: q35, TCG, one processor, 512 MiB, virtio-blk over a file in the host's page cache,
cache=writeback. On a real disk a flush is what the host's fdatasync takes, in /dev/shm nothing: then what is left is our own way. Compare when little else
runs, and per second of QEMU's processor time.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

WHAT = {"commits": "100 bytes appended, and fsync", "small": "files of 1 KiB made, fsync at the end", "written-MiB": "MiB written in a row, fsync",
        "read-MiB": "MiB read in a row", "random": "reads of 4 KiB at random"}
SIZES = ("10", "1000", "100000")  # of a folder
AMOUNT = {"commits": 300, "small": 2000, "written-MiB": 34.3, "read-MiB": 34.3, "random": 2000}  # as files.c does it
# What that guest did a second, and how often that we want: SQLite's WAL and full sync for commits, files of 1 KiB with a sync at the end, 64 MiB.
PEER = {"commits": (242, 1.5), "small": (1118, 1.5), "written-MiB": (37, 1.0), "read-MiB": (89, 1.0)}


def run(command):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, env={**os.environ, "CTX_RUN_OPTIONS": ""})
    if p.returncode != 0:
        sys.exit(f"{' '.join(command)}: {p.returncode}: {p.stderr.decode()[-1000:]}")
    return {what: float(n) for what, n in (line.split() for line in p.stdout.decode().splitlines())}


def on_the_machine(words):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
    import suite
    import vm as machine
    suite._build[0] = os.path.abspath(words.build)  # noqa: SLF001
    best = {}
    with tempfile.TemporaryDirectory(prefix="argos-bench-", dir=words.folder) as top:
        for i in range(words.rounds):
            image = os.path.join(top, f"{i}.img")
            subprocess.run([os.path.join(words.build, "ctx"), "files", "create", image, "--size", "256M"], check=True)
            with open(image, "r+b") as f: # written all over, as that guest's disk was
                for at in range(0, os.path.getsize(image), 1 << 20):
                    f.seek(at)
                    part = f.read(1 << 20)
                    f.seek(at)
                    f.write(part)
            apps = [(suite.product("apps/storage.elf"), "storage", "offer=ctx.files/1 grant=ctx.block/1 disk=*"),
                    (os.path.join(words.build, "ctest", "bench", "bench_files.elf"), "bench", "/data")]
            with suite.apps_vm(apps, "debugexit nodisplay", mem=512, devices=machine.disk(image, node="files"), seconds=300) as vm:
                vm.until(r"app\.storage#0: files on")
                cpu = vm.cpu_seconds()
                for what in WHAT:
                    vm.until(rf"bench#1: {what} \S+", 120, 0)
                    n = float(re.search(rf"bench#1: {what} (\S+)", vm.text)[1])
                    cpu, before = vm.cpu_seconds(), cpu
                    share = (AMOUNT[what] / n) / max(cpu - before, 1e-3)
                    had = best.get(what, (0, 0))
                    best[what] = (max(had[0], n), max(had[1], n * share))
            os.remove(image)
    print(f"load {os.getloadavg()[0]:.1f}\n  {'a second, on the machine':<44} {'ours':>8} {'per CPU second':>15} {'the guest':>10}  ratio   aim")
    for what, text in WHAT.items():
        n, per = best[what]
        peer, aim = PEER.get(what, (None, None))
        print(f"  {text:<44} {n:>8.0f} {per:>15.0f} " + (f"{peer:>10} {n / peer:>6.1f}x {aim:>4.1f}x" if peer else f"{'-':>10}"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder")
    parser.add_argument("--qemu", action="store_true")
    words = parser.parse_args()
    if words.qemu:
        on_the_machine(words)
        return
    tool = os.path.join(words.build, "ctx")
    best = {}
    with tempfile.TemporaryDirectory(prefix="argos-bench-", dir=words.folder) as top:
        for i in range(words.rounds):
            folder, image = os.path.join(top, f"native{i}"), os.path.join(top, f"{i}.img")
            os.mkdir(folder)
            subprocess.run([tool, "files", "create", image, "--size", "256M"], check=True)
            here = os.path.join(words.build, "ctest", "bench")
            for side, command in (("native", [os.path.join(here, "bench_files_here"), folder]),
                                  ("ours", [tool, "run", "--headless", "--files", image, os.path.join(here, "bench_files.elf"), "/data"])):
                more = run([*command[:-1], command[-1], *SIZES]) if i == 0 else {}
                for what, n in [*run(command).items(), *more.items()]:
                    best[what, side] = max(best.get((what, side), 0), n)
            os.remove(image)
    print(f"  {'a second':<44} {'native':>10} {'ours':>10}  ratio")
    texts = {f"{what}-{size}": f"{text} of {size}" for size in SIZES for what, text in (("make", "the last files made"), ("look", "files looked at"), ("list", "names listed"))}
    for what, text in {**WHAT, **texts}.items():
        print(f"  {text:<44} {best[what, 'native']:>10.0f} {best[what, 'ours']:>10.0f} {best[what, 'ours'] / best[what, 'native']:>6.2f}")
    print(f"storage takes {best['idle-KiB', 'ours']:.0f} KiB when nothing is done")


main()
