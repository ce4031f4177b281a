# SPDX-License-Identifier: MIT
"""ctx.block/1 under ctx run: an app over files of many kinds, as the other machine's tests have it."""
import os

from runner import FINE, Live, Skip, case, check, ctx, main, sanitized, scratch, test_app
import disks  # harness/disks.py: runner has put that folder first
import suite

MIB = disks.MIB
GRANT = "grant=ctx.block/1"


def run(options, words, grants="disk=*"):
    return ctx("run", "--headless", "--virtual-time", "--frames", "2000", *options, test_app("disks"), GRANT, *grants.split(), *words.split()).text


def good(text, says):
    wrong = disks.missing(text, says)
    check(not wrong, f"{wrong}\n{text[-2500:]}")


@case
def everything():
    for options, block in (("", 512), (",block=4096", 4096)):
        with scratch() as folder:
            path = disks.blank(os.path.join(folder, "a,b.img"), 8 * MIB + 4096)
            text = run(["--disk", path + options], disks.ALL)
            good(text, disks.SAYS)
            check(f"vda bytes {8 * MIB + 4096} block {block} flags 26 " in text, "another disk")


@case
def only_to_be_read():
    with scratch() as folder:
        path = disks.blank(os.path.join(folder, "a.img"), 4 * MIB)
        good(run(["--disk", path + ",ro"], disks.READ_ONLY), disks.READ_ONLY_SAYS)
        with open(path, "rb") as f:
            check(not any(f.read()), "it was written")


@case
def several_and_partitions():
    with scratch() as folder:
        path = os.path.join(folder, "a.img")
        other = disks.blank(os.path.join(folder, "b.img"), MIB)
        disks.partitioned(path, 16 * MIB, disks.PARTS)
        good(run(["--disk", path, "--disk", other], disks.PARTED), disks.PARTED_SAYS)
        text = run(["--disk", path, "--disk", other], "list on=vdb read=0 on=vda on=vda2 last", "disk=vda2 disk=vdb,vdc")
        good(text, [r"T disk vda2 ", r"T disk vdb bytes 1048576", r"T claimed vdb 0$", r"T claimed vda -14$", r"T claimed vda2 0$", r"T last 0$"])
        check("T disk vda " not in text and "vda1" not in text, "it sees what it was not given")


@case
def damaged_tables():
    """Of a table nothing counts that does not fit; the second copy is taken where the first one is damaged."""
    with scratch() as folder:
        path = os.path.join(folder, "a.img")
        for what, sees in ((lambda f: f.write(b"x"), True), (lambda f: (f.write(b"x"), f.seek(-512, 2), f.write(b"x")), False)):
            disks.partitioned(path, 16 * MIB, disks.PARTS)
            with open(path, "r+b") as f:
                f.seek(512)
                what(f)
            check(("T disk vda1 " in run(["--disk", path], "list")) == sees, f"partitions: not {sees}")
        disks.partitioned(path, 16 * MIB, [(2048, 4095, "one"), (4000, 5000, "over it"), (2, 3, "in the table"), (9000, 99999999, "too long")])
        text = run(["--disk", path], "list")
        check("T disk vda1 " in text and "vda2" not in text and "vda3" not in text and "vda4" not in text, text)
        check("partition 2 lies over another one" in text, "nobody is told")


@case
def what_the_store_lies_on():
    """A star does not mean it, and its name says BUSY."""
    with scratch() as folder:
        path = os.path.join(folder, "a.img")
        ctx("disk", "create", path, "--size", "16M").ends(FINE)
        check("T disk" not in run(["--disk", path], "list"), "a star means the store's disk")
        good(run(["--disk", path], "list on=vda", "disk=vda"), [r"T disk vda bytes 16777216 block 512 flags 154", r"T claimed vda -12$"])


@case
def beside_the_store():
    """One disk with two partitions: the system's images in one, an app's in the other."""
    with scratch() as folder:
        path, store = os.path.join(folder, "a.img"), os.path.join(folder, "store.img")
        ctx("disk", "create", store, "--size", "4M").ends(FINE)
        disks.partitioned(path, 16 * MIB, [(2048, 2048 + 8191, "images"), (12288, 20479, "files")], types=[disks.STORE])
        with open(store, "rb") as source, open(path, "r+b") as f:
            f.seek(MIB)
            f.write(source.read())
        text = run(["--disk", path], "list on=vda on=vda1 on=vda2 write=30 read=30 last", "disk=vda,vda1,vda*")
        good(text, [r"vault: disk=vda partition=1 ", r"T claimed vda -12$", r"T claimed vda1 -12$", r"T claimed vda2 0$", r"T write ok 30$", r"T read ok 30$", r"T last 0$"])
        text = run(["--disk", path], "list", "disk=*")
        check("T disk vda2 " in text and "T disk vda " not in text and "vda1 " not in text, "a star means what the system has")
        check(ctx("disk", "check", path).ends(FINE), "the store was damaged")


@case
def from_an_image():
    """A handle of before is none of now, here or in another process; the disk can be had again."""
    with scratch() as folder:
        path, image = disks.blank(os.path.join(folder, "a.img"), 8 * MIB), os.path.join(folder, "image")
        words = "on=vda write=9 last turns=200 last release on=vda last"
        run(["--disk", path, "--save", image, "--at", "60"], words)
        text = ctx("run", "--headless", "--virtual-time", "--frames", "2000", "--disk", path, "--load", image).text
        good(text, [r"T last -4$", r"T release -4$", r"T claimed vda 0$", r"T last 0$", r"T end 0$"])


@case
def without_a_grant():
    with scratch() as folder:
        path = disks.blank(os.path.join(folder, "a.img"), MIB)
        check("T disk" not in run(["--disk", path], "list", ""), "without disk= it sees one")
        said = ctx("run", "--headless", "--virtual-time", "--frames", "100", "--disk", path, test_app("disks"), "disk=*", "list")
        check("T end 0" in said.text and "T disk" not in said.text, "without the grant it sees one")
        said = ctx("run", "--headless", "--virtual-time", "--frames", "100", "--disk", path, test_app("disks"), GRANT, "disk=v(x)", "list")
        check("disk=v(x): byte 1: only use= takes parameters" in said.text and "T disk" not in said.text, said.text)


@case
def in_a_host():
    """All that it does with disks goes through another app, which forwards it; and one that stands in for all of it and denies."""
    for how, says in (("identity", disks.SAYS), ("deny", None)):
        with scratch() as folder:
            path = disks.blank(os.path.join(folder, "a.img"), 8 * MIB)
            text = ctx("run", "--headless", "--virtual-time", "--frames", "3000", "--disk", path, test_app("wrapper"), how, "grant=ctx.host/1", "+",
                       test_app("disks"), GRANT, "disk=*", "host=wrapper", *disks.ALL.split()).text
            if says:
                good(text, says)
            check(("T disk" in text) == bool(says), text[-2000:])


@case
def verified():
    """No instruction of it can leave its slot, and the machine starts nothing else."""
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    app = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "disks-libctx.elf")
    if not os.path.exists(app):
        raise Skip("no verified apps: they were not built, or there is no clang")
    with scratch() as folder:
        path = disks.blank(os.path.join(folder, "a.img"), 8 * MIB)
        text = ctx("run", "--headless", "--virtual-time", "--isolate=require", "--frames", "3000", "--disk", path, app, GRANT, "disk=*", *disks.ALL.split()).text
        good(text, disks.SAYS)
        check("runs trusted" not in text, "it is not verified")


@case
def another_size():
    with scratch() as folder:
        path = disks.blank(os.path.join(folder, "a.img"), 8 * MIB)
        with Live("run", "--headless", "--disk", path, test_app("disks"), GRANT, "disk=*", *"on=vda write=20 last watch=20000 last watch=20000 last".split()) as live:
            live.until(r"T last 0")
            os.truncate(path, 16 * MIB)
            live.until(r"T size 16777216")
            os.truncate(path, 4 * MIB)
            live.until(r"T size 4194304")
            live.until(r"T end 0")


@case
def die_and_come_back():
    """A fault with requests in flight: the next life can have it at once, and what it had submitted is there."""
    with scratch() as folder:
        path = disks.blank(os.path.join(folder, "a.img"), 8 * MIB)
        text = run(["--disk", path], "on=vda read=0 fault", "disk=* restart=on-fault:3")
        check(text.count("T claimed vda 0") == 4 and "T claimed vda -" not in text, text[-2000:])


@case
def undone():
    """A call that read is undone, and its claim stays as it was; one that wrote is not."""
    with scratch() as folder:
        path = disks.blank(os.path.join(folder, "a.img"), 8 * MIB)
        text = run(["--disk", path], "on=vda write=4 fault", "disk=* restart=undo:3")
        check("it changed a disk" in text, text[-2000:])


if __name__ == "__main__":
    main()
