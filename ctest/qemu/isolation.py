# SPDX-License-Identifier: MIT
"""Verified apps in ring 0: they look like the others, can not be told from them by their pictures, and what is not verified is
refused where that is asked for."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import Skip, apps_vm, build, case, check, product, test_app  # noqa: E402

DESKTOP = ("background", "clock", "cursor", "hello", "paint", "snake", "supervisor")


def verified(name):
    path = os.path.join(build(), f"apps/{name}/verified/{name}.elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: there is no clang")
    return path


def picture(files, words):
    with apps_vm(files, words, devices=suite.DESKTOP) as vm:
        vm.until("running apps=")
        shot = vm.still()
        check("unverified" not in vm.text or "require" not in words, "one is not verified")
        check("faulted" not in vm.text and "crash" not in vm.text, "one crashed")
        return shot


@case
def all_of_them_run_where_verified_apps_only_do():
    with apps_vm([verified(n) for n in DESKTOP], "isolate=require", devices=suite.DESKTOP) as vm:
        vm.until("running apps=7 refused=0")
        vm.until("Hello from an app")
        vm.still()
        check("unverified" not in vm.text, "one is not verified")
        check(not re.search(r"[EW] app: (?!overran)", vm.text), "one crashed")  # a busy machine may interrupt a long first call


@case
def their_pictures_are_those_of_plain_builds():
    for name in ("background", "paint", "snake"):
        plain = picture([product(f"apps/{name}.elf")], "slots=seq")
        shot = picture([verified(name)], "slots=seq isolate=require")
        check(len(shot.differing(plain)) == 0, f"{name} looks otherwise")


@case
def what_is_not_verified_is_refused_where_that_is_asked_for():
    with apps_vm([product("apps/hello.elf"), verified("hello")], "isolate=require", devices=[]) as vm:
        vm.until(r"E app: unverified name=hello at=slot\+0x[0-9a-f]+ in=_start\+0x[0-9a-f]+ bytes=[0-9a-f]+ rule=\w+: "
                 "rebuild with ctx cc, or boot with isolate=prefer")
        vm.until("running apps=1 refused=1")
        vm.until("Hello from an app")


@case
def it_runs_trusted_otherwise_and_the_log_says_so():
    for words, said in (("", True), ("isolate=prefer", True), ("isolate=off", False)):
        with apps_vm([product("apps/hello.elf")], words, devices=[]) as vm:
            vm.until("Hello from an app")
            found = re.search(r"I app: unverified name=hello .* it runs trusted, and nothing is isolated from it", vm.text)
            check(bool(found) == said, f"`{words}`: {vm.text}")


@case
def a_word_that_nobody_knows_is_taken_for_the_strictest():
    with apps_vm([product("apps/hello.elf")], "isolate=requrie", devices=[]) as vm:
        vm.until("E boot: isolate: neither off nor prefer nor require; taken as require")
        vm.until("running apps=0 refused=1")


@case
def an_endless_one_is_parked_and_goes_on():
    with apps_vm([verified("hello"), test_app("idle")], "", devices=[]) as vm:
        vm.until("T idle ok")


if __name__ == "__main__":
    suite.main()
