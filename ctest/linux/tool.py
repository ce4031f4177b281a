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

from runner import FINE, REFUSED, SOURCE, USAGE, Failure, Skip, case, check, compile_app, ctx, headless, limit, main, own_apps, scratch
from runner import test_app, tool, until
import suite


@case
def help_and_usage():
    said = ctx("--help").ends(FINE).has(r"^ctx run ").has(r"^ctx debug ").hasnt("^--screenshot")
    check(max(map(len, said.text.splitlines())) <= 100, "the help has long lines")
    ctx("run", "--help").ends(FINE).has(r"^--screenshot FILE").hasnt(r"^ctx check ")
    ctx("run", "--headless", "-h").ends(FINE).has(r"^--screenshot FILE")
    ctx("run", "/nowhere/a.elf", "--help").hasnt(r"^--screenshot FILE")  # that word is the app's
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
def wrong_words_are_named():
    """Each says which word it is, what is wrong with it, and what there is in its place."""
    app = own_apps("hello")[0]
    with scratch() as folder:
        none = os.path.join(folder, "none", "file")
        for words, says in (
                (("walk",), r"^ctx: there is no command walk: run, info, "), (("help", "walk"), "^ctx: there is no command walk: "),
                ((app,), f"^ctx: {re.escape(app)}: this is a file, no command: ctx run "),
                (("check",), r"^ctx: an app's file is missing after check \(ctx check --help\)$"), (("info",), "^ctx: an app's file is missing after info "),
                (("files",), "^ctx: files create DISK"), (("files", "lss", none), "^ctx: lss: ctx files has no such command$"),
                (("run", none), f"^ctx: {none}: No such file or directory$"), (("run", app, "+", none), f"^ctx: {none}: No such file or directory$"),
                (("run", "--layout", "xx", app), "^ctx: --layout xx: there are en, fr$"), (("run", "--keys", "\u00e9", app), "^ctx: --keys .: it takes characters of a US keyboard"),
                (("run", "--deny", "a b", app), "^ctx: --deny a b: it takes the id of a table"), (("run", "--save", "", app), "^ctx: --save : it takes FILE$"),
                (("run", "--dir", "/tmp", app), "^ctx: --dir /tmp: it takes HOST:/PATH or HOST:/PATH:rw$"),
                (("iso", "-o", none, app), f"^ctx: iso: {none}: there is no such folder$"), (("iso", "-o", folder, app), f"^ctx: iso: {folder}: it is a folder$"),
                (("debug",), "required: APP.elf$"), (("new", "run"), "^ctx: new: run: the project, or CMake, has a target of this name"),
                (("new", "clean"), "^ctx: new: clean: the project, or CMake, has a target of this name")):
            said = ctx(*words)
            check(said.rc != FINE and re.search(says, said.text, re.M), f"ctx {' '.join(words)}: {said.rc} {said.text}")
            check("Traceback" not in said.text and "makes no sense" not in said.text, f"ctx {' '.join(words)}: {said.text}")
    ctx("help").ends(FINE).has("^ctx run ")
    ctx("help", "run").ends(FINE).has("^--screenshot FILE")


@case
def what_can_not_be_kept_is_said_before_an_app_runs():
    """Not after an hour: a folder that is not there, a disk without files."""
    app = own_apps("hello")[0]
    with scratch() as folder:
        none, blank, other = (os.path.join(folder, name) for name in ("none/file", "blank", "other"))
        for name, content in ((blank, bytes(1 << 20)), (other, b"text " * 9999)):
            with open(name, "wb") as f:
                f.write(content)
        for option in ("--screenshot", "--save", "--json"):
            for path, says in ((none, "there is no such folder"), (folder, "it is a folder")):
                said = ctx("run", "--headless", "--frames", "2", option, path, app).ends(USAGE)
                said.has(f"^ctx: {path}: {says}$").hasnt("app: started")
        for path, says in ((blank, "there is nothing on it"), (other, "it is no disk of files")):
            said = ctx("run", "--headless", "--frames", "2", "--files", path, app).ends(USAGE)
            # (In the build of sanitizers there is no app storage, which is what is said then.)
            wrong = f"{path}: {says} .ctx files create makes" if os.path.exists(os.path.join(suite.build(), "apps/storage.elf")) else "storage.elf, which belongs to this tool, is missing"
            said.has(f"^ctx: {wrong}").hasnt("app: started")
            with open(path, "rb") as f:
                check(f.read() == (bytes(1 << 20) if path == blank else b"text " * 9999), "it was written to")
        # What goes wrong at the end is no good end either.
        full = ctx("run", "--headless", "--frames", "2", "--screenshot", "/dev/full", app)
        check(full.rc == USAGE and "E main: screenshot /dev/full: No space left" in full.text, f"{full.rc} {full.text}")


def commands():
    return sorted(re.findall(r"^ctx (?!COMMAND)([a-z]+)", ctx("--help").text, re.M))


@case
def man_pages_and_completion():
    """Every option of each command's --help, and of its script's, is in its man page and in the completion; each page is one, and has the text of --help in it."""
    folder = os.path.join(SOURCE, "kernel", "linux")
    with open(os.path.join(folder, "ctx.bash-completion")) as f:
        completion = f.read()
    pages = {name[4:-2] for name in os.listdir(os.path.join(folder, "man")) if name != "ctx.1"} - {"c++"}
    check(pages == set(commands()), f"pages: {sorted(pages)}; commands: {commands()}")
    count = 0
    for command in commands():
        said = ctx(command, "--help").ends(FINE).text
        script = os.path.join(SOURCE, "libctx", "sdk", f"ctx-{command}.py")
        if os.path.exists(script):
            said += subprocess.run(["python3", "-B", script, "--home", "x", "--tool", "y", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        with open(os.path.join(folder, "man", f"ctx-{command}.1")) as f:
            man = re.sub(r'^\.\\"help.*$', "", f.read(), flags=re.M).replace("\\-", "-")
        check(all(f".SH {part}" in man for part in ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO")), f"ctx-{command}.1 lacks a part")
        for word in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said)) - {"--help"}):
            check(re.search(re.escape(word) + r"(?![\w-])", man), f"ctx-{command}.1 does not know {word}")
            check(word in ("--launch", "--depfile") or re.search(re.escape(word) + r"(?![\w-])", completion), f"the completion does not know {word}")
            count += 1
    check(count >= 60, f"only {count} options")
    # And what ctx run takes is in its help.
    with open(os.path.join(folder, "options.c")) as f:
        taken = set(re.findall(r'^    {"(--[a-z-]+)", (?:true|false)', f.read(), re.M))
    told = set(re.findall(r"^(--[a-z-]+)", ctx("run", "--help").text, re.M)) - {"--help"}
    check(taken == told, f"options of run that only one of code and --help has: {sorted(taken ^ told)}")


@case
def man_finds_the_pages():
    """`man ctx-run` where the package is, and nothing in it that troff would warn of."""
    if shutil.which("man") is None or shutil.which("groff") is None:
        raise Skip("there is no man")
    with scratch() as folder:
        os.makedirs(os.path.join(folder, "man1"))
        for name in os.listdir(os.path.join(SOURCE, "kernel", "linux", "man")):
            shutil.copy(os.path.join(SOURCE, "kernel", "linux", "man", name), os.path.join(folder, "man1"))
        for page, says in [("ctx", "ctx-run"), ("ctx-c++", "gcc with what every app needs")] + [(f"ctx-{c}", f"ctx {c}") for c in commands()]:
            p = subprocess.run(["man", "--warnings", "-P", "cat", "-M", folder, page], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                               env=dict(os.environ, MANWIDTH="200", LC_ALL="C.UTF-8"))
            check(p.returncode == 0 and not p.stderr, f"man {page}: {p.stderr}")
            check(says in re.sub(r".\x08|\x1b\[[0-9;]*m", "", p.stdout).replace("\u2010", "-").replace("\u2212", "-"), f"man {page} has no {says!r}")


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
def iso_takes_what_the_kernel_refuses():
    """Words that are too long, or mean nothing, are told by the kernel's own code, and no image is made."""
    words, kernel = test_app("words"), test_app("idle")  # no kernel is looked at before that
    longest = "x" * 4095
    with scratch() as folder:
        image = os.path.join(folder, "a.iso")
        for why, boot, apps in (
                (r"words\.elf: refused file=words\.elf field=arguments value=0x1000: an app's arguments have at most 4095 bytes", "",
                 [words, longest + "x"]),
                (r"field=arguments value=0x1000: ", "", [words, longest, "+", words, "\\" * 2048]),
                (r"field=arguments value=0x1001: ", "", [words] + ["a"] * 2049),
                (r"menu: refused field=words value=0x400: the kernel's command line has at most 1023 bytes", "y" * 1024, [words]),
                (r"menu: refused field=words value=0x400: ", "\\" * 512, [words]),
                (r"menu: refused field=session value=0x19: a session's name has at most 24 bytes", "a session=" + "n" * 25, [words]),
                (r"menu: refused field=session value=0x0: a session's name is 1 to 24 bytes", "session=", [words]),
                (r"words\.elf: words: grant=ctx\.nothing/1: there is no such table", "", [words, "grant=ctx.nothing/1"]),
                (r"menu: refused field=arguments value=0x\w+: the names and arguments of all apps have at most 65536 bytes", "",
                 ([words, longest, "+"] * 17)[:-1])):
            said = ctx("iso", "-o", image, "--kernel", kernel, "--words", boot, *apps)
            said.has(why).has("nothing was made$")
            check(said.rc == USAGE and not os.path.exists(image), f"{said.rc}: {said.text}")
    said = ctx("check", "--boot", "y" * 1023, words, longest, "+", words, "\\" * 2047).ends(FINE)
    check(said.text.count("words.elf: fine") == 2, said.text)
    ctx("check", "--boot", "session=" + "n" * 24, words).ends(FINE)
    most = suite.mkcpio.ARGUMENTS_MAX, suite.mkcpio.COMMAND_LINE_MAX  # what ./run says is what the kernel says
    for more, end in ((0, FINE), (1, REFUSED)):
        ctx("check", "--boot", "", words, "x" * (most[0] + more)).ends(end)
        ctx("check", "--boot", "x" * (most[1] + more), words).ends(end)
    ctx("check", "--boot", "").ends(USAGE)
    ctx("check", "--boot", "", words, "+").ends(USAGE)
    ctx("check", "--boot", "", "+", words).ends(USAGE)
    headless([[words, longest]], frames=1).ends(FINE).has("end of words")  # the name does not count
    headless([[words, longest + "x"]], frames=1).ends(USAGE).has(r"words\.elf: field=arguments value=0x1000: an app's arguments have")


@case
def a_number_too_large_is_another_one():
    """Every number of every command is refused outside its range, and the range is told."""
    idle = test_app("idle")
    huge = ("18446744073709551616", "99999999999999999999999", "-1", "x", "", "1x", " 1")
    run = ("run", "--headless")
    with scratch() as folder:
        script, image, disk, iso = (os.path.join(folder, n) for n in ("s", "a.image", "a.disk", "a.iso"))
        headless([idle], "--save", image, frames=1).ends(FINE)
        for option, most in (("--frames", 2**64 - 1), ("--at", 2**64 - 1), ("--seed", 2**64 - 1), ("--imagebench", 2**32 - 1), ("--mem", 65536),
                             ("--emulate", 3), ("--seconds", 10**9)):
            for value in (*huge, str(most + 1), "0" if option != "--seed" else "-0"):
                ctx(*run, option, value, idle).ends(USAGE).has(rf"^ctx: {option} {value}: it takes .* to {most}$").hasnt("main:")
        for value in (*huge, "0x5", "5x0", "16385x5", "5x16385", "18446744073709551621x5", "5x18446744073709551621", "-5x5", "5x5x5", "5"):
            ctx(*run, "--size", value, idle).ends(USAGE).has("--size .*: it takes WIDTHxHEIGHT, each a number from 1 to 16384$")
        headless([idle], "--seed", str(2**64 - 1), frames=1).ends(FINE)
        ctx(*run, "--frames", str(2**64 - 1), "--seconds", "0.1", idle).ends(FINE)
        for line in ("wait %", "frames %", "wheel %", "pointer % 1", "pointer 1 %"):
            for value in ("18446744073709551617", "4294967297", "1000000001"):
                with open(script, "w") as f:
                    f.write(line.replace("%", value) + "\n")
                ctx(*run, "--script", script, idle).ends(USAGE).has("s:1: .*(from -?[0-9]+ to [0-9]+: |1280x800)").hasnt("main:")
        for words in (("--app", "%", "program", "-"), ("surface", "%", "-"), ("page", "%", "-"), ("memory", "%", "1", "-"), ("memory", "1", "%", "-")):
            ctx("image", "extract", image, *(huge[0] if w == "%" else w for w in words)).ends(USAGE).has("a number from 0 to [0-9]+$")
        for option in ("--size", "--quota"):
            for value in (*huge, "0", str(2**63), "8388608T", "16777217T"):
                ctx("disk", "create", disk, option, value).ends(USAGE).has(f"{option} {value}: it takes 1 to {2**63 - 1} bytes")
        check(not os.path.exists(disk), "a disk was made")
        for value in (*(h for h in huge if h != "-1"), "86401", "-2"):
            ctx("iso", "-o", iso, "--kernel", idle, f"--timeout={value}", idle).has("is no number from -1 to 86400")
        for word in ("stop=18446744073709551616", "frame_us=1000000001", "context=4294967298", "imagebench=4294967296", "stop"):
            ctx("iso", "-o", iso, "--kernel", idle, "--words", word, idle).ends(USAGE).has(
                rf"menu: refused field={word.split('=')[0]} value=0x0: it takes a number from \d to \d+$")
        check(not os.path.exists(iso), "an image was made")


@case
def a_device_is_read_without_end():
    """Every command that reads a file: devices and folders are refused, what is too long is told; pipes are fine."""
    idle, words = test_app("idle"), test_app("words")
    with scratch() as folder:
        disk, image, iso, long, fifo = (os.path.join(folder, n) for n in ("a.disk", "a.image", "a.iso", "long", "fifo"))
        ctx("disk", "create", disk, "--size", "1M").ends(FINE)
        headless([idle], "--save", image, frames=1).ends(FINE)
        with open(long, "wb") as f:
            f.truncate((1 << 30) + 1)
        run = ("run", "--headless", "--frames", "1")
        readers = [("check", "%"), ("check", "--boot", "", "%"), ("info", "%"), (*run, "%"), (*run, idle, "+", "%"), (*run, "--load", "%"),
                   (*run, "--script", "%", idle), (*run, "--disk", "%", idle), ("disk", "put", disk, "x", "%"), ("image", "info", "%"),
                   ("image", "verify", "%"), ("image", "diff", image, "%"), ("image", "extract", "%", "program", "-"), ("disk", "ls", "%"),
                   ("disk", "check", "%"), ("iso", "-o", iso, "--kernel", idle, "%"), ("iso", "-o", iso, "--kernel", "%", idle)]
        for reader in readers:
            for file, why in (("/dev/zero", "device|no file and no disk|it is no file"), ("/dev/null", "device|no file and no disk|it is no file"),
                              (folder, "folder|it is no file"), ("/dev/full", "device|no file and no disk|it is no file"),
                              (long, r"it is longer than (1024 MiB|16 MiB|1024 KiB)")):
                if file == long and ({"--disk", "ls"} & set(reader) or reader[-1] == idle and "iso" in reader or reader[:2] == ("disk", "check")):
                    continue  # a disk may be long, and a kernel is no app
                said = ctx(*(file if w == "%" else w for w in reader), seconds=20)
                check(said.rc == (REFUSED if "diff" in reader else USAGE), f"{reader} {file}: {said.rc} {said.text}")
                said.has(why)
        check(not os.path.exists(iso), "an image was made")
        # What another program writes is read, but not for ever.
        for reader in (("disk", "put", disk, "x", "/dev/stdin"), (*run, "--script", "/dev/stdin", idle)):
            with subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE) as endless:
                p = subprocess.run([tool(), *reader], stdin=endless.stdout, stderr=subprocess.PIPE, timeout=60, check=False)
                endless.kill()
            check(p.returncode == USAGE and b"/dev/stdin: it is longer than 1" in p.stderr, f"{reader}: {p}")
        with open(idle, "rb") as f:
            ctx("check", "/dev/stdin", stdin=f.read()).ends(FINE).has("stdin: fine")
        os.mkfifo(fifo)
        with subprocess.Popen(["cp", words, fifo]) as writer:
            ctx("info", fifo).ends(FINE).has("position independent")
            check(writer.wait() == 0, "it was not read to its end")
        # A pipe that nobody writes into is waited for until a signal comes.
        with subprocess.Popen([tool(), *run, idle, "+", fifo], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
            time.sleep(1)
            p.send_signal(signal.SIGTERM)
            try:
                text, _ = p.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                p.kill()
                raise Failure("SIGTERM does not end it") from None
            check(p.returncode == USAGE and b"fifo: " in text, f"{p.returncode}: {text}")


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
