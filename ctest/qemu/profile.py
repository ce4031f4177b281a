# SPDX-License-Identifier: MIT
"""The v1/v2 profile, point by point: a test app for each turns red when the point is broken."""
import re

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, Failure, apps_vm, case, check, test_app, verdicts  # noqa: E402

# All that needs nobody outside runs in one boot. exhaust and log have boots of their own.
ALONE = ["version", "time", "fb", "alloc", "store", "p02", "p03", "p05a", "p05b", "p07", "p09", "p10",
         "p11-exec", "p11-dyn", "p11-relr", "entry", "gates", "gate0"]
SAYS = [n for n in ALONE if n not in ("p05a", "p05b", "fb")]
FAULTS = ["null", "ud2", "divide", "text", "stack_code", "overflow", "wild", "noncanonical", "high",
          "gatepage", "other_slot", "rsp", "align"]


@case
def points():
    """Points 1 (no note, no refusal), 2, 3, 5, 7, 9, 10, 11, the entry state, and the fields."""
    apps = [test_app(n) for n in ALONE if n != "fb"]
    with apps_vm(apps, "debugexit stop=100", devices=suite.DESKTOP) as vm:
        vm.verdict("pass")
        verdicts(vm, SAYS + ["p05"])
        check("refused file=" not in vm.text, "an app was refused")
        check(not re.search(r" fault .*name=", vm.text), "an app faulted")
        pids = [int(p) for p in re.findall(r"started name=\S+ pid=(\d+)", vm.text)]
        check(pids == list(range(len(apps))), f"pids are {pids}")
        check(re.search(r"\] [DIWE] [^\n]*int3", vm.text), "int3 was not logged")


@case
def points_without_display():
    """The same without any display: the canvas is a private one."""
    apps = [test_app(n) for n in ALONE]
    apps = [a for a in apps if not a.endswith(("p05a.elf", "p05b.elf"))]
    with apps_vm(apps, "debugexit stop=100 nodisplay") as vm:
        vm.verdict("pass")
        verdicts(vm, SAYS + ["fb"])


@case
def log():
    with apps_vm([test_app("log"), test_app("idle")], "debugexit stop=40") as vm:
        vm.verdict("pass")
        verdicts(vm, ["log"])
        check(re.search(r"log#0: T exactly this\s*$", vm.text, re.M), "log ignores the length")
        check(not re.search(r"^PANIC", vm.text, re.M), "an app can forge a panic")
        check(not re.search(r"^\[ +0\.000000\] E main: a lie", vm.text, re.M),
              "an app can forge a kernel line")


@case
def exhaust():
    with apps_vm([test_app("exhaust"), test_app("idle")], "debugexit stop=40", mem=96) as vm:
        vm.verdict("pass")
        verdicts(vm, ["exhaust"])
        vm.until("T idle ok")


@case
def p08_faults():
    """Each kind of fault is named, and the apps beside it never notice."""
    apps = [(test_app(f"fault-{n}"), f"f-{n}".replace("_", "-")) for n in FAULTS]
    with apps_vm(apps + [test_app("idle")], "") as vm:
        vm.until("T idle ok", 30)
        for _, name in apps:
            try:
                vm.until(rf"E app: fault .*name={name}\b", 10)
            except Failure:
                raise Failure(f"no fault of {name} was reported") from None
        check(not re.search(r"^PANIC", vm.text, re.M), "the kernel panicked")
        check("T fault FAIL" not in vm.text, "something that must fault did not")
        check("T p08 FAIL" not in vm.text, "the store was not put back after a fault")
        for words in (r"it wrote to null\+0x", "below its stack, which has overflowed",
                      "its image, which it may not", "it executed .* outside its slot", r"  rsp=\w{16} rbp="):
            check(re.search(words, vm.text), f"no fault is told as {words!r}")


@case
def p11_pointers_in_exec():
    """ET_EXEC with a table of pointers cannot work: the loader warns, by name."""
    with apps_vm([test_app("p11-exec-pointers"), test_app("idle")], "debugexit stop=40") as vm:
        vm.wait()
        check(re.search(r"\] W app: .*p11-exec-pointers", vm.text), "no warning about the pointers")
        vm.until("T idle ok")


@case
def frozen():
    """The frozen binaries of all versions, C and Rust, run as on their first day."""
    found = []
    for version in ("v1", "v2"):
        here = os.path.join(SOURCE, "libctx", "abi", version)
        names = sorted(n for n in os.listdir(here) if n.endswith(".elf"))
        check(names, f"there is no binary under libctx/abi/{version}")
        found += [os.path.join(here, n) for n in names]
    with apps_vm(found, suite.STOP, devices=suite.DESKTOP) as vm:
        vm.verdict("pass")
        check(not re.search(r" fault .*name=", vm.text), "it faulted")
        check("refused file=" not in vm.text, "it was refused")


if __name__ == "__main__":
    suite.main()
