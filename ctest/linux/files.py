# SPDX-License-Identifier: MIT
"""Bad files among good apps are refused by name, in the words of the QEMU test."""
import os
import re

from runner import REFUSED, case, check, ctx, headless, main, qemu_test, scratch, test_app

files = qemu_test("files")


def write_all(folder):
    paths = []
    for name, data in files.bad_files().items():
        paths.append(os.path.join(folder, f"bad-{name}.elf"))
        with open(paths[-1], "wb") as f:
            f.write(data)
    return paths


@case
def bad_among_good():
    with scratch() as folder:
        bad = write_all(folder)
        apps = []
        for i, path in enumerate(bad):
            apps += [path] + ([test_app("idle")] if i % 5 == 0 else [])
        said = headless(apps, frames=40).ends(REFUSED)
    for path in bad:
        said.has(rf"^\[.*\] E app: refused file={re.escape(os.path.basename(path))} field=\S+ value=[^:]+: \S.*")
    check(said.text.count("T idle ok") == 4, "not all good apps ran")
    said.has(rf"running apps=4 refused={len(bad)}").has(f"KTEST REFUSED n={len(bad)}")


@case
def check_says_the_same():
    with scratch() as folder:
        bad = write_all(folder)
        run, looked = headless(bad, frames=1).ends(REFUSED), ctx("check", *bad).ends(REFUSED)
    lines = re.findall(r"E app: (refused file=.*)", run.text)
    check(len(lines) == len(bad), f"{len(lines)} refused")
    for line in lines:
        check(line in looked.text, f"check does not say: {line}")


@case
def broken_archives():
    import suite
    whole = suite.mkcpio.pack([("idle.elf", "idle", "", suite.read(test_app("idle")))])
    with scratch() as folder:
        path = os.path.join(folder, "a.cpio")
        for blob in (whole[:60], whole[:300], whole[:len(whole) // 2], whole.replace(b"070701", b"070707"),
                     files.patched(whole, (54, b"FFFFFFFF")), files.patched(whole, (94, b"FFFFFFFF"))):
            with open(path, "wb") as f:
                f.write(blob)
            said = headless([path], frames=1)
            check(said.rc in (0, REFUSED), f"exit code {said.rc}")
            said.has(r"\] [WE] ").hasnt("PANIC")


if __name__ == "__main__":
    main()
