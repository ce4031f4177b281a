# SPDX-License-Identifier: MIT
"""The desktop of windows on the machine: its menu entry, and the main flow by QMP's mouse and keys."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from suite import DESKTOP, STOP, apps_vm, case, check, eventually, iso_vm, main, product  # noqa: E402

GRANTS = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"


def app(name, args=""):
    return product(f"apps/{name}.elf"), name, args


def window(vm, name, state, since=0):
    """The desktop has told this of the window; answers its place and size."""
    found = vm.until(rf"app\.desktop#0: window {name}: (-?\d+),(-?\d+) (\d+),(\d+)({state})\r?\n", since=since)
    numbers = re.findall(rf"window {name}: (-?\d+),(-?\d+) (\d+),(\d+){state}\r?\n", vm.text[since:])
    check(found is not None and numbers, f"{name} is not {state}")
    return tuple(map(int, numbers[-1]))


@case
def by_its_menu_entry():
    with iso_vm("windows", "") as vm:
        vm.until("windows: desktop#1 manages them")

        def seen():
            a = vm.screen()
            check((a.w, a.h) == (1280, 800), f"the screen is {a.w}x{a.h}")
            bar = a.crop(0, 762, 1280, 36)
            check(bar.at(640, 4) == (46, 44, 40), f"no task bar: {bar.at(640, 4)}")
            check(len(a.crop(20, 20, 400, 300).colours()) > 20, "no window")
        eventually(seen)
        check(" fault " not in vm.text and "refused" not in vm.text.split("main: running", 1)[0], vm.text[-2000:])


@case
def by_mouse_and_keys():
    apps = [app("desktop", f"trusted tell {GRANTS}"), app("clock"), app("widgets"), app("snake", "shelf")]
    with apps_vm(apps, STOP, devices=DESKTOP) as vm:
        x, y, w, h = window(vm, "Widgets", " active")
        mark = len(vm.text)
        vm.mouse_to(x + 100, y + 15)
        vm.button("left", True)
        vm.mouse_to(x + 130, y + 60)
        vm.mouse_to(x + 150, y + 95)
        vm.button("left", False)
        moved = window(vm, "Widgets", " active", mark)
        check(moved == (x + 50, y + 80, w, h), f"moved from {(x, y)} to {moved}")
        mark = len(vm.text)
        vm.mouse_to(moved[0] + w - 15, moved[1] + 15)  # close
        vm.button("left", True)
        vm.button("left", False)
        window(vm, "Clock", " active", mark)
        mark = len(vm.text)
        vm.chord("meta_l")
        vm.type("snake\n", 0.1)
        snake = window(vm, "Snake", " active", mark)
        mark = len(vm.text)
        vm.chord("alt", "tab")
        window(vm, "Clock", " active", mark)
        mark = len(vm.text)
        vm.chord("meta_l", "d")
        window(vm, "Snake", " minimized", mark)
        mark = len(vm.text)
        vm.chord("meta_l", "d")
        window(vm, "Snake", "", mark)
        x, y, w, h = snake

        def seen():
            board = vm.screen().crop(x + 40, y + h - 60, 100, 40).colours(1)
            check(2 <= len(board) <= 4, "the game is not seen, but what is behind it")
            return board
        board = eventually(seen)
        vm.key("alt", True)
        vm.key("tab")

        def small():
            both = vm.screen().crop(440, 290, 400, 150).colours(1) & board
            check(len(both) >= 2, "no small picture of the game")
        eventually(small)
        mark = len(vm.text)
        vm.key("print")
        vm.until("No picture of the screen: The desktop's line lacks grant=ctx.screen/1", since=mark)
        vm.key("alt", False)


if __name__ == "__main__":
    main()
