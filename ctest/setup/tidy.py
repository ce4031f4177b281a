# SPDX-License-Identifier: MIT
"""clang-tidy 14 finds nothing in the C files of kernel/, drivers/, libctx/ and apps/, with the checks of the file .clang-tidy;
and no Python file imports what it does not use (imports.py).

  tidy.py [--build DIR] [--all] [FILE...]     --all: the analyzer too, which takes seven minutes of a processor

How a file is compiled is what the builds beside DIR say (host, machines, linux, kernel). When all that ./test makes is there, no file may be missing from it.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import imports

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOPS = ("kernel", "drivers", "libctx", "apps")
FOLDERS = tuple(top + "/" for top in TOPS)
BUILDS = ("machines", "kernel", "linux", "host")

# Which of each two it is depends on the machine; and what an SDK copies for its user.
NOWHERE = ("kernel/linux/nowindow.c", "kernel/linux/window.c", "kernel/linux/noslirp.c", "kernel/linux/slirp.c",
           "libctx/sdk/templates/c/main.c", "libctx/sdk/templates/libc/main.c",
           "libctx/examples/hello/main.c", "libctx/examples/quiz/main.c", "libctx/examples/ticker/main.c", "libctx/examples/window/main.c")
# Options that clang does not know, or not with these words.
GCC_ONLY = re.compile(r" -(?:fno-tree-loop-distribute-patterns|fsanitize\S*)")


def tool():
    for name in ("clang-tidy-14", "clang-tidy"):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
            if re.search(r"version 14\.", said):
                return name
    return None


def relative(path):
    return os.path.relpath(os.path.realpath(path), os.path.realpath(SOURCE))


def commands(folders):
    """{file: its command}, of the first build that has it."""
    found = {}
    for folder in folders:
        with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as f:
            for entry in json.load(f):
                path = relative(os.path.join(entry["directory"], entry["file"]))
                if path.endswith(".c") and path.startswith(FOLDERS) and path not in found:
                    entry["command"] = GCC_ONLY.sub("", entry["command"])
                    found[path] = entry
    return found


def sources():
    for top in TOPS:
        for folder, _, names in os.walk(os.path.join(SOURCE, top)):
            if not relative(folder).startswith("apps/ports"):  # by an option that no build of ./test has
                yield from (relative(os.path.join(folder, name)) for name in sorted(names) if name.endswith(".c"))


def check(name, database, options, path):
    run = subprocess.run([name, "--quiet", "-p", database, *options, os.path.join(SOURCE, path)], cwd=SOURCE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return path, run.returncode, run.stdout, run.stderr


def main(arguments):
    build = os.path.join(SOURCE, "build", "host")
    if arguments[:1] == ["--build"]:
        build, arguments = arguments[1], arguments[2:]
    everything = "--all" in arguments
    wanted = [relative(path) for path in arguments if path != "--all"]
    scripts = [path for path in wanted if path.endswith(".py")]
    if scripts or not wanted:
        wrong, count = imports.check([os.path.join(SOURCE, path) for path in scripts])
        if wrong:
            sys.exit("\n".join(wrong))
        print(f"{count} files of Python", flush=True)
    if scripts == wanted != []:
        return
    wanted = [path for path in wanted if path not in scripts]
    name = tool()
    if name is None:
        print("skipped: no clang-tidy 14 (package clang-tidy)")
        sys.exit(77)
    beside = os.path.dirname(os.path.abspath(build))
    folders = [os.path.join(beside, b) for b in BUILDS if os.path.exists(os.path.join(beside, b, "compile_commands.json"))]
    known = commands(folders or [build])
    if not wanted:
        missing = sorted(set(sources()) - set(known) - set(NOWHERE))
        if {os.path.basename(f) for f in folders} >= {"host", "machines"} and missing:
            sys.exit(f"no build compiles {', '.join(missing)}")
    options = ["--header-filter=.*"] + ([] if everything else ["--checks=-clang-analyzer-*"])
    wrong = set()
    with tempfile.TemporaryDirectory(prefix="argos-") as database:
        with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as f:
            json.dump(list(known.values()), f)
        paths = wanted or sorted(known)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, code, said, trouble in pool.map(lambda p: check(name, database, options, p), paths):
                found = re.findall(r"^(.*?)(:\d+:\d+: (?:error|warning): .*)$", said, re.M)
                # What others call their parameters, in a header that a build has unpacked or the system has, is theirs.
                wrong.update(relative(where) + what for where, what in found if relative(where).startswith(FOLDERS))
                if code != 0 and "-warnings-as-errors]" not in said:
                    wrong.add(f"{path}: clang-tidy ends with {code}: {trouble.strip()[-300:]}")
    if wrong:
        sys.exit("\n".join(sorted(wrong)))
    print(f"{len(paths)} files{'' if everything else ', all but the analyzer (the target tidy-analyzer)'}")


if __name__ == "__main__":
    main(sys.argv[1:])
