#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Today's build beside an older one, interleaved: ratios, never asserted.

  against.py --build DIR [--build DIR ...] [--commit ID] [--work DIR] [--plot FILE.svg] [MEASURE...]

DIR are build folders of this tree (build/linux, build/kernel); the older commit is taken out of git and built with the same
presets in --work, which is kept for the next time. What is compared is what both have: each runs its own test apps. Natively
the figure is the processor time that the process was given, so a busy host disturbs less; the least of some rounds counts.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import suite  # noqa: E402
from bars import bars  # noqa: E402
from suite import Failure, apps_vm, product, test_app  # noqa: E402

COMMIT = "23adb4b"  # before the rooms, and before anything was done for speed
OLD, NEW = 0, 1


class Sides:
    """The two builds of one preset. Only one can be looked at at a time."""

    def __init__(self, old, new):
        self.folders = (old, new)

    def least(self, rounds, measure):
        """[old, new]: the least of what measure() says, in turns. None: that build can not do it."""
        best = [None, None]
        for _ in range(rounds):
            for side in (OLD, NEW):
                suite._build[0] = self.folders[side]  # noqa: SLF001
                try:
                    value = measure()
                except (Failure, ValueError, OSError, subprocess.SubprocessError, AttributeError):
                    continue
                best[side] = value if best[side] is None else min(best[side], value)
        return best


rows = []  # (label, ratio), for the plot


def show(what, best, unit, aim):
    old, new = best
    if not old or new is None:
        print(f"  {what:<62} no figure: {old} {new}", flush=True)
        return
    rows.append((what, new / old))
    print(f"  {what:<62} {old:>10,.1f} -> {new:>9,.1f} {unit:<4} {new / old:>6.2f}   {aim}", flush=True)


# ---- natively ----

def words_for(apps):
    words = []
    for app in apps:
        words += ["+", *app] if words else app
    return words


def run_ns(apps, frames, *options):
    """Processor time of a run."""
    tool = product("ctx")
    words = [tool, "run", "--headless", "--fast", "--size", "64x64", "--mem", "1024", "--frames", str(frames), *options, *words_for(apps)]
    with open(os.devnull, "r+b") as nothing:
        p = subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing)
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        raise Failure("ctx run failed")
    return (used.ru_utime + used.ru_stime) * 1e9


def ready(count):
    return [[test_app("bench"), "ready"]] * count


def turn_ns(apps, frames):
    return (run_ns(apps, 50 + frames) - run_ns(apps, 50)) / frames


def call_ns(count, total):
    frames = total // count
    return (turn_ns(ready(count), frames) - turn_ns(ready(1), frames)) / (count - 1)


def gate_ns(which):
    out = subprocess.run([product("ctx"), "run", "--headless", "--size", "64x64", "--frames", "8", test_app("bench"), "gates"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                         check=True).stdout
    return int(re.search(rf"T {which}_ps (\d+)", out)[1]) / 1000


def instructions(apps, frames):
    with tempfile.NamedTemporaryFile() as out:
        p = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", product("ctx"), "run", "--headless",
                            "--fast", "--virtual-time", "--size", "64x64", "--frames", str(frames), *words_for(apps)],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=True)
    return int(re.search(r"Collected : (\d+)", p.stdout)[1])


def call_instructions():
    many, few = (instructions(ready(n), 6000) - instructions(ready(n), 1000) for n in (11, 1))
    return (many - few) / 5000 / 10


def calls(sides):
    show("a call, 10 ready apps", sides.least(8, lambda: call_ns(10, 3000000)), "ns", "aim 0.3, 25 ns")
    show("a call, 100 ready apps", sides.least(4, lambda: call_ns(100, 2000000)), "ns", "")
    show("a call, 1,000 ready apps", sides.least(3, lambda: call_ns(1000, 1500000)), "ns", "aim 0.3")
    show("a gate that leads nowhere", sides.least(5, lambda: gate_ns("nosys")), "ns", "aim 0.5, 8 ns")
    show("a gate that does something small (time.wake_at)", sides.least(5, lambda: gate_ns("wake_at")), "ns", "aim 0.5")
    if shutil.which("valgrind"):
        show("instructions of a call", sides.least(1, call_instructions), "", "aim 120")
    else:
        print("  instructions of a call: valgrind is not installed")

    def marked(apps):
        """Between two lines of one of the apps: 5,000 others take longer to begin than all of the turns."""
        apps = [[test_app("bench"), "mark", "20000"], *apps[1:]]
        out = subprocess.run([product("ctx"), "run", "--headless", "--fast", "--size", "64x64", "--mem", "1024", "--frames", "21002",
                              *words_for(apps)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, timeout=300, check=True).stdout
        first, last = map(int, re.findall(r"T mark_ns (\d+)", out))
        return last - first

    def waiting():
        return marked(ready(10) + [[test_app("bench"), "wait"]] * 5000) / marked(ready(10))

    show("10 ready apps beside 5,000 waiting, against alone", sides.least(2, waiting), "x", "aim 1.1 itself")


def starts(sides):
    """200 instances more, from nothing to their first call."""
    def start():
        return (run_ns(ready(400), 1) - run_ns(ready(200), 1)) / 200 / 1000

    show("start of an app, to its first call and away again", sides.least(4, start), "us", "aim 0.33")


def images(sides):
    def saving(kib, what):
        tool = [product("ctx"), "run"]
        usage = subprocess.run([*tool, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False).stdout
        all_of_it = ["--log", "/dev/stdout"] if "--log" in usage else []  # the older build says all, and has no such option
        out = subprocess.run([*tool, "--headless", "--no-watchdog", "--seconds", "5", *all_of_it, "--imagebench", "1000",
                              test_app("holder"), str(kib), "0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=120, check=True).stdout
        return int(re.search(rf"IBENCH what={what} app=holder .*p50_ns=(\d+)", out)[1]) / 1000

    show("an app of 30 KB saved", sides.least(3, lambda: saving(20, "save")), "us", "aim 2 us")
    show("an app of 16 MB saved", sides.least(2, lambda: saving(16000, "save")), "us", "")

    def undo(kib, writes):
        app = [test_app("holder"), str(kib), str(writes)]
        without, with_it = (turn_ns([[*app, *words]], 4000) for words in ([], ["restart=undo"]))
        return (with_it - without) / 1000

    for kib, writes in ((200, 1), (400, 1), (400, 8), (16000, 8)):
        show(f"undo: what a call of {kib:,} KiB, {writes} page(s) written, takes more", sides.least(3, lambda k=kib, w=writes: undo(k, w)), "us",
             "aim 0.5" if kib > 200 else "")


# ---- in QEMU, under emulation ----

def emulated_turn(count, frames):
    apps = [[test_app("bench"), "mark", str(frames)]] + ready(count)[1:]
    with apps_vm([(app[0], f"a{i}", " ".join(app[1:])) for i, app in enumerate(apps)],
                 f"debugexit nodisplay frame_us=0 stop={frames + 1002}", mem=1024, seconds=100) as vm:
        vm.wait()
        first, last = map(int, re.findall(r"T mark_ns (\d+)", vm.text))
        return (last - first) / frames


def emulated(sides):
    show("emulated: a call", sides.least(3, lambda: (emulated_turn(220, 600) - emulated_turn(20, 2000)) / 200), "ns", "aim 0.6")

    def gate():
        with apps_vm([(test_app("bench"), "gates", "gates")], "debugexit nodisplay stop=10") as vm:
            vm.wait()
            return int(re.search(r"T nosys_ps (\d+)", vm.text)[1]) / 1000

    show("emulated: a gate that leads nowhere", sides.least(3, gate), "ns", "")

    def seen(apps, pattern, words="debugexit stop=1 nodisplay", **options):
        with apps_vm(apps, words, **options) as vm:
            vm.wait()
            return next(1000 * t for t, line in vm.lines if re.search(pattern, line))

    show("emulated: spawn to the first line about an app", sides.least(9, lambda: seen([product("apps/hello.elf")], r"app: started")), "ms",
         "aim 0.72")
    many = [(test_app("bench"), f"a{i}", "ready") for i in range(200)]
    with_many = sides.least(3, lambda: seen(many, "KTEST PASS", mem=512))
    with_none = sides.least(3, lambda: seen(many[:1], "KTEST PASS", mem=512))
    show("emulated: 200 apps to their first frame", [a - b if a and b else None for a, b in zip(with_many, with_none)], "ms", "aim 0.5")


def sizes(sides):
    def code():
        out = subprocess.run(["size", "-A", "-d", product("argos.elf")], stdout=subprocess.PIPE, text=True, check=True).stdout
        found = [w.split() for w in out.splitlines() if w.startswith((".text", ".rodata", ".boot"))]
        return sum(int(w[1]) for w in found) / 1024

    show("kernel text and rodata", sides.least(1, code), "KiB", "aim 288 KiB")

    def least_memory():
        low, high = 0, 64
        while high - low > 1:
            middle = (low + high) // 2
            try:
                with apps_vm([product("apps/hello.elf")], "debugexit stop=3", mem=middle, seconds=10) as vm:
                    vm.until("KTEST PASS", 10)
                    high = middle
            except Failure:
                low = middle
        return high

    show("least memory with which hello runs", sides.least(1, least_memory), "MiB", "aim 3 MiB")


MEASURES = {"calls": ("linux", calls), "starts": ("linux", starts), "images": ("linux", images),
            "emulated": ("kernel", emulated), "sizes": ("kernel", sizes)}


def build_old(work, commit, preset):
    """The folder of that commit's build."""
    tree = os.path.join(work, commit)
    if not os.path.exists(os.path.join(tree, "CMakeLists.txt")):
        os.makedirs(tree, exist_ok=True)
        archive = subprocess.Popen(["git", "-C", TREE, "archive", commit], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", tree], stdin=archive.stdout, check=True)
        if archive.wait() != 0:
            raise SystemExit(f"against.py: git has no commit {commit} here (a shallow clone?)")
    folder = os.path.join(tree, "build", preset)
    targets = ["argos.elf", "hello", "test_apps"] if preset == "kernel" else ["ctx_tool", "test_apps"]
    print(f"building {commit} for {preset} ...", flush=True)
    with open(os.path.join(tree, f"{preset}.log"), "w", encoding="utf-8") as log:
        for command in (["cmake", "--preset", preset], ["cmake", "--build", folder, "--target", *targets]):
            if subprocess.run(command, cwd=tree, stdout=log, stderr=log, check=False).returncode != 0:
                raise SystemExit(f"against.py: {' '.join(command)} failed; see {log.name}")
    return folder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, action="append")
    parser.add_argument("--commit", default=COMMIT)
    parser.add_argument("--work", default=os.path.join(TREE, "build", "against"))
    parser.add_argument("--plot")
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
    args = parser.parse_args()
    unknown = [m for m in args.measures if m not in MEASURES]
    if unknown:
        parser.error(f"no such measure: {unknown[0]}; there are {', '.join(MEASURES)}")
    new = {("kernel" if os.path.exists(os.path.join(f, "argos.elf")) else "linux"): os.path.abspath(f) for f in args.build}
    sides = {preset: Sides(build_old(os.path.abspath(args.work), args.commit, preset), folder) for preset, folder in new.items()}
    print(f"{'':<64} {args.commit:>10} -> {'today':>9}      ratio")
    for name in args.measures or MEASURES:
        preset, measure = MEASURES[name]
        if preset in sides:
            measure(sides[preset])
    if args.plot and rows:  # what cannot be told from nothing is a hundredth
        bars(args.plot, f"Today against {args.commit}: how much of the time (1 = as it was, less is better)",
             [(what, max(ratio, 0.01)) for what, ratio in rows], "")


if __name__ == "__main__":
    main()
