# SPDX-License-Identifier: MIT
"""Hostile apps that want to be verified, in ring 0: what the kernel must refuse it refuses, what runs changes nothing of others. What
the rewriter refuses is the Linux test's business (ctest/linux/hostile_verified.py)."""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import escapes  # noqa: E402
import hostile_verified as corpus  # noqa: E402
import inject  # noqa: E402
import suite  # noqa: E402
from suite import Skip, apps_vm, case, check  # noqa: E402

AT_ONCE = 12  # what others have is looked at before and after each call: many together are slow
WORDS = "inject=1,1,n budget=10ms overrun=stop:2 log=50 mem=4M"
GOOD = "inject=1,1,n budget=60s log=50 mem=4M"  # it is called in each frame, however long its calls take where this machine is busy


def boot(folder, names, frames=8):
    """What a boot says with these beside a good one, to its end."""
    good = os.path.join(suite.build(), "apps", "hello", "verified", "hello.elf")
    if not os.path.exists(good):
        raise Skip("no verified apps: there is no clang")
    apps = [(good, "hello", GOOD), *((os.path.join(folder, n + ".elf"), n, f"{WORDS} {corpus.words(n)}".strip()) for n in names)]
    with apps_vm(apps, f"isolate=require debugexit nodisplay frame_us=0 stop={frames}", seconds=60) as vm:
        end = vm.wait()
        check(not re.search("^PANIC", vm.text, re.M) and end is not None, f"ends with {end}: {vm.text[-3000:]}")
        return vm.text


def harmless(folder, names, wanted=None):
    """wanted: those of escapes.py."""
    calls = 0
    for at in range(0, len(names), AT_ONCE):
        some = names[at:at + AT_ONCE]
        text = boot(folder, some)
        check("unverified" not in text, "one is refused: " + "".join(re.findall("unverified.*", text)[:1]))
        wrong = [w for w in (escapes.wrong(text, n, *wanted[n]) for n in some if wanted) if w]
        check(not wrong, "\n".join(wrong))
        found = inject.counts(text)["nothing"]
        check(found["looked"] == found["injected"] >= len(some), f"they do not run, or are not looked at: {found}")
        check(found["changed"] == 0, f"{some}: {found['changed']} calls changed what is not theirs\n{text[-3000:]}")
        own, frames = re.search(r"app=hello pid=\d+ calls=(\d+) faults=0 ", text), re.search(r"loop: frames=(\d+) ", text)
        check(own and frames and own[1] == frames[1], f"hello did not go on: {text[-3000:]}")
        calls += found["injected"]
    return calls


@case
def each_is_refused_or_harmless():
    folder, found = corpus.built(anew=False)
    bad, rest = found["bad"], found["rest"]
    text = boot(folder, bad)
    wrong = [n for n in bad if not corpus.refused(text, n, "opcode")]
    check(not wrong, f"not refused: {wrong}\n{text[-3000:]}")
    calls = harmless(folder, rest)
    print(f"{len(bad)} refused, {len(rest)} run, in {calls} calls")


@case
def what_is_never_run_is_refused_by_name():
    folder, found = corpus.built(anew=False)
    raw, made = found["raw"], found["made"]
    text = boot(folder, raw)
    wrong = [n for n in raw if not corpus.refused(text, n, corpus.NEVER_RUN[n.rsplit("-", 1)[0]][2])]
    check(not wrong, f"not refused: {wrong}\n{text[-3000:]}")
    harmless(folder, made)


@case
def nothing_that_is_made_by_hand_leads_out():
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        wanted = escapes.written(folder)
        refused = [n for n, (what, _) in wanted.items() if what != escapes.RUNS]
        text = boot(folder, refused)
        wrong = [w for w in (escapes.wrong(text, n, *wanted[n]) for n in refused) if w]
        check(not wrong, "\n".join(wrong))
        calls = harmless(folder, [n for n in wanted if n not in refused], wanted)
        print(f"{len(refused)} refused, {len(wanted) - len(refused)} run, in {calls} calls")


if __name__ == "__main__":
    suite.main()
