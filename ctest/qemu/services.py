# SPDX-License-Identifier: MIT
"""Services under the kernel: a provider that is killed at random in a hundred thousand calls of three consumers, and a hundred calls of verified ones."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import services  # noqa: E402
import suite  # noqa: E402
from suite import Skip, apps_vm, case, check, test_app  # noqa: E402


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
    path = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "serving-libctx.elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: they were not built, or there is no clang")
    text = go(path, "debugexit nodisplay frame_us=1 isolate=require poison", calls=2000, killer=10)
    why = services.wrong(text, 2000)
    check(why is None and "runs trusted" not in text, why)


if __name__ == "__main__":
    suite.main()
