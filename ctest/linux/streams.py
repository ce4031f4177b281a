# SPDX-License-Identifier: MIT
"""A program with main() under `ctx run`, and the same program natively: exit codes, standard input, end of file, signals, raw mode,
the window's size, output byte for byte; in a terminal, with pipes and with files. And what else `ctx run` promises as a tool."""
import contextlib
import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import termios
import time

from runner import case, check, eventually, limit, main, sanitized, scratch, suite, test_app, tool

os.environ["CTX_RUN_OPTIONS"] = ""  # as whoever installed it
PLAIN = b"one\ntwo words\n\nlast, without an end"


def here(*words):
    return [suite.test_program("streams_here"), *words]


def app(*words, options=(), line=()):
    return [tool(), "run", *options, suite.test_program("streams.elf"), *line, *words]


def code(rc):
    """A shell's."""
    return rc if rc >= 0 else 128 - rc


def piped(command, data=b"", seconds=60):
    p = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(seconds))
    return code(p.returncode), p.stdout, p.stderr


def same(words, data=b"", errors=True):
    """Both end and print alike; what both said."""
    native, ours = piped(here(*words), data), piped(app(*words), data)
    for i, what in enumerate(("code", "output", "errors")):
        check(ours[i] == native[i] or (i == 2 and not errors), f"{words}: {what} {ours[i]!r:.300}, natively {native[i]!r:.300}")
    return ours


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, command, rows=24, columns=80):
        self.text = b""
        self.master, slave = os.openpty()
        self.size(rows, columns)
        modes = termios.tcgetattr(slave)
        self.before = modes
        self.slave = slave  # kept open: its modes are looked at when the command has ended
        self.p = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                  preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.set_blocking(self.master, False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()
        os.close(self.master)
        os.close(self.slave)

    def size(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, patience=0.0):
        if select.select([self.master], [], [], patience)[0]:
            with contextlib.suppress(BlockingIOError, OSError):
                self.text += os.read(self.master, 65536)
        return self.text

    def until(self, text, seconds=20):
        def look():
            check(text in self.read(0.02), f"no sign of {text!r} in {self.text!r:.2000}")
        eventually(look, seconds)

    def types(self, data):
        os.write(self.master, data)

    def ends(self, seconds=20):
        """Its exit code, as a shell's."""
        def look():
            self.read(0.02)
            check(self.p.poll() is not None, f"it does not end: {self.text!r:.2000}")
        eventually(look, seconds)
        self.read(0.05)
        return code(self.p.returncode)

    def modes(self):
        return termios.tcgetattr(self.slave)


def in_terminals(words, steps, same_modes=True, **size):
    """Types the same to both: (what to wait for, what to type) each. What both said must be the same, and how they ended."""
    said = []
    for command in (here(*words), app(*words)):
        with Terminal(command, **size) as t:
            for wait, types in steps:
                t.until(wait)
                if callable(types):
                    types(t)
                else:
                    t.types(types)
            said.append((t.ends(), t.text))
            if command[0] == tool():
                check(t.modes() == t.before, f"{words}: the terminal is left with {t.modes()}")
    check(said[0] == said[1], f"{words}: {said[1]}, natively {said[0]}")
    return said[1]


@case
def exit_codes():
    for words in (["exit", "0"], ["exit", "7"], ["exit", "255"], ["_exit", "3"]):
        same(words)
    for words, expected in ((["segv"], 139), (["fpe"], 136), (["ill"], 132), (["abort"], 134)):
        rc, out, errors = same(words, errors=False)
        check(rc == expected, f"{words}: {rc}")
        check(b"fault name=" in errors, f"{words}: no report")


@case
def standard_input():
    for data in (b"", b"x", b"\n", PLAIN, b"a" * 99 + b"\n" + b"b" * 250, bytes(range(1, 256))):
        same(["echo"], data)
        same(["cat"], data)
        same(["game", "3"], data)
    same(["wide"], "\u00fc\u20ac\U0001f600x\n".encode())
    check(piped(app("wide"), "\u00fc\u20ac\U0001f600x\n".encode())[1] == b"fc 20ac 1f600 78 a \n", "characters")
    with scratch() as folder:
        path, out = os.path.join(folder, "in"), [os.path.join(folder, name) for name in ("here", "app")]
        with open(path, "wb") as f:
            f.write(os.urandom(3_000_000))
        for command, to in zip((here("cat"), app("cat")), out):
            with open(path, "rb") as stdin, open(to, "wb") as stdout:
                check(subprocess.run(command, stdin=stdin, stdout=stdout, timeout=limit(60)).returncode == 0, "cat of a file")
        check(len({open(p, "rb").read() for p in (path, *out)}) == 1, "a file does not come out as it went in")


@case
def output():
    same(["buffers"])
    same(["tty"])
    begin = time.monotonic()
    rc, ours, errors = piped(app("big"))
    took = time.monotonic() - begin
    check((rc, ours) == piped(here("big"))[:2] and len(ours) > 10_000_000 and errors == b"", "10 MB")
    check(sanitized() or took < limit(5), f"10 MB take {took:.2f} s")
    for command in (here("big"), app("big")):  # nobody reads
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
            p.stdout.read(1000)
            p.stdout.close()
            check(code(p.wait(limit(20))) == 141, f"{command[:2]}: {p.returncode} when nobody reads")
    with open("/dev/full", "wb") as full:
        for command in (here("big"), app("big")):
            check(subprocess.run(command, stdout=full, timeout=limit(20)).returncode == 7, "a full disk")


@case
def a_slow_reader():
    with subprocess.Popen(app("big"), stdout=subprocess.PIPE) as p:
        time.sleep(0.3)
        data = b""
        while chunk := p.stdout.read(300_000):
            data += chunk
            time.sleep(0.002)
        check(p.wait() == 0 and data == piped(here("big"))[1], "a slow reader gets something else")


@case
def a_slow_terminal_and_undo():
    """Seen: a terminal that took a part of what was kept back for undo was not asked once more, and a game stood still for ever."""
    whole = b"".join(b"picture %3d, line %3d of two hundred, sixty bytes of colours.\r\n" % (i // 200, i % 200) for i in range(8000))
    for line in ([], ["restart=undo"], ["restart=undo:1000", "inject=3,8,u"]):
        for more in ([], ["--virtual-time"]):
            with Terminal(app("pictures", "40", options=["--headless", "--log", "/dev/null", *more], line=line)) as t:
                end, before = time.monotonic() + limit(20), -1
                while t.p.poll() is None or len(t.text) > before:
                    before = len(t.text)
                    check(time.monotonic() < end, f"{line} {more}: it stands still behind {t.text[-200:]!r}")
                    t.read(0.01)
                    time.sleep(0.001)
                check(t.text == whole and t.p.returncode == 0, f"{line} {more}: {t.p.returncode}, {len(t.text)} of {len(whole)} bytes")


@case
def who_polls_waits():
    """Seen: a look at what may be written was a request of its own, whose end woke who waited for input, again and again, and time stood still for
    that; and who waited for room to write was told when something was typed."""
    for line in ([], ["restart=undo"]):
        read, write = os.pipe()  # from which nothing comes
        with os.fdopen(read) as nothing, os.fdopen(write, "w"):
            p = subprocess.run(app("polled-idle", options=["--headless", "--virtual-time"], line=line), stdin=nothing, stdout=subprocess.PIPE, timeout=limit(20))
            check(p.returncode == 0 and p.stdout == b"30 of 30\n", f"{line}: {p}")
            with subprocess.Popen(app("polled-writes", options=["--headless"], line=line), stdin=nothing, stdout=subprocess.PIPE) as p:
                time.sleep(0.3)  # it is full by now
                out = p.communicate(timeout=limit(20))[0]
            check(p.returncode == 0 and out == 409600 * b"x", f"{line}: {p.returncode}, {len(out)} bytes")
    rc, out, _ = piped(app("polled-idle", options=["--headless", "--virtual-time"]), b"never read\n")
    check((rc, out) == (0, b"20 of 30\n"), f"with something typed: {rc} {out}")


@case
def in_a_terminal():
    rc, text = in_terminals(["tty"], [], rows=30, columns=100)
    check(text == b"1 1 1\r\n100 x 30\r\nmodes 1\r\n", f"{text!r}")
    in_terminals(["echo"], [(b"", b"one\n"), (b"got one", b"twx\x7fo\n"), (b"got two", b"\x04")])
    in_terminals(["echo"], [(b"", b"half\x04"), (b"half", b"\n"), (b"got", b"\x04")])
    in_terminals(["buffers"], [])


@case
def closed_streams():
    """Seen: what was opened first took the place of a closed stream, and a program printed into the machine's memory."""
    text = os.urandom(200_000)
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        p = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *app("cat")], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=limit(60))
        check(p.returncode == 0, f"{closed}: {p.returncode} {p.stderr!r:.500}")
        check(p.stdout == (b"" if "<" in closed or " >" in f" {closed}" and "2>" not in closed else text), f"{closed}: {len(p.stdout)} bytes")


@case
def what_is_not_kept():
    """An image that can not be written is no success; what never returns from its call ends with its frames."""
    rc, _, said = piped(app("args", options=["--headless", "--save", "/dev/null"]))
    check(rc == 125 and b"save /dev/null: Invalid argument" in said, f"{rc} {said}")
    start = time.monotonic()
    rc, _, _ = piped(app("spin", options=["--headless", "--frames", "5"]))
    check(rc == 0 and time.monotonic() - start < limit(20), f"{rc}")


@case
def raw_mode():
    in_terminals(["raw"], [(b"raw", b"a\x03\r\x1b[A"), (b"<41>", b"q")])
    in_terminals(["raw", "1"], [(b"raw", b"\x04\x7f"), (b"<7f>", b"q")])
    in_terminals(["raw", "0", "0", "0"], [(b"raw", b"a"), (b"<61>", b"q")])
    with Terminal(app("raw", "0", "0", "2")) as t:  # VTIME
        t.until(b"<none><none>")
        t.types(b"q")
        check(t.ends() == 0, "the time of a read")


@case
def a_program_that_does_not_want_to_wait_for_a_key():
    in_terminals(["at-once"], [(b"at once", b"x\n")])


@case
def signals():
    wait = (b"ready", lambda t: time.sleep(0.1))
    for key, name in ((b"\x03", "sleep"), (b"\x1c", "sleep"), (b"\x03", "spin")):
        in_terminals([name], [wait, (b"", key)])
    for no in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM, signal.SIGSEGV, signal.SIGABRT):
        with Terminal(app("raw")) as t:
            t.until(b"raw")
            t.p.send_signal(no)
            check(t.ends() == 128 + no, f"{no!r}: {t.p.returncode}")
            check(t.modes() == t.before, f"{no!r}: the terminal stays raw")


@case
def handlers():
    def rest(_):  # a signal in front of read() or sleep() interrupts neither
        time.sleep(0.2)
    rc, text = in_terminals(["catches"], [(b"ready", rest), (b"", b"\x03"), (b"read -1 1 signal 2", rest), (b"", b"\x03"),
                                         (b"slept 1 signal 2", rest), (b"", b"\x03")])
    check(rc == 130, f"{rc} {text!r}")
    rc, text = in_terminals(["window"], [(b"ready", lambda t: time.sleep(0.1)), (b"", lambda t: t.size(12, 34))])
    check(b"signal 1 34 x 12" in text, f"{text!r}")


@case
def signals_that_no_key_asks_for():
    """From outside, each reaches its handler; without one the program ends as natively. Seen: TSTP was taken for CHLD, which picolibc counts otherwise."""
    sent = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGCHLD, signal.SIGALRM, signal.SIGTSTP, signal.SIGCONT, signal.SIGHUP, signal.SIGTERM]
    for command in (here("others"), app("others")):
        with Terminal(command) as t:
            t.until(b"ready")
            for no in sent:
                t.p.send_signal(no)
                t.until(b"got " + no.name[3:].encode())
            check(t.ends() == 0, f"{command}: {t.p.returncode}")
    for no in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGALRM):
        in_terminals(["sleep"], [(b"ready", lambda t, no=no: (time.sleep(0.1), t.p.send_signal(no)))])
        # With a handler for others only: the end is the program's own, by Linux' number.
        with Terminal(app("window")) as t:
            t.until(b"ready")
            time.sleep(0.1)
            t.p.send_signal(no)
            check(t.ends() == 128 + no, f"{no!r}: {t.p.returncode}")


@case
def busy_programs():
    """One that computes and never waits hears of alarm and TERM as soon as it asks for anything."""
    for what in ("time", "memory"):
        for command in (here("busy", what), app("busy", what)):
            with Terminal(command) as t:
                t.until(b"ready")
                time.sleep(0.2)
                t.p.send_signal(signal.SIGTERM)
                check(t.ends() == 0 and b"alarm 1, TERM" in t.text, f"{command}: {t.p.returncode} {t.text!r}")


@case
def words_that_are_the_programs():
    """Behind `--` they are, whatever they look like; as the first one it is not main's."""
    for line, says in ((["--", "mem=1G", "grant=ctx.nothing/1", "env=A=b"], "<mem=1G><grant=ctx.nothing/1><env=A=b>"),
                       (["words", "a", "--", "restart=undo", "--"], "<words><a><--><restart=undo><-->"),
                       (["mem=64M", "env=X=y", "--", "env=A=b", "budget=long"], "<env=A=b><budget=long>"),
                       (["words", "x y", "budget=100ms"], "<words><x y>")):
        rc, out, errors = run("--headless", suite.test_program("streams.elf"), *line)
        check(rc == 0 and out == says, f"{line}: {rc} {out!r} {errors!r}")


@case
def its_own_name():
    """As it was built; seen: every program that says who complains said "app"."""
    rc, out, _ = piped(app("name"))
    check((rc, out) == (0, b"streams\n"), f"{rc} {out!r}")


@case
def stopped_and_going_on():
    with Terminal(app("raw")) as t:
        t.until(b"raw")
        raw = t.modes()
        check(raw != t.before, "it is not raw")
        t.p.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(t.p.pid, os.WUNTRACED)
        check(os.WIFSTOPPED(status) and t.modes() == t.before, "whoever has the terminal next finds it raw")
        t.p.send_signal(signal.SIGCONT)
        eventually(lambda: check(t.modes() == raw, "it is not raw again"))
        t.types(b"xq")
        check(t.ends() == 0 and b"<78>" in t.text, "it does not go on")


@case
def saved_in_the_middle():
    with scratch() as folder:
        image = os.path.join(folder, "image")
        whole = piped(here("game", "6"), b"a\nb\nc\nd\ne\nf\n")[1]
        with subprocess.Popen(app("game", "6", options=["--headless", "--save", image]), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            p.stdin.write(b"a\nb\nc\n")
            p.stdin.flush()
            time.sleep(0.5)
            p.send_signal(signal.SIGINT)
            check(p.wait(limit(20)) == 130, f"Ctrl-C: {p.returncode}")
            first = p.stdout.read()
        # What it had printed and nobody had seen is in it.
        rc, second, errors = piped([tool(), "run", "--headless", "--load", image], b"d\ne\nf\n")
        check(rc == 0 and first + second == whole, f"{rc} {first!r} + {second!r}, not {whole!r}: {errors!r}")
        with Terminal([*app("raw", options=["--headless", "--save", image])]) as t:
            t.until(b"raw")
            t.types(b"a")
            t.until(b"<61>")
            raw = t.modes()
            t.p.send_signal(signal.SIGINT)
            check(t.ends() == 130, "Ctrl-C")
        with Terminal([tool(), "run", "--headless", "--load", image]) as t:
            eventually(lambda: check(t.modes() == raw, "what goes on is not raw"))
            t.types(b"b\rq")
            check(t.ends() == 0 and t.text.endswith(b"<62><0d>\r\ncooked\r\n"), f"{t.text!r}")
            check(t.modes() == t.before, "the terminal stays raw")


@case
def undone_faults():
    data = "".join(f"turn {i}\n" for i in range(1000)).encode()
    expected = piped(here("game", "1000"), data)
    undone = 0
    for seed in range(16):
        line = ["restart=undo", f"inject={seed},8,u"]
        with subprocess.Popen(app("game", "1000", options=["--headless", "--fast"], line=line), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as p:
            out = b""
            for turn in data.splitlines(keepends=True):  # a call for each, at least
                p.stdin.write(turn)
                p.stdin.flush()
                out += p.stdout.readline()
            p.stdin.close()
            out += p.stdout.read()
            errors = p.stderr.read()
            rc = p.wait(limit(60))
        if b"that does not help" in errors:
            continue  # three in a row, as chance will have it: it begins anew
        check((rc, out) == expected[:2], f"seed {seed}: {rc} {len(out)} of {len(expected[1])} bytes\n{errors[-1500:].decode()}")
        undone += errors.count(b"W app: undone ")
    check(undone > 100, f"only {undone} calls were undone")


def run(*words, data=None, seconds=30):
    p = subprocess.run([tool(), "run", *words], stdin=subprocess.DEVNULL if data is None else None, input=data, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=limit(seconds))
    return code(p.returncode), p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")


@case
def what_is_wrong():
    program = suite.test_program("streams.elf")
    for words, rc, says in (([], 125, "file is missing"), (["--nonsense", program], 125, "no option"), (["/nowhere.elf"], 125, "/nowhere.elf"),
                            ([__file__], 126, "refused"), ([program, "grant=ctx.nothing/1"], 125, "no such table"),
                            ([program, "budget=long"], 125, "it takes"), ([program, "mem=1"], 125, "it takes"),
                            ([program, "offer=!"], 125, "offer=!"), (["--log", "/nowhere/log", program], 125, "/nowhere/log"),
                            ([program, "exit", "4", "+", __file__], 126, "refused")):
        got, out, errors = run("--headless", *words)
        check(got == rc and says in errors and out == "", f"{words}: {got} {out!r} {errors!r}")


@case
def what_it_may_not_have():
    """Without the table the log has it, as where nobody offers one."""
    for denied in ("ctx.terminal/1", "ctx.service/1", "ctx.files/1"):
        rc, out, errors = run("--headless", "--deny", denied, suite.test_program("streams.elf"), "exit", "3")
        check(rc == 3 and "goes" in (errors if denied == "ctx.terminal/1" else out), f"{denied}: {rc} {out!r} {errors!r}")
    for seed in range(20):
        rc, out, errors = run("--headless", "--deny-random", "--seed", str(seed), "--seconds", "1", suite.test_program("streams.elf"), "echo", data=b"x\n")
        check("fault name=" not in errors and rc in (0, 3, 1), f"seed {seed}: {rc} {out!r} {errors!r}")


@case
def how_it_ends():
    program, idle = suite.test_program("streams.elf"), test_app("idle")
    with scratch() as folder:
        path = os.path.join(folder, "json")

        def ended(*words, rc, ended, **more):
            got, _, errors = run("--headless", "--json", path, *words)
            with open(path, encoding="utf-8") as f:
                said = json.load(f)
            want = {"code": rc, "ended": ended, **more}
            check(got == rc and {k: said.get(k) for k in want} == want, f"{words}: {got} {said} {errors}")
            return said
        said = ended(program, "exit", "5", rc=5, ended="exit")
        check(said["app"]["name"] == "streams" and said["app"]["exit"] == 5 and said["app"]["faults"] == 0, f"{said}")
        ended(program, "segv", rc=139, ended="fault", signal=11)
        ended(program, "abort", rc=134, ended="fault", signal=6)
        ended("--frames", "3", idle, rc=0, ended="frames")
        ended("--frames", "100000", program, "exit", "5", rc=5, ended="exit")  # by itself, before
        ended("--frames", "100000", program, "segv", rc=139, ended="fault", signal=11)
        ended("--seconds", "0.1", idle, rc=0, ended="seconds")
        ended("--frames", "3", program, "sleep", rc=0, ended="frames")  # which waits
        ended("--seconds", "0.1", program, "sleep", rc=0, ended="seconds")
        ended(__file__, rc=126, ended="refused")
        ended(program, "exit", "5", "+", program, "exit", "6", rc=5, ended="exit")
    read, write = os.pipe()
    with os.fdopen(read) as r:
        p = subprocess.Popen([tool(), "run", "--json", str(write), program, "exit", "1"], pass_fds=[write], stdout=subprocess.DEVNULL)
        os.close(write)
        check(json.loads(r.read())["code"] == 1 and p.wait() == 1, "a descriptor")
    for wrong in ("99", "0", "4294967297", ""):  # closed, to be read only, no number of one, none at all
        got, output, errors = run("--json", wrong, program, "exit", "5", data=b"")
        check(got == 125 and output == "" and wrong in errors, f"{wrong!r}: {got} {errors}")


@case
def the_log():
    program = suite.test_program("streams.elf")
    rc, out, errors = run("--headless", program, "exit", "0")
    check((rc, out, errors) == (0, "goes", ""), f"{out!r} {errors!r}")
    rc, out, errors = run("--headless", program, "exit", "0", "+", program, "exit", "1")
    check(rc == 0 and "I app: started name=streams" in errors and "app.streams" in errors and out == "goes", f"{out!r} {errors!r}")
    with scratch() as folder:
        path = os.path.join(folder, "log")
        rc, out, errors = run("--headless", "--log", path, program, "exit", "0")
        with open(path, encoding="utf-8") as f:
            check("I app: exited name=streams" in f.read() and errors == "", "--log")
    with scratch() as folder:  # what --files brings along is no second app, nor --net
        disk = os.path.join(folder, "disk")
        subprocess.run([tool(), "files", "create", disk], check=True, stdout=subprocess.DEVNULL)
        rc, out, errors = run("--headless", "--files", disk, "--net", program, "use=ctx.files/1", "exit", "0")
        check((rc, out, errors) == (0, "goes", ""), f"--files: {rc} {out!r} {errors!r}")
        rc, out, errors = run("--headless", "--files", disk, program, "exit", "0", "+", program, "exit", "1")
        check("I app.storage#" in errors and "I app: started" in errors, f"{errors!r}")
    rc, out, errors = run("--headless", "--frames", "2", test_app("log"))
    check("app.log#0" in errors, f"what an app logs is not to be seen: {errors!r}")


@case
def the_keyboard():
    p = subprocess.run([tool(), "run", "--headless", "--keys-from-stdin", suite.test_program("streams.elf"), "echo"], input=b"typed\n\x04", stdout=subprocess.PIPE,
                       timeout=limit(20))
    check(p.returncode == 3 and p.stdout == b"got typed\nend eof=1 error=0\n", f"{p.returncode} {p.stdout!r}")
    # Keys are one thing and standard input another; who does not read it leaves it to whoever comes next.
    for words in ("exit 4", "polled-idle"):
        p = subprocess.run(["sh", "-c", f'"$0" run --headless --virtual-time --keys "ab<ret>" "$1" {words}; echo $?; cat', tool(), suite.test_program("streams.elf")],
                           input=b"left\n", stdout=subprocess.PIPE, timeout=limit(20))
        check(p.stdout in (b"goes4\nleft\n", b"20 of 30\n0\nleft\n"), f"--keys, {words}: {p.stdout!r}")


if __name__ == "__main__":
    main()
