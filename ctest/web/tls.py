#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libctx/tls against OpenSSL, as client and as server, under the sanitizers: both versions, both kinds of keys, and every way in which a
certificate can be wrong. `tls.py --build DIR [CASE...]`."""
import argparse
import datetime
import os
import random
import re
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

DIR = None
PEER = None
CASES = []


def case(function):
    CASES.append(function)
    return function


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def path(name):
    return os.path.join(DIR, name)


def certificate(name, issuer=None, names="DNS:argos.test", days=None, key="ec", ca=False, start=None, md="sha256"):
    """NAME.pem and NAME.key, signed by issuer or by itself."""
    kind = {"ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            "weak": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]}[key]
    run("openssl", "genpkey", *kind, "-out", path(f"{name}.key"))
    run("openssl", "req", "-new", "-key", path(f"{name}.key"), "-subj", f"/CN={name}", "-out", path(f"{name}.csr"))
    text = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n" if ca else f"basicConstraints=CA:FALSE\nsubjectAltName={names}\n"
    with open(path(f"{name}.ext"), "w") as file:
        file.write(text)
    # `openssl ca` alone can begin in the past.
    now = datetime.datetime.now(datetime.timezone.utc)
    begin = now + datetime.timedelta(days=start if start is not None else -1)
    end = begin + datetime.timedelta(days=days if days is not None else 30)
    for file, words in (("index.txt", ""), ("ca.cnf", f"[ca]\ndefault_ca=d\n[d]\ndatabase={path('index.txt')}\nnew_certs_dir={DIR}\nrand_serial=yes\n"
                                                      f"default_md={md}\npolicy=p\nunique_subject=no\ncopy_extensions=none\n[p]\ncommonName=supplied\n")):
        with open(path(file), "w") as out:
            out.write(words)
    signer = issuer or name
    form = "%Y%m%d%H%M%SZ"
    run("openssl", "ca", "-batch", "-notext", "-config", path("ca.cnf"), "-in", path(f"{name}.csr"), "-out", path(f"{name}.pem"),
        "-extfile", path(f"{name}.ext"), "-startdate", begin.strftime(form), "-enddate", end.strftime(form),
        "-keyfile", path(f"{signer}.key"), *(["-cert", path(f"{issuer}.pem")] if issuer else ["-selfsign"]))


def chain(name, *more):
    """NAME.chain: its certificate, and those of more behind it."""
    with open(path(f"{name}.chain"), "w") as out:
        for part in (name, *more):
            with open(path(f"{part}.pem")) as file:
                out.write(file.read())
    return path(f"{name}.chain")


class Server:
    """Python's ssl, which is OpenSSL's, on a port: answers each request with 100,000 bytes."""

    def __init__(self, name, version=None, cut=False, alpn=None, rude=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_ciphers("DEFAULT@SECLEVEL=0")
        self.context.load_cert_chain(path(f"{name}.chain") if os.path.exists(path(f"{name}.chain")) else path(f"{name}.pem"), path(f"{name}.key"))
        if version:
            self.context.minimum_version = self.context.maximum_version = version
        if alpn:
            self.context.set_alpn_protocols(alpn)
        self.cut, self.rude, self.asked, self.sockets = cut, rude, [], []
        self.context.sni_callback = lambda sock, name, context: self.asked.append(name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.rude is not None:
                    plain.recv(4096)
                    plain.sendall(self.rude)
                    plain.close()
                    continue
                with self.context.wrap_socket(plain, server_side=True) as sock:
                    sock.recv(4096)
                    sock.sendall(b"x" * 100000)
                    if self.cut:
                        os.close(sock.detach())
                        continue
                    sock.unwrap()
            except (OSError, ssl.SSLError):
                plain.close()

    def close(self):
        self.listener.close()


def client(server, name="argos.test", roots="root.pem", times=1, env=None):
    done = subprocess.run([PEER, "client", str(server.port), name, path(roots), str(times)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})
    assert not re.search("Sanitizer|runtime error", done.stderr), done.stderr
    return done.stdout.strip().splitlines()


def answer(*words, **more):
    server = Server(*words, **more)
    try:
        return client(server)[0]
    finally:
        server.close()


def expect(line, pattern):
    assert re.search(pattern, line), f"{line!r} is not {pattern!r}"


@case
def both_versions_and_both_keys():
    for name in ("good", "rsa"):
        expect(answer(name, ssl.TLSVersion.TLSv1_3), r"^TLSv1.3 TLS1-3-\S+ protocol=- resumed=0 bytes=100000$")
        expect(answer(name, ssl.TLSVersion.TLSv1_2), r"^TLSv1.2 TLS-ECDHE-\S+ protocol=- resumed=0 bytes=100000$")


@case
def protocols_and_names_are_told():
    server = Server("good", alpn=["h2", "http/1.1"])
    expect(client(server, "argos.test.")[0], "protocol=http/1.1 .*bytes=100000")
    expect(client(server, "ARGOS.test")[0], "bytes=100000")
    assert server.asked == ["argos.test", "ARGOS.test"], server.asked  # no dot at the end
    server.close()


@case
def tickets_are_used():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        server = Server("good", version)
        lines = client(server, times=3)
        server.close()
        assert [re.search(r"resumed=(\d)", line)[1] for line in lines] == ["0", "1", "1"], lines


@case
def addresses_are_names_too():
    server = Server("address")
    for name in ("127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "2001:db8::7"):
        expect(client(server, name)[0], "bytes=100000")
    assert server.asked == [None] * 4, server.asked  # an address is never sent as a name
    for name in ("127.0.0.2", "::2", "argos.test"):
        expect(client(server, name)[0], r"^error -4: the certificate is for another name: not for ")
    server.close()
    server = Server("good")  # and a name that looks like one is none
    expect(client(server, "127.0.0.1")[0], "^error -4")
    server.close()


@case
def names_that_are_none():
    server = Server("good")
    for name in ("", "a b", "argos..test", ".", "*.argos.test", "x" * 64 + ".test", "a." * 130):
        expect(client(server, name)[0], "^error -16")
    server.close()


@case
def what_is_wrong_has_a_name():
    expect(answer("expired"), r"^error -2: a certificate's time is over: the host's is good until \d{4}-")
    expect(answer("future"), r"^error -3:")
    expect(answer("other"), r"^error -4: .*not for argos.test$")
    expect(answer("self"), r"^error -5:")
    expect(answer("stranger"), r"^error -6:")
    expect(answer("weak"), r"^error -7:")
    expect(answer("leafca"), r"^error -[68]:")  # who signed is no authority
    expect(answer("deep"), r"bytes=100000")  # two between the root and it
    os.rename(path("deep.chain"), path("deep.whole"))
    expect(answer("deep"), r"^error -6:")  # and they are not sent
    os.rename(path("deep.whole"), path("deep.chain"))


@case
def a_cut_is_no_end():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        expect(answer("good", version, cut=True), r"^error -9: the connection ended where TLS had not")


@case
def what_is_no_tls():
    for rude, number in ((b"HTTP/1.0 400 Bad\r\n\r\n", "-11"), (b"", "-(9|12)"), (b"\x16\x03\x03\xff\xff" + b"a" * 50, "-11"), (b"\x16\x03\x03\x00\x04\x02\x00", "-9"),
                         (b"\x15\x03\x03\x00\x02\x02\x28", "-10: the peer refuses: handshake failure")):
        expect(answer("good", rude=rude), f"^error {number}")


@case
def a_clock_that_is_not_set():
    server = Server("good")
    for when in ("-1", "0", "86400", "1700000000"):
        expect(client(server, env={"TLS_PEER_TIME": when})[0], "^error -1: the calendar is not set")
    assert not server.asked  # nothing was sent
    expect(client(server, env={"TLS_PEER_TIME": "2000000000"})[0], "^error -2:")
    server.close()


@case
def roots_have_to_be_some():
    with open(path("nothing"), "w") as file:
        file.write("no certificate\n")
    server = Server("good")
    expect(client(server, roots="nothing")[0], "^error -15")
    expect(client(server, roots="is-not-there")[0], "^error -15")
    # Others in the file that can not be read do not matter.
    with open(path("mixed"), "w") as file:
        file.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + open(path("root.pem")).read())
    expect(client(server, roots="mixed")[0], "bytes=100000")
    server.close()


class Ours:
    """libctx/tls as a server."""

    def __init__(self, *names):
        words = [w for name in names for w in (path(f"{name}.chain") if os.path.exists(path(f"{name}.chain")) else path(f"{name}.pem"), path(f"{name}.key"))]
        self.process = subprocess.Popen([PEER, "server", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = []
        line = self.line()
        assert line.isdigit(), line
        self.port = int(line)

    def line(self):
        if not self.lines:  # what a file of Python's has read ahead select() does not know
            assert select.select([self.process.stdout], [], [], 20)[0], "it says nothing"
            self.lines = os.read(self.process.stdout.fileno(), 4096).splitlines()
        return self.lines.pop(0).decode()

    def close(self):
        self.process.kill()
        _, err = self.process.communicate()
        assert not re.search(b"Sanitizer|runtime error", err), err


def talk(server, name="argos.test", version=None, alpn=None, session=None):
    context = ssl.create_default_context(cafile=path("root.pem"))
    if version:
        context.minimum_version = context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(alpn)
    with context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname=name) as sock:
        data = os.urandom(70000)
        def give():
            try:
                sock.sendall(data)
            except (OSError, ssl.SSLError):
                pass  # the one who reads sees it too

        sender = threading.Thread(target=give)
        sender.start()
        got = b""
        while len(got) < len(data):
            part = sock.recv(65536)
            if not part:
                raise OSError("it ended too early")
            got += part
        sender.join()
        assert got == data
        told = (sock.version(), sock.cipher()[0], sock.selected_alpn_protocol(), sock.getpeercert()["subject"][0][0][1])
        sock.unwrap()
        return told


@case
def as_a_server():
    server = Ours("good", "rsa", "deep")
    for version, words in ((ssl.TLSVersion.TLSv1_3, "TLSv1.3"), (ssl.TLSVersion.TLSv1_2, "TLSv1.2")):
        assert talk(server, version=version, alpn=["http/1.1"])[::2] == (words, "http/1.1")
        expect(server.line(), f"^{words} protocol=http/1.1 ended$")
        # By the name that is asked for.
        assert talk(server, "rsa.argos.test", version)[3] == "rsa"
        server.line()
        assert talk(server, "deep.argos.test", version)[3] == "deep"
        server.line()
    server.close()


@case
def a_servers_tickets():
    server = Ours("good")
    for words in (["-tls1_2"], ["-tls1_3"]):
        for option in ("-sess_out", "-sess_in"):
            process = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "argos.test",
                                        "-CAfile", path("root.pem"), *words, option, path("session")],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            process.stdin.write("hello\n")
            process.stdin.flush()
            said = ""
            while "hello\n" not in said:  # what comes back is behind the ticket
                line = process.stdout.readline()
                assert line, said
                said += line
            said += process.communicate("Q\n", timeout=30)[0]
            server.line()
        assert re.search("^Reused, ", said, re.M), said
    server.close()


@case
def what_a_server_refuses():
    server = Ours("good")
    # An old client, one that speaks of other things, one that goes in the middle.
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], input="", capture_output=True, text=True,
                          timeout=30)
    assert done.returncode != 0
    expect(server.line(), "^error -1[01]:")
    for words in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x80\x2e\x01\x00\x02" + bytes(40), b""):
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            try:
                sock.sendall(words)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(4096):
                    pass
            except OSError:
                pass
        expect(server.line(), "^error -(9|11):")
    # A key that belongs to another certificate.
    server.close()
    done = subprocess.run([PEER, "server", path("good.pem"), path("rsa.key")], capture_output=True, text=True, timeout=30)
    expect(done.stdout, "^error -15")


class Relay:
    """Between a client and a server, with one byte of one direction changed."""

    def __init__(self, port, where, what):
        self.listener, self.port_there, self.where, self.what = socket.create_server(("127.0.0.1", 0)), port, where, what
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        here, _ = self.listener.accept()
        self.listener.close()
        there = socket.create_connection(("127.0.0.1", self.port_there))
        counts = {here: 0, there: 0}
        open_ones = [here, there]
        while len(open_ones) == 2:
            ready = select.select(open_ones, [], [], .5)[0]
            if not ready:
                break  # a length was changed: both wait
            for sock in ready:
                try:
                    data = bytearray(sock.recv(4096))
                    at = self.where - counts[sock] if sock is (here if self.what & 1 else there) else -1
                    if 0 <= at < len(data):
                        data[at] ^= self.what | 1
                    counts[sock] += len(data)
                    (there if sock is here else here).sendall(data)
                    if not data:
                        open_ones.clear()
                except OSError:
                    open_ones.clear()
        here.close()
        there.close()


@case
def bytes_that_were_changed():
    """In the middle of handshakes and of data, both ways: each connection ends with a word, and never with data that nobody sent."""
    rng = random.Random(19)
    theirs, ours = Server("good"), Ours("good")
    for _ in range(15):
        relay = Relay(theirs.port, rng.randrange(0, 2500), rng.randrange(1, 256))
        line = client(relay)[0]
        assert re.match(r"error -\d+: |TLSv1.3 .*bytes=100000$", line), line
        relay = Relay(ours.port, rng.randrange(0, 1200), rng.randrange(1, 256))
        try:
            assert talk(relay)[0] == "TLSv1.3"
        except (OSError, ssl.SSLError):
            pass
        assert re.match(r"error -\d+: |TLSv1", ours.line())
    theirs.close()
    ours.close()


def make_all():
    certificate("root", ca=True)
    certificate("middle", "root", ca=True)
    certificate("lower", "middle", ca=True)
    certificate("good", "root", names="DNS:argos.test,DNS:*.more.test")
    certificate("rsa", "root", names="DNS:argos.test,DNS:rsa.argos.test", key="rsa")
    certificate("deep", "lower", names="DNS:argos.test,DNS:deep.argos.test")
    chain("deep", "lower", "middle")
    certificate("address", "root", names="IP:127.0.0.1,IP:::1,IP:2001:db8::7")
    certificate("expired", "root", start=-30, days=20)
    certificate("future", "root", start=10)
    certificate("other", "root", names="DNS:other.test,DNS:*.argos.test,DNS:argos.test.evil.example")
    certificate("self")
    certificate("foreign", ca=True)
    certificate("stranger", "foreign")
    certificate("weak", "root", key="weak")
    certificate("leafca", "good")
    chain("leafca", "good")


def main():
    global DIR, PEER
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    for program in ("openssl",):
        if shutil.which(program) is None:
            print(f"skipped: there is no {program}")
            return 77
    PEER = os.path.join(arguments.build, "ctest", "web", "tls_peer")
    with tempfile.TemporaryDirectory() as DIR:
        make_all()
        failed = 0
        for function in CASES:
            if arguments.cases and function.__name__ not in arguments.cases:
                continue
            try:
                function()
                print(f"{function.__name__}: ok")
            except Exception as error:  # pylint: disable=broad-except
                failed += 1
                print(f"{function.__name__}: {type(error).__name__}: {error}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
