# SPDX-License-Identifier: MIT
"""`ctx disk`: the image store in a file, through the tool."""
import contextlib
import fcntl
import os
import random
import re
import shlex
import struct
import subprocess
import time

from runner import FINE, REFUSED, SOURCE, USAGE, case, check, ctx, main, sanitized, scratch, test_app, tool

MIB = 1 << 20


@contextlib.contextmanager
def disk(*options):
    """A folder with a new disk in it."""
    with scratch() as folder:
        path = os.path.join(folder, "a.disk")
        ctx("disk", "create", path, *options).ends(FINE)
        yield folder, path


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


def some_bytes(count, seed=1):
    return random.Random(seed).randbytes(count)


def get(path, name):
    """An object's bytes, by standard output."""
    p = subprocess.run([tool(), "disk", "get", path, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check(p.returncode == FINE, f"get {name}: {p.stderr.decode()}")
    return p.stdout


@case
def round_trip():
    with disk() as (folder, path):
        check(os.path.getsize(path) == 64 * MIB, "not 64 MiB")
        check(os.stat(path).st_blocks * 512 < MIB, "a new disk takes room in the file system")
        check(ctx("disk", "ls", path).ends(FINE).text == "", "a new disk is not empty")
        sizes = {"nothing": 0, "one": 1, "a/b/c": 4096, "großes Bild": 3 * MIB + 17}
        for i, (name, size) in enumerate(sizes.items()):
            ctx("disk", "put", path, name, write(folder, "in", some_bytes(size, i))).ends(FINE)
        for i, (name, size) in enumerate(sizes.items()):
            check(get(path, name) == some_bytes(size, i), f"{name} comes back as something else")
        out = os.path.join(folder, "out")
        ctx("disk", "get", path, "a/b/c", out).ends(FINE)
        check(read(out) == some_bytes(4096, 2), "get into a file")
        listed = ctx("disk", "ls", path).ends(FINE).text.splitlines()
        check([line[35:] for line in listed] == sorted(sizes, key=str.encode), f"ls tells {listed}")
        check([int(line[:12]) for line in listed] == [sizes[line[35:]] for line in listed], "ls tells other sizes")
        check(all(line[14:18] == time.strftime("%Y") for line in listed), "ls tells other times")
        ctx("disk", "put", path, "one", write(folder, "in", b"two"), "--force").ends(FINE)
        check(get(path, "one") == b"two", "the object was not replaced")
        ctx("disk", "rm", path, "großes Bild").ends(FINE)
        ctx("disk", "rm", path, "großes Bild").ends(USAGE).has("there is no such object")
        ctx("disk", "get", path, "großes Bild").ends(USAGE).has("there is no such object")
        ctx("disk", "check", path).ends(FINE).has(r"a\.disk: fine, 3 objects, 4099 bytes$")
        said = ctx("disk", "info", path).ends(FINE)
        said.has(r"67108864 bytes from sector 0 on$").has(r"uuid +[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-")
        said.has(r"objects +3, 4099 bytes").hasnt("note").hasnt("quota")


@case
def from_a_pipe():
    with disk("--size", "1M") as (_, path):
        ctx("disk", "put", path, "typed", "/dev/stdin", stdin=b"by hand").ends(FINE)
        check(get(path, "typed") == b"by hand", "not what was piped in")


@case
def usage():
    with disk("--size", "64K") as (folder, path):
        there = write(folder, "there", b"precious")
        for words in ((), ("walk",), ("ls",), ("ls", path, "x"), ("get", path), ("put", path, "x"), ("rm", path),
                      ("create",), ("create", "--gpt"), ("create", path + "2", "--size"), ("create", path + "2", "--size", "x"),
                      ("create", path + "2", "--size", "1Q"), ("create", path + "2", "--size", "-1"),
                      ("create", path + "2", "--size", "99999999999999T"), ("create", path + "2", "--size", "63K"),
                      ("create", path + "2", "--gpt", "--size", "2M"), ("create", path + "2", "--nothing"),
                      ("create", "/nowhere/disk"), ("ls", "/nowhere/disk"), ("ls", folder), ("put", path, "x", "/nowhere/x"),
                      ("put", path, "", there), ("put", path, "a\nb", there), ("put", path, "x" * 64, there)):
            said = ctx("disk", *words)
            check(said.rc == USAGE and said.text.startswith("ctx: "), f"ctx disk {words}: {said.rc} {said.text}")
        check(not os.path.exists(path + "2"), "a disk that was not made is there")
        ctx("disk", "create", there).ends(USAGE).has("it exists")
        check(read(there) == b"precious", "the file is another one now")
        ctx("disk", "create", there, "--force", "--size", "64K").ends(FINE)
        ctx("disk", "check", there).ends(FINE)


@case
def full_and_quota():
    with disk("--size", "1M") as (folder, path):
        room = int(re.search(r"room +(\d+)", ctx("disk", "info", path).text)[1])
        data = some_bytes(room)
        before = read(path)
        ctx("disk", "put", path, "x", write(folder, "in", data + b"x")).ends(REFUSED).has("x: the disk is full")
        check(read(path) == before, "a put that does not fit writes")
        ctx("disk", "put", path, "x", write(folder, "in", data)).ends(FINE)
        ctx("disk", "put", path, "y", write(folder, "in", b"y")).ends(REFUSED).has("y: the disk is full")
        check(get(path, "x") == data, "it is not the same any more")
        ctx("disk", "rm", path, "x").ends(FINE)
        ctx("disk", "put", path, "y", write(folder, "in", b"y")).ends(FINE)
    with disk("--size", "1M", "--quota", "10K") as (folder, path):
        ctx("disk", "info", path).ends(FINE).has(r"quota +10240 bytes").has(r"room +10240 bytes")
        ctx("disk", "put", path, "x", write(folder, "in", bytes(10241))).ends(REFUSED).has("quota of 10240 bytes")
        ctx("disk", "put", path, "x", write(folder, "in", bytes(10240))).ends(FINE)


@case
def what_was_saved_is_gone():
    """Without a word of it nothing that is there is replaced: no object, and no disk by a file of that name."""
    idle = test_app("idle")
    run = ("run", "--headless", "--frames", "1")
    for options in ((), ("--gpt",)):
        with disk("--size", "4M", *options) as (folder, path):
            image, script = os.path.join(folder, "a.image"), os.path.join(folder, "script")
            ctx(*run, "--disk", path, "--session", "s", "--save", image, idle).ends(FINE).has("vault: save name=session/s")
            write(folder, "script", b"screenshot " + path.encode() + b"\n")
            before = read(path)
            ctx("disk", "put", path, "session/s", image).ends(USAGE).has(
                r"^ctx: session/s: an object of \d+ bytes has this name; --force replaces it$")
            ctx("disk", "put", path, "session/s", image, "--forse").ends(USAGE).has("put DISK NAME FILE \\[--force\\]")
            ctx("disk", "create", path).ends(USAGE).has("--force makes an empty store")
            for words in (("disk", "get", path, "session/s", path), (*run, "--save", path, idle), (*run, "--screenshot", path, idle),
                          (*run, "--disk", path, "--save", path, idle), (*run, "--script", script, idle),
                          ("image", "extract", image, "--app", "0", "program", path), ("image", "extract", image, "canvas", path)):
                said = ctx(*words).ends(USAGE).has("it is a disk, and all that is saved on it would be lost")
                check(read(path) == before, f"{words}: the disk is another one: {said.text}")
            if not options:
                ctx("iso", "-o", path, "--kernel", idle, idle).ends(USAGE).has("it is a disk, and all that")
                write(folder, "a.disk", bytes(4096) + before[4096:])  # one superblock is enough
                ctx(*run, "--save", path, idle).ends(USAGE).has("it is a disk")
                write(folder, "a.disk", before)
            ctx("iso", "-o", image, "--kernel", idle, image).ends(USAGE).has("the image is made of it")
            ctx("disk", "put", path, "session/s", script, "--force").ends(FINE)
            check(get(path, "session/s") == read(script), "--force does not replace it")


@case
def damage_is_told():
    with disk("--size", "1M") as (folder, path):
        bodies = {name: some_bytes(50000, i) for i, name in enumerate(("good", "hurt"))}
        for name, body in bodies.items():
            ctx("disk", "put", path, name, write(folder, "in", body)).ends(FINE)
        whole = read(path)

        def broken(at, what):
            write(folder, "b.disk", whole[:at] + what + whole[at + len(what):])
            return os.path.join(folder, "b.disk")

        b = broken(whole.index(bodies["hurt"][:512]) + 700, b"!")
        ctx("disk", "check", b).ends(REFUSED).has(r"object=hurt: its bytes are damaged").has("damaged, 2 objects, .* 1 of them")
        out = os.path.join(folder, "out")
        ctx("disk", "get", b, "hurt", out).ends(REFUSED).has("hurt: its bytes are damaged")
        check(not os.path.exists(out), "a damaged object was written to a file")
        check(get(b, "good") == bodies["good"], "the other one is not good any more")
        newest = 0 if whole[32] > whole[-4096 + 32] else MIB - 4096
        b = broken(newest + 100, b"\xff")
        ctx("disk", "ls", b).ends(FINE).has(r"superblock \d: field=checksum").has("good$")
        ctx("disk", "info", b).ends(FINE).has("note +superblock")
        ctx("disk", "check", b).ends(FINE).has("one superblock of two")
        b = broken(0, b"BEGINNING")
        ctx("disk", "ls", b).ends(FINE)
        ctx("disk", "put", b, "x", path).ends(REFUSED).has("read-only: ")
        write(folder, "b.disk", whole[:MIB // 2])
        ctx("disk", "ls", b).ends(REFUSED).has(r"blocks value=0x100: larger than the disk: it was cut short")
        write(folder, "b.disk", some_bytes(MIB))
        ctx("disk", "ls", b).ends(USAGE).has("there is no store")
        write(folder, "b.disk", b"x")
        ctx("disk", "ls", b).ends(USAGE).has("b.disk: ")


@case
def partition():
    with disk("--size", "4M", "--gpt") as (folder, path):
        ctx("disk", "info", path).ends(FINE).has(r"from sector 2048 on, a partition")
        ctx("disk", "put", path, "x", write(folder, "in", some_bytes(MIB))).ends(FINE)
        with open(path, "r+b") as f:
            check(f.read()[450] == 0xee, "older tools see nothing there")
            f.seek(512)
            f.write(bytes(512 * 33))  # the table; its copy is at the end
        check(get(path, "x") == some_bytes(MIB), "the copy of the table is not used")
        with open(path, "r+b") as f:
            f.seek(-512, os.SEEK_END)
            f.write(b"EFI PART" + bytes(504))
        ctx("disk", "ls", path).ends(REFUSED).has("the partition table is damaged, and so is its copy")


@case
def locked():
    with disk("--size", "1M") as (folder, path):
        x = write(folder, "in", b"x")
        with open(path, "r+b") as f:
            fcntl.flock(f, fcntl.LOCK_SH)
            ctx("disk", "ls", path).ends(FINE)
            ctx("disk", "put", path, "x", x).ends(USAGE).has("another program uses it")
            fcntl.flock(f, fcntl.LOCK_EX)
            ctx("disk", "ls", path).ends(USAGE).has("another program uses it")
            ctx("disk", "create", path, "--force").ends(USAGE).has("another program uses it")
        ctx("disk", "put", path, "x", x).ends(FINE)


def as_qemu(file, *bytes_):
    """The locks that QEMU takes: 100 + n says what it does, 200 + n what nobody else may; 0 read, 1 write."""
    for at in bytes_:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, at, 1, 0))


@case
def locked_by_qemu():
    with disk("--size", "1M") as (folder, path):
        x = write(folder, "in", b"x")
        for locks, ls, put in (((100, 201, 203), FINE, USAGE), ((100, 101, 201, 203), USAGE, USAGE),
                               ((101,), USAGE, USAGE), ((200,), USAGE, USAGE), ((202, 100), FINE, FINE)):
            with open(path, "r+b") as f:
                as_qemu(f, *locks)
                for end, words in ((ls, ("ls", path)), (put, ("put", path, "x", x, "--force"))):
                    said = ctx("disk", *words).ends(end)
                    check(end == FINE or "another program uses it" in said.text, f"{locks}: {said.text}")
        ctx("disk", "put", path, "x", x, "--force").ends(FINE)


@case
def read_only_file():
    with disk("--size", "1M") as (folder, path):
        ctx("disk", "put", path, "x", write(folder, "in", b"x")).ends(FINE)
        os.chmod(path, 0o444)
        check(get(path, "x") == b"x", "it can not be read")
        if os.geteuid() != 0:
            ctx("disk", "put", path, "y", path).ends(USAGE).has("it may not be opened")


@case
def killed():
    """kill -9 at any moment: the store is there, with the objects whose put had ended."""
    with disk("--size", "8M") as (folder, path):
        chance, sure = random.Random(7), {}
        for i in range(12 if sanitized() else 25):
            name, size = f"o{i % 4}", chance.randrange(1, MIB)
            source = write(folder, "in", some_bytes(size, i))
            p = subprocess.Popen([tool(), "disk", "put", path, name, source, "--force"], stderr=subprocess.DEVNULL)
            time.sleep(chance.random() * (0.06 if sanitized() else 0.02))
            p.kill()
            ended = p.wait() == 0
            ctx("disk", "check", path).ends(FINE)
            listed = ctx("disk", "ls", path).text
            here = get(path, name) if re.search(rf"  {name}$", listed, re.M) else None
            check(here == some_bytes(size, i) or (not ended and here == sure.get(name)), f"{name} is neither old nor new")
            sure[name] = here
            for other, data in sure.items():
                check(data is None or get(path, other) == data, f"{other} is another one")


@case
def man_page_and_completion():
    folder = os.path.join(SOURCE, "kernel", "linux")
    man = read(os.path.join(folder, "man", "ctx-disk.1")).decode().replace("\\-", "-")
    ctx("--help").ends(FINE).has(r"^ctx disk create\|ls\|")
    for words, want in (("ctx disk cre", "create"), ("ctx disk create x --qu", "--quota"), ("ctx dis", "disk"), ("ctx disk put x y z --f", "--force")):
        count = len(words.split())
        asked = subprocess.run(["bash", "-c", f". {shlex.quote(folder)}/ctx.bash-completion; COMP_WORDS=({words}); COMP_CWORD={count - 1}; "
                                "_ctx; echo ${COMPREPLY[@]}"], stdout=subprocess.PIPE, text=True, check=False).stdout
        check(asked.strip() == want, f"{words} completes to {asked!r}")
    for word in ("disk create", "--size", "--quota", "--gpt", "--force", "disk get", "disk put", "disk rm"):
        check(word in man, f"the man page does not know {word}")


@case
def throughput():
    """Printed, never judged."""
    size = 64 * MIB
    with disk("--size", "256M") as (folder, path):
        source, out = write(folder, "in", some_bytes(size)), os.path.join(folder, "out")
        for words in (("put", path, "x", source), ("get", path, "x", out), ("check", path)):
            began = time.monotonic()
            ctx("disk", *words).ends(FINE)
            print(f"{words[0]}: 64 MiB, {size / MIB / (time.monotonic() - began):.0f} MiB/s, the process and the disk's flush counted in")
        check(read(out) == read(source), "64 MiB come back as something else")


if __name__ == "__main__":
    main()
