#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two apps use each function of the tables, or it stands below with the reason why not: what nobody uses twice nobody has tried out.

  users.py BUILD LIBCTX     (BUILD: a folder with compile_commands.json and build.ninja of the apps)

Nothing is searched for by its name. Every source of an app, and of the libraries that it is linked with, is given to its own compiler
once more, with a <ctx/tables.h> in which each function of each table is deprecated by its name: the compiler then says where it is
used, by type. A use in a library counts for the apps that are linked with it. Tests are no apps.
"""
import collections
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor

CTEST = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WANTED = 2
PROGRAM = re.compile(r"build apps/([\w-]+)\.elf: C(?:XX)?_EXECUTABLE_LINKER\S* (.*)")

# Functions with fewer users: whose second one is a test's program (the file, which has to call it), and why. A table that is a draft
# promises nothing, and is not looked at.
ONE = "only one app at a time can, and ours is that one"
CALLS = "apps of ours pass shares in calls of services"
EXCEPTIONS = {
    **{f"windows.{fn}": ("linux/manages.c", ONE) for fn in ("list", "manage", "release", "place", "focus", "grab", "close", "resize")},
    **{f"windows.{fn}": ("unit/windows_fixture.h", ONE) for fn in ("ungrab", "set_layout", "mirror", "unmirror", "set_scale", "set_looks")},
    "windows.layouts": ("unit/test_windows_layout.c", ONE),
    **{f"block.{fn}": ("qemu/apps/disks.c", ONE) for fn in ("list", "claim", "release", "info", "submit", "done")},
    **{f"share.{fn}": ("qemu/apps/shares.c", CALLS) for fn in ("grant", "take", "revoke", "wake")},
    "share.unmap": ("unit/test_share_goes.c", CALLS),
    "cpu.info": ("qemu/apps/v3.c", "ours are compiled for every processor"),
    "random.reseed": ("qemu/apps/v3.c", "ours trust what they get"),
    "control.remove": ("qemu/apps/cycles.c", "ours stop apps, and let people see that"),
    "display.presented": ("qemu/apps/v3.c", "ours draw when something has changed, not with each picture"),
    "files.together": ("linux/storing.c", "a file is replaced as a whole, and nothing of ours keeps two in step"),
    "host.copy_out": ("qemu/apps/soak.c", "tracer and warden change nothing of their children's"),
    "host.rest": ("unit/test_host_takes_over.c", "only warden slows others down"),
    "image.list": ("qemu/apps/imager.c", "only console has images by name"),
    "image.place": ("qemu/apps/imager.c", "only console has images by name"),
    "image.remove": ("qemu/apps/imager.c", "only console has images by name"),
    "loader.programs": ("unit/test_shelf.c", "only desktop has a launcher"),
    "service.done": ("unit/test_service_requests.c", "wrappers ask for each request by take"),
    "service.unpublish": ("unit/test_service_calls.c", "ours offer as long as they live"),
}


def marked(header):
    """tables.h, with each function of each table deprecated as "used TABLE.FUNCTION"; and their names."""
    out, names, table = [], [], None
    for line in header.splitlines():
        begins = re.match(r"struct ctx_(\w+) \{$", line)
        if begins:
            table = begins.group(1)
        function = re.match(r"(    \w[\w ]*\*?)\(CTX_CALL \*(\w+)\)\((.*)", line)
        if function and table:
            names.append(f"{table}.{function.group(2)}")
            line = f'    __attribute__((deprecated("used {names[-1]}"))) {line.strip()}'
        if not line.startswith("CTX_STATIC_ASSERT("):  # which are uses, too
            out.append(line)
    return "\n".join(out) + "\n", names


def linked(ninja):
    """{app: names of the archives and objects that it is linked of}, {archive: its objects}."""
    apps, archives = {}, {}
    with open(ninja, encoding="utf-8") as f:
        for line in f:
            program = PROGRAM.match(line)
            archive = re.match(r"build (\S+\.a): C(?:XX)?_STATIC_LIBRARY_LINKER\S* ([^|\n]*)", line)
            if program:
                apps[program.group(1)] = set(program.group(2).split())
            elif archive:
                archives[archive.group(1)] = archive.group(2).split()
    return apps, archives


def objects_of(parts, archives):
    found, todo = set(), list(parts)
    while todo:
        part = todo.pop()
        if part in archives:
            todo += archives[part]
        elif part.endswith(".o"):
            found.add(part)
    return found


def uses_of(entry, include):
    """Functions that one source uses."""
    words = shlex.split(entry["command"])
    out = words.index("-o")
    command = [words[0], "-I", include, *words[1:out], *words[out + 2:], "-fsyntax-only", "-Wdeprecated-declarations", "-Wno-error", "-fno-diagnostics-show-caret", "-Wsystem-headers"]
    done = subprocess.run(command, cwd=entry["directory"], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"users: {entry['file']}: {done.stderr[-2000:]}")
    return set(re.findall(r"is deprecated: used (\w+\.\w+)", done.stderr))


def users(build, libctx):
    """{function: apps}, and all functions."""
    with open(os.path.join(libctx, "include", "ctx", "tables.h"), encoding="utf-8") as f:
        header, names = marked(f.read())
    with open(os.path.join(libctx, "abi", "context.toml"), "rb") as f:
        tables = tomllib.load(f)["table"]
    if names != [f"{t['name']}.{fn['name']}" for t in tables for fn in t["fn"]]:
        sys.exit(f"users: tables.h is not read as it stands: {len(names)} functions")
    apps, archives = linked(os.path.join(build, "build.ninja"))
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = {shlex.split(e["command"])[shlex.split(e["command"]).index("-o") + 1]: e for e in json.load(f)}
    of = {app: objects_of(parts, archives) & set(entries) for app, parts in apps.items()}
    objects = sorted(o for o in set().union(*of.values()) if "libctx/include" in entries[o]["command"])
    if len(of) < 10 or not objects:
        sys.exit(f"users: {build} has {len(of)} apps, {len(objects)} objects: is it a build of the apps?")
    with tempfile.TemporaryDirectory() as tmp:
        os.mkdir(os.path.join(tmp, "ctx"))
        with open(os.path.join(tmp, "ctx", "tables.h"), "w", encoding="utf-8") as f:
            f.write(header)
        with ThreadPoolExecutor(2) as pool:
            found = dict(zip(objects, pool.map(lambda o: uses_of(entries[o], tmp), objects)))
    who = collections.defaultdict(set)
    for app, mine in of.items():
        for name in set().union(*(found.get(o, set()) for o in mine)):
            who[name].add(app)
    return who, [f"{t['name']}.{fn['name']}" for t in tables if not t.get("draft") for fn in t["fn"]]


def tried_out(name, file):
    """Why the file of ctest/ that is said to call it does not; None: it does."""
    path = os.path.join(CTEST, file)
    if not os.path.exists(path):
        return f"ctest/{file}, which is said to call it, is gone"
    with open(path, encoding="utf-8") as f:
        return None if re.search(rf"->{name.split('.')[1]}\(", f.read()) else f"ctest/{file} does not call it"


def main():
    who, names = users(*sys.argv[1:3])
    few = {name: sorted(who[name]) for name in names if len(who[name]) < WANTED}
    wrong = [f"{name} is used by {', '.join(apps) or 'nobody'}: let another app use it, or say in EXCEPTIONS why it is there" for name, apps in few.items()
             if name not in EXCEPTIONS]
    wrong += [f"{name}: {why}" for name, (file, _) in EXCEPTIONS.items() if (why := tried_out(name, file))]
    wrong += [f"{name} has its users, or is gone: take it out of EXCEPTIONS" for name in EXCEPTIONS if name not in few]
    if "--list" in sys.argv:
        print("\n".join(f"{name:24} {len(who[name]):3} {' '.join(sorted(who[name])[:6])}" for name in names))
    if wrong:
        sys.exit("\n".join(f"users: {line}" for line in wrong))
    print(f"functions={len(names)} exceptions={len(EXCEPTIONS)}")


if __name__ == "__main__":
    main()
