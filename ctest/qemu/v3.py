# SPDX-License-Identifier: MIT
"""Context version 3: every function, waiting, ending, grants, older kernels, and surfaces on the screen."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, apps_vm, case, check, close, eventually, kernel_symbols, product, test_app  # noqa: E402

TIMER = 0x20
SCREEN = ["-device", "virtio-vga,id=gpu"]
VETERAN = os.path.join(SOURCE, "libctx", "abi", "v1", "veteran.elf")
EVERY_CASE = ("header", "iface", "time", "mem", "display", "pixels", "events", "drafts", "denied", "second")


def said(vm, name):
    """What an app logged with "T ", in order: ["waits 0", ...]."""
    return re.findall(rf"app\.{re.escape(name)}#\d+: T (.*?)\r?$", vm.text, re.M)


@case
def every_function():
    with apps_vm([(test_app("v3"), "v3", "one two")], "", devices=suite.DESKTOP) as vm:
        vm.until("T v3 done")
        bad = re.findall(r"T (v3\.\S+ FAIL \d+)", vm.text)
        check(not bad, f"{bad}: lines of ctest/qemu/apps/v3.c")
        for name in EVERY_CASE:
            check(f"T v3.{name} ok" in vm.text, f"v3.{name} did not say ok")
        vm.until("app: exited name=v3 pid=0 code=7")
        check(" D app.v3#0: v3 at level D" in vm.text, "the log's levels are gone")
        check("fault" not in vm.text, "a fault")


@case
def waiting():
    """Deadlines are kept in order, events wake those that wait for them, and nobody else is called."""
    apps = [(test_app("v3wait"), name, args) for name, args in (
        ("slow", "700 3"), ("fast", "150 14"), ("never", "forever"), ("key", "key"), ("text", "text"))]
    with apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        vm.until(r"app\.key#3: T waits")
        vm.until(r"app\.text#4: T waits")
        time.sleep(0.3)
        vm.key("a")
        vm.key("shift")
        vm.until(r"app: exited name=slow .*code=0")
        vm.until(r"app: exited name=fast .*code=0")
        vm.until(r"app\.key#3: T key 42")
        check("spurious" not in vm.text, "a call that nobody asked for")
        woke = [f"{n}" for n in re.findall(r"T woke (\d+)", vm.text)]
        check(woke.count("150") == 14 and woke.count("700") == 3, f"woken: {woke}")
        # The first one at 700 ms lies between the fourth and the fifth at 150 ms.
        first = woke.index("700")
        check(woke[:first].count("150") == 4, f"not in the order of their deadlines: {woke}")
        check(said(vm, "key") == ["waits 3", "key 30", "key 30", "key 42", "key 42"], said(vm, "key"))
        check(said(vm, "text") == ["waits 4", "text 97"], said(vm, "text"))
        check(said(vm, "never") == ["waits 2"], said(vm, "never"))


@case
def ending():
    """exit(42) takes the app away and leaves the others alone."""
    with apps_vm([(test_app("v3exit"), "goes"), (test_app("idle"), "stays")],
                 "debugexit stop=60", devices=SCREEN) as vm:
        vm.until("app: exited name=goes pid=0 code=42")
        vm.until("T idle ok pid=1")
        vm.verdict("pass")
        vm.until("KTEST PASS apps=1 ")


@case
def older_kernels():
    """Made for version 3 and content with 2; or not content; or from the future."""
    apps = [(test_app("v3min2"), "two"), (test_app("v3min3"), "three"), (test_app("idle"), "idle")]
    with apps_vm(apps, "debugexit stop=60 context=2") as vm:
        vm.verdict("refused")
        check(said(vm, "two") == ["v3min version 2", "v3min calls 20"], said(vm, "two"))
        check(re.search("refused file=v3min3.elf field=note.minimum value=0x3: needs context v3, this "
                        "kernel offers v2\r?$", vm.text, re.M), "v3min3 is not refused in those words")
    with apps_vm(apps[:2], "context=2 force") as vm:
        vm.until("app.three#1: T v3min calls 20")
        check(said(vm, "three")[0] == "v3min version 2", said(vm, "three"))
    with apps_vm(apps[:2], "") as vm:
        vm.until(r"app\.two#0: T v3min version 3")
        vm.until(r"app\.three#1: T v3min version 3")


def later(data, minimum):
    """The same file with another minimum in its note."""
    tag = bytes((2, 0, 4, 0, 3, 0, 0, 0))
    check(data.count(tag) == 1, "no note with a minimum of 3")
    return data.replace(tag, tag[:4] + bytes((minimum, 0, 0, 0)))


@case
def newer_apps():
    data = suite.read(test_app("v3min3"))
    with apps_vm([(later(data, 5), "future")], suite.STOP) as vm:
        vm.verdict("refused")
        check(re.search("refused file=future.elf field=note.minimum value=0x5: needs context v5, this "
                        "kernel offers v3\r?$", vm.text, re.M), "v5 is not refused in those words")


@case
def grants():
    """Without a grant all functions say DENIED (-2) and nothing happens; with one they work."""
    grant = test_app("v3grant")
    denied = [(grant, what, what) for what in ("info", "reboot", "power_off", "start")]
    with apps_vm(denied, "") as vm:
        vm.until(r"app\.start#3: T start-bad")
        time.sleep(0.5)
        check(said(vm, "info") == ["info -2", "apps 0", "memory 0", "plausible 0"], said(vm, "info"))
        check(said(vm, "reboot") == ["reboot -2"] and said(vm, "power_off") == ["power_off -2"],
              "reboot and power_off without a grant")
        check(said(vm, "start") == ["start -2", "pid 99", "start-bad -2"], said(vm, "start"))
        check(vm.process.poll() is None, "the machine ended")
    with apps_vm([(grant, "info", "info grant=ctx.system/1"),
                  (grant, "power_off", "power_off grant=ctx.loader/1")], "") as vm:
        vm.until(r"app\.power_off#1: T power_off -2")  # a grant, but of another table
        check(said(vm, "info") == ["info 0", "apps 2", "memory 255", "plausible 1"]
              or said(vm, "info")[2].startswith("memory 25"), said(vm, "info"))
    for what in ("reboot", "power_off"):
        with apps_vm([(grant, "who", f"{what} grant=ctx.system/1,ctx.loader/1")], "") as vm:
            check(vm.wait(20) == 0, f"{what}: exit code {vm.rc}")
            check(said(vm, "who") == [f"{what} 0"], said(vm, "who"))
            check("who#0 asks to " + what.replace("_", " ") in vm.text, "the log does not say who")


@case
def loader():
    with apps_vm([(test_app("v3grant"), "parent", "start trusted grant=ctx.loader/1")], "",
                 devices=SCREEN) as vm:
        vm.until("app: exited name=child pid=1 code=42")
        check(said(vm, "parent") == ["start 0", "pid 1", "start-bad -5"], said(vm, "parent"))
        check(said(vm, "child") == ["v3exit pid 1"], said(vm, "child"))
        check(re.search(r"E app: refused file=half field=", vm.text), "half a file is not refused")


def own_lines(vm, name):
    """An app's own lines, and the kernel's about it, without times and places. How long a call took is
    not compared: on a busy machine one is parked now and then."""
    lines = [line for line in vm.log() if (f"app.{name}#" in line or f"name={name} " in line)
             and "overran" not in line]
    return [re.sub(r"^\[ *[\d.]+\] |slot=\S+|0x[0-9a-f]+", "", line) for line in lines]


@case
def instruments():
    """`instrument=` logs calls of apps that know nothing of it, and changes nothing else."""
    for file, name, words, expected in (
            (VETERAN, "veteran", "trace", r"I trace\.veteran#0: log\(0x[0-9a-f]+, \d+\)\r?$"),
            (test_app("alloc"), "alloc", "alloc", r"I trace\.alloc#0: alloc\(\d+, \d+\) = 0x[0-9a-f]+\r?$"),
            (test_app("v3"), "v3", "mem,ctx.nothing", r"I trace\.v3#0: mem\.free\(0x[0-9a-f]+, 50000, 16\) = INVAL\r?$")):
        seen = []
        for option in ("", f" instrument={words}"):
            with apps_vm([(file, name, "one two" + option)],
                         "" if name == "v3" else suite.STOP, devices=suite.DESKTOP) as vm:
                if name == "v3":
                    vm.until("T v3 done")
                    vm.until(r"exited name=v3 .*\n")  # the whole line
                else:
                    vm.verdict("pass")
                seen.append(own_lines(vm, name))
                traced = re.findall(rf"I trace\.{name}#0: .*", vm.text)
                check(bool(traced) == bool(option), f"{name}{option}: {len(traced)} traced calls")
                check(not option or re.search(expected, vm.text, re.M), f"no line like {expected}")
        check(seen[0] and seen[0] == seen[1], f"{name} behaves differently:\n{seen[0]}\n{seen[1]}")


@case
def hosts():
    """An identity wrapper around the oldest binary: the same trace bare, in one host and in two."""
    seen = []
    for how in (("none", "none"), ("identity", "none"), ("identity", "identity")):
        wrappers = [(test_app("wrapper"), f"wrapper{i}", f"{h} grant=ctx.host/1") for i, h in enumerate(how)]
        child = (VETERAN, "veteran", "host=wrapper0,wrapper1 instrument=trace")
        with apps_vm(wrappers + [child, (test_app("idle"), "idle")], suite.STOP, devices=SCREEN) as vm:
            vm.verdict("pass")
            seen.append([re.sub(r"^.*? [DIWE] ", "", li) for li in vm.log() if "trace.veteran#2" in li or "app.veteran#2" in li])
            check(vm.text.count("T wraps 2") == how.count("identity"), "not as many hosts")
            check("T forward FAIL" not in vm.text and " fault name" not in vm.text, "a host failed")
    seen = [[re.sub("0x[2-4][0-9a-f]{3}(?=[0-9a-f]{8})", "", li) for li in lines] for lines in seen]
    check(seen[0] and seen[0] == seen[1] == seen[2], f"not the same: {seen}")


@case
def a_host_that_fails():
    """It faults in its child's call, or never comes back: the child gets a status, the others go on."""
    for how, status in (("fault", "FAULT"), ("loop", "BUSY")):
        apps = [(test_app("wrapper"), "wrapper", f"{how} grant=ctx.host/1"),
                (test_app("v3min3"), "child", "host=wrapper instrument=trace"),
                (test_app("v3"), "v3", "host=wrapper instrument=trace"), (test_app("idle"), "idle")]
        with apps_vm(apps, "", devices=SCREEN) as vm:
            vm.until(rf"trace\.v3#2: \S+\(.*\) = {status}\r?$")
            vm.until("T idle ok")
            check("PANIC" not in vm.text, "a panic")


@case
def sleeping():
    """A desktop of apps that wait, with nothing moving: no timer interrupt but their own wakes."""
    apps = [(product("apps/paint.elf"), "paint"), (test_app("v3wait"), "never", "forever"),
            (test_app("v3wait"), "key", "key")]
    for clocks in (0, 1):
        clock = [(product("apps/clock.elf"), f"clock{i}") for i in range(clocks)]
        with apps_vm(apps + clock, "", devices=suite.DESKTOP) as vm:
            vm.until("T waits 2")
            time.sleep(1.5)
            counters = kernel_symbols()["first_cpu"]
            looks = [vm.read_u64(counters, 256)]
            for _ in range(30):
                time.sleep(0.1)
                looks.append(vm.read_u64(counters, 256))
            ticks = looks[-1][TIMER] - looks[0][TIMER]
            if clocks == 0:
                check(looks[-1] == looks[0], f"interrupts in three still seconds: {ticks} of the timer")
            else:  # a wake each second, ticks while a picture is drawn (many on a busy machine), and stillness after it
                still = sum(one[TIMER] == other[TIMER] for one, other in zip(looks, looks[1:]))
                check(ticks >= 2 and still >= 10, f"{ticks} timer interrupts beside one clock, {still} of 30 moments still")
            check("spurious" not in vm.text, "a call that nobody asked for")


def box(points):
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


@case
def clock_in_the_middle():
    """The clock lies over the background, in the middle; its corners let it through."""
    for apps in (["background"], ["background", "clock"]):
        with apps_vm([product(f"apps/{name}.elf") for name in apps], "", devices=SCREEN) as vm:
            vm.until("main: running")
            if len(apps) == 1:
                plain = suite.wallpaper(vm)
            else:
                eventually(lambda: in_the_middle(plain, vm.screen()))


def in_the_middle(plain, shot):
    check((shot.w, shot.h) == (1280, 800), f"the screen is {shot.w}x{shot.h}")
    strong = [(x, y) for y in range(250, 550, 3) for x in range(490, 790, 3)
              if any(abs(a - b) > 40 for a, b in zip(plain.at(x, y), shot.at(x, y)))]
    check(len(strong) > 500, f"only {len(strong)} places differ: is there a clock?")
    left, top, right, bottom = box(strong)
    check(left >= 540 and right < 740 and top >= 300 and bottom < 500,
          f"something else differs: {box(strong)}")
    check(close(left + right, 1280, 8) and close(top + bottom, 800, 8), f"not centred: {box(strong)}")
    check(right - left > 180 and bottom - top > 180, f"too small: {box(strong)}")
    for x, y in ((543, 303), (736, 303), (543, 496), (736, 496)):
        check(all(close(a, b, 40) for a, b in zip(plain.at(x, y), shot.at(x, y))),
              f"the corner at {x},{y} is not transparent")


@case
def painting():
    """A drag with the button held leaves a line on the paper, one without leaves none."""
    paper, ink, red = (246, 240, 228), (40, 44, 84), (226, 96, 92)
    with apps_vm([product("apps/paint.elf")], "", devices=suite.DESKTOP) as vm:
        vm.until("main: running")

        def blank():
            shot = vm.screen()
            check(shot.at(640, 400) == paper, f"no paper: {shot.at(640, 400)}")
            check(shot.at(361, 221) == ink and shot.at(359, 219) == (0, 0, 0), "it is not centred")
            return shot
        before = eventually(blank)
        vm.mouse_to(450, 300)
        vm.button("left", True)
        for x in range(450, 801, 50):
            vm.mouse_to(x, 300)
            time.sleep(0.02)
        vm.button("left", False)
        vm.mouse_to(800, 500)
        time.sleep(0.2)
        vm.key("2")
        vm.button("left", True)
        vm.mouse_to(500, 500)
        vm.button("left", False)

        def drawn():
            shot = vm.screen()
            for x in range(455, 800, 23):
                check(shot.at(x, 300) == ink, f"no ink at {x},300: {shot.at(x, 300)}")
            check(shot.at(650, 500) == red, f"no red at 650,500: {shot.at(650, 500)}")
            check(shot.at(800, 400) == paper, "moving without the button draws")
            changed = box(shot.differing(before))
            check(close(changed[0], 446, 3) and close(changed[2], 804, 3) and
                  close(changed[1], 296, 3) and close(changed[3], 504, 3), f"changed: {changed}")
        eventually(drawn)
        vm.key("c")
        eventually(lambda: check(len(vm.screen().differing(before)) == 0, "C does not clear"))


def many(n, mem, seconds):
    apps = [(test_app("v3wait"), f"w{i}", "forever") for i in range(n)]
    return apps_vm(apps, "", mem=mem, seconds=seconds)


@case
def ten_thousand():
    """10,000 instances of a waiting app, from one archive, in 1 GiB; nothing runs once they wait."""
    n = 10000
    with many(n, 1024, 100) as vm:
        vm.until(rf"main: running apps={n} refused=0")
        vm.until(rf"T waits {n - 1}")
        time.sleep(1)
        counters = kernel_symbols()["first_cpu"]
        before = vm.read_u64(counters + 8 * TIMER)[0]
        time.sleep(1)
        check(vm.read_u64(counters + 8 * TIMER)[0] == before, "timer interrupts, and nobody runs")
        check("spurious" not in vm.text, "a call that nobody asked for")


if __name__ == "__main__":
    suite.main()
