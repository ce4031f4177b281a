# SPDX-License-Identifier: MIT
"""The apps over files, driven by keys and mouse: what lands on the disk. Editor, files, pictures, paint, the desktop's own."""
import os
import re
import subprocess
import zlib

from runner import FINE, Skip, case, check, ctx, limit, main, own_apps, read_png, scratch, tool
import suite

DISK = "use=ctx.files/1(/)"
DESKTOP = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1,ctx.screen/1"
HEAD = b"\x89PNG\r\n\x1a\n"


def files(*words, code=0):
    p = subprocess.run([tool(), "files", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(30), check=False)
    check(p.returncode == code, f"ctx files {words}: {p.returncode}, {p.stdout.decode(errors='replace')}")
    return p.stdout


def disk(folder, **texts):
    """With /texts in it, and what is given there."""
    image = os.path.join(folder, "files.img")
    files("create", image, "--size", "16M")
    for where in ("/texts", "/pictures", "/apps"):
        files("mkdir", image, where)
    for name, text in texts.items():
        put(folder, image, f"/texts/{name}.txt", text)
    return image


def put(folder, image, path, content):
    here = os.path.join(folder, os.path.basename(path))
    with open(here, "wb") as f:
        f.write(content)
    files("put", image, here, os.path.dirname(path) + "/")


def png(w, h, color):
    rows = zlib.compress((b"\0" + bytes(color) * w) * h)

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    return HEAD + chunk(b"IHDR", w.to_bytes(4, "big") + h.to_bytes(4, "big") + b"\x08\x02\0\0\0") + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def key(*names, wait=60):
    held = names[:-1]
    return "".join(f"key {k} down\n" for k in held) + f"key {names[-1]} tap\n" + "".join(f"key {k} up\n" for k in held) + f"wait {wait}\n"


def typed(text):
    """Blanks at the ends as keys: a script's line has none there."""
    inner = text.strip(" ")
    before, behind = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    return "key space tap\n" * before + f"type {inner}\n" + "key space tap\n" * behind + "wait 60\n"


def ctrl(k, wait=60):
    return key("leftctrl", k, wait=wait)


SAVE = ctrl("s", 500)


def click(x, y, button="left"):
    return f"pointer {x} {y}\nwait 40\nbutton {button} click\nwait 80\n"


def drag(x0, y0, x1, y1):
    steps = "".join(f"pointer {x0 + (x1 - x0) * i // 4} {y0 + (y1 - y0) * i // 4}\nwait 30\n" for i in range(1, 5))
    return f"pointer {x0} {y0}\nwait 40\nbutton left down\nwait 40\n{steps}button left up\nwait 120\n"


def play(folder, image, steps, *words, managed=False, options=()):
    path = os.path.join(folder, "script")
    with open(path, "w", encoding="utf-8") as f:
        f.write("wait 600\n" + steps.replace("@", folder + "/") + "quit\n")
    desktop = [*own_apps("desktop"), DESKTOP, "trusted", DISK, "tell", "+"] if managed else []
    used = ("--files", image) if image else ()
    said = ctx("run", "--headless", "--virtual-time", "--seed", "4", "--seconds", str(limit(60)), *used, "--script", path, *options, *desktop, *words)
    said.ends(FINE).hasnt(" fault name=")
    return said


def shots(folder):
    return {n[:-4]: read_png(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".png")}


def is_well(image):
    check(b"all is well" in files("check", image), "the disk is damaged")


def editor(path, *words):
    return [*own_apps("editor"), "editor", path, DISK, *words]


@case
def a_text_is_written():
    """Typed, taken back, searched, replaced, saved under a name: to the byte what is on the disk."""
    with scratch() as folder:
        image = disk(folder, a=b"one two one\nlast")
        steps = (key("leftctrl", "end") + typed(" line<ret>    more<ret>x") + key("backspace") + typed("end") + ctrl("z") + ctrl("y") + SAVE +
                 ctrl("f") + typed("one") + key("tab") + key("tab") + key("tab") + typed("1") + key("enter") + key("enter") + key("esc") +
                 key("leftctrl", "leftshift", "s") + ctrl("a") + typed("/disk/texts/b.txt<ret>") + "wait 500\n")
        menu = "pointer 300 300\nwait 40\nbutton right click\nwait 80\n" + key("down") + key("enter")  # undo, by the mouse
        play(folder, image, steps + typed("zzz") + menu + SAVE, *editor("/disk/texts/a.txt"))
        check(files("cat", image, "/texts/a.txt") == b"one two one\nlast line\n    more\n    end", f"{files('cat', image, '/texts/a.txt')}")
        check(files("cat", image, "/texts/b.txt") == b"1 two 1\nlast line\n    more\n    end", f"{files('cat', image, '/texts/b.txt')}")
        check(b"~part" not in files("ls", image, "/texts"), "a half file is left")
        is_well(image)


@case
def bytes_that_are_no_utf8():
    """Latin-1 and CR LF are what they were, where nobody wrote."""
    with scratch() as folder:
        image = disk(folder, latin=b"gr\xfc\xdfe\r\nzwei\r\n", nul=bytes(range(256)) * 3)
        for name, want in (("latin", b"!gr\xfc\xdfe\r\nzwei\r\n"), ("nul", b"!" + bytes(range(256)) * 3)):
            play(folder, image, typed("!") + SAVE, *editor(f"/disk/texts/{name}.txt"))
            check(files("cat", image, f"/texts/{name}.txt") == want, f"{name}: {files('cat', image, f'/texts/{name}.txt')}")


@case
def unsaved_text_outlives_the_machine():
    """In a session and in an image, with what can be taken back; the disk knows nothing of it until it is saved."""
    with scratch() as folder:
        image, session = disk(folder, a=b"old\n"), os.path.join(folder, "saved")
        play(folder, image, typed("new ") + typed("newer "), *editor("/disk/texts/a.txt"), options=("--save", session))
        check(files("cat", image, "/texts/a.txt") == b"old\n", "it was written")
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 600\n" + typed("newest ") + SAVE + "quit\n")
        said = ctx("run", "--headless", "--virtual-time", "--files", image, "--script", path, "--load", session).ends(FINE).hasnt(" fault name=")
        check(files("cat", image, "/texts/a.txt") == b"new newer newest old\n", f"{files('cat', image, '/texts/a.txt')}\n{said.text[-1500:]}")
        store = os.path.join(folder, "store.img")
        subprocess.run([tool(), "disk", "create", store], check=True, stdout=subprocess.DEVNULL)
        for steps in (typed("A "), typed("B ") + SAVE):
            play(folder, image, steps, *editor("/disk/texts/a.txt"), options=("--disk", store, "--session", "s"))
        check(files("cat", image, "/texts/a.txt") == b"A B new newer newest old\n", f"{files('cat', image, '/texts/a.txt')}")


@case
def a_fault_is_taken_back():
    """Wild writes in one call of ten: each such call is undone, the text has all letters in their order, and is saved whole."""
    with scratch() as folder:
        image = disk(folder, a=b"")
        text = "the quick brown fox jumps over the lazy dog"
        steps = "".join(typed(word) + key("space") for word in text.split()) + key("backspace") + SAVE + SAVE
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 600\n" + steps + "quit\n")
        said = ctx("run", "--headless", "--virtual-time", "--seed", "4", "--files", image, "--script", path,
                   *editor("/disk/texts/a.txt", "restart=undo", "inject=3,3,u"))
        said.has("undone name=editor")
        got = files("cat", image, "/texts/a.txt")
        # A call that faults twice loses what it was called for; nothing else is lost, and nothing is there twice.
        check(got == text.encode() if "its events are dropped" not in said.text else 0 < len(got) <= len(text), f"{got}\n{said.text[-2500:]}")


@case
def storage_begins_anew_meanwhile():
    """Killed again and again while texts are saved and files copied: what was said to be saved is there, and nobody gets stuck."""
    storing = os.path.join(suite.build(), "ctest", "linux", "storing.elf")
    if not os.path.exists(storing):
        raise Skip("not built here: storing")
    killer = ["+", storing, "grant=ctx.control/1", "killer", "0", "25"]
    with scratch() as folder:
        image = disk(folder, a=b"end", b=b"B" * 3000)
        steps = "".join(typed(f"{n} ") + SAVE for n in range(4)) + "wait 2500\n" + SAVE
        play(folder, image, steps, *editor("/disk/texts/a.txt"), *killer).has("killed 25 times")
        check(files("cat", image, "/texts/a.txt") == b"0 1 2 3 end", f"{files('cat', image, '/texts/a.txt')}")
        play(folder, image, key("end") + ctrl("c") + ctrl("v", 800) + ctrl("v", 2500), *folder_window(), *killer)
        check(len(files("ls", image, "/texts").splitlines()) >= 3, f"{files('ls', image, '/texts')}")
        is_well(image)


@case
def disks_that_do_not_take_it():
    """Read-only, full, changed by another: the text stays, the file too, and what is saved elsewhere then is all of it."""
    with scratch() as folder:
        image = disk(folder, a=b"kept\n")
        elsewhere = key("esc") + key("leftctrl", "leftshift", "s") + ctrl("a") + typed("/data/b.txt<ret>") + "wait 500\n"
        play(folder, image, typed("mine ") + SAVE + "screenshot @refused.png\n" + elsewhere, *own_apps("editor"), "editor", "/texts/a.txt",
             "use=ctx.files/1(/texts:ro)")
        check(files("cat", image, "/texts/a.txt") == b"kept\n", "it was written")
        # Full: nothing is lost, and it is saved when there is room.
        big = os.path.join(folder, "big")
        with open(big, "wb") as f:
            f.write(os.urandom(300 << 10))
        full = os.path.join(folder, "full.img")
        files("create", full, "--size", "8M")
        files("mkdir", full, "/texts")
        put(folder, full, "/texts/a.txt", b"kept\n")
        n = 0
        while subprocess.run([tool(), "files", "put", full, big, f"/texts/big{n}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            n += 1
        paste = ctrl("a") + ctrl("c") + ctrl("v") + ctrl("v")  # twice as much, again and again
        play(folder, full, typed("0123456789abcdef" * 8) + paste * 12 + ctrl("s", 3000), *editor("/disk/texts/a.txt"))
        check(files("cat", full, "/texts/a.txt") == b"kept\n", "half of it was written")
        is_well(full)


@case
def large_files_and_long_lines():
    """Ten megabytes in lines, and in one: opened, changed at the end, saved, in little time."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        files("create", image, "--size", "96M")
        files("mkdir", image, "/texts")
        lines = b"".join(b"%07d a line of a large file\n" % i for i in range(300000))
        long = b"word " * 2000000
        for name, text in (("lines.c", lines), ("long.c", long)):
            put(folder, image, f"/texts/{name}", text)
            play(folder, image, "wait 2500\n" + key("leftctrl", "end") + typed("END") + key("home") + key("leftctrl", "home") + typed("/* ") + ctrl("s", 4000),
                 *editor(f"/disk/texts/{name}"))
            got = files("cat", image, f"/texts/{name}")
            check(got == b"/* " + text + b"END", f"{name}: {len(got)} bytes of {len(text)}, {got[:20]} ... {got[-20:]}")


def folder_window(*words):
    return [*own_apps("files"), "files", "/disk/texts", DISK, "grant=ctx.loader/1", *words]


@case
def folders():
    """Rename, new folder, copy, cut and paste, delete with a question, and the last move taken back."""
    with scratch() as folder:
        image = disk(folder, a=b"A", b=b"B", c=b"C")
        steps = (typed("a") + key("f2") + typed("apple<ret>") + "wait 500\n" +              # a.txt: the ending stays
                 key("leftctrl", "leftshift", "n") + typed("box<ret>") + "wait 500\n" +
                 typed("b") + ctrl("c") + ctrl("v", 500) +                     # box, b.txt -> "b 2.txt"
                 key("end") + ctrl("x") + key("home") + key("enter") + "wait 400\n" + ctrl("v", 600))  # c.txt into box
        play(folder, image, steps, *folder_window())
        names = files("ls", image, "/texts").split(b"\n")
        check(sorted(n.strip() for n in names if n) == [b"apple.txt", b"b 2.txt", b"b.txt", b"box/"], f"{names}")
        check(files("ls", image, "/texts/box").split() == [b"c.txt"], "not moved")
        check(files("cat", image, "/texts/b 2.txt") == b"B" and files("cat", image, "/texts/box/c.txt") == b"C", "not what they were")
        # Moved, and taken back; deleted only when it was said.
        steps = (key("end") + ctrl("x") + key("home") + key("enter") + "wait 400\n" + ctrl("v", 600) + ctrl("z", 600) + key("backspace") + "wait 500\n" +
                 key("home") + key("delete") + key("esc") + key("end") + key("delete") + key("tab") + "wait 60\n")
        play(folder, image, steps, *folder_window())
        check(b"b.txt" in files("ls", image, "/texts"), "the move was not taken back, or a question was no question")
        is_well(image)


@case
def dragged_to_another_window():
    """And a folder that somebody else changes shows it."""
    with scratch() as folder:
        image = disk(folder, a=b"A", b=b"B")
        files("mkdir", image, "/texts/box")
        second = ctrl("n", 500) + drag(300, 76, 950, 240)  # its title, to the right
        steps = "wait 500\n" + second + key("home") + key("enter") + "wait 500\nscreenshot @before.png\n" + drag(210, 140, 900, 500) + "wait 900\nscreenshot @after.png\n"
        play(folder, image, steps, *folder_window(), managed=True)
        check(files("ls", image, "/texts/box").split() == [b"a.txt"], f"{files('ls', image, '/texts/box')} {files('ls', image, '/texts')}")
        is_well(image)


@case
def by_its_menus():
    """The right button's menu on a file, the bar's, sorting and rows: each by the mouse."""
    with scratch() as folder:
        image = disk(folder, a=b"A", b=b"BB")
        rename = click(86, 140, "right") + "".join(key("down") for _ in range(4)) + key("enter") + typed("z<ret>") + "wait 500\n"
        rows = click(611, 72) + "wait 100\nscreenshot @rows.png\n" + click(641, 72) + "wait 100\nscreenshot @menu.png\n" + key("esc") + click(512, 72) + key("down") + key("enter")
        play(folder, image, "wait 300\n" + rename + rows + "screenshot @sorted.png\n", *folder_window(), managed=True)
        check(sorted(files("ls", image, "/texts").split()) == [b"b.txt", b"z.txt"], f"{files('ls', image, '/texts')}")
        seen = shots(folder)
        check(len(seen["menu"].differing(seen["rows"])) > 3000, "no menu")
        check(seen["sorted"].differing(seen["rows"]), "not sorted")


@case
def opened_by_their_ending():
    """By the built-in table and by /settings/handlers; a program is started; what nobody opens is said."""
    with scratch() as folder:
        image = disk(folder, a=b"A")
        files("mkdir", image, "/settings")
        put(folder, image, "/settings/handlers", b"# mine\n.xyz editor\n")
        put(folder, image, "/texts/b.xyz", b"B")
        files("put", image, own_apps("hello")[0], "/texts/")
        steps = "wait 400\n" + key("home") + key("enter") + "wait 600\n" + key("down") + key("down")
        shelf = ["+", *own_apps("editor"), "editor", "shelf", DISK]
        for at, want in ((0, "started name=editor"), (1, "started name=editor"), (2, "started name=hello")):
            steps = "wait 400\n" + key("home") + key("right") * at + key("enter") + "wait 800\n" + typed("!") + SAVE
            play(folder, image, steps, *folder_window("trusted"), *shelf).has(want)
        got = [files("cat", image, f"/texts/{name}") for name in ("a.txt", "b.xyz")]
        check(got == [b"!A", b"!B"], f"what the editor was to save: {got}")


@case
def pictures_of_a_folder():
    """One after the other, broken ones by name, without an end for any of them."""
    with scratch() as folder:
        image = disk(folder)
        put(folder, image, "/pictures/a.png", png(40, 30, (200, 40, 40)))
        put(folder, image, "/pictures/b.png", png(40, 30, (40, 200, 40))[:-40])
        put(folder, image, "/pictures/c.png", png(500, 10, (40, 40, 200)))
        steps = "wait 500\nscreenshot @a.png\n" + key("right", wait=400) + "screenshot @b.png\n" + key("right", wait=400) + "screenshot @c.png\n"
        said = play(folder, image, steps, *own_apps("pictures"), "pictures", "/disk/pictures", DISK, managed=True)
        seen = shots(folder)
        middle = (20 + 360, 52 + 40 + 227)
        check(seen["a"].at(*middle) == (200, 40, 40), f"{seen['a'].at(*middle)}")
        check(seen["c"].at(*middle) == (40, 40, 200), f"{seen['c'].at(*middle)}")
        check(sum(seen["b"].at(x, y) == (0xdc, 0xc0, 0x5a) for x in range(340, 420) for y in range(250, 330)) > 40, "nothing says that it is broken")
        said.has("window a.png: ")


@case
def paint_saves_and_opens():
    with scratch() as folder:
        image = disk(folder)
        steps = "key 2 tap\n" + drag(200, 200, 400, 200) + ctrl("s", 800) + drag(200, 300, 400, 300) + ctrl("s", 800)
        play(folder, image, steps, *own_apps("paint"), "paint", DISK, managed=True)
        files("get", image, "/pictures/drawing-1.png", os.path.join(folder, "drawing.png"))
        check(files("ls", image, "/pictures").split() == [b"drawing-1.png"], "more than one")
        got = read_png(os.path.join(folder, "drawing.png"))
        check((got.w, got.h) == (548, 348), f"{got.w} x {got.h}")
        check(got.at(300 - 27, 200 - 59) == (226, 96, 92) and got.at(300 - 27, 300 - 59) == (226, 96, 92), "the strokes are not in it")
        put(folder, image, "/pictures/other.png", png(300, 200, (1, 2, 3)))
        steps = "wait 600\nscreenshot @shot.png\n"
        play(folder, image, steps, *own_apps("paint"), "paint", "/disk/pictures/other.png", DISK, managed=True)
        check(shots(folder)["shot"].at(20 + 150, 53 + 100) == (1, 2, 3), "it is not open")


@case
def paint_asks_before_a_picture_is_lost():
    """Closed with one that is not saved: Cancel and Esc go on, Save waits until it is saved, Discard ends; and with one that is saved nobody asks. Where it cannot be saved it is asked again."""
    close, stroke = "key leftalt down\nkey f4 tap\nkey leftalt up\nwait 300\n", drag(200, 200, 400, 200)
    with scratch() as folder:
        image = disk(folder)

        def ended(steps, *more):
            said = play(folder, image, steps, *own_apps("paint"), *(more or ("paint", DISK)), managed=True)
            return "window Paint: gone" in said.text or re.search(r"window Paint.*: gone", said.text) is not None
        check(ended(close), "it asks about nothing")
        check(not ended(stroke + close), "what is not saved is lost")
        check(not ended(stroke + close + key("esc") + close + key("tab") * 2 + key("enter", wait=400)), "Esc and Cancel do not go on")
        check(ended(stroke + close + key("tab") + key("enter", wait=400)), "Discard does not end it")
        check(not files("ls", image, "/pictures").split(), "it was saved all the same")
        check(ended(stroke + close + key("enter", wait=1500)), "Save does not end it")
        check(files("ls", image, "/pictures").split() == [b"drawing-1.png"], "Save does not save")
        check(ended(stroke + ctrl("s", 800) + close), "it asks about what is saved")
        check(not ended(stroke + close + key("enter", wait=1500) + "screenshot @asks.png\n", "paint"), "without files what it could not save is lost")
        ended("wait 300\npointer 300 200\nwait 100\nscreenshot @keys.png\n" + stroke + "screenshot @drawn.png\n" + key("f1") + "screenshot @help.png\n")
        seen = {n: len(s.crop(40, 370, 400, 30).colours(1)) for n, s in shots(folder).items()}
        check(seen["keys"] > 3 and seen["drawn"] == 1 and seen["help"] > 3 and seen["asks"] > 3, f"what keys do, and what is asked: {seen}")


@case
def the_desktop_and_the_disk():
    """Programs of /apps in its launcher, the screenshot key's PNG in /pictures."""
    with scratch() as folder:
        image = disk(folder)
        files("put", image, own_apps("clock")[0], "/apps/")
        steps = key("sysrq", wait=2500) + "screenshot @shot.png\n" + key("leftmeta", wait=400) + typed("clock") + key("enter", wait=800)
        said = play(folder, image, steps, *own_apps("clipboard"), "clipboard", "offer=ctx.clipboard/1", managed=True)
        said.has("started name=clock").has("notice: Picture of the screen: /disk/pictures/screen-1.png, and in the clipboard")
        files("get", image, "/pictures/screen-1.png", os.path.join(folder, "screen.png"))
        got = read_png(os.path.join(folder, "screen.png"))
        check((got.w, got.h) == (1280, 800), f"{got.w} x {got.h}")
        check(got.at(40, 780) == shots(folder)["shot"].at(40, 780), "that is another screen")


@case
def under_isolation():
    """Their verified twins, with nothing else: the same."""
    with scratch() as folder:
        here = suite.build()
        names = {n: os.path.join(here, "apps", n, "verified", n + ".elf") for n in ("editor", "files", "pictures", "paint")}
        if not all(os.path.exists(p) for p in names.values()):
            raise Skip("no verified apps: there is no clang")
        image = disk(folder, a=b"A")
        play(folder, image, typed("new ") + SAVE, names["editor"], "editor", "/disk/texts/a.txt", DISK, options=("--isolate=require",))
        check(files("cat", image, "/texts/a.txt") == b"new A", f"{files('cat', image, '/texts/a.txt')}")
        play(folder, image, key("home") + key("f2") + typed("b<ret>") + "wait 400\n", names["files"], "files", "/disk/texts", DISK, options=("--isolate=require",))
        check(files("ls", image, "/texts").split() == [b"b.txt"], f"{files('ls', image, '/texts')}")
        put(folder, image, "/pictures/a.png", png(40, 30, (200, 40, 40)))
        play(folder, image, "wait 400\nscreenshot @p.png\n", names["pictures"], "pictures", "/disk/pictures", DISK, options=("--isolate=require",))
        check(shots(folder)["p"].at(640, 406) == (200, 40, 40), f"{shots(folder)['p'].at(640, 406)}")


if __name__ == "__main__":
    main()
