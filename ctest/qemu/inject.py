# SPDX-License-Identifier: MIT
"""Five hundred faults put into running apps by chance, in ring 0; and wild writes into the kernel, a few in each of many boots."""
import collections
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import inject  # noqa: E402
import suite  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402


def apps(words, only=None):
    paths = [os.path.join(suite.build(), "apps", n + ".elf") for n in inject.OWN]
    paths = [p for p in paths if os.path.exists(p)] + [test_app(n) for n in inject.TESTS]
    found = [(p, os.path.basename(p)[:-4], words) for p in paths[:only]]
    return found + [(test_app("keeper"), "keeper", "grant=ctx.control/1")]


def verified(words):
    paths = [os.path.join(suite.build(), "apps", n, "verified", n + ".elf") for n in inject.VERIFIED]
    if not all(map(os.path.exists, paths)):
        raise suite.Skip("no verified apps: there is no clang")
    return [(p, os.path.basename(p)[:-4], words) for p in paths] + [(test_app("keeper"), "keeper", "grant=ctx.control/1")]


def boot(words, frames, only=None, found=None):
    """What a boot said, and how it ended: None if it did not."""
    with apps_vm(found or apps(words, only), f"debugexit nodisplay frame_us=0 stop={frames}", seconds=60) as vm:
        end = ended(vm)
        return vm.text, end


def ended(vm):
    """How a boot ended; None if it hangs: after much more work than a good one is, or without any work while nothing is said.
    By the clock alone a busy machine would do the same."""
    rested, said, work = time.monotonic(), 0, 0.0
    while not vm.ended and vm.cpu_seconds() < 90:  # a good one takes ten: all slots are looked at again and again
        if len(vm.serial) != said or vm.cpu_seconds() > work + 0.2:
            rested, said, work = time.monotonic(), len(vm.serial), vm.cpu_seconds()
        if time.monotonic() > rested + 15:
            return None
        time.sleep(0.05)
    return vm.wait() if vm.ended else None


@case
def five_hundred():
    total, lost, seed = {}, [], 0
    while not total or inject.of_all(total) < 500:
        seed += 1
        check(seed < 12, "they come too slowly")
        text, end = boot(inject.words(seed, 4), 30)
        panic = re.search("^PANIC.*", text, re.M)
        check(not panic, f"seed {seed}: {panic and panic[0]}\n{text[-2500:]}")
        if end != 33:
            lost.append(seed)
            continue
        inject.add(total, inject.counts(text))
    del total["write-kernel"], total["write-tables"]
    print(inject.table(f"QEMU, {inject.of_all(total)} faults in {seed} boots, of which {len(lost)} were lost", total))
    inject.judge(total)
    check(not lost, f"boots with the seeds {lost} came to no end")


@case
def wild_writes_of_verified_apps_change_nothing_of_others():
    """Two hundred; ARGOS_WILD_WRITES says how many else. Into the kernel and its page tables, too: no boot is lost."""
    total, seed, wanted = {}, 0, int(os.environ.get("ARGOS_WILD_WRITES", 200))
    while not total or inject.writes(total) < wanted:
        seed += 1
        words = inject.words(seed, 2, "uoktjx")
        text, end = boot(words, 120 if wanted < 1000 else 400, found=verified(words))
        panic = re.search("^PANIC.*", text, re.M)
        check(not panic and end == 33, f"seed {seed}: ends with {end} {panic and panic[0]}\n{text[-2500:]}")
        check(not re.search("unverified name=(?!keeper)", text), "one is not verified")
        before = inject.of_all(total) if total else 0
        inject.add(total, inject.counts(text))
        check(inject.of_all(total) > before + 20, "they come too slowly")
    del total["no-memory"], total["garbage"]
    print(inject.table(f"QEMU, {inject.of_all(total)} wild writes and jumps of verified apps in {seed} boots", total))
    inject.judge_verified(total)


def counted(what, kinds, boots):
    ends, writes = collections.Counter(), 0
    for seed in range(1, boots + 1):
        text, end = boot(inject.words(seed, 2, kinds), 20, 8)
        writes += len(re.findall(r"I inject: \S+ writes to ", text))
        ends[{33: "go on", 35: "panic", None: "hang", 0: "reset"}.get(end, f"end with {end}")] += 1
    print(f"QEMU, wild writes into {what}: {writes} in {sum(ends.values())} boots: " +
          ", ".join(f"{n} {e}" for e, n in sorted(ends.items())))
    check(writes > 3 * boots, f"only {writes} writes")


@case
def into_the_kernel():
    """Nothing protects the kernel from apps yet: these are only counted."""
    counted("the kernel's memory", "k", 15)
    counted("page tables", "t", 15)


if __name__ == "__main__":
    suite.main()
