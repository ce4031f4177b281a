# SPDX-License-Identifier: MIT
"""httpd and fetch under ctx run, plain and verified: over loopback, and over `ctx run --net` from this machine."""
import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess

from runner import Live, Skip, case, check, ctx, limit, main, read_png, scratch, suite, tool

import webpage  # harness/webpage.py: runner has put that folder first
from patience import eventually

NET = ["offer=ctx.net/1", "grant=ctx.nic/1", "nic=*"]
LOOK = "grant=ctx.system/1,ctx.control/1,ctx.screen/1,ctx.journal/1"


def app(name, verified):
    path = os.path.join(suite.build(), "apps", *([name, "verified"] if verified else []), name + ".elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: there is no clang")
    return path


def words(verified, web, *more, options=()):
    return ["run", "--headless", *(["--isolate=require"] if verified else []), *options, app("net", verified), *NET, "+", app("httpd", verified),
            "use=ctx.net/1(in:80)", LOOK, *web, *more]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@case
def over_loopback():
    for verified in (False, True):
        fetch = ["+", app("fetch", verified), "use=ctx.net/1(out)", "--retry", "20"]
        with Live(*words(verified, ["web=look"], *fetch, "http://127.0.0.1/healthz")) as run:
            run.until(r"listening port=80")
            run.until(r"app\.fetch#2: ok")
            run.until(r"exited name=fetch pid=2 code=0")
        with Live(*words(verified, ["web=look"], *fetch, "http://[::1]/healthz")) as run:
            run.until(r"listening port=80")
            run.until(r"app\.fetch#2: ok")
            run.until(r"exited name=fetch pid=2 code=0")
        # What is not allowed on its line, and what is not there.
        with Live(*words(verified, ["web=look"], *fetch, "http://127.0.0.1/none")) as run:
            run.until(r"fetch: http://127\.0\.0\.1/none: 404 Not Found")
            run.until(r"exited name=fetch pid=2 code=1")
        fetch = ["+", app("fetch", verified), "use=ctx.net/1(out)"]
        with Live(*words(verified, ["web=look"], *fetch, "http://[::1]:9/none")) as run:
            run.until(r"fetch: http://\[::1\]:9/none: ")
            run.until(r"exited name=fetch pid=2 code=1")


@case
def the_door_is_shut():
    for web in ([], ["web="], ["web=yes"]):
        with Live(*words(False, web)) as run:
            run.until(r"nothing is served: web=look or web=full is not on the line")
            run.until(r"exited name=httpd")


@case
def from_this_machine():
    if "without libslirp" in ctx("run", "--headless", "--frames", "1", "--net", app("net", False), *NET).text:
        raise Skip("there is no libslirp (package libslirp-dev)")
    port = free_port()
    with Live(*words(True, ["web=full"], options=[f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80"])) as run:
        token = run.until(r"token ([0-9a-f]{32})")[1]
        run.until(r"listening port=80")
        site = webpage.Site(port)
        status = json.loads(site.get("/api/status")[1])
        check([a["name"] for a in status["apps"]] == ["net", "httpd"] and all(a["isolated"] for a in status["apps"]), f"{status}")
        for _ in range(100):
            check(site.get("/healthz") == (200, b"ok\n"), "healthz")
        check(site.do("1" * 32, "pause", 0) == 401 and site.do(token, "pause", 9) == 404, "doing")
        check([site.get(path)[0] for path in ("/api/do", "/api/login", "/api/none")] == [405, 405, 404], "what is only to be posted to")
        # What carries the page is not shut by it: the network, and itself.
        check([app.get("carries") for app in status["apps"]] == [True, True], f"{status}")
        for pid in (0, 1):
            check(site.do(token, "pause", pid) == 409 and site.do(token, "stop", pid) == 409, f"the page shuts pid {pid}")
        run.until(r"audit: stop pid=1 from=[0-9.]+: refused: this page would be gone with it")
        page = site.page()
        page.send("look 1")
        check(page.close_code() == 1008, "the screen without the token")
        page = site.page()
        page.send(f"token {token} {site.once(token)}")
        page.until(1, lambda data: b'"may":true' in data)
        page.send("look 2")
        check(page.until(2)[:2] == b"\1\2", "no picture")


@case
def another_name_of_this_machine():
    """Seen: the word was `host=`, which is the kernel's (who may stand in for functions), so httpd never saw it and such a name was answered by 421."""
    port = free_port()
    with Live(*words(False, ["web=look", "name=box.example"], options=[f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80"])) as run:
        run.until("listening port=80")
        for name, status in (("box.example", 200), ("other.example", 421)):
            site = http.client.HTTPConnection("127.0.0.1", port, timeout=limit(20))
            site.request("GET", "/healthz", headers={"Host": name})
            answer = site.getresponse().status
            check(answer == status, f"{name}: {answer}")
            site.close()


@case
def greetings_that_come_to_nothing():
    """More beginnings of TLS than there is memory for, of which nothing comes: others have the page all the same, and the next one a greeting."""
    plain, secure = free_port(), free_port()
    with scratch() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem",
                        "-days", "9", "-subj", "/CN=localhost"], check=True, capture_output=True)
        options = [f"--net=user,hostfwd=tcp:127.0.0.1:{plain}-:80,hostfwd=tcp:127.0.0.1:{secure}-:443", "--dir", f"{folder}:/keys"]
        httpd = [app("httpd", False), "use=ctx.net/1(in:80,in:443)", "grant=ctx.system/1", "web=look", "cert=/keys/cert.pem", "key=/keys/key.pem", "mem=3M"]
        with Live("run", "--headless", *options, app("net", False), *NET, "+", *httpd, env={**os.environ, "CTX_RUN_OPTIONS": ""}) as run:
            run.until(r"listening port=443")
            run.until(r"by=DHCP")
            site, idle = webpage.Site(plain), []
            for _ in range(100):
                sock = socket.socket()
                sock.setblocking(False)  # the user network takes one at a time, and keeps others waiting
                sock.connect_ex(("127.0.0.1", secure))
                idle.append(sock)
                check(site.get("/healthz") == (200, b"ok\n"), f"{len(idle)}: healthz")
            page = site.get("/app.js")
            check(page[0] == 200 and len(page[1]) > 10000, f"{page[0]}: {len(page[1])}")
            trusting = ssl.create_default_context(cafile=f"{folder}/cert.pem")
            with socket.create_connection(("127.0.0.1", secure), timeout=30) as sock, trusting.wrap_socket(sock, server_hostname="localhost") as line:
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                got = b""
                while data := line.recv(1000):
                    got += data
            check(got.endswith(b"ok\n"), got)
            for sock in idle:
                sock.close()
            check("fault" not in run.read(), run.text[-2000:])


@case
def it_goes_on():
    """net begins anew, httpd is put back to an image of itself, and begins anew: it is there again, with its token as long as it is the same one."""
    if "without libslirp" in ctx("run", "--headless", "--frames", "1", "--net", app("net", False), *NET).text:
        raise Skip("there is no libslirp (package libslirp-dev)")
    port = free_port()
    with Live(*words(False, ["web=full", "grant=ctx.image/1"], options=[f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80"])) as run:
        site = webpage.Site(port)

        def there():
            try:
                answer = site.get("/healthz")
            except (OSError, http.client.HTTPException):
                answer = None
            check(answer == (200, b"ok\n"), "no answer")

        def do(action, pid):
            try:
                return site.do(token, action, pid)
            except (OSError, http.client.HTTPException):
                return 0  # it has taken effect on its own connection
        token = run.until(r"token ([0-9a-f]{32})")[1]
        eventually(there)
        check(do("save", 1) == 200, "save")
        for action, pid in (("undo", 1), ("restart", 0)):
            check(do(action, pid) in (0, 200), action)
            eventually(there)
            check(do("pause", 9) == 404, "the token is another one")
        check(do("restart", 1) in (0, 200), "restart")
        run.until(r"restarted name=httpd")
        eventually(there)
        check(do("pause", 9) == 401, "the token is still the old one")


def raw(port, target, count):
    """A connection that has asked for this, and the first bytes of the answer."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    sock.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    got = b""
    while len(got) < count:
        got += sock.recv(count)
    return sock, got


def rest(sock, got):
    with sock:
        while data := sock.recv(65536):
            got += data
    return got.split(b"\r\n\r\n", 1)[1]


def parts_of(site, name, data):
    """One range of a file, and several, some of them in one piece that is sent without a copy."""
    check(site.ask("/files/" + name, Range="bytes=70000-169999").data == data[70000:170000], "a range")
    answer = site.ask("/files/" + name, Range="bytes=5-9,300000-499999,-7")
    mark = b"--" + answer.getheader("Content-Type").split("boundary=")[1].encode()
    found = [part.split(b"\r\n\r\n", 1)[1][:-2] for part in answer.data.split(mark)[1:-1]]
    check(found == [data[5:10], data[300000:500000], data[-7:]], f"ranges: {[len(part) for part in found]}")
    check(site.ask("/files/" + name, "HEAD").data == b"", "a head")


def again(site, name):
    try:
        return site.get("/files/" + name)[1]
    except (OSError, http.client.HTTPException):
        return None


@case
def kept_where_nothing_can_be_lent():
    """The network takes less memory of an app than one file has: it is copied, and arrives."""
    if "without libslirp" in ctx("run", "--headless", "--frames", "1", "--net", app("net", False), *NET).text:
        raise Skip("there is no libslirp (package libslirp-dev)")
    port = free_port()
    with scratch() as folder:
        disk, blob = os.path.join(folder, "disk.img"), os.urandom(800000)
        with open(os.path.join(folder, "large"), "wb") as f:
            f.write(blob)
        ctx("files", "create", disk, "--size", "32M")
        ctx("files", "put", disk, f.name, "/large")
        with Live("run", "--headless", "--disk", disk, f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80", app("storage", False), "offer=ctx.files/1", "grant=ctx.block/1", "disk=*",
                  "+", app("net", False), *NET, "buffers=300K", "+", app("httpd", False), "use=ctx.net/1(in:80)", "use=ctx.files/1(/)", LOOK, "web=look", "root=/disk") as run:
            run.until(r"en1 address=")
            run.until(r"listening port=80")
            site = webpage.Site(port)
            eventually(lambda: check(site.get("/files/large") == (200, blob), "another one"))
            for _ in range(3):
                check(site.get("/files/large") == (200, blob), "another one")
            check(b"argos_http_kept_bytes 800000" in site.get("/metrics")[1], "it is not kept")
            parts_of(site, "large", blob)


@case
def what_is_kept_is_what_is_there():
    """Files that are asked for again and again are in httpd's memory, until somebody else writes in their folder; and storage may begin anew meanwhile."""
    if "without libslirp" in ctx("run", "--headless", "--frames", "1", "--net", app("net", False), *NET).text:
        raise Skip("there is no libslirp (package libslirp-dev)")
    ports = [free_port(), free_port()]
    forwards = ",".join(f"hostfwd=tcp:127.0.0.1:{port}-:{80 + i}" for i, port in enumerate(ports))
    with scratch() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx("files", "create", disk, "--size", "32M")
        files = "use=ctx.files/1(/)"
        with Live("run", "--headless", "--disk", disk, f"--net=user,{forwards}", app("storage", False), "offer=ctx.files/1", "grant=ctx.block/1", "disk=*", "+", app("net", False), *NET,
                  "+", app("httpd", False), "use=ctx.net/1(in:80)", files, LOOK, "web=full", "root=/disk",
                  "+", app("httpd", False), "use=ctx.net/1(in:81)", files, LOOK, "web=full", "root=/disk", "port=81") as run:
            run.until(r"en1 address=")  # sooner slirp would try for long
            # Which of the two says its token first is not said.
            run.until(r"listening port=80")
            run.until(r"listening port=81")
            tokens = [re.search(rf"httpd#{i}: token ([0-9a-f]{{32}})", run.text)[1] for i in (2, 3)]
            looks, writes = map(webpage.Site, ports)

            def put(name, data):
                done = writes.ask("/files/" + name, "PUT", data, Authorization="Bearer " + tokens[1], Once=writes.once(tokens[1]))
                check(done.status == 201, f"{name}: {done.status}")

            def kept():
                return int(re.search(rb"^argos_http_kept_bytes (\d+)", looks.get("/metrics")[1], re.M)[1])

            def same(name, data):
                for _ in range(4):  # known, in memory, out of it
                    check(looks.get("/files/" + name) == (200, data), f"{name} is another one")
            eventually(lambda: check(looks.get("/files/")[0] == 200, "no disk"))
            put("a.txt", b"one")
            same("a.txt", b"one")
            check(kept() == 3, f"{kept()} bytes are kept")
            put("a.txt", b"two!")
            same("a.txt", b"two!")
            check(kept() == 4, f"{kept()} bytes are kept")
            check(looks.ask("/files/a.txt", Range="bytes=1-2").data == b"wo", "a range of what is kept")
            tag = looks.ask("/files/a.txt", "HEAD").getheader("ETag")
            check(looks.ask("/files/a.txt", If_None_Match=tag).status == 304, "conditional")
            # One beside it, packed.
            put("a.txt.gz", b"packed")
            for _ in range(4):
                answer = looks.ask("/files/a.txt", Accept_Encoding="gzip")
                check((answer.data, answer.getheader("Content-Encoding")) == (b"packed", "gzip"), f"{answer.data}")
            same("a.txt", b"two!")
            check(kept() == 10, f"{kept()} bytes are kept")
            # Who is being sent an old one gets all of it.
            old, new = os.urandom(900000), os.urandom(900000)
            put("large", old)
            same("large", old)
            sock, got = raw(ports[0], "/files/large", 1000)
            put("large", new)
            same("large", new)
            check(rest(sock, got) == old, "it has parts of two")
            check(kept() == 900000, f"{kept()} bytes are kept")
            parts_of(looks, "large", new)
            # Who offers the network begins anew: it is lent what is kept once more.
            with contextlib.suppress(OSError, http.client.HTTPException):
                looks.do(tokens[0], "restart", 1)
            run.until(r"restarted name=net")
            eventually(lambda: check(again(looks, "large") == new, "after the network began anew"))
            same("large", new)
            check(kept() == 900000, f"{kept()} bytes are kept")
            # More than are kept, and too large a one.
            put("huge", os.urandom(1 << 20) + b"x")
            check(len(looks.get("/files/huge")[1]) == len(looks.get("/files/huge")[1]) == (1 << 20) + 1 and kept() == 0, "a large one is kept")
            for i in range(6):
                put(f"m{i}", bytes([i]) * 1000000)
            for i in range(6):
                same(f"m{i}", bytes([i]) * 1000000)
            check(kept() == 4000000, f"{kept()} bytes are kept")
            # storage begins anew, and tells again.
            check(looks.do(tokens[0], "restart", 0) == 200, "restart")
            eventually(lambda: check(looks.get("/files/a.txt") == (200, b"two!"), "no files"))
            eventually(lambda: put("a.txt", b"three"))
            same("a.txt", b"three")
            eventually(lambda: (same("a.txt", b"three"), check(kept() == 5, f"{kept()} bytes are kept")))
            put("a.txt", b"four")
            same("a.txt", b"four")
            # What had not ended when its server did is gone when that begins anew; the other server leaves it alone.
            with socket.create_connection(("127.0.0.1", ports[1]), timeout=30) as sock:
                sock.sendall(f"PUT /files/half HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {tokens[1]}\r\nOnce: {writes.once(tokens[1])}\r\n"
                             "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n".encode())
                check(b" 100 " in sock.recv(100), "it may not come")
                check(looks.do(tokens[0], "restart", 3) == 200, "restart")
                run.until(r"httpd#3: 1 uploads had not ended when this server did")


def files(folder, name="files.img"):
    image = os.path.join(folder, name)
    subprocess.run([tool(), "files", "create", image, "--size", "16M"], check=True, stdout=subprocess.DEVNULL, timeout=30)
    return image


def shown(verified, image, port, *more, console=("use=ctx.web/1,ctx.net/1", ), web="web=full", options=()):
    """net, httpd and a console, behind the storage of --files: pids 1, 2 and 3."""
    image = [f"--files={image}"] if image else []
    net = [f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80"] if port else []
    return Live("run", "--headless", *(["--isolate=require"] if verified else []), *image, *net, *options, app("net", verified), *NET, "+",
                app("httpd", verified), "offer=ctx.web/1", "use=ctx.net/1(in:80),ctx.kv/1", LOOK + ",ctx.hands/1,ctx.image/1", web, *more, "+", app("console", verified), *console)


def hands(site, token):
    """A page that may do something."""
    page = site.page()
    page.send(f"token {token} {site.once(token)}")
    page.until(1, lambda data: b'"may":true' in data)
    return page


KEYS = dict(zip("web n\n", (17, 18, 48, 57, 49, 28)))


def types(page, text):
    for key in text:
        page.send(f"key {KEYS[key]} 1")
        page.send(f"key {KEYS[key]} 0")


@case
def the_token_of_this_machine():
    """It stays when the machine is killed, the console shows it and makes another one, and undo does not bring back what was replaced."""
    if "without libslirp" in ctx("run", "--headless", "--frames", "1", "--net", app("net", False), *NET).text:
        raise Skip("there is no libslirp (package libslirp-dev)")
    for verified in (False, True):
        with scratch() as folder:
            image, port = files(folder), free_port()
            site = webpage.Site(port)

            def there():
                try:
                    answer = site.get("/healthz")
                except (OSError, http.client.HTTPException):
                    answer = None
                check(answer == (200, b"ok\n"), "no answer")

            def do(token, action, pid):
                try:
                    return site.do(token, action, pid)
                except (OSError, http.client.HTTPException):
                    return 0  # it has taken effect on its own connection
            session, script = os.path.join(folder, "session"), os.path.join(folder, "script")
            with open(script, "w", encoding="utf-8") as f:
                f.write("wait 500\ntype web<ret>\nwait 20000\n")
            with shown(verified, image, None, options=["--save", session, "--seconds", "1"]) as run:
                token = run.until(r"token ([0-9a-f]{32}), a new one, which is kept")[1]
                run.ends()
            with shown(verified, image, port) as run:
                run.until(rf"httpd#2: token {token}, as it was kept")
                eventually(there)
                run.until(r"Type help")
                check(do(token, "save", 2) == 200, "save")
                page = hands(site, token)
                types(page, "web\n")
                run.until(rf"console#3: token {token}")
                run.until(r"console#3: 10\.0\.2\.15  http port 80")
                at = len(run.text)
                types(page, "web new\n")
                fresh = run.until(r"httpd#2: token ([0-9a-f]{32}), a new one, which is kept", at)[1]
                run.until(rf"console#3: token {fresh}", at)
                check(fresh != token and page.close_code() == 1008, "a page that was let in with the old one stays")
                check(do(token, "pause", 9) == 401 and do(fresh, "pause", 9) == 404, "the old one counts, or the new one does not")
                check(fresh not in site.get("/api/status")[1].decode(), "it is in the log that pages see")
                check(do(fresh, "undo", 2) in (0, 200), "undo")
                eventually(there)
                check(do(token, "pause", 9) == 401 and do(fresh, "pause", 9) == 404, "undo has brought the old one back")
                for pid in (0, 2):  # storage, and httpd itself
                    at = len(run.text)
                    check(do(fresh, "restart", pid) in (0, 200), "restart")
                    run.until(rf"restarted name=\w+ pid={pid}", at)
                    eventually(there)
                    check(do(token, "pause", 9) == 401 and do(fresh, "pause", 9) == 404, "another one after a restart")
            # A session that was saved with the first one, on this machine and on another, which has none.
            for image in (image, files(folder, "other.img")):
                with Live("run", "--headless", "--files", image, "--script", script, "--load", session) as run:
                    shown_now = run.until(r"console#3: token ([0-9a-f]{32})")[1]
                    check((shown_now == fresh) == image.endswith("files.img") and shown_now != token, "the session has brought the old one back")
            with shown(verified, image, port, "token=new") as run:
                last = run.until(r"token ([0-9a-f]{32}), a new one, which is kept")[1]
                check(last not in (token, fresh), "token=new makes no new one")


@case
def the_token_without_a_disk():
    """A disk that is only to be read; nobody who keeps it. It is said each time, and the page works."""
    with scratch() as folder:
        image = files(folder)
        with shown(False, image + ",ro", None) as run:
            run.until(r"token [0-9a-f]{32}, for this start only: \w*RDONLY")
            run.until(r"listening port=80")
    with shown(False, None, None) as run:
        run.until(r"token [0-9a-f]{32}, for this start only: nobody offers ctx\.kv/1")
        run.until(r"listening port=80")


@case
def who_may_know_it():
    with scratch() as folder:
        script = os.path.join(folder, "script")
        with open(script, "w", encoding="utf-8") as f:
            f.write("wait 2500\ntype web<ret>\nwait 300\ntype web new<ret>\nwait 300\ntype web now<ret>\nwait 20000\n")
        with shown(False, None, None, console=(), options=["--script", script]) as run:
            token = run.until(r"token ([0-9a-f]{32})")[1]
            run.until(r"console#2: web: the console's line needs use=ctx\.web/1")
            check(len(re.findall(token, run.text)) == 1, "it was told")
        with shown(False, None, None, web="web=look", options=["--script", script]) as run:
            run.until(r"console#2: the page can be looked at, nothing can be done")
            run.until(r"console#2: web: there is no token: web=look")
            run.until(r"console#2: web, web new")
            check(not re.search(r"token [0-9a-f]{32}", run.text), "there is one")


@case
def the_desktop_shows_it():
    """A new one at once and in the overview; not over a kiosk's app, and not where its line does not say so."""
    grants = "grant=ctx.windows/1,ctx.system/1"
    cases = (("use=ctx.web/1", "tell", "web=full", True), ("use=ctx.web/1", "tell", "web=look", False), ("", "tell", "web=full", False),
             ("use=ctx.web/1", "kiosk=console", "web=full", False))
    for verified, some in ((False, cases), (True, cases[:1])):
        with scratch() as folder:
            script, image = os.path.join(folder, "script"), files(folder)
            with open(script, "w", encoding="utf-8") as f:
                f.write(f"wait 1500\nscreenshot {folder}/b.png\nkey f12 tap\nwait 700\nscreenshot {folder}/a.png\nquit\n")
            pictures = []
            for use, kiosk, web, sees in some:
                desktop = ["+", app("desktop", verified), grants, *([use] if use else []), kiosk]
                with shown(verified, image, None, "token=new", console=desktop, web=web, options=["--script", script]) as run:
                    said = run.ends()
                    token = (re.findall(r"httpd#2: token ([0-9a-f]{32})", said) or [None])[0]
                    told = re.findall(r"app\.desktop#4: notice: A new token for the web page: no address yet, token (\w+)", said)
                    check(told == ([token] if sees else []) and " fault " not in said, said[-2000:])
                    check(not sees or said.index("notice: A new") < said.index("main: screenshot"), "only when it was asked for")
                    check(bool(token) == (web == "web=full"), said[-2000:])
                    pictures.append(read_png(f"{folder}/a.png"))
            # The last line of the overview: as long as a token, shorter, not there.
            lines = [sum(picture.at(x, y) != picture.at(x + 1, y) for x in range(300, 980) for y in range(550, 566)) for picture in pictures[:3]]
            check(verified or lines[0] > 1.3 * lines[1] > 1.3 * lines[2] == 0, f"the overview does not tell them apart: {lines}")


if __name__ == "__main__":
    main()
