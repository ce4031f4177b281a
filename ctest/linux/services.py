# SPDX-License-Identifier: MIT
"""Services under ctx run: a provider that is killed at random in a hundred thousand calls of three consumers; sessions."""
import os
import re
import signal

from runner import FAULTED, FINE, REFUSED, Live, Skip, case, check, ctx, main, sanitized, scratch, test_app
import services  # harness/services.py: runner has put that folder first
import suite


def line(apps, path):
    words = []
    for _, text in apps:
        words += ([] if not words else ["+"]) + [path, *text.split()]
    return words


def go(path, options=(), until=r"(?s)(T asked.*){3}T users 0", **how):
    """Until all askers have ended, and nobody has the service open."""
    with Live("run", "--headless", "--fast", *options, *line(services.roles(**how), path)) as run:
        run.until(until)
        run.p.send_signal(signal.SIGTERM)
        return run.ends(FAULTED if " fault name=" in run.read() else FINE)


@case
def a_provider_that_is_killed_at_random():
    text = go(test_app("serving"))
    why = services.wrong(text)
    check(why is None, f"{why}\n{text[-3000:]}")


@case
def in_verified_code():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    path = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "serving-libctx.elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: they were not built, or there is no clang")
    text = go(path, ["--isolate=require"])
    why = services.wrong(text)
    check(why is None and "runs trusted" not in text, f"{why}\n{text[-3000:]}")


@case
def a_provider_whose_calls_are_undone():
    """It faults, is put back, and goes on offering: nobody has to open it again."""
    text = go(test_app("serving"), provider="restart=undo budget=10", killer=0, calls=4000)
    why = services.wrong(text, 4000, seen=(-11,))
    check(why is None, f"{why}\n{text[-3000:]}")
    check(all(-4 not in one for one in services.asked(text)), f"it was opened again: {services.asked(text)}")


@case
def consumers_whose_calls_are_undone():
    text = go(test_app("serving"), both="restart=undo", calls=10000)
    why = services.wrong(text, 10000)
    check(why is None, f"{why}\n{text[-3000:]}")


@case
def traced_and_poisoned():
    text = go(test_app("serving"), ["--poison"], killer=0, calls=100, both="instrument=serving")
    why = services.wrong(text, 100, seen=())
    check(why is None and "serving.work(" in text, f"{why}\n{text[-3000:]}")


@case
def who_needs_it_waits_for_it():
    """Boot order does not matter: an app whose note requires the interface begins when somebody offers it."""
    needs, apps = test_app("serving-needs"), services.roles(calls=100, killer=0, faults=0, provider="")
    words = line(apps[1:-1], needs) + ["+"] + line([apps[0], apps[-1]], test_app("serving"))
    with Live("run", "--headless", "--fast", *words) as run:
        run.until(r"(?s)(T asked.*){3}T users 0")
        run.p.send_signal(signal.SIGTERM)
        text = run.ends()
    why = services.wrong(text, 100, seen=())
    check(why is None, f"{why}\n{text[-3000:]}")
    check(re.search(r"(?s)offers org.example.serving/1.*what it requires is there.*T asked", text), text[-3000:])
    with Live("run", "--headless", "--fast", *line(apps[1:2], needs)) as run:
        run.until(r"org\.example\.serving/1", seconds=30)
        run.p.send_signal(signal.SIGTERM)
        run.ends(REFUSED)


@case
def a_session_goes_on():
    """Saved in the middle of it; what was open is STALE, what was offered is offered again, and all come to an end."""
    with scratch() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx("disk", "create", disk, "--size", "16M").ends(FINE)
        apps = line(services.roles(calls=100000, killer=0, faults=0), test_app("serving"))
        with Live("run", "--headless", "--disk", disk, "--session", "test", *apps) as run:
            run.until(r"T users 3")
            run.p.send_signal(signal.SIGTERM)
            run.ends()
        with Live("run", "--headless", "--fast", "--disk", disk, "--session", "test") as run:
            run.until(r"(?s)(T asked.*){3}T users 0")
            run.p.send_signal(signal.SIGTERM)
            text = run.ends()
        why = services.wrong(text, 100000, seen=(-4,))
        check(why is None, f"{why}\n{text[-3000:]}")


if __name__ == "__main__":
    main()
