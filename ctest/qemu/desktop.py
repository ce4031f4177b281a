# SPDX-License-Identifier: MIT
"""The picture: background and cursor are where they must be, and the mouse moves the cursor."""
import time

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, close, eventually, iso_vm, product, test_app, verdicts  # noqa: E402

MOUSE = ["-device", "virtio-vga,id=gpu", "-device", "virtio-keyboard-pci", "-device",
         "virtio-mouse-pci"]
PS2 = ["-device", "virtio-vga,id=gpu"]


def settled(vm, seconds=1.0):
    vm.until("main: running")
    time.sleep(seconds)


def sweep(vm, x0, y0, x1, y1, steps=12):
    """Moves the mouse along a line, slowly enough that the cursor has a curve to draw."""
    for i in range(steps + 1):
        vm.mouse_to(x0 + (x1 - x0) * i // steps, y0 + (y1 - y0) * i // steps)
        time.sleep(0.03)


def strong(a, b, x, y, r=60, least=48):
    """How many pixels around a place differ strongly between two screens."""
    return len(a.crop(x - r, y - r, 2 * r, 2 * r).differing(b.crop(x - r, y - r, 2 * r, 2 * r), least))


def look_at_cursor(vm):
    """The cursor is where the mouse is, and was not there before."""
    here, there = (320, 560), (960, 560)
    sweep(vm, 200, 500, *here)
    eventually(lambda: check(max(vm.screen().at(*here)) > 240, f"the cursor does not come to {here}"))
    a = vm.screen()
    sweep(vm, *here, *there)

    def look():
        b = vm.screen()
        near_here, near_there = strong(a, b, *here), strong(a, b, *there)
        check(near_there >= 8, f"no cursor at {there}: only {near_there} pixels changed")
        check(near_here >= 8, f"the cursor is still at {here}: {near_here} pixels changed")
        quiet = max(strong(a, b, x, y) for x, y in ((160, 120), (1120, 120)))
        check(quiet < min(near_here, near_there), f"all of the screen changes strongly ({quiet})")
    eventually(look)


def look_at_background(vm):
    a = eventually(lambda: picture_of(vm.screen()))

    def moves():
        check(vm.screen().data != a.data, "the screen is stale: nothing moves")
    eventually(moves)


def picture_of(a):
    check((a.w, a.h) == (1280, 800), f"the screen is {a.w}x{a.h}")
    check(not a.black(), "the screen is black")
    corners = [a.crop(x, y, 200, 150) for x in (0, 1080) for y in (0, 650)]
    for i, corner in enumerate(corners):
        check(len(corner.colours(3)) > 16, f"corner {i} is no picture: "
              f"{len(corner.colours(3))} colours")
    check(len(a.colours()) > 200, f"only {len(a.colours())} colours")
    return a


def desktop(uefi=False):
    with iso_vm("toys", "", uefi=uefi) as vm:
        settled(vm, 2)
        look_at_background(vm)
        look_at_cursor(vm)


@case
def bios():
    desktop()


@case
def framebuffer():
    """Without virtio-gpu: the framebuffer that GRUB hands over."""
    with iso_vm("toys", "", devices=["-device", "VGA", "-device", "virtio-tablet-pci"]) as vm:
        settled(vm, 2)
        look_at_background(vm)
        look_at_cursor(vm)


def exact(vm):
    eventually(lambda: exact_now(vm.screen()))


def exact_now(shot):
    """Pixels of known colour in known places, in the order in which the apps are listed."""
    w, h = shot.w, shot.h
    for x, y, want, what in (
            (0, 0, (255, 0, 0), "red"), (99, 99, (255, 0, 0), "red"),
            (0, 100, (0, 255, 0), "green"), (99, 199, (0, 255, 0), "green"),
            (100, 0, (0x11, 0x22, 0x33), "what the first app drew"),
            (w // 2 - 1, h // 2 - 1, (0x11, 0x22, 0x33), "what the first app drew"),
            (w - 1, h - 1, (0x40, 0x80, 0xff), "the last pixel")):
        got = shot.at(x, y)
        check(got == want, f"at {x},{y} there is {got}, not {what} {want}")


@case
def exact_pixels_virtio_gpu():
    for gpu in ("virtio-vga", "virtio-gpu-pci"):
        with apps_vm([test_app("p05a"), test_app("p05b")], "",
                     devices=["-device", f"{gpu},id=gpu"]) as vm:
            vm.until("T p05 (ok|FAIL)")
            verdicts(vm, ["p05"])
            exact(vm)


@case
def screen_size():
    """The display says which size it likes (EDID); the canvas has it."""
    with apps_vm([test_app("p05a"), test_app("p05b")], "",
                 devices=["-device", "virtio-gpu-pci,xres=800,yres=600"]) as vm:
        vm.until("T p05 ok")
        exact(vm)
        shot = vm.screen()
        check((shot.w, shot.h) == (800, 600), f"the screen is {shot.w}x{shot.h}, not 800x600")


def positions(vm):
    import re
    return [(int(x), int(y)) for x, y in re.findall(r"T mouse x=(\d+) y=(\d+)", vm.text)]


@case
def mouse_tablet():
    with apps_vm([test_app("mouse")], "", devices=suite.DESKTOP) as vm:
        vm.until("T mouse ready")
        for x, y in ((100, 700), (1279, 799), (0, 0), (640, 400)):
            vm.mouse_to(x, y)

            def look(x=x, y=y):
                got = positions(vm)[-1:]
                check(got and close(got[0][0], x, 1) and close(got[0][1], y, 1), f"mouse at {got}, not at {(x, y)}")
            eventually(look)
        verdict_free(vm)


def verdict_free(vm):
    check(" FAIL" not in vm.text, "the app complains")


def went(vm, where):
    eventually(lambda: check(where(*positions(vm)[-1]), f"the mouse went to {positions(vm)[-1]}"))


def relative(vm):
    """A mouse that tells distances goes there, and stops at the edges."""
    vm.until("T mouse ready")
    for _ in range(60):
        vm.mouse_by(-100, -100)
        time.sleep(0.02)
    eventually(lambda: check(positions(vm)[-1:] == [(0, 0)], f"the mouse is not in the corner: {positions(vm)[-1:]}"))
    for _ in range(10):
        vm.mouse_by(20, 10)
        time.sleep(0.04)
    went(vm, lambda x, y: 100 <= x <= 600 and 50 <= y <= 300)
    for _ in range(60):
        vm.mouse_by(100, 100)
        time.sleep(0.02)
    went(vm, lambda x, y: x > 400 and y > 200)
    verdict_free(vm)


@case
def mouse_virtio():
    with apps_vm([test_app("mouse")], "", devices=MOUSE) as vm:
        relative(vm)


@case
def mouse_ps2():
    with apps_vm([test_app("mouse")], "", devices=PS2) as vm:
        relative(vm)


@case
def cursor_above_windows():
    """The head of the cursor lies above surfaces, too: those of apps after it in the list."""
    with apps_vm([product("apps/background.elf"), product("apps/cursor.elf"), product("apps/clock.elf")], "",
                 devices=suite.DESKTOP) as vm:
        settled(vm)
        for x, y in ((640, 330), (700, 400), (620, 450)):  # the clock's face is 200 pixels wide, in the middle
            vm.mouse_to(x, y)

            def head(x=x, y=y):
                shot = vm.screen()
                check(shot.pixel(x, y) == (255, 255, 255), f"at {x},{y} is {shot.pixel(x, y)}, not the head's middle")
                check(shot.pixel(x + 4, y)[1] > 200, f"no head around {x},{y}")
            eventually(head)


@case
def cursor_ps2():
    """The cursor app follows a PS/2 mouse too."""
    with apps_vm([product("apps/background.elf"), product("apps/cursor.elf")], "",
                 devices=PS2) as vm:
        settled(vm)
        for _ in range(60):
            vm.mouse_by(-100, -100)
            time.sleep(0.02)
        eventually(lambda: check(max(vm.screen().at(0, 0)) > 240, "the cursor does not come to the corner"))
        a = vm.screen()
        for _ in range(15):
            vm.mouse_by(20, 15)
            time.sleep(0.04)

        def look():
            b = vm.screen()
            check(len(a.crop(0, 0, 60, 60).differing(b.crop(0, 0, 60, 60), 48)) >= 8,
                  "the cursor has not left the corner")
            check(len(a.crop(60, 60, 800, 600).differing(b.crop(60, 60, 800, 600), 48)) >= 8,
                  "the cursor is nowhere")
        eventually(look)


if __name__ == "__main__":
    suite.main()
