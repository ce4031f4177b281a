#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Statements of an app's database (ctx.sql/1) against SQLite as this host has it, on the same file: ratios, never asserted.

  tables.py --build build/linux [--rounds N]

Each figure is the best of the rounds, and of five times in each. What is natively a file is in memory here: nothing waits for a disk but `made`, whose transactions are two
thousand rows.
"""
import argparse
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

ROWS, PART, TIMES = 100_000, 2_000, 5
MADE = [("made", f"@{ROWS // PART} WITH RECURSIVE c(i) AS (SELECT ?1 * {PART} UNION ALL SELECT i + 1 FROM c WHERE i < ?1 * {PART} + {PART - 1}) "
         "INSERT INTO t SELECT i, 'name ' || i, i * 0.5 FROM c")]
ASKED = [("counted", "SELECT count(*), sum(length(name)) FROM t WHERE id % 7 = 0"), ("looked up", "#5000 SELECT name, half FROM t WHERE id = ?"),
         ("all rows", "SELECT id, name, half FROM t"), ("sorted", "SELECT id, name FROM t ORDER BY name LIMIT 100"),
         ("grouped", "SELECT id % 100, count(*), avg(half) FROM t GROUP BY 1"), ("joined", "SELECT count(*) FROM t a JOIN t b ON b.id = a.id * 7 % 99991")]


def ours(build, image, calls):
    words = [word.replace(" ", "-") if i % 2 == 0 else word for call in calls for i, word in enumerate(call)]
    p = subprocess.run([os.path.join(build, "ctx"), "run", "--headless", "--files", image, os.path.join(build, "ctest", "bench", "bench_tables.elf"), "use=ctx.sql/1", *words],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "CTX_RUN_OPTIONS": ""})
    if p.returncode != 0:
        sys.exit(f"{p.returncode}: {p.stdout[-500:]}{p.stderr[-1000:]}")
    return [(what.replace("-", " "), float(seconds), int(rows)) for what, seconds, rows in (line.split() for line in p.stdout.splitlines())]


def native(path, calls):
    said = []
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        for what, text in calls:
            rows, began = 0, time.perf_counter()
            order = text[0]
            times, text = (int(text[1:].split()[0]), text.split(" ", 1)[1]) if order in "#@" else (0, text)
            for n in range(1, (times or 1) + 1):
                for _ in db.execute(text, (n if order == "@" else n * 7919 % 100000,) if times else ()):
                    rows += 1
            said.append((what, time.perf_counter() - began, rows))
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    words = parser.parse_args()
    best = {}
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as top:
        for i in range(words.rounds):
            image, copy, made = (os.path.join(top, f"{i}{end}") for end in (".img", ".db", ".made"))
            subprocess.run([os.path.join(words.build, "ctx"), "files", "create", image, "--size", "256M"], check=True)
            table = [("table", "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, half REAL)")]
            sides = {"ours": ours(words.build, image, [*table, *MADE]), "native": native(made, [*table, *MADE])}
            subprocess.run([os.path.join(words.build, "ctx"), "files", "get", image, "sql/bench_tables", copy], check=True)
            often = [ask for ask in ASKED for _ in range(TIMES)]
            for side, asked in (("ours", ours(words.build, image, often)), ("native", native(copy, often))):
                sides[side] = [("made", sum(s for w, s, _ in sides[side] if w == "made"), 0), *asked]
            for a, b in zip(*sides.values()):
                if a[0] != b[0] or a[2] != b[2]:
                    sys.exit(f"{a}, natively {b}")
            for side, said in sides.items():
                for what, seconds, _ in said:
                    best[what, side] = min(best.get((what, side), 1e9), seconds)
    print(f"  {ROWS} rows, milliseconds   {'native':>10} {'ours':>10}  native / ours")
    for what in ("made", *(what for what, _ in ASKED)):
        print(f"  {what:<25} {best[what, 'native'] * 1e3:>10.1f} {best[what, 'ours'] * 1e3:>10.1f} {best[what, 'native'] / best[what, 'ours']:>9.2f}")


main()
