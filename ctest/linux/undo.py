# SPDX-License-Identifier: MIT
"""Undo of a call, under ctx run; and what it is without the policy."""
import collections
import re

from runner import case, check, ctx, main, own_app, sanitized, test_app
import suite
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


# Apps whose state depends on their calls alone: a call that is undone costs a frame, and time goes on meanwhile.
STEADY = [("own", "rusty", ""), ("own", "veteran", ""), ("own", "cursor", ""), ("own", "hello", ""), ("own", "background", ""),
          ("test", "holder", "24 5"), ("test", "holder", "600 9")]
CALLS = 150


def steady(path, words, *core):
    return ctx("run", "--headless", "--virtual-time", "--ascending", "--seed", "1", "--size", "160x100", "--frames", str(CALLS), path,
               *words.split(), "hash", *core, seconds=60).text


@case
def faults_by_chance():
    """Ten thousand (the target linux-long), or a third, in apps that can be undone: after each, the same memory and pixels as a twin
    that had none."""
    found, seed = collections.Counter(), 0
    wanted = suite.share(500 if sanitized() else 10000)
    twins = {}
    while sum(found.values()) < wanted:
        seed += 1
        check(seed < 4000, "they come too slowly")
        for kind, name, words in STEADY:
            path = own_app(name) if kind == "own" else test_app(name)
            if not path:
                continue
            if (name, words) not in twins:
                twins[name, words] = undo.hashes(steady(path, words))
                check(len(twins[name, words]) == CALLS, f"{name}: the twin said {len(twins[name, words])} hashes")
            text = steady(path, words, f"inject={seed},4,ujx", "restart=undo:1000", "overrun=restart:1", "budget=20ms")
            check(not re.search("^PANIC", text, re.M), "a panic")
            undo.follow(text, twins[name, words], found)
    total = sum(found.values())
    print(f"{total} faults: " + ", ".join(f"{n} {what} ({100 * n / total:.1f} %)" for what, n in sorted(found.items())))
    check(found["undone and right"] >= 0.95 * (total - found["began anew"]), "undoing does not do what it is for")
    check(found["undone, but wrong"] == 0, "an undone call left something behind")


@case
def without_it():
    """The test itself: an app that is only called again after a fault finds its state changed by half."""
    said = ctx("run", "--headless", "--frames", "60", test_app("undoing"), "64", "300", seconds=60)
    check("T FAIL" in said.text, "a half-changed state went unnoticed\n" + said.text[-800:])


if __name__ == "__main__":
    main()
