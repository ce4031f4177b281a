# SPDX-License-Identifier: MIT
"""ctx under valgrind and under gdb, as the man page says."""
import os
import re
import shutil
import subprocess

from runner import FAULTED, FINE, SOURCE, Skip, case, check, ctx, limit, main, own_apps, sanitized, scratch, test_app, tool
import suite

SUPPRESSIONS = os.path.join(SOURCE, "kernel", "linux", "ctx.supp")


def wants(command):
    if not shutil.which(command):
        raise Skip(f"there is no {command}")
    if sanitized():
        raise Skip("without sanitizers only")


@case
def valgrind():
    """Also faults, page by page growth of the stack, and breakpoints work there."""
    wants("valgrind")
    before = ["valgrind", "-q", "--error-exitcode=99", "--vex-iropt-register-updates=allregs-at-mem-access",
              f"--suppressions={SUPPRESSIONS}"]
    small = ["run", "--headless", "--size", "320x200", "--mem", "64", "--frames", "25", "--fast"]
    said = ctx(*small, test_app("entry"), "+", test_app("p09"), "+", test_app("p10"), "+", test_app("gate0"), before=before,
               seconds=120)
    suite.verdicts(said.ends(FINE), ["p09", "p10", "gate0"])
    said = ctx(*small, test_app("fault-null"), "+", test_app("fault-ud2"), "+", test_app("fault-overflow"), before=before,
               seconds=120)
    said.ends(FAULTED).hasnt("uninitialised")
    check(len(re.findall("E app: fault", said.text)) == 3, "not three faults")
    check(said.text.count("T p08 ok") == 3, "not all went on")


def documented():
    """The man page's line for gdb, as arguments."""
    with open(os.path.join(SOURCE, "kernel", "linux", "man", "ctx-debug.1")) as f:
        text = f.read().replace("\\-", "-").replace("\\(aq", "'").replace("\\e\n", "")
    found = re.search(r"^gdb (.*?)--args ctx run (.*?)$", text, re.M | re.S)
    check(found, "the man page has no line for gdb")
    import shlex
    return shlex.split(found[1])


@case
def gdb():
    """A breakpoint by the app's own symbols stops in it, also where the folder's name has a space."""
    wants("gdb")
    with scratch() as folder:
        elf = os.path.join(folder, "my apps", "veteran.elf")
        os.mkdir(os.path.dirname(elf))
        shutil.copy(own_apps("veteran")[0], elf)
        words = [w.replace("APP.elf", elf) for w in documented()]
        p = subprocess.run(["gdb", "-nx", "-batch", *words, "-ex", "bt 1", "-ex", "delete", "-ex", "continue", "--args", tool(),
                            "run", "--headless", "--ascending", "--frames", "3", elf], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60), check=False)
    check(re.search(r"^#0 .*_start \(ctx=0x2000000800\d\d\)", p.stdout, re.M), f"it does not stop in the app:\n{p.stdout[-3000:]}")
    check("exited normally" in p.stdout, f"it does not go on:\n{p.stdout[-2000:]}")


if __name__ == "__main__":
    main()
