# SPDX-License-Identifier: MIT
"""Keys from the command line and from a pipe reach an app with the codes of a US keyboard."""
import os
import pty
import re
import subprocess
import termios
import time

from runner import Failure, case, check, ctx, main, test_app, tool

A, B, SHIFT, CTRL, UP, ENTER, ESC, ONE = 30, 48, 42, 29, 103, 28, 1, 2


def events(text):
    return [(d == "down", int(c)) for d, c in re.findall(r"T (down|up) code=(\d+)", text)]


def taps(*codes):
    return [e for code in codes for e in ((True, code), (False, code))]


SHIFTED_B = [(True, SHIFT), *taps(B), (False, SHIFT)]


@case
def keys_option():
    said = ctx("run", "--headless", "--seconds", "1", "--keys", "aB<up><ret><esc>1", test_app("keys"))
    want = taps(A) + SHIFTED_B + taps(UP, ENTER, ESC, ONE)
    check(events(said.text) == want, f"events are {events(said.text)}, not {want}")
    said.hasnt("FAIL")


@case
def many_keys():
    """More than the queue holds: they wait, and none is lost."""
    text = "ab" * 700
    said = ctx("run", "--headless", "--seconds", "4", "--fast", "--keys", text, test_app("keys"))
    check(events(said.text) == taps(A, B) * 700, f"{len(events(said.text))} events")
    said.hasnt("dropped").hasnt("FAIL")


@case
def pipe():
    said = ctx("run", "--headless", "--seconds", "1", test_app("keys"), stdin=b"a\x1b[A\x02")
    want = taps(A, UP) + [(True, CTRL), *taps(B), (False, CTRL)]
    check(events(said.text) == want, f"events are {events(said.text)}")


@case
def long_pipe():
    said = ctx("run", "--headless", "--seconds", "4", "--fast", test_app("keys"), stdin=b"ab" * 700)
    check(events(said.text) == taps(A, B) * 700, f"{len(events(said.text))} events")
    said.hasnt("dropped").hasnt("FAIL")


@case
def terminal():
    """A terminal is raw while it runs, Escape alone is a key, and afterwards it is as before."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    p = subprocess.Popen([tool(), "run", "--headless", "--seconds", "2", test_app("keys")], stdin=theirs,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                         preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0))
    end = time.monotonic() + 10
    while termios.tcgetattr(theirs)[3] & termios.ICANON and time.monotonic() < end:
        time.sleep(0.02)
    check(not termios.tcgetattr(theirs)[3] & (termios.ICANON | termios.ECHO), "the terminal is not raw")
    time.sleep(0.3)
    os.write(ours, b"a")
    time.sleep(0.1)
    os.write(ours, b"\x1b")
    time.sleep(0.2)
    os.write(ours, b"b")
    text, _ = p.communicate(timeout=20)
    check(events(text) == taps(A, ESC, B), f"events are {events(text)}:\n{text}")
    check(termios.tcgetattr(theirs) == before, "the terminal is not as it was")


@case
def terminal_after_ctrl_c():
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    p = subprocess.Popen([tool(), "run", "--headless", test_app("keys")], stdin=theirs, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, start_new_session=True,
                         preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0))
    time.sleep(0.8)
    os.write(ours, b"\x03")
    try:
        p.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        p.kill()
        raise Failure("Ctrl-C does not end it") from None
    check(termios.tcgetattr(theirs) == before, "the terminal is not as it was")


if __name__ == "__main__":
    main()
