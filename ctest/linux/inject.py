# SPDX-License-Identifier: MIT
"""Thousands of faults put into running apps by chance; and, each in a process of its own, wild writes into the core itself."""
import collections
import os
import re

from runner import FAULTED, Failure, case, check, ctx, main, own_app, sanitized, test_app, together, verified_app
import inject  # harness/inject.py: runner has put that folder first
import suite

PANIC = 4


def apps(words, only=None, verified=False):
    if verified:
        return [[verified_app(n), *words.split()] for n in inject.VERIFIED] + [[test_app("keeper"), "grant=ctx.control/1"]]
    paths = [p for p in map(own_app, inject.OWN) if p] + [test_app(n) for n in inject.TESTS]
    found = [[p, *words.split()] for p in paths[:only]]
    return found + [[test_app("keeper"), "grant=ctx.control/1"]]


def run(words, seed, frames, *options, only=None, verified=False, seconds=120):
    return ctx("run", "--headless", "--fast", "--seed", str(seed), "--frames", str(frames), *options,
               *together(apps(words, only, verified)), seconds=seconds)


@case
def faults_by_chance():
    # Ten thousand by the target linux-long. A run of 600 frames has five thousand; under sanitizers, where what others have is summed up ten times as slowly, one run of fewer.
    total, seed, wanted, frames = {}, 0, *((300, 60) if sanitized() else (suite.share(10000), 600))
    while not total or inject.of_all(total) < wanted:
        seed += 1
        check(seed < 20, "they come too slowly")
        said = run(inject.words(seed, 4), seed, frames).ends(FAULTED)
        check(not re.search("^PANIC", said.text, re.M), "a panic")
        inject.add(total, inject.counts(said.text))
    del total["write-kernel"], total["write-tables"]
    print(inject.table(f"Linux, {inject.of_all(total)} faults in {seed} runs", total))
    inject.judge(total)


@case
def wild_writes_of_verified_apps_change_nothing_of_others():
    """A thousand; ARGOS_WILD_WRITES says how many else. Into the core and its tables, too: none of them ends the run."""
    total, seed, wanted = {}, 0, int(os.environ.get("ARGOS_WILD_WRITES", 200 if sanitized() else 1000))
    while not total or inject.writes(total) < wanted:
        seed += 1
        said = run(inject.words(seed, 2, "uoktjx"), seed, 200 if sanitized() else 1000, "--mem", "48", "--size", "320x200", verified=True)
        said.ends(FAULTED).hasnt("^PANIC").hasnt("unverified name=(?!keeper)")
        before = sum(n["injected"] for n in total.values()) if total else 0
        inject.add(total, inject.counts(said.text))
        check(inject.of_all(total) > before + 100, "they come too slowly")
    del total["no-memory"], total["garbage"]
    print(inject.table(f"Linux, {inject.of_all(total)} wild writes and jumps of verified apps in {seed} runs", total))
    inject.judge_verified(total)


def counted(what, kinds, runs):
    """Runs in processes of their own, and how they end. A list of the core's own may become a ring: a few do not end."""
    ends, writes = collections.Counter(), 0
    runs = runs // 8 if sanitized() else suite.share(runs)
    for seed in range(1, runs + 1):
        try:
            said = run(inject.words(seed, 2, kinds), seed, 30, "--mem", "48", "--size", "320x200", only=8, seconds=20)
        except Failure as e:
            check("does not end" in str(e), str(e))
            ends["hang"] += 1
            continue
        writes += len(re.findall(r"I inject: \S+ writes to ", said.text))
        ends["go on" if said.rc in (0, FAULTED) else "panic" if said.rc == PANIC else "end by a signal" if said.rc < 0
             else f"end with code {said.rc}"] += 1
    check(ends["hang"] <= 2, f"{ends['hang']} of {runs} runs hang")
    print(f"Linux, wild writes into {what}: {writes} in {sum(ends.values())} runs: " +
          ", ".join(f"{n} {e}" for e, n in sorted(ends.items())))
    check(writes > 3 * sum(ends.values()), f"only {writes} writes")


@case
def into_the_core():
    """Nothing protects the core from apps yet: these are only counted."""
    counted("the core's memory", "k", 40)
    counted("the tables of slots", "t", 40)


if __name__ == "__main__":
    main()
