# SPDX-License-Identifier: MIT
"""Sessions and files on one disk, in two partitions, and so in one order of events: after a power cut files may be newer than the session, never older.

ARGOS_POWER_POINTS=N: so many moments of a power cut are tried instead of two hundred, and with all of them somebody goes on, not with every tenth. The target
`keeping-long` tries 2,000, which takes most of an hour.
"""
import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import disks  # noqa: E402
import suite  # noqa: E402
from suite import Failure, apps_vm, case, check, product, read, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402
from writelog import WriteLog, cuts, logged  # noqa: E402

MIB = 1 << 20
STORAGE = "offer=ctx.files/1 grant=ctx.block/1 disk=*"


def both(folder):
    """A disk with a store of images in one partition and files in the other."""
    path = os.path.join(folder, "whole.img")
    disks.partitioned(path, 20 * MIB, [(2048, 2047 + 16384, "images"), (2048 + 16384, 2047 + 32768, "files")], types=[disks.STORE])
    for i, what in enumerate(("disk", "files")):
        part = os.path.join(folder, what)
        subprocess.run([product("ctx"), what, "create", part, "--size", "8M"], check=True, stdout=subprocess.DEVNULL)
        with open(part, "rb") as source, open(path, "r+b") as to:
            to.seek((1 + 8 * i) * MIB)
            shutil.copyfileobj(source, to)
    return path


def goes_on(path):
    """The session and its files on this machine: (number in the file, number in the session)."""
    with subprocess.Popen([product("ctx"), "run", "--headless", "--disk", path, "--session", "test", product("apps/storage.elf"), *STORAGE.split(), "+",
                           test_app("keeping"), "count", "/data/n"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, CTX_RUN_OPTIONS="")) as p:
        said, found = b"", None
        while found is None:
            more = os.read(p.stderr.fileno(), 65536)
            check(more, f"it ended: {said.decode()[-2000:]}")
            said += more
            found = re.search(rb"it goes on: the file has (-?\d+), the session (\d+)", said)
        p.kill()
    check(b"ctx files check" not in said, said.decode())
    return int(found[1]), int(found[2])


def files_of(path, first):
    """The partition of files is whole, by our own check and, where it is the first of its kind, by SQLite as this host has it. The number in the file."""
    part = path + ".files"
    with open(path, "rb") as source, open(part, "wb") as to:
        source.seek(9 * MIB)
        to.write(source.read(8 * MIB))
    p = subprocess.run([product("ctx"), "files", "check", part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check(p.returncode == 0 and b"all is well" in p.stdout, p.stdout.decode(errors="replace"))
    if first:
        with contextlib.closing(sqlite3.connect(f"file:{part}?mode=ro", uri=True)) as db:
            check(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "SQLite does not think that it is whole")
    p = subprocess.run([product("ctx"), "files", "cat", part, "/private/keeping/n"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return int(p.stdout) if p.returncode == 0 else -1


def put(image, path):
    with open(path, "wb") as f:
        f.write(image)


@case
def one_order_of_events():
    number, every = int(os.environ.get("ARGOS_POWER_POINTS", "200")), 1 if "ARGOS_POWER_POINTS" in os.environ else 10
    with tempfile.TemporaryDirectory(prefix="argos-keeping-") as folder:
        path = both(folder)
        start, log = read(path), path + ".log"
        apps = [(product("apps/storage.elf"), "storage", STORAGE), (test_app("keeping"), "keeping", "count /data/n"),
                (test_app("keeping"), "saver", "grant=ctx.image/1,ctx.control/1 saver session/test 1000")]
        with apps_vm(apps, "debugexit nodisplay", devices=logged(path, log), reboot=True) as vm:
            vm.until(r"app\.storage#0: files on vda2: 8 MiB")
            for _ in range(6):
                vm.until(r"app\.saver#2: saved: 0", 60, since=len(vm.text))
            vm.process.kill()
        log = WriteLog(log)
        points, r = cuts(log, number)
        image, done, before = bytearray(start), 0, -1
        seen = newer = went_on = 0
        for i, (e, kept, torn) in enumerate(sorted(points, key=lambda p: p[0])):
            if e > done:
                for epoch in log.epochs[done:e]:
                    for sector, data in epoch:
                        image[sector * 512:sector * 512 + len(data)] = data
                done = e
                put(image, path)
                before = files_of(path, False)  # flushed, so it has been told that it lasts
            cut = bytearray(image)
            for w, (sector, data) in enumerate(log.epochs[e]):
                if w == torn:
                    data = data[:512 * r.randrange(len(data) // 512 + 1)]
                elif w not in kept:
                    continue
                cut[sector * 512:sector * 512 + len(data)] = data
            put(cut, path)
            what = f"cut in epoch {e} of {len(log.epochs)}, kept {sorted(kept)[:20]}, torn {torn}"
            try:
                file = files_of(path, True)
                check(before <= file, f"the file has {file}, and had {before} at the last flush")
                if i % every == 0:
                    there, session = goes_on(path)
                    check(there == file and (session == 0 or file >= session), f"the file has {file}, {there} for who goes on, and {session} the session")
                    went_on += 1
                    seen += session > 0
                    newer += file > session > 0
            except Failure as why:
                raise Failure(f"{what}: {why}") from None
        print(f"{len(points)} cuts of {log.writes} writes in {len(log.epochs)} epochs: with {went_on} somebody goes on, {seen} with a session, {newer} with a newer file")
        check(seen > went_on // 3, f"only {seen} of {went_on} had a session")


@case
def when_the_machine_goes_down():
    """The loop stands still then, and the disk takes its time: storage is called for its answer all the same."""
    with tempfile.TemporaryDirectory(prefix="argos-keeping-") as folder:
        path = both(folder)
        apps = [(product("apps/storage.elf"), "storage", STORAGE), (test_app("keeping"), "keeping", "count /data/n"),
                (product("apps/console.elf"), "console", "trusted grant=ctx.system/1")]
        for turn in range(2):
            with apps_vm(apps, "debugexit nodisplay session=test", devices=attach(path), reboot=True) as vm:
                vm.until(r"app\.storage#0: files on vda2: 8 MiB")
                vm.until(r"app\.keeping#1: it goes on: the file has")
                time.sleep(0.3)
                vm.send("poweroff\n")
                check(vm.wait(30) == 0, "poweroff did nothing")
                check("did not say that what it has lasts" not in vm.text and "OLDER" not in vm.text, vm.text[-2000:])
                check("vault: save name=session/test" in vm.text and ("resumed file=session/test" in vm.text) == (turn > 0), vm.text[-2000:])
        file, session = goes_on(path)
        check(file >= session > 0, f"the file has {file}, the session {session}")


if __name__ == "__main__":
    suite.main()
