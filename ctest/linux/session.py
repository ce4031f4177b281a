# SPDX-License-Identifier: MIT
"""`ctx run --disk --session`: what ran when it ended goes on when it is started again, as in Argos; and ctx.image/1 with a
disk and without one, as the console's commands use it."""
import contextlib
import os
import signal

from runner import FINE, USAGE, Live, case, check, ctx, main, own_apps, scratch, until
from suite import read

GRANTS = "grant=ctx.system/1,ctx.image/1"


@contextlib.contextmanager
def a_disk(size="16M"):
    with scratch() as folder:
        path = os.path.join(folder, "disk.img")
        ctx("disk", "create", path, "--size", size).ends(FINE)
        yield path


def apps():
    hello, console = own_apps("hello", "console")
    return [hello, "+", console, GRANTS]


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
def wrong():
    with a_disk() as path:
        ctx("run", "--headless", "--session", "x", *apps()).ends(USAGE).has("--disk FILE is missing for --session")
        ctx("run", "--headless", "--disk", path + ".no", *apps()).ends(USAGE).has("there is no such file")
        ctx("run", "--headless", "--disk", path, "--session", "two words", *apps()).ends(USAGE).has("makes no sense for --session")
        ctx("run", "--headless", "--disk", path, "--session", "x").ends(FINE).has("no apps: nothing to run")
        with Run("--disk", path):
            ctx("run", "--headless", "--disk", path, *apps()).ends(USAGE).has("another program uses it")
            ctx("disk", "ls", path).ends(USAGE).has("another program uses it")
        with open(path, "wb") as f:
            f.write(bytes(1 << 20))
        said = ctx("run", "--headless", "--disk", path, "--session", "x", "--frames", "5", *apps())
        said.ends(FINE).has("vault: disk=vda is not used: ").has("keep: the session is not kept: vda: ")
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


if __name__ == "__main__":
    main()
