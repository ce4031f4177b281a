# SPDX-License-Identifier: MIT
"""
Screenshots: the right size, the right pixels, and the same as under Argos where that can be looked at. With ARGOS_GOLDEN=write the
pictures under golden/ are made anew: look at them before they are kept.
"""
import gzip
import os

from runner import FINE, argos, case, check, ctx, eventually, headless, main, own_apps, qemu_test, read_png, scratch
from runner import frozen, sanitized, Skip, test_app, together, verified_app
import picture
import suite

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")

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


# A menu, typed and chosen text, a choice, a row; what is pressed is over when the next picture is taken.
HANDS = """
wait 100
pointer 50 60
button left click
key down tap
wait 100
screenshot DIR/menu.png
key esc tap
pointer 600 180
button left click
type Hello, World
key leftshift down
key left tap
key left tap
key leftshift up
pointer 250 350
button left down
pointer 250 440
wait 60
button left up
pointer 600 400
wheel -3
button left click
key tab tap
wait 200
screenshot DIR/used.png
quit
"""


def hands(app, *words):
    """Two pictures of apps/widgets."""
    with scratch() as folder:
        with open(os.path.join(folder, "script"), "w", encoding="utf-8") as f:
            f.write(HANDS.replace("DIR", folder))
        ctx("run", "--headless", "--virtual-time", "--seed", "1", "--size", "800x600", "--script", os.path.join(folder, "script"),
            app, *words).ends(FINE)
        return [read_png(os.path.join(folder, name + ".png")) for name in ("menu", "used")]


def as_golden(shot, name):
    """Letters may be those of another release of the font, so a little may differ."""
    path = os.path.join(GOLDEN, name + ".ppm.gz")
    if os.environ.get("ARGOS_GOLDEN") == "write":
        with open(path, "wb") as f:
            f.write(gzip.compress(f"P6\n{shot.w} {shot.h}\n255\n".encode() + shot.data, 9, mtime=0))
        return
    with gzip.open(path) as f:
        wrong = len(shot.differing(picture.read_ppm(f.read()), 40))
    check(wrong <= shot.w * shot.h // 200, f"{wrong} pixels are not as in golden/{name}")


@case
def widgets_look_as_ever():
    """Every control of <ctx/ui.h>; the pictures were looked at."""
    app = own_apps("widgets")
    for name, size, *words in ("plain", "800x600"), ("large", "1600x1100", "200"), ("contrast", "800x600", "contrast"):
        with scratch() as folder:
            path = os.path.join(folder, "shot.png")
            ctx("run", "--headless", "--virtual-time", "--seconds", "0.2", "--size", size, "--screenshot", path, *app, *words).ends(FINE)
            as_golden(read_png(path), "widgets-" + name)
    menu, used = hands(*app)
    as_golden(menu, "widgets-menu")
    as_golden(used, "widgets-used")


@case
def the_desktop_looks_as_ever():
    """With three windows in small pictures, at four sizes of the screen; of large ones every so many pixels. The pictures were looked at."""
    apps = [*own_apps("desktop"), "grant=ctx.windows/1,ctx.control/1,ctx.system/1", "trusted"]
    for name in ("clock", "snake", "widgets"):
        apps += ["+", *own_apps(name)]
    for size, each in ("800x600", 2), ("1280x800", 2), ("1920x1080", 3), ("3840x2160", 6):
        with scratch() as folder:
            script, path = os.path.join(folder, "script"), os.path.join(folder, "shot.png")
            with open(script, "w", encoding="utf-8") as f:
                f.write(f"wait 400\npointer 60 90\nkey leftalt down\nkey tab tap\nwait 100\nscreenshot {path}\nquit\n")
            ctx("run", "--headless", "--virtual-time", "--seed", "5", "--size", size, "--script", script, *apps).ends(FINE)
            as_golden(read_png(path).shrink(each), "desktop-" + size)


@case
def in_any_size():
    """The same picture in seven odd sizes, pixel by pixel and smoothly, made anew by parts. Looked at; each pixel is as qemu.windows has it."""
    with scratch() as folder:
        script, path = os.path.join(folder, "script"), os.path.join(folder, "shot.png")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f"wait 900\nscreenshot {path}\nquit\n")
        ctx("run", "--headless", "--virtual-time", "--size", "1280x800", "--script", script, test_app("scaled"), "grant=ctx.windows/1").ends(FINE).has("T scaled$")
        shot = read_png(path).crop(0, 0, 640, 400)
        as_golden(shot, "scaled")
        with gzip.open(os.path.join(GOLDEN, "scaled.ppm.gz")) as f:
            check(shot.data == picture.read_ppm(f.read()).data, "a pixel is another one than in golden/scaled")


@case
def widgets_draw_the_same_when_verified():
    """Pixel by pixel: what became of the code does what the code did."""
    if sanitized():
        raise Skip("without sanitizers only: verified apps")
    for words in (), ("contrast",):
        for trusted, verified in zip(hands(*own_apps("widgets"), *words), hands(verified_app("widgets"), *words)):
            differing = trusted.differing(verified)
            check(not differing, f"{len(differing)} pixels differ, the first at {differing[:1]}")


@case
def widgets_come_back_from_an_image():
    """All they know is on the app's store: put away with a menu open, they go on with it."""
    app = own_apps("widgets")
    with scratch() as folder:
        script, image, before, after = (os.path.join(folder, n) for n in ("script", "image", "before.png", "after.png"))
        with open(script, "w", encoding="utf-8") as f:
            f.write("wait 100\npointer 50 60\nbutton left click\nkey down tap\nwait 100\n")
        common = "--headless", "--virtual-time", "--size", "800x600"
        ctx("run", *common, "--seconds", "0.5", "--script", script, "--save", image, "--screenshot", before, *app).ends(FINE)
        ctx("run", *common, "--seconds", "0.5", "--load", image, "--screenshot", after).ends(FINE)
        check(not read_png(before).differing(read_png(after)), "another picture after the image")
        with open(script, "w", encoding="utf-8") as f:
            f.write("wait 100\nkey end tap\nkey enter tap\n")
        said = ctx("run", *common, "--seconds", "1", "--script", script, "--load", image)
        said.ends(FINE).has("app.*(exit|end).*widgets|widgets.*(exit|end)", "the menu's last row does not end it")


@case
def drawn_anew_after_an_image():
    """No pixel of a surface that is REDRAWN is in an image, and the picture is the same: of an app alone, and of one whose code is verified, where nothing
    else runs. (linux.tracing has one in a host.)"""
    kinds = [("plain", own_apps("widgets"), ())]
    if not sanitized():
        kinds.append(("verified", [verified_app("widgets")], ("--isolate=require",)))
    for kind, apps, options in kinds:
        with scratch() as folder:
            script, image, before, after = (os.path.join(folder, n) for n in ("script", "image", "before.png", "after.png"))
            with open(script, "w", encoding="utf-8") as f:
                f.write("wait 100\npointer 50 60\nbutton left click\nkey down tap\nwait 100\n")
            common = "--headless", "--virtual-time", "--size", "800x600", *options
            ctx("run", *common, "--seconds", "0.5", "--script", script, "--save", image, "--screenshot", before, *apps).ends(FINE)
            said = ctx("image", "info", image).ends(FINE)
            check("pages  surface" not in said.text, f"{kind}: its pixels are in the image:\n{said.text[:3000]}")
            ctx("run", *common, "--seconds", "0.5", "--load", image, "--screenshot", after).ends(FINE)
            check(len(read_png(after).colours()) > 20, f"{kind}: nothing is drawn")
            check(not read_png(before).differing(read_png(after)), f"{kind}: another picture after the image")


@case
def not_writable():
    headless([test_app("idle")], "--screenshot", "/dev/full", frames=1).ends(1).has("E main: screenshot /dev/full")


if __name__ == "__main__":
    main()
