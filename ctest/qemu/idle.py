# SPDX-License-Identifier: MIT
"""With nothing to do the processor sleeps: no timer interrupt in two seconds without apps."""
import time

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, case, check, kernel_symbols, product, pvh  # noqa: E402

TIMER = 0x20


@case
def no_tick():
    with VM(pvh(product("argos.elf")), "", devices=suite.DESKTOP) as vm:
        vm.until("W main: no apps")
        time.sleep(1)
        counters = kernel_symbols()["first_cpu"]
        before = vm.read_u64(counters, 256)
        time.sleep(2)
        after = vm.read_u64(counters, 256)
        check(any(before), "no interrupt was ever counted: is this the counter?")
        ticks = after[TIMER] - before[TIMER]
        check(ticks == 0, f"{ticks} timer interrupts in two idle seconds")
        others = {hex(i): b - a for i, (a, b) in enumerate(zip(before, after)) if a != b}
        check(not others, f"other interrupts: {others}")
        # And it still wakes: keys and the power button are interrupts.
        vm.qmp.command("system_powerdown")
        check(vm.wait(10) == 0, "it sleeps too well: the power button does nothing")


@case
def counter_counts():
    """The same look at a machine with an app sees ticks: the test above can fail."""
    with suite.apps_vm([suite.test_app("idle")], "") as vm:
        vm.until("T idle ok")
        counters = kernel_symbols()["first_cpu"]
        before = vm.read_u64(counters + 8 * TIMER)[0]
        time.sleep(1)
        check(vm.read_u64(counters + 8 * TIMER)[0] > before, "an app runs but no timer ticks")


if __name__ == "__main__":
    suite.main()
