# SPDX-License-Identifier: MIT
"""Fibers: several pieces of code that wait in one app, each on a stack of its own. ctest/linux/libc.py runs the same list."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import isolation  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402

# What each does is in apps/fibers.c; the words are its arguments.
FIBERS = {"turns": "turns", "order": "order", "words": "words", "many": "many", "misuse": "misuse", "memory": "memory mem=512K",
          "overflow": "overflow", "cost": "cost"}


def apps(file="fibers"):
    return [(file, name, words) for name, words in FIBERS.items()]


def wrong(text):
    """Why the log of these apps is not as it should be; empty if it is."""
    said = [f"{name} does not say ok" for name in FIBERS if not re.search(rf"app\.{name}#\d+: T {name} ok", text)]
    said += [f"{name} does not exit with 0" for name in FIBERS if not re.search(rf"exited name={name} pid=\d+ code=0", text)]
    said += re.findall(r"T \w+ FAIL.*", text)
    faults = re.findall(r" fault name=(\w+) pid=\d+ call=2 vector=14 ", text)
    said += [] if faults == ["overflow"] else [f"{faults} fault"]
    # Its page is the one below its stack, which is the first block of the heap. (Verified code reads there first.)
    if not re.search(r"it (?:wrote to|read) slot\+0x10000\w{3}, ", text) or not re.search(r"#0 deeper\S*\+", text):
        said.append("the overflow is not reported")
    return said


def all_say_ok(file, words):
    with apps_vm([(test_app(file), name, args) for file, name, args in apps(file)], words) as vm:
        for name in FIBERS:
            vm.until(rf"exited name={name} .*\n")
        check(not wrong(vm.text), "\n  ".join(wrong(vm.text)))


def a_key_wakes_one(file, words):
    with apps_vm([(test_app(file), "key", "key")], words, devices=suite.DESKTOP) as vm:
        vm.until(r"app\.key#0: T waits")
        vm.type("abc")
        vm.until(r"app\.key#0: T key ok")


@case
def all_of_them():
    all_say_ok("fibers", "")


@case
def key():
    """An event wakes a fiber, and nothing else does."""
    a_key_wakes_one("fibers", "")


@case
def verified():
    """The same from code that a kernel can verify: stacks are changed by it, and returns go to where another fiber left."""
    all_say_ok(isolation.fibers(), "isolate=require")
    a_key_wakes_one(isolation.fibers(), "isolate=require")


if __name__ == "__main__":
    suite.main()
