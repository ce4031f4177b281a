# SPDX-License-Identifier: MIT
"""Lua with the Context: each function of the module, wrong arguments, memory; in the console and in an app that is a script."""
import contextlib
import http.server
import os
import re
import shutil
import sqlite3
import ssl
import subprocess
import threading

from ondisk import files
from runner import FINE, Skip, case, check, ctx, limit, main, own_apps, read_png, scratch
import suite

NIGHT = (0x0a, 0x0d, 0x1a)


def script_app(name):
    for build in suite.builds():
        path = os.path.join(build, "ctest", "linux", name + ".elf")
        if os.path.exists(path):
            return path
    raise Skip(f"not built here: {name}")


def play(script, *words, real=False):
    """In virtual time, where a wait costs nothing but its frames; real: for what reads the calendar."""
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(script.replace("@", folder + "/"))
        said = ctx("run", "--headless", *(() if real else ("--virtual-time", )), "--seed", "5", "--seconds", str(limit(40)), "--script", path, *words)
        shots = {n[:-4]: read_png(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".png")}
    return said.hasnt(" fault name="), shots


@case
def module():
    """What module.lua finds wrong it says itself; here is what it can not see: levels, words, and what stays behind."""
    more = "type " + "xy" * 50 + "\n"
    said, _ = play("wait 2000\npointer 100 200\nwheel -2\ntype aB\nkey esc tap\nwait 800\n" + more + "wait 6000\nquit\n",
                   script_app("script_module"), "one", "two", real=True)
    said.ends(FINE).hasnt("FAIL").has("T module ok$").has(r"T arguments one\+two$").has("exited name=script_module pid=0 code=0")
    for number, letter in enumerate("EWID", 1):
        name = ("error", "warn", "info", "debug")[number - 1]
        said.has(rf"\] {letter} app\.script_module#0: by name {name}$").has(rf"\] {letter} app\.script_module#0: by number {number}$")
    said.has("script_module#0: 42$").has("script_module#0: nil$").has("script_module#0: two$").has("script_module#0: lines$")
    said.has("T keys wheel -2 30/1 30/0 42/1 48/1 48/0 42/0 1/1 1/0$").has("T text aB.* pointer 100,200$")


@case
def errors():
    """A script that fails says where, and the app ends with 1; nobody faults."""
    said, _ = play("wait 1000\nquit\n", script_app("script_wrong"))
    said.has(r"script:5: attempt to perform arithmetic on a nil value").has(r"script:7: in main chunk")
    said.has("exited name=script_wrong pid=0 code=1")


@case
def console():
    """In the console: the module, an error that is printed, events while a script runs, and the old names."""
    lines = ["repl", "print('random', ctx.random(5, 5))", "ctx.surface(0, 1)", "ctx.wake_at(-1)", "ctx.apps()[1].name",
             "print('same', time == ctx.time, log == ctx.log, pid())", "#ctx.events()",
             "s = ctx.surface(300, 200) s:fill(0xff00ff) s:text(20, 20, 'Lua', 0xffffff) s:show()"]
    loop = "repeat coroutine.yield() for _, e in ipairs(ctx.events()) do print(e.kind, e.code) q = e.code end until q == 48"
    said, shots = play("wait 500\n" + "".join(f"type {li}<ret>\nwait 300\n" for li in lines) + "screenshot @there.png\n"
                       f"type {loop}<ret>\nwait 500\nkey a down\nkey b down\nwait 300\n"
                       "key a up\nkey b up\nwait 200\ntype quit()<ret>reset<ret>\nwait 500\nscreenshot @gone.png\n"
                       "type help<ret>\nwait 300\nquit\n", *own_apps("console"))
    said.ends(FINE).has(r"console#0: random\s+5$").has(r"bad argument #1 to 'surface' \(0 is not from 1 to 8192\)")
    said.has(r"bad argument #1 to 'wake_at' \(a time is 0 or later\)").has("console#0: console$")
    said.has(r"same\s+true\s+true\s+0$").has("console#0: 0$")
    said.has(r"console#0: key\s+30$").has(r"console#0: key\s+48$").has("ctx: log time").has("the Context as ctx")
    check(shots["there"].at(640 + 100, 400 + 50) == (255, 0, 255), "no surface")
    check(shots["gone"].at(640 + 100, 400 + 50) != (255, 0, 255), "reset leaves the surface on the screen")


@case
def lines():
    """The demonstration moves, shows the time, and leaves the rest of the screen alone."""
    said, shots = play("wait 1500\nscreenshot @a.png\nwait 1500\nscreenshot @b.png\nquit\n", *own_apps("scripts"))
    said.ends(FINE)
    a, b = shots["a"], shots["b"]
    check(a.at(243, 153) == NIGHT and a.at(200, 400) == (0, 0, 0), "it is not where it should be")
    changed = a.differing(b)
    check(len([p for p in changed if p[1] < 600]) > 1000, f"it stands still: {len(changed)} pixels")
    check([p for p in changed if 900 < p[0] < 1040 and 610 < p[1] < 640], "the time stands still")
    check(all(240 <= x < 1040 and 150 <= y < 650 for x, y in changed), "something else has changed")


@case
def idle():
    """With a number of seconds it comes when nothing happens for so long, and goes with a key."""
    said, shots = play("wait 500\nscreenshot @early.png\nwait 4000\nscreenshot @there.png\nkey a tap\nwait 600\nscreenshot @gone.png\nquit\n",
                       *own_apps("scripts"), "2")
    said.ends(FINE)
    check(shots["early"].at(3, 3) == (0, 0, 0), "it is there at once")
    check(shots["there"].at(3, 3) == NIGHT, "it does not come")
    check(shots["gone"].at(3, 3) == (0, 0, 0), "it does not go")


@case
def without_tables():
    """Without the tables behind it each function is an error of Lua, or does without."""
    lines = ["repl", "print('L', pcall(ctx.random))", "print('L', pcall(ctx.apps))", "print('L', pcall(ctx.log, 'plain', 'warn'))",
             "print('L', pcall(ctx.surface, 5, 5))", "print('L', pcall(ctx.wake_at, 5))", "print('L', ctx.wall())",
             "print('L', ctx.screen())", "print('L', ctx.time() > 0, #ctx.events())"]
    script = "wait 500\n" + "".join(f"type {li}<ret>\nwait 300\n" for li in lines) + "quit\n"
    said, _ = play(script, "--emulate", "2", *own_apps("console"))
    said.ends(FINE).has(r"L\s+false\s+there is no ctx\.random/1 here").has(r"L\s+false\s+there is no ctx\.apps/1 here")
    said.has("#0: plain$").has(r"L\s+false\s+ctx\.surface takes version 3").has(r"L\s+false\s+ctx\.wake_at takes version 3")
    said.has(r"L\s+nil\s+no calendar clock").has(r"L\s+1280\s+800").has(r"L\s+true\s+0$")
    said, _ = play(script, "--deny", "ctx.random/1", "--deny", "ctx.apps/1", *own_apps("console"))
    said.ends(FINE).has("L.*ctx.random/1: DENIED").has("L.*ctx.apps/1: DENIED")
    check(len(re.findall(r"#0: L\s+true", said.text)) >= 3, "more than was denied is gone")


# ---- sql ----

def over_tables(image, *words, more=(), verified=False):
    """The script, with storage before it; and others behind."""
    folder = "verified/" if verified else ""
    script = os.path.join(suite.build(), "ctest", "linux", folder, "script_tables.elf")
    storage = os.path.join(suite.build(), "apps", "storage", folder, "storage.elf") if verified else os.path.join(suite.build(), "apps", "storage.elf")
    if not os.path.exists(script) or not os.path.exists(storage):
        raise Skip("no verified apps: there is no clang" if verified else "not built here: script_tables")
    return ctx("run", "--headless", "--seconds", str(limit(90)), *(["--isolate=require"] if verified else []), "--disk", image, storage, "offer=ctx.files/1,ctx.sql/1",
               "grant=ctx.block/1", "disk=vda", "+", script, "use=ctx.sql/1", *words, *more, env={**os.environ, "CTX_RUN_OPTIONS": ""})


@case
def tables_of_scripts():
    """Every kind of value, statements that are kept and forgotten, wrong words; verified too. Linux's SQLite finds the same."""
    for verified in (False, True):
        with scratch() as folder:
            image = os.path.join(folder, "files.img")
            files("create", image, "--size", "32M")
            said = over_tables(image, "values", verified=verified)
            said.has("run 1 1$").has("run 1 2$").has("row nil integer 0.1 3 2 1 1$").has("long text null true true true$").has("none nil$").has("empty 0$")
            said.has("twice nil EXIST: UNIQUE constraint failed").has("wrong nil INVAL: near .SELEC.").has("nothing nil INVAL: there is no statement").has("refused nil DENIED")
            said.has(r"many false script:\d+: the statement has 1 parameters, not 2$").has(r"kind false script:\d+: parameter 1: nil, a boolean").has("large nil TOOBIG: .*sql.blob")
            said.has("largest false false .*262,144 bytes at most").has("nul false .*NUL in it").has("rows false .*integer overflow").has("#1: done$")
            said = over_tables(image, "statements", verified=verified)
            said.has(r"columns i h statement .2 columns, 2 parameters. 500.0 nil$").has("sum 900 247725.0$").has("dropped true$").has("synced true$").has("#1: done$")
            said.has(r"closed statement .closed. false script:\d+: the statement is closed$")
            copy = os.path.join(folder, "copy")
            files("get", image, "sql/script_tables", copy)
            with contextlib.closing(sqlite3.connect(copy)) as db:
                rows = db.execute("SELECT a, b, c, d, e, f FROM v").fetchall()
            check(rows[0] == (None, -2**63, 0.1, "a\0b", b"\0\xff", 1) and rows[1][:4] == (1, b"\0\xffx" * 50000, "\u00e4" * 20000, "\u00e4" * 20000), "other values")
            check("all is well" in files("check", image), "it is damaged")


@case
def tables_side_by_side():
    """Coroutines take turns: a change that is going on is nobody else's, one that nobody resumes is undone, what takes for ever is stopped."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        files("create", image, "--size", "32M")
        said = over_tables(image, "side")
        said.has("side 20 10$").has("waits$").has("closed true$").has("goes on 0$").has("nested nil INVAL: a change is going on already$").has("inside 5$")
        said.has("endless nil CANCELED: interrupted$").has("#1: done$")
        check("all is well" in files("check", image), "it is damaged")


@case
def tables_and_who_has_them():
    """Storage is killed again and again; without a line for it, and without storage."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        files("create", image, "--size", "32M")
        said = over_tables(image, "stubborn", "300", more=["+", suite.test_program("storing.elf"), "grant=ctx.control/1", "killer", "0", "30", "20"])
        said.has("killed 30 times").has(r"all \d+ troubles some$").has("trouble STALE: storage began anew").has("#1: done$")
        copy = os.path.join(folder, "copy")
        files("get", image, "sql/script_tables", copy)
        with contextlib.closing(sqlite3.connect(copy)) as db:
            all_of_it = int(re.search(r"all (\d+) troubles", said.text)[1])
            check(all_of_it >= 300, f"the script was through with {all_of_it}")
            there = {n for n, in db.execute("SELECT n FROM ledger")}
            check(there == set(range(all_of_it)), f"of {all_of_it}: lost {sorted(set(range(all_of_it)) - there)}, never said {sorted(there - set(range(all_of_it)))}\n{said.text[-3000:]}")
        script = script_app("script_tables")
        said = ctx("run", "--headless", "--seconds", str(limit(30)), "--files", image, script, "values", env={**os.environ, "CTX_RUN_OPTIONS": ""})
        said.has("use=ctx.sql/1").hasnt("#1: done$")
        said = ctx("run", "--headless", "--seconds", str(limit(30)), script, "use=ctx.sql/1", "values", env={**os.environ, "CTX_RUN_OPTIONS": ""})
        said.has("NOSYS: nobody offers ctx.sql/1|NOENT: nobody offers ctx.sql/1").hasnt("#0: done$")


@case
def tables_cut_in_the_middle():
    """Storage begins anew between two statements of one change, and the script asks for the second all the same: it is both or none."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        files("create", image, "--size", "32M")
        said = over_tables(image, "halves", "40", more=["+", suite.test_program("storing.elf"), "grant=ctx.control/1", "killer", "0", "20", "70"])
        said.has("killed 20 times").has("halves some cut true").has("#1: done$")
        copy = os.path.join(folder, "copy")
        files("get", image, "sql/script_tables", copy)
        with contextlib.closing(sqlite3.connect(copy)) as db:
            found = db.execute("SELECT n, count(*) FROM halves GROUP BY n").fetchall()
            check(found and all(rows == 2 for _, rows in found), f"{found}")


# ---- net and http ----

NET = ["offer=ctx.net/1", "grant=ctx.nic/1", "nic=*"]


def over_net(*words, options=(), verified=False, use="use=ctx.net/1(in,out)", seconds=60, net=NET):
    app, script = "apps/net.elf", "ctest/linux/script_network.elf"
    if verified:
        app, script = "apps/net/verified/net.elf", "ctest/linux/verified/script_network.elf"
    found = [os.path.join(build, name) for name in (app, script) for build in suite.builds() if os.path.exists(os.path.join(build, name))]
    if len({os.path.basename(path) for path in found}) < 2:
        raise Skip("no verified apps: there is no clang" if verified else "not built here: script_network")
    app = next(path for path in found if path.endswith("net.elf"))
    script = next(path for path in found if path.endswith("script_network.elf"))
    return ctx("run", "--headless", "--seconds", str(limit(seconds)), *(["--isolate=require"] if verified else []), *options, app, *net, "+", script, use, *words,
               env={**os.environ, "CTX_RUN_OPTIONS": ""})


@case
def network_with_itself():
    """A server and three clients are coroutines of one script; times that pass, wrong words, closed sockets. Verified too."""
    for verified in (False, True):
        said = over_net("alone", verified=verified)
        said.has("script_network#1: served 3$").has("closed socket .closed. it does not listen$").has("nobody Connection refused$").has("resolve 127.0.0.1 ::1$")
        said.has("late nil timed out true true$")
        said.has("wrong false .*a port is from 1 to 65535").has("wrong false .*a time is from 0 to").has("url https ::1 8443 /.x$").has("begins neither with")
        said.has("header a header's name or value has a character").has("script_network#1: done$")
    said = over_net("alone", use="use=ctx.net/1(out)").has("listens nil listen: Permission denied")
    check("done" not in said.text, "it listens without being allowed to")


@case
def packets_with_itself():
    for verified in (False, True):
        said = over_net("packets", verified=verified)
        said.has("packet cba 127.0.0.1 7001$").has("empty 0$").has("large 20000 ::1 7001$").has("late nil timed out")
        said.has("too large false .*65507 bytes at most").has("no port false .*a port is from 1").has("stream nil it is not connected").has("other nil it is not of packets")
        said.has("nobody nil no.such.name.invalid: ").has("group nil 239.1.1.1: No such device").has("no group nil 10.0.0.1: Invalid argument")
        said.has("no address nil nonsense: Invalid argument").has("closed nil it is not of packets").has("script_network#1: done$")
    with scratch() as folder:
        card = f"--net=socket:{folder}/a,{folder}/b"
        said = over_net("group", "239.1.1.1", options=[card], net=[*NET, "address=10.0.0.1/24"])
        said.has("again nil 239.1.1.1: Address already in use").has("group hello nil timed out").has("script_network#1: done$")


@case
def a_server_with_tls():
    if not shutil.which("openssl"):
        raise Skip("there is no openssl")
    with scratch() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-keyout", "key.pem", "-out", "root.pem",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit(30), cwd=folder)
        for verified in (False, True):
            said = over_net("secure", "/lent/root.pem", "/lent/key.pem", "/lent/root.pem", verified=verified, options=["--dir", f"{folder}:/lent"])
            said.has("no key nil /lent/root.pem: a file of cert").has("no file nil /lent/none: a file of cert").has("first olleh$")
            said.has("unknown nil TLS: .*is for another name").has("second nil TLS: ").has("third nil TLS: ").has("fourth plain$").has("script_network#1: done$")


class Answers(http.server.BaseHTTPRequestHandler):
    """By the path: how it answers."""
    protocol_version = "HTTP/1.1"
    body = bytes(i * 7 & 255 for i in range(100_000))

    def log_message(self, *_):
        pass

    def do_GET(self):
        raw = {"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "/nonsense": b"hello\r\n", "/twice": b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
               "/early": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end", "/silent": b"",
               "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
               "/large": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "/gzip": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
               "/head": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n"}.get(self.path)
        if raw is not None:
            self.wfile.write(raw)
            self.close_connection = True
            return
        if self.path in ("/there", "/elsewhere", "/round"):
            self.send_response(302)
            self.send_header("Location", {"/there": "whole?secret=" + str(self.headers["Authorization"]), "/round": "/round",
                                          "/elsewhere": f"http://localhost:{self.server.server_port}/none"}[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(self.body), 30_000):
                part = self.body[at:at + 30_000]
                self.wfile.write(b"%x;x=y\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\nTrailer: x\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[::-1])


@contextlib.contextmanager
def web_server(folder=None):
    """Plain, or with a certificate of its own in this folder."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    if folder:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "root.pem"), os.path.join(folder, "key.pem"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def card_is_there():
    if "without libslirp" in ctx("run", "--headless", "--frames", "1", "--net", *own_apps("hello")).text:
        raise Skip("ctx was built without libslirp")


@case
def http_of_scripts():
    """Python's server at the other end: whole, in chunks, redirected, to the end; and answers that are none."""
    card_is_there()
    total = 0
    for byte in Answers.body:
        total = (total * 31 + byte) & 0xffffffff
    with web_server() as port:
        at = f"http://10.0.2.2:{port}"
        gets = [word for path in ("whole", "chunks", "there", "early", "cut", "nonsense", "twice", "silent", "bad-chunk", "large", "gzip", "head", "round") for word in
                ("get", f"{at}/{path}", "")]
        gets += ["get", "http://10.0.2.2:1/", "", "get", "http://no.such.name.invalid/", ""]
        said = over_net(*gets, "post", at + "/", "a body", options=["--net"])
    whole = f"get 200 100000 {total} {at}"
    said.has(re.escape(whole) + "/whole$").has(re.escape(whole) + "/chunks$").has(re.escape(whole) + "/whole.secret=secret$").has(r"get 200 13 \d+ http.*/early$")
    for why in ("the answer is cut off", "this is no answer of HTTP: hello", "Content-Length is no number: 1x", "the server has ended without an answer", "chunk of the answer has no length",
                "the answer has more than 1048576 bytes", "Transfer-Encoding is not known: gzip", "the answer's head is too long"):
        said.has("get 10.0.2.2: .*" + why)
    said.has("get 10.0.2.2:1: Connection refused *$").has("get no.such.name.invalid: [^:]*$")  # place and reason, each once
    said.has("get http://.*/round: it leads from one place to the next").has("post 201 ydob a$").has("script_network#1: done$")


@case
def https_of_scripts():
    """With its root it is trusted, with none and with another's it is not, nor by another name."""
    card_is_there()
    if not shutil.which("openssl"):
        raise Skip("there is no openssl")
    with scratch() as folder:
        other = os.path.join(folder, "other")
        os.mkdir(other)
        for where, name in ((folder, "IP:10.0.2.2"), (other, "DNS:other.example")):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-keyout", "key.pem", "-out", "root.pem",
                            "-subj", "/CN=test", "-addext", "subjectAltName=" + name], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit(30), cwd=where)
        with web_server(folder) as port, web_server(other) as second:
            said = over_net("get", f"https://10.0.2.2:{port}/whole", "/lent/root.pem", "get", f"https://10.0.2.2:{port}/whole", "/lent/none.pem",
                            "get", f"https://10.0.2.2:{port}/whole", "/lent/key.pem", "get", f"https://10.0.2.2:{port}/none", "/lent/other/root.pem",
                            "get", f"https://10.0.2.2:{second}/whole", "/lent/other/root.pem",
                            options=["--net", "--dir", f"{folder}:/lent"])
    said.has(r"get 200 100000 \d+ https://").has("get 10.0.2.2: /lent/none.pem: a file of cert").has("get 10.0.2.2: /lent/key.pem: a file of cert")
    said.has("get 10.0.2.2: TLS: .*not among the roots").has("get 10.0.2.2: TLS: .*is for another name").has("script_network#1: done$")


if __name__ == "__main__":
    main()
