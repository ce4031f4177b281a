# SPDX-License-Identifier: MIT
"""Files on the machine: what the console writes is there after a power cut, on a disk of its own, in a partition, to be read only, or not at all."""
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import disks  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, eventually, product  # noqa: E402
from vm import disk as attach  # noqa: E402

STORAGE = "offer=ctx.files/1 grant=ctx.block/1 disk=*"
CONSOLE = "trusted grant=ctx.system/1,ctx.image/1,ctx.loader/1 use=ctx.files/1(/)"
MIB = 1 << 20


def ctx(*words, rc=0):
    done = subprocess.run([product("ctx"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == rc, f"ctx {' '.join(words)}: exit code {done.returncode}: {done.stdout.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def a_disk(folder, what="files", size="16M"):
    path = os.path.join(folder, what + ".img")
    ctx(what, "create", path, "--size", size)
    return path


@contextlib.contextmanager
def machine(*devices, on, words="debugexit nodisplay"):
    """Storage and a console by the serial line; `on` is what storage says of its disk."""
    with apps_vm([(product("apps/storage.elf"), "storage", STORAGE), (product("apps/console.elf"), "console", CONSOLE)], words,
                 devices=[arg for device in devices for arg in device], reboot=True) as vm:
        vm.until(r"app\.console#1: Argos\. Type help")
        vm.until(on, since=0)
        time.sleep(0.1)
        yield vm
        check("PANIC" not in vm.text and " fault " not in vm.text, "something failed")


def say(vm, line, answer=None):
    """Types a line. Its answer is a line of its own; without one, what comes next is the prompt."""
    since = len(vm.text)
    vm.send(line + "\n")
    if answer is None:
        vm.until(r"app\.console#1: > " + re.escape(line), 10, since)
        say(vm, "pid", "I am app 1")
    else:
        vm.until(rf"app\.console#1: {answer}", 10, since)


def is_well(path, names):
    """By our own check, and by SQLite as this host has it."""
    check("all is well" in ctx("files", "check", path), "it is damaged")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        check(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "SQLite does not think so")
        there = {name for (name,) in db.execute("SELECT name FROM files")}
        check(set(names) <= there, f"{names} are not all in {there}")


@case
def two_disks_and_a_power_cut():
    """What was said to be done is there after QEMU was killed, whatever the images' disk is; programs start from the disk."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        images, path = a_disk(folder, "disk"), a_disk(folder)
        ctx("files", "mkdir", path, "/apps")
        ctx("files", "put", path, product("apps/hello.elf"), "/apps/hello.elf")
        both = attach(images), attach(path, node="files")
        with machine(*both, on=r"app\.storage#0: files on vdb: 16 MiB") as vm:
            check("vault: disk=vda partition=0 images=0" in vm.text, "no store of images")
            say(vm, "mkdir -p /disk/texts/deep")
            say(vm, "echo kept through a cut > /disk/texts/a")
            say(vm, "cp /disk/texts/a /disk/texts/deep/b")
            say(vm, "mv /disk/texts/a /data/moved")
            say(vm, "repl", "Lua 5.4")
            say(vm, "f = io.open('/disk/lua', 'w') for i = 1, 2000 do f:write(i, '\\n') end f:close() print('written')", "written$")
            say(vm, "quit()", "lua> quit")
            say(vm, "sync")
            vm.process.kill()
        with machine(*both, on=r"app\.storage#0: files on vdb: 16 MiB") as vm:
            say(vm, "cat /disk/texts/deep/b", "kept through a cut")
            say(vm, "cat /data/moved", "kept through a cut")
            say(vm, "eval io.open('/disk/lua'):seek('end')", "8893$")
            say(vm, "run hello", "hello is app 2")
            vm.until(r"app\.hello#2: Hello")
            vm.send("poweroff\n")
            check(vm.wait(15) == 0, "poweroff did nothing")
        ctx("files", "close", path)
        is_well(path, ("texts/deep/b", "private/console/moved", "lua", "apps/hello.elf"))
        check(ctx("files", "cat", path, "/texts/deep/b") == "kept through a cut\n", "not what was written")


@case
def both_in_one():
    """One disk, two partitions: the kernel's store in one, files in the other."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        path = os.path.join(folder, "whole.img")
        disks.partitioned(path, 40 * MIB, [(2048, 2047 + 32768, "images"), (2048 + 32768, 2047 + 65536, "files")], types=[disks.STORE])
        for i, part in enumerate((a_disk(folder, "disk"), a_disk(folder))):
            with open(part, "rb") as source, open(path, "r+b") as to:
                to.seek((1 + 16 * i) * MIB)
                shutil.copyfileobj(source, to)
        with machine(attach(path), on=r"app\.storage#0: files on vda2: 16 MiB") as vm:
            check(re.search(r"vault: disk=vda partition=1 images=0", vm.text), "no store of images")
            say(vm, "echo in a partition > /disk/a")
            say(vm, "save console mine", "console: saved as mine")
            vm.process.kill()
        with machine(attach(path), on=r"app\.storage#0: files on vda2: 16 MiB") as vm:
            say(vm, "cat /disk/a", "in a partition")
            say(vm, "images", "mine +")


@case
def tables():
    """An app's own database, on the machine: values as they were, one statement without an end beside others' work, and what was synced after QEMU was killed."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        path = a_disk(folder)
        program = product("ctest/qemu/apps/tables.elf")
        storage = (product("apps/storage.elf"), "storage", "offer=ctx.files/1,ctx.sql/1 grant=ctx.block/1 disk=*")
        own = "use=ctx.sql/1(one)"
        with apps_vm([storage, (program, "endless", "use=ctx.sql/1(two) endless 100000"), (program, "ledger", f"{own} ledger 100000")], "debugexit nodisplay",
                     devices=attach(path, node="files"), reboot=True) as vm:
            vm.until(r"app\.ledger#2: synced 12$", 60)
            vm.process.kill()
            told = max(int(n) for n in re.findall(r"synced (\d+)", vm.text))
            check("PANIC" not in vm.text and " fault " not in vm.text, "something failed")
        with apps_vm([storage, (program, "values", "use=ctx.sql/1(three) values"),
                      (program, "look", f"{own} SELECT\\ count(*),max(n),sum(half=1)-sum(half=2)\\ FROM\\ ledger")], "debugexit nodisplay",
                     devices=attach(path, node="files"), reboot=True) as vm:
            vm.until(r"app\.values#1: NULL\|-9223372036854775808\|0\.10000000000000001\|'a.0b'\|x'00ff'", 30)
            vm.until(r"app\.values#1: 'the quick brown fox'", 30, 0)
            vm.until(r"app\.look#2: \d+\|\d+\|0$", 30, 0)
            count, most = (int(n) for n in re.search(r"app\.look#2: (\d+)\|(\d+)\|0", vm.text).groups())
            check(most >= told and count == 2 * (most + 1), f"{count} rows, up to {most}; {told} were told")


@case
def fibers_of_one_app():
    """Two add lines, one adds rows, one looks, all in the middle of calls that wait for the disk: nothing is done twice, whoever asks first."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        path = a_disk(folder)
        with apps_vm([(product("apps/storage.elf"), "storage", "offer=ctx.files/1,ctx.sql/1 grant=ctx.block/1 disk=*"),
                      (product("ctest/qemu/apps/abreast.elf"), "abreast", "use=ctx.sql/1 /data/lines 600")], "debugexit nodisplay", devices=attach(path, node="files"), reboot=True) as vm:
            vm.until(r"app\.abreast#1: abreast: (\d+) errors", 120)
            check("abreast: 0 errors" in vm.text and "PANIC" not in vm.text and " fault " not in vm.text, vm.text[-3000:])
            eventually(lambda: check_lines(folder, path, 600))


def check_lines(folder, path, count):
    """On a disk that is in use, a moment after the last of it was done."""
    now, copy = os.path.join(folder, "now"), os.path.join(folder, "copy")
    shutil.copyfile(path, now)
    text = ctx("files", "cat", now, "private/abreast/lines").splitlines()
    for who in ("0", "1"):
        found = [int(line.split()[1]) for line in text if line.split()[0] == who]
        check(found == list(range(count)), f"{who}: {found}")
    ctx("files", "get", now, "sql/abreast", copy)
    with contextlib.closing(sqlite3.connect(copy)) as db:
        check(db.execute("SELECT count(*), count(DISTINCT n) FROM rows").fetchone() == (count, count), "rows are there twice, or not")
    os.unlink(copy)


@case
def tables_of_scripts():
    """By Lua, where each call waits for the disk: a script's database after QEMU was killed, what coroutines do side by side, every kind of value."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        path = a_disk(folder)
        storage = (product("apps/storage.elf"), "storage", "offer=ctx.files/1,ctx.sql/1 grant=ctx.block/1 disk=*")
        script = suite.test_program("script_tables.elf")
        with apps_vm([storage, (script, "ledger", "use=ctx.sql/1(one) ledger 100000")], "debugexit nodisplay", devices=attach(path, node="files"), reboot=True) as vm:
            vm.until(r"app\.ledger#1: synced 12$", 60)
            vm.process.kill()
            told = max(int(n) for n in re.findall(r"synced (\d+)", vm.text))
            check("PANIC" not in vm.text and " fault " not in vm.text, "something failed")
        copy = os.path.join(folder, "copy")
        ctx("files", "get", path, "sql/one", copy)
        with contextlib.closing(sqlite3.connect(copy)) as db:
            count, most, odd = db.execute("SELECT count(*), max(n), sum(half = 1) - sum(half = 2) FROM ledger").fetchone()
        check(odd == 0 and most >= told and count == 2 * (most + 1), f"{count} rows, up to {most}; {told} were told")
        with apps_vm([storage, (script, "values", "use=ctx.sql/1(two) values"), (script, "side", "use=ctx.sql/1(three) side")], "debugexit nodisplay",
                     devices=attach(path, node="files"), reboot=True) as vm:
            for said in (r"values#1: row nil integer 0\.1 3 2 1 1", "values#1: long text null true true true", "values#1: done", "side#2: side 20 10", "side#2: goes on 0",
                         "side#2: endless nil CANCELED: interrupted", "side#2: done"):
                vm.until(rf"app\.{said}$", 60, 0)
            check("PANIC" not in vm.text and " fault " not in vm.text, "something failed")
        check("all is well" in ctx("files", "check", path), "it is damaged")


@contextlib.contextmanager
def elsewhere(path):
    """The file as a disk that another process serves, which can be stopped: (that process, arguments of QEMU)."""
    socket = path + ".sock"
    with subprocess.Popen(["qemu-storage-daemon", "--blockdev", json.dumps({"driver": "file", "filename": path, "node-name": "files"}),
                           "--nbd-server", f"addr.type=unix,addr.path={socket}", "--export", "type=nbd,id=files,node-name=files,writable=on"], stderr=subprocess.DEVNULL) as p:
        try:
            eventually(lambda: check(os.path.exists(socket), "it does not serve"))
            server = {"driver": "nbd", "node-name": "nbd", "export": "files", "server": {"type": "unix", "path": socket}}
            yield p, ["-blockdev", json.dumps(server), "-device", "virtio-blk-pci,drive=nbd,werror=report,rerror=report"]
        finally:
            p.send_signal(signal.SIGCONT)
            p.kill()


@case
def a_disk_that_stalls():
    """For ten seconds the files' disk answers nothing: the console lives, an image is saved and says what it lacks, and then all goes on; nothing is lost."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        images, path = a_disk(folder, "disk"), a_disk(folder)
        apps = [(product("apps/storage.elf"), "storage", "offer=ctx.files/1,ctx.sql/1 grant=ctx.block/1 disk=*"), (product("apps/console.elf"), "console", CONSOLE),
                (product("ctest/qemu/apps/tables.elf"), "ledger", "use=ctx.sql/1 ledger 100000")]
        with elsewhere(path) as (server, devices), apps_vm(apps, "debugexit nodisplay", devices=[*attach(images), *devices], reboot=True) as vm:
            vm.until(r"app\.console#1: Argos\. Type help")
            vm.until(r"app\.ledger#2: synced 5$", 30, 0)
            server.send_signal(signal.SIGSTOP)
            began = time.monotonic()
            time.sleep(0.5)
            told = vm.text.count("synced")
            say(vm, "pid", "I am app 1")
            say(vm, "save console x", "console: saved as x")
            check("x: storage#0 did not say that what it has lasts" in vm.text, "nobody says that files may be older")
            say(vm, "pid", "I am app 1")
            time.sleep(max(0.0, began + 10 - time.monotonic()))
            check(vm.text.count("synced") <= told + 1, "it did not stall")
            server.send_signal(signal.SIGCONT)
            vm.until(rf"app\.ledger#2: synced {told + 5}$", 30)
            check("lost" not in vm.text and "PANIC" not in vm.text and not re.search(r"ledger#2: ledger: ", vm.text), vm.text[-2000:])


@case
def a_disk_that_is_pulled():
    """Files say so until it is back; what is open is good again then. Of another disk that comes in its place nothing that is open is one's own."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        one, other = a_disk(folder, size="16M"), os.path.join(folder, "other.img")
        ctx("files", "create", other, "--size", "16M")
        for path, text in ((one, "of the first"), (other, "of the other")):
            with open(os.path.join(folder, "text"), "w", encoding="utf-8") as f:
                f.write(text + "\n")
            ctx("files", "put", path, f.name, "/text")
        victims = os.path.join(folder, "victims")
        os.mkdir(victims)
        for i in range(40):
            shutil.copyfile(f.name, os.path.join(victims, str(i)))
        ctx("files", "put", other, victims, "/")
        nodes = [word for name, path in (("one", one), ("other", other))
                 for word in ("-blockdev", json.dumps({"driver": "raw", "node-name": name, "file": {"driver": "file", "filename": path}}))]
        slot = ["-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off", "-device", "pcie-root-port,id=rp0,slot=1"]
        first = ["-device", "virtio-blk-pci,drive=one,id=plugged,bus=rp0,werror=report,rerror=report"]

        def pull(vm):
            since = len(vm.text)
            vm.qmp.command("device_del", id="plugged")
            vm.until(r"app\.storage#0: the disk is gone", 10, since)
            eventually(lambda: check("plugged" not in str(vm.qmp.command("qom-list", path="/machine/peripheral")), "it is still there"))

        def plug(vm, node):
            since = len(vm.text)
            vm.qmp.command("device_add", driver="virtio-blk-pci", drive=node, id="plugged", bus="rp0", werror="report", rerror="report")
            vm.until(r"app\.storage#0: files on vd\w: 16 MiB", 10, since)

        with machine(nodes, slot, first, on=r"app\.storage#0: files on vda: 16 MiB") as vm:
            say(vm, "echo kept > /disk/kept")
            say(vm, "repl", "Lua 5.4")
            say(vm, "f = io.open('/disk/text') f:setvbuf('no') print(f:read(2))", "of$")
            say(vm, "g = {} for i = 1, 4 do g[i] = io.open('/disk/mine' .. i, 'w') end print(#g)", "4$")
            pull(vm)
            say(vm, "print(io.open('/disk/text'))", "nil.*/disk/text: .*")
            say(vm, "f:seek('set', 3) print(f:read(3))", "nil.*")
            plug(vm, "one")
            say(vm, "f:seek('set', 3) print(f:read(3))", "the$")
            say(vm, "print(io.open('/disk/kept'):read())", "kept$")
            pull(vm)
            plug(vm, "other")
            say(vm, "print(io.open('/disk/text'):read())", "of the other$")
            say(vm, "n = 0 for _, f in ipairs(g) do f:write('mine') if not f:close() then n = n + 1 end end print(n)", "4$")
            say(vm, "print(io.open('/disk/mine1'))", "nil.*/disk/mine1: No such file.*")
        ctx("files", "get", other, "victims", os.path.join(folder, "now"))
        check(subprocess.run(["diff", "-r", victims, os.path.join(folder, "now")], check=False).returncode == 0, "what was open on the one was written on the other")
        is_well(other, ("text",))
        ctx("files", "close", one)
        is_well(one, ("text", "kept"))


@case
def to_be_read_only():
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        path = a_disk(folder)
        with open(os.path.join(folder, "text"), "w", encoding="utf-8") as f:
            f.write("only to be read\n")
        ctx("files", "put", path, f.name, "/text")
        before = os.stat(path).st_mtime_ns
        drive = attach(path, node="files")
        drive[1] += ",readonly=on"
        with machine(drive, on=r"app\.storage#0: files on vda: 16 MiB, only to be read") as vm:
            say(vm, "cat /disk/text", "only to be read")
            say(vm, "echo no > /disk/a", "/disk/a: Read-only file system")
            say(vm, "df", ".*/disk  .read-only.")
        check(os.stat(path).st_mtime_ns == before, "it was written to")


@case
def in_memory():
    """Without a disk of files there are files all the same, and it is said how long. A disk that is none is left as it is."""
    with tempfile.TemporaryDirectory(prefix="argos-files-") as folder:
        blank = disks.blank(os.path.join(folder, "blank.img"), 8 * MIB)
        with machine(attach(blank), on=r"there is no disk of files \(ctx files create\): files are in memory") as vm:
            say(vm, "echo for now > /disk/a")
            say(vm, "cat /disk/a", "for now")
            say(vm, "df", ".*/disk  .in memory.")
        with open(blank, "rb") as f:
            check(not f.read().strip(b"\0"), "a blank disk was written to")


if __name__ == "__main__":
    suite.main()
