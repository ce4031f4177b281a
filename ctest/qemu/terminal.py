# SPDX-License-Identifier: MIT
"""The terminal under the kernel: a line is typed on a real keyboard, edited, read and shown; a flood ends."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from patience import eventually  # noqa: E402
from suite import apps_vm, case, check, product, test_app  # noqa: E402


@case
def a_line_and_a_flood():
    words = r"say \e[33mname?\e[0m_ read flood 200 say \e[2J\e[Hdone raw read"
    with apps_vm([(product("apps/terminal.elf"), "terminal", "offer=ctx.terminal/1"), (test_app("types"), "types", words.replace("\\", "\\\\"))], "",
                 devices=suite.DESKTOP) as vm:
        vm.until("offers ctx.terminal/1")
        eventually(lambda: check(bytes((0x1c, 0x1b, 0x19)) in vm.screen().colours(), "there is no window"))
        vm.type("argox")
        vm.key("backspace")
        vm.type("s")
        vm.key("ret")
        vm.until(r"T read 0 6 argos\\0a")
        vm.until("T flood")
        vm.key("up")
        vm.until(r"T read 0 3 \\1b\[A")
        vm.until("name=types pid=1 code=0")
        check("fault" not in vm.text, vm.text[-2000:])


if __name__ == "__main__":
    suite.main()
