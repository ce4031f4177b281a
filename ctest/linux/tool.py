# SPDX-License-Identifier: MIT
"""The command line: help, wrong usage, info, check, exit codes, and what the man page and the completion know."""
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import termios
import time

from runner import FINE, REFUSED, SOURCE, USAGE, Failure, case, check, compile_app, ctx, headless, limit, main, own_apps, scratch
from runner import test_app, until
import suite


@case
def help_and_usage():
    said = ctx("--help").ends(FINE).has(r"^ctx run ").has(r"^--screenshot FILE")
    check(max(map(len, said.text.splitlines())) <= 100, "the help has long lines")
    ctx("run", "--help").ends(FINE).has(r"^ctx check ")
    ctx("--version").ends(FINE).has(r"^ctx \d")
    for words in ((), ("walk",), ("run",), ("info",), ("check",), ("run", "--headless"), ("run", "--frames"),
                  ("run", "--frames", "0", "a"), ("run", "--frames", "x", "a"), ("run", "--size", "12", "a"),
                  ("run", "--size", "0x5", "a"), ("run", "--nothing", "a"), ("run", "--headless=1", "a"),
                  ("run", "--seconds", "-1", "a"), ("run", "--emulate", "1", "a"),
                  ("run", "--deny", "", "a"), ("run", "--deny", "a b", "a"), ("run", "--layout", "xx", "a"),
                  ("run", "+", "a"), ("run", "a", "+"), ("run", "/nowhere/a.elf"), ("info", "/nowhere/a.elf"),
                  ("check", "/nowhere/a.elf")):
        said = ctx(*words)
        check(said.rc in (USAGE, REFUSED) and said.text.strip(), f"ctx {' '.join(words)}: {said.rc} {said.text}")
        check("main:" not in said.text, f"ctx {' '.join(words)} starts anyway")


@case
def man_page_and_completion():
    """Every option of --help is in both, and the man page is one."""
    help_text = ctx("--help").text
    words = set(re.findall(r"^(--[a-z]+)", help_text, re.M))
    check(len(words) >= 10, "no options in --help")
    folder = os.path.join(SOURCE, "kernel", "linux")
    with open(os.path.join(folder, "ctx.1")) as f:
        man = f.read().replace("\\-", "-")
    with open(os.path.join(folder, "ctx.bash-completion")) as f:
        completion = f.read()
    for word in sorted(words):
        check(re.search(re.escape(word) + r"\b", man), f"the man page does not know {word}")
        check(re.search(re.escape(word) + r"\b", completion), f"the completion does not know {word}")


@case
def completion_of_names_with_spaces():
    """As hands do it: what is typed and completed in an interactive bash arrives as one word, spaces, stars and all."""
    with scratch() as base:
        folder = os.path.join(base, "a b")
        os.makedirs(os.path.join(folder, "own folder"))
        for name in ("my first app.elf", "my first note", "star * of.cpio", "* of.txt"):
            open(os.path.join(folder, name), "w").close()
        script = os.path.join(base, "a completion", "ctx.bash-completion")
        os.makedirs(os.path.dirname(script))
        shutil.copy(os.path.join(SOURCE, "kernel", "linux", "ctx.bash-completion"), script)
        with Shell(folder) as shell:
            shell.say(f". {shlex.quote(script)}; ctx() {{ printf 'GOT'; printf '<%s>' \"$@\"; echo; }}")
            for typed, want in (
                    ("run --scree\t", ["run", "--screenshot"]), ("ver\t", ["ver"]), ("--ver\t", ["--version"]),
                    ("run my\t", ["run", "my first app.elf"]), ("run my\\ fi\t", ["run", "my first app.elf"]),
                    ("run 'my f\t", ["run", "my first app.elf"]), ("run sta\t", ["run", "star * of.cpio"]),
                    ("run ow\tx", ["run", "own folder/x"]), ("run --script my\\ first\\ n\t", ["run", "--script", "my first note"]),
                    ("disk put my\\ first\\ n\t", ["disk", "put", "my first note"]), ("image info sta\t", ["image", "info", "star * of.cpio"]),
                    ("image extract x my\\ first\\ n\t", ["image", "extract", "x", "my first note"])):
                got = shell.say("ctx " + typed, r"^GOT(.*?)\r?$")[1]
                check(got == "".join(f"<{w}>" for w in want), f"{typed!r} completes to {got!r}, not {want}")


class Shell:
    """An interactive bash on a terminal of its own."""

    def __init__(self, folder):
        self.text = ""
        ours, theirs = pty.openpty()
        self.ours = ours
        self.p = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
                                  start_new_session=True, env={**os.environ, "TERM": "dumb", "PS1": "$ ", "INPUTRC": "/dev/null"},
                                  preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()
        os.close(self.ours)

    def say(self, line, answer=r"^READY(\d+)"):
        """Types a line; the match of its answer. Lines are read to their end before the next one is typed."""
        since = len(self.text)
        os.write(self.ours, line.encode() + b"\n" + b"echo READY$((40+2))\n")
        end = time.monotonic() + limit(20)
        while not re.search(r"^READY42", self.text[since:], re.M):
            if not select.select([self.ours], [], [], max(0, end - time.monotonic()))[0]:
                raise Failure(f"{line!r}: bash does not answer:\n{self.text[since:]}")
            self.text += os.read(self.ours, 4096).decode("utf-8", "replace")
        found = re.search(answer, self.text[since:], re.M)
        check(found, f"{line!r}: no sign of {answer!r} in\n{self.text[since:]}")
        return found


@case
def info():
    said = ctx("info", test_app("idle"), test_app("p11-exec")).ends(FINE)
    said.has(r"idle\.elf: position independent, \d+ bytes").has(r"note +none").has(r"segment +slot\+0x\S+ +\d+ bytes +r-x")
    said.has(r"p11-exec\.elf: linked for one place \(ET_EXEC\)").has(r"entry +slot\+0x")
    with scratch() as folder:
        bad = os.path.join(folder, "bad.elf")
        with open(bad, "w") as f:
            f.write("text" * 100)
        ctx("info", bad).ends(REFUSED).has(r"refused field=e_ident value=0x\w+: not an ELF file")


@case
def info_tells_the_note():
    clock = own_apps("clock")[0]
    ctx("info", clock).ends(FINE).has(r"minimum +Context 3").has(r"built for +Context 3")


@case
def check_in_the_loaders_words():
    ctx("check", test_app("idle")).ends(FINE).has(r"idle\.elf: fine$")
    said = ctx("check", test_app("idle"), test_app("p11-exec-pointers")).ends(REFUSED)
    said.has(r"idle\.elf: fine$").has(r"relink with -static-pie")
    with scratch() as folder:
        bad, source, protected = (os.path.join(folder, n) for n in ("bad.elf", "p.c", "p.elf"))
        with open(test_app("idle"), "rb") as f:
            data = bytearray(f.read())
        data[18] = 183
        with open(bad, "wb") as f:
            f.write(data)
        checked = ctx("check", bad).ends(REFUSED)
        run = headless([bad], frames=1).ends(REFUSED)
        words = re.search(r"refused file=bad\.elf .*", run.text)[0]
        check(words in checked.text, f"check says {checked.text!r}, the loader {words!r}")
        with open(source, "w") as f:
            f.write("int g(char *); int _start(void *c) { char b[64]; (void)c; __asm__(\"\" :: \"r\"(b)); return b[1]; }\n")
        subprocess.run(["cc", "-O2", "-fstack-protector-all", "-nostdlib", "-static-pie", "-fPIE", "-o", protected, source,
                        "-Wl,--defsym=__stack_chk_fail=0"], check=True)
        ctx("check", protected).ends(REFUSED).has(r"%fs:0x28.*-fno-stack-protector")


@case
def names_and_arguments():
    said = headless([[test_app("idle"), "a", "b"], test_app("version")], frames=3).ends(FINE)
    order = re.findall(r"started name=(\S+) pid=(\d+)", said.text)
    check(order == [("idle", "0"), ("version", "1")], f"the order is {order}")


@case
def nobody_left():
    """An archive without apps says so and ends."""
    with scratch() as folder:
        path = os.path.join(folder, "empty.cpio")
        with open(path, "wb") as f:
            f.write(suite.mkcpio.archive([("apps", b"# none\n")]))
        headless([path]).ends(FINE).has("W main: no apps")
        with open(path, "wb") as f:
            f.write(suite.mkcpio.pack([("idle.elf", "inside", "", suite.read(test_app("idle")))]))
        headless([path], frames=3).ends(FINE).has("started name=inside pid=0")


@case
def seed():
    """The same seed gives the same addresses, another one others."""
    def slots(*words):
        said = headless([test_app("idle")] * 3, *words, frames=2).ends(FINE)
        return re.findall(r"slot=(0x[0-9a-f]+)", said.text)
    check(slots("--seed", "7") == slots("--seed=7"), "one seed, two runs, other addresses")
    check(slots("--seed", "7") != slots("--seed", "8"), "two seeds, the same addresses")
    check(slots("--ascending")[0] == "0x200000000000", "--ascending does not begin at the lowest slot")


@case
def interrupt():
    """Ctrl-C ends it in order."""
    for which in (signal.SIGINT, signal.SIGTERM):
        until("run", "--headless", test_app("idle"), says=["T idle ok"], by=which).ends(FINE).has("I main: interrupted")


@case
def interrupt_in_a_call():
    """An app that never returns does not keep Ctrl-C away: neither as soon as its call begins, nor once that was parked."""
    with scratch() as folder:
        elf = compile_app(folder, "stuck", "#include \"t.h\"\nint32_t _start(struct ctx *ctx)\n{\n    struct line l = {0};\n"
                          "    put(&l, \"T begins\");\n    send(ctx, &l);\n    for (;;) {\n        __asm__ volatile(\"pause\");\n    }\n}\n")
        for sign in ("T begins", "overran name=stuck pid=0 call=0 preemptions=1:", "overran name=stuck pid=0 call=0 preemptions=8:"):
            until("run", "--headless", elf, says=[sign]).ends(FINE).has("I main: interrupted")


if __name__ == "__main__":
    main()
