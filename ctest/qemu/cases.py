# SPDX-License-Identifier: MIT
"""The core's faults of old, each with the app that showed it (ctest/harness/coreruns.py)."""
import contextlib
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import coreruns  # noqa: E402
import suite  # noqa: E402
from sessions import SCREEN, chord  # noqa: E402
from suite import apps_vm, case, check, product, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402


def programs(apps):
    return [(test_app("core/" + name), name, words) for name, words in apps]


def lines(vm):
    return vm.text.replace("\r", "")


def run(wanted, seconds=60):
    words = "frame_us=100" if wanted.fast else ""
    with apps_vm(programs(wanted.apps), words, mem=wanted.mib, devices=SCREEN) as vm:
        end = time.monotonic() + seconds
        while not wanted.is_done(lines(vm)) and not vm.ended and time.monotonic() < end:
            time.sleep(0.05)
        wrong = wanted.wrong(lines(vm))
        check(wrong is None, wrong)


for _name, _run in coreruns.RUNS.items():
    def _case(wanted=_run):
        run(wanted)
    _case.__name__ = _name.replace("-", "_")
    case(_case)


@case
def undo_of_every_other_page():
    run(coreruns.PIECES_ARGOS)


@contextlib.contextmanager
def with_disk(apps, words, **options):
    with tempfile.TemporaryDirectory(prefix="argos-cases-") as folder:
        path = os.path.join(folder, "disk.img")
        subprocess.run([product("ctx"), "disk", "create", path], check=True, stdout=subprocess.DEVNULL)
        with apps_vm(programs(apps), words, devices=[*SCREEN, *attach(path)], reboot=True, **options) as vm:
            vm.until("main: running apps=")
            yield vm


@case
def a_call_that_takes_long_is_in_the_session():
    """It is nearly always in the middle of a call, of far less than a quarter of a second: the session waits for that.
    (The machine's time is that of its instructions: on a busy machine the quarter of a second would pass in one pause.)"""
    with with_disk([("busy130", "10 budget=2ms")], "session=s", icount=1) as vm:
        vm.until("begins with n 5")
        since = len(vm.serial)
        chord(vm, "delete")
        vm.until(r"session: resumed file=session/s apps=1 of=1", 30, since)
        found = vm.until(r"begins with n (\d+)", 10, vm.text.index("session: resumed"))
        check(int(found[1]) >= 5 and "in the middle of a call" not in vm.text, f"it goes on with n {found[1]}")


@case
def an_app_that_hangs_goes_back():
    with with_disk([("hang", ""), ("count", "")], "") as vm:
        vm.until("hang#0: T n 20")
        chord(vm, "insert")
        vm.until("vault: save name=quick/1 ")
        vm.until("overran name=hang", 30)
        since = len(vm.serial)
        chord(vm, "home")
        vm.until("went back file=quick/1 apps=2 failed=0", 10, since)
        vm.until("hang#0: T n 60", 10, since)


@case
def a_put_off_app_does_not_hold_the_keyboard():
    with apps_vm(programs([("v2hog", "share=1%"), ("reader", "")]), "", devices=SCREEN) as vm:
        vm.until("overran name=v2hog")
        for _ in range(1000):
            vm.key("a")
        vm.until(r"key events so far 2000\b", 30)


if __name__ == "__main__":
    suite.main()
