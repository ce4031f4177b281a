# SPDX-License-Identifier: MIT
"""What becomes of apps that misbehave: the table of harness/policies.py, under ctx run; and thousands of lives."""
import os

from runner import FAULTED, FINE, case, check, ctx, main, sanitized, scratch, test_app, together
import policies  # harness/policies.py: runner has put that folder first
import suite

PANIC = 4


def run(apps, *options):
    """ctx names apps by their files: links have the names of the table."""
    if not any(word in ("loop", "slow") for _, _, words in apps for word in words.split()):
        options = ("--virtual-time", *options)  # nobody takes long: waiting for the next frame shows nothing
    with scratch() as folder:
        files = []
        for file, name, words in apps:
            path = os.path.join(folder, name + ".elf")
            os.symlink(test_app(file), path)
            files.append([path, *words.split()])
        return ctx("run", "--headless", *options, *together(files), seconds=120)


def entry(e):
    said = run(e.apps)
    wrong = e.wrong(said.text)
    check(not wrong, f"{e.name}: " + "; ".join(wrong) + "\n" + said.text[-2500:])
    check(said.rc == (PANIC if e.ended else FAULTED if " fault name=" in said.text else FINE), f"{e.name}: exit code {said.rc}")


def declare(e):
    def run_entry():
        entry(e)
    run_entry.__name__ = e.name
    case(run_entry)


for _e in policies.ENTRIES:
    declare(_e)


@case
def lives():
    """Load, fault, kill, ten thousand times by the target linux-long: memory and the number of apps come back exactly."""
    count = suite.share(1000 if sanitized() else 10000)
    file, _, words = policies.CYCLES
    said = run([(file, file, words.format(count))], "--fast")
    wrong = policies.cycles_wrong(said.text, count)
    check(not wrong, "; ".join(wrong) + "\n" + said.text[-1500:])


if __name__ == "__main__":
    main()
