# SPDX-License-Identifier: MIT
"""A thousand damaged images (a third of them in ./test) and some dozens of disks of garbage. Each is refused with a reason or does no harm: no panic, no
hang, and the well-behaved apps beside it do in every call what they do where nothing of that happens.

What an image holds of an app's own memory may be anything, and an app that is restored from it may do anything that an app
can do in ring 0. So of code and data only few bytes are changed, and the program itself is protected by its checksum.
"""
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
import alone  # noqa: E402
import imagefile  # noqa: E402
import suite  # noqa: E402
from suite import Failure, apps_vm, case, check, limit, product, read, share, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402

GRANTS = "trusted grant=ctx.image/1,ctx.control/1"
WORDS = "slots=seq frame_us=3000 nodisplay"
SAVED_AT = 30


class Bench:
    """A disk, and images to damage: of the good ones, of the prober, and of three victims, in this order of the slots."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="argos-damage-")
        self.disk = self.path("disk")
        self.count = 0
        self.new_disk()
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def path(self, name):
        return os.path.join(self.temporary.name, name)

    def new_disk(self):
        if os.path.exists(self.disk):
            os.unlink(self.disk)
        self.ctx("disk", "create", self.disk, "--size", "128M")

    def ctx(self, *words):
        done = subprocess.run([product("ctx"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=limit(60))
        check(done.returncode == 0, f"ctx {' '.join(words)}: {done.returncode}\n{done.stdout.decode('utf-8', 'replace')[-2000:]}")

    def put(self, name, data):
        with open(self.path("object"), "wb") as f:
            f.write(data)
        self.ctx("disk", "put", self.disk, name, self.path("object"), "--force")

    def put_damaged(self, count, goods, prefix="x/", seed=1):
        """So many of these, in turn."""
        r = random.Random(f"{seed}{prefix}")
        for i in range(count):
            self.put(f"{prefix}{i:04}", imagefile.damaged(r, goods[i % len(goods)]))

    def session(self, apps):
        """What these look like on Linux after some calls; at the same bases as in Argos."""
        words = []
        for path, name, args in apps:
            link = self.path(name + ".elf")
            if not os.path.exists(link):
                os.symlink(path, link)
            words += ["+"] * bool(words) + [link, *args.split()]
        self.ctx("run", "--headless", "--virtual-time", "--ascending", "--size", "320x200", "--frames", str(SAVED_AT),
                 "--save", self.path("session"), "--session", "s", *words)
        return read(self.path("session"))


def good():
    return [(test_app("twin"), "good1", "1 hash"), (test_app("hostile/good3"), "good3", ""), (test_app("twin-old"), "good2", "hash")]


def prober(words):
    return [(test_app("prober"), "prober", f"{words} {GRANTS}")]


def victims():
    return [(test_app("twin-small"), "small", "5"), (test_app("twin-old"), "old", ""), (test_app("v3wait"), "waits", "forever")]


def hashes(text):
    """{(name, calls): data and pixels} of the good ones."""
    return {(m[1], int(m[2])): m[3] for m in
            re.finditer(r"HASH name=(good[12]) calls=(\d+) (data=\w+ pixels=\w+) injected=0\s", text)}


def undisturbed(text):
    """The good ones are as they are where nothing is damaged."""
    got = hashes(text)
    calls = {name: max(n for other, n in got if other == name) for name in ("good1", "good2")}
    check(min(calls.values()) > SAVED_AT, f"they were not called: {calls}")
    want = hashes(alone.said(good(), max(calls.values())))
    for key, value in got.items():
        check(want[key] == value, f"{key[0]} in call {key[1]}: {value}, undisturbed {want[key]}")
    trouble = re.search(r"^.*((fault|stopped|exited) name=good|app\.good\S+: T good FAIL).*$", text, re.M)
    check(not trouble, trouble and trouble[0])


def no_panic(vm):
    panic = re.search(r"^PANIC.*(\n.*){4}", vm.text, re.M)
    check(not panic, panic and panic[0])


def told(text):
    """How the prober's attempts ended: {status: number}; each that failed has a reason."""
    found = {}
    for name, status, why in re.findall(r"app\.prober#\d+: T tried (\S+): (-?\d+) (.*?)\r?$", text, re.M):
        found[int(status)] = found.get(int(status), 0) + 1
        check(int(status) == 0 or len(why) > 8, f"{name} is refused without a reason: {status} {why!r}")
    trouble = re.search(r"app\.prober#\d+: T .*FAIL.*", text)
    check(not trouble, trouble and trouble[0])
    return found


def probe(bench, apps, words, count, seconds=120):
    """All of them, one after the other, beside the good ones."""
    with apps_vm([*good(), *prober(words), *apps], WORDS, devices=attach(bench.disk), mem=256, seconds=seconds) as vm:
        try:
            vm.until(r"app\.prober#\d+: T none left|^PANIC")
            vm.until("HASH name=good1 ", since=len(vm.serial))
        finally:
            no_panic(vm)
        ends = told(vm.text)
        check(sum(ends.values()) == count, f"{ends} of {count}")
        check(sum(n for status, n in ends.items() if status != 0) > count // 2, f"most are taken: {ends}")
        print(f"{words}: {ends}")
        undisturbed(vm.text)
        return vm.text


@case
def new_apps():
    """Apps are made of them: NEW."""
    with Bench() as bench:
        images = imagefile.apps_of(bench.session([*good(), *prober("x/ new"), *victims()]))[4:]
        count = share(450)
        bench.put_damaged(count, images)
        probe(bench, [], "x/ new", count)


@case
def in_place():
    """A running app goes back to them."""
    with Bench() as bench:
        images = imagefile.apps_of(bench.session([*good(), *prober("x/ new"), *victims()]))[4:]
        for no, image in enumerate(images[:2]):
            name, pid = imagefile.app_name(image)
            check(pid == 4 + no, f"{name} has the pid {pid}")
            bench.put_damaged(share(150), [image], seed=no)
            apps = [(path, n, w + " overrun=restart:2 restart=on-fault:1000000") for path, n, w in victims()]
            probe(bench, apps, f"x/ {pid}", share(150))


@case
def sessions():
    """All apps go back to them, the one that asks too; when it was not there any more the machine boots again."""
    with Bench() as bench:
        apps = [*good(), *prober("x/ all"), *victims()]
        # (Not seeds 1 and 2: theirs have other bytes in the pages of good1 and good2 themselves, under a checksum that fits. One follows a
        # pointer in them to nowhere, and no kernel could tell. Better would be damage that leaves the pages of good apps alone.)
        bench.put_damaged(share(200), [bench.session(apps)], seed=3)
        texts = []
        for _ in range(40):
            with apps_vm(apps, WORDS, devices=attach(bench.disk), mem=256, seconds=60) as vm:
                try:
                    vm.until(r"app\.prober#\d+: T none left|prober#\d+ ends: it was not there|(stopped|exited) name=prober|^PANIC")
                finally:
                    no_panic(vm)
                texts.append(vm.text)
            if "T none left" in texts[-1]:
                break
        else:
            raise Failure("the prober never comes to an end")
        said = "".join(texts)
        back, refused = len(re.findall("session: went back", said)), len(re.findall("vault: restore .*INVAL", said))
        print(f"sessions: {back} were gone back to, {refused} refused, in {len(texts)} boots")
        check(refused > share(60) and back > share(5), f"{back}, {refused}")
        for text in texts:
            undisturbed(text)


@case
def boots():
    """The machine comes up with one of them as its session: what is good of it runs, else what it brought along."""
    with Bench() as bench:
        bench.put_damaged(share(50), [bench.session([*good(), *victims()])], "session/x")
        resumed = []
        for i in range(share(50)):
            with apps_vm([(product("apps/hello.elf"), "instead")], f"{WORDS} hash session=x{i:04}", devices=attach(bench.disk)) as vm:
                try:
                    vm.until("main: running|^PANIC")
                    for _ in range(20):
                        vm.until("HASH name", since=len(vm.serial))
                finally:
                    no_panic(vm)
                found = re.search(r"session: resumed file=session/x\S+ apps=(\d+) of=(\d+)", vm.text)
                refused = re.search(r"E (keep|session): refused file=session/x\S+ .*field=\S+ value=\S+: \S+", vm.text)
                whole = bool(found) and found[1] == found[2]
                check(whole or refused, f"x{i:04}: neither resumed nor refused")
                check(whole or "the image is kept as session/x" in vm.text, f"x{i:04}: it is lost")
                check(found and int(found[1]) or "started name=instead" in vm.text, "nothing runs")
                resumed.append(int(found[1]) if found else 0)
        print(f"boots: resumed apps {resumed}")
        check(0 in resumed and 6 in resumed, f"{resumed}")


# ---- disks ----

def garbage(r):
    """Nothing that could be taken for a store."""
    size = r.choice([512, 4096, 65536, 1 << 20])
    kind = r.randrange(4)
    if kind == 0:
        return r.randbytes(size)
    if kind == 1:
        return bytes(size)
    data = bytearray(r.randbytes(size))
    data[510:512] = b"\x55\xaa"
    if kind == 2 and size > 512:  # half a partition table
        data[512:520] = b"EFI PART"
    return bytes(data)


def damaged_store(r, store):
    data = bytearray(store)
    kind = r.randrange(4)
    if kind == 0:  # superblocks, and what lies behind them
        for _ in range(r.randint(1, 200)):
            data[r.randrange(1 << 15)] ^= 1 << r.randrange(8)
    elif kind == 1:
        del data[r.choice([512, 4096, 8192, 65536, len(data) // 2]):]
    elif kind == 2:  # everywhere
        for _ in range(5000):
            data[r.randrange(len(data))] ^= 1 << r.randrange(8)
    else:  # one block is noise
        at = r.randrange(64) * 4096
        data[at:at + 4096] = r.randbytes(4096)
    return bytes(data)


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


@case
def disks_of_garbage():
    """Seven at once, and a good one as the last: each is named, in this order, whichever answers first, and the session on the last one goes on. (There are no
    modules in this boot: with so many disks QEMU's firmware claims the memory where QEMU has put them.)"""
    with Bench() as bench:
        bench.put("session/x", bench.session(good()))
        r = random.Random(11)
        for _ in range(share(3)):
            devices = []
            for no in range(7):
                devices += attach(write(bench.path(f"garbage{no}"), garbage(r)), f"addr={0x10 + no:#x}", node=f"g{no}")
            devices += attach(bench.disk, "addr=0x17")
            with apps_vm([], f"{WORDS} hash session=x", devices=devices) as vm:
                try:
                    vm.until("main: running|main: no apps|^PANIC")
                    vm.until(f"HASH name=good1 calls={2 * SAVED_AT} ")
                finally:
                    no_panic(vm)
                named = re.findall(r"vault: disk=(vd\w) is not used: \S+ \S+", vm.text)
                check(named == [f"vd{c}" for c in "abcdefg"], f"{named} are not used")
                check("resumed file=session/x apps=3 of=3" in vm.text, "the session on the last one is lost")
                undisturbed(vm.text)


@case
def damaged_stores():
    """A store that was damaged somewhere: used or not, the machine runs, and what it reads is whole or refused."""
    with Bench() as bench:
        small = bench.path("disk")
        os.unlink(small)
        bench.ctx("disk", "create", small, "--size", "4M")
        session = bench.session(good())
        for name in ("session/x", "a", "b"):
            bench.put(name, session)
        store, r, ends = read(small), random.Random(12), []
        for no in range(share(12)):
            with apps_vm(good(), f"{WORDS} hash session=x", devices=attach(write(bench.path("copy"), damaged_store(r, store)))) as vm:
                try:
                    vm.until("main: running|^PANIC")
                    vm.until(f"HASH name=good1 calls={2 * SAVED_AT} ")
                finally:
                    no_panic(vm)
                named = re.search(r"vault: disk=vda is not used: \S+ \S+", vm.text)
                used = re.search(r"vault: disk=vda partition=\d+ images=", vm.text)
                check(bool(named) != bool(used), f"store {no}: neither used nor named")
                resumed = re.search(r"session: resumed file=session/x apps=(\d+) of=3", vm.text)
                check(not resumed or resumed[1] == "3", f"store {no}: half a session")
                check(resumed or "started name=good1" in vm.text, f"store {no}: nothing runs")
                ends.append("resumed" if resumed else "not used" if named else "used")
                undisturbed(vm.text)
        print("stores:", {end: ends.count(end) for end in set(ends)})
        check(len(set(ends)) >= 2, f"{ends}")


if __name__ == "__main__":
    suite.main()
