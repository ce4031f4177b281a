#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs of others and the C library under `ctx run`, against the same programs natively: interleaved, ratios, never asserted.

  ports.py --build build/linux [--rounds N] [--prefix DIR]

Wants -DARGOS_PORTS=ON, the targets bc, duktape, mgba, mujs, sqlite, squirrel, each of them with -here, bench_libc, bench_libc_here, and for Doom doom and doom-here. What counts of a program is the
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
print(sieve(600000), fib(27), words(300000));
"""

BENCH_NUT = """
function sieve(n) { local a = array(n, true), c = 0; for (local i = 2; i < n; i++) if (a[i]) { c++; for (local j = i + i; j < n; j += i) a[j] = false; } return c; }
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function words(n) { local o = {}; for (local i = 0; i < n; i++) { local s = "w" + (i * 7919 % 1009); o[s] <- s in o ? o[s] + 1 : 1; } return o.len(); }
print(sieve(600000) + " " + fib(27) + " " + words(300000) + "\\n");
"""
# Of the kind of SQLite's speedtest1: rows in and out, an index, texts, joins, updates; in memory.
BENCH_SQL = b"""CREATE TABLE a(i INTEGER PRIMARY KEY, n INTEGER, t TEXT);
WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 400000) INSERT INTO a SELECT i, i * 7919 % 400009, printf('number %d', i) FROM s;
CREATE INDEX an ON a(n);
SELECT count(*), sum(length(t)) FROM a WHERE n BETWEEN 1000 AND 240000;
SELECT count(*) FROM a x JOIN a y ON x.n = y.i WHERE x.t LIKE '%77%';
UPDATE a SET t = t || ' again' WHERE n % 3 = 0;
DELETE FROM a WHERE n % 5 = 0;
SELECT count(*), max(t), group_concat(DISTINCT n % 7) FROM a;
PRAGMA integrity_check;
"""


def took(command, stdin=b"", cwd=None, code=0):
    """Seconds of processor time, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.run(command, input=stdin, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                       env={**os.environ, "CTX_RUN_OPTIONS": "", "SDL_VIDEODRIVER": "dummy"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if p.returncode != code:
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


def doom(rounds, tool, build):
    """The demo as fast as it goes, without bringing pictures to a screen, which is another one here; less what its start takes. With the package freedoom."""
    native, app = os.path.join(build, "ports", "doom-here"), os.path.join(build, "ports", "doom.elf")
    data = os.path.join(build, "apps", "ports", "doom-made", "files", "freedoom1.wad")
    if not os.path.exists(native) or not os.path.exists(app):
        print("  doom: not built here (targets doom and doom-here)")
        return
    best = [[1e300, 1e300], [1e300, 1e300]]
    quiet = ["-nosound", "-nomusic", "-noblit"]
    for _ in range(rounds):
        for side, command in enumerate(([native, "-iwad", data], [tool, "run", "--headless", app])):
            for what, (words, code) in enumerate(((["-version"], 0), (["-timedemo", "demo1"], 255))):  # it ends as an error, with its figures
                best[what][side] = min(best[what][side], took([*command, *quiet, *words], code=code)[0])
    show("start of doom (-version)", best[0][0] * 1e3, best[0][1] * 1e3, "ms", "")
    show("doom: timedemo demo1", *((best[1][side] - best[0][side]) * 1e3 for side in (0, 1)), "ms", ">= 0.9x speed")


def show(what, native, app, unit, aim):
    print(f"  {what:<34} {native:>10.2f} {app:>10.2f} {unit:<3} {native / app if aim.endswith('x speed') else app / native:>6.2f}   {aim}", flush=True)


def one_line(prefix):
    """Seconds from a changed source to the end of its run, by make: elapsed, and of the processor, each the least."""
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
        def run(*command):
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        tool = os.path.join(prefix, "bin", "ctx")
        run(tool, "new", "change", "--lang", "libc")
        run("cmake", "-S", "change", "-B", "b", f"-DCMAKE_PREFIX_PATH={prefix}")
        best = [1e300, 1e300]
        for i in range(6):
            with open(os.path.join(folder, "change", "main.c"), "a", encoding="utf-8") as f:
                f.write(f"int change_{i};\n")
            begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(["cmake", "--build", "b"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            subprocess.run([tool, "run", "--headless", "b/change.elf"], cwd=folder, input=b"quit\n", check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            both = time.monotonic() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            best = [min(b, n) for b, n in zip(best, both)] if i else best
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
        lent = ["--dir", f"{folder}:/w"]
        both("mujs: sieve, calls, words", port("mujs", script, options=lent, line=["/w/bench.js"]))
        both("duktape: the same", port("duktape", script, options=lent, line=["/w/bench.js"]))
        nut = os.path.join(folder, "bench.nut")
        with open(nut, "w", encoding="utf-8") as f:
            f.write(BENCH_NUT)
        both("squirrel: the same", port("squirrel", nut, options=lent, line=["/w/bench.nut"]))
    both("sqlite: 400,000 rows in memory", port("sqlite", stdin=BENCH_SQL))
    rom = os.path.join(args.build, "apps", "ports", "mgba-made", "files", "rom.gba")
    both("mgba: 3,000 frames", port("mgba", rom, line=["rom.gba"], stdin=b"none 1500\nright 1500\n"))

    doom(args.rounds, tool, args.build)

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
        elapsed, processor = one_line(args.prefix)
        print(f"  {'one line changed, until it has run':<34} {'':>10} {elapsed:>10.2f} s            <= 0.3 s ({processor:.2f} s of processors)")


if __name__ == "__main__":
    main()
