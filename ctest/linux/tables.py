# SPDX-License-Identifier: MIT
"""ctx.kv/1 and ctx.sql/1 of the app storage: keys, tables, their wrappers in other languages, and how much of them an app may have."""
import os
import random
import re
import sqlite3
import subprocess

from ondisk import SQL, disk, files, is_well, is_well_after_a_cut, run, with_storage
from runner import case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""  # as people see it


@case
def keys():
    """Two apps count together by compare and set; the values stay; a batch is done whole or not at all."""
    with scratch() as folder:
        image = disk(folder)
        said, log = with_storage(image, [], ("storing.elf", "use=ctx.kv/1(both)", "kv", "count", "200"), ("storing.elf", "use=ctx.kv/1(both)", "kv", "count", "200"))
        check((said + log).count("counted 200, ") == 2, said + log[-2000:])
        said = run(image, "kv", "look", line=["use=ctx.kv/1(both)"], app="storing.elf")
        check(said == "n 400 ok\nhalf -5\nbatch ok\nkey a\nkey b\ngone -14\n", said)
        check(run(image, "kv", "count", "1", app="storing.elf") == "counted 1, none again, ok\n", "an app's own keys are those of others")
        check("key a" not in run(image, "kv", "look", app="storing.elf").split("batch")[0], "they are mixed up")
        is_well(image)


@case
def what_a_line_gives_of_one_is_not_of_another():
    """A word for keys or tables, without a name, is none for all files; and whichever is asked first, files' own word counts."""
    with scratch() as folder:
        image = disk(folder)
        for line, right in ((["use=ctx.kv/1"], "own ok, whole -2"), (["use=ctx.kv/1(mine)", "use=ctx.files/1(/)"], "own ok, whole ok")):
            said, log = with_storage(image, [], ("storing.elf", *line, "peek"))
            check(said == right + "\n" and "a path begins" not in log, f"{line}: {said}{log[-1000:]}")


@case
def tables():
    """A database of an app's own: values, full text, JSON; there the next time; Linux's SQLite reads the file; nobody writes under it."""
    with scratch() as folder:
        image = disk(folder)
        said = run(image, "values", line=SQL, app="tables.elf")
        check(said == "NULL|-9223372036854775808|0.10000000000000001|'a\\0b'|x'00ff'\n'the quick brown fox'\n2|1\n", said)
        check(run(image, "SELECT d, length(e) FROM v", line=SQL, app="tables.elf") == "'a\\0b'|2\n0 ok\n", "it is not there the next time")
        check(run(image, "SELECT 1", app="tables.elf").startswith("-2 "), "its line does not say use=ctx.sql/1")
        check("no such table" in run(image, "SELECT * FROM v", line=["use=ctx.sql/1(other)"], app="tables.elf"), "another one's has it")
        for name, right in (("n" * 31, "1\n0 ok\n"), ("n" * 32, "-2 ")):
            said = run(image, "SELECT 1", line=[f"use=ctx.sql/1({name})"], app="tables.elf")
            check(said.startswith(right), f"a name of {len(name)} bytes: {said}")
        copy = os.path.join(folder, "copy.db")
        files("get", image, "sql/tables", copy)
        with sqlite3.connect(copy) as db:
            check(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "SQLite does not think so")
            check(db.execute("SELECT b, c, e FROM v").fetchall() == [(-2**63, 0.1, b"\x00\xff")], "other values")
        said = run(image, "put", "/disk/sql/tables", "unlink", "/disk/sql/tables", "rename", "/disk/a", "/disk/sql/a", "stat", "/disk/sql/tables", line=["use=ctx.files/1(/)"])
        check(said.count("Read-only file system") >= 2 and "stat" in said, said)
        is_well(image)


@case
def tables_and_a_kill():
    """The process ends in the middle of transactions: what was synced is there, and no half."""
    rng = random.Random(6)
    with scratch() as folder:
        image = disk(folder)
        for _ in range(suite.share(3)):
            with subprocess.Popen([tool(), "run", "--headless", "--files", image, suite.test_program("tables.elf"), *SQL, "ledger", "100000"], stdout=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL) as p:
                seen = b""
                while seen.count(b"\n") < rng.randrange(3, 60):
                    more = os.read(p.stdout.fileno(), 65536)
                    check(more, seen)
                    seen += more
                p.kill()
                seen += p.stdout.read()
            told = [int(n) for n in re.findall(rb"synced (\d+)\n", seen)]
            is_well_after_a_cut(image)
            said = run(image, "SELECT count(*), max(n), sum(half = 1) - sum(half = 2) FROM ledger", line=SQL, app="tables.elf")
            count, most, odd = (int(n) for n in said.splitlines()[0].split("|"))
            check(odd == 0 and most >= told[-1] and count == 2 * (most + 1), f"{said}, {told[-1]} were told")
            check(run(image, "DROP TABLE ledger", line=SQL, app="tables.elf") == "0 ok\n", "it can not be dropped")


@case
def a_statement_without_an_end():
    """Others read and write meanwhile; who asked for it stops it, or ends. What means no good is refused, and harms nobody."""
    with scratch() as folder:
        image = disk(folder)
        said, log = with_storage(image, [], ("tables.elf", *SQL, "endless", "1500"), ("storing.elf", "stubborn", "/data/l", "100"))
        check("endless -17" in said + log and "all 100, troubles 0" in said + log, said + log[-2000:])
        said, log = with_storage(image, [], ("tables.elf", *SQL, "hostile"), ("storing.elf", "stubborn", "/data/m", "100"))
        check("refused most" in said + log and "all 100, troubles 0" in said + log and " fault " not in log, said + log[-2000:])
        is_well(image)
        p = subprocess.Popen([tool(), "run", "--headless", "--files", image, suite.test_program("tables.elf"), *SQL, "endless", "60000"], stdin=subprocess.DEVNULL)
        try:
            p.wait(1)
        except subprocess.TimeoutExpired:
            p.terminate()
        check(p.wait(limit(20)) is not None, "it does not end")
        is_well_after_a_cut(image)


@case
def a_database_has_one_app():
    with scratch() as folder:
        image = disk(folder)
        said, log = with_storage(image, [], ("tables.elf", "use=ctx.sql/1(both)", "endless", "700"), ("tables.elf", "use=ctx.sql/1(both)", "SELECT 1"))
        check("another app has this database" in said + log, said + log[-2000:])
        said = run(image, "ledger", "5", line=["use=ctx.sql/1(quota=64K)"], app="tables.elf")
        check(said.count("synced") == 5, said)
        said = run(image, "INSERT INTO ledger SELECT randomblob(100000), 1", line=["use=ctx.sql/1(quota=64K)"], app="tables.elf")
        check(re.match(r"-\d+ .*full", said), said)
        check(run(image, "SELECT count(*) FROM ledger", line=["use=ctx.sql/1(quota=64K)"], app="tables.elf") == "10\n0 ok\n", "some are lost")


@case
def wrappers():
    """In C++ and in Rust, by what libctx has for them."""
    for name in ("files-cpp.elf", "files-rust.elf"):
        if not os.path.exists(os.path.join(suite.build(), "ctest", "linux", name)):
            continue  # there is no rustc, which the build has said
        with scratch() as folder:
            image = disk(folder)
            said, log = with_storage(image, [], (name,))
            check("all is well" in said + log, log[-2000:])
            is_well(image)


@case
def a_sync_tells_that_storage_began_anew_since():
    """What was not synced before may be gone: the next sync says so, once; in each language, of keys, tables and files."""
    once = ["sync ok", "sync ok", "then sync -4", "then sync ok"]
    with scratch() as folder:
        said, log = with_storage(disk(folder), [], ("storing.elf", "use=ctx.kv/1", "grant=ctx.control/1", "renewed"))
        check(said.splitlines() == once, f"keys: {said}{log[-2000:]}")
    with scratch() as folder:
        _, log = with_storage(disk(folder), [], ("files-cpp.elf", "grant=ctx.control/1"))
        check("nothing of it is there" in log and "sync told it once" in log, f"C++: {log[-2000:]}")
    with scratch() as folder:
        said, log = with_storage(disk(folder), [], ("storing.elf", "grant=ctx.control/1", "nameless"))
        right = [f"{what}: {'ok' if what in ('nothing', 'sync') else 'EIO'}, then ok" for what in ("nothing", "mkdir", "rename", "remove", "closed", "cut", "sync")]
        check(said.splitlines() == right, f"C: {said}{log[-2000:]}")
    if os.path.exists(os.path.join(suite.build(), "ctest", "linux", "renewed-rust.elf")):  # else there is no rustc, which the build has said
        with scratch() as folder:
            _, log = with_storage(disk(folder), [], ("renewed-rust.elf", *SQL, "grant=ctx.control/1"))
            check(re.findall(r"(\w+): told once STALE OK", log.replace("Err(STALE)", "STALE").replace("Ok(())", "OK")) == ["tasks", "tables", "files"], f"Rust: {log[-2000:]}")


@case
def tables_by_wrappers():
    """The same in C, C++ and Rust, in as many words; and Linux's SQLite finds the same rows."""
    heard = {}
    for lang in ("c", "cpp", "rust"):
        if not os.path.exists(suite.test_program(f"sql-{lang}.elf")):
            continue  # there is no rustc, which the build has said
        with scratch() as folder:
            image = disk(folder)
            said, log = with_storage(image, [], (f"sql-{lang}.elf", "use=ctx.sql/1"))
            heard[lang] = re.findall(r"^(?:\[[^\]]*\] . app\.\S+ )?((?:changed|rows|kind|twice|nonsense|too many|all is well).*)$", said + log, re.M)
            check(len(heard[lang]) == 7 and heard[lang] == heard["c"], f"{lang}: {said}{log[-3000:]}")
            files("get", image, f"sql/sql-{lang}", os.path.join(folder, "copy"))
            with sqlite3.connect(os.path.join(folder, "copy")) as db:
                rows = db.execute("SELECT count(*), sum(id), sum(half), sum(data IS NULL), max(length(data)) FROM t").fetchall()
            check(rows[0][:4] == (1000, 500500, 250250.0, 500) and rows[0][4] in (200_000, 200_003), f"{lang}: {rows}")
            is_well(image)
    check(heard["c"][:2] == ["changed 1 last 1000", "rows 900 sum 495450 halves 495450 bytes 1350 nulls 450 last name 1000 then -14"], heard["c"])


@case
def quotas():
    """An app's own folder ends where its line says; who has the whole disk is not meant."""
    with scratch() as folder:
        image, line = disk(folder), ["use=ctx.files/1(quota=1M)"]
        log = os.path.join(folder, "log")
        said = run(image, "fill", "/data/big", app="storing.elf", line=line, options=["--log", log])
        check(re.fullmatch("fill No space left on device after 1000000\n", said), said)
        with open(log) as f:
            check(re.search(r"storing#\d+: no space: its folder has \d+ bytes of its quota of 1048576", f.read()), "nobody says why")
        said = run(image, "space", "/data", app="storing.elf", line=["use=ctx.files/1(quota=1m)"])
        free, most = (int(n) for n in re.findall(r"\d+", said))
        check(most == 1 << 20 and free < 50000, said)
        check(run(image, "fill", "/data/new", app="storing.elf", line=["use=ctx.files/1(quota=nonsense)"]).startswith("fill No space left on device after 0"),
              "a quota that makes no sense is none")
        keyed = ["use=ctx.kv/1(mine quota=64K)"]
        said, told = with_storage(image, [], ("storing.elf", *keyed, "kv", "fill"))
        check(said == "6 keys, then -9\na batch -9\nagain ok\n" and "its keys have 60396 bytes of its quota of 65536" in told, said + told[-1000:])
        # What is counted while files come, go, grow and move is what is there when somebody looks anew.
        for seed in range(1, 4):
            squeezed = [f"use=ctx.files/1(quota={200 * seed}K)"]
            log = os.path.join(folder, "squeezed")
            counted = run(image, "squeeze", str(1000 * seed), app="storing.elf", line=squeezed, options=["--log", log]).splitlines()
            check(counted[0] == "squeezed, often refused", counted)
            check(run(image, "space", "/data", app="storing.elf", line=squeezed).splitlines() == counted[1:], counted)
            with open(log) as f:
                check(f.read().count(": no space: ") <= 3, "the log is full of it")
        check(run(image, "unlink", "/data/big", "put", "/data/a", "get", "/data/a", line=line) == "unlink No such file or directory\nput ok\nget new\n\n", "another one's")
        is_well(image)


if __name__ == "__main__":
    main()
