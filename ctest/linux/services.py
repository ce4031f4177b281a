# SPDX-License-Identifier: MIT
"""Services under ctx run: a provider that is killed at random in a hundred thousand calls of three consumers; sessions."""
import os
import re
import signal

from runner import FAULTED, FINE, REFUSED, Live, Skip, case, check, ctx, main, sanitized, scratch, test_app
import served
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


def nested(path, *options, pair=("faults", "twin"), steps=served.NESTED_STEPS):
    """The run and its twin."""
    texts = []
    for how in pair:
        with Live("run", "--headless", "--fast", *options, *line(served.nested(how, steps), path)) as run:
            run.until(served.NESTED_END)
            run.p.send_signal(signal.SIGTERM)
            texts.append(run.ends(FAULTED if how == "faults" else FINE))
    why = served.nested_wrong(*texts, steps=steps, endless=pair[0] == "endless")
    check(why is None and ("--isolate=require" not in options or "runs trusted" not in texts[0]), f"{why}\n{texts[0][-2000:]}")


@case
def a_provider_that_is_killed_at_random():
    text = go(test_app("serving"))
    why = services.wrong(text)
    check(why is None, f"{why}\n{text[-3000:]}")


@case
def in_verified_code():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    text = go(served.verified("serving"), ["--isolate=require"])
    why = services.wrong(text)
    check(why is None and "runs trusted" not in text, f"{why}\n{text[-3000:]}")


@case
def a_provider_whose_calls_are_undone():
    """It faults, is put back, and goes on offering: nobody has to open it again."""
    calls = suite.share(2000 if sanitized() else 4000)
    text = go(test_app("serving"), provider="restart=undo budget=10", killer=0, calls=calls)
    why = services.wrong(text, calls, seen=(-11,))
    check(why is None, f"{why}\n{text[-3000:]}")
    check(all(-4 not in one for one in services.asked(text)), f"it was opened again: {services.asked(text)}")


@case
def consumers_whose_calls_are_undone():
    text = go(test_app("serving"), both="restart=undo", calls=10000)
    why = services.wrong(text, 10000)
    check(why is None, f"{why}\n{text[-3000:]}")


@case
def verified_ones_whose_calls_are_undone():
    """Both of it in verified code, where nothing else may run."""
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    path = served.verified("serving")
    text = go(path, ["--isolate=require"], provider="restart=undo budget=10", killer=0, calls=4000)
    why = services.wrong(text, 4000, seen=(-11,))
    check(why is None and "runs trusted" not in text, f"{why}\n{text[-3000:]}")
    check(all(-4 not in one for one in services.asked(text)), f"it was opened again: {services.asked(text)}")
    text = go(path, ["--isolate=require"], both="restart=undo", calls=10000)
    why = services.wrong(text, 10000)
    check(why is None and "runs trusted" not in text, f"{why}\n{text[-3000:]}")


@case
def undone_inside_one_another():
    """Three apps that call each other and are undone at any depth: each is what it is where those calls were not made."""
    for path, options in [(test_app("nested"), ()), (test_app("nested-small"), ("--poison", ))]:
        nested(path, *options)


@case
def verified_ones_undone_inside_one_another():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    nested(served.verified("nested"), "--isolate=require")


@case
def endless_inside_one_another():
    """The same where a call never ends: who waits for it goes on, it is undone when its time is up, and the others are what they would be without it."""
    for path, options in [(test_app("nested"), ()), *([] if sanitized() else [(served.verified("nested"), ["--isolate=require"])])]:
        nested(path, *options, pair=("endless", "endless-twin"), steps=48)


def killed(path, *options):
    with Live("run", "--headless", "--fast", *options, *line(served.nested("kills"), path)) as run:
        run.until(served.NESTED_END)
        run.p.send_signal(signal.SIGTERM)
        text = run.ends(FINE)
    why = served.killed_wrong(text)
    check(why is None and ("--isolate=require" not in options or "runs trusted" not in text), f"{why}\n{text[-2000:]}")


@case
def who_asks_is_killed_in_a_nested_call():
    killed(test_app("nested"))
    if not sanitized():
        killed(served.verified("nested"), "--isolate=require")


def nasty(path, *options):
    for how in served.NASTY:  # in virtual time: a pause before it begins anew is some calls of the others, not all of them
        with Live("run", "--headless", "--virtual-time", *options, *line(served.nasty(**how), path)) as run:
            run.until(served.NASTY_END)
            run.p.send_signal(signal.SIGTERM)
            text = run.ends(FAULTED)
        why = served.nasty_wrong(text)
        check(why is None and ("--isolate=require" not in options or "runs trusted" not in text), f"{how}: {why}\n{text[-2000:]}")


@case
def two_that_treat_each_other_badly():
    """Withdrawn in its own call, ended in a nested one, taken back while it is read, ended twice, and undone all the time."""
    nasty(test_app("nasty"))
    nasty(test_app("nasty"), "--poison")


@case
def two_verified_ones_that_treat_each_other_badly():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    nasty(served.verified("nasty"), "--isolate=require")


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


def session(path, *options):
    """(Where all have to be verified, a session's grants are those that the line gives once more.)"""
    with scratch() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx("disk", "create", disk, "--size", "16M").ends(FINE)
        apps = line(services.roles(calls=100000, killer=0, faults=0), path)
        with Live("run", "--headless", *options, "--disk", disk, "--session", "test", *apps) as run:
            run.until(r"T users 3")
            run.p.send_signal(signal.SIGTERM)
            run.ends()
        with Live("run", "--headless", "--fast", *options, "--disk", disk, "--session", "test", *(apps if options else ())) as run:
            run.until(r"(?s)(T asked.*){3}T users 0")
            run.p.send_signal(signal.SIGTERM)
            text = run.ends()
        why = services.wrong(text, 100000, seen=(-4,))
        check(why is None and ("--isolate=require" not in options or "runs trusted" not in text), f"{why}\n{text[-3000:]}")


@case
def a_session_goes_on():
    """Saved in the middle of it; what was open is STALE, what was offered is offered again, and all come to an end."""
    session(test_app("serving"))


@case
def a_session_of_verified_ones_goes_on():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    session(served.verified("serving"), "--isolate=require")


def requests(path, *options):
    """Twice: what came back is saved once more."""
    with scratch() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx("disk", "create", disk, "--size", "16M").ends(FINE)
        for n in range(3):
            apps = line(served.OWING, path) if n == 0 or options else ()
            with Live("run", "--headless", *options, "--disk", disk, "--session", "test", *apps) as run:
                for pattern in served.OWING_WAITS if n == 0 else served.OWING_AGAIN:
                    run.until(pattern)
                run.p.send_signal(signal.SIGTERM)
                text = run.ends()
            why = served.owing_wrong(text) if n > 0 else None
            check(why is None and "FAIL" not in text, f"{why}\n{text[-3000:]}")


@case
def a_session_with_open_requests():
    """Neither the table nor a request outlives it, ended or not; both sides see that, and go on with new ones."""
    requests(test_app("owing"))


@case
def a_session_of_verified_ones_with_open_requests():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    requests(served.verified("owing"), "--isolate=require")


if __name__ == "__main__":
    main()
