# SPDX-License-Identifier: MIT
"""Small, large, old and poor machines: named, no hang."""
import time

import os
import re
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, apps_vm, case, check, eventually, iso_vm, product, pvh, test_app  # noqa: E402

LEAST = "3M"  # for hello alone: kernel/doc/performance.md


def hello(**options):
    options.setdefault("devices", suite.DESKTOP)
    with apps_vm([product("apps/hello.elf"), test_app("idle")], suite.STOP, **options) as vm:
        vm.verdict("pass")
        vm.until("T idle ok")
        return vm.text


def screen(width, height):
    return ["-device", f"virtio-vga,id=gpu,xres={width},yres={height}", "-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci"]


def lacks(vm, mem):
    """How many MiB the kernel asks for; None: it runs."""
    found = vm.until(r"main: running|E main: .*; give this machine (\d+) MiB")
    check("refused file=" not in vm.text, f"-m {mem}: an app was refused")
    return int(found[1]) if found[1] else None


def windows_in(mem, size):
    """Boots what the menu begins with: the session of its entry, once the desktop's wallpaper and bar and the clock are seen."""
    with iso_vm("windows", "", mem=mem, devices=screen(*size), seconds=90) as vm:
        check(lacks(vm, mem) is None, f"-m {mem}: not enough")

        def look():
            shot = vm.screen()
            check(len(shot.crop(0, size[1] - 300, size[0], 200).colours(1)) > 40, f"-m {mem}: no wallpaper")
            check(len(shot.crop(0, size[1] - 34, size[0], 30).colours(1)) > 20, f"-m {mem}: no task bar")
            check(len(shot.crop(0, 0, 300, 260).colours(1)) > 60, f"-m {mem}: no clock")
        eventually(look)
        check("no memory" not in vm.text, f"-m {mem}: {re.search('.*no memory.*', vm.text)}")
        return (re.search(r'words="(session=\S+)', vm.text) or [None, None])[1]


def toys_in(mem, size, uefi=False):
    """Boots the Toys: None if they run, and all of them; else how many MiB the kernel asks for."""
    with iso_vm("toys", "", mem=mem, devices=screen(*size), uefi=uefi, seconds=90) as vm:
        asked = lacks(vm, mem)
        if asked is not None:
            return asked
        # A sky of many colours, not the plain one that stands in for it.
        while len({shot.at(x, 40) for shot in [vm.screen()] for x in range(0, shot.w, 7)}) < 12:
            check("no memory for the picture" not in vm.text, f"-m {mem}: the wallpaper is missing")
            vm.expect_silence("no memory for", 0.3)
        return None


@case
def advice_is_enough():
    """A machine that is too small is told a number, and with that number all of the Toys are there: their wallpaper too."""
    for size, sizes in (((1280, 800), (20, 18, 13)), ((1920, 1080), (33, 14)), ((640, 480), (12, 10))):
        for mem in sizes:
            asked = toys_in(mem, size)
            if asked is not None:
                check(asked > mem, f"-m {mem} is told to have {asked}")
                check(toys_in(asked, size) is None, f"-m {mem} at {size}: {asked} MiB are not enough either")


def hello_in(mem, devices=()):
    """Boots hello alone: None if it runs, else how many MiB it is told to have."""
    with apps_vm([product("apps/hello.elf")], "debugexit stop=3", mem=mem, devices=devices, seconds=30) as vm:
        rc = vm.wait(30)
        if rc == 33:
            vm.until(r"app\.hello#0: Hello")
            return None
        check(rc == 39, f"-m {mem}: exit code {rc}: {vm.text[-300:]}")
        return int(vm.until(r"not enough memory.*; give this machine (\d+) MiB")[1])


@case
def little_memory():
    """From nothing upwards: hello runs, or is told what would do; never a reset, a panic or an app that is refused."""
    for devices, sizes in (([], ("1088k", "1536k", "1792k", "1984k", "2M", "2112k", "2560k", LEAST)),
                           (suite.DESKTOP, ("2M", LEAST, "4M", "5632k", "6M", "9M", "10M", "11M", "12M"))):
        for mem in sizes:
            asked = hello_in(mem, devices)
            check(mem != LEAST or asked is None, f"{LEAST} are not enough: {asked}")
            if asked is not None and devices:  # where the kernel itself does not fit nobody has looked for devices: then once more
                asked = hello_in(asked, devices) or asked
            check(asked is None or hello_in(asked, devices) is None, f"-m {mem}: told to have {asked} MiB, which are not enough")
    # The loader puts an archive of 200 KiB below what is firmware's, and so over the kernel's data. (Half a MiB would lie over
    # its code, and then nobody is left to say so.)
    more = [(os.urandom(200 << 10), "noise")]
    with apps_vm([product("apps/hello.elf"), *more], "debugexit stop=3", mem="2432k", seconds=30) as vm:
        check(vm.wait(30) == 39, "an archive over the kernel")
        asked = int(vm.until(r"not enough memory: the boot loader put .* over the kernel; give this machine (\d+) MiB")[1])
    with apps_vm([product("apps/hello.elf"), *more], "debugexit stop=3", mem=asked, seconds=30) as vm:
        vm.until(r"app\.hello#0: Hello")


@case
def as_small_as_the_readme_says():
    text = suite.read(os.path.join(suite.SOURCE, "README.md")).decode()
    whole, few = map(int, re.search(r"(\d+) MiB of memory are enough for the desktop at 1280x800 by BIOS, (\d+) for one", text).groups())
    for mem, words in ((whole, "session=windows"), (whole - 1, None), (few, None)):
        found = windows_in(mem, (1280, 800))
        check(found == words, f"-m {mem}: {found}")


@case
def small():
    """The Toys in 36 MiB."""
    with iso_vm("toys", mem=36) as vm:
        vm.verdict("pass")
        check("refused file=" not in vm.text, "an app was refused")


@case
def large():
    hello(mem="8G")
    with iso_vm("windows", "debugexit stop=1", mem="8G") as vm:
        vm.verdict("pass")


@case
def no_vga():
    """Neither display nor input devices: named, and the apps run."""
    text = hello(devices=["-vga", "none"])
    check("display" in text, "the missing display is not named")
    for entry in ("windows", "toys"):
        with iso_vm(entry, "debugexit stop=1", devices=["-vga", "none"]) as vm:
            vm.verdict("pass")


@case
def four_processors():
    hello(smp=4)


@case
def plain_processor():
    for cpu in ("qemu64", "Nehalem", "Opteron_G1"):
        hello(cpu=cpu)


@case
def not_64_bit():
    """A processor without long mode: one readable line, no hang."""
    for cpu in ("pentium3", "qemu32"):
        with VM(pvh(product("argos.elf")), suite.STOP, cpu=cpu) as vm:
            rc = vm.wait(20)
            check(rc in (35, 39), f"exit code {rc}")
            check(vm.text.strip(), "nothing was said")


@case
def without_nx():
    with VM(pvh(product("argos.elf")), suite.STOP, cpu="qemu64,-nx") as vm:
        rc = vm.wait(20)
        check(rc in (35, 39), f"exit code {rc}")
        check("NX" in vm.text, "the missing feature is not named")


@case
def legacy_only():
    """No virtio, no PCI Express, no HPET: the machine of 1996."""
    hello(machine="pc,hpet=off", devices=["-device", "VGA"])


@case
def microvm():
    """Its own virtio devices are of a transport that nobody drives: said at boot, each is counted."""
    mmio = ["-device", "virtio-keyboard-device", "-device", "virtio-tablet-device"]
    for machine in ("microvm", "microvm,acpi=off"):
        text = hello(machine=machine, devices=mmio)
        check(re.search(r"W virtio: virtio-mmio devices are passed over.* devices=2$", text, re.M), f"{machine}: not said\n{text}")
    check("passed over" not in hello(machine="microvm", devices=[]), "there are none")
    check("passed over" not in hello(), "there are none")


@case
def no_acpi():
    hello(machine="pc,acpi=off", devices=[])


@case
def polling():
    """nomsix: devices are polled."""
    with apps_vm([test_app("keys")], "nomsix", devices=suite.DESKTOP) as vm:
        vm.until("T keys ready")
        time.sleep(0.3)
        vm.key("a")
        vm.until("T up code=30 ", 5)


@case
def level_triggered_lines():
    """Firmware whose overrides say that keyboard, mouse and serial line are level-triggered: more than the first key comes."""
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        path = os.path.join(folder, "madt")
        with open(path, "wb") as f:  # behind a table's header: local APIC's address, flags, overrides
            f.write(struct.pack("<II", 0xfee00000, 1))
            for irq in (1, 4, 12):
                f.write(struct.pack("<BBBBIH", 2, 10, 0, irq, irq, 0xd))
        with apps_vm([test_app("keys")], "", devices=[], extra=["-acpitable", f"sig=APIC,data={path}"]) as vm:
            vm.until(r"acpi: .* overrides=8 ")
            vm.until("T keys ready")
            time.sleep(0.3)
            for key, code in (("a", 30), ("s", 31), ("d", 32), ("f", 33)):
                vm.key(key)
                vm.until(f"T up code={code} ", 5)
            for char, code in (("g", 34), ("h", 35), ("j", 36)):
                vm.send(char)
                vm.until(f"T up code={code} ", 5)


@case
def many_devices():
    """Devices that nobody drives do no harm; a second display and two keyboards neither."""
    extra = []
    for device in ("virtio-serial-pci", "virtio-balloon-pci", "virtio-gpu-pci",
                   "virtio-keyboard-pci", "virtio-mouse-pci", "intel-hda", "pcie-root-port,id=r1"):
        extra += ["-device", device]
    hello(devices=suite.DESKTOP + extra + ["-device", "virtio-keyboard-pci,bus=r1"])


@case
def noise_of_the_host():
    """virtio-rng: asked once at the start, with and without interrupts; a second one is left alone."""
    for words in ("", " nomsix"):
        with apps_vm([product("apps/hello.elf"), test_app("idle")], suite.STOP + words,
                     devices=["-device", "virtio-rng-pci", "-device", "virtio-rng-pci"]) as vm:
            vm.verdict("pass")
            check(vm.text.count("I virtio-rng: irq=") == 1, "not one device")
            check(re.findall(r"D virtio-rng: bytes=(\d+)", vm.text) == ["64"], "no noise came, or more than once")


@case
def bare():
    """qemu-system-x86_64 -cdrom argos.iso and nothing else, on an old machine: usable."""
    with VM(["-cdrom", product("argos.iso")], "", bare=True, machine="pc", cpu="qemu64",
            mem=128) as vm:
        vm.until("main: running")

        def desktop():
            shot = vm.screen()
            check(not shot.black(), "the screen is black")
            check(len(shot.colours()) > 100, f"only {len(shot.colours())} colours")
        eventually(desktop)
        for _ in range(40):
            vm.mouse_by(-100, -100)
            time.sleep(0.02)
        # An arrow, whose outline is dark: nothing else in the corner is white.
        eventually(lambda: check(max(map(max, vm.screen().crop(0, 0, 16, 16).colours(1))) > 240, "the cursor does not come to the corner"))
        before = vm.screen()
        for _ in range(15):
            vm.mouse_by(20, 15)
            time.sleep(0.04)

        def moved():
            changed = before.crop(0, 0, 60, 60).differing(vm.screen().crop(0, 0, 60, 60), 48)
            check(len(changed) >= 8, "the mouse does not move the cursor")
        eventually(moved)
        check("PANIC" not in vm.text, "the kernel panicked")


@case
def power_button():
    with apps_vm([test_app("idle")], "", devices=suite.DESKTOP) as vm:
        vm.until("T idle ok")
        vm.qmp.command("system_powerdown")
        check(vm.wait(10) == 0, "it did not power off")


@case
def ctrl_alt_del():
    for devices in (suite.DESKTOP, ["-device", "VGA"]):
        with apps_vm([test_app("idle")], "", devices=devices) as vm:
            vm.until("T idle ok")
            for key in ("ctrl", "alt", "delete"):
                vm.key(key, True)
            check(vm.wait(10) == 0, "it did not reboot")


@case
def panic_is_readable():
    """Reason, registers and functions by name, on the serial line; and a page on the screen."""
    with VM(pvh(product("argos.elf")), "debugexit panic=fault") as vm:
        vm.verdict("panic")
        for wanted in (r"^PANIC exception 14 error=0x2 .*address=0x10$", r"^rip=[0-9a-f]{16} ",
                       r"^  #0  provoke\+0x[0-9a-f]+", r"^  #\d+  kernel_main\+0x[0-9a-f]+"):
            check(re.search(wanted, vm.text, re.M), f"the panic does not say {wanted}")
    with VM(pvh(product("argos.elf")), "panic", devices=suite.DESKTOP) as vm:
        vm.until("kernel_main")

        def page():
            red, green, blue = vm.screen().at(10, 10)
            check(red > 2 * green and red > blue, "the panic page is not on the screen")
        eventually(page)


if __name__ == "__main__":
    suite.main()
