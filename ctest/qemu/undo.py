# SPDX-License-Identifier: MIT
"""Undo of a call, under the kernel."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
import undo  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402


def declare(name, app, words, core, least):
    def run():
        with apps_vm([(test_app(app), "a", f"{words} {core}")], "debugexit", seconds=90) as vm:
            vm.until(r"exited name=a|stopped name=a")
            wrong = undo.wrong(vm.text, least)
            check(not wrong, "; ".join(wrong[:4]))
    run.__name__ = name
    case(run)


for _run in undo.RUNS:
    declare(*_run)

if __name__ == "__main__":
    suite.main()
