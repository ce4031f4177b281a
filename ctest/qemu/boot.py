# SPDX-License-Identifier: MIT
"""Every way to boot reaches "all apps called 60 times"; every menu entry boots."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
import vm as machine  # noqa: E402
from suite import Skip, apps_vm, case, check, iso_vm, limit, ovmf, product  # noqa: E402


ONCE = "debugexit stop=1"  # apps that wait, beside one that does not, are called no sixty times


def passed(vm, least_apps=1, calls=60):
    vm.verdict("pass")
    match = vm.until(r"KTEST PASS apps=(\d+) calls=(\d+)")
    check(int(match[1]) >= least_apps, f"only {int(match[1])} apps ran")
    check(int(match[2]) >= calls, f"only {int(match[2])} calls")
    check("refused file=" not in vm.text, "an app was refused")
    check(" fault " not in vm.text, "an app faulted")


@case
def pvh():
    apps = [product(f"apps/{n}.elf") for n in ("background", "hello", "cursor")]
    with apps_vm(apps, devices=suite.DESKTOP) as vm:
        passed(vm, 3)


@case
def pvh_without_display():
    with apps_vm([product("apps/hello.elf")]) as vm:
        passed(vm)


@case
def bios():
    with iso_vm("windows", ONCE) as vm:
        passed(vm, 5, 1)


@case
def uefi():
    if not ovmf():
        raise Skip("there is no UEFI firmware (package ovmf)")
    with iso_vm("windows", ONCE, uefi=True) as vm:
        passed(vm, 5, 1)


@case
def uefi_without_a_framebuffer():
    """A display that only our driver can drive: the framebuffer that the firmware then names is at address 0."""
    if not ovmf():
        raise Skip("there is no UEFI firmware (package ovmf)")
    with iso_vm("toys", "debugexit", uefi=True, mem=512, devices=["-vga", "none", "-device", "virtio-gpu-pci"]) as vm:
        vm.until(r"W boot: framebuffer 1280x800 at=0x0 pitch=5120 is not used: it lies on memory")
        vm.until(r"display: using virtio-gpu width=1280 height=800")
        vm.until(r"app\.hello#")
        end = time.monotonic() + limit(20)
        while len(vm.screen().colours()) <= 100 and time.monotonic() < end:
            time.sleep(0.3)
        check(len(vm.screen().colours()) > 100, "the desktop is not to be seen")
        check("PANIC" not in vm.text, "the kernel panicked")


@case
def panic_inside_a_panic():
    """The display is the trouble: one line more, the verdict, and the end."""
    with apps_vm([product("apps/hello.elf")], "panic=twice debugexit", devices=suite.DESKTOP) as vm:
        vm.verdict("panic", 20)
        lines = [line for line in vm.log() if line.startswith("PANIC")]
        check(lines[:1] == ["PANIC inside a panic: exception 14 error=0x2 ip=" + lines[0].split("ip=")[-1]]
              if lines else False, f"said {lines}")
        check(len(lines) == 1, f"said {lines}")


@case
def panic_in_a_task():
    """Nothing else runs any more, the task that gave up least of all; the display still shows the page."""
    with apps_vm([product("apps/hello.elf")], "panic=task debugexit", devices=suite.DESKTOP) as vm:
        vm.verdict("panic", 20)
        text = vm.text
        check("PANIC asked for by the boot word `panic=task`" in text, "it did not panic")
        check("PANIC inside" not in text, "a second panic")
        check("a task runs" not in text.split("PANIC", 1)[1], "another task ran after the panic")
        check("panic_in_task+" in text, "the backtrace does not name the task")


def menu(entry):
    with iso_vm(entry) as vm:
        if entry == "selftest":
            vm.verdict("pass")
            check("selftest" in vm.text, "no self-test ran")
            check(" FAIL" not in vm.text, "the self-test failed")
        else:
            passed(vm, 2)


@case
def menu_veterans():
    menu("veterans")


@case
def menu_toys():
    menu("toys")


@case
def menu_everything():
    menu("everything")


@case
def menu_selftest():
    menu("selftest")


@case
def usb_stick():
    """The same file as a hard disk: what a USB stick looks like to a BIOS."""
    with suite.VM(["-drive", f"if=none,id=usb,format=raw,readonly=on,file={machine.commas(product('argos.iso'))}",
                   "-device", "qemu-xhci", "-device", "usb-storage,drive=usb,bootindex=0"],
                  ONCE, entry="windows", devices=suite.DESKTOP) as vm:
        passed(vm, 5, 1)


@case
def menu_by_itself():
    """Nobody chooses: after three seconds it is the desktop, with all its programs or, where there is little memory, with few."""
    for entry, mem, session in ((None, 256, "windows"), (None, 48, "windows"), (None, 47, None), (None, 32, None), ("fresh", 32, None)):
        with iso_vm(entry, "debugexit", mem=mem) as vm:
            vm.until("main: running")
            check(('words="session=windows ' in vm.text) == (session is not None) == ("session=" in vm.text), f"{mem} MiB: {session}")
            check(entry is not None or "Windows" in vm.text, "there is no menu")
            check("refused file=" not in vm.text, "an app was refused")
            if session is None:
                vm.until(r"app\.desktop#\d+: notice: This machine: Little memory")


@case
def two_bases():
    """Slot bases differ from boot to boot, and do not with slots=seq."""
    bases = []
    for words in ("", "", " slots=seq", " slots=seq"):
        with apps_vm([product("apps/hello.elf")], suite.STOP + words) as vm:
            passed(vm)
            bases.append(vm.until(r"started name=hello pid=0 slot=(0x[0-9a-f]+)")[1])
    check(bases[0] != bases[1], "the slot base is the same in two boots")
    check(bases[2] == bases[3], "slots=seq gives two bases")


if __name__ == "__main__":
    suite.main()
