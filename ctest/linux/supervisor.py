# SPDX-License-Identifier: MIT
"""The supervisor: keys and clicks really act on other apps, what it shows is so, and it sleeps in between."""
import os
import re

from runner import FAULTED, FINE, case, check, compile_app, ctx, headless, main, own_apps, qemu_test, read_png, scratch, test_app, together

look = qemu_test("supervisor")
GRANT = "grant=ctx.control/1"
RED = (0xd9, 0x60, 0x4c)

# Tells each twentieth call, and what it had counted up to.
TICKS = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    if (++calls % 20 == 0) {
        struct line l = {0};
        put(&l, "T tick ");
        put_number(&l, calls / 20);
        send(ctx, &l);
    }
    return 0;
}
"""


def play(script, apps=(), words=(GRANT, ), options=(), ends=FINE, others=()):
    """Runs `ticks`, some of our apps, others (path, words) and the supervisor, last. Pictures come in the script's order."""
    with scratch() as folder:
        ticks = compile_app(folder, "ticks", TICKS)
        path, shots = os.path.join(folder, "script"), []

        def shot(_):
            shots.append(os.path.join(folder, f"{len(shots)}.png"))
            return f"screenshot {shots[-1]}"

        with open(path, "w", encoding="utf-8") as f:
            f.write(re.sub(r"^shot$", shot, script, flags=re.M))
        good = [[own_apps(app[0])[0], *app[1:]] for app in apps]
        # In virtual time: between two steps lie as many frames as between these steps in each run.
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "30", "--script", path, *options,
                   *together([ticks, *good, *others, [*own_apps("supervisor"), *words]]))
        said.ends(ends).hasnt(r"fault name=(ticks|supervisor)").has("script: quit")
        return said, [read_png(s) for s in shots]


def between(said):
    """The ticks' numbers before the first picture, between the first and the second ..."""
    return [[int(n) for n in re.findall(r"T tick (\d+)", part)] for part in re.split(r"main: screenshot", said.text)]


@case
def stop_and_restart():
    said, shots = play("wait 900\nkey s tap\nwait 900\nshot\nwait 900\nshot\nkey r tap\nwait 1500\nshot\nquit\n")
    said.has(r"app: supervisor#1 stops ticks#0").has(r"app: supervisor#1 restarts ticks#0")
    said.has(r"restarted name=ticks pid=0 .*restarts=1")
    ticks = between(said)
    check(ticks[0] and ticks[1] == [] and ticks[2][:1] == [1], f"ticks: {ticks}")
    seen = [look.moods(s, 2)[0] for s in shots]
    check(seen == ["stopped", "stopped", "running"], f"it shows {seen}")
    check(all(look.is_open(s) for s in shots), "there is no window")


@case
def pause_and_resume():
    """Pausing keeps what an app has: it goes on counting where it was."""
    said, shots = play("wait 900\nkey p tap\nwait 900\nshot\nwait 900\nshot\nkey p tap\nwait 1500\nshot\nquit\n")
    said.hasnt("restarted").hasnt("stops ")
    ticks = between(said)
    check(ticks[0] and ticks[1] == [] and ticks[2][:1] == [ticks[0][-1] + 1], f"ticks: {ticks}")
    seen = [look.moods(s, 2)[0] for s in shots]
    check(seen == ["paused", "paused", "running"], f"it shows {seen}")


@case
def troubles_are_shown():
    """Each misbehaviour has its colour; a looping app can be paused, resumed, stopped and begun anew."""
    apps = [("faults", "restart=on-fault:1000"), ("loops", "overrun=keep"), ("floods", "log=5")]
    said, shots = play("wait 5000\nshot\nkey down tap\nkey down tap\nkey p tap\nwait 1200\nshot\nkey p tap\nwait 1200\nshot\n"
                       "key s tap\nwait 1200\nshot\nkey r tap\nwait 2500\nshot\nquit\n", apps, ends=FAULTED)
    said.has(r"restarted name=faults .*restarts=1").has(r"floods#\d+: \d+ lines dropped").has(r"restarted name=loops ")
    now = look.moods(shots[0], 5)
    check(now == ["running", "faulted", "overrunning", "flooding", "running"], f"it shows {now}")
    loops = [look.moods(s, 3)[2] for s in shots]
    check(loops == ["overrunning", "paused", "overrunning", "stopped", "overrunning"], f"of the looping app it shows {loops}")


@case
def crash_reports():
    """Both ways lead to the report, red on a dark ground; on a small screen it can be scrolled."""
    apps = [("faults", "restart=on-fault:1000")]
    said, shots = play("wait 4800\nkey down tap\nkey enter tap\nwait 100\nshot\nkey esc tap\nkey tab tap\nkey enter tap\n"
                       "wait 100\nshot\nkey esc tap\nkey esc tap\nwait 100\nshot\nquit\n", apps, ends=FAULTED)
    said.has(r"fault name=faults ")
    first = [s.crop(look.LEFT + 30, look.TOP + 260, 900, 30) for s in shots]  # the report's first line
    red = [sum(1 for y in range(p.h) for x in range(p.w) if p.at(x, y) == RED) for p in first]
    check(red[0] > 200 and red[1] > 200 and red[2] == 0, f"red pixels where the report begins: {red}")
    check(look.chosen(shots[2], 3) == [1], "Esc does not lead back")

    small = ("--size", "800x600")
    _, shots = play("wait 4800\nkey down tap\nkey enter tap\nwait 100\nshot\nkey end tap\nwait 100\nshot\nkey home tap\n"
                    "wait 100\nshot\nquit\n", apps, options=small, ends=FAULTED)
    report = [s.crop(60, 290, 660, 200) for s in shots]
    check(report[0].data != report[1].data, "End does not scroll")
    check(report[0].data == report[2].data, "Home does not scroll back")


@case
def clicks():
    """A click chooses, a second one opens, the keys below can be clicked; beside the window it loses the keys."""
    x, y = look.row_middle(1)
    said, shots = play(f"wait 700\npointer {x} {y}\nwait 50\nbutton left click\nwait 100\nshot\nbutton left click\nwait 100\n"
                       f"shot\nkey esc tap\nwait 50\npointer {look.row_middle(0)[0]} {look.row_middle(0)[1]}\nwait 50\n"
                       "button left click\nwait 100\npointer 20 20\nwait 50\nbutton left click\nwait 50\nkey s tap\nwait 300\n"
                       f"shot\npointer {look.LEFT + 150} {look.TOP + look.HEIGHT - 24}\nwait 50\nbutton left click\nwait 300\n"
                       "shot\nquit\n", [("clock", )])
    check(look.chosen(shots[0], 3) == [1], f"rows {look.chosen(shots[0], 3)} are chosen, not the second")
    check(look.chosen(shots[1], 3) == [], "the second click does not open")
    before, after = said.text.split("main: screenshot")[:3], said.text.split("main: screenshot")[3:]
    check("stops" not in "".join(before), "it takes keys that are not for it")
    check("supervisor#2 stops ticks#0" in "".join(after), "a click on S does not stop")


@case
def without_the_grant():
    """It lists, and says that it may not act."""
    said, shots = play("wait 900\nshot\nkey s tap\nkey r tap\nkey p tap\nwait 900\nshot\nwait 900\nquit\n", words=())
    said.hasnt("supervisor#1 (stops|restarts)")
    check(look.moods(shots[0], 2) == ["running", "running"], f"it shows {look.moods(shots[0], 2)}")
    check(between(said)[2], "the app does not run any more")
    amber, red = (shots[i].crop(640, 650, 550, 50) for i in (0, 1))
    check(b"\xdc\xc0\x5a" in amber.data and bytes(RED) in red.data, "it does not say why nothing happens")


@case
def not_itself():
    said, shots = play("wait 700\nkey down tap\nkey s tap\nkey p tap\nwait 900\nshot\nquit\n")
    said.hasnt("supervisor#1 stops")
    check(look.moods(shots[0], 2) == ["running", "running"] and look.chosen(shots[0], 2) == [1], "it has lost itself")


@case
def hidden():
    """F12 brings it; before that no key is its own, and nothing is allocated for a window."""
    said, shots = play("wait 500\nkey s tap\nwait 500\nshot\nkey f12 tap\nwait 600\nshot\nkey f12 tap\nwait 300\nshot\nquit\n",
                       words=(GRANT, "hidden"))
    said.hasnt("supervisor#1 stops")
    seen = [not s.black() for s in shots]
    check(seen == [False, True, False], f"it is to be seen: {seen}")


def amber(shot):
    """Where the lamp's words are, from their left edge."""
    at = [(x, y) for y in range(110, 145) for x in range(600, 1180) if shot.at(x, y)[0] > 180 and shot.at(x, y)[1] > 140 and shot.at(x, y)[2] < 130]
    left = min((x for x, _y in at), default=0)
    return {(x - left, y) for x, y in at}


@case
def unverified_apps_that_run():
    """Those that run are counted, not how often they began: begun anew twice they are as many, and one fewer when one is stopped."""
    said, shots = play("wait 900\nshot\nkey r tap\nwait 900\nkey r tap\nwait 900\nshot\nkey p tap\nwait 900\nshot\nkey s tap\nwait 900\nshot\nkey r tap\nwait 900\nshot\nquit\n",
                       words=("grant=ctx.control/1,ctx.system/1", ))
    said.has(r"restarted name=ticks pid=0 .*restarts=2").has("unverified name=ticks").has("unverified name=supervisor")
    first, again, paused, stopped, back = map(amber, shots)
    check(len(first) > 200 and first == again, "another number when they began anew")
    check(first == paused, "another number when one pauses")
    check(stopped and stopped != first, "the same number when one is stopped")
    check(back == first, "another number when it runs again")


@case
def it_sleeps():
    """Twice a second, however many frames there are."""
    with scratch() as folder:
        ticks = compile_app(folder, "ticks", TICKS)
        said = headless([ticks, [*own_apps("supervisor"), GRANT]], frames=180).ends(FINE)
    calls = re.search(r"app=supervisor pid=1 calls=(\d+)", said.text)
    frames = re.search(r"app=ticks pid=0 calls=(\d+)", said.text)
    check(calls and frames, "no report")
    check(1 < int(calls[1]) < int(frames[1]) / 5, f"{calls[1]} calls in {frames[1]} frames")


@case
def services_are_listed():
    """Who offers what, the one that others get first; the keys are for its provider, which begins anew and offers it again."""
    path = test_app("serving")
    others = [[path, "offer", "0", "offer=org.example.*"], [path, "offer", "0", "offer=org.example.*"], [path, "ask", "100000000"]]
    said, shots = play("wait 2500\nkey tab tap\nkey tab tap\nwait 900\nshot\nkey down tap\nwait 100\nshot\nkey up tap\nkey r tap\nwait 1500\nshot\n"
                       "key enter tap\nwait 200\nshot\nkey tab tap\nwait 100\nshot\nquit\n", others=others)
    said.has(r"app: supervisor#4 restarts serving#1").has(r"restarted name=serving pid=1 ")
    check([look.moods(s, 2) for s in shots[:2]] == [["running", "stopped"]] * 2, f"it shows {[look.moods(s, 2) for s in shots[:2]]}")
    check([look.chosen(s, 2) for s in shots[:2]] == [[0], [1]], f"chosen: {[look.chosen(s, 2) for s in shots[:2]]}")
    # Who stood behind stands before it now: the other one goes on being chosen.
    check(look.chosen(shots[2], 2) == [1], f"chosen: {look.chosen(shots[2], 2)}")
    check(look.chosen(shots[3], 2) == [], "Enter does not show the provider")
    check(look.moods(shots[4], 5) == ["running"] * 5, f"Tab does not lead to the apps: {look.moods(shots[4], 5)}")


if __name__ == "__main__":
    main()
