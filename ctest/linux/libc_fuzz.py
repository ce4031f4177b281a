# SPDX-License-Identifier: MIT
"""printf, scanf and strtod with random input: an app with a C library under ctx run against this machine's C library.

  libc_fuzz.py --build DIR --tool FILE [--cases N] [--seed N]

Both print a hash per 1,000 cases. Of a thousand that differs every case is printed, and those that differ are shown.
A seed and the number of a case say all about it: conformance_fuzz_here SEED NUMBER 1 say."""
import argparse
import os
import re
import signal
import subprocess
import sys

HERE = "ctest/qemu/conformance"


def find(build, name):
    for folder in (build, *(os.path.join(os.path.dirname(build), b) for b in ("machines", "linux", "kernel"))):
        if os.path.exists(os.path.join(folder, HERE, name)):
            return os.path.join(folder, HERE, name)
    print(f"skipped: not built here: {name}")
    sys.exit(77)


def here(options, *words):
    p = subprocess.run([find(options.build, "conformance_fuzz_here"), *map(str, words)], stdout=subprocess.PIPE, check=True)
    return [line.rstrip() for line in p.stdout.decode("utf-8", "replace").splitlines()]


def app(options, *words, seconds):
    """The lines that the app printed; it is over when it says end."""
    command = [options.tool, "run", "--verdict", "--headless", "--seconds", str(seconds), find(options.build, "conformance_fuzz.elf"),
               *map(str, words)]
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines, other = [], []
    for raw in p.stdout:
        line = raw.decode("utf-8", "replace").rstrip()
        found = re.search(r"\] I app\.conformance_fuzz#0: (.*)$", line)
        (lines if found else other).append(found[1] if found else line)
        if "exited name=conformance_fuzz " in line or " fault name=" in line:
            p.send_signal(signal.SIGINT)
    p.wait()
    if not lines or lines[-1] != "end":
        print(f"{' '.join(command)}\ndid not come to its end:\n" + "\n".join(lines[-3:] + other[-20:]))
        sys.exit(1)
    return lines


def cases(lines):
    """Number of the case: its pieces in a row."""
    found = {}
    for line in lines[:-1]:
        number, _, piece = line.partition(" ")
        found[number] = found.get(number, "") + piece
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--sources")
    parser.add_argument("--cases", type=int, default=200000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    want = here(options, options.seed, 0, options.cases)
    got = app(options, options.seed, 0, options.cases, seconds=3600)
    wrong = [int(w.split()[1]) for w, g in zip(want, got) if w != g]
    if len(want) != len(got) or len(want) <= options.cases // 1000:
        print(f"{len(got)} lines instead of {len(want)}")
        return 1
    shown = 0
    for start in wrong[:10]:
        a, b = (cases(f(options, options.seed, start, min(1000, options.cases - start), "say", **more))
                for f, more in ((here, {}), (app, {"seconds": 600})))
        for number in [n for n in a if a[n] != b.get(n)][:5]:
            shown += 1
            print(f"case {number} of seed {options.seed}:\n  here {a[number][:1000]}\n  app  {b.get(number, 'nothing')[:1000]}")
    print(f"{options.cases} cases of seed {options.seed}: {len(wrong)} thousands differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
