# SPDX-License-Identifier: MIT
"""The commands of the README: ./run says what is wrong before it starts anything, and its exit code
tells what happened; cmake/bootstrap.sh changes nothing that it may not change."""
import argparse
import fcntl
import os
import re
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import picture  # noqa: E402
import run as runner  # noqa: E402
import suite  # noqa: E402
from suite import SOURCE, Failure, build, case, check, limit, test_app  # noqa: E402


HOME = tempfile.TemporaryDirectory(prefix="argos-home-")  # where ./run keeps its disk: not in anybody's own


RUN = [sys.executable, "-B", os.path.join(SOURCE, "ctest/harness/run.py")]


def environment(**options):
    env = {**os.environ, "ARGOS_BUILD": build(), "XDG_DATA_HOME": HOME.name, **options}
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        env.pop(name, None)
    return env


def run(*args, seconds=60, **options):
    done = subprocess.run([*RUN, *args], input="", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(**options),
                          timeout=limit(seconds), text=True, errors="replace")
    return done.returncode, done.stdout


def run_until(sign, *args, typed="", **options):
    """Until it has said that, then Ctrl-C: how many seconds that takes is the machine's affair."""
    with subprocess.Popen([*RUN, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment(**options), text=True, errors="replace") as p:
        net = threading.Timer(limit(60), p.kill)
        net.start()
        p.stdin.write(typed)
        p.stdin.close()
        said, asked = "", False
        for line in p.stdout:
            said += line
            if not asked and re.search(sign, said, re.M):
                asked = True
                p.send_signal(signal.SIGINT)
        net.cancel()
    check(asked, f"no sign of {sign!r} in\n{said}")
    return p.returncode, said


@case
def run_help():
    rc, said = run("--help")
    lines = said.splitlines()
    check(rc == 0 and len(lines) <= 24, f"{len(lines)} lines of help, exit {rc}")
    check(all(line.startswith("./run") for line in lines[:4]), "no four examples first")
    check(max(map(len, lines)) <= 100, "a line is too long")


@case
def run_wrong_usage():
    with tempfile.TemporaryDirectory() as folder:
        for args, what in ((["--frob"], "--frob"), (["--entry", "x"], "windows"),
                           (["--apps", "/no/such.elf"], "/no/such.elf"),
                           (["--apps", folder], "not a file"), (["--apps"], "--apps"),
                           (["--seconds", "soon"], "soon"), (["--mem", "0"], "megabytes"),
                           (["--apps", test_app("idle"), "--uefi"], "--uefi"),
                           (["--screenshot", "/no/dir/a.png"], "/no/dir"), (["stray"], "stray"),
                           (["--disk", "/no/dir/a.img"], "/no/dir"), (["--disk", folder], "not a file"),
                           (["--disk", "a.img", "--no-disk"], "exclude"),
                           (["--files", "/no/dir/a.img"], "/no/dir"), (["--files", folder], "not a file"),
                           (["--files", "a.img", "--no-files"], "exclude"), (["--files", "a.img", "--disk", "./a.img"], "already"),
                           (["--share", "/no/such/folder"], "no such folder"), (["--share", "/no/such/folder:rw"], "no such folder"),
                           (["--share", __file__], "not a folder"), (["--share", folder, "--no-files"], "exclude"),
                           (["--mem", "1048577"], "from 1 to 1048576"), (["--seconds", "1e99"], "from 0 to 1048576"),
                           (["--words", "x" * 1000], "1000 bytes, and 923 are the most"),
                           (["--words", "\\" * 500], "1000 bytes, and 923 are the most"),
                           (["--apps", test_app("idle") + "=idle " + "x" * 4096], "4096 bytes, and 4095 are the most"),
                           (["--apps", test_app("idle") + "=" + "n" * 4700], "longer than 4607 bytes")):
            rc, said = run(*args)
            check(rc == 3, f"{args}: exit code {rc}")
            check(len(said.strip().splitlines()) == 1 and what in said, f"{args}: says {said!r}")


@case
def run_good():
    with tempfile.TemporaryDirectory() as folder:
        shot = os.path.join(folder, "shot.png")
        for seconds in ("1.5", "6", "24", "96"):  # until the keys have come, however busy this machine is
            rc, said = run("--apps", test_app("idle"), test_app("keys"), "--headless", "--seconds", seconds,
                           "--keys", "hi<left>", "--screenshot", shot)
            check(rc == 0, f"exit code {rc}: {said}")
            if "T up code=105 " in said:
                break
        for what in ("T idle ok", "T down code=35 ", "T down code=23 ", "T down code=105 ", "leave"):
            check(what in said, f"no {what!r} in\n{said}")
        data = suite.read(shot)
        check(data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82"), "that is no PNG")


@case
def readme_first_block():
    """The first thing a stranger tries: the README's app, by the README's own line."""
    text = suite.read(os.path.join(SOURCE, "README.md")).decode()
    app = text.split("```c\n", 1)[1].split("```", 1)[0]
    line = text.split("```\ngcc ", 1)[1].split(" && ", 1)[0]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "hello.c"), "w", encoding="utf-8") as f:
            f.write(app)
        subprocess.run(f"gcc {line}", shell=True, check=True, cwd=folder)
        rc, said = run_until("app.hello#0: Hello, Argos", "--apps", os.path.join(folder, "hello.elf"), "--headless")
        check(rc == 0, f"exit code {rc}: {said}")


@case
def run_with_piped_input():
    rc, said = run_until("app.console#0: 42", "--apps", suite.product("apps/console.elf"), typed="pid\neval 6*7\n")
    check(rc == 0, f"exit code {rc}: {said}")
    for what in ("app.console#0: I am app 0", "app.console#0: 42"):
        check(what in said, f"no {what!r} in\n{said}")


@case
def run_shares_a_folder():
    """What is written here is read there; and with rw what is written there is here when the machine has ended."""
    with tempfile.TemporaryDirectory() as folder:
        image, shared = os.path.join(folder, "files.img"), os.path.join(folder, "shared")
        os.mkdir(shared)
        with open(os.path.join(shared, "letter"), "w", encoding="utf-8") as f:
            f.write("from outside\n")

        def desktop(line, answer, share):
            rc, said = run_until(rf"app\.console#\d+: {answer}", "--headless", "--no-disk", "--files", image, "--keys", line + "<ret>", "--share", share)
            check(rc == 0, f"exit code {rc}: {said}")
            return said
        said = desktop("cat /disk/share/letter<ret>echo from inside > /disk/share/answer<ret>cat /disk/share/answer", "from inside", shared)
        check(f"run: put letter\nrun: {shared} is in /disk/share, as it is now" in said and "console#" in said and ": from outside" in said, said)
        check(os.listdir(shared) == ["letter"], "it was written to")
        said = desktop("echo and more > /disk/share/more<ret>cat /disk/share/more", "and more", shared + ":rw")
        check(said.index("run: got answer\n") < said.index("and more") < said.index("run: got more\n"), said)
        with open(os.path.join(shared, "answer"), encoding="utf-8") as f:
            check(f.read() == "from inside\n", "it is another text")


@case
def run_refused():
    with tempfile.TemporaryDirectory() as folder:
        bad = os.path.join(folder, "prose.elf")
        with open(bad, "w", encoding="utf-8") as f:
            f.write("no app\n")
        rc, said = run("--apps", bad, test_app("idle"), "--headless", "--seconds", "1")
        check(rc == 2, f"exit code {rc}")
        check("refused file=prose.elf" in said, said)


@case
def run_says_that_the_session_has_no_page():
    with tempfile.TemporaryDirectory() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx = suite.product("ctx")
        subprocess.run([ctx, "disk", "create", disk], check=True, stdout=subprocess.DEVNULL, timeout=60)
        subprocess.run([ctx, "run", "--headless", "--frames", "1", "--disk", disk, "--session", "windows", suite.product("apps/clock.elf")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        note = "nobody answers there: the last session has no net and no httpd; --fresh begins with them"
        for more, there in ((), True), (("--no-net",), False), (("--fresh",), False):
            _, said = run("--headless", "--seconds", "2", "--no-files", "--disk", disk, *more)
            check((note in said) == there, said)


@case
def run_keeps_the_session():
    """The first run makes a disk and says where; each run goes on where the last one ended, unless it is told not to."""
    with tempfile.TemporaryDirectory() as folder:
        def desktop(line, answer, *args):
            rc, said = run_until(rf"app\.console#\d+: {answer}", "--headless", "--keys", line + "<ret>", *args, XDG_DATA_HOME=folder)
            check(rc == 0, f"exit code {rc}: {said}")
            return said
        path = os.path.join(folder, "argos", "disk.img")
        said = desktop("eval (function() x = 41 end)()", "> eval .function")
        check(f"run: saved apps are kept in {path} (made now, 64M, sparse)" in said, said)
        check(os.path.getsize(path) == 64 << 20 and os.stat(path).st_blocks * 512 < 32 << 20, "it is not as it should be")
        check("vault: save name=session/windows" in said and "power: off" in said and "entry that ./run once began with" not in said, said)
        files = os.path.join(folder, "argos", "files.img")
        check(f"run: files are kept in {files} (made now, 256M, sparse)" in said and "files on vdb: 256 MiB" in said, said)
        check(os.path.getsize(files) == 256 << 20 and os.stat(files).st_blocks * 512 < 8 << 20, "the disk of files is not as it should be")
        check("older apps" not in said, said)
        os.utime(path, (1, 1))
        check("page that it began with" not in said, said)
        said = desktop("eval x + 1", "42$", "--disk", path, "--web", "full")
        check("the last session has the page that it began with; --fresh --web full" in said, said)
        check("older apps; --fresh begins" in said, said)
        check(f"run: saved apps are kept in {path}\n" in said and "session: resumed" in said, said)
        said = desktop("eval x", "nil$", "--no-disk", "--no-files")
        check("files are in memory" in said and "files.img" not in said, said)
        check("disk.img" not in said, said)
        said = desktop("eval x", "nil$", "--fresh")
        check("resumed" not in said, said)
        said = desktop("eval x", "nil$", "--entry", "fresh")
        check("resumed" not in said and "vault: save name=session/windows" in said and "older apps" not in said, said)
        said = desktop("eval (function() x = 7 end)()", "> eval .function", "--entry", "toys")
        check("vault: save name=session/desktop" in said, said)
        said = desktop("eval x", "7$", "--entry", "toys")
        check("session: resumed file=session/desktop" in said, said)
        with open(path, "r+b") as f:
            ask = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 101, 1, 0)
            fcntl.fcntl(f, fcntl.F_OFD_SETLK, ask)
            said = desktop("eval x", "nil$")
            check(f"{path} is used by another program: this machine keeps no session" in said, said)
            rc, said = run("--headless", "--seconds", "1", "--disk", path)
            check(rc == 3 and "another program uses it" in said, f"exit code {rc}: {said}")


@case
def run_knows_the_menu():
    """Which entries there are, and which session each of them saves, is read from the menu itself."""
    found = runner.entries()
    check(set(re.search(r"^--entry ID +(.*)$", runner.HELP, re.M)[1].split()) == set(found), f"the help has other entries than {sorted(found)}")
    check(found["windows"] == ("windows", False, True) and found["fresh"] == ("windows", True, True) and found["toys"] == ("desktop", False, True)
          and found["game"] == (None, False, False), f"{found}")
    with open(os.path.join(SOURCE, "iso", "grub.cfg.in"), encoding="utf-8") as f:
        menu = f.read()
    check(re.search(r"^set default=(\w+)$", menu, re.M)[1] == runner.DEFAULT, "the menu begins with another entry than ./run")
    check(re.search(r'"\$mib" -lt (\d+) ', menu)[1] == str(runner.ROOM), "the menu takes the entry small elsewhere than ./run")
    for argv, entry in (([], None), (["--mem", "48"], None), (["--mem", "47"], "small"), (["--mem", "47", "--entry", "windows"], "small"),
                        (["--mem", "47", "--entry", "fresh"], "small"), (["--mem", "47", "--entry", "toys"], "toys"), (["--mem", "32", "--apps", test_app("idle")], None)):
        check(runner.options(argv).entry == entry, f"{argv}: {runner.options(argv).entry}")
    disk = ["-drive", "if=none,id=x", "drive=disk"]
    for entry, words, apps, name in ((None, "", None, "windows"), ("fresh", "", None, "windows"), ("toys", "", None, "desktop"), ("small", "", None, None),
                                     ("game", "", None, None), ("game", "a session=mine", None, "mine"), (None, "session=mine", None, "windows"),
                                     (None, "", ["a.elf"], None), (None, "session=mine", ["a.elf"], "mine")):
        args = argparse.Namespace(entry=entry, words=words, apps=apps)
        check(runner.session_name(args) == name, f"{entry} {words!r} {apps}: {runner.session_name(args)}")
        check(runner.keeps(args, disk) == (name is not None) and not runner.keeps(args, []), f"{entry} {words!r}: Ctrl-C saves, or does not")


@case
def run_finds_an_old_session():
    """Who has a session of what ./run once began with is told of it, and does not lose it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "disk.img")
        subprocess.run([os.path.join(build(), "ctx"), "disk", "create", path], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "old"), "wb") as f:
            f.write(b"no session, but of its name")
        subprocess.run([os.path.join(build(), "ctx"), "disk", "put", path, "session/desktop", f.name, "--force"], check=True, stdout=subprocess.DEVNULL)
        args = argparse.Namespace(entry=None, words="", apps=None, headless=True, vnc=False, gdb=False, disk=path, no_disk=False, no_files=True, share=None,
                                  no_net=True, web="off", fresh=False)
        runner.BUILD = build()
        notes = runner.plan(args)[2]
        check(any("--entry toys goes on with it" in note for note in notes), f"{notes}")
        args.entry = "toys"
        notes = runner.plan(args)[2]
        check(not any("--entry toys" in note for note in notes), f"{notes}")


@case
def run_without_a_page():
    """A session that goes on may have a web server; --web off leaves no way to it."""
    for web, ways in (("look", 1), ("full", 1), ("off", 0)):
        extra, notes = runner.card(argparse.Namespace(no_net=False, web=web, words="", apps=None, entry=None))
        check(" ".join(extra).count("hostfwd=") == ways == len(notes) and "virtio-net-pci" in " ".join(extra), f"{web}: {extra} {notes}")


@case
def run_vnc_and_ctrl_c():
    env = dict(os.environ, ARGOS_BUILD=build(), XDG_DATA_HOME=HOME.name)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        env.pop(name, None)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([sys.executable, "-B", os.path.join(SOURCE, "ctest/harness/run.py"),
                                    "--apps", test_app("idle")], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT, env=env)
        said = ""
        end = time.monotonic() + limit(20)
        while "T idle ok" not in said and time.monotonic() < end:
            time.sleep(0.1)
            out.seek(0)
            said = out.read().decode("utf-8", "replace")
            out.seek(0, os.SEEK_END)
        process.send_signal(signal.SIGINT)
        rc = process.wait(limit(10))
    check("T idle ok" in said, f"the app did not run:\n{said}")
    check(re.search(r"ssh -L (\d+):127\.0\.0\.1:\1 \S+@\S+", said), f"no ssh line in\n{said}")
    check(rc == 0, f"exit code {rc}")


@case
def two_at_once():
    """./run, ./run and ./test in one checkout: one builds at a time, and the others say for whom they wait."""
    with tempfile.TemporaryDirectory(prefix="argos-two at once-") as folder:
        def put(name, text):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod(path, 0o755)

        for name in ("run", "test", "cmake/lock.sh"):
            put(name, suite.read(os.path.join(SOURCE, name)).decode())
        put("cmake/bootstrap.sh", "#!/bin/sh\n")
        put("ctest/harness/run.py", "import sys\n'--check' in sys.argv or print('booted')\n")
        put("ctest/harness/everything.py", "import subprocess\nfor p in 'host', 'linux', 'kernel':\n"
                                           "    subprocess.run(['cmake', '--workflow', '--preset', p], check=True)\n")
        put("build/kernel/build.ninja", "")
        put("bin/ninja", f"#!/bin/sh\n[ -e '{folder}/built' ] && echo 'ninja: no work to do.' || echo work\n")
        put("bin/cmake", f"#!/bin/sh\necho begin $3 >>'{folder}/log'; sleep 0.4; echo end $3 >>'{folder}/log'\n"
                         f"[ $3 != image ] || : >'{folder}/built'\n")
        env = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
        both = [subprocess.Popen([os.path.join(folder, name)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, env=env) for name in ("run", "test", "run")]
        said = [p.communicate(timeout=limit(60))[0] for p in both]
        check(all(p.returncode == 0 for p in both), f"{[p.returncode for p in both]}: {said}")
        with open(os.path.join(folder, "log"), encoding="utf-8") as f:
            log = [line.split() for line in f]
        check([w for w, _ in log] == ["begin", "end"] * (len(log) // 2) and all(a[1] == b[1] for a, b in zip(log[::2], log[1::2])),
              f"two builds at once: {log}")
        check(sum(what == "image" for _, what in log) == 2 and len(log) == 8, f"not four builds: {log}")
        waits = re.findall(r"^\./(?:run|test): \./(?:run|test), process \d+, is at work in this checkout; waiting", "".join(said), re.M)
        check(len(waits) == 2 and "booted" in said[0] and "booted" in said[2], f"{len(waits)} waited: {said}")


@case
def pictures():
    """The pictures this harness writes are what they should be."""
    w, h = 5, 3
    shot = picture.read_ppm(b"P6\n# x\n5 3\n255\n" + bytes(range(45)))
    check(shot.at(4, 2) == (42, 43, 44), "PPM is read wrongly")
    other = picture.Picture(w, h, shot.data[:3] + b"\xff\xff\xff" + shot.data[6:])
    check(shot.differing(other) == [(1, 0)], "pictures are compared wrongly")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.png")
        picture.write_moving(path, [shot, other, other], 100)
        data = suite.read(path)
        check(data.count(b"fcTL") == 2 and data.count(b"fdAT") == 1, "the moving picture is wrong")


class FakeSystem:
    """A PATH with a few made-up commands; each run of one is noted."""

    def __init__(self, **commands):
        self.dir = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.dir.name, "log")
        for name, body in commands.items():
            path = os.path.join(self.dir.name, name.replace("_", "-"))
            with open(path, "w", encoding="utf-8") as f:
                f.write(f'#!/bin/sh\necho "{os.path.basename(path)} $*" >> {self.log}\n{body}\n')
            os.chmod(path, stat.S_IRWXU)

    def bootstrap(self, *args):
        done = subprocess.run(["/bin/sh", os.path.join(SOURCE, "cmake/bootstrap.sh"), *args],
                              env={"PATH": self.dir.name}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit(60))
        ran = open(self.log, encoding="utf-8").read() if os.path.exists(self.log) else ""
        return done.returncode, done.stdout, done.stderr, ran


@case
def bootstrap_without_rights():
    rc, out, said, ran = FakeSystem(apt_get="exit 0", id="echo 1000").bootstrap()
    check(rc == 1, f"exit code {rc}")
    check(re.fullmatch(r"apt-get install [\w .+-]*\bgcc\b[\w .+-]*\n", out), f"not one line: {out!r}")
    check("apt-get install" not in ran and "apt-get update" not in ran, f"it ran {ran}")
    check("neither root nor sudo" in said, said)


@case
def bootstrap_without_apt():
    rc, _, said, _ = FakeSystem(id="echo 0").bootstrap()
    check(rc == 1, f"exit code {rc}")
    check("by hand" in said and "qemu-system-x86_64" in said, said)


@case
def bootstrap_without_network():
    fake = FakeSystem(apt_get="exit 100", id="echo 0", env='shift; exec "$@"')
    rc, _, said, ran = fake.bootstrap()
    check(rc == 1, f"exit code {rc}")
    check("apt-get install -y" in ran and "apt-get update" in ran, f"it ran {ran}")
    check(re.search(r"still missing: .*cmake", said) and "network" in said, said)
    check(re.search(r"\d+ MB to fetch, \d+ to \d+ minutes", said), said)
    check(said.index("MB to fetch") < said.index("still missing"), "the size comes too late")


@case
def bootstrap_by_sudo():
    fake = FakeSystem(apt_get="exit 100", id="echo 1000", env='shift; exec "$@"',
                      sudo='[ "$1" = -n ] && shift; exec "$@"')
    rc, _, _, ran = fake.bootstrap()
    check(rc == 1 and "sudo -n" in ran and "apt-get install -y" in ran, f"exit {rc}, it ran {ran}")


@case
def bootstrap_ready():
    """Where all is there it is silent. (Here all is there: these tests were built.)"""
    done = subprocess.run([os.path.join(SOURCE, "cmake/bootstrap.sh"), "--check"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=limit(60))
    if "missing:" in done.stderr:
        raise Failure(done.stderr)
    check(done.returncode == 0 and not done.stdout, done.stdout + done.stderr)


if __name__ == "__main__":
    suite.main()
