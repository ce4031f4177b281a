#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx.nic/1: frames of 64 and 1,500 bytes that are sent to QEMU's user network (which drops them), and that are sent back by a second machine, under QEMU and natively.

  nic.py --build build/kernel [--native build/linux] [--rounds N] [--seconds S]     figures are printed, never asserted; the best of the rounds

Compare when little else runs, and per second of QEMU's processor time. "bounce" is one frame at a time over a unix socket between two of the same.
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

RUNS = {"send, 64 bytes": "size=64 bench=send", "send, 1,500 bytes": "size=1500 bench=send", "bounce, 64 bytes": "size=64 bench=bounce"}
GRANTS = "grant=ctx.nic/1 nic=* on=net0"


def rate(text):
    found = re.search(r"T bench \w+ (\d+)", text)
    if not found:
        sys.exit(f"it measures nothing:\n{text[-2000:]}")
    return int(found[1])


def card(netdev, mac):
    return ["-netdev", netdev, "-device", f"virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:00:00:0{mac}"]


def one(words, devices, seconds):
    return apps_vm([(test_app("nics"), "nics", f"{GRANTS} time={seconds * 1000} {words}")], "debugexit nodisplay", mem=512, devices=devices, seconds=60 + seconds)


def in_qemu(folder, words, seconds):
    def run(devices):
        with one(words, devices, seconds) as vm:
            vm.until(r"T claimed net0 0")
            before = vm.cpu_seconds()
            vm.until(r"T end 0")
            return rate(vm.text), vm.cpu_seconds() - before
    if "bounce" not in words:
        return run(card("user,id=n0", 1))
    ends = [f"dgram,id=n0,local.type=unix,local.path={folder}/{a},remote.type=unix,remote.path={folder}/{b}" for a, b in ("xy", "yx")]
    with one("echo=100000000", card(ends[1], 2), seconds) as echo:
        echo.until(r"T claimed net0 0")
        return run(card(ends[0], 1))


def natively(build, folder, words, seconds):
    app, environment = os.path.join(build, "ctest/qemu/apps/nics.elf"), {**os.environ, "CTX_RUN_OPTIONS": ""}

    def start(net, text, **options):
        return subprocess.Popen([os.path.join(build, "ctx"), "run", "--headless", f"--net={net}", "--log", "/dev/stdout", app, *GRANTS.split(), *text.split()],
                                stdin=subprocess.DEVNULL, env=environment, text=True, **options)
    bounces = "bounce" in words
    echo = start(f"socket:{folder}/q,{folder}/p", "echo=100000000", stdout=subprocess.DEVNULL) if bounces else None
    time.sleep(0.5 if bounces else 0)
    said = start(f"socket:{folder}/p,{folder}/q" if bounces else "user", f"time={seconds * 1000} {words}", stdout=subprocess.PIPE).communicate()[0]
    if echo:
        echo.kill()
        echo.wait()
    return rate(said)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--native")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    best = {}
    for _ in range(args.rounds):
        for name, words in RUNS.items():
            with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
                got, cpu = in_qemu(folder, words, args.seconds)
                native = natively(args.native, folder, words, args.seconds) if args.native else 0
            old = best.get(name, (0, 0, 0))
            best[name] = (max(got, old[0]), max(got * args.seconds / cpu, old[1]), max(native, old[2]))
    print(f"load {os.getloadavg()[0]:.1f}; frames, a second:   in QEMU  per CPU second   natively")
    for name, (got, per, native) in best.items():
        print(f"  {name:26} {got:12} {per:15.0f} {native or '-':>10}")


if __name__ == "__main__":
    main()
