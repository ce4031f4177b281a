# SPDX-License-Identifier: MIT
"""tracer and warden under the kernel: veteran's pixels inside them, verified ones under isolate=require, and what kills them harms nobody inside."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
import tracing  # noqa: E402
from suite import SOURCE, Skip, apps_vm, case, check, eventually, iso_vm, product, test_app  # noqa: E402

VETERAN = os.path.join(SOURCE, "libctx", "abi", "v1", "veteran.elf")  # the binary of the first day
SCREEN = ["-device", "virtio-vga,id=gpu"]


def around(name, **how):
    return [(product(f"apps/{file}.elf"), its, words) for file, its, words in tracing.tools(name, **how)]


def shows_veteran(vm):
    def look():
        check(tracing.veterans_time(vm.screen())[0] is not None, tracing.veterans_time(vm.screen())[1])
    eventually(look)


@case
def the_same_pixels():
    """Every pixel of its window is what it draws alone at that moment, and every call went through both."""
    with apps_vm([*around("veteran"), (VETERAN, "veteran")], "", devices=SCREEN) as vm:
        vm.until(r"watches veteran#2, after 0 calls")
        vm.until(r'tracer#0: veteran#2 log\("veteran: 64 bytes are plenty", 28\) in \d+ ns')
        shows_veteran(vm)
        check(tracing.hosts_failed(vm.text) is None, tracing.hosts_failed(vm.text))


@case
def killed_at_random():
    """Both are begun anew, stopped and paused forty times while veteran draws."""
    apps = [*around("veteran"), (product("apps/veteran.elf"), "veteran"), (test_app("meddler"), "meddler", "2 2 40 grant=ctx.control/1")]
    with apps_vm(apps, "frame_us=2000", devices=SCREEN) as vm:
        vm.until("T meddled 40", 60)
        shows_veteran(vm)
        vm.until(r"(?s)T meddled 40.*watches veteran#2", 20)
        shows_veteran(vm)
        check(tracing.hosts_failed(vm.text.replace("stopped name=", "")) is None, tracing.hosts_failed(vm.text))


@case
def verified_under_require():
    """The clock's calls go through both, and the tracer is killed thirty times."""
    paths = [os.path.join(suite.build(), "apps", n, "verified", n + ".elf") for n in ("tracer", "warden", "clock")]
    meddler = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "meddler-libctx.elf")
    if not all(os.path.exists(p) for p in (*paths, meddler)):
        raise Skip("no verified apps: they were not built, or there is no clang")
    apps = [(path, name, words) for path, (_, name, words) in zip(paths, tracing.tools("clock"))] + [(paths[2], "clock")]
    apps.append((meddler, "meddler", "1 2 30 grant=ctx.control/1"))
    with apps_vm(apps, "isolate=require frame_us=2000", devices=SCREEN) as vm:
        vm.until(r"tracer#0: clock#2 display\.create\(200, 200, 2, 18, 0x\w+\) = OK in \d+ ns")
        vm.until("watches clock#2, after 0 calls")
        vm.until(r"(?s)T meddled 30.*looks at clock#2.*clock#2 time\.now\(0x\w+\) = OK", 30)
        check("unverified" not in vm.text and not re.search("fault name", vm.text), "not all are verified, or one faults")


@case
def the_menu_entry():
    """An app that floods its log is held back, a clock is looked at, and both windows are there."""
    with iso_vm("watched", "", seconds=90) as vm:
        vm.until(r'refused floods#3 log\("line \d+ of a flood that nobody.*, \d+\) by careful 4', 60)
        vm.until(r"looks at clock#2")
        vm.until(r"careful 4: limit log 20/s AGAIN: [1-9]\d+ of \d+ calls")

        def look():
            shot = vm.screen()
            lamps = [shot.at(shot.w - 16 - 900 + 29, y) for y in (16 + 26, shot.h - 16 - 372 + 26)]
            check(lamps == [(0xe3, 0xa8, 0x57)] * 2, f"the windows' lamps are {lamps}")
        eventually(look)


if __name__ == "__main__":
    suite.main()
