# SPDX-License-Identifier: MIT
"""`ctx files sync`: a folder of Linux's and one on a disk of files are made the same, one way or both; what differs for a reason stays, and is named."""
import os
import random
import shutil
import subprocess
import time

from runner import case, check, limit, main, scratch, tool


def files(*words, code=0):
    p = subprocess.run([tool(), "files", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(60), check=False)
    check(p.returncode == code, f"ctx files {words}: {p.returncode}\n{p.stdout.decode()}{p.stderr.decode()}")
    return p.stdout.decode(), p.stderr.decode()


class Pair:
    """A folder here, and what stands for the folder on the disk: what an app would do there is done to `there`, and goes over by get and put."""

    def __init__(self, folder):
        self.image, self.here, self.scratch = (os.path.join(folder, name) for name in ("files.img", "here", "scratch"))
        files("create", self.image, "--size", "16M")
        os.mkdir(self.here)
        self.made = set()

    def sync(self, *words, code=0):
        return files("sync", self.image, self.here, *words, code=code)

    def write(self, path, text):
        path = os.path.join(self.here, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    def write_disk(self, path, text):
        with open(self.scratch, "w") as f:
            f.write(text)
        top = os.path.dirname("share/" + path)
        if top not in self.made:
            for i in range(len(top.split("/"))):
                subprocess.run([tool(), "files", "mkdir", self.image, "/".join(top.split("/")[:i + 1])], stderr=subprocess.DEVNULL, check=False, timeout=limit(60))
            self.made.add(top)
        files("put", self.image, self.scratch, "share/" + path)

    def remove_disk(self, path):
        self.made.clear()
        files("rm", "-r", self.image, "share/" + path)

    def on_disk(self):
        shutil.rmtree(self.scratch + ".d", ignore_errors=True)
        files("get", self.image, "share", self.scratch + ".d")
        return tree(self.scratch + ".d")


def tree(top):
    found = {}
    for folder, folders, names in os.walk(top):
        below = os.path.relpath(folder, top)
        for name in folders + names:
            path = os.path.normpath(os.path.join(below, name))
            if not name.startswith(".ctx-sync"):
                full = os.path.join(folder, name)
                found[path] = None if os.path.isdir(full) else open(full).read()  # pylint: disable=consider-using-with
    return found


@case
def to_the_disk():
    """Usually one way: the disk becomes what the folder is, and the folder is not written to."""
    with scratch() as folder:
        p = Pair(folder)
        p.write("a.txt", "one")
        p.write("deep/er/b.txt", "two")
        os.mkdir(os.path.join(p.here, "empty"))
        said, _ = p.sync("-n")
        check(said.splitlines() == ["put a.txt", "put deep/", "put deep/er/", "put deep/er/b.txt", "put empty/"], said)
        check("share/" not in files("ls", p.image)[0], "-n did something")
        p.sync()
        check(p.on_disk() == tree(p.here) and tree(p.here) == {"a.txt": "one", "deep": None, "deep/er": None, "deep/er/b.txt": "two", "empty": None}, "not the same")
        check(p.sync()[0] == "", "it is done twice")
        check(not os.path.exists(os.path.join(p.here, ".ctx-sync")), "it wrote into the folder")
        p.write("a.txt", "ONE")
        shutil.rmtree(os.path.join(p.here, "deep"))
        p.write_disk("made/there.txt", "stays")
        check(p.sync()[0].splitlines() == ["put a.txt", "removed on the disk deep/", "removed on the disk deep/er/", "removed on the disk deep/er/b.txt"], "not what changed")
        check(p.on_disk() == {"a.txt": "ONE", "empty": None, "made": None, "made/there.txt": "stays"}, "not what it should be")
        check(tree(p.here) == {"a.txt": "ONE", "empty": None}, "the folder was written to")


@case
def both_ways():
    with scratch() as folder:
        p = Pair(folder)
        p.write("mine", "1")
        p.write_disk("yours/x", "2")
        check(sorted(p.sync("--both")[0].splitlines()) == ["got yours/", "got yours/x", "put mine"], "not both")
        check(p.on_disk() == tree(p.here) == {"mine": "1", "yours": None, "yours/x": "2"}, "not the same")
        p.remove_disk("mine")
        p.write("yours/x", "22")
        p.write_disk("new", "3")
        p.sync("--both")
        check(p.on_disk() == tree(p.here) == {"yours": None, "yours/x": "22", "new": "3"}, "not the same")
        check(p.sync("--both")[0] == "", "there is more to do")
        times = os.stat(os.path.join(p.here, "new"))
        line = files("ls", "-l", p.image, "share/new")[0]
        check(line.split()[0] == "1" and times.st_mtime > 1, "its time is lost")
        # From the disk only: what was made here stays, and does not go there.
        p.write("own", "o")
        p.write_disk("yours/y", "5")
        p.sync("--from-disk")
        check("own" not in p.on_disk() and tree(p.here)["yours/y"] == "5", "one way went both")
        # The same time and length: the bytes are looked at while a clock could hide something.
        at = time.time_ns() + 10**12  # that is always so near, however long a sync takes to begin
        for text in ("3", "4"):
            p.write("new", text)
            os.utime(os.path.join(p.here, "new"), ns=(at, at))
            p.sync("--both")
        check(p.on_disk()["new"] == "4", "a change within a tick was missed")
        # A time before 1970, as any app can give one.
        with open(p.scratch, "w") as f:
            f.write("old")
        os.utime(p.scratch, ns=(0, -1500000000))
        files("put", p.image, p.scratch, "share/old")
        p.sync("--both")
        files("get", p.image, "share/old", p.scratch + ".old")
        check(os.stat(os.path.join(p.here, "old")).st_mtime_ns == os.stat(p.scratch + ".old").st_mtime_ns == -1500000000, "a time before 1970")
        # One that nanoseconds of 64 bits do not reach: the latest that they do, and the same the next time.
        late = os.path.join(p.here, "late")
        p.write("late", "l")
        os.utime(late, (0, 10_000_000_000))
        if os.stat(late).st_mtime == 10_000_000_000: # else this file system has no such times
            check(p.sync("--both")[0] == "put late\n" and p.sync("--both")[0] == "", "a time after 2262 is another one each time")
            files("get", p.image, "share/late", p.scratch + ".late")
            check(os.stat(p.scratch + ".late").st_mtime > 9.2e9, "a time after 2262 is a past one")


@case
def two_folders_and_one_disk():
    """Seen: both had the mark of one record, so what only the other one had was taken to have been removed here, and went."""
    for between in ([], ["--both"], ["--from-disk"]):
        with scratch() as folder:
            p = Pair(folder)
            other = os.path.join(folder, "other")
            os.mkdir(other)
            p.write("s", "1")
            p.sync("--both")
            with open(os.path.join(other, "t"), "w") as f:
                f.write("2")
            p.write_disk("d", "3")
            files("sync", p.image, other, *between)
            if between == ["--from-disk"]:
                files("put", p.image, os.path.join(other, "t"), "share/t")
            p.sync("--both")
            check(p.on_disk() == tree(p.here) == {"s": "1", "t": "2", "d": "3"}, f"{between}: {p.on_disk()}, here {tree(p.here)}")
            p.remove_disk("s") # and from now on this one is known
            p.sync("--both")
            check(p.on_disk() == tree(p.here) == {"t": "2", "d": "3"}, f"{between}: {p.on_disk()}, here {tree(p.here)}")


@case
def a_file_here_and_something_new_below_it_there():
    """A folder became a file on one side, and in that of the other something changed: a conflict, until somebody has decided."""
    for side in ("folder", "disk"):
        with scratch() as folder:
            p = Pair(folder)
            p.write("sub/b", "b")
            p.write("bus/b", "b")
            p.write("sub.txt", "between the two, in another order")
            p.sync("--both")
            shutil.rmtree(os.path.join(p.here, "sub"))
            p.write("sub", "a file")
            p.write_disk("sub/c", "new")
            p.remove_disk("bus")
            p.write_disk("bus", "a file")
            p.write("bus/d/e", "new")
            for _ in range(2):
                said, errors = p.sync("--both", code=1)
                check(said == "" and errors.count("conflict: a file on one side, a folder on the other") == 2, said + errors)
            check(p.on_disk()["sub/c"] == "new" and tree(p.here)["bus/d/e"] == "new" and tree(p.here)["sub"] == "a file", "one of them is lost")
            p.sync("--both", "--prefer", side)
            both = {"folder": {"sub": "a file", "bus": None, "bus/d": None, "bus/d/e": "new"},
                    "disk": {"sub": None, "sub/c": "new", "bus": "a file"}}[side]
            both["sub.txt"] = "between the two, in another order"
            check(p.on_disk() == tree(p.here) == both, f"{side}: {p.on_disk()} {tree(p.here)}")
            check(p.sync("--both") == ("", ""), "there is more to do")


@case
def conflicts():
    """Both stay, are named, and stay named until somebody has decided."""
    with scratch() as folder:
        p = Pair(folder)
        for name in ("both", "gone-here", "gone-there", "same", "kind"):
            p.write(name, name)
        p.sync("--both")
        p.write("both", "here")
        p.write_disk("both", "there")
        os.unlink(os.path.join(p.here, "gone-here"))
        p.write_disk("gone-here", "changed")
        p.remove_disk("gone-there")
        p.write("gone-there", "changed")
        p.write("same", "equal now")
        p.write_disk("same", "equal now")
        os.unlink(os.path.join(p.here, "kind"))
        p.write("kind/inner", "folder")
        p.write_disk("kind", "still a file")
        for _ in range(2):
            _, said = p.sync("--both", code=1)
            for name, why in (("both", "changed on both sides"), ("gone-here", "removed in the folder, changed on the disk"),
                              ("gone-there", "changed in the folder, removed on the disk"), ("kind", "a file on one side, a folder on the other")):
                check(f"ctx: {name}: conflict: {why}" in said, said)
            check("same" not in said.replace("it stays so", "") and "inner" not in said, said)
        check(tree(p.here)["both"] == "here" and p.on_disk()["both"] == "there" and tree(p.here)["kind/inner"] == "folder", "one of them is lost")
        p.sync("--both", "--prefer", "folder")
        check(p.on_disk() == tree(p.here) == {"both": "here", "gone-there": "changed", "same": "equal now", "kind": None, "kind/inner": "folder"}, str(p.on_disk()))
        p.write("both", "A")
        p.write_disk("both", "B")
        p.sync("--both", "--prefer", "disk")
        check(p.on_disk() == tree(p.here) and tree(p.here)["both"] == "B", "the disk's was to stay")


@case
def nothing_is_taken_for_removed():
    """A folder whose disk is not there, another folder, a damaged record: what is missing there was not removed."""
    with scratch() as folder:
        p = Pair(folder)
        p.write("a", "1")
        p.write("b", "2")
        p.sync("--both")
        away = p.here + ".away"
        os.rename(p.here, away)
        os.mkdir(p.here)
        p.sync("--both")
        check(p.on_disk() == tree(p.here) == {"a": "1", "b": "2"}, "files were lost")
        shutil.rmtree(p.here)
        os.rename(away, p.here)
        p.sync("--both")  # another one was here meanwhile: from now on this one is known again
        os.unlink(os.path.join(p.here, "a"))
        os.unlink(os.path.join(p.here, "b"))
        check("is gone" in p.sync("--both", code=1)[1] and p.on_disk() == {"a": "1", "b": "2"}, "all was removed")
        p.sync("--both", "--prefer", "folder")
        check(p.on_disk() == {}, "that was asked for")
        p.write("c", "3")
        p.sync("--both")
        p.write_disk(".ctx-sync", "something else")
        check("is damaged" in p.sync("--both")[1] and p.on_disk() == {"c": "3"}, "a damaged record is used")


@case
def odd_things():
    with scratch() as folder:
        p = Pair(folder)
        os.symlink("/etc/passwd", os.path.join(p.here, "link"))
        os.mkfifo(os.path.join(p.here, "pipe"))
        os.makedirs(os.path.join(p.here, "n" * 200, "m" * 200))
        p.write("new\nline", "x")
        p.write("e%d \\", "y")
        p.write(" x", "z")
        _, said = p.sync("--both")
        check("link: neither file nor folder" in said and "pipe: neither" in said, said)
        check(p.on_disk() == {"new\nline": "x", "e%d \\": "y", " x": "z", "n" * 200: None, "n" * 200 + "/" + "m" * 200: None}, str(p.on_disk()))
        check(p.sync("--both")[0] == "", "a name is lost in the record")
        # A link where the disk has a folder is not gone through.
        out = os.path.join(folder, "out")
        os.mkdir(out)
        os.symlink(out, os.path.join(p.here, "way"))
        p.write_disk("way/x", "z")
        p.sync("--both")
        check(os.listdir(out) == [], "a link leads out")
        deep = p.here
        for _ in range(6):
            deep = os.path.join(deep, "d" * 250)
        os.makedirs(deep)
        check("too long" in p.sync("--both", code=1)[1], "a path that the disk has no room for")
        for words in (("sync", p.image), ("sync", p.image, p.here, "--frob"), ("sync", p.image, p.here, "a", "b"), ("sync", p.image, p.here, "--prefer", "me")):
            files(*words, code=2)
        files("sync", p.image, "/no/such/folder", code=1)
        files("put", p.image, os.path.join(p.here, "new\nline"), "file")
        check("not a folder" in files("sync", p.image, p.here, "file", code=1)[1], "into a file")


def merged(base, one, other):
    """What two-way means, for trees without conflicts."""
    result = dict(base)
    for side in (one, other):
        for path in set(base) | set(side):
            if side.get(path, "no") != base.get(path, "no"):
                if path in side:
                    result[path] = side[path]
                else:
                    result.pop(path, None)
    return result


@case
def by_chance():
    """Changes on both sides, of different files: both are what a merge by hand says."""
    with scratch() as folder:
        p, r, base = Pair(folder), random.Random(18), {}
        for step in range(6):
            names = [f"d{i % 3}/f{i}" for i in range(18)]
            r.shuffle(names)
            one, other = dict(base), dict(base)
            for i, name in enumerate(names[:10]):
                side, removes = (one, other)[i % 2], r.random() < 0.4
                if removes and name in base:
                    side.pop(name)
                    if side is one:
                        os.unlink(os.path.join(p.here, name))
                    else:
                        p.remove_disk(name)
                elif not removes:
                    side[name] = f"{step} {i} " * r.randrange(1, 2000)
                    (p.write if side is one else p.write_disk)(name, side[name])
            p.sync("--both")
            base = merged(base, one, other)
            for where in (tree(p.here), p.on_disk()):
                check({k: v for k, v in where.items() if v is not None} == base, f"step {step}")
            check(p.sync("--both")[0] == "", "there is more to do")
        files("check", p.image)


if __name__ == "__main__":
    main()
