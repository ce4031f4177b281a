# SPDX-License-Identifier: MIT
"""Two apps that share memory (ctest/qemu/apps/shares.c), on either machine: what they are told to do, and what they say then."""
import re

# Words of the maker, of the taker (maker's pid 0, taker's 1), and patterns that come, in this order.
ECHOED = [r"T maker began", r"T taker took 1$", r"T maker echoed 256$", r"T maker echoed 300$", r"T taker revoked 1$", r"exited name=\S+ pid=0 code=0"]
RUNS = {
    "messages_come_back_and_a_copy_stays": ("messages=300", "", ECHOED),
    "the_maker_dies": ("messages=300 die=64 restart=on-fault", "", [r"T maker echoed 32$", r"T taker alone 1$", r"restarted name=\S+ pid=0", *ECHOED]),
    "the_taker_dies": ("messages=300", "die=100 restart=on-fault", [r"T maker echoed 64$", r"restarted name=\S+ pid=1", *ECHOED]),
    "calls_of_the_maker_are_undone": ("messages=300 fault=50 restart=undo:1000", "", [r"undone name=\S+ pid=0.* undone=6", *ECHOED[3:]]),
}
# Both begin again, with what they had as copies.
RESTORED = [r"T (?:maker|taker) stale 1$", r"T maker began", r"T taker took 1$", r"T maker echoed 64$"]


def missing(text, patterns):
    """The first that does not come behind those before it, or what failed; None: all is well."""
    failed = re.search(r".*(?: FAIL|(?:stale|revoked|alone|took) 0$|PANIC).*", text, re.M)
    if failed:
        return failed[0]
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(text.replace("\r", ""), at)
        if not found:
            return f"no {pattern!r} behind the others"
        at = found.end()
    return None
