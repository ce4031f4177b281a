# SPDX-License-Identifier: MIT
"""Faults put into running apps by chance (kernel/probe/inject.c): which apps, the numbers they come to, and the table of them."""
import re

from suite import check

OWN = "background clock console cursor hello paint rusty selftest veteran".split()
TESTS = ("version time log fb alloc store p02 p03 p04 p05a p05b p07 p09 p10 p11-dyn p11-relr entry gates gate0 keys mouse idle "
         "busy v3 v3wait").split()

# A call that does not come back is not worth waiting for; three faults in a row and the keeper begins anew.
POLICY = "budget=10ms overrun=stop:2 log=100 mem=8M"
KINDS = {"write-nowhere": "wild write, nothing or nothing writable there", "write-others": "wild write, another app's memory",
         "write-kernel": "wild write, the kernel's memory", "write-tables": "wild write, page tables", "jump-code": "bad jump, into own code",
         "jump-elsewhere": "bad jump, elsewhere", "no-memory": "allocation failure", "garbage": "garbage argument"}
COLUMNS = "injected trapped parked status quiet recovered changed".split()


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
    rows += ["| " + " | ".join((KINDS[k], *(str(total[k][c]) for c in COLUMNS))) + " |" for k in KINDS if k in total]
    return "\n".join(rows) + "\n"


def judge(total):
    """Each fault has come to something, all that was seen was contained, and what must be seen was."""
    for kind, n in total.items():
        seen = n["trapped"] + n["parked"] + n["status"] + n["quiet"]
        check(seen >= n["injected"], f"{kind}: {n['injected']} injected, of {seen} it is known what came of them")
    check(total["write-nowhere"]["quiet"] == 0, "a write to where nothing can be written was not noticed")
    check(total["jump-elsewhere"]["quiet"] == 0, "a jump to where no code is was not noticed")
    for kind in ("write-nowhere", "jump-elsewhere", "jump-code"):
        n = total[kind]
        ended = n["trapped"] + n["parked"]
        # The last ones of each app have no later call any more.
        check(n["recovered"] * 5 >= ended * 4, f"{kind}: {n['recovered']} of {ended} apps went on")
    for kind in KINDS:
        check(kind in ("write-kernel", "write-tables") or total[kind]["injected"] > 0, f"no {kind}")
