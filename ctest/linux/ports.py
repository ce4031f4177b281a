# SPDX-License-Identifier: MIT
"""Programs of others (apps/ports, where ARGOS_PORTS is on): with the same words and the same input they print, byte for byte, what they
print on this machine, and end with the same status; saved at any moment, in the middle of what they compute, they go on as if they had not
been; so they do after faults. Games that draw show the same picture after the same moves, whether they were saved in between, whether their
code is verified; and go on after faults.

ARGOS_PORT_FAULTS (60), ARGOS_PORT_SAVES (2): so many of each port; the target ports-long has 1,000 and 20."""
import contextlib
import fcntl
import os
import pty
import random
import re
import shutil
import socket
import struct
import subprocess
import termios
import threading
import time
import tty

from runner import FAULTED, FINE, SOURCE, Skip, case, check, ctx, limit, main, read_png, scratch, tool
import suite

PORTS = os.path.join(SOURCE, "apps", "ports")
FAULTS = int(os.environ.get("ARGOS_PORT_FAULTS", "60"))
SAVES = int(os.environ.get("ARGOS_PORT_SAVES", "2"))
ANEW = b": that does not help"  # two faults at one place: the program begins anew


def text_of(port, name):
    with open(os.path.join(PORTS, port, name), "rb") as f:
        return f.read()


def big_json():
    return b"[" + b",".join(b'{"n":%d,"half":%.3f,"deep":[[%d],{"text":"\\u20ac %d","none":null}]}' % (i, i / 2, i, i * 7919) for i in range(9000)) + b"]"


POWERS = b"scale=60; 4*a(1)\n" + b"".join(b"2^%d\n4*a(1/%d)\n" % (7 * i, i + 1) for i in range(400))
MOVES = b"none 60\nright+a 20\nleft 3\nup+r 10\nstart 2\nnone 60\nshow\ndown+b 30\nwrong 3\n" * 2
CAVE = (b"no\neast\nget lamp\nget keys\ninventory\nwest\nsouth\nsouth\nsouth\nunlock grate\nopen grate\ndown\nwest\nget cage\nwest\nlight lamp\n"
        b"score\nno\nlook\nxyzzy\n" + b"look\ninventory\n" * 40 + b"quit\nyes\n")
# Port, the folder that is compiled in, words (@: a folder to write to), standard input. The first of each is long enough to be saved in.
SESSIONS = [
    ("adventure", None, [], CAVE),
    ("bc", None, ["-l"], POWERS),
    ("bc", None, ["-l"], b"for (i = 0; i < 5; i++) i^3\ndefine f(n) { if (n < 2) return 1; return n * f(n - 1) }\nf(40)\n1/0\n"),
    ("cjson", "cjson/data", [], big_json()),
    ("cjson", "cjson/data", ["chance.json"], b""),
    ("cjson", "cjson/data", ["wrong.json"], b""),
    ("cjson", "cjson/data", ["nobody.json"], b""),
    ("duktape", "duktape", ["session.js"], b""),
    ("duktape", "duktape", ["nobody.js"], b""),
    ("duktape", "duktape", ["-"], b"print(6 * 7); throw new Error('here')"),
    ("mgba", "@mgba-made/files", ["rom.gba"], MOVES),
    ("mgba", "@mgba-made/files", ["nobody.gba"], b""),
    ("mujs", "mujs", ["session.js", "one", "two"], b""),
    ("mujs", "mujs", ["nobody.js"], b""),
    ("mujs", "mujs", [], b"print(6 * 7)\nvar a = [3, 1, 2]; a.sort()\nprint(a)\nthrow new Error('here')\n"),
    ("sqlite", "sqlite", ["@/data.db"], text_of("sqlite", "session.sql")),
    ("sqlite", "sqlite", [], text_of("sqlite", "session.sql")),
    ("squirrel", "squirrel", ["session.nut", "@/stream"], b""),
    ("squirrel", "squirrel", ["nobody.nut"], b""),
]
BY_LINES = {"adventure"}  # it computes nothing for long
FIRST = list({s[0]: s for s in reversed(SESSIONS)}.values())[::-1]

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
    """What it is to print and to end with: the same program, natively."""
    folder = os.path.join(suite.build(), "apps", "ports", folder[1:]) if (folder or "").startswith("@") else os.path.join(PORTS, folder or "")
    with scratch() as out:
        return subprocess.run([program(name + "-here"), *(out + w[1:] if w[0] == "@" else w for w in words)], cwd=folder, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=limit(60))


def there(*options, stdin=b""):
    """ctx run; stdin: bytes, or a file that the next one goes on with."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run([tool(), "run", "--headless", *options], **given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(120),
                          env={**os.environ, "CTX_RUN_OPTIONS": ""})


def line_of(name, words, *more):
    return [program(name + ".elf"), *("/tmp" + w[1:] if w[0] == "@" else w for w in words), *more]


def same(got, want, what):
    check(got.stdout == want.stdout, f"{what}: {got.stdout[-500:]!r} instead of {want.stdout[-500:]!r}\n{got.stderr[-1500:].decode(errors='replace')}")
    check(got.returncode == want.returncode, f"{what} ends with {got.returncode}, not {want.returncode}:\n{got.stderr[-1500:].decode(errors='replace')}")


def built(sessions):
    """Those of ports that this build has."""
    some = False
    for name, folder, words, stdin in sessions:
        with contextlib.suppress(Skip):
            program(name + "-here"), program(name + ".elf")
            some = True
            yield name, folder, words, stdin
    if not some:
        raise Skip("no ports are built here (ARGOS_PORTS)")


@case
def same_as_here():
    for name, folder, words, stdin in built(SESSIONS):
        same(there(*line_of(name, words), stdin=stdin), here(name, folder, words, stdin), f"{name} {words}")


@case
def verified():
    """Made so that its code can be verified, and run only because it was."""
    some = False
    for name, folder, words, stdin in built(SESSIONS):
        twin = os.path.join(suite.build(), "apps", "ports", "verified", name + ".elf")
        if os.path.exists(twin):
            some = True
            same(there("--isolate", "require", twin, *line_of(name, words)[1:], stdin=stdin), here(name, folder, words, stdin), f"{name} {words}, verified")
    if not some:
        raise Skip("no ports are built here (ARGOS_PORTS)")


def has_app(image):
    return os.path.exists(image) and "pages" in ctx("image", "info", image).text


def saved_at(folder, at, name, words, stdin):
    """Saved after `at` seconds, which may be in the middle of anything, and gone on with in another process. None: it had ended."""
    image, text = os.path.join(folder, "image"), os.path.join(folder, "in")
    with open(text, "wb") as f:
        f.write(stdin)
    with open(text, "rb", buffering=0) as f:  # what was not read yet is read by whoever goes on
        first = there("--save", image, "--seconds", f"{at:.3f}", *line_of(name, words), stdin=f)
        return joined(first, there("--load", image, stdin=f)) if has_app(image) else None


def saved_behind(folder, lines, name, words, stdin):
    """Saved when it has read so many lines."""
    image, typed = os.path.join(folder, "image"), stdin.splitlines(keepends=True)
    out, into = os.pipe()
    os.write(into, b"".join(typed[:lines]))
    first = there("--save", image, "--seconds", "0.5", *line_of(name, words), stdin=out)
    left = os.read(out, struct.unpack("i", fcntl.ioctl(out, termios.FIONREAD, b"    "))[0])
    os.close(into), os.close(out)
    if not has_app(image):
        return None
    return joined(first, there("--load", image, stdin=left + b"".join(typed[lines:])))


def joined(first, second):
    return subprocess.CompletedProcess(second.args, second.returncode, first.stdout + second.stdout, first.stderr + second.stderr)


@case
def saved():
    """At random moments: both parts together print what the whole does."""
    dice = random.Random(os.environ.get("ARGOS_PORT_SEED", "1"))
    for name, folder, words, stdin in built(FIRST):
        want, tried, done = here(name, folder, words, stdin), 0, 0
        begun = time.monotonic()
        same(there(*line_of(name, words), stdin=stdin), want, name)
        lasts = time.monotonic() - begun
        while done < SAVES:
            tried += 1
            check(tried < 20 + 20 * SAVES, f"{name} is never saved before it has ended, after {lasts:.3f} s")
            with scratch() as f:
                if name in BY_LINES:
                    at = dice.randrange(1, stdin.count(b"\n"))
                    got = saved_behind(f, at, name, words, stdin)
                else:
                    at = dice.uniform(0.02, lasts)
                    got = saved_at(f, at, name, words, stdin)
            if got is None:
                lasts *= 0.9
                continue
            same(got, want, f"{name} {words}, saved after {at:.3f} {'lines' if name in BY_LINES else 's'}")
            done += 1
        print(f"{name}: {done} times")


@case
def sqlite_on_a_disk():
    """A database in /data: one process begins it and another goes on; so it does when the first one, and storage under it, were saved in between."""
    app, native = program("sqlite.elf"), program("sqlite-here")
    lines = text_of("sqlite", "session.sql").splitlines(keepends=True)
    halves = [b"".join(lines[:18]), b"".join(lines[18:])]
    with scratch() as folder:
        want = [subprocess.run([native, os.path.join(folder, "db")], input=half, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for half in halves]
        disks = [os.path.join(folder, name) for name in ("disk", "saved")]
        for disk in disks:
            ctx("files", "create", disk).ends(FINE)
        for half, expected in zip(halves, want):
            same(there("--files", disks[0], app, "use=ctx.files/1", "/data/db", stdin=half), expected, "on a disk")
        out, into = os.pipe()
        os.write(into, halves[0])
        image = os.path.join(folder, "image")
        first = there("--files", disks[1], "--save", image, "--seconds", "2", app, "use=ctx.files/1", "/data/db", stdin=out)
        os.close(into), os.close(out)
        second = there("--files", disks[1], "--load", image, stdin=halves[1])
        check(first.stdout + second.stdout == want[0].stdout + want[1].stdout,
              f"saved in between: {(first.stdout + second.stdout)[-600:]!r}\n{second.stderr[-2000:].decode(errors='replace')}")


@case
def undone():
    """Chance faults, wild writes and jumps, in the middle of interpreting, parsing and printing: each call is undone, and what comes out is the same. (Two at one place are
    not chance to who undoes them: the program begins anew. Such runs do not count, and are few.)"""
    for name, folder, words, stdin in built(FIRST):
        want = here(name, folder, words, stdin)
        faults = seed = runs = anew = 0
        while faults < FAULTS:
            seed += 1
            check(seed < 20 * FAULTS, f"{name}: they come too slowly")
            got = there(*line_of(name, words, f"inject={seed},1,ux", "restart=undo:100000"), stdin=stdin)
            if ANEW in got.stderr:
                anew += 1
                continue
            faults += got.stderr.count(f"undone name={name}".encode())
            runs += 1
            same(got, want, f"{name} {words}, seed {seed}")
        check(anew <= 4 + runs // 4, f"{name} began anew in {anew} of {runs + anew} runs")
        print(f"{name}: {faults} faults in {runs} runs; {anew} began anew")


@case
def jumps_into_the_middle():
    """Of a program's own code: what it does then is its own business, but it is over some time, and never by the tool's own fault."""
    for name, folder, words, stdin in built(FIRST):
        for seed in range(1, 5):
            got = there("--seconds", "10", *line_of(name, words, f"inject={seed},2,j", "restart=never", "overrun=stop:100"), stdin=stdin)
            check(0 <= got.returncode <= 159 and got.returncode not in (125, 126, 127), f"{name}, seed {seed}: {got.returncode}\n{got.stderr[-1500:].decode(errors='replace')}")


# ---- in a terminal ----

TURNS = random.Random(5).choices("wasd", k=260)  # a game that is lost before they are all played ends there
PLAYED = ("--virtual-time", "--seed", "7")  # it draws by the time at which it began


def written(steps=160):
    """Keys for the editor: words, lines, ways about, undo, a piece that is cut and put back, the file saved now and then; then saved and over."""
    dice = random.Random(9)
    others = [b"\r", 3 * b"\x1b[D", b"\x1b[A", b"\x1bu", b"\x1bv\x1bh\x1bh\x1bd\x1bb", b"\x1bk"]
    words = [b"hello ", b"world ", b"argos ", b"(x) ", b"one two "]
    return [dice.choice(words) if dice.random() < 0.5 else dice.choice(others) for _ in range(steps)] + [b"\x1b \x1bq"]


class Terminal:
    """A pseudo terminal, raw, in which keys are typed before anybody listens; who comes second reads what is left."""

    def __init__(self, keys):
        self.over = False
        self.ours, self.theirs = pty.openpty()
        tty.setraw(self.theirs)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
        os.write(self.ours, keys)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.ours), os.close(self.theirs)

    def types(self, keys):
        os.write(self.ours, keys)

    def types_slowly(self, steps):
        """Each when the one before was read, and a moment later, so that it is a call of its own; until who reads has ended."""
        room = bytearray(4)
        for step in steps:
            time.sleep(0.003)
            self.types(step)
            while not self.over and fcntl.ioctl(self.theirs, termios.FIONREAD, room) == 0 and int.from_bytes(room, "little") > 0:
                time.sleep(0.001)

    def run(self, *options):
        return self.execute([tool(), "run", "--headless", *options])

    def execute(self, command):
        """Until it ends, or begins anew: what was typed has been read then, and it would wait for ever."""
        told, said = bytearray(), bytearray()

        def listen():
            while not told.endswith(b"\0end\0"):
                told.extend(os.read(self.ours, 65536))

        ear = threading.Thread(target=listen, daemon=True)
        ear.start()
        with subprocess.Popen(command, stdin=self.theirs, stdout=self.theirs, stderr=subprocess.PIPE, env={**os.environ, "CTX_RUN_OPTIONS": "", "TERM": "xterm"}) as p:
            late = threading.Timer(limit(60), p.kill)
            late.start()
            for line in p.stderr:
                said.extend(line)
                if ANEW in line:
                    p.kill()
            p.wait()
            check(late.is_alive(), f"it does not end: {said[-2000:].decode(errors='replace')}")
            late.cancel()
        self.over = True
        os.write(self.theirs, b"\0end\0")
        ear.join(limit(10))
        return subprocess.CompletedProcess(command, p.returncode, bytes(told).removesuffix(b"\0end\0"), bytes(said))


def game_2048():
    return program("2048.elf"), ("".join(TURNS) + "qy").encode()


def whole_2048():
    app, keys = game_2048()
    with Terminal(keys) as t:
        want = t.run(*PLAYED, app, "bluered")
    check(want.returncode == 0 and want.stdout.count(b"\x1b[H") > 100, f"it is hardly played: {want.returncode} {want.stdout[-300:]!r}\n{want.stderr[-1500:].decode(errors='replace')}")
    return app, keys, want


@case
def saved_in_a_terminal():
    """2048, at random moments of a game: both parts together draw what the whole does, and what was typed and not read yet is the second one's."""
    app, keys, want = whole_2048()
    dice, done, tried = random.Random(os.environ.get("ARGOS_PORT_SEED", "1")), 0, 0
    while done < SAVES:
        tried += 1
        check(tried < 20 + 20 * SAVES, "it is never saved while it is played")
        with scratch() as folder, Terminal(keys) as t:
            image, at = os.path.join(folder, "image"), dice.uniform(0.1, 0.1 * len(TURNS))
            first = t.run(*PLAYED, "--save", image, "--seconds", f"{at:.3f}", app, "bluered")
            if not has_app(image):
                continue
            check(first.stdout != want.stdout, "it was saved when all was over")
            same(joined(first, t.run(*PLAYED, "--load", image)), want, f"2048, saved after {at:.3f} s")
            done += 1


@case
def undone_in_a_terminal():
    """2048 with faults by chance: it draws what it draws without. Seen: after one the terminal was not waited for, and the game stood still."""
    app, keys, want = whole_2048()
    faults = seed = 0
    while faults < FAULTS:
        seed += 1
        check(seed < 20 * FAULTS, f"they come too slowly: {faults}")
        with Terminal(keys) as t:
            got = t.run(*PLAYED, app, "bluered", f"inject={seed},8,ux", "restart=undo:100000")
        if ANEW in got.stderr:
            continue
        same(got, want, f"2048, seed {seed}")
        faults += got.stderr.count(b"undone name=2048")


EDITED = ("env=TERM=xterm", "-q")


@case
def an_editor_draws_as_here():
    """Every byte that goes to the terminal, also where it is kept back until a call has ended."""
    keys = b"".join(written())
    with scratch() as folder, Terminal(keys) as t:
        want = t.execute([program("aoeui-here"), "-q", os.path.join(folder, "note")])
    check(want.returncode == 0 and len(want.stdout) > 5000, f"it hardly writes: {want}")
    for more in ([], ["restart=undo"]):
        with Terminal(keys) as t:
            same(t.run(*PLAYED, program("aoeui.elf"), *EDITED, "/tmp/note", *more), want, f"aoeui {more}")


def note(folder):
    with open(os.path.join(folder, "note"), "rb") as f:
        return f.read()


def note_here(keys):
    with scratch() as folder, Terminal(keys) as t:
        check(t.execute([program("aoeui-here"), "-q", os.path.join(folder, "note")]).returncode == 0, "aoeui-here")
        text = note(folder)
    check(len(text) > 200, text)
    return text


@case
def an_editor_is_undone():
    """Key by key, with faults by chance, wild jumps among them: the file that it has written in the end is the one that it writes without."""
    steps = written()
    want, faults, seed = note_here(b"".join(steps)), 0, 0
    while faults < FAULTS:
        seed += 1
        check(seed < 20 * FAULTS, f"aoeui: they come too slowly: {faults}")
        with scratch() as own, Terminal(b"") as t:
            typing = threading.Thread(target=t.types_slowly, args=(steps,), daemon=True)
            typing.start()
            got = t.run("--virtual-time", "--dir", f"{own}:/own:rw", program("aoeui.elf"), *EDITED, "/own/note", f"inject={seed},8,ux", "restart=undo:100000")
            typing.join(limit(10))
            if any(why in got.stderr for why in (ANEW, b"can not be undone", b"its events are dropped")):
                continue  # two at one place, and the key is gone; or where it had written its file
            check(got.returncode == 0 and note(own) == want, f"seed {seed}: {got.returncode} {note(own)!r:.300}, not {want!r:.300}\n{got.stderr[-1500:].decode()}")
        faults += got.stderr.count(b"undone name=aoeui")
    print(f"aoeui: {faults} faults in {seed} runs")


@case
def an_editor_is_saved_in_the_middle():
    """Between two keys (not in the middle of one, where aoeui itself loses its way): who goes on has the text, what can be undone, and its file."""
    steps = written()
    keys = b"".join(steps)
    app, line = program("aoeui.elf"), (*EDITED, "/own/note")

    want = note_here(keys)
    dice = random.Random(os.environ.get("ARGOS_PORT_SEED", "1"))
    for at in (len(b"".join(steps[:dice.randrange(1, len(steps) - 1)])) for _ in range(SAVES)):
        with scratch() as folder, Terminal(keys[:at]) as t:
            own, image = os.path.join(folder, "own"), os.path.join(folder, "image")
            os.mkdir(own)
            t.run(*PLAYED, "--dir", f"{own}:/own:rw", "--save", image, "--seconds", "1", app, *line)
            check(has_app(image), f"it is not saved behind {at} keys")
            t.types(keys[at:])
            said = t.run(*PLAYED, "--dir", f"{own}:/own:rw", "--load", image)
            check(said.returncode == 0, f"behind {at} keys: {said.returncode} {said.stderr[-1500:]!r}")
            check(note(own) == want, f"saved behind {at} of {len(keys)} keys it has written {note(own)!r:.300}, not {want!r:.300}")


# ---- over the network ----


def net_run(name, options, *words):
    return subprocess.Popen([tool(), "run", "--headless", "--log", "/dev/stderr", *options, program(name + ".elf"), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "CTX_RUN_OPTIONS": ""})


def await_lines(p, *wanted):
    """On stderr. Before there is an address libslirp's SYN is lost, and the next one comes 20 s later."""
    wanted = list(wanted)
    while wanted:
        line = p.stderr.readline()
        check(line, f"no sign of {wanted}")
        wanted = [word for word in wanted if word not in line]


def port_of_chance():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@case
def nc_reaches_and_is_reached():
    """A Debian client: it talks to a server here, and as one that listens a megabyte comes to it and goes from it."""
    data = random.Random(3).randbytes(1 << 20)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with net_run("nc", ["--net"], "use=ctx.net/1(out)", "-w", "10", "10.0.2.2", str(server.getsockname()[1])) as p:
            server.settimeout(limit(20))
            connection, _ = server.accept()
            with connection:
                p.stdin.write(b"hello\n")
                p.stdin.flush()
                check(connection.recv(100) == b"hello\n", "not what was typed")
                connection.sendall(data)
            got = p.stdout.read()
            p.kill()
        check(got == data, f"{len(got)} of {len(data)} bytes came")
    port = port_of_chance()
    with net_run("nc", [f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:7"], "use=ctx.net/1(in:7)", "-v", "-l", "-p", "7") as p:
        await_lines(p, b"listening on", b"by=DHCP")
        with socket.create_connection(("127.0.0.1", port), timeout=limit(20)) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            got = p.stdout.read(len(data))
        p.kill()
    check(got == data, f"{len(got)} of {len(data)} bytes came in")


@case
def micro_httpd_serves_as_here():
    """A Debian server: files, a folder, what is not there, what is no request; the same answers as of its twin on this machine."""
    with scratch() as folder:
        with open(os.path.join(folder, "a.html"), "wb") as f:
            f.write(b"<p>hello</p>" * 5000)
        os.mkdir(os.path.join(folder, "sub"))
        ports = [port_of_chance(), port_of_chance()]
        with net_run("micro-httpd", [f"--net=user,hostfwd=tcp:127.0.0.1:{ports[0]}-:80", "--dir", f"{folder}:/www"], "use=ctx.net/1(in:80)", "80", "/www") as there_, \
                subprocess.Popen([program("micro-httpd-here"), str(ports[1]), folder], stdout=subprocess.PIPE) as here_:
            try:
                await_lines(there_, b"by=DHCP")
                check(there_.stdout.readline() == b"listens at port 80\n" and here_.stdout.readline(), "it does not listen")
                for request in (b"GET /a.html HTTP/1.0\r\n\r\n", b"GET /sub HTTP/1.0\r\n\r\n", b"GET /none HTTP/1.0\r\n\r\n", b"GET /../x HTTP/1.0\r\n\r\n", b"POST / HTTP/1.0\r\n\r\n", b"x\r\n", b""):
                    answers = []
                    for port in ports:
                        with socket.create_connection(("127.0.0.1", port), timeout=limit(20)) as s:
                            s.sendall(request)
                            s.shutdown(socket.SHUT_WR)
                            answer = b"".join(iter(lambda s=s: s.recv(65536), b""))
                        answers.append(re.sub(rb"(?m)^(Date|Last-Modified):.*\r\n", b"", answer))
                    check(answers[0] == answers[1], f"{request}: {answers[0][:500]} instead of {answers[1][:500]}")
            finally:
                there_.kill()
                here_.kill()


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
        for number in range(SAVES):
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
        while faults < FAULTS // 3:
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
