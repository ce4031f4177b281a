#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Freezes the version of the Context that context.toml describes, once and for all.

usage: freeze.py VERSION --build DIR               context.toml says draft_serial = 0 from then on; vN.txt, vN/ and their records are written
       freeze.py VERSION --build DIR --into DIR    the same into a folder of yours, of what is built now: nothing here changes
       freeze.py VERSION --words --into DIR        only vN.txt and the layouts of interfaces

vN.txt has a line for each thing that apps rely on (promise.py), vN/interfaces the layouts of what apps of ours offer, vN/ the programs,
images and the session of ctest/harness/lasting.py. The first form builds what it freezes, so that their notes say that they are of no
draft; look at the difference, run the tests (abi, linux.lasting, qemu.lasting), and commit. What has been frozen is refused a second time.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
LIBCTX, ROOT = os.path.dirname(HERE), os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(LIBCTX, "sdk"), HERE, os.path.join(ROOT, "ctest", "harness"), os.path.join(ROOT, "ctest", "linux"),
                os.path.join(ROOT, "ctest", "abi")]
import promise  # noqa: E402
from ctx_idl import golden  # noqa: E402


def run(*command):
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        sys.exit(f"freeze: {' '.join(command)} ends with {done.returncode}")


def words(version, into):
    """vN.txt and the layouts of interfaces."""
    d, structs = promise.load(HERE)
    if d["version"] != version:
        sys.exit(f"freeze: context.toml describes version {d['version']}, not {version}")
    path = os.path.join(into, f"v{version}.txt")
    folder = os.path.join(into, f"v{version}", "interfaces")
    os.makedirs(folder, exist_ok=True)
    frozen = promise.without_drafts(d, structs)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"# What apps of version {version} rely on. Frozen: nothing in it ever changes. See promise.py.\n")
        f.writelines(line + "\n" for line in [*promise.of_c(os.path.join(LIBCTX, "include"), os.path.join(ROOT, "ctest", "abi", "layout.c")),
                                              *promise.lines(*frozen)])
    for interface, model in promise.interfaces(ROOT):
        with open(os.path.join(folder, interface.replace("/", "-") + ".layout"), "w", encoding="utf-8") as f:
            f.write(golden.text(model))
    return path


def binaries(version, build, into):
    import lasting  # pylint: disable=import-outside-toplevel
    from runner import read_png  # pylint: disable=import-outside-toplevel
    try:
        lasting.make(build, os.path.join(into, f"v{version}"), read_png)
    except lasting.Odd as why:
        sys.exit(f"freeze: {why}")


def no_draft():
    """context.toml and all that is made of it say that the version is frozen."""
    path = os.path.join(HERE, "context.toml")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(re.sub(r"^draft_serial = \d+$", "draft_serial = 0", text, flags=re.M))
    run(sys.executable, "-B", os.path.join(HERE, "generate.py"))


def record(version):
    """The new files in frozen.sha256."""
    found = [os.path.join(HERE, f"v{version}.txt")]
    for folder, _, names in os.walk(os.path.join(HERE, f"v{version}")):
        found += [os.path.join(folder, name) for name in names]
    run(sys.executable, "-B", os.path.join(ROOT, "ctest", "abi", "abi.py"), "freeze", HERE, *sorted(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", type=int)
    parser.add_argument("--build", help="a folder where apps and ctx are built")
    parser.add_argument("--into", help="a folder to write to, instead of this one")
    parser.add_argument("--words", action="store_true", help="no programs")
    args = parser.parse_args()
    if not args.build and not (args.words and args.into):
        parser.error("--build DIR, or --words --into DIR")
    if os.path.exists(os.path.join(args.into or HERE, f"v{args.version}.txt")):
        sys.exit(f"freeze: v{args.version}.txt is there: version {args.version} is frozen already")
    with tempfile.TemporaryDirectory() as tmp:
        words(args.version, tmp)  # what can not be frozen is found before anything is written
    words(args.version, args.into or HERE)
    if not args.into:
        import lasting  # pylint: disable=import-outside-toplevel
        no_draft()
        targets = sorted({os.path.join(*lasting.source_of(name).split("/")) for name in lasting.programs()})
        run("cmake", "--build", args.build, "-j", "2", "--target", "ctx", *targets)
    if not args.words:
        binaries(args.version, args.build, args.into or HERE)
    if not args.into:
        record(args.version)


if __name__ == "__main__":
    main()
