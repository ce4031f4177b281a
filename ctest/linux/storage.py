# SPDX-License-Identifier: MIT
"""`ctx run --files`: files on a disk, by the app storage; and `ctx files`, by the same code. What a program sees is what it sees of a folder."""
import gzip
import os
import random
import re
import sqlite3
import subprocess

from ondisk import SQL, disk, files, is_well, is_well_after_a_cut, own, run, with_storage
from runner import Skip, case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""  # as people see it

WORDS = ("list .", "list empty", "list a.txt", "list nothing", "get a.txt", "get deep/er/b", "get deep", "get nothing", "get a.txt/b", "sum big",
         "stat a.txt", "stat nothing", "put new", "get new", "add new", "get new", "cut new", "get new", "put deep", "put nothing/new",
         "mkdir made", "mkdir made", "put made/x", "list made", "rmdir made", "unlink made", "unlink made/x", "unlink made/x", "rmdir made",
         "rmdir a.txt", "unlink deep", "list .", "rename new deep/moved", "get deep/moved", "list deep", "rename nothing x", "rename a.txt deep",
         "rename deep empty", "list empty", "rename empty empty/in", "slowly empty/moved")


@case
def what_is_not_there_is_named_and_no_success():
    """Each command on a name that is not there: that name, and a code; and an empty folder is no error."""
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "empty")
        check(files("ls", image, "empty") == "", "an empty folder is empty")
        for words in (("ls",), ("ls", "-l"), ("cat",), ("rm",), ("get",)):
            p = subprocess.run([tool(), "files", words[0], *words[1:], image, "none"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit(60), check=False)
            check(p.returncode == 1 and p.stderr == "ctx: /none: there is no such file or folder\n", f"{words}: {p.returncode} {p.stderr}")
        for words in (("cp",), ("cp", "-r"), ("mv",)):
            p = subprocess.run([tool(), "files", *words, image, "/none", "/empty"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit(60), check=False)
            check(p.returncode == 1 and p.stderr == "ctx: /none: there is no such file or folder\n", f"{words}: {p.returncode} {p.stderr}")


@case
def as_natively():
    """The same words on a folder of Linux's, and on the disk."""
    with scratch() as folder:
        top, image = os.path.join(folder, "here"), disk(folder)
        for name, text in (("a.txt", b"hello\n"), ("deep/er/b", b"deep\n"), ("big", bytes(i * 7 & 255 for i in range(300_000)))):
            os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
            with open(os.path.join(top, name), "wb") as f:
                f.write(text)
        os.makedirs(os.path.join(top, "empty"))
        files("mkdir", image, "private", "private/folders")
        files("put", image, f"{top}/.", "private/folders")
        results = []
        for at, call in ((top, None), ("/data", image)):
            words = []
            for what in WORDS:
                word, *paths = what.split()
                words += [word, *(os.path.normpath(f"{at}/{p}") for p in paths)]
            if call is None:
                results.append(subprocess.run([suite.test_program("folders_here"), *words], stdout=subprocess.PIPE, timeout=limit(30), check=True).stdout.decode())
            else:
                results.append(run(image, *words))
        lines = [r.splitlines() for r in results]
        for ours, native in zip(lines[1], lines[0]):
            check(ours == native, f"{ours!r}, natively {native!r}")
        check(len(lines[0]) == len(lines[1]) and len(lines[0]) > 35, results[1])
        is_well(image)
        files("get", image, "private/folders", os.path.join(folder, "back"))
        check(subprocess.run(["diff", "-r", top, os.path.join(folder, "back")], check=False).returncode == 0, "what came back is not what is there")


@case
def what_was_written_is_there_again():
    with scratch() as folder:
        image = disk(folder)
        check(run(image, "put", "/data/a", "get", "/data/a") == "put ok\nget new\n\n", "it is not there at once")
        check(run(image, "get", "/data/a") == "get new\n\n", "it is not there afterwards")
        check(files("cat", image, "private/folders/a") == "new\n", "ctx files does not see it")
        is_well(image)


@case
def nobody_sees_what_is_another_ones():
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "private", "private/other", "pictures")
        files("put", image, __file__, "private/other/secret")
        files("put", image, __file__, "pictures/p")
        said = run(image, "get", "/data/../private/other/secret", "get", "/private/other/secret", "get", "/disk/private/other/secret", "list", "/disk",
                   "get", "/data/../../private/other/secret", "list", "/pictures")
        check("SPDX" not in said and said.count("No such file") >= 5, said)
        # Parts of it, as the line says.
        line = ["use=ctx.files/1(/pictures:ro)"]
        said = run(image, "list", "/pictures", "put", "/pictures/q", "unlink", "/pictures/p", "rename", "/pictures/p", "/data/p", "list", "/data",
                   "get", "/pictures/../private/other/secret", line=line)
        check(said.splitlines()[:3] == ["list 1 p", "put Read-only file system", "unlink Read-only file system"] and "SPDX" not in said, said)
        said = run(image, "list", "/disk", "put", "/disk/new", "rename", "/disk/new", "/disk/pictures/q", "list", "/disk/pictures", line=["use=ctx.files/1(/)"])
        check(said == "list 2 pictures private\nput ok\nrename ok\nlist 2 p q\n", said)


@case
def a_script_of_lua_has_files_that_stay():
    """io, os, require and dofile of a script that is the whole app wait for the disk; what it left open is written, however it ends."""
    with scratch() as folder:
        image = disk(folder)
        for at, (how, code) in enumerate((("end", 0), ("error", 1), ("exit", 7)), 1):
            p = subprocess.run([tool(), "run", "--headless", "--files", image, suite.test_program("script_files.elf"), "use=ctx.net/1", how], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
            for says in (f"runs {at}", "/data/none: No such file or directory", "answer 42 42", "sum 4501500", "slept true"):
                check(re.search(f"script_files#1: {says}$", p.stdout, re.M), f"{how}: no {says!r} in {p.stdout}")
            check(p.returncode == code and ("on purpose" in p.stdout) == (how == "error"), f"{how}: {p.returncode} {p.stdout}")
        check(files("cat", image, "private/script_files/left") == "at the end by an error by exit ", files("cat", image, "private/script_files/left"))
        is_well(image)


@case
def without_a_disk():
    """One that is not one of files is never written to. `--files` of it is refused; the app storage has files in memory, and the log says so."""
    with scratch() as folder:
        path = os.path.join(folder, "blank")
        with open(path, "wb") as f:
            f.truncate(16 << 20)
        log = os.path.join(folder, "log")
        run(path, "put", "/data/a", "get", "/data/a", code=125)
        said, told = with_storage(path, (), ("folders.elf", "put", "/data/a", "get", "/data/a"))
        check("put ok\nget new\n\n" in said, f"there are none in memory: {said}")
        check("files are in memory" in told, "nobody says so")
        with open(path, "rb") as f:
            check(not any(f.read()), "it was written to")
        # One of ours that is damaged is no reason to begin an empty one.
        image = disk(folder)
        with open(image, "r+b") as f:
            f.seek(100)
            f.write(b"\xff" * 100)
        said = run(image, "put", "/data/a", "get", "/data/a", options=["--log", log])
        check(said.count("error") == 2 or said.count("I/O") == 2 or "ok" not in said, said)
        with open(log) as f:
            check(re.search(r"no files: vda: .*ctx files check", f.read()), "nobody says why")


@case
def only_to_be_read():
    with scratch() as folder:
        image = disk(folder)
        run(image, "put", "/data/a")
        with open(image, "rb") as f:
            before = f.read()
        said = run(f"{image},ro", "get", "/data/a", "put", "/data/b", "unlink", "/data/a", "list", "/data")
        check(said == "get new\n\nput Read-only file system\nunlink Read-only file system\nlist 1 a\n", said)
        with open(image, "rb") as f:
            check(f.read() == before, "it was changed")


@case
def killed_at_any_moment():
    """The process ends in the middle of writing: what was said to be done is there."""
    rng = random.Random(5)
    with scratch() as folder:
        image = disk(folder)
        for _ in range(suite.share(8)):
            with subprocess.Popen([tool(), "run", "--headless", "--files", image, suite.test_program("storing.elf"), "ledger", "/data/ledger", "100000"],
                                  stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as p:
                seen = b""
                while seen.count(b"\n") < rng.randrange(3, 60):
                    seen += os.read(p.stdout.fileno(), 65536)
                p.kill()
                seen += p.stdout.read()
            told = [int(n) for n in re.findall(rb"synced (\d+)\n", seen)]
            check(told, seen[:200])
            is_well_after_a_cut(image)
            text = files("cat", image, "private/storing/ledger").split()
            check([int(n) for n in text] == list(range(len(text))) and len(text) > told[-1], f"{len(text)} lines, {told[-1]} were told")
            files("rm", image, "private/storing/ledger")


@case
def its_app_killed_again_and_again():
    """Whoever writes goes on when it is back, and what it was told to last does. ARGOS_KILLS=N: so often."""
    with scratch() as folder:
        image = disk(folder)
        times = int(os.environ.get("ARGOS_KILLS", "134"))
        lines = 600 * max(1, times // 134)
        said, log = with_storage(image, [], ("storing.elf", "stubborn", "/data/ledger", str(lines)), ("storing.elf", "grant=ctx.control/1", "killer", "0", str(times)))
        killed = int(re.search(r"killed (\d+) times", said + log).group(1))
        check(killed > times // 2, f"only {killed} of {times}")
        check(re.search(rf"all {lines}, troubles \d+", said), said + log[-3000:])
        is_well_after_a_cut(image)
        text = files("cat", image, "private/storing/ledger").split()
        check([int(n) for n in text] == list(range(lines)), f"{len(text)} lines")
        said, log = with_storage(image, [], ("tables.elf", *SQL, "stubborn", "300"), ("storing.elf", "grant=ctx.control/1", "killer", "0", str(times // 8), "40"))
        all_of = re.search(r"all (\d+), troubles some", said + log)
        check(all_of, said + log[-3000:])
        count = int(all_of[1])
        check(run(image, "SELECT count(*), max(n) FROM stubborn", line=SQL, app="tables.elf").startswith(f"{2 * count}|{count - 1}\n"), "some are lost, or there twice")


@case
def two_apps_at_once():
    """Each writes its own and one that both have; nothing is mixed up."""
    with scratch() as folder:
        image = disk(folder)
        _, log = with_storage(image, [], ("storing.elf", "use=ctx.files/1(/)", "stubborn", "/disk/one", "150"),
                              ("storing.elf", "use=ctx.files/1(/)", "stubborn", "/disk/two", "150"), ("folders.elf", "use=ctx.files/1(/)", *["add", "/disk/log"] * 100))
        for name in ("one", "two"):
            check(files("cat", image, name).split() == [str(n) for n in range(150)], log[-2000:])
        check(files("cat", image, "log") == "more\n" * 100, "something is missing")
        is_well(image)


@case
def one_file_of_two_apps():
    """Each writes all of it, again and again, and reads it: there is one letter only, whoever's."""
    with scratch() as folder:
        image, line = disk(folder), "use=ctx.files/1(/)"
        said, log = with_storage(image, [], ("storing.elf", line, "letters", "/disk/l", "a", "150"), ("storing.elf", line, "letters", "/disk/l", "b", "150"))
        check((said + log).count(" of others") == 2 and "some of others" in said + log, said + log[-2000:])
        is_well(image)


@case
def who_means_no_good():
    """Thousands of calls that make no sense beside an app that writes: storage stands, and so does what the other one has."""
    with scratch() as folder:
        image = disk(folder)
        said, log = with_storage(image, [], ("storing.elf", "use=ctx.kv/1", "hostile", "8000"), ("storing.elf", "stubborn", "/data/l", "100"))
        check("much refused" in said + log and "all 100, troubles 0" in said + log and " fault " not in log, said + log[-2000:])
        is_well(image)


@case
def ever_new_names():
    """Who names as many folders of apps as it likes takes none of storage's memory with it."""
    with scratch() as folder:
        said, log = with_storage(disk(folder), [], ("storing.elf", "use=ctx.files/1(/)", "names", "/disk/private", "8000"))
        found = re.search(r"found 0, took (-?\d+) KiB", said + log)
        check(found and int(found[1]) < 256, said + log[-2000:])


@case
def a_session_begins_it_anew():
    """Files may be newer than the session: the app that has them is never put back, and undo is refused to it."""
    with scratch() as folder:
        image, store = disk(folder), os.path.join(folder, "store.img")
        subprocess.run([tool(), "disk", "create", store], check=True, stdout=subprocess.DEVNULL)
        words = ["--disk", store, "--session", "s", "--seconds", "2", own("storage"), "offer=ctx.files/1", "grant=ctx.block/1", "disk=vdb", "restart=undo",
                 "+", suite.test_program("storing.elf"), "slowly", "/data/ledger"]
        for turn in range(2):
            p = subprocess.run([tool(), "run", "--headless", "--disk", store, *words[2:4], "--disk", image, *words[4:]], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
            log = p.stderr.decode()
            check(p.returncode == 0, log[-3000:])
            check(turn == 0 or "session/s goes on" in log, log[-3000:])
            check("files on vdb" in log, log[-3000:])
        text = files("cat", image, "private/storing/ledger").split()
        numbers = [int(n) for n in text]
        # The session may be older than the files: then it writes some of them once more, and never leaves one out.
        check(len(numbers) > 20 and numbers[0] == 0 and all(b <= a + 1 for a, b in zip(numbers, numbers[1:])), f"{text}")


@case
def under_isolation():
    """Verified, as everything there: the same."""
    with scratch() as folder:
        image = disk(folder)
        path = os.path.join(suite.build(), "ctest", "linux", "verified", "storing.elf")
        if not os.path.exists(path):
            raise Skip("no verified apps: there is no clang")
        p = subprocess.run([tool(), "run", "--headless", "--isolate=require", "--files", image, path, "stubborn", "/data/l", "50"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
        check(p.stdout == b"all 50, troubles 0\n", p.stderr.decode()[-3000:])
        path = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "tables.elf")
        p = subprocess.run([tool(), "run", "--headless", "--isolate=require", "--files", image, path, *SQL, "SELECT 41 + 1"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
        check(p.stdout == b"42\n0 ok\n", p.stderr.decode()[-3000:])
        is_well(image)


@case
def changes_together():
    """Two files change as one, or not at all: also when their app ends in the middle, or takes too long."""
    with scratch() as folder:
        image = disk(folder)
        check(run(image, "together", "/data/a", "/data/b", "1", app="storing.elf") == "together ok\n", "it can not")
        check(files("cat", image, "private/storing/a", "private/storing/b") == "1\n1\n", "they are not there")
        for how in ("drop", "leave", "late"):
            said = run(image, how, "/data/a", "/data/b", "2", app="storing.elf")
            check(said == {"drop": "drop ok\n", "leave": "leave\n", "late": "late timed out\n"}[how], f"{how}: {said}")
            check(files("cat", image, "private/storing/a", "private/storing/b") == "1\n1\n", f"{how}: half of it is there")
        check(run(image, "replace", "/data/a", "3", app="storing.elf") == "replace ok\n", "it can not be replaced")
        check(files("cat", image, "private/storing/a") == "3\n", "it was not replaced")
        said = run(image, "space", "/data", app="storing.elf")
        free = int(said.split()[1])
        check(20 << 20 < free < 32 << 20, said)
        check(run(image, "watch", "/data/a", app="storing.elf") == "watch saw it\n", "it was not told")
        is_well(image)


@case
def full():
    with scratch() as folder:
        image = disk(folder, size="8M")
        said = run(image, "fill", "/data/big", app="storing.elf")
        check(said.startswith("fill No space left on device after "), said)
        check("lost" not in said, said)
        at = "/disk/private/storing"
        said = run(image, "list", at, "put", f"{at}/more", "unlink", f"{at}/big", "put", f"{at}/small", "get", f"{at}/small", line=["use=ctx.files/1(/)"])
        check(re.fullmatch("list 1 big\nput [^\n]*\nunlink ok\nput ok\nget new\n\n", said), f"a full disk can not be cleaned up: {said}")
        is_well(image)


@case
def the_tool():
    with scratch() as folder:
        image = disk(folder)
        check("already" in files("create", image, code=1), "it would be lost")
        other = os.path.join(folder, "other")
        with open(other, "w") as f:
            f.write("something\n" * 100)
        check("something on it" in files("create", other, "--size", "16M", code=1), "a file of somebody's is written over")
        check("too small" in files("create", os.path.join(folder, "tiny"), "--size", "1M", code=1) and not os.path.exists(os.path.join(folder, "tiny")),
              "what is left of one that is too small")
        for words in ((), ("create",), ("ls",), ("put", image, "x"), ("cp", image, "a"), ("info", image, "x"), ("create", image, "--size", "x")):
            if words:
                files(*words, code=2)
        files("mkdir", image, "a", "a/b")
        files("put", image, other, "a/b/")
        check(files("ls", image, "a") == "b/\n" and files("cat", image, "a/b/other") == "something\n" * 100, "it is not there")
        check("no such folder" in files("put", image, other, "nowhere/", code=1), "it is put somewhere")
        files("cp", "-r", image, "a", "c")
        files("mv", image, "a/b/other", "a/moved")
        check("lies in what is copied" in files("cp", "-r", image, "c", "c/d", code=1), "a folder is copied into itself")
        check(files("ls", "-l", image, "c/b").split()[0] == "1000", "its size is not told")
        files("rm", "-r", image, "c")
        check(files("ls", image) == "a/\n", "something is left")
        check("not empty" in files("rm", image, "a", code=1), "a folder with something in it is removed")
        check(files("put", image, "-", "a/from-stdin", input=b"typed\n") == "" and files("cat", image, "a/from-stdin") == "typed\n", "from a pipe")
        files("compact", image)
        os.truncate(image, 64 << 20)
        files("grow", image)
        check(int(re.search(r"database +(\d+)", files("info", image)).group(1)) > 40 << 20, "it did not grow")
        is_well(image)
        # A page that is damaged is found, named, and the rest can be saved.
        with open(image, "r+b") as f:
            data = f.read(4 << 20)
            f.seek(data.index(b"something\nsomething\n") + 500)
            f.write(b"X")
        p = subprocess.run([tool(), "files", "check", image], stdout=subprocess.PIPE, timeout=limit(30), check=False)
        check(p.returncode == 1 and b"its checksum is wrong" in p.stdout, p.stdout.decode())
        files("recover", image, os.path.join(folder, "saved"))
        with open(os.path.join(folder, "saved", "a", "from-stdin")) as f:
            check(f.read() == "typed\n", "what was good is not saved")
        files("repair", image)
        check("all is well" in files("check", image), "it was not repaired")
        with subprocess.Popen([tool(), "run", "--headless", "--files", image, suite.test_program("storing.elf"), "wait"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as p:
            p.stdout.readline()
            check("another program uses it" in files("ls", image, code=1), "two use it at once")
            p.kill()


@case
def space_comes_back():
    """A disk that is larger than its log is made compact, and then takes no more of this system than what is on it; it is repaired page by page."""
    with scratch() as folder:
        image, big = disk(folder, size="128M"), os.path.join(folder, "big")
        os.chmod(image, 0o640)
        for name, size in (("small", 5), ("big", 40), ("other", 20)):
            with open(big, "wb") as f:
                f.write(random.Random(size).randbytes(size << 20))
            files("put", image, big, name)
        files("rm", image, "big")
        before = os.stat(image)
        files("compact", image)
        after = os.stat(image)
        check(after.st_blocks < before.st_blocks - (39 << 11) and after.st_size == before.st_size and after.st_mode == before.st_mode,
              f"{before.st_blocks} blocks, then {after.st_blocks}")
        check(after.st_blocks < 27 << 11, f"{after.st_blocks} blocks for 25 MiB")
        is_well(image)
        files("get", image, "other", big)
        with open(big, "rb") as f:
            check(f.read() == random.Random(20).randbytes(20 << 20), "it is another one")
        check(sorted(os.listdir(folder)) == ["big", "files.img"], "it left something")
        with open(image, "r+b") as f:
            for page in (100, 3000, 6000):
                f.seek(page * 4096 + 4088)
                f.write(bytes(8))
        check("is wrong" in subprocess.run([tool(), "files", "check", image], stdout=subprocess.PIPE, text=True, timeout=limit(60), check=False).stdout, "nobody notices")
        files("repair", image)
        is_well(image)


@case
def what_another_program_wrote():
    """Linux's SQLite wrote into it: its pages have no checksums. That is said, and can be mended."""
    with scratch() as folder:
        image = disk(folder)
        run(image, "put", "/data/a")
        with sqlite3.connect(image) as db:
            db.execute("UPDATE node SET modified = 1")
        db.close()
        check("is damaged" in files("ls", image, code=1), "nobody notices")
        files("repair", image)
        check(run(image, "get", "/data/a") == "get new\n\n", "it can not be read")
        is_well(image)


@case
def a_disk_of_the_first_format():
    """It was made when this format was new, and is read for ever."""
    with scratch() as folder:
        image = os.path.join(folder, "old.img")
        with gzip.open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "disks", "format-1.img.gz")) as old, open(image, "wb") as f:
            f.write(old.read())
        check("format               1" in files("info", image), "it is of another format")
        is_well(image)
        said = run(image, "list", "/data", "get", "/data/hello.txt", "get", "/data/deep/er/a name with spaces", "stat", "/data/empty", "sum", "/data/big",
                   "add", "/data/hello.txt", "get", "/data/hello.txt")
        lines = said.splitlines()
        check(lines[0] == "list 5 big deep empty hello.txt \u00e4" and "get hello" in said and "get deep" in said and "sum 100000 " in said, said)
        check("get hello\nmore\n" in said, said)
        is_well(image)


if __name__ == "__main__":
    main()
