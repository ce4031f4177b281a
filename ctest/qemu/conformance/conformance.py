# SPDX-License-Identifier: MIT
"""picolibc on Argos against the C library of this machine: the same program prints the same, line by
line. What may differ stands in this file, with the reason. And how an app with a C library ends, Lua,
and a kernel that has none of it."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, product, verdicts  # noqa: E402

HERE = "ctest/qemu/conformance"

# Lines that differ: what picolibc prints instead, and why that is no fault of ours.
EXCEPTIONS = {
    # ERANGE too when the result is exactly the least denormal number: C17 7.22.1.3 leaves it open.
    "strtod 18: 0000000000000001 9 0": "strtod 18: 0000000000000001 9 1",
    # Half a unit, decided by the 24th digit, and rounded up: strtod looks at the first 19.
    "strtod 30: 44b52d02c7e14af7 24 0": "strtod 30: 44b52d02c7e14af8 24 0",
}

# How far a result may be from this machine's, in units of the last place. C17 5.2.4.2.2 leaves the
# accuracy of <math.h> open; what IEEE 754 makes exact is not in the list and must be equal.
ULP = dict.fromkeys(["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
                     "acosh", "atanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "erf",
                     "erfc", "pow", "atan2", "hypot", "sinf", "cosf", "tanf", "expf", "logf"], 1)
ULP.update(cbrt=2,
           lgamma=16,     # near its zeros at 1 and 2
           tgamma=2048)   # exp(lgamma(x)): the error grows with the exponent of the result


def lines_of(vm, app):
    return re.findall(rf"^\[ *[\d.]+\] I app\.{app}#\d+: (.*?)\r?$", vm.text, re.M)


def position(digits):
    """Bits of a float or double as a whole number: neighbours differ by one."""
    value, sign = int(digits, 16), 1 << (len(digits) * 4 - 1)
    return -(value & (sign - 1)) if value & sign else value


def same_math(want, got):
    name = want.split()[1]
    a, b = want.split(":")[1].split(), got.split(":")[1].split()
    return (want.split(":")[0] == got.split(":")[0] and len(a) == len(b) and
            all(abs(position(x) - position(y)) <= ULP.get(name, 0) for x, y in zip(a, b)))


NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


def same_numbers(want, got):
    """picolibc prints the fewest digits that are read back as the same number (at most 17), and
    zeros after them: 0.1 by %.20f is 0.10000000000000000000. So digits may differ where the number
    that they say does not; then the count of characters behind the bracket is another, too."""
    want, got = (re.sub(r"\] \d+$", "]", line) for line in (want, got))
    return (NUMBER.split(want) == NUMBER.split(got) and
            all(x == y or float(x) == float(y) for x, y in zip(NUMBER.findall(want),
                                                                  NUMBER.findall(got))))


def same(want, got):
    if want == got or EXCEPTIONS.get(want) == got:
        return True
    if re.match(r"math \w+ \d+: [0-9a-f]{8}", want) and ":" in got:
        return same_math(want, got)
    return want.startswith("print ") and same_numbers(want, got)


@case
def same_as_here():
    here = product(f"{HERE}/conformance_here")
    run = subprocess.run([here], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                         errors="replace", timeout=60)
    check(run.returncode == 0, f"conformance_here ends with {run.returncode}")
    want = run.stdout.splitlines()
    check(len(want) > 1000 and max(map(len, want)) < 150, "that is not what it should print")
    with apps_vm([(product(f"{HERE}/conformance.elf"), "conform")],
                 "debugexit stop=20 frame_us=0") as vm:
        vm.verdict("pass")
        got = lines_of(vm, "conform")
        wrong = [f"  want {w}\n  got  {g}" for w, g in zip(want, got) if not same(w, g)]
        check(not wrong, f"{len(wrong)} lines differ:\n" + "\n".join(wrong[:20]))
        check(len(want) == len(got), f"{len(got)} lines instead of {len(want)}")
        stale = [w for w in EXCEPTIONS if w not in want or got[want.index(w)] == w]
        check(not stale, f"no exceptions any more: {stale}")


LONG = "\u20ac" * 170
ENDS = [
    ("exit0", ["bye"]),
    ("exit3", ["call 0", "call 1", "call 2", "bye", "ended with exit status 3"]),
    ("abort", ["half a line", "abort() was called: ended"]),
    ("assert", ["assertion failed: call > 0, at ctest/qemu/conformance/ends.c:LINE in ctx_start(): "
                "ended"]),
    ("underscore", ["ended with exit status 5"]),
    ("handled", ["abort was handled: 1"]),
    ("lines", ["one", "an error in between", "two and a half", LONG, "\u20ac" * 30, "",
               "after an empty line"]),
    ("memory", ["version 1: 1 1", "free: POINTER is no block of malloc's, or not any more: ignored",
                "free: POINTER is no block of malloc's, or not any more: ignored",
                "realloc: POINTER is no block of malloc's, or not any more: ignored", "realloc 1"]),
    ("time", ["time passed, and ctx_now is right", "bye"]),
    ("faulty", ["constructing", "a constructor did not return: ended"]),
    ("links", ["copied"]),
    ("wild", ["before", "before, and after", "bye"]),
]


@case
def ends():
    """exit, abort, assert, _exit: each says what it should, and is not called again."""
    elves = [product(f"{HERE}/conformance_{n if n in ('faulty', 'links') else 'ends'}.elf")
             for n, _ in ENDS]
    with apps_vm([(elf, name) for elf, (name, _) in zip(elves, ENDS)], "debugexit stop=20") as vm:
        vm.verdict("pass")
        for name, want in ENDS:
            got = [re.sub(r"\.c:\d+", ".c:LINE", re.sub(r"0x[0-9a-f]+", "POINTER", line))
                   for line in lines_of(vm, name)]
            # The kernel breaks long lines where it likes.
            if name == "lines":
                joined, want = "".join(got), "".join(want)
                check(joined == want, f"{name}: {joined!r}")
                continue
            check(got == want, f"{name}:\n  want {want}\n  got  {got}")
        check(len(re.findall(r" fault .*name=", vm.text)) == 2, "two faults and no other")


@case
def lua():
    with apps_vm([(product(f"{HERE}/conformance_lua.elf"), "lua")],
                 "debugexit stop=40 frame_us=0") as vm:
        vm.verdict("pass")
        verdicts(vm, ["lua"])
        check(" fault " not in vm.text, "it faulted")


@case
def kernel_has_no_library():
    """The kernel's link map names no library but its own."""
    with open(product("argos.map"), encoding="utf-8", errors="replace") as f:
        text = f.read()
    archives = set(re.findall(r"([\w.+-]+\.a)\(", text))
    check(archives <= {"libctx.a", "libargos_virtio.a"}, f"the kernel links {sorted(archives)}")
    check("picolibc" not in text and "libctx_c" not in text, "picolibc is in the kernel's map")


@case
def apps_are_proper():
    """No thread-local storage, no writable code, no name of the host's C library; and the apps that
    did not ask for picolibc have none of it."""
    folder = product("apps")
    elves = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith(".elf")]
    elves += [product(f"{HERE}/{n}.elf") for n in ("conformance", "conformance_ends",
                                                  "conformance_lua")]
    for elf in elves:
        said = subprocess.run(["readelf", "-lW", elf], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        check(not re.search(r"^\s+(TLS|INTERP)\s", said, re.M), f"{elf} has TLS or an interpreter")
        check(not re.search(r"LOAD.* RWE ", said), f"{elf} has a segment that is W and X")
    code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", elves[-3]],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    check("%fs:" not in code, "it uses %fs")
    for name in ("hello", "cursor", "veteran", "background"):
        names = suite.symbols(os.path.join(folder, f"{name}.elf"))
        check("malloc" not in names and "vfprintf" not in names, f"{name} has a C library")


if __name__ == "__main__":
    suite.main()
