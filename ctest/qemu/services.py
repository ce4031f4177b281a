# SPDX-License-Identifier: MIT
"""Services under the kernel: a provider that is killed at random in a hundred thousand calls of three consumers, and a hundred calls of verified ones."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import served  # noqa: E402
import services  # noqa: E402
import suite  # noqa: E402
from sessions import a_disk  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402


def go(path, words, **how):
    with apps_vm([(path, name, text) for name, text in services.roles(**how)], words, seconds=120) as vm:
        vm.until(r"(?s)(T asked.*){3}T users 0", 120)
        return vm.text


@case
def a_provider_that_is_killed_at_random():
    # To begin anew takes QEMU long, and longer each time: it has translated that code before.
    text = go(test_app("serving"), "debugexit nodisplay frame_us=1", killer=20, faults=12)
    why = services.wrong(text)
    check(why is None, why)


@case
def in_verified_code():
    text = go(served.verified("serving"), "debugexit nodisplay frame_us=1 isolate=require poison", calls=2000, killer=10)
    why = services.wrong(text, 2000)
    check(why is None and "runs trusted" not in text, why)


def nested(path, words, pair=("faults", "twin"), steps=served.NESTED_STEPS, icount=None):
    """A run and its twin."""
    texts = []
    for how in pair:
        with apps_vm([(path, name, text) for name, text in served.nested(how, steps)], words, seconds=120, icount=icount) as vm:
            vm.until(served.NESTED_END, 120)
            texts.append(vm.text)
    why = served.nested_wrong(*texts, steps=steps, endless=pair[0] == "endless")
    check(why is None and ("isolate=require" not in words or "runs trusted" not in texts[0]), why)


@case
def undone_inside_one_another():
    """Three apps that call each other and are undone at any depth: each is what it is where those calls were not made."""
    nested(test_app("nested"), "debugexit nodisplay frame_us=1")
    nested(test_app("nested-small"), "debugexit nodisplay frame_us=1 poison")


@case
def verified_ones_undone_inside_one_another():
    nested(served.verified("nested"), "debugexit nodisplay frame_us=1 isolate=require")


@case
def endless_inside_one_another():
    """The same where a call never ends: who waits for it goes on, and it is undone when its time is up."""
    for path, words in [(test_app("nested"), ""), (served.verified("nested"), "isolate=require")]:
        nested(path, f"debugexit nodisplay frame_us=1 {words}", ("endless", "endless-twin"), 32, icount=1)


@case
def who_asks_is_killed_in_a_nested_call():
    for path, words in [(test_app("nested-small"), "poison"), (served.verified("nested"), "isolate=require")]:
        with apps_vm([(path, name, text) for name, text in served.nested("kills")], f"debugexit nodisplay frame_us=1 {words}", seconds=120) as vm:
            vm.until(served.NESTED_END, 120)
            check(served.killed_wrong(vm.text) is None, served.killed_wrong(vm.text))


@case
def two_that_treat_each_other_badly():
    """Withdrawn in its own call, ended in a nested one, taken back while it is read, ended twice, and undone all the time; trusted and verified."""
    for path, words in [(test_app("nasty"), "poison"), (served.verified("nasty"), "isolate=require")]:
        with apps_vm([(path, name, text) for name, text in served.nasty(steps=400)], f"debugexit nodisplay frame_us=1 {words}", seconds=120) as vm:
            vm.until(served.NASTY_END, 120)
            why = served.nasty_wrong(vm.text)
            check(why is None and ("require" not in words or "runs trusted" not in vm.text), why)


def session(path, words):
    """Saved with open tables and requests, and resumed, twice."""
    with a_disk() as disk:
        for n in range(3):
            apps = [(path, name, text) for name, text in served.OWING]
            with apps_vm(apps, f"session=x nodisplay {words}", devices=attach(disk)) as vm:
                for pattern in served.OWING_WAITS if n == 0 else served.OWING_AGAIN:
                    vm.until(pattern, 60)
                check(n == 0 or "session: resumed file=session/x apps=3 of=3" in vm.text, "it does not go on")
                vm.qmp.command("system_powerdown")
                check(vm.wait(20) == 0, "the power button does not end it")
                why = served.owing_wrong(vm.text) if n > 0 else None
                check(why is None and "FAIL" not in vm.text and ("require" not in words or "runs trusted" not in vm.text), why)


@case
def a_session_with_open_requests():
    """Neither the table nor a request outlives it, ended or not; both sides see that, and go on with new ones."""
    session(test_app("owing"), "")


@case
def a_session_of_verified_ones_with_open_requests():
    session(served.verified("owing"), "isolate=require")


@case
def a_session_of_services_goes_on():
    """Saved in the middle of many calls; what was open is STALE, what was offered is offered again, and all come to an end."""
    apps = [(test_app("serving"), name, text) for name, text in services.roles(calls=20000, killer=0, faults=0)]
    with a_disk() as disk:
        with apps_vm(apps, "session=x nodisplay", devices=attach(disk)) as vm:
            vm.until(r"T users 3", 60)
            vm.qmp.command("system_powerdown")
            check(vm.wait(20) == 0, "the power button does not end it")
            check("T asked" not in vm.text, "all was over before")
        with apps_vm(apps, "session=x nodisplay frame_us=1", devices=attach(disk), seconds=120) as vm:
            vm.until("session: resumed file=session/x apps=5 of=5")
            vm.until(r"(?s)(T asked.*){3}T users 0", 120)
            why = services.wrong(vm.text, 20000, seen=(-4,))
            check(why is None, why)


if __name__ == "__main__":
    suite.main()
