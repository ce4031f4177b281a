# SPDX-License-Identifier: MIT
"""The page of headers, libctx/doc/headers.md: what it says of each header is so. What there is compiles, and every function that it
declares links but for those that the page names; what is missing is not there."""
import os
import re
import subprocess
import tempfile

from runner import SOURCE, case, check, main, qemu_test

conformance = qemu_test(os.path.join("conformance", "conformance"))

PAGE = os.path.join(SOURCE, "libctx", "doc", "headers.md")
ROW = re.compile(r"^\| `<([\w/.]+)>` \| (works|answers no|missing) \|(.*)\|$", re.M)
# What picolibc needs and has not, and which of its functions that concerns.
NEED = {"__heap_start": {"sbrk"}, "__heap_end": {"sbrk"}}
# Parts of a header that lie in files of their own.
PARTS = {"unistd.h": ("sys/unistd.h",), "fcntl.h": ("sys/fcntl.h", "sys/_default_fcntl.h"), "sys/select.h": ("sys/_select.h",),
         "math.h": ("bits/math.h",), "string.h": ("sys/string.h",), "sched.h": ("sys/sched.h",), "termios.h": ("sys/termios.h",),
         "setjmp.h": ("machine/setjmp.h",), "malloc.h": ("machine/malloc.h",)}


def places():
    """Folders of headers, and what an app links."""
    app = conformance.beside(f"{conformance.HERE}/conformance_files.elf")
    build = app[:-len(f"/{conformance.HERE}/conformance_files.elf")]
    folder = os.path.join(build, "picolibc")
    theirs, = (os.path.join(folder, n) for n in os.listdir(folder))
    compiler = subprocess.run(["cc", "-print-file-name=include"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    headers = ["-nostdinc", *(w for d in (os.path.join(SOURCE, "libctx", "c", "include"), os.path.join(theirs, "include"), compiler)
                              for w in ("-isystem", d))]
    libraries = ["-Wl,--start-group", os.path.join(build, "libctx", "libctx.a"), os.path.join(build, "libctx", "c", "libctx_c.a"),
                 os.path.join(theirs, "lib", "libc.a"), "-Wl,--end-group", "-lgcc"]
    return headers, libraries


def declared(header, flags):
    """The functions that it declares; None: there is no such header. Of C++'s only whether it is there: `libc` calls what they declare."""
    if not header.endswith(".h"):
        p = subprocess.run(["cc", "-xc++", "-std=c++20", "-fsyntax-only", *flags, "-"], input=f"#include <{header}>\n", stderr=subprocess.DEVNULL, text=True)
        return set() if p.returncode == 0 else None
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "aux")
        p = subprocess.run(["cc", "-xc", "-D_GNU_SOURCE", "-fsyntax-only", *flags, "-aux-info", out, "-"],
                           input=f"#include <{header}>\n", stderr=subprocess.PIPE, text=True)
        if p.returncode != 0:
            return None
        with open(out) as f:
            text = f.read()
    found = set()
    for path, declaration in re.findall(r"^/\* (.*?):\d+:\w+ \*/ (.*)$", text, re.M):
        if any(path.endswith("/" + n) for n in (header, *PARTS.get(header, ()))) and not declaration.startswith("static"):
            name = re.search(r"([A-Za-z_]\w*) \(", declaration)
            found.update({name[1]} if name and not name[1].startswith("_") else ())
    return found


def unresolved(names, libraries):
    """Those that do not link, or need something that does not."""
    with tempfile.TemporaryDirectory() as folder:
        missing = set()
        file = os.path.join(folder, "all.s")
        with open(file, "w") as f:
            f.write(".globl _start, main\n.text\n_start: main: ret\n.data\n" + "".join(f".quad {name}\n" for name in sorted(names)))
        p = subprocess.run(["cc", "-nostdlib", "-static-pie", "-Wl,--no-dynamic-linker,--noinhibit-exec,-z,notext", "-T",
                            os.path.join(SOURCE, "libctx", "c", "app.ld"), file, *libraries, "-o", "out"],
                           cwd=folder, stderr=subprocess.PIPE, text=True)
        for name in re.findall(r"undefined reference to `(\w+)'", p.stderr):
            missing.add(name)
        # Seen: mallinfo() brought picolibc's malloc with it, and then nothing linked.
        twice = set(re.findall(r"multiple definition of `(\w+)'", p.stderr)) - {"_start"}
        check(not twice, f"libc.a and the glue both have {twice}, and something asks for libc.a's:\n{p.stderr[-1500:]}")
    return missing


def rows():
    with open(PAGE, encoding="utf-8") as f:
        return ROW.findall(f.read())


@case
def page():
    flags, libraries = places()
    table = rows()
    check(len(table) > 70, f"{len(table)} rows")
    functions = {}
    wrong = []
    for header, state, text in table:
        functions[header] = declared(header, flags)
        if (functions[header] is None) != (state == "missing"):
            wrong.append(f"<{header}> is {'not ' if functions[header] is None else ''}there, and the page says {state}")
    missing = unresolved(set().union(*(f or () for f in functions.values())), libraries)
    strange = missing - set().union(*(f or () for f in functions.values()))
    missing |= set().union(*(NEED.get(n, ()) for n in strange))
    for header, state, text in table:
        without = re.search(r"[Ww]ithout ((?:`\w+`(?:, | and )?)+)", text)
        told = set(re.findall(r"`(\w+)`", without[1])) if without else set()
        holes = (functions[header] or set()) & missing
        if told != holes:
            wrong.append(f"<{header}>: without " + ", ".join(f"`{n}`" for n in sorted(holes)) + f"; the page says {sorted(told)}")
    check(not wrong, "\n  ".join(wrong))
    check(strange <= set(NEED), f"functions that link need {sorted(strange)}")


@case
def whole():
    """All headers that there are for programs are on the page."""
    names = {h for h, _, _ in rows()}
    own = os.path.join(SOURCE, "libctx", "c", "include")
    have = {os.path.relpath(os.path.join(folder, n), own) for folder, _, files in os.walk(own) for n in files}
    check(not have - names - {"sys/features.h", "sys/_select.h", "sys/poll.h", "sys/termios.h", "sys/dirent.h"}, f"not on the page: {sorted(have - names)}")


if __name__ == "__main__":
    main()
