# SPDX-License-Identifier: MIT
"""Verified apps with bits of their code turned over: what the verifier still takes keeps the rules by another decoder
(ctest/fuzz/mutants.c), runs, and changes nothing outside its slot. Crash and loop it may."""
import os
import re
import subprocess

from runner import FAULTED, FINE, Skip, case, check, ctx, limit, main, sanitized, scratch, suite, verified_app
import inject  # harness/inject.py: runner has put that folder first

# Ten thousand in all, spread over the apps; ARGOS_MUTATIONS says how many else, and ARGOS_SEED which.
FLIPS = int(os.environ.get("ARGOS_MUTATIONS", 10000))
SEED = os.environ.get("ARGOS_SEED", "7")
AT_ONCE = 8  # what others have is looked at before and after each call: many together are slow
WORDS = "inject=1,1,n budget=10ms overrun=stop:1 log=20 mem=4M"
STAYS = "hello"  # called in each frame, so that frames go by


def make(name, flips, folder):
    tool = os.path.join(suite.build(), "ctest", "linux", "mutants")
    if sanitized() or not os.path.exists(tool):
        raise Skip("run once, without sanitizers" if sanitized() else "not built: there is no Zydis (package libzydis-dev)")
    p = subprocess.run([tool, verified_app(name), str(flips), SEED, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       timeout=limit(600 + flips // 100), check=False)
    check(p.returncode == 0, f"{name}: {p.stdout}")
    return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", p.stdout)}


def run(folder, names):
    """Eight of them beside a good one; None or what is wrong."""
    apps = [verified_app(STAYS), *WORDS.split()]
    for n in names:
        apps += ["+", os.path.join(folder, n), *WORDS.split()]
    said = ctx("run", "--headless", "--fast", "--frames", "6", "--mem", "64", "--size", "320x200", "--isolate=require", *apps, seconds=60)
    check(said.rc in (FINE, FAULTED), f"ctx ends with {said.rc}: {said.text[-3000:]}")
    said.hasnt("^PANIC").hasnt("unverified")
    found = inject.counts(said.text)["nothing"]
    check(found["injected"] >= len(names), "they do not run")
    check(found["looked"] == found["injected"], f"{found['looked']} of {found['injected']} calls were looked at")
    check(found["changed"] == 0, f"{found['changed']} calls changed what is not theirs: {names}\n{said.text[-3000:]}")
    check(re.search(rf"app={STAYS} pid=\d+ calls=(?:[6-9]|\d\d+) faults=0 ", said.text), f"{STAYS} did not go on: {said.text[-3000:]}")
    return found


@case
def what_is_still_taken_changes_nothing_of_others():
    total = dict.fromkeys(("flips", "taken", "mutants", "calls", "trapped", "interrupted"), 0)
    for name in inject.VERIFIED:
        with scratch() as folder:
            made = make(name, FLIPS // len(inject.VERIFIED) + 1, folder)
            for key in ("flips", "taken", "mutants"):
                total[key] += made[key]
            names = sorted(os.listdir(folder))
            check(len(names) == made["mutants"] > 0, "mutants are missing")
            for at in range(0, len(names), AT_ONCE):
                found = run(folder, names[at:at + AT_ONCE])
                total["calls"] += found["injected"]
                total["trapped"] += found["trapped"]
                total["interrupted"] += found["parked"]
    print(", ".join(f"{k} {v}" for k, v in total.items()))
    check(total["taken"] * 20 > total["flips"], "too few are taken for this to mean anything")
    check(total["trapped"] * 20 > total["calls"], "too few do any harm, even to themselves")


if __name__ == "__main__":
    main()
