# SPDX-License-Identifier: MIT
"""Sessions: what ran when the machine went down goes on when it comes up; quicksave; and everything that can be wrong with
the disk in between.

ARGOS_POWER_POINTS=N: so many moments of a power cut are tried instead of a few hundred.
"""
import contextlib
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import Failure, Skip, apps_vm, case, check, eventually, iso_vm, ovmf, product, read  # noqa: E402
from vm import disk as attach  # noqa: E402

GRANTS = "trusted grant=ctx.system/1,ctx.image/1"
SCREEN = ["-device", "virtio-gpu-pci,id=gpu", "-device", "virtio-keyboard-pci"]
RESUMED = r"session: resumed file=session/\w+ apps=(\d+) of=\1\s"
RUNNING = r"main: running apps="
GREETING = "Type help"


# ---- disks ----

def ctx(*words, rc=0):
    done = subprocess.run([product("ctx"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(done.returncode == rc, f"ctx {' '.join(words)}: exit code {done.returncode}: {done.stdout}")
    return done.stdout


@contextlib.contextmanager
def a_disk(size="32M"):
    """A disk with an empty store, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="argos-session-") as folder:
        path = os.path.join(folder, "disk.img")
        ctx("disk", "create", path, "--size", size)
        yield path


def objects(path):
    """{name: bytes} of what a disk holds."""
    return {m[2]: int(m[1]) for m in re.finditer(r"^ *(\d+)  \S+(?: \S+)?  (.+)$", ctx("disk", "ls", path), re.M)}


def get(path, name):
    out = path + ".object"
    ctx("disk", "get", path, name, out)
    return read(out)


def put(path, name, data):
    with open(path + ".new", "wb") as f:
        f.write(data)
    ctx("disk", "put", path, name, path + ".new", "--force")


# ---- machines ----

def machine(path, words="", apps=("hello",), devices=(), session="test", args=None, **options):
    """A few apps and a console, with a session of this name on this disk; it may reboot."""
    words = f"session={session} {words}" if session else words
    programs = [product(f"apps/{a}.elf") for a in apps] + [(product("apps/console.elf"), "console", GRANTS)]
    options.setdefault("reboot", True)
    if args is None:
        args = attach(path) if path else []
    return apps_vm(programs, words, devices=[*devices, *args], **options)


def began(vm, since=0, resumed=False):
    """Waits until the apps run; whether they went on must be as it is wanted."""
    vm.until(RUNNING, since=since)
    went_on = re.search(RESUMED, vm.text[since:])
    check(bool(went_on) == resumed, f"it {'goes on' if went_on else 'begins anew'}")
    if not resumed:
        vm.until(GREETING, since=since)
    time.sleep(0.1)


def say(vm, line, answer, seconds=10):
    """Types a line for the console; its answer comes as a line of its own."""
    since = len(vm.serial)
    vm.send(line + "\n")
    return vm.until(rf"app\.console#\d+: {answer}", seconds, since)


def boots_again(vm, how, resumed=True):
    """Whatever makes the machine reboot, and what comes after it."""
    since = len(vm.serial)
    how(vm)
    vm.until("power: reboot", 20, since)
    began(vm, since, resumed)
    check(resumed == (GREETING not in vm.text[since:]), "the console is a new one")
    return since


def by_command(vm):
    vm.send("reboot\n")


def by_keys(vm):
    chord(vm, "delete")


def chord(vm, name):
    vm.chord("ctrl", "alt", name)


def power_off(vm):
    vm.qmp.command("system_powerdown")
    check(vm.wait(20) == 0, "the power button does not end it")
    check("vault: save name=session/test" in vm.text, "the session was not saved")


# ---- the loop of it ----

@case
def reboot_goes_on():
    """Text on the screen, variables of Lua, a form half typed; twice, for what was restored is saved too."""
    with a_disk() as path, machine(path, devices=SCREEN) as vm:
        began(vm)
        say(vm, "eval (function() x = 41 end)()", "")
        say(vm, "echo a landmark", "a landmark")
        before = vm.still()
        boots_again(vm, by_command)
        window = (0, 0, 1280, 210)  # the first lines; what `reboot` itself printed comes below them
        check(len(before.crop(*window).colours(3)) > 8, "there is nothing to see")

        def same():
            different = len(before.crop(*window).differing(vm.screen().crop(*window), 8))
            check(different == 0, f"{different} pixels differ after the reboot")
        eventually(same)
        for want in (42, 43):
            say(vm, "eval (function() x = x + 1 return x end)()", f"{want}")
            since = boots_again(vm, by_command)
            check("keep:" not in vm.text[since:], "something was not right")
            check("I main: the session goes on; 2 apps of the boot loader's are not started anew" in vm.text[since:], "modules are ignored in silence")
        say(vm, "eval x", "43")
        say(vm, "images", "session/test .* KiB")
        say(vm, "images", "1 images on vda")


@case
def power_button_and_keys():
    """What goes off saves too; Ctrl-Alt-Del is a reboot like any."""
    with a_disk() as path:
        with machine(path, devices=SCREEN) as vm:
            began(vm)
            say(vm, "eval (function() y = 'kept' end)()", "")
            boots_again(vm, by_keys)
            say(vm, "eval y", "kept")
            power_off(vm)
        with machine(path, devices=SCREEN) as vm:
            began(vm, resumed=True)
            say(vm, "eval y", "kept")


@case
def fresh():
    """`fresh` begins anew; what was is there until the next session takes its place."""
    with a_disk() as path:
        with machine(path) as vm:
            began(vm)
            say(vm, "eval (function() z = 1 end)()", "")
            power_off(vm)
        with machine(path, "fresh", reboot=False) as vm:
            began(vm)
            say(vm, "eval z", "nil")
        with machine(path) as vm:  # the one before had no orderly end
            began(vm, resumed=True)
            say(vm, "eval z", "1")
        with machine(path, "fresh") as vm:
            began(vm)
            say(vm, "eval (function() z = 2 end)()", "")
            power_off(vm)
        with machine(path) as vm:
            began(vm, resumed=True)
            say(vm, "eval z", "2")


@case
def other_sessions_do_not_interfere():
    with a_disk() as path:
        for name, number in (("one", 1), ("two", 2)):
            with machine(path, session=name) as vm:
                began(vm)
                say(vm, f"eval (function() n = {number} end)()", "")
                vm.qmp.command("system_powerdown")
                check(vm.wait(20) == 0, "it does not end")
        check(sorted(objects(path)) == ["session/one", "session/two"], f"there are {objects(path)}")
        with machine(path, session="one") as vm:
            began(vm, resumed=True)
            say(vm, "eval n", "1")
        with machine(path, session="three") as vm:
            began(vm)
        with machine(path, session=None) as vm:
            began(vm)
            since = len(vm.serial)
            vm.send("reboot\n")
            vm.until("power: reboot", 10, since)
            check("vault: save" not in vm.text, "saved without a name")


# ---- quick ----

@case
def quick_by_keys():
    """Ctrl-Alt-Insert, Home, PageUp and PageDown: two slots, each with its own."""
    with a_disk() as path, machine(path, devices=SCREEN) as vm:
        began(vm)
        for number, step in ((1, None), (2, "pgup")):
            if step:
                chord(vm, step)
                vm.until("keep: slot=2")
            say(vm, f"eval (function() q = {number} end)()", "")
            chord(vm, "insert")
            vm.until(f"vault: save name=quick/{number} ")
        say(vm, "eval (function() q = 3 end)()", "")
        for number, step in ((2, None), (1, "pgdn")):
            since = len(vm.serial)
            if step:
                chord(vm, step)
                vm.until("keep: slot=1", since=since)
            chord(vm, "home")
            vm.until(f"vault: restore name=quick/{number} ", since=since)
            say(vm, "eval q", f"{number}")
        boots_again(vm, by_command)  # slots survive it
        since = len(vm.serial)
        chord(vm, "pgup")
        vm.until("keep: slot=2", since=since)
        chord(vm, "home")
        vm.until("vault: restore name=quick/2 ", since=since)
        say(vm, "eval q", "2")


@case
def quick_by_command():
    """All, and what the console then says of itself; one app, by name and by pid; a copy; forgetting."""
    with a_disk() as path, machine(path, apps=("hello", "snake")) as vm:
        began(vm)
        say(vm, "eval (function() q = 1 end)()", "")
        say(vm, "save", r"all: saved as quick/1, \d+ KiB")
        say(vm, "eval (function() q = 2 end)()", "")
        say(vm, "save all before the boss", r"all: saved as before the boss, \d+ KiB")
        say(vm, "eval (function() q = 3 end)()", "")
        say(vm, "load", r"back at quick/1(, of \d+ s ago)?\s")
        say(vm, "eval q", "1")
        say(vm, "load before the boss", r"back at before the boss(, of \d+ s ago)?\s")
        say(vm, "eval q", "2")
        say(vm, "save hello", r"hello: saved as quick/hello/1")
        say(vm, "save 1 little snake", r"snake: saved as little snake")
        say(vm, "load snake little snake", r"snake: back at little snake")
        say(vm, "load 0", r"hello: back at quick/hello/1")
        say(vm, "eval q", "2")
        say(vm, "load snake quick/hello/1", r"quick/hello/1: field=\S+ value=\S+: .* \(INVAL\)")
        say(vm, "load quick/hello/1", r"quick/hello/1: it is one app, not a session \(INVAL\)")
        say(vm, "load hello quick/1", r"quick/1: it is a session, not one app \(INVAL\)")
        say(vm, "load new quick/hello/1", r"quick/hello/1: .* \(EXIST\)")
        say(vm, "load nothing of that name", r".*\(NOENT\)")
        say(vm, "save console", r"console: saved as quick/console/1")
        say(vm, "eval (function() q = 4 end)()", "")
        say(vm, "load console", r"back at quick/console/1")
        say(vm, "eval q", "2")
        say(vm, "forget little snake", "little snake: forgotten")
        say(vm, "forget little snake", r".*\(NOENT\)")
        say(vm, "images", "4 images on vda, room for \\d+ KiB more")
        check(" fault " not in vm.text, "an app faulted")


@case
def commands_without_a_grant():
    with apps_vm([product("apps/console.elf")], "") as vm:
        vm.until(GREETING)
        say(vm, "save", r"refused \(DENIED\): it takes grant=ctx\.image/1")
        say(vm, "images", r"refused \(DENIED\)")
    with apps_vm([product("apps/console.elf")], "context=2") as vm:
        vm.until(GREETING)
        say(vm, "load", r"this kernel does not offer ctx\.image/1")


# ---- disks that are none, or not as they should be ----

@case
def no_disk():
    """Images are in memory; reboot says that the session is not kept, and reboots."""
    with machine(None) as vm:
        began(vm)
        say(vm, "eval (function() q = 1 end)()", "")
        say(vm, "save", "all: saved as quick/1")
        say(vm, "eval (function() q = 2 end)()", "")
        say(vm, "load", "back at quick/1")
        say(vm, "eval q", "1")
        say(vm, "images", "1 images on memory")
        boots_again(vm, by_command, resumed=False)
        check("W keep: the session is not kept: no disk" in vm.text, "it does not say that the session is lost")


def not_a_store(data):
    with tempfile.TemporaryDirectory(prefix="argos-session-") as folder:
        path = os.path.join(folder, "disk.img")
        with open(path, "wb") as f:
            f.write(data)
        with machine(path) as vm:
            began(vm)
            why = re.escape(vm.until(r"vault: disk=vda is not used: (\S.*\S)")[1].decode())
            boots_again(vm, by_command, resumed=False)
            vm.until(f"keep: the session is not kept: vda: {why}")
        check(read(path) == data, "it was written to")


@case
def garbage():
    noise = random.Random(7).randbytes(4 << 20)
    for data in (noise, bytes(1 << 20), bytes(512), noise[:510] + b"\x55\xaa" + noise[512:], noise[:512] + b"EFI PART" + noise[520:]):
        not_a_store(data)


@case
def damaged_session():
    """An image that lies: its own words for it, a copy, and a new beginning. The next save takes its place."""
    with a_disk() as path:
        with machine(path) as vm:
            began(vm)
            power_off(vm)
        good = get(path, "session/test")
        for at, what in ((len(good) // 2, r"field=section\S* .*"), (8, r"field=version .*"), (0, "field=magic .*")):
            bad = bytearray(good)
            bad[at] ^= 0x40
            put(path, "session/test", bad)
            with machine(path, reboot=False) as vm:
                began(vm)
                vm.until(rf"E keep: refused file=session/test {what}")
                vm.until("W keep: the image is kept as session/test.refused")
            check(get(path, "session/test.refused") == bad, "the copy is another one")
        put(path, "session/test", good[:len(good) - 8])
        with machine(path) as vm:
            began(vm)
            vm.until(r"E keep: refused file=session/test field=bytes")
            say(vm, "eval (function() r = 1 end)()", "")
            boots_again(vm, by_command)
            say(vm, "eval r", "1")
        # One app of several: the others go on.
        session = bytearray(good)
        at = session.index(b"CtxImage", 64)
        session[at + 8] ^= 1
        put(path, "session/test", reseal(session))
        with machine(path, reboot=False) as vm:
            vm.until(RUNNING)
            vm.until(r"E session: refused file=session/test app=0 name=\S+ field=version")
            vm.until(r"session: resumed file=session/test apps=1 of=2")


def reseal(image):
    """A session whose checksums are right again: that of each section, of the table, of the header."""
    sections, = struct.unpack_from("<I", image, 24)
    for i in range(sections):
        entry = 64 + 48 * i
        at, stored = struct.unpack_from("<QQ", image, entry + 8)
        struct.pack_into("<Q", image, entry + 32, xxh64(bytes(image[at:at + stored])))
    struct.pack_into("<Q", image, 32, xxh64(bytes(image[64:64 + 48 * sections])))
    struct.pack_into("<Q", image, 56, xxh64(bytes(image[:56])))
    return image


P1, P2, P3, P4, P5 = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
M = 2**64 - 1


def rotate(x, n):
    return (x << n | x >> 64 - n) & M


def xxh64(data):
    """XXH64 with the seed 0, by its published description."""
    def turn(acc, lane):
        return rotate((acc + lane * P2) & M, 31) * P1 & M
    n, at = len(data), 0
    if n >= 32:
        acc = [(P1 + P2) & M, P2, 0, -P1 & M]
        for at in range(0, n - n % 32, 32):
            acc = [turn(a, lane) for a, lane in zip(acc, struct.unpack_from("<4Q", data, at))]
        at = n - n % 32
        h = sum(rotate(a, r) for a, r in zip(acc, (1, 7, 12, 18))) & M
        for a in acc:
            h = ((h ^ turn(0, a)) * P1 + P4) & M
    else:
        h = P5
    h = (h + n) & M
    while at + 8 <= n:
        h = (rotate(h ^ turn(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4) & M
        at += 8
    if at + 4 <= n:
        h = (rotate(h ^ struct.unpack_from("<I", data, at)[0] * P1 & M, 23) * P2 + P3) & M
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P5 & M, 11) * P1 & M
    h = (h ^ h >> 33) * P2 & M
    h = (h ^ h >> 29) * P3 & M
    return h ^ h >> 32


@case
def damaged_disk():
    """Bytes of the object itself have rotted: the store notices; the machine begins anew and says so."""
    with a_disk() as path:
        with machine(path) as vm:
            began(vm)
            power_off(vm)
        data = bytearray(read(path))
        at = data.index(b"CtxImage") + 5000
        data[at] ^= 1
        with open(path, "wb") as f:
            f.write(data)
        with machine(path) as vm:
            began(vm)
            vm.until("E vault: session/test: .*")
            boots_again(vm, by_command)


@case
def full_disk():
    """No room: a message, the machine stays up with everything in it; asked again it goes without saving."""
    with a_disk("8M") as path:
        with machine(path) as vm:
            began(vm)
            say(vm, "eval (function() q = 'old' end)()", "")
            power_off(vm)
        room = int(re.search(r"room +(\d+) bytes", ctx("disk", "info", path))[1])
        put(path, "ballast", bytes(room - 65536))
        before = get(path, "session/test")
        with machine(path) as vm:
            began(vm, resumed=True)
            say(vm, "eval (function() q = 'new' end)()", "")
            vm.send("reboot\n")
            vm.until(r"E keep: the session could not be saved: .*; ask once more within 10 seconds to go without it", 20)
            check("power: reboot" not in vm.text, "it reboots all the same")
            say(vm, "eval q", "new")
            say(vm, "save", r"quick/1: .* \(NOSPC\)")
            say(vm, "forget ballast", "ballast: forgotten")
            boots_again(vm, by_command)
            say(vm, "eval q", "new")
        check(get(path, "session/test") != before, "nothing was saved")
        room = int(re.search(r"room +(\d+) bytes", ctx("disk", "info", path))[1])
        put(path, "ballast", bytes(room - 65536))
        with machine(path) as vm:
            began(vm, resumed=True)
            say(vm, "eval (function() q = 'newer' end)()", "")
            vm.send("reboot\n")
            vm.until("ask once more", 20)
            boots_again(vm, by_command)
            say(vm, "eval q", "new")


def failing(path, rules):
    file = {"driver": "file", "filename": path, "node-name": "f0"}
    debug = {"driver": "blkdebug", "node-name": "b0", "image": "f0", "inject-error": rules}
    return ["-blockdev", json.dumps(file), "-blockdev", json.dumps(debug),
            "-device", "virtio-blk-pci,drive=b0,werror=report,rerror=report"]


@case
def disk_that_fails():
    """Writes, then flushes do: a message; what was saved before is still there."""
    with a_disk() as path:
        with machine(path) as vm:
            began(vm)
            say(vm, "eval (function() q = 'old' end)()", "")
            power_off(vm)
        before = get(path, "session/test")
        for kind in ("write", "flush"):
            rules = [{"event": "none", "iotype": kind, "errno": 5, "once": False}]
            with machine(path, args=failing(path, rules)) as vm:
                began(vm, resumed=True)
                say(vm, "eval q", "old")
                vm.send("reboot\n")
                vm.until("E keep: the session could not be saved: ", 20)
                say(vm, "eval q", "old")
                say(vm, "save", r"quick/1: .* \((IO|RDONLY)\)")
            check(get(path, "session/test") == before, f"the old session is gone ({kind})")
        rules = [{"event": "none", "iotype": "read", "errno": 5, "once": False}]
        with machine(path, args=failing(path, rules)) as vm:
            began(vm)
            vm.until("vault: disk=vda is not used: ")
        check(get(path, "session/test") == before, "the old session is gone")


# ---- firmware, menu, screens ----

def by_menu(uefi):
    with a_disk() as path:
        args = dict(words="", uefi=uefi, devices=[*suite.DESKTOP, *attach(path)])
        with iso_vm("desktop", reboot=True, **args) as vm:
            began(vm)
            say(vm, "eval (function() b = 5 end)()", "")
            boots_again(vm, by_command)
            say(vm, "eval b", "5")
            vm.qmp.command("system_powerdown")
            check(vm.wait(20) == 0, "the power button does not end it")
        check(list(objects(path)) == ["session/desktop"], f"{objects(path)}")
        if uefi:
            return
        before = get(path, "session/desktop")
        with iso_vm("game", **args) as vm:
            vm.until(RUNNING)
            check("resumed" not in vm.text, "the game goes on with the desktop")
            vm.qmp.command("system_powerdown")
            vm.wait(20)
        check(get(path, "session/desktop") == before, "another entry writes this one's session")
        with iso_vm("fresh", **args) as vm:
            began(vm)


@case
def little_memory():
    """As little as the README says. Seen: the Desktop could not be saved below 48 MiB, because a session wanted to lie in one piece."""
    for mem in (28, 32):
        with a_disk("64M") as path:
            for resumed in (False, True):
                with iso_vm("desktop", "", devices=[*suite.DESKTOP, *attach(path)], mem=mem, seconds=60) as vm:
                    vm.until(RUNNING)
                    check(bool(re.search(RESUMED, vm.text)) == resumed, f"{mem} MiB: it goes on: {not resumed}")
                    time.sleep(0.5)
                    vm.qmp.command("system_powerdown")
                    vm.until("power: off", 20)
                    check("could not be saved" not in vm.text, f"{mem} MiB are too little")


@case
def menu_bios():
    by_menu(False)


@case
def menu_uefi():
    if not ovmf():
        raise Skip("there is no UEFI firmware (package ovmf)")
    by_menu(True)


def same_sky(large, shot, w, h):
    """But for stars, and the ground beside what moves: where they were, by their share of the screen."""
    check((shot.w, shot.h) == (w, h), f"the screen is {shot.w}x{shot.h}")
    far = [(x, y) for x in range(20, 1280, 60) for y in (*range(20, 100, 20), *range(740, 800, 15))
           if x > 320 and max(abs(p - q) for p, q in zip(large.at(x, y), shot.at(x * w // 1280, y * h // 800))) > 24]
    check(len(far) <= 10, f"at {w}x{h} these are not as they were: {far}")


@case
def another_screen():
    """Apps of the first versions keep the canvas they had; it is shown as large as it goes."""
    apps = ("background", "veteran", "clock")
    with a_disk() as path:
        with machine(path, apps=apps, devices=["-device", "virtio-gpu-pci,id=gpu,xres=1280,yres=800"]) as vm:
            began(vm)
            large = suite.wallpaper(vm)
            power_off(vm)
        for w, h in ((640, 400), (1600, 1000)):
            size = ["-device", f"virtio-gpu-pci,id=gpu,xres={w},yres={h}"]
            with machine(path, apps=apps, devices=size, reboot=False) as vm:
                began(vm, resumed=True)
                eventually(lambda: same_sky(large, vm.screen(), w, h))
                check(" fault " not in vm.text, "an app faulted")
        with machine(path, apps=apps, reboot=False) as vm:  # none at all
            began(vm, resumed=True)
            check(" fault " not in vm.text, "an app faulted")


# ---- power cuts ----

class WriteLog:
    """QEMU's log of what was written to a disk: [(sector, bytes)] between flushes."""

    def __init__(self, path):
        data = read(path)
        magic, version, entries, sector = struct.unpack_from("<QQQI", data)
        check(magic == 0x6a736677736872 and version == 1, "that is no such log")
        self.epochs, at = [[]], sector
        for _ in range(entries):
            first, count, flags, length = struct.unpack_from("<QQQQ", data, at)
            at += sector
            if flags & 1:  # flush
                self.epochs.append([])
            if count and not flags & 4:
                self.epochs[-1].append((first, data[at:at + count * sector]))
                at += count * sector
        self.writes = sum(map(len, self.epochs))


def cuts(log, number, seed=1):
    """Moments of a power cut: so much is on the disk, in order, and of the rest until the next flush some, or half a write."""
    r = random.Random(seed)
    moments = [(e, set(range(w))) for e, epoch in enumerate(log.epochs) for w in range(len(epoch) + 1)]
    r.shuffle(moments)
    prefixes = max(number // 3, 1)
    chosen = moments[:prefixes]
    while len(chosen) < number:
        e = r.randrange(len(log.epochs))
        n = len(log.epochs[e])
        share = r.choice((0.1, 0.5, 0.9))
        kept = {w for w in range(n) if r.random() < share}
        torn = r.randrange(n) if n and r.random() < 0.5 else None
        chosen.append((e, kept, torn))
    return [(c[0], c[1], c[2] if len(c) > 2 else None) for c in chosen], r


@case
def power_cuts():
    """One image is new, one is dropped, the session is replaced, and the power goes at any moment: each change is there as
    a whole or not at all, none before the one that it follows, and none is lost that had been acknowledged."""
    number = int(os.environ.get("ARGOS_POWER_POINTS", "300"))
    with a_disk("16M") as path:
        with machine(path) as vm:
            began(vm)
            say(vm, "save doomed", "all: saved as doomed")
            power_off(vm)
        old, doomed, start = get(path, "session/test"), get(path, "doomed"), read(path)
        log = path + ".log"
        with open(log, "wb") as f:
            f.truncate(256 << 20)
        args = ["-blockdev", json.dumps({"driver": "file", "filename": path, "node-name": "f0"}),
                "-blockdev", json.dumps({"driver": "file", "filename": log, "node-name": "l0"}),
                "-blockdev", json.dumps({"driver": "blklogwrites", "node-name": "w0", "file": "f0", "log": "l0",
                                         "log-sector-size": 512, "log-super-update-interval": 1}),
                "-device", "virtio-blk-pci,drive=w0,werror=report,rerror=report,request-merging=off"]
        with machine(path, args=args) as vm:
            began(vm, resumed=True)
            say(vm, "eval (function() q = string.rep('new', 1000) end)()", "")
            say(vm, "save", "all: saved as quick/1")
            say(vm, "forget doomed", "doomed: forgotten")
            power_off(vm)
        new, quick = get(path, "session/test"), get(path, "quick/1")
        check(new != old, "nothing changed")
        # What one after the other is there, from the start to the end.
        states = [{"session/test": old, "doomed": doomed}, {"session/test": old, "doomed": doomed, "quick/1": quick},
                  {"session/test": old, "quick/1": quick}, {"session/test": new, "quick/1": quick}]
        log = WriteLog(log)
        check(log.writes > 10 and len(log.epochs) == 7, f"{log.writes} writes, {len(log.epochs)} flushes")
        whole = bytearray(start)
        for epoch in log.epochs:
            for sector, data in epoch:
                whole[sector * 512:sector * 512 + len(data)] = data
        check(whole == read(path), "the log is not all of it")
        seen = [0] * len(states)
        points, r = cuts(log, number)
        for e, kept, torn in sorted(points, key=lambda p: p[0]):
            image = bytearray(start)
            for epoch in log.epochs[:e]:
                for sector, data in epoch:
                    image[sector * 512:sector * 512 + len(data)] = data
            for w, (sector, data) in enumerate(log.epochs[e]):
                if w == torn:
                    data = data[:512 * r.randrange(len(data) // 512 + 1)]
                elif w not in kept:
                    continue
                image[sector * 512:sector * 512 + len(data)] = data
            with open(path, "wb") as f:
                f.write(image)
            what = f"cut in epoch {e} of {len(log.epochs)}, kept {sorted(kept)[:20]}, torn {torn}"
            try:
                ctx("disk", "check", path)
                found = {name: get(path, name) for name in objects(path)}
            except Failure as why:
                raise Failure(f"{what}: {why}") from None
            check(found in states, f"{what}: there are {({name: len(data) for name, data in found.items()})}")
            # Each change is two epochs, the bytes and then the superblock.
            check(states.index(found) in (e // 2, (e + 1) // 2), f"{what}: state {states.index(found)}: lost, or too early")
            seen[states.index(found)] += 1
        print(f"power cuts: {len(points)} of {log.writes} writes in {len(log.epochs)} epochs: {seen}")
        check(min(seen) > 0, f"not every state came up: {seen}")


if __name__ == "__main__":
    suite.main()
