#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds everything, then tests everything, and says in the end what came of it. This is ./test.

  everything.py            the presets host and machines: both are built first, because tests of one use what the other makes
  everything.py DIR...     only the tests of these build folders, as they are

A part that cannot be built, or whose tests fail, does not keep the others from being tested. The last line is
"N passed, N failed, N skipped". Passed are whole tests; a single case that one of them skips is counted as skipped, by
name. Only the reasons below may be the reason of a skip: any other one is a failure, or a test that never runs would go
unnoticed for ever.
"""
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PRESETS = ("host", "machines")
# Many tests wait for a machine's next frame or a time to pass: two more at once than there are processors keep those busy.
AT_ONCE = (os.cpu_count() or 1) + 2

# What this machine may lack, and what is run elsewhere in the same ./test. Whole lines.
REASONS = [
    r"there is no UEFI firmware \(package ovmf\)",
    r"gdb is not here \(package gdb\)",
    r"this ctx was built without SDL2 \(package libsdl2-dev\)",
    r"there is no Xvfb \(package xvfb\)",
    r"there is no xdotool \(package xdotool\)",
    r"there is no (valgrind|gdb|man|perf|curl|openssl|tshark|node|pkg-config|dpkg-deb|file|ninja|debootstrap|network)",
    r"no compiler for (c|c\+\+) of that name .*",
    r"no rustc",
    r"no tap devices: that takes root",
    r"there is no cargo \(package cargo-web\)",
    r"not built here: rusty",  # there is no Rust for the target
    r"SQLite's programs were not built \(-DARGOS_SQLITE_TESTS=ON\)",  # likewise by -DARGOS_SQLITE_TESTS=ON
    r"\S+ was not built: there is no clang",
    r"not built here: 2048",  # programs of others are built by -DARGOS_PORTS=ON only
    r"no clang-format 14 \(package clang-format\)",
    r"no clang-tidy 14 \(package clang-tidy\)",
    r"this is no Debian: there is no apt-get",
    r"this is no git checkout",
    r"this machine has no \w+",  # a feature of the processor
    r"this machine lets nobody make a root of their own \(unshare\)",
    r"a root cannot be made of this machine: it lacks the package \S+",
    r"this Linux can not tell an app's system calls from ours \(it wants 5\.11\)",
    # Run by linux.*, whose ctx has no sanitizers.
    r"compared once, without sanitizers",
    r"without sanitizers only.*",
]


def is_known(reason):
    return any(re.fullmatch(known, reason) for known in REASONS)


class Sums:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def skip(self, name, reason):
        if is_known(reason):
            self.skipped.append((name, reason))
        else:
            self.failed.append((name, f"skipped, and that is no known reason: {reason}"))

    def count(self, part, case):
        """One <testcase> of ctest's report: what it says of a test, and what the test printed."""
        name, status = f"{part}: {case.get('name')}", case.get("status")
        said = case.findtext("system-out") or ""
        skips = re.findall(r"^skipped(?: ([^:\n]+))?: (.*?)\r?$", said, re.M)
        if status == "run":
            self.passed += 1
        elif status == "fail":
            failure = case.find("failure")
            why = failure.get("message") if failure is not None else ""
            self.failed.append((name, why or "failed"))
        elif not skips:
            self.failed.append((name, f"not run ({status}), and it does not say why"))
        for what, reason in skips:
            self.skip(f"{name} {what}".rstrip(), reason.strip())

    def show(self):
        print("\n==== summary")
        for word, several in (("skipped", self.skipped), ("failed", self.failed)):
            for name, why in several:
                print(f"{word}  {name}: {why}")
        print(f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped", flush=True)


def run(*command):
    print(f"\n==== {' '.join(command)}", flush=True)
    return subprocess.run(command, cwd=SOURCE).returncode == 0


def test(part, sums, *where):
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        report = os.path.join(folder, "report.xml")
        good = run("ctest", *where, "--parallel", str(AT_ONCE), "--no-tests=error", "--output-on-failure", "--test-output-size-passed", "1000000",
                   "--test-output-size-failed", "1000000", "--output-junit", report)
        failed = len(sums.failed)
        try:
            for case in ElementTree.parse(report).getroot().iter("testcase"):
                sums.count(part, case)
        except (OSError, ElementTree.ParseError) as e:
            sums.failed.append((f"{part}: ctest", f"there is no report of it: {e}"))
        if not good and len(sums.failed) == failed:
            sums.failed.append((f"{part}: ctest", "it failed, and its report does not say what"))


def main(folders):
    sums = Sums()
    if folders:
        for folder in folders:
            test(os.path.basename(os.path.abspath(folder)), sums, "--test-dir", folder)
    else:
        built = []
        for preset in PRESETS:
            if run("cmake", "--preset", preset) and run("cmake", "--build", "--preset", preset):
                built.append(preset)
            else:
                sums.failed.append((f"{preset}: build", "it cannot be built, so its tests are not run"))
        for preset in built:
            test(preset, sums, "--preset", preset)
    sums.show()
    return 1 if sums.failed or sums.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
