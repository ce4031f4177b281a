# SPDX-License-Identifier: MIT
"""<SDL.h>: its page says what there is, a small game looks as it should (golden/sdl-*.ppm.gz, the same under Argos), hears what is typed and
pointed at, goes on where it was saved and when it was undone. With ARGOS_GOLDEN=write the pictures are made anew: look at them first."""
import gzip
import json
import os
import re
import subprocess
import tempfile

from runner import FAULTED, FINE, SOURCE, Skip, case, check, ctx, main, read_png, scratch
import picture
import suite

HEADERS = os.path.join(SOURCE, "libctx", "sdl", "include")
PAGE = os.path.join(SOURCE, "libctx", "doc", "sdl.md")
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
RUN = ("run", "--headless", "--virtual-time", "--no-watchdog", "--ascending", "--seed", "7")
NAME = re.compile(r"\b((?:SDL|Mix|SDLNet)_\w+) \(")


def game(verified=False):
    path = os.path.join(suite.build(), "ctest", "qemu", "conformance", *(["verified"] if verified else []), "sheet.elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: they were not built, or there is no clang" if verified else f"not built here: {path}")
    return path


def script(folder, text):
    path = os.path.join(folder, "script")
    with open(path, "w") as f:
        f.write(text)
    return path


def golden(shot, name):
    path = os.path.join(GOLDEN, name + ".ppm.gz")
    if os.environ.get("ARGOS_GOLDEN") == "write":
        with gzip.GzipFile(path, "wb", mtime=0) as f:
            f.write(b"P6 %d %d 255\n" % (shot.w, shot.h) + shot.data)
    with gzip.open(path) as f:
        want = picture.read_ppm(f.read())
    wrong = shot.differing(want)
    check(not wrong, f"{len(wrong)} pixels are not as in golden/{name}.ppm.gz, the first at {wrong[:3]}")


def told(said):
    """What the game printed, line by line."""
    return re.sub(r"^\[ *[\d.]+\] I app\.sheet#\d+: ", "", said.text, flags=re.M)


def has(said, pattern, why=""):
    check(re.search(pattern, told(said.ends(FINE)), re.M), f"{why} it does not say {pattern!r}:\n{said.text[-2000:]}")


def declared(headers):
    """Functions that each header declares, and macros that stand for some."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "aux")
        subprocess.run(["cc", "-xc", "-fsyntax-only", "-I", HEADERS, "-aux-info", out, "-"], text=True, check=True,
                       input="".join(f'#include "{header}"\n' for header in headers))
        with open(out) as f:
            lines = re.findall(r"^/\* (.*?):\d+:\w+ \*/ (.*)$", f.read(), re.M)
    found = {}
    for header in headers:
        with open(os.path.join(HEADERS, header)) as f:
            macros = set(re.findall(r"^#define ((?:SDL|Mix|SDLNet)_[A-Z]+[a-z]\w*)\(", f.read(), re.M))
        found[header] = {NAME.search(text)[1] for path, text in lines if os.path.basename(path) == header and NAME.search(text)}, macros
    return found


@case
def page():
    with open(PAGE, encoding="utf-8") as f:
        rows = re.findall(r"^\| `<([\w.]+)>` \| (works|kept|answers no) \| (.*) \|$", f.read(), re.M)
    on_page = {}
    for header, _, text in rows:
        for name in re.findall(r"`(\w+)`", text):
            check(name not in on_page.setdefault(header, set()), f"{name} stands twice on the page")
            on_page[header].add(name)
    library = subprocess.run(["nm", "-g", "--defined-only", os.path.join(suite.build(), "lib", "ctx", "libctx_sdl.a")], stdout=subprocess.PIPE, text=True,
                             check=True).stdout
    defined = set(re.findall(r" T ((?:SDL|Mix|SDLNet)_\w+)$", library, re.M))
    functions = set()
    headers = {n for n in os.listdir(HEADERS) if n.endswith(".h")}
    for header, (names, macros) in declared(sorted(headers)).items():
        check(names <= on_page.get(header, set()) <= names | macros,
              f"<{header}>: the page lacks {sorted(names - on_page.get(header, set()))}, has too much {sorted(on_page.get(header, set()) - names - macros)}")
        inline = {"SDL_PointInRect", "SDL_RectEmpty", "SDL_RectEquals"}
        check(names - inline <= defined, f"<{header}>: no code for {sorted(names - inline - defined)}")
        functions |= names
    check(not set(on_page) - headers, f"no such headers: {sorted(set(on_page) - headers)}")
    check(not defined - functions, f"in no header: {sorted(defined - functions)}")
    check(len(functions) > 500, f"only {len(functions)} functions")
    short = {n for n in os.listdir(os.path.join(HEADERS, "SDL2"))}
    check(short == headers, f"<SDL2/...> differs: {sorted(short ^ headers)}")


@case
def headers_without_warnings():
    """In C and in C++; and those that programs name alone."""
    for language, headers in (("c", "SDL SDL_mixer SDL_net SDL_opengl"), ("c++", "SDL SDL_mixer SDL_net SDL_opengl"), ("c", "SDL_endian"), ("c", "SDL_events"),
                              ("c", "SDL_types"), ("c", "SDL_audio"), ("c", "SDL_keycode"), ("c", "SDL_rwops"), ("c", "SDL_render")):
        p = subprocess.run(["cc", "-x" + language, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-I", HEADERS, "-"], text=True, stderr=subprocess.PIPE,
                           input="".join(f"#include <{name}.h>\n" for name in headers.split()))
        check(p.returncode == 0, f"{headers} in {language}:\n{p.stderr[-1500:]}")


@case
def looks():
    for name, size, words, verified in (("plain", "640x480", [], False), ("plain", "640x480", [], True), ("full", "800x600", ["full"], False),
                                        ("logical", "480x400", ["logical"], False), ("small", "240x160", [], False)):
        with scratch() as folder:
            png = os.path.join(folder, "shot.png")
            try:
                path = game(verified)
            except Skip:
                continue
            ctx(*RUN, *(["--isolate", "require"] if verified else []), "--size", size, "--seconds", "0.5", "--screenshot", png, path, *words).ends(FINE)
            golden(read_png(png), "sdl-" + name)


KEYS = """
wait 200
key right down
wait 100
key right up
type a,B
pointer 320 240
button left click
button left click
pointer 330 230
wheel -2
wait 900
key esc tap
"""


@case
def hears():
    with scratch() as folder:
        said = ctx(*RUN, "--size", "640x480", "--seconds", "9", "--script", script(folder, KEYS), game()).ends(FINE)
    heard = [line for line in told(said).splitlines() if re.match(r"(down|up|text|motion|button|wheel|window|event|audio) ", line)]
    want = """window 1 0,0|window 12 0,0|window 10 0,0|down Right sym=1073741903 mod=0 repeat=0|up Right|down A sym=97 mod=0 repeat=0|text a|up A
down , sym=44 mod=0 repeat=0|text ,|up ,|down Left Shift sym=1073742049 mod=1 repeat=0|down B sym=98 mod=1 repeat=0|text B|up B|up Left Shift
motion 160,100 by 0,0 state=0|button 1 down clicks=1 at 160,100|button 1 up clicks=1 at 160,100|button 1 down clicks=2 at 160,100
button 1 up clicks=2 at 160,100|motion 170,90 by 10,-10 state=0|wheel 0,-2|down Escape sym=27 mod=0 repeat=0|audio in time, timer in time"""
    want = want.replace("\n", "|").split("|")
    check(heard == want or heard == want[:-1] + ["up Escape"] + want[-1:], "it heard\n  " + "\n  ".join(heard) + "\ninstead of\n  " + "\n  ".join(want))


@case
def pointer_in_its_own_pixels():
    """Scaled to the screen, in bars, and by a logical size in a window."""
    for words, size, at, want in ((["full"], "800x600", (400, 300), "160,100"), (["full"], "800x600", (799, 599), "319,199"),
                                  (["logical"], "480x400", (240, 200), "160,100"), (["logical"], "480x400", (0, 0), "0,0")):
        with scratch() as folder:
            said = ctx(*RUN, "--size", size, "--seconds", "1", "--script", script(folder, f"wait 200\npointer {at[0]} {at[1]}\nwait 100\n"), game(), *words)
            has(said, rf"^motion {want} by", f"{words} at {at}:")


@case
def another_size():
    with scratch() as folder:
        png = os.path.join(folder, "shot.png")
        said = ctx(*RUN, "--size", "640x480", "--seconds", "1.5", "--screenshot", png, "--script", script(folder, "wait 300\nsize 800 600\nwait 300\n"), game(), "desktop")
        has(said, r"^window 5 800,600\nwindow 6 800,600")
        check(read_png(png).pixel(799, 599) == (255, 255, 255) or read_png(png).pixel(0, 0) == (24, 30, 48), "it did not draw anew")
        said = ctx(*RUN, "--size", "640x480", "--seconds", "1.5", "--screenshot", png, "--script", script(folder, "wait 300\nsize 800 600\nwait 300\n"), game(), "full")
        check(not re.search(r"^window [56]", told(said.ends(FINE)), re.M), said.text[-2000:])
        golden(read_png(png), "sdl-full")
        said = ctx(*RUN, "--size", "640x480", "--seconds", "1.5", "--script", script(folder, "wait 300\nkey f11 tap\nwait 300\nkey f11 tap\nwait 300\n"), game())
        has(said, r"^window 6 640,480(?s:.*)^window 6 320,200")


@case
def relative():
    with scratch() as folder:
        said = ctx(*RUN, "--size", "640x480", "--seconds", "1", "--script", script(folder, "wait 200\npointer 330 250\nwait 100\npointer 300 250\nwait 100\n"), game(), "relative")
        has(said, r"^motion 10,10 by 10,10 state=0\nmotion 0,10 by -30,0 ")


def calls_of(word):
    """How often the game's call ended while it looked for events in vain."""
    with scratch() as folder:
        path = os.path.join(folder, "ended")
        ctx("run", "--headless", "--json", path, game(), word, env={"CTX_RUN_OPTIONS": ""}).ends(FINE)
        with open(path, encoding="utf-8") as f:
            return json.load(f)["app"]["calls"]


@case
def who_polls():
    """Who does nothing else waits, and leaves the processor to others; who works in between is not held up each time."""
    calls = calls_of("looks")  # 1,000 polls: a millisecond each, or on a machine that needs a tenth for one, a turn every 20
    check(calls >= 40, f"1,000 polls in {calls} calls: the processor is burnt")
    calls = calls_of("works")  # 500 polls, 200 us of work before each
    check(calls <= 300, f"500 polls in {calls} calls: a program that works is made to wait")


@case
def saved_and_undone():
    """The same picture as one that was neither saved nor hurt."""
    moves = "wait 100\nkey right down\nwait 200\nkey right up\nkey down tap\n"
    with scratch() as folder:
        png, img = os.path.join(folder, "shot.png"), os.path.join(folder, "game.img")
        base = (*RUN, "--size", "640x480")
        ctx(*base, "--frames", "120", "--screenshot", png, "--script", script(folder, moves), game()).ends(FINE)
        want = read_png(png)
        check(want.pixel(320, 290) != want.pixel(360, 290), "the ball did not move")
        ctx(*base, "--frames", "60", "--save", img, "--script", script(folder, moves), game()).ends(FINE)
        ctx(*base, "--frames", "120", "--screenshot", png, "--load", img).ends(FINE)
        check(not read_png(png).differing(want), "it goes on differently where it was saved")
        undone = 0
        for seed in range(1, 9):
            said = ctx(*base, "--frames", "120", "--screenshot", png, "--script", script(folder, moves), game(), f"inject={seed},8,ux", "restart=undo:1000")
            check(said.rc in (FINE, FAULTED), f"inject={seed} ends with {said.rc}:\n{said.text[-2000:]}")
            undone += said.text.count("undone name=sheet")
            wrong = read_png(png).differing(want)
            ball = [at for at in wrong if not (at[1] > 260 and 160 < at[0] < 480)]  # a frame more or less: the ball is elsewhere
            check(not ball, f"inject={seed}: {len(ball)} pixels differ, the first at {ball[:2]}")
        check(undone >= 20, f"only {undone} calls were undone")


if __name__ == "__main__":
    main()
