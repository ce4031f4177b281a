# SPDX-License-Identifier: MIT
"""One run of ctx, and what it said. A script declares cases with @case and ends with main(), as with the
QEMU tests' suite.py, whose lists of apps and files are used here too:

  script.py --build DIR --tool FILE --sources FILE [CASE...]
"""
import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
import suite  # noqa: E402
from picture import read_png  # noqa: E402
from suite import SOURCE, Failure, Skip, case, check, eventually, limit  # noqa: E402

__all__ = ["argos", "case", "check", "compile_app", "ctx", "eventually", "Failure", "FAULTED", "FINE", "frozen", "headless", "limit", "Live", "main",
           "option", "own_app", "own_apps", "qemu_test", "read_png", "REFUSED", "sanitized", "scratch", "Skip",
           "SOURCE", "test_app", "together", "tool", "until", "USAGE",
           "verified_app"]

_options = {}
FINE, USAGE, REFUSED, FAULTED = range(4)


def option(name):
    return _options[name]


def tool():
    return _options["tool"]


def sanitized():
    return "asan" in os.path.basename(tool())


class Said:
    """What a run printed, and its exit code. verdicts() of suite.py takes it for a machine."""

    def __init__(self, args, rc, text):
        self.args, self.rc, self.text = args, rc, text

    def ends(self, rc):
        check(self.rc == rc, f"ctx {' '.join(self.args)}\nends with {self.rc}, not {rc}:\n{self.text[-3000:]}")
        return self

    def has(self, pattern, why=None):
        check(re.search(pattern, self.text, re.M), (why or f"it does not say {pattern!r}") + ":\n" + self.text[-3000:])
        return self

    def hasnt(self, pattern, why=None):
        found = re.search(pattern, self.text, re.M)
        check(not found, (why or "it says") + ": " + (found[0] if found else ""))
        return self


def ctx(*args, stdin=None, seconds=60, env=None, before=()):
    """Runs ctx; before: a command that runs it in turn; seconds: see patience.py."""
    command = [*before, tool(), *args]
    try:
        p = subprocess.run(command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(seconds),
                           env={**os.environ, **(env or {})})
    except subprocess.TimeoutExpired as e:
        raise Failure(f"{' '.join(command)} does not end:\n{(e.stdout or b'').decode()[-2000:]}") from None
    return Said([str(a) for a in args], p.returncode, p.stdout.decode("utf-8", "replace"))


def until(*args, says, by=signal.SIGINT, seconds=60, stdin=None):
    """Runs ctx until it has said all of `says` (patterns, in any order; or a function of what it has said so far), then ends it
    by a signal (Ctrl-C), which must be enough. So a run lasts until the proof is there, on any machine."""
    text, left = "", says
    command = [tool(), *args]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as p:
        net = threading.Timer(limit(seconds), p.kill)
        net.start()
        if stdin is not None:
            p.stdin.write(stdin)
            p.stdin.close()
        for line in p.stdout:
            before, text = len(text), text + line.decode("utf-8", "replace")
            if not left:
                continue
            if callable(left):
                left = None if left(text) else left
            else:  # a pattern may be of several lines
                left = [w for w in left if not re.search(w, text[max(0, before - 2000):], re.M)]
            if not left:
                p.send_signal(by)
        net.cancel()
        p.wait()
    check(not left, f"{' '.join(command)}\ndoes not say {left}:\n{text[-3000:]}")
    check(p.returncode != -signal.SIGKILL, f"{' '.join(command)}\ndoes not end:\n{text[-3000:]}")
    return Said([str(a) for a in args], p.returncode, text)


class Live:
    """A run that is talked to: what it is told must be answered before it is told more."""

    def __init__(self, *args, stdin=subprocess.PIPE, **options):
        self.args, self.text = args, ""
        self.p = subprocess.Popen([tool(), *args], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0, **options)
        os.set_blocking(self.p.stdout.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()
        if self.p.stdin:
            self.p.stdin.close()
        self.p.stdout.close()

    def read(self):
        self.text += (self.p.stdout.read() or b"").decode("utf-8", "replace")
        return self.text

    def until(self, pattern, since=0, seconds=20):
        def look():
            found = re.search(pattern, self.read()[since:], re.M)
            check(found, f"no sign of {pattern!r} in\n{self.text[-3000:]}")
            return found
        return eventually(look, seconds)

    def ends(self, rc=FINE, seconds=20):
        def look():  # and read: who is not listened to can not end
            check(self.read() is not None and self.p.poll() is not None, f"it does not end:\n{self.text[-3000:]}")
        eventually(look, seconds)
        got = self.p.returncode
        check(got == rc, f"it ends with {got}, not {rc}:\n{self.read()[-3000:]}")
        return self.text


def together(apps):
    """The command line's way of saying several apps; each a path, or a list with arguments."""
    words = []
    for app in apps:
        words += ["+"] if words else []
        words += [app] if isinstance(app, str) else app
    return words


def headless(apps, *options, frames=60, **rest):
    return ctx("run", "--headless", "--frames", str(frames), *options, *together(apps), **rest)


def test_app(name):
    """One of ctest/qemu/apps, built the way a stranger builds an app."""
    return suite.test_app(name)


def own_app(name):
    """One of apps/, from this build or from one beside it: None if nobody has built it."""
    for build in suite.builds():
        path = os.path.join(build, "apps", name + ".elf")
        if os.path.exists(path):
            return path
    return None


def verified_app(name):
    """The same, made so that its code can be verified."""
    for build in suite.builds():
        path = os.path.join(build, "apps", name, "verified", name + ".elf")
        if os.path.exists(path):
            return path
    raise Skip("no verified apps: they were not built, or there is no clang")


def own_apps(*names):
    found = [own_app(n) for n in names]
    missing = [n for n, path in zip(names, found) if path is None]
    if missing:
        raise Skip(f"not built here: {' '.join(missing)}")
    return found


def compile_app(folder, name, text):
    """An app of a test's own, in t.h's words or those of v3.h."""
    source, elf = os.path.join(folder, name + ".c"), os.path.join(folder, name + ".elf")
    with open(source, "w") as f:
        f.write(text)
    subprocess.run(["cc", "-O2", "-nostdlib", "-static-pie", "-fPIE", "-I", os.path.join(SOURCE, "ctest", "qemu", "apps"),
                    "-I", os.path.join(SOURCE, "libctx", "include"), "-o", elf, source], check=True)
    return elf


def frozen():
    """Every app binary that was frozen with versions 1 and 2, whose apps take no words; younger ones: lasting.py."""
    folders = [os.path.join(SOURCE, "libctx", "abi", version) for version in ("v1", "v2")]
    return sorted(os.path.join(folder, n) for folder in folders for n in os.listdir(folder) if n.endswith(".elf"))


def qemu_test(name):
    """A script of ctest/qemu, for its lists; its cases stay where they are."""
    before = len(suite._cases)
    spec = importlib.util.spec_from_file_location("qemu_" + name, os.path.join(SOURCE, "ctest", "qemu", name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    del suite._cases[before:]
    return module


@contextlib.contextmanager
def argos():
    """Inside, suite.py boots the kernel of this build, or of one beside it; without one the case is skipped."""
    if sanitized():
        raise Skip("compared once, without sanitizers")
    here = suite.build()
    for build in suite.builds():
        if os.path.exists(os.path.join(build, "argos.elf")):
            break
    else:
        raise Skip("there is no argos.elf to compare with")
    suite._build[0] = build
    try:
        yield
    finally:
        suite._build[0] = here


def scratch():
    return tempfile.TemporaryDirectory(prefix="argos-")


def main():
    rest = []
    words = iter(sys.argv[1:])
    for word in words:
        if word in ("--tool", "--sources"):
            _options[word[2:]] = os.path.abspath(next(words))
        else:
            rest.append(word)
    sys.argv[1:] = rest
    build = rest[rest.index("--build") + 1] if "--build" in rest else os.path.join(SOURCE, "build", "linux")
    _options.setdefault("tool", os.path.join(build, "ctx"))
    if "--build" not in rest:
        sys.argv[1:1] = ["--build", build]
    suite.main()
