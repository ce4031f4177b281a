# SPDX-License-Identifier: MIT
"""What files and saved sessions promise each other: after a cut files may be newer than the session, never older."""
import os
import random
import re
import subprocess
import time

from runner import case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""


def two_disks(folder):
    store, image = os.path.join(folder, "store.img"), os.path.join(folder, "files.img")
    subprocess.run([tool(), "disk", "create", store], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([tool(), "files", "create", image, "--size", "16M"], check=True, stdout=subprocess.DEVNULL)
    return store, image


def words(store, image, *others, session=True):
    storage = os.path.join(suite.build(), "apps", "storage.elf")
    first = [tool(), "run", "--headless", "--disk", store, *(["--session", "s"] if session else []), "--disk", image, storage,
             "offer=ctx.files/1", "grant=ctx.block/1", "disk=vdb", "+", suite.test_program("keeping.elf"), "count", "/data/n"]
    for other in others:
        first += ["+", suite.test_program("keeping.elf"), "grant=ctx.image/1,ctx.control/1", *other]
    return first


def read_until(process, text, times):
    log = b""
    while log.count(text) < times:
        more = os.read(process.stderr.fileno(), 65536)
        check(more, f"it ended: {log.decode()[-2000:]}")
        log += more
    return log.decode()


def well(log, what):
    check("OLDER" not in log, f"{what}: {[line for line in log.splitlines() if 'OLDER' in line][:3]}")
    check(" fault " not in log and "PANIC" not in log, log[-2000:])


@case
def cut_at_any_moment():
    """Sessions are saved all the time while an app counts in a file without syncing it; the plug is pulled at a random moment: two disks, one order of events."""
    rng = random.Random(18)
    with scratch() as folder:
        store, image = two_disks(folder)
        resumed = numbers = 0
        for turn in range(suite.share(10)):
            with subprocess.Popen(words(store, image, ["saver", "session/s", "1000000"]), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL) as p:
                log = read_until(p, b"saved: 0", rng.randrange(1, 12))
                time.sleep(rng.random() * 0.02)
                p.kill()
                log += p.stderr.read().decode()
            well(log, f"turn {turn}")
            resumed += "resumed file=session/s" in log
            check("did not say that what it has lasts" not in log, log[-2000:])
        p = subprocess.run([tool(), "files", "cat", image, "private/keeping/n"], stdout=subprocess.PIPE, check=True)
        numbers = int(p.stdout)
        check(resumed >= suite.share(10) - 1 and numbers > 20, f"{resumed} sessions went on, {numbers} were counted")


@case
def saved_when_it_ends():
    """A session that is saved because the machine goes down, and an image that is written to a file: what was written is there, though nobody synced it."""
    with scratch() as folder:
        store, image = two_disks(folder)
        for turn in range(3):
            p = subprocess.run([*words(store, image)[:3], "--seconds", "1", *words(store, image)[3:]], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               timeout=limit(60), check=False)
            log = p.stderr.decode()
            well(log, f"turn {turn}")
            check(p.returncode == 0 and ("resumed file=session/s" in log) == (turn > 0), log[-2000:])
        to, parts = os.path.join(folder, "a.img"), words(store, image, session=False)
        p = subprocess.run([*parts[:3], "--seconds", "1", "--save", to, *parts[3:]], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=limit(60),
                           check=False)
        log = p.stderr.decode()
        check(p.returncode == 0 and "saved file=" in log and "did not say" not in log, log[-2000:])
        p = subprocess.run([tool(), "run", "--headless", "--seconds", "1", "--disk", store, "--disk", image, "--load", to], stderr=subprocess.PIPE,
                           stdin=subprocess.DEVNULL, timeout=limit(60), check=False)
        log = p.stderr.decode()
        well(log, "loaded")
        check(p.returncode == 0 and "files on vdb" in log and "storage#0" in log, log[-2000:])


@case
def who_does_not_answer():
    """Storage stands still while a session is saved: it is saved all the same, the log names storage, and the next one does not wait for it."""
    with scratch() as folder:
        store, image = two_disks(folder)
        p = subprocess.run([*words(store, image)[:3], "--seconds", "7", *words(store, image, ["saver", "x", "3", "0"], session=False)[3:]],
                           stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=limit(60), check=False)
        log = p.stderr.decode()
        check(p.returncode == 0 and "pause: 0" in log, log[-2000:])
        check(log.count("saved: 0") == 3 and log.count("storage#0 did not say that what it has lasts") == 3, log[-3000:])
        at = [float(t) for t in re.findall(r"^\s*\[?\s*(\d+\.\d+)\]?.*saved: 0", log, re.M)]
        check(len(at) < 2 or at[-1] - at[0] < 4, f"each of them waited: {at}")


@case
def storage_killed_meanwhile():
    """Storage is begun anew again and again while sessions are saved: each save ends, and says so where what it had may be older."""
    with scratch() as folder:
        store, image = two_disks(folder)
        parts = words(store, image, ["saver", "x", "10"], session=False)
        parts += ["+", suite.test_program("storing.elf"), "grant=ctx.control/1", "killer", "0", "80"]
        with subprocess.Popen(parts, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as p:
            log = read_until(p, b"saved: 0", 10)
            p.kill()
        check("PANIC" not in log, log[-3000:])


if __name__ == "__main__":
    main()
