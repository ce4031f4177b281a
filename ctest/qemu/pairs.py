# SPDX-License-Identifier: MIT
"""Services between languages in ring 0: providers and consumers in C, C++ and Rust, all at once; and those that are verified."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import parcels  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check  # noqa: E402

BUDGET = "budget=100ms"  # ticks come here however little of the processor QEMU gets


def run(apps, words):
    with apps_vm(apps, words) as vm:
        for pattern in parcels.said(apps):
            vm.until(pattern)
        check(not parcels.wrong(apps, vm.text), "\n  ".join(parcels.wrong(apps, vm.text)))
        return vm.text


@case
def each_with_each():
    run(parcels.pairs(budget=BUDGET), "nodisplay")


@case
def verified_ones():
    check("unverified" not in run(parcels.pairs(True, BUDGET), "nodisplay isolate=require"), "one is not verified")


if __name__ == "__main__":
    suite.main()
