# SPDX-License-Identifier: MIT
"""Verified apps: where a build has them, and what of two logs and pictures is compared."""
import os
import re

import suite
from suite import Skip

# Those that draw or say something, and what is drawn depends on nothing but the time and the seed.
APPS = ("background", "clock", "console", "cursor", "hello", "paint", "scripts", "snake", "supervisor")

# Test apps, by their folders in the build: name, what ends them.
PROGRAMS = {"conformance": "ctest/qemu/conformance", "conformance_lua": "ctest/qemu/conformance",
            "conformance_differences": "ctest/qemu/conformance", "floating": "ctest/linux"}
FIBERS = "verified/fibers-libctx"


def builds():
    here = suite.build()
    return (here, *(os.path.join(os.path.dirname(here), b) for b in ("linux", "kernel")))


def built(file):
    """A file of this build, or of one beside it that has apps."""
    for build in builds():
        path = os.path.join(build, file)
        if os.path.exists(path):
            return path
    raise Skip(f"not built here: {file}; verified apps need clang")


def verified(name):
    """The app whose code a kernel can verify."""
    if name in PROGRAMS:
        return built(f"{PROGRAMS[name]}/verified/{name}.elf")
    return built(f"apps/{name}/verified/{name}.elf")


def plain(name):
    return built(f"{PROGRAMS[name]}/{name}.elf" if name in PROGRAMS else f"apps/{name}.elf")


def fibers():
    """The name, for test_app(), of the verified twin of the test app fibers."""
    built(f"ctest/qemu/apps/{FIBERS}.elf")
    return FIBERS


def comparable(log):
    """A log without what tells two builds of an app apart: that one is trusted, and how much memory it takes."""
    lines = [li for li in log.splitlines() if " unverified name=" not in li and " screenshot file=" not in li]
    return [re.sub(r"(pages|free|KiB|memory|bytes)=\d+(KiB)?", r"\1=", li) for li in lines]


def own_words(log):
    """What apps themselves say."""
    return re.findall(r"\] [EWID] app\.(\S+#\d+: .*)", log)
