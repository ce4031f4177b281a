# SPDX-License-Identifier: MIT
"""Test cases that boot the kernel: a script declares them with @case and ends with main().

  script.py --build DIR [CASE...]      runs all its cases, or those named

Exit code: 0 all passed, 1 one failed, 77 all were skipped (each skipped case says why).
"""
import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from patience import eventually, limit
from vm import DESKTOP, SOURCE, VM, Failure, cdrom, mkcpio, ovmf, pvh, symbols

__all__ = ["DESKTOP", "SOURCE", "VM", "Failure", "Skip", "apps_vm", "build", "case", "cdrom", "check",
           "close", "eventually", "iso_vm", "kernel_symbols", "limit", "main", "mkcpio", "ovmf", "product", "pvh",
           "test_app", "verdicts", "wallpaper"]

# Runs of ctx say what these tests want to know, as the other machine's do.
os.environ.setdefault("CTX_RUN_OPTIONS", "--verdict")

_cases = []
_build = [None]
STOP = "debugexit stop=60"


class Skip(Exception):
    """This case cannot run here, and says why."""


def case(function):
    """Registers a test case; its name is the function's, with '-' for '_'."""
    _cases.append((function.__name__.replace("_", "-"), function))
    return function


def only(function):
    """Makes this the script's only case: one that is not run unless it is named."""
    _cases[:] = []
    case(function)


def check(condition, why):
    if not condition:
        raise Failure(why)


def close(a, b, by):
    return abs(a - b) <= by


def share(whole, part=3):
    """Of many pseudo-random cases ./test makes every part-th; all of them are what the targets `long` (QEMU)
    and `linux-long` are for."""
    return whole if os.environ.get("ARGOS_LONG") else -(-whole // part)


def build():
    return _build[0]


def builds():
    """This build folder first, then those beside it that have apps: host has none of its own."""
    beside = os.path.dirname(build())
    return [build(), *(os.path.join(beside, name) for name in ("machines", "linux", "kernel"))]


def product(name):
    """A file that the build makes: argos.elf, argos.iso, apps/NAME.elf ..."""
    path = os.path.join(build(), name)
    if not os.path.exists(path):
        raise Failure(f"{name} was not built")
    return path


def test_app(name):
    """One of ctest/qemu/apps, built the way a stranger builds an app."""
    return product(f"ctest/qemu/apps/{name}.elf")


def test_program(name, verified=False):
    """A program of the tests, with its ending, built here or in a folder beside: most are ELF files that want the C library."""
    for folder in builds():
        for where in ("qemu/apps", "linux"):
            path = os.path.join(folder, "ctest", where, *(["verified"] if verified else []), name)
            if os.path.exists(path):
                return path
    raise Skip(f"{name} was not built" + (": there is no clang" if verified else ""))


def kernel_symbols():
    return symbols(product("argos.elf"))


def read(path):
    with open(path, "rb") as f:
        return f.read()


class _AppsVM(VM):
    """A machine booted by PVH with an archive of its own."""

    def __init__(self, blob, words, kernel="argos.elf", **options):
        handle, self.archive = tempfile.mkstemp(suffix=".cpio", prefix="argos-")
        with os.fdopen(handle, "wb") as f:
            f.write(blob)
        try:
            super().__init__(pvh(product(kernel), self.archive), words, **options)
        except BaseException:
            os.unlink(self.archive)
            raise

    def close(self):
        super().close()
        if os.path.exists(self.archive):
            os.unlink(self.archive)


def apps_vm(apps, words=STOP, **options):
    """Boots by PVH with apps: each a path, or (path or bytes, name[, args])."""
    packed, taken = [], {}
    for app in apps:
        source, name, *rest = (app, mkcpio.app_name(app)) if isinstance(app, str) else app
        file = os.path.basename(source) if isinstance(source, str) else name + ".elf"
        data = read(source) if isinstance(source, str) else source
        if taken.setdefault(file, data) != data:
            file = f"{name}-{file}"
        packed.append((file, name, rest[0] if rest else "", data))
    return _AppsVM(mkcpio.pack(packed), words, **options)


def iso_vm(entry, words=STOP, uefi=False, **options):
    """Boots the ISO at a menu entry."""
    options.setdefault("devices", DESKTOP)
    boot = cdrom(product("argos.iso"), "virtio" if uefi else "ide")
    return VM(boot, words, entry=entry, uefi=uefi, **options)


def wallpaper(vm):
    """The screen, once all of the background is there: it is drawn in many calls, from above, where there is little time."""
    seen = [[], 0]

    def look():
        shot = vm.screen()
        line = [shot.at(x, y) for y in (*range(20, 100, 20), *range(shot.h - 60, shot.h, 15)) for x in range(shot.w // 4, shot.w, 60)]
        far = [1 for a, b in zip(line, seen[0]) if max(abs(p - q) for p, q in zip(a, b)) > 24]  # stars come and go
        seen[:] = line, seen[1] + 1 if seen[0] and len(far) <= 10 else 0
        colours = [len(set(line[:len(line) // 2])), len(set(line[len(line) // 2:]))]
        check(min(colours) >= 6 and seen[1] >= 5, f"the background is not there, or does not come to rest: {colours}, {seen[1]}")
        return shot
    return eventually(look)


def verdicts(vm, names):
    """Fails unless each of the test apps has said "T NAME ok"."""
    text = vm.text
    for name in names:
        if re.search(rf"T {re.escape(name)} FAIL.*", text):
            raise Failure(re.search(rf"T {re.escape(name)} FAIL.*", text)[0].strip())
        check(re.search(rf"T {re.escape(name)} ok", text), f"the app {name} does not say ok")


def processor():
    """Seconds of processors that this script and what it waited for have taken: they say more than time on a machine that others use."""
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main():
    # A shell that runs ./test in the background has Ctrl-C ignored, by all that is started below it; here it ends what is to be ended.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(SOURCE, "build", "kernel"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    _build[0] = os.path.abspath(args.build)
    if args.list:
        print("\n".join(name for name, _ in _cases))
        return
    unknown = set(args.names) - {name for name, _ in _cases}
    if unknown:
        sys.exit(f"no such case: {' '.join(sorted(unknown))}")
    failed, skipped, ran = [], [], 0
    for name, function in _cases:
        if args.names and name not in args.names:
            continue
        began, taken = time.monotonic(), processor()
        try:
            function()
            result = "ok     "
            ran += 1
        except Skip as why:
            skipped.append(name)
            print(f"skipped {name}: {why}", flush=True)
            continue
        except Failure as e:
            failed.append(name)
            result = "FAILED "
            print(f"{name}: {e}\n{getattr(e, 'report', '')}")
        except (OSError, ValueError, subprocess.SubprocessError):
            failed.append(name)
            result = "FAILED "
            traceback.print_exc(file=sys.stdout)
        print(f"{result} {name}  {time.monotonic() - began:.1f} s ({processor() - taken:.1f} s of processors)", flush=True)
    if failed:
        sys.exit(1)
    sys.exit(0 if ran else 77)
