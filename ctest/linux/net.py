# SPDX-License-Identifier: MIT
"""ctx.net/1 and BSD sockets: over loopback without a card, and over `ctx run --net`, with servers of this test's on the host's loopback,
which apps see at 10.0.2.2. What a program says is what it says natively."""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

from runner import Live, Skip, case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""
NET = ["offer=ctx.net/1", "grant=ctx.nic/1", "nic=*"]


def own(name, verified=False):
    path = os.path.join(suite.build(), "apps", *(["net", "verified"] if verified else []), name + ".elf")
    if not os.path.exists(path):
        raise Skip("no verified apps: there is no clang")
    return path


def command(*apps, options=(), net=NET, verified=False):
    words = [tool(), "run", "--headless", *options, own("net", verified), *net]
    for app in apps:
        words += ["+", *app]
    return words


def run(*apps, code=0, alone=False, **more):
    """What the first app printed, and the log, which has what the others did."""
    p = subprocess.run(command(*apps, **more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
    check(p.returncode == code, f"{apps}: {p.returncode} {p.stdout.decode()} {p.stderr.decode()}")
    return p.stdout.decode() if alone else p.stdout.decode() + p.stderr.decode()


def netting(*words, use="use=ctx.net/1(out in)", verified=False):
    return [suite.test_program("netting.elf", verified), use, *words]


# Errors have other words here: they are picolibc's.
WORDS = {"No more processes": "Resource temporarily unavailable", "Bad file number": "Bad file descriptor",
         "Address family not supported by protocol family": "Address family not supported by protocol"}


def as_there(text):
    for ours, theirs in WORDS.items():
        text = text.replace(ours, theirs)
    return text.replace("0 Success\n", "-1 Success\n", 1) # to itself a machine is connected at once


@case
def as_natively():
    """Verified and not, each with nothing but itself to talk to."""
    there = subprocess.run([suite.test_program("netting_here"), "alone"], stdout=subprocess.PIPE, timeout=limit(30), check=True).stdout.decode()
    check(there.count("\n") > 30, there)
    for verified in (False, True):
        said = as_there(run(netting("alone", verified=verified), verified=verified, options=["--isolate=require"] if verified else [], alone=True))
        for ours, natively in zip(said.splitlines(), there.splitlines()):
            check(ours == natively, f"{ours!r}, natively {natively!r}")
        check(said == there, said)


@case
def apps_talk_to_each_other():
    """Four with one that serves them, all at once."""
    one = netting("sleep", "50", "echo", "localhost", "7", "400000")
    said = run(netting("serve", "7", "4"), one, one, one, netting("sleep", "50", "echo", "::1", "7", "400000"))
    check(said.count("echo 400000 ok") == 4 and "served" in said, said)


@case
def shares_are_lent():
    """Bytes go out of a share and come into another one, verified or not; what makes no sense has its status; one that went leaves nothing behind."""
    for verified in (False, True):
        lending = [suite.test_program("lending.elf", verified), "use=ctx.net/1"]
        one = [*lending, "50", "7", "3000000"]
        said = run(netting("many", "7", "3", "3", verified=verified), one, one, [*lending, "200", "7", "70000"], verified=verified,
                   options=["--isolate=require"] if verified else [])
        check(said.count("lent 3000000 1 sent 79 16\n") == 2 and said.count("lent 70000 1 sent 79 16\n") == 1, said)
        for line, count in (("lend 0 0 1", 3), ("unknown -14", 3), ("watched 77 1 2", 3), ("range -19 -19 -2", 3), ("back 0 -4 -4 0", 3), ("most 63", 1), ("most 4\n", 2)):
            check(said.count(line) == count, f"{line!r} in {said}")
        check("served, " in said, said)


@case
def what_is_taken_back_counts_as_long_as_it_is_on_its_way():
    """Shares that are lent, sent from to somebody who reads nothing, and taken back stay with net: of one app as many as it may lend, and of apps that have gone
    as many as net may have."""
    lending = suite.test_program("lending.elf")
    words = command([lending, "use=ctx.net/1(in:7)", "deaf", "7"], *([lending, "use=ctx.net/1", str(500 + 500 * i), "hoard", "7"] for i in range(7)))[1:]
    with Live(*words) as run:
        run.until(r"(?s)(hoarded \d+ -?\d+.*){7}", seconds=40)
        counts = [int(n) for n in re.findall(r"hoarded (\d+) -9$", run.text, re.M)]
    check(len(counts) == 7 and max(counts) <= 16 and 48 <= sum(counts) <= 81, run.text)


@case
def what_is_lent_leaves_room():
    """What is lent counts against net's own memory. Seen: with memory=8M each app could lend 16 MiB all the same, and then nobody had a socket."""
    lending = suite.test_program("lending.elf")
    words = command([lending, "use=ctx.net/1(in:7)", "deaf", "7"], [lending, "use=ctx.net/1", "500", "hoard", "7"], [lending, "use=ctx.net/1", "2500", "hoard", "7"], net=[*NET, "memory=8M"])[1:]
    with Live(*words) as run:
        run.until(r"(?s)(hoarded \d+ -?\d+.*){2}", seconds=40)
        first, second = (int(n) for n in re.findall(r"hoarded (\d+) -9$", run.text, re.M))
    check(1 <= first <= 4 and 1 <= second <= 3, run.text)


@case
def what_a_line_allows():
    """Without a word nothing; by default only outgoing; by name, address and port."""
    serve = netting("serve", "7000", "1", "sleep", "1")
    ask = ("sleep", "50", "echo", "127.0.0.1", "7000", "10")
    said = run(netting("echo", "127.0.0.1", "7000", "10", use="arg"))
    check("Network interface is not configured" in said or "Permission denied" in said or "not known" in said, said)
    check("listen: Permission denied" in run(netting("serve", "7000", "1", use="use=ctx.net/1")), "it listens")
    check("echo 10 ok" in run(serve, netting(*ask, use="use=ctx.net/1")), "it can not reach anybody")
    for use, fine in (("out:127.0.0.0/8:7000-7009", True), ("out:localhost:7000,in:80", False), ("out:127.0.0.1:80", False), ("out:*:7001 in", False),
                      ("out:[::1]:7000", False), ("in:7000", False), ("out:127.0.0.2/31", False), ("nonsense", False), ("", False)):
        said = run(netting(*ask, use=f"use=ctx.net/1({use})"))
        check(("connect: Permission denied" in said) != fine and ("connect: Connection refused" in said) == fine, f"{use}: {said}")
    ask = ("sleep", "50", "echo", "localhost", "7000", "10")
    for use, fine in (("out:localhost", True), ("out:*.org out:LOCALHOST:7000", True), ("out:*.localhost", False), ("out:host", False)):
        said = run(netting(*ask, use=f"use=ctx.net/1({use})"))
        check(("denied" in said) != fine and ("Connection refused" in said) == fine, f"{use}: {said}")
    for port, fine in (("7000", True), ("80", False)):
        said = run(netting("serve", port, "0", use="use=ctx.net/1(in:7000-7001)"))
        check(("serves" in said) == fine, said)


@case
def no_card():
    """Clear words, and nothing waits."""
    begun = time.monotonic()
    said = run(netting("resolve", "host.example", "ping", "10.0.2.2", "echo", "10.0.2.2", "80", "1"))
    check("host.example is Host is unreachable" in said and said.count("unreachable") == 3, said)
    check(time.monotonic() - begun < limit(5), "it waited")
    with scratch() as folder:
        log = os.path.join(folder, "log")
        run(netting("sleep", "1"), options=["--log", log])
        with open(log, encoding="utf-8") as f:
            check("there is no network card" in f.read(), "nobody says so")


@case
def killed_under_load():
    """net is killed again and again: who listens goes on listening, who was connected hears of it and comes again."""
    echo = [word for i in range(40) for word in ("echo", "127.0.0.1", "7", "100000", "sleep", "10")]
    said = run(netting("serve", "7", "0", "sleep", "1", "serve", "7", "1000"), netting("sleep", "30", *echo),
               [suite.test_program("netting.elf"), "grant=ctx.control/1", "sleep", "100", "kill", "0", "8"], net=[*NET, "restart=always"], options=["--seconds", str(limit(6))])
    check(len(re.findall(r"echo 100000 ok", said)) >= 5 and "killed" in said and "accept:" not in said and "listen:" not in said, said)
    check(len(re.findall("net#0 offers ctx.net/1", said)) == 9, said[-3000:])


@case
def groups():
    """Multicast by sockets: who has joined hears what this machine says, also when net has begun anew; who may not be reached can not join."""
    for verified in (False, True):
        for group in ("239.7.7.7", "ff02::7:7"):
            with scratch() as folder:
                wire = [f"--net=socket:{folder}/a,{folder}/b", *(["--isolate=require"] if verified else [])]
                net = [*NET, "address=10.0.0.1/24"]
                said = run(netting("hear", group, "7777", "3", verified=verified), netting("sleep", "200", "tell", group, "7777", "hello", "60", verified=verified), net=net, options=wire, verified=verified)
                check(f"join {group}: 0" in said and "again -1" in said and said.count("heard hello") == 3 and "leave 0 -1" in said and "is 3" in said, said)
    with scratch() as folder:
        wire = [f"--net=socket:{folder}/a,{folder}/b"]
        said = run(netting("hear", "239.7.7.7", "7777", "1", use="use=ctx.net/1(out,in:80)"), net=net, options=wire)
        check("bind -1" in said and "join 239.7.7.7: -1" not in said.replace("join 239.7.7.7: 0", ""), said)
        said = run(netting("hear", "239.7.7.7", "7777", "1", use="use=ctx.net/1(out)"), net=net, options=wire)
        check("join 239.7.7.7: -1 Not owner" in said or "join 239.7.7.7: -1 Operation not permitted" in said, said)
        # Begun anew in the middle: it is joined once more.
        said = run(netting("hear", "239.7.7.7", "7777", "40"), netting("sleep", "200", "tell", "239.7.7.7", "7777", "hello", "120"),
                   [suite.test_program("netting.elf"), "grant=ctx.control/1", "sleep", "1000", "kill", "0", "1"], net=[*net, "restart=always"], options=wire)
        check("killed" in said and said.count("heard hello") == 40 and "leave 0 -1" in said, said)
    said = run(netting("hear", "239.7.7.7", "7777", "1"))
    check("join 239.7.7.7: -1 No such device" in said, said)


# ---- over a card: `ctx run --net`, where the host is 10.0.2.2 ----


def card_is_there():
    p = subprocess.run([tool(), "run", "--headless", "--net", "--seconds", "0", own("hello")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(30), check=False)
    if b"libslirp" in p.stdout and p.returncode != 0:
        raise Skip("ctx was built without libslirp")


@contextlib.contextmanager
def server(talk):
    """A port of the host's, where talk(connection) is called for each that comes."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = s.accept()
                    threading.Thread(target=talk, args=[connection], daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()
        yield str(s.getsockname()[1])


def echo(connection):
    with connection, contextlib.suppress(OSError):
        while data := connection.recv(65536):
            connection.sendall(data)


def program(*words, options=("--net",), verified=False, use="use=ctx.net/1(out in)", more=()):
    """One app alone; ctx starts net for it."""
    p = subprocess.run([tool(), "run", "--headless", "--log", "/dev/stderr", *options, *netting(*more, *words, use=use, verified=verified)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
    check(p.returncode == 0, f"{words}: {p.returncode} {p.stdout.decode()} {p.stderr.decode()}")
    return p.stdout.decode(), p.stderr.decode()


@case
def the_host_is_reached():
    """Two megabytes there and back, ping, UDP, and who is not there; ctx starts net by itself."""
    card_is_there()
    with server(echo) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        threading.Thread(target=lambda: packets.sendto(*packets.recvfrom(100)), daemon=True).start()
        said, log = program("echo", "10.0.2.2", port, "2000000", "ping", "10.0.2.2", "udp", "10.0.2.2", str(packets.getsockname()[1]), "packet", "echo", "10.0.2.2", "1", "1")
    check(said == "echo 2000000 ok\nping hello\nudp packet\nconnect: Connection refused\n", said + log)
    check(re.search(r"en1 address=10\.0\.2\.15 mask=255\.255\.255\.0 gateway=10\.0\.2\.2 dns=10\.0\.2\.3 by=DHCP", log), log)


@case
def who_never_stops_is_stopped():
    """The console's nc at somebody who sends without an end: Ctrl-C is heard, and the next command is done."""
    card_is_there()

    def noise(connection):
        with connection, contextlib.suppress(OSError):
            while True:
                connection.sendall(b"noise\n" * 10000)
    with server(noise) as port, scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"wait 1500\ntype nc 10.0.2.2 {port}<ret>\nwait 1500\nkey leftctrl down\nkey c tap\nkey leftctrl up\nwait 500\ntype pid<ret>\nwait 500\nquit\n")
        p = subprocess.run([tool(), "run", "--headless", "--log", "/dev/stderr", "--seconds", str(limit(30)), "--net", "--script", path, own("console"), "use=ctx.net/1", "log=1000000"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(60), stdin=subprocess.DEVNULL, check=False)
    said = p.stdout.decode(errors="replace")
    check("noise" in said and re.search(r"console#\d: (n[oise]*)?\^C$", said, re.M) and re.search(r"console#\d: I am app \d$", said, re.M), said[-2000:])
    check("overrun" not in said and "fault" not in said, said[-2000:])


@case
def it_begins_anew():
    """net is killed with a card in its hands, and a session goes on: the card, an address and connections are there again."""
    card_is_there()
    with server(echo) as port, scratch() as folder:
        talk = ("echo", "10.0.2.2", port, "1000")
        said, log = program(*talk, "kill", "0", "2", *talk, options=("--net",), more=["grant=ctx.control/1"])
        check(said.count("echo 1000 ok") == 2 and "does not let" not in said and log.count("by=DHCP") >= 2, said + log)
        store = os.path.join(folder, "d.img")
        subprocess.run([tool(), "disk", "create", store], check=True, stdout=subprocess.DEVNULL, timeout=limit(30))
        words = ["--log", "/dev/stderr", "--disk", store, "--session", "s", "--net", *netting(*talk, "sleep", "2500", *talk)]
        first = subprocess.run([tool(), "run", "--headless", "--seconds", "1.2", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(60), check=False)
        second = subprocess.run([tool(), "run", "--headless", "--seconds", str(limit(5)), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(60), check=False)
        check(b"echo 1000 ok" in first.stdout, first.stdout + first.stderr)
        both = second.stdout + second.stderr
        check(both.count(b"echo 1000 ok") == 1 and b"by=DHCP" in both, both[-3000:])


@case
def others_come_in():
    """By a forwarded port, several at a time, in small pieces."""
    card_is_there()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    words = [tool(), "run", "--headless", "--log", "/dev/stderr", f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:7", *netting("serve", "7", "3")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) as p:
        try:
            said = b""
            while b"serves\n" not in said or b"by=DHCP" not in said:  # who comes before that comes again after eighteen seconds
                line = p.stdout.readline()
                check(line, f"it does not serve: {said.decode()}")
                said += line
            data = os.urandom(100_000)
            results = []

            def talk():
                with socket.create_connection(("127.0.0.1", port), timeout=limit(20)) as s:
                    threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)), daemon=True).start()
                    got = b""
                    while part := s.recv(5000):
                        got += part
                results.append(got == data)
            threads = [threading.Thread(target=talk) for _ in range(3)]
            for t in threads:
                t.start()
                time.sleep(0.2)  # a forwarded port has room for one that waits, and others come back seconds later
            for t in threads:
                t.join(limit(40))
            check(results == [True] * 3, f"{results}")
            check(p.wait(limit(10)) == 0, "it does not end")
        finally:
            p.kill()


# ---- over a tap device, in a network of its own ----

TAP = "ip tuntap add dev t0 mode tap && ip addr add 10.91.0.1/24 dev t0 && ip link set t0 up"
ASKS = """
import http.client, os, sys
site = http.client.HTTPConnection("10.91.0.2", timeout=20)
def get(path):
    site.request("GET", path)
    return site.getresponse().read()
assert get("/healthz") == b"ok\\n"
blob = get("/files/blob")
for _ in range(20):
    assert get("/files/blob") == blob == open(sys.argv[1], "rb").read()
print("all there")
"""


@case
def a_tap_device():
    """`ctx run --net=tap:`: this machine's Linux is reached and reaches; the device goes while it runs; names that are none."""
    root = os.geteuid() == 0
    alone = ["unshare", "-n"] if root else ["unshare", "-r", "-n"]
    if any(shutil.which(program) is None for program in ("ip", "unshare", "nsenter")) or \
            subprocess.run([*alone, "sh", "-c", TAP], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit(20), check=False).returncode != 0:
        raise Skip("no tap devices: that takes root")
    with scratch() as folder:
        blob = os.path.join(folder, "blob")
        with open(blob, "wb") as f:
            f.write(os.urandom(3000000))
        command_line = command([own("httpd"), "use=ctx.net/1(in:80)", "web=look", "root=/lent"], options=["--net=tap:t0", f"--dir={folder}:/lent"], net=[*NET, "address=10.91.0.2/24"])
        process = subprocess.Popen([*alone, "sh", "-c", TAP + ' && exec "$0" "$@"', *command_line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")), daemon=True)
        reader.start()

        def until(words, seconds=20):
            end = time.monotonic() + limit(seconds)
            while not any(words in line for line in lines):
                check(time.monotonic() < end and process.poll() is None, f"{words}: {''.join(lines)[-3000:]}")
                time.sleep(0.02)
        try:
            until("listening port=80")
            there = ["nsenter", "-t", str(process.pid), "-n", *([] if root else ["-U", "--preserve-credentials"])]
            done = subprocess.run([*there, sys.executable, "-c", ASKS, blob], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60), check=False)
            check(done.stdout.endswith("all there\n"), done.stdout[-2000:])
            done = subprocess.run([*there, "ip", "link", "del", "t0"], timeout=limit(20), check=False)
            until("the card net0 is gone")
        finally:
            process.kill()
            process.wait()
            reader.join()
    said = subprocess.run([*alone, *command([own("httpd"), "web=look"], options=["--net=tap:none"])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(20), check=False)
    check(said.returncode != 0 and "there is no such device (ip tuntap add" in said.stdout, f"{said.returncode} {said.stdout}")


if __name__ == "__main__":
    main()
