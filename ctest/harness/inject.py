# SPDX-License-Identifier: MIT
"""Faults put into running apps by chance (kernel/probe/inject.c): which apps, the numbers they come to, and the table of them."""
import re

from suite import check

OWN = "background clock console cursor hello paint rusty selftest veteran".split()
TESTS = ("version time log fb alloc store p02 p03 p04 p05a p05b p07 p09 p10 p11-dyn p11-relr entry gates gate0 keys mouse idle "
         "busy v3 v3wait").split()

# Their code is verified: what they get wrong they get wrong inside their slots.
VERIFIED = "background clock cursor hello paint snake".split()

# A call that does not come back is not worth waiting for; three faults in a row and the keeper begins anew.
POLICY = "budget=10ms overrun=stop:2 log=100 mem=8M"
KINDS = {"write-nowhere": "wild write, nothing or nothing writable there", "write-others": "wild write, another app's memory",
         "write-kernel": "wild write, the kernel's memory", "write-tables": "wild write, page tables", "jump-code": "bad jump, into own code",
         "jump-elsewhere": "bad jump, elsewhere", "nothing": "none", "no-memory": "allocation failure", "garbage": "garbage argument"}
COLUMNS = "injected trapped parked status quiet recovered changed looked".split()
WRITES = "write-nowhere write-others write-kernel write-tables".split()
IN_CALLS = WRITES + ["jump-code", "jump-elsewhere"]  # what others have is looked at before and after these


def words(seed, rate, kinds=""):
    return f"inject={seed},{rate}{',' + kinds if kinds else ''} {POLICY}"


def counts(text):
    found = {}
    for kind, numbers in re.findall(r"I inject: kind=(\S+) (.*)", text):
        found[kind] = {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", numbers)}
    check(set(found) == set(KINDS), "the run says nothing of what was injected:\n" + text[-3000:])
    return found


def add(total, more):
    for kind in KINDS:
        for column in COLUMNS:
            total.setdefault(kind, dict.fromkeys(COLUMNS, 0))[column] += more[kind][column]


def of_all(total):
    return sum(total[k]["injected"] for k in total)


def table(title, total):
    heads = ("fault", "injected", "trapped", "interrupted", "refused", "not noticed", "app went on", "others changed")
    rows = [f"### {title}", "", "| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    rows += ["| " + " | ".join((KINDS[k], *(str(total[k][c]) for c in COLUMNS[:-1]))) + " |" for k in KINDS if k in total and k != "nothing"]
    return "\n".join(rows) + "\n"


def seen(total):
    """Each fault has come to something."""
    for kind, n in total.items():
        come_to = n["trapped"] + n["parked"] + n["status"] + n["quiet"]
        check(come_to >= n["injected"], f"{kind}: {n['injected']} injected, of {come_to} it is known what came of them")


def writes(total):
    return sum(total[k]["injected"] for k in WRITES)


def judge_verified(total):
    """None of them has changed anything of another slot or of the kernel, and it was looked at. That one is not noticed is no
    failure: cut down to its slot, a wild pointer may well mean something there."""
    seen(total)
    for kind in IN_CALLS:
        n = total[kind]
        check(n["injected"] > 0, f"no {kind}")
        check(n["looked"] == n["injected"], f"{kind}: of {n['injected']} others were looked at {n['looked']} times")
        check(n["changed"] == 0, f"{kind}: {n['changed']} of {n['injected']} changed what is not theirs")


def judge(total):
    """All that was seen was contained, and what must be seen was; a write into another app changes it."""
    seen(total)
    n = total["write-others"]
    check(n["looked"] * 100 >= n["injected"] * 90, f"others were looked at {n['looked']} times in {n['injected']}")
    check(n["changed"] * 2 > n["looked"], f"of {n['looked']} writes into others {n['changed']} are said to have changed them")
    for kind in ("write-nowhere", "jump-code", "jump-elsewhere"):
        check(total[kind]["changed"] == 0, f"{kind}: {total[kind]['changed']} changed others")
    check(total["write-nowhere"]["quiet"] == 0, "a write to where nothing can be written was not noticed")
    check(total["jump-elsewhere"]["quiet"] == 0, "a jump to where no code is was not noticed")
    for kind in ("write-nowhere", "jump-elsewhere", "jump-code"):
        n = total[kind]
        ended = n["trapped"] + n["parked"]
        # The last ones of each app have no later call any more.
        check(n["recovered"] * 5 >= ended * 4, f"{kind}: {n['recovered']} of {ended} apps went on")
    for kind in KINDS:
        check(kind in ("write-kernel", "write-tables", "nothing") or total[kind]["injected"] > 0, f"no {kind}")
