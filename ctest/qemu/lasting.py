# SPDX-License-Identifier: MIT
"""What is frozen with version 3, in ring 0: programs, verified ones where nothing else may run, and the session, which was saved on Linux.
Until it is frozen it is made of today's build, as ctest/linux/lasting.py has it."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "harness"), os.path.join(HERE, "..", "linux")]
import lasting  # noqa: E402
import suite  # noqa: E402
from across import Folder  # noqa: E402
from suite import apps_vm, check, eventually  # noqa: E402

suite._cases.clear()  # those of across


def end(vm, names):
    for name in names:
        vm.until(rf"app\.{name}#\d+: T lasting ends", 60)


def shows(vm, runs):
    def look():
        check(lasting.corner(vm.screen()) == runs["picture"], "the picture is another one than on the first day")
    eventually(look, 20)


def as_ever(runs, what, vm, names=None):
    bad = lasting.wrong(runs, what, vm.text, names)
    check(not bad, "\n".join(bad))


def apps(folder, names):
    return [(os.path.join(folder, name + ".elf"), name, " ".join([*map(str, lasting.DRAW[name]), lasting.GRANTS])) for name in names]


@suite.case
def programs():
    folder = lasting.folder()
    with apps_vm(apps(folder, lasting.DRAW), "", devices=suite.DESKTOP) as vm:
        runs = lasting.read(folder)
        end(vm, lasting.DRAW)
        as_ever(runs, "says", vm)
        shows(vm, runs)


@suite.case
def verified_ones():
    folder = lasting.folder()
    with apps_vm(apps(folder, lasting.VERIFIED), "isolate=require", devices=suite.DESKTOP) as vm:
        end(vm, lasting.VERIFIED)
        as_ever(lasting.read(folder), "says", vm, lasting.VERIFIED)
        check("unverified name=" not in vm.text, "one is not verified")


@suite.case
def session():
    frozen = lasting.folder()
    with Folder() as folder:
        runs = lasting.read(frozen)
        folder.ctx("disk", "put", folder.disk, "session/x", os.path.join(frozen, "session.img"), "--force")
        with folder.argos() as vm:
            vm.until(rf"session: resumed file=session/x apps={len(lasting.DRAW)} of={len(lasting.DRAW)}")
            end(vm, lasting.DRAW)
            as_ever(runs, "resumed", vm)
            shows(vm, runs)


if __name__ == "__main__":
    suite.main()
