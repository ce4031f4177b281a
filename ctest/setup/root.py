# SPDX-License-Identifier: MIT
"""A stranger's first hour: this checkout in a bare Debian 12 of its own, which has no compiler yet.

The root has the binary packages whose names once misled the fetching (lz4, lua5.4, apt-utils) and an empty cache. There `./run`
boots, and `./test` passes. It takes the network and the better part of an hour, so it is a target: `checkout-root`. `--run-only` leaves
./test out."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from suite import SOURCE  # noqa: E402

ALSO = "lz4 lua5.4 apt-utils ca-certificates"


def inside(root, script):
    """Runs it there, with this machine's /proc and /dev; what it says is shown as it comes. Its exit code."""
    mounts = "".join(f"mount --rbind /{d} '{root}/{d}'; " for d in ("proc", "dev"))
    words = ["unshare", "-m", "sh", "-ec", mounts + f"exec env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot '{root}' sh -ec \"$1\"", "sh", script]
    return subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode


def timed(what, run):
    begun = time.monotonic()
    rc = run()
    print(f"==== {what}: {time.monotonic() - begun:.0f} s, exit code {rc}", flush=True)
    if rc != 0:
        sys.exit(1)


def copy(root):
    """What git has of the tree, as it is now: a checkout without its history."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=SOURCE, stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        source = os.path.join(SOURCE, name)
        if os.path.lexists(source):
            to = os.path.join(root, "srv", "argos", name)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy2(source, to, follow_symlinks=False)
    return 0


def main():
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("root: it takes root and debootstrap (package debootstrap)")
    with tempfile.TemporaryDirectory(prefix="argos-root-") as folder:
        root = os.path.join(folder, "root")
        timed("a bare Debian 12", lambda: subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root],
                                                         stdout=subprocess.DEVNULL, check=False).returncode)
        with open(os.path.join(root, "etc", "hosts"), "w") as f:  # an installer writes it, debootstrap does not
            f.write("127.0.0.1 localhost\n::1 localhost\n")
        shutil.copy("/etc/resolv.conf", os.path.join(root, "etc", "resolv.conf"))
        timed("what misled once", lambda: inside(root, f"apt-get update -q >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {ALSO} >/dev/null"))
        copy(root)
        said = "/srv/run.txt"
        timed("./run, from nothing to a picture",
              lambda: inside(root, f"cd /srv/argos; ./run --headless --seconds 5 --screenshot /srv/now.png >{said} 2>&1 || {{ tail -n 40 {said}; exit 1; }}"))
        with open(os.path.join(root, "srv", "now.png"), "rb") as f:
            if not re.match(rb"\x89PNG", f.read(8)):
                sys.exit("root: ./run made no picture")
        timed("./run again", lambda: inside(root, "cd /srv/argos; ./run --headless --seconds 1 >/dev/null 2>&1"))
        if "--run-only" not in sys.argv:
            timed("./test", lambda: inside(root, "cd /srv/argos; ./test"))


if __name__ == "__main__":
    main()
