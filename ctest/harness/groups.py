# SPDX-License-Identifier: MIT
"""
Calls of a verified app that are parked behind each instruction (kernel/probe/step.c): in the middle of every group that the verifier
takes as one thing, and of every step of a repetition. The app is ctest/qemu/apps/groups.c; its three calls say what they compute.
"""
import re

from suite import check, read

WORDS = "step=3"
LINES = ("memory", "floating", "strings", "branches", "frames", "gates")
CALLS = 3

_BASE = rb"\x48\x03[\x05\x0d\x15\x1d\x35\x3d]....|\x4c\x03[\x05\x0d\x15\x1d\x25\x2d\x35\x3d]...."
_RDI, _RSI = rb"\x89\xff\x48\x03\x3d....", rb"\x89\xf6\x48\x03\x35...."

# The kinds of groups, and of operands of single instructions, by their bytes: verify.c and doc/isolation.md have what they are for.
KINDS = {
    "call by a register": rb"\x41?\x83[\xe0-\xe7]\xe0(%s)\x41?\xff[\xd0-\xd7]" % _BASE,
    "jump by a register": rb"\x83[\xe0-\xe7]\xe0(%s)\xff[\xe0-\xe7]" % _BASE,
    "return": rb"\x41\x5b[\x90\x66\x0f\x1f\x44\x40\x00\x80\x84\x2e]*\x41\x83\xe3\xe0\x4c\x03\x1d....\x41\xff\xe3",
    "rsp by a number, probed": rb"\x48(\x83[\xec\xc4].|\x81[\xec\xc4]....)\x41?[\x50-\x5f]",
    "esp, rebased": rb"\x48\x03\x25....",
    "string, by rdi": _RDI + rb"(\xf3|\xf2)?[\xaa\xae]",
    "string, by rsi": _RSI + rb"(\xf3|\xf2)?\x48?[\xac\xad]",
    "string, by both": rb"(%s%s|%s%s)\xf3?\x48?[\xa4-\xa7]" % (_RDI, _RSI, _RSI, _RDI),
    "memory by gs and a register": rb"\x65\x67[\x40-\x4f]?\x8b",
    "memory by gs, written": rb"\x65\x67[\x40-\x4f]?[\x88\x89]",
    "memory by gs, changed": rb"\x65\x67[\x40-\x4f]?\x01|\xf0\x65\x67|\x65\x67\xf0",
    "memory by gs, of sixteen bytes": rb"(\x66?\x65\x67|\x65\x67\x66)[\x40-\x4f]?\x0f[\x11\x29\x7f\xef]",
    "control words": rb"\x0f\xae",
}


def all_kinds(path):
    """That the file has them: who changes the rewriter or the app learns what is not tried any more."""
    code = read(path)
    missing = [k for k, pattern in KINDS.items() if not re.search(pattern, code, re.S)]
    check(not missing, f"{path} has none of: {missing}")


def ended(text, count):
    """Whether so many have, or one went wrong."""
    return " fault name=" in text or len(re.findall(r"exited name=groups ", text)) == count


def said(text, pid):
    """The lines of the app with this pid: one for each part of each call."""
    found = re.findall(rf"\] I app\.groups#{pid}: T (\w+) (-?\d+)", text)
    check([name for name, _ in found] == [*LINES] * CALLS, f"it does not get through its calls: {found}\n{text[-2000:]}")
    return found


def same(plain, text, count):
    """Each of `count` stepped apps says what the one of another run says, and was stepped."""
    wanted = said(plain, 0)
    for pid in range(count):
        check(said(text, pid) == wanted, f"pid {pid} says otherwise:\n{said(text, pid)}\n{wanted}")
        steps = [int(n) for n in re.findall(rf"stepped name=groups pid={pid} steps=(\d+) ended=well", text)]
        check(len(steps) == CALLS and min(steps) > 3000, f"pid {pid} was not stepped: {steps}")
    check(" fault name=" not in text and "unverified" not in text, f"one is not verified, or faults: {text[-2000:]}")
