# SPDX-License-Identifier: MIT
"""SQLite's own speedtest1 on a disk of files: it reckons out what it does in memory. usage: speed.py PROGRAM"""
import re
import subprocess
import sys

for tests in ("main", "orm", "cte", "fp"):
    sums = []
    for where in ("memory", "disk"):
        p = subprocess.run([sys.argv[1], where, "--verify", "--size", "3", "--testset", tests], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           timeout=300, check=False)
        found = re.search(r"Verification Hash: (\d+ \w+)", p.stdout)
        if p.returncode != 0 or found is None:
            sys.exit(f"{tests}, {where}: exit code {p.returncode}\n{p.stdout[-1000:]}{p.stderr[-1000:]}")
        sums.append(found[1])
    if sums[0] != sums[1]:
        sys.exit(f"{tests}: in memory {sums[0]}, on a disk {sums[1]}")
    print(f"{tests}: {sums[0]}")
