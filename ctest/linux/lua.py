# SPDX-License-Identifier: MIT
"""Lua with the Context: each function of the module, wrong arguments, memory; in the console and in an app that is a script."""
import os
import re

from runner import FINE, Skip, case, check, ctx, limit, main, own_apps, read_png, scratch
import suite

NIGHT = (0x0a, 0x0d, 0x1a)


def script_app(name):
    here = suite.build()
    for build in (here, *(os.path.join(os.path.dirname(here), b) for b in ("linux", "kernel"))):
        path = os.path.join(build, "ctest", "linux", name + ".elf")
        if os.path.exists(path):
            return path
    raise Skip(f"not built here: {name}")


def play(script, *words, real=False):
    """In virtual time, where a wait costs nothing but its frames; real: for what reads the calendar."""
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(script.replace("@", folder + "/"))
        said = ctx("run", "--headless", *(() if real else ("--virtual-time", )), "--seed", "5", "--seconds", str(limit(40)), "--script", path, *words)
        shots = {n[:-4]: read_png(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".png")}
    return said.hasnt(" fault name="), shots


@case
def module():
    """What module.lua finds wrong it says itself; here is what it can not see: levels, words, and what stays behind."""
    more = "type " + "xy" * 50 + "\n"
    said, _ = play("wait 2000\npointer 100 200\nwheel -2\ntype aB\nkey esc tap\nwait 800\n" + more + "wait 6000\nquit\n",
                   script_app("script_module"), "one", "two", real=True)
    said.ends(FINE).hasnt("FAIL").has("T module ok$").has(r"T arguments one\+two$").has("exited name=script_module pid=0 code=0")
    for number, letter in enumerate("EWID", 1):
        name = ("error", "warn", "info", "debug")[number - 1]
        said.has(rf"\] {letter} app\.script_module#0: by name {name}$").has(rf"\] {letter} app\.script_module#0: by number {number}$")
    said.has("script_module#0: 42$").has("script_module#0: nil$").has("script_module#0: two$").has("script_module#0: lines$")
    said.has("T keys wheel -2 30/1 30/0 42/1 48/1 48/0 42/0 1/1 1/0$").has("T text aB.* pointer 100,200$")


@case
def errors():
    """A script that fails says where, and the app ends with 1; nobody faults."""
    said, _ = play("wait 1000\nquit\n", script_app("script_wrong"))
    said.has(r"script:5: attempt to perform arithmetic on a nil value").has(r"script:7: in main chunk")
    said.has("exited name=script_wrong pid=0 code=1")


@case
def console():
    """In the console: the module, an error that is printed, events while a script runs, and the old names."""
    lines = ["repl", "print('random', ctx.random(5, 5))", "ctx.surface(0, 1)", "ctx.wake_at(-1)", "ctx.apps()[1].name",
             "print('same', time == ctx.time, log == ctx.log, pid())", "#ctx.events()",
             "s = ctx.surface(300, 200) s:fill(0xff00ff) s:text(20, 20, 'Lua', 0xffffff) s:show()"]
    loop = "repeat coroutine.yield() for _, e in ipairs(ctx.events()) do print(e.kind, e.code) q = e.code end until q == 48"
    said, shots = play("wait 500\n" + "".join(f"type {li}<ret>\nwait 300\n" for li in lines) + "screenshot @there.png\n"
                       f"type {loop}<ret>\nwait 500\nkey a down\nkey b down\nwait 300\n"
                       "key a up\nkey b up\nwait 200\ntype quit()<ret>reset<ret>\nwait 500\nscreenshot @gone.png\n"
                       "type help<ret>\nwait 300\nquit\n", *own_apps("console"))
    said.ends(FINE).has(r"console#0: random\s+5$").has(r"bad argument #1 to 'surface' \(0 is not from 1 to 8192\)")
    said.has(r"bad argument #1 to 'wake_at' \(a time is 0 or later\)").has("console#0: console$")
    said.has(r"same\s+true\s+true\s+0$").has("console#0: 0$")
    said.has(r"console#0: key\s+30$").has(r"console#0: key\s+48$").has("ctx: log time").has("the Context as ctx")
    check(shots["there"].at(640 + 100, 400 + 50) == (255, 0, 255), "no surface")
    check(shots["gone"].at(640 + 100, 400 + 50) != (255, 0, 255), "reset leaves the surface on the screen")


@case
def lines():
    """The demonstration moves, shows the time, and leaves the rest of the screen alone."""
    said, shots = play("wait 1500\nscreenshot @a.png\nwait 1500\nscreenshot @b.png\nquit\n", *own_apps("scripts"))
    said.ends(FINE)
    a, b = shots["a"], shots["b"]
    check(a.at(243, 153) == NIGHT and a.at(200, 400) == (0, 0, 0), "it is not where it should be")
    changed = a.differing(b)
    check(len([p for p in changed if p[1] < 600]) > 1000, f"it stands still: {len(changed)} pixels")
    check([p for p in changed if 900 < p[0] < 1040 and 610 < p[1] < 640], "the time stands still")
    check(all(240 <= x < 1040 and 150 <= y < 650 for x, y in changed), "something else has changed")


@case
def idle():
    """With a number of seconds it comes when nothing happens for so long, and goes with a key."""
    said, shots = play("wait 500\nscreenshot @early.png\nwait 4000\nscreenshot @there.png\nkey a tap\nwait 600\nscreenshot @gone.png\nquit\n",
                       *own_apps("scripts"), "2")
    said.ends(FINE)
    check(shots["early"].at(3, 3) == (0, 0, 0), "it is there at once")
    check(shots["there"].at(3, 3) == NIGHT, "it does not come")
    check(shots["gone"].at(3, 3) == (0, 0, 0), "it does not go")


@case
def without_tables():
    """Without the tables behind it each function is an error of Lua, or does without."""
    lines = ["repl", "print('L', pcall(ctx.random))", "print('L', pcall(ctx.apps))", "print('L', pcall(ctx.log, 'plain', 'warn'))",
             "print('L', pcall(ctx.surface, 5, 5))", "print('L', pcall(ctx.wake_at, 5))", "print('L', ctx.wall())",
             "print('L', ctx.screen())", "print('L', ctx.time() > 0, #ctx.events())"]
    script = "wait 500\n" + "".join(f"type {li}<ret>\nwait 300\n" for li in lines) + "quit\n"
    said, _ = play(script, "--emulate", "2", *own_apps("console"))
    said.ends(FINE).has(r"L\s+false\s+there is no ctx\.random/1 here").has(r"L\s+false\s+there is no ctx\.apps/1 here")
    said.has("#0: plain$").has(r"L\s+false\s+ctx\.surface takes version 3").has(r"L\s+false\s+ctx\.wake_at takes version 3")
    said.has(r"L\s+nil\s+no calendar clock").has(r"L\s+1280\s+800").has(r"L\s+true\s+0$")
    said, _ = play(script, "--deny", "ctx.random/1", "--deny", "ctx.apps/1", *own_apps("console"))
    said.ends(FINE).has("L.*ctx.random/1: DENIED").has("L.*ctx.apps/1: DENIED")
    check(len(re.findall(r"#0: L\s+true", said.text)) >= 3, "more than was denied is gone")


if __name__ == "__main__":
    main()
