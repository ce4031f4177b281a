#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""apps/httpd as a program of this machine, under the sanitizers: clients of others, and those who mean no good.
`httpd.py --build DIR [CASE...]`."""
import argparse
import gzip
import http.client
import json
import os
import re
import resource
import select
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import webpage  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
DIR, BUILD = None, None
CASES = []


def case(function):
    CASES.append(function)
    return function


def path(name):
    return os.path.join(DIR, name)


class Server:
    """The program, with these words; its port by its own line."""

    def __init__(self, *words, web="full"):
        self.process = subprocess.Popen([os.path.join(BUILD, "ctest", "web", "httpd_here"), "here", "port=0", "tls-port=0", f"web={web}",
                                         f"pages={SOURCE}/apps/httpd/www", f"root={path('root')}", *words],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.token, self.ports, self.said, self.rest = None, [], [], b""
        while len(self.ports) < (2 if any(w.startswith("cert=") for w in words) else 1):
            line = self.line()
            if line.startswith("token "):
                self.token = line.split()[1]
            found = re.fullmatch(r"listening port=(\d+)", line)
            if found:
                self.ports.append(int(found[1]))
        self.port = self.ports[0]

    def line(self):
        # By hand: what a file of Python's has read ahead select() does not know.
        while b"\n" not in self.rest:
            assert select.select([self.process.stdout], [], [], 20)[0], f"it says nothing more than {self.said}"
            part = os.read(self.process.stdout.fileno(), 4096)
            assert part, self.process.stderr.read()
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        self.said.append(line.decode())
        return self.said[-1]

    def audit(self, pattern):
        """The next line, which is one about who did what."""
        line = self.line()
        assert re.fullmatch(r"audit: " + pattern, line), line

    def close(self):
        assert self.process.poll() is None, self.process.stderr.read()
        self.process.kill()
        _, err = self.process.communicate()
        assert not re.search(b"Sanitizer|runtime error", err), err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- clients ----
    def raw(self, words, end=True):
        """What it answers to these bytes, until it closes; end: we say that there are no more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as sock:
            sock.sendall(words if isinstance(words, bytes) else words.encode())
            if end:
                sock.shutdown(socket.SHUT_WR)
            got = b""
            while True:
                part = sock.recv(65536)
                if not part:
                    return got
                got += part

    def status(self, words):
        got = self.raw(words)
        return int(got.split(b" ", 2)[1]) if got else 0

    def get(self, target, method="GET", body=None, port=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        connection.request(method, target, body, {k.replace("_", "-"): v for k, v in fields.items()})
        answer = connection.getresponse()
        answer.data = answer.read()
        connection.close()
        return answer

    def post(self, target, token=None, once=None, body="", **fields):
        if token:
            fields["Authorization"] = "Bearer " + token
        if once:
            fields["Once"] = once
        return self.get(target, "POST", body, **fields)

    def once(self):
        answer = self.post("/api/login", self.token)
        assert answer.status == 200, answer.data
        return json.loads(answer.data)["once"]


def curl(*words):
    return subprocess.run(["curl", "-sS", "--max-time", "30", *words], capture_output=True, check=True).stdout


# ---- files ----

@case
def files_whole_and_in_parts():
    with Server() as server:
        url = f"http://127.0.0.1:{server.port}/files/big"
        whole = open(path("root/big"), "rb").read()
        assert curl(url) == whole
        assert curl("-r", "100-199", url) == whole[100:200]
        assert curl("-r", "-7", url) == whole[-7:]
        # Going on where it stopped.
        with open(path("part"), "wb") as out:
            out.write(whole[:300000])
        curl("-C", "-", "-o", path("part"), url)
        assert open(path("part"), "rb").read() == whole
        # Several parts of one answer.
        answer = server.get("/files/big", Range="bytes=0-9,50-59,-5")
        assert answer.status == 206
        boundary = re.fullmatch(r"multipart/byteranges; boundary=(\w+)", answer.getheader("Content-Type"))[1].encode()
        parts = answer.data.split(b"--" + boundary)
        assert [p.split(b"\r\n\r\n", 1)[1][:-2] for p in parts[1:4]] == [whole[:10], whole[50:60], whole[-5:]] and parts[4] == b"--\r\n"
        assert f"Content-Range: bytes 50-59/{len(whole)}".encode() in parts[2]
        answer = server.get("/files/big", Range="bytes=99999999-")
        assert answer.status == 416 and answer.getheader("Content-Range") == f"bytes */{len(whole)}"
        assert server.get("/files/big", Range="bytes=5-1").status == 200
        answer = server.get("/files/big", "HEAD")
        assert answer.status == 200 and answer.data == b"" and answer.getheader("Content-Length") == str(len(whole))
        assert server.get("/files/empty").data == b""


@case
def files_not_again():
    with Server() as server:
        answer = server.get("/files/a.txt")
        tag, date = answer.getheader("ETag"), answer.getheader("Last-Modified")
        for fields, status in (({"If-None-Match": tag}, 304), ({"If-None-Match": '"x", ' + tag}, 304), ({"If-None-Match": "*"}, 304), ({"If-None-Match": '"x"'}, 200),
                               ({"If-Modified-Since": date}, 304), ({"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 200),
                               ({"If-None-Match": '"x"', "If-Modified-Since": date}, 200), ({"If-Match": '"x"'}, 412), ({"If-Match": tag}, 200),
                               ({"If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 412), ({"Range": "bytes=0-0", "If-Range": '"x"'}, 200),
                               ({"Range": "bytes=0-0", "If-Range": tag}, 206), ({"Range": "bytes=0-0", "If-Range": date}, 206)):
            answer = server.get("/files/a.txt", **fields)
            assert answer.status == status, (fields, answer.status)
            assert status != 304 or (answer.data == b"" and answer.getheader("ETag") == tag)


@case
def files_smaller():
    with Server() as server:
        answer = server.get("/files/page.html", Accept_Encoding="br, gzip")
        assert answer.getheader("Content-Encoding") == "gzip" and gzip.decompress(answer.data) == open(path("root/page.html"), "rb").read()
        assert answer.getheader("Content-Type") == "text/html; charset=utf-8" and answer.getheader("Vary") == "Accept-Encoding"
        plain = server.get("/files/page.html")
        assert plain.getheader("Content-Encoding") is None and plain.getheader("Vary") == "Accept-Encoding"
        assert plain.getheader("ETag") != answer.getheader("ETag")
        assert server.get("/files/page.html", Accept_Encoding="gzip", Range="bytes=0-3").data == b"<p>h"


@case
def files_smaller_are_of_what_is_there():
    with Server() as server:
        def put(name, data):
            return server.get("/files/" + name, "PUT", data, Once=server.once(), Authorization="Bearer " + server.token).status

        def get():
            answer = server.get("/files/put.html", Accept_Encoding="gzip")
            return answer.getheader("Content-Encoding"), answer.data
        packed = gzip.compress(b"one")
        assert put("put.html", b"one") == 201 and get() == (None, b"one")
        assert put("put.html.gz", packed) == 201 and get() == ("gzip", packed)
        assert put("put.html", b"two") == 201 and get() == (None, b"two") and get() == (None, b"two")
        packed = gzip.compress(b"two")
        assert put("put.html.gz", packed) == 201 and get() == ("gzip", packed)
    for name in ("put.html", "put.html.gz"):
        os.remove(path("root/" + name))


@case
def folders():
    with Server() as server:
        answer = server.get("/files/")
        assert answer.getheader("Transfer-Encoding") == "chunked"
        text = answer.data.decode()
        assert '<a href="a.txt">a.txt</a>' in text and '<a href="inner/">inner/</a>' in text and "hidden" not in text
        assert '<a href="%3Cscript%3E%20%26.txt">&#60;script&#62; &#38;.txt</a>' in text and "<script>" not in text
        assert server.get("/files/%3Cscript%3E%20%26.txt").data == b"odd"
        answer = server.get("/files/inner")
        assert answer.status == 301 and answer.getheader("Location") == "/files/inner/"
        answer = server.get("/files/with/")
        assert answer.data == b"the index" and answer.getheader("Content-Security-Policy").endswith("script-src 'none'")  # it is no page of ours
        assert server.get("/files/", "HEAD").data == b""
        old = server.raw(b"GET /files/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", end=False)  # which knows no chunks
        assert b"chunked" not in old and old.split(b"\r\n\r\n", 1)[1] == text.encode(), old


@case
def paths_do_not_lead_out():
    with Server() as server:
        for target in ("/files/../secret", "/files/%2e%2e/secret", "/files/..%2fsecret", "/files/inner/../../secret", "/files/....//secret", "/files/%5c..%5csecret",
                       "/files/.hidden", "/files/inner/.deep/x", "/files//etc/passwd", "/../secret", "/files/a.txt%00.html", "/files/%c0%ae%c0%ae/secret",
                       "/files/./../../secret", "//secret", "/..%252fsecret"):
            status = server.status(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert status in (400, 404), (target, status)
    os.makedirs(path("empty-root"), exist_ok=True)


# ---- connections ----

@case
def one_connection_for_many():
    with Server() as server:
        request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        got = server.raw(request * 50)  # all at once
        assert got.count(b"HTTP/1.1 200 OK") == 50 and got.count(b"\r\n\r\nok\n") == 50, got[-300:]
        # A pipeline with bodies between, of which nobody asked.
        got = server.raw(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nGET /" + request + b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + request)
        assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"405", b"200", b"200", b"200"], got
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for target in ("/healthz", "/files/big", "/files/", "/metrics", "/files/none", "/"):
            connection.request("GET", target)
            assert len(connection.getresponse().read()) > 0
        # HTTP/1.0, and who does not want it kept.
        assert b"Connection: close" in server.raw(b"GET /healthz HTTP/1.0\r\n\r\n", end=False)
        assert server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", end=False).endswith(b"ok\n")


@case
def byte_by_byte():
    with Server() as server:
        words = (f"POST /api/login HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                 "3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n")
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for c in words:
                sock.sendall(c.encode())
            got = b""
            while part := sock.recv(4096):
                got += part
        assert got.startswith(b"HTTP/1.1 200 OK") and b'{"once":"' in got, got


@case
def what_is_refused():
    with Server() as server:
        host = "Host: localhost\r\n"
        for words, status in ((f"GET / HTTP/1.1\n{host}\n\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), (f"GET / HTTP/1.1\r\n{host} x: y\r\n\r\n", 400),
                              (f"POST / HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                              (f"POST / HTTP/1.1\r\n{host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
                              (f"POST / HTTP/1.1\r\n{host}Transfer-Encoding: gzip\r\n\r\n", 501), (f"GET / HTTP/3.0\r\n{host}\r\n", 505),
                              (f"GET /{'a' * 5000} HTTP/1.1\r\n{host}\r\n", 414), (f"GET / HTTP/1.1\r\n{host}X: {'a' * 20000}\r\n\r\n", 431),
                              (f"GET / HTTP/1.1\r\n{host}" + "a: b\r\n" * 200 + "\r\n", 431), (f"BREW / HTTP/1.1\r\n{host}\r\n", 501), (f"get / HTTP/1.1\r\n{host}\r\n", 501), (f"Get / HTTP/1.1\r\n{host}\r\n", 501),
                              (f"DELETE / HTTP/1.1\r\n{host}\r\n", 405), (f"GET /api/do HTTP/1.1\r\n{host}\r\n", 405), (f"TRACE / HTTP/1.1\r\n{host}\r\n", 405), (f"OPTIONS * HTTP/1.1\r\n{host}\r\n", 204),
                              (f"POST /api/login HTTP/1.1\r\n{host}Content-Length: 99999999\r\n\r\n", 413), (f"GET / HTTP/1.1\r\n{host}Expect: tea\r\n\r\n", 417),
                              (f"POST /api/login HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n5\nhello", 400),
                              (f"POST /api/login HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n" + "400\r\n" + "a" * 1024 + "\r\n" * 1, 0)):
            got = server.status(words)
            assert got == status, (words[:80], got)
        big = "".join("400\r\n" + "a" * 1024 + "\r\n" for _ in range(5))
        assert server.status(f"POST /api/login HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n{big}0\r\n\r\n") == 413
        # And what stands behind a refused one is no request.
        got = server.raw(f"GET / HTTP/1.1\n{host}\n\nGET /healthz HTTP/1.1\r\n{host}\r\n")
        assert got.count(b"HTTP/1.1 ") == 1, got


@case
def garbage():
    import random
    with Server() as server:
        rng = random.Random(19)
        for _ in range(300):
            words = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 300)))
            if rng.random() < .7:
                good = bytearray(b"GET /files/a.txt HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1,3-\r\nConnection: close\r\n\r\n")
                for _ in range(rng.randrange(1, 5)):
                    good[rng.randrange(len(good))] = rng.randrange(256)
                words = bytes(good)
            try:
                server.raw(words)
            except ConnectionError:
                pass
        assert server.get("/healthz").data == b"ok\n"


@case
def slow_ones_are_sent_away():
    with Server() as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: lo")
            many = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]  # more than it holds
            assert server.get("/healthz").data == b"ok\n"  # others are served meanwhile
            got = b""
            begin = time.monotonic()
            while part := slow.recv(4096):
                got += part
            assert got.startswith(b"HTTP/1.1 408 ") and 5 < time.monotonic() - begin < 25, got
            for sock in many:
                sock.close()


@case
def who_goes_in_the_middle():
    with Server() as server:
        for i in range(40):
            with socket.create_connection(("127.0.0.1", server.port)) as sock:
                sock.sendall(b"GET /files/big HTTP/1.1\r\nHost: localhost\r\n\r\n" * (1 + i % 3))
                sock.recv(1000 * (i % 5) + 1)
                if i % 2:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert server.get("/healthz").data == b"ok\n"


# ---- the door ----

@case
def without_the_word_nothing_is_served():
    for words, status in (([], 0), (["web="], 2), (["web=all"], 2)):
        done = subprocess.run([os.path.join(BUILD, "ctest", "web", "httpd_here"), "here", "port=0", *words], capture_output=True, text=True, timeout=20)
        assert done.returncode == status and "nothing is served" in done.stdout and "listening" not in done.stdout, done
    with Server(web="look") as server:
        assert server.token is None
        assert server.get("/api/status").status == 200
        assert server.post("/api/login", "0" * 32).status == 403
        server.audit("login from=127.0.0.1: refused, web=full is not on the line")
        assert server.post("/api/do", "0" * 32, "0" * 32, "action=stop&pid=1").status == 403
        assert server.get("/files/new", "PUT", "x", Authorization="Bearer " + "0" * 32).status == 403


def eventually(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def states(server):
    return {app["pid"]: app["state"] for app in json.loads(server.get("/api/status").data)["apps"]}


@case
def with_the_token_things_are_done_once():
    with Server() as server:
        once = server.once()
        assert server.post("/api/do", server.token, once, "action=stop&pid=1").status == 200
        server.audit(r"stop pid=1 from=127\.0\.0\.1: done")
        assert states(server)[1] == "stopped"
        # The same request a second time, as someone who has listened would send it.
        assert server.post("/api/do", server.token, once, "action=start&pid=1").status == 409
        server.audit(r"start pid=1 from=127\.0\.0\.1: refused, it was used already")
        assert states(server)[1] == "stopped"
        assert server.post("/api/do", server.token, None, "action=start&pid=1").status == 409
        answer = server.post("/api/do", server.token, server.once(), "action=start&pid=1")
        assert answer.status == 200 and states(server)[1] == "runs"
        once = json.loads(answer.data)["once"]  # each answer brings the next
        assert server.post("/api/do", server.token, once, "action=pause&pid=99").status == 404
        assert server.post("/api/do", server.token, server.once(), "action=explode&pid=1").status == 400
        # What carries the page is not shut by it; it may begin anew.
        for action in ("stop", "pause"):
            answer = server.post("/api/do", server.token, server.once(), f"action={action}&pid=0")
            assert answer.status == 409 and b"this page would be gone with it" in answer.data, answer.data
        assert states(server)[0] == "waits" and server.post("/api/do", server.token, server.once(), "action=restart&pid=0").status == 200
        assert [app.get("carries") for app in json.loads(server.get("/api/status").data)["apps"]] == [True, None, None]
        assert server.post("/api/do", server.token, server.once(), "action=stop").status == 400


@case
def without_the_token_nothing_is():
    with Server() as server:
        once = server.once()
        for fields in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}, {"Authorization": "Basic " + server.token},
                       {"Authorization": "Bearer " + server.token[:-1]}, {"Authorization": "Bearer " + server.token + "0"}):
            answer = server.get("/api/do?token=" + server.token, "POST", "action=stop&pid=1&token=" + server.token, Once=once, Cookie="token=" + server.token, **fields)
            assert answer.status == 401, (fields, answer.status)
            server.audit(r"stop pid=1 from=127\.0\.0\.1: refused, no token or a wrong one")
        assert states(server)[1] == "runs"
        # And who goes on guessing is turned away; who comes by the same address with the right one is not.
        statuses = [server.post("/api/login", "%032x" % i).status for i in range(12)]
        assert statuses[0] == 401 and statuses[-1] == 429, statuses
        assert server.post("/api/login", server.token).status == 200
        # The token is never in what it says or serves, not even of the log, where it stands.
        assert "token " + "*" * 32 in json.loads(server.get("/api/status").data)["log"]
        for target in ("/api/status", "/metrics", "/", "/app.js"):
            assert server.token.encode() not in server.get(target).data


@case
def other_pages_are_turned_away():
    with Server() as server:
        host = f"localhost:{server.port}"
        for fields in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": f"https://{host}"}, {"Origin": "http://localhost:1"},
                       {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Origin": f"http://{host}"}):
            answer = server.post("/api/do", server.token, server.once(), "action=stop&pid=1", Host=host, **fields)
            assert answer.status == 403, (fields, answer.status)
            assert handshake(server, Host=host, **fields)[0] == 403, fields
        # Ours, and another one behind it.
        ours, body = f"Host: {host}\r\nOrigin: http://{host}\r\n", "action=stop&pid=1"
        assert server.status(f"POST /api/do HTTP/1.1\r\n{ours}Origin: http://evil.example\r\nAuthorization: Bearer {server.token}\r\nOnce: {server.once()}\r\n"
                             f"Content-Length: {len(body)}\r\n\r\n{body}") == 403
        # The same of what else is asked for: who stands between might look at the other one.
        for more in (f"Authorization: Bearer {'0' * 32}", f"Once: {server.once()}", "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site"):
            assert server.status(f"POST /api/do HTTP/1.1\r\n{ours}Authorization: Bearer {server.token}\r\nOnce: {server.once()}\r\n{more}\r\n"
                                 f"Content-Length: {len(body)}\r\n\r\n{body}") == 400, more
        assert states(server)[1] == "runs"
        assert server.post("/api/do", server.token, server.once(), "action=stop&pid=1", Host=host, Origin=f"http://{host}").status == 200
        # A name that leads here and is not ours: so would a page read us as if we were it.
        for name, status in (("evil.example", 421), ("localhost.evil.example", 421), ("argos.local", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("1.2.3.4.5", 421),
                             ("1.2.3", 421), ("ARGOS.local:8080", 200), ("argos.local.:80", 200), ("localhost.", 200), (".", 421), ("evil.example.", 421), ("[evil.example]", 400), ("[::1]evil.example", 400), ("[::1", 400),
                             ("localhost:evil.example", 400), ("localhost:80:80", 400), ("localhost:", 200), ("[::1]:", 200), ("[::ffff:1.2.3.4]", 200)):
            assert server.get("/api/status", Host=name).status == status, name
    with Server("name=box.example") as server:
        assert server.get("/api/status", Host="box.example").status == 200


@case
def pages_say_what_may_run_in_them():
    with Server() as server:
        for target, kind in (("/", "text/html"), ("/app.js", "text/javascript"), ("/style.css", "text/css"), ("/icon.svg", "image/svg+xml")):
            answer = server.get(target)
            assert answer.status == 200 and answer.getheader("Content-Type").startswith(kind)
            assert "default-src 'none'" in answer.getheader("Content-Security-Policy") and answer.getheader("X-Content-Type-Options") == "nosniff"
            assert answer.getheader("Access-Control-Allow-Origin") is None
        status = json.loads(server.get("/api/status").data)
        assert status["files"] is True
        assert status["apps"][2]["name"] == '<b>"rusty\\' and "page fault" in status["crashes"][0]["text"]
        for line in server.get("/metrics").data.decode().splitlines():
            assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"\\]*",?)+\})? [\d.]+', line), line


@case
def files_are_put():
    with Server() as server:
        auth = {"Authorization": "Bearer " + server.token}
        data = os.urandom(300000)
        assert server.get("/files/put.bin", "PUT", data).status == 401
        assert not os.path.exists(path("root/put.bin"))
        with open(path("data"), "wb") as out:
            out.write(data)
        for words in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
            curl("-f", "-T", path("data"), "-H", "Authorization: Bearer " + server.token, "-H", "Once: " + server.once(), *words,
                 f"http://127.0.0.1:{server.port}/files/put.bin")
            assert open(path("root/put.bin"), "rb").read() == data
            os.remove(path("root/put.bin"))
        assert server.get("/files/../put.bin", "PUT", data, Once=server.once(), **auth).status in (400, 404, 405)
        assert server.get("/files/.put", "PUT", data, Once=server.once(), **auth).status == 400
        # One that goes in the middle leaves nothing.
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(f"PUT /files/half HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\nOnce: {server.once()}\r\nContent-Length: 100\r\n\r\nabc".encode())
        assert server.get("/healthz").status == 200
        assert not [name for name in os.listdir(path("root")) if "half" in name or name.startswith(".uploads")]
        # Two at once lie there until they are whole; nobody sees them.
        halves = []
        for name in ("one", "two"):
            sock = socket.create_connection(("127.0.0.1", server.port))
            sock.sendall(f"PUT /files/{name} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\nOnce: {server.once()}\r\nContent-Length: 4\r\n\r\nab".encode())
            halves.append(sock)
        eventually(lambda: len(os.listdir(path("root/.uploads-0"))) == 2)
        assert b"uploads" not in server.get("/files/").data and server.get("/files/.uploads-0/").status == 404
        halves[0].sendall(b"cd")
        assert b" 201 " in halves[0].recv(100)
        assert open(path("root/one"), "rb").read() == b"abcd" and len(os.listdir(path("root/.uploads-0"))) == 1
        left = os.listdir(path("root/.uploads-0"))[0]
    # The server was killed: the next one throws away what is left of the second, and nothing else.
    with open(path("root/.uploads-0/mine"), "wb"), open(path("root/x.part1"), "wb"):
        pass
    with Server() as server:
        assert server.line() == "1 uploads had not ended when this server did: they are gone"
        assert os.listdir(path("root/.uploads-0")) == ["mine"] and left != "mine" and os.path.exists(path("root/x.part1"))
        os.remove(path("root/.uploads-0/mine"))
        assert server.get("/files/three", "PUT", b"3", Once=server.once(), Authorization="Bearer " + server.token).status == 201
        assert not os.path.exists(path("root/.uploads-0"))
    for name in ("one", "three", "x.part1"):
        os.remove(path(f"root/{name}"))


@case
def files_are_put_if_they_are_as_was_thought():
    with Server() as server:
        auth = {"Authorization": "Bearer " + server.token}

        def put(data, name="if.bin", **fields):
            return server.get("/files/" + name, "PUT", data, Once=server.once(), **auth, **fields).status
        with open(path("root/if.bin"), "wb") as out:
            out.write(b"one")
        tag = server.get("/files/if.bin").headers["ETag"]
        assert put(b"lost", If_None_Match="*") == 412
        assert put(b"lost", If_None_Match=f'"x", {tag}') == 412
        assert put(b"lost", If_Match='"x"') == 412
        assert put(b"lost", If_Unmodified_Since="Thu, 01 Jan 1998 00:00:00 GMT") == 412
        assert put(b"lost", "new.bin", If_Match="*") == 412
        assert put(b"lost", Content_Range="bytes 3-6/7") == 400
        assert put(b"lost", Content_Encoding="gzip") == 415
        assert open(path("root/if.bin"), "rb").read() == b"one" and not os.path.exists(path("root/new.bin"))
        # A list may be in several fields, and all of them count.
        words = f"PUT /files/if.bin HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\nContent-Length: 4\r\n"
        assert server.status(words + f'Once: {server.once()}\r\nIf-None-Match: "x"\r\nIf-None-Match: *\r\n\r\nlost') == 412
        # Another one was faster.
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
            sock.sendall((words + f"Once: {server.once()}\r\nIf-Match: {tag}\r\n\r\nlo").encode())
            eventually(lambda: os.path.exists(path("root/.uploads-0")))
            assert put(b"two!", If_Match=tag) == 201
            sock.sendall(b"st")
            assert b" 412 " in sock.recv(200)
        assert open(path("root/if.bin"), "rb").read() == b"two!"
        assert put(b"three", "new.bin", If_None_Match="*") == 201 and put(b"four", If_None_Match=tag, Content_Encoding="identity") == 201
        os.mkdir(path("root/if.folder"))
        assert put(b"lost", "if.folder") == 409
        os.rmdir(path("root/if.folder"))
        assert not os.path.exists(path("root/.uploads-0"))
    for name in ("if.bin", "new.bin"):
        os.remove(path(f"root/{name}"))


# ---- WebSocket ----

def handshake(server, **fields):
    page = webpage.Page(server.port, **fields)
    return page.status, page


class Page(webpage.Page):
    def __init__(self, server, **fields):
        super().__init__(server.port, **fields)
        assert self.status == 101, self.status


@case
def a_page_lives():
    with Server(web="look") as server:
        page = Page(server)
        first = json.loads(page.until(1))
        assert json.loads(page.until(1))["uptime_ms"] > first["uptime_ms"]
        page.send("ping me", 0x89)
        assert page.until(10) == b"ping me"
        # The picture: whole at first, then what changed; only when it is asked for.
        page.send("look 2")
        data = page.until(2)
        kind, shrink, w, h, tile, count = struct.unpack_from("<BBHHHH", data)
        assert (kind, shrink, w, h, tile, count) == (1, 2, 320, 200, 32, 70), (kind, shrink, w, h, tile, count)
        page.send("look 2")
        again = page.until(2)
        assert len(again) < len(data) and struct.unpack_from("<H", again, 8)[0] < 70
        page.until(1)
        page.send(b"\x03\xe8", 0x88)
        assert page.close_code() == 1000
        assert page.file.read() == b""


@case
def hands_need_the_token():
    with Server() as server:
        for words in ("key 30 1", "look 1"):  # what is on the screen may be the token
            page = Page(server)
            page.send(words)
            assert page.close_code() == 1008
        page = Page(server)
        page.send("token " + "0" * 32 + " " + server.once())
        assert json.loads(page.until(1, lambda d: b"may" in d)) == {"may": False}
        server.audit(r"keys and mouse from=127\.0\.0\.1: refused")
        page.send("move 1 1 320 200")
        assert page.close_code() == 1008
        page, once = Page(server), server.once()
        page.send(f"token {server.token} {once}")
        assert json.loads(page.until(1, lambda d: b"may" in d)) == {"may": True}
        server.audit(r"keys and mouse from=127\.0\.0\.1: given")
        page.send("look 1")
        page.until(2)
        page.send("key 30 1")
        page.until(1, lambda d: b"key 30 down" in d)
        page.sock.close()
        page.file.close()
        other = Page(server)  # whoever goes lets go
        other.until(1, lambda d: b"key 30 up" in d)
        other.send(f"token {server.token} {once}")  # what was used is used
        assert json.loads(other.until(1, lambda d: b"may" in d)) == {"may": False}
        server.audit(r"keys and mouse from=127\.0\.0\.1: refused")
        for words in ("key 0 1", "key 99999 1", "key 30 2", "key 30", "move 1 1 0 0", "move -1 1 5 5", "wheel 101", "wheel", "jump 1", ""):
            page = Page(server)
            page.send(f"token {server.token} {server.once()}")
            page.until(1, lambda d: b"may" in d)
            page.send(words)
            assert page.close_code() == 1003, words


@case
def frames_that_break_the_rules():
    with Server() as server:
        for first, payload, mask, code in ((0x81, b"\xff\xfe", b"\1\2\3\4", 1007), (0xc1, b"x", b"\1\2\3\4", 1002), (0x83, b"x", b"\1\2\3\4", 1002), (0x80, b"x", b"\1\2\3\4", 1002),
                                           (0x82, b"x", b"\1\2\3\4", 1003), (0x81, b"x" * 600, b"\1\2\3\4", 1009), (0x88, b"\x03\xed", b"\1\2\3\4", 1002)):
            page = Page(server)
            page.send(payload, first, mask)
            assert page.close_code() == code, (first, payload)
        page = Page(server)
        page.sock.sendall(b"\x81\x01x")  # not masked
        assert page.close_code() == 1002
        for fields in ({"Sec-WebSocket-Key": "short"}, {"Sec-WebSocket-Key": None}):
            assert handshake(server, **fields)[0] == 400
        for fields in ({"Sec-WebSocket-Version": "8"}, {"Upgrade": "tea"}, {"Connection": "close"}):
            assert handshake(server, **fields)[0] == 426
        assert server.get("/healthz").data == b"ok\n"


@case
def answers_that_nobody_takes():
    with Server(web="look") as server:
        page, sent, ping = Page(server), 0, b"\x89\xfd\0\0\0\0" + b"p" * 125
        page.sock.settimeout(1)
        try:
            while sent < 24 << 20:
                sent += page.sock.send(ping * 500)
        except TimeoutError:
            pass  # it reads no more of them
        assert sent < 24 << 20, "it takes them all, and keeps the answers"
        page.sock.close()
        page.file.close()
        assert server.get("/healthz").data == b"ok\n"


def ask(port, target, source="127.0.0.1", read=True):
    """A connection from this address, on which this was asked; with its answer's first bytes."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))
    if not read:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target.encode())
    return sock, sock.recv(100) if read else b""


@case
def many_at_once():
    """Two thousand that say nothing and forty that do not read, and the next one is served at once; so is each of the two thousand."""
    with Server() as server:
        room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200
        idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(min(2000, room))]
        slow = [ask(server.port, "/files/huge", read=False)[0] for _ in range(40)]
        begun = time.monotonic()
        assert ask(server.port, "/healthz")[1].startswith(b"HTTP/1.1 200")
        assert time.monotonic() - begun < 5
        for sock in idle[::10]:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert all(sock.recv(12) == b"HTTP/1.1 200" for sock in idle[::10])
        for sock in idle + slow:
            sock.close()


@case
def who_has_most_makes_room():
    """One address takes all connections, and reads nothing; another one is served, and keeps its own while more come from the first."""
    with Server("connections=40") as server:
        crowd = [ask(server.port, "/files/huge", read=False)[0] for _ in range(60)]
        other, answer = ask(server.port, "/files/huge", source="127.0.0.2")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        crowd += [ask(server.port, "/files/huge", read=False)[0] for _ in range(60)]
        size = os.path.getsize(path("root/huge"))
        got = len(answer)
        while got < size:
            part = other.recv(1 << 20)
            assert part, f"{got} of {size}"
            got += len(part)
        for sock in crowd:
            sock.close()


@case
def who_only_looks_makes_room():
    """One address looks by all the WebSockets there may be: the next one looks too, and who has hands keeps them."""
    with Server() as server:
        owner = Page(server)
        owner.send(f"token {server.token} {server.once()}")
        assert json.loads(owner.until(1, lambda d: b"may" in d)) == {"may": True}
        crowd = [Page(server) for _ in range(100)]
        assert all(page.file.read() is not None for page in crowd[:37])  # they end: 64 are there, with the owner
        for page in crowd[37:]:
            page.until(1)
        owner.send("ping me", 0x89)
        assert owner.until(10) == b"ping me"


@case
def by_the_other_family():
    """IPv6, if this machine has it: who is counted and written down is a network of 64 bits, or this machine."""
    with Server() as server:
        try:
            with socket.create_server(("::1", 0), family=socket.AF_INET6):
                pass
        except OSError:
            return
        connection = http.client.HTTPConnection("::1", server.port, timeout=20)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok\n"
        connection.request("POST", "/api/login", "", {"Authorization": "Bearer " + "0" * 32})
        assert connection.getresponse().status == 401
        server.audit(r"login from=127\.0\.0\.1: refused, no token or a wrong one")


@case
def a_flood_does_not_fill_the_log():
    """Of what is refused forty lines, and then how many more there were; what is done has its line all the same."""
    with Server() as server:
        for i in range(300):
            assert server.post("/api/login", "%032x" % i).status in (401, 429)
        assert server.post("/api/do", server.token, server.once(), "action=stop&pid=1").status == 200
        refused, done, line = 0, 0, ""
        while not re.match(r"audit: \d+ more were refused", line):
            line = server.line()
            refused += ": refused" in line
            done += line.endswith(": done")
        assert 40 <= refused <= 50 and done == 1, (refused, done)
        assert refused + int(line.split()[1]) == 300, (refused, line)


@case
def over_tls():
    with Server(f"cert={path('cert.pem')}", f"key={path('key.pem')}") as server:
        context = ssl.create_default_context(cafile=path("cert.pem"))
        connection = http.client.HTTPSConnection("localhost", server.ports[1], context=context, timeout=20)
        for _ in range(3):
            connection.request("GET", "/files/big")
            assert connection.getresponse().read() == open(path("root/big"), "rb").read()
        connection.close()
        url = f"https://localhost:{server.ports[1]}/files/big"
        assert curl("--cacert", path("cert.pem"), "--tls-max", "1.2", "-r", "5-9", url) == open(path("root/big"), "rb").read()[5:10]
        # A page's own requests say https.
        for origin, status in (("https", 200), ("http", 403)):
            connection = http.client.HTTPSConnection("localhost", server.ports[1], context=context, timeout=20)
            connection.request("POST", "/api/login", "", {"Authorization": "Bearer " + server.token, "Origin": f"{origin}://localhost:{server.ports[1]}"})
            assert connection.getresponse().status == status
        with socket.create_connection(("127.0.0.1", server.ports[1])) as sock:  # who does not speak it
            sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            sock.settimeout(20)
            while sock.recv(4096):
                pass
        assert server.get("/healthz").data == b"ok\n"
    done = subprocess.run([os.path.join(BUILD, "ctest", "web", "httpd_here"), "here", "port=0", "web=look", "cert=/none", "key=/none"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "no TLS: cert=/none key=/none: a file of certificates" in done.stdout, done.stdout


def make_files():
    for name in ("root", "root/inner", "root/inner/.deep", "root/with"):
        os.makedirs(path(name))
    for name, data in (("root/a.txt", b"hello\n"), ("root/big", os.urandom(1000000)), ("root/empty", b""), ("root/.hidden", b"x"), ("secret", b"x"), ("root/inner/.deep/x", b"x"),
                       ("root/page.html", b"<p>hello" * 100), ("root/<script> &.txt", b"odd"), ("root/with/index.html", b"the index")):
        with open(path(name), "wb") as out:
            out.write(data)
    with open(path("root/huge"), "wb") as out:
        out.truncate(16 << 20)
    with gzip.open(path("root/page.html.gz"), "wb") as out:
        out.write(b"<p>hello" * 100)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("key.pem"), "-out", path("cert.pem"),
                    "-days", "9", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)


def run(cases):
    """All of these that the command line does not leave out."""
    global CASES
    CASES = cases
    return main()


def main():
    global DIR, BUILD
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))  # for it, and for us
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    for program in ("curl", "openssl"):
        if shutil.which(program) is None:
            print(f"skipped: there is no {program}")
            return 77
    BUILD = os.path.abspath(arguments.build)
    failed = 0
    with tempfile.TemporaryDirectory() as DIR:
        make_files()
        for function in CASES:
            if arguments.cases and function.__name__ not in arguments.cases:
                continue
            try:
                begin = time.monotonic()
                function()
                print(f"{function.__name__}: ok  {time.monotonic() - begin:.1f} s", flush=True)
            except Exception as error:  # pylint: disable=broad-except
                failed += 1
                at = error.__traceback__.tb_next
                print(f"{function.__name__}: {type(error).__name__}: {error} (line {at.tb_lineno if at else '?'})", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
