# SPDX-License-Identifier: MIT
"""ctx.image/1 in bad hands (apps/imager.c): garbage for arguments, thousands of saves, a full store, and chaos of several
apps that save, restore and forget each other. The well-behaved apps beside them may be put back, but never find anything
that was not theirs."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import alone  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, product, share, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402

LONGER = (3000, 12000, 48000)  # ms: until something has happened, however busy this machine is
GRANTS = "trusted grant=ctx.image/1,ctx.system/1"


def bad(*words):
    """(path, name, words) of the bad ones."""
    return [(test_app("imager"), f"bad{i}", f"{w} {GRANTS}") for i, w in enumerate(words)]


def good():
    return [(test_app("twin"), "good1", "1 hash"), (test_app("twin-old"), "good2", "hash")]


def judge(text, bads):
    """Why not; what the good ones said of their calls, each of which is as when they are alone."""
    panic = re.search(r"^PANIC.*(\n.*){4}", text, re.M)
    check(not panic, panic and panic[0])
    trouble = re.search(r".*(T imager FAIL|T FAIL|fault name=|stopped name=|exited name=|overran name=).*", text)
    check(not trouble, trouble and trouble[0])
    for _, name, _ in bads:
        check(len(re.findall(rf"app\.{name}#\d+: T imager ok", text)) >= 1, f"{name} does not come to its end")
    got = hashes(text)
    want = {(n, c): h for n, c, h in hashes(alone.said(good(), max(c for _, c, _ in got)))} if got else {}
    for n, calls, now in got:
        check(want[n, calls] == now, f"{n} in call {calls}: {now}, undisturbed {want[n, calls]}")
    return got


def hashes(text):
    return [(n, int(c), h) for n, c, h in re.findall(r"HASH name=(good\d) calls=(\d+) (data=\w+ pixels=\w+) injected=", text)]


def run(bads, goods, disk=None, words="", seconds=100, **options):
    with tempfile.TemporaryDirectory(prefix="argos-imager-") as folder:
        devices = ()
        if disk:
            path = os.path.join(folder, "disk")
            subprocess.run([product("ctx"), "disk", "create", path, "--size", disk], check=True, stdout=subprocess.DEVNULL)
            devices = attach(path)
        with apps_vm([*goods, *bads], f"nodisplay slots=seq {words}", devices=devices, seconds=seconds, **options) as vm:
            for _, name, _ in bads:
                vm.until(rf"app\.{name}#\d+: T imager |^PANIC")
            if goods:
                vm.until("HASH name=good2 ", since=len(vm.serial))
            text = vm.text
        if disk:
            said = subprocess.run([product("ctx"), "disk", "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            check(said.returncode == 0, f"the store is damaged: {said.stdout}")
        return text


@case
def in_memory():
    """Ten thousand saves of itself (./test: a third of them), a full store; memory and images are what they were."""
    bads = bad(f"list {share(10000)}")
    judge(run(bads, [], words="frame_us=0", mem=96), bads)


@case
def on_disk():
    bads = bad(f"list {share(1000, 8)}")  # the store is full after a hundred
    judge(run(bads, [], "4M", "frame_us=0"), bads)


@case
def chaos():
    """Three at once, in memory and on a disk."""
    times = again = 0
    for ms in LONGER:
        bads = bad(*[f"chaos {ms}"] * 3)
        for disk in (None, "8M"):
            text = run(bads, good(), disk, "frame_us=2000")
            got = judge(text, bads)
            again += len(got) - len({(n, c) for n, c, _ in got})
            times += text.count("went back name=")
        if times > 3:
            break
    print(f"chaos: {times} times one went back, {again} calls of good ones were made again")
    check(times > 3, "nothing happens")


@case
def chaos_of_sessions():
    """All apps go back, again and again, in the middle of whatever goes on."""
    times = []
    for ms in LONGER:
        bads = bad(f"chaos {ms}", f"chaos {ms} all")
        for disk in (None, "16M"):
            text = run(bads, good(), disk, "frame_us=2000")
            judge(text, bads)
            times.append(text.count("session: went back"))
        if sum(times) > 0:
            break
    print(f"chaos of sessions: {times} times one was gone back to")
    check(sum(times) > 0, "no session was gone back to")


if __name__ == "__main__":
    suite.main()
