# SPDX-License-Identifier: MIT
"""How long a test waits for a sign before it calls it missing.

A limit is a net against hangs, never a proof: what is proved are events, frames, or virtual time. It is written down as what an
idle machine needs at the very most, and waited for so many times as long, because a test runs beside others, and beside
whatever else its machine has to do. Who waits for something *not* to happen, or lets time go by, does so without this.
"""
import time

PATIENCE = 10


class Failure(Exception):
    """A test did not see what it must see."""


def limit(seconds):
    return seconds * PATIENCE


def eventually(look, seconds=10):
    """What look() returns, once it does not raise a Failure any more. It looks anew each time: at a screen, at a file, at a server,
    which before it listens refuses a connection, or through a forwarded port takes it and breaks it."""
    end = time.monotonic() + limit(seconds)
    while True:
        try:
            return look()
        except (Failure, ConnectionError):
            if time.monotonic() > end:
                raise
        time.sleep(0.05)
