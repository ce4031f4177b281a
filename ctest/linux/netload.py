# SPDX-License-Identifier: MIT
"""httpd under load and under attack, over a wire at whose other end a program speaks TCP by the app's own stack (netpeer.c). What memory the stack
has is counted, and how often another app has its turn meanwhile. `long=1` in the environment: ten times as much (target netload-long)."""
import contextlib
import os
import re
import subprocess
import threading
import time

from runner import case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""
LONG = os.environ.get("long") == "1"


def own(name):
    return os.path.join(suite.build(), "apps", name + ".elf")


class Machine:
    """net, httpd and a gauge in one run; `peer` does things at the other end."""

    def __init__(self, folder, httpd=(), use="use=ctx.net/1(in:80)", more=(), options=(), restart=()):
        self.paths = [os.path.join(folder, n) for n in ("a", "b")]
        words = [tool(), "run", "--headless", *options, f"--net=socket:{self.paths[0]},{self.paths[1]}", own("net"), "offer=ctx.net/1", "grant=ctx.nic/1", "nic=*", "address=10.0.0.2/24", *restart,
                 "+", own("httpd"), use, "web=look", *httpd, "+", suite.test_program("lending.elf"), "use=ctx.net/1", "gauge", *more]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.log, self.figures = [], []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self.until(lambda: any("listening port=80" in line for line in self.log) and self.figures, "it does not listen")

    def _read(self):
        for raw in self.process.stdout:
            line = raw.decode(errors="replace")
            found = re.search(r"gauge memory=(\d+) turns=(\d+)", line)
            if found:
                self.figures.append((int(found[1]), int(found[2])))
            else:
                self.log.append(line)

    def until(self, what, otherwise, seconds=20):
        end = time.monotonic() + limit(seconds)
        while not what():
            check(self.process.poll() is None and time.monotonic() < end, f"{otherwise}: {self.figures[-3:]} {''.join(self.log[-20:])}")
            time.sleep(0.05)

    def start(self, *words):
        return subprocess.Popen([suite.test_program("netpeer"), self.paths[1], self.paths[0], *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def peer(self, *words):
        """What it says, by its first words."""
        p = self.start(*words)
        out = p.communicate(b"go\n", timeout=limit(150))[0].decode()
        check(p.returncode == 0, f"{words}: {p.returncode} {out}")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.paths[1])
        return out

    def memory(self):
        return self.figures[-1][0]

    def memory_is_back(self, at_first, seconds=20):
        """But for a few timers and neighbours: a connection has as much as that."""
        self.until(lambda: self.memory() < at_first + 600, f"{self.memory()} of memory, {at_first} at first", seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.thread.join()


@contextlib.contextmanager
def machine(*words, **more):
    with scratch() as folder, Machine(folder, *words, **more) as m:
        m.peer("wait", 300)  # neighbours
        yield m


def good(said, word, count):
    check(re.search(rf"^{word} good={count} bad=0 ", said, re.M), said)


def turns_of(m, work):
    """How often the gauge had its turn while this was done, and in how many milliseconds."""
    begun, first = time.monotonic(), m.figures[-1][1]
    said = work()
    return said, m.figures[-1][1] - first, (time.monotonic() - begun) * 1000


@case
def many_one_after_the_other():
    count = 10000 if LONG else 1000
    with machine() as m:
        m.peer("ask", 50, 10)
        before = m.memory()
        said, turns, ms = turns_of(m, lambda: m.peer("ask", count, 50))
        good(said, "asked", count)
        check(turns > 0, "another app had no turn")
        print(f"{said.strip()}; another app had {turns} turns in {ms:.0f} ms")
        m.memory_is_back(before)


@case
def many_at_once():
    """They are all there, have been served, and are served again; memory for each is counted."""
    count = 10000 if LONG else 1000
    with machine() as m:
        m.peer("ask", 50, 10)
        before = m.memory()
        p = m.start("hold", count)
        said = p.stdout.readline().decode()
        good(said, "held", count)
        time.sleep(0.3)
        each = (m.memory() - before) / count
        check(0 < each <= 2048, f"{each} bytes of the stack's for each")
        again = p.communicate(b"go\n", timeout=limit(100))[0].decode()
        good(again, "again", count)
        print(f"{said.strip()}; {again.strip()}; {each:.0f} bytes each in the stack")
        m.memory_is_back(before)


@case
def floods():
    """First segments from nobody, frames that make no sense: others are served afterwards (and while half-open ones time out), and nothing stays."""
    with machine() as m:
        m.peer("ask", 50, 10)
        before = m.memory()
        said, turns, ms = turns_of(m, lambda: m.peer("garbage", 100000 if LONG else 10000))
        check(turns > 0, "another app had no turn")
        good(m.peer("ask", 100, 10), "asked", 100)
        print(f"{said.strip()}; another app had {turns} turns in {ms:.0f} ms")
        m.memory_is_back(before)
        said, turns, ms = turns_of(m, lambda: m.peer("syn", 100000 if LONG else 10000))
        print(f"{said.strip()}; another app had {turns} turns in {ms:.0f} ms")
        good(m.peer("ask", 10, 2), "asked", 10)
        check(m.memory() < before + 1300 * 800, f"{m.memory()} of memory, {before} at first")
        if LONG:
            m.memory_is_back(before, 60)  # half-open ones are given up after twenty seconds


@case
def odd_clients():
    """Heads without an end, requests that are none: documented statuses; TLS that breaks off in the middle."""
    with scratch() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem",
                        "-days", "9", "-subj", "/CN=localhost"], check=True, capture_output=True)
        with machine(httpd=["cert=/keys/cert.pem", "key=/keys/key.pem"], use="use=ctx.net/1(in:80,in:443)", options=["--dir", f"{folder}:/keys"]) as m:
            m.until(lambda: any("listening port=443" in line for line in m.log), "no TLS")
            m.peer("ask", 50, 10)
            before = m.memory()
            hello = "16030100" + "40" + "0100003c0303" + "00" * 20
            for part in ("16", "1603", hello, hello + "ff" * 300):
                good(m.peer("cut", 20, 443, part), "cut", 20)
            good(m.peer("ask", 100, 10), "asked", 100)
            m.memory_is_back(before)
            for status, text in ((431, "GET / HTTP/1.1\\r\\nHost: a\\r\\nA: *"), (400, "GARBAGE\\r\\n\\r\\n"), (431, "GET /*"), (414, "GET /" + "a" * 5000 + " HTTP/1.1\\r\\n\\r\\n"), (505, "GET / HTTP/7.0\\r\\n\\r\\n")):
                good(m.peer("say", 3, status, text), "say", 3)
            if LONG:
                good(m.peer("say", 2, 408, "GET / HT"), "say", 2)  # ten seconds each
            good(m.peer("ask", 100, 10), "asked", 100)
            if LONG:
                m.memory_is_back(before, 60)  # who ends first waits for half a minute


@case
def net_is_killed():
    """Again and again, while others ask: who asks then is served."""
    kill = ["+", suite.test_program("netting.elf"), "grant=ctx.control/1", "sleep", "1500", "kill", "0", "5"]
    with machine(more=kill, restart=["restart=always"]) as m:
        said = m.peer("ask", 3000, 10)
        m.until(lambda: any("killed" in line for line in m.log), "nobody killed it")
        check(sum("offers ctx.net/1" in line for line in m.log) == 6, "".join(m.log[-20:]))
        print(said.strip())
        good(m.peer("wait", 200, "ask", 100, 10), "asked", 100)


if __name__ == "__main__":
    main()
