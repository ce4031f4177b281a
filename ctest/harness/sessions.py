# SPDX-License-Identifier: MIT
"""Machines with a disk that a session is on: what the tests of sessions share."""
import contextlib
import os
import re
import subprocess
import tempfile
import time

from patience import eventually
from suite import apps_vm, check, product, read
from vm import disk as attach

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


def listens(vm):
    """The console has the keys: under a desktop nobody has them before that one has put its window up, and what is typed is nobody's."""
    since = len(vm.serial)

    def look():
        vm.send("\n")
        vm.until(r"app\.console#\d+: > ", 0.5, since)
    eventually(look)


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
