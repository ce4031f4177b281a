# SPDX-License-Identifier: MIT
"""Programs of others (apps/ports, where ARGOS_PORTS is on) under the kernel: the same session, typed on a keyboard, leaves the same screen as under
`ctx run`, one by lines and one that has the whole terminal; a game shows the same picture, and plays the demo that lies in its data to its end."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import picture  # noqa: E402
from suite import DESKTOP, Skip, apps_vm, build, case, check, eventually, main, product  # noqa: E402

TERMINAL = "offer=ctx.terminal/1"
TEXT = (320, 200, 640, 400)  # of a terminal alone, in the middle of 1280x800
FIELD = bytes((0x1c, 0x1b, 0x19))  # the theme's
# Steps: a text that is typed, or the name of a key (two small letters and more, nothing else).
SUMS = ["scale=30; 4*a(1)", "ret", "define f(n){if(n<2)return 1;return n*f(n-1)}", "ret", "f(60)x", "backspace", "ret", "x=7; x/3", "ret", "1/0", "ret"]
NOTE = ["hello world", "ret", "one two three", "left", "left", "left", "left", "left", "up", "end", ", and more", "ret", "ret", "down", "down", "(x) y", "ret", "z"]
LINUX = {"ret": "enter"}


def is_key(step):
    return step.isalnum() and step.islower() and len(step) > 1


def port(name):
    path = os.path.join(build(), "ports", name + ".elf")
    if not os.path.exists(path):
        raise Skip(f"not built here: {name} (ARGOS_PORTS)")
    return path


def under_linux(apps, steps, pause):
    """The screen that `ctx run` shows in the end; apps: each a path and its words."""
    lines = [f"wait {pause}"]
    for step in steps:
        lines.append(f"key {LINUX.get(step, step)} tap" if is_key(step) else f"type {step}")
        lines.append("wait 100")
    with tempfile.TemporaryDirectory(prefix="argos-ports-") as folder:
        script, shot = os.path.join(folder, "script"), os.path.join(folder, "shot.png")
        with open(script, "w", encoding="utf-8") as f:
            f.write("\n".join([*lines, f"wait {pause}", f"screenshot {shot}", "quit", ""]))
        words = " + ".join(" ".join(app) for app in apps).split()
        said = subprocess.run([product("ctx"), "run", "--headless", "--virtual-time", "--size", "1280x800", "--script", script, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, env={**os.environ, "CTX_RUN_OPTIONS": ""})
        check(os.path.exists(shot), said.stdout[-1500:])
        return picture.read_png(shot)


def types(vm, steps):
    for step in steps:
        if is_key(step):
            vm.key(step)
        else:
            vm.type(step)


def in_a_terminal(name, words, steps, colours):
    terminal, app = product("apps/terminal.elf"), port(name)
    want = under_linux([(terminal, TERMINAL), (app, words)], steps, 500).crop(*TEXT)
    check(len(want.colours()) >= colours, f"{name} shows hardly anything")
    with apps_vm([(terminal, "terminal", TERMINAL), (app, name, words)], "", devices=DESKTOP) as vm:
        vm.until("offers ctx.terminal/1")
        eventually(lambda: check(FIELD in vm.screen().crop(*TEXT).colours(), "there is no window"))
        types(vm, steps)
        eventually(lambda: check(not vm.screen().crop(*TEXT).differing(want), f"{name}: it looks otherwise than under Linux"), 30)
        check("fault" not in vm.text, vm.text[-2000:])


@case
def bc_by_lines():
    in_a_terminal("bc", "-l", SUMS, 2)


@case
def aoeui_has_the_whole_terminal():
    in_a_terminal("aoeui", "env=TERM=xterm -q /tmp/note", NOTE, 2)


@case
def doom_shows_its_help():
    """One page that does not move, but for a skull below."""
    app = port("doom")
    page = (0, 0, 1280, 640)
    want = under_linux([(app, "")], ["f1"], 3000).crop(*page)
    check(len(want.colours()) > 50, "doom shows hardly anything")
    with apps_vm([(app, "doom", "")], "", mem=512, devices=DESKTOP) as vm:
        eventually(lambda: check(len(vm.screen().colours()) > 50, "it does not begin"), 60)
        vm.key("f1")
        eventually(lambda: check(not vm.screen().crop(*page).differing(want), "it looks otherwise than under Linux"), 60)


@case
def doom_plays_its_demo():
    with apps_vm([(port("doom"), "doom", "-nosound -nomusic -noblit -timedemo demo1")], "", mem=512, devices=DESKTOP) as vm:
        vm.until(r"timed 1531 gametics", 120)


if __name__ == "__main__":
    main()
