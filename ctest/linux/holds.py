# SPDX-License-Identifier: MIT
"""What isolation stands on in a process, beside the verifier: rights of a slot's pages as Linux has them, and code of the tool's own that
leaves gs alone. That signals come on a stack of their own is seen by hostile apps with a wild rsp (hostile.py)."""
import re

from runner import Live, case, check, main, tool, verified_app
import holds  # harness/holds.py: runner has put that folder first

SLOT = 1 << 32


@case
def pages_of_a_slot_have_the_rights_that_they_should():
    """W^X, gates for running only, words and tables for reading only, guards at both ends."""
    with Live("run", "--headless", "--isolate=require", verified_app("paint")) as run:
        base = int(run.until(r"slot=(0x[0-9a-f]+)")[1], 16)
        with open(f"/proc/{run.p.pid}/maps", encoding="ascii") as f:
            maps = [(int(a, 16), int(b, 16), rights) for a, b, rights in re.findall(r"(?m)^([0-9a-f]+)-([0-9a-f]+) (\S+)", f.read())]
    slot = [(a - base, b - base, rights[:3]) for a, b, rights in maps if base <= a < base + SLOT]
    check(len(slot) > 8, f"the slot is not there: {maps}")
    for low, high, rights in slot:
        what = f"slot+{low:#x} to {high:#x} is {rights}"
        check(low >= 0x10000 and high <= SLOT - 0x10000, what + " in a guard")
        check(not ("w" in rights and "x" in rights), what)
        if low < 0x20000:
            check(rights == "r-x" and high <= 0x20000, what + ", the gates")
        elif low < 0x80000:
            check(rights == "r--" and high <= 0x81000, what + ", words and tables")
        elif low >= 0x10000000 or 0x81000 <= low < 0x200000:
            check(rights == "rw-", what + ", the app's data")
    check({"r-x", "r--", "rw-"} <= {r for _, _, r in slot} and any(0x200000 <= a and r == "r-x" for a, _, r in slot), f"pages are missing: {slot}")


@case
def the_tools_code_leaves_gs_alone():
    """A C library has fs. Between two calls gs is what the last verified app had."""
    uses, changes = holds.gs_users(tool())
    check(not uses, f"memory by gs: {uses}")
    names = {re.sub(r"\.(part|isra|constprop|cold).*", "", f) for f in changes}
    check(names and names <= {"app_call", "machine_call", "machine_resume", "back"}, f"gs is changed in {changes}")


if __name__ == "__main__":
    main()
