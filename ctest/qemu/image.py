# SPDX-License-Identifier: MIT
"""What was built is as promised: no system calls, libctx linked, headers fenced off, one checksum,
and a second build that does nothing."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, Failure, Skip, build, case, check, product  # noqa: E402


def output(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", **options)


@case
def no_system_calls():
    text = output("objdump", "-d", "--no-show-raw-insn", product("argos.elf")).stdout
    check(text.count("\n") > 1000, "objdump shows no code")
    found = re.findall(r".*\b(?:syscall|sysret\w?|sysenter|sysexit\w?)\b.*", text)
    # Only instructions count, not symbols that are called so.
    found = [line for line in found if re.match(r"\s*[0-9a-f]+:\s+(syscall|sysret|sysenter|sysexit)",
                                                line)]
    check(not found, f"system calls: {found[:3]}")
    # The compiler must not have used the registers of the apps' floating point.
    sse = [line for line in text.splitlines() if re.search(r"\s(movaps|movups|movdqa|movdqu|mulsd|"
                                                           r"addsd)\s", line)]
    check(not sse, f"floating point in the kernel: {sse[:3]}")


@case
def libctx_is_linked():
    with open(product("argos.elf.map"), encoding="utf-8", errors="replace") as f:
        text = f.read()
    check(re.search(r"libctx\.a\(", text), "the link map shows no member of libctx.a")


def compiles(source, *flags):
    run = output("gcc", "-fsyntax-only", "-x", "c", "-", *flags, input=source)
    return run.returncode == 0, run.stdout


@case
def kernel_headers_are_fenced():
    """An app that includes a kernel header does not compile with the flags that apps get."""
    database = os.path.join(build(), "compile_commands.json")
    if not os.path.exists(database):
        raise Skip("this build writes no compile_commands.json (the presets do)")
    with open(database, encoding="utf-8") as f:
        commands = json.load(f)
    app = [c for c in commands if f"{os.sep}apps{os.sep}" in c["file"]
           and f"{os.sep}ctest{os.sep}" not in c["file"] and c["file"].endswith(".c")]
    check(app, "compile_commands.json knows no app")
    found = {}  # flags: the first file that is compiled with them
    for command in app:
        words = re.split(r"\s+", command["command"])
        flags = [w for i, w in enumerate(words)
                 if w.startswith(("-I", "-isystem", "-D", "-std", "-m", "-f"))
                 or words[i - 1] in ("-isystem", "-I")]
        found.setdefault(tuple(flags), os.path.relpath(command["file"], SOURCE))
    for flags, name in found.items():
        ok, said = compiles("#include <stdint.h>\nint x;\n", *flags)
        check(ok, f"{name}: not even an empty file compiles: {said}")
        for header in ("kernel/machine.h", "machine.h", "virtio/virtio_start.h", "app.h",
                       "kernel/klog.h"):
            ok, _ = compiles(f"#include <{header}>\nint x;\n", *flags)
            check(not ok, f"{name} can include <{header}>")


def app_files():
    """Of all that may be in an image, verified twins too: in the build folder."""
    folder = product("apps")
    plain = [f"apps/{n}" for n in os.listdir(folder) if n.endswith(".elf")]
    twins = [f"apps/{n}/verified/{n}.elf" for n in os.listdir(folder)]
    return sorted(plain + [t for t in twins if os.path.exists(os.path.join(build(), t))])


def make_iso(folder):
    """The build's own last step, once more, in a folder of its own."""
    apps = [os.path.join(build(), n) for n in app_files()]
    out = os.path.join(folder, "argos.iso")
    run = output(sys.executable, "-B", os.path.join(SOURCE, "cmake", "mkiso.py"), out, "--kernel",
                 product("argos.elf"), "--template", os.path.join(SOURCE, "iso", "grub.cfg.in"),
                 "--lists", os.path.join(SOURCE, "iso"), "--stage", os.path.join(folder, "stage"),
                 *apps)
    check(run.returncode == 0, run.stdout)
    with open(out, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


@case
def iso_is_reproducible():
    """The ISO made again, elsewhere and at another time, has the checksum of the one built."""
    with open(product("argos.iso"), "rb") as f:
        sums = [hashlib.sha256(f.read()).hexdigest()]
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="argos-a") as folder:
            sums.append(make_iso(os.path.realpath(folder)))
        time.sleep(1.1)
    check(len(set(sums)) == 1, f"three ISOs, {len(set(sums))} checksums: {sums}")


@case
def kernel_is_reproducible():
    """No folder's name is in what goes into the ISO, so another folder gives the same bytes."""
    for name in ["argos.elf", *app_files()]:
        data = bare(product(name))
        for path in {SOURCE, build(), os.path.expanduser("~")} - {"/"}:
            check(path.encode() not in data, f"{name} holds the path {path}")


# Targets, one of each: the kernel; plain C, C++, a script with Lua and the C library, a picture painted by the build, Rust; rewritten code.
IN_EACH_WAY = ["argos", "hello", "hello_verified", "supervisor", "scripts", "background", "rusty"]


def bare(path):
    """A file as an image has it."""
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        out = os.path.join(folder, "bare.elf")
        if subprocess.run(["objcopy", "--strip-debug", path, out]).returncode:
            raise Failure(f"objcopy cannot read {path}")
        return suite.read(out)


def differing(here, there):
    """Those of an image's files that are in both build folders: (how many, which differ)."""
    names = [n for n in ["argos.elf", *app_files()] if all(os.path.exists(os.path.join(b, n)) for b in (here, there))]
    return len(names), [n for n in names if bare(os.path.join(here, n)) != bare(os.path.join(there, n))]


@case
def two_folders_one_checksum():
    """The sources, copied elsewhere and built there, give the same files; that the same files give the same ISO is another case.

    Not all apps (but with ARGOS_LONG): the others go through the same rules, and kernel_is_reproducible looks for folders' names in each."""
    if os.path.exists(os.path.join(build(), "build.ninja")) and shutil.which("ninja"):
        check("no work to do" in output("ninja", "-C", build(), "-n").stdout,
              "the build is older than its sources")
    with open(product("CMakeCache.txt"), encoding="utf-8") as f:
        kept = re.findall(r"^((?:CMAKE_BUILD_TYPE|CMAKE_C_COMPILER|CMAKE_GENERATOR|ARGOS_[A-Z]+)"
                          r"):(\w+)=(.*)$", f.read(), re.M)
    with tempfile.TemporaryDirectory(prefix="argos-elsewhere-") as folder:
        source, other = os.path.join(folder, "tree"), os.path.join(folder, "made")
        skip = shutil.ignore_patterns("build", "b", ".git", "__pycache__")
        shutil.copytree(SOURCE, source, ignore=skip, symlinks=False)
        options = [f"-D{name}:{kind}={value}" for name, kind, value in kept
                   if kind in ("STRING", "BOOL", "FILEPATH") and not value.startswith(build())
                   and name != "CMAKE_GENERATOR"]
        generator = [value for name, _, value in kept if name == "CMAKE_GENERATOR"]
        said = output("cmake", "-S", source, "-B", other, "-G", *generator, *options)
        check(said.returncode == 0, said.stdout[-2000:])
        built = {os.path.basename(n)[:-4] + "_verified" * ("/verified/" in n) for n in app_files()}
        wanted = ["argos", *sorted(built)] if os.environ.get("ARGOS_LONG") else IN_EACH_WAY
        targets = [t for t in wanted if t == "argos" or t in built]
        said = output("cmake", "--build", other, "-j2", "--target", *targets)
        check(said.returncode == 0, said.stdout[-2000:])
        count, wrong = differing(build(), other)
        check(count == len(targets), f"{count} files of {len(targets)} are compared")
        if wrong:
            raise Failure(f"two folders, two checksums: {wrong}")


@case
def iso_boots_everywhere():
    """El Torito for BIOS and UEFI, an MBR and a GPT for sticks."""
    said = output("xorriso", "-indev", product("argos.iso"), "-report_el_torito", "plain",
                  "-report_system_area", "plain").stdout
    for what in (r"El Torito boot img.*BIOS", r"El Torito boot img.*UEFI", r"\bMBR\b", r"\bGPT\b"):
        check(re.search(what, said), f"no {what} in\n{said}")


@case
def second_build_does_nothing():
    ninja = os.path.join(build(), "build.ninja")
    if not os.path.exists(ninja) or not shutil.which("ninja"):
        raise Skip("this build is not by ninja")
    said = output("ninja", "-C", build(), "-n").stdout
    check("no work to do" in said, f"a second build would do:\n{said[-1500:]}")


@case
def second_build_after_another_folder():
    """Another build folder of the same sources, made and built in, leaves nothing to do in those that are there."""
    if not shutil.which("ninja"):
        raise Skip("there is no ninja")
    there = [os.path.join(os.path.dirname(build()), name) for name in ("host", "machines", "linux", "kernel")] + [build()]
    there = [b for b in dict.fromkeys(there) if os.path.exists(os.path.join(b, "build.ninja"))
             and "no work to do" in output("ninja", "-C", b, "-n").stdout]
    check(there, "no build is up to date")
    with tempfile.TemporaryDirectory(prefix="argos-other-") as folder:
        for options in (["-DARGOS_KERNEL=OFF", "-DARGOS_HOST=OFF"], []):
            said = output("cmake", "-G", "Ninja", "-S", SOURCE, "-B", folder, *options)
            check(said.returncode == 0, said.stdout[-2000:])
            said = output("ninja", "-C", folder, "conformance_ends", "hello")
            check(said.returncode == 0, said.stdout[-2000:])
    for b in there:
        said = output("ninja", "-C", b, "-n", "-d", "explain").stdout
        check("no work to do" in said, f"{b} would do:\n{said[:1500]}")


@case
def git_stays_clean():
    """Building leaves no file that git would show."""
    if not os.path.exists(os.path.join(SOURCE, ".git")) or not shutil.which("git"):
        raise Skip("this is no git checkout")
    run = output("git", "-C", SOURCE, "status", "--porcelain", "--untracked-files=all",
                 "--ignored=no")
    check(run.returncode == 0, run.stdout)
    made = [line for line in run.stdout.splitlines()
            if line.startswith("??") and re.search(r"\.(o|a|elf|iso|cpio|map|pyc|png|log)$|/build/",
                                                   line)
            and "libctx/abi/" not in line]
    check(not made, f"built files are not ignored: {made}")


if __name__ == "__main__":
    suite.main()
