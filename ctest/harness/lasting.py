# SPDX-License-Identifier: MIT
"""
What is frozen with a version from 3 on beside its golden lines: programs, images of them and a session of all, and what they said and
showed on the first day. libctx/abi/freeze.py makes it by make(); the tests of both machines look that it is still so.

A folder (libctx/abi/v3) has NAME.elf, NAME.img, session.img, and runs.json:
    says      of each program of ctest/qemu/apps/lasting: its lines from the beginning
    resumed   and from where its image was taken
    picture   SHA-256 of the corner that they draw in, RGB row by row
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import suite

SIZE = (640, 480)
RUN = ("run", "--headless", "--virtual-time", "--no-watchdog", "--ascending", "--seed", "7", "--size", f"{SIZE[0]}x{SIZE[1]}")
FRAMES, SAVED = 200, 60  # until all of them have ended; when images are taken: in the middle
CORNER = (0, 0, 200, 110)
GRANTS = "grant=" + ",".join(f"ctx.{name}/1" for name in ("system", "loader", "control", "host", "image", "windows", "screen", "block"))
# Where each of those that draw has its surface, and whether its code is verified.
DRAW = {"lasting-c": (10, 10), "lasting-cpp": (70, 10), "lasting-rust": (130, 10), "lasting-c-verified": (10, 60), "lasting-cpp-verified": (70, 60)}
VERIFIED = [name for name in DRAW if name.endswith("-verified")]
# Each language calls another one's service: {consumer: provider}, by their names in the folder.
CALL = {"consumer-c-of-rust": "provider-rust", "consumer-cpp-of-c": "provider-c", "consumer-rust-of-cpp": "provider-cpp"}
CALL_VERIFIED = {"consumer-c-of-cpp-verified": "provider-cpp-verified", "consumer-cpp-of-c-verified": "provider-c-verified"}
# Apps of ours, and their words. They have to run; what they show may depend on the machine.
OURS = {"clock": "", "cursor": "", "snake": "", "clipboard": "offer=ctx.clipboard/1", "supervisor": "grant=ctx.control/1,ctx.system/1",
        "tracer": "app=clock over=clock grant=ctx.host/1"}


def source_of(name):
    """Where a build has a program, below its folder."""
    verified = "verified/" if name.endswith("-verified") else ""
    plain = name.removesuffix("-verified")
    if name in DRAW:
        return f"ctest/qemu/apps/lasting/{verified}{plain}.elf"
    if name.startswith(("consumer-", "provider-")):
        return f"ctest/qemu/apps/services/{verified}{plain}.elf"
    return f"apps/{name}.elf"


def programs():
    return [*DRAW, *CALL, *CALL.values(), *CALL_VERIFIED, *CALL_VERIFIED.values(), *OURS]


def drawing(folder, names):
    """ctx run's words for these."""
    words = []
    for name in names:
        words += ["+"] * bool(words) + [os.path.join(folder, name + ".elf"), *map(str, DRAW[name]), GRANTS]
    return words


def lines(text, name):
    return re.findall(rf"app\.{re.escape(name)}#\d+: (T .*?)\r?$", text, re.M)


def corner(picture):
    """SHA-256 of what they draw in."""
    return hashlib.sha256(bytes(picture.crop(*CORNER).data)).hexdigest()


def wrong(runs, what, text, names=None):
    """Why the log of a run is not as on the first day; empty if it is."""
    out = re.findall(r"T lasting \w+ FAIL.*| fault .*name=\S+.*|refused file=(?!child).*", text)
    for name in names or DRAW:
        said = lines(text, name)
        if said != runs[what][name]:
            out.append(f"{name} said {said}\n  and on the first day {runs[what][name]}")
    return out


def read(folder):
    with open(os.path.join(folder, "runs.json"), encoding="utf-8") as f:
        return json.load(f)


_made = []


def folder():
    """Version 3's folder; as long as it is not frozen, one that is made of today's build as it would be frozen, once."""
    abi = os.path.join(suite.SOURCE, "libctx", "abi")
    if os.path.exists(os.path.join(abi, "v3.txt")):
        return os.path.join(abi, "v3")
    if not _made:
        if not os.path.exists(os.path.join(suite.build(), source_of("lasting-rust"))) and shutil.which("rustc") is None:
            raise suite.Skip("not built here: rusty and what else is in Rust")
        into = tempfile.TemporaryDirectory(prefix="argos-lasting-")
        done = subprocess.run([sys.executable, "-B", os.path.join(abi, "freeze.py"), "3", "--build", suite.build(), "--into", into.name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        suite.check(done.returncode == 0, done.stdout)
        _made.append(into)
    return os.path.join(_made[0].name, "v3")


# ---- made once ----

class Odd(Exception):
    """What is about to be frozen is not as it should be."""


def run(tool, *words):
    done = subprocess.run([tool, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=600)
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise Odd(f"ctx {' '.join(words)} ends with {done.returncode}:\n{text[-3000:]}")
    return text


def copy_programs(build, folder):
    """Without what only a debugger reads."""
    for name in programs():
        source, to = os.path.join(build, source_of(name)), os.path.join(folder, name + ".elf")
        if not os.path.exists(source):
            raise Odd(f"{source} is not built (cmake --build {build} --target ...)")
        shutil.copyfile(source, to)
        subprocess.run(["strip", "--strip-debug", to], check=True)


def make(build, folder, read_png):
    """Programs, images and runs.json, into a folder that is there."""
    tool = os.path.join(build, "ctx")
    png = os.path.join(folder, "shot.png")
    copy_programs(build, folder)
    text = run(tool, *RUN, "--frames", str(FRAMES), "--screenshot", png, *drawing(folder, DRAW))
    runs = {"says": {name: lines(text, name) for name in DRAW}, "resumed": {}, "picture": corner(read_png(png))}
    for name, said in runs["says"].items():
        if not said or said[-1] != "T lasting ends 120" or any("FAIL" in line for line in said):
            raise Odd(f"{name} says {said}")
    for name in DRAW:
        image = os.path.join(folder, name + ".img")
        run(tool, *RUN, "--frames", str(SAVED), "--save", image, *drawing(folder, [name]))
        runs["resumed"][name] = lines(run(tool, *RUN, "--frames", str(FRAMES), "--load", image), name)
        if runs["resumed"][name] != runs["says"][name][-2:]:
            raise Odd(f"{name}.img goes on with {runs['resumed'][name]}, and without a break it was {runs['says'][name][-2:]}")
    session = os.path.join(folder, "session.img")
    run(tool, *RUN, "--frames", str(SAVED), "--session", "x", "--save", session, *drawing(folder, DRAW))
    text = run(tool, *RUN, "--frames", str(FRAMES), "--load", session, "--screenshot", png)
    if wrong(runs, "resumed", text) or corner(read_png(png)) != runs["picture"]:
        raise Odd("the session does not go on as without a break:\n" + "\n".join(wrong(runs, "resumed", text)))
    os.unlink(png)
    with open(os.path.join(folder, "runs.json"), "w", encoding="utf-8") as f:
        json.dump(runs, f, indent=1)
        f.write("\n")
