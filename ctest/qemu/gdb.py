# SPDX-License-Identifier: MIT
"""One set of page tables: CR3 is the same wherever a debugger stops the machine after boot."""
import os
import random
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import Skip, apps_vm, case, check, product, test_app  # noqa: E402

STOPS = int(os.environ.get("ARGOS_GDB_STOPS", "1000"))


class Gdb:
    """gdb's machine interface on a pipe, just enough to stop, look and go on."""

    def __init__(self, elf, remote):
        self.process = subprocess.Popen(
            ["gdb", "-q", "-nx", "--interpreter=mi3", elf], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.say("-gdb-set mi-async on")
        self.say("-gdb-set pagination off")
        self.say(f"-target-select remote {remote}")

    def read(self, pattern):
        regex, seen = re.compile(pattern), []
        for line in self.process.stdout:
            seen.append(line)
            match = regex.search(line)
            if match:
                return match
            if line.startswith("^error"):
                break
        raise suite.Failure(f"gdb: no {pattern!r} in\n{''.join(seen[-20:])}")

    def say(self, command, answer=r"^\^(done|running|connected)"):
        self.process.stdin.write(command + "\n")
        return self.read(answer)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@case
def same_cr3():
    if not shutil.which("gdb"):
        raise Skip("gdb is not here (package gdb)")
    apps = [test_app(n) for n in ("idle", "busy", "p02", "keys")]
    with apps_vm(apps, "", devices=suite.DESKTOP, seconds=150) as vm:
        vm.until("T idle ok", 30)
        remote = f"{vm.dir}/gdb"
        vm.human(f"gdbserver unix:{remote},server=on,wait=off")
        gdb = Gdb(product("argos.elf"), remote)
        try:
            found, places = {}, {}
            chance = random.Random(1)
            end = time.monotonic() + 100
            for stop in range(STOPS):
                if time.monotonic() > end:
                    print(f"  (only {stop} stops in the time there is)")
                    break
                gdb.say("-exec-continue", r"^\*running|^\^running")
                time.sleep(chance.random() * 0.02)
                gdb.say("-exec-interrupt --all", r"^\*stopped")
                value = gdb.say('-data-evaluate-expression "(unsigned long)$cr3"',
                                r'^\^done,value="(\w+)').group(1)
                pc = gdb.say('-data-evaluate-expression "(unsigned long)$pc"',
                             r'^\^done,value="(\w+)').group(1)
                found[value] = found.get(value, 0) + 1
                places[int(pc)] = places.get(int(pc), 0) + 1
            check(len(found) == 1, f"CR3 had {len(found)} values: {found}")
            in_app = sum(n for pc, n in places.items() if pc < 1 << 47)
            in_kernel = sum(places.values()) - in_app
            check(in_app > 5 and in_kernel > 5,
                  f"{in_app} stops in apps and {in_kernel} in the kernel: is it running at all?")
            print(f"  {in_app} stops in apps, {in_kernel} in the kernel, at {len(places)} places; "
                  f"CR3 {int(list(found)[0]):#x}")
        finally:
            gdb.close()


if __name__ == "__main__":
    suite.main()
