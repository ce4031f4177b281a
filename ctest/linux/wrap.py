# SPDX-License-Identifier: MIT
"""Hosts: an identity wrapper changes nothing, once or twice; one that fails harms nobody but its child's calls."""
import os
import re

from runner import FAULTED, FINE, case, check, frozen, headless, main, test_app, together, until

GRANT = "grant=ctx.host/1"
FRAMES = 40


def wrapper(how):
    return [test_app("wrapper"), how, GRANT]


def behaviour(text, name):
    """All that an app did, without times and without the upper half of its slot's addresses."""
    lines = re.findall(rf"^\[ *[\d.]+\] (\S (?:trace\.|app\.){name}#\d+: .*|\S app: .*\bname={name} .*)$", text, re.M)
    return [re.sub(r"0x[2-4]\w{3}(?=\w{8}\b)", "slot+0x", li) for li in lines if "started" not in li and "overran" not in li]


def wrapped(how, path, words=(), frames=FRAMES):
    # Little memory, and much time: to give out all of it takes long on a slow machine, and that is not what this is about.
    apps = [[*wrapper(h), "budget=60s"] for h in how] + [[path, *words, "host=wrapper", "instrument=trace", "budget=60s"]]
    return headless(apps, "--seed", "7", "--fast", "--mem", "64", frames=frames)


def times_of(how):
    return sum(h == "identity" for h in how)


def subjects():
    return [(path, []) for path in frozen()] + [(test_app(n), []) for n in ("alloc", "store", "log", "keys")] + \
        [(test_app("v3"), ["one", "two"])]


@case
def identity():
    """Each frozen binary, and apps that use every function: the same trace bare, in one host and in two."""
    for path, words in subjects():
        name = os.path.basename(path)[:-4]
        seen = []
        for how in (("none", "none"), ("identity", "none"), ("identity", "identity")):
            said = wrapped(how, path, words).ends(FINE)
            said.hasnt(r"T forward FAIL").hasnt("T wrap FAIL")
            check(len(re.findall(r"T wraps 2", said.text)) == times_of(how), f"{name}: not {times_of(how)} hosts")
            seen.append(times_free(behaviour(said.text, name)))
        check(any("trace." in line for line in seen[0]), f"{name}: no trace")
        for other in seen[1:]:
            different = [f"bare    {a}\nwrapped {b}" for a, b in zip(seen[0], other) if a != b]
            check(not different, f"{name}: " + "".join(different[:1]))
            check(len(seen[0]) == len(other), f"{name}: {len(seen[0])} lines bare, {len(other)} wrapped")


def times_free(lines):
    """Arguments that are points in time differ from run to run; so does how often a loop asked for one."""
    lines = [re.sub(r"(time\.wake_at)\(\w+\)", r"\1()", li) for li in lines]
    return [a for a, b in zip(lines, [None] + lines) if a != b]


@case
def denying():
    """A host that forwards nothing: functions of versions 1 and 2 do nothing, and nothing of the app reaches the log."""
    for path, words in subjects():
        name = os.path.basename(path)[:-4]
        said = wrapped(("deny",), path, words)
        said.hasnt(rf" I app\.{name}#").hasnt("^PANIC")
        check(re.search(rf"trace\.{name}#1: ", said.text), f"{name} called nothing")


def beside(how):
    return [wrapper(how), [test_app("v3"), "one", "two", "host=wrapper", "instrument=trace"], test_app("idle")]


@case
def faulting():
    """The host faults: the child gets FAULT, then STALE when the host is not called any more; nobody else notices."""
    said = headless(beside("fault"), frames=40).ends(FAULTED)
    said.has(r"trace\.v3#1: \S+\(.*\) = FAULT$").has(r"fault name=wrapper pid=0").has(r"= STALE$")
    said.has("T idle ok")


@case
def endless():
    """The host never comes back: the child's first call is given up, those after it get BUSY, and the others go on."""
    signs = [r"trace\.v3#1: \S+\(.*\) = BUSY$", "overran name=wrapper", "T idle ok"]
    until("run", "--headless", *together(beside("loop")), says=signs).hasnt("overran name=v3")


@case
def strangers():
    """Without the grant, or without being named, nobody can be opened."""
    apps = [[test_app("wrapper"), "identity"], [test_app("alloc"), "host=wrapper"]]
    headless(apps, frames=FRAMES).ends(FINE).hasnt("T wraps")
    headless([wrapper("identity"), [test_app("alloc"), "host=somebody"]], frames=FRAMES).ends(FINE).hasnt("T wraps")
    headless([wrapper("identity"), [test_app("alloc"), "host=somebody,wrapper"]], frames=FRAMES).has("T wraps 1")


if __name__ == "__main__":
    main()
