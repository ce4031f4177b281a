# SPDX-License-Identifier: MIT
"""Fibers and ordinary programs with a C library under ctx run: the lists of the QEMU tests, with poisoned memory too."""
import glob
import os
import re
import subprocess

from runner import FAULTED, FINE, SOURCE, Skip, case, check, main, qemu_test, scratch, test_app, together, until
import suite

conformance = qemu_test(os.path.join("conformance", "conformance"))
fibers = qemu_test("fibers")

POISON = ("--seed", "7", "--poison")


def run(apps, *options, ends=None, script=None, stdin=None, seconds=40):
    """Until all these patterns are in the log (without any: until each app has exited), then Ctrl-C. ctx names apps by
    their files: links have the names of the table."""
    ends = ends or [f"exited name={name} " for _, name, *_ in apps]
    with scratch() as folder:
        files = []
        for file, name, *words in apps:
            path = os.path.join(folder, name + ".elf")
            os.symlink(file, path)
            files.append([path, *" ".join(words).split()])
        if script is not None:
            with open(os.path.join(folder, "script"), "w") as f:
                f.write(script)
            options = (*options, "--script", os.path.join(folder, "script"))
        return until("run", "--headless", *options, *together(files), says=ends, stdin=stdin or b"", seconds=seconds)


def fine(wrong, said):
    check(not wrong, "\n  ".join(wrong[:20]) + "\n" + said.text[-2500:])


def built(file):
    """An app with a C library, from this build or from one beside it that has them."""
    here = suite.build()
    for build in (here, *(os.path.join(os.path.dirname(here), b) for b in ("linux", "kernel"))):
        if os.path.exists(os.path.join(build, file)):
            return os.path.join(build, file)
    raise Skip(f"not built here: {file}")


def program(name, words=None):
    return [(built(conformance.PROGRAM), name, words or name)]


@case
def all_fibers():
    for options in ((), POISON):
        said = run([(test_app(file), name, words) for file, name, words in fibers.apps()], *options).ends(FAULTED)
        fine(fibers.wrong(said.text), said)


@case
def fiber_and_key():
    said = run([(test_app("fibers"), "key", "key")], script="frames 3\ntype abc\n").ends(FINE)
    said.has(r"app\.key#0: T key ok")


@case
def documented():
    """The example of fibers.md, built by the line below it."""
    with open(os.path.join(SOURCE, "libctx", "doc", "fibers.md")) as f:
        text = f.read()
    with scratch() as folder:
        with open(os.path.join(folder, "lamp.c"), "w") as f:
            f.write(re.search(r"```c\n(.*?)```", text, re.S)[1])
        line = re.search(r"^    gcc (.*) -o lamp.elf$", text, re.M)[1].replace("lamp.c", os.path.join(folder, "lamp.c"))
        elf = os.path.join(folder, "lamp.elf")
        subprocess.run(["cc", "-Wall", "-Werror", *line.split(), "-o", elf], cwd=SOURCE, check=True)
        said = run([(elf, "lamps")]).ends(FINE).has("exited name=lamps pid=0 code=0")
    check(re.findall(r"app\.lamps#0: (\w+)", said.text) == ["left", "righ"] * 3, said.text)


@case
def programs():
    for options in ((), POISON):
        said = run([(built(file), name, words) for file, name, words in conformance.program_apps()], *options)
        fine(conformance.program_wrong(said.ends(FAULTED).text), said)


@case
def exit_codes():
    said = run([program(f"exit{n}", f"exit {n}")[0] for n in range(256)])
    fine(conformance.codes_wrong(said.ends(FINE).text), said)


@case
def asks():
    """Answers by keys, and by a pipe that is read before the question."""
    said = run(program("ask"), script="frames 3\ntype Zo\nkey rightalt down\nkey e tap\nkey rightalt up\ntype <ret>21<ret>\n")
    for line in conformance.ANSWERS:
        said.ends(FINE).has(line)
    said.has(r"app\.ask#0: Who are you\? *$")
    run(program("late"), script="frames 3\ntype early<ret>\n").has(r"app\.late#0: T late ok")
    said = run(program("ask"), stdin=b"Ann\n-4\n").has("Hello, Ann: 3 bytes").has("twice -4 is -8")
    said = run(program("ask"), "--keys", "Bob<ret>7<ret>", *POISON).has("Hello, Bob: 3 bytes").has("twice 7 is 14")


@case
def keys():
    run(program("keys"), stdin=b"a\tb\x7fc\x04d\x04e").ends(FINE).has(r"app\.keys#0: T keys ok")
    ctrl_d = "key leftctrl down\nkey d tap\nkey leftctrl up\n"
    euro = "key rightalt down\nkey e tap\nkey rightalt up\n"
    said = run(program("wide-keys"), script=f"frames 3\n{euro}type z<ret>\n{euro}{ctrl_d}")
    said.ends(FINE).has(r"app\.wide-keys#0: T wide-keys ok")


@case
def again():
    """restart=always: main begins anew, with fresh statics and another stack."""
    said = run(program("again", "exit 4 restart=always:2"), ends=["restarts did not help"])
    check(len(re.findall(r"app\.again#0: bye", said.text)) == 3 == len(re.findall("exited name=again pid=0 code=4", said.text)), said.text[-2000:])


@case
def nobody_types():
    """Without the table `events` stdin is at its end; without `time` nobody sleeps."""
    said = run(program("ask"), "--deny", "events").ends(FINE).has("T program FAIL").has(r"exited name=ask pid=0 code=1")
    said.hasnt("Hello, [^:]*: [1-9]")
    run(program("clocks"), "--deny", "time").ends(FINE).has(r"FAIL.*errno 13\)").has("exited name=clocks pid=0 code=1")


@case
def polls():
    said = run([(built(file), name) for file, name in conformance.POLLS], script="frames 5\ntype a\n", ends=["exited name=polls3", "polls2.*ended"])
    for line in conformance.POLLS_SAY:
        said.has(line)
    said.hasnt("T polls FAIL").has(r"exited name=polls3 pid=1 code=97")


@case
def older_context():
    """main() needs version 3, and says so when it is started all the same."""
    said = run(program("plain"), "--emulate", "2", "--force", ends=["ended with"])
    said.has(r"app\.plain#0: main\(\) needs version 3 of the Context").has("ended with exit status 1")


@case
def texts():
    """Formats against what glibc prints, Lua's numbers, and the list of differences in picolibc.md."""
    said = run([(built(f"{conformance.HERE}/conformance_{name}.elf"), name) for name in conformance.TEXTS]).ends(FINE)
    fine([line for look in conformance.TEXTS.values() for line in look(said.text)], said)


@case
def streams():
    """fflush(NULL), %n, getline, locales, termios; and read(0), which takes what is there."""
    elf = built(f"{conformance.HERE}/conformance_streams.elf")
    for options in ((), POISON):
        said = run([(elf, "streams")], *options).ends(FINE).has(r"app\.streams#0: T streams ok").hasnt("FAIL")
        for line in ("half", "another", "narrow, \u20ac wide, narrow", "closed", "again"):
            said.has(rf"app\.streams#0: {line}$")
    for part in ("typed", "slowly"):
        run([(elf, part, part)], stdin=b"abc\nde\x04f\n").ends(FINE).has(rf"app\.{part}#0: T streams ok").hasnt("FAIL")


# Headers that are not for programs: parts of others, of other processors, or of systems below picolibc.
PARTS_OF_OTHERS = r"machine/|ssp/|rpc/|sys/_|regdef\.h|utmp\.h|sys/(custom_file|timespec|utime|termios)\.h"


@case
def headers():
    """Each header of the C library compiles when it is the only one, in C and in C++."""
    build = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(built(f"{conformance.HERE}/conformance.elf")))))
    own = os.path.join(SOURCE, "libctx", "c", "include")
    theirs, = glob.glob(os.path.join(build, "picolibc", "*", "include"))
    compiler = subprocess.run(["cc", "-print-file-name=include"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    names = {os.path.relpath(os.path.join(folder, n), top) for top in (own, theirs) for folder, _, files in os.walk(top)
             for n in files if n.endswith(".h")}
    names = sorted(n for n in names if not re.match(PARTS_OF_OTHERS, n))
    check(len(names) > 60 and "termios.h" in names and "regex.h" in names, names)
    wrong = []
    for language in ("c", "c++"):
        for name in names:
            p = subprocess.run(["cc", f"-x{language}", "-fsyntax-only", "-nostdinc", "-isystem", own, "-isystem", theirs,
                                "-isystem", compiler, "-"], input=f"#include <{name}>\n", stderr=subprocess.PIPE, text=True)
            wrong += [f"{language} {name}: {p.stderr[-300:]}"] if p.returncode else []
    check(not wrong, "\n".join(wrong))


@case
def cxx():
    """C++ with the C library: constructors in order, destructors in the other, and a `new` without memory is a crash report."""
    elf = built("ctest/qemu/conformance/conformance_cxx.elf")
    said = run([(elf, "cxx")]).has(r"exited name=cxx pid=0 code=3").hasnt(" fault name=")
    lines = re.findall(r"app\.cxx#0: T cxx (.*?)\s*$", said.text, re.M)
    check(lines == ["made first 1", "made second 2", "area 49 larger 2.5 0", "made local 3", "gone local", "gone second",
                    "gone first"], lines)
    said = run([(elf, "cxx", "full mem=8M")], ends=[r"fault name=cxx"])
    said.has(r"app\.cxx#0: new: no memory for 1048576 bytes").has(r"fault name=cxx pid=0 .*invalid opcode")


if __name__ == "__main__":
    main()
