# SPDX-License-Identifier: MIT
"""Quicksave: by keys and by the console's commands, of all or of one app."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from sessions import GREETING, SCREEN, a_disk, began, boots_again, by_command, chord, machine, say  # noqa: E402
from suite import apps_vm, case, check, product  # noqa: E402


@case
def quick_by_keys():
    """Ctrl-Alt-Insert, Home, PageUp and PageDown: two slots, each with its own."""
    with a_disk() as path, machine(path, devices=SCREEN) as vm:
        began(vm)
        for number, step in ((1, None), (2, "pgup")):
            if step:
                chord(vm, step)
                vm.until("keep: slot=2")
            say(vm, f"eval (function() q = {number} end)()", "")
            chord(vm, "insert")
            vm.until(f"vault: save name=quick/{number} ")
        say(vm, "eval (function() q = 3 end)()", "")
        for number, step in ((2, None), (1, "pgdn")):
            since = len(vm.serial)
            if step:
                chord(vm, step)
                vm.until("keep: slot=1", since=since)
            chord(vm, "home")
            vm.until(f"vault: restore name=quick/{number} ", since=since)
            say(vm, "eval q", f"{number}")
        boots_again(vm, by_command)  # slots survive it
        since = len(vm.serial)
        chord(vm, "pgup")
        vm.until("keep: slot=2", since=since)
        chord(vm, "home")
        vm.until("vault: restore name=quick/2 ", since=since)
        say(vm, "eval q", "2")


@case
def quick_by_command():
    """All, and what the console then says of itself; one app, by name and by pid; a copy; forgetting."""
    with a_disk() as path, machine(path, apps=("hello", "snake")) as vm:
        began(vm)
        say(vm, "eval (function() q = 1 end)()", "")
        say(vm, "save", r"all: saved as quick/1, \d+ KiB")
        say(vm, "eval (function() q = 2 end)()", "")
        say(vm, "save all before the boss", r"all: saved as before the boss, \d+ KiB")
        say(vm, "eval (function() q = 3 end)()", "")
        say(vm, "load", r"back at quick/1(, of \d+ s ago)?\s")
        say(vm, "eval q", "1")
        say(vm, "load before the boss", r"back at before the boss(, of \d+ s ago)?\s")
        say(vm, "eval q", "2")
        say(vm, "save hello", r"hello: saved as quick/hello/1")
        say(vm, "save 1 little snake", r"snake: saved as little snake")
        say(vm, "load snake little snake", r"snake: back at little snake")
        say(vm, "load 0", r"hello: back at quick/hello/1")
        say(vm, "eval q", "2")
        say(vm, "load snake quick/hello/1", r"quick/hello/1: field=\S+ value=\S+: .* \(INVAL\)")
        say(vm, "load quick/hello/1", r"quick/hello/1: it is one app, not a session \(INVAL\)")
        say(vm, "load hello quick/1", r"quick/1: it is a session, not one app \(INVAL\)")
        say(vm, "load new quick/hello/1", r"quick/hello/1: .* \(EXIST\)")
        say(vm, "load nothing of that name", r".*\(NOENT\)")
        say(vm, "save console", r"console: saved as quick/console/1")
        say(vm, "eval (function() q = 4 end)()", "")
        say(vm, "load console", r"back at quick/console/1")
        say(vm, "eval q", "2")
        say(vm, "forget little snake", "little snake: forgotten")
        say(vm, "forget little snake", r".*\(NOENT\)")
        say(vm, "images", "4 images on vda, room for \\d+ KiB more")
        check(" fault " not in vm.text, "an app faulted")


@case
def commands_without_a_grant():
    with apps_vm([product("apps/console.elf")], "") as vm:
        vm.until(GREETING)
        say(vm, "save", r"refused \(DENIED\): it takes grant=ctx\.image/1")
        say(vm, "images", r"refused \(DENIED\)")
    with apps_vm([product("apps/console.elf")], "context=2") as vm:
        vm.until(GREETING)
        say(vm, "load", r"this kernel does not offer ctx\.image/1")


if __name__ == "__main__":
    suite.main()
