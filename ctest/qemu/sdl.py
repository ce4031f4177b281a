# SPDX-License-Identifier: MIT
"""A small game in <SDL.h> under the kernel: the same pixels as under Linux, keys and pointer, and a window of the desktop whose size, end and
relative motion are told."""
import gzip
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import picture  # noqa: E402
from suite import DESKTOP, STOP, apps_vm, case, check, eventually, main, product  # noqa: E402

GRANTS = "trusted tell grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"
MOUSE = [word.replace("tablet", "mouse") for word in DESKTOP]


def game(words="", folder=""):
    return product(f"ctest/qemu/conformance/{folder}sheet.elf"), "sheet", words


def golden(name):
    with gzip.open(os.path.join(HERE, "..", "linux", "golden", name + ".ppm.gz")) as f:
        return picture.read_ppm(f.read())


@case
def same_pixels_and_input():
    want = golden("sdl-plain").crop(160, 140, 320, 200)
    with apps_vm([game(folder="verified/")], "isolate=require", devices=DESKTOP) as vm:
        vm.until("window 10 0,0")
        eventually(lambda: check(not vm.screen().crop(480, 300, 320, 200).differing(want), "it looks otherwise than under Linux"))
        vm.type("aB")
        vm.until(r"down A sym=97 (?s:.*)text a(?s:.*)up A(?s:.*)down Left Shift(?s:.*)text B")
        vm.mouse_to(640, 400)
        vm.until("motion 160,100 by ")
        vm.mouse_to(650, 390)
        vm.until("motion 170,90 by 10,-10")
        vm.button("left", True)
        vm.button("left", False)
        vm.until(r"button 1 down clicks=1 at 170,90(?s:.*)button 1 up")
        vm.key("esc")
        vm.until("name=sheet pid=0 code=0")
        check(" fault " not in vm.text, vm.text[-2000:])


@case
def a_window_of_the_desktop():
    apps = [(product("apps/desktop.elf"), "desktop", GRANTS), game("relative resizable")]
    with apps_vm(apps, STOP, devices=MOUSE) as vm:
        vm.until(r"window sheet: (-?\d+),(-?\d+) (\d+),(\d+) active")
        vm.until("window 12 0,0")
        for _ in range(4):  # further than the screen is wide: a mouse has no end
            vm.mouse_by(500, 0)
        vm.until(r"(motion \d+,\d+ by [1-9]\d*,0 (?s:.*)){4}")
        check(sum(int(n) for n in re.findall(r"motion \d+,\d+ by (\d+),0 ", vm.text)) == 2000, f"moved by another distance:\n{vm.text[-1500:]}")
        vm.key("f11")
        vm.until("window 6 1280,800")
        eventually(lambda: check(vm.screen().pixel(1279, 799) == (255, 255, 255), "it does not fill the screen"))
        vm.key("f11")
        vm.until("window 6 320,200")
        mark = len(vm.text)
        vm.chord("alt", "f4")
        vm.until("window 14 0,0", since=mark)
        vm.until("name=sheet pid=1 code=0", since=mark)
        check(" fault " not in vm.text, vm.text[-2000:])


if __name__ == "__main__":
    main()
