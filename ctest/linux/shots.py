# SPDX-License-Identifier: MIT
"""Screenshots: the right size, the right pixels, and the same as under Argos where that can be looked at."""
import os

from runner import FINE, argos, case, check, ctx, eventually, headless, main, own_apps, qemu_test, read_png, scratch
from runner import frozen, test_app, together
import suite

desktop = qemu_test("desktop")


def shot(apps, *options, frames=30):
    with scratch() as folder:
        path = os.path.join(folder, "shot.png")
        said = headless(apps, "--screenshot", path, *options, frames=frames).ends(FINE)
        said.has(r"I main: screenshot file=\S+ width=\d+ height=\d+")
        return read_png(path), said


@case
def exact_pixels():
    for size in ("1280x800", "333x217"):
        picture, said = shot([test_app("p05a"), test_app("p05b")], "--size", size)
        suite.verdicts(said, ["p05"])
        check(f"{picture.w}x{picture.h}" == size, f"{picture.w}x{picture.h}, not {size}")
        desktop.exact_now(picture)


@case
def frozen_binaries():
    for path in frozen():
        picture, _ = shot([path], "--size", "800x600")
        check((picture.w, picture.h) == (800, 600), "another size")
        check(len(picture.colours(1)) > 1, f"{path} draws nothing")


@case
def our_desktop():
    picture, _ = shot(own_apps("background", "cursor"), frames=60)
    check((picture.w, picture.h) == (1280, 800) and not picture.black(), "the screen is black")
    for x in (0, 1080):
        for y in (0, 650):
            check(len(picture.crop(x, y, 200, 150).colours(3)) > 16, f"the corner at {x},{y} is no picture")
    check(len(picture.colours()) > 200, f"only {len(picture.colours())} colours")


@case
def selftest():
    picture, _ = shot(own_apps("selftest"), frames=60)
    check(len(picture.colours(1)) > 1, "selftest draws nothing")


@case
def same_as_argos():
    """Two apps that draw, on both machines: pixel by pixel."""
    apps = [test_app("p05a"), test_app("p05b")]
    with argos(), suite.apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        vm.until("T p05 ok")
        there = vm.screen()
        linux, _ = shot(apps, "--size", f"{there.w}x{there.h}")

        def same():
            differing = vm.screen().differing(linux)
            check(not differing, f"{len(differing)} pixels differ")
        eventually(same)


@case
def waiting_apps_are_shown():
    """Apps of version 3 that wait draw their own surface; a screenshot has it."""
    with scratch() as folder:
        path = os.path.join(folder, "clock.png")
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "1.5", "--screenshot", path, *together(own_apps("clock")))
        said.ends(FINE)
        check(len(read_png(path).colours(1)) > 1, "the clock is not shown")


@case
def not_writable():
    headless([test_app("idle")], "--screenshot", "/nowhere/a.png", frames=1).ends(1).has("E main: screenshot /nowhere")


if __name__ == "__main__":
    main()
