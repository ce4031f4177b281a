# SPDX-License-Identifier: MIT
"""Undo of a call, under ctx run; and what it is without the policy."""
from runner import case, check, ctx, main, test_app
import undo  # harness/undo.py


def declare(name, app, words, core, least):
    def run():
        clock = [] if "endless" in words else ["--virtual-time"]  # endless calls end by the real one
        said = ctx("run", "--headless", "--frames", "100000", *clock, test_app(app), *words.split(), *core.split(), seconds=100)
        wrong = undo.wrong(said.text, least)
        check(not wrong, "; ".join(wrong[:4]) + "\n" + said.text[-1500:])
    run.__name__ = name
    case(run)


for _run in undo.RUNS:
    declare(*_run)


@case
def without_it():
    """The test itself: an app that is only called again after a fault finds its state changed by half."""
    said = ctx("run", "--headless", "--frames", "60", test_app("undoing"), "64", "300", seconds=60)
    check("T FAIL" in said.text, "a half-changed state went unnoticed\n" + said.text[-800:])


if __name__ == "__main__":
    main()
