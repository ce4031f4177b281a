# SPDX-License-Identifier: MIT
"""Fibers and ordinary programs with a C library under ctx run: the lists of the QEMU tests, with poisoned memory too."""
import glob
import os
import re
import subprocess

from runner import FAULTED, FINE, SOURCE, Skip, case, check, main, qemu_test, scratch, test_app, together, tool, until
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
    for build in suite.builds():
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


FILES, RANDOM_FILES = (os.path.join(conformance.HERE, *where) for where in (("{}conformance_files.elf",), ("{}conformance_files_random.elf",)))


@case
def what_programs_are_used_to():
    """Long options, wide characters in files, names of locales, jumps out of handlers: as the same program says on Linux."""
    people = {k: v for k, v in os.environ.items() if k != "CTX_RUN_OPTIONS"}  # it ends with the program
    for part in ("options", "wide", "names", "jumps", "paths", "zone", "environment"):
        native = subprocess.run([suite.test_program("habits_here"), part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, timeout=suite.limit(60)).stdout
        check(native.count(b"\n") > 1, f"{part}: {native!r}")
        for verified in (False, True):
            try:
                app = suite.test_program("habits.elf", verified)
            except Skip:
                continue
            p = subprocess.run([tool(), "run", app, part], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=people, check=False,
                               timeout=suite.limit(60))
            check(p.returncode == 0, f"{part}: {p.returncode} {p.stderr!r}")
            for ours, theirs in zip(p.stdout.split(b"\n"), native.split(b"\n")):
                check(ours == theirs, f"{part}: {ours!r}, natively {theirs!r}")
            check(len(p.stdout) == len(native), f"{part}: {len(p.stdout)} bytes, natively {len(native)}")


def each(file):
    """The app, and the one whose code is verified, where that was built."""
    yield built(file.format(""))
    try:
        yield built(file.format("verified/"))
    except Skip:
        print("no verified apps were built")


@case
def files():
    """Files compiled in and in memory: each call's answers, at the end of memory too."""
    for elf in each(FILES):
        for options in ((), POISON):
            said = run([(elf, "files", "mem=4M")], *options).ends(FINE).has("exited name=files pid=0 code=0").hasnt("FAIL")
            fine(conformance.files_wrong(said.text, "files"), said)


@case
def files_at_random():
    """Thousands of calls by chance say what this machine's C library says of its own files."""
    for elf in each(RANDOM_FILES):
        said = run([(elf, "random", "1000 500 /tmp")], *POISON).ends(FINE).has("exited name=random pid=0 code=0")
        fine(conformance.random_files_wrong(said.text, "random", 1000, 500), said)


@case
def files_packed():
    """`ctx files` takes what it can say a name for, and says by name what it does not take; the same input gives the same bytes."""
    with scratch() as folder:
        def at(*parts):
            return os.path.join(folder, *parts)
        def pack(*words, rc=0):
            p = subprocess.run([tool(), "files", "-o", at("out.o"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            check(p.returncode == rc, f"{words}: {p.returncode} {p.stdout}")
            return p.stdout
        os.makedirs(at("d", "sub"))
        for name in ("a", "sub/b"):
            with open(at("d", name), "w") as f:
                f.write(name)
        os.symlink("a", at("d", "link"))
        sums = set()
        for _ in range(2):
            said = pack("--list", at("d"))
            with open(at("out.o"), "rb") as f:
                sums.add(f.read())
        check(len(sums) == 1 and re.findall(r"\S+$", said, re.M) == ["/a", "/link", "/sub/", "/sub/b"], said)
        pack(at("d"), at("d") + "=/other/place")
        check("there is no such folder" in pack(at("e"), rc=1), "a folder that is not there")
        check("/a is there twice" in pack(at("d"), at("d") + "=/", rc=1), "twice")
        check("without . and .." in pack(at("d") + "=/x/../y", rc=1), "a path with dots")
        os.symlink("/etc/passwd", at("d", "outside"))
        check("outside of" in pack(at("d"), rc=1), "a link that leads outside")
        os.unlink(at("d", "outside"))
        os.symlink("nowhere", at("d", "dangling"))
        check("dangling" in pack(at("d"), rc=1), "a link that leads nowhere")
        os.unlink(at("d", "dangling"))
        with open(os.fsencode(at("d")) + b"/\xff", "w"):
            pass
        check("no UTF-8" in pack(at("d"), rc=1), "a name that is no text")
        os.unlink(os.fsencode(at("d")) + b"/\xff")
        with open(at("d", "new\nline"), "w"):
            pass
        check("control character" in pack(at("d"), rc=1), "a name with a line's end")
        os.unlink(at("d", "new\nline"))
        os.mkfifo(at("d", "pipe"))
        check("neither a file nor a folder" in pack(at("d"), rc=1), "a pipe")


@case
def answers():
    """What answers no says why, and once in the log; signals, alarms, poll and maps."""
    for elf in each(os.path.join(conformance.HERE, "{}conformance_answers.elf")):
        said = run([(elf, "answers", "word env=WHO=me=you")]).ends(FINE).has("T answers ok").has("exited name=answers pid=0 code=0").hasnt("FAIL")
        for name in ("fork", "exec", "pipe", "popen", "system", "posix_spawn", "pthread_create"):
            check(len(re.findall(rf"W app\.answers#0: {name}: an app is one process", said.text)) == 1, f"{name}: not said once")
        said.has(r"app: said by warnx|answers: said by warnx")


@case
def files_in_lua():
    """require, io, os, loadfile and dofile see them."""
    run([(built("ctest/qemu/conformance/conformance_lua_files.elf"), "lua")]).ends(FINE).has("T lua files ok").has("exited name=lua pid=0 code=0")


def steps(*options):
    said = run([(built(FILES.format("")), "steps", "steps 100" + "".join(" " + o for o in options))], "--virtual-time", ends=["exited name=steps "])
    lines = re.findall(r"app\.steps#0: (step \d+ \w+|T files FAIL.*)", said.text)
    return said, [line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1]]  # what an undone call said stays said


@case
def files_undone():
    """A program in the middle of reading and writing files is hit by chance faults, and each is undone with what it did to them.
    (No wild jumps: they may land in good code, main() for one, and then that is what the program does.)"""
    want = steps()[1]
    check(len(want) == 100 and not any("FAIL" in line for line in want), want[-3:])
    faults = seed = 0
    while faults < 300:
        seed += 1
        check(seed < 200, "they come too slowly")
        said, got = steps(f"inject={seed},4,ux", "restart=undo:10000")
        faults += len(re.findall("undone name=steps", said.text))
        anew = max((i for i, line in enumerate(got) if line == want[0]), default=0)  # a fault that repeats itself ends in a restart
        got = got[anew:] if "restarted name=steps" in said.text or anew == 0 else got
        check(got == want, f"seed {seed}: " + str(next(((w, g) for w, g in zip(want, got) if w != g), got[-2:])) + said.text[-1500:])


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
    check(lines == ["made first 1", "made second 2", "area 49 larger 2.5 0", "placed 9 1 aligned 1 1 nothrow 1 1 1", "made local 3", "gone local", "gone second",
                    "gone first"], lines)
    said = run([(elf, "cxx", "full mem=8M")], ends=[r"fault name=cxx"])
    said.has(r"app\.cxx#0: new: no memory for 1048576 bytes").has(r"fault name=cxx pid=0 .*invalid opcode")


if __name__ == "__main__":
    main()
