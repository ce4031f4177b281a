# SPDX-License-Identifier: MIT
"""Folders of any name: each builds, or is refused at once and the words say why.

  paths.py --build DIR                          names, one small target each
  paths.py --build DIR installed                the package installed in one, projects built with it in another
  paths.py --build DIR whole                    everything in the worst of all (`cmake --build build/host --target whole-paths`)"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, Skip, case, check, limit  # noqa: E402

# Each holds what one tool or another takes for its own.
GOOD = ["a space", "it's", "p+p (x) & co", "c,o=m:m%a~@!{}^`\u00fc"]
WORST = "all (of) 'it' + e=1, \u00fc&!%:~@{}^"
# What the tools below get wrong, and the words.
BAD = {'q"q': "double quote", "d$d": "dollar", "p|p": r"a \|:", "s;s": "semicolon", "q?q": r"a \?: the shell", "s*s": r"a \*: the shell",
       "b[b]": r"a \[: the shell", "n\nn": "control character",
       "l<l": "a <", "g>g": "a >"}
BAD_TO_MAKE = {"h#h": "a #"}  # files in, that is
# A C library's headers (-isystem) and link script (-T), and one object of the core (-iquote).
TARGETS = ["conformance_ends", "kernel/linux/CMakeFiles/ctx_tool.dir/clock.c.o"]


def run(*command, rc=0, **options):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace",
                       timeout=limit(1500), **options)
    check(rc is None or p.returncode == rc, f"{command}: exit code {p.returncode}\n{p.stdout[-3000:]}")
    return p.returncode, p.stdout


def copy_tree(to):
    """The sources, as a checkout has them."""
    os.makedirs(os.path.dirname(to), exist_ok=True)
    shutil.copytree(SOURCE, to, ignore=shutil.ignore_patterns("build", "b", ".git", "__pycache__"))


def configure(source, build, rc=0, generator="Ninja"):
    return run("cmake", "-G", generator, "-S", source, "-B", build, "-DARGOS_LINUX=OFF", "-DARGOS_HOST=OFF", "-DARGOS_UBSAN=OFF", rc=rc)


def builds(source, build):
    configure(source, build)
    run("ninja", "-C", build, *TARGETS)


class Tree:
    """A copy of the sources in a folder that is called so, and its own build folder in it."""

    def __enter__(self):
        self.base = tempfile.mkdtemp(prefix="argos-paths-")
        self.first = os.path.join(self.base, "tree")
        copy_tree(self.first)
        return self

    def named(self, name):
        to = os.path.join(self.base, name, "tree")
        if to != self.first:
            os.makedirs(os.path.dirname(to), exist_ok=True)
            os.rename(self.first, to)
            self.first = to
        shutil.rmtree(os.path.join(to, "build"), ignore_errors=True)
        return to

    def __exit__(self, *_):
        subprocess.run(["chmod", "-R", "u+w", self.base], check=False)
        shutil.rmtree(self.base)


def tools():
    if shutil.which("ninja") is None:
        raise Skip("there is no ninja")


@case
def names_that_build():
    """Folders in each other: each character meets each tool, in one build. (That a name alone is refused is looked at one by one.)"""
    tools()
    with Tree() as tree:
        source = tree.named(os.path.join(*GOOD))
        builds(source, os.path.join(source, "build", "kernel"))


@case
def very_long_path():
    tools()
    with Tree() as tree:
        source = tree.named("/".join(["long" * 50] * 5))
        check(len(source) > 1000, "that is not long")
        builds(source, os.path.join(source, "build", "kernel"))


@case
def symbolic_link():
    tools()
    with Tree() as tree:
        link = os.path.join(tree.base, "a link")
        os.symlink(tree.named("real"), link)
        builds(link, os.path.join(link, "build", "kernel"))


@case
def read_only_source():
    """Nothing is written outside of the build folder. (Root may write anywhere, so times are looked at too.)"""
    tools()

    def state():
        return {p: os.lstat(p).st_mtime_ns for folder, folders, files in os.walk(source) for p in
                [folder] + [os.path.join(folder, f) for f in files + folders]}

    with Tree() as tree:
        source = tree.named("read only")
        run("chmod", "-R", "a-w", source)
        before = state()
        builds(source, os.path.join(tree.base, "made"))
        changed = {p for p, t in state().items() if before.get(p) != t}
        check(not changed, f"the build changes {sorted(changed)[:5]}")


@case
def names_that_are_refused():
    """Before the compiler is tried, by one clear message; nothing that could be built is left."""
    tools()

    def refuses(source, build, why, generator="Ninja"):
        rc, said = configure(source, build, rc=None, generator=generator)
        words = " ".join(said.split())
        check(rc != 0 and "cannot be used: its name has" in words and re.search(why, words), f"{source!r}, {build!r}: {rc}\n{said[-1500:]}")
        check("compiler identification" not in said, f"it is refused late:\n{said}")
        check(not os.path.exists(os.path.join(build, "build.ninja")), "there is something to build")

    with Tree() as tree:
        for name, why in BAD.items():
            source = tree.named(name)
            refuses(source, os.path.join(source, "build"), why)
        # The build folder alone.
        source = tree.named("good")
        for name, why in {**BAD, **BAD_TO_MAKE}.items():
            refuses(source, os.path.join(tree.base, "made" + name), why)
        if shutil.which("make"):
            refuses(source, os.path.join(tree.base, "c:c"), "a :", "Unix Makefiles")
        # Where nothing is made a # does no harm.
        builds(tree.named("h#h"), os.path.join(tree.base, "made"))


def whole():
    """Everything, in the worst name of all: both builds, the image booted, the package installed beside it and used."""
    tools()
    with Tree() as tree:
        source = tree.named(WORST)
        for preset in ("host", "machines"):
            run("cmake", "--preset", preset, cwd=source)
            run("cmake", "--build", os.path.join(source, "build", preset), "-j2")
        home = os.path.join(tree.base, "home, sweet")
        env = {**os.environ, "XDG_DATA_HOME": home}
        said = run(os.path.join(source, "run"), "--headless", "--seconds", "2", "--keys", "pid<ret>", env=env)[1]
        check("main: running" in said and "power: off" in said, said)
        run("ctest", "--test-dir", os.path.join(source, "build", "host"), "-R", "unit.(elf|app|disk)$")
        prefix = os.path.join(tree.base, "an 'SDK' (of) mine, +%=")
        run("cmake", "--install", os.path.join(source, "build", "machines"), "--prefix", prefix)
        package(prefix, tree.base, iso=True)


def package(prefix, folder, iso=False):
    """The installed package, in a project whose own folder has a strange name too."""
    own = os.path.join(folder, "my (own) pro'jects, +")
    os.makedirs(own)
    ctx = os.path.join(prefix, "bin", "ctx")
    for lang in ("c", "libc", "cpp", "rust"):
        if lang == "rust" and shutil.which("rustc") is None:
            continue
        said = run(ctx, "new", f"my-{lang}", "--lang", lang, cwd=own)[1]
        line = re.search(r"^  (cmake -S .*)$", said, re.M)[1]
        run("sh", "-c", line, cwd=own)  # as printed, word for word
        run("cmake", "--build", f"my-{lang}/build", cwd=own)
        run(ctx, "run", "--headless", "--seconds", "1", f"my-{lang}/build/my-{lang}.elf", cwd=own)
        if iso:
            run("cmake", "--build", f"my-{lang}/build", "--target", "iso", cwd=own)


def installed():
    with tempfile.TemporaryDirectory(prefix="argos-paths-") as folder:
        prefix = os.path.join(folder, "an 'SDK' (of) mine, +%=")
        run("cmake", "--install", suite.build(), "--prefix", prefix)
        package(prefix, folder)
        if shutil.which("pkg-config"):  # which quotes blanks for a shell, but not brackets
            spaced = os.path.join(folder, "an SDK")
            os.rename(prefix, spaced)
            env = {**os.environ, "PKG_CONFIG_PATH": os.path.join(spaced, "lib", "pkgconfig")}
            own = os.path.join(folder, "my (own) pro'jects, +")
            run("sh", "-c", 'eval "cc -O2 $(pkg-config --cflags ctx) my-c/main.c $(pkg-config --libs ctx) -o plain.elf"', cwd=own, env=env)
            run(os.path.join(spaced, "bin", "ctx"), "check", "plain.elf", cwd=own)
            os.rename(spaced, prefix)
        bad = os.path.join(folder, "d$d")
        os.rename(prefix, bad)
        rc, said = run("cmake", "-S", os.path.join(folder, "my (own) pro'jects, +", "my-c"), "-B", os.path.join(folder, "again"),
                       f"-DCMAKE_PREFIX_PATH={bad}", rc=None)
        check(rc != 0 and "a dollar sign" in " ".join(said.split()), f"exit code {rc}\n{said}")


if __name__ == "__main__":
    for other in (whole, installed):
        if other.__name__ in sys.argv:
            suite.only(other)
    suite.main()
