# SPDX-License-Identifier: MIT
"""Hostile apps that want to be verified: refused by the rewriter, by file and line; or by the kernel, by a rule; or they run, and
nothing of others changes. See harness/hostile_verified.py."""
import os
import re

from runner import FAULTED, FINE, REFUSED, case, check, ctx, main, scratch, verified_app
import escapes
import hostile_verified as corpus
import inject

AT_ONCE = 8  # what others have is looked at before and after each call: many together are slow
WORDS = "inject=1,1,n budget=10ms overrun=stop:2 log=50 mem=4M"
GOOD = "inject=1,1,n budget=60s log=50 mem=4M"  # it is called in each frame, however long its calls take where this machine is busy


def run(folder, names, frames=8):
    """Names of apps, beside a good one."""
    apps = [verified_app("hello"), *GOOD.split()]
    for n in names:
        apps += ["+", os.path.join(folder, n + ".elf"), *WORDS.split(), *corpus.words(n).split()]
    return ctx("run", "--headless", "--fast", "--frames", str(frames), "--mem", "64", "--size", "320x200", "--isolate=require", *apps, seconds=60)


def harmless(folder, names, wanted=None):
    """wanted: those of escapes.py."""
    calls = 0
    for at in range(0, len(names), AT_ONCE):
        some = names[at:at + AT_ONCE]
        said = run(folder, some)
        check(said.rc in (FINE, FAULTED), f"ctx ends with {said.rc}: {said.text[-3000:]}")
        said.hasnt("^PANIC").hasnt("unverified")
        wrong = [w for w in (escapes.wrong(said.text, n, *wanted[n]) for n in some if wanted) if w]
        check(not wrong, "\n".join(wrong))
        found = inject.counts(said.text)["nothing"]
        check(found["looked"] == found["injected"] >= len(some), f"they do not run, or are not looked at: {found}")
        check(found["changed"] == 0, f"{some}: {found['changed']} calls changed what is not theirs\n{said.text[-3000:]}")
        check(re.search(r"app=hello pid=\d+ calls=(?:[89]|\d\d+) faults=0 ", said.text), f"hello did not go on: {said.text[-3000:]}")
        calls += found["injected"]
    return calls


@case
def each_is_refused_or_harmless():
    folder, found = corpus.built(anew=True)
    bad, rest = found["bad"], found["rest"]
    said = run(folder, bad).ends(REFUSED)
    wrong = [n for n in bad if not corpus.refused(said.text, n, "opcode", r"in=[\w.]+\+0x[0-9a-f]+ ")]
    check(not wrong, f"not refused: {wrong}\n{said.text[-3000:]}")
    calls = harmless(folder, rest)
    print(f"{len(corpus.hostile.APPS) - len(bad) - len(rest)} refused by the rewriter, {len(bad)} by the kernel; {len(rest)} run, in {calls} calls")


@case
def what_is_never_run_is_refused_by_name():
    folder, found = corpus.built(anew=False)  # the case above has built them, and this is no other question
    raw, made = found["raw"], found["made"]
    said = run(folder, raw).ends(REFUSED)
    wrong = []
    for name in raw:
        rule = corpus.NEVER_RUN[name.rsplit("-", 1)[0]][2]
        place = r"in=_start\+0x0 " if name.endswith("-raw") else ""
        if not corpus.refused(said.text, name, rule, place):
            wrong += [f"{name}, not by {rule}", *re.findall(rf".*name={name} .*", said.text)]
    check(not wrong, "\n".join(wrong))
    harmless(folder, made)
    print(f"{len(raw)} refused by the kernel, {len(made)} made harmless by the rewriter")


@case
def nothing_that_is_made_by_hand_leads_out():
    with scratch() as folder:
        wanted = escapes.written(folder)
        refused = [n for n, (what, _) in wanted.items() if what != escapes.RUNS]
        said = run(folder, refused).ends(REFUSED)
        wrong = [w for w in (escapes.wrong(said.text, n, *wanted[n]) for n in refused) if w]
        check(not wrong, "\n".join(wrong))
        calls = harmless(folder, [n for n in wanted if n not in refused], wanted)
        print(f"{len(refused)} refused, {len(wanted) - len(refused)} run, in {calls} calls")


if __name__ == "__main__":
    main()
