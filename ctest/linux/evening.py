# SPDX-License-Identifier: MIT
"""An evening at the desktop: what people do in the middle of something else, with all that is open at once."""
import os
import re

from hands import ALT, CTRL, GRANTS, KILLER, META, MODIFIERS, WINDOW, chord, click, drag, last, made, play, states, write
from runner import FAULTED, FINE, case, check, ctx, main, own_apps, read_png, scratch

# Its window comes after a while.
LATE = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    uint32_t *surface = (uint32_t *)ctx->store, count = 0;
    uint64_t now = 0;
    struct ctx_event e[8];
    ctx->time->now(ctx->time, &now);
    if (now < 800000000) {
        ctx->time->wake_at(ctx->time, 800000000);
        return CTX_WAIT;
    }
    if (*surface == 0) {
        ctx->display->create(ctx->display, 300, 200, CTX_SURFACE_RGBX, 0, surface);
    }
    while (ctx->events->read(ctx->events, e, sizeof e, sizeof e[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (e[i].kind == CTX_EVENT_KEY && e[i].value == 1) { say(ctx, "key", e[i].code); }
        }
    }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY);
    return CTX_WAIT;
}
"""

# Takes its window away and makes another one, five times a second.
AGAIN = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    uint32_t *surface = (uint32_t *)ctx->store, count = 0;
    struct ctx_event e[8];
    uint64_t now = 0;
    while (ctx->events->read(ctx->events, e, sizeof e, sizeof e[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (e[i].kind == CTX_EVENT_KEY && e[i].value == 1) { say(ctx, "key", e[i].code); }
        }
    }
    ctx->time->now(ctx->time, &now);
    if (*surface != 0) { ctx->display->destroy(ctx->display, *surface); }
    ctx->display->create(ctx->display, 400, 300, CTX_SURFACE_RGBX, 0, surface);
    ctx->time->wake_at(ctx->time, now + 200000000);
    return CTX_WAIT;
}
"""

OPEN = "key leftmeta tap\nwait 100\n"


def heard(said, name):
    """The keys of this app, by number, without those that chords are made of."""
    return [k for k in re.findall(rf"app\.{name}#\d+: T key (\d+)", said.text) if k not in MODIFIERS]


@case
def chords_over_the_launcher():
    """While the launcher is open it has the keys: Alt-F4 closes it and not the window below, other chords close it, and nothing that is typed next goes astray."""
    said, _ = play(OPEN + chord(ALT, "f4") + "wait 100\ntype a\nwait 100\n", "1x300x200", "1x300x200")
    check("T close" not in said.text and heard(said, "w1") == ["30"], f"Alt-F4 closed what lies below: {said.text[-1500:]}")
    for does, active in ((chord(META, "1"), "w0"), (chord(META, "m"), "w0"), (chord(META, "left"), "w1"), (click(190, 780), "w0")):
        said, _ = play(OPEN + does + "wait 100\ntype a\nwait 100\n" + OPEN + "type b\nwait 100\nkey esc tap\nwait 100\n", "1x300x200 big", "1x300x200 big")
        check(heard(said, active) == ["30"] and heard(said, "w1" if active == "w0" else "w0") == [], f"{does!r}: {said.text[-1500:]}")


@case
def a_window_comes_while_somebody_types_elsewhere():
    """One that opens while the launcher or a window's menu is there gets the keys when that is closed, and nothing of what was typed into it."""
    for opens in (OPEN, chord(ALT, "space")):
        said, _ = play(opens + "wait 100\ntype qx\nwait 600\ntype x\nwait 100\nkey esc tap\nwait 100\ntype a\nwait 100\n", "1x300x200", (LATE, ""))
        check(last(said, "w1").endswith("active") and heard(said, "w1") == ["30"] and heard(said, "w0") == [], f"{opens!r}: {said.text[-1500:]}")


@case
def a_click_into_alt_tab():
    """Alt is held then, and so the button is the desktop's: it chooses the picture under the pointer, moved there or not, and moves no window."""
    hold = "key leftalt down\nkey tab tap\nwait 80\n"
    for before, after in (("", "pointer 1000 390\nwait 60\n"), ("pointer 1000 390\nwait 60\n", "")):
        said, _ = play(before + hold + after + "button left click\nwait 100\nkey leftalt up\nwait 100\ntype a\nwait 60\n", *["1x300x200"] * 4, size="1280x800")
        check(heard(said, "w0") == ["30"] and len(states(said, "w0")) == 2, f"{said.text[-1500:]}")


@case
def killed_in_the_middle():
    """The desktop ends while its launcher, a menu or a window of its own has the keys: its next self gives them to the highest window, and nobody has to find out by a click."""
    killer = KILLER.replace("1500000000", "800000000").replace("++*count > 1", "++*count == 2").replace("*count == 101", "*count == 2")
    for opens in (OPEN + "type w\n", chord(ALT, "space"), "key f12 tap\n"):
        said, _ = play(opens + "wait 900\ntype a\nwait 100\n", "1x300x200", "1x300x200", (killer, "grant=ctx.control/1"))
        check("T killed" in said.text and heard(said, "w1") == ["30"] and last(said, "w1").endswith("active"), f"{opens!r}: {said.text[-1500:]}")
    said, _ = play(chord(CTRL, ALT, "enter") + "wait 1000\n" + chord(CTRL, ALT, "enter") + "wait 400\n", "1x300x200", "1x300x200 big", (killer, "grant=ctx.control/1"))
    check(re.findall(r"\d+,\d+ (\d+),(\d+)", last(said, "w1")) == [("854", "334")], f"from the whole screen it comes back larger than that: {states(said, 'w1')}")


@case
def grown_by_itself():
    """A window that takes another size by itself, as paint does for a large picture, stays in sight with its title and buttons; one that lies half outside because somebody put it there stays there."""
    source = WINDOW.replace("if (is_key && e->value == 1 && e->code == F8)", """if (is_key && e->value == 1 && (e->code == 67 || e->code == 68)) {
        st->w = e->code == 67 ? 900 : 1400;
        st->h = e->code == 67 ? 600 : 1000;
        ctx->display->resize(ctx->display, st->s[0], st->w, st->h);
        draw(ctx, st, st->s[0], 0xff40c0e0u);
    }
    if (is_key && e->value == 1 && e->code == F8)""")
    to = drag(150, 36, 800, 400)
    said, _ = play(to + "key f9 tap\nwait 400\n", (source, "1x300x200"))
    check(last(said, "w0") == "378,127 902,633 active", last(said, "w0"))
    said, _ = play(to + "key f10 tap\nwait 600\n", (source, "1x300x200 big"))
    check(last(said, "w0") == "0,0 1280,760 active", last(said, "w0"))
    said, _ = play(to + "key f10 tap\nwait 600\n", (source, "1x300x200"))
    check(last(said, "w0") == "0,0 1402,1033 active", last(said, "w0"))
    said, _ = play(drag(150, 36, 1200, 400) + "key f9 tap\nwait 400\n", (source, "1x300x200"))
    check(last(said, "w0") == "1070,384 902,633 active", last(said, "w0"))


@case
def the_whole_screen_is_shown_as_such():
    """Whoever asked for it, a notice says how to leave it, and goes with it; a desktop that is begun anew has nothing new to say."""
    said, shots = play("screenshot @a.png\n" + chord(CTRL, ALT, "enter") + "wait 100\nscreenshot @b.png\n" + chord(CTRL, ALT, "enter") + "wait 100\nscreenshot @c.png\nwait 9000\nscreenshot @d.png\n",
                       "1x1280x800 full", "1x300x200")
    says = "notice: Whole screen: Ctrl-Alt-Enter leaves it"
    check(said.text.count(says) == 2, said.text[-1500:])
    note = [shots[n].crop(960, 672, 300, 60).colours(1) for n in "abcd"]
    check(len(note[0]) > 10 and len(note[1]) > 10 and note[2] == note[3], f"who asked, by the chord, and after each: {[len(n) for n in note]}")
    killer = KILLER.replace("1500000000", "800000000").replace("++*count > 1", "++*count == 2").replace("*count == 101", "*count == 2")
    said, _ = play(chord(CTRL, ALT, "enter") + "wait 1000\n", "1x300x200", "1x300x200", (killer, "grant=ctx.control/1"))
    check("T killed" in said.text and said.text.count(says) == 1, said.text[-1500:])


@case
def a_notice_in_the_way():
    """It covers no title: the close button of a window that is as large as fits is pressed beside it; a click on it, its button or Super-Esc, and it goes before its time."""
    words = "tell say=Look"
    said, shots = play(chord(META, "up") + "screenshot @a.png\n" + click(1256, 16), "1x300x200 big", words=words)
    check(states(said, "w0")[-1] == "gone", f"what is pressed is the notice: {states(said, 'w0')}")

    def seen(shot, x=960, y=672):
        return any(min(c) > 200 for c in shot.crop(x, y, 260, 60).colours(1))
    check(seen(shots["a"]), "there is no notice")
    for name, steps in (("the notice", click(940, 735)), ("its button", click(1248, 686)), ("Super-Esc", chord(META, "esc"))):
        said, shots = play("screenshot @a.png\n" + steps + "wait 60\nscreenshot @b.png\n", "1x300x200", words=words)
        check(seen(shots["a"]) and not seen(shots["b"]), f"{name}: before {seen(shots['a'])}, then {seen(shots['b'])}")
    corner = drag(150, 36, 1050, 680)
    said, shots = play(corner + "screenshot @a.png\n" + drag(1050, 680, 150, 700) + "screenshot @b.png\n", "1x300x200", words=words)
    check(seen(shots["a"], 40) and seen(shots["b"]), "a title lies in its corner, and then in the other")


# Waits for keys and never reads one; and one that reads them.
NEVER_READS = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    uint64_t *calls = (uint64_t *)ctx->store;
    if (++*calls == 1000) { say(ctx, "unread", *calls); }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY | 1u << CTX_EVENT_POINTER);
    return CTX_WAIT;
}
"""
READS = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    struct ctx_event e[8];
    uint32_t count = 0;
    while (ctx->events->read(ctx->events, e, sizeof e, sizeof e[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (e[i].kind == CTX_EVENT_KEY && e[i].value == 1) { say(ctx, "key", e[i].code); }
        }
    }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY);
    return CTX_WAIT;
}
"""


@case
def an_event_that_nobody_reads():
    """Who waits for one that it never reads is called again and again, once in each turn of the loop: others hear what is typed meanwhile, and the script goes on. In real time: in virtual time turns take none."""
    with scratch() as folder:
        script = write(folder, "key a tap\nwait 300\nkey b tap\nwait 300\nkey c tap\nwait 300\n")
        said = ctx("run", "--headless", "--script", script, made(folder, "never", NEVER_READS), "+", made(folder, "reads", READS)).ends(FINE)
    said.has("app.never#0: T unread 1000").has("script: quit")
    check(re.findall(r"app\.reads#1: T key (\d+)", said.text) == ["30", "48", "46"], said.text[-1500:])


@case
def nobody_to_be_asked():
    """An app of version 1 or 2 in a window can not be asked to close, and has nowhere to save to: closed it ends, without three seconds of silence and a question."""
    with scratch() as folder:
        script = write(folder, "wait 300\n" + chord(ALT, "f4") + "wait 200\n")
        said = ctx("run", "--headless", "--virtual-time", "--script", script, own_apps("desktop")[0], GRANTS, "tell", "+", *own_apps("veteran"), "window=320x200").ends(FINE)
    check(last(said, "veteran") == "gone" and "does not answer" not in said.text, said.text[-1500:])


@case
def pasted_into_the_launcher():
    with scratch() as folder:
        script = write(folder, "wait 300\ntype eval ctx.clipboard.put('veteran')<ret>\nwait 300\n" + OPEN + "key leftctrl down\nkey v tap\nkey leftctrl up\nwait 100\nkey enter tap\nwait 400\n")
        said = ctx("run", "--headless", "--virtual-time", "--script", script, own_apps("desktop")[0], GRANTS, "trusted", "tell", "+", *own_apps("clipboard"), "offer=ctx.clipboard/1",
                   "+", *own_apps("snake"), "shelf", "+", *own_apps("veteran"), "shelf", "window=320x200", "+", *own_apps("console")).ends(FINE)
    check("active" in last(said, "veteran"), said.text[-1500:])


@case
def a_narrow_bar():
    """Where a button has room for no more than a letter and dots there is only its icon."""
    _, shots = play("screenshot @a.png\n", *["1x60x40 garbage"] * 7, size="800x600")
    check(len(shots["a"].crop(131, 564, 12, 24).colours(1)) == 1, "letters beside the first icon")
    check(len(shots["a"].crop(144, 564, 30, 24).colours(1)) > 3, "no second icon")


@case
def a_report_is_whole():
    """The lines of a crash report that are too long go on in the next row; and what was said of that app before, that it goes on, is not seen beside it."""
    fault = "key f8 tap\n"
    said, shots = play(fault + "wait 100\nscreenshot @a.png\n" + fault * 3 + "wait 200\nscreenshot @b.png\n", "1x300x200", how=FAULTED)
    letters = [any(min(c) > 200 for c in shots[n].crop(960, 672, 260, 60).colours(1)) for n in "ab"]
    check(letters == [True, False], f"a notice, and then none: {letters}: {said.text[-1500:]}")
    report = shots["b"].crop(352, 212, 576, 260)
    dark = [all(max(report.at(x, y)) < 90 for x in range(4, 570, 2)) for y in range(report.h)]
    rows = sum(1 for y in range(1, report.h) if dark[y - 1] and not dark[y])
    check(rows >= 14, f"{rows} rows of a report that has more")


@case
def a_smaller_screen():
    """Windows that are larger than it are asked to fit, the desktop's own do: their buttons are there, which the task bar hid."""
    fault = "key f8 tap\n" * 3
    said, _ = play(fault + "wait 200\nsize 640 420\nwait 600\n", "1x900x600 big", "1x300x200", how=FAULTED)
    check(last(said, "An app crashed").startswith("38,0 602,380") and last(said, "w0").startswith("0,0 640,380"), f"{states(said, 'An app crashed')}, {states(said, 'w0')}")


@case
def found_by_what_it_is_for():
    """Who knows no name finds a program by its purpose, which is read below the list; one that is called so comes first."""
    apps = [own_apps("desktop")[0], GRANTS, "trusted", "tell"]
    for name in ("widgets", "snake", "editor"):
        apps += ["+", *own_apps(name), "shelf"]
    for typed, starts in (("game", "Snake"), ("tex", "New text"), ("ed", "New text"), ("but", "Widgets")):
        with scratch() as folder:
            said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, OPEN + f"type {typed}\nwait 100\nscreenshot @a.png\nkey enter tap\nwait 500\n"), *apps).ends(FINE)
            foot = read_png(os.path.join(folder, "a.png")).crop(20, 700, 390, 20)
        check("active" in last(said, starts), f"{typed}: {said.text[-800:]}")
        check(any(min(c) > 200 for c in foot.colours(1)), f"{typed}: it does not say what for")


@case
def windows_that_come_again_and_again():
    """An app that makes windows all the time has the keys for the first one only: what somebody types in another app stays there, and that is not covered. Its button calls; chosen it has the keys."""
    keys = "".join(f"type {k}\nwait 130\n" for k in "asdfgh")
    said, shots = play(click(150, 150) + keys + "screenshot @a.png\n", "1x300x200", (AGAIN, ""))
    check(heard(said, "w0") == ["30", "31", "32", "33", "34", "35"] and heard(said, "w1") == [], f"{heard(said, 'w0')}, {heard(said, 'w1')}")
    check(shots["a"].at(310, 240) == (224, 192, 64), "it lies over the window that has the keys")
    wide = [x for x in range(292, 310) if shots["a"].at(x, 794) == (230, 170, 86) or shots["a"].at(x, 794)[0] > 200]
    check(wide, "its button does not call")
    said, _ = play(click(150, 150) + click(380, 780) + "type a\n", "1x300x200", (WINDOW, "1x300x200"))
    check(heard(said, "w1") == ["30"], said.text[-1500:])


def held(x0, y0, x1, y1):
    return f"pointer {x0} {y0}\nwait 40\nbutton left down\nwait 40\npointer {(x0 + x1) // 2} {(y0 + y1) // 2}\nwait 40\npointer {x1} {y1}\nwait 100\n"


@case
def a_drag_that_is_taken_back():
    """Esc puts back what is dragged, moved, resized or torn off its half; the app hears nothing of it, then Esc is everybody's again, and the button that is still held does nothing."""
    after = "key esc tap\nwait 100\npointer 700 500\nwait 60\nbutton left up\nwait 400\nscreenshot @a.png\nkey esc tap\nwait 60\n"
    for does, size in ((held(150, 36, 400, 300), "20,20 302,233 active"), (held(323, 253, 500, 400), "20,20 302,233 active"), (held(150, 36, 1279, 400), "20,20 302,233 active"),
                       (chord(META, "left") + held(300, 16, 800, 400), "0,0 640,760 left active")):
        said, shots = play(does + after, "1x300x200 big")
        check(last(said, "w0") == size and heard(said, "w0") == ["1"], f"{does!r}: {states(said, 'w0')}, {heard(said, 'w0')}")
        check(shots["a"].at(760, 500) != (224, 192, 64) and shots["a"].at(100, 150) == (224, 192, 64), f"{does!r}: it is seen elsewhere")
    said, _ = play("key leftalt down\n" + held(150, 150, 500, 400) + "key esc tap\nwait 60\nbutton left up\nkey leftalt up\nwait 200\n", "1x300x200 big")
    check(last(said, "w0") == "20,20 302,233 active", f"{states(said, 'w0')}")


@case
def saved_in_a_drag():
    """A session of the middle of a drag: nothing of where the window would have gone is seen, and Esc is everybody's."""
    with scratch() as folder:
        session = os.path.join(folder, "s")
        apps = [own_apps("desktop")[0], GRANTS, "tell", "+", made(folder, "w0", WINDOW), "1x300x200", "big"]
        script = write(folder, held(150, 36, 1279, 400) + "screenshot @a.png\n")
        ctx("run", "--headless", "--virtual-time", "--script", script, "--save", session, *apps).ends(FINE)
        said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, "wait 200\nscreenshot @b.png\nkey esc tap\nwait 60\n"), "--load", session).ends(FINE)
        a, b = (read_png(os.path.join(folder, n + ".png")) for n in "ab")
    check(heard(said, "w0") == ["1"], f"who has Esc: {said.text[-1500:]}")
    check(a.at(700, 600)[0] > b.at(700, 600)[0] + 10, f"a preview is left: {a.at(700, 600)}, {b.at(700, 600)}")


@case
def more_windows_than_frames():
    """One app has 64: whoever comes next has a frame all the same, and so has who is chosen; what it shows stays where it is, and when windows go others get theirs."""
    def title(shot, state):
        x, y, w, h = map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", state).groups())
        return shot.at(x + w - 60, y + 10)[0] < 80 and (w, h) == (402, 333)
    many, one = "64x200x120", "1x400x300"
    said, shots = play("screenshot @a.png\nkey f12 tap\nwait 200\nscreenshot @b.png\n" + chord(ALT, "tab") * 2 + "screenshot @c.png\n", many, one)
    check(title(shots["a"], states(said, "w1")[-1]), f"who came last has none: {states(said, 'w1')}")
    x, y, _, _ = map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", last(said, "Overview")).groups())
    check(len({tuple(shots["b"].at(i, y + 16)) for i in range(x + 40, x + 120)}) > 3, "the desktop's own has none")
    said, shots = play(chord(ALT, "tab") * 3 + "wait 100\nscreenshot @a.png\n" + chord(ALT, "f4") + "wait 300\nscreenshot @b.png\n", one, many)
    sizes = [re.search(r" (\d+),(\d+)", s).groups() for s in states(said, "w1") if s != "gone"]
    check({("202", "153"), ("200", "120")} == set(sizes), f"{set(sizes)}")
    bare = sum(1 for n, s in re.findall(r"window (w1): (\S+ \S+)", said.text) if s.endswith("200,120"))
    check(bare >= 24, f"{bare} have none")


@case
def keys_and_mouse():
    """What hands can do is read in a window: no line of it is cut, and where the screen is small it is gone through."""
    said, shots = play(OPEN + "type keys\nkey enter tap\nwait 300\nscreenshot @a.png\nsize 640 420\nwait 600\nscreenshot @b.png\nkey pagedown tap\nkey pagedown tap\nwait 100\nscreenshot @c.png\nkey esc tap\nwait 100\n")
    x, y, w, h = map(int, re.match(r"(\d+),(\d+) (\d+),(\d+)", states(said, "Keys and mouse")[0]).groups())
    right = shots["a"].crop(x + w - 40, y + 40, 27, h - 44)
    check(len(right.colours(1)) == 1, "a line reaches to the right edge")
    check(shots["b"].differing(shots["c"]) and last(said, "Keys and mouse") == "gone", states(said, "Keys and mouse"))


@case
def contrast_for_everybody():
    """High contrast is not the desktop's alone: whoever draws with the widgets hears of it, before it begins or after, and of the end of it."""
    for app in ("editor", "files", "widgets"):
        with scratch() as folder:
            shots = {}
            for name, first, words, script in (("word", False, "contrast", ""), ("first", True, "contrast", ""),
                                               ("chosen", False, "", OPEN + "type sett<ret>\nwait 300\n" + "key tab tap\n" * 5 + "key space tap\nwait 300\nkey esc tap\nwait 300\n"),
                                               ("usual", False, "", "")):
                desktop = [own_apps("desktop")[0], GRANTS, "trusted", "tell", *words.split()]
                apps = [*own_apps(app), "+", *desktop] if first else [*desktop, "+", *own_apps(app)]
                said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, "wait 800\n" + script + "screenshot @a.png\n"), *apps).ends(FINE)
                x, y, w, h = map(int, re.findall(r"app.desktop#\d: window .*: (-?\d+),(-?\d+) (\d+),(\d+)", said.text)[-1])
                shots[name] = read_png(os.path.join(folder, "a.png")).crop(x + 20, y + h - 24, w - 40, 12)
        black = {name: (0, 0, 0) in {tuple(c) for c in shot.colours(1)} for name, shot in shots.items()}
        check(black == {"word": True, "first": True, "chosen": True, "usual": False}, f"{app}: {black}")


if __name__ == "__main__":
    main()
