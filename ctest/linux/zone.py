# SPDX-License-Identifier: MIT
"""Summer time: the desktop has the rule, and clocks, every app's zone and the C library's localtime change with it, at that instant."""
import os
import re

import hands
from runner import FINE, case, check, compile_app, ctx, main, own_apps, read_png, scratch

GRANTS = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
BEGINS, ENDS = 1774746000, 1792890000  # of summer time in 2026 there

# First word N: in its first call after a second it sets the calendar to five seconds before that; where a second word follows, it does so after it came back from an image only.
# It says which zone it sees and how many milliseconds after N, and by how much the calendar jumps but for that.
ZONES = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
struct state { int64_t zone, goal, base; uint32_t epoch, done; };
int32_t _start(struct ctx *ctx)
{
    struct state *st = *ctx->store;
    int64_t wall = 0, zone = 0, t = (int64_t)now(ctx);
    if (st == 0) {
        char goal[32], later[32];
        word(ctx, 0, goal);
        word(ctx, 1, later);
        *ctx->store = st = ctx->alloc(sizeof *st, 16);
        *st = (struct state){-1, (int64_t)number(goal) * 1000000000, 0, later[0] != 0 ? ctx->epoch : ~0u, 0};
    }
    if (!st->done && st->goal != 0 && st->epoch != ctx->epoch && t > 1000000000) {
        const struct ctx_calendar *calendar = (const void *)open(ctx, "ctx.calendar/1");
        st->done = 1;
        say(ctx, "set", calendar->set(calendar, st->goal - 5000000000));
        ctx->time->wall(ctx->time, &wall);
        st->base = wall - t;
    }
    struct ctx_event e[8];
    uint32_t count = 0;
    while (ctx->events->read(ctx->events, e, sizeof e, sizeof e[0], &count) == CTX_OK && count > 0) { }
    ctx->time->wall(ctx->time, &wall);
    ctx->time->zone(ctx->time, &zone);
    int64_t off = wall - t - st->base;
    if (st->done && (off > 1000000000 || off < -1000000000)) { say(ctx, "jump", off / 1000000); st->base += off; }
    if (zone != st->zone) { say(ctx, "zone", zone); say(ctx, "late", (wall - st->goal) / 1000000); }
    st->zone = zone;
    ctx->events->wait(ctx->events, 1ull << CTX_EVENT_CALENDAR);
    ctx->time->wake_at(ctx->time, (uint64_t)t + 250000000);
    return CTX_WAIT;
}
"""


def run(folder, script, words, *more, set_to="0", grant=",ctx.calendar/1", options=(), size="800x600"):
    """The desktop with these words, an app that sets the calendar five seconds before something is to happen, and the console."""
    path = os.path.join(folder, "script")
    with open(path, "w", encoding="utf-8") as f:
        f.write(script.replace("@", folder + "/") + "quit\n")
    zones = compile_app(folder, "zones", ZONES)
    said = ctx("run", "--headless", "--virtual-time", "--size", size, "--script", path, *options, own_apps("desktop")[0], GRANTS + grant, "trusted", *words.split(),
               "+", zones, *str(set_to).split(), "grant=ctx.calendar/1", *more)
    said.ends(FINE).hasnt(" fault name=")
    return said


def heard(said):
    """Each zone that an app saw, and how many milliseconds after what its run is about."""
    return list(zip(map(int, re.findall(r"T zone (-?\d+)", said.text)), map(int, re.findall(r"T late (-?\d+)", said.text))))


def changed(said, before, after):
    """From one zone to the other with the change, and not before; once."""
    last = heard(said)[-2:]
    check([z for z, _ in last] == [before, after] and 0 <= last[1][1] < 60, f"{before} and {after} at 0: {heard(said)}")
    said.hasnt("T jump")


ASK = "type eval os.date('%H:%M', {})<ret>\n"  # the console's Lua, which runs all the while: it asks only what a moment was


@case
def begins_and_ends():
    """Rules by name, as POSIX has them, of the south, and where it is summer that is the offset: all at the instant that they say."""
    for words, at, before, after in ((f"zone={BERLIN}", BEGINS, 3600, 7200), ("zone=Europe/Berlin", BEGINS, 3600, 7200), ("zone=Europe/Berlin", ENDS, 7200, 3600),
                                     ("zone=Europe/Dublin", BEGINS, 0, 3600), ("zone=America/New_York", 1772953200, -18000, -14400), ("zone=Australia/Lord_Howe", 1775314800, 39600, 37800),
                                     ("zone=Europe/Berlin kiosk=console", BEGINS, 3600, 7200)):
        with scratch() as folder:
            said = run(folder, f"wait 1500\n{ASK.format(at - 1)}wait 500\nwait 5000\n{ASK.format(at - 1)}wait 1000\n", words, "+", *own_apps("console"), set_to=at)
            changed(said, before, after)
            want = [f"{(at - 1 + z) // 3600 % 24:02}:{(at - 1 + z) // 60 % 60:02}" for z in (before, after)]
            got = re.findall(r"app\.console#\d: (\d\d:\d\d)$", said.text, re.M)
            check(got == want, f"{words}: localtime of who runs on says {got}, not {want}")


@case
def the_bar_shows_it():
    """Its clock jumps with it; the same picture as where that offset is all the year, whether it may tell others or not."""
    for grant in (",ctx.calendar/1", ""):
        with scratch() as folder:
            shots = {}
            for name, words in (("rule", "zone=Europe/Berlin"), ("winter", "zone=+1:00"), ("summer", "zone=+2")):
                run(folder, f"wait 3000\nscreenshot @{name}1.png\nwait 5000\nscreenshot @{name}2.png\n", words, set_to=BEGINS, grant=grant)
                shots[name] = [read_png(os.path.join(folder, f"{name}{i}.png")).crop(500, 560, 300, 40) for i in (1, 2)]
            check(shots["winter"][0].differing(shots["summer"][0]) and shots["winter"][0].differing(shots["winter"][1]), "they show the same at all times")
            check(not shots["rule"][0].differing(shots["winter"][0]), f"{grant}: before, it is not winter")
            check(not shots["rule"][1].differing(shots["summer"][1]), f"{grant}: afterwards it is not summer")


@case
def set_beyond_a_change():
    """Somebody sets the calendar to another season, and back: the zone follows at once. One that sets the zone is believed, and no rule changes it any more."""
    with scratch() as folder:
        said = run(folder, "wait 3000\n", "zone=Europe/Berlin", set_to=BEGINS + 86400 * 90)
        check([z for z, _ in heard(said)][-2:] == [3600, 7200], f"{heard(said)}")
        said.hasnt("T jump")
        said = run(folder, "wait 8000\n", "", set_to=BEGINS, options=("--zone", "+1:00"))
        check([z for z, _ in heard(said)] == [3600], f"the boot line says an offset: {heard(said)}")


@case
def a_session_of_another_season():
    """Saved in winter, restored in summer on a machine whose boot line says another zone."""
    with scratch() as folder:
        session = os.path.join(folder, "s")
        said = run(folder, "wait 2000\n", "zone=Europe/Berlin", set_to=f"{BEGINS + 86400 * 90} later", options=("--save", session))
        check([z for z, _ in heard(said)][-1] == 3600, f"{heard(said)}")
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 1000\nquit\n")
        said = ctx("run", "--headless", "--virtual-time", "--zone", "-9:30", "--script", path, "--load", session).ends(FINE).hasnt(" fault name=")
        check([z for z, _ in heard(said)][-1:] == [7200] and "T set 0" in said.text, f"{heard(said)}: {said.text[-1000:]}")


@case
def killed_while_it_changes():
    """Whoever knows the rule is restarted a hundred times, over the change: others see one zone and then the other."""
    with scratch() as folder:
        killer = compile_app(folder, "killer", hands.KILLER)
        said = run(folder, "wait 9000\n", "zone=Europe/Berlin", "+", killer, "grant=ctx.control/1", set_to=BEGINS)
        check("T killed 100" in said.text, said.text[-1500:])
        zones = heard(said)
        check([z for z, _ in zones] == [3600, 7200] and 0 <= zones[1][1] < 300, f"{zones}")
        said.hasnt("T jump")


@case
def behind_a_host():
    """An app that another one stands in for, whose calls wait there, sees the same zone; not at another time."""
    with scratch() as folder:
        warden = ["+", *own_apps("warden"), "app=zones", "over=zones", "grant=ctx.host/1", "rule=allow all"]
        said = run(folder, "wait 8000\n", "zone=Europe/Berlin", *warden, set_to=BEGINS)
        changed(said, 3600, 7200)
        said.has("takes-over name=zones")


if __name__ == "__main__":
    main()
