# SPDX-License-Identifier: MIT
"""One file, two machines: the same calls with the same answers, and the same picture."""
import os
import re
import subprocess
import time

from runner import FINE, argos, case, check, ctx, eventually, frozen, headless, limit, main, own_apps, read_png, scratch, test_app, together, tool
import suite

CALLS = 90


def trace(text):
    """{pid: lines}: what each app called and logged, in order. Only what differs by nature is taken out: the upper half of
    slot addresses (slots lie at random places), and the one time among the arguments, that of wake_at."""
    found = {}
    for name, pid, line in re.findall(r"\] I (?:trace|app)\.(\S+?)#(\d+): (.*?)\r?$", text, re.M):
        line = re.sub(r"0x[2-4][0-9a-f]{3}(?=[0-9a-f]{8}\b)", "0x", line)
        line = re.sub(r"(time\.wake_at\()0x[0-9a-f]+", r"\1TIME", line)
        found.setdefault(int(pid), []).append(f"{name}: {line}")
    return found


def first_difference(there, here, what):
    for n, (a, b) in enumerate(zip(there, here)):
        check(a == b, f"{what}, line {n}:\nArgos: {a}\nLinux: {b}")


@case
def same_trace():
    """Every frozen binary, our own apps that do the same in each run, and one test app that calls much."""
    frames = frozen() + own_apps("hello", "veteran", "rusty", "background") + [test_app("alloc")]
    others = own_apps("clock", "paint", "cursor")
    apps = frames + others
    # Without a display Argos has a screen of this size too.
    here = trace(headless([[a, "instrument=trace"] for a in apps], "--size", "320x200", frames=CALLS).ends(FINE).text)
    with argos():
        packed = [(a, suite.mkcpio.app_name(a), "instrument=trace") for a in apps]
        with suite.apps_vm(packed, f"debugexit stop={CALLS}") as vm:
            vm.verdict("pass")
            there = trace(vm.text)
    check(set(there) == set(here) == set(range(len(apps))), f"{sorted(there)} and {sorted(here)} of {len(apps)} apps were traced")
    for pid, app in enumerate(apps):
        first_difference(there[pid], here[pid], app)
        # The others wait until their time has come, or call something in each frame until the slowest app has had its calls: not
        # a number of times.
        if app in frames:
            check(len(there[pid]) == len(here[pid]), f"{app}: {len(there[pid])} lines under Argos, {len(here[pid])} on Linux")
        else:
            check(min(len(there[pid]), len(here[pid])) >= 6, f"{app}: {there[pid]}, {here[pid]}")


# ---- pictures ----

# Drawn on both: a dot, a polygon in another colour, a line that leaves the paper, strokes that cross.
PATHS = [(1, [(500, 300)]), (2, [(600, 300), (700, 340), (640, 420), (560, 380), (600, 300)]),
         (4, [(380, 240), (330, 200), (900, 590), (930, 610)]), (5, [(420, 500), (860, 260), (860, 500), (420, 260)])]


def strokes():
    """The steps: ("key", name), ("to", x, y), ("button", down)."""
    for colour, points in PATHS:
        yield from (("key", str(colour), True), ("key", str(colour), False), ("to", *points[0]), ("button", True))
        yield from (("to", *p) for p in points[1:])
        yield ("button", False)


def as_script():
    """A step at a time: the app that it wakes is called before the next one."""
    lines = ["wait 100"]
    for kind, *rest in strokes():
        if kind == "to":
            lines.append(f"pointer {rest[0]} {rest[1]}")
        elif kind == "key":
            lines.append(f"key {rest[0]} {'down' if rest[1] else 'up'}")
        else:
            lines.append(f"button left {'down' if rest[0] else 'up'}")
        lines.append("wait 5")
    return "\n".join([*lines, "wait 300", "screenshot DIR/paint.png", "quit"])


def on_argos(vm):
    """The same through a tablet; a step at a time too: the app says by its trace that it has seen one."""
    vm.until(r"trace\.paint#0: events\.wait")
    for kind, *rest in strokes():
        before = len(vm.serial)
        if kind == "to":
            vm.mouse_to(*rest)
        elif kind == "key":
            vm.key(*rest)
        else:
            vm.button("left", rest[0])
        vm.until(r"trace\.paint#0: events\.wait", since=before)


def run_script(folder, text, *apps):
    path = os.path.join(folder, "script")
    with open(path, "w") as f:
        f.write(text.replace("DIR", folder))
    return ctx("run", "--headless", "--seconds", str(limit(30)), "--script", path, *together(apps)).ends(FINE)


@case
def paint_picture():
    """The same strokes by --script here and by a tablet there: the same picture to the last pixel, and the same calls."""
    paint = own_apps("paint")[0]
    with scratch() as folder:
        text = run_script(folder, as_script(), [paint, "instrument=trace"]).text
        here = read_png(os.path.join(folder, "paint.png"))
    with argos(), suite.apps_vm([(paint, "paint", "instrument=trace")], "", devices=suite.DESKTOP) as vm:
        on_argos(vm)

        def same():
            differing = vm.screen().differing(here, 2)
            check(not differing, f"{len(differing)} pixels differ, the first at {differing[:3]}")
        eventually(same)
        said = vm.text
    colours = {(40, 44, 84), (226, 96, 92), (88, 176, 132), (98, 132, 220), (246, 240, 228)}
    check(colours <= {tuple(c) for c in here.colours(1)}, "a stroke is missing")
    first_difference(trace(said)[0], trace(text)[0], "paint")


@case
def clock_picture():
    """Over two apps that draw a still picture, so that its transparent parts count too. The clock shows seconds and nobody
    can have both machines draw the same one at will: Argos is looked at again and again while ctx takes its picture and for
    some seconds after (its calendar is the same, but it may be up to a second behind), and one of those views must be that
    picture, hands and all."""
    apps = [test_app("p05a"), test_app("p05b"), *own_apps("clock")]
    with scratch() as folder, argos(), suite.apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        path = os.path.join(folder, "clock.png")
        vm.until(r"T p05 ok")
        time.sleep(1.2)
        nearest = None
        for _ in range(4):
            seen, end = [], None
            p = subprocess.Popen([tool(), "run", "--headless", "--seconds", "1.3", "--screenshot", path, *together(apps)],
                                 stdout=subprocess.DEVNULL)
            while end is None or time.monotonic() < end:
                shot = vm.screen()
                if not seen or seen[-1].data != shot.data:
                    seen.append(shot)
                if end is None and p.poll() is not None:
                    check(p.returncode == FINE, f"ctx ends with {p.returncode}")
                    end = time.monotonic() + 2.5
            here = read_png(path)
            nearest = min(len(shot.differing(here, 2)) for shot in seen)
            if nearest == 0:
                break
        check(nearest == 0, f"none of the pictures is the same; the nearest differs in {nearest} pixels")
        middle = here.crop(540, 300, 200, 200)
        check(len({tuple(c) for c in middle.colours(1)}) >= 3 and (227, 168, 87) in {tuple(c) for c in middle.colours(1)},
              "there is no clock")


if __name__ == "__main__":
    main()
