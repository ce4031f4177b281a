# SPDX-License-Identifier: MIT
"""Shared memory under the kernel: two apps with rings between them, one that dies; and a session that goes on from Linux to Argos."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import shares  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, limit, product, test_app  # noqa: E402
from vm import disk as attach  # noqa: E402


def pair(maker, taker=""):
    return [(test_app("shares"), "maker", f"maker 1 {maker}"), (test_app("shares"), "taker", f"taker {taker}")]


def declare(name, maker, taker, says):
    def run():
        with apps_vm(pair(maker, taker), "debugexit poison", seconds=60) as vm:
            vm.until(r"exited name=maker")
            vm.until(r"exited name=taker")
            wrong = shares.missing(vm.text, says)
            check(not wrong, wrong)
    run.__name__ = name
    case(run)


for _name in ("the_maker_dies", "calls_of_the_maker_are_undone"):
    declare(_name, *shares.RUNS[_name])


@case
def a_session_goes_on_from_linux():
    """Saved by `ctx run`, resumed by Argos: both have copies, and find each other once more."""
    with tempfile.TemporaryDirectory(prefix="argos-shares-") as folder:
        path = os.path.join(folder, "disk.img")
        app = test_app("shares")
        for words in (["disk", "create", path, "--size", "16M"],
                      ["run", "--headless", "--seconds", "1.5", "--disk", path, "--session", "test", app, "maker", "1", "+", app, "taker"]):
            done = subprocess.run([product("ctx"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=limit(60))
            check(done.returncode == 0, f"ctx {words[0]} ends with {done.returncode}:\n{done.stdout[-2000:]}")
        check("T maker echoed 4" in done.stdout, done.stdout[-2000:])
        with apps_vm([], "session=test", devices=attach(path)) as vm:
            vm.until(r"session: resumed file=session/test apps=2 of=2")
            vm.until(r"T maker echoed 64\b")
            wrong = shares.missing(vm.text, shares.RESTORED)
            check(not wrong and vm.text.count(" stale 1") == 2, wrong or "one of them does not notice")


if __name__ == "__main__":
    suite.main()
