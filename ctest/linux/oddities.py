# SPDX-License-Identifier: MIT
"""Files that are taken back, moved away or very long while somebody has them, and disks that somebody else made."""
import os
import re
import resource
import signal
import sqlite3
import subprocess
import time

from ondisk import disk, files, is_well, is_well_after_a_cut, run, with_storage
from runner import case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""


def odd(image, what, **more):
    return run(image, "odd", what, app="storing.elf", **more)


@case
def a_handle_of_what_was_dropped_is_nobody_elses():
    with scratch() as folder:
        image = disk(folder)
        check(odd(image, "made") == "dropped: nothing\n", "it reads what another one wrote")
        is_well(image)


@case
def what_was_not_removed_after_all_stays_when_it_is_closed():
    with scratch() as folder:
        image = disk(folder)
        check(odd(image, "removed") == "kept: as it was\n", "it is gone, or empty")
        check(files("cat", image, "private/storing/kept") == "as it was", "it is another one")
        is_well(image)


@case
def large_files_go_together_with_others():
    with scratch() as folder:
        image = disk(folder, size="64M")
        check(odd(image, "large") == "large removed: 0, 0, there\nlarge removed: 0, 0, gone\nlarge replaced: 0, 0\nlarge moved over: 0, 0\nroom again\n", "they do not")
        check(files("cat", image, "private/storing/c") == "short" and files("ls", image, "private/storing") == "c\n", "something else is there")
        is_well(image)


@case
def nothing_of_what_a_failing_disk_broke_is_there():
    """A page can not be read in the middle of several changes as one: the beginning is taken back, and the end does not come."""
    with scratch() as folder:
        image, text = disk(folder), os.path.join(folder, "text")
        with open(text, "w") as f:
            f.writelines(f"{i:09}\n" for i in range(1500))
        files("mkdir", image, "private", "private/storing")
        files("put", image, text, "private/storing/bad")
        with open(image, "r+b") as f:
            f.seek(f.read().index(b"000000700\n"))
            f.write(b"X")
        check(odd(image, "broken") == "broken: ok no no no, gone gone\nafter it: 0 there\n", "half of it is there")


@case
def storage_begins_anew_in_the_middle_of_changes_as_one():
    """None of them is there, and it is said."""
    with scratch() as folder:
        image = disk(folder)
        said, log = with_storage(image, [], ("files-cpp.elf", "grant=ctx.control/1"))
        check("nothing of it is there" in said + log, said + log[-2000:])
        is_well_after_a_cut(image)
        check(files("ls", image, "private/files-cpp") == "old\n", "half of it is there")


@case
def storage_begins_anew_while_two_files_are_open():
    """A handle of its life before is not one of its new life."""
    with scratch() as folder:
        image = disk(folder)
        said, log = with_storage(image, [], ("storing.elf", "grant=ctx.control/1", "odd", "two"))
        check("two files: ok ONE TWO\n" in said, said + log[-2000:])
        check(files("cat", image, "private/storing/first", "private/storing/second") == "ONETWO", "one is written over by the other")
        is_well_after_a_cut(image)


@case
def sync_does_not_speak_of_what_was_lost():
    """Storage began anew behind what was not synced yet: sync says so, and then is good again."""
    with scratch() as folder:
        said, log = with_storage(disk(folder), [], ("storing.elf", "grant=ctx.control/1", "use=ctx.sql/1", "odd", "synced"))
        found = re.search(r"synced: ok (-?\d+), then 0 0", said)
        check(found and int(found[1]) < 0, said + log[-2000:])


@case
def who_watches_hears_that_a_folder_above_was_moved():
    with scratch() as folder:
        check(odd(disk(folder), "watched") == "moved away: 0 told\nmoved there: 0 told\ndated: 0 told\nbeside: 0 not told\n", "it does not")


@case
def an_own_folder_that_was_not_there_when_it_was_opened():
    with scratch() as folder:
        check(re.fullmatch(r"own folder: -\d+, then 0 first\n", odd(disk(folder), "own")), "it stays empty")


@case
def a_file_that_is_mostly_a_hole():
    """It goes as fast as what is there of it, comes back as holes, and is copied as such."""
    with scratch() as folder:
        image, here, back = disk(folder), os.path.join(folder, "here"), os.path.join(folder, "back")
        check(odd(image, "long") == "long: gone\n", "it does not go")
        is_well(image)
        with open(here, "wb") as f:
            f.truncate(3 << 30)
            f.seek(1 << 30)
            f.write(b"in the middle")
        files("put", image, here, "a")
        files("cp", image, "a", "b")
        check(files("ls", "-l", image, "b").split()[0] == str(3 << 30), "it has another size")
        files("get", image, "b", back)
        found = os.stat(back)
        check(found.st_size == 3 << 30 and found.st_blocks < 1000, f"{found.st_size} bytes in {found.st_blocks} blocks")
        with open(back, "rb") as f:
            f.seek((1 << 30) - 5)
            check(f.read(20) == b"\0" * 5 + b"in the middle\0\0", "it is another one")
        is_well(image)


def verbose(text):
    """How many names a file has is not told of one on a disk; the sums have it in them, and what a failed seek leaves of ungetc."""
    return [line for line in re.sub(r"(?m)^(  size -?\d+) \d+$", r"\1", text).splitlines() if not line.startswith("case ")]


@case
def at_random_as_natively():
    """What programs do with files by the C library, the same in an empty folder of this machine."""
    with scratch() as folder:
        image, here = disk(folder), os.path.join(folder, "here")
        os.makedirs(here)
        path = os.path.join("ctest", "qemu", "conformance", "conformance_files_random")
        words = ["0", str(suite.share(130))]
        want = subprocess.run([os.path.join(suite.build(), f"{path}_here"), *words, here, "v"], stdout=subprocess.PIPE, text=True, timeout=limit(60), check=True).stdout
        got = subprocess.run([tool(), "run", "--headless", "--files", image, os.path.join(suite.build(), f"{path}.elf"), *words, "/data", "v"], stdout=subprocess.PIPE,
                             text=True, timeout=limit(120), check=True).stdout
        want, got = verbose(want), verbose(got)
        wrong = [at for at, (a, b) in enumerate(zip(want, got)) if a != b]
        check(not wrong and len(want) == len(got) > 15000, f"{len(want)}, {len(got)} lines: {[(want[at - 3:at + 1], got[at]) for at in wrong[:2]]}")
        is_well(image)


@case
def what_an_app_wrote_is_there_when_it_has_ended():
    """Also where no time passes between the two."""
    with scratch() as folder:
        image = disk(folder)
        check(run(image, "put", "/data/a", options=["--virtual-time"]) == "put ok\n", "it can not")
        check(run(image, "get", "/data/a", options=["--virtual-time"]) == "get new\n\n", "it is lost")


@case
def a_version_of_a_key_never_comes_again():
    """Also where the clock stands, and after the key was removed; and a batch takes no longer values than others."""
    with scratch() as folder:
        image = disk(folder)
        last = 0
        for _ in range(2):
            said = odd(image, "keys", line=["use=ctx.kv/1"], options=["--virtual-time"])
            found = re.fullmatch(r"versions grow, last (\d+)\nbatch of 61440: ok\nbatch of 61441: refused\n", said)
            check(found and int(found[1]) > last, said)
            last = int(found[1])


@case
def what_is_refused_is_said_and_changes_nothing():
    """By the tool: names that are not there, folders where -r is missing, a size that is none for a disk that has something on it."""
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "a", "a/b")
        files("put", image, "-", "f", input=b"1")
        for words in (("ls", image, "nothing"), ("ls", image, "nothing/at/all"), ("ls", image, "f/below"), ("ls", "-l", image, "f", "nothing"), ("rm", image, "/"),
                      ("cp", image, "a", "c"), ("mkdir", image, "f/x"), ("mkdir", image, "a"), ("put", image, "/dev/null", "x"), ("get", image, "nothing")):
            said = files(*words, code=1)
            check(len(said.split(": ")) >= 3 and said.split(": ")[2].strip(), f"{words}: {said}")
        check("too small" in files("create", image, "--force", "--size", "1M", code=1), "it is made so small")
        other = os.path.join(folder, "other")
        for size in ("1M", "4095T"):
            files("create", other, "--size", size, code=1)
            check(not os.path.exists(other), "something is left of it")
        check(files("ls", image) == "a/\nf\n", "it was written over")
        with open(os.path.join(folder, "text"), "w") as f:
            f.write("first\nsecond\n")
        with open(f.name) as source:  # some of it was read by somebody else
            subprocess.run(["sh", "-c", f'read line; exec "{tool()}" files put "{image}" - rest'], stdin=source, timeout=limit(30), check=True)
        check(files("cat", image, "rest") in ("second\n", ""), "what was read is there again")
        check(files("get", image, "f", "/dev/stdout") == "1", "it can not be written to a pipe")
        is_well(image)


@case
def an_empty_word_is_no_path():
    """As where a shell's variable was empty: it is not the whole disk."""
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "a", "b")
        for words in (("rm", "-r", image, ""), ("rm", "-r", image, "a/none", ""), ("cp", "-r", image, "", "c"), ("mv", image, "a", ""), ("ls", image, ""), ("cat", image, ""),
                      ("mkdir", image, ""), ("get", image, "", os.path.join(folder, "all")), ("put", image, "/dev/null", ""), ("sync", image, folder, "")):
            said = files(*words, code=1)
            check("an empty word is no path" in said, f"{words}: {said}")
        check(files("ls", image) == "a/\nb/\n" and not os.path.exists(os.path.join(folder, "all")), "something of it was done")


@case
def a_name_does_not_move_the_cursor_of_who_looks_at_it():
    """Control characters of a name, those of UTF-8 too, are ? in a terminal; a file or a pipe gets the name as it is."""
    with scratch() as folder:
        image = disk(folder)
        name = "a\33[2Jb\x9bc\u00e4\x7f"
        files("mkdir", image, name)
        check(files("ls", image) == name + "/\n", "a pipe does not get the name as it is")
        for words, seen in ((("ls", image), "a?[2Jb?c\u00e4?/\r\n"), (("rm", image, name + "\n"), "ctx: /a?[2Jb?c\u00e4??: there is no such file or folder\r\n")):
            ours, theirs = os.openpty()
            subprocess.run([tool(), "files", *words], stdout=theirs, stderr=theirs, timeout=limit(30), check=False)
            os.close(theirs)
            said = os.read(ours, 4096).decode()
            os.close(ours)
            check(said == seen, f"{words}: {said!r}")


@case
def what_can_not_be_printed_is_no_success():
    """Where the output goes to a disk that is full: it is said, with a code."""
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "a")
        with open("/dev/full", "wb") as full:
            for words in (("files", "ls", image), ("files", "info", image), ("files", "check", image), ("files", "dump", image), ("files", "--help"), ("--version",), ("--help",),
                          ("info", suite.test_program("storing.elf"))):
                p = subprocess.run([tool(), *words], stdout=full, stderr=subprocess.PIPE, timeout=limit(30), check=False)
                check(p.returncode == 1 and p.stderr == b"ctx: standard output: No space left on device\n", f"{words}: {p.returncode} {p.stderr}")


@case
def what_this_system_says_of_a_disk_that_takes_nothing_more():
    """The file that a disk is may not grow, as where its folder is full: the tool says so, and not only that something failed."""
    with scratch() as folder:
        image, other = disk(folder, size="64M"), os.path.join(folder, "other")
        def short():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
        for words, data in ((("put", image, "-", "big"), bytes(range(1, 256)) * 100_000), (("create", other, "--size", "64M"), b"")):
            said = files(*words, code=1, input=data, preexec_fn=short)
            check("File too large" in said, f"{words}: {said}")
        check(files("ls", image) == "" and not os.path.exists(other), "something is left")
        is_well_after_a_cut(image)


@case
def links_that_lead_to_themselves():
    """A folder is put once, whatever leads back to it, and that is named; other links are what they lead to."""
    with scratch() as folder:
        image, top = disk(folder), os.path.join(folder, "top")
        os.makedirs(os.path.join(top, "deep"))
        os.makedirs(os.path.join(folder, "other"))
        for path in ("top/f", "other/g"):
            with open(os.path.join(folder, path), "w") as f:
                f.write(path)
        for to, name in ((".", "top/here"), ("..", "top/deep/up"), ("f", "top/file"), ("../other", "top/other")):
            os.symlink(to, os.path.join(folder, name))
        said = files("put", image, top, "/", code=1)
        check(sorted(said.splitlines()) == [f"ctx: {top}/deep/up: it leads back to a folder above it", f"ctx: {top}/here: it leads back to a folder above it"], said[:2000])
        check(files("ls", image, "top") == "deep/\nf\nfile\nother/\n" and files("cat", image, "top/other/g", "top/file") == "other/gtop/f", files("ls", image, "top"))
        check(files("ls", image, "top/deep") == "", "the same once more")
        is_well(image)


@case
def a_compact_that_is_interrupted_leaves_nothing_beside():
    """By Ctrl-C, and by who ends it: the disk is what it was, and its copy is gone."""
    with scratch() as folder:
        image = disk(folder, size="256M")
        files("put", image, "-", "big", input=os.urandom(40 << 20))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with subprocess.Popen([tool(), "files", "compact", image], stderr=subprocess.PIPE) as p:
                while p.poll() is None and len(os.listdir(folder)) < 2:
                    time.sleep(0.001)
                p.send_signal(number)
                p.wait(limit(60))
                check(p.returncode in (-number, 0), p.returncode)  # 0: it was done before
            check(os.listdir(folder) == ["files.img"], f"{number}: {os.listdir(folder)}")
        is_well_after_a_cut(image)


@case
def what_is_left_of_a_disk_is_saved():
    """The block behind the database is damaged, or the disk ends too early: nothing mounts that, and recover saves what can be read."""
    with scratch() as folder:
        image, data = disk(folder, size="12M"), os.path.join(folder, "data")
        with open(data, "wb") as f:
            f.write(os.urandom(100_000))
        for i in range(3):
            files("put", image, data, f"f{i}")
        label = int(re.search(r"database +(\d+)", files("info", image))[1])
        for how, whole in (("label", 3), ("end", 3), ("half", 2)):
            with open(image, "r+b") as f:
                if how == "label":
                    f.seek(label)
                    f.write(b"\xee" * 4096)
                else:
                    f.truncate({"end": 5 << 20, "half": 250 << 10}[how])
            for words in (("ls", image), ("check", image), ("put", image, data, "new")):
                files(*words, code=1)
            saved = os.path.join(folder, how)
            subprocess.run([tool(), "files", "recover", image, saved], stderr=subprocess.DEVNULL, timeout=limit(30), check=False)
            same = [name for name in os.listdir(saved) if open(os.path.join(saved, name), "rb").read() == open(data, "rb").read()]  # pylint: disable=consider-using-with
            check(len(same) == whole, f"{how}: {same}")


NODE = "INSERT INTO node(id, parent, name, kind, bytes, modified, made, chunk) VALUES(?, ?, ?, ?, ?, 0, 0, ?1)"


def crafted(folder, *rows, also=()):
    """A disk that is one as far as checksums go, with rows that no storage ever wrote."""
    image = disk(folder, size="16M")
    size = os.path.getsize(image)
    with sqlite3.connect(image) as db:
        for row in rows:
            db.execute(NODE, row)
        for statement in also:
            db.execute(statement)
    db.close()
    os.truncate(image, size)
    subprocess.run([tool(), "files", "repair", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit(30), check=False)
    return image


def asked(*words):
    p = subprocess.run([tool(), "files", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(30), check=False)
    check(p.returncode in (0, 1) and len(p.stdout) < 100_000, f"{words}: {p.returncode} {len(p.stdout)}")
    return p.returncode, p.stdout.decode(errors="replace")


@case
def rows_that_make_no_sense():
    """Names that are too long, sizes beyond all sense, a root below itself: each command comes to its end, and nothing leads out of the folder it writes to."""
    with scratch() as folder:
        crafts = {"long": ([(50, 1, b"x" * 300, 1, 0), (51, 1, b"y", 1, 0)], ()),
                  "cycle": ([(50, 1, b"a", 2, 0)], ["UPDATE node SET parent = 50 WHERE id = 1"]),
                  "orphan": ([(50, 0, b"50", 1, 1 << 62), (51, 1, b"y", 1, 0)], ()),
                  "huge": ([(50, 1, b"h", 1, 1 << 62), (51, 1, b"y", 1, 0)], ["UPDATE sqlite_sequence SET seq = 9223372036854775807"]),
                  "names": ([(50, 1, b"../../evil", 1, 0), (51, 1, b"..", 2, 0), (52, 51, b"evil", 1, 0), (53, 1, b"a\0b", 1, 0), (54, 1, b"", 1, 0), (55, 1, b"y", 1, 0)], ())}
        for name, (rows, also) in crafts.items():
            below = os.path.join(folder, "deep", name)
            os.makedirs(below)
            image = crafted(below, *rows, also=also)
            code, said = asked("ls", image)
            check(("y" in said.splitlines()) == (name != "cycle") and code == (name == "cycle"), f"{name}: {code} {said}")
            asked("recover", image, os.path.join(below, "saved"))
            asked("check", image)
            if name == "huge":
                asked("rm", image, "h")
            asked("put", image, __file__, "new")
            run(image, "list", "/disk", "put", "/disk/a", "list", "/disk", "unlink", "/disk/a", line=["use=ctx.files/1(/)"])
            asked("rm", "-r", image, "/")
            evil = [os.path.join(at, n) for at, _, names in os.walk(folder) for n in names if n.startswith("evil")]
            check(not evil, f"{evil}")


if __name__ == "__main__":
    main()
