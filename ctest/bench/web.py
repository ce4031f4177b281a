#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The web server beside nginx on Linux: the same QEMU line (q35, TCG, one processor, 512 MiB, virtio-net on a tap device of a network namespace), in turns.

  web.py --build build/machines [--rounds N] [--seconds S] [--hold N] [ROW...]     figures are printed, never asserted; the median of the rounds

A page of 612 bytes and a file of 1 MiB: of nginx from its initial file system, of httpd from `storage` (a virtio disk, root=/disk), as one has them there. The
client is `wrk` with one thread. "vcpu" counts the time of the processor's thread of QEMU alone, which a busy host disturbs less than a rate. Sides: `argos`, `verified`
(isolate=require) and `linux` (peer.py: what it is made of, and where that lies). Wants what ip and unshare need: root, or Linux' namespaces for users.
"""
import argparse
import contextlib
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
sys.path.insert(1, HERE)
import peer  # noqa: E402
import suite  # noqa: E402
import vm as machine  # noqa: E402
from suite import apps_vm, product  # noqa: E402

GUEST, HOST, MAC = "10.77.77.2", "10.77.77.1", "52:54:00:12:34:56"
INSIDE = "ARGOS_BENCH_WEB_INSIDE"
WWW = {"page.html": b"<!doctype html><title>page</title><p>" + b"x" * 574 + b"\n", "large.bin": bytes(range(256)) * 4096}
CARD = ["-netdev", "tap,id=n0,ifname=tap0,script=no,downscript=no,vhost=off", "-device", f"virtio-net-pci,netdev=n0,romfile=,mac={MAC}", "-name", "guest,debug-threads=on"]
NET = f"offer=ctx.net/1 grant=ctx.nic/1 nic=* address={GUEST}/24"
HTTPD = "use=ctx.net/1(in:80,in:443) use=ctx.files/1(/) grant=ctx.system/1 web=look root=/disk cert=/disk/cert.pem key=/disk/key.pem"
STORAGE = "offer=ctx.files/1 grant=ctx.block/1 disk=*"
ALONE = "use=ctx.net/1(in:80) web=look"

# name: (connections, file, whether each request has a connection of its own, aim: how many times what Linux does).
ROWS = {
    "requests": (30, "page.html", False, ">= 5x"),
    "new connections": (30, "page.html", True, ">= 4x"),
    "1 MiB file": (4, "large.bin", False, ">= 1x"),
    "1 connection": (1, "page.html", False, ""),
    "300 connections": (300, "page.html", False, ""),
    "1,000 connections": (1000, "page.html", False, ""),
}
TLS = {"TLS, full": (["-new", "-tls1_3"], ">= 0.3x"), "TLS, resumed": (["-reuse", "-tls1_2"], ">= 1x")}
OTHERS = {"first byte": "<= 300 ms", "memory": "<= 4 KiB"}
MORE = {"p99": "<= 0.3x"}
SIDES = ("argos", "verified", "linux")


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def inside():
    """This program again in a network namespace of its own, which goes when it does; there: the tap device."""
    if os.environ.get(INSIDE) is None:
        for tool in ("ip", "unshare", "openssl", "readelf", machine.QEMU):
            if shutil.which(tool) is None:
                sys.exit(f"web.py: there is no {tool}")
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            sys.exit("web.py: /dev/net/tun can not be opened: tap devices take root, or a system that lends them to users")
        options = ["-n"] if os.geteuid() == 0 else ["-r", "-n"]
        if subprocess.run(["unshare", *options, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            sys.exit("web.py: no network namespace can be made: that takes root")
        peer.fetch()
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", *options, sys.executable, "-B", *sys.argv])
    for words in (f"addr add {HOST}/24 dev tap0", "link set tap0 up", "link set lo up", f"neigh replace {GUEST} lladdr {MAC} dev tap0 nud permanent"):
        if words.startswith("addr"):
            ip("tuntap", "add", "dev", "tap0", "mode", "tap")
        ip(*words.split())
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 40000), hard))


class Sides:
    """How each of the machines is begun."""

    def __init__(self, folder):
        self.folder = folder
        cert, key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3000", "-keyout", key, "-out", cert,
                        "-subj", "/CN=bench", "-addext", f"subjectAltName=IP:{GUEST}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.linux = peer.build(folder, GUEST, WWW, peer.data(cert), peer.data(key))
        self.disk = os.path.join(folder, "disk.img")
        subprocess.run([product("ctx"), "files", "create", self.disk, "--size", "16M"], check=True, stdout=subprocess.DEVNULL)
        for name, blob in WWW.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(blob)
        for name in ("cert.pem", "key.pem", *WWW):
            subprocess.run([product("ctx"), "files", "put", self.disk, os.path.join(folder, name), "/" + name], check=True, stdout=subprocess.DEVNULL)

    def start(self, side, alone=False):
        """A machine; alone: without storage and TLS, for the first byte."""
        if side == "linux":
            kernel, initrd = self.linux
            return machine.VM(["-kernel", kernel, "-initrd", initrd], "console=ttyS0 quiet panic=-1", mem=512, devices=CARD, seconds=3600)
        app = (lambda name: product(f"apps/{name}/verified/{name}.elf")) if side == "verified" else (lambda name: product(f"apps/{name}.elf"))
        apps = [(app("net"), "net", NET), (app("httpd"), "httpd", ALONE if alone else HTTPD)]
        if not alone:
            apps.insert(0, (app("storage"), "storage", STORAGE))
        words = "debugexit nodisplay" + (" isolate=require" if side == "verified" else "")
        return apps_vm(apps, words, mem=512, devices=CARD + ([] if alone else machine.disk(self.disk)), seconds=3600)


def place(side, name):
    return f"/files/{name}" if side != "linux" else f"/{name}"


def ask(path, sock=None):
    """A whole answer, over a connection that stays."""
    sock = sock or socket.create_connection((GUEST, 80), timeout=30)
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {GUEST}\r\n\r\n".encode())
    got = b""
    while b"\r\n\r\n" not in got:
        data = sock.recv(65536)
        if not data:
            sys.exit(f"web.py: {path}: the connection ends: {got!r}")
        got += data
    head, body = got.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += sock.recv(65536)
    if not head.startswith(b"HTTP/1.1 200"):
        sys.exit(f"web.py: {path}: {head.decode()}")
    return sock, body


def answers(vm, path):
    """Waits for the first answer. Seconds since QEMU was started."""
    patience = 0.01
    while True:
        with contextlib.suppress(OSError), socket.create_connection((GUEST, 80), timeout=patience) as sock:
            sock.settimeout(10)
            sock.sendall(f"GET {path} HTTP/1.0\r\nHost: {GUEST}\r\n\r\n".encode())
            if sock.recv(16).startswith(b"HTTP/1."):
                return time.monotonic() - vm.start
        if vm.process.poll() is not None or time.monotonic() > vm.start + 120:
            sys.exit(f"web.py: nobody answers:\n{vm.text[-2000:]}")
        time.sleep(0.002)
        patience = min(1.0, patience * 1.02)  # a slow machine is asked less often


def vcpu_seconds(vm):
    total = 0
    for task in os.listdir(f"/proc/{vm.process.pid}/task"):
        with open(f"/proc/{vm.process.pid}/task/{task}/stat", encoding="utf-8") as f:
            name, fields = f.read().split("(", 1)[1].rsplit(")", 1)
        if name.startswith("CPU"):
            total += sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


def milliseconds(text):
    return float(text.rstrip("mus")) * {"us": 1e-3, "ms": 1, "s": 1000, "m": 60000}[text.lstrip("0123456789.")]


def by_wrk(side, vm, row, seconds):
    """{what: figure}"""
    connections, name, closing, _ = ROWS[row]
    command, environment = peer.wrk(peer.fetch())
    begun, before = time.monotonic(), vcpu_seconds(vm)
    done = subprocess.run([command, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", *(["-H", "Connection: close"] if closing else []),
                           f"http://{GUEST}{place(side, name)}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment)
    vcpu, took = vcpu_seconds(vm) - before, time.monotonic() - begun
    rate = re.search(r"Requests/sec: +([\d.]+)", done.stdout)
    if done.returncode != 0 or not rate:
        sys.exit(f"web.py: {row}, {side}: wrk says\n{done.stdout}")
    for bad in re.findall(r"Non-2xx.*|Socket errors.*[1-9].*", done.stdout):
        print(f"  {row}, {side}: {bad}", flush=True)
    p50, p99 = (milliseconds(re.search(rf"^ +{p}%\s+(\S+)", done.stdout, re.M)[1]) for p in (50, 99))
    return {"rate": float(rate[1]), "per vcpu": float(rate[1]) * took / vcpu, "p50": p50, "p99": p99}


def by_openssl(vm, row, seconds):
    before = vcpu_seconds(vm)
    done = subprocess.run(["openssl", "s_time", "-connect", f"{GUEST}:443", "-time", str(seconds), *TLS[row][0]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, check=False, timeout=120)
    vcpu = vcpu_seconds(vm) - before
    found = re.search(r"(\d+) connections in (\d+) real seconds", done.stdout)
    if not found or int(found[1]) == 0:
        sys.exit(f"web.py: {row}: openssl says\n{done.stdout[-1000:]}")
    return {"rate": int(found[1]) / max(1, int(found[2])), "per vcpu": int(found[1]) / vcpu}


def free_memory(side, vm):
    if side != "linux":
        return int(re.search(rb"^argos_memory_free_bytes (\d+)", ask("/metrics")[1], re.M)[1])
    since = len(vm.text)
    vm.send("free\n")
    text = vm.until(r"MemFree: +\d+ kB(?s:.*)peer: that was it", 20, since)[0].decode()
    return int(re.search(r"MemFree: +(\d+)", text)[1]) << 10


def held(side, vm, count):
    """Bytes of the machine's memory for each of many connections that have been served and are kept."""
    path = place(side, "page.html")
    some = [ask(path)[0] for _ in range(100)]
    before = free_memory(side, vm)
    socks = [ask(path)[0] for _ in range(count)]
    time.sleep(1)
    each = (before - free_memory(side, vm)) / count
    ask(path, socks[0])
    for sock in some + socks:
        sock.close()
    time.sleep(1)
    return {"rate": each}


def one_round(sides, side, rows, args):
    """{row: {what: figure}}"""
    out = {}
    if "first byte" in rows:
        with sides.start(side, alone=True) as vm:
            out["first byte"] = {"rate": answers(vm, "/healthz" if side != "linux" else place(side, "page.html")) * 1000}
    with sides.start(side) as vm:
        answers(vm, place(side, "page.html"))
        if ask(place(side, "page.html"))[1] != WWW["page.html"]:
            sys.exit(f"web.py: {side} serves something else")
        if "memory" in rows:
            out["memory"] = held(side, vm, args.hold)
        for row in rows:
            if row in ROWS:
                out[row] = by_wrk(side, vm, row, args.seconds)
            elif row in TLS:
                out[row] = by_openssl(vm, row, args.seconds)
    return out


def show(got, rows, sides):
    """A table: each figure of each side, and of Linux' how many times."""
    def line(name, what, unit, aim=""):
        middle = {side: statistics.median(r[name][what] for r in got[side]) for side in sides}
        cells = "".join(f"{middle[side]:>12,.{1 if middle[side] < 100 else 0}f}" for side in sides)
        ratios = "".join(f"{middle[side] / middle['linux']:>10.2f}x" for side in sides if side != "linux" and middle.get("linux"))
        print(f"  {name:<18} {unit:<16}{cells}   {ratios}   {aim}", flush=True)
    print(f"  {'':<35}" + "".join(f"{side:>12}" for side in sides) + "    of linux:")
    for row in rows:
        if row in OTHERS:
            line(row, "rate", "ms" if row == "first byte" else "bytes each", OTHERS[row])
            continue
        aim = ROWS[row][3] if row in ROWS else TLS[row][1]
        line(row, "rate", "MiB/s" if "MiB" in row else "a second", aim)
        line(row, "per vcpu", "  per vcpu s")
        if row in ROWS:
            line(row, "p50", "  p50, ms")
            line(row, "p99", "  p99, ms", MORE["p99"] if row == "requests" else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--hold", type=int, default=1000, help="connections that are kept while memory is looked at")
    parser.add_argument("--sides", default=",".join(SIDES), help="separated by commas: " + ", ".join(SIDES))
    everything = [*OTHERS, *ROWS, *TLS]
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(everything))
    args = parser.parse_args()
    chosen = args.sides.split(",")
    for word, known in [(w, everything) for w in args.rows] + [(w, SIDES) for w in chosen]:
        if word not in known:
            parser.error(f"no such thing: {word}; there are {', '.join(known)}")
    inside()
    suite._build[0] = os.path.abspath(args.build)  # noqa: SLF001
    rows = [row for row in everything if row in (args.rows or everything)]
    got = {side: [] for side in chosen}
    with tempfile.TemporaryDirectory(prefix="argos-bench-") as folder:
        sides = Sides(folder)
        print(f"load {os.getloadavg()[0]:.1f}; {', '.join(f'{k} {v}' for k, v in peer.versions().items() if re.match('linux|nginx$|wrk', k))}", flush=True)
        for _ in range(args.rounds):
            for side in chosen:
                got[side].append(one_round(sides, side, rows, args))
    print(f"load {os.getloadavg()[0]:.1f}")
    show(got, rows, chosen)


if __name__ == "__main__":
    main()
