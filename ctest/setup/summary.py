# SPDX-License-Identifier: MIT
"""The summary of ./test: nothing that failed or was left out goes unnoticed."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, case, check  # noqa: E402


def summary(*parts):
    """parts: of each build folder its tests {name: (exit code, output)}. The exit code, and the lines below the heading."""
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        folders = []
        for n, tests in enumerate(parts):
            folders.append(os.path.join(folder, f"part{n}"))
            os.mkdir(folders[-1])
            with open(os.path.join(folders[-1], "CTestTestfile.cmake"), "w", encoding="utf-8") as f:
                for name, (rc, output) in tests.items():
                    f.write(f'add_test([==[{name}]==] "/bin/sh" "-c" [==[printf "%s\\n" "{output}"; exit {rc}]==])\n'
                            f'set_tests_properties([==[{name}]==] PROPERTIES SKIP_RETURN_CODE 77)\n')
        script = os.path.join(SOURCE, "ctest", "harness", "everything.py")
        p = subprocess.run([sys.executable, "-B", script, *folders], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check("==== summary\n" in p.stdout, f"there is no summary: {p.stdout}")
        return p.returncode, p.stdout.split("==== summary\n")[1].splitlines()


@case
def all_passed():
    rc, lines = summary({"a": (0, "fine"), "b": (0, "")}, {"c": (0, "")})
    check((rc, lines) == (0, ["3 passed, 0 failed, 0 skipped"]), f"{rc} {lines}")


@case
def a_part_that_fails_does_not_hide_the_next():
    rc, lines = summary({"a": (1, "wrong")}, {"b": (0, "")}, {"c": (3, "")})
    check(rc == 1 and lines[-1] == "1 passed, 2 failed, 0 skipped", f"{rc} {lines}")
    check(lines[0].startswith("failed  part0: a:") and lines[1].startswith("failed  part2: c:"), f"{lines}")


@case
def skips_are_named_with_their_reason():
    why = "there is no UEFI firmware (package ovmf)"
    rc, lines = summary({"boot": (77, f"skipped uefi: {why}"), "disk": (0, f"skipped of-uefi: {why}")})
    check(rc == 0 and lines == [f"skipped  part0: boot uefi: {why}", f"skipped  part0: disk of-uefi: {why}",
                                "1 passed, 0 failed, 2 skipped"], f"{rc} {lines}")


@case
def a_skip_for_another_reason_fails():
    rc, lines = summary({"both": (77, "skipped same-trace: there is no argos.elf"),
                         "one": (0, "skipped a: not now, there is no network"), "good": (0, "")})
    check(rc == 1 and lines[-1] == "2 passed, 2 failed, 0 skipped", f"{rc} {lines}")
    check(all("no known reason" in line for line in lines[:2]), f"{lines}")


@case
def silence_fails():
    """A skip without a word, and a folder without tests."""
    rc, lines = summary({"a": (77, ""), "b": (0, "")})
    check(rc == 1 and "does not say why" in lines[0], f"{rc} {lines}")
    rc, lines = summary({"a": (0, "")}, {})
    check(rc == 1 and lines[-1] == "1 passed, 1 failed, 0 skipped", f"{rc} {lines}")


if __name__ == "__main__":
    suite.main()
