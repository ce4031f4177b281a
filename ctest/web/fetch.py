#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""apps/fetch as a program of this machine, under the sanitizers, against servers that do well and such that do not.
`fetch.py --build DIR [CASE...]`."""
import argparse
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

DIR, BUILD = None, None
DATA = os.urandom(400000)
CASES = []


def case(function):
    CASES.append(function)
    return function


def path(name):
    return os.path.join(DIR, name)


class Server:
    """Answers each request as answers say, by its target: bytes, or a function of the request that gives them."""

    def __init__(self, answers, tls=None):
        self.answers, self.asked, self.tls = answers, [], None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(path(f"{tls}.pem"), path(f"{tls}.key"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.tls:
                    sock = self.tls.wrap_socket(sock, server_side=True)
                got = b""
                while b"\r\n\r\n" not in got:
                    got += sock.recv(4096)
                text = got.decode()
                self.asked.append(text)
                answer = self.answers[text.split(" ")[1]]
                sock.sendall(answer(text) if callable(answer) else answer)
                if self.tls:
                    sock.unwrap()
            except (OSError, KeyError):
                pass
            sock.close()

    def url(self, target, host="127.0.0.1"):
        return f"http{'s' if self.tls else ''}://{host}:{self.port}{target}"


def fetch(*words, status=0):
    done = subprocess.run([os.path.join(BUILD, "ctest", "web", "fetch_here"), *words], capture_output=True, timeout=60)
    err = done.stderr.decode()
    assert not re.search("Sanitizer|runtime error", err), err
    assert done.returncode == status, (words, done.returncode, err)
    return done.stdout if status == 0 else err


def whole(data, more=""):
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n{more}\r\n".encode() + data


def ranged(text):
    found = re.search(r"Range: bytes=(\d+)-\r\n", text)
    begin = int(found[1]) if found else 0
    if begin >= len(DATA):
        return f"HTTP/1.1 416 No\r\nContent-Range: bytes */{len(DATA)}\r\nContent-Length: 0\r\n\r\n".encode()
    if not found:
        return whole(DATA)
    return f"HTTP/1.1 206 Part\r\nContent-Range: bytes {begin}-{len(DATA) - 1}/{len(DATA)}\r\nContent-Length: {len(DATA) - begin}\r\n\r\n".encode() + DATA[begin:]


@case
def bodies_of_all_kinds():
    chunks = b"".join(b"%x;a\r\n%s\r\n" % (len(DATA[i:i + 7777]), DATA[i:i + 7777]) for i in range(0, len(DATA), 7777))
    server = Server({"/length": whole(DATA), "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\nX: y\r\n\r\n",
                     "/close": b"HTTP/1.0 200 OK\r\n\r\n" + DATA, "/wait": b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + whole(DATA)})
    for target in server.answers:
        assert fetch(server.url(target)) == DATA, target
        fetch("-o", path("out"), server.url(target))
        assert open(path("out"), "rb").read() == DATA and not os.path.exists(path("out.part"))
    assert fetch(server.url("/length#part")) == DATA
    assert server.asked[-1].startswith(f"GET /length HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n")


@case
def it_goes_on():
    cut = whole(DATA)[:-100000]
    server = Server({"/f": lambda text: ranged(text) if "Range" in text else cut, "/old": whole(DATA), "/wrong": whole(b"").replace(b"200", b"206")
                     .replace(b"\r\n\r\n", b"\r\nContent-Range: bytes 0-9/10\r\n\r\n"),
                     "/some": whole(DATA[1:9], "Content-Range: bytes 1-8/400000\r\n").replace(b"200", b"206")})
    assert "ended too early" in fetch("-o", path("go"), server.url("/f"), status=1)
    assert not os.path.exists(path("go")) and os.path.getsize(path("go.part")) == 300000
    fetch("-c", "-o", path("go"), server.url("/f"))
    assert open(path("go"), "rb").read() == DATA and "Range: bytes=300000-" in server.asked[-1]
    for name, target in (("all", "/f"), ("anew", "/old")):
        with open(path(name + ".part"), "wb") as out:
            out.write(DATA if name == "all" else b"something else")
        fetch("-c", "-o", path(name), server.url(target))
        assert open(path(name), "rb").read() == DATA, name
    with open(path("bad.part"), "wb") as out:
        out.write(b"x")
    assert "another part" in fetch("-c", "-o", path("bad"), server.url("/wrong"), status=1)
    with open(path("some.part"), "wb") as out:
        out.write(DATA[:1])
    assert "not the rest" in fetch("-c", "-o", path("some"), server.url("/some"), status=1) and not os.path.exists(path("some"))


@case
def it_goes_on_with_the_same_file_only():
    new = os.urandom(len(DATA) + 1000)
    now = ['"one"']

    def answer(text):
        """A server as they are: of a part that is asked for if the file is the same; the connection ends early at the first time."""
        data = DATA if now[0] in ('"one"', "Mon, 30 Nov 2026 10:00:00 GMT") else new
        name = f"ETag: {now[0]}\r\n" if now[0][0] in '"W' else f"Last-Modified: {now[0]}\r\n"
        found, same = re.search(r"Range: bytes=(\d+)-\r\n", text), re.search(r"If-Range: (.*)\r\n", text)
        if not found:
            return whole(data, name)[:-100000]
        if same and same[1] != now[0]:
            return whole(data, name)
        begin = int(found[1])
        return f"HTTP/1.1 206 Part\r\n{name}Content-Range: bytes {begin}-{len(data) - 1}/{len(data)}\r\nContent-Length: {len(data) - begin}\r\n\r\n".encode() + data[begin:]
    server = Server({"/f": answer})
    for first, second, data in (('"one"', '"one"', DATA), ('"one"', '"two"', new), ("Mon, 30 Nov 2026 10:00:00 GMT", "Tue, 01 Dec 2026 10:00:00 GMT", new)):
        now[0] = first
        assert "ended too early" in fetch("-o", path("same"), server.url("/f"), status=1)
        now[0] = second
        fetch("-c", "-o", path("same"), server.url("/f"))
        assert f"If-Range: {first}\r\n" in server.asked[-1], server.asked[-1]
        assert open(path("same"), "rb").read() == data, (first, second)
        assert not [name for name in os.listdir(path(".")) if name.startswith("same.")]
    # What is only alike (W/) is no name for it, and a name of other parts than those that lie there is not kept.
    now[0] = '"one"'
    assert "ended too early" in fetch("-o", path("same"), server.url("/f"), status=1)
    now[0] = 'W/"x"'
    assert "ended too early" in fetch("-o", path("same"), server.url("/f"), status=1)
    assert not os.path.exists(path("same.part.tag"))


@case
def it_follows():
    there = Server({"/there": whole(DATA)})
    answers = {"/near": b"HTTP/1.1 302 Found\r\nLocation: there\r\nContent-Length: 0\r\n\r\n", "/there": whole(DATA),
               "/far": f"HTTP/1.1 301 Moved\r\nLocation: {there.url('/there')}\r\n\r\n".encode(), "/loop": b"HTTP/1.1 307 x\r\nLocation: /loop\r\n\r\n",
               "/script": b"HTTP/1.1 302 x\r\nLocation: javascript:alert(1)\r\n\r\n", "/user": b"HTTP/1.1 302 x\r\nLocation: http://a@b/\r\n\r\n",
               "/nowhere": b"HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n"}
    server = Server(answers)
    assert fetch(server.url("/near")) == DATA and fetch(server.url("/far")) == DATA
    assert "on and on" in fetch(server.url("/loop"), status=1) and len(server.asked) < 20
    assert "no address of the web" in fetch(server.url("/script"), status=1)
    assert "no address of the web" in fetch(server.url("/user"), status=1)
    assert "302 Found" in fetch(server.url("/nowhere"), status=1)


@case
def what_is_wrong_is_told():
    server = Server({"/404": b"HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nabc", "/none": b"", "/ssh": b"SSH-2.0\r\n\r\n", "/head": b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
                     "/two": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "/long": b"HTTP/1.1 200 OK\r\nA: " + b"b" * 40000,
                     "/chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "/cut": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                     "/part": b"HTTP/1.1 206 x\r\nContent-Length: 1\r\n\r\na", "/wait": b"HTTP/1.1 100 x\r\n\r\n" * 50})
    for target, words in (("/404", "404 Not Found"), ("/none", "too early"), ("/ssh", "no HTTP"), ("/head", "no HTTP"), ("/two", "no HTTP"), ("/long", "no HTTP"),
                          ("/chunk", "chunks"), ("/cut", "too early"), ("/part", "another part"), ("/wait", "only says to wait")):
        said = fetch(server.url(target), status=1)
        assert words in said, (target, said)
    assert "refused" in fetch("http://127.0.0.1:1/", status=1)
    for words in (["ftp://a/"], ["http://a b/"], [], ["-x", "http://a/"], ["-c", "http://a/"], ["http://a/", "http://b/"]):
        fetch(*words, status=2)


@case
def over_tls():
    server = Server({"/f": whole(DATA), "/down": b"HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/\r\n\r\n"}, tls="good")
    assert fetch("--roots", path("good.pem"), server.url("/f", "localhost")) == DATA
    assert "for another name" in fetch("--roots", path("good.pem"), server.url("/f"), status=1)
    assert "leads out of TLS" in fetch("--roots", path("good.pem"), server.url("/down", "localhost"), status=1)
    assert "signed by itself" in fetch("--roots", path("other.pem"), server.url("/f", "localhost"), status=1)
    assert "can not be read" in fetch("--roots", path("none"), server.url("/f", "localhost"), status=1)
    assert all("Host: localhost" in text for text in server.asked) and len(server.asked) == 2


def main():
    global DIR, BUILD
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    for program in ("openssl",):
        if shutil.which(program) is None:
            print(f"skipped: there is no {program}")
            return 77
    BUILD = os.path.abspath(arguments.build)
    failed = 0
    with tempfile.TemporaryDirectory() as DIR:
        for name in ("good", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path(f"{name}.key"), "-out",
                            path(f"{name}.pem"), "-days", "9", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        for function in CASES:
            if arguments.cases and function.__name__ not in arguments.cases:
                continue
            try:
                function()
                print(f"{function.__name__}: ok", flush=True)
            except Exception as error:  # pylint: disable=broad-except
                failed += 1
                at = error.__traceback__.tb_next
                print(f"{function.__name__}: {type(error).__name__}: {error} (line {at.tb_lineno if at else '?'})", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
