#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run after its build step: boots the ISO, or just some apps, and stays with them."""
import argparse
import getpass
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
import picture  # noqa: E402
from vm import DESKTOP, QEMU, SOURCE, VM, Failure, cdrom, disk, in_use, mkcpio, ovmf, pvh  # noqa: E402

HELP = """\
./run                                    the desktop, in a window where there is a display
./run --apps hello.elf other.elf         just these files, anyone's, without making an ISO
./run --headless --seconds 5 --screenshot now.png     five seconds, then a picture
./run --entry veterans --keys "hi<left>" another menu entry; types when its apps run

--entry ID       windows fresh small toys game veterans everything isolated trouble watched selftest
--apps FILE...     boot these ELF files directly; FILE="NAME ARGS" gives name and arguments
--headless         no window, no VNC: only the serial line
--vnc              no window, but VNC on this machine's loopback (so it is without a display)
--seconds N        stop N seconds after the apps began to run, as Ctrl-C does
--keys TEXT        type this then; <up> <left> <ret> <esc> <f1> ... are keys by name
--screenshot FILE  write a PNG at the end (of 3 seconds when --seconds is not given)
--uefi, --mem MB   boot by UEFI instead of BIOS; memory of the machine (512)
--disk FILE        where saved apps are; made if it is not there (~/.local/share/argos/disk.img)
--files FILE       where files are (/disk, /data); likewise (~/.local/share/argos/files.img)
--share DIR[:rw]   what is in DIR is in /disk/share when it starts; rw: and goes back when it ends
--no-disk, --no-files, --no-net, --fresh     without them; begin anew, not with the last session
--web full         its page can do something, token by `web` in the console; off: no page
--words TEXT       more words for the kernel, such as "nodisplay slots=seq"
--gdb, --help      wait for a debugger and print how to attach one; this text

Exit code: 0 fine, 1 the kernel panicked or the machine reset itself, 2 an app was refused
or a self-test failed, 3 wrong usage, or something is missing on this machine.
Ctrl-C saves the session and leaves; a closed window is a power cut. What you type reaches the apps.
"""

DEFAULT = "windows"
ROOM = 48  # MiB that it wants; with less the menu takes the entry small, which keeps no session
BUILD = os.environ.get("ARGOS_BUILD", os.path.join(SOURCE, "build", "kernel"))
DATA = os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "argos")
DISK = os.path.join(DATA, "disk.img")
DISK_SIZE = "64M"
FILES = os.path.join(DATA, "files.img")
FILES_SIZE = "256M"
SHARED_LINES = 20  # that are told of what is shared; more are counted
POWER_BUTTON_SECONDS = 15  # that a machine has for saving its session
BAD_APP = re.compile(rb"^(\[[^\]]*\] E app: refused .*|.* T \S+ FAIL.*)$", re.M)


def entries():
    """The boot menu: {entry: (name of its session or None, whether it begins anew, whether its list has httpd)}."""
    found = {}
    with open(os.path.join(SOURCE, "iso", "grub.cfg.in"), encoding="utf-8") as f:
        menu = re.findall(r'^@menu ([^\s=]+)(?:=(\S+))? "[^"]*"(.*)$', f.read(), re.M)
    for name, apps, words in menu:
        with open(os.path.join(SOURCE, "iso", f"{apps or name}.list"), encoding="utf-8") as f:
            served = any(app == "httpd" for _, app, _, _ in mkcpio.parse_list(f.read()))
        found[name] = (session_of(words), "fresh" in words.split(), served)
    return found


def session_of(words):
    """The first one counts, as in the kernel."""
    return next((word[8:] for word in words.split() if word.startswith("session=")), None)


def fail(text):
    print(f"run: {text}", file=sys.stderr)
    sys.exit(3)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        fail(f"{message} (./run --help)")


def number(what, least):
    def parse(text):
        try:
            value = float(text) if what == "seconds" else int(text)
        except ValueError:
            value = -1
        if not value >= least or value > 1 << 20:
            raise argparse.ArgumentTypeError(f"wants a number of {what} from {least} to {1 << 20}, not {text!r}")
        return value
    return parse


def options(argv):
    parser = Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--entry")
    parser.add_argument("--apps", nargs="+")
    parser.add_argument("--seconds", type=number("seconds", 0))
    parser.add_argument("--keys", type=keys)
    parser.add_argument("--screenshot")
    parser.add_argument("--mem", type=number("megabytes", 1), default=512)
    parser.add_argument("--words", default="")
    parser.add_argument("--disk")
    parser.add_argument("--files")
    parser.add_argument("--share")
    parser.add_argument("--web", choices=("look", "full", "off"), default="look")
    for flag in ("headless", "vnc", "uefi", "gdb", "help", "check", "no-disk", "no-files", "no-net", "fresh"):
        parser.add_argument("--" + flag, action="store_true")
    args = parser.parse_args(argv)
    if args.apps and (args.entry or args.uefi):
        fail("--apps boots without the menu and firmware, so it goes with neither --entry nor "
             "--uefi")
    if args.entry and args.entry not in entries():
        fail(f"--entry {args.entry}: there are {' '.join(entries())}")
    if not args.apps and args.mem < ROOM and entries()[args.entry or DEFAULT][0] == entries()[DEFAULT][0]:
        args.entry = "small"
    if args.headless and args.vnc:
        fail("--headless and --vnc exclude each other")
    check_disk("--disk", args.disk, args.no_disk)
    check_disk("--files", args.files, args.no_files)
    check_share(args)
    if args.disk is not None and args.files is not None and os.path.realpath(args.disk) == os.path.realpath(args.files):
        fail(f"--files {args.files}: is the --disk already; one with partitions for both is given as --disk, with --no-files")
    if args.uefi and not ovmf():
        fail("--uefi wants UEFI firmware: install the package ovmf")
    if args.screenshot:
        folder = os.path.dirname(os.path.abspath(args.screenshot))
        if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
            fail(f"--screenshot {args.screenshot}: cannot write to {folder}")
        if args.seconds is None:
            args.seconds = 3
    # A loader without quotes: each backslash is kept as two.
    size = len(args.words.replace("\\", "\\\\").encode())
    if size > mkcpio.COMMAND_LINE_MAX - 100: # for words of our own
        fail(f"--words: {size} bytes, and {mkcpio.COMMAND_LINE_MAX - 100} are the most")
    for spec in args.apps or ():
        path = spec if os.path.exists(spec) else spec.partition("=")[0]
        if not os.path.exists(path):
            fail(f"--apps {path}: there is no such file")
        if not os.path.isfile(path):
            fail(f"--apps {path}: not a file")
        if not os.access(path, os.R_OK):
            fail(f"--apps {path}: not readable")
    try:
        mkcpio.pack(mkcpio.apps_of_files(args.apps or ()))
    except ValueError as e:
        fail(f"--apps {e}")
    return args


def check_disk(option, path, none):
    if path is None:
        return
    if none:
        fail(f"{option} and --no-{option[2:]} exclude each other")
    if os.path.isdir(path):
        fail(f"{option} {path}: not a file")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.exists(path) and (not os.path.isdir(folder) or not os.access(folder, os.W_OK)):
        fail(f"{option} {path}: cannot write to {folder}")


def check_share(args):
    """--share: a folder, and whether it is written to (args.share_back)."""
    if args.share is None:
        return
    args.share_back = args.share.endswith(":rw") and not os.path.isdir(args.share)
    folder = args.share[:-3] if args.share_back else args.share
    if args.no_files:
        fail("--share and --no-files exclude each other: what is shared lies on the disk of files")
    if not os.path.isdir(folder):
        fail(f"--share {folder}: {'not a folder' if os.path.exists(folder) else 'there is no such folder'}")
    if not os.access(folder, os.R_OK | os.X_OK | (os.W_OK if args.share_back else 0)):
        fail(f"--share {folder}: not {'writable' if os.access(folder, os.R_OK | os.X_OK) else 'readable'}")
    args.share = folder


def keys(text):
    """[(is name, key)] of a text with <names>."""
    found = re.findall(r"<(\w+)>|(.)", text, re.S)
    for name, char in found:
        if char and not char.isascii():
            raise argparse.ArgumentTypeError(f"there is no key for {char!r}")
    return found


def window():
    """A QEMU display that opens a window, or None."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    offered = subprocess.run([QEMU, "-display", "help"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True).stdout.split()
    for name, detail in (("gtk", "gtk,show-cursor=off,zoom-to-fit=off"), ("sdl", "sdl")):
        if name in offered:
            return detail
    return None


def free_port(first):
    for port in range(first, first + 100):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    fail(f"no free port from {first} on")
    return 0


class Terminal:
    """What is typed here, or piped in, for the machine's serial line. From a terminal keys come at once and unechoed
    while this runs; Ctrl-C still ends it. Piped input waits until the apps run: nobody would read it before."""

    def __enter__(self):
        self.fd = sys.stdin.fileno() if sys.stdin is not None else None
        self.saved = None
        if self.fd is not None and sys.stdin.isatty():
            self.saved = termios.tcgetattr(self.fd)
            mode = termios.tcgetattr(self.fd)
            mode[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(self.fd, termios.TCSADRAIN, mode)
        return self

    def __exit__(self, *_):
        if self.saved is not None:
            termios.tcsetattr(self.fd, termios.TCSADRAIN, self.saved)

    def typed(self, seconds, running):
        if self.fd is None or (self.saved is None and not running):
            time.sleep(seconds)
            return b""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        data = os.read(self.fd, 256) if ready else b""
        if ready and not data:
            self.fd = None  # the end of a pipe
        return data


def attach_one(option, named, usual, command, size, what, without, node):
    """One disk, made on first use: (extra arguments, notes)."""
    path = named or usual
    if os.path.exists(path):
        notes = [f"{what} are kept in {path}"]
    else:
        if named is None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        made = subprocess.run([os.path.join(BUILD, "ctx"), *command, path, "--size", size], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if made.returncode:
            fail(f"{option} {path}: {made.stdout.strip()}")
        notes = [f"{what} are kept in {path} (made now, {size}, sparse)"]
    if in_use(path):
        if named is not None:
            fail(f"{option} {path}: another program uses it")
        return [], [f"{path} is used by another program: {without}"]
    return disk(path, node=node), notes


def synchronize(args, back):
    """What is shared, while no machine has the disk: lines that say what was done, and what was not."""
    way = ["--both"] if args.share_back else []
    done = subprocess.run([os.path.join(BUILD, "ctx"), "files", "sync", args.files or FILES, args.share, "share", *way],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    lines = done.stdout.splitlines()
    if len(lines) > SHARED_LINES:
        told = [line for line in lines if line.startswith("ctx: ")]
        lines = told + [f"{len(lines) - len(told)} files and folders were put, got or removed"]
    where = f"{args.share} and /disk/share are the same" if args.share_back else f"{args.share} is in /disk/share"
    return lines + [f"{where}{'' if back or args.share_back else ', as it is now; what changes there does not go back (--share DIR:rw)'}"
                    if done.returncode == 0 else f"{args.share}: not all of it is shared"]


def attach(args):
    """Both disks, that of saved apps first: (extra arguments, notes)."""
    extra, notes = [], []
    if not args.no_disk:
        extra, notes = attach_one("--disk", args.disk, DISK, ["disk", "create"], DISK_SIZE, "saved apps",
                                  "this machine keeps no session", "disk")
    if not args.no_files:
        more, said = attach_one("--files", args.files, FILES, ["files", "create"], FILES_SIZE, "files",
                                "this machine's files are in memory", "files")
        extra, notes = extra + more, notes + said
        if args.share is not None:
            if not more:
                fail(f"--share {args.share}: another program uses {args.files or FILES}")
            notes += synchronize(args, False)
    return extra, notes


def card(args):
    """A network card of QEMU's user network, whose port 80 is one of this machine's loopback: (extra arguments, notes)."""
    if args.no_net:
        return [], []
    device = ["-device", "virtio-net-pci,netdev=net0,romfile="]
    if args.web == "off": # nor a way to it: a session that goes on has an httpd that may serve
        return ["-netdev", "user,id=net0", *device], []
    port = free_port(8080)
    extra = ["-netdev", f"user,id=net0,hostfwd=tcp:127.0.0.1:{port}-:80", *device]
    args.words = f"{args.words} to=httpd:web={args.web}".strip()
    if args.apps or not entries()[args.entry or DEFAULT][2]:
        return extra, []
    return extra, [f"the machine's page:  http://127.0.0.1:{port}/"]


def plan(args):
    """What to boot and how: (boot arguments, extra arguments, display, notes)."""
    extra, notes, display = [], [], "none"
    shown = None if args.headless or args.vnc else window()
    if shown:
        display = shown
    elif not args.headless:
        port = free_port(5900)
        display = f"vnc=127.0.0.1:{port - 5900}"
        notes.append(f"VNC on 127.0.0.1:{port}; from another machine first:"
                     f"  ssh -L {port}:127.0.0.1:{port} {getpass.getuser()}@{socket.gethostname()}")
    if args.gdb:
        port = free_port(1234)
        extra += ["-S", "-gdb", f"tcp:127.0.0.1:{port}"]
        elf = os.path.relpath(os.path.join(BUILD, "argos.elf"))
        notes.append(f"waiting for:  gdb {elf} -ex 'target remote 127.0.0.1:{port}' -ex c")
    for more, said in (attach(args), card(args)):
        extra += more
        notes += said
    if keeps(args, extra):
        iso = os.path.join(BUILD, "argos.iso")
        sessions, fresh = sessions_of(args.disk or DISK), args.fresh or not args.apps and entries()[args.entry or DEFAULT][1]
        if not fresh and session_name(args) in sessions and is_newer(iso, args.disk or DISK):
            notes.append("the last session has its own, older apps; --fresh begins with those just built")
        if args.entry is None and session_name(args) not in sessions and entries()["toys"][0] in sessions:
            notes.append("a session of the entry that ./run once began with is there: --entry toys goes on with it")
        notes += about_page(args) if not fresh and session_name(args) in sessions else []
        notes.append("Ctrl-C here saves the session and leaves" + ("; closing the window only leaves" if shown else ""))
    elif shown:
        notes.append("close the window or press Ctrl-C here to leave")
    else:
        notes.append("Ctrl-C leaves")
    return display, extra, notes


def sessions_of(disk):
    """Names of what is saved there that a machine would go on with."""
    listed = subprocess.run([os.path.join(BUILD, "ctx"), "disk", "ls", disk], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, errors="replace")
    last = [line.split()[-1] for line in listed.stdout.splitlines() if line.strip()]
    return {name[8:] for name in last if name.startswith("session/")}


def session_apps(args):
    """The names of those that are saved there, which a machine would go on with."""
    ctx = os.path.join(BUILD, "ctx")
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "session")
        subprocess.run([ctx, "disk", "get", args.disk or DISK, "session/" + session_name(args), image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        said = subprocess.run([ctx, "image", "info", image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace", check=False)
    return set(re.findall(r", app \d+ \(([^)\n]*)\): an app,", said.stdout))


def about_page(args):
    """A session goes on with the apps that it began with, so the page may be another one than was asked for, or not be there."""
    if args.no_net or args.web == "off" or args.apps or not entries()[args.entry or DEFAULT][2]:
        return []
    apps = session_apps(args)
    missing = [name for name in ("net", "httpd") if name not in apps]
    if missing:
        return [f"nobody answers there: the last session has no {' and no '.join(missing)}; --fresh begins with {'it' if len(missing) == 1 else 'them'}"]
    return ["the last session has the page that it began with; --fresh --web full begins with one that can do something"] if args.web == "full" else []


def is_newer(file, disk):
    return os.path.exists(file) and os.path.getmtime(file) > os.path.getmtime(disk)


def session_name(args):
    """Of the session that this machine goes on with and saves; None: it has none. The entry's words come first."""
    return (None if args.apps else entries()[args.entry or DEFAULT][0]) or session_of(args.words)


def keeps(args, extra):
    """Whether this machine saves its session when its power button is pressed."""
    return session_name(args) is not None and any("drive=disk" in word for word in extra)


def press_power_button(vm):
    """And wait for what comes of it; who has no patience presses Ctrl-C once more."""
    try:
        if not vm.ended and b"main: running" in vm.serial:
            vm.qmp.command("system_powerdown")
            vm.wait(exactly=POWER_BUTTON_SECONDS)
    except (Failure, KeyboardInterrupt):
        pass


def show(data, printed, all_of_it):
    """Prints the serial line by whole lines, without what the firmware's and GRUB's menus do to
    a terminal. Says how far it came."""
    end = len(data) if all_of_it else data.rfind(b"\n") + 1
    if end <= printed:
        return printed
    for line in re.sub(rb"\x1b\[[0-9;?=]*[a-zA-Z]|\r", b"", data[printed:end]).split(b"\n"):
        if line.strip():
            sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
    return end


def work_of(vm):
    """Seconds of the processor that the machine has had."""
    try:
        return vm.cpu_seconds()
    except OSError:  # it has gone
        return 0


def stay(vm, args, terminal):
    """Lives with the machine until it ends, time is up, or it panics. How much of its text was shown."""
    printed, began, over, typed = 0, None, None, False
    quiet, slept, work, work_began = False, 0, 0, 0
    size, spoke = 0, vm.start  # of what the machine has said; when it last said something
    while True:
        data = bytes(vm.serial)
        if len(data) != size:
            size, spoke, work = len(data), time.monotonic(), work_of(vm)
        printed = show(data, printed, vm.ended)
        if vm.ended:
            return printed
        now = time.monotonic()
        if began is None and b"main: running" in data:
            began, work_began = now, work_of(vm)
        if began is None and args.headless and b"no apps: nothing to run" in data:
            return printed
        # What is typed before the apps listen is lost. They do when all have been called: then the machine has slept. One that
        # never sleeps, or never is silent, has called them after much work; what the clock shows by then is the host's affair.
        if began is not None and not quiet:
            slept += vm.is_asleep()
            silent, done = now - max(began, spoke) > 0.4, work_of(vm)
            quiet = silent and (slept >= 3 or done > work + 1) or done > work_began + 5
        if quiet and args.keys and not typed:
            typed = True
            began = now if args.seconds is not None else began
            for name, char in args.keys:
                vm.key(name) if name else vm.type(char)
        # A panic in a headless run ends it, once the backtrace is out.
        if over is None and (args.headless or args.seconds is not None):
            if re.search(rb"^PANIC ", data, re.M):
                over = now + 1
        if began is not None and args.seconds is not None and now - began >= args.seconds:
            return printed
        if over is not None and now >= over:
            return printed
        if began is None and args.seconds is not None and now - vm.start > args.seconds + 60 \
                and not args.gdb:
            fail("the apps did not begin to run within a minute")
        text = terminal.typed(0.02, quiet)
        if text:
            vm.send(text)


def result(vm, asked_to_end):
    """The exit code."""
    if re.search(rb"^PANIC ", vm.serial, re.M):
        return 1
    if BAD_APP.search(vm.serial) or re.search(rb"KTEST (REFUSED|FAIL)", vm.serial):
        return 2
    if not asked_to_end:
        rc = vm.process.poll()
        by_guest = [e["data"].get("reason") for e in vm.qmp_events if e["event"] == "SHUTDOWN"]
        if rc in (35, 39) or "guest-reset" in by_guest:
            return 1
        if rc in (37, 41):
            return 2
        if rc not in (0, 33):
            return 3
    return 0


def main(argv):
    args = options(argv)
    if args.help:
        print(HELP, end="")
        return 0
    if args.check:
        return 0
    if not shutil.which(QEMU):
        fail(f"{QEMU} is not here: run cmake/bootstrap.sh")
    display, extra, notes = plan(args)
    if args.fresh:
        args.words += " fresh"
    scratch = None
    if args.apps:
        scratch = os.path.join(BUILD, f"run-{os.getpid()}.cpio")
        with open(scratch, "wb") as f:
            f.write(mkcpio.pack(mkcpio.apps_of_files(args.apps)))
        boot = pvh(os.path.join(BUILD, "argos.elf"), scratch)
    else:
        boot = cdrom(os.path.join(BUILD, "argos.iso"), "virtio" if args.uefi else "ide")
    try:
        # Where nobody looks, a machine that resets itself is a failure to report.
        with VM(boot, args.words, entry=args.entry or DEFAULT, mem=args.mem, devices=DESKTOP,
                uefi=args.uefi, seconds=1e8, display=display, extra=extra,
                reboot=not args.headless) as vm, Terminal() as terminal:
            for note in notes:
                print(f"run: {note}", flush=True)
            vm.watch()
            try:
                printed = stay(vm, args, terminal)
                if args.screenshot and not vm.ended:
                    picture.write_png(args.screenshot, vm.screen())
            except KeyboardInterrupt:
                printed = len(vm.serial)
                print()
            ended = vm.ended
            if not ended and keeps(args, extra):
                press_power_button(vm)
                show(vm.serial, printed, True)
            sys.stdout.flush()
            code = result(vm, not ended)
        if args.share is not None and args.share_back:
            for note in synchronize(args, True):
                print(f"run: {note}", flush=True)
        return code
    except Failure as e:
        fail(str(e))
    finally:
        if scratch and os.path.exists(scratch):
            os.unlink(scratch)
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
