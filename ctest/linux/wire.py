# SPDX-License-Identifier: MIT
"""What goes over the wire: the time from a server, frames written down by --net-dump and looked at, and a wire that is bad."""
import collections
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

from runner import Skip, case, check, limit, main, scratch, suite, test_app, tool

import frames  # harness/: runner has put that folder first
from relay import Relay
from timeserver import TimeServer

os.environ["CTX_RUN_OPTIONS"] = ""
LONG = os.environ.get("ARGOS_LONG") == "1"
NET = ["offer=ctx.net/1", "grant=ctx.nic/1,ctx.calendar/1", "nic=*"]


def own(name, verified=False):
    return os.path.join(suite.build(), "apps", *([name, "verified"] if verified else []), name + ".elf")


def card_is_there():
    p = subprocess.run([tool(), "run", "--headless", "--net", "--seconds", "0", own("hello")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit(30), check=False)
    if b"libslirp" in p.stdout and p.returncode != 0:
        raise Skip("ctx was built without libslirp")


def run(*words, seconds=60, code=None):
    p = subprocess.run([tool(), "run", "--headless", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=limit(seconds), check=False)
    said = p.stdout.decode("utf-8", "replace")
    check(code is None or p.returncode == code, f"{words}: {p.returncode}\n{said}")
    return said


# ---- the time ----


@case
def a_server_sets_the_time():
    """For everybody, four years ahead; not without the grant, not by a server that does not know, and nobody is asked unless somebody says whom."""
    card_is_there()
    wall = ["--seconds", "2", "--net", own("net"), *NET]
    ahead = 4 * 366 * 86400
    with TimeServer(ahead) as server, TimeServer(ahead, stratum=16) as clueless:
        said = run(*wall, f"ntp=10.0.2.2:{server.port}", "+", test_app("wall"))
        walls = [int(n) for n in re.findall(r"T wall (\d+)", said)]
        check(walls and abs(walls[0] - time.time()) < 60 and abs(walls[-1] - time.time() - ahead) < 60, said)
        check(re.search(r"app\.net#0: time=20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC by=10\.0\.2\.2 shift=\+1264", said), said)
        for net, why in ((["grant=ctx.nic/1", f"ntp=10.0.2.2:{server.port}"], "the time can not be set, the line needs grant=ctx.calendar/1"),
                         (["grant=ctx.nic/1,ctx.calendar/1", f"ntp=10.0.2.2:{clueless.port}"], "time server 10.0.2.2 does not know the time itself"),
                         (["grant=ctx.nic/1,ctx.calendar/1", "ntp=a,b,c,d,e"], "names or addresses, four at most"),
                         (["grant=ctx.nic/1,ctx.calendar/1"], "by=DHCP")):
            said = run("--seconds", "1", "--net", own("net"), "offer=ctx.net/1", "nic=*", *net, "+", test_app("wall"))
            walls = [int(n) for n in re.findall(r"T wall (\d+)", said)]
            check(why in said and walls and abs(walls[-1] - time.time()) < 60, f"{net}: {said}")
        check(server.asked == 1 and clueless.asked >= 1, f"{server.asked} {clueless.asked}")


# ---- frames ----


def judge(path):
    """Each frame of it; how many of which kind. One that is malformed, or has a bad checksum, is a failure."""
    capture = frames.Capture(path)
    check(capture.times == sorted(capture.times), "its times go back")
    for number, frame in enumerate(capture.frames, 1):
        check(frames.wrong(frame) is None, f"frame {number}: {frames.wrong(frame)}: {frame.hex()}")
    return capture, collections.Counter(frames.kind(frame) for frame in capture.frames)


def echo_server():
    s = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = s.accept()
            except OSError:
                return
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)
    threading.Thread(target=serve, daemon=True).start()
    return s


def record(folder):
    """DHCP, ping, UDP, a connection that carries much and one that nobody wants."""
    path = os.path.join(folder, "dump.pcap")
    with echo_server() as s, TimeServer() as server:
        said = run("--net", f"--net-dump={path}", own("net"), *NET, f"ntp=10.0.2.2:{server.port}", "+", suite.test_program("netting.elf"), "use=ctx.net/1(out in)",
                   "echo", "10.0.2.2", str(s.getsockname()[1]), "700000", "ping", "10.0.2.2", "echo", "10.0.2.2", "1", "1", "sleep", "1500", code=0)
    check("echo 700000 ok" in said and "ping hello" in said, said)
    return path


@case
def no_frame_is_malformed():
    card_is_there()
    with scratch() as folder:
        path = record(folder)
        check(os.stat(path).st_mode & 0o077 == 0, "others can read it")
        capture, kinds = judge(path)
        check(kinds["tcp4"] > 500 and kinds["udp4"] >= 6 and kinds["icmp4"] == 2 and kinds["arp"] >= 2 and kinds["icmp6"] >= 3, f"{kinds}")
        # The judge is no stub: of whatever is bent it says so.
        dice = random.Random(7)
        for frame in dice.sample([f for f in capture.frames if frames.kind(f) in ("tcp4", "udp4", "icmp4", "icmp6") and f[23:24] != b"\x11"], 60):
            at = dice.randrange(14, 14 + (int.from_bytes(frame[16:18], "big") if frame[12:14] == b"\x08\0" else 40 + int.from_bytes(frame[18:20], "big")))
            if frame[12:14] == b"\x86\xdd" and at < 22:
                continue # class, flow and hops of IPv6 are under no checksum
            bent = bytearray(frame)
            bent[at] ^= dice.randrange(1, 256)
            check(frames.wrong(bytes(bent)), f"byte {at} of {frame.hex()} may be anything")


@case
def tshark_agrees():
    card_is_there()
    if not shutil.which("tshark"):
        raise Skip("there is no tshark")
    with scratch() as folder:
        path = record(folder)
        checks = [word for name in ("ip", "tcp", "udp") for word in ("-o", f"{name}.check_checksum:TRUE")]
        bad = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0"
        p = subprocess.run(["tshark", "-n", "-r", path, *checks, "-Y", bad], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit(60), check=False)
        check(p.returncode == 0 and not p.stdout.strip(), p.stdout.decode() + p.stderr.decode())
        p = subprocess.run(["tshark", "-n", "-r", path, "-Y", "tcp || dhcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=limit(60), check=False)
        check(p.stdout.count(b" TCP ") > 500 and p.stdout.count(b" DHCP ") >= 4, p.stdout.decode()[-2000:])


@case
def a_dump_that_can_not_be():
    check("it wants --net" in run("--net-dump", "/tmp/x.pcap", own("hello"), code=125), "without a card")
    check("No such file or directory" in run("--net", "--net-dump=/nowhere/x.pcap", own("hello"), code=125), "nowhere")


# ---- a bad wire ----


def both_ways(size, seconds, **trouble):
    """Two machines, each of which serves and has so many bytes there and back of the other's, at once."""
    with scratch() as folder, Relay(folder, **trouble) as relay:
        netting = suite.test_program("netting.elf")
        runs = []
        for end in (0, 1):
            words = [tool(), "run", "--headless", "--seconds", str(limit(seconds)), relay.net(end), own("net"), *NET, f"address=10.0.0.{end + 1}/24", f"name=m{end}", "+",
                     netting, "use=ctx.net/1(in:7)", "serve", "7", "1", "sleep", "3000", "+",
                     netting, "use=ctx.net/1(out)", "sleep", "500", "echo", f"10.0.0.{2 - end}", "7", str(size)]
            runs.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL))
        begun, said = time.monotonic(), []
        try:
            for p in runs:
                said.append(p.communicate(timeout=limit(seconds) + 10)[0].decode("utf-8", "replace"))
        finally:
            for p in runs:
                p.kill()
                p.wait()
        for text in said:
            check(f"echo {size} ok" in text and "served" in text, f"{relay.passed} frames, {relay.did}:\n" + "\n----\n".join(t[-2000:] for t in said))
        for what, of_thousand in trouble.items():
            check(what not in relay.did or of_thousand == 0 or relay.did[what] > 0, f"nothing was {what}")
        sys.stderr.write(f"{4 * size} bytes in {time.monotonic() - begun:.1f} s, {relay.passed} frames, {relay.did}\n")


@case
def a_wire_that_loses_doubles_delays_and_bends():
    both_ways(400_000, 40, seed=20261130, lost=10, doubled=10, late=50, late_ms=10, bent=5)


def a_bad_wire_for_long():
    """The target relay-long: several MiB each way, over wires of many kinds."""
    for seed in range(1, 9):
        dice = random.Random(seed)
        both_ways(4 << 20, 600, seed=seed, lost=dice.randrange(30), doubled=dice.randrange(50), late=dice.randrange(200), late_ms=dice.choice((3, 20, 80)), bent=dice.randrange(20))


if LONG:
    case(a_bad_wire_for_long)

if __name__ == "__main__":
    main()
