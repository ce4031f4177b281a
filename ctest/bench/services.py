#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a call of a service costs, natively under ctx, beside a round trip between two Linux processes by a pipe and by a socket.

  services.py --build DIR [--rounds N]       figures are printed, never asserted; the least of the rounds, in turns
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

AIMS = {"scalars": "40 ns plain, 75 ns verified", "in4k": "", "inout4k": "two copies and 60 ns, beside the provider's own", "memcpy4k": "",
        "gate": "8 ns", "alloc": "", "gate beside a wrapped one": "", "wrapped alloc": "it is entered, and forwards"}
NAMES = {"gate": "gate beside a wrapped one", "alloc": "wrapped alloc"}  # in the app that has a host


def run(path, *options, offer=()):
    tool = os.path.join(suite.build(), "ctx")
    p = subprocess.run([tool, "run", "--headless", "--fast", "--size", "64x64", "--frames", "100", *options, path, "offer", "offer=org.example.*", *offer,
                        "+", path, "ask", "+", path, "wrap", "grant=ctx.host/1", "over=*", "+", path, "ask"], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    found = {}
    for pid, name, ps in re.findall(r"#(\d+): T (\w+) (\d+)$", p.stdout, re.M):
        name = name if pid == "1" else NAMES.get(name)
        found.update({name: int(ps) / 1000} if name else {})
    if "scalars" not in found or "wrapped alloc" not in found:
        sys.exit(f"{path} measures nothing:\n{p.stdout[-2000:]}")
    return found


def native(folder):
    program = os.path.join(folder, "talk")
    if not os.path.exists(program):
        subprocess.run(["cc", "-O2", os.path.join(HERE, "talk.c"), "-o", program], check=True)
    out = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name: float(ns) for name, ns in re.findall(r"(\w+)=([\d.]+)", out)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    plain = os.path.join(suite.build(), "ctest/bench/bench_service.elf")
    verified = os.path.join(suite.build(), "ctest/bench/verified/bench_service.elf")
    undo = ["restart=undo"]  # of the provider: what its functions write is put back if they fault
    best = {"plain": {}, "plain, undo": {}, "verified": {}, "verified, undo": {}, "linux": {}}
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
        for _ in range(args.rounds):
            for key, measure in (("plain", lambda: run(plain)), ("plain, undo", lambda: run(plain, offer=undo)),
                                 ("verified", lambda: run(verified, "--isolate=require") if os.path.exists(verified) else {}),
                                 ("verified, undo", lambda: run(verified, "--isolate=require", offer=undo) if os.path.exists(verified) else {}),
                                 ("linux", lambda: native(folder))):
                for name, ns in measure().items():
                    best[key][name] = min(ns, best[key].get(name, 1e18))
    print("Calls of a service, natively, ns:            plain   verified")
    for name, aim in AIMS.items():
        shown = best["verified"].get(name)
        print(f"  {name:<38} {best['plain'][name]:>9.1f} {shown if shown is None else round(shown, 1):>10}   {'aim ' + aim if aim else ''}")
    print("  where the provider's calls can be undone:")
    for name in ("scalars", "in4k", "inout4k"):
        shown = best["verified, undo"].get(name)
        print(f"  {name:<38} {best['plain, undo'][name]:>9.1f} {shown if shown is None else round(shown, 1):>10}")
    for key in ("plain", "verified"):
        if best[key]:
            print(f"  a wrapped call is {best[key]['wrapped alloc'] / best[key]['alloc']:.1f} times the call alone ({key})")
    for name, ns in best["linux"].items():
        print(f"  {name:<38} {ns:>9.1f}   {ns / best['plain']['scalars']:.0f} times a service call with numbers")


main()
