# SPDX-License-Identifier: MIT
"""The console's commands on files: on a disk of files, where there is none, and what they refuse. Lua's io and os on the same paths."""
import os
import re
import subprocess

from runner import FINE, Live, case, check, ctx, limit, main, own_apps, read_png, scratch, test_app, together, tool


def files(*words, code=0):
    p = subprocess.run([tool(), "files", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(30), check=False)
    check(p.returncode == code, f"ctx files {words}: {p.returncode}, {p.stdout.decode(errors='replace')}")
    return p.stdout


def play(lines, *words, image=None, grants=("use=ctx.files/1(/)", ), pause=100):
    """Types lines, one after the other; what was said."""
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 300\n" + "".join(f"type {line}<ret>\nwait {pause}\n" for line in lines) + "quit\n")
        disk = ("--files", image) if image else ()
        return ctx("run", "--headless", "--virtual-time", "--seconds", str(limit(40)), *disk, "--script", path,
                   *own_apps("console"), *grants, *words).ends(FINE).hasnt(" fault name=")


def answers(said, line):
    """What the console printed behind a line that was typed, up to the next."""
    text = [row.split("console#1: ", 1)[1] for row in said.text.splitlines() if "console#1: " in row]
    check(f"> {line}" in text, f"{line!r} was not typed: {text}")
    at = text.index(f"> {line}") + 1
    end = next((i for i in range(at, len(text)) if text[i].startswith("> ")), len(text))
    return [row.rstrip() for row in text[at:end]]


def is_answer(said, line, *want):
    got = answers(said, line)
    check(got == list(want), f"{line!r} says {got}, not {list(want)}")


def disk(folder):
    image = os.path.join(folder, "files.img")
    files("create", image, "--size", "16M")
    return image


@case
def commands():
    """Each once, and what the host finds on the disk behind them."""
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "/apps")
        files("put", image, own_apps("hello")[0], "/apps/")
        said = play(["ls /disk", "mkdir -p /disk/texts/deep", "echo Hello  Argos > /disk/texts/a.txt", "echo more >> /disk/texts/a.txt",
                     "cat /disk/texts/a.txt", "cp /disk/texts/a.txt '/disk/texts/with blank'", "mv /disk/texts/a.txt /data/moved",
                     "ls /disk/texts", "cat /disk/texts/with\\ blank", "cp -r /disk/texts /disk/copy", "find /disk/copy", "find /disk *blank",
                     "cd /disk/copy", "pwd", "ls", "rm *blank", "ls -l", "cd", "rm -r /disk/copy", "ls /disk", "df", "sync",
                     "run hello", "run /disk/apps/hello.elf one"], "grant=ctx.loader/1", "trusted", image=image)
        is_answer(said, "ls /disk", "apps/")
        is_answer(said, "cat /disk/texts/a.txt", "Hello  Argos", "more")
        is_answer(said, "ls /disk/texts", "deep/        with blank")
        is_answer(said, "cat /disk/texts/with\\ blank", "Hello  Argos", "more")
        is_answer(said, "find /disk/copy", "/disk/copy/deep/", "/disk/copy/with blank")
        is_answer(said, "find /disk *blank", "/disk/copy/with blank", "/disk/texts/with blank")
        is_answer(said, "pwd", "/disk/copy")
        is_answer(said, "ls", "deep/        with blank")
        check(len(answers(said, "ls -l")) == 1 and answers(said, "ls -l")[0].startswith("    folder  20"), f"{answers(said, 'ls -l')}")
        is_answer(said, "run hello", "hello is app 2")
        is_answer(said, "run /disk/apps/hello.elf one", "hello.elf is app 3")
        said.has(r" 11M +11M +8  /data\n.* 11M +11M +8  /disk$").has("app.hello#3: Hello")
        check(files("cat", image, "/private/console/moved") == b"Hello  Argos\nmore\n", "not what was written")
        check(files("cat", image, "/texts/with blank") == b"Hello  Argos\nmore\n", "not what was copied")
        check(b"all is well" in files("check", image), "the disk is damaged")


@case
def tables_in_lua():
    """The console's own database, where its line asks for one; else in words why there is none; and Ctrl-C ends what has no end."""
    endless = "eval sql.first('WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c) SELECT count(*) FROM c')"
    with scratch() as folder:
        image = disk(folder)
        rows = "eval (function() for r in sql.rows('SELECT a, b FROM t ORDER BY a') do print(r.a, r.b) end end)()"
        said = play(["eval sql.run('CREATE TABLE t(a, b)')", "eval sql.run('INSERT INTO t VALUES(?, ?)', 5, 'five')", "eval sql.run('INSERT INTO t VALUES(6, NULL)')",
                     rows, "eval sql.first('SELECT b FROM t').b", "eval sql.run('SELEC')", "eval sql.sync()"], image=image, grants=("use=ctx.files/1(/)", "use=ctx.sql/1"))
        is_answer(said, "eval sql.run('CREATE TABLE t(a, b)')", "true")
        is_answer(said, "eval sql.run('INSERT INTO t VALUES(?, ?)', 5, 'five')", "1    1")
        is_answer(said, rows, "5    five", "6    nil")
        is_answer(said, "eval sql.first('SELECT b FROM t').b", "five")
        is_answer(said, "eval sql.run('SELEC')", 'nil    INVAL: near "SELEC": syntax error (byte 0)')
        is_answer(said, "eval sql.sync()", "true")
        said = play(["eval sql.first('SELECT 1')"], image=image)
        check(answers(said, "eval sql.first('SELECT 1')")[-1] == "nil    DENIED: the app's line does not say use=ctx.sql/1", said.text[-1000:])
        script = os.path.join(folder, "script")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f"wait 300\ntype {endless}<ret>\nwait 700\nkey leftctrl down\nkey c tap\nkey leftctrl up\nwait 600000\n")
        with Live("run", "--headless", "--files", image, "--script", script, *own_apps("console"), "use=ctx.files/1(/)", "use=ctx.sql/1") as run:
            run.until(r"console#1: nil +CANCELED: interrupted$", seconds=60)
    said = play(["eval sql.first('SELECT 1')"], pause=6000, grants=())
    said.has(r"console#0: nil +NOSYS: nobody offers ctx\.sql/1$")


@case
def a_database_that_nobody_asks_gives_its_memory_back():
    """Three seconds after the last statement storage has some megabytes less, and answers as before."""
    fill = "eval sql.run('WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c LIMIT 100) INSERT INTO t SELECT zeroblob(2500) FROM c')"
    count = "eval sql.first('SELECT sum(length(b)) AS all_bytes FROM t').all_bytes"
    with scratch() as folder:
        said = play(["eval sql.run('CREATE TABLE t(b)')", *[fill] * 12, count, "apps", "help", "help", "apps", count], pause=1600,
                    image=disk(folder), grants=("use=ctx.files/1(/)", "use=ctx.sql/1"))
        kib = [int(n) for n in re.findall(r" 0 storage .* (\d+) +0$", said.text, re.MULTILINE)]
        check(len(kib) == 2 and kib[1] < kib[0] - 2000, f"KiB of storage, before and after: {kib}")
        check(said.text.count("console#1: 3000000\n") == 2, said.text[-1500:])


@case
def refusals():
    """Nothing half done, and each says what and why."""
    with scratch() as folder:
        image = disk(folder)
        said = play(["cat /disk/none", "rm /disk/none", "mkdir /disk/a", "echo x > /disk/a/x", "rm /disk/a", "cp /disk/a /disk/b", "cp -r /disk/a /disk/a/b",
                     "cp /disk/a/x /disk/a/x", "cp /disk/a/x /disk/a/x /disk/none", "mv /disk/a /disk/a/c", "ls -q", "cp one", "cat 'open",
                     "find /disk/none /disk/none", "run none", "run /disk/a/x", "echo here > /memory", "cat /memory", "echo again > /memory"], image=image)
        is_answer(said, "cat /disk/none", "/disk/none: No such file or directory")
        is_answer(said, "rm /disk/a", "/disk/a: a folder: rm -r")
        is_answer(said, "cp /disk/a /disk/b", "/disk/a: a folder: cp -r")
        is_answer(said, "cp -r /disk/a /disk/a/b", "/disk/a/b: inside of what is copied")
        is_answer(said, "cp /disk/a/x /disk/a/x", "/disk/a/x: the same file")
        is_answer(said, "cp /disk/a/x /disk/a/x /disk/none", "/disk/none: not a folder")
        is_answer(said, "mv /disk/a /disk/a/c", "/disk/a: Invalid argument")
        is_answer(said, "ls -q", "-q: no such option")
        is_answer(said, "cp one", "cp [-r] FROM... TO")
        is_answer(said, "cat 'open", "cat: too many words, or a quote without an end")
        is_answer(said, "run none", "refused (DENIED): it takes grant=ctx.loader/1")
        is_answer(said, "run /disk/a/x", "refused (DENIED): it takes grant=ctx.loader/1")
        is_answer(said, "echo here > /memory", "/memory lies in this app's memory alone; df says where disks are")
        is_answer(said, "cat /memory", "here")
        is_answer(said, "echo again > /memory")
        check(files("ls", image, "/a").split() == [b"x"], "something was changed")


@case
def nothing_is_emptied_that_stays_and_no_folder_is_made_up():
    """Seen: `rm -r /` took all there was before it said BUSY, and a file that was copied into a folder that is not there became that folder."""
    with scratch() as folder:
        image = disk(folder)
        said = play(["echo one > /disk/one", "echo two > /disk/two", "mkdir /disk/there", "cp /disk/one /disk/backup/", "cp /disk/two /disk/backup/",
                     "mv /disk/two /disk/backup/", "cp /disk/one /disk/there/", "cp -r /disk/there /disk/again/", "rm -r /", "rm -r /disk", "rm -r /disk/there", "find /disk"], image=image)
        for line in ("cp /disk/one /disk/backup/", "cp /disk/two /disk/backup/", "mv /disk/two /disk/backup/"):
            is_answer(said, line, "/disk/backup/: not a folder")
        for line, path in (("rm -r /", "/"), ("rm -r /disk", "/disk")):
            is_answer(said, line, f"{path}: Device or resource busy")
        is_answer(said, "find /disk", "/disk/again/", "/disk/again/one", "/disk/one", "/disk/two")
        files("cp", image, "one", "nod/", code=1)
        files("mv", image, "one", "nod/", code=1)
        files("cp", "-r", image, "again", "more/")
        for path in ("/", "."):
            files("rm", "-r", image, path, code=1)
        check(files("cat", image, "more/one") == files("cat", image, "one") == b"one\n", "it went")


@case
def only_its_own():
    """Without use= there is /data, and nothing else of the disk; what a line says is only to be read stays so."""
    with scratch() as folder:
        image = disk(folder)
        files("mkdir", image, "/pictures")
        said = play(["echo mine > /data/own", "ls /data", "ls /disk", "df"], image=image, grants=())
        is_answer(said, "ls /data", "own")
        is_answer(said, "ls /disk", "/disk: No such file or directory")
        check(files("cat", image, "/private/console/own") == b"mine\n", "not there")
        said = play(["echo no > /pictures/a", "ls -l /pictures", "rm -r /pictures", "df"], image=image, grants=("use=ctx.files/1(/pictures:ro)", ))
        is_answer(said, "echo no > /pictures/a", "/pictures/a: Read-only file system")
        said.has(r"/pictures  \(read-only\)$")


@case
def in_lua():
    """io and os, which wait for the disk as the commands do; what is typed is the console's."""
    with scratch() as folder:
        image = disk(folder)
        said = play(["repl", "f = assert(io.open('/disk/l', 'w'))", "f:write('one\\n', 2, '\\n')", "f:close()", "for l in io.lines('/disk/l') do print('<'..l..'>') end".replace("<", "["),
                     "io.open('/disk/l', 'a'):write(string.rep('x', 100000)):close()", "f = io.open('/disk/l') print(f:seek('end')) f:close()",
                     "os.rename('/disk/l', '/disk/m')", "io.open('/disk/l')", "os.remove('/disk/m')", "io.write('written ', 5, '\\n')", "io.read()",
                     "os.time() > 0", "os.exit()", "pid"], image=image)
        said.has(r"console#1: \[one>$").has(r"console#1: \[2>$").has("console#1: 100006$").has("console#1: nil +/disk/l: No such file or directory +2$")
        said.has("console#1: written 5$").has("console#1: nil +nothing can be read from the keyboard here$").has("console#1: I am app 1$")
        check(files("ls", image, "/").split() == [], f"{files('ls', image, '/')}")


@case
def nobody_offers_files():
    said = play(["df", "ls /", "echo a > /tmp/a", "cat /tmp/a"])
    said.has("nobody offers ctx.files/1").has("console#0: a$").has("lies in this app's memory alone")


@case
def a_long_command_is_stopped():
    """The window lives while a disk works, and Ctrl-C is heard."""
    with scratch() as folder:
        image = disk(folder)
        with open(os.path.join(folder, "long"), "wb") as f:
            f.write(b"line of text\n" * 300_000)
        files("put", image, f.name, "/")
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 300\ntype cat /disk/long<ret>\nwait 60\nkey leftctrl down\nkey c tap\nkey leftctrl up\nwait 300\ntype pid<ret>\nwait 100\nquit\n")
        said = ctx("run", "--headless", "--seconds", str(limit(40)), "--files", image, "--script", path, *own_apps("console"), "use=ctx.files/1(/)", "log=1000000")
        said.ends(FINE).has(r"console#1: \^C$").has("console#1: I am app 1$")
        check(said.text.count("line of text") < 300_000, "it was not stopped")


@case
def services():
    """Who offers what to whom, with an id as long as they come, and one who stands behind; in both languages."""
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write("wait 900\ntype services<ret>\nwait 200\ntype lang fr<ret>\nwait 200\ntype services<ret>\nwait 200\nquit\n")
        serving, alone = test_app("serving"), own_apps("console")
        common = ("run", "--headless", "--virtual-time", "--seconds", "20", "--script", path)
        offer = [serving, "offer", "0", "offer=org.example.*"]
        said = ctx(*common, *together([alone, offer, offer, [serving, "ask", "1000"], [serving, "ask", "1000000000"]])).ends(FINE)
        said.has(r" pid provider     users    calls      ms interface").has(r"   1 serving          1 +[1-9]\d* +\d+ org\.example\.serving/1$")
        said.has(r"   2 serving          0        0       0 org\.example\.serving/1 stands behind$").has(r"org\.example\.serving/1 en réserve$")
        said = ctx(*common, *together([alone])).ends(FINE)
        said.has(r"no app offers anything to others$").has(r"aucune application n'offre rien$")


@case
def let_go_in_the_same_moment_as_it_moved():
    """The button goes up before the console was called again: the last step counts too, of a title that is dragged and of a corner."""
    grips = {"title": (400, 108, 500, 208), "corner": (622, 507, 722, 577)}
    for grip, (x, y, to_x, to_y) in grips.items():
        shots = []
        for rest in ("", "wait 100\n"):
            with scratch() as folder:
                path, shot = os.path.join(folder, "script"), os.path.join(folder, "shot.png")
                with open(path, "w", encoding="utf-8") as f:
                    f.write(f"wait 300\npointer {x} {y}\nwait 100\nscreenshot {folder}/before.png\nbutton left down\nwait 100\npointer {to_x} {to_y}\n{rest}"
                            f"button left up\nwait 300\npointer 10 10\nwait 300\nscreenshot {shot}\nquit\n")
                ctx("run", "--headless", "--virtual-time", "--seconds", str(limit(5)), "--script", path, *own_apps("background"), "+", *own_apps("console")).ends(FINE)
                shots.append(read_png(shot))
                before = read_png(os.path.join(folder, "before.png"))
        part = (30, 90, 800, 600)
        check(len(before.crop(*part).differing(shots[1].crop(*part))) > 20000, f"{grip}: nothing was dragged")
        check(len(shots[0].crop(*part).differing(shots[1].crop(*part))) < 2000, f"{grip}: the last step is lost")


if __name__ == "__main__":
    main()
