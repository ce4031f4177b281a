# SPDX-License-Identifier: MIT
"""A bad wire: what one of two unix datagram sockets sends comes out at the other, but for frames that are lost, doubled, late, out of
order or bent, as a seed has it. The two ends are `ctx run --net=socket:OWN,OTHER` or QEMU's `-netdev dgram`."""
import contextlib
import heapq
import os
import random
import selectors
import socket
import threading
import time


class Relay:
    """Of a thousand frames so many are lost, doubled, late (by up to late_ms; so they overtake each other) and bent in one byte."""

    def __init__(self, folder, seed=1, lost=0, doubled=0, late=0, late_ms=20, bent=0):
        self.dice, self.lost, self.doubled, self.late, self.late_ms, self.bent = random.Random(seed), lost, doubled, late, late_ms, bent
        self.passed, self.did = 0, dict.fromkeys(("lost", "doubled", "late", "bent"), 0)
        self.ends = [os.path.join(folder, name) for name in ("a", "b")]  # where the two listen
        self.ours = [os.path.join(folder, "relay-" + name) for name in ("a", "b")]  # where they send to
        self.stop, self.flying, self.number = False, [], 0

    def net(self, end):
        """The option of ctx for one end, 0 or 1."""
        return f"--net=socket:{self.ends[end]},{self.ours[end]}"

    def netdev(self, end, name="n0"):
        return f"dgram,id={name},local.type=unix,local.path={self.ends[end]},remote.type=unix,remote.path={self.ours[end]}"

    def __enter__(self):
        self.sockets = []
        for path in self.ours:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            s.bind(path)
            s.setblocking(False)
            self.sockets.append(s)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop = True
        self.thread.join()
        for s in self.sockets:
            s.close()

    def happens(self, what):
        hit = self.dice.random() * 1000 < getattr(self, what)
        self.did[what] += hit
        return hit

    def take(self, frame, to):
        self.passed += 1
        if self.happens("lost"):
            return
        # An Ethernet's own checksum would keep a bent ARP from anybody: it has none of its own, and would lead astray for minutes.
        if frame[12:14] != b"\x08\x06" and self.happens("bent"):
            frame = bytearray(frame)
            frame[self.dice.randrange(14, len(frame))] ^= self.dice.randrange(1, 256)
        for _ in range(2 if self.happens("doubled") else 1):
            wait = self.dice.random() * self.late_ms / 1000 if self.happens("late") else 0
            self.number += 1
            heapq.heappush(self.flying, (time.monotonic() + wait, self.number, to, bytes(frame)))

    def run(self):
        with selectors.DefaultSelector() as selector:
            for end, s in enumerate(self.sockets):
                selector.register(s, selectors.EVENT_READ, end)
            while not self.stop:
                wait = self.flying[0][0] - time.monotonic() if self.flying else 0.1
                for key, _ in selector.select(max(0, min(wait, 0.1))):
                    with contextlib.suppress(BlockingIOError):
                        for _ in range(64):
                            self.take(key.fileobj.recv(70000), 1 - key.data)
                while self.flying and self.flying[0][0] <= time.monotonic():
                    _, _, to, frame = heapq.heappop(self.flying)
                    with contextlib.suppress(OSError):  # nobody is there yet or any more, or it is full: as on any wire
                        self.sockets[to].sendto(frame, self.ends[to])
