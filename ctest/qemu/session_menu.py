# SPDX-License-Identifier: MIT
"""Sessions of the boot menu's entries: each its own, by either firmware, and in as little memory as the README says."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from sessions import RESUMED, RUNNING, a_disk, began, boots_again, by_command, get, listens, objects, say  # noqa: E402
from suite import Skip, case, check, iso_vm, ovmf  # noqa: E402
from vm import disk as attach  # noqa: E402


def by_menu(uefi):
    with a_disk() as path:
        args = dict(words="", uefi=uefi, devices=[*suite.DESKTOP, *attach(path)])
        for entry, name in (("windows", "windows"), ("toys", "desktop")): # toys had that name when they were the first entry
            with iso_vm(entry, reboot=True, **args) as vm:
                began(vm)
                listens(vm)
                say(vm, "eval (function() b = 5 end)()", "")
                boots_again(vm, by_command)
                say(vm, "eval b", "5")
                vm.qmp.command("system_powerdown")
                check(vm.wait(20) == 0, "the power button does not end it")
            check(f"session/{name}" in objects(path), f"{objects(path)}")
            if uefi:
                return
        check(sorted(objects(path)) == ["session/desktop", "session/windows"], f"{objects(path)}")
        before = [get(path, name) for name in objects(path)]
        with iso_vm("game", **args) as vm:
            vm.until(RUNNING)
            check("resumed" not in vm.text, "the game goes on with a desktop")
            vm.qmp.command("system_powerdown")
            vm.wait(20)
        check([get(path, name) for name in objects(path)] == before, "another entry writes these ones' sessions")
        with iso_vm("fresh", **args) as vm:
            began(vm)


@case
def menu_bios():
    by_menu(False)


@case
def menu_uefi():
    if not ovmf():
        raise Skip("there is no UEFI firmware (package ovmf)")
    by_menu(True)


@case
def little_memory():
    """As little as the README says a session takes. Seen: the Toys could not be saved below 48 MiB, because a session wanted to lie in one piece."""
    for entry, sizes in (("windows", (48,)), ("toys", (36, 40))):
        for mem in sizes:
            with a_disk("64M") as path:
                for resumed in (False, True):
                    with iso_vm(entry, "", devices=[*suite.DESKTOP, *attach(path)], mem=mem, seconds=60) as vm:
                        vm.until(RUNNING)
                        check(bool(re.search(RESUMED, vm.text)) == resumed, f"{entry}, {mem} MiB: it goes on: {not resumed}")
                        time.sleep(0.5)
                        vm.qmp.command("system_powerdown")
                        vm.until("power: off", 20)
                        check("could not be saved" not in vm.text, f"{entry}: {mem} MiB are too little")


if __name__ == "__main__":
    suite.main()
