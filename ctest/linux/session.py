# SPDX-License-Identifier: MIT
"""`ctx run --disk --session`: what ran when it ended goes on when it is started again, as in Argos; and ctx.image/1 with a
disk and without one, as the console's commands use it."""
import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import time

from runner import FINE, USAGE, Failure, Live, case, check, compile_app, ctx, main, own_apps, sanitized, scratch, test_app, tool, until
from suite import read

GRANTS = "trusted grant=ctx.system/1,ctx.image/1"


@contextlib.contextmanager
def a_disk(size="16M"):
    with scratch() as folder:
        path = os.path.join(folder, "disk.img")
        ctx("disk", "create", path, "--size", size).ends(FINE)
        yield path


def apps():
    hello, console = own_apps("hello", "console")
    return [hello, "+", console, *GRANTS.split()]


class Run(Live):
    def __init__(self, *options, start=True):
        super().__init__("run", "--headless", *options, *(apps() if start else []))

    def __enter__(self):
        self.until("main: running")
        if "session: resumed" not in self.text:
            self.until("Type help")  # before that nobody would read what is typed
        return self

    def say(self, line, answer):
        since = len(self.text)
        self.p.stdin.write(line.encode() + b"\n")
        return self.until(rf"app\.console#\d+: {answer}", since)


def with_session(path, *options, **rest):
    return Run("--disk", path, "--session", "test", *options, **rest)


@case
def goes_on():
    """However it ends: by the console, by Ctrl-C, by its time, by its calls."""
    with a_disk() as path:
        ends = (lambda run: run.p.stdin.write(b"reboot\n"), lambda run: run.p.stdin.write(b"poweroff\n"),
                lambda run: run.p.send_signal(signal.SIGINT), lambda run: run.p.send_signal(signal.SIGTERM))
        for i, end in enumerate(ends):
            with with_session(path, start=i == 0) as run:
                run.say("eval (function() n = (n or 0) + 1 return n end)()", f"{i + 1}$")
                end(run)
                text = run.ends()
            check("vault: save name=session/test" in text, f"it was not saved:\n{text}")
            check((i > 0) == ("session: resumed file=session/test apps=2 of=2" in text), "it did not go on")
            check((i > 0) == ("Type help" not in text), "the console is a new one")
        said = until("run", "--headless", "--disk", path, "--session", "test", "--keys", "eval n<ret>", *apps(),
                     says=[r"app\.console#1: 4$"])
        said.ends(FINE).has("vault: save").hasnt("app: started")
        said = ctx("run", "--headless", "--disk", path, "--session", "test", "--seconds", "0.5")
        said.ends(FINE).has("vault: save").hasnt("app: started")
        said = ctx("run", "--headless", "--disk", path, "--session", "test", "--frames", "2000", "--fast")
        said.ends(FINE).has("vault: save").has("KTEST PASS")
        said = ctx("run", "--headless", "--disk", path, "--session", "test", "--fresh", "--frames", "5", *apps())
        said.ends(FINE).has("app: started name=hello").hasnt("resumed")
        ctx("run", "--headless", "--disk", path, "--session", "other", "--frames", "5", *apps()).ends(FINE).has("app: started")
        ctx("disk", "ls", path).ends(FINE).has("session/test$").has("session/other$")


@case
def named_files_are_ignored_in_silence():
    """A session that goes on wins over what the command line names; one line says so, louder if it is not in the session."""
    with a_disk() as path:
        idle, version, image = test_app("idle"), test_app("version"), path + ".image"
        run = ("run", "--headless", "--frames", "2", "--disk", path, "--session", "s")
        ctx(*run, "--save", image, idle).ends(FINE).hasnt("not started")
        said = ctx(*run, idle).ends(FINE).hasnt(" W main")
        said.has(rf"I main: session/s goes on; what is named is not started anew \(--fresh does\): {re.escape(idle)}$")
        said = ctx(*run, idle, "+", version).ends(FINE).hasnt("started name=")
        said.has(rf"W main: session/s goes on; what is named is not started \(--fresh does\): {re.escape(idle)} {re.escape(version)}$")
        ctx(*run, "--load", image).ends(FINE).has(rf"W main: .*not started .*: --load {re.escape(image)}$")
        ctx(*run).ends(FINE).has("session: resumed").hasnt("not started")
        check(len(ctx(*run, *([idle, "+"] * 40)[:-1]).ends(FINE).has("not started anew").text.splitlines()) < 30, "more than a line")
        ctx(*run, "--fresh", version).ends(FINE).has("started name=version").hasnt("not started")


@case
def images_on_a_disk():
    with a_disk() as path:
        with Run("--disk", path) as run:
            run.say("eval (function() q = 1 end)()", "")
            run.say("save", "all: saved as quick/1")
            run.say("save hello mine", "hello: saved as mine")
            run.p.send_signal(signal.SIGINT)
            check("vault: save name=session" not in run.ends(), "a session without a name")
        with Run("--disk", path) as run:
            run.say("eval q", "nil")
            run.say("images", "2 images on vda")
            run.say("load", r"back at quick/1")
            run.say("eval q", "1$")
        ctx("disk", "ls", path).ends(FINE).has("quick/1$").has("mine$")


@case
def images_in_memory():
    with Run() as run:
        run.say("eval (function() q = 1 end)()", "")
        run.say("save", "all: saved as quick/1")
        run.say("eval (function() q = 2 end)()", "")
        run.say("load", "back at quick/1")
        run.say("eval q", "1$")
        run.say("images", "1 images on memory")
        run.say("forget quick/1", "quick/1: forgotten")
        run.say("load", r"quick/1: .* \(NOENT\)")


@case
def load_right_after_save_is_refused():
    """A command waits for the one before it, once, and does not begin if that fails."""
    def lines(run, *commands):
        since = len(run.text)
        run.p.stdin.write("".join(c + "\n" for c in commands).encode())
        return since

    for options, size in (((), None), (("--disk",), "32M")):
        with a_disk(size or "1M") as path, Run(*options, *([path] if options else [])) as run:
            run.say("eval (function() q = 1 end)()", "")
            since = lines(run, "save", "load")
            run.until("back at quick/1", since)
            run.say("eval (function() q = 2 return q end)()", "2$")
            since = lines(run, "load", "eval q")
            run.until("back at quick/1", since)
            run.say("eval q", "1$")
            check("refused:" not in run.text and "not done" not in run.text, run.text)
            # In between, and to the end: each that is not refused is done, in their order.
            since = lines(run, "save hello a", "load hello a")
            run.until("hello: saved as a(?s:.*)hello: back at a", since)
            since = lines(run, "save hello b", "forget b", "images")
            run.until("hello: saved as b(?s:.*)b: forgotten", since)
            since = lines(run, "forget none", "load a")
            run.until(r"none: .*\(NOENT\)", since)
            run.until("load a: not begun", since)
            run.say("images", "2 images on")
    with a_disk("32M") as path:
        script = path + ".script"
        for keys_, want in (("insert home", "save name=quick/1 (?s:.*)session: went back file=quick/1"),
                            ("home insert", "went back file=quick/1(?s:.*)save name=quick/1 ")):
            with open(script, "w") as f:
                f.write("wait 300\nkey leftctrl down\nkey leftalt down\n" + "".join(f"key {k} tap\n" for k in keys_.split()) +
                        "key leftalt up\nkey leftctrl up\nwait 1500\nquit\n")
            said = ctx("run", "--headless", "--disk", path, "--script", script, *own_apps("hello")).ends(FINE)
            said.has(want).hasnt("not done yet")


@case
def wrong():
    with a_disk() as path:
        ctx("run", "--headless", "--session", "x", *apps()).ends(USAGE).has("--disk FILE is missing for --session")
        ctx("run", "--headless", "--disk", path + ".no", *apps()).ends(USAGE).has("there is no such file")
        ctx("run", "--headless", "--disk", path, "--session", "two words", *apps()).ends(USAGE).has("ctx: --session two words: a name has no spaces")
        ctx("run", "--headless", "--disk", path, "--session", "x").ends(FINE).has("no apps: nothing to run")
        with Run("--disk", path):
            ctx("run", "--headless", "--disk", path, *apps()).ends(USAGE).has("another program uses it")
            ctx("disk", "ls", path).ends(USAGE).has("another program uses it")
        with open(path, "wb") as f:
            f.write(bytes(1 << 20))
        said = ctx("run", "--headless", "--disk", path, "--session", "x", "--frames", "5", *apps())
        said.ends(USAGE).has("ctx: --session x can not be kept: vda: .*ctx disk create.*nothing was started").hasnt("app: started")
        ctx("run", "--headless", "--disk", path, "--session", "x", "--fresh", "--frames", "5", *apps()).ends(USAGE).has("can not be kept")
        ctx("run", "--headless", "--disk", path, "--frames", "5", *apps()).ends(FINE)  # for apps it may be any disk
        check(read(path) == bytes(1 << 20), "it was written to")


@case
def full():
    """No room: it stays; asked again it goes."""
    with a_disk("2M") as path:
        room = int(ctx("disk", "info", path).ends(FINE).has("room").text.split("room")[1].split()[0])
        with open(path + ".in", "wb") as f:
            f.write(bytes(room - 8192))
        ctx("disk", "put", path, "ballast", path + ".in").ends(FINE)
        with with_session(path) as run:
            run.p.send_signal(signal.SIGINT)
            run.until("keep: the session could not be saved: .*; ask once more within 10 seconds")
            run.say("pid", "I am app 1")
            run.p.send_signal(signal.SIGINT)
            run.ends()
            run.until("keep: the session is not saved: ")
        with with_session(path) as run:
            check("resumed" not in run.text, "half a session")
            run.say("pid", "I am app 1")
            run.p.stdin.write(b"reboot\n")
            run.until("ask once more")
            run.say("forget ballast", "ballast: forgotten")
            run.p.stdin.write(b"reboot\n")
            run.ends()
        with with_session(path) as run:
            check("resumed" in run.text, "it was not saved")


LOUD = """#include "t.h"
int32_t _start(struct ctx *ctx)
{
    ctx->log((const uint8_t *)"loud loud loud loud loud loud loud loud loud loud loud loud loud loud", 68);
    return 0;
}
"""


def ends_at_the_first(p, what, seconds=10):
    """Its exit code and what it said on standard error, after one SIGTERM."""
    p.send_signal(signal.SIGTERM)
    try:
        p.wait(seconds * (4 if sanitized() else 1))
    except subprocess.TimeoutExpired:
        p.kill()
        raise Failure(f"{what}: one SIGTERM does not end it") from None
    finally:
        p.stdout.close()
    said = p.stderr.read().decode("utf-8", "replace")
    p.stderr.close()
    return p.returncode, said


def unread(p):
    """Bytes in its pipe: of four pages the last one is in use, so that the next line waits."""
    return struct.unpack("i", fcntl.ioctl(p.stdout, termios.FIONREAD, bytes(4)))[0]


@case
def one_sigterm_is_not_enough():
    """With standard output an unread pipe that is full, with a session that finds no room, and with both."""
    with a_disk("2M") as path:
        folder = os.path.dirname(path)
        loud, idle = compile_app(folder, "loud", LOUD), test_app("idle")

        def start(*options):
            p = subprocess.Popen([tool(), "run", "--headless", "--fast", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
            fcntl.fcntl(p.stdout, fcntl.F_SETPIPE_SZ, 16384)
            return p

        def full(p):
            end = time.monotonic() + 30
            while unread(p) < 3 * (4096 - 150):
                check(time.monotonic() < end, "the pipe does not get full")
                time.sleep(0.05)
            time.sleep(0.5)

        session = ("--disk", path, "--session", "s")
        p = start(loud)
        full(p)
        rc, said = ends_at_the_first(p, "an unread pipe")
        check(rc == FINE and re.search(r"^ctx: nobody reads standard output: \d+ bytes are lost$", said, re.M), f"{rc}: {said}")
        p = start(*session, loud)
        full(p)
        rc, said = ends_at_the_first(p, "an unread pipe and a session")
        check(rc == FINE and "nobody reads" in said, f"{rc}: {said}")
        ctx("disk", "check", path).ends(FINE).has("fine, 1 objects")
        ctx("run", "--headless", "--frames", "1", *session).ends(FINE).has("resumed file=session/s apps=1 of=1")
        room = int(re.search(r"room +(\d+)", ctx("disk", "info", path).ends(FINE).text)[1])
        with open(path + ".in", "wb") as f:
            f.write(bytes(room - 8192))
        ctx("disk", "put", path, "ballast", path + ".in").ends(FINE)
        ctx("disk", "get", path, "session/s", path + ".before").ends(FINE)
        before = read(path)
        for apps_ in ((idle,), (loud,)):
            p = start(*session, "--fresh", *apps_)
            if apps_ == (loud,):
                full(p)
            else:
                time.sleep(1)
            rc, said = ends_at_the_first(p, f"a full disk, {apps_}")
            check(rc == USAGE, f"{rc}: {said}")
            check(apps_ == (idle,) or "nobody reads" in said, said)
            ctx("disk", "check", path).ends(FINE).has("fine, 2 objects")
            check(read(path) == before, "a session that does not fit was written")
        # Nobody asks again when the time is up, or a script says quit. The error is said.
        script = path + ".script"
        with open(script, "w") as f:
            f.write("wait 100\nquit\n")
        for words in (("--seconds", "0.2"), ("--script", script), ("--frames", "20")):
            said = ctx("run", "--headless", *session, "--fresh", *words, idle, seconds=30).ends(USAGE)
            said.has("E keep: the session (is not saved|could not be saved): .*the disk is full")
            check(read(path) == before, "a session that does not fit was written")
    # The file system's end, not the store's: writes that fail in the middle.
    with a_disk("64M") as path:
        idle = test_app("idle")
        session = ("--disk", path, "--session", "s")
        ctx("run", "--headless", "--frames", "1", *session, idle).ends(FINE)
        ctx("disk", "get", path, "session/s", path + ".before").ends(FINE)
        with open(path + ".in", "wb") as f:
            f.truncate(40 << 20)
        ctx("disk", "put", path, "ballast", path + ".in").ends(FINE)
        said = ctx("run", "--headless", "--mem", "16", "--seconds", "0.2", *session, "--fresh", idle,
                   before=("sh", "-c", "ulimit -f 65536; exec \"$@\"", "sh"))  # 32 MiB
        said.ends(USAGE).has("W disk: vda: write .*: File too large").has("E keep: the session is not saved: ")
        ctx("disk", "check", path).ends(FINE)
        ctx("disk", "get", path, "session/s", path + ".after").ends(FINE)
        check(read(path + ".after") == read(path + ".before"), "the session is another one")


if __name__ == "__main__":
    main()
