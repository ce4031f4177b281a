# SPDX-License-Identifier: MIT
"""Verified apps in ring 0: they look like the others, can not be told from them by their pictures, and what is not verified is
refused where that is asked for."""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import groups  # noqa: E402
import isolation  # noqa: E402
import suite  # noqa: E402
import wraps  # noqa: E402
from isolation import verified  # noqa: E402
from suite import apps_vm, case, check, eventually, product  # noqa: E402


def finished(name, path, words):
    """The picture once it changes no more, and some of it is drawn."""
    with apps_vm([path], words, devices=suite.DESKTOP) as vm:
        vm.until("running apps=1 refused=0")
        eventually(lambda: check(not vm.screen().black(), f"{name} draws nothing"), 60)
        shot = vm.still()
        check("unverified" not in vm.text or "require" not in words, f"{name} is not verified")
        check(" fault name=" not in vm.text, f"{name} crashed")
        return shot


@case
def all_of_them_run_where_verified_apps_only_do():
    apps = [n for n in isolation.APPS if n not in ("console", "scripts")]  # those have a case of their own
    with apps_vm([verified(n) for n in apps], "isolate=require stop=60", devices=suite.DESKTOP) as vm:
        vm.until(f"running apps={len(apps)} refused=0")
        vm.until("Hello from an app")
        vm.until("KTEST PASS", 90)
        check("unverified" not in vm.text, "one is not verified")
        check(re.findall(r"faults=(\d+)", vm.text) == ["0"] * len(apps), "one crashed")


@case
def their_pictures_are_those_of_plain_builds():
    """Paint and snake; ctest/linux/isolation.py has all of them, where time is what a test says it is."""
    for name in ("paint", "snake"):
        plain = finished(name, product(f"apps/{name}.elf"), "slots=seq")
        shot = finished(name, verified(name), "slots=seq isolate=require")
        check(len(shot.differing(plain)) == 0, f"{name} looks otherwise")


@case
def a_processor_without_wrgsbase():
    """The slot's base goes by way of an MSR there, in nested calls and parked ones too."""
    with apps_vm([verified(n) for n in ("hello", "clock", "supervisor")], "isolate=require stop=30", cpu="max,-fsgsbase",
                 devices=suite.DESKTOP) as vm:
        vm.until("running apps=3 refused=0")
        vm.until("KTEST PASS", 60)
        check(re.findall(r"faults=(\d+)", vm.text) == ["0"] * 3, "one crashed")


@case
def parked_behind_each_instruction_it_computes_the_same():
    """In ring 0 as in a process (ctest/linux/isolation.py); once with the slot's base by way of an MSR."""
    app = suite.test_app(isolation.groups())
    with apps_vm([app], "isolate=require", devices=[]) as vm:
        vm.until("exited name=groups ")
        plain = vm.text
    for options in ({}, {"cpu": "max,-fsgsbase"}):
        both = [(app, name, groups.WORDS) for name in ("groups", "groups")]
        with apps_vm(both, "isolate=require frame_us=0", devices=[], **options) as vm:
            eventually(lambda: check(groups.ended(vm.text, len(both)), "they do not end"), 60)
            groups.same(plain, vm.text, len(both))


@case
def at_both_ends_of_a_slot_addresses_stay_in_it():
    """Between two slots that are in use."""
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        hello = (verified("hello"), "hello", wraps.WORDS)
        apps = [hello, (wraps.build(folder), "wraps", wraps.WORDS), hello]
        with apps_vm(apps, f"isolate=require slots=seq debugexit nodisplay frame_us=0 stop={wraps.FRAMES}") as vm:
            vm.wait()
            bases = [int(b, 16) for b in re.findall(r"started name=\w+ pid=\d+ slot=(0x[0-9a-f]+)", vm.text)]
            check([b - bases[0] for b in bases] == [0, wraps.SLOT, 2 * wraps.SLOT], f"not side by side: {bases}")
            wraps.right(vm.text)


@case
def the_menu_has_an_entry_for_them():
    """Everything in it is verified."""
    verified("console")
    with open(os.path.join(suite.SOURCE, "iso", "isolated.list"), encoding="utf-8") as f:
        count = sum(line.startswith("?") for line in f)
    with suite.iso_vm("isolated") as vm:
        vm.until(rf"running apps={count} refused=0", 60)
        check("unverified" not in vm.text and "isolate=require" in vm.text, "one is not verified")


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


def title(vm, x, y, w, h):
    """Colours that are much in this part of the screen."""
    shot = vm.screen()
    seen = [shot.at(i, j) for j in range(y, y + h) for i in range(x, x + w)]
    return {c for c in set(seen) if seen.count(c) >= 20}


@case
def console_and_supervisor_say_whether_apps_are_isolated():
    """By a lamp in the title bar: as soon as one began that is not verified, it is another one."""
    # The console's own on its dark glass; the supervisor's are good and warn of <ctx/theme.h>.
    lamps = {"console": ((0x5d, 0xd3, 0x9e), (0xff, 0xb4, 0x54)), "supervisor": ((0x8f, 0xb5, 0x73), (0xdc, 0xc0, 0x5a))}
    apps = [(verified("console"), "console", "grant=ctx.system/1"),
            (verified("supervisor"), "supervisor", "grant=ctx.control/1,ctx.system/1 hidden")]
    for more, which in (([], 0), ([product("apps/hello.elf")], 1)):
        with apps_vm(apps + more, "", devices=suite.DESKTOP) as vm:
            vm.until(f"running apps={len(apps + more)} refused=0")

            def lit(name, x, y, w, h):
                lamp, other = lamps[name][which], lamps[name][1 - which]
                eventually(lambda: check(lamp in title(vm, x, y, w, h), f"{name}: {lamp} is not lit"))
                check(other not in title(vm, x, y, w, h), "both are")
            shot = vm.screen()
            lit("console", shot.w * 3 // 100 + 300, shot.h * 12 // 100, 280, 28)
            vm.key("f12")
            lit("supervisor", shot.w // 2 - 100, shot.h // 2 - 300, 640, 50)
    with apps_vm([(verified("console"), "console")], "", devices=suite.DESKTOP) as vm:  # it may not know, and says nothing
        vm.until("Type help")
        vm.still()
        check(not set(lamps["console"]) & title(vm, shot.w * 3 // 100 + 300, shot.h * 12 // 100, 280, 28), "it says what it can not know")


@case
def what_is_not_verified_is_refused_where_that_is_asked_for():
    with apps_vm([product("apps/hello.elf"), verified("hello")], "isolate=require", devices=[]) as vm:
        vm.until(r"E app: unverified name=hello at=slot\+0x[0-9a-f]+ in=_start\+0x[0-9a-f]+ bytes=[0-9a-f]+ rule=\w+: "
                 "rebuild with ctx cc or VERIFIED in CMake, or boot with isolate=prefer")
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
def time_stamps_are_refused_unless_the_system_allows_them():
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        apps = [isolation.clock_reader(folder)]
        for word, said in (("isolate-rdtsc=off", "E app: unverified name=reader .* rule=opcode: "),
                           ("isolate-rdtsc=yes", "E boot: isolate-rdtsc: neither on nor off; taken as off[^$]*E app: unverified name=reader "),
                           ("isolate-rdtsc=on stop=5", "app=reader pid=0 calls=5 faults=0 ")):
            with apps_vm(apps, "isolate=require " + word, devices=[]) as vm:
                vm.until(said)
                check(("unverified" in vm.text) == ("=on" not in word), f"{word}: {vm.text[-2000:]}")


@case
def a_word_that_nobody_knows_is_taken_for_the_strictest():
    with apps_vm([product("apps/hello.elf")], "isolate=requrie", devices=[]) as vm:
        vm.until("E boot: isolate: neither off nor prefer nor require; taken as require")
        vm.until("E app: unverified name=hello ")
        vm.until("no apps: nothing to run")


if __name__ == "__main__":
    suite.main()
