# SPDX-License-Identifier: MIT
"""SQLite's own speedtest1 and kvtest, from its source package, as programs over /data: what they reckon and say is what they do natively. They are built where ARGOS_SQLITE_TESTS is on."""
import os
import re
import subprocess

from runner import Skip, case, check, limit, main, scratch, suite, tool

os.environ["CTX_RUN_OPTIONS"] = ""


def program(name):
    try:
        return suite.test_program(f"{name}.elf")
    except Skip:
        raise Skip("SQLite's programs were not built (-DARGOS_SQLITE_TESTS=ON)") from None


def files(*words):
    subprocess.run([tool(), "files", *words], check=True, timeout=limit(60))


def both(folder, name, *calls):
    """The same calls natively and on a disk of files: what each says."""
    image, said = os.path.join(folder, f"{name}.img"), []
    files("create", image, "--size", "128M")
    for command, top in (([os.path.join(os.path.dirname(program(name)), f"{name}_here")], folder), ([tool(), "run", "--headless", "--files", image, program(name)], "/data")):
        texts = []
        for words in calls:
            p = subprocess.run([*command, *(word.replace("@", top + "/") for word in words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit(300),
                               stdin=subprocess.DEVNULL, check=False)
            check(p.returncode == 0, f"{name} {words}: {p.returncode}\n{p.stdout[-2000:]}{p.stderr[-2000:]}")
            texts.append(p.stdout)
        said.append(texts)
    files("check", image)
    return said


@case
def speedtest1():
    with scratch() as folder:
        for tests, journal in (("main", "delete"), ("orm", "truncate"), ("cte", "persist"), ("fp", "memory")):
            said = both(folder, "speedtest1", ("@" + tests, "--verify", "--size", "3", "--journal", journal, "--testset", tests))
            found = [re.search(r"Verification Hash: (\d+ \w+)", texts[0]) for texts in said]
            check(None not in found and found[0][1] == found[1][1], f"{tests}: {said}")
            os.unlink(os.path.join(folder, "speedtest1.img"))


@case
def kvtest():
    with scratch() as folder:
        calls = [("init", "@kv", "--count", "200", "--size", "5000", "--variance", "3000"), ("stat", "@kv")]
        calls += [("run", "@kv", "--count", "400", *how) for how in (("--blob-api",), ("--asc",), ("--desc", "--nosync"), ("--random", "--update"), ("--random", "--blob-api", "--update"))]
        said = both(folder, "kvtest", *calls)
        for texts in said:
            texts[1:] = [re.sub(r"(?m)^.*(?:Time|SQLITE|elapsed|microsec|/sec|Filename|SQLite version).*\n", "", text) for text in texts[1:]]
            texts[:] = [re.sub(r"(?m)(?:\S*/)?kv\b", "kv", re.sub(r"\d+\.\d+", "N", text)) for text in texts]
        for ours, native, call in zip(said[1], said[0], calls):
            check(ours == native, f"{call}:\n{ours}\nnatively:\n{native}")


if __name__ == "__main__":
    main()
