# SPDX-License-Identifier: MIT
"""ctx.image/1 in bad hands, on Linux: the apps and what must come of them stand in ctest/qemu/imager.py."""
import os
import re

from runner import FINE, case, check, ctx, main, qemu_test, sanitized, scratch, test_app, until
import suite

bad_hands = qemu_test("imager")
GOOD = [("twin", "good1", "1"), ("twin-old", "good2", "")]


def run(apps, *options, disk=None, says=None):
    with scratch() as folder:
        words = []
        for path, name, args in apps:
            link = os.path.join(folder, name + ".elf")
            os.symlink(path, link)
            words += ["+"] * bool(words) + [link, *args.split()]
        if disk:
            path = os.path.join(folder, "disk")
            ctx("disk", "create", path, "--size", disk).ends(FINE)
            options = (*options, "--disk", path)
        command = ["run", "--headless", "--ascending", "--size", "320x200", "--no-watchdog", "--fast", *options, *words]
        said = until(*command, says=says, seconds=170) if says else ctx(*command, seconds=170)
        if disk:
            ctx("disk", "check", path).ends(FINE)
        return said.ends(FINE).text


def trails(text):
    """What the good ones say of all that they have seen, every hundredth call."""
    return re.findall(r"app\.(good\d)#\d+: T trail (\d+)", text)


def ends(bads):
    return [rf"app\.{name}#\d+: T imager (ok|FAIL)" for _, name, _ in bads]


@case
def one_after_the_other():
    # Under sanitizers fewer: a store that is full is so after a hundred, and what adds up is seen without them.
    for disk, saves in ((None, suite.share(10000)), ("4M", 300)) if not sanitized() else ((None, suite.share(1000)), ("4M", 100)):
        bads = bad_hands.bad(f"list {saves}")
        bad_hands.judge(run(bads, "--mem", "96", disk=disk, says=ends(bads)), bads)


@case
def chaos():
    good = [(test_app(file), name, args) for file, name, args in GOOD]
    # Under sanitizers each word of both pairs once.
    for words, disk in (("", None), (" all", None), ("", "8M"), (" all", "16M")) if not sanitized() else ((" all", None), ("", "8M")):
        for ms in (1500, 6000, 24000, 96000):  # until enough has happened, however fast this machine is
            bads = bad_hands.bad(f"chaos {ms}", f"chaos {ms}{words}")
            text = run([*good, *bads], disk=disk, says=ends(bads))
            bad_hands.judge(text, bads)
            said = trails(text)
            enough = len(said) > 4 and text.count("went back") > 3
            if enough:
                break
        check(enough, f"nothing happens: {len(said)} {text.count('went back')}")
        alone = set(trails(run(good, "--frames", str(len(set(said)) * 100 + 100))))
        check(set(said) <= alone, f"they have seen something else: {sorted(set(said) - alone)[:4]}")


if __name__ == "__main__":
    main()
