# SPDX-License-Identifier: MIT
"""An app that never returns does not stop the others; one that takes long comes to the right result."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, eventually, product, test_app  # noqa: E402


@case
def the_others_go_on():
    apps = [test_app("idle"), test_app("endless"), test_app("keys")]
    with apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        vm.until(r"W app: overran name=endless")
        time.sleep(1)
        for key, code in (("a", 30), ("b", 48)):
            vm.key(key)
            vm.until(rf"T up code={code} ", 3)
        for key in ("ctrl", "alt", "delete"):
            vm.key(key, True)
        check(vm.wait(10) == 0, "Ctrl-Alt-Del does nothing beside an endless app")


@case
def endless_before_the_machine_ever_slept():
    """The first call of the first app, without drivers that wait for anything: the tick runs already."""
    with apps_vm([test_app("endless-first"), test_app("idle")], "nodisplay") as vm:
        vm.until(r"W app: overran name=endless-first")
        vm.until("T idle ok")


@case
def the_cursor_stays_smooth():
    apps = [product("apps/background.elf"), test_app("endless"), product("apps/cursor.elf")]
    with apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        vm.until(r"W app: overran name=endless")
        for x in range(200, 1200, 100):
            vm.mouse_to(x, 700)
            eventually(lambda at=x: check(max(vm.screen().at(at, 700)) > 240, f"the cursor does not follow to {at}"))


@case
def interrupted_arithmetic():
    """Integer, SSE and x87 registers of an interrupted call are what they were."""
    with apps_vm([test_app("slow"), test_app("slow"), test_app("idle")], "") as vm:
        vm.until("app.slow#0: T slow ok", 60)
        vm.until("app.slow#1: T slow ok", 60)
        check("FAIL" not in vm.text, "a result differs")
        check(re.search(r"overran name=slow .*preemptions=(\d+)", vm.text), "nothing was interrupted: a poor test")


@case
def a_good_day_has_no_preemption():
    with apps_vm([test_app("idle"), product("apps/cursor.elf")], suite.STOP, devices=suite.DESKTOP) as vm:
        vm.verdict("pass")
        check(re.findall(r"preempted=(\d+)", vm.text) == ["0", "0"], "someone was interrupted")


if __name__ == "__main__":
    suite.main()
