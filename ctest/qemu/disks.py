# SPDX-License-Identifier: MIT
"""ctx.block/1 under the kernel: an app over disks of many kinds, with errors, another size, a stall, partitions, and taken away."""
import os
import random
import struct
import sys
import tempfile
import uuid
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402
import disks  # noqa: E402

MIB = 1 << 20


def run(words, devices, until=r"T end 0", grants="grant=ctx.block/1 disk=*", says=(), boot="", then=None, **options):
    """An app with these words; what it said."""
    with apps_vm([(test_app("disks"), "disks", f"disks {grants} {words}")], f"debugexit nodisplay {boot}", devices=devices, **options) as vm:
        if then:
            then(vm)
        vm.until(until)
        for wanted in says:
            vm.until(wanted, since=0)
        check("PANIC" not in vm.text, "the kernel panicked")
        return vm.text
