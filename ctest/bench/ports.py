#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs of others and the C library under `ctx run`, against the same programs natively: interleaved, ratios, never asserted.

  ports.py --build build/linux [--rounds N] [--prefix DIR]

Wants -DARGOS_PORTS=ON and the targets bc, bc-here, mujs, mujs-here, bench_libc, bench_libc_here. What counts of a program is the
processor time that it and what runs it took, the least of the rounds, less what the shortest run takes: the start of `ctx` is a
line of its own. With --prefix, an installation, also how long a change of one line takes until it has run.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

BENCH_JS = """
function sieve(n) { var a = [], c = 0, i, j; for (i = 2; i < n; i++) a[i] = true;
  for (i = 2; i < n; i++) if (a[i]) { c++; for (j = i + i; j < n; j += i) a[j] = false; } return c; }
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function words(n) { var o = {}, s = "", i; for (i = 0; i < n; i++) { s = "w" + (i * 7919 % 1009); o[s] = (o[s] || 0) + 1; }
  return Object.keys(o).sort().join(",").length; }
print(sieve(60000), fib(23), words(60000));
"""


def took(command, stdin=b"", cwd=None):
    """Seconds of processor time, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.run(command, input=stdin, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                       env={**os.environ, "CTX_RUN_OPTIONS": ""})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if p.returncode != 0:
        sys.exit(f"{' '.join(command)} ends with {p.returncode}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, p.stdout


def compare(rounds, native, app, stdin=b""):
    """The least time of each, in turns."""
    best = [1e300, 1e300]
    said = [None, None]
    for _ in range(rounds):
        for i, command in enumerate((native, app)):
            seconds, said[i] = took(command, stdin)
            best[i] = min(best[i], seconds)
    if said[0] != said[1]:
        sys.exit(f"{' '.join(app)} says something else than natively")
    return best


def show(what, native, app, unit, aim):
    print(f"  {what:<34} {native:>10.2f} {app:>10.2f} {unit:<3} {native / app if aim.endswith('x speed') else app / native:>6.2f}   {aim}", flush=True)


def one_line(prefix):
    """Seconds from a changed source to the end of its run, by make."""
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
        def run(*command):
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        tool = os.path.join(prefix, "bin", "ctx")
        run(tool, "new", "change", "--lang", "libc")
        run("cmake", "-S", "change", "-B", "b", f"-DCMAKE_PREFIX_PATH={prefix}")
        best = 1e300
        for i in range(6):
            with open(os.path.join(folder, "change", "main.c"), "a", encoding="utf-8") as f:
                f.write(f"int change_{i};\n")
            begun = time.monotonic()
            subprocess.run(["cmake", "--build", "b"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            subprocess.run([tool, "run", "--headless", "b/change.elf"], cwd=folder, input=b"quit\n", check=True, stdout=subprocess.DEVNULL)
            best = min(best, time.monotonic() - begun) if i else best
        return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/linux")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--prefix")
    args = parser.parse_args()
    tool = os.path.join(args.build, "ctx")
    print(f"  {'':<34} {'natively':>10} {'ctx run':>10}      ratio  aim")

    def port(name, *words, stdin=b"", options=(), line=()):
        native = [os.path.join(args.build, "ports", name + "-here"), *words]
        return native, [tool, "run", "--headless", *options, os.path.join(args.build, "ports", name + ".elf"), *(line or words)], stdin

    def both(what, sides):
        native, app, stdin = sides
        small = port("bc", stdin=b"1\n")
        if both.start is None:
            both.start = compare(args.rounds, small[0], small[1], small[2])
            show("start of a program (bc, 1)", both.start[0] * 1e3, both.start[1] * 1e3, "ms", "")
        best = [t - s for t, s in zip(compare(args.rounds, native, app, stdin), both.start)]
        show(what, best[0] * 1e3, best[1] * 1e3, "ms", ">= 0.9x speed")
    both.start = None

    both("bc: 2,000 digits of pi", port("bc", "-l", stdin=b"scale=2000; 4*a(1)\n"))
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
        script = os.path.join(folder, "bench.js")
        with open(script, "w", encoding="utf-8") as f:
            f.write(BENCH_JS)
        both("mujs: sieve, calls, words", port("mujs", script, options=["--dir", f"{folder}:/w"], line=["/w/bench.js"]))

    folder = os.path.join(args.build, "ctest", "bench")
    best = {}
    for _ in range(max(1, args.rounds // 3)):
        for side, command in enumerate(([os.path.join(folder, "bench_libc_here"), "40"],
                                        [tool, "run", "--headless", os.path.join(folder, "bench_libc.elf"), "40"])):
            for line in took(command)[1].decode().splitlines():
                name, ns = line.split(": ")
                best.setdefault(name, [1e300, 1e300])[side] = min(best.get(name, [1e300, 1e300])[side], float(ns))
    for name, (native, app) in best.items():
        show(name, native, app, "ns", "<= 1.5 times")
    if args.prefix:
        print(f"  {'one line changed, until it has run':<34} {'':>10} {one_line(args.prefix):>10.2f} s            <= 0.3 s")


if __name__ == "__main__":
    main()
