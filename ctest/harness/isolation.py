# SPDX-License-Identifier: MIT
"""Verified apps: where a build has them, and what of two logs and pictures is compared."""
import os
import re
import subprocess

import suite
from suite import Skip, check, limit

# Those that draw or say something, and what is drawn depends on nothing but the time and the seed.
APPS = ("background", "clock", "console", "cursor", "hello", "paint", "scripts", "snake", "supervisor")

# Test apps, by their folders in the build: name, what ends them.
PROGRAMS = {"conformance": "ctest/qemu/conformance", "conformance_lua": "ctest/qemu/conformance",
            "conformance_differences": "ctest/qemu/conformance", "floating": "ctest/linux"}
FIBERS = "verified/fibers-libctx"


def built(file):
    """A file of this build, or of one beside it that has apps."""
    for build in suite.builds():
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


def groups():
    """The same of the app that has all groups of instructions."""
    built("ctest/qemu/apps/verified/groups.elf")
    return "verified/groups"


# Looks at the time stamp counter in each call, and could be verified but for that.
_CLOCK = """
	.text
	.bundle_align_mode 5
	.balign 32
	.globl _start
	.type _start, @function
_start:	rdtsc
	xor	%eax, %eax
	pop	%r11
	.bundle_lock
	and	$-32, %r11d
	add	__ehdr_start-0x3e0000(%rip), %r11
	jmp	*%r11
	.bundle_unlock
	.balign 4096, 0xcc
	.size	_start, . - _start
	.section .note.GNU-stack, "", @progbits
"""


def clock_reader(folder):
    """The path of an app that only isolate-rdtsc=on lets be verified."""
    source, elf = os.path.join(folder, "reader.S"), os.path.join(folder, "reader.elf")
    with open(source, "w", encoding="ascii") as f:
        f.write(_CLOCK)
    p = subprocess.run(["cc", "-nostdlib", "-static-pie", "-Wl,--no-dynamic-linker,-z,text,-z,max-page-size=4096", source, "-o", elf],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60), check=False)
    check(p.returncode == 0, f"it can not be built: {p.stdout}")
    return elf


def comparable(log):
    """A log without what tells two builds of an app apart: that one is trusted, how much memory it takes, and calls that were too long for a slow machine."""
    lines = [li for li in log.splitlines() if not re.search(" (unverified|overran) name=| screenshot file=", li)]
    return [re.sub(r"(pages|free|KiB|memory|bytes)=\d+(KiB)?", r"\1=", li) for li in lines]


def own_words(log):
    """What apps themselves say."""
    return re.findall(r"\] [EWID] app\.(\S+#\d+: .*)", log)
