# SPDX-License-Identifier: MIT
"""Keys from the command line and from a pipe reach an app with the codes of a US keyboard."""
import fcntl
import os
import pty
import re
import signal
import termios

from runner import Live, case, check, eventually, main, test_app, until

A, B, SHIFT, CTRL, UP, ENTER, ESC, ONE = 30, 48, 42, 29, 103, 28, 1, 2


def events(text):
    return [(d == "down", int(c)) for d, c in re.findall(r"T (down|up) code=(\d+)", text)]


def released(count):
    """The sign that so many keys have come and gone."""
    return lambda text: text.count("T up code=") >= count


def taps(*codes):
    return [e for code in codes for e in ((True, code), (False, code))]


SHIFTED_B = [(True, SHIFT), *taps(B), (False, SHIFT)]


@case
def keys_option():
    want = taps(A) + SHIFTED_B + taps(UP, ENTER, ESC, ONE)
    said = until("run", "--headless", "--keys", "aB<up><ret><esc>1", test_app("keys"), says=released(len(want) // 2))
    check(events(said.text) == want, f"events are {events(said.text)}, not {want}")
    said.hasnt("FAIL")


@case
def many_keys():
    """More than the queue holds: they wait, and none is lost."""
    text = "ab" * 700
    said = until("run", "--headless", "--fast", "--keys", text, test_app("keys"), says=released(1400))
    check(events(said.text) == taps(A, B) * 700, f"{len(events(said.text))} events")
    said.hasnt("dropped").hasnt("FAIL")


@case
def pipe():
    want = taps(A, UP) + [(True, CTRL), *taps(B), (False, CTRL)]
    said = until("run", "--headless", test_app("keys"), stdin=b"a\x1b[A\x02", says=released(len(want) // 2))
    check(events(said.text) == want, f"events are {events(said.text)}")


@case
def long_pipe():
    said = until("run", "--headless", "--fast", test_app("keys"), stdin=b"ab" * 700, says=released(1400))
    check(events(said.text) == taps(A, B) * 700, f"{len(events(said.text))} events")
    said.hasnt("dropped").hasnt("FAIL")


@case
def terminal():
    """A terminal is raw while it runs, Escape alone is a key, and afterwards it is as before."""
    with Terminal() as t:
        for byte, code in ((b"a", A), (b"\x1b", ESC), (b"b", B)):
            os.write(t.ours, byte)
            t.run.until(f"T up code={code} ")
        t.run.p.send_signal(signal.SIGINT)
        text = t.run.ends()
        check(events(text) == taps(A, ESC, B), f"events are {events(text)}:\n{text}")
        check(t.is_as_before(), "the terminal is not as it was")


class Terminal:
    """A run of the app `keys` on a terminal of its own, which is raw and has the app waiting."""

    def __enter__(self):
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.run = Live("run", "--headless", test_app("keys"), stdin=self.theirs, start_new_session=True,
                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)).__enter__()
        self.run.until("T keys ready")
        eventually(lambda: check(not termios.tcgetattr(self.theirs)[3] & (termios.ICANON | termios.ECHO), "the terminal is not raw"))
        return self

    def __exit__(self, *error):
        self.run.__exit__(*error)
        os.close(self.ours)
        os.close(self.theirs)

    def is_as_before(self):
        return termios.tcgetattr(self.theirs) == self.before


@case
def terminal_after_ctrl_c():
    with Terminal() as t:
        os.write(t.ours, b"\x03")
        t.run.ends()
        check(t.is_as_before(), "the terminal is not as it was")


if __name__ == "__main__":
    main()
