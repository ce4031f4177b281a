# SPDX-License-Identifier: MIT
"""The kernel in which undefined behaviour is a panic: it boots everything, and stands hostile apps."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import hostile  # noqa: E402
import suite  # noqa: E402
from suite import SOURCE, Skip, apps_vm, case, check, product, test_app  # noqa: E402

KERNEL = "argos-ubsan.elf"


def everything():
    """The apps of the menu entry Everything; those with `?` only if they were built."""
    apps = []
    with open(os.path.join(SOURCE, "iso", "everything.list")) as f:
        for words in (line.split() for line in f if line.strip() and not line.startswith("#")):
            maybe = words[0] == "?"
            file, name, *rest = words[maybe:]
            if not maybe or os.path.exists(os.path.join(suite.build(), "apps", file)):
                apps.append((product("apps/" + file), name, " ".join(rest)))
    return apps


def boots(apps, words, **options):
    if not os.path.exists(os.path.join(suite.build(), KERNEL)):
        raise Skip("it was not built (ARGOS_UBSAN)")
    with apps_vm(apps, "debugexit " + words, kernel=KERNEL, **options) as vm:
        vm.verdict("pass")
        check(not re.search("^PANIC", vm.text, re.M), "a panic")
        return vm.text


@case
def boots_everything():
    said = boots(everything(), "stop=60", devices=suite.DESKTOP)
    check(" fault " not in said, "an app faulted")


@case
def stands_hostile_apps():
    apps = [(test_app(f"hostile/{a.name}"), a.name) for b in ("memory", "gates", "greedy", "state") for a in hostile.of(b, "argos")]
    said = boots(apps, "stop=10 nodisplay")
    check(said.count(" fault name=") > 30, "they do nothing")


if __name__ == "__main__":
    suite.main()
