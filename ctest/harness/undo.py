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


def hashes(text, name=r"\S+"):
    """What the state of an app was after each good call."""
    return dict(re.findall(rf"HASH name={name} calls=(\d+) (data=\w+ pixels=\w+) injected=", text))


def follow(text, twin, found, name=r"\S+"):
    """Each fault of one run: is the state after it what it is without it? Up to the first time that it is not."""
    undone = injected = 0
    for line in text.splitlines():
        if re.search(rf" undone name={name} ", line):
            undone += 1
        elif re.search(rf"(restarting|stopped) name={name} ", line):
            found["began anew"] += undone + 1
            return
        m = re.search(rf"HASH name={name} calls=(\d+) (data=\w+ pixels=\w+) injected=(\d+)", line)
        if m and m[1] not in twin:
            return  # the others took longer: the twin did not get that far
        if m:
            silent = int(m[3]) - injected > undone  # one was put into this very call, and did not end it
            right = twin[m[1]] == m[2]
            found["undone and right"] += undone if right or silent else 0
            if not right:
                found["silently wrong" if silent else "undone, but wrong"] += 1
                return
            found["without effect"] += silent
            injected, undone = int(m[3]), 0
