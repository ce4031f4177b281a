# SPDX-License-Identifier: MIT
"""The terminal: lines and keys, windows, copying, floods, ends, sessions, undo, and a terminal that goes."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from runner import FINE, Skip, case, check, compile_app, ctx, limit, main, own_apps, read_png, sanitized, scratch, SOURCE, tool, verified_app
import suite

OFFER = "offer=ctx.terminal/1"
CLIPBOARD = "offer=ctx.clipboard/1"
FIELD = (0x1c, 0x1b, 0x19)  # the theme's
META = {n: f"key leftmeta down\nkey f{n} tap\nkey leftmeta up\nwait 150\n" for n in range(1, 7)}
WIDE, HIGH, PAD = 8, 16, 6


def built(name, verified=False):
    for build in suite.builds():
        path = os.path.join(build, "ctest", *(("qemu", "apps") if name == "types" else ("linux",)), *(["verified"] if verified else []), name + ".elf")
        if os.path.exists(path):
            return path
    raise Skip(f"not built here: {name}")


def held(*keys):
    return "".join(f"key {k} down\n" for k in keys[:-1]) + f"key {keys[-1]} tap\n" + "".join(f"key {k} up\n" for k in reversed(keys[:-1]))


def play(script, *programs, options=(), managed=False, words=(), apps=None, own=None, more=()):
    """Programs in the terminal, and pictures by name."""
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 200\n" + script.replace("@", folder + "/") + "quit\n")
        run = ["run", "--headless", "--virtual-time", "--seed", "3", "--script", path, *options, *(own or own_apps("terminal")), OFFER, *words]
        for line in programs:
            run += ["+", apps or built("types"), *line.split()]
        run += more
        said = ctx(*run, *(["+", built("manages"), "grant=ctx.windows/1"] if managed else []), "+", *own_apps("clipboard"), CLIPBOARD)
        shots = {n[:-4]: read_png(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".png")}
    return said, shots


def window(shot, at=None, columns=80, rows=25):
    """Its text's pixels: in the middle, or where manages.c places all of them."""
    w, h = columns * WIDE + 2 * PAD, rows * HIGH + 2 * PAD
    x, y = at or ((shot.w - w) // 2, (shot.h - h) // 2)
    return shot.crop(x + PAD, y + PAD, columns * WIDE, rows * HIGH)


def row(shot, n, **where):
    part = window(shot, **where)
    return part.crop(0, n * HIGH, part.w, HIGH)


def same(a, b):
    return (a.w, a.h) == (b.w, b.h) and not a.differing(b)


@case
def lines_are_edited_and_read():
    """Echo, Backspace, ^U, ^D; what is read is a line; the last line says how it ended."""
    said, shots = play("type hello wrold\nkey backspace tap\nkey backspace tap\nkey enter tap\nwait 50\ntype junk\n" + held("leftctrl", "u") +
                       "type kept<ret>\nwait 50\n" + held("leftctrl", "d") + "wait 200\nscreenshot @a.png\n",
                       r"say name?_ read read read say bye\n end 3")
    said.ends(FINE).has(r"T read 0 10 hello\\20wro\\0a$").has(r"T read 0 5 kept\\0a$").has("T read 0 0 $").has("exited name=types pid=1 code=3")
    _, want = play("screenshot @a.png\n", r"say name?_hello_wro\nkept\nbye\n\e[90m[types_has_ended_with_status_3_-_Enter_closes]\e[0m\e[?25l wait 900000")
    check(same(window(shots["a"]), window(want["a"])), "it shows something else")


@case
def the_window_goes_with_enter():
    _, shots = play("wait 100\nscreenshot @a.png\nkey x tap\nwait 50\nscreenshot @b.png\nkey enter tap\nwait 100\nscreenshot @c.png\n", r"say bye\n")
    check(same(shots["a"], shots["b"]) and shots["a"].at(640, 400) == FIELD, "no window that stays")
    check(shots["c"].black(), "it stays")


@case
def raw_keys_and_modes():
    """Byte by byte, VMIN and VTIME, signals; Ctrl and letters, arrows, F keys, Alt."""
    said, _ = play("key up tap\nwait 30\n" + held("leftctrl", "c") + "wait 30\n" + held("leftalt", "x") + "wait 30\nkey f5 tap\nwait 30\n" +
                   held("leftctrl", "left") + "wait 30\ntype abc\nwait 400\n", r"raw read read read read read min 3 raw read min 0 time 1 raw read read0")
    said.ends(FINE)
    got = re.findall(r"T read (-?\d+) (\d+) (\S*)", said.text)
    check(got[:6] == [("0", "3", r"\1b[A"), ("0", "1", r"\03"), ("0", "2", r"\1bx"), ("0", "5", r"\1b[15~"), ("0", "6", r"\1b[1;5D"), ("0", "3", "abc")],
          f"read: {got}")
    check(got[6:] == [("0", "0", ""), ("-7", "0", "")], f"read with a time: {got}")
    said, _ = play(held("leftctrl", "c") + "wait 50\n" + held("leftctrl", "z") + "wait 50\n", "say a signal signal")
    said.has("T what 8 2 $").has("T what 8 20 $")


@case
def output_stops_at_ctrl_s():
    _, shots = play("key x tap\n" + held("leftctrl", "s") + "wait 600\nscreenshot @a.png\n" + held("leftctrl", "q") + "wait 100\nscreenshot @b.png\n",
                    r"say first\n wait 500 say second\n wait 9000")
    check(row(shots["a"], 1).crop(8, 0, 400, 16).colours(1).keys() <= {FIELD} if hasattr(row(shots["a"], 1).colours(1), "keys")
          else len(row(shots["a"], 1).crop(16, 0, 400, 16).colours(1)) == 1, "it goes on")
    check(not same(window(shots["a"]), window(shots["b"])), "it does not go on")


@case
def under_a_window_manager():
    """Title, smallest size; another size is told; other letters too."""
    said, shots = play("wait 200\nscreenshot @a.png\n" + META[2] + "screenshot @large.png\n" + META[3] + "wait 100\n" + META[2] +
                       held("leftctrl", "equal") + "wait 200\nscreenshot @zoom.png\n",
                       r"say \e]2;My_title\e\\Hello\n resized size resized size resized size resized size wait 90000", managed=True)
    said.ends(FINE).has(r"T window types 652 412 384 204 76 1$")
    sizes = re.findall(r"T size (\d+) (\d+)", said.text)
    check(sizes == [("86", "30"), ("23", "8"), ("86", "30"), ("57", "20")], f"sizes: {sizes}")
    check(shots["large"].at(40 + 699, 60 + 499) == FIELD, "not 700x500")
    check(len(shots["zoom"].crop(46, 66, 60, 24).colours(1)) == 2 and not same(shots["zoom"].crop(46, 66, 200, 24), shots["large"].crop(46, 66, 200, 24)),
          "the letters are no larger")


@case
def closed_while_it_runs():
    """HANGUP is told; then reading gives the end, and nothing can be written."""
    said, shots = play("wait 100\n" + META[4] + "wait 200\nscreenshot @a.png\n", r"say x hangup read say y wait 200 end 5", managed=True)
    said.ends(FINE).has("T what 16 0").has("T read 0 0 $").has("T write -10").has("name=types pid=1 code=5")
    check(shots["a"].at(300, 300) != FIELD, "the window is still there")


@case
def closed_and_takes_no_notice():
    """A program that hears HANGUP and goes on is stopped after five seconds, by a terminal that may; and one with a C library ends by SIGHUP at once."""
    close = "wait 100\n" + META[4]
    said, _ = play(close + "wait 6000\n", "say x wait 90000", managed=True, words=["grant=ctx.control/1"])
    said.has(r"stopped name=types pid=1|app: .*stop.*types")
    said, _ = play(close + "wait 6000\n", "say x wait 5000 say y wait 90000", managed=True)
    said.hasnt(r"stop.*types")
    said, _ = play(close + "wait 1000\n", "sleep", managed=True, apps=built("streams"))
    said.has(r"exited name=streams pid=1 code=129")


@case
def each_program_has_a_window():
    said, shots = play("wait 100\nscreenshot @a.png\ntype b<ret>\nwait 50\n" + META[1] + META[1] + "type a<ret>\nwait 100\nscreenshot @b.png\n",
                       r"say first:_ read", r"say second:_ read", managed=True)
    got = re.findall(r"app.types#(\d): T read 0 2 (\w)", said.text)
    check(len(got) >= 1 and len(set(got)) == len(got), f"read: {got}")
    check(not same(shots["a"], shots["b"]), "nothing is shown")


def keyed(text):
    """On the keyboard: what `type` has comes over the serial line."""
    return "".join(f"key {'space' if c == ' ' else 'enter' if c == '/' else c} tap\n" for c in text) + "wait 200\n"


@case
def keys_go_to_the_console_or_its_program():
    """Where nobody manages windows all apps hear all keys: while a program that was begun with `run` has its window in front they are the program's; a click beside it brings
    them to the console, one on it back, and its end does too. What comes over the serial line stays the console's."""
    line = ("+", *own_apps("console"), "trusted", "grant=ctx.loader/1", "+", built("types"), "shelf")
    said, shots = play("type run types say name? read read\nwait 60\nkey enter tap\nwait 600\n" + keyed("echo one/") + "type echo serial<ret>\nwait 200\nscreenshot @a.png\n"
                       "pointer 100 100\nwait 50\nbutton left click\nwait 100\n" + keyed("echo two/") + "pointer 640 400\nwait 50\nbutton left click\nwait 100\n" + keyed("echo three/") +
                       "wait 300\n" + keyed("/echo four/"), more=line)
    said.ends(FINE)
    check(re.findall(r"T read 0 \d+ (\S+)", said.text) == [r"echo\20one\0a", r"echo\20three\0a"], said.text[-2000:])
    check(re.findall(r"app\.console#\d: (one|serial|two|three|four)\s*$", said.text, re.M) == ["serial", "two", "four"], said.text[-2000:])
    check(len(window(shots["a"]).colours(1)) > 2, "nothing is seen of it")


@case
def a_flood():
    """Ten megabytes: told to wait, not a byte more memory; others go on; the end of it is there."""
    with scratch() as folder:
        image = os.path.join(folder, "image")
        said, _ = play("wait 9000\n", r"flood 10240 say \e[2J\e[Hdone wait 10 end 0", r"say tick wait 20 say tick wait 20 size",
                       options=["--seconds", "60", "--save", image])
        said.ends(FINE)
        # Ten thousand lines of history, screens and pixels, and not what came by.
        memory = [int(n) for n in re.findall(r"pages +\d+ in \d+ runs, (\d+) bytes", ctx("image", "info", image).ends(FINE).text)]
        check(memory and max(memory) < 8 << 20, f"memory: {memory}")
        print(f"after a flood of 10 MiB the apps have {memory} bytes")
    flood = re.search(r"T flood (\d+) (\d+)", said.text)
    check(flood and int(flood.group(1)) >= 10, "it was never full")
    check("app.types#2: T size" in said.text.split("T flood")[0], "another program had to wait for the end")


@case
def scrolling_back_does_not_disturb():
    """By wheel and by keys; what comes meanwhile does not move it; a key goes back to the end."""
    program = r"flood 100 say \nlast wait 1000 say \nmore\nand_more wait 500 say . wait 90000"
    script = ("wait 300\npointer 640 400\nscreenshot @end.png\nwheel 3\nwait 50\nscreenshot @a.png\n" + held("leftshift", "pageup") +
              "wait 50\nscreenshot @b.png\nwait 1500\nscreenshot @c.png\n" + held("leftshift", "end") + "wait 50\nscreenshot @new.png\nwheel 5\nwait 50\n"
              "key x tap\nwait 50\nscreenshot @key.png\n")
    _, shots = play(script, program)
    check(same(row(shots["end"], 0), row(shots["a"], 9)), "not nine lines back")
    check(same(row(shots["a"], 0), row(shots["b"], 24)), "not a page back")
    check(same(window(shots["b"]), window(shots["c"])), "new text moves it")
    check(same(row(shots["end"], 24).crop(0, 0, 32, HIGH), row(shots["new"], 22).crop(0, 0, 32, HIGH)), "the end is not there")
    check(same(window(shots["new"]).crop(0, 0, 640, 22 * HIGH), window(shots["key"]).crop(0, 0, 640, 22 * HIGH)), "a key does not go back")


@case
def copy_and_paste():
    """A word by a double click, a line by a triple one, by dragging; pasted in brackets if the program wants that, by keys and the middle button."""
    x, y = (1280 - 652) // 2 + PAD, (800 - 412) // 2 + PAD
    at = f"pointer {x + 6 * WIDE + 4} {y + 8}\n"
    click = "button left click\nwait 20\n"
    copy, paste = held("leftctrl", "leftshift", "c") + "wait 20\n", held("leftctrl", "leftshift", "v") + "wait 100\n"
    script = (at + 2 * click + "screenshot @word.png\n" + copy + paste + "key enter tap\nwait 800\n" + 3 * click + copy + "button middle click\nwait 100\nkey enter tap\nwait 800\n" +
              f"pointer {x} {y + 8}\nbutton left down\npointer {x + 4 * WIDE} {y + 8}\nwait 20\nbutton left up\n" + copy + paste + "wait 500\n")
    said, shots = play(script, r"say some_words,_here\nnext\n read read say \e[?2004h raw read wait 90000")
    said.ends(FINE).has(r"T read 0 6 words\\0a$").has(r"T read 0 17 some\\20words,\\20here\\0a$").has(r"T read 0 \d+ .*\\1b\[200~some\\1b\[201~$")
    check((0x5a, 0x45, 0x26) in [row(shots["word"], 0).at(5 * WIDE + 1, 1)], "what is chosen is not shown")


@case
def the_mouse_is_the_programs_if_it_asks():
    x, y = (1280 - 652) // 2 + PAD, (800 - 412) // 2 + PAD
    said, _ = play(f"wait 50\npointer {x + 20} {y + 40}\nbutton left click\nwait 50\nwheel 1\nwait 50\n", r"say \e[?1000;1006h raw read wait 20 read wait 9000")
    said.has(r"T read 0 18 \\1b\[<0;3;3M\\1b\[<0;3;3m").has(r"\\1b\[<64;3;3M")


@case
def nothing_is_done_for_nothing():
    """A quiet terminal is not called; a letter draws one row."""
    said, _ = play("wait 1000\ntype x\nwait 3000\n", r"say ready_ read", words=["instrument=display.damage,events.read"])
    calls = re.findall(r"\[ *(\d+)\.\d+\] I trace.terminal#0: events.read", said.text)
    check(not [c for c in calls if c in ("2", "3")], f"called in peace: {calls}")
    rows = [tuple(int(n) for n in m) for m in re.findall(r"\[ *1\.[12]\d+\] I trace.terminal#0: display.damage\(\d+, (\d+), (\d+), (\d+), (\d+)\)", said.text)]
    check(len(rows) == 1 and rows[0][3] == HIGH and rows[0][2] <= 3 * WIDE, f"a letter: {rows}")


@case
def it_goes_on_in_a_session():
    """Text, modes, what was typed; the program's next call finds its window."""
    with scratch() as folder:
        image, shot = os.path.join(folder, "all"), os.path.join(folder, "b.png")
        program = r"say \e[1;33mbefore\e[0m\n flood 30 say \nabc raw wait 3000 say after size wait 90000"
        play("wait 300\n", program, options=["--save", image])
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "5", "--load", image, "--screenshot", shot)
        said.ends(FINE).has("T size 80 25").hasnt("fault")
        check(len(window(read_png(shot)).colours(1)) > 1, "its text is gone")


@case
def killed_and_begun_anew():
    """Programs go on, in a new window; a read that waited is asked anew."""
    said, shots = play("screenshot @a.png\nwait 1500\nscreenshot @b.png\ntype x<ret>\nwait 300\n", r"say old\n read say .\n end 4",
                       more=["+", built("copies"), *"frames 20 restart 0 grant=ctx.control/1".split()])
    said.ends(FINE).has("T restart 0").has(r"T read 0 2 x\\0a").has("name=types pid=1 code=4")
    check(len(row(shots["a"], 0).colours(1)) > 1 and shots["b"].at(640, 400) == FIELD, "no window, or no new one")


@case
def undone_calls():
    """Faults at random are taken back: what is shown and read is as without them."""
    program = r"say \e[31mone\e[0m\n flood 64 say \ntwo\n read flood 3 say three wait 90000"
    script = "wait 300\ntype abc<ret>\nwait 900\nscreenshot @a.png\n"
    _, want = play(script, program)
    for seed in range(5, 15):  # where in its calls they strike is chance, and the processor's
        said, shots = play(script, program, words=["restart=undo:1000", f"inject={seed},1,u"])
        if " fault name=terminal" in said.text:
            break
    said.has(" fault name=terminal").has(r"T read 0 4 abc\\0a")
    check(same(window(shots["a"]), window(want["a"])), "it shows something else")


@case
def short_memory():
    """Of many windows some do not open: their programs are told, the others go on."""
    said, _ = play("wait 500\ntype x<ret>\nwait 100\n", *[rf"wait {20 * i} say a\n read end {i}" for i in range(8)], words=["mem=4M"])
    said.ends(FINE).has("T write -8").has("T read 0 2 x").hasnt("fault name=terminal")


@case
def a_program_that_is_stopped_says_so():
    said, shots = play("wait 1000\nscreenshot @a.png\n", r"say text\n wait 90000",
                       more=["+", built("copies"), *"frames 20 stop 1 grant=ctx.control/1".split()])
    said.ends(FINE).has("T stop 0")
    check(len(row(shots["a"], 1).colours(1)) > 1, "nothing is said")


@case
def verified_and_isolated():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    said, shots = play("type abc<ret>\nwait 200\nscreenshot @a.png\n", r"say \e[32mgreen\e[0m\n read flood 200 end 0", options=["--isolate=require"],
                       apps=built("types", True), own=[verified_app("terminal")])
    said.has(r"T read 0 4 abc\\0a").hasnt("runs trusted name=t").has("T flood")
    check(len(window(shots["a"]).colours(1)) > 1, "nothing is shown")


def recorded(program, steps):
    """What a program writes in a Linux terminal of 80 by 25 in which this is typed: each text once what comes before it was seen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
    told = b""
    with subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, start_new_session=True,
                          env={**os.environ, "CTX_RUN_OPTIONS": ""}, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) as run:
        os.close(theirs)
        try:
            for prompt, keys in steps:
                end = time.monotonic() + limit(2)
                while prompt not in told and time.monotonic() < end:
                    if select.select([ours], [], [], 0.1)[0]:
                        told += os.read(ours, 65536)
                check(prompt in told, f"{program[0]}: no {prompt} in {told[-300:]}")
                os.write(ours, keys)
            while select.select([ours], [], [], 1)[0]:
                told += os.read(ours, 65536)
        finally:
            run.kill()
    os.close(ours)
    return told


REPLAY = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static const unsigned char bytes[] = {@};
int _start(struct ctx *ctx)
{
    static const struct ctx_table *table;
    static unsigned at;
    static struct ctx_terminal_modes modes = {.size = sizeof modes}; /* output as it is */
    unsigned written = 0;
    if (table == 0 && ctx->iface->open(ctx->iface, CTX_ID_TERMINAL, sizeof CTX_ID_TERMINAL - 1, 0, &table) != CTX_OK)
        return CTX_AGAIN;
    const struct ctx_terminal *t = (const void *)table;
    if (at == 0)
        t->set_modes(t, 0, &modes);
    t->write(t, 1, bytes + at, sizeof bytes - at, &written);
    at += written;
    return at < sizeof bytes ? CTX_AGAIN : CTX_WAIT;
}
"""


@case
def the_same_screen_as_in_a_linux_terminal():
    """One session of an ordinary program: natively and by ctx run in a Linux terminal, and here. Cell by cell."""
    here = suite.build()
    native, app = (os.path.join(here, "ctest", "linux", n) for n in ("screens_here", "screens.elf"))
    if not os.path.exists(native) or not os.path.exists(app):
        raise Skip("not built here: screens")
    steps = [(b"name? ", b"Jorx\x7fg\x17J\tx\n"), (b"key?", b"\x1b[A"), (b"another?", b"\x03"), (b"in the box?", b"q"), (b"end? ", b"ab\x7f\x04\x04")]
    bytes_of = [recorded([native], steps), recorded([tool(), "run", app], steps)]
    keys = ("type Jorx\nkey backspace tap\ntype g\n" + held("leftctrl", "w") + "type J\nkey tab tap\ntype x<ret>\nwait 200\nkey up tap\n"
            "wait 200\n" + held("leftctrl", "c") + "wait 200\ntype q\nwait 200\ntype ab\nkey backspace tap\n" + 2 * held("leftctrl", "d") +
            "wait 300\nscreenshot @a.png\n")
    said, shots = play(keys, "", apps=app)
    said.ends(FINE)
    check(len(window(shots["a"]).colours(1)) > 3, "nothing is shown")
    with scratch() as folder:
        for n, text in enumerate(bytes_of):
            program = compile_app(folder, f"replay{n}", REPLAY.replace("@", ",".join(str(b) for b in text)))
            _, want = play("wait 300\nscreenshot @a.png\n", "", apps=program)
            wrong = window(shots["a"]).differing(window(want["a"]))
            check(not wrong, f"{('natively', 'ctx run')[n]} the screen is another one: {str(wrong)[:200]}\n{text!r}")


def port(name):
    path = os.path.join(suite.build(), "ports", name)
    if not os.path.exists(path + ".elf"):
        raise Skip(f"not built here: {name}")
    return path + ".elf", path + "-here"


@case
def ports():
    """Programs of others (apps/ports): a game in its window, and two by lines as on this machine."""
    game, _ = port("2048")
    keys = "".join(f"key {k} tap\nwait 250\n" for k in ("left", "up", "right", "up", "left"))
    said, shots = play("wait 200\n" + keys + "screenshot @a.png\n" + held("leftctrl", "c") + "wait 200\n", "bluered", apps=game)
    said.ends(FINE).has("name=2048 pid=1 code=2")
    check(len(window(shots["a"]).colours(1)) > 4, "no board")
    env = {**os.environ, "CTX_RUN_OPTIONS": ""}
    for name, words, text in (("bc", ["-l"], b"scale=30; 4*a(1); 2^200\nx=7; x/3\ndefine f(n){if(n<2)return 1;return n*f(n-1)}\nf(60)\n"),
                              ("adventure", [], b"no\neast\nget lamp\nget keys\nwest\nsouth\ninventory\nquit\nyes\n")):
        app, native = port(name)
        ours, theirs = (subprocess.run([*c, *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, timeout=limit(20), check=False)
                        for c in ([tool(), "run", app], [native]))
        check(ours.stdout == theirs.stdout and ours.returncode == theirs.returncode, f"{name}: {ours.stdout[-300:]} {theirs.stdout[-300:]}")


STRUCTS = {"termios": ("modes", "size input output control local rsv cc"), "stream": ("stream", "size kind columns rows w h"),
           "ready": ("ready", "size what signal rsv")}
SPEEDS = re.compile(r"B\d+$")  # numbers of no meaning on Linux, and themselves here


def macros(text, *flags):
    """What a header defines as a number."""
    said = subprocess.run(["cc", "-E", "-dM", "-D_GNU_SOURCE", *flags, "-"], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for name, value in re.findall(r"^#define (\w+)\s+\(?(0x[0-9a-fA-F]+|\d+)[uUlL]*\)?$", said, re.M):
        found[name] = int(value, 8 if re.match(r"0\d", value) else 0)
    return found


@case
def modes_are_those_of_termios():
    """Three have a copy of them - the Context, the terminal's own interface, the C library - and one hands them to Linux: bits, places and structs agree."""
    apps, own = os.path.join(SOURCE, "apps", "terminal"), os.path.join(SOURCE, "libctx", "c", "include", "sys", "termios.h")
    linux = macros("#include <termios.h>\n")
    with open(own, encoding="utf-8") as f:
        libc = macros("".join(line for line in f if not line.startswith("#include")))
    same_names = [n for n in libc if n in linux and not SPEEDS.match(n)]
    check(len(same_names) > 50, same_names)
    wrong = [f"{n} is {libc[n]:#x}, on Linux {linux[n]:#x}" for n in same_names if libc[n] != linux[n]]
    with open(os.path.join(apps, "discipline.h"), encoding="utf-8") as f:
        discipline = {n: int(v, 0) for n, v in re.findall(r"\bDISC_(\w+)(?: += +| +)(0x[0-9a-f]+|\d+)u?\b", f.read())}
    places = {n: "V" + n for n in ("INTR", "QUIT", "ERASE", "KILL", "EOF", "TIME", "MIN", "START", "STOP", "SUSP", "EOL", "WERASE", "LNEXT")}
    known = {n: places.get(n, n) for n in discipline if places.get(n, n) in linux}
    check(len(known) > 30, known)
    wrong += [f"DISC_{n} is {discipline[n]:#x}, on Linux {linux[l]:#x}" for n, l in known.items() if discipline[n] != linux[l]]
    check(not wrong, "\n".join(wrong))
    asserts = ""
    for theirs, (ours, fields) in STRUCTS.items():
        a, b = f"struct terminal_{theirs}", f"struct ctx_terminal_{ours}"
        asserts += f'_Static_assert(sizeof({a}) == sizeof({b}), "{a}");\n'
        asserts += "".join(f'_Static_assert(offsetof({a}, {n}) == offsetof({b}, {n}) && sizeof((({a} *)0)->{n}) == sizeof((({b} *)0)->{n}), "{a}.{n}");\n'
                           for n in fields.split())
    with scratch() as folder:
        ctx("idl", os.path.join(apps, "terminal.toml"), "--name", "terminal", "--lang", "c", "--out", folder).ends(FINE)
        p = subprocess.run(["cc", "-xc", "-fsyntax-only", "-I", folder, "-I", os.path.join(SOURCE, "libctx", "include"), "-"], text=True, stderr=subprocess.PIPE,
                           input=f"#include <stddef.h>\n#include <ctx/ctx.h>\n#include <terminal.h>\n{asserts}")
    check(p.returncode == 0, p.stderr[-2000:])


@case
def its_line_has_to_say_so():
    ctx("run", "--headless", "--virtual-time", "--seconds", "1", *own_apps("terminal")).has("the line needs offer=ctx.terminal/1")


if __name__ == "__main__":
    main()
