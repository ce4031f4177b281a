# SPDX-License-Identifier: MIT
"""Sessions on disks that are none, or not as they should be: foreign, damaged, full, failing."""
import json
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import imagefile  # noqa: E402
import suite  # noqa: E402
from sessions import RUNNING, a_disk, began, boots_again, by_command, ctx, get, machine, power_off, put, say  # noqa: E402
from suite import case, check, read  # noqa: E402


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
        put(path, "session/test", imagefile.reseal(session))
        with machine(path, reboot=False) as vm:
            vm.until(RUNNING)
            vm.until(r"E session: refused file=session/test app=0 name=\S+ field=version")
            vm.until(r"session: resumed file=session/test apps=1 of=2")


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


REFUSED = r"E keep: the session could not be saved: .*; ask once more within 10 seconds to go without it"


@case
def held_keys_ask_once():
    """Ctrl-Alt-Del held down on a full disk: a keyboard repeats, and that is nobody's second answer. Pressed again it is."""
    with a_disk("8M") as path:
        with machine(path) as vm:
            began(vm)
            power_off(vm)
        room = int(re.search(r"room +(\d+) bytes", ctx("disk", "info", path))[1])
        put(path, "ballast", bytes(room - 65536))
        with machine(path) as vm:
            began(vm, resumed=True)
            for key in ("ctrl", "alt", "delete"):
                vm.key(key, True)
            vm.until(REFUSED, 20)
            for _ in range(30):
                vm.key("delete", True)
            for key in ("delete", "alt", "ctrl"):
                vm.key(key, False)
            say(vm, "eval 6*7", "42")  # what was pressed before this has been heard
            check("power: reboot" not in vm.text and vm.text.count("ask once more") == 1, vm.text[-2000:])
            since = len(vm.serial)
            vm.chord("ctrl", "alt", "delete")
            vm.until("power: reboot", 20, since)


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
            vm.until(REFUSED, 20)
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


if __name__ == "__main__":
    suite.main()
