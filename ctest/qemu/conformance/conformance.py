# SPDX-License-Identifier: MIT
"""picolibc on Argos against the C library of this machine: the same program prints the same, line by
line. What may differ stands in this file, with the reason. And how an app with a C library ends, Lua,
and a kernel that has none of it."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, limit, product, verdicts  # noqa: E402

HERE = "ctest/qemu/conformance"

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


def same(want, got):
    return want == got or (re.match(r"math \w+ \d+: [0-9a-f]{8}", want) is not None and ":" in got and same_math(want, got))


@case
def same_as_here():
    here = product(f"{HERE}/conformance_here")
    run = subprocess.run([here], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                         errors="replace", timeout=limit(60))
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


LONG = "\u20ac" * 170
ENDS = [
    ("exit0", ["bye"]),
    ("exit3", ["call 0", "call 1", "call 2", "bye", "ended with exit status 3"]),
    ("abort", ["half a line", "abort() was called"]),
    ("assert", ["ctest/qemu/conformance/ends.c:LINE: assertion `call > 0' failed in ctx_start()"]),
    ("underscore", ["ended with exit status 5"]),
    ("handled", ["abort() was called", "abort was handled: 1"]),
    ("lines", ["one", "an error in between", "two and a half", LONG, "\u20ac" * 30, "",
               "after an empty line"]),
    ("memory", ["version 1: 1 1", "free: POINTER is no block of malloc's, or not any more: ignored",
                "free: POINTER is no block of malloc's, or not any more: ignored",
                "realloc: POINTER is no block of malloc's, or not any more: ignored", "realloc 1"]),
    ("time", ["time passed, and ctx_now is right", "bye"]),
    ("faulty", ["constructing", "a constructor did not return: ended", "ended with exit status 134"]),
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
        faulted = set(re.findall(r" fault name=(\w+)", vm.text))
        check(faulted == {"abort", "assert", "faulty", "wild"}, f"{sorted(faulted)} fault")
        check(len(re.findall(" fault name=", vm.text)) == 4, "a fault happens once")


PROGRAM = f"{HERE}/conformance_program.elf"

# Parts of program.c that need nobody, and what else they must say (at the level of its letter).
PARTS = {
    "clocks": [], "sleeps": [], "errors": [], "memory": [], "chance": [],
    "files": ["I app.files#N: written", "W app.files#N: a warning"],
    "wide": ["I app.wide#N: wide [\u20ac\u00e9\U0001f642] [\u00e9] [  x]", "W app.wide#N: \u20ac to 2\U0001f642 stderr"],
}

# Files (files.c): its parts, and what it prints at the end.
FILES_SAY = [f"T files {part} ok" for part in ("tree", "read-only", "paths", "memory", "streams", "many", "redirect", "devices")] + ["not yet written"]


def files_wrong(text, app):
    said = [line for line in prints_of(text, app) if "T files" in line or "written" in line]
    return [] if said == FILES_SAY else said + ["and not what it should say"]


def random_files_wrong(text, app, first, count):
    """The same cases in an empty folder of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        want = subprocess.run([beside(f"{HERE}/conformance_files_random_here"), str(first), str(count), folder], stdout=subprocess.PIPE,
                              text=True, check=True, timeout=limit(60)).stdout.splitlines()
    got = prints_of(text, app)
    return [f"want {w}, got {g}: conformance_files_random {w.split()[1][:-1]} 1 FOLDER v says more" for w, g in zip(want, got) if w != g] + (
        [] if len(want) == count == len(got) else [f"{len(got)} cases instead of {count}"])


# How programs end: arguments, what the log has, the exit code.
PROGRAM_ENDS = {
    "plain": ("", [], 0),
    "returns": ("returns 200", [], 200),
    "exits": ("exit 3", ["I app.exits#N: bye"], 3),
    "half": ("half", ["I app.half#N: one line", "I app.half#N: and", "I app.half#N: the end"], 0),
    "words": ("arguments one  two", ["I app.words#N: argv[0] program", "I app.words#N: argv[1] arguments", "I app.words#N: argv[2] one",
                                     "I app.words#N: argv[3] two", "I app.words#N: argv[4] NULL"], 0),
    "asserts": ("assert 3", ["I app.asserts#N: half a line", "E app.asserts#N: ctest/qemu/conformance/program.c:LINE: assertion "
                             "`number > 1000' failed in check_number()", "E app: fault name=asserts pid=N call=1 vector=6 (invalid opcode)",
                             "E app: #0 __assert_func+", "E app: #1 check_number+", "E app: #2 outer+"], 134),
    "aborts": ("abort", ["E app.aborts#N: abort() was called", "E app: fault name=aborts pid=N call=2 vector=6 (invalid opcode)",
                         "E app: #0 abort+", "E app: #1 main+"], 134),
    "faults": ("fault", ["E app: fault name=faults pid=N call=1 vector=14 (page fault)", "E app: it wrote to null+0x10", "E app: #0 main+",
                         "I app.faults#N: before"], 139),
    "overflows": ("overflow", ["E app: fault name=overflows pid=N call=1 vector=14 (page fault)", "E app: #0 too_deep+", "E app: #1 too_deep+"], 139),
    "poor": ("plain mem=164K", ["E app.poor#N: no memory for main's stack of 65536 bytes"], 1),
}


def program_apps():
    """(file, name, arguments) of all of these."""
    return [(PROGRAM, name, name) for name in PARTS] + [(PROGRAM, name, words) for name, (words, _, _) in PROGRAM_ENDS.items()]


def program_wrong(text):
    """Why the log of program_apps() is not as it should be; empty if it is."""
    lines = [re.sub(r"^\[ *[\d.]+\] (.*?)\r?$", r"\1", line) for line in text.splitlines()]
    lines = [re.sub(r"pid=\d+", "pid=N", re.sub(r"\.c:\d+", ".c:LINE", re.sub(r"(app\.\w+)#\d+", r"\1#N", line))) for line in lines]
    lines = [re.sub(r" +", " ", line).strip() for line in lines]
    wrong = []
    for name, (says, code) in {**{n: (s + [f"I app.{n}#N: T {n} ok"], 0) for n, s in PARTS.items()},
                               **{n: (s, c) for n, (_, s, c) in PROGRAM_ENDS.items()}}.items():
        at = 0
        for want in [re.sub(r" +", " ", s) for s in says] + [f"I app: exited name={name} pid=N code={code}"]:
            found = next((i for i in range(at, len(lines)) if lines[i].startswith(want)), None)
            if found is None:
                wrong.append(f"{name}: no line {want!r} where it should be")
                break
            at = found + 1
    wrong += re.findall(r"T program FAIL.*", text)
    faults = sorted(re.findall(r" fault name=(\w+)", text))
    return wrong + ([] if faults == ["aborts", "asserts", "faults", "overflows"] else [f"{faults} fault"])


def codes_wrong(text):
    """256 programs that exit(0) to exit(255), in this order."""
    got = {int(n): int(code) for n, code in re.findall(r"exited name=exit(\d+) pid=\d+ code=(\d+)", text)}
    return [f"exit({n}) gives {got.get(n)}" for n in range(256) if got.get(n) != n]


@case
def programs():
    """Ordinary programs with a main(): their library works, and each end has its exit status."""
    apps = [(product(file), name, words) for file, name, words in program_apps()]
    with apps_vm(apps, "", devices=suite.DESKTOP) as vm:
        for _, name, _ in apps:
            vm.until(rf"exited name={name} .*\n")
        wrong = program_wrong(vm.text)
        check(not wrong, "\n  ".join(wrong))


@case
def exit_codes():
    with apps_vm([(product(PROGRAM), f"exit{n}", f"exit {n}") for n in range(256)], "") as vm:
        vm.until(r"exited name=exit255 .*\n")
        wrong = codes_wrong(vm.text)
        check(not wrong, "\n  ".join(wrong[:20]))


ANSWERS = ["app\\.ask#\\d+: Hello, Zo\u20ac: 5 bytes", r"app\.ask#\d+: twice 21 is 42", r"exited name=ask pid=\d+ code=0"]


def with_alt(vm, key):
    vm.key("alt_r", True)
    vm.key(key)
    vm.key("alt_r", False)


def with_ctrl(vm, key):
    vm.key("ctrl", True)
    vm.key(key)
    vm.key("ctrl", False)


@case
def asks():
    """A question, an answer by the keyboard; and a serial line gives the same bytes."""
    with apps_vm([(product(PROGRAM), "ask", "ask")], "", devices=suite.DESKTOP) as vm:
        vm.until(r"app\.ask#0: Who are you\?")
        vm.type("Zo")
        with_alt(vm, "e")
        vm.key("ret")
        vm.type("21")
        vm.key("kp_enter")
        for line in ANSWERS:
            vm.until(line)
    with apps_vm([(product(PROGRAM), "ask", "ask")], "") as vm:
        vm.until(r"app\.ask#0: Who are you\?")
        vm.send("Ann\r-4\r")
        vm.until(r"app\.ask#0: Hello, Ann: 3 bytes")
        vm.until(r"app\.ask#0: twice -4 is -8")


@case
def keys():
    """Tab, Backspace and the end of input by Ctrl-D; whole characters for fgetws."""
    with apps_vm([(product(PROGRAM), "keys", "keys")], "") as vm:
        vm.until(r"app\.keys#0: ready")
        vm.send(b"a\tb\x7fc\x04d\x04e")
        vm.until(r"app\.keys#0: T keys ok")
    with apps_vm([(product(PROGRAM), "wide-keys", "wide-keys")], "", devices=suite.DESKTOP) as vm:
        vm.until(r"app\.wide-keys#0: ready")
        with_alt(vm, "e")
        vm.type("z")
        vm.key("ret")
        with_alt(vm, "e")
        with_ctrl(vm, "d")
        vm.until(r"app\.wide-keys#0: T wide-keys ok")


POLLS = [(f"{HERE}/conformance_polls.elf", "polls2"), (f"{HERE}/conformance_polls_v3.elf", "polls3")]
POLLS_SAY = [r"app\.polls2#\d+: version 2", r"app\.polls2#\d+: ended with exit status 9", r"app\.polls3#\d+: version 3",
             r"app\.polls3#\d+: half a line"]


@case
def polls():
    """ctx_start instead of main: what would wait says EAGAIN."""
    with apps_vm([(product(file), name) for file, name in POLLS], "", devices=suite.DESKTOP) as vm:
        for line in POLLS_SAY:
            vm.until(line)
        vm.key("a")
        vm.until(r"exited name=polls3 pid=1 code=97")
        check("T polls FAIL" not in vm.text, re.findall("T polls FAIL.*", vm.text))


@case
def lua():
    with apps_vm([(product(f"{HERE}/conformance_lua.elf"), "lua")],
                 "debugexit stop=40 frame_us=0") as vm:
        vm.verdict("pass")
        verdicts(vm, ["lua"])
        check(" fault " not in vm.text, "it faulted")


def text_of(name):
    with open(os.path.join(suite.SOURCE, HERE, name), encoding="utf-8") as f:
        return f.read()


def prints_of(text, app):
    """What an app printed: its lines, however the log says so; spaces at the ends are nobody's business."""
    return [line.strip() for line in re.findall(rf"^\[ *[\d.]+\] I app\.{app}#\d+: ?(.*?)\r?$", text, re.M)]


def formats_wrong(text):
    want, got = [line.strip() for line in text_of("formats.want").splitlines()], prints_of(text, "formats")
    wrong = [f"want {w}\n  got  {g}" for w, g in zip(want, got) if w != g]
    return wrong + ([] if len(want) == len(got) else [f"{len(got)} lines instead of {len(want)}"])


def numbers_wrong(text):
    want = [line.strip() for line in text_of("numbers.want").splitlines()]
    got = [re.sub(r"\| \S.*:2: attempt", "| SCRIPT:2: attempt", line) for line in prints_of(text, "numbers")]
    wrong = [f"want {w}\n  got  {g}" for w, g in zip(want, got) if w != g]
    return wrong + ([] if len(want) == len(got) else [f"{len(got)} lines instead of {len(want)}"])


def differences_wrong(text):
    """The table in picolibc.md, line by line, against this machine's C library and the app's."""
    with open(os.path.join(suite.SOURCE, "libctx", "doc", "picolibc.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| `([^`|]+)` \| `([^`|]+)` \| `([^`|]+)` \|$", f.read(), re.M)
    here = subprocess.run([beside(f"{HERE}/conformance_differences_here")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.splitlines()
    said = [[line.partition(" = ")[::2] for line in lines if " = " in line]
            for lines in (here, prints_of(text, "differences"))]
    wrong = [f"{name}: it is no difference" for (name, a), (_, b) in zip(*said) if a == b]
    if [(n, a, b) for n, a, b in rows] != [(n, a, b) for (n, a), (_, b) in zip(*said)] or len(said[0]) != len(said[1]):
        wrong += [f"the table says\n  {rows}\nthe programs say\n  {said[0]}\n  {said[1]}"]
    return wrong + ([] if rows else ["picolibc.md has no table of differences"])


def beside(file):
    """A program for this machine, from this build or from one beside it that has them."""
    for build in suite.builds():
        if os.path.exists(os.path.join(build, file)):
            return os.path.join(build, file)
    raise suite.Skip(f"not built here: {file}")


TEXTS = {"formats": formats_wrong, "numbers": numbers_wrong, "differences": differences_wrong}


@case
def texts():
    """Formats, Lua's numbers, and the list of differences."""
    with apps_vm([(product(f"{HERE}/conformance_{name}.elf"), name) for name in TEXTS], "", devices=suite.DESKTOP) as vm:
        for name in TEXTS:
            vm.until(rf"exited name={name} .*\n")
        wrong = [line for look in TEXTS.values() for line in look(vm.text)]
        check(not wrong, "\n  ".join(wrong[:20]))


@case
def streams():
    """fflush(NULL), %n, getline, locales, termios; and read(0), which takes what is there."""
    with apps_vm([(product(f"{HERE}/conformance_streams.elf"), "streams"),
                  (product(f"{HERE}/conformance_streams.elf"), "slowly", "slowly")], "") as vm:
        vm.until(r"app\.streams#\d+: T streams ok")
        vm.until(r"app\.slowly#\d+: ready")
        vm.send(b"abc\rde\x04f\r")
        vm.until(r"app\.slowly#\d+: T streams ok")
        for line in ("half", "another", "narrow, \u20ac wide, narrow", "closed", "again"):
            check(re.search(rf"app\.streams#\d+: {line}\r?$", vm.text, re.M), f"no line {line!r}")


@case
def files():
    """Files compiled in and in memory, on the machine itself; ctest/linux/libc.py does more of it."""
    with apps_vm([(product(f"{HERE}/conformance_files.elf"), "files", "mem=4M")], "") as vm:
        vm.until(r"exited name=files pid=0 code=(\d+)")
        wrong = files_wrong(vm.text, "files")
        check(not wrong, "\n  ".join(wrong))


@case
def kernel_has_no_library():
    """The kernel's link map names no library but its own."""
    with open(product("argos.elf.map"), encoding="utf-8", errors="replace") as f:
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
    elves += [product(f"{HERE}/{n}.elf") for n in ("conformance", "conformance_ends", "conformance_program",
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
