#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files on a disk of ours against the file system that the disk lies in: the same program, interleaved, ratios, never asserted.

  files.py --build build/linux [--rounds N] [--folder DIR]     DIR: where disk and files are put

Natively a flush is the host's: what counts is the ratio. Each figure is the best of the rounds.
"""
import argparse
import os
import subprocess
import sys
import tempfile

WHAT = {"commits": "100 bytes appended, and fsync", "small": "files of 1 KiB made, fsync at the end", "written-MiB": "MiB written in a row, fsync",
        "read-MiB": "MiB read in a row", "random": "reads of 4 KiB at random"}


def run(command):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, env={**os.environ, "CTX_RUN_OPTIONS": ""})
    if p.returncode != 0:
        sys.exit(f"{' '.join(command)}: {p.returncode}: {p.stderr.decode()[-1000:]}")
    return {what: float(n) for what, n in (line.split() for line in p.stdout.decode().splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder")
    words = parser.parse_args()
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
                for what, n in run(command).items():
                    best[what, side] = max(best.get((what, side), 0), n)
            os.remove(image)
    print(f"  {'a second':<44} {'native':>10} {'ours':>10}  ratio")
    for what, text in WHAT.items():
        print(f"  {text:<44} {best[what, 'native']:>10.0f} {best[what, 'ours']:>10.0f} {best[what, 'ours'] / best[what, 'native']:>6.2f}")


main()
