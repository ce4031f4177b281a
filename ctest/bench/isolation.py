#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What verified code costs beside plain code of the same sources: time of pieces of work, natively under ctx, in turns; how
much longer the code is; how fast the verifier looks at it.

  isolation.py --build DIR [--rounds N]       figures are printed, never asserted
"""
import argparse
import math
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import isolation  # noqa: E402
import suite  # noqa: E402

PIECES = ("bench_pieces", "bench_lua")


def run(path, frames, *options):
    """The least nanoseconds of each piece in one run."""
    tool = os.path.join(suite.build(), "ctx")
    p = subprocess.run([tool, "run", "--headless", "--fast", "--size", "64x64", "--frames", str(frames), *options, path], text=True,
                       check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    found = {}
    for name, ns in re.findall(r"T piece (\S+) (\d+)", p.stdout):
        found[name] = min(int(ns), found.get(name, 1 << 62))
    if not found:
        sys.exit(f"{path} measures nothing:\n{p.stdout[-2000:]}")
    return found


def ratios(name, rounds):
    plain, verified, best = os.path.join(suite.build(), f"ctest/bench/{name}.elf"), None, ({}, {})
    verified = os.path.join(suite.build(), f"ctest/bench/verified/{name}.elf")
    for _ in range(rounds):
        for found, path, options in ((best[0], plain, ()), (best[1], verified, ("--isolate=require",))):
            for piece, ns in run(path, 240, *options).items():
                found[piece] = min(ns, found.get(piece, 1 << 62))
    product = 1.0
    for piece, ns in best[0].items():
        ratio = best[1][piece] / ns
        product *= ratio
        print(f"  {piece:<20} {ns / 1000:>9.1f} us {best[1][piece] / 1000:>9.1f} us   {ratio:.3f}", flush=True)
    print(f"  {name + ', geometric mean':<44}   {math.exp(math.log(product) / len(best[0])):.3f}\n")


def code_bytes(path):
    """Of all executable segments."""
    data = suite.read(path)
    at, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    total = 0
    for i in range(count):
        kind, flags, _, _, _, length = struct.unpack_from("<IIQQQQ", data, at + i * size)
        total += length if kind == 1 and flags & 1 else 0
    return total


def growth():
    for name in isolation.APPS:
        before, after = code_bytes(isolation.plain(name)), code_bytes(isolation.verified(name))
        print(f"  {name:<20} {before:>9} B  {after:>9} B    {100 * (after - before) / before:+.0f} %")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)
    if not os.path.exists(os.path.join(suite.build(), "ctest/bench/verified/bench_lua.elf")):
        sys.exit("no verified apps here: they need clang")
    print("Pieces of work: plain, verified, verified by plain")
    for name in PIECES:
        ratios(name, args.rounds)
    print("Code: plain, verified")
    growth()
    tool = os.path.join(suite.build(), "ctest/bench/bench_verify")
    if os.path.exists(tool):
        print("The verifier")
        subprocess.run([tool, *(isolation.verified(n) for n in ("console", "supervisor", "snake"))], check=True)


if __name__ == "__main__":
    main()
