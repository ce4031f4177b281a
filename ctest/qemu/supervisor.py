# SPDX-License-Identifier: MIT
"""The menu entry Trouble: three apps misbehave, the others do not notice, and the supervisor shows and ends it."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, case, check, eventually, iso_vm, mkcpio  # noqa: E402

# The dot before an app's name, as apps/supervisor/theme.hpp has it.
MOODS = {(0xad, 0xa6, 0x9a): "stopped", (0x86, 0xae, 0xcb): "paused", (0x8f, 0xb5, 0x73): "running",
         (0xb7, 0x9f, 0xd1): "flooding", (0xdc, 0xc0, 0x5a): "overrunning", (0xe0, 0x8b, 0x4c): "restarting",
         (0xd9, 0x60, 0x4c): "faulted"}
GROUND, RAISED = (0x26, 0x24, 0x21), (0x2e, 0x2c, 0x28)
LEFT, TOP, WIDTH, HEIGHT = 80, 100, 1120, 600  # of the window on a screen of 1280x800
TITLE, FOOTER, FIRST, ROW = 52, 48, 90, 30


def is_open(shot):
    """The window is where it must be: a bar above, a bar below, and four edges."""
    bars = shot.at(LEFT + 6, TOP + 6) == RAISED and shot.at(LEFT + 6, TOP + HEIGHT - 6) == RAISED
    inside = [shot.at(x, y) for x in (LEFT + 3, LEFT + WIDTH - 4) for y in (TOP + TITLE + 3, TOP + HEIGHT - FOOTER - 3)]
    outside = [shot.at(x, y) for x in (LEFT - 1, LEFT + WIDTH) for y in (TOP + TITLE + 3, TOP + HEIGHT - FOOTER - 3)]
    return bars and set(inside) == {GROUND} and GROUND not in outside


def moods(shot, count):
    """What the first rows' dots say; a colour that means nothing as it is."""
    dots = [shot.at(LEFT + 32, TOP + FIRST + ROW * i + ROW // 2) for i in range(count)]
    return [MOODS.get(dot, dot) for dot in dots]


def chosen(shot, count):
    """The rows with a bar at their left edge that says: this one."""
    return [i for i in range(count) if shot.at(LEFT + 10, TOP + FIRST + ROW * i + ROW // 2) == (0xe3, 0xa8, 0x57)]


def row_middle(i):
    return LEFT + WIDTH // 3, TOP + FIRST + ROW * i + ROW // 2


def trouble():
    """The names in the list, without what was not built."""
    with open(os.path.join(SOURCE, "iso", "trouble.list"), encoding="utf-8") as f:
        return [name for file, name, _, optional in mkcpio.parse_list(f.read())
                if not optional or os.path.exists(os.path.join(suite.build(), "apps", file))]


def seen(vm, names, want, seconds=20):
    """Looks until every app in `want` is in one of the moods that it says there."""
    def look():
        now = dict(zip(names, moods(vm.screen(), len(names))))
        check(all(now[name] in good for name, good in want.items()), f"it shows {now}, not {want}")
    eventually(look, seconds)


def cursor_follows(vm, y):
    for x in range(200, 1200, 200):
        vm.mouse_to(x, y)
        eventually(lambda at=x: check(max(vm.screen().at(at, y)) > 240, f"the cursor does not follow to {at}"))


@case
def containment():
    names = trouble()
    with iso_vm("trouble", "", seconds=150) as vm:
        vm.until(r"restarted name=faults .* restarts=1", 60)
        vm.until(r"overran name=loops ")
        vm.until(r"W app: floods#\d+: \d+ lines dropped")
        eventually(lambda: check(is_open(vm.screen()), "there is no window"))
        good = {name: ("running", ) for name in ("veteran", "clock", "cursor", "supervisor")}
        seen(vm, names, {**good, "faults": ("faulted", "restarting"), "loops": ("overrunning", ), "floods": ("flooding", )})
        cursor_follows(vm, 720)
        vm.until(r"restarted name=faults .* restarts=2", 60)
        others = set(re.findall(r"(?:fault|restarting|stopped) name=(\S+)", vm.text)) - {"faults"}
        check(not others, f"this hit {others} too")

        for _ in range(names.index("loops")):
            vm.key("down")
            time.sleep(0.05)
        vm.key("s")
        vm.until(r"supervisor#\d+ stops loops#\d+", 10)
        seen(vm, names, {**good, "loops": ("stopped", )})
        vm.key("down")
        time.sleep(0.05)
        vm.key("p")
        seen(vm, names, {**good, "loops": ("stopped", ), "floods": ("paused", )})
        vm.key("p")
        seen(vm, names, {**good, "floods": ("flooding", )})
        vm.key("up")
        time.sleep(0.05)
        vm.key("r")
        vm.until(r"supervisor#\d+ restarts loops#\d+", 10)
        vm.until(r"restarted name=loops ", 10)
        seen(vm, names, {**good, "loops": ("overrunning", )})
        cursor_follows(vm, 720)
        check("PANIC" not in vm.text, "a panic")


@case
def by_mouse():
    """A click chooses, a second one opens; F12 hides everything."""
    names = trouble()
    with iso_vm("trouble", "", seconds=90) as vm:
        vm.until(r"main: running", 60)
        seen(vm, names, {"loops": ("overrunning", )})

        def click():
            vm.button("left", True)
            time.sleep(0.1)
            vm.button("left", False)

        def opened(want, why):
            eventually(lambda: check(is_open(vm.screen()) == want, why))

        def rows(want, why):
            eventually(lambda: check(chosen(vm.screen(), len(names)) == want, f"{why}: {chosen(vm.screen(), len(names))}"))

        row = names.index("loops")
        vm.mouse_to(*row_middle(row))
        time.sleep(0.3)
        click()
        rows([row], f"not row {row} is chosen")
        click()
        rows([], "the second click does not open the details")
        vm.key("f12")
        opened(False, "F12 does not hide it")
        vm.key("f12")
        opened(True, "F12 does not bring it back")


@case
def hidden_in_everything():
    """Where others want the keys it is not to be seen, and does nothing, until it is called."""
    with iso_vm("everything", "", seconds=90) as vm:
        vm.until(r"main: running", 60)
        vm.type("srp\n")
        time.sleep(1.5)
        check(not is_open(vm.screen()), "it is to be seen at once")
        vm.key("f12")
        eventually(lambda: check(is_open(vm.screen()), "F12 does not bring it"))
        said = re.findall(r"supervisor#\d+ (?:stops|restarts) ", vm.text)
        check(not said, f"it did {said} for keys that were not its own")


if __name__ == "__main__":
    suite.main()
