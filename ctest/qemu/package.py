# SPDX-License-Identifier: MIT
"""What a stranger does with the installed package alone: a project in each language, run here, an image, booted."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, Skip, case, cdrom, check  # noqa: E402

LANGUAGES = {"c": "begins", "cpp": "", "asm": "by hand", "rust": "60 stars", "libc": "Hello"}
_prefix = []


def run(*command, rc=0, **rest):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                       stdin=subprocess.DEVNULL, timeout=120, **rest)
    check(p.returncode == rc, f"{' '.join(command)}: exit code {p.returncode}, not {rc}\n{p.stdout[-3000:]}")
    return p.stdout


def linux_build():
    for build in (suite.build(), os.path.join(os.path.dirname(suite.build()), "linux")):
        cache = os.path.join(build, "CMakeCache.txt")
        # The kernel's preset builds ctx too, for its tests; only this one installs it.
        if os.path.exists(os.path.join(build, "ctx")) and os.path.exists(cache):
            with open(cache) as f:
                if re.search(r"^ARGOS_LINUX:BOOL=(ON|TRUE|1)$", f.read(), re.M):
                    return build
    raise Skip("ctx is not built (preset linux)")


def prefix():
    """An installation, made once; the sources are out of its reach."""
    if not _prefix:
        folder = tempfile.TemporaryDirectory(prefix="argos-package-")
        for build in {linux_build(), suite.build()}:
            run("cmake", "--install", build, "--prefix", folder.name)
        _prefix.append(folder)
    return _prefix[0].name


def tool():
    return os.path.join(prefix(), "bin", "ctx")


def templates():
    return sorted(os.listdir(os.path.join(prefix(), "lib", "ctx", "templates")))


def build(folder, name):
    run("cmake", "-S", name, "-B", f"{name}/build", f"-DCMAKE_PREFIX_PATH={prefix()}", cwd=folder)
    return run("cmake", "--build", f"{name}/build", cwd=folder)


@case
def every_language():
    """new, build, run on Linux, make an image, boot it."""
    names = templates()
    check({"c", "cpp", "asm", "rust"} <= set(names), f"templates: {names}")
    check(set(names) <= set(LANGUAGES), f"a template that no test knows: {names}")
    for lang in names:
        if lang == "rust" and shutil.which("rustc") is None:
            print("rust: there is no rustc")
            continue
        with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
            app = f"my-{lang}"
            run(tool(), "new", app, "--lang", lang, cwd=folder)
            check("fine" in build(folder, app), "the build does not check the app")
            elf = os.path.join(folder, app, "build", f"{app}.elf")
            said = run(tool(), "run", "--headless", "--seconds", "1", elf)
            check(f"started name={app} " in said and LANGUAGES[lang] in said, f"{lang} says\n{said}")
            check(" fault " not in said and "refused file=" not in said, said)
            image = os.path.join(folder, "own.iso")
            run(tool(), "iso", "-o", image, "--title", f"My {lang}", "--words", "debugexit" if lang == "libc" else "debugexit stop=20", elf, "one", "two")
            with VM(cdrom(image, "ide"), "", devices=suite.DESKTOP) as vm:
                vm.until(f"app: started name={app} ")
                if lang == "libc":
                    vm.until("Type a line")
                    vm.type("quit\n")
                vm.until(r"exited name=|KTEST PASS")
                check(" fault name=" not in vm.text, "it faults in QEMU")
                check(re.search(LANGUAGES[lang], vm.text), f"{lang} does not say {LANGUAGES[lang]!r}")


@case
def tutorial():
    """The whole programs of the tutorial, each put into a fresh project, built and run."""
    text = suite.read(os.path.join(suite.SOURCE, "libctx", "doc", "tutorial.md")).decode()
    programs = re.findall(r"^```c app\n(.*?)^```", text, re.M | re.S)
    check(len(programs) >= 3, f"{len(programs)} programs")
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        run(tool(), "new", "stars", cwd=folder)
        for i, program in enumerate(programs):
            with open(os.path.join(folder, "stars", "main.c"), "w", encoding="utf-8") as f:
                f.write(program)
            build(folder, "stars")
            said = run(tool(), "run", "--headless", "--seconds", "1", "--keys", "aq", os.path.join(folder, "stars", "build", "stars.elf"))
            check(" fault " not in said and "started name=stars" in said, said)
            check(i != 0 or "hello, stars" in said, said)
            check(i != 2 or ("a key, or the mouse" in said and "exited name=stars pid=0 code=0" in said), said)


@case
def pkg_config():
    """Without CMake: one compiler line."""
    if shutil.which("pkg-config") is None:
        raise Skip("there is no pkg-config")
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(prefix(), "lib", "pkgconfig"))
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        run(tool(), "new", "plain", cwd=folder)
        flags = run("pkg-config", "--cflags", "ctx", env=env).split()
        libs = run("pkg-config", "--libs", "ctx", env=env).split()
        elf = os.path.join(folder, "plain.elf")
        run("cc", "-O2", *flags, os.path.join(folder, "plain", "main.c"), *libs, "-o", elf)
        check("plain begins" in run(tool(), "run", "--headless", "--frames", "3", elf), "it does not run")


@case
def wrong_projects():
    """What no kernel would load does not build, and the words say why."""
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        run(tool(), "new", "bad", cwd=folder)
        lists = os.path.join(folder, "bad", "CMakeLists.txt")
        good = suite.read(lists).decode()

        def fails(text, why, source="int32_t _start(struct ctx *ctx) { (void)ctx; return 0; }"):
            with open(lists, "w", encoding="utf-8") as f:
                f.write(text)
            with open(os.path.join(folder, "bad", "main.c"), "w", encoding="utf-8") as f:
                f.write("#include <ctx/ctx.h>\n" + source + "\n")
            shutil.rmtree(os.path.join(folder, "bad", "build"), ignore_errors=True)
            p = subprocess.run(["sh", "-c", f"cmake -S bad -B bad/build -DCMAKE_PREFIX_PATH={prefix()} && cmake --build bad/build"],
                               cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            check(p.returncode != 0 and re.search(why, " ".join(p.stdout.split())), f"not {why!r}:\n{p.stdout[-1500:]}")

        fails(good, "field=PT_TLS|thread", "__thread int x = 5; int32_t _start(struct ctx *ctx) { (void)ctx; return x++; }")
        fails(good.replace("main.c)", "main.c LANGUAGE PASCAL)"), "LANGUAGE PASCAL: there are C, CXX, ASM and RUST")
        fails(good.replace("ctx_add_app(bad main.c)", "ctx_add_app(bad)"), "a source file is missing")
        fails(good.replace("main.c)", "main.c MAIN)"), "MAIN needs PICOLIBC")
        fails(good.replace("APPS bad)", "APPS good)"), "good is no target of ctx_add_app")
        fails(good + "target_compile_options(bad PRIVATE -fstack-protector-all)\n", "reads %fs:0x28",
              "void __stack_chk_fail(void) {} int32_t _start(struct ctx *ctx) { char volatile b[64]; b[0] = 1; ctx->log((const uint8_t *)b, 1); return b[0]; }")


@case
def wrong_usage():
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        check("begins with a letter" in run(tool(), "new", "9x", cwd=folder, rc=1), "a bad name")
        check("there are" in run(tool(), "new", "x", "--lang", "cobol", cwd=folder, rc=1), "a bad language")
        run(tool(), "new", "x", cwd=folder)
        check("nothing was changed" in run(tool(), "new", "x", cwd=folder, rc=1), "an existing folder")
        bad = os.path.join(folder, "bad.elf")
        with open(bad, "wb") as f:
            f.write(b"no ELF file")
        image = os.path.join(folder, "x.iso")
        check("nothing was made" in run(tool(), "iso", "-o", image, bad, rc=1), "a bad app")
        check("no such file" in run(tool(), "iso", "-o", image, "missing.elf", rc=1), "a missing app")
        check(not os.path.exists(image), "an image of nothing")


@case
def debian_package():
    """The .deb holds the same files, and names what it needs."""
    if shutil.which("dpkg-deb") is None or shutil.which("cpack") is None:
        raise Skip("there is no dpkg-deb")
    with tempfile.TemporaryDirectory(prefix="argos-deb-") as folder:
        run("cpack", "-G", "DEB", "--config", os.path.join(linux_build(), "CPackConfig.cmake"), "-B", folder)
        deb = [n for n in os.listdir(folder) if n.endswith(".deb")]
        check(len(deb) == 1, f"not one package: {deb}")
        files = run("dpkg-deb", "-c", os.path.join(folder, deb[0]))
        for name in ("./usr/bin/ctx", "./usr/lib/cmake/ctx/ctxConfig.cmake", "./usr/include/ctx/ctx.h",
                     "./usr/lib/ctx/picolibc/lib/libc.a", "./usr/share/man/man1/ctx.1", "./usr/lib/ctx/templates/c/main.c"):
            check(name in files, f"{name} is not in it")
        control = run("dpkg-deb", "-f", os.path.join(folder, deb[0]))
        check(re.search(r"Depends: .*libc6.*", control) and "python3" in control, control)


if __name__ == "__main__":
    suite.main()
