# SPDX-License-Identifier: MIT
"""The network on the machine, over QEMU's `-netdev user` and a tap device: DHCP, ping, connections to servers of this test's (10.0.2.2 there), and one that is forwarded in."""
import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from relay import Relay  # noqa: E402
from timeserver import TimeServer  # noqa: E402
from suite import Skip, apps_vm, case, check, limit, product, test_app  # noqa: E402

NET = "offer=ctx.net/1 grant=ctx.nic/1 nic=*"
CONSOLE = "trusted grant=ctx.system/1,ctx.image/1,ctx.loader/1 use=ctx.net/1(out,in)"
BOUND = r"app\.net#0: en1 address=10\.0\.2\.15 mask=255\.255\.255\.0 gateway=10\.0\.2\.2 dns=10\.0\.2\.3 by=DHCP"


def card(*forwards):
    return ["-netdev", ",".join(["user,id=n0", *(f"hostfwd=tcp:127.0.0.1:{there}-:{here}" for there, here in forwards)]),
            "-device", "virtio-net-pci,netdev=n0,disable-legacy=on,romfile="]


def a_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def server(talk):
    """A port of the host's, where talk(connection) is called for each that comes."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = s.accept()
                    with connection:
                        connection.settimeout(limit(30))
                        talk(connection)
        threading.Thread(target=serve, daemon=True).start()
        yield s.getsockname()[1]


def echo(connection):
    with contextlib.suppress(OSError):
        while data := connection.recv(65536):
            connection.sendall(data)


def say(vm, line, answer, seconds=10):
    since = len(vm.text)
    vm.send(line + "\n")
    return vm.until(rf"app\.console#1: {answer}", seconds, since)


@case
def the_console_reaches_others():
    port = a_port()
    with server(echo) as there, apps_vm([(product("apps/net.elf"), "net", NET), (product("apps/console.elf"), "console", CONSOLE)],
                                        "debugexit nodisplay", devices=card((port, 8080))) as vm:
        vm.until(r"app\.console#1: Argos\. Type help")
        vm.until(BOUND, since=0)
        say(vm, "ip", r"en1 +address by DHCP  52:54:00:12:34:56  mtu 1500")
        say(vm, "ping 10.0.2.2 1", r"1: 10\.0\.2\.2 answers after \d+\.\d+ ms")
        say(vm, "resolve localhost", r"localhost is 127\.0\.0\.1")
        say(vm, f"nc 10.0.2.2 {there} hello there", r"hello there")
        say(vm, "nc 10.0.2.2 1 x", r"10\.0\.2\.2: Connection refused")
        say(vm, "nc -l 8080 from the machine", r"listens at port 8080")
        with socket.create_connection(("127.0.0.1", port), timeout=limit(20)) as s:
            s.sendall(b"from outside\n")
            got = b""
            while data := s.recv(100):
                got += data
                if got.endswith(b"\n"):
                    s.shutdown(socket.SHUT_WR)
        check(got == b"from the machine\n", got)
        vm.until(r"app\.console#1: from outside", 10)
        check("PANIC" not in vm.text and " fault " not in vm.text, "something failed")


@case
def much_of_it_there_and_back():
    """Trusted, and verified with nothing else running."""
    path = suite.test_program("netting.elf")
    verified = os.path.join(os.path.dirname(path), "verified", "netting.elf")
    net = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(path))), "apps", "net", "verified", "net.elf")
    sets = [(product("apps/net.elf"), path, "")]
    if os.path.exists(verified) and os.path.exists(net):
        sets.append((net, verified, " isolate=require"))
    for app, program, words in sets:
        with server(echo) as port, apps_vm([(app, "net", NET), (program, "netting", f"use=ctx.net/1(out:10.0.2.2) echo 10.0.2.2 {port} 500000 ping 10.0.2.2")],
                                           "debugexit nodisplay" + words, devices=card()) as vm:
            vm.until(r"app\.netting#1: echo 500000 ok", 60)
            vm.until(r"app\.netting#1: ping hello", 10)


@contextlib.contextmanager
def tap(name, address):
    """A device of this machine's, and what goes over it: bytes of each frame that came from the other side."""
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun") or shutil.which("ip") is None:
        raise Skip("no tap devices: that takes root")
    def ip(*words):
        return subprocess.run(["ip", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not ip("tuntap", "add", "dev", name, "mode", "tap"):
        raise Skip("no tap devices: that takes root")
    frames, stop = [], threading.Event()

    def listen(sniffer):
        while not stop.is_set():
            with contextlib.suppress(OSError):
                frame, where = sniffer.recvfrom(70000)
                if where[2] != socket.PACKET_OUTGOING:
                    frames.append(len(frame))
    try:
        check(ip("addr", "add", address, "dev", name) and ip("link", "set", name, "up"), "the tap device does not come up")
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as sniffer:
            sniffer.bind((name, 0))
            sniffer.settimeout(0.1)
            thread = threading.Thread(target=listen, args=[sniffer], daemon=True)
            thread.start()
            yield frames
            stop.set()
            thread.join()
    finally:
        stop.set()
        ip("link", "del", name)


@case
def a_card_that_does_more():
    """Over a tap device, where Linux takes long segments and sums that are not made; and the same card without."""
    name = f"argos{os.getpid() % 1000000}"
    with tap(name, "10.77.77.1/24") as frames:
        for off, long_ones in (("", True), (",csum=off", False), (",host_tso4=off,host_tso6=off,host_ufo=off,host_ecn=off", False)):
            frames.clear()
            with socket.create_server(("10.77.77.1", 0)) as s:
                threading.Thread(target=lambda s=s: echo(s.accept()[0]), daemon=True).start()
                words = f"use=ctx.net/1 echo 10.77.77.1 {s.getsockname()[1]} 4000000 ping 10.77.77.1"
                with apps_vm([(product("apps/net.elf"), "net", NET + " address=10.77.77.2/24"), (suite.test_program("netting.elf"), "netting", words)], "debugexit nodisplay",
                             devices=["-netdev", f"tap,id=n0,ifname={name},script=no,downscript=no,vhost=off", "-device",
                                      "virtio-net-pci,netdev=n0,disable-legacy=on,romfile=" + off]) as vm:
                    vm.until(r"app\.netting#1: echo 4000000 ok", 60)
                    vm.until(r"app\.netting#1: ping hello", 10)
            check((max(frames) > 10000) == long_ones, f"{off}: the longest frame has {max(frames)} bytes")


@case
def a_server_sets_the_time():
    """Its calendar stands in the year 2000; the boot word says whom to ask, and every app sees what day it is."""
    with TimeServer() as server, apps_vm([(product("apps/net.elf"), "net", NET.replace("ctx.nic/1", "ctx.nic/1,ctx.calendar/1")), test_app("wall")],
                                         f"debugexit nodisplay to=net:ntp=10.0.2.2:{server.port}", devices=["-rtc", "base=2000-01-01,clock=vm", *card()]) as vm:
        vm.until(r"T wall 94668480\d\r?\n")
        vm.until(r"app\.net#0: time=20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC by=10\.0\.2\.2 shift=\+")
        wall = int(vm.until(r"T wall (\d+)\r?\n", 10, len(vm.text))[1])
        check(abs(wall - time.time()) < limit(20), f"{wall - time.time()} s off")


@case
def without_a_calendar():
    """In the year 2000 no certificate is looked at; with a time server that is so a moment later, though the script asks at once."""
    if not shutil.which("openssl"):
        raise Skip("there is no openssl")
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        root, key = os.path.join(folder, "root.pem"), os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3000", "-keyout", key, "-out", root,
                        "-subj", "/CN=test", "-addext", "subjectAltName=IP:10.0.2.2"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit(30))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(root, key)

        def talk(connection):
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as s:
                s.recv(4096)
                s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        hexed = suite.read(root).hex()
        with server(talk) as port, TimeServer() as times:
            words = f"use=ctx.net/1(out) file /tmp/root.pem {hexed} get https://10.0.2.2:{port}/ /tmp/root.pem"
            for ntp, answer in (("ntp=", r"get 10\.0\.2\.2: TLS: the calendar is not set"), (f"ntp=10.0.2.2:{times.port}", r"get 200 5 ")):
                net = NET.replace("ctx.nic/1", "ctx.nic/1,ctx.calendar/1") + " " + ntp
                with apps_vm([(product("apps/net.elf"), "net", net), (suite.test_program("script_network.elf"), "script", words)], "debugexit nodisplay",
                             devices=["-rtc", "base=2000-01-01,clock=vm", *card()]) as vm:
                    vm.until(r"app\.script#1: " + answer, 30)


@case
def a_script_of_lua():
    """Its own server and clients, 100,000 bytes there and back, and a page."""
    page = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    with server(echo) as port, server(lambda s: (s.recv(4096), s.sendall(page))) as web:
        words = f"use=ctx.net/1(in,out) alone echo 10.0.2.2 {port} 100000 get http://10.0.2.2:{web}/ none"
        with apps_vm([(product("apps/net.elf"), "net", NET), (suite.test_program("script_network.elf"), "script", words)], "debugexit nodisplay", devices=card()) as vm:
            vm.until(r"app\.script#1: served 3", 60)
            vm.until(r"app\.script#1: echo 100000 ok", 60)
            vm.until(r"app\.script#1: get 200 5 \d+ http://10\.0\.2\.2", 20)
            vm.until(r"app\.script#1: done", 10)


@case
def a_bad_wire_to_the_other_machine():
    """The kernel in QEMU at one end, ctx at the other, and a relay that loses, doubles, delays and bends frames: each has its bytes there and back of the other's."""
    netting, tool = suite.test_program("netting.elf"), product("ctx")
    with tempfile.TemporaryDirectory(prefix="argos-") as folder, Relay(folder, seed=5, lost=10, doubled=10, late=50, late_ms=10, bent=5) as relay:
        words = [tool, "run", "--headless", "--seconds", str(limit(60)), relay.net(1), product("apps/net.elf"), *NET.split(), "address=10.0.0.2/24", "name=m1", "+",
                 netting, "use=ctx.net/1(in:7)", "serve", "7", "1", "sleep", "4000", "+", netting, "use=ctx.net/1(out)", "sleep", "3000", "echo", "10.0.0.1", "7", "200000"]
        with apps_vm([(product("apps/net.elf"), "net", NET + " address=10.0.0.1/24 name=m0"), (netting, "serving", "use=ctx.net/1(in:7) serve 7 1"),
                      (netting, "asking", "use=ctx.net/1(out) sleep 3000 echo 10.0.0.2 7 200000")], "debugexit nodisplay",
                     devices=["-netdev", relay.netdev(0), "-device", "virtio-net-pci,netdev=n0,disable-legacy=on,romfile="]) as vm:
            vm.until(r"app\.serving#1: serves")
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**os.environ, "CTX_RUN_OPTIONS": ""}) as p:
                try:
                    vm.until(r"app\.asking#2: echo 200000 ok", 60)
                    vm.until(r"app\.serving#1: served", 60)
                    said = p.communicate(timeout=limit(70))[0].decode("utf-8", "replace")
                finally:
                    p.kill()
        check("echo 200000 ok" in said, f"{relay.did}: {said[-3000:]}")
        check(all(relay.did.values()), f"{relay.did}")


@case
def no_card():
    with apps_vm([(product("apps/net.elf"), "net", NET), (product("apps/console.elf"), "console", CONSOLE)], "debugexit nodisplay") as vm:
        vm.until(r"app\.console#1: Argos\. Type help")
        check(re.search(r"app\.net#0: there is no network card", vm.text), "nobody says so")
        begun = time.monotonic()
        say(vm, "ping 10.0.2.2", r"ping: .*unreachable")
        say(vm, "ip", r"lo0 +leads back")
        check(time.monotonic() - begun < limit(8), "it waited")


if __name__ == "__main__":
    suite.main()
