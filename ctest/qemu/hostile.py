# SPDX-License-Identifier: MIT
"""Hostile apps by the score, three good ones among them: what must come of each stands in harness/hostile.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import hostile  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402

# To find out which of a batch it was: ARGOS_HOSTILE="null-read ud2", or "-gate-all" for all others.
ONLY = os.environ.get("ARGOS_HOSTILE", "").split()


def chosen(name):
    return f"-{name}" not in ONLY and (name in ONLY or all(o.startswith("-") for o in ONLY))


def files(batch, machine):
    """(path, name, words) of a batch's apps: the good ones come first, in the middle and last."""
    late = "-thousandth" if batch == "thousandth" else ""
    apps = [(test_app(f"hostile/{a.name}"), a.name, a.words) for a in hostile.of(batch, machine) if chosen(a.name)]
    good = [(test_app(f"hostile/{file}{late}"), f"{hostile.GOOD}{n}", "") for n, file in ((1, "good"), (2, "good3"), (3, "good"))]
    half = len(apps) // 2
    return good[:1] + apps[:half] + good[1:2] + apps[half:] + good[2:]


def judge(batch, machine, text, report=True):
    said = hostile.complaints(batch, machine, text, report, chosen)
    check(not said, f"batch {batch} under {machine}:\n  " + "\n  ".join(said))


def to_the_end(batch, stop=20, words="", **options):
    with apps_vm(files(batch, "argos"), f"debugexit stop={stop} nodisplay {words}", seconds=30, **options) as vm:
        try:
            vm.verdict("pass")
        finally:
            judge(batch, "argos", vm.text)


@case
def memory():
    to_the_end("memory")


@case
def exceptions():
    to_the_end("exceptions")


@case
def depths():
    to_the_end("depths")


@case
def thousandth():
    """The thousandth call, and what a thousand good ones before it leave behind."""
    to_the_end("thousandth", 1010, "frame_us=0")


@case
def state():
    to_the_end("state")


@case
def gates():
    to_the_end("gates")


@case
def privileged():
    to_the_end("privileged")


@case
def devices_go_on():
    """After all that was done to interrupts, ports and control registers, keys still come and the mouse still moves."""
    apps = [a for b in ("exceptions", "privileged") for a in files(b, "argos") if not a[1].startswith(hostile.GOOD)]
    apps += [(test_app("keys"), "keys"), (test_app("mouse"), "mouse")]
    with apps_vm(apps, "", devices=suite.DESKTOP, seconds=60) as vm:
        vm.until(r"app\.wrfsbase#\d+: T again ok")
        vm.until(r"app\.cr8#\d+: T again ok")
        for key, code in (("a", 30), ("b", 48)):
            vm.key(key)
            vm.until(rf"T up code={code} ", 5)
        vm.mouse_to(300, 400)
        vm.until("T mouse x=", 5)
        check("PANIC" not in vm.text, "a panic")


@case
def greedy():
    to_the_end("greedy")


@case
def exhaustion():
    """All memory is asked for, in two ways: the good ones' stacks still grow."""
    to_the_end("exhaustion", mem=96)


@case
def answers():
    to_the_end("answers")


@case
def overruns():
    to_the_end("overruns")


@case
def endless():
    """They never come to an end, so the run is ended from outside."""
    with apps_vm(files("endless", "argos"), "nodisplay") as vm:
        try:
            for n in (1, 2, 3):
                vm.until(rf"app\.{hostile.GOOD}{n}#\d+: T good ok")
        finally:
            judge("endless", "argos", vm.text, report=False)


if __name__ == "__main__":
    suite.main()
