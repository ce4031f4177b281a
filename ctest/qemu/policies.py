# SPDX-License-Identifier: MIT
"""What becomes of apps that misbehave: the table of harness/policies.py, under the kernel; and 10,000 lives in one boot."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import policies  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402

FAILED = 41


def declare(e):
    def run_entry():
        apps = [(test_app(file), name, words) for file, name, words in e.apps]
        with apps_vm(apps, "debugexit nodisplay", seconds=60) as vm:
            rc = vm.wait()
            wrong = e.wrong(vm.text)
            check(not wrong, f"{e.name}: " + "; ".join(wrong))
            check(rc == (FAILED if e.ended else 0), f"QEMU ends with {rc}")
    run_entry.__name__ = e.name
    case(run_entry)


for _e in policies.ENTRIES:
    declare(_e)


@case
def lives():
    """Load, fault, kill, ten thousand times: memory and the number of apps come back exactly."""
    file, name, words = policies.CYCLES
    with apps_vm([(test_app(file), name, words.format(10000))], "nodisplay frame_us=0", seconds=200) as vm:
        vm.wait()
        wrong = policies.cycles_wrong(vm.text, 10000)
        check(not wrong, "; ".join(wrong))


if __name__ == "__main__":
    suite.main()
