# SPDX-License-Identifier: MIT
"""The desktop: every operation by mouse and by keys, where windows lie by its own log and by pixels; what may go wrong does."""
import os
import random
import re

from hands import ALT, BUSY, CTRL, GRANTS, KILLER, META, MODIFIERS, SHIFT, WINDOW, chord, click, drag, last, made, play, states, write
from runner import FAULTED, FINE, Skip, case, check, ctx, main, own_apps, read_png, sanitized, scratch
import suite


@case
def first_places():
    """They do not cover each other while there is room, then a cascade; the newest has the keys."""
    said, _ = play("", "1x300x200", "1x300x200", "1x300x200", "1x1200x700", "1x300x200")
    check([last(said, f"w{i}") for i in range(3)] == ["20,20 302,233", "342,20 302,233", "20,273 302,233"], said.text[-2000:])
    check(last(said, "w4").endswith("active"), "the last one has no keys")
    x, y, w, h = map(int, re.match(r"(\d+),(\d+) (\d+),(\d+)", last(said, "w3")).groups())
    check(x + w <= 1280 and y + h <= 760, f"the large one lies outside: {x},{y} {w}x{h}")


@case
def moved_by_its_title():
    said, shots = play("screenshot @a.png\n" + drag(150, 36, 550, 336) + "screenshot @b.png\n", "1x300x200")
    check(last(said, "w0") == "420,320 302,233 active", last(said, "w0"))
    blue = (224, 192, 64)
    check(shots["a"].at(100, 150) == blue and shots["a"].at(500, 450) != blue, "it is not where it was told to be")
    check(shots["b"].at(100, 150) != blue and shots["b"].at(500, 450) == blue, "it was not moved")


@case
def dragged_beside_a_busy_app():
    """One repaints as fast as it can below it: the dragged window is where the pointer is two frames later, each time."""
    steps = [(70 * i, 40 * i) for i in range(1, 6)]
    moves = "".join(f"pointer {150 + x} {100 + y}\nwait 34\nscreenshot @{i:02}.png\n" for i, (x, y) in enumerate(steps))
    start = click(150, 780) + chord(META, SHIFT, "down") * 2 + "pointer 150 100\nwait 40\nbutton left down\nwait 40\n"
    said, shots = play(start + moves + "button left up\nwait 60\n", "1x300x200", (BUSY, ""))
    x0, y0 = map(int, states(said, "w0")[0].split()[0].split(","))
    end = tuple(map(int, last(said, "w0").split()[0].split(",")))
    for i, (x, y) in enumerate(steps):
        left, top = end[0] - steps[-1][0] + x, end[1] - steps[-1][1] + y
        inside, outside = shots[f"{i:02}"].at(left + 4, top + 60), shots[f"{i:02}"].at(left - 4, top + 60)
        check(inside == (224, 192, 64) and outside != inside, f"step {i}: {inside} at {left + 4},{top + 60}, {outside} left of it; from {x0},{y0}: {states(said, 'w0')}")


@case
def never_lost():
    """Dragged over each edge its title stays in reach; so it does by keys; and where nobody could see it, it is not put."""
    moves = drag(150, 36, 1270, 790) + drag(1240, 745, 5, 5)
    said, _ = play(moves, "1x300x200")
    for state in states(said, "w0"):
        x, y, w, _h = map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", state).groups())
        check(-w + 40 <= x <= 1280 - 40 and 0 <= y <= 760 - 32, f"out of reach: {state}")
    said, _ = play("", "1x300x200 far")
    check(last(said, "w0").startswith("0,527"), f"a place far outside: {last(said, 'w0')}")
    said, _ = play(chord(META, SHIFT, "left") * 20, "1x300x200")
    check(last(said, "w0").startswith("-222,20"), last(said, "w0"))


@case
def resized_by_edges():
    said, shots = play(drag(323, 253, 423, 303) + "screenshot @a.png\n", "1x300x200 big")
    check(last(said, "w0").startswith("20,20 402,283"), last(said, "w0"))
    check(shots["a"].at(400, 290) == (224, 192, 64), "its frame is empty")
    said, _ = play(drag(323, 100, 223, 100) + drag(223, 252, 40, 30), "1x300x200 big")
    check(" 180," in last(said, "w0"), f"smaller than its title: {last(said, 'w0')}")
    said, _ = play(drag(20, 20, 1, 1), "1x300x200 big")
    check(last(said, "w0").startswith("1,1 321,252"), f"by its upper left: {last(said, 'w0')}")
    said, _ = play(drag(323, 253, 423, 303), "1x300x200 fixed")
    check(last(said, "w0").startswith("20,20 302,233"), f"one of fixed size: {last(said, 'w0')}")
    said, _ = play(drag(323, 253, 423, 303), "1x300x200")
    check(last(said, "w0").startswith("20,20 302,233"), f"one that does not care: {last(said, 'w0')}")
    said, _ = play(chord(META, CTRL, "right") + chord(META, CTRL, "down"), "1x300x200 big")
    check(last(said, "w0").startswith("20,20 334,265"), f"by keys: {last(said, 'w0')}")


@case
def tiled():
    said, shots = play(chord(META, "left") + "screenshot @a.png\n" + chord(META, "up") + chord(META, "right") + chord(META, "down") +
                       chord(META, "up") * 2 + chord(META, "down") + chord(META, "down"), "1x300x200 big")
    want = ["0,0 640,760 left", "0,0 640,380 top-left", "640,0 640,380 top-right", "640,0 640,760 right", "640,0 640,380 top-right",
            "0,0 1280,760 all", "20,20 302,233", "20,20 302,233 minimized"]
    got = [s.replace(" active", "") for s in states(said, "w0")]
    check(got[1:] == want, f"{got}")
    check(shots["a"].at(600, 700) == (224, 192, 64) and shots["a"].at(700, 700) != (224, 192, 64), "not the left half")
    said, shots = play("pointer 150 36\nwait 40\nbutton left down\nwait 40\npointer 300 300\nwait 40\npointer 1279 400\nwait 80\nscreenshot @a.png\n"
                       "button left up\nwait 100\n" + drag(900, 16, 700, 200), "1x300x200 big")
    got = [s.replace(" active", "") for s in states(said, "w0")]
    check(got[1] == "640,0 640,760 right" and got[-1].endswith("302,233"), f"by the mouse: {got}")
    red, green, blue = shots["a"].at(1000, 500)
    check(red > blue, f"no preview: {(red, green, blue)}")
    said, _ = play((click(150, 36) + "button left click\nwait 60\n") + (click(150, 16) + "button left click\nwait 60\n"), "1x300x200 big")
    got = [s.replace(" active", "") for s in states(said, "w0")]
    check(got[1:] == ["0,0 1280,760 all", "20,20 302,233"], f"a double click: {got}")


@case
def buttons_of_a_frame():
    said, _ = play(click(277, 36) + click(1234, 16), "1x300x200 big")
    got = [s.replace(" active", "") for s in states(said, "w0")]
    check(got == ["20,20 302,233", "0,0 1280,760 all", "20,20 302,233"], f"maximize: {got}")
    said, _ = play(click(249, 36) + click(150, 780), "1x300x200")
    check([s.replace(" active", "") for s in states(said, "w0")] == ["20,20 302,233", "20,20 302,233 minimized", "20,20 302,233"], "minimize, and back by the bar")
    said, _ = play(click(305, 36), "1x300x200")
    check(states(said, "w0")[-1] == "gone" and "T close" in said.text, "close")
    said, _ = play("pointer 305 36\nwait 40\nbutton left down\nwait 40\npointer 500 500\nwait 40\nbutton left up\nwait 60\n", "1x300x200")
    check("T close" not in said.text, "let go elsewhere, and it closed")


@case
def keys_go_to_one():
    said, _ = play("type a\n" + click(150, 150) + "type b\n" + chord(ALT, "tab") + "type c\n" + chord(ALT, SHIFT, "tab") + "type d\n", *["1x300x200"] * 3)
    heard = {i: re.findall(rf"app\.w{i}#\d+: T key (\d+)", said.text) for i in range(3)}
    heard = {i: [k for k in keys if k not in MODIFIERS] for i, keys in heard.items()}
    check(heard == {0: ["48"], 1: ["32"], 2: ["30", "46"]}, f"who heard what: {heard}")
    held = {i: (said.text.count(f"app.w{i}#{i + 1}: T key"), said.text.count(f"app.w{i}#{i + 1}: T up")) for i in range(3)}
    check(all(down == up for down, up in held.values()), f"downs and ups: {held}")


@case
def switching():
    said, shots = play("key leftalt down\nkey tab tap\nwait 60\nkey tab tap\nwait 60\nscreenshot @a.png\nkey esc tap\nwait 60\nkey leftalt up\nwait 60\n"
                       "screenshot @b.png\n" + chord(ALT, "tab") + chord(META, "d") + chord(META, "d") + chord(META, "1") + chord(META, "m"), *["1x300x200"] * 3)
    check(shots["a"].differing(shots["b"]), "nothing was seen of it")
    check(states(said, "w2")[0].endswith("active"), "who was first")
    check(states(said, "w1")[1].endswith("active"), f"Alt-Tab: {states(said, 'w1')}")
    check(all("minimized" in " ".join(states(said, f"w{i}")) for i in range(3)), "Super-D")
    check(last(said, "w0").endswith("minimized"), f"Super-1, Super-M: {states(said, 'w0')}")


@case
def switching_from_its_own():
    """A window of the desktop's own has the keys, and then another's."""
    said, _ = play("key f12 tap\nwait 100\n" + chord(ALT, "tab") + "type a\n" + chord(ALT, "tab") + "type b\n" + chord(ALT, "tab") + "type c\n", "1x300x200")
    heard = [k for k in re.findall(r"app\.w0#1: T key (\d+)", said.text) if k not in MODIFIERS]
    check(heard == ["30", "46"], f"it heard {heard}")


@case
def shadows():
    """Near an edge it is taken; further out a press is for what the shadow falls on."""
    said, _ = play(drag(667, 300, 700, 300) + click(708, 300), "1x900x600", "1x600x400 big")
    check(states(said, "w1")[-2:] == ["60,60 635,433 active", "60,60 635,433"] and last(said, "w0") == "20,20 902,633 active", f"{states(said, 'w1')}, {states(said, 'w0')}")


@case
def whole_screen():
    said, shots = play(chord(CTRL, ALT, "enter") + "screenshot @a.png\n" + chord(CTRL, ALT, "enter") + "screenshot @b.png\n", "1x300x200 big")
    check([s.replace(" active", "") for s in states(said, "w0")][1:] == ["0,0 1280,800 full", "20,20 302,233"], f"{states(said, 'w0')}")
    check(shots["a"].at(1279, 799) == (224, 192, 64) and shots["b"].at(1279, 799) != (224, 192, 64), "not the whole screen")
    said, shots = play("screenshot @a.png\n" + chord(CTRL, ALT, "enter"), "1x300x200 full")
    check("full" in states(said, "w0")[0] and "full" not in last(said, "w0"), "it asked for the screen")
    check(shots["a"].at(2, 2) == (0, 0, 0) and shots["a"].at(41, 2) == (224, 192, 64), "four times as large, in the middle of black")


@case
def menu_of_a_window():
    """By the title's right button, the task bar's, and Alt-Space; what it does."""
    right = "button right click\nwait 80\n"
    said, _ = play("pointer 150 36\nwait 40\n" + right + click(250, 160) + chord(CTRL, ALT, "enter") + "pointer 150 780\nwait 40\n" + right + click(250, 545) +
                   chord(ALT, "space") + "key up tap\nkey enter tap\nwait 200\n", "1x300x200 big")
    got = [s.replace(" active", "") for s in states(said, "w0")]
    check(got == ["20,20 302,233", "0,0 1280,800 full", "20,20 302,233", "0,0 1280,760 all", "gone"], f"{got}")
    said, _ = play("pointer 150 36\nwait 40\n" + right + click(700, 500) + "type a\n" + chord(ALT, "space") + "key esc tap\nwait 50\ntype b\n", "1x300x200", "1x600x500")
    heard = [k for k in re.findall(r"app\.w\d#\d+: T key (\d+)", said.text) if k not in MODIFIERS]
    check(heard == ["30", "48"], f"who types in a menu: {heard}")


@case
def alt_drags():
    said, _ = play("key leftalt down\n" + drag(150, 150, 350, 250) + drag(500, 330, 560, 350, "right") + "key leftalt up\nwait 50\n", "1x300x200 big")
    got = [s.replace(" active", "") for s in states(said, "w0")]
    check(got[1:3] == ["220,120 302,233", "220,120 362,253"], f"{got}")
    check("T button" not in said.text, "its app heard the button")


@case
def closed():
    said, _ = play(chord(ALT, "f4") + "wait 3200\nkey tab tap\nkey enter tap\nwait 200\n", "1x300x200 deaf")
    check("stops w0#1" in said.text and last(said, "w0") == "gone", said.text[-1500:])
    said, _ = play(chord(ALT, "f4") + "wait 3200\nkey esc tap\nwait 200\n", "1x300x200 deaf")
    check("stops w0#1" not in said.text and last(said, "It does not answer") == "gone", said.text[-1500:])


@case
def launched():
    said, shots = play("key leftmeta tap\nwait 100\ntype w1\nwait 60\nscreenshot @a.png\nkey enter tap\nwait 300\n" + click(40, 780) + "type nothing\nwait 60\n"
                       "key enter tap\nwait 60\nkey esc tap\nwait 60\ntype x\n", "1x300x200", "1x300x200 shelf")
    check("active" in last(said, "w1"), said.text[-2000:])
    heard = [k for k in re.findall(r"app\.w\d#\d+: T key (\d+)", said.text) if k not in MODIFIERS]
    check(heard == ["45"], f"what was typed went elsewhere: {heard}")


@case
def typed_behind_super():
    """What is typed in the same frame as Super, or as Alt-Tab, is for who has the keys after it."""
    said, _ = play("key leftmeta tap\nkey q tap\nkey x tap\nwait 100\nkey esc tap\nwait 60\nkey leftalt down\nkey tab tap\n" +
                   "key leftalt up\nkey a tap\nwait 100\ntype b\nwait 60\n", "1x300x200", "1x300x200")
    heard = {i: [k for k in re.findall(rf"app\.w{i}#\d+: T key (\d+)", said.text) if k not in MODIFIERS] for i in range(2)}
    check(heard == {0: ["30", "48"], 1: []}, f"who heard what: {heard}")


@case
def crashed():
    faults = "key f8 tap\n" * 3 + "wait 300\n"
    said, shots = play(faults + "screenshot @a.png\nkey esc tap\nwait 300\n", "1x300x200", how=FAULTED)
    check(states(said, "An app crashed")[-1] == "gone" and "restarts w0#1" not in said.text, said.text[-1500:])
    check(len(shots["a"].crop(372, 240, 500, 180).colours(1)) > 8, "no report is seen")
    said, _ = play(faults + "key tab tap\nkey enter tap\nwait 300\n", "1x300x200", how=FAULTED)
    check("restarts w0#1" in said.text and "active" in last(said, "w0"), said.text[-1500:])


@case
def crash_taken_back():
    """restart=ask: the app stands still as it was, and the report asks. Undo goes on there, without what made it crash; Restart and Close; put off, it asks once more."""
    faults = "type a\nkey f8 tap\nwait 300\n"
    app = "1x300x200 restart=ask"
    said, shots = play(faults + "screenshot @a.png\ntype b\nkey tab tap\nkey enter tap\nwait 200\ntype c\nscreenshot @b.png\n", app, how=FAULTED)
    check(said.text.count(" fault name=w0") == 1 and "it waits for resume, restart or stop" in said.text and "resumes w0#1" in said.text, said.text[-1500:])
    heard = [k for k in re.findall(r"app\.w0#1: T key (\d+)", said.text) if k not in MODIFIERS]
    check(heard == ["30", "66", "46"] and "restarted name=w0" not in said.text, f"it heard {heard}")
    check(shots["a"].at(150, 150) == shots["b"].at(150, 150) == (224, 192, 64) and last(said, "An app crashed") == "gone", "its window is not as it was")
    for keys, does, ends in (("key tab tap\n" * 2 + "key enter tap\n", "restarts w0#1", "active"), ("key tab tap\n" * 3 + "key enter tap\n", "stops w0#1", "gone")):
        said, _ = play(faults + keys + "wait 300\n", app, how=FAULTED)
        check(does in said.text and last(said, "w0").endswith(ends), f"{does}: {said.text[-1500:]}")
    for again in (click(150, 150), click(150, 36), chord(ALT, "f4"), chord(META, "1")):
        said, _ = play(faults + "key esc tap\nwait 200\n" + again + "wait 200\nkey tab tap\nkey enter tap\nwait 200\ntype c\n", app, how=FAULTED)
        check("resumes w0#1" in said.text and "T key 46" in said.text, f"{again}: {said.text[-1500:]}")


@case
def crashes_wait_for_their_turn():
    """Three apps crash while one report is open: each is asked about, one after the other; a desktop that begins anew asks again."""
    crash = "key f8 tap\nwait 100\n"
    apps = ["1x300x200 restart=ask"] * 3
    said, _ = play(crash + click(150, 150) + crash + click(400, 36) + crash + ("key tab tap\nkey enter tap\nwait 200\n" + "wait 100\n") * 3, *apps, how=FAULTED)
    check(sorted(re.findall(r"resumes (w\d)", said.text)) == ["w0", "w1", "w2"], said.text[-2500:])
    killer = KILLER.replace("*count == 101", "*count == 2")
    said, _ = play(crash + "wait 3000\nkey tab tap\nkey enter tap\nwait 200\n", apps[0], (killer, "grant=ctx.control/1"), how=FAULTED)
    check("T killed" in said.text and "resumes w0" in said.text, said.text[-2500:])


@case
def crash_in_a_session():
    """Saved while the report is open, or after it was put off: the app still stands as it was, and Undo goes on there."""
    for off in ("", "key esc tap\nwait 200\n"):
        with scratch() as folder:
            session = os.path.join(folder, "s")
            apps = [own_apps("desktop")[0], GRANTS, "trusted", "tell", "+", made(folder, "w0", WINDOW), "1x300x200", "restart=ask"]
            ctx("run", "--headless", "--virtual-time", "--script", write(folder, "key f8 tap\nwait 300\n" + off), "--save", session, *apps).ends(FAULTED)
            steps = (click(150, 150) if off else "") + "key tab tap\nkey enter tap\nwait 300\ntype b\nwait 100\n"
            said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, steps), "--load", session).ends(FINE)
            check("resumes w0#1" in said.text and "T key 48" in said.text, f"{off!r}: {said.text[-1500:]}")


@case
def crash_without_a_way_back():
    """No button where there is nothing to go back to, and words that say why: no restart=ask, a call that can not be undone."""
    writes = WINDOW.replace("if (is_key && e->value == 1 && e->code == F8)", "if (is_key && e->value == 1 && e->code == F8) { const struct ctx_table *t = 0; ctx->iface->open(ctx->iface, \"ctx.image/1\", 11, 0, &t); "
                            "uint32_t job; const struct ctx_image *image = (const void *)t; image->save(image, ctx->pid, \"x\", 1, &job); }\n    if (is_key && e->value == 1 && e->code == F8)")
    for app, why in (("1x300x200", None), ((writes, "1x300x200 restart=ask grant=ctx.image/1"), "it asked for an image")):
        said, _ = play("key f8 tap\n" * (3 if why is None else 1) + "wait 300\nkey tab tap\nkey enter tap\nwait 300\n", app, how=FAULTED)
        check("restarts w0#1" in said.text and "resumes" not in said.text, said.text[-1500:])
        if why:
            said.has(f"not taken back: {why}")


@case
def crash_in_a_kiosk():
    """Nobody is there to be asked: it begins anew."""
    said, _ = play("key f8 tap\nwait 1500\ntype a\n", "1x640x400 restart=ask", words="tell kiosk=w0", how=FAULTED)
    check("restarts w0#1" in said.text and "An app crashed" not in said.text and "T key 30" in said.text, said.text[-1500:])


@case
def crash_that_goes_on():
    """Told at once, though nothing else happens: its last call was taken back, it is called again, or it begins anew."""
    for policy, says in (("undo", "Its last call was taken back"), ("never", "It is called again"), ("on-fault", "It begins anew")):
        said, _ = play("key f8 tap\nwait 200\n", f"1x300x200 restart={policy}", how=FAULTED)
        crash, notice = (re.search(rf"^\[ *([\d.]+)\].*{what}", said.text, re.M) for what in (" fault name=w0", f"notice: w0 crashed, and goes on: {says}"))
        check(crash and notice and float(notice[1]) - float(crash[1]) < 0.05, f"{policy}: {said.text[-1500:]}")


@case
def kiosk():
    said, shots = play("screenshot @a.png\n" + chord(META, "d") + chord(ALT, "f4") + "key leftmeta tap\nkey f8 tap\nkey f8 tap\nkey f8 tap\nwait 2500\n",
                       "1x300x200", "1x640x400", words="tell kiosk=w1", how=FAULTED)
    check(shots["a"].at(0, 0) == (224, 192, 64), "twice as large it fills the screen")
    check("restarts w1#2" in said.text and last(said, "w1").endswith("full active"), said.text[-1500:])
    check(last(said, "w0").endswith("minimized full"), "another app is seen")


@case
def killed_and_back():
    """A hundred times; nothing moves, and it goes on."""
    apps = ["1x300x200"] * 8 + [(KILLER, "grant=ctx.control/1")]
    said, shots = play("wait 800\nscreenshot @a.png\nwait 6000\nscreenshot @b.png\n" + chord(META, "left") + "wait 300\n", *apps, size="800x600")
    check("T killed 100" in said.text and said.text.count("manages them\n") >= 100, said.text[-1500:])
    places = {i: {re.match(r"\S+ \S+", s).group() for s in states(said, f"w{i}")[:-1]} for i in range(8)}
    check(all(len(p) <= 1 for p in places.values()), f"they moved: {places}")
    moved = [p for p in shots["a"].differing(shots["b"], 8) if p[1] < 560]
    check(not moved, f"{len(moved)} pixels are other ones, first {moved[:1]}")
    check(any("left active" in last(said, f"w{i}") for i in range(8)), "chords are not heard any more")


@case
def hostile_windows():
    said, _ = play(chord(ALT, "tab") * 3 + chord(META, "left"), "64x100x60", "1x300x200 garbage", "1x1x1 big", "1x8192x1")
    check("T title 0" in said.text, "a title of 63 bytes was refused")
    check(said.text.count("window w0: ") >= 64 and "No memory" not in said.text, said.text[-1500:])
    said, _ = play("", *["64x40x30"] * 5)
    check("Too many windows" in said.text, "more windows than are shown, and nothing is said")


def hands(seed, count=400):
    """Whatever somebody may do with mouse and keys, and with the window that all this is shown in."""
    r, w, h, text = random.Random(seed), 1024, 700, ""
    for _ in range(count):
        k = r.randrange(11)
        if k < 4:
            text += f"pointer {r.randrange(w)} {r.randrange(h)}\n"
        elif k < 6:
            text += f"button {r.choice(['left', 'left', 'right', 'middle'])} {r.choice(['down', 'up', 'click'])}\n"
        elif k == 6:
            text += f"key {r.choice([META, ALT, CTRL, SHIFT])} {r.choice(['down', 'up', 'tap'])}\n"
        elif k < 10:
            text += f"key {r.choice('tab up down left right d m f4 f12 1 2 3 enter esc space a s'.split())} tap\n"
        elif r.random() < 0.05:
            w, h = r.choice([(640, 480), (1024, 700), (320, 200), (1920, 1080)])
            text += f"size {w} {h}\n"
        text += f"wait {r.choice([1, 5, 16, 16, 60])}\n"
    return text


@case
def random_hands():
    """Nothing makes it fault, or puts a title where nobody can take it; with little memory neither."""
    for seed in range(12):
        said, _ = play(hands(seed), "1x300x200 big", "2x200x150", "1x300x200 deaf", "1x400x300 fixed", "1x300x200 full big", "1x200x100 garbage", "1x100x100 shelf",
                       size="1024x700", words="tell" if seed % 4 else "tell mem=6M")
        check("stopped name=desktop" not in said.text, f"seed {seed}: {said.text[-2000:]}")
        for name, x, y, w in re.findall(r"app\.desktop#0: window (.*): (-?\d+),(-?\d+) (\d+),\d+(?! .*full)", said.text):
            check(int(y) >= 0 and int(x) + int(w) >= 40, f"seed {seed}: {name} at {x},{y}")


@case
def looks():
    """Sizes of things, contrast and screens: nothing is cut off, and words that are none are told."""
    for size, words in (("800x600", ""), ("1280x800", "contrast"), ("1920x1080", "scale=200"), ("640x480", "scale=200 contrast wallpaper=2")):
        said, shots = play("key f12 tap\nwait 100\nkey leftmeta tap\nwait 200\nscreenshot @a.png\n", "1x300x200", "1x500x300", words="tell " + words, size=size)
        check(len(shots["a"].colours()) > 5, f"{size} {words}: nothing is seen")
        w, h = map(int, size.split("x"))
        for name in ("w0", "w1", "Overview"):
            x, y, ww, wh = map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", last(said, name)).groups())
            check(0 <= x and 0 <= y and y < h - 40 and x < w, f"{size} {words}: {name} at {x},{y} {ww}x{wh}")
    said, _ = play("", words="zone=nowhere scale=3 blue kiosk=")
    check(said.text.count("has a value that is none") == 3 and "the word blue is none" in said.text, said.text[-1000:])


@case
def larger_and_back():
    """Settings at twice the size: they fit the screen, their last row is there; and once more as before."""
    steps = "key leftmeta tap\nwait 60\ntype sett\nwait 60\nkey enter tap\nwait 300\nscreenshot @a.png\n" + "key tab tap\n" * 4 + "key enter tap\nwait 500\nscreenshot @b.png\n"
    back = ("key leftshift down\n" + "key tab tap\n" * 3 + "key leftshift up\nkey enter tap\nwait 500\nscreenshot @c.png\n")
    said, shots = play(steps + back, "1x300x200")
    places = [tuple(map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", s).groups())) for s in states(said, "Settings")]
    small, again = places[0], places[-1]
    large = [p for p in places if p[2] > 1.8 * small[2]][-1]
    x, y, w, h = large
    check(0 <= x and x + w <= 1280 and 0 <= y and y + h <= 720, f"{large} does not fit: {places}")
    check(again[2:] == small[2:], f"{small}, and then {again}")
    bottom = shots["b"].crop(x + 24, y + h - 120, w - 48, 100)
    check(len(bottom.colours(1)) > 8, "its last rows are not there")


@case
def the_canvas():
    """Whoever draws on the canvas is seen in place of the wallpaper, and has the keys when it comes; in a window of its own it is one."""
    veteran = own_apps("veteran")[0]
    for words, name in (("shelf", None), ("shelf window=320x200", "veteran")):
        with scratch() as folder:
            script = write(folder, "screenshot @a.png\nkey leftmeta tap\nwait 100\ntype vet\nwait 60\nkey enter tap\nwait 400\nscreenshot @b.png\n"
                                   "key x tap\nwait 50\n" + click(400, 150) + "key y tap\nwait 50\n")
            said = ctx("run", "--headless", "--virtual-time", "--size", "640x480", "--script", script, own_apps("desktop")[0], GRANTS, "trusted", "tell",
                       "+", made(folder, "w0", WINDOW), "1x300x200", "+", veteran, *words.split()).ends(FINE)
            a, b = (read_png(os.path.join(folder, n + ".png")) for n in "ab")
        check(" fault " not in said.text, said.text[-1500:])
        check("45" not in re.findall(r"app\.w0#1: T key (\d+)", said.text), "who had the keys before heard what was typed to it")
        corner = (a.at(630, 425), b.at(630, 425))
        if name is None:
            check(corner[0] != corner[1] and "window veteran" not in said.text, f"the canvas is not seen: {corner}")
        else:
            check(corner[0] == corner[1] and " 322,233 active" in " ".join(states(said, name)), f"no window: {said.text[-1000:]}")


@case
def another_screen():
    """It shrinks and grows while a window is dragged, and between a session's two lives: nothing is out of sight."""
    script = (chord(META, "left") + drag(900, 200, 1150, 600) + "pointer 1050 560\nbutton left down\nwait 40\npointer 1100 580\nwait 40\nsize 640 480\nwait 400\n"
              "button left up\nwait 300\nscreenshot @a.png\nsize 1920 1080\nwait 400\nscreenshot @b.png\n")
    said, shots = play(script, "1x300x200", "1x300x200", "1x300x200 big")
    for i in range(3):
        for state in states(said, f"w{i}")[-2:]:
            x, y, w, h = map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", state).groups())
            check(0 <= x < 600 and 0 <= y < 408 or w > 640, f"out of sight: {state}")
    check((shots["a"].w, shots["a"].h) == (640, 480) and (shots["b"].w, shots["b"].h) == (1920, 1080), "no other screen")
    check(shots["a"].at(320, 445) == shots["b"].at(960, 1045) == (46, 44, 40), "no task bar")
    check("0,0 960,1040 left" in last(said, "w2") or "0,0 320,440 left" in " ".join(states(said, "w2")), f"the tile: {states(said, 'w2')}")


@case
def a_session():
    with scratch() as folder:
        session = os.path.join(folder, "s")
        apps = [own_apps("desktop")[0], GRANTS, "tell", "+", made(folder, "w0", WINDOW), "1x300x200", "big", "+", made(folder, "w1", WINDOW), "1x300x200"]
        first = write(folder, drag(400, 36, 700, 336) + chord(META, "1") + chord(META, "left") + "wait 300\nkey leftmeta down\nwait 50\n")
        ctx("run", "--headless", "--virtual-time", "--script", first, "--save", session, *apps).ends(FINE)
        second = write(folder, "key x tap\n" + chord(META, "right") + "wait 300\n")
        said = ctx("run", "--headless", "--virtual-time", "--script", second, "--load", session).ends(FINE)
        check(" fault " not in said.text, said.text[-2000:])
        check("642,320 302,233" in states(said, "w1"), f"moved: {states(said, 'w1')}")
        check(states(said, "w0")[0] == "0,0 640,760 left active" and last(said, "w0") == "20,20 302,233 active", f"{states(said, 'w0')}")
        check(re.findall(r"app\.w\d#\d+: T key (\d+)", said.text)[0] == "45", "keys are lost")


@case
def keyboard_layout():
    """Chosen in the settings it is everybody's at once, and a session comes back with it."""
    choose = "key leftmeta tap\nwait 60\ntype sett\nwait 60\nkey enter tap\nwait 200\n" + click(700, 485) + "key down tap\nkey enter tap\nwait 60\nkey esc tap\nwait 200\n"
    with scratch() as folder:
        session = os.path.join(folder, "s")
        apps = [own_apps("desktop")[0], GRANTS, "tell", "+", made(folder, "w0", WINDOW), "1x300x200"]
        said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, "key q tap\n" + choose + "key q tap\nwait 60\n"), "--save", session, *apps).ends(FINE)
        check(re.findall(r"app\.w0#1: T text (\d+)", said.text) == [str(ord("q")), str(ord("a"))], said.text[-2000:])
        said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, "key q tap\nwait 60\n"), "--load", session).ends(FINE)
        check(re.findall(r"app\.w0#1: T text (\d+)", said.text) == [str(ord("a"))], said.text[-2000:])
        # The console has the system's too, by what it hears, until `lang` says another: where a Q is on a US keyboard lies an A.
        echo = "".join(f"key {k} tap\n" for k in "echo") + "key space tap\nkey q tap\nkey enter tap\nwait 100\n"
        said = ctx("run", "--headless", "--virtual-time", "--layout", "fr", "--script", write(folder, echo + "type lqng en\nkey enter tap\nwait 100\n" + echo), *own_apps("console"))
        check(re.findall(r"app\.console#0: ([aq])$", said.text, re.M) == ["a", "q"], said.text[-2000:])


@case
def every_setting_on_a_small_screen():
    """Settings at twice the size, where not all of it fits: its last row is reached by wheel and mouse, by the bar, and by keys, which bring it into sight."""
    def heard(size, steps):
        said, shots = play("key leftmeta tap\nwait 60\ntype sett\nwait 60\nkey enter tap\nwait 300\n" + steps + "key esc tap\nwait 200\nkey q tap\nwait 60\n",
                           "1x300x200", words="tell scale=200", size=size)
        return "".join(chr(int(c)) for c in re.findall(r"app\.w0#1: T text (\d+)", said.text)), shots
    choose = "key down tap\nkey enter tap\nwait 60\n"
    for size, row, bar in (("800x600", 343, 764), ("640x480", 223, 604)):
        got, _ = heard(size, "pointer 300 300\nwheel -20\nwait 60\n" + click(300, row) + choose)
        check(got == "a", f"{size}: by the wheel it hears {got!r}")
        got, _ = heard(size, drag(bar, 100, bar, 470) + click(300, row) + choose)
        check(got == "a", f"{size}: by the bar it hears {got!r}")
        got, shots = heard(size, chord(SHIFT, "tab") + "screenshot @a.png\nkey enter tap\nwait 60\n" + choose)
        check(got == "a", f"{size}: by keys it hears {got!r}")
        w, h = map(int, size.split("x"))
        ring = sum(r > 200 and b < 120 for r, _g, b in (shots["a"].at(x, y) for y in range(60, h - 80) for x in range(10, w - 60)))
        check(ring > 1500, f"{size}: {ring} pixels of the ring around the last row are seen")


ALL_SETTINGS = ("key leftmeta tap\nwait 60\ntype sett\nwait 60\nkey enter tap\nwait 300\n" +
                # 1.25x; contrast; the pointer; the second wallpaper; another zone; local time; another layout
                "key tab tap\n" * 2 + "key enter tap\nwait 300\n" + "key tab tap\n" * 3 + "key space tap\nwait 300\nkey tab tap\nkey right tap\nkey right tap\nwait 100\n" +
                "key tab tap\n" * 2 + "key enter tap\nwait 200\n" + "key tab tap\n" * 3 + "key enter tap\nwait 60\nkey down tap\nkey enter tap\nwait 100\n" +
                "key tab tap\nkey space tap\nwait 100\nkey tab tap\nkey enter tap\nwait 60\nkey down tap\nkey enter tap\nwait 100\n")


@case
def settings_stay():
    """All of them are chosen by keys alone; where files are, the next boot has them without a session, over what the line says; without a disk they say why not."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        ctx("files", "create", image, "--size", "16M").ends(FINE)
        apps = [own_apps("desktop")[0], GRANTS, "trusted", "tell", "scale=150", "+", made(folder, "w0", WINDOW), "1x300x200"]
        shots = {}
        for name, script in (("none", "wait 1000\nscreenshot @none.png\n"),
                             ("chosen", "wait 1000\n" + ALL_SETTINGS + "screenshot @settings.png\nkey esc tap\nwait 400\nkey q tap\nwait 300\nscreenshot @chosen.png\nwait 500\n"),
                             ("again", "wait 1500\nkey q tap\nwait 300\nscreenshot @again.png\n"),
                             ("session", "wait 1500\nkey q tap\nwait 300\nscreenshot @session.png\n")):
            session = ("--save", folder + "/session") if name == "none" else ("--load", folder + "/session") if name == "session" else ()
            said = ctx("run", "--headless", "--virtual-time", "--seed", "5", "--size", "1280x800", "--files", image, "--script", write(folder, script), *session,
                       *(apps if name != "session" else ())).ends(FINE)
            check(" fault " not in said.text and "is no such setting" not in said.text, said.text[-2000:])
            shots[name] = read_png(os.path.join(folder, name + ".png"))
            if name != "none":
                check(re.findall(r"app\.w0#\d: T text (\d+)", said.text) == [str(ord("a"))], f"{name}: another layout: {said.text[-1500:]}")
        other = len(shots["none"].differing(shots["chosen"], 8))
        check(other > 500000, f"only {other} pixels look other than before")
        for name in ("again", "session"):  # one that was saved before somebody chose has what was chosen, too
            differ = [p for p in shots["chosen"].differing(shots[name], 8) if p[0] > 400]  # left of that lies the window, placed where the scale says
            check(not differ, f"{name}: {len(differ)} pixels look other than what was chosen, first {differ[:1]}")
        said = ctx("run", "--headless", "--virtual-time", "--script", write(folder, "wait 100\n" + ALL_SETTINGS + "screenshot @without.png\n"), *apps).ends(FINE)
        check("not kept" not in said.text, said.text[-1500:])
        without, kept = (read_png(os.path.join(folder, n + ".png")) for n in ("without", "settings"))
        check(without.crop(260, 520, 500, 30).colours(1) and without.crop(260, 520, 500, 30).differing(kept.crop(260, 520, 500, 30)), "nothing says that they end with the session")


def amount(shot, x, y, w, h, good):
    """Of every fourth pixel there."""
    return sum(good(shot.at(i, j)) for j in range(y, y + h, 4) for i in range(x, x + w, 4))


@case
def small_pictures():
    """Alt-Tab and the overview show what windows have, put away or not; a picture goes with its window, and a click on one goes there."""
    hold = "key leftalt down\nkey tab tap\nwait 80\n"

    def blue(c):
        return c == (224, 192, 64)

    def dim(c):
        return not blue(c) and c[0] > 100 and c[0] > c[2] + 60

    said, shots = play(chord(META, "m") + chord(META, "m") + hold + "screenshot @a.png\nkey leftalt up\nwait 60\n" + chord(META, "m") + "key f12 tap\nwait 200\nscreenshot @b.png\n" +
                       click(400, 180) + "screenshot @c.png\n", "1x300x200", "1x300x200")
    check(amount(shots["a"], 390, 290, 500, 200, blue) == 0 and amount(shots["a"], 390, 290, 500, 200, dim) > 2000, "two windows that are put away, dimmed")
    check(amount(shots["b"], 290, 145, 300, 100, dim) > 400, "put away, in the overview too")
    check(last(said, "w0").endswith("active") and any("minimized" in s for s in states(said, "w0")), f"a click on a picture: {states(said, 'w0')}")
    said, shots = play(hold + "screenshot @a.png\nkey leftalt up\nwait 60\n" + chord(ALT, "f4") + "wait 200\n" + hold + "screenshot @b.png\nkey leftalt up\n", "1x300x200", "1x300x200")
    counts = [amount(shots[n], 390, 290, 500, 200, blue) for n in "ab"]
    check(counts[0] > 2000 and 1000 < counts[1] < counts[0] * 0.7, f"both, and after one was closed the other: {counts}")


@case
def screenshot_key():
    """The picture lies in the clipboard, in a size that it takes, and people are told; without grant, or clipboard, they are told why not."""
    copies = os.path.join(suite.build(), "ctest", "linux", "copies.elf")
    if not os.path.exists(copies):
        raise Skip("not built here: copies")
    clipboard = ["+", *own_apps("clipboard"), "offer=ctx.clipboard/1"]
    look = ["+", copies, "frames", "60", "look"]
    for size, keys, grant, others, says in (
            ("1280x800", "key sysrq tap\n", True, clipboard + look, ("1280 x 800 pixels lie in the clipboard$", "T look 2", "T bytes 4096000 ")),
            ("3840x2160", chord(META, SHIFT, "s"), True, clipboard + look, (r"1920 x 1080 pixels lie in the clipboard, 1/2 as large", "T bytes 8294400 ")),
            ("1280x800", "key leftalt down\nkey tab tap\nwait 40\nkey sysrq tap\nkey leftalt up\n", True, ["+", *own_apps("clock")] + clipboard + look, ("T look 2",)),
            ("1280x800", "key sysrq tap\n", False, clipboard + look, ("The desktop's line lacks grant=ctx.screen/1", "T look 0")),
            ("1280x800", "key sysrq tap\n", True, [], ("Nobody offers a clipboard",)),
            ("1280x800", "key sysrq tap\n", True, clipboard + ["mem=2M"], ("There is no memory for it",))):
        with scratch() as folder:
            grants = GRANTS + (",ctx.screen/1" if grant else "")
            said = ctx("run", "--headless", "--virtual-time", "--size", size, "--script", write(folder, keys + "wait 1500\n"), *own_apps("desktop"), grants, *others)
            check(" fault " not in said.text, said.text[-2000:])
            for one in says:
                said.has(one)


@case
def title_at_once():
    """An app gives its window another title: its frame has it in the same picture as the task bar."""
    source = WINDOW.replace("e->code == F8)", "e->code == 67) { ctx->display->title(ctx->display, st->s[0], \"WWWWWWWWWW\", 10); }\n    if (is_key && e->value == 1 && e->code == F8)")
    said, shots = play("screenshot @a.png\nkey f9 tap\nwait 40\nscreenshot @b.png\n", (source, "1x300x200"))
    check(shots["a"].crop(50, 24, 150, 24).colours(1) != shots["b"].crop(50, 24, 150, 24).colours(1), "the frame has the old title")


@case
def tools_are_windows():
    """supervisor and tracer among others: the desktop's frame and pointer, any size, clicks and keys where they are; closed, the one ends and the other hides and goes on."""
    apps = {"supervisor": ["grant=ctx.control/1,ctx.system/1"], "tracer": ["app=w0", "over=*", "grant=ctx.host/1", "totals"]}
    for name, words in apps.items():
        with scratch() as folder:
            title = name.capitalize()
            script = write(folder, "screenshot @a.png\n" + chord(META, "up") + "wait 700\nscreenshot @b.png\n" + "key tab tap\nwait 100\nscreenshot @c.png\n" + chord(META, "down") + "wait 300\n" +
                           chord(ALT, "f4") + "wait 600\ntype a\nwait 1500\nscreenshot @d.png\n")
            line = [own_apps("desktop")[0], GRANTS, "trusted", "tell", "+", made(folder, "w0", WINDOW), "1x300x200", "+", own_apps(name)[0], *words]
            said = ctx("run", "--headless", "--virtual-time", "--seed", "5", "--size", "1280x800", "--script", script, *line).ends(FINE)
            a, b, c, d = (read_png(os.path.join(folder, n + ".png")) for n in "abcd")
        got = [s.replace(" active", "") for s in states(said, title)]
        check(got[1].endswith("0,0 1280,760 all") and got[0] == got[2] and got[3] == "gone", f"{name}: {got}")
        for shot, where in ((b, "as large as the screen"), (c, "after Tab")):
            check(shot.at(8, 730) == shot.at(1250, 45) == (46, 44, 40) == shot.at(640, 740), f"{name}: bars where they belong, {where}: {shot.at(8, 730)}, {shot.at(1250, 45)}, {shot.at(640, 740)}")
        check(b.differing(c), f"{name}: Tab does nothing")
        check((46, 44, 40) == a.at(640, 780) == d.at(640, 780), "the task bar")
        if name == "supervisor":
            said.has("exited name=supervisor")
        else:
            check(said.text.rfind("total ") > said.text.rfind("window Tracer: gone") > 0 and "exited name=tracer" not in said.text, said.text[-1500:])


@case
def title_of_ten_thousand_bytes():
    """It is refused, with the one before left; so are 64, and text that is none. 63 are shown as far as there is room."""
    source = WINDOW.replace("e->code == F8)", """e->code == 67) {
        static const uint32_t sizes[] = {10000, 64, 60000000, 63};
        char *big = ctx->alloc(10000, 16);
        for (uint32_t i = 0; i < 10000; i++) { big[i] = 'M'; }
        for (uint32_t i = 0; i < 4; i++) {
            struct ctx_surface_info is = {.size = sizeof is};
            int32_t status = ctx->display->title(ctx->display, st->s[0], big, sizes[i]);
            ctx->display->describe(ctx->display, st->s[0], &is);
            ctx->log((const uint8_t *)(status == CTX_OK ? "T taken" : status == CTX_E_INVAL ? "T inval" : "T other"), 7);
            ctx->log(is.title, 1);
        }
    }
    if (is_key && e->value == 1 && e->code == F8)""")
    said, shots = play("screenshot @a.png\nkey f9 tap\nwait 100\nscreenshot @b.png\n", (source, "1x300x200"))
    check(re.findall(r"app\.w0#1: (?:T )?(inval|taken|other|M|\\x00)$", said.text, re.M) == ["inval", r"\x00"] * 3 + ["taken", "M"], said.text[-1500:])
    check(shots["a"].crop(50, 24, 150, 24).data != shots["b"].crop(50, 24, 150, 24).data, "the frame has the old title")
    for x, y, w, h in ((322, 0, 400, 300), (1000, 760, 280, 40)):
        check(shots["a"].crop(x + 10, y, w - 10, h).data == shots["b"].crop(x + 10, y, w - 10, h).data, f"it is drawn outside of its place, at {x},{y}")


@case
def isolated():
    """The same desktop, verified, where nothing else may run."""
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    path = os.path.join(suite.build(), "apps", "desktop", "verified", "desktop.elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: they were not built, or there is no clang")
    with scratch() as folder:
        script = write(folder, "key f12 tap\nwait 300\nkey leftmeta tap\nwait 300\n")
        said = ctx("run", "--headless", "--virtual-time", "--isolate", "require", "--script", script, path, GRANTS, "tell").ends(FINE)
    check("active" in last(said, "Overview") and "runs trusted" not in said.text, said.text[-1500:])


@case
def without_grants():
    for grants, says in (("", "it manages windows, and takes grant=ctx.windows/1 for that"), ("grant=ctx.windows/1", "window w0: ")):
        with scratch() as folder:
            script = write(folder, "key f12 tap\nwait 300\nkey leftmeta tap\nwait 300\nkey enter tap\nwait 100\n")
            words = [own_apps("desktop")[0], *grants.split(), "tell", "+", made(folder, "w0", WINDOW)]
            said = ctx("run", "--headless", "--virtual-time", "--script", script, *words)
        check(says in said.text and " fault " not in said.text, said.text[-1500:])


@case
def idle():
    """Nothing moves: it is called when a minute is over, and else not."""
    said, _ = play("wait 62000\n", *["1x300x200"] * 8, words="instrument=events.wait")
    waits = [float(t) for t in re.findall(r"^\[ *([\d.]+)\] I trace\.desktop#0: events\.wait", said.text, re.M)]
    late = [t for t in waits if t > 1]
    check(1 <= len(late) <= 3, f"called at {late}")


def sharp(shot, x, y, w, h):
    """Whether anything there is smaller than two by two pixels, wherever those begin."""
    pixels = [[shot.at(i, j) for i in range(x, x + w)] for j in range(y, y + h)]
    for odd_x, odd_y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        if all(pixels[j][i] == pixels[j][i + 1] == pixels[j + 1][i] == pixels[j + 1][i + 1]
               for j in range(odd_y, h - 1, 2) for i in range(odd_x, w - 1, 2)):
            return False
    return True


@case
def a_scale_that_others_hear():
    """Who follows the scale hears of another one, and draws for it; who does not is shown two by two."""
    for app, follows in (("widgets", True), ("editor", True), ("snake", True), ("console", True), ("clock", True), ("paint", True), ("w0", False)):
        for first in (True, False):  # before whoever manages windows, so by the event, or after it
            with scratch() as folder:
                desktop = [own_apps("desktop")[0], GRANTS, "trusted", "tell", "scale=200"]
                its = [*own_apps(app)] if app != "w0" else [made(folder, "w0", WINDOW), "1x600x400"]
                apps = [*its, "+", *desktop] if first else [*desktop, "+", *its]
                draws = "pointer 700 500\nbutton left down\npointer 740 560\nwait 50\nbutton left up\nwait 50\n" if app == "paint" else ""
                said = ctx("run", "--headless", "--virtual-time", "--size", "1920x1200", "--script", write(folder, f"wait 1500\n{draws}pointer 1910 1100\nwait 100\nscreenshot @a.png\n"), *apps)
                said.ends(FINE).hasnt(" fault name=")
                x, y, w, h = map(int, re.findall(r"app.desktop#\d: window .*: (-?\d+),(-?\d+) (\d+),(\d+)", said.text)[-1])
                check(w > (400 if app == "clock" else 1000 if app != "console" else 880), f"{app}: {w} pixels wide, as before")
                shot = read_png(os.path.join(folder, "a.png"))
                check(sharp(shot, x + 40, y + 100, min(w, 1000) - 80, min(h, 900) - 160) == follows, f"{app}, first={first}: it is drawn for {'one' if follows else 'two'} times the pixels")


@case
def scales_of_the_screen():
    """A session of a screen where things are twice as large goes on where they are not, and the other way: apps that follow are as large as there, none is out of sight; an undone call changes nothing of it."""
    for sizes in (("3840x2160", "1280x800"), ("1280x800", "3840x2160")):
        with scratch() as folder:
            session, widths = os.path.join(folder, "s"), []
            apps = [own_apps("desktop")[0], GRANTS, "trusted", "tell"]
            for app in ("widgets", "console", "snake", "clock", "paint"):
                apps += ["+", *own_apps(app)]
            for i, size in enumerate(sizes):
                more = ["--save", session, *apps] if i == 0 else ["--load", session]
                said = ctx("run", "--headless", "--virtual-time", "--size", size, "--script", write(folder, "wait 1500\n"), *more).ends(FINE).hasnt(" fault name=")
                w, h = map(int, size.split("x"))
                places = {n: tuple(map(int, p)) for n, *p in re.findall(r"app\.desktop#\d: window (\w+).*: (-?\d+),(-?\d+) (\d+),(\d+)", said.text)}
                check(set(places) == {"Widgets", "Console", "Snake", "Clock", "Paint"}, f"{size}: {places}")
                widths.append({n: p[2] for n, p in places.items()})
                for n, (x, y, ww, wh) in places.items():
                    check(x >= 0 and y >= 0 and x + min(ww, 100) <= w and y < h - 80 and (ww > w or x + ww <= w) and (wh > h - 40 or y + wh <= h - 40), f"{sizes}: {n} at {x},{y} {ww}x{wh} on {size}")
            small, large = (widths[1], widths[0]) if sizes[0][0] == "3" else widths
            check(all(1.8 < large[n] / small[n] < 2.2 for n in small), f"{sizes}: {widths}")


@case
def grows_into_sight():
    """In the lower right corner when things become twice as large: its app makes it larger a moment later, and all of it is seen; what people left half outside stays there."""
    settings = "key leftmeta tap\nwait 60\ntype sett\nwait 60\nkey enter tap\nwait 300\n" + "key tab tap\n" * 4 + "key enter tap\nwait 1500\n"
    for script, inside in ((drag(400, 40, 1500, 600) + settings, True), (settings + drag(400, 60, 1500, 900) + settings.replace("key tab tap\n" * 4, "key leftshift down\n" + "key tab tap\n" * 3 + "key leftshift up\n"), False)):
        with scratch() as folder:
            said = ctx("run", "--headless", "--virtual-time", "--size", "1920x1200", "--script", write(folder, script), own_apps("desktop")[0], GRANTS, "trusted", "tell", "+", *own_apps("widgets"))
            said.ends(FINE).hasnt(" fault name=")
            places = [tuple(map(int, re.match(r"(-?\d+),(-?\d+) (\d+),(\d+)", s).groups())) for s in states(said, "Widgets")]
            large = [p for p in places if p[2] > 1400]
            check(large, f"it is as large as before: {places}")
            x, y, w, h = large[-1] if inside else places[-1]
            check(not inside or (0 <= x and 0 <= y and x + w <= 1920 and y + h <= 1120), f"out of sight: {places}")
            check(inside or (w < 800 and x + w > 0 and 0 <= y < 1100), f"smaller again: {places}")


@case
def a_zone_for_everybody():
    """With the grant the zone of the desktop's line is everybody's, without it its own; `ctx run --zone` says it before."""
    line = "wait 1500\ntype eval os.date('%H:%M', 1780315200)<ret>\nwait 1500\n"
    for grant, words, option, want in ((",ctx.calendar/1", "zone=-3:00", [], "09:00"), ("", "zone=-3:00", [], "12:00"), ("", "", ["--zone", "+5:45"], "17:45"),
                                       (",ctx.calendar/1", "", ["--zone=+5:45"], "17:45"), (",ctx.calendar/1", "zone=+1:00 rtc=local", ["--zone", "+5:45"], "13:00")):
        with scratch() as folder:
            said = ctx("run", "--headless", "--virtual-time", "--size", "800x600", *option, "--script", write(folder, line), own_apps("desktop")[0], GRANTS + grant,
                       "trusted", *words.split(), "+", *own_apps("console"))
            said.ends(FINE).hasnt(" fault name=").has(rf"app\.console#1: {want}$")


if __name__ == "__main__":
    main()
