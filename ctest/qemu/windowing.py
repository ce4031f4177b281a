# SPDX-License-Identifier: MIT
"""What may go wrong around windows, on the machine, by QMP's mouse and keys: keys of one among twelve, a kiosk, a window manager that dies again and again, windows that ask for what
there is not, an app that paints as fast as it can beside a drag, a crash that is taken back, settings and a power cut. All of it once more where only verified apps may run.

ARGOS_LONG: the window manager dies a hundred times (target long)."""
import functools
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import isolation  # noqa: E402
import suite  # noqa: E402
from suite import DESKTOP, apps_vm, case, check, eventually, product, test_app, test_program  # noqa: E402

GRANTS = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"
BLUE = (224, 192, 64)  # of window.c
KEYS = {"q": 16, "w": 17, "e": 18, "r": 19, "t": 20, "y": 21, "u": 22, "i": 23, "o": 24, "p": 25, "a": 30, "s": 31}
ROUNDS = 100 if os.environ.get("ARGOS_LONG") else 12


class Kind:
    """Apps as they are, or verified where nothing else may run."""

    def __init__(self, verified):
        self.verified = verified
        self.words = "isolate=require" if verified else ""

    def app(self, name, args=""):
        return (isolation.verified(name) if self.verified else product(f"apps/{name}.elf")), name, args

    def test(self, source, name, args=""):
        return (test_program(source + "-libctx.elf", True) if self.verified else test_app(source)), name, args

    def desktop(self, words=""):
        return self.app("desktop", f"trusted tell {words} {GRANTS}")

    def window(self, name, args=""):
        return self.test("window", name, args)

    def boot(self, *apps, words="", devices=()):
        return apps_vm([*apps], " ".join((self.words, words)), devices=[*DESKTOP, *devices])


def both(function):
    """Two cases."""
    for verified in (False, True):
        one = functools.partial(function, Kind(verified))
        one.__name__ = function.__name__ + ("_isolated" if verified else "")
        case(one)
    return function


def place(vm, name, since=0):
    """What the desktop told of this window last: x, y, w, h, and its state. It is waited for."""
    line = rf"app\.desktop#\d+: window {name}: (-?\d+),(-?\d+) (\d+),(\d+)([^\r\n]*)\r?\n"
    vm.until(line, since=since)
    *numbers, state = re.findall(line, vm.text[since:])[-1]
    return (*map(int, numbers), state)


def click(vm, x, y):
    vm.mouse_to(x, y)
    vm.button("left", True)
    vm.button("left", False)


def is_well(vm, faults=0):
    check(vm.text.count(" fault name=") == faults and "PANIC" not in vm.text, vm.text[-2500:])
    check("isolate=require" not in vm.text or "runs trusted" not in vm.text, "something trusted runs")


@both
def keys_of_one_among_twelve(kind):
    """Each is clicked and typed into: what is typed into one is in no other's log, and all that went down went up there."""
    names = [f"w{i}" for i in range(12)]
    with kind.boot(kind.desktop(), *[kind.window(n, "1x160x100") for n in names]) as vm:
        at = {n: place(vm, n) for n in names}
        for name, letter in zip(names, KEYS):
            mark = len(vm.text)
            x, y, w, h, _ = at[name]
            click(vm, x + w // 2, y + h // 2 + 10)
            vm.until(rf"app\.{name}#\d+: T button", since=mark)
            vm.key(letter)
            vm.until(rf"app\.{name}#\d+: T up {KEYS[letter]}\D", since=mark)
        heard = {n: re.findall(rf"app\.{n}#\d+: T (key|up|text) (\d+)", vm.text) for n in names}
        for name, letter in zip(names, KEYS):
            want = [("key", str(KEYS[letter])), ("text", str(ord(letter))), ("up", str(KEYS[letter]))]
            check(sorted(heard[name]) == sorted(want), f"{name} heard {heard[name]}, and {letter} was typed into it")
        is_well(vm)


@both
def kiosk(kind):
    """One app has the screen. No chord leads away from it, all of them are its keys; it begins anew as often as it ends, its log is on the serial line; Ctrl-Alt-Del is the machine's."""
    with kind.boot(kind.desktop("kiosk=till"), kind.window("other", "1x300x200"), kind.window("till", "1x640x400 big restart=ask")) as vm:
        vm.until(r"window till: 0,0 1280,800 full active")
        vm.until(r"window other: \S+ \S+ minimized")
        eventually(lambda: check(vm.screen().at(2, 2) == vm.screen().at(1277, 797) == BLUE, "it has not the whole screen"))
        vm.until(r"window other: 0,0 300,200 minimized full")  # it has taken no other size: all is told
        mark = len(vm.text)
        for keys in (("meta_l",), ("meta_l", "d"), ("meta_l", "m"), ("meta_l", "left"), ("meta_l", "1"), ("alt", "tab"), ("alt", "f4"), ("alt", "spc"), ("ctrl", "alt", "ret"), ("f12",), ("print",),
                     ("meta_l", "shift", "s")):
            vm.chord(*keys)
        vm.key("z")
        vm.until(r"app\.till#\d+: T up 44\D", since=mark)
        check("app.desktop" not in vm.text[mark:], vm.text[mark:])
        heard = re.findall(r"app\.till#\d+: T key (\d+)", vm.text[mark:])
        check({"32", "50", "105", "15", "62", "57", "28", "88", "99", "44"} <= set(heard), f"keys that it did not hear: {heard}")
        check("T close" not in vm.text, "it was asked to close")
        for n in range(10):  # more than the kernel's own limit of restarts
            mark = len(vm.text)
            vm.key("f8")
            vm.until(r"app: restarted name=till", 30, mark)
            vm.until(r"window till: 0,0 1280,800 full active", 30, mark)
        check(vm.text.count(" fault name=till") == 10, "it did not crash")
        eventually(lambda: check(vm.screen().at(2, 2) == vm.screen().at(1277, 797) == BLUE, "it has not the whole screen any more"))
        vm.chord("ctrl", "alt", "delete")
        vm.until("main: (rebooting|restarting)|reboot", 30, mark)
        check("PANIC" not in vm.text, vm.text[-2500:])


@both
def the_manager_dies_again_and_again(kind):
    """With eight windows; none moves, what is shown is the same, and the next chord is heard."""
    names = [f"w{i}" for i in range(8)]
    killer = kind.test("killer", "killer", f"rounds={ROUNDS} shelf grant=ctx.control/1,ctx.loader/1")
    with kind.boot(kind.desktop(), *[kind.window(n, "1x280x180 big") for n in names], killer) as vm:
        for n in names:
            place(vm, n)
        before = vm.still()
        mark = len(vm.text)
        vm.chord("meta_l")
        vm.type("killer\n", 0.1)
        vm.until(f"T killed {ROUNDS}", 60 + 6 * ROUNDS, mark)
        check(vm.text[mark:].count("manages them") == ROUNDS, f"it came back {vm.text[mark:].count('manages them')} times")
        for n in names:
            places = {p for p in re.findall(rf"window {n}: (\S+ \S+)", vm.text) if "minimized" not in p}
            check(len(places) == 1, f"{n} moved: {places}")

        def same():
            differ = [p for p in vm.screen().differing(before, 8) if p[1] < 758 and not 630 < p[0] < 670]
            check(not differ, f"{len(differ)} pixels are other ones, first {differ[:1]}")
        eventually(same)
        mark = len(vm.text)
        vm.chord("meta_l", "left")
        vm.until(r"window w\d: 0,0 640,760 left active", since=mark)
        is_well(vm)


@both
def what_there_is_not(kind):
    """64 surfaces of one app, a title of ten thousand bytes, a place off the screen, a window of one pixel: refused in words, or brought where it can be used."""
    with kind.boot(kind.desktop(), kind.window("many", "64x100x60"), kind.window("wordy", "1x300x200 long=10000"), kind.window("far", "1x300x200 far"),
                   kind.window("dot", "1x1x1 big"), kind.window("wide", "1x8192x1"), kind.window("odd", "1x300x200 garbage")) as vm:
        vm.until(r"app\.wordy#\d+: T long title -\d+")
        vm.until(r"app\.odd#\d+: T title 0")
        eventually(lambda: check(len(re.findall(r"window many: ", vm.text)) >= 64, "not all of its windows are there"), 60)
        for name in "far", "dot", "wordy":
            x, y, w, h, _ = place(vm, name)
            check(min(40, w) - w <= x <= 1240 and 0 <= y <= 728, f"{name} is where nobody can take it: {x},{y} {w}x{h}")
        check(len(place(vm, "wordy")[4]) < 80, "its title was taken")
        mark = len(vm.text)
        vm.chord("alt", "tab")
        vm.until(r"window [^\r\n]* active", since=mark)
        mark = len(vm.text)
        vm.chord("meta_l", "right")
        vm.until(r"window [^\r\n]* right active", since=mark)
        is_well(vm)
        check("T refused" not in vm.text and "No memory" not in vm.text, vm.text[-1500:])


@both
def a_drag_beside_a_busy_app(kind):
    """One paints all of a large window in each frame; the window that is dragged over it is where the pointer is, at each step, and the busy one goes on."""
    with kind.boot(kind.desktop(), kind.window("busy", "1x1000x600 busy"), kind.window("calm", "1x300x200")) as vm:
        place(vm, "busy")
        x, y, w, h, _ = place(vm, "calm")
        vm.mouse_to(x + 100, y + 15)
        vm.button("left", True)
        for i in range(1, 9):
            dx, dy = 45 * i, 30 * i
            vm.mouse_to(x + 100 + dx, y + 15 + dy)

            def follows(left=x + dx, top=y + dy):
                shot = vm.screen()
                inside, outside = shot.at(left + 6, top + 80), shot.at(left - 6, top + 80)
                check(inside == BLUE and outside != BLUE, f"at {left},{top}: {inside}, and left of it {outside}")
                return shot
            eventually(follows)
        vm.button("left", False)
        vm.until(rf"window calm: {x + 360},{y + 240} ")
        colours = set()

        def goes_on():
            colours.add(vm.screen().at(60, 620))
            check(len(colours) > 2, "the busy one stands still")
        eventually(goes_on)
        is_well(vm)


@both
def a_crash_is_taken_back(kind):
    """restart=ask: its window stays, the report asks, Undo by keys goes on where it was, Restart begins anew."""
    with kind.boot(kind.desktop(), kind.window("w0", "1x300x200 restart=ask")) as vm:
        x, y, w, h, _ = place(vm, "w0")
        for does, tabs in (("resumes w0", 1), ("restarts w0", 2)):
            mark = len(vm.text)
            vm.key("a")
            vm.until(r"app\.w0#\d+: T up 30", since=mark)
            vm.key("f8")
            vm.until("it waits for resume, restart or stop", since=mark)
            vm.until("window An app crashed: [^\r\n]* active", since=mark)
            eventually(lambda: check(vm.screen().at(x + 20, y + h - 20) == BLUE, "its window is not as it was"))
            for _ in range(tabs):
                vm.key("tab")
            vm.key("ret")
            vm.until(does, since=mark)
            vm.until("window An app crashed: gone", since=mark)
            if does.startswith("restarts"):
                mark = vm.until("restarted name=w0", since=mark).end()
            vm.until(r"window w0: [^\r\n]* active", since=mark)
        vm.key("b")
        vm.until(r"app\.w0#\d+: T key 48", since=mark)
        check(vm.text.count("restarted name=w0") == 1, "how often it began anew")
        is_well(vm, 2)


@both
def settings_outlive_the_machine(kind):
    """Twice as large, and another layout, by keys; the machine ends as by a power cut; the next one has them."""
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "files.img")
        subprocess.run([product("ctx"), "files", "create", image, "--size", "16M"], check=True, stdout=subprocess.DEVNULL)
        drive = ["-drive", f"if=none,id=files,format=raw,file={image}", "-device", "virtio-blk-pci,drive=files"]
        apps = [kind.app("storage", "offer=ctx.files/1,ctx.kv/1 grant=ctx.block/1 disk=*"), kind.desktop(), kind.window("w0", "1x300x200")]
        bar = {1: 760, 2: 720}  # where the task bar begins

        def is_scaled(vm, by):
            shot = vm.screen()
            check(shot.at(640, bar[by] + 2) == (46, 44, 40) and shot.at(640, bar[by] - 4) != (46, 44, 40), f"it is not {by} times as large")
        with kind.boot(*apps, devices=drive) as vm:
            place(vm, "w0")
            eventually(lambda: is_scaled(vm, 1))
            mark = len(vm.text)
            vm.chord("meta_l")
            vm.type("settings\n", 0.1)
            vm.until("window Settings: [^\r\n]* active", since=mark)
            for key in ("tab",) * 4 + ("ret",) + ("tab",) * 9 + ("ret", "down", "ret"):
                vm.key(key)
            eventually(lambda: is_scaled(vm, 2))
            mark = len(vm.text)
            vm.key("esc")
            vm.until("window Settings: gone", since=mark)
            vm.key("q")
            vm.until(r"app\.w0#\d+: T text 97", since=mark)
            vm.expect_silence("The setting is not kept", 1)
        with kind.boot(*apps, devices=drive) as vm:
            eventually(lambda: is_scaled(vm, 2))
            place(vm, "w0")
            vm.key("q")
            vm.until(r"app\.w0#\d+: T text 97")
            is_well(vm)


if __name__ == "__main__":
    suite.main()
