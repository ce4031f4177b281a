# SPDX-License-Identifier: MIT
"""The test app `serving` (ctest/qemu/apps/serving.c): who calls a service that is killed all the time, and whether all went as it must."""
import re

OFFER = "offer {} offer=org.example.*"
KILLED = "restart=on-fault budget=10 overrun=restart"
CALLS = 33400
ASKERS = 3


def roles(calls=CALLS, provider=KILLED, killer=4, faults=60, both=""):
    """(name, words) of each app, the provider first: it faults in so many of 30,000 calls, and is killed in one of `killer` frames."""
    words = [("offer", f"{OFFER.format(faults)} {provider}")] + [(f"ask{n}", f"ask {calls}") for n in range(ASKERS)]
    if killer:
        words.append(("kill", f"kill {killer} grant=ctx.control/1"))
    words.append(("look", "look"))
    return [(name, f"{text} {both}".strip()) for name, text in words]


def asked(text):
    """What came of the calls: {status: how many} of each asker that has ended."""
    return [{int(k): int(n) for k, n in re.findall(r"(-?\d+):(\d+)", line)}
            for line in re.findall(r"T asked((?: -?\d+:\d+)+)", text)]


def wrong(text, calls=CALLS, seen=(-4, -11)):
    """Nothing, or what is not as it must be. seen: statuses that somebody must have got, beside OK."""
    if "FAIL" in text:
        return re.search(r"^.*FAIL.*$", text, re.M)[0]
    counts = asked(text)
    if len(counts) != ASKERS:
        return f"{len(counts)} of {ASKERS} askers came to an end"
    for one in counts:
        made = sum(n for status, n in one.items() if status != 1)
        # Requests are counted with the calls, and not wanted in a number.
        if made < calls or set(one) - {0, 1, -4, -7, -9, -11, -12, -16}:
            return f"{made} calls of {calls}: {one}"
        if one.get(0, 0) < calls * 0.8:
            return f"only {one.get(0, 0)} of {calls} calls were answered: {one}"
    for status in seen:
        if not any(status in one for one in counts):
            return f"nobody got {status}: {counts}"
    return None
