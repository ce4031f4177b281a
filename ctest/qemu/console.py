# SPDX-License-Identifier: MIT
"""The console: commands, layouts, Lua, its window; by virtio, PS/2 and the serial line.

With ARGOS_GOLDEN=write the pictures under golden/ are made anew: look at them before they are kept.
"""
import gzip
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import picture  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, eventually, product  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
SERIAL = ["-device", "virtio-gpu-pci"]
PS2 = ["-device", "virtio-vga"]
GREETING = "Type help"


def app(name):
    return product(f"apps/{name}.elf")


def console(words="", devices=suite.DESKTOP, others=()):
    return apps_vm([*(app(o) for o in others), app("console")], words, devices=devices)


def enter(vm, line, answer, seconds=10):
    """Types a line; the answer (a pattern) must come as a line of its own, after it."""
    since = len(vm.text)
    vm.type(line + "\n")
    vm.until(rf"app\.console#\d+: {answer}", seconds, since)


def send(vm, line, answer, seconds=10):
    since = len(vm.text)
    vm.send(line + "\n")
    vm.until(rf"app\.console#\d+: {answer}", seconds, since)


def shell(vm, put):
    vm.until(GREETING)
    time.sleep(0.2)
    put(vm, "pid", r"I am app 0")
    put(vm, "time", r"0 h 00 min \d\d\.\d\d\d s since boot")
    put(vm, "echo  Two  words ", r"Two  words ")
    put(vm, "eval 6*7", r"42")
    put(vm, "eval 1/3, 'text', nil", r"0\.3333\d+\s+text\s+nil")
    put(vm, "nonsense", r"nonsense: no such command; try help")
    put(vm, "help", r"eval EXPR +computes in Lua")


@case
def keys_by_virtio():
    with console() as vm:
        shell(vm, enter)


@case
def keys_by_ps2():
    with console(devices=PS2) as vm:
        shell(vm, enter)


@case
def keys_by_serial():
    """The console works over the serial line alone."""
    with console(devices=[]) as vm:
        shell(vm, send)


@case
def azerty():
    """After `lang fr` the same keys mean other letters: accents, AltGr, dead keys."""
    with console() as vm:
        vm.until(GREETING)
        enter(vm, "lang fr", "français, clavier AZERTY")
        enter(vm, "echo q1a", "a&q")
        since = len(vm.text)
        vm.type("echo ")
        vm.key("alt_r", True)
        vm.key("0")
        vm.key("alt_r", False)
        vm.key("2")
        vm.key("bracket_left")
        vm.key("e")
        vm.key("ret")
        vm.until(r"app\.console#0: @éê", 10, since)
        enter(vm, "lqng en", "English, keyboard US")
        enter(vm, "echo q1a", "q1a")


@case
def repl_session():
    with console() as vm:
        vm.until(GREETING)
        enter(vm, "repl", r"Lua 5\.4")
        enter(vm, "function double(n) return n * 2 end", r"lua> function double")
        enter(vm, "x = double(21)", "lua> x = double")
        enter(vm, "x", "42")
        enter(vm, "nothing.here", r".*attempt to index a nil value \(global 'nothing'\)")
        enter(vm, "error('on purpose')", ".*on purpose")
        enter(vm, "print(#tostring(pid()), time() > 0)", r"1\s+true")
        vm.type("for i = 1, 2 do\n")
        enter(vm, "print('i', i) end", r"i\s+2")
        since = len(vm.text)
        vm.type("quit()\npid\n")
        vm.until(r"app\.console#0: I am app 0", 10, since)
        enter(vm, "eval x", "42")  # variables outlive the mode
        enter(vm, "reset", "Argos. Type help")
        enter(vm, "eval x", "nil")


@case
def editing():
    """Arrows, history, Home, Delete, word keys."""
    with console() as vm:
        vm.until(GREETING)
        enter(vm, "echo first", "first")
        vm.type("echo secnd")
        for key in ("left", "left"):
            vm.key(key)
        enter(vm, "o", "second")
        for key in ("up", "up"):
            vm.key(key)
        enter(vm, "!", "first!")
        vm.type("xx")
        for key in ("home", "delete", "delete"):
            vm.key(key)
        enter(vm, "echo third", "third")
        vm.type("echo a b")
        vm.key("ctrl", True)
        vm.key("w")
        vm.key("ctrl", False)
        enter(vm, "c", "a c")
        vm.type("echo up")
        vm.key("shift", True)
        vm.key("ret")
        vm.key("shift", False)
        enter(vm, "down", "up\\n.*: down")


@case
def wheel_scrolls():
    with console() as vm:
        vm.until(GREETING)
        enter(vm, "eval (function() for i = 1, 60 do print(i) end end)()", "60")
        before = vm.still()
        vm.mouse_to(300, 300)
        for _ in range(5):
            vm.button("wheel-up", True)
            vm.button("wheel-up", False)
        eventually(lambda: check(len(before.differing(vm.screen())) > 500, "the wheel does not scroll"))
        for _ in range(8):
            vm.button("wheel-down", True)
            vm.button("wheel-down", False)
        eventually(lambda: check(len(before.differing(vm.screen())) < 100, "it does not come back"))


@case
def draw_changes_pixels():
    with console(others=["background"]) as vm:
        vm.until(GREETING)
        send_script = "eval (function() for x = 900, 939 do for y = 600, 629 do draw(x, y, 0x20ff40) end end end)()"
        since = len(vm.text)
        vm.type(send_script + "\npid\n")
        vm.until("I am app", 20, since)

        def drawn():
            shot = vm.screen()
            for point in ((900, 600), (939, 629), (920, 615)):
                check(shot.at(*point) == (0x20, 0xff, 0x40), f"pixel {point} is {shot.at(*point)}")
            check(shot.at(941, 615) != (0x20, 0xff, 0x40), "it drew too much")
        eventually(drawn)
        enter(vm, "eval draw()", "> eval draw")
        eventually(lambda: check(vm.screen().at(920, 615) != (0x20, 0xff, 0x40), "draw() does not clear"))


@case
def machine_commands():
    """apps and mem look; reboot and poweroff need a grant."""
    with apps_vm([app("hello"), (app("console"), "console", "grant=ctx.system/1")], "debugexit",
                 devices=suite.DESKTOP) as vm:
        vm.until(GREETING)
        enter(vm, "apps", r" *1 console +3 ready")
        check(re.search(r" 0 hello +2 ready", vm.text), "hello is not listed")
        enter(vm, "mem", r"machine: \d+ KiB, \d+ of them free, 2 apps")
        vm.type("poweroff\n")
        check(vm.wait(10) == 0, "poweroff did nothing")
    with console() as vm:
        vm.until(GREETING)
        enter(vm, "reboot", r"refused \(DENIED\): it takes grant=ctx\.system/1")
        enter(vm, "mem", "mine: ")
    with console("context=2") as vm:
        vm.until(GREETING)
        enter(vm, "apps", r"this kernel does not offer ctx\.apps/1")
        enter(vm, "pid", "I am app 0")


def frame_of(shot, color=(0x60, 0xe8, 0xd0)):
    """The box of the focused window's border."""
    points = [(x, y) for y in range(0, shot.h) for x in range(0, shot.w, 2) if shot.at(x, y) == color]
    check(points, "no window has the keys")
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def frame_at(vm, *want):
    """Waits until the border is there, by a pixel or three; where it is."""
    def look():
        found = frame_of(vm.screen())
        check(all(suite.close(a, b, 3) for a, b in zip(found, want)), f"the window is at {found}, not {want}")
        return found
    return eventually(look)


def drag(vm, x0, y0, x1, y1):
    vm.mouse_to(x0, y0)
    time.sleep(0.1)
    vm.button("left", True)
    time.sleep(0.1)
    for i in range(1, 11):
        vm.mouse_to(x0 + (x1 - x0) * i // 10, y0 + (y1 - y0) * i // 10)
        time.sleep(0.03)
    vm.button("left", False)


@case
def drag_and_resize():
    with console(others=["background"]) as vm:
        vm.until(GREETING)
        left, top, right, bottom = eventually(lambda: frame_of(vm.screen()))
        drag(vm, left + 200, top + 12, left + 420, top + 132)
        moved = frame_at(vm, left + 220, top + 120, right + 220, bottom + 120)
        drag(vm, moved[2] - 5, moved[3] - 5, moved[2] - 155, moved[3] - 65)
        frame_at(vm, moved[0], moved[1], moved[2] - 150, moved[3] - 60)
        enter(vm, "pid", "I am app 1")
        # Faster than the frames: it goes down at one place and up at another between two calls.
        for x, y in ((60, -40), (-60, 40)):
            left, top, right, bottom = frame_of(vm.screen())
            vm.mouse_to(left + 200, top + 12)
            time.sleep(0.1)
            vm.button("left", True)
            vm.mouse_to(left + 200 + x, top + 12 + y)
            vm.button("left", False)
            frame_at(vm, left + x, top + y, right + x, bottom + y)


@case
def two_consoles_do_not_mix():
    with apps_vm([app("background"), app("console"), app("console")], "", devices=suite.DESKTOP) as vm:
        vm.until(r"console#2: Argos")
        time.sleep(0.5)
        since = len(vm.text)
        vm.type("pid\n")
        vm.until("console#1: I am app 1", 10, since)
        vm.mouse_to(900, 300)
        vm.button("left", True)
        vm.button("left", False)
        time.sleep(0.3)
        vm.type("pid\n")
        vm.until("console#2: I am app 2", 10, since)
        typed = [re.findall(rf"console#{n}: > (\w+)", vm.text[since:]) for n in (1, 2)]
        check(typed == [["pid"], ["pid"]], f"the two consoles read {typed}")
        vm.mouse_to(1270, 790)  # nobody there: nobody has the keys
        vm.button("left", True)
        vm.button("left", False)
        time.sleep(0.3)
        since = len(vm.text)
        vm.type("pid\n")
        time.sleep(1)
        check("I am app" not in vm.text[since:], "a console without the keys reads them")
        # The serial line is the first one's, and nobody else's, wherever the pointer was.
        since = len(vm.text)
        vm.send("pid\n")
        vm.until("console#1: I am app 1", 10, since)
        vm.mouse_to(900, 300)
        vm.button("left", True)
        vm.button("left", False)
        time.sleep(0.3)
        since = len(vm.text)
        vm.send("pid\n")
        vm.until("console#1: I am app 1", 10, since)
        time.sleep(0.3)
        check("I am app 2" not in vm.text[since:], "two consoles read the serial line")


@case
def serial_line_after_a_click_elsewhere():
    """Seen: after a click on the wallpaper what was typed in the terminal of ./run was lost. It reaches a script's events too."""
    with console(devices=suite.DESKTOP) as vm:
        vm.until(GREETING)
        time.sleep(0.3)
        vm.mouse_to(1270, 790)
        vm.button("left", True)
        vm.button("left", False)
        time.sleep(0.3)
        since = len(vm.text)
        vm.type("echo keyboard\n")
        send(vm, "pid", "I am app 0")
        send(vm, "echo Shift & Co (1)", r"Shift & Co \(1\)")
        check("keyboard" not in vm.text[since:], "the keyboard reaches a window without the focus")


def pages_at(frames):
    """In peace it is called ten times a second, at first more often."""
    with apps_vm([app("veteran"), app("console")], f"debugexit stop={frames} frame_us=16000", devices=[]) as vm:
        vm.verdict("pass")
        called, pages = re.search(r"app=console .*calls=(\d+) .* pages=(\d+)", vm.text).groups()
        return int(called), int(pages)


@case
def calls_without_growth():
    (few, before), (many, after) = pages_at(20), pages_at(600)
    check(many > few + 150, f"it was called {few} and {many} times")
    check(before == after, f"{before} pages after {few} calls, {after} after {many}")


@case
def long_and_foreign_lines():
    """A line of 10,000 characters arrives whole; all of Latin-1 can be printed."""
    with console(devices=SERIAL) as vm:
        vm.until(GREETING)
        time.sleep(0.3)
        since = len(vm.text)
        text = "".join(chr(97 + i % 26) for i in range(9990)) + "0123456789"
        vm.send("eval #'" + text + "'\n")
        vm.until(r"app\.console#0: 10000\b", 60, since)
        send(vm, "eval utf8.char(233, 8364, 0x4e2d, 0x1f600)", "é€中😀")
        send(vm, "eval '\\xff'", r"\S")
        send(vm, "pid", "I am app 0")


@case
def endless_script_leaves_the_cursor_smooth():
    apps = [app(name) for name in ("background", "console", "cursor")]
    with apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        vm.until(GREETING)
        vm.type("eval (function() while true do end end)()\n")
        vm.until(r"> eval \(function\(\) while true")
        for x in range(700, 1200, 100):
            vm.mouse_to(x, 700)  # where the comet has its white core
            eventually(lambda at=x: check(max(vm.screen().at(at, 700)) > 240, f"the cursor does not follow to {at}"))
        since = len(vm.text)
        vm.key("ctrl", True)
        vm.key("c")
        vm.key("ctrl", False)
        vm.until("console#1: .*stopped", 5, since)
        enter(vm, "pid", "I am app 1")
        enter(vm, "eval table.sort({3, 2, 1}, function() while true do end end)", ".*too long inside", 30)
        enter(vm, "eval string.rep('x', 1 << 40)", ".*(memory|too large)")
        enter(vm, "pid", "I am app 1")


def compare(vm, name, tolerance=40, share=0.01):
    path = os.path.join(GOLDEN, name + ".ppm.gz")
    if os.environ.get("ARGOS_GOLDEN") == "write":
        shot = vm.still().shrink(2)
        with open(path, "wb") as f:
            header = f"P6\n{shot.w} {shot.h}\n255\n".encode()
            f.write(gzip.compress(header + shot.data, 9, mtime=0))
        return
    with gzip.open(path) as f:
        want = picture.read_ppm(f.read())

    def look():
        shot = vm.screen().shrink(2)
        wrong = len(shot.differing(want, tolerance))
        check(wrong <= share * shot.w * shot.h, f"{wrong} pixels are not as in golden/{name}")
    eventually(look)


@case
def looks_as_ever():
    """Pictures that were looked at once; the console alone, so that nothing moves behind it."""
    with console() as vm:
        vm.until(GREETING)
        enter(vm, "help", "PgUp/PgDn: scroll")
        enter(vm, "eval 'result'", "result")
        enter(vm, "oops", "oops: no such")
        compare(vm, "console-help")
        vm.type("repl\nfor i = 1, 40 do print(i, i * i, 'abcdefghijklmnopqrstuvwxyz') end\n")
        vm.until("1600")
        vm.key("pgup")
        compare(vm, "console-scrolled")


if __name__ == "__main__":
    suite.main()
