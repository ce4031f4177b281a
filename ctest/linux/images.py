# SPDX-License-Identifier: MIT
"""Saved apps. An app that was saved, ended with its process and restored in a fresh one must not be told from a twin that
was never touched: the same calls with the same arguments, the same pixels, the same memory.

Time is virtual here, so both runs see the same times, and scripts reach the same calls.
"""
import hashlib
import os
import random
import re
import shutil

from runner import (FINE, REFUSED, SOURCE, USAGE, case, check, compile_app, ctx, frozen, main, own_app, own_apps, qemu_test, read_png,
                    sanitized, scratch, test_app, together, until)
import suite
from imagefile import xxh64  # harness: runner has put that folder first
from suite import Failure, read

conformance = qemu_test(os.path.join("conformance", "conformance"))

SIZE = (640, 480)
RUN = ("run", "--headless", "--virtual-time", "--no-watchdog", "--ascending", "--size", f"{SIZE[0]}x{SIZE[1]}")
FRAME_MS = 16.667
CALLS, BEFORE = 1000, 300  # what is compared, and what may be before it
KEYS = [*"abcdefghijklmnopqrstuvwxyz", "space", "enter", "backspace", "up", "down", "left", "right"]


# ---- the same input for both twins ----

def hands(seed, count, frames=False):
    """Actions as (first ms, last ms, [(ms, text)]): between first and last nothing may be saved, as what is held down
    then comes up, and as another system's pointer is elsewhere. frames: only when one begins, for apps that are called
    in each frame now and then: on which beat that is belongs to the system, and begins anew with a restore."""
    r, n, unit, out = random.Random(seed), 0, FRAME_MS if frames else 1.25, []
    for _ in range(count):
        n += r.randint(1, 4) if frames else r.randint(5, 50)
        x, y = r.randrange(SIZE[0]), r.randrange(SIZE[1])
        kind = r.random()
        texts = [f"key {r.choice(KEYS)} tap"]
        if kind >= 0.5:
            texts = [f"pointer {x} {y}"]
        if 0.75 <= kind < 0.85:
            texts.append(f"button {r.choice(['left', 'right'])} click")
        elif kind >= 0.85:
            texts.append("button left down")
            texts += [f"pointer {(x + 9 * i) % SIZE[0]} {(y + 5 * i) % SIZE[1]}" for i in range(6)]
            texts.append("button left up")
        parts = [((n + i) * unit, text) for i, text in enumerate(texts)]
        n += len(texts) - 1
        out.append((parts[0][0], parts[-1][0], parts))
    return out


def typed(text, start=5.25, step=9):
    out, t = [], start
    for c in text:
        key = {" ": "space", "\n": "enter", ".": "dot", "-": "minus", "=": "equal", "/": "slash"}.get(c, c)
        out.append((t, t, [(t, f"key {key} tap")]))
        t += step
    return out


def script(folder, name, actions, since_ms, pointer):
    """What of it comes later than since_ms, as a script of its own; pointer: which first puts it where it was."""
    lines, now, last = [], max(since_ms, 0), (SIZE[0] // 2, SIZE[1] // 2)
    for t, text in [a for _, _, parts in actions for a in parts]:
        if t <= since_ms + 1e-6:  # a nanosecond: what is between them is rounding
            last = tuple(int(n) for n in text.split()[1:]) if text.startswith("pointer") else last
            continue
        lines += [f"wait {t - now:.6f}", text]
        now = t
    if since_ms >= 0:
        # Where it was: how far the next movement goes counts from there.
        lines.insert(0, f"{'pointer' if pointer else 'place'} {last[0]} {last[1]}")
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write("\n".join([*lines, "wait 100", "quit", ""]))
    return path


# ---- two runs beside one ----

def lines(said):
    """What the apps said and asked for, without the time."""
    return re.findall(r"^\[ *\d+\.\d+\] . ((?:trace|app)\.\S+#\d+: .*)$", said.text, re.M)


def saved_ms(image):
    said = ctx("image", "info", image).ends(FINE)
    times = {int(s) * 10**9 + int(ns) for s, ns in re.findall(r"at (\d+)\.(\d{9}) s of its own time", said.text)}
    check(len(times) == 1, f"saved at {times}")
    return times.pop() / 1e6


def calls_of(said_info):
    return [int(n) for n in re.findall(r"^  calls +(\d+),", said_info.text, re.M)]


class Twins:
    """An app, or several, and what hands do; run() is one run until so many calls, or until the hands rest."""

    def __init__(self, folder, apps, actions, seed=7, trace=True, ends=(FINE,), told=False):
        self.folder, self.apps, self.actions, self.ends = folder, apps, actions, ends
        self.told = told  # it hears that it came back (EXPOSE): one event more, and the call for that
        self.options = (*RUN, "--seed", str(seed), *(("--trace",) if trace and not told else ()))

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, name, calls, load=None, since_ms=-1.0):
        options = ["--frames", str(calls), "--save", self.path(name + ".img"), "--screenshot", self.path(name + ".png")]
        if self.actions is not None:
            # To version 3 that would be one more event; versions 1 and 2 see where it is in every call.
            pointer = load is None or "context    version 3" not in ctx("image", "info", load).ends(FINE).text
            options += ["--script", script(self.folder, name + ".script", self.actions, since_ms, pointer)]
        rest = ["--load", load] if load else together(self.apps)
        said = ctx(*self.options, *options, *rest, seconds=170)
        check(said.rc in self.ends, f"ends with {said.rc}:\n{said.text[-2000:]}")
        return said

    def save_at(self, name, calls):
        """Save at that call, or the next one at which nothing is held down."""
        for at in range(calls, calls + 40):
            said = self.run(name, at)
            ms = saved_ms(self.path(name + ".img"))
            if not any(a <= ms <= b and b > a for a, b, _ in self.actions or ()):
                return at, ms, said
        raise Failure(f"always in the middle of something, from call {calls} on")

    def compare(self, numbers, calls=CALLS):
        """Save at pseudo-random calls before the last thousand, and go on from there."""
        # Who is told calls more: those runs end when the hands rest, not at a call that the other one has earlier.
        before = BEFORE if self.told or not sanitized() else 100
        whole = self.run("whole", calls + before)
        total = min(calls_of(ctx("image", "info", self.path("whole.img")).ends(FINE)), default=0)
        check(total > 3, f"only {total} calls")
        for number in range(numbers):
            r = random.Random(f"{self.apps}{number}")
            at, ms, first = self.save_at("first", r.randint(1, max(2, total - calls if total > calls else total - 2)))
            ctx("image", "verify", self.path("first.img")).ends(FINE)
            second = self.run("second", calls + before, self.path("first.img"), ms)
            self.same(f"saved at call {at} of {total}", whole, first, second)

    def same(self, when, whole, first, second):
        want, got = lines(whole), lines(first) + lines(second)
        for i, (a, b) in enumerate(zip(want, got)):
            check(a == b, f"{when}: line {i} of {len(want)} (restored: {i >= len(lines(first))}) is\n{b}\nand not\n{a}")
        more = max(want, got, key=len)[min(len(want), len(got)):]
        check(not more, f"{when}: {len(got)} lines, not {len(want)}, without or with\n{more[:1]}")
        if read(self.path("whole.png")) != read(self.path("second.png")):
            a, b = read_png(self.path("whole.png")), read_png(self.path("second.png"))
            n = sum(x != y for x, y in zip(a.data, b.data))
            raise Failure(f"{when}: {n} bytes of the pictures differ")
        said = ctx("image", "diff", "--state", self.path("whole.img"), self.path("second.img"))
        other = said.text.split("of the systems that saved them")[0]
        if self.told:
            numbers = re.findall(r"^app\.(?:calls|event_seq): (\d+) \| (\d+)$", other, re.M)
            check(len(numbers) == 2 and all(int(b) - int(a) == 1 for a, b in numbers), f"{when}: it was not told, or more than once:\n{other}")
            other = re.sub(r"^app\.(calls|event_seq): .*\n", "", other, flags=re.M)
        check(not other.strip() if self.told else said.rc == 0, f"{when}: memory differs:\n{said.text[:3000]}")
        check(re.search(r"epoch: 0 \| 1$", said.text, re.M), "epochs do not differ")


def beside(apps, actions, numbers=None, **rest):
    """Under sanitizers (ten times as slow) once and a tenth of the calls: they look at how the core saves and puts back, which each run goes
    through; that long runs come to the same is seen without them. Without numbers: at three moments by the target linux-long."""
    with scratch() as folder:
        Twins(folder, apps, actions, **rest).compare(1 if sanitized() else numbers or suite.share(3), 100 if sanitized() and not rest.get("told") else CALLS)


@case
def apps_without_a_note():
    """Versions 1 and 2: an app's pages, its heap, its view of input and the canvas."""
    for name in ("background", "cursor", "hello", "rusty", "veteran", "selftest"):
        beside(own_apps(name), hands(name, 900))


@case
def apps_of_version_3():
    """Surfaces, opened tables, events, deadlines. Without chance: that is another one on another system."""
    beside(own_apps("clock"), hands("clock", 900))
    beside([[own_apps("snake")[0], "deny=ctx.random/1"]], hands("snake", 900, frames=True))


@case
def apps_that_draw_anew():
    """Their pixels are in no image (CTX_SURFACE_REDRAWN): such an app hears that it came back, so it calls more, and what is seen and what it knows is the same."""
    beside(own_apps("paint"), hands("paint", 200), told=True)


@case
def apps_with_a_c_library():
    """A heap of thousands of blocks: an interpreter in the middle of its work."""
    console, scripts = own_apps("console", "scripts")
    words = "".join(f"help\nps\nmem\n{n} {n + 1}\nls\n" for n in range(10))
    beside([console], typed(words))
    beside([scripts], hands("scripts", 300), numbers=1, trace=False)


@case
def files():
    """A program between two steps of reading and writing files, compiled in and in memory."""
    beside([[conformance.beside("ctest/qemu/conformance/conformance_files.elf"), "steps", "100000"]], None, numbers=1, trace=False)


@case
def in_cpp():
    """Objects of C++ in the heap. (With hands at work: it shows how much memory apps have, and a stack that was deep once
    is shallow again after a restore.)"""
    beside(own_apps("supervisor"), hands("supervisor", 900), numbers=1)


@case
def frozen_binaries():
    """Those of a time when nobody had thought of images."""
    check(len(frozen()) >= 3, f"too few: {frozen()}")
    for path in frozen():
        beside([path], hands(path[-20:], 900), numbers=1)


# Images that an earlier release made: SHA-256 of the picture, of RGB rows, when they were called 300 times.
FROZEN = {"v2/cursor.img": "40f00b01fc53872c3ba55e612aa37ec207e8eafc43a65a6a06ab9eba4e4c7405",
          "v2/rusty.img": "e4831e5d66082fbd55d65d743598e69544980005e5abe3a52b6ade80578c115e"}


@case
def frozen_images():
    """What earlier releases saved goes on as it would have then. New ones are made with `ctx run --save`; none goes."""
    folder = os.path.join(SOURCE, "libctx", "abi")
    found = [f"{version}/{n}" for version in ("v1", "v2") for n in os.listdir(os.path.join(folder, version)) if n.endswith(".img")]
    check(sorted(found) == sorted(FROZEN), f"there are {found}")
    with scratch() as own:
        png, img, twin = (os.path.join(own, n) for n in ("png", "img", "twin"))
        small = (*RUN[:-1], "320x240", "--seed", "7")
        for name, want in FROZEN.items():
            path = os.path.join(folder, name)
            ctx("image", "verify", path).ends(FINE)
            ctx(*small, "--frames", "300", "--load", path, "--screenshot", png, "--save", img).ends(FINE).has("calls=200 epoch=1")
            seen = hashlib.sha256(read_png(png).data).hexdigest()
            check(seen == want, f"{name}: the picture is {seen}")
        ctx(*small, "--frames", "300", "--save", twin, path.replace(".img", ".elf")).ends(FINE)
        said = ctx("image", "diff", "--state", twin, img)  # the last one had no hands
        counted = said.text.split("of the systems that saved them")[0].splitlines()
        # An app keeps the quota that it began with: half of what was free then, with another release's canvas and tables.
        others = [line for line in counted if line and not re.match(r"app\.quota_bytes: \d+ \| 536637440$", line)]
        check(not others and (said.rc == 0 or "quota_bytes" in said.text), said.text)


@case
def sessions():
    """Several apps on one canvas."""
    background, clock, rusty, cursor, hello = own_apps("background", "clock", "rusty", "cursor", "hello")
    keys = [a for a in hands("session", 1500) if a[0] == a[1] and a[2][0][1].startswith("key")]
    beside([background, rusty, cursor], keys)
    beside([background, clock, hello, rusty, [rusty, "a", "b"], cursor], keys, numbers=1)


# ---- not so good ones ----

def save(folder, name, apps, frames, *options, rc=FINE):
    path = os.path.join(folder, name)
    ctx(*RUN, "--seed", "1", "--frames", str(frames), "--save", path, *options, *together(apps)).ends(rc)
    return path


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


@case
def wrong_files():
    """A field and a reason, and exit code 2; of a file that is not there its name, and 1."""
    with scratch() as folder:
        good = bytearray(read(save(folder, "good", own_apps("rusty"), 5)))

        def changed(at, by=1):
            data = bytearray(good)
            data[at] ^= by
            return bytes(data)
        for name, data, why in (
                ("empty", b"", "field=magic .*this is no image"),
                ("text", b"hello\n" * 100, "field=magic .*this is no image"),
                ("elf", read(own_app("rusty")), "field=magic .*this is no image"),
                ("short", bytes(good[:-1]), "field=bytes .*cut off"),
                ("half", bytes(good[:len(good) // 2]), "field=bytes .*cut off"),
                ("tail", bytes(good) + b"\0", "field=bytes .*tail"),
                ("newer", changed(8, 3), "field=version value=0x2: an image of another format"),
                ("header", changed(40), "field=checksum .*header is damaged"),
                ("table", changed(70), "field=table_checksum .*table of sections is damaged"),
                ("padding", changed(64 + 19 * 48), "field=section.at .*lies between"),
                ("body", changed(len(good) - 9), "field=section.checksum .*damaged")):
            path = write(folder, name, data)
            said = ctx(*RUN, "--frames", "3", "--load", path)
            said.ends(REFUSED).has(f"refused file={name} {why}").hasnt("restored")
            for tool in ("info", "verify"):
                ctx("image", tool, path).ends(REFUSED).has(f"^{path}: refused {why}")
        ctx(*RUN, "--frames", "3", "--load", os.path.join(folder, "none")).ends(USAGE).has("none: No such file")
        ctx("image", "info", os.path.join(folder, "none")).ends(USAGE).has("none: No such file")
        said = ctx(*RUN, "--frames", "3", "--save", "/nowhere/x", own_app("rusty")).ends(USAGE)
        said.has("^ctx: /nowhere/x: there is no such folder").hasnt("main:")
        said = ctx(*RUN, "--frames", "3", "--save", "/dev/null", own_app("rusty")).ends(USAGE)
        said.has("E main: save /dev/null: Invalid argument")  # it is no place for a file, and stays a device


@case
def tools():
    """What diff tells apart, and that extract gives back what went in."""
    with scratch() as folder:
        rusty, paint, background = own_apps("rusty", "paint", "background")
        a, b = save(folder, "a", [rusty], 20), save(folder, "b", [rusty], 21)
        ctx("image", "diff", a, a).ends(0)
        ctx("image", "diff", "--state", a, b).ends(1).has(r"^app\.calls: 20 \| 21$").has(r"^page slot\+0x")
        own = compile_app(folder, "own", PAINTER)
        said = ctx("image", "diff", save(folder, "d", [own], 3), save(folder, "e", [own], 4)).ends(1)
        said.has(r"^page slot\+0x\w+ \(data\): 1 bytes differ, first slot\+0x\w+ \(calls\.0\): 03 00.* \| 04 00")
        ctx("image", "diff", a, save(folder, "c", [paint], 1)).ends(1).has(r'^app.name: "rusty" \| "paint"$').has("^program: ")
        ctx("image", "diff", a, write(folder, "bad", b"nothing")).ends(2)
        ctx("image", "diff", a).ends(USAGE)
        session = save(folder, "s", [background, rusty], 30)
        ctx("image", "info", session).ends(FINE).has("a session of 2 apps").has("s, app 1 \\(rusty\\): an app")
        ctx("image", "diff", session, a).ends(1).has("one is a session")
        ctx("image", "verify", a, b, session).ends(FINE).has("^.*/a: fine").has("s: a session of 2, fine")
        # The file that comes out is one that loads, and does what the other does.
        elf, mem, png = (os.path.join(folder, n) for n in ("rusty.elf", "mem", "png"))
        ctx("image", "extract", session, "--app", "1", "program", elf).ends(FINE)
        ctx("check", elf).ends(FINE)
        again = save(folder, "again", [elf], 20)
        ctx("image", "diff", "--state", a, again).hasnt(r"^(page|heap|app.calls)")
        ctx("image", "extract", a, "memory", "0x81000", "8", mem).ends(FINE)
        store = int(re.search(r"store: (\S+)|$", ctx("image", "info", a).text)[1] or "0", 0)
        check(len(read(mem)) == 8, "8 bytes of the store cell")
        if store:
            check(int.from_bytes(read(mem), "little") == store, "the store cell holds something else")
        ctx("image", "extract", a, "page", "0x81004", mem).ends(FINE)
        check(len(read(mem)) == 4096, "a page has 4096 bytes")
        shot = os.path.join(folder, "shot")
        ctx(*RUN, "--seed", "1", "--frames", "20", "--screenshot", shot, rusty).ends(FINE)
        ctx("image", "extract", a, "canvas", png).ends(FINE)
        check(read_png(png).data == read_png(shot).data, "the canvas is not what was shown")
        ctx("image", "extract", os.path.join(folder, "c"), "surface", "0", png).ends(FINE)
        check(read_png(png).w == 560, "paint's window is 560 wide")
        for words in (["surface", "9", png], ["canvas", png]):
            ctx("image", "extract", os.path.join(folder, "c"), *words).ends(REFUSED)
        for words in (["hat", png], ["memory", "0xffffffff", "2", mem], ["--app", "0", "program", elf], ["program"]):
            ctx("image", "extract", a, *words).ends(USAGE)
        ctx("image", "extract", session, "program", elf).ends(USAGE).has("which app")
        ctx("image", "extract", session, "--app", "7", "program", elf).ends(REFUSED)


# ---- on another system ----

def session_of(images):
    """A session by hand, from the format's description."""
    head = b"".join(n.to_bytes(size, "little") for n, size in
                    ((96, 4), (len(images), 4), (50, 8), (0, 8), (0, 4), (0, 4))).ljust(32 + 32, b"\0") + b"by hand".ljust(32, b"\0")
    parts = [(32, head)] + [(33, image) for image in images]
    at, table, body = 64 + 48 * len(parts), b"", b""
    for kind, part in parts:
        pad = -(at + len(body)) % 8
        body += b"\0" * pad
        entry = 8 if kind == 32 else 0
        numbers = ((kind, 4), (0, 4), (at + len(body), 8), (len(part), 8), (len(part), 8), (xxh64(part), 8), (entry, 4), (0, 4))
        table += b"".join(n.to_bytes(size, "little") for n, size in numbers)
        body += part
    header = b"CtxImage" + b"".join(n.to_bytes(size, "little") for n, size in (
        (1, 4), (64, 4), (64 + len(table) + len(body), 8), (len(parts), 4), (1, 4), (xxh64(table), 8), (0, 16)))
    return header + xxh64(header).to_bytes(8, "little") + table + body


@case
def twice():
    """A second copy of one image is refused, and the first does not notice."""
    with scratch() as folder:
        check(xxh64(b"") == 0xEF46DB3751D8E999 and xxh64(b"abc") == 0x44BC2CF5AD770999, "this is not XXH64")
        image = read(save(folder, "image", own_apps("rusty"), 20))
        path = write(folder, "both", session_of([image, image]))
        said = ctx(*RUN, "--frames", "60", "--load", path).ends(REFUSED).has("restored name=rusty pid=0 .*calls=20")
        said.has("refused file=both app=1 name=rusty field=app.base value=0x200000000000: another app lives there")
        said.has("resumed file=both apps=1 of=2").has("saying|refused=1")
        ctx("image", "verify", path).ends(REFUSED).has("another app lives there")
        said = ctx(*RUN, "--frames", "60", "--load", write(folder, "one", session_of([image]))).ends(FINE)
        said.has("resumed file=one apps=1 of=1")


@case
def in_the_middle_of_a_call():
    """Whoever is in a call that lasts when the run ends is waited for, and saved behind it. (One that does not end: stopped.)"""
    with scratch() as folder:
        image = os.path.join(folder, "image")
        for seed in range(3):  # where the call is then is chance
            said = ctx("run", "--headless", "--seconds", f"0.3{seed}", "--save", image, test_app("core/busy130"), "30", "budget=2ms").ends(FINE).has("saved file=")
            calls = int(re.search(r"calls +(\d+)", ctx("image", "info", image).ends(FINE).text)[1])
            check(calls == len(re.findall("begins with n", said.text)), f"{calls} calls, and a part of one")
            os.remove(image)


def says(said, what):
    return [int(n) for n in re.findall(rf"T {what} (-?\d+)$", said.text, re.M)]


@case
def much_data_is_named():
    """An image of an app with two megabytes to read has not got them: it is small, and needs the app's file beside it or here."""
    app = test_app("album")
    with scratch() as folder:
        base = ("run", "--headless", "--virtual-time")
        whole = says(ctx(*base, "--frames", "80", app).ends(FINE), "album")
        check(len(whole) == 8 and len(set(whole)) == 8, f"{whole}")
        image = os.path.join(folder, "image")
        first = ctx(*base, "--frames", "35", "--save", image, app).ends(FINE)
        check(os.path.getsize(image) < 60000, f"the image has {os.path.getsize(image)} bytes")
        ctx("image", "info", image).ends(FINE).has(r"needs +2\d{6} bytes at \d+ of album's file, hash [0-9a-f]{16}")
        ctx("image", "extract", image, "program", os.path.join(folder, "out")).ends(REFUSED).has("the file itself is needed")
        missing = ctx(*base, "--frames", "80", "--load", image).ends(REFUSED)
        missing.has(r"image needs \d+ bytes of album's file").has("refused file=image field=need.hash")
        shutil.copy(app, os.path.join(folder, "album.elf"))
        rest = ctx(*base, "--frames", "80", "--load", image).ends(FINE)
        check(says(first, "album") + says(rest, "album") == whole, f"{says(first, 'album')} {says(rest, 'album')}")
        # A session, whose apps stand on the line; and one that is loaded from a file.
        disk = os.path.join(folder, "disk")
        ctx("disk", "create", disk, "--size", "4M").ends(FINE)
        session = (*base, "--disk", disk, "--session", "s")
        first = ctx(*session, "--frames", "35", app, "+", app).ends(FINE)
        rest = ctx(*session, "--frames", "80", app, "+", app).ends(FINE).has("resumed file=session/s apps=2 of=2")
        check(sorted(says(first, "album") + says(rest, "album")) == sorted(whole * 2), f"{says(rest, 'album')}")


@case
def told():
    """Epoch, event, chance; and time goes on."""
    app = test_app("restored")
    with scratch() as folder:
        image = save(folder, "image", [app], 10)
        base = ("run", "--headless", "--virtual-time", "--frames", "20", "--load", image)
        first = ctx(*base, "--size", "640x480", "--seed", "2").ends(FINE).hasnt("backwards")
        check(says(first, "call") == list(range(11, 21)), f"calls {says(first, 'call')}")
        check(says(first, "epoch") == [1] * 10, f"epochs {says(first, 'epoch')}")
        check([says(first, w) for w in ("event", "different", "times", "width", "height")] == [[6], [0], [1], [640], [480]],
              first.text[-1500:])
        for size, code in ((("800", "600"), 1), (("640", "480"), 0)):
            said = ctx(*base, "--size", "x".join(size), "--seed", "2").ends(FINE)
            check(says(said, "different") == [code] and says(said, "width") == [int(size[0])], said.text[-1500:])
        other = ctx(*base, "--size", "640x480", "--seed", "3").ends(FINE)
        a, b = says(first, "random"), says(other, "random")
        check(len(a) == 10 and not set(a) & set(b), "two copies of one image know each other's chance")
        again = os.path.join(folder, "again")
        ctx(*base, "--seed", "2", "--save", again).ends(FINE)
        said = ctx(*RUN, "--frames", "25", "--load", again).ends(FINE).hasnt("backwards")
        check(set(says(said, "epoch")) == {2} and says(said, "times") == [2], "restored twice")


PAINTER = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    u64 w = ctx->fb.w, h = ctx->fb.h;
    for (u64 y = 0; calls == 0 && y < h; y++) {
        for (u64 x = 0; x < w; x++) {
            ctx->fb.pixels[y * w + x] = x * 2 < w ? 0x0000ff : 0x00ff00;
        }
    }
    if (calls++ >= 5 && ctx->fb.len == 640 * 480 && w == 640 && h == 480) {
        for (u64 y = 200; y < 220; y++) {
            for (u64 x = 100; x < 140; x++) {
                ctx->fb.pixels[y * w + x] = 0xffffff;
            }
        }
    }
    return 0;
}
"""


@case
def another_screen():
    """An app without a note keeps its canvas, and what it draws there is shown scaled."""
    with scratch() as folder:
        image = save(folder, "image", [compile_app(folder, "painter", PAINTER)], 5)
        for w, h in ((1280, 960), (320, 240), (800, 600), (640, 480)):
            png = os.path.join(folder, "png")
            ctx("run", "--headless", "--virtual-time", "--size", f"{w}x{h}", "--frames", "12", "--load", image,
                "--screenshot", png).ends(FINE)
            p = read_png(png)
            check((p.w, p.h) == (w, h), "another picture")

            def at(x, y):
                i = 3 * (y * h // 480 * w + x * w // 640)
                return p.data[i:i + 3]
            check(at(50, 50) == b"\xff\0\0" and at(600, 400) == b"\0\xff\0", f"{w}x{h}: the picture is not the one it drew")
            for x, y, want in ((120, 210, b"\xff\xff\xff"), (104, 204, b"\xff\xff\xff"), (136, 216, b"\xff\xff\xff"),
                               (92, 210, b"\xff\0\0"), (150, 210, b"\xff\0\0"), (120, 190, b"\xff\0\0"), (120, 230, b"\xff\0\0")):
                check(at(x, y) == want, f"{w}x{h}: at {x},{y} of its canvas is {at(x, y)}")


@case
def stopped():
    """An app that was stopped comes back stopped; one that never returns can not be saved, and that is said."""
    with scratch() as folder:
        image = save(folder, "image", [test_app("idle"), own_apps("faults")[0]], 300, rc=3)
        said = ctx(*RUN, "--frames", "400", "--load", image).ends(FINE).has("resumed .*apps=2 of=2").hasnt(r"\] E app")
        ctx("image", "info", image).ends(FINE).has("state      is stopped")
        path = os.path.join(folder, "none")
        said = until("run", "--headless", "--size", "640x480", "--save", path, own_apps("loops")[0], says=["overran name=loops"])
        said.ends(USAGE).has("E main: save .*none: loops is in the middle of a call that does not end")
        check(not os.path.exists(path) and os.listdir(folder) == ["image"], "something was left")


if __name__ == "__main__":
    main()
