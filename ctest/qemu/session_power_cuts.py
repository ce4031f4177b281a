# SPDX-License-Identifier: MIT
"""The power goes while a session is saved.

ARGOS_POWER_POINTS=N: so many moments of a power cut are tried instead of a few hundred.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from sessions import a_disk, began, ctx, get, machine, objects, power_off, say  # noqa: E402
from suite import Failure, case, check, read  # noqa: E402
from writelog import WriteLog, cuts, logged  # noqa: E402


@case
def power_cuts():
    """One image is new, one is dropped, the session is replaced, and the power goes at any moment: each change is there as
    a whole or not at all, none before the one that it follows, and none is lost that had been acknowledged."""
    number = int(os.environ.get("ARGOS_POWER_POINTS", "300"))
    with a_disk("16M") as path:
        with machine(path) as vm:
            began(vm)
            say(vm, "save doomed", "all: saved as doomed")
            power_off(vm)
        old, doomed, start = get(path, "session/test"), get(path, "doomed"), read(path)
        log = path + ".log"
        with machine(path, args=logged(path, log)) as vm:
            began(vm, resumed=True)
            say(vm, "eval (function() q = string.rep('new', 1000) end)()", "")
            say(vm, "save", "all: saved as quick/1")
            say(vm, "forget doomed", "doomed: forgotten")
            power_off(vm)
        new, quick = get(path, "session/test"), get(path, "quick/1")
        check(new != old, "nothing changed")
        # What one after the other is there, from the start to the end.
        states = [{"session/test": old, "doomed": doomed}, {"session/test": old, "doomed": doomed, "quick/1": quick},
                  {"session/test": old, "quick/1": quick}, {"session/test": new, "quick/1": quick}]
        log = WriteLog(log)
        check(log.writes > 10 and len(log.epochs) == 7, f"{log.writes} writes, {len(log.epochs)} flushes")
        whole = bytearray(start)
        for epoch in log.epochs:
            for sector, data in epoch:
                whole[sector * 512:sector * 512 + len(data)] = data
        check(whole == read(path), "the log is not all of it")
        seen = [0] * len(states)
        points, r = cuts(log, number)
        for e, kept, torn in sorted(points, key=lambda p: p[0]):
            image = bytearray(start)
            for epoch in log.epochs[:e]:
                for sector, data in epoch:
                    image[sector * 512:sector * 512 + len(data)] = data
            for w, (sector, data) in enumerate(log.epochs[e]):
                if w == torn:
                    data = data[:512 * r.randrange(len(data) // 512 + 1)]
                elif w not in kept:
                    continue
                image[sector * 512:sector * 512 + len(data)] = data
            with open(path, "wb") as f:
                f.write(image)
            what = f"cut in epoch {e} of {len(log.epochs)}, kept {sorted(kept)[:20]}, torn {torn}"
            try:
                ctx("disk", "check", path)
                found = {name: get(path, name) for name in objects(path)}
            except Failure as why:
                raise Failure(f"{what}: {why}") from None
            check(found in states, f"{what}: there are {({name: len(data) for name, data in found.items()})}")
            # Each change is two epochs, the bytes and then the superblock.
            check(states.index(found) in (e // 2, (e + 1) // 2), f"{what}: state {states.index(found)}: lost, or too early")
            seen[states.index(found)] += 1
        print(f"power cuts: {len(points)} of {log.writes} writes in {len(log.epochs)} epochs: {seen}")
        check(min(seen) > 0, f"not every state came up: {seen}")


if __name__ == "__main__":
    suite.main()
