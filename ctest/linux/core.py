# SPDX-License-Identifier: MIT
"""One core under two machines: the same files, none for one machine only."""
import os
import re

from runner import SOURCE, case, check, main, option


def kernel_list():
    with open(os.path.join(SOURCE, "kernel", "CMakeLists.txt")) as f:
        found = re.search(r"set\(argos_core_sources([^)]*)\)", f.read())
    return set(re.findall(r"[a-z0-9_]+\.c", found[1]))


def in_core(path):
    """A file right in kernel/ or in libctx/src: its name there."""
    for room in ("kernel", os.path.join("libctx", "src")):
        folder = os.path.join(SOURCE, room)
        if os.path.dirname(path) == folder:
            return os.path.basename(path)
    return None


def ours():
    with open(option("sources")) as f:
        names = {in_core(line.strip()) for line in f}
    return names - {None}


@case
def no_core_file_for_one_machine():
    kernel = kernel_list()
    folder = {n for n in os.listdir(os.path.join(SOURCE, "kernel")) if n.endswith(".c")} - {"main.c"}
    check(kernel == folder, f"kernel/CMakeLists.txt and kernel/ differ by {sorted(kernel ^ folder)}")
    linux = {n for n in ours() if not os.path.exists(os.path.join(SOURCE, "libctx", "src", n))}
    only = kernel ^ linux
    check(not only, f"{len(only)} core files are compiled for one machine only: {sorted(only)}")


@case
def libctx_but_for_memcpy():
    with open(os.path.join(SOURCE, "libctx", "CMakeLists.txt")) as f:
        library = set(re.findall(r"src/(\w+\.c)", re.search(r"ctx_static STATIC([^)]*)\)", f.read())[1]))
    only = (library - {"mem.c"}) - ours()
    check(not only, f"of libctx only for the kernel: {sorted(only)}")


@case
def core_knows_no_machine():
    """Neither does the core ask which machine it is compiled for, nor do both machines share a private header."""
    for name in sorted(kernel_list()):
        with open(os.path.join(SOURCE, "kernel", name)) as f:
            text = f.read()
        for word in ("__linux__", "ARGOS_LINUX", "ARGOS_HOST", "host/", "x86/"):
            check(word not in re.sub(r"/\*.*?\*/", "", text, flags=re.S), f"kernel/{name} names {word}")


@case
def machine_is_whole():
    """Every function that machine.h wants is in both machines, and in neither twice."""
    with open(os.path.join(SOURCE, "kernel", "include", "kernel", "machine.h")) as f:
        header = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    wanted = set(re.findall(r"\b(machine_\w+)\(", header))
    check(len(wanted) > 20, "machine.h is not read as it should be")
    for room in ("host", "x86"):
        folder = os.path.join(SOURCE, "kernel", room)
        text = ""
        for name in os.listdir(folder):
            if name.endswith(".c"):
                with open(os.path.join(folder, name)) as f:
                    text += f.read()
        for name in sorted(wanted):
            times = len(re.findall(rf"^[a-z][\w ]*[ *]{name}\([^;]*?\)\s*\n\{{", text, re.M))
            check(times == 1, f"kernel/{room} has {name} {times} times")


if __name__ == "__main__":
    main()
