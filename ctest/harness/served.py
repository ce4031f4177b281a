# SPDX-License-Identifier: MIT
"""
Services and what is undone, and what is saved. The test app `nested` (ctest/qemu/apps/nested.c): calls that are undone inside one another, beside a
run in which they were not made. The test app `nasty` (nasty.c): two that treat each other badly. The test app `owing` (owing.c): requests that are open when a session is saved.
"""
import os
import re

import suite


def verified(name):
    """The path of a test app whose code is verified."""
    path = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", f"{name}-libctx.elf")
    if not os.path.exists(path):
        raise suite.Skip("no verified apps: they were not built, or there is no clang")
    return path


OWING = [("wait", "wait"), ("owe", "owe offer=org.example.owing/1"), ("wait2", "wait")]
OWING_WAITS = [rf"#{pid}: T waits \d" for pid in (0, 2)]
OWING_AGAIN = [r"#1: T gone \d", *(rf"#{pid}: T waits [1-9]" for pid in (0, 2))]


def owing_wrong(text):
    """Nothing, or what is not as it must be of a session that went on: all that was open is over, and all is there again."""
    trouble = re.search(r"^.*(FAIL|PANIC| fault name=|stopped name).*$", text, re.M)
    if trouble:
        return trouble[0]
    said = sorted(re.findall(r"T ((?:stale|gone) \d+)", text))
    return None if said == ["gone 6"] + ["stale 4"] * 2 else f"{said}"


NASTY_STEPS = 3000
NASTY_END = r"T nasty (?:ok \d+|FAIL.*)"


ANEW = "restart=on-fault:1000000"
NASTY = [{}, {"give": ANEW}, {"take": ANEW}, {"give": ANEW, "take": ANEW}]


def nasty(give="restart=undo", take="restart=undo", steps=NASTY_STEPS):
    """(name, words) of each app: one whose calls are counted, who offers, and who takes."""
    return [("clock", "clock"), ("give", f"give {steps} offer=org.example.nasty/1 grant=ctx.control/1 budget=5s {give}"),
            ("take", f"take {steps} offer=org.example.nasty/1 budget=5s {take}")]


def nasty_wrong(text, faults=20):
    trouble = re.search(r"^.*(FAIL|PANIC|overran).*$", text, re.M)
    if trouble:
        return trouble[0]
    if text.count(" fault name=") < faults or "T nasty ok" not in text:
        return f"only {text.count(' fault name=')} faults"
    return None


NESTED_STEPS = 240


def nested(how, steps=NESTED_STEPS):
    """(name, words) of each app; how: faults, twin, kills, endless, or endless-twin. Whoever is undone has not overrun: a slow machine is no fault.
    Where calls never end, who waits for one has more time than it: the time of what it calls is its own, too."""
    words = [("steps", "offer=org.example.steps/1"), ("inner", "offer=org.example.inner/1 restart=undo grant=ctx.control/1"),
             ("middle", "offer=org.example.middle/1 restart=undo"), ("ask", "restart=undo")]
    times = dict(zip(("inner", "middle", "ask"), ("budget=20ms", "budget=150ms", "budget=2s"))) if how.startswith("endless") else {}
    over = " overrun=restart:2" if times else ""
    return [(name, f"{name} {how} {steps if name == 'ask' else 0} {times.get(name, 'budget=5s')} {more}{over}") for name, more in words]


def killed_wrong(text):
    """Nothing, or what is not as it must be where who asks begins anew in the middle of nested calls."""
    trouble = re.search(r"^.*(FAIL|PANIC| fault name=|overran).*$", text, re.M)
    if trouble:
        return trouble[0]
    restarts = len(re.findall(r"restarted name=\S+ pid=3 ", text))
    return None if restarts >= 10 else f"only {restarts} restarts"


NESTED_END = r"T nested end \d+"


def nested_wrong(text, twin, steps=NESTED_STEPS, endless=False):
    """Nothing, or what differs between a run and its twin."""
    sums = [re.findall(r"app\.\S+: T nested (\w+) (\d+) (\d+)", one) for one in (text, twin)]
    trouble = re.search(r"^.*(FAIL|PANIC|restarting|stopped name|can not be undone|does not help%s).*$" % ("| fault name=" if endless else "|overran"), text + twin, re.M)
    if trouble:
        return trouble[0]
    if " fault name=" in twin or "overran" in twin:
        return "the twin goes wrong"
    undone = {name: len(re.findall(rf"undone name=\S+ pid={pid} ", text)) for pid, name in enumerate(("inner", "middle", *([] if endless else ["ask"])), 1)}
    if min(undone.values()) < steps // 20:
        return f"hardly anything was undone: {undone}"
    for one, other in zip(*sums):
        if one != other:
            return f"after step {one[1]} {one[0]} is not what its twin is: {one}, {other}"
    if len(sums[0]) != len(sums[1]) or len({name for name, _, _ in sums[0]}) != 3 or len(sums[0]) < steps // (8 if endless else 4):
        return f"{len(sums[0])} sums, and the twin has {len(sums[1])}"
    return None
