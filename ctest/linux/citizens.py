# SPDX-License-Identifier: MIT
"""Our apps under whoever manages windows: what they ask for, other sizes, the keys that come and go, an end; and the console's clipboard."""
import os
import re

from runner import FINE, Skip, case, check, ctx, main, own_apps, read_png, scratch
import suite

AT = (40, 60)  # where manages.c places all of them
META = {n: f"key leftmeta down\nkey f{n} tap\nkey leftmeta up\nwait 100\n" for n in range(1, 7)}
CLIPBOARD = "offer=ctx.clipboard/1"


def manager():
    for build in suite.builds():
        path = os.path.join(build, "ctest", "linux", "manages.elf")
        if os.path.exists(path):
            return ["+", path, "grant=ctx.windows/1"]
    raise Skip("not built here: manages")


def play(script, *words, managed=True):
    """Under a manager; pictures by name."""
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(script.replace("@", folder + "/") + "quit\n")
        said = ctx("run", "--headless", "--virtual-time", "--seed", "3", "--script", path, *words, *(manager() if managed else []))
        shots = {n[:-4]: read_png(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".png")}
    return said.ends(FINE).hasnt(" fault name="), shots


def lit(shot, x, y, w, h, colour):
    return sum(shot.at(i, k) == colour for i in range(x, x + w) for k in range(y, y + h))


@case
def what_they_ask_for():
    """Title, size, flags, smallest size, cursor; closed each ends with 0."""
    for name, line in (("clock", "Clock 200 200 274 200 200 0"), ("paint", "Paint 560 360 384 100 100 3"), ("snake", r"Snake 712 504 266 712 504 0"),
                       ("console", r"Console 588 416 384 240 120 1")):
        said, _ = play("wait 300\n" + META[4] + "wait 1200\n", *own_apps(name))
        said.has(f"T window {line}$").has(f"exited name={name} pid=0 code=0")


@case
def paint_keeps_its_picture():
    """In pixels of its own; made small and large again nothing is lost."""
    stroke = "pointer 140 160\nbutton left down\npointer 440 160\nwait 50\nbutton left up\npointer 20 20\nwait 50\n"
    _, shots = play("wait 300\nkey 2 tap\n" + stroke + "screenshot @a.png\n" + META[3] + "screenshot @small.png\n" + META[2] + "screenshot @b.png\n",
                    *own_apps("paint"))
    red = (226, 96, 92)
    check(all(shots["a"].at(x, 160) == red for x in range(142, 438)), "the stroke is not where the pointer was")
    check(shots["a"].at(AT[0] + 3, 300) == (40, 44, 84), "no frame")
    check(shots["small"].at(160, 160) == red and shots["small"].at(300, 160) == (0, 0, 0), "it does not get smaller")
    check(shots["small"].at(AT[0] + 197, 160) == (40, 44, 84), "its frame is not at its edge")
    check(all(shots["b"].at(x, 160) == red for x in range(142, 438)), "the picture is lost")
    check(shots["b"].at(AT[0] + 650, AT[1] + 450) == (246, 240, 228), "no paper where it is larger")


@case
def the_game_pauses_without_the_keys():
    _, shots = play("wait 300\nkey space tap\nwait 300\nscreenshot @a.png\n" + META[5] + "wait 100\nscreenshot @b.png\nkey down tap\nwait 500\n"
                    "screenshot @c.png\n" + META[1] + "key space tap\nwait 400\nscreenshot @d.png\n", *own_apps("snake"))
    check(shots["a"].differing(shots["b"]), "nothing says that it pauses")
    check(not shots["b"].differing(shots["c"]), "it goes on without the keys")
    check(shots["c"].differing(shots["d"]), "it does not go on")


@case
def the_console():
    """Keys only while it has them; the caret says so; it follows its size."""
    said, shots = play("wait 500\ntype echo one<ret>\nwait 100\nscreenshot @a.png\n" + META[5] + "type echo never<ret>\nwait 100\nscreenshot @b.png\n" +
                       META[1] + META[3] + "type echo two<ret>\nwait 100\nscreenshot @small.png\n" + META[2] +
                       "type echo three<ret>\nwait 100\nscreenshot @large.png\n", *own_apps("console"))
    said.has("#0: one$").has("#0: two$").has("#0: three$").hasnt("never")
    caret = (0xe3, 0xa8, 0x57)
    rows = [lit(shots[n], AT[0], AT[1], 300, 416, caret) for n in ("a", "b")]
    check(rows[0] > rows[1] + 80, f"the caret is not hollow: {rows}")
    back = (0x1c, 0x1b, 0x19)
    check(shots["a"].at(AT[0] + 500, AT[1] + 400) == back, "no window")
    check(shots["small"].at(AT[0] + 239, AT[1] + 149) == back and shots["small"].at(AT[0] + 241, AT[1] + 100) == (0, 0, 0), "not 240x150")
    check(shots["large"].at(AT[0] + 699, AT[1] + 499) == back, "not 700x500")


@case
def the_console_goes_on_without_a_manager():
    """Who managed windows stops: keys are everybody's, a press chooses the window. One that comes later finds it on the canvas."""
    said, _ = play("wait 500\n" + META[6] + "pointer 100 100\nbutton left click\nwait 100\ntype echo still<ret>\nwait 200\n", *own_apps("console"))
    said.has("#0: still$")
    _, shots = play("wait 700\nscreenshot @a.png\n", *own_apps("console"), managed=False)
    check(shots["a"].at(38 + 300, 96) == (0x60, 0xe8, 0xd0), "no frame of its own")


@case
def the_console_draws_what_changed():
    """In its surface nothing while nothing happens, one row for a letter; on the canvas it is called ten times a second."""
    words = [*own_apps("console"), "instrument=display.damage"]
    said, _ = play("wait 1500\ntype x\nwait 2000\n", *words)
    rows = [tuple(int(n) for n in m) for m in re.findall(r"\[ *1\.[5-9]\d+\] I trace.console#0: display.damage\(\d+, (\d+), (\d+), (\d+), (\d+)\)", said.text)]
    later = re.findall(r"\[ *[23]\.\d+\] I trace.console#0: display.damage", said.text)
    check(len(rows) == 1 and rows[0][3] <= 20, f"a letter: {rows}")
    check(not later, f"drawn {len(later)} times for nothing")
    said, _ = play("wait 6000\n", *own_apps("console"), "instrument=events.read", managed=False)
    calls = len(re.findall(r"\[ *5\.\d+\] I trace.console#0: events.read", said.text))
    check(5 <= calls <= 15, f"{calls} calls in a second")


CTRL = {k: f"key leftctrl down\nkey {k} tap\nkey leftctrl up\nwait 50\n" for k in "cvx"}
SHIFTED = "key leftshift down\nkey left tap\nkey left tap\nkey leftshift up\n"


@case
def copy_and_paste():
    """By Shift and arrows, and by the mouse from what was printed; on the canvas and in a window; with nothing chosen Ctrl-C is as ever."""
    drag = "pointer {} {}\nbutton left down\npointer {} {}\nwait 50\nbutton left up\nwait 50\n"
    for managed, x, y in ((True, *AT), (False, 38, 126)):
        steps = ["wait 700\ntype echo abcd\n", SHIFTED, CTRL["c"], "key end tap\n", CTRL["v"], CTRL["v"], "key enter tap\nwait 100\n",
                 "type echo 12345\n", SHIFTED, CTRL["x"], CTRL["v"], CTRL["v"], "key enter tap\nwait 100\n",
                 "type echo .\nwait 50\n", drag.format(x + 12, y + 20, x + 12 + 5 * 9, y + 20), "screenshot @chosen.png\n", CTRL["c"], CTRL["v"],
                 "key enter tap\nwait 100\ntype junk\n", CTRL["c"], "type echo end<ret>\nwait 200\n"]
        said, shots = play("".join(steps), *own_apps("console"), "+", *own_apps("clipboard"), CLIPBOARD, managed=managed)
        said.has("#0: abcdcdcd$").has("#0: 1234545$").has(r"#0: \.Argos$").has(r"#0: > \^C$").has("#0: end$")
        check(lit(shots["chosen"], x + 12, y + 14, 44, 2, (0x5a, 0x45, 0x26) if managed else (0x38, 0x50, 0x70)) > 40, "what is chosen is not shown")
    said, _ = play("wait 700\ntype echo ab\n" + SHIFTED + CTRL["c"] + "key end tap\n" + CTRL["v"] + "key enter tap\nwait 200\n", *own_apps("console"))
    said.has("#0: ab$").hasnt("] W ")


if __name__ == "__main__":
    main()
