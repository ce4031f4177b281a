# SPDX-License-Identifier: MIT
"""What a stranger does with the installed package alone: a project in each language, run here, an image, booted."""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, Skip, case, cdrom, check, limit  # noqa: E402

LANGUAGES = {"c": "begins", "cpp": "", "asm": "by hand", "rust": "60 stars", "libc": "Hello"}
_prefix = []


def run(*command, rc=0, stdin_file=None, **rest):
    if stdin_file is not None:
        with open(stdin_file[0], "w", encoding="utf-8") as f:
            f.write(stdin_file[1])
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                       stdin=subprocess.DEVNULL, timeout=limit(120), **rest)
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
            p = subprocess.run(["sh", "-c", f"cmake -S bad -B bad/build -DCMAKE_PREFIX_PATH={shlex.quote(prefix())} && cmake --build bad/build"],
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
def installed_pages_name_what_is_installed():
    """Seen: picolibc.md told strangers to call argos_add_app(), which only this repository has."""
    home, pages = prefix(), os.path.join(prefix(), "share", "doc", "ctx")
    cmake = os.path.join(home, "lib", "cmake", "ctx")
    functions = set(re.findall(r"^function\((\w+)", "".join(suite.read(os.path.join(cmake, n)).decode() for n in os.listdir(cmake)), re.M))
    check("ctx_add_app" in functions, f"the package has {functions}")
    named = 0
    for folder, _, names in os.walk(pages):
        for name in names:
            for block in re.findall(r"^(?:    .*\n)+|^```cmake\n.*?^```", suite.read(os.path.join(folder, name)).decode(), re.M | re.S):
                for call in re.findall(r"^\s*((?:ctx|argos)_add_\w+)\(", block, re.M):
                    check(call in functions, f"{name} names {call}(), which is not in the package")
                    named += 1
    check(named >= 1, "no page shows how an app is added")
    check(os.path.exists(os.path.join(home, "lib", "ctx", "ctx.supp")), "ctx.supp is not installed")


def make_deb(folder):
    """What CPack makes: one file."""
    if shutil.which("dpkg-deb") is None or shutil.which("cpack") is None:
        raise Skip("there is no dpkg-deb")
    if shutil.which("file") is None:  # by which cpack finds programs
        raise Skip("there is no file")
    run("cpack", "-G", "DEB", "--config", os.path.join(linux_build(), "CPackConfig.cmake"), "-B", folder,
        "-D", f"CPACK_ARGOS_KERNEL_BUILD={suite.build()}")
    deb = [n for n in os.listdir(folder) if n.endswith(".deb")]
    check(len(deb) == 1, f"not one package: {deb}")
    return os.path.join(folder, deb[0])


@case
def debian_package():
    """The .deb holds the files of both builds, and names what it needs. Without a kernel there is none."""
    with tempfile.TemporaryDirectory(prefix="argos-deb-") as folder:
        deb = make_deb(folder)
        files = run("dpkg-deb", "-c", deb)
        for name in ("./usr/bin/ctx", "./usr/lib/cmake/ctx/ctxConfig.cmake", "./usr/include/ctx/ctx.h", "./usr/lib/ctx/argos.elf",
                     "./usr/lib/ctx/picolibc/lib/libc.a", "./usr/share/man/man1/ctx.1", "./usr/lib/ctx/templates/c/main.c",
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
cmake --build stars/build --target iso; ls -l stars/build/stars.iso"""


def tutorial_in(root):
    said = inside(root, TUTORIAL)
    check("started name=stars" in said and "begins" in said, said)
    with VM(cdrom(os.path.join(root, "root/stars/build/stars.iso"), "ide"), "", devices=suite.DESKTOP) as vm:
        vm.until("app: started name=stars ")
        vm.until("begins")


def may_enter():
    if subprocess.run(["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        raise Skip("this machine lets nobody make a root of their own (unshare)")


@case
def debian_package_alone():
    """The tutorial down to a booted image, in a root that has the package as CPack makes it, what it Depends on, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="argos-root-") as folder:
        deb = make_deb(os.path.join(folder, "deb"))
        may_enter()
        root = os.path.join(folder, "root")
        os.mkdir(root)
        bare_root(root, closure(run("dpkg-deb", "-f", deb, "Depends").strip(), installed_packages()))
        run("dpkg-deb", "-x", deb, root)
        inside(root, "ldconfig; ! test -e /usr/include/SDL2; ! command -v git")
        tutorial_in(root)


def debootstrap():
    """The same in a fresh Debian 12, with apt doing what the package says (a few minutes, and the network)."""
    if shutil.which("debootstrap") is None:
        raise Skip("there is no debootstrap")
    with tempfile.TemporaryDirectory(prefix="argos-root-") as folder:
        deb = make_deb(os.path.join(folder, "deb"))
        root = os.path.join(folder, "root")
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
        shutil.copy(deb, os.path.join(root, "tmp", "ctx.deb"))
        shutil.copy("/etc/resolv.conf", os.path.join(root, "etc", "resolv.conf"))
        subprocess.run(["unshare", "-m", "sh", "-ec", f"mount --rbind /proc '{root}/proc'; chroot '{root}' sh -ec 'apt-get update -q; "
                        "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends /tmp/ctx.deb; apt-get check'"],
                       check=True, stdout=subprocess.DEVNULL)
        tutorial_in(root)


if __name__ == "__main__":
    if debootstrap.__name__ in sys.argv:
        suite.only(debootstrap)
    suite.main()
