# SPDX-License-Identifier: MIT
"""What ctest/qemu/apps/nics.c says, on either machine; and a wire between two unix sockets that loses, doubles, swaps and breaks frames."""
import os
import random
import select
import socket
import threading

import disks

missing = disks.missing

# All that one app can do with one card of a user network (QEMU's, or libslirp's in ctx); and what it says, in this order.
ALL = ("list on=net0 bad filter=3 filter=1 arp=10.0.2.2 ping=5 size=1514 ping=5 pieces=4 ping=3 other ping=3 pieces=1 size=60 send=300 counters "
       "wild again=net0 arp=10.0.2.2 release again=net0 arp=10.0.2.2 ping=3 counters")
SAYS = [r"T card net0 mtu 1500 flags \d+ label .+", r"T claimed net0 0$", r"T bad 0$", r"T filter 0$", r"T filter 0$", r"T arp 1$", r"T ping 5$", r"T ping 5$", r"T ping 3$",
        r"T ping 3$", r"T sent ok 300$", r"T counters 0$", r"T counter sent \d+$", r"T wild 0$", r"T claimed net0 0$", r"T arp 1$", r"T release 0$", r"T claimed net0 0$", r"T arp 1$", r"T ping 3$",
        r"T counters 0$", r"T end 0$"]


class Wire:
    """Two ends, a and b, paths of unix datagram sockets that machines send to; each machine has bound its own: near_a, near_b. What comes goes to the other one,
    but for what `bad` (a chance for each kind of trouble) does to it."""

    def __init__(self, folder, bad=0.0, seed=1):
        self.paths = {n: os.path.join(folder, n) for n in ("a", "b", "near_a", "near_b")}
        self.ends = {}
        for n in ("a", "b"):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(self.paths[n])
            self.ends[n] = s
        self.bad, self.random, self.late, self.frames, self.stop = bad, random.Random(seed), None, [], False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        other = {"a": "near_b", "b": "near_a"}
        while not self.stop:
            ready, _, _ = select.select(list(self.ends.values()), [], [], 0.05)
            for name, s in self.ends.items():
                if s not in ready:
                    continue
                frame = s.recv(70000)
                self.frames.append(frame)
                for out in self._trouble(frame):
                    try:
                        s.sendto(out, self.paths[other[name]])
                    except OSError:
                        pass  # nobody is there yet, or any more

    def _trouble(self, frame):
        def chance():
            return self.random.random() < self.bad
        if chance():
            return []
        if chance():
            at = self.random.randrange(len(frame))
            frame = frame[:at] + bytes([frame[at] ^ (1 << self.random.randrange(8))]) + frame[at + 1:]
        late, self.late = self.late, frame if chance() else None
        out = ([] if self.late else [frame]) + ([late] if late else [])
        return out + ([frame] if chance() else [])

    def close(self):
        self.stop = True
        self.thread.join()
        for s in self.ends.values():
            s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
