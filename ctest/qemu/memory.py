# SPDX-License-Identifier: MIT
"""The page tables of a running machine, read through QEMU: what is mapped, and with which rights."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, iso_vm, product, test_app  # noqa: E402

SLOTS = (0x2000_0000_0000, 0x5000_0000_0000)
KERNEL_HALF = 0xffff_8000_0000_0000
TEXT_KIB = 456  # what it may have: 281 before the verifier, 300 with it, 356 with services, shares, grants and 64 surfaces, 401 with windows, streams and files, 415 with disks for apps and slots of PCI Express, 438 with network cards, 442 with version 3, 447 with surfaces in any size and surfaces that are drawn anew, 451 with a usual call's own way and one scale and zone for everybody, 455 with ends to what files, undone calls and services take, looks for everybody, and words of the boot line that there are not


def mappings(vm):
    """[(address, writable, executable)] of every mapped page."""
    text = vm.human("info tlb")
    pages = []
    for address, flags in re.findall(r"^([0-9a-f]{16}): [0-9a-f]{16} (\S+)", text, re.M):
        pages.append((int(address, 16), "W" in flags, "X" not in flags))  # X says NX
    check(len(pages) > 50, f"cannot read the page tables: {text[:200]}")
    return pages


def look(vm):
    pages = mappings(vm)
    both = [hex(a) for a, writable, executable in pages if writable and executable]
    check(not both, f"{len(both)} pages can be written and run: {both[:5]}")
    strange = [hex(a) for a, _, _ in pages
               if a < KERNEL_HALF and not SLOTS[0] <= a < SLOTS[1]]
    check(not strange, f"mapped outside slots and kernel: {strange[:5]}")
    check(any(executable for a, _, executable in pages if a >= KERNEL_HALF), "no kernel code?")
    return pages


@case
def write_xor_run():
    """W^X everywhere, no identity map left, and a slot looks as in its table of offsets."""
    with apps_vm([test_app("idle"), test_app("p11-dyn"), test_app("p11-exec")], "",
                 devices=suite.DESKTOP) as vm:
        vm.until("T idle ok")
        pages = look(vm)
        bases = [int(b, 16) for b in re.findall(r"slot=(0x[0-9a-f]+)", vm.text)]
        check(len(bases) == 3, f"slots: {bases}")
        for base in bases:
            check(base % (1 << 32) == 0 and SLOTS[0] <= base < SLOTS[1], f"slot at {base:#x}")
            slot = {a - base: (w, x) for a, w, x in pages if base <= a < base + (1 << 32)}
            for offset, rights in slot.items():
                name = f"slot+{offset:#x} has rights W={rights[0]} X={rights[1]}"
                if offset < 0x10000 or offset >= 0xffff0000:
                    check(False, name + " but must not be mapped")
                elif offset < 0x20000:
                    check(rights == (False, True), name + " in the gate page")
                elif offset < 0x80000:
                    check(rights == (False, False), name + " in the kernel's pages")
                elif offset < 0x200000 or offset >= 0x10000000:
                    check(rights == (True, False), name + " in the app's data")
            check(0x10000 in slot and 0x80000 in slot and 0x81000 in slot, "pages are missing")


@case
def write_xor_run_by_grub():
    """The same after a boot by GRUB, with the framebuffer mapped."""
    with iso_vm("windows", "", devices=["-device", "VGA"]) as vm:
        vm.until("main: running")
        look(vm)


@case
def the_kernel_stays_small():
    """Text and constants, without the names for backtraces. Seen: a library of which two functions were used was there with forty."""
    out = subprocess.run(["size", "-A", "-d", product("argos.elf")], stdout=subprocess.PIPE, text=True, check=True).stdout
    sections = {w[0]: int(w[1]) for w in map(str.split, out.splitlines()) if len(w) == 3 and w[1].isdigit()}
    kib = sum(sections[name] for name in (".boot", ".text", ".rodata")) / 1024
    check(kib <= TEXT_KIB, f"{kib:.1f} KiB of text and constants: {sections}")


if __name__ == "__main__":
    suite.main()
