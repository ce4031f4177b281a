# SPDX-License-Identifier: MIT
"""Sessions: what ran when the machine went down goes on when it comes up, by whatever it went down and on whatever screen it comes up."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from sessions import SCREEN, a_disk, began, boots_again, by_command, by_keys, machine, objects, power_off, say  # noqa: E402
from suite import apps_vm, case, check, eventually, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402


@case
def reboot_goes_on():
    """Text on the screen, variables of Lua, a form half typed; twice, for what was restored is saved too."""
    with a_disk() as path, machine(path, devices=SCREEN) as vm:
        began(vm)
        say(vm, "eval (function() x = 41 end)()", "")
        say(vm, "echo a landmark", "a landmark")
        before = vm.still()
        boots_again(vm, by_command)
        window = (0, 0, 1280, 210)  # the first lines; what `reboot` itself printed comes below them
        check(len(before.crop(*window).colours(3)) > 8, "there is nothing to see")

        def same():
            different = len(before.crop(*window).differing(vm.screen().crop(*window), 8))
            check(different == 0, f"{different} pixels differ after the reboot")
        eventually(same)
        for want in (42, 43):
            say(vm, "eval (function() x = x + 1 return x end)()", f"{want}")
            since = boots_again(vm, by_command)
            check("keep:" not in vm.text[since:], "something was not right")
            check("I main: the session goes on; 2 apps of the boot loader's are not started anew" in vm.text[since:], "modules are ignored in silence")
        say(vm, "eval x", "43")
        say(vm, "images", "session/test .* KiB")
        say(vm, "images", "1 images on vda")


@case
def power_button_and_keys():
    """What goes off saves too; Ctrl-Alt-Del is a reboot like any."""
    with a_disk() as path:
        with machine(path, devices=SCREEN) as vm:
            began(vm)
            say(vm, "eval (function() y = 'kept' end)()", "")
            boots_again(vm, by_keys)
            say(vm, "eval y", "kept")
            power_off(vm)
        with machine(path, devices=SCREEN) as vm:
            began(vm, resumed=True)
            say(vm, "eval y", "kept")


@case
def much_data_is_named():
    """An app with two megabytes to read, twice: they lie in memory once, and the session on the disk has not got them. The boot loader brings them again."""
    apps = [(test_app("album"), "one"), (test_app("album"), "two")]

    def told(vm):
        return sorted((name, int(n)) for name, n in re.findall(r"app\.(\w+)#\d+: T album (\d+)", vm.text))

    with a_disk() as path:
        with apps_vm(apps, "session=x", devices=attach(path)) as vm:
            vm.until(r"T album \d+040\b")
            vm.qmp.command("system_powerdown")
            check(vm.wait(20) == 0, "the power button does not end it")
            first = told(vm)
            size = int(re.search(r"vault: save name=session/x pid=-1 bytes=(\d+)", vm.text)[1])
            check(size < 100000, f"the session has {size} bytes")
        with apps_vm(apps, "session=x", devices=attach(path)) as vm:
            vm.until("session: resumed file=session/x apps=2 of=2")
            vm.until(r"T album \d+")
            vm.until(r"T album \d+080\b")
            rest = told(vm)
        with apps_vm(apps, "fresh") as vm:
            vm.until(r"T album \d+080\b", 20)
            whole = set(told(vm))
        check(set(first + rest) & whole and {n for _, n in first + rest if n % 1000 <= 80} == {n for _, n in whole if n % 1000 <= 80},
              f"{first} {rest} {whole}")
        with apps_vm(apps[:0], "session=x", devices=attach(path)) as vm:
            vm.until(r"needs \d+ bytes of one's file")
            vm.until("kept as session/x.refused")


@case
def fresh():
    """`fresh` begins anew; what was is there until the next session takes its place."""
    with a_disk() as path:
        with machine(path) as vm:
            began(vm)
            say(vm, "eval (function() z = 1 end)()", "")
            power_off(vm)
        with machine(path, "fresh", reboot=False) as vm:
            began(vm)
            say(vm, "eval z", "nil")
        with machine(path) as vm:  # the one before had no orderly end
            began(vm, resumed=True)
            say(vm, "eval z", "1")
        with machine(path, "fresh") as vm:
            began(vm)
            say(vm, "eval (function() z = 2 end)()", "")
            power_off(vm)
        with machine(path) as vm:
            began(vm, resumed=True)
            say(vm, "eval z", "2")


@case
def other_sessions_do_not_interfere():
    with a_disk() as path:
        for name, number in (("one", 1), ("two", 2)):
            with machine(path, session=name) as vm:
                began(vm)
                say(vm, f"eval (function() n = {number} end)()", "")
                vm.qmp.command("system_powerdown")
                check(vm.wait(20) == 0, "it does not end")
        check(sorted(objects(path)) == ["session/one", "session/two"], f"there are {objects(path)}")
        with machine(path, session="one") as vm:
            began(vm, resumed=True)
            say(vm, "eval n", "1")
        with machine(path, session="three") as vm:
            began(vm)
        with machine(path, session=None) as vm:
            began(vm)
            since = len(vm.serial)
            vm.send("reboot\n")
            vm.until("power: reboot", 10, since)
            check("vault: save" not in vm.text, "saved without a name")


def same_sky(large, shot, w, h):
    """But for stars, and the ground beside what moves: where they were, by their share of the screen."""
    check((shot.w, shot.h) == (w, h), f"the screen is {shot.w}x{shot.h}")
    far = [(x, y) for x in range(20, 1280, 60) for y in (*range(20, 100, 20), *range(740, 800, 15))
           if x > 320 and max(abs(p - q) for p, q in zip(large.at(x, y), shot.at(x * w // 1280, y * h // 800))) > 24]
    check(len(far) <= 10, f"at {w}x{h} these are not as they were: {far}")


@case
def another_screen():
    """Apps of the first versions keep the canvas they had; it is shown as large as it goes."""
    apps = ("background", "veteran", "clock")
    with a_disk() as path:
        with machine(path, apps=apps, devices=["-device", "virtio-gpu-pci,id=gpu,xres=1280,yres=800"]) as vm:
            began(vm)
            large = suite.wallpaper(vm)
            power_off(vm)
        for w, h in ((640, 400), (1600, 1000)):
            size = ["-device", f"virtio-gpu-pci,id=gpu,xres={w},yres={h}"]
            with machine(path, apps=apps, devices=size, reboot=False) as vm:
                began(vm, resumed=True)
                eventually(lambda: same_sky(large, vm.screen(), w, h))
                check(" fault " not in vm.text, "an app faulted")
        with machine(path, apps=apps, reboot=False) as vm:  # none at all
            began(vm, resumed=True)
            check(" fault " not in vm.text, "an app faulted")


if __name__ == "__main__":
    suite.main()
