# SPDX-License-Identifier: MIT
"""What isolation stands on in ring 0, beside the verifier: read-only is read-only there, no data is executed, every exception has a
stack that no app chooses, and the kernel's own code leaves gs alone. W^X and the rights of a slot's pages: memory.py."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import holds  # noqa: E402
import suite  # noqa: E402
from suite import Skip, apps_vm, case, check, product, test_app  # noqa: E402

CR0_WP, CR0_PG, EFER_NXE = 1 << 16, 1 << 31, 1 << 11
KERNEL_HALF = 0xffff_8000_0000_0000


def apps():
    hello = os.path.join(suite.build(), "apps", "hello", "verified", "hello.elf")
    if not os.path.exists(hello):
        raise Skip("no verified apps: there is no clang")
    return [hello, test_app("idle")]


@case
def read_only_and_no_execute_bind_ring_0():
    with apps_vm(apps(), "", devices=[]) as vm:
        vm.until("T idle ok")
        registers = vm.human("info registers")
        cr0, efer = (int(re.search(rf"\b{name}\s*=\s*([0-9a-f]+)", registers)[1], 16) for name in ("CR0", "EFER"))
        check(cr0 & CR0_WP, f"CR0={cr0:#x}: ring 0 writes to pages that are read-only")
        check(cr0 & CR0_PG and efer & EFER_NXE, f"CR0={cr0:#x} EFER={efer:#x}: data can be executed")


@case
def every_vector_has_a_stack_that_no_app_chooses():
    """An app's rsp may be anything at all when an exception comes."""
    with apps_vm(apps(), "", devices=[]) as vm:
        vm.until("T idle ok")
        registers = vm.human("info registers")
        found = re.search(r"IDT=\s*([0-9a-f]+) ([0-9a-f]+)", registers)
        task = re.search(r"TR =[0-9a-f]+ ([0-9a-f]+) ", registers)
        check(found and task, f"no tables: {registers}")
        base, size = int(found[1], 16), int(found[2], 16)
        check(size == 4095, f"{(size + 1) // 16} vectors")
        words = vm.read_u64(base, 512)
        tss = b"".join(w.to_bytes(8, "little") for w in vm.read_u64(int(task[1], 16), 13))
        stacks = {n: int.from_bytes(tss[36 + 8 * (n - 1):44 + 8 * (n - 1)], "little") for n in range(1, 8)}
        for vector in range(256):
            low, high = words[2 * vector:2 * vector + 2]
            ist, kind, goes = low >> 32 & 7, low >> 40 & 0xff, low & 0xffff | low >> 48 << 16 | (high & 0xffffffff) << 32
            check(ist != 0, f"vector {vector} runs on whatever stack the app has")
            check(stacks[ist] >= KERNEL_HALF, f"vector {vector}: stack {ist} is {stacks[ist]:#x}")
            check(kind == 0x8e, f"vector {vector}: {kind:#x} is no interrupt gate of ring 0")
            check(goes >= KERNEL_HALF, f"vector {vector} leads to {goes:#x}")


@case
def the_kernels_code_leaves_gs_alone():
    """Between two calls gs is what the last verified app had: kernel code that used it would be in that app's hands."""
    uses, changes = holds.gs_users(product("argos.elf"), "-j", ".text")
    check(not uses, f"memory by gs: {uses}")
    check(changes and set(changes) <= {"app_call", "enter", "machine_call", "machine_resume", "back"}, f"gs is changed in {changes}")
    uses, changes = holds.gs_users(product("argos.elf"))
    boot = {f for f in changes if f.startswith("msg_")} | {"long_mode"}  # its texts are no code; and the selector, once
    strange = set(changes) - {"app_call", "enter", "machine_call", "machine_resume", "back"} - boot
    check(not strange, f"gs is changed in {strange}")


if __name__ == "__main__":
    suite.main()
