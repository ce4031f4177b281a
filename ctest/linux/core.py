# SPDX-License-Identifier: MIT
"""One core under two machines: the same files, none for one machine only."""
import os
import re

from runner import SOURCE, case, check, main, option


KERNEL = os.path.join(SOURCE, "kernel")
MACHINES = ("linux", "x86")


def rooms():
    """{room: its files}, of kernel/rooms.cmake."""
    with open(os.path.join(KERNEL, "rooms.cmake")) as f:
        text = re.sub(r"#.*", "", f.read())
    return {m[1]: re.findall(r"[a-z0-9_]+\.c", m[2]) for m in re.finditer(r"argos_room\((\S+)([^)]*)\)", text)}


def kernel_list():
    """Paths in kernel/ of the core's files."""
    return {os.path.normpath(os.path.join(room, name)) for room, files in rooms().items() for name in files}


def ours():
    """Paths in kernel/ or in libctx/src of what this machine's tool is made of, its own files left out."""
    found = set()
    with open(option("sources")) as f:
        for line in f:
            for folder in (KERNEL, os.path.join(SOURCE, "libctx", "src")):
                path = os.path.relpath(line.strip(), folder)
                if not path.startswith("..") and path.split(os.sep)[0] not in MACHINES:
                    found.add(path)
    return found


@case
def no_core_file_for_one_machine():
    kernel = kernel_list()
    folder = {os.path.relpath(os.path.join(top, name), KERNEL) for top, _, names in os.walk(KERNEL)
              for name in names if name.endswith(".c")}
    folder = {n for n in folder if n.split(os.sep)[0] not in MACHINES} - {"main.c"}
    check(kernel == folder, f"kernel/rooms.cmake and kernel/ differ by {sorted(kernel ^ folder)}")
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
        with open(os.path.join(KERNEL, name)) as f:
            text = f.read()
        for word in ("__linux__", "ARGOS_LINUX", "ARGOS_HOST", "linux/", "x86/"):
            check(word not in re.sub(r"/\*.*?\*/", "", text, flags=re.S), f"kernel/{name} names {word}")


@case
def machine_is_whole():
    """Every function that machine.h wants is in both machines, and in neither twice."""
    with open(os.path.join(SOURCE, "kernel", "include", "kernel", "machine.h")) as f:
        header = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    wanted = set(re.findall(r"\b(machine_\w+)\(", header))
    check(len(wanted) > 20, "machine.h is not read as it should be")
    for room in MACHINES:
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
