# SPDX-License-Identifier: MIT
"""One core under two machines: the same files, none for one machine only."""
import fnmatch
import json
import os
import re
import shlex
import subprocess

from runner import SOURCE, Skip, case, check, main, option
import suite  # runner has told Python where it is


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


def arrows():
    """[(room, the rooms that it sees)] in the list's order."""
    with open(os.path.join(KERNEL, "rooms.cmake")) as f:
        text = re.sub(r"#.*", "", f.read())
    return [(m[1], (m[2] or "").split()) for m in re.finditer(r"argos_room\((\S+)(?: SEES ([^()]*?))? FILES", text)]


@case
def arrows_point_down():
    """A room sees only rooms that stand before it in the list, so there is no circle; the door sees all."""
    before = set()
    for room, sees in arrows():
        wrong = set(sees) - before - {room}
        check(not wrong, f"{room} sees {sorted(wrong)}, which stand behind it")
        before.add(room)
    check(len(before) > 8, f"rooms.cmake is not read as it should be: {sorted(before)}")


@case
def an_include_against_an_arrow_does_not_compile():
    """With the flags that each room's files get: a header of every room that it does not see, and one of a room that it does."""
    seen = dict(arrows())
    database = os.path.join(suite.build(), "compile_commands.json")
    if not os.path.exists(database):
        raise Skip("this build writes no compile_commands.json (the presets do)")
    with open(database, encoding="utf-8") as f:
        commands = {os.path.relpath(c["file"], KERNEL): c["command"] for c in json.load(f) if c["file"].startswith(KERNEL)}
    headers = {room: sorted(n for n in os.listdir(os.path.join(KERNEL, room)) if n.endswith(".h"))[0] for room in seen if room != "."}
    for room, files in rooms().items():
        words = shlex.split(commands[os.path.normpath(os.path.join(room, files[0]))])
        flags = [w for w in words if w.startswith(("-iquote", "-I"))]
        for other, header in headers.items():
            run = subprocess.run(["cc", "-fsyntax-only", "-x", "c", *flags, "-"], input=f'#include "{header}"\n', text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            may = other == room or other in seen[room]
            found = f"{header}: No such file" not in run.stdout
            check(found == may, f"a file of {room} {'finds' if found else 'does not find'} {header} of {other}")


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
            if name.endswith((".c", ".S")):
                with open(os.path.join(folder, name)) as f:
                    text += f.read()
        for name in sorted(wanted):
            times = len(re.findall(rf"^[a-z][\w ]*[ *]{name}\([^;]*?\)\s*\n\{{|^{name}:$|^\tFUNCTION {name}$", text, re.M))
            check(times == 1, f"kernel/{room} has {name} {times} times")


def paths_of_tree():
    """Of all files and folders (those with a "/" at the end) but what builds make."""
    found = set()
    for top, folders, names in os.walk(SOURCE):
        folders[:] = [f for f in folders if f not in ("build", "b", ".git", "__pycache__")]
        found |= {os.path.relpath(os.path.join(top, n), SOURCE) for n in names}
        found |= {os.path.relpath(os.path.join(top, f), SOURCE) + "/" for f in folders}
    return found


def named_paths(text):
    """What a page names: `a/b.c`, `b.c`, `store*.c`, `kernel/`, <ctx/a.h>."""
    ends = r"(?:c|h|S|py|md|toml|cmake|txt|list|in|sh|ld|rs|cpp|lua)"
    return set(re.findall(rf"`([\w.*/-]+\.{ends}|[\w./-]+/)`", text)) | set(re.findall(rf"<([\w/]+\.{ends})>", text))


def is_named_well(name, paths):
    """From the root, from kernel/, or the end of a path."""
    return any(fnmatch.fnmatchcase(p, name) or fnmatch.fnmatchcase(p, "*/" + name) for p in paths)


def kernel_pages():
    for top, _, names in os.walk(os.path.join(KERNEL, "doc")):
        for name in sorted(names):
            if name.endswith(".md"):
                with open(os.path.join(top, name), encoding="utf-8") as f:
                    yield os.path.join(top, name), f.read()


@case
def pages_name_what_is_there():
    """Every file and folder that a page of kernel/doc names, and every page that it links to."""
    paths, named = paths_of_tree(), 0
    check(is_named_well("app/app.c", paths) and is_named_well("kernel/", paths) and is_named_well("store*.c", paths), "good names are refused")
    check(not is_named_well("app/loop.c", paths) and not is_named_well("rooms/", paths) and not is_named_well("pp.c", paths), "bad names pass")
    for page, text in kernel_pages():
        new = set(re.findall(r"^`([^`]+)` \(new\):$", text, re.M))  # of recipes
        wrong = [n for n in sorted(named_paths(text) - new) if not is_named_well(n, paths)]
        text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)  # blocks of code
        named += len(named_paths(text))
        wrong += [t for t in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text) if not os.path.exists(os.path.join(os.path.dirname(page), t))]
        check(not wrong, f"{os.path.relpath(page, SOURCE)} names what is not there: {wrong}")
    check(named > 150, f"only {named} names were found: are they read as they are written?")


@case
def reading_order_covers_every_room():
    """The table has all rooms, and the reading order a file of each, by its whole path."""
    with open(os.path.join(KERNEL, "doc", "architecture.md"), encoding="utf-8") as f:
        text = f.read()
    order = text.split("\n## Reading order\n")[1]
    files = set(re.findall(r"`(\w[\w./-]*\.\w+)`", order))
    missing = {f for f in files if not os.path.exists(os.path.join(SOURCE, f))}
    check(not missing, f"the reading order has {sorted(missing)}")
    table = set(re.findall(r"`(\w+)/`", "".join(re.findall(r"^\| `.*?\|", text, re.M))))
    for room in set(rooms()) - {"."} | set(MACHINES):
        check(any(f.startswith(f"kernel/{room}/") for f in files), f"the reading order passes over {room}/")
        check(room in table, f"the table of rooms has no {room}/")
    check(all(f"kernel/{name}" in files for name in ("main.c", "loop.c", "resources.c", "tables.c")), "the door is not read")


if __name__ == "__main__":
    main()
