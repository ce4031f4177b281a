# SPDX-License-Identifier: MIT
"""chat between two machines on one wire: they find each other by name, and by address; what one types both show; in a window it looks as it should."""
import contextlib
import os
import socket

from runner import Live, case, check, main, own_apps, read_png, scratch, suite
from patience import eventually

from relay import Relay

os.environ["CTX_RUN_OPTIONS"] = ""
NET = ["offer=ctx.net/1", "grant=ctx.nic/1", "nic=*"]
CHAT = "use=ctx.net/1(in:7777,out)"


def own(name, verified=False):
    path = os.path.join(suite.build(), "apps", *([name, "verified"] if verified else []), name + ".elf")
    if not os.path.exists(path):
        raise suite.Skip("no verified apps: there is no clang")
    return path


def machine(relay, end, name, *hosts, verified=False):
    options = ["--isolate=require"] if verified else []
    return Live("run", "--headless", *options, relay.net(end), own("net", verified), *NET, f"address=10.0.0.{end + 1}/24", f"name={name}", "+", own("chat", verified), CHAT, name, *hosts)


def say(run, text):
    run.p.stdin.write((text + "\n").encode())


@case
def two_find_each_other():
    """By mDNS and by address, both call; UTF-8 goes through, what would move a cursor does not. Verified too."""
    for verified in (False, True):
        with scratch() as folder, Relay(folder) as relay, machine(relay, 0, "anna", "berta.local", verified=verified) as anna, machine(relay, 1, "berta", "10.0.0.1", verified=verified) as berta:
            anna.until(r"^\* berta is here", seconds=30)
            berta.until(r"^\* anna is here")
            say(anna, "Grüße, 你好 🌱")
            berta.until(r"^anna: Grüße, 你好 🌱$")
            anna.until(r"^anna: Grüße, 你好 🌱$")
            berta.p.stdin.write(b"red \033[31m\xff end\n")
            anna.until(r"^berta: red \?\[31m\? end$")
            say(anna, "/who")
            anna.until(r"berta is here[^$]*berta is here")
            check(berta.read().count("is here") == 1 + berta.text.count("/who is here"), f"there are two of them: {berta.text}")
            say(anna, "/quit")
            berta.until(r"^\* anna has gone$")
            anna.ends()


@case
def who_is_not_there():
    """It is said once, and called again; who comes late is found. A peer that talks nonsense is let go."""
    with scratch() as folder, Relay(folder) as relay, machine(relay, 0, "anna", "10.0.0.2") as anna:
        anna.until("you are anna")
        with machine(relay, 1, "berta") as berta:
            berta.until(r"^\* anna is here", seconds=40)
            say(berta, "late")
            anna.until(r"^berta: late$")
        say(anna, "/nonsense")
        anna.until(r"/call HOST, /who is here, /quit; a line")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with Live("run", "--headless", f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:7777", own("chat"), CHAT, "anna", "10.0.2.2:1") as anna:
        anna.until(r"^\* 10\.0\.2\.2:1 is not there: Connection refused")
        for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"x" * 5000, b"chat/1 0 zero\n", b"chat/1 5 " + b"n" * 100 + b"\n"):
            def talk(nonsense=nonsense):
                data = b""
                with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as c, contextlib.suppress(ConnectionError):
                    c.sendall(nonsense)  # which may be answered by the end of the connection
                    while part := c.recv(100):
                        data += part
                check(data.startswith(b"chat/1 "), "no greeting")
            eventually(talk)
        check(anna.p.poll() is None, "it has ended")


@case
def nothing_is_lost_where_both_have_called():
    """Two connections to one peer: what it said on the one that goes, before anybody knew, is heard."""
    for number in (1, (1 << 64) - 1):  # whose connection stays is told by the numbers
        for first in (0, 1):
            with socket.socket() as s, socket.create_server(("127.0.0.1", 0)) as server:
                s.bind(("127.0.0.1", 0))
                port = s.getsockname()[1]
                s.close()
                server.settimeout(30)
                host = f"10.0.2.2:{server.getsockname()[1]}"
                with Live("run", "--headless", f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:7777", own("net"), *NET, "+", own("chat"), CHAT, "anna", host) as anna:
                    called, _ = server.accept()
                    with called, socket.create_connection(("127.0.0.1", port), timeout=30) as calls:
                        ends = [called, calls]
                        hello = f"chat/1 {number} there\n".encode()
                        ends[first].sendall(hello)
                        anna.until(r"^\* there is here")
                        ends[1 - first].sendall(hello + b"say by the second\n")
                        anna.until(r"^there: by the second$")
                        ends[first].sendall(b"say by the first\n")
                        anna.until(r"^there: by the first$")
                        check(anna.text.count("there is here") == 1 and "has gone" not in anna.text, anna.text)


@case
def in_a_window():
    with scratch() as folder, Relay(folder) as relay:
        script = os.path.join(folder, "script")
        shot = os.path.join(folder, "chat.png")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f"wait 3000\ntype hello from a window<ret>\nwait 2500\ntype half a li\nwait 500\nscreenshot {shot}\nquit\n")
        with machine(relay, 1, "berta") as berta:
            berta.until("you are berta")
            with Live("run", "--headless", "--size", "800x600", "--script", script, relay.net(0), own("net"), *NET, "address=10.0.0.1/24", "name=anna", "+", *own_apps("desktop"), "+",
                      *own_apps("terminal"), "offer=ctx.terminal/1", "+", own("chat"), CHAT, "anna", "10.0.0.2") as anna:
                berta.until(r"^anna: hello from a window$", seconds=40)
                say(berta, "Grüße aus der Konsole")
                anna.ends(seconds=40)
        if os.environ.get("ARGOS_KEEP_SHOTS"):
            os.replace(shot, os.path.join(os.environ["ARGOS_KEEP_SHOTS"], "chat.png"))
            return
        picture = read_png(shot)
        lines = [y for y in range(100, 500, 16) if any(min(picture.at(x, row)) > 150 for x in range(80, 720) for row in range(y, y + 14))]
        check(lines == list(range(100, 180, 16)), f"text in lines at {lines}")


if __name__ == "__main__":
    main()
