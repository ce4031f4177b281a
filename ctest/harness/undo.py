# SPDX-License-Identifier: MIT
"""Calls that are undone: the same runs on both machines. The app checks itself, see ctest/qemu/apps/undoing.c."""
import re

# name, app, its words, words of the core's, at least so many calls undone
RUNS = [
    ("copied", "undoing-small", "4 300", "restart=undo", 50),
    ("watched", "undoing", "128 300", "restart=undo", 50),
    ("watched-few", "undoing", "1 300", "restart=undo", 50),
    ("endless", "undoing-small", "4 60 endless", "restart=undo overrun=restart:2 budget=4ms", 5),
    ("endless-watched", "undoing", "16 60 endless", "restart=undo overrun=restart:2 budget=4ms", 5),
]


def wrong(text, least):
    """Why it is not as it should be; empty if it is."""
    undone = len(re.findall(r"undone name=", text))
    said = [m[0] for m in re.finditer(r".*(T FAIL|PANIC|can not be undone|that does not help|restarting).*", text)]
    if not re.search(r"T PASS count", text):
        said.append("it did not come to its end")
    if undone < least:
        said.append(f"only {undone} calls were undone")
    return said
