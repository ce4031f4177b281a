# SPDX-License-Identifier: MIT
"""Shared memory under ctx run: two apps with rings between them; either dies, is undone, is restored; and what tools say of it."""
import os
import re
import signal

from runner import FINE, Live, Skip, case, check, ctx, main, sanitized, scratch, test_app
import inject  # harness/inject.py: runner has put that folder first
import shares  # harness/shares.py
import suite
from suite import read

APP = "shares"


def pair(maker, taker="", app=None, both=""):
    app = app or test_app(APP)
    return [app, "maker", "1", *maker.split(), *both.split(), "+", app, "taker", *taker.split(), *both.split()]


def declare(name, maker, taker, says):
    def run():
        said = ctx("run", "--headless", "--virtual-time", "--frames", "20000", *pair(maker, taker))
        wrong = shares.missing(said.text, says)
        check(not wrong, f"{wrong}\n{said.text[-3000:]}")
    run.__name__ = name
    case(run)


for _name, _run in shares.RUNS.items():
    declare(_name, *_run)


def verified():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    app = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "shares-libctx.elf")
    if not os.path.exists(app):
        raise Skip("no verified apps: they were not built, or there is no clang")
    return app


@case
def with_verified_code():
    app = verified()
    for maker, taker, says in shares.RUNS.values():
        said = ctx("run", "--headless", "--virtual-time", "--isolate=require", "--frames", "20000", *pair(maker, taker, app))
        wrong = shares.missing(said.text, says)
        check(not wrong and "runs trusted" not in said.text, f"{wrong}\n{said.text[-3000:]}")


@case
def in_poisoned_memory_and_traced():
    said = ctx("run", "--headless", "--virtual-time", "--poison", "--frames", "20000", *pair("messages=50", both="instrument=share"))
    wrong = shares.missing(said.text, [r"share\.create\(8192, 1, 0x\w+\) = OK", r"share\.map\(\d+, 3, 0x\w+\) = DENIED", r"share\.take\(0x\w+\) = AGAIN",
                                       r"T maker echoed 50$", r"share\.revoke\(\d+, 0xf+\) = OK", r"share\.map\(.*\) = REVOKED", "T taker revoked 1$"])
    check(not wrong, f"{wrong}\n{said.text[-3000:]}")


@case
def denied():
    said = ctx("run", "--headless", "--virtual-time", "--frames", "5", *pair("messages=50 deny=ctx.share/1"))
    said.has("T maker create FAIL -2").ends(FINE)
    said = ctx("run", "--headless", "--virtual-time", "--frames", "5", *pair("messages=50", "deny=ctx.share/1"))
    said.has("T maker grant FAIL -2").ends(FINE)


@case
def a_session_goes_on():
    """Each has a copy of what it saw, and they find each other once more."""
    with scratch() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx("disk", "create", disk, "--size", "16M").ends(FINE)
        for n in range(3):
            with Live("run", "--headless", "--disk", disk, "--session", "test", *(pair("") if n == 0 else [])) as run:
                run.until(r"T maker echoed 64$")
                check(n == 0 or len(re.findall(r"T (?:maker|taker) stale 1$", run.text, re.M)) == 2, f"they do not notice:\n{run.text[-3000:]}")
                run.p.send_signal(signal.SIGTERM)
                text = run.ends()
            wrong = shares.missing(text, shares.RESTORED if n > 0 else [r"T maker echoed 64$"])
            check(not wrong, f"{wrong}\n{text[-3000:]}")


@case
def tools_show_them():
    with scratch() as folder:
        image, out = os.path.join(folder, "both.img"), os.path.join(folder, "out")
        ctx("run", "--headless", "--virtual-time", "--frames", "60", "--save", image, *pair("")).ends(FINE)
        said = ctx("image", "info", image).ends(FINE)
        found = re.findall(r"share +(0x\w+) of app 0, tag (\d+), (\d+) pages (r.) comes back stale, as a copy at slot\+(0x\w+) (r.)$", said.text, re.M)
        check([(f[1], f[2], f[3], f[5]) for f in found] == [("0", "2", "rw", "rw"), ("0", "2", "rw", "rw"), ("0", "1", "rw", "rw"), ("1", "2", "rw", "rw"),
                                                           ("2", "2", "rw", "rw"), ("3", "1", "r-", "r-")], said.text)
        said.has(r"run .*slot\+0xa0001000 .*share").has(r"section +shares")
        ctx("image", "verify", image).ends(FINE)
        for app, line in ((0, 2), (1, 5)):
            ctx("image", "extract", image, "--app", str(app), "share", str(int(found[line][0], 16)), out).ends(FINE)
            check(read(out) == b"\x5a" * 4096, "another pattern")
        said = ctx("image", "extract", image, "--app", "0", "share", "77", out)
        said.has("it has no such share")
        ctx("image", "diff", image, image).ends(FINE)
        other = os.path.join(folder, "other.img")
        ctx("run", "--headless", "--virtual-time", "--frames", "70", "--load", image, "--save", other).ends(FINE)
        said = ctx("image", "diff", image, other)
        said.has(r"share 0\.handle: 0x\w+ \| 0x\w+").has(r"\(share\): \d+ bytes differ")


@case
def chance_faults():
    """No memory and garbage for every function, in either: nothing ends in a panic, and both go on."""
    total = {}
    for seed in range(1, 5):
        said = ctx("run", "--headless", "--virtual-time", "--frames", "4000", *pair("", both=f"inject={seed},2,ag restart=on-fault:1000"),
                   "+", test_app("keeper"), "grant=ctx.control/1")
        said.hasnt("PANIC")
        inject.add(total, inject.counts(said.text))
    check(total["no-memory"]["injected"] > 10 and total["garbage"]["injected"] > 100, total)
    check(total["no-memory"]["recovered"] + total["garbage"]["recovered"] > 50, total)


@case
def wild_writes_of_verified_code():
    """What is mapped is all that one of them can reach of the other one."""
    total = {}
    for seed in range(1, 5):
        said = ctx("run", "--headless", "--fast", "--isolate=prefer", "--mem", "64", "--frames", "300",
                   *pair("", app=verified(), both=inject.words(seed, 2, "uoktjx")), "+", test_app("keeper"), "grant=ctx.control/1")
        said.hasnt("PANIC").has("T maker began")
        inject.add(total, inject.counts(said.text))
    del total["no-memory"], total["garbage"]
    check(inject.writes(total) > 30, total)
    inject.judge_verified(total)


if __name__ == "__main__":
    main()
