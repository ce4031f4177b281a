#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a call costs, natively (ctx) and under emulation (QEMU), beside what the machine's own switches cost.

  calls.py --build DIR [--plot FILE.svg]       figures are printed, never asserted
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
from bars import bars  # noqa: E402
from suite import apps_vm, test_app  # noqa: E402


def show(what, value, aim=""):
    print(f"  {what:<58} {value:>12}   {aim}", flush=True)


def ctx(*args, quiet=True):
    tool = os.path.join(suite.build(), "ctx")
    p = subprocess.run([tool, "run", "--headless", "--size", "64x64", *args], text=True, check=False,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT if quiet else None, stdin=subprocess.DEVNULL)
    return p.stdout


def together(apps):
    words = []
    for app in apps:
        words += ["+", *app] if words else app
    return words


def turn_ns(text, frames):
    """Nanoseconds of a turn of the loop, between the two lines of an app `mark`: what the first turns take does not count."""
    first, last = map(int, re.findall(r"T mark_ns (\d+)", text))
    return (last - first) / frames


def least(runs, measure):
    return min(measure() for _ in range(runs))


def bench(mode, count):
    return [[test_app("bench"), mode]] * count


def marked(apps, frames):
    """The first of the apps becomes one that tells when it was called."""
    return [[test_app("bench"), "mark", str(frames)]] + apps[1:], frames + 1002


def native_turns(apps, frames, *options, runs=3):
    apps, stop = marked(apps, frames)
    return least(runs, lambda: turn_ns(ctx("--fast", "--frames", str(stop), *options, *together(apps)), frames))


def native_call(*options, apps=9):
    """The difference that some more ready apps make, for each of them."""
    few = native_turns(bench("ready", 1), 400000, *options)
    many = native_turns(bench("ready", 1 + apps), 800000 // (1 + apps), *options)
    return (many - few) / apps


def gates(text):
    return {k: int(v) / 1000 for k, v in re.findall(r"T (\w+)_ps (\d+)", text)}


def switches():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "native")
        subprocess.run(["cc", "-O2", os.path.join(HERE, "native.c"), "-o", program], check=True)
        out = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {k: float(v) for k, v in re.findall(r"(\w+)_ns=([\d.]+)", out)}


def natively(plot):
    print("Natively (ctx run):")
    call, own = native_call(), switches()
    found = [gates(ctx("--frames", "10", *together(bench("gates", 1)))) for _ in range(5)]
    g = {what: min(f[what] for f in found) for what in found[0]}
    show("one call of a trivial app by the loop, everything on", f"{call:.1f} ns", "aim 25 ns")
    show("the same without the watchdog (--no-watchdog)", f"{native_call('--no-watchdog'):.1f} ns", "on/off aim 1.05")
    show("the same in turns of 1,000 apps, out of the caches", f"{native_call(apps=999):.1f} ns")
    show("a plain call through a pointer", f"{g['plain']:.1f} ns", "about 2 ns")
    show("a gate that leads nowhere", f"{g['nosys']:.1f} ns", "aim 8 ns")
    show("a gate that does something small (time.wake_at)", f"{g['wake_at']:.1f} ns")
    show("swapcontext", f"{own['swapcontext']:.0f} ns", f"{own['swapcontext'] / call:.1f} calls")
    show("sched_yield between two processes", f"{own['sched_yield']:.0f} ns", f"{own['sched_yield'] / call:.1f} calls")
    alone = native_turns(bench("ready", 10), 100000)
    beside = native_turns(bench("ready", 10) + bench("wait", 5000), 100000)
    show("10 ready apps beside 5,000 waiting ones against 10 alone", f"{beside / alone:.2f}", "aim 1.1")
    if plot:
        bars(plot, "One switch from one piece of work to the next, in nanoseconds (less is better)", [
            ("an app called by Argos' loop", call), ("an app calling the kernel", g["nosys"]),
            ("swapcontext (two stacks in one process)", own["swapcontext"]),
            ("sched_yield (two processes)", own["sched_yield"])])


def faults():
    """A good app's pace beside one that faults every other call: what a fault costs everybody else."""
    print("A fault, natively:")
    good = native_turns(bench("ready", 2), 4000)
    bad = native_turns(bench("ready", 1) + bench("fault", 1), 4000)
    show("a fault, its report, and on to the next app", f"{2 * (bad - good) / 1000:.1f} us", "signal round trip: 2 us")


def idle():
    print("Idle desktop of version 3 apps, nothing moving, headless:")
    names = [[os.path.join(suite.build(), "apps", f"{n}.elf")] for n in ("clock", "paint", "supervisor")]
    tool = os.path.join(suite.build(), "ctx")
    p = subprocess.Popen([tool, "run", "--headless", *together([n for n in names if os.path.exists(n[0])])],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    with open(f"/proc/{p.pid}/stat", encoding="utf-8") as f:
        before = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
    time.sleep(5)
    with open(f"/proc/{p.pid}/stat", encoding="utf-8") as f:
        after = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
    p.kill()
    p.wait()
    show("of one core", f"{(after - before) / os.sysconf('SC_CLK_TCK') / 5 * 100:.2f} %", "aim 1 %")


def emulated():
    print("Under emulation (QEMU, TCG):")

    def turn(apps, frames):
        apps, stop = marked(apps, frames)
        with apps_vm([(app[0], f"a{i}", " ".join(app[1:])) for i, app in enumerate(apps)],
                     f"debugexit nodisplay frame_us=0 stop={stop}", mem=1024, seconds=100) as vm:
            vm.wait()
            return turn_ns(vm.text, frames)

    few, many = turn(bench("ready", 20), 2000), turn(bench("ready", 220), 600)
    show("one call of a trivial app by the loop", f"{(many - few) / 200:.0f} ns")
    with apps_vm([(test_app("bench"), "gates", "gates")], "debugexit nodisplay stop=10") as vm:
        vm.wait()
        g = gates(vm.text)
    show("a plain call through a pointer", f"{g['plain']:.1f} ns")
    show("a gate that leads nowhere", f"{g['nosys']:.1f} ns", f"{g['nosys'] / g['plain']:.0f} plain calls")
    alone = turn(bench("ready", 10), 8000)
    beside = turn(bench("ready", 10) + bench("wait", 10000), 8000)
    show("10 ready apps beside 10,000 waiting ones against 10 alone", f"{beside / alone:.2f}", "aim 1.1")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--plot")
    args = parser.parse_args()
    suite._build[0] = os.path.abspath(args.build)
    if os.path.exists(os.path.join(suite.build(), "ctx")):
        natively(args.plot)
        faults()
        idle()
    if os.path.exists(os.path.join(suite.build(), "argos.elf")):
        emulated()


if __name__ == "__main__":
    main()
