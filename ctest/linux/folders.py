# SPDX-License-Identifier: MIT
"""`ctx run --dir`: a folder of this system that a program may see. What it does there is what it would do natively; nothing leads out."""
import os
import socket
import subprocess
import time

from runner import case, check, ctx, limit, main, own_apps, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""


def lent(host, *words, at="/data", rights="", **more):
    p = subprocess.run([tool(), "run", "--headless", "--dir", f"{host}:{at}{rights}", suite.test_program("folders.elf"), *words], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=limit(30), stdin=subprocess.DEVNULL, **more)
    check(p.returncode == 0, f"{words}: {p.returncode} {p.stderr.decode()}")
    return p.stdout.decode()


def says(expected, host, *words, **more):
    said = lent(host, *words, **more)
    check(said == expected, f"{words}: {said!r}, not {expected!r}")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text)


def read(path):
    with open(path, "rb") as f:
        return f.read()


@case
def as_natively():
    """The same words on the folder itself, and on a copy of it that is lent."""
    with scratch() as folder:
        results = []
        for name in ("here", "app"):
            top = os.path.join(folder, name)
            write(os.path.join(top, "a.txt"), b"hello\n")
            write(os.path.join(top, "deep", "er", "b"), b"deep\n")
            write(os.path.join(top, "big"), bytes(i * 7 & 255 for i in range(300_000)))
            for i in range(3000):
                write(os.path.join(top, "many", f"file {i}"), b"")
            os.makedirs(os.path.join(top, "empty"))
            os.symlink("deep/er/b", os.path.join(top, "link"))
            os.symlink("loop", os.path.join(top, "pool"))
            os.symlink("pool", os.path.join(top, "loop"))
            for name_, when in (("a.txt", 1_600_000_000), ("deep", 1_500_000_000), ("many", 1_400_000_000)):
                os.utime(os.path.join(top, name_), (when, when))
            at = top if name == "here" else "/data"
            words = []
            for what in ("list .", "list many", "list empty", "list a.txt", "list nothing", "get a.txt", "get deep/er/b", "get link", "get deep",
                         "get nothing", "get a.txt/b", "get loop", "list loop", "stat loop", "mkdir a.txt/x", "chmod a.txt", "chmod deep/er", "sum big", "stat a.txt", "stat deep", "stat many", "stat nothing", "stat .", "put new", "get new",
                         "add new", "get new", "cut new", "get new", "put deep", "put nothing/new", "mkdir made", "mkdir made", "put made/x", "list made",
                         "rmdir made", "unlink made", "unlink made/x", "unlink made/x", "rmdir made", "rmdir a.txt", "unlink deep",
                         "list .", "rename new deep/moved", "get deep/moved", "list deep", "rename nothing x", "rename a.txt deep"):
                word, *paths = what.split()
                words += [word, *(os.path.normpath(f"{at}/{p}") for p in paths)]
            if name == "here":
                p = subprocess.run([suite.test_program("folders_here"), *words], stdout=subprocess.PIPE, timeout=limit(30))
                results.append(p.stdout.decode())
            else:
                results.append(lent(top, *words, rights=":rw"))
        lines = [r.splitlines() for r in results]
        for ours, native in zip(lines[1], lines[0]):
            ours = ours.replace("Too many symbolic links", "Too many levels of symbolic links")  # picolibc's words
            check(ours == native or (ours.startswith("stat ok folder") and native.startswith("stat ok folder")), f"{ours!r}, natively {native!r}")
        check(len(lines[0]) == len(lines[1]) and len(lines[0]) > 35, f"{results[1]}")
        check(read(os.path.join(folder, "app", "deep", "moved")) == b"ne", "what was written is not there")


@case
def only_to_be_read():
    with scratch() as folder:
        write(os.path.join(folder, "a"), b"hello")
        says("get hello\nput Read-only file system\nadd Read-only file system\nmkdir Read-only file system\nunlink Read-only file system\n"
             "rename Read-only file system\ncut Read-only file system\nput Read-only file system\nget hello\n".replace("add ", "put "), folder,
             "get", "/data/a", "put", "/data/a", "add", "/data/a", "mkdir", "/data/x", "unlink", "/data/a", "rename", "/data/a", "/data/b",
             "cut", "/data/a", "put", "/data/new", "get", "/data/a")
        check(sorted(os.listdir(folder)) == ["a"] and read(os.path.join(folder, "a")) == b"hello", "it was changed")


@case
def beside_a_disk_of_files():
    """Seen: the folder was not there, and nobody said why. An app has its files from one of the two."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        subprocess.run([tool(), "files", "create", image, "--size", "8M"], check=True, stdout=subprocess.DEVNULL)
        for words in (("--dir", f"{folder}:/here", "--files", image), ("--files", image, "--dir", f"{folder}:/here")):
            ctx("run", "--headless", *words, *own_apps("hello")).ends(125).has("ctx: --dir and --files: an app has its files from one of them$")


@case
def nothing_leads_out():
    with scratch() as folder:
        inside, outside = os.path.join(folder, "inside"), os.path.join(folder, "outside")
        write(os.path.join(inside, "sub", "a"), b"inside")
        write(os.path.join(outside, "secret"), b"secret")
        links = {"absolute": outside, "file": os.path.join(outside, "secret"), "up": "../outside", "upfile": "../outside/secret", "root": "/",
                 "sub/up": "../../outside", "self": "self", "proc": "/proc/self/root", "good": "sub/a", "round": "sub/../../inside/sub/a"}
        for name, to in links.items():
            os.symlink(to, os.path.join(inside, name))
        os.mkfifo(os.path.join(inside, "fifo"))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.join(inside, "socket"))
            words, count = [], 0
            for name in ("absolute/secret", "file", "up/secret", "upfile", "root/etc/passwd", "sub/up/secret", "self", "round", "fifo", "socket",
                         f"proc{outside}/secret"):
                for what in ("get", "put", "stat", "unlink" if "/" in name and not name.startswith("sub/a") else "stat"):
                    words += [what, f"/data/{name}"]
                    count += 1
            words += ["rename", "/data/sub/a", "/data/up/a", "mkdir", "/data/up/x", "put", "/data/absolute/new", "list", "/data/up", "list", "/data/root"]
            said = lent(inside, *words, rights=":rw").splitlines()
        for line in said:
            bad = line.startswith("list") and line.split()[1].isdigit()
            fine = line.split()[0] == "stat"  # what a fifo is may be told
            check(not bad and (fine or not line.endswith(" ok")) and "secret" not in line and "inside" not in line, f"it leads out: {line!r} of {said}")
        says("get inside\n", inside, "get", "/data/good")
        # A program's own `..` ends where the folder does; to the kernel it is said as it is, here by a test app of the gates (fuzz.gates).
        said = lent(inside, "get", "/data/../outside/secret", "get", "/data/sub/../../outside/secret", "get", f"/data/{'../' * 20}etc/passwd")
        check("secret" not in said.replace("No such file", "") and "root:" not in said, said)
        check(sorted(os.listdir(outside)) == ["secret"] and read(os.path.join(outside, "secret")) == b"secret", "it was changed")


@case
def a_folder_that_is_swapped_meanwhile():
    """Somebody else changes a folder into a link that leads out, again and again."""
    with scratch() as folder:
        inside, outside = os.path.join(folder, "inside"), os.path.join(folder, "outside")
        write(os.path.join(inside, "sub", "a"), b"inside")
        write(os.path.join(outside, "a"), b"secret")
        os.symlink(outside, os.path.join(inside, "evil"))
        for _ in range(20):
            with subprocess.Popen([tool(), "run", "--headless", "--dir", f"{inside}:/data", suite.test_program("folders.elf"), *["get", "/data/sub/a"] * 200],
                                  stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as p:
                while p.poll() is None:
                    for a, b in (("sub", "kept"), ("evil", "sub"), ("sub", "evil"), ("kept", "sub")):
                        os.rename(os.path.join(inside, a), os.path.join(inside, b))
                said = p.stdout.read().decode()
            check("secret" not in said and said.count("\n") == 200, said[:500])


@case
def saved_with_an_open_file():
    with scratch() as folder:
        write(os.path.join(folder, "data", "text"), b"one\ntwo\nthree\n")
        image, data = os.path.join(folder, "image"), os.path.join(folder, "data")
        with subprocess.Popen([tool(), "run", "--headless", "--dir", f"{data}:/data", "--save", image, suite.test_program("folders.elf"), "slowly", "/data/text"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            check(p.stdout.readline() == b"line one\n", "it does not begin")
            time.sleep(0.2)
            p.send_signal(2)
            check(p.wait(limit(20)) == 130, f"{p.returncode}")
        p = subprocess.run([tool(), "run", "--headless", "--dir", f"{data}:/data", "--load", image], input=b"\n", stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=limit(20))
        check(p.stdout == b"line two\nline three\n" and p.returncode == 0, f"{p.returncode} {p.stdout} {p.stderr}")
        p = subprocess.run([tool(), "run", "--headless", "--load", image], input=b"\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(20))
        check(b"three" not in p.stdout or b"two" in p.stdout, f"without the folder: {p.returncode} {p.stdout}")


@case
def what_is_gone_is_no_other_file():
    """Seen: of two files that were open when it was saved one was gone, and its handle was the other's: what was written to it landed there."""
    with scratch() as folder:
        data, image = os.path.join(folder, "data"), os.path.join(folder, "image")
        write(os.path.join(data, "a"), b"A" * 10)
        write(os.path.join(data, "b"), b"B" * 10)
        run = [tool(), "run", "--headless", "--dir", f"{data}:/data:rw"]
        with subprocess.Popen([*run, "--save", image, suite.test_program("folders.elf"), "two", "/data/a", "/data/b"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as p:
            check(p.stdout.readline() == b"two A B\n", "it does not begin")
            time.sleep(0.2)
            p.send_signal(2)
            check(p.wait(limit(20)) == 130, f"{p.returncode}")
        os.remove(os.path.join(data, "a"))
        p = subprocess.run([*run, "--load", image], input=b"\n\n\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(20))
        check(p.stdout == b"two I/O error B\ntwo I/O error B\ntwo I/O error B\n" and b"/data/a was open" in p.stderr, f"{p.stdout} {p.stderr}")
        check(sorted(os.listdir(data)) == ["b"] and read(os.path.join(data, "b")) == b"BbbbBBBBBB", f"{read(os.path.join(data, 'b'))}")


@case
def a_secret_stays_one():
    with scratch() as folder:
        lent(folder, "secret", "/data/key", "secretdir", "/data/safe", "put", "/data/open", rights=":rw", umask=0o022)
        modes = {name: os.stat(os.path.join(folder, name)).st_mode & 0o777 for name in ("key", "safe", "open")}
        check(modes == {"key": 0o600, "safe": 0o700, "open": 0o644}, f"{ {n: oct(m) for n, m in modes.items()} }")


@case
def what_is_wrong():
    program = suite.test_program("folders.elf")
    for text, says_ in (("/tmp", "HOST:/PATH"), ("/tmp:data", "HOST:/PATH"), (":/data", "HOST:/PATH"), ("/nowhere:/data", "No such file"),
                        (__file__ + ":/data", "Not a directory"), ("/tmp:/", "of its own"), ("/tmp:/data:ro", ":rw or nothing"),
                        ("/tmp:/data/..", "no `..`"), ("/tmp:/dev", "the app's own")):
        p = subprocess.run([tool(), "run", "--dir", text, program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(20))
        check(p.returncode == 125 and says_ in p.stdout.decode(), f"{text}: {p.returncode} {p.stdout.decode()}")
    with scratch() as folder:  # the second app sees nothing of it
        write(os.path.join(folder, "a"), b"hello")
        p = subprocess.run([tool(), "run", "--headless", "--dir", f"{folder}:/data", program, "get", "/data/a", "+", program, "get", "/data/a"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(20), stdin=subprocess.DEVNULL)
        check(p.stdout == b"get hello\n" and b"get No such file" in p.stderr and b"hello" not in p.stderr, f"{p.stdout} {p.stderr}")


if __name__ == "__main__":
    main()
