# SPDX-License-Identifier: MIT
"""Undo of a call, under the kernel."""
import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
import undo  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402


def declare(name, app, words, core, least):
    def run():
        with apps_vm([(test_app(app), "a", f"{words} {core}")], "debugexit", seconds=90) as vm:
            vm.until(r"exited name=a|stopped name=a")
            wrong = undo.wrong(vm.text, least)
            check(not wrong, "; ".join(wrong[:4]))
    run.__name__ = name
    case(run)


for _run in undo.RUNS:
    declare(*_run)

STEADY = ["rusty", "veteran", "cursor", "hello", "background"]
CALLS = 150


def steady(words, seed):
    """One boot of apps whose state depends on their calls alone; app number n has words(n) behind it."""
    apps = [(suite.product(f"apps/{name}.elf"), name, words(seed + n)) for n, name in enumerate(STEADY)]
    apps.append((test_app("holder"), "holder", f"24 5 {words(seed + 7)}"))
    with apps_vm(apps, f"debugexit nodisplay slots=seq stop={CALLS} hash", seconds=120) as vm:
        vm.wait()
        check("PANIC" not in vm.text, "a panic")
        return vm.text


@case
def faults_beside_a_twin():
    """Chance faults in apps that can be undone: after each, the same memory as a twin that had none."""
    twin = steady(lambda n: "", 0)
    found = collections.Counter()
    for seed in range(1, int(os.environ.get("ARGOS_UNDO_BOOTS", "3")) + 1):
        text = steady(lambda n: f"inject={n},4,u restart=undo:1000 overrun=restart:1 budget=50ms", seed * 100)
        for name in [*STEADY, "holder"]:
            hashes = undo.hashes(twin, name)
            check(len(hashes) >= CALLS, f"{name}: {len(hashes)} hashes")
            undo.follow(text, hashes, found, name)
    total = sum(found.values())
    print(f"{total} faults: " + ", ".join(f"{n} {what} ({100 * n / total:.1f} %)" for what, n in sorted(found.items())))
    check(found["undone and right"] >= max(20, 0.9 * (total - found["began anew"])), "undoing does not do what it is for")
    check(found["undone, but wrong"] == 0, "an undone call left something behind")


if __name__ == "__main__":
    suite.main()
