# SPDX-License-Identifier: MIT
"""The clipboard: text and pictures from one app to others, limits, a provider that goes, images, and nobody who offers it."""
import os

from runner import FINE, Skip, case, check, ctx, main, own_apps, read_png, sanitized, scratch, verified_app
import suite

OFFER = "offer=ctx.clipboard/1"


def copies(verified=False):
    for build in suite.builds():
        path = os.path.join(build, "ctest", "linux", *(["verified"] if verified else []), "copies.elf")
        if os.path.exists(path):
            return path
    raise Skip("not built here: copies")


def play(*lines, options=(), path=None, service=None):
    """The clipboard, and an app for each line; --force is not needed: who comes first does not matter."""
    words = [*(service or [*own_apps("clipboard"), OFFER])]
    for line in lines:
        words += ["+", path or copies(), *line.split()]
    return ctx("run", "--headless", "--virtual-time", *(options or ["--seconds", "2"]), *words).hasnt(" fault name=")


@case
def text_outlives_its_copier():
    said = play("put Grüße", "frames 5 look get")
    said.ends(FINE).has(r"T put 0 $").has("T look 1 $").has("T bytes 7 $").has("copies#2: T got 7 Grüße$")
    at = said.text.index
    check(at("exited name=copies pid=1") < at("T got 7"), "the copier was still there")


@case
def pictures():
    """To the pixel; another text or picture takes its place."""
    said = play("draw 300 200 draw 1000 700", "frames 5 look see 1000 700 get put later see 10 10 get")
    said.ends(FINE).has("T draw 0").has("T look 2").has("T bytes 2800000").has("T see 0").has("T wrong 0").has("T size 10000700")
    said.has("T got 0 $").has(r"T see -\d").has("T got 5 later")


@case
def limits():
    """Each has its own error, and what was there stays."""
    said = play("put first long 60001 wrong draw 0 5 draw 9000 1 draw 4096 1025 look get long 60000 look long 0 look")
    check([s for s in said.text.splitlines() if "T draw -" in s][:3] and "T look 1" in said.text, said.text[-2000:])
    said.ends(FINE).has("T long -").has("T wrong -").has("T got 5 first").has("T long 0").has("T bytes 60000").has("T look 0")


@case
def verified_and_isolated():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    said = play("put inside draw 64 64 see 64 64 put again", "frames 3 get", options=["--isolate=require", "--seconds", "2"], path=copies(True),
                service=[verified_app("clipboard"), OFFER])
    said.ends(FINE).has("T wrong 0").has("T got 5 again").hasnt("runs trusted")


@case
def its_provider_is_killed():
    """Killed, there is nothing to paste; begun anew, the next copy goes there, by whoever had the old one open."""
    said = play("put lost get stop 0 put nowhere get frames 3 restart 0 frames 10 get put again get grant=ctx.control/1")
    said.ends(FINE).has("T got 4 lost").has("T stop 0").hasnt("T got 7").has("T restart 0").has("T got 5 again")
    check(said.text.count("T got 0") == 2, said.text[-2000:])


@case
def nobody_offers_it():
    """Nothing is copied, nothing pasted, and nothing is said about it."""
    with scratch() as folder:
        del folder
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "1", copies(), *"put a get look frames 3 put b get".split())
    said.ends(FINE).has("T got 0").hasnt("app.copies#0: T put 0").hasnt("] [WE] ")


@case
def in_lua():
    """Put and got by a script; without a clipboard nil, and why."""
    script = "wait 600\ntype repl<ret>\nwait 100\n" + "".join(
        f"type print('L', {e})<ret>\nwait 200\n" for e in ("ctx.clipboard.get()", "ctx.clipboard.put('from Lua')", "ctx.clipboard.get()",
                                                         "ctx.clipboard.put(string.char(0xc3))", "ctx.clipboard.put(string.rep('x', 60001))")) + "quit\n"
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(script)
        run = ["run", "--headless", "--virtual-time", "--script", path, *own_apps("console")]
        said = ctx(*run, "+", *own_apps("clipboard"), OFFER)
        said.ends(FINE).has(r"L\s+nil$").has(r"L\s+true$").has(r"L\s+from Lua$").has(r"L\s+nil\s+INVAL").has(r"L\s+nil\s+TOOBIG")
        ctx(*run).ends(FINE).has(r"L\s+nil$").has(r"L\s+nil\s+NOSYS").hasnt(r"L\s+true")


@case
def in_fields():
    """What is typed into a field of <ctx/ui.h> and copied there is pasted elsewhere."""
    select = "key leftctrl down\nkey a tap\nkey c tap\nkey leftctrl up\n"
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 100\npointer 800 280\nbutton left click\ntype Oslo\nwait 50\n" + select + "wait 800\nquit\n")
        said = ctx("run", "--headless", "--virtual-time", "--script", path, *own_apps("widgets"), "+", *own_apps("clipboard"), OFFER, "+", copies(),
                   *"frames 45 look get".split())
        said.ends(FINE).has("T look 1").has("T got [0-9]+ .*Oslo")


@case
def its_line_has_to_say_so():
    said = ctx("run", "--headless", "--virtual-time", "--seconds", "1", *own_apps("clipboard"))
    said.has("the line needs offer=ctx.clipboard/1")


@case
def in_a_session():
    """What was copied before the end is there in the next run, whose copier is another."""
    with scratch() as folder:
        image = os.path.join(folder, "all")
        play("put kept draw 20 10", "frames 60 see 20 10", options=["--seconds", "0.5", "--save", image])
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "2", "--load", image)
        said.has("T see 0").has("T wrong 0")


def painted(folder, steps, *apps, size="640x480"):
    """Paint, in the middle of the screen: a stroke, then these steps; the pictures that they make."""
    path = os.path.join(folder, "script")
    stroke = "pointer 200 200\nbutton left down\nwait 50\npointer 400 300\nwait 50\nbutton left up\nwait 50\n"
    with open(path, "w", encoding="utf-8") as f:
        f.write(("wait 300\n" + stroke + steps + "quit\n").replace("@", folder + "/"))
    said = ctx("run", "--headless", "--virtual-time", "--size", size, "--script", path, *own_apps("paint"), *apps)
    said.ends(FINE).hasnt(" fault name=")
    return {n[0]: read_png(os.path.join(folder, n)).data for n in sorted(os.listdir(folder)) if n.endswith(".png")}


CTRL = "key leftctrl down\nkey {} tap\nkey leftctrl up\nwait 200\n"


@case
def paint_copies_and_pastes():
    """A sheet that was wiped is back by Ctrl-V; where nobody offers a clipboard, or has a text or nothing, it stays as it is; a larger picture makes it larger."""
    service = ["+", *own_apps("clipboard"), OFFER]
    steps = "screenshot @a.png\n" + CTRL.format("c") + "key c tap\nwait 100\nscreenshot @b.png\n" + CTRL.format("v") + "screenshot @c.png\n"
    with scratch() as folder:
        shots = painted(folder, steps, *service)
        check(shots["a"] != shots["b"], "C does not clear")
        check(shots["a"] == shots["c"], "what was copied is not what is pasted")
    for apps in ([], service, [*service, "+", copies(), "put", "text", "frames", "1000"]):
        with scratch() as folder:
            shots = painted(folder, "screenshot @a.png\n" + CTRL.format("v") + "screenshot @b.png\n", *apps)
            check(shots["a"] == shots["b"], "something was pasted, and nothing was there")
    with scratch() as folder:
        shots = painted(folder, "wait 300\nscreenshot @a.png\n" + CTRL.format("v") + "screenshot @b.png\n", *service, "+", copies(), "draw", "900", "600", "frames", "1000", size="1280x800")
        check(sum(p != q for p, q in zip(shots["a"][::3], shots["b"][::3])) > 300000, "the larger picture is not there")


if __name__ == "__main__":
    main()
