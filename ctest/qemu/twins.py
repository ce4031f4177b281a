# SPDX-License-Identifier: MIT
"""Saved apps beside twins that were never touched, call by call: the boot word `hash` says after each call what an image
would hold of an app, and after a restore, in Argos or on Linux, that must be what it would have been without.

Here are the apps whose state follows from their calls, and those that wait for people (paint). What follows from the clock
can be compared only where time is virtual (ctest/linux/images.py does it for all apps): clock, scripts and snake draw or
seed themselves by it, selftest and console remember the time of a call, the supervisor shows everybody's. What of the image
of such an app is not time is compared byte by byte in across.py.
"""
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
sys.path.insert(0, os.path.join(HERE, "..", "linux"))
import suite  # noqa: E402
from runner import frozen  # noqa: E402
from suite import apps_vm, case, check, limit, product, share, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402

CALLS = share(600, 2)  # of each run in all
WORDS = "slots=seq hash frame_us=2500"
LINUX = ("run", "--headless", "--virtual-time", "--no-watchdog", "--ascending", "--hash", "--size", "320x200")


def apps():
    """(path, name, words): all that follows from calls, in a list order that mixes versions; two of one file twice."""
    own = [(n, os.path.join(suite.build(), "apps", n + ".elf")) for n in ("background", "veteran", "hello", "rusty", "cursor")]
    # (A first call that decodes a picture may take long on a busy machine; cut into slices it would be no twin's.)
    found = [(path, name, "budget=5s") for name, path in own if os.path.exists(path)]  # rusty wants a compiler of its own
    found += [(path, f"frozen{n}", "") for n, path in enumerate(frozen())]
    found += [(path, name + "-too", "") for path, name, _ in found if name in ("rusty", "cursor")]
    found[3:3] = [(test_app("twin"), "twin1", "1"), (test_app("twin-old"), "old1", "")]
    found += [(test_app("twin"), "twin2", "2"), (test_app("twin"), "twin3", "2"), (test_app("twin-old"), "old2", "")]
    return found


def hashes(text):
    """{name: [(calls, data, pixels)]}"""
    found = {}
    for name, calls, data, pixels in re.findall(r"HASH name=(\S+) calls=(\d+) data=(\w+) pixels=(\w+) injected=0\s", text):
        found.setdefault(name, []).append((int(calls), data, pixels))
    return found


def joined(*texts):
    """The lines of one run after the other."""
    found = {}
    for text in texts:
        for name, got in hashes(text).items():
            found.setdefault(name, []).extend(got)
    return found


def same(what, want, got, calls):
    """Both have these calls of each app, and nothing in between is missing or there twice."""
    check(set(want) == set(got), f"{what}: {sorted(want)} and {sorted(got)}")
    for name in want:
        for i, (a, b) in enumerate(zip(want[name], got[name])):
            parts = [p for p, x, y in zip(("calls", "data", "pixels"), a, b) if x != y]
            check(not parts, f"{what}: {name}, line {i + 1}: {', '.join(parts)} differ: {b}, without a save {a}")
        check([n for n, _, _ in got[name][:calls]] == list(range(1, calls + 1)), f"{what}: {name} has not each of {calls} calls")
        check(min(len(want[name]), len(got[name])) >= calls, f"{what}: {name} has {len(got[name])} calls")


def moves(found):
    """How many apps' state changes in more than every second call: else there is nothing to compare."""
    return sum(len({line[1:] for line in got}) > len(got) // 2 for got in found.values())


def fine(text):
    trouble = re.search(r"^.*(PANIC|fault name=|refused file|FAIL|stopped name=|overran|differs).*$", text, re.M)
    check(not trouble, trouble and trouble[0])


class Folder:
    """A disk with a store, and images beside it."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="argos-twins-")
        self.disk = self.path("disk")
        self.ctx("disk", "create", self.disk, "--size", "64M")
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def path(self, name):
        return os.path.join(self.temporary.name, name)

    def ctx(self, *words, rc=0):
        done = subprocess.run([product("ctx"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=limit(60))
        text = done.stdout.decode("utf-8", "replace")
        check(done.returncode == rc, f"ctx {' '.join(words)}: exit code {done.returncode}\n{text[-2000:]}")
        return text

    def linux(self, what, *options):
        """Runs a session, or apps, until each that is called in every frame was called so often."""
        words = ["--load", what] if isinstance(what, str) else []
        for path, name, args in [] if words else what:
            # ctx takes names from files: a link for each
            link = self.path(name + ".elf")
            if not os.path.exists(link):
                os.symlink(path, link)
            words += ["+"] * bool(words) + [link, *args.split()]
        return self.ctx(*LINUX, *options, *words)

    def saved(self, programs, words, until, devices=(), act=None):
        """Argos with these, until a pattern or an act is over; then its power button, so that the session is saved."""
        words = f"{words} session=twins"
        with apps_vm(programs, words, devices=[*devices, *attach(self.disk)], mem=512) as vm:
            vm.until(until)
            if act:
                act(vm)
            vm.qmp.command("system_powerdown")
            check(vm.wait(30) == 0, "the power button does not end it")
            check("vault: save name=session/twins" in vm.text, "the session was not saved")
            check(vm.text.rindex("HASH") < vm.text.index("vault: save"), "apps were called after that")
            fine(vm.text)
            return vm.text

    def resumed(self, count, words=WORDS, stop=CALLS):
        with apps_vm([], f"{words} nodisplay session=twins debugexit stop={stop}", devices=attach(self.disk), mem=512) as vm:
            vm.verdict("pass")
            check(f"session: resumed file=session/twins apps={count} of={count}" in vm.text, "not all of it goes on")
            fine(vm.text)
            return vm.text


_unsaved = {}


def unsaved(programs):
    """What they say without a save; of the same ones asked once."""
    key = tuple(programs)
    if key not in _unsaved:
        with apps_vm(programs, f"{WORDS} nodisplay debugexit stop={CALLS}", mem=512) as vm:
            vm.verdict("pass")
            fine(vm.text)
            _unsaved[key] = vm.text
    return _unsaved[key]


# ---- apps that wait for people ----

def hands(seed, strokes):
    """For each stroke with a pen: the steps, of which each makes one call."""
    r = random.Random(seed)
    for _ in range(strokes):
        x, y = r.randrange(380, 800), r.randrange(220, 500)
        steps = [("key", r.choice("123456"), True), ("mouse_to", x, y), ("button", "left", True)]
        steps[1:1] = [("key", steps[0][1], False)]
        steps += [("mouse_to", x + 9 * i, y + r.randrange(60)) for i in range(1, r.randint(3, 9))]
        yield [*steps, ("button", "left", False)]


def do(vm, strokes, name="paint"):
    for kind, *words in (step for stroke in strokes for step in stroke):
        before = len(vm.serial)
        getattr(vm, kind)(*words)
        vm.until(rf"HASH name={name} ", since=before)


def told(found, before):
    """Without the call in which it heard that it came back, to draw anew (EXPOSE): that changes nothing that it knows."""
    lines = found["paint"]
    check(lines[before][1:] == lines[before - 1][1:], f"coming back it is another one: {lines[before]}, and not {lines[before - 1]}")
    return {"paint": [*lines[:before], *((calls - 1, data, pixels) for calls, data, pixels in lines[before + 1:])]}


@case
def by_hand():
    """paint, with the same strokes: its calls are made by events, its state by what they say."""
    paint = [(product("apps/paint.elf"), "paint")]
    strokes = list(hands(3, 30))
    with apps_vm(paint, WORDS, devices=suite.DESKTOP) as vm:
        vm.until("HASH name=paint calls=1 ")
        do(vm, strokes)
        whole = vm.text
    for cut in (1, 17):
        with Folder() as f:
            first = f.saved(paint, WORDS, "HASH name=paint calls=1 ", suite.DESKTOP, lambda vm: do(vm, strokes[:cut]))
            with apps_vm([], f"{WORDS} session=twins", devices=[*suite.DESKTOP, *attach(f.disk)]) as vm:
                vm.until("main: running")
                vm.until("HASH name=paint ")  # it draws anew
                do(vm, strokes[cut:])
                same(f"paint, saved after {cut} strokes", hashes(whole), told(joined(first, vm.text), len(hashes(first)["paint"])), 200)
                fine(vm.text)


def at(r, name="twin1"):
    """Somewhere in the first half."""
    return rf"HASH name={name} calls={r.randint(5, CALLS // 3)} "


@case
def reboots():
    """Saved twice on the way, at pseudo-random calls, with two reboots: as if nothing had happened."""
    programs, r = apps(), random.Random(7)
    want = hashes(unsaved(programs))
    check(moves(want) >= 8, f"only {moves(want)} of them change: {[(n, len(set(w))) for n, w in want.items()]}")
    with Folder() as f:
        first = f.saved(programs, WORDS + " nodisplay", at(r))
        second = f.saved([], WORDS + " nodisplay", rf"HASH name=twin1 calls={r.randint(CALLS // 2, CALLS - 100)} ")
        third = f.resumed(len(programs))
        same("after two reboots", want, joined(first, second, third), CALLS)


def trails(*texts):
    """What twin.c says of all that it has seen."""
    return sorted(re.findall(r"app\.(\S+?)#\d+: T trail (\d+)", "".join(texts)))


@case
def poisoned():
    """The same where fresh memory is not zero, before or after: apps see no difference. (Hashes do: of whole pages.)"""
    programs, r = [a for a in apps() if re.match("twin|old", a[1])], random.Random(8)
    want = trails(unsaved(programs))
    check(len(want) == CALLS // 100 * len(programs), f"they said {want}")
    for before, after in (("poison", ""), ("", "poison")):
        with Folder() as f:
            first = f.saved(programs, f"{WORDS} nodisplay {before}", at(r))
            got = trails(first, f.resumed(len(programs), f"{WORDS} {after}"))
            check(got == want, f"poison before={before!r} after={after!r}: {set(got) ^ set(want)}")


@case
def across():
    """From Linux to Argos and from Argos to Linux: what the other one would have gone on with."""
    programs, r = apps(), random.Random(9)
    with Folder() as f:
        image, back = f.path("image"), f.path("back")
        first = f.linux(programs, "--frames", str(r.randint(5, CALLS // 3)), "--save", image, "--session", "twins")
        want = joined(first, f.linux(image, "--frames", str(CALLS)))
        check(moves(want) >= 8, "nothing changes in them")
        same("Linux, without a save", hashes(f.linux(programs, "--frames", str(CALLS))), want, CALLS)
        f.ctx("disk", "put", f.disk, "session/twins", image, "--force")
        same("from Linux to Argos", want, joined(first, f.resumed(len(programs))), CALLS)
        # And once more there and back: Linux, Argos, Linux.
        second = f.saved([], WORDS + " nodisplay", rf"HASH name=twin1 calls={CALLS // 2} ")
        f.ctx("disk", "get", f.disk, "session/twins", back)
        third = f.linux(back, "--frames", str(CALLS))
        fine(third)
        same("and back to Linux", want, joined(first, second, third), CALLS)
        same("Argos, all the time", want, hashes(unsaved(programs)), CALLS)


if __name__ == "__main__":
    suite.main()
