# SPDX-License-Identifier: MIT
"""Verified apps in ring 0: they look like the others, can not be told from them by their pictures, and what is not verified is
refused where that is asked for."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import isolation  # noqa: E402
import suite  # noqa: E402
from isolation import verified  # noqa: E402
from suite import apps_vm, case, check, eventually, product, test_app  # noqa: E402


def picture(files, words):
    with apps_vm(files, words, devices=suite.DESKTOP) as vm:
        vm.until("running apps=")
        eventually(lambda: check(not vm.screen().black(), "nothing is drawn"), 60)
        shot = vm.still()
        check("unverified" not in vm.text or "require" not in words, "one is not verified")
        check("faulted" not in vm.text and "crash" not in vm.text, "one crashed")
        return shot


@case
def all_of_them_run_where_verified_apps_only_do():
    calm = [n for n in isolation.APPS if n not in ("console", "scripts")]  # those blink, and move; they have a case of their own
    with apps_vm([verified(n) for n in calm], "isolate=require", devices=suite.DESKTOP) as vm:
        vm.until(f"running apps={len(calm)} refused=0")
        vm.until("Hello from an app")
        vm.still()
        check("unverified" not in vm.text, "one is not verified")
        check(" fault name=" not in vm.text, "one crashed")


@case
def their_pictures_are_those_of_plain_builds():
    for name in ("background", "paint", "snake"):
        plain = picture([product(f"apps/{name}.elf")], "slots=seq")
        shot = picture([verified(name)], "slots=seq isolate=require")
        check(len(shot.differing(plain)) == 0, f"{name} looks otherwise")


@case
def a_script_draws_and_the_console_runs_lua():
    """Errors of Lua are longjmp; what is computed comes from picolibc and the helpers that stand for libgcc."""
    lines = [("print('caught', pcall(error, 'thrown'))", r"caught\s+false\s+thrown"),
             ("print('long', #string.format('%099.17g', 1/3), 7 // 2, 2^0.5)", r"long\s+99\s+3\s+1\.4142135623731"),
             ("t = {3, 1, 2} table.sort(t) print('sorted', table.concat(t, ' '))", r"sorted\s+1 2 3")]
    with apps_vm([verified("console"), verified("scripts")], "isolate=require", devices=suite.DESKTOP) as vm:
        vm.until("running apps=2 refused=0")
        vm.until("Type help")
        before = vm.screen()
        vm.type("repl\n")
        for line, answer in lines:
            vm.type(line + "\n")
            vm.until("console#0: " + answer)
        check(len(vm.screen().differing(before)) > 1000, "the script draws nothing")
        check("unverified" not in vm.text and " fault name=" not in vm.text, "one is not verified, or faults")


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
