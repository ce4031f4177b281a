# SPDX-License-Identifier: MIT
"""What a stranger does with the installed package alone: a project in each language, run here, an image, booted."""
import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, Skip, case, cdrom, check, limit  # noqa: E402

LANGUAGES = {"c": "begins", "cpp": "", "asm": "by hand", "rust": "60 stars", "libc": "Hello", "lua": "60 stars"}
_prefix = []
_deb = []  # the folder that it is in, its name


def run(*command, rc=0, stdin_file=None, **rest):
    if stdin_file is not None:
        with open(stdin_file[0], "w", encoding="utf-8") as f:
            f.write(stdin_file[1])
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                       stdin=subprocess.DEVNULL, timeout=limit(120), **rest)
    check(p.returncode == rc, f"{' '.join(command)}: exit code {p.returncode}, not {rc}\n{p.stdout[-3000:]}")
    return p.stdout


def linux_build():
    for build in suite.builds():
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
    check({"c", "cpp", "asm", "rust", "lua"} <= set(names), f"templates: {names}")
    check(set(names) <= set(LANGUAGES), f"a template that no test knows: {names}")
    for lang in names:
        if lang == "rust" and shutil.which("cargo") is None:
            print("rust: there is no cargo")
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


KEEPS = """#include <stdio.h>
#include <unistd.h>
int main(void)
{
    FILE *f = fopen("/data/starts", "a+");
    if (f == NULL || fputc('x', f) == EOF) {
        perror("/data/starts");
        return 1;
    }
    printf("start %ld\\n", ftell(f));
    return fflush(f) != 0 || fsync(fileno(f)) != 0; /* the power goes when it has ended */
}
"""


@case
def an_image_with_files_that_stay():
    """`ctx iso --files`, and OPTIONS of ctx_add_iso(): the same disk under `ctx run --files` and in two boots, each with the network beside it."""
    if not os.path.exists(os.path.join(prefix(), "lib", "ctx", "apps", "storage.elf")):
        raise Skip("no C library: picolibc was not built")
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        run(tool(), "new", "keeps", "--lang", "libc", cwd=folder)
        with open(os.path.join(folder, "keeps", "main.c"), "w") as f:
            f.write(KEEPS)
        make = os.path.join(folder, "keeps", "CMakeLists.txt")
        with open(make) as f:
            text = f.read()
        with open(make, "w") as f:
            f.write(text.replace("ctx_add_iso(iso ", 'ctx_add_iso(iso OPTIONS --files --net --words "debugexit" '))
        build(folder, "keeps")
        elf, disk = (os.path.join(folder, *path) for path in (("keeps", "build", "keeps.elf"), ("my.img",)))
        run(tool(), "files", "create", disk, "--size", "32M")
        check("start 1" in run(tool(), "run", "--headless", "--files", disk, elf, env=dict(os.environ, CTX_RUN_OPTIONS="")), "no file under Linux")
        said = run("cmake", "--build", "keeps/build", "--target", "iso", cwd=folder)
        check("3 apps" in said, said)
        image = os.path.join(folder, "keeps", "build", "keeps.iso")
        for start in (2, 3):
            with VM(cdrom(image, "ide") + ["-drive", f"file={disk},format=raw,if=virtio"], "", devices=suite.DESKTOP) as vm:
                vm.until("service: net#1 offers ctx.net/1")
                vm.until(rf"app\.keeps#2: start {start}\n")
                vm.until("exited name=keeps pid=2 code=0")
        check(run(tool(), "files", "cat", disk, "private/keeps/starts") == "xxx", "what is on the disk")


@case
def every_language_verified():
    """The same sources with CTX_VERIFIED, and one by `ctx cc` alone; only verified apps may run."""
    if not os.path.exists(os.path.join(prefix(), "lib", "ctx", "verified", "libctx.a")):
        raise Skip("this package was built without clang")
    for lang in templates():
        if lang == "rust":
            continue
        with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
            app = f"my-{lang}"
            run(tool(), "new", app, "--lang", lang, cwd=folder)
            run("cmake", "-S", app, "-B", "b", f"-DCMAKE_PREFIX_PATH={prefix()}", "-DCTX_VERIFIED=ON", cwd=folder)
            check("fine, verified" in run("cmake", "--build", "b", cwd=folder), f"{lang} is not verified")
            said = run(tool(), "run", "--headless", "--seconds", "1", "--isolate=require", os.path.join(folder, "b", f"{app}.elf"))
            check(LANGUAGES[lang] in said and " fault " not in said, f"{lang} says\n{said}")
            if lang == "libc":
                source = os.path.join(folder, app, "main.c")
                said = run(tool(), "cc", "--libc", "-Wall", source, "-o", os.path.join(folder, "cc.elf"))
                check("cc.elf: fine, verified" in said, said)
            if lang == "c":
                verified_now_and_then(folder, app)


def verified_now_and_then(folder, app):
    """A project that was built: the word VERIFIED comes and goes. (Makefiles know nothing of launchers of compilers.) And what no kernel
    would verify does not build."""
    lists, source = os.path.join(folder, app, "CMakeLists.txt"), os.path.join(folder, app, "main.c")
    good = suite.read(lists).decode()
    run("cmake", "-G", "Unix Makefiles", "-S", app, "-B", "c", f"-DCMAKE_PREFIX_PATH={prefix()}", cwd=folder)
    for words, says in (("", ": fine$"), (" VERIFIED", ": fine, verified$"), ("", ": fine$")):
        with open(lists, "w", encoding="utf-8") as f:
            f.write(good.replace(" main.c)", f" main.c{words})"))
        said = run("cmake", "--build", "c", cwd=folder)
        check(re.search(says, said, re.M), f"with {words!r} not {says!r}:\n{said}")
    with open(lists, "w", encoding="utf-8") as f:
        f.write(good.replace(" main.c)", " main.c VERIFIED)"))
    with open(source, "w", encoding="utf-8") as f:
        f.write('#include <ctx/ctx.h>\nint32_t _start(struct ctx *ctx)\n{\n    (void)ctx;\n    __asm__ volatile("lar %%ax, %%ebx" ::: "ebx");\n    return 0;\n}\n')
    check("rule=opcode" in run("cmake", "--build", "c", cwd=folder, rc=2), "what no kernel verifies is built")


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


# Of each template: where gdb stops, how the functions lie on top of one another, a local variable of the first and one of the second.
STACKS = {
    "c": ("log_text", ["log_text", "begin", "_start"], r"len = ", r"status = 0"),
    "cpp": ("App::draw", [r"\(anonymous namespace\)::App::draw", "_start"], r"this=0x", r"c=0x"),
    "asm": ("_start", ["_start"], r"No locals", None),
    "rust": ("stars::sky::Sky::fall", ["stars::sky::Sky::fall", "stars::step", "(?:stars::)?_start"], r"self=0x", r"cx=0x"),
    "libc": ("main", ["main"], r"line = ", None),
    "lua": ("_start", ["_start"], "", None),
}


def stands_in(said, lang):
    """A whole backtrace, with local variables: from the function down to the one that the kernel calls."""
    _, functions, first, second = STACKS[lang]
    frames = re.split(r"^(?:\(gdb\) )?#\d+ +(?:0x[0-9a-f]+ in )?", said, flags=re.M)[1:]
    check(len(frames) >= len(functions), f"{lang}: {len(frames)} frames\n{said[-3000:]}")
    for frame, name, local in zip(frames, functions, [first, second]):
        check(re.match(rf"{name}[ <(]", frame), f"{lang}: {frame[:60]!r}, not {name}\n{said[-3000:]}")
        check(local is None or re.search(local, frame), f"{lang}: no {local!r} in\n{frame}")


@case
def every_language_in_gdb():
    """The target `debug` of each template, and the one under the kernel of two; what an editor reads is there. (C alone without ARGOS_LONG.)"""
    if shutil.which("gdb") is None:
        raise Skip("gdb is not here (package gdb)")
    for lang in templates() if "ARGOS_LONG" in os.environ else ("c", "libc"):
        if lang == "rust" and shutil.which("cargo") is None:
            print("rust: there is no cargo")
            continue
        with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
            run(tool(), "new", "stars", "--lang", lang, cwd=folder)
            lists = os.path.join(folder, "stars", "CMakeLists.txt")
            text = suite.read(lists).decode()
            with open(lists, "w", encoding="utf-8") as f:  # as it is, but for no window
                f.write(re.sub(r"(ctx_add_debug\(.*)\)", r"\1 OPTIONS --headless)", text))
            run("cmake", "-S", "stars", "-B", "b", f"-DCMAKE_PREFIX_PATH={prefix()}", cwd=folder)
            said = suite.read(os.path.join(folder, "b", "compile_commands.json")).decode() if lang != "rust" else "-g main."
            check("-g" in said and re.search(r"main\.|script", said), said)
            talk = f"break {STACKS[lang][0]}\ncontinue\nbt -full\nkill\nquit\n" if lang not in ("libc", "asm", "lua") else "bt -full\nkill\nquit\n"
            for target in ("debug", "debug-qemu") if lang in ("c", "rust") else ("debug",):
                p = subprocess.run(["cmake", "--build", "b", "--target", target], input=talk, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, check=False, timeout=limit(120))
                check("Breakpoint" in p.stdout, p.stdout[-3000:])
                stands_in(p.stdout, lang)
    p = subprocess.run([tool(), "debug", __file__], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    check(p.returncode == 1 and "not an ELF file" in p.stdout, p.stdout)


def program(elf, *options, stdin=""):
    """What a run puts out, its log beside it, and its exit code."""
    p = subprocess.run([tool(), "run", *options, elf], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=limit(60),
                       env=dict(os.environ, CTX_RUN_OPTIONS=""))
    return p.returncode, p.stdout


@case
def examples():
    """Each installed example, copied and built with the package alone, does what it is for."""
    here = os.path.join(prefix(), "share", "doc", "ctx", "examples")
    names = sorted(name for name in os.listdir(here) if os.path.isdir(os.path.join(here, name)))
    readme = suite.read(os.path.join(here, "README.md")).decode()
    check(re.findall(r"^\| `(\w+)` \|", readme, re.M) and set(re.findall(r"^\| `(\w+)` \|", readme, re.M)) == set(names), f"{names}, and README.md has others")
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        for name in names:
            if name == "hello" and not os.path.exists(os.path.join(prefix(), "lib", "ctx", "verified", "libctx.a")):
                print("hello: this package was built without clang")
                continue
            shutil.copytree(os.path.join(here, name), os.path.join(folder, name))
            build(folder, name)
            elf = os.path.join(folder, name, "build", f"{name}.elf")
            if name == "hello":
                rc, said = program(elf, "--headless", "--isolate=require")
                check(rc == 0 and "hello from an example" in said, f"{rc}: {said}")
            elif name == "ticker":
                rc, said = program(elf, "--headless")
                check(rc == 0 and re.findall("#0: (t[io]ck)", said) == ["tick", "tock"] * 2, f"{rc}: {said}")
                rc, said = program(elf, "--headless", "--keys", "q")
                check(rc == 0 and len(re.findall("#0: (t[io]ck)", said)) < 4, f"{rc}: {said}")
            elif name == "quiz":
                check(program(elf, stdin="1\nreturn\n") == (0, "How many functions is an app? What does it do to yield? 2 of 2\n"), "quiz, right")
                rc, said = program(elf, stdin="2\n")
                check(rc == 1 and said.endswith("0 of 1\n"), f"{rc}: {said}")
            elif name == "window":
                shots = []
                for keys in ([], ["--keys", "<tab><ret>"]):
                    shots.append(os.path.join(folder, f"{len(shots)}.png"))
                    rc, said = program(elf, "--headless", "--size", "320x200", "--frames", "30", "--screenshot", shots[-1], *keys)
                    check(rc == 0 and " fault " not in said, f"{rc}: {said}")
                check(suite.read(shots[0]) != suite.read(shots[1]), "pressing the button changes nothing")
            else:
                check(False, f"nobody tests the example {name}")


@case
def rust_as_a_crate():
    """What `ctx new --lang rust` makes is a project of Cargo: built, tested and run by it, without a registry; a module is a file; a panic's file, line and
    words are in the crash report."""
    if shutil.which("cargo") is None:
        raise Skip("there is no cargo (package cargo-web)")
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        # Nobody answers at this proxy, and nothing was fetched before.
        env = dict(os.environ, CARGO_HOME=os.path.join(folder, "cargo"), CARGO_HTTP_PROXY="127.0.0.1:9", CTX_RUN_OPTIONS="--headless --seconds 1")
        run(tool(), "new", "stars", "--lang", "rust", cwd=folder)
        here = os.path.join(folder, "stars")
        said = run("cargo", "test", cwd=here, env=env)
        check("2 passed" in said and "a_star_is_one_pixel" in said, said)
        with open(os.path.join(here, "src", "lib.rs"), "a", encoding="utf-8") as f:
            f.write("pub mod more;\n")
        with open(os.path.join(here, "src", "more.rs"), "w", encoding="utf-8") as f:
            f.write('pub fn half(n: usize) -> usize {\n    assert!(n % 2 == 1, "{} is even,\\nnot odd", n);\n    n / 2\n}\n\n'
                    "#[test]\nfn of_three() {\n    assert_eq!(half(3), 2);\n}\n")
        said = run("cargo", "test", cwd=here, env=env, rc=101)
        check(re.search(r"more\.rs:8", said) and re.search(r"left: `?1`?,?\s+right: `?2", said) and "2 passed; 1 failed" in said, said)
        main = os.path.join(here, "src", "main.rs")
        text = suite.read(main).decode().replace("        app.sky.fall();", "        stars::more::half(app.sky.stars.len());\n        app.sky.fall();")
        with open(main, "w", encoding="utf-8") as f:
            f.write(text)
        said = run("cargo", "run", "--release", cwd=here, env=env, rc=132)
        check("stars begins with 60 stars" in said, said)
        check(re.search(r"E app:   said: panicked at src/more\.rs:2:5: 60 is even, not odd$", said, re.M), said)
        check(re.search(r"E app:   #\d+ _start\+0x", said), said)
        for name in ("ctx", "match", "core"):
            check("means something else" in run(tool(), "new", name, "--lang", "rust", cwd=folder, rc=1) and not os.path.exists(
                os.path.join(folder, name)), name)


LISTS = """cmake_minimum_required(VERSION 3.25)
project(files LANGUAGES C)
find_package(ctx CONFIG REQUIRED)
ctx_add_app(files main.c PICOLIBC MAIN FILES "data &c" AS /data)
"""
LISTER = r"""#include <dirent.h>
#include <stdio.h>
int main(void)
{
    DIR *dir = opendir("/data");
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[300], text[20] = "-";
        snprintf(path, sizeof path, "/data/%s", e->d_name);
        FILE *f = fopen(path, "r");
        if (f != NULL && fgets(text, sizeof text, f) != NULL) {
            printf("%s=%s;", e->d_name, text);
        }
    }
    return 0;
}
"""


@case
def files_that_change():
    """FILES of a project: what is changed, comes or goes is seen by the next build, whatever it is called. Seen: a name with a bracket was no rule of make's,
    and one with a quotation mark left a build folder that CMake could not read any more."""
    odd = ["a b", "(p)", "a;b", "c:d", 'q"x', "e'f", "g&h", "i#j", "k$l"]
    for generator in ["Unix Makefiles"] + ["Ninja"] * (shutil.which("ninja") is not None):
        with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
            data, build = os.path.join(folder, "data &c"), os.path.join(folder, "b")
            os.mkdir(data)

            def put(**files):
                time.sleep(1.1)  # what make looks at are times
                for name, text in files.items():
                    with open(os.path.join(data, name), "w", encoding="utf-8") as f:
                        f.write(text)

            def says(*, want):
                run("cmake", "--build", build)
                said = subprocess.run([tool(), "run", os.path.join(build, "files.elf")], stdout=subprocess.PIPE, text=True, check=True,
                                      stdin=subprocess.DEVNULL, env=dict(os.environ, CTX_RUN_OPTIONS="")).stdout
                check(sorted(said.split(";")[:-1]) == sorted(f"{n}={n}" for n in want), f"{generator}: {said}")

            for name, text in (("CMakeLists.txt", LISTS), ("main.c", LISTER)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                    f.write(text)
            put(**{name: name for name in odd})
            run("cmake", "-G", generator, "-S", folder, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix()}")
            run("cmake", "--build", build)
            plain = {n for n in odd if n != "a;b"}
            os.remove(os.path.join(data, "a;b"))
            put(one="one")
            says(want=plain | {"one"})
            put(one="wrong")
            put(one="one", two="two")
            says(want=plain | {"one", "two"})
            os.remove(os.path.join(data, "one"))
            says(want=plain | {"two"})


@case
def services():
    """The files of the page on services, as they stand there: they are built, and Rust says to C what it says there. One that was changed
    so that its users would break does not build."""
    text = suite.read(os.path.join(suite.SOURCE, "libctx", "doc", "services.md")).decode()
    blocks = re.findall(r"^`([a-z]+\.(?:c|rs|toml))`.*?^```(?:c app|rust|toml)\n(.*?)^```", text, re.M | re.S)
    check([name for name, _ in blocks] == ["chat.toml", "provider.c", "consumer.c", "greeter.rs"], f"{[name for name, _ in blocks]}")
    lists = re.search(r"^```cmake\n(.*?)^```", text, re.M | re.S)[1]
    with_rust = shutil.which("rustc") is not None
    if not with_rust:
        print("without the app in Rust: there is no rustc")
        lists = "\n".join(line for line in lists.splitlines() if "greeter.rs" not in line).replace(" greeter)", ")") + "\n"
    with tempfile.TemporaryDirectory(prefix="argos-project-") as folder:
        for name, block in [*blocks, ("CMakeLists.txt", lists)]:
            os.makedirs(os.path.join(folder, "chat"), exist_ok=True)
            with open(os.path.join(folder, "chat", name), "w", encoding="utf-8") as f:
                f.write(block)
        build(folder, "chat")
        check(os.path.exists(os.path.join(folder, "chat", "chat.layout")), "no layout is kept")
        words = [os.path.join(folder, "chat", "build", w) if w.endswith(".elf") else w for w in
                 re.search(r"^    ctx run (consumer\.elf \+ .*)$", text, re.M)[1].split()]
        said = run(tool(), "run", "--headless", "--seconds", "3", *(words if with_rust else words[:words.index("offer=org.example.chat/1") + 1]))
        check(" fault " not in said and "offers org.example.chat/1" in said, said)
        check(not with_rust or "app.consumer#0: hello from Rust" in said, said)
        toml = os.path.join(folder, "chat", "chat.toml")
        good = suite.read(toml).decode()
        for new, why in ((good.replace('name = "say"', 'name = "tell"'), r"that function 0 is say\(in, u32\): now function 0 is tell"),
                         (good.replace(', ["u32", "text_len"]', ""), r"chat\.toml:15: fn say: argument text: right behind it stands its length"),
                         (good.replace("org.example.chat/1", "org.example.talk/1"), "name: what is made of it is called talk, not chat")):
            with open(toml, "w", encoding="utf-8") as f:
                f.write(new)
            p = subprocess.run(["cmake", "--build", "chat/build"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            check(p.returncode != 0 and re.search(why, p.stdout), f"not {why!r}:\n{p.stdout[-1500:]}")


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
            # One build folder, as a stranger has: the compiler is looked at once, and what failed before must not matter.
            p = subprocess.run(["sh", "-c", f"cmake -S bad -B bad/build -DCMAKE_PREFIX_PATH={shlex.quote(prefix())} && cmake --build bad/build"],
                               cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            check(p.returncode != 0 and re.search(why, " ".join(p.stdout.split())), f"not {why!r}:\n{p.stdout[-1500:]}")

        fails(good, "field=PT_TLS|thread", "__thread int x = 5; int32_t _start(struct ctx *ctx) { (void)ctx; return x++; }")
        fails(good.replace("main.c)", "main.c LANGUAGE PASCAL)"), "LANGUAGE PASCAL: there are C, CXX, ASM, RUST and LUA")
        fails(good.replace("ctx_add_app(bad main.c)", "ctx_add_app(bad)"), "a source file is missing")
        fails(good.replace("main.c)", "main.c MAIN)"), "MAIN needs PICOLIBC")
        fails(good.replace("main.c)", "main.c INTERFACES talk)"), r"INTERFACES talk: there is no ctx_add_interface\(talk ...\) before it")
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
def installed_pages_name_what_is_installed():
    """Seen: picolibc.md told strangers to call argos_add_app(), which only this repository has."""
    home, pages = prefix(), os.path.join(prefix(), "share", "doc", "ctx")
    cmake = os.path.join(home, "lib", "cmake", "ctx")
    functions = set(re.findall(r"^function\((\w+)", "".join(suite.read(os.path.join(cmake, n)).decode() for n in os.listdir(cmake)), re.M))
    check("ctx_add_app" in functions, f"the package has {functions}")
    named = 0
    for folder, _, names in os.walk(pages):
        for name in (n for n in names if n.endswith(".md")):
            for block in re.findall(r"^(?:    .*\n)+|^```cmake\n.*?^```", suite.read(os.path.join(folder, name)).decode(), re.M | re.S):
                for call in re.findall(r"^\s*((?:ctx|argos)_add_\w+)\(", block, re.M):
                    check(call in functions, f"{name} names {call}(), which is not in the package")
                    named += 1
    check(named >= 1, "no page shows how an app is added")
    check(os.path.exists(os.path.join(home, "lib", "ctx", "ctx.supp")), "ctx.supp is not installed")


def make_deb():
    """What CPack makes: one file, made once."""
    if _deb:
        return os.path.join(_deb[0].name, _deb[1])
    if shutil.which("dpkg-deb") is None or shutil.which("cpack") is None:
        raise Skip("there is no dpkg-deb")
    if shutil.which("file") is None:  # by which cpack finds programs
        raise Skip("there is no file")
    folder = tempfile.TemporaryDirectory(prefix="argos-deb-")
    run("cpack", "-G", "DEB", "--config", os.path.join(linux_build(), "CPackConfig.cmake"), "-B", folder.name,
        "-D", f"CPACK_ARGOS_KERNEL_BUILD={suite.build()}")
    deb = [n for n in os.listdir(folder.name) if n.endswith(".deb")]
    check(len(deb) == 1, f"not one package: {deb}")
    _deb[:] = folder, deb[0]
    return make_deb()


@case
def debian_package():
    """The .deb holds the files of both builds, and names what it needs. Without a kernel there is none."""
    with tempfile.TemporaryDirectory(prefix="argos-deb-") as folder:
        deb = make_deb()
        files = run("dpkg-deb", "-c", deb)
        for name in ("./usr/bin/ctx", "./usr/lib/cmake/ctx/ctxConfig.cmake", "./usr/include/ctx/ctx.h", "./usr/lib/ctx/argos.elf",
                     "./usr/lib/ctx/picolibc/lib/libc.a", "./usr/share/man/man1/ctx.1", "./usr/share/man/man1/ctx-run.1", "./usr/lib/ctx/templates/c/main.c",
                     "./usr/lib/ctx/ctx.supp"):
            check(f" {name}\n" in files, f"{name} is not in it")
        control = run("dpkg-deb", "-f", deb)
        check(re.search(r"Depends: .*libc6.*", control) and "python3" in control, control)
        said = run("cpack", "-G", "DEB", "--config", os.path.join(linux_build(), "CPackConfig.cmake"), "-B", folder + "/x",
                   "-D", f"CPACK_ARGOS_KERNEL_BUILD={folder}", rc=1)
        check("there is no kernel in" in said, said)


def installed_packages():
    """{name: (stanza's fields)} of what dpkg has here."""
    packages = {}
    with open("/var/lib/dpkg/status", encoding="utf-8", errors="replace") as f:
        for stanza in f.read().split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", stanza, re.M))
            if fields.get("Status") == "install ok installed":
                packages[fields["Package"]] = fields
                for name in re.findall(r"([a-z0-9.+-]+)(?: \([^)]*\))?(?:, |$)", fields.get("Provides", "")):
                    packages.setdefault(name, fields)
    return packages


def closure(first, packages):
    """The packages that these Depends bring, and the essential ones."""
    todo = [first] + [", ".join(p["Package"] for p in packages.values() if p.get("Essential") == "yes")]
    names = set()
    while todo:
        for either in todo.pop().split(", "):
            choice = [re.match(r"[a-z0-9.+-]+", word.strip())[0] for word in either.split("|") if word.strip()]
            if not choice:
                continue
            found = [packages[c] for c in choice if c in packages]
            if not found:
                raise Skip(f"a root cannot be made of this machine: it lacks the package {choice[0]}")
            if found[0]["Package"] not in names:
                names.add(found[0]["Package"])
                todo += [found[0].get("Depends", ""), found[0].get("Pre-Depends", "")]
    return names


def bare_root(root, names):
    """A root that holds the files of these packages and nothing else, as if just unpacked."""
    for link in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink("/" + link):
            os.makedirs(os.path.join(root, "usr", link), exist_ok=True)
            os.symlink("usr/" + link, os.path.join(root, link))
    paths = set()
    for name in names:
        paths.update(subprocess.run(["dpkg-query", "-L", name], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n"))
    wanted = [p for p in sorted(paths) if p.startswith("/") and (os.path.islink(p) or os.path.isfile(p)) and
              not re.match(r"/usr/share/(doc|man|locale|info)/", p) and os.path.realpath(os.path.dirname(p)) == os.path.dirname(p).replace("//", "/")
              or re.match(r"/(bin|sbin|lib|lib64)/", p) and os.path.lexists(p)]
    files = "\0".join(p.lstrip("/") for p in wanted if os.path.islink(p) or os.path.isfile(p))
    run("sh", "-c", f"tar -C / --null --no-recursion -T {shlex.quote(root)}.files -cf - | tar -C {shlex.quote(root)} -xf -", stdin_file=(root + ".files", files))
    # What their scripts would have set up: the names of the compilers.
    os.makedirs(os.path.join(root, "etc/alternatives"), exist_ok=True)
    for name in ("cc", "awk", "c89", "c99"):
        here = f"/etc/alternatives/{name}"
        if os.path.islink(here) and os.path.lexists(root + os.readlink(here)):
            os.symlink(os.readlink(here), root + here)
            os.symlink(here, f"{root}/usr/bin/{name}")
    for folder in ("proc", "dev", "tmp", "root"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    os.chmod(os.path.join(root, "tmp"), 0o1777)


def inside(root, script):
    """Runs it in that root, with its own idea of /proc and /dev, and of nothing else of this machine."""
    enter = (f"mount --rbind /proc '{root}/proc' && mount --rbind /dev '{root}/dev' && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "
             f"HOME=/root LC_ALL=C chroot '{root}' /bin/sh -euc \"$1\"")
    return run("unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", "sh", "-c", enter, "sh", script)


TUTORIAL = """cd /root; rm -rf stars; ctx new stars; cmake -S stars -B stars/build; cmake --build stars/build
ctx run --headless --seconds 1 stars/build/stars.elf; ctx new old --lang libc; cmake -S old -B old/build; cmake --build old/build
ctx new moon --lang lua; cmake -S moon -B moon/build; cmake --build moon/build; ctx run --headless --seconds 1 moon/build/moon.elf
ctx cc --trusted --libc old/main.c -o old/cc.elf; printf '#include <obstack.h>\\n' >host.c; ! ctx cc --trusted --libc -c host.c -o host.o
cmake --build stars/build --target iso; ls -l stars/build/stars.iso"""
# Any template, down to its image.
TEMPLATE = """cd /root; rm -rf {0}; ctx new {0} --lang {0}; cmake -S {0} -B {0}/build; cmake --build {0}/build
ctx run --headless --seconds 1 {0}/build/{0}.elf; cmake --build {0}/build --target iso"""


def tutorial_in(root):
    said = inside(root, TUTORIAL)
    check("stars begins" in said, said)  # all that the tool says with one app
    boots(root, "stars", "begins")


def boots(root, name, says):
    with VM(cdrom(os.path.join(root, f"root/{name}/build/{name}.iso"), "ide"), "", devices=suite.DESKTOP) as vm:
        vm.until(f"app: started name={name} ")
        vm.until(says)


def may_enter():
    if subprocess.run(["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        raise Skip("this machine lets nobody make a root of their own (unshare)")


@case
def debian_package_alone():
    """The tutorial down to a booted image, in a root that has the package as CPack makes it, what it Depends on, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="argos-root-") as folder:
        deb = make_deb()
        may_enter()
        root = os.path.join(folder, "root")
        os.mkdir(root)
        bare_root(root, closure(run("dpkg-deb", "-f", deb, "Depends").strip(), installed_packages()))
        run("dpkg-deb", "-x", deb, root)
        inside(root, "ldconfig; ! test -e /usr/include/SDL2; ! command -v git")
        tutorial_in(root)


@contextlib.contextmanager
def timed(what):
    begun = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - begun:.0f} s", flush=True)


def apt_in(root, script):
    subprocess.run(["unshare", "-m", "sh", "-ec", f"mount --rbind /proc '{root}/proc'; DEBIAN_FRONTEND=noninteractive exec chroot '{root}' sh -ec \"$1\"", "sh",
                    script], check=True, stdout=subprocess.DEVNULL)


def debootstrap():
    """The same in a fresh Debian 12, with apt doing what the package says (a few minutes, and the network): from the package to a booted
    image, the tutorial's and those of the templates in C, Rust and Lua. It prints how long each takes."""
    if shutil.which("debootstrap") is None:
        raise Skip("there is no debootstrap")
    with tempfile.TemporaryDirectory(prefix="argos-root-") as folder:
        deb = make_deb()
        root = os.path.join(folder, "root")
        with timed("a bare Debian 12"):
            subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
        shutil.copy(deb, os.path.join(root, "tmp", "ctx.deb"))
        shutil.copy("/etc/resolv.conf", os.path.join(root, "etc", "resolv.conf"))
        begun = time.monotonic()
        with timed("the package, and what it depends on"):
            apt_in(root, "apt-get update -q; apt-get install -q -y --no-install-recommends /tmp/ctx.deb; apt-get check")
        with timed("the tutorial, in C and with a C library, to a booted image"):
            tutorial_in(root)
        for lang in ("c", "lua", "rust"):
            with timed(f"the template {lang}, to a booted image"):
                if lang == "rust":  # what the package suggests for it
                    apt_in(root, "apt-get install -q -y --no-install-recommends rustc-web cargo-web")
                inside(root, TEMPLATE.format(lang))
                boots(root, lang, LANGUAGES[lang])
        took = time.monotonic() - begun
        print(f"from the package to the last image: {took:.0f} s")


if __name__ == "__main__":
    if debootstrap.__name__ in sys.argv:
        suite.only(debootstrap)
    suite.main()
