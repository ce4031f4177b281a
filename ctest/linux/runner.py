# SPDX-License-Identifier: MIT
"""One run of ctx, and what it said. A script declares cases with @case and ends with main(), as with the
QEMU tests' suite.py, whose lists of apps and files are used here too:

  script.py --build DIR --tool FILE --sources FILE [CASE...]
"""
import contextlib
import importlib.util
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
import picture  # noqa: E402
import suite  # noqa: E402
from suite import SOURCE, Failure, Skip, case, check  # noqa: E402

__all__ = ["argos", "case", "check", "compile_app", "ctx", "Failure", "FAULTED", "FINE", "frozen", "headless", "main",
           "option", "own_app", "own_apps", "qemu_test", "read_png", "REFUSED", "sanitized", "scratch", "Skip",
           "SOURCE", "test_app", "together", "tool", "USAGE"]

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
    """Runs ctx; before: a command that runs it in turn."""
    command = [*before, tool(), *args]
    try:
        p = subprocess.run(command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
                           env={**os.environ, **(env or {})})
    except subprocess.TimeoutExpired as e:
        raise Failure(f"{' '.join(command)} does not end:\n{(e.stdout or b'').decode()[-2000:]}") from None
    return Said([str(a) for a in args], p.returncode, p.stdout.decode("utf-8", "replace"))


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
    here = suite.build()
    for build in (here, *(os.path.join(os.path.dirname(here), b) for b in ("linux", "kernel"))):
        path = os.path.join(build, "apps", name + ".elf")
        if os.path.exists(path):
            return path
    return None


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
    """Every app binary that was ever frozen."""
    found = []
    for folder, _, names in os.walk(os.path.join(SOURCE, "libctx", "abi")):
        found += [os.path.join(folder, n) for n in names if n.endswith(".elf")]
    return sorted(found)


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
    """Inside, suite.py boots the kernel of this build, or of build/kernel beside it; without one the case is skipped."""
    if sanitized():
        raise Skip("compared once, without sanitizers")
    here = suite.build()
    for build in (here, os.path.join(os.path.dirname(here), "kernel")):
        if os.path.exists(os.path.join(build, "argos.elf")):
            break
    else:
        raise Skip("there is no build/kernel/argos.elf to compare with")
    suite._build[0] = build
    try:
        yield
    finally:
        suite._build[0] = here


def scratch():
    return tempfile.TemporaryDirectory(prefix="argos-")


def read_png(path):
    """A Picture of a PNG as ctx writes it: 8-bit RGB, rows as they are or filtered by `up`. All checksums are looked at."""
    data = suite.read(path)
    check(data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG")
    at, packed, size = 8, b"", None
    while at < len(data):
        length, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + length]
        crc = int.from_bytes(data[at + 8 + length:at + 12 + length], "big")
        check(crc == zlib.crc32(kind + body), f"the CRC of {kind} is wrong")
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
            check(body[8:] == b"\x08\x02\0\0\0", "not 8-bit RGB")
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    check(kind == b"IEND", "the end is missing")
    w, h = size
    raw, pixels, above = zlib.decompress(packed), bytearray(), bytes(3 * w)
    check(len(raw) == (3 * w + 1) * h, "rows are missing")
    for y in range(h):
        row = raw[(3 * w + 1) * y:(3 * w + 1) * (y + 1)]
        check(row[0] in (0, 2), f"filter {row[0]}")
        above = bytes((a + b) & 255 for a, b in zip(row[1:], above)) if row[0] else row[1:]
        pixels += above
    return picture.Picture(w, h, bytes(pixels))


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
