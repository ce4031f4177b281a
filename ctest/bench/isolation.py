#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What verified code costs beside plain code of the same sources: time of pieces of work, natively under ctx, in turns; how
much longer the code is; how fast the verifier looks at it; what a call and a gate take; and how long a boot loads.

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


def words(frames, *apps):
    """What a run of these says."""
    tool = os.path.join(suite.build(), "ctx")
    p = subprocess.run([tool, "run", "--headless", "--fast", "--size", "64x64", "--frames", str(frames), *apps], text=True, check=False,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return p.stdout


def turn_ns(path, ready, frames):
    """Nanoseconds of a turn of the loop with so many ready apps and one that marks the time."""
    said = words(frames + 1002, path, "mark", str(frames), *["+", path, "ready"] * ready)
    first, last = map(int, re.findall(r"T mark_ns (\d+)", said))
    return (last - first) / frames


def calls(rounds, more=9):
    """An empty call by the loop, as the difference that some more ready apps make; and gates."""
    folder = os.path.join(suite.build(), "ctest", "qemu", "apps")
    paths = [os.path.join(folder, "bench-libctx.elf"), os.path.join(folder, "verified", "bench-libctx.elf")]
    best = [{}, {}]
    for _ in range(2 * rounds):
        for found, path in zip(best, paths):
            seen = {"one": turn_ns(path, 0, 200000), "many": turn_ns(path, more, 50000)}
            seen.update({k: int(v) / 1000 for k, v in re.findall(r"T (\w+)_ps (\d+)", words(10, path, "gates"))})
            for what, ns in seen.items():
                found[what] = min(ns, found.get(what, 1 << 62))
    for found in best:
        found["call"] = (found["many"] - found["one"]) / more
    for what, name in (("call", "an empty call"), ("plain", "a call by a pointer, in the app"), ("nosys", "a gate that leads nowhere"),
                       ("wake_at", "a gate that does little")):
        a, b = best[0][what], best[1][what]
        print(f"  {name:<36} {a:>9.1f} ns {b:>9.1f} ns   {b - a:+.1f} ns")
    print()


def loads(rounds):
    """Under TCG: from the display to the last app, where code is looked at and where it is not."""
    if not os.path.exists(os.path.join(suite.build(), "argos.elf")):
        suite._build[0] = os.path.join(os.path.dirname(suite.build()), "kernel")
    if not os.path.exists(os.path.join(suite.build(), "argos.iso")):
        return print("  there is no ISO beside this build\n")
    isolated = [isolation.verified(n) for n in isolation.APPS if n != "hello"]
    kinds = (("Toys, isolate=off", lambda: suite.iso_vm("toys", "debugexit stop=1 isolate=off")),
             ("Toys, isolate=prefer", lambda: suite.iso_vm("toys", "debugexit stop=1 isolate=prefer")),
             ("verified apps, isolate=off", lambda: suite.apps_vm(isolated, "debugexit isolate=off", devices=suite.DESKTOP)),
             ("verified apps, isolate=require", lambda: suite.apps_vm(isolated, "debugexit isolate=require", devices=suite.DESKTOP)))
    best = {}
    for _ in range(2 * rounds):
        for name, boot in kinds:
            with boot() as vm:
                vm.until(r"running apps=\d+ refused=0", 60)
                begin = re.findall(r"\[ *([\d.]+)\] I display: using", vm.text)[-1]
                end, = re.findall(r"\[ *([\d.]+)\] I main: running apps", vm.text)
                best[name] = min(1000 * (float(end) - float(begin)), best.get(name, 1 << 62))
    for name, ms in best.items():
        print(f"  {name:<36} {ms:>9.1f} ms")
    print()


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
    print("Calls and gates: plain, verified, difference (the least of interleaved runs)")
    calls(args.rounds)
    print("Code: plain, verified")
    growth()
    tool = os.path.join(suite.build(), "ctest/bench/bench_verify")
    if os.path.exists(tool):
        print("The verifier")
        subprocess.run([tool, *(isolation.verified(n) for n in ("console", "supervisor", "snake"))], check=True)
    print("Loading in QEMU (TCG): from the display to the last app")
    loads(args.rounds)


if __name__ == "__main__":
    main()
