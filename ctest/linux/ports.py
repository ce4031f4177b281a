# SPDX-License-Identifier: MIT
"""Programs of others (apps/ports, where ARGOS_PORTS is on): with the same words and the same input they print, byte for byte, what they
print on this machine, and end with the same status; saved between two lines of input, they go on as if they had not been. Games that draw
show the same picture after the same moves, whether they were saved in between, whether their code is verified; and go on after faults."""
import os
import random
import shutil
import subprocess

from runner import FAULTED, FINE, SOURCE, Skip, case, check, ctx, main, read_png, scratch, tool
import suite

PORTS = os.path.join(SOURCE, "apps", "ports")
# Port, the folder that is compiled in, words, standard input.
SESSIONS = [
    ("mujs", "mujs", ["session.js", "one", "two"], b""),
    ("mujs", "mujs", ["nobody.js"], b""),
    ("mujs", "mujs", [], b"print(6 * 7)\nvar a = [3, 1, 2]; a.sort()\nprint(a)\nthrow new Error('here')\n"),
    ("cjson", "cjson/data", ["chance.json"], b""),
    ("cjson", "cjson/data", ["wrong.json"], b""),
    ("cjson", "cjson/data", ["nobody.json"], b""),
    ("bc", ".", [], b"scale=60; 4*a(1)\n2^200\nfor (i = 0; i < 5; i++) i^3\ndefine f(n) { if (n < 2) return 1; return n * f(n - 1) }\nf(40)\n"),
]

# Games, with the moves of a short play (see man ctx), and from which call of theirs something is played.
ENTER = "key enter tap\nwait 600\n"
GAMES = {
    "doom": ("wait 1500\n" + 3 * ENTER + "wait 700\n" + ENTER + "wait 1500\nkey up down\nwait 700\nkey leftctrl tap\nkey up up\nkey right down\nwait 400\nkey right up\n", 500),
    "jumpnbump": ("wait 800\nkey 2 tap\nwait 300\nkey right down\n" + 8 * "wait 300\nkey up tap\n" + "key right up\n", 300),
    "maelstrom": ("wait 16000\nkey p tap\nwait 3000\nkey tab tap\nkey left down\nwait 300\nkey left up\nkey tab tap\n", 900),
}
PLAY = ("run", "--headless", "--virtual-time", "--no-watchdog", "--ascending", "--seed", "7", "--size", "640x480")


def program(name):
    path = os.path.join(suite.build(), "ports", name)
    if not os.path.exists(path):
        raise Skip(f"not built here: {name} (ARGOS_PORTS)")
    return path


def here(name, folder, words, stdin):
    return subprocess.run([program(name + "-here"), *words], cwd=os.path.join(PORTS, folder), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=60)


def there(name, words, stdin, *options):
    return subprocess.run([tool(), "run", "--headless", *options, program(name + ".elf"), *words], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, env={**os.environ, "CTX_RUN_OPTIONS": ""})


@case
def same_as_here():
    for name, folder, words, stdin in SESSIONS:
        words = ["-l", *words] if name == "bc" else words
        want, got = here(name, folder, words, stdin), there(name, words, stdin)
        check(want.stdout == got.stdout, f"{name} {words}: {got.stdout[-500:]!r} instead of {want.stdout[-500:]!r}\n{got.stderr[-1500:].decode(errors='replace')}")
        check(want.returncode == got.returncode, f"{name} {words} ends with {got.returncode}, here with {want.returncode}")


@case
def undone():
    """Chance faults in the middle of interpreting, parsing and printing: each call is undone, and what comes out is the same. (What a
    call had printed before it was undone stays printed: a run may say its beginning twice.)"""
    faults = seed = 0
    sessions = [s for s in SESSIONS if s[0] != "bc" and s[2] and "nobody" not in s[2][0]]
    wanted = int(os.environ.get("ARGOS_PORT_FAULTS", "60"))
    while faults < wanted:
        seed += 1
        check(seed < 100 * wanted, "they come too slowly")
        name, folder, words, stdin = sessions[seed % len(sessions)]
        want = here(name, folder, words, stdin)
        got = there(name, [*words, f"inject={seed},1,ux", "restart=undo:1000"], stdin)
        faults += got.stderr.count(f"undone name={name}".encode())
        check(got.stdout.endswith(want.stdout), f"{name} {words}, seed {seed}: {got.stdout[-500:]!r} instead of {want.stdout[-500:]!r}")
        check(got.returncode == want.returncode, f"{name} {words}, seed {seed}, ends with {got.returncode}")


def moves(folder, name):
    path = os.path.join(folder, "moves")
    with open(path, "w") as f:
        f.write(GAMES[name][0])
    return path


def calls_of(image):
    return int(ctx("image", "info", image).ends(FINE).has(r"calls").text.split("calls", 1)[1].split()[0])


def played(name, folder, *options, app=None, words=(), ends=(FINE,), seconds=0):
    png = os.path.join(folder, "shot.png")
    said = ctx(*PLAY, "--screenshot", png, "--seconds", str(seconds or SECONDS[name]), *options, *([app] if app else []), *words, seconds=170)
    check(said.rc in ends, f"{name} ends with {said.rc}:\n{said.text[-2000:]}")
    return read_png(png), said


SECONDS = {"doom": 9, "jumpnbump": 6, "maelstrom": 23}


def each_game():
    some = False
    for name in GAMES:
        try:
            app = program(name + ".elf")
        except Skip:
            continue
        some = True
        with scratch() as folder:
            yield name, app, folder
    if not some:
        raise Skip("no games are built here (ARGOS_PORTS)")


@case
def games_saved():
    """At a random moment of the play; its image lies beside the game, whose data it does not have."""
    for name, app, folder in each_game():
        script = moves(folder, name)
        beside = shutil.copy(app, folder)
        want, _ = played(name, folder, "--script", script, app=beside)
        check(len(want.colours()) > 20, f"{name} draws hardly anything")
        img = os.path.join(folder, "game.img")
        for number in range(int(os.environ.get("ARGOS_PORT_SAVES", "2"))):
            # (What is typed before that; the rest of it would be typed into the restored one at other moments.)
            total = SECONDS[name]
            played_ms = sum(float(line.split()[1]) for line in GAMES[name][0].splitlines() if line.startswith("wait")) / 1000
            at = random.Random(f"{name}{number}").uniform(played_ms + 0.05, total - 0.2)
            played(name, folder, "--script", script, "--save", img, app=beside, seconds=round(at, 3))
            if name == "doom":
                check(os.path.getsize(img) < 16 << 20, f"the image of {name} has {os.path.getsize(img)} bytes")
            got, _ = played(name, folder, "--load", img, seconds=round(total - at, 3))
            wrong = got.differing(want)
            check(not wrong, f"{name}, saved after {at:.3f} s: {len(wrong)} pixels differ")


@case
def games_verified():
    for name, app, folder in each_game():
        twin = os.path.join(suite.build(), "apps", "ports", "verified", name + ".elf")
        if not os.path.exists(twin):
            continue
        script = moves(folder, name)
        want, _ = played(name, folder, "--script", script, app=app)
        got, said = played(name, folder, "--script", script, "--isolate", "require", app=twin)
        check(not got.differing(want), f"{name}: verified it looks otherwise:\n{said.text[-1500:]}")


@case
def games_undone():
    """Chance faults while it is played: each call is undone, nothing is refused, and it is still played."""
    for name, app, folder in each_game():
        script, faults, seed = moves(folder, name), 0, 0
        while faults < int(os.environ.get("ARGOS_PORT_FAULTS", "60")) // 3:
            seed += 1
            check(seed < 400, f"{name}: they come too slowly: {faults}")
            shot, said = played(name, folder, "--script", script, app=app, words=(f"inject={seed},16,ux", "restart=undo:10000"), ends=(FINE, FAULTED))
            faults += said.text.count(f"undone name={name}")
            check(len(shot.colours()) > 20, f"{name}, seed {seed}: it draws hardly anything:\n{said.text[-1500:]}")
            said.hasnt(rf"ended name={name}|removed name={name}")


@case
def doom_in_a_small_disk():
    """Its session, data of 28 MB and all, lies on a disk of 64 MiB."""
    try:
        app = program("doom.elf")
    except Skip:
        raise Skip("doom is not built here (ARGOS_PORTS, package freedoom)") from None
    with scratch() as folder:
        disk = os.path.join(folder, "disk")
        ctx("disk", "create", disk, "--size", "64M").ends(FINE)
        session = ("run", "--headless", "--virtual-time", "--size", "640x480", "--disk", disk, "--session", "play")
        ctx(*session, "--seconds", "4", app, seconds=170).ends(FINE)
        ctx(*session, "--seconds", "1", app, seconds=170).ends(FINE).has("resumed .*apps=1 of=1")


if __name__ == "__main__":
    main()
