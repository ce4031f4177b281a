# SPDX-License-Identifier: MIT
"""SQLite's own speedtest1 and kvtest on the machine, over the files of a disk: what they reckon and say is what they do natively. Built where ARGOS_SQLITE_TESTS is on."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import Skip, apps_vm, case, check, eventually, product  # noqa: E402
from vm import disk as attach  # noqa: E402

STORAGE = "offer=ctx.files/1 grant=ctx.block/1 disk=*"


def built(name):
    try:
        return suite.test_program(f"{name}.elf")
    except Skip:
        raise Skip("SQLite's programs were not built (-DARGOS_SQLITE_TESTS=ON)") from None


@case
def speedtest1():
    program = built("speedtest1")
    with tempfile.TemporaryDirectory(prefix="argos-sqlite-") as folder:
        path = os.path.join(folder, "files.img")
        subprocess.run([product("ctx"), "files", "create", path, "--size", "64M"], check=True)
        for tests in ("main", "orm"):
            native = subprocess.run([os.path.join(os.path.dirname(program), "speedtest1_here"), os.path.join(folder, tests), "--verify", "--size", "2", "--testset", tests],
                                    stdout=subprocess.PIPE, text=True, check=True)
            right = re.search(r"Verification Hash: (\d+ \w+)", native.stdout)[1]
            with apps_vm([(product("apps/storage.elf"), "storage", STORAGE), (program, "speedtest1", f"/data/{tests} --verify --size 2 --testset {tests}")],
                         "debugexit nodisplay", devices=attach(path, node="files"), reboot=True) as vm:
                vm.until(r"app\.speedtest1#1: Verification Hash: (\d+ \w+)", 300)
                found = re.search(r"Verification Hash: (\d+ \w+)", vm.text)[1]
                check(found == right, f"{tests}: {found}, natively {right}")
                check("PANIC" not in vm.text and " fault " not in vm.text, "something failed")
        check("all is well" in subprocess.run([product("ctx"), "files", "check", path], stdout=subprocess.PIPE, text=True, check=False).stdout, "the disk is damaged")


# Of what kvtest says: what is in the file, and how much of it was asked for. The rest is its clock's, or names the file.
SAID = "Number of entries:|Average value|Minimum value|Maximum value|Page-size|Page-count|Freelist|Integrity|--count|Database page size"


def is_there(path):
    """On a disk that is in use: the file, and no journal any more."""
    shutil.copyfile(path, path + ".copy")
    p = subprocess.run([product("ctx"), "files", "ls", path + ".copy", "private/kvtest"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    check(p.stdout.split() == ["kv"], f"what was done does not come to the disk: {p.stdout}")


@case
def kvtest():
    """Blobs that are made, counted, read in order and at random, and written again: the machine and this host say the same of one file, which each has made."""
    program = built("kvtest")
    calls = [("init", "@kv", "--count", "60", "--size", "5000", "--variance", "3000"), ("stat", "@kv"),
             *(("run", "@kv", "--count", "120", *how) for how in (("--blob-api",), ("--desc", "--nosync"), ("--random", "--update"))), ("stat", "@kv")]
    with tempfile.TemporaryDirectory(prefix="argos-sqlite-") as folder:
        path = os.path.join(folder, "files.img")
        subprocess.run([product("ctx"), "files", "create", path, "--size", "32M"], check=True)
        for words in calls:
            native = subprocess.run([os.path.join(os.path.dirname(program), "kvtest_here"), *(word.replace("@", folder + "/") for word in words)], stdout=subprocess.PIPE, text=True, check=True)
            with apps_vm([(product("apps/storage.elf"), "storage", STORAGE), (program, "kvtest", " ".join(words).replace("@", "/data/"))], "debugexit nodisplay",
                         devices=attach(path, node="files"), reboot=True) as vm:
                vm.until(r"exited name=kvtest pid=1 code=(\d+)", 120)
                eventually(lambda: is_there(path))
                check("exited name=kvtest pid=1 code=0" in vm.text and "PANIC" not in vm.text and " fault " not in vm.text, f"{words}: {vm.text[-2000:]}")
            ours = re.findall(rf"app\.kvtest#1: ((?:{SAID}).*)", vm.text)
            right = re.findall(rf"(?m)^((?:{SAID}).*)", native.stdout)
            check(ours == right and (right or words[0] == "init"), f"{words}: {ours}, natively {right}\n{native.stdout}")
        check("all is well" in subprocess.run([product("ctx"), "files", "check", path], stdout=subprocess.PIPE, text=True, check=False).stdout, "the disk is damaged")


if __name__ == "__main__":
    suite.main()
