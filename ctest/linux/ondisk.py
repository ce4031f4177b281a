# SPDX-License-Identifier: MIT
"""For storage.py and tables.py: disks of files, who is run on them, and whether they are whole."""
import os
import sqlite3
import subprocess

from runner import Skip, check, limit, suite, tool

SQL = ["use=ctx.sql/1"]


def files(*words, code=0, **more):
    p = subprocess.run([tool(), "files", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(60), check=False, **more)
    check(p.returncode == code, f"ctx files {words}: {p.returncode}, {p.stderr.decode()}")
    return p.stdout.decode(errors="replace") if code == 0 else p.stderr.decode()


def disk(folder, name="files.img", size="32M"):
    path = os.path.join(folder, name)
    files("create", path, "--size", size)
    return path


def run(image, *words, app="folders.elf", options=(), line=(), code=0):
    p = subprocess.run([tool(), "run", "--headless", *options, "--files", image, suite.test_program(app), *line, *words], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
    check(p.returncode == code, f"{words}: {p.returncode} {p.stderr.decode()}")
    return p.stdout.decode()


def is_well(image):
    check("all is well" in files("check", image), "it is damaged")
    with sqlite3.connect(f"file:{image}?mode=ro", uri=True) as db: # Linux's own, of another version
        check(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "SQLite does not think so")


def is_well_after_a_cut(image):
    check("all is well" in files("check", image), "it is damaged")


def own(name):
    for folder in (os.path.join(name, "verified"), ""):
        path = os.path.join(suite.build(), "apps", folder, f"{name}.elf")
        if os.path.exists(path):
            return path
    raise Skip("no C library: picolibc was not built")


def with_storage(image, storage_words, *apps, options=(), code=0):
    """The storage app with more words of its own, then others."""
    words = [own("storage"), "offer=ctx.files/1,ctx.kv/1,ctx.sql/1", "grant=ctx.block/1", "disk=vda", *storage_words]
    for app in apps:
        words += ["+", suite.test_program(app[0]), *app[1:]]
    p = subprocess.run([tool(), "run", "--headless", "--disk", image, *options, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(120),
                       stdin=subprocess.DEVNULL, check=False)
    check(p.returncode == code, f"{p.returncode}: {p.stdout.decode()} {p.stderr.decode()[-3000:]}")
    return p.stdout.decode(), p.stderr.decode()
