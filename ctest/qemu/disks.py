# SPDX-License-Identifier: MIT
"""ctx.block/1 under the kernel: an app over disks of many kinds, with errors, another size, a stall, partitions, and taken away."""
import contextlib
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from suite import apps_vm, case, check, eventually, main, test_app  # noqa: E402
import disks  # noqa: E402

MIB = 1 << 20


def run(words, devices, until=r"exited name=disks", grants="grant=ctx.block/1 disk=*", boot="", then=None, **options):
    """An app with these words; what it said."""
    with apps_vm([(test_app("disks"), "disks", f"{grants} {words}")], f"debugexit nodisplay {boot}", devices=devices, seconds=40, **options) as vm:
        if then:
            then(vm)
        vm.until(until)
        check("PANIC" not in vm.text, "the kernel panicked")
        return vm.text


def drive(path, options="", rules=None, read_only=False, node="d0", slow=False):
    """A disk that says its errors to the guest; rules: what goes wrong; slow: the group tg0 says how fast it is."""
    file = {"driver": "file", "filename": path, "node-name": node, "read-only": read_only, "discard": "unmap"}
    args = ["-blockdev", json.dumps(file)]
    if rules:
        args += ["-blockdev", json.dumps({"driver": "blkdebug", "node-name": "b" + node, "image": node, "inject-error": rules})]
    if slow:
        args = ["-object", "throttle-group,id=tg0", *args,
                "-blockdev", json.dumps({"driver": "throttle", "node-name": "b" + node, "throttle-group": "tg0", "file": node})]
    top = "b" + node if rules or slow else node
    return args + ["-device", ",".join([f"virtio-blk-pci,drive={top},id=v{node},werror=report,rerror=report", *([options] if options else [])])]


def good(text, says):
    wrong = disks.missing(text, says)
    check(not wrong, f"{wrong}\n{text[-2500:]}")


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="argos-disks-") as path:
        yield path


@case
def everything():
    for options in ("serial=the-serial", "logical_block_size=4096,physical_block_size=4096", "disable-legacy=on,vectors=0,queue-size=4,seg-max-adjust=off",
                    *(["write-cache=off,num-queues=4"] if os.environ.get("ARGOS_LONG") else [])):
        with folder() as path:
            text = run(disks.ALL, drive(disks.blank(path + "/a.img", 8 * MIB + 4096), options))
            good(text, disks.SAYS)
            check("serial" not in options or "label the-serial" in text, "no serial number")
            check(f"block {4096 if '4096' in options else 512} flags" in text, "another block")


@case
def only_to_be_read():
    with folder() as path:
        good(run(disks.READ_ONLY, drive(disks.blank(path + "/a.img", 4 * MIB), read_only=True)), disks.READ_ONLY_SAYS)


@case
def partitions():
    with folder() as path:
        disks.partitioned(path + "/a.img", 16 * MIB, disks.PARTS)
        good(run(disks.PARTED, drive(path + "/a.img")), disks.PARTED_SAYS)
        text = run("list on=vda on=vda2 last", drive(path + "/a.img"), grants="grant=ctx.block/1 disk=vda2")
        good(text, [r"T disk vda2 ", r"T claimed vda -14$", r"T claimed vda2 0$", r"T last 0$"])
        check("T disk vda " not in text and "vda1" not in text, "it sees what it was not given")


@case
def errors():
    """Each is told, and the rest is well."""
    for iotype, words, says in (
            ("read", "on=vda write=64 flush read=64", [r"T write ok 64$", r"T flush 0$", r"T read ok 63$", r"T read bad 1 -10$"]),
            ("write", "on=vda write=64 flush read=63", [r"T write ok 63$", r"T write bad 1 -10$", r"T flush 0$"]),
            ("flush", "on=vda write=64 flush flush read=64", [r"T write ok 64$", r"T flush -10$", r"T flush 0$", r"T read ok 64$"])):
        rule = {"event": "none", "iotype": iotype, "errno": 5, "once": True}
        if iotype != "flush":
            rule["sector"] = 8 * (5 * 7919 % (8 * MIB // 4096))  # the sixth of the scattered places
        with folder() as path:
            text = run(words, drive(disks.blank(path + "/a.img", 8 * MIB), "request-merging=off", rules=[rule]))
            if iotype == "write":
                text = text.replace("T read wrong 1", "")  # that block
            good(text, says)


@case
def another_size():
    """Grown: told, and usable at once. Shrunk: what lies beyond is RANGE, and nothing else is lost."""
    with folder() as path:
        def resize(vm):
            vm.until(r"T last 0")
            vm.qmp.command("block_resize", **{"node-name": "d0", "size": 16 * MIB})
            vm.until(r"T size 16777216")
            vm.until(r"T write ok 9")
            vm.qmp.command("block_resize", **{"node-name": "d0", "size": 4 * MIB})
        text = run("on=vda write=20 last watch=9000 last round=2 write=9 watch=9000 last bytes=4096 round=3 write=50 read=50",
                   drive(disks.blank(path + "/a.img", 8 * MIB)), then=resize)
        good(text, [r"T last 0$", r"T size 16777216$", r"T last 0$", r"T write ok 9$", r"T size 4194304$", r"T last 0$", r"T write ok 50$", r"T read ok 50$"])


@case
def plugged_and_pulled():
    """Into a slot with native hot plug, pulled with a claim on it and while it works, and plugged in again."""
    with folder() as path:
        blank = drive(disks.blank(path + "/a.img", 8 * MIB))
        node, slot = blank[:-2], ["-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off", "-device", "pcie-root-port,id=rp0,slot=1"]

        def plug(vm):
            vm.until(r"T claimed|running apps=1")
            for name, says in (("vda", r"T gone 1"), ("vdb", r"T write bad \d+ -10")):
                vm.qmp.command("device_add", driver="virtio-blk-pci", drive="d0", id="plugged", bus="rp0", werror="report", rerror="report")
                vm.until(rf"T claimed {name} 0(?s:.*)T read ok 50")
                vm.qmp.command("device_del", id="plugged")
                vm.until(says)
                eventually(lambda: check("plugged" not in str(vm.qmp.command("qom-list", path="/machine/peripheral")), "it is still there"))
        text = run("again=vda write=50 read=50 watch=20000 last release again=vdb read=50 write=99999999 last", [*node, *slot], then=plug)
        good(text, [r"pci: slot at=00:\S+ empty", r"T claimed vda 0$", r"T read ok 50$", r"block: name=vda is gone", r"T gone 1$", r"T last -10$", r"T release 0$",
                    r"T claimed vdb 0$", r"block: name=vdb is gone", r"T last -10$"])


@case
def a_disk_that_is_slow():
    """It takes seconds: others go on, and it is free only when the last request has ended, of whoever is gone meanwhile."""
    app = test_app("disks")
    with folder() as path:
        apps = [(app, "disks", "grant=ctx.block/1 disk=vda on=vda depth=12 write=12 watch=1500 fault mem=20M restart=never overrun=stop"),
                (app, "next", "grant=ctx.block/1 disk=vda wait=300 again=vda round=2 bytes=65536 write=8 read=8")]
        with apps_vm(apps, "debugexit nodisplay", devices=drive(disks.blank(path + "/a.img", 8 * MIB), slow=True)) as vm:
            vm.until(r"T write ok 12")
            vm.qmp.command("qom-set", path="/objects/tg0", property="limits", value={"iops-total": 4})
            vm.until(r"fault name=disks")
            vm.until(r"next#1: T claimed vda 0")
            vm.qmp.command("qom-set", path="/objects/tg0", property="limits", value={"iops-total": 0})
            vm.until(r"exited name=next")
            seconds = [float(re.search(r"\[ *(\S+)\] " + what, vm.text)[1]) for what in (". app: fault name=disks", "I app.next#1: T claimed vda 0")]
            check(seconds[1] - seconds[0] > 1, f"it was free while requests went on: {seconds}")
            check("T claimed vda -12" in vm.text, "it never was busy")
            good(vm.text, [r"T claimed vda 0$", r"T write ok 12$", r"T write ok 8$", r"T read ok 8$"])


if __name__ == "__main__":
    main()
