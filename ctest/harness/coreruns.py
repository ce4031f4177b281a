# SPDX-License-Identifier: MIT
"""Small apps that showed a fault of the core, and what is right instead; run on both machines.

A run is over when all that must be said was said, in that order; how long that takes says nothing.
"""
import re
from dataclasses import dataclass, field


@dataclass
class Run:
    """apps: (name of a test app, arguments)."""

    apps: list
    says: list
    never: list = field(default_factory=list)
    mib: int = 256  # of the machine
    fast: bool = False  # frames as they come, not sixty a second

    def done(self, text):
        """How many of the lines have come, in order."""
        at = 0
        for n, pattern in enumerate(self.says):
            found = re.compile(pattern, re.M).search(text, at)
            if not found:
                return n
            at = found.end()
        return len(self.says)

    def is_done(self, text):
        return self.done(text) == len(self.says)

    def wrong(self, text):
        """What is wrong with a run that is over; None: nothing."""
        for pattern in self.never:
            found = re.search(pattern, text, re.M)
            if found:
                return f"it says {found[0]!r}"
        n = self.done(text)
        return None if n == len(self.says) else f"no sign of {self.says[n]!r}"


BEFORE = r"undotwice#0: T pixel is as before 1$"
UNDONE = r"undone name=\w+ pid=0 call=\d+ undone={}: "
LOST = r"pieces#0: this call can not be undone: this machine can not watch so many pieces of memory"


def twice(how):
    return Run([("undotwice", f"{how} restart=undo")],
               [r"T attempt 1$", BEFORE, rf"T {how} 0$", UNDONE.format(1), r"T attempt 2$", BEFORE, UNDONE.format(2),
                r"T attempt 3$", BEFORE, r"exited name=undotwice pid=0 code=0$"])


RUNS = {
    "a-loop-in-a-slow-host": Run(
        [("beat", ""), ("spinhost", "20 2 grant=ctx.host/1"), ("logloop", "host=spinhost")],
        [r"spinhost#1: T host wrap 0$", r"overran name=logloop pid=2 ", r"beat#0: T beats \d+$", r"beat#0: T beats \d+$"],
        [r"overran name=spinhost", r"fault name="]),
    "undo-after-resize": twice("resize"),
    "undo-after-destroy": twice("destroy"),
    "undo-after-a-resize-that-fails": Run(
        [("undosize", "resize mem=8M restart=undo:1")],
        [r"T resize -\d+$", UNDONE.format(1), r"T pixel 286331153$", UNDONE.format(2), r"restarted name=undosize"],
        [r"UNDO LEFT PIXELS CHANGED"]),
    # Blocks and surfaces that come, go and change their size, and a fault in every fourth of thousands of calls.
    "undo-beside-a-twin": Run(
        [("undotwin", "twin restart=undo")], [r"undone name=undotwin ", r"T twin ok 0$"],
        [r"WRONG", r"can not be undone", r"T twin FAIL"], fast=True),
    "numbers-are-unique": Run(
        [("count", ""), ("dup", "trusted grant=ctx.image/1,ctx.control/1")],
        [r"T save 0$", r"restarted name=count", r"T restore new -15$", r"why field=app\.pid .*: another app has this number now",
         r"T app count pid 0 ", r"T app dup pid 1 ", r"exited name=dup"],
        [r"T app count pid 0 [^\n]*\n(?:[^\n]*\n)?[^\n]*T app count pid 0 [^\n]*\n[^\n]*T app dup"]),
    "memory-for-stacks": Run(
        [("bss", ""), ("bss", ""), ("bss", ""), ("bssk", ""), ("deep", "")],
        [r"deep#\d+: T deep is fine 70$"],
        [r" fault name="], mib=64),
}

# The way back is by mappings on Linux, which has a limit of them, and by page tables elsewhere.
PIECES_LINUX = Run([("pieces", "72000 2 restart=undo:1")],
                   [r"T alloc 1$", r"T wrote 0$", LOST, r"restarted name=pieces", r"T wrote 0$", LOST, r"stopped name=pieces"],
                   [r"T pages that are not as before [1-9]"], mib=1024)
PIECES_ARGOS = Run([("pieces", "20000 2 restart=undo")],
                   [r"T alloc 1$", r"T wrote 0$", UNDONE.format(1), r"T pages that are not as before 0$"],
                   [r"T pages that are not as before [1-9]", r"can not be undone"])
