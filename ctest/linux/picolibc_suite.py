#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""picolibc's own tests, from its source package, each an ordinary program under `ctx run`: which pass, and that
libctx/doc/picolibc.md has each that does not, with the reason. What the page says and is not so fails too.

  picolibc_suite.py --build DIR --tool CTX --tarball FILE [TEST...] -- FLAG... -- LINKFLAG...

A test passes when it ends as its author wants it: with 0, or another status where it is to fail. 77: it says itself that it has
nothing to do here. Those of semihosting are tests of QEMU's way to a host, which no app has, and are not among them.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(SOURCE, "libctx", "doc", "picolibc.md")
ROW = re.compile(r"^\| `([\w/-]+)` \| (\w[\w ]*) \| (.+) \|$", re.M)

# Sources beside a test's own, as picolibc's test/meson.build has them, and flags.
BESIDE = {"rounding-mode": ["rounding-mode-sub.c"], "try-ilp32": ["try-ilp32-sub.c"]}
PARTS = {"lock-valid", "rounding-mode-sub", "try-ilp32-sub", "testcases", "math_errhandling_tests", "native-locks"}
FLAGS = {"test-gets": ["-std=gnu99"]}  # later C has no gets()
MORE = {"hosted-exit-fail": ("hosted-exit", ["-DRETVAL=1"])}
TO_FAIL = {"abort", "hosted-exit-fail", "test-except", "stack-smash"}
STDIN = {"test-gets": b"abc\n"}  # somebody types a line there
TIME = 300
STATES = ("passes", "skips", "fails", "does not link", "does not compile")


def sources(folder):
    tests = {}
    for name in sorted(os.listdir(folder)):
        stem, ext = os.path.splitext(name)
        if ext in (".c", ".cpp") and stem not in PARTS:
            tests[stem] = [name, *BESIDE.get(stem, ())]
    for name in sorted(os.listdir(os.path.join(folder, "libc-testsuite"))):
        if name.endswith(".c"):
            tests["libc-testsuite/" + name[:-2]] = ["libc-testsuite/" + name]
    return tests


class Suite:
    def __init__(self, folder, build, tool, flags, link):
        self.folder, self.tool, self.link = folder, tool, link
        picolibc = os.path.join(build, "picolibc")
        theirs, = (os.path.join(picolibc, n) for n in os.listdir(picolibc))
        compiler = subprocess.run(["cc", "-print-file-name=include"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        headers = [w for d in (os.path.join(SOURCE, "libctx", "c", "include"), os.path.join(theirs, "include"), compiler) for w in ("-isystem", d)]
        self.flags = [*flags, "-O2", "-w", "-fno-builtin", "-D_TEST_LONG_DOUBLE", *headers, "-I", folder]
        self.link += ["-T", os.path.join(SOURCE, "libctx", "c", "app.ld")]
        self.libraries = [os.path.join(build, "libctx", "libctx.a"), "-Wl,--start-group", os.path.join(build, "libctx", "c", "libctx_c.a"),
                          os.path.join(theirs, "lib", "libc.a"), os.path.join(build, "libctx", "libctx.a"), "-Wl,--end-group", "-lgcc"]

    def run(self, name, files, more):
        """How it went, and what there is to be read about that."""
        with tempfile.TemporaryDirectory(prefix="argos-") as out:
            objects = []
            for file in files:
                objects.append(os.path.join(out, os.path.basename(file) + ".o"))
                cxx = ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"] if file.endswith("cpp") else []
                p = subprocess.run(["cc", *self.flags, *cxx, *more, "-c", os.path.join(self.folder, file), "-o", objects[-1]], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, check=False)
                if p.returncode != 0:
                    return "does not compile", p.stdout
            elf = os.path.join(out, os.path.basename(name) + ".elf")
            p = subprocess.run(["cc", *self.link, *objects, *self.libraries, "-o", elf], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if p.returncode != 0:
                return "does not link", p.stdout
            # With a folder of its own to write to.
            try:
                p = subprocess.run([self.tool, "run", "--headless", "--dir", f"{out}:/w:rw", elf, "program-name"], cwd=out, input=STDIN.get(name, b""),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIME, check=False, env={**os.environ, "CTX_RUN_OPTIONS": ""})
            except subprocess.TimeoutExpired as e:
                return "fails", f"it does not end\n{(e.stdout or b'').decode(errors='replace')}"
        said = p.stdout.decode(errors="replace")
        if p.returncode == 77:
            return "skips", said
        return "passes" if (p.returncode != 0) == (name in TO_FAIL) else "fails", f"{said}\nends with {p.returncode}"


def told():
    with open(PAGE, encoding="utf-8") as f:
        text = f.read()
    section = re.search(r"^## picolibc's own tests$(.*?)(?=^## |\Z)", text, re.M | re.S)
    return {} if section is None else {name: state for name, state, _ in ROW.findall(section[1]) if state in STATES}


def main():
    words = sys.argv[1:]
    first = words.index("--") if "--" in words else sys.exit(__doc__)
    second = words.index("--", first + 1)
    options, chosen = {}, []
    mine = iter(words[:first])
    for word in mine:
        if word.startswith("--"):
            options[word[2:]] = next(mine)
        else:
            chosen.append(word)
    with tempfile.TemporaryDirectory(prefix="argos-picolibc-") as folder:
        with tarfile.open(options["tarball"]) as tar:
            members = [m for m in tar.getmembers() if re.match(r"[^/]+/test/(libc-testsuite/)?[^/]*$", m.name)]
            tar.extractall(folder, members)
        top = os.path.join(folder, members[0].name.split("/")[0], "test")
        suite = Suite(top, os.path.abspath(options["build"]), os.path.abspath(options["tool"]), words[first + 1:second], words[second + 1:])
        tests = {name: (files, FLAGS.get(name, [])) for name, files in sources(top).items()}
        for name, (of, flags) in MORE.items():
            tests[name] = (tests[of][0], flags)
        wanted = {name: t for name, t in tests.items() if not chosen or name in chosen}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            ran = {name: pool.submit(suite.run, name, *t) for name, t in sorted(wanted.items())}
            results = {name: future.result() for name, future in ran.items()}
    page, wrong = told(), []
    for name, (state, text) in results.items():
        expected = page.get(name, "passes")
        if state != expected or chosen:
            print(f"== {name}: {state}\n{text[-1500:]}")
        if state != expected:
            wrong.append(f"{name} {state}, and the page says {expected}")
    wrong += [] if chosen else [f"the page has {name}, which is no test" for name in page if name not in tests]
    counts = ", ".join(f"{sum(state == s for state, _ in results.values())} {s}" for s in STATES)
    print(f"{len(results)} tests of picolibc: {counts}")
    sys.exit("\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    main()
