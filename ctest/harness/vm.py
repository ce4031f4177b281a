# SPDX-License-Identifier: MIT
"""One QEMU: starts it, reads its serial line, talks QMP to it, and always ends it.

    with VM(pvh(build, apps), words="debugexit stop=60") as vm:
        vm.until(r"main: running")
        verdict = vm.verdict()

TCG is the judge. KVM is used only when QEMU_ACCEL=kvm and a real VT-x or SVM module is loaded.
"""
import ctypes
import fcntl
import json
import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, "cmake"))
import mkcpio  # noqa: E402
import picture  # noqa: E402
from patience import Failure, limit  # noqa: E402

QEMU = os.environ.get("ARGOS_QEMU", "qemu-system-x86_64")

# What the kernel writes to the isa-debug-exit device, as QEMU's exit code: (value << 1) | 1.
# 0 is never a pass: a machine that resets itself ends with 0.
VERDICTS = {33: "pass", 35: "panic", 37: "refused", 39: "unfit", 41: "selftest failed", 0: "reset"}

# No pattern that is waited for is longer: of what was looked at before, so much is looked at again when more has come.
OVERLAP = 20000

DESKTOP = ["-device", "virtio-vga,id=gpu", "-device", "virtio-keyboard-pci",
           "-device", "virtio-tablet-pci"]


def accelerator():
    real = any(os.path.isdir(f"/sys/module/{m}") for m in ("kvm_intel", "kvm_amd"))
    if os.environ.get("QEMU_ACCEL") == "kvm" and real:
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]


def ovmf():
    """(code, variables) of the UEFI firmware, or None."""
    for code, variables in (
            ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
            ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
            ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
            ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd")):
        if os.path.exists(code) and os.path.exists(variables):
            return code, variables
    return None


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Qmp:
    """QEMU's control socket."""

    def __init__(self, path, seconds=20):
        end = time.monotonic() + limit(seconds)
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            try:
                self.sock.connect(path)
                break
            except OSError:
                self.sock.close()
                if time.monotonic() > end:
                    raise Failure("QEMU does not open its control socket") from None
                time.sleep(0.01)
        self.sock.settimeout(limit(30))
        self.file = self.sock.makefile("rw")
        self.events = []
        self.read()
        self.command("qmp_capabilities")

    def read(self):
        line = self.file.readline()
        if not line:
            raise Failure("QEMU is gone")
        return json.loads(line)

    def command(self, name, **arguments):
        try:
            self.file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
            self.file.flush()
            while True:
                answer = self.read()
                if "event" in answer:
                    self.events.append(answer)
                elif "error" in answer:
                    raise Failure(f"QMP {name}: {answer['error']['desc']}")
                else:
                    return answer["return"]
        except OSError as e:
            raise Failure(f"QMP {name}: {e}") from None

    def close(self):
        with contextlib.suppress(OSError):  # QEMU may have gone with an answer unread
            self.file.close()
        self.sock.close()


class VM:
    """A running machine. `boot` is the list of arguments that says what it boots; words are added
    to the kernel's command line (through SMBIOS when the boot is by GRUB). `seconds`, here and below: see patience.py."""

    def __init__(self, boot, words="", *, entry=None, machine="q35", mem=256, devices=(),
                 smp=1, cpu=None, uefi=False, bare=False, seconds=60, display="none", extra=(),
                 reboot=False, icount=None, soft_pointer=True):
        # (The name of a socket may have 107 characters.)
        self.dir = tempfile.mkdtemp(prefix="argos-", dir="/tmp" if len(tempfile.gettempdir()) > 70 else None)
        self.deadline = time.monotonic() + limit(seconds)
        self.serial = bytearray()
        self.lines = []  # (seconds since the start, text)
        self.cond = threading.Condition()
        self.rc = None
        self._qmp = None
        self._inputs = None  # QMP paths of the virtio keyboards, mice and tablets, once asked for
        args = [QEMU]
        if not bare:
            args += ["-nodefaults"]
        args += ["-display", display, "-chardev", "stdio,id=serial,signal=off",
                 "-serial", "chardev:serial", "-monitor", "none",
                 "-qmp", f"unix:{commas(self.dir)}/qmp,server=on,wait=off",
                 "-device", "isa-debug-exit,iobase=0x501,iosize=4",
                 "-d", "guest_errors", "-D", f"{self.dir}/qemu.log"]
        args += ["-M", machine, "-m", str(mem), "-smp", str(smp)]
        acceleration = accelerator()
        if cpu:
            acceleration = ["-accel", "tcg,thread=multi", "-cpu", cpu]
        if icount is not None:  # 2^icount ns for an instruction: the machine's time stands still while nobody lets it work
            args += ["-accel", "tcg,thread=single", "-icount", f"shift={icount}"]
            acceleration = ["-cpu", cpu or "max"]
        args += acceleration
        if not reboot:
            args += ["-no-reboot"]
        if uefi:
            code, variables = ovmf()
            shutil.copy(variables, f"{self.dir}/vars.fd")
            args += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={commas(code)}",
                     "-drive", f"if=pflash,format=raw,unit=1,file={commas(self.dir)}/vars.fd"]
        args += list(boot)
        if soft_pointer and any("virtio-vga" in d or "virtio-gpu" in d for d in devices) and "pointer=" not in words:
            words = f"{words} pointer=soft".strip()  # a screenshot has no planes
        if "-kernel" in boot:
            args += ["-append", words]
        else:
            if entry:
                args += ["-smbios", f"type=1,serial={entry}"]
            if words:
                args += ["-smbios", "type=2,manufacturer=argos " + words.replace(",", ",,")]
        args += list(devices) + list(extra)
        self.args = args
        self.start = time.monotonic()
        try:
            self.process = subprocess.Popen(
                args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                bufsize=0, preexec_fn=_die_with_parent, start_new_session=True)
        except OSError as e:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise Failure(f"{QEMU}: {e.strerror}") from None
        self.reader = threading.Thread(target=self._pump, daemon=True)
        self.reader.start()

    # The serial line

    def _pump(self):
        fd = self.process.stdout.fileno()
        rest = b""
        while True:
            data = os.read(fd, 65536)
            now = time.monotonic() - self.start
            with self.cond:
                self.serial += data
                *full, rest = (rest + data).split(b"\n")
                self.lines += [(now, line.decode("utf-8", "replace").rstrip("\r")) for line in full]
                self.ended = not data
                self.cond.notify_all()
            if not data:
                return

    ended = False

    @property
    def text(self):
        return self.serial.decode("utf-8", "replace")

    def log(self):
        """The kernel's lines so far, without the firmware's and GRUB's."""
        return [line for _, line in self.lines if line.startswith("[") or line.startswith("PANIC")]

    def until(self, pattern, seconds=None, since=0):
        """Waits for a pattern on the serial line (in what came after byte `since`). A line of the log that it is found in
        is waited for to its end, so that neither a number of the match nor the rest of the line is cut short."""
        return self._until(pattern, self.deadline if seconds is None
                           else min(self.deadline, time.monotonic() + limit(seconds)), since)

    def _until(self, pattern, end, since):
        regex = re.compile(pattern.encode(), re.M)
        with self.cond:
            while True:
                seen = len(self.serial)
                match = regex.search(self.serial, since)
                if match and not self._in_the_middle_of_a_line(match.end(), end):
                    return match
                left = end - time.monotonic()
                if self.ended or left <= 0:
                    why = "QEMU ended before" if self.ended else "no sign of"
                    raise Failure(f"{why} {pattern!r}")
                self.cond.wait(left)
                since = max(since, seen - OVERLAP)

    def _in_the_middle_of_a_line(self, at, end):
        """Whether the line of the log around byte `at`, the newest one, still lacks its end (as long as QEMU sends)."""
        if self.ended or time.monotonic() >= end or self.serial.find(b"\n", max(at - 1, 0)) >= 0:
            return False
        return self.serial[self.serial.rfind(b"\n", 0, at) + 1:].startswith(b"[")

    def expect_silence(self, pattern, seconds, since=0):
        """Fails when a pattern comes within so many seconds."""
        try:
            self._until(pattern, time.monotonic() + seconds, since)
        except Failure:
            return
        raise Failure(f"{pattern!r} must not come")

    def send(self, data):
        """Bytes into the serial line."""
        self.process.stdin.write(data if isinstance(data, bytes) else data.encode())
        self.process.stdin.flush()

    # QMP

    @property
    def qmp(self):
        if self._qmp is None:
            self._qmp = Qmp(f"{self.dir}/qmp")
        return self._qmp

    def watch(self):
        """Opens the control socket now, so that no event is missed: see qmp_events."""
        return self.qmp

    @property
    def qmp_events(self):
        """Events so far; after QEMU's end all of them."""
        if self._qmp and self.ended:
            try:
                while True:
                    self._qmp.events.append(self._qmp.read())
            except (Failure, OSError, ValueError):
                pass
        return self._qmp.events if self._qmp else []

    def human(self, line):
        return self.qmp.command("human-monitor-command", **{"command-line": line})

    def read_u64(self, address, count=1):
        """Guest memory by virtual address."""
        words = []
        for at in range(0, count, 64):
            n = min(64, count - at)
            answer = self.human(f"x /{n}gx {address + 8 * at:#x}")
            found = re.findall(r"0x([0-9a-f]{16})", re.sub(r"(?m)^\S+:", "", answer))
            if len(found) != n:
                raise Failure(f"cannot read memory at {address:#x}: {answer.strip()[:200]}")
            words += [int(w, 16) for w in found]
        return words

    def screen(self):
        """What the display shows now."""
        path = f"{self.dir}/screen.ppm"
        self.qmp.command("screendump", filename=path)
        end = time.monotonic() + limit(5)
        while not os.path.exists(path) and time.monotonic() < end:
            time.sleep(0.01)
        with open(path, "rb") as f:
            shot = picture.read_ppm(f.read())
        os.unlink(path)
        return shot

    def still(self):
        """What the display shows once it has come to rest, but for a cursor that blinks."""
        last, same = self.screen(), 0
        end = time.monotonic() + limit(10)
        while same < 5:
            if time.monotonic() > end:
                raise Failure("the picture does not come to rest")
            time.sleep(0.1)
            now = self.screen()
            last, same = now, same + 1 if len(now.differing(last)) < 100 else 0
        return last

    def input(self, *events):
        """Sends them as one: the guest finds all of them at once."""
        try:
            self._wait_for_room(2 * len(events))
            self.qmp.command("input-send-event", events=list(events))
        except Failure:
            # The key before this one may have been the machine's last: then its release is nobody's.
            try:
                self.process.wait(1)
            except subprocess.TimeoutExpired:
                pass
            if self.process.poll() is None:
                raise

    def _wait_for_room(self, count):
        """
        QEMU drops an event for which a virtio device has no buffer (64 there are, and an event that ends a report is
        one more): wait until a busy guest has given back as many as are needed. A guest that gives none back within
        some seconds is one that is meant to hang.
        """
        if self._inputs is None:
            self._inputs = []
            with contextlib.suppress(Failure):  # older than 7.2, which does not tell
                self._inputs = [d["path"] for d in self.qmp.command("x-query-virtio") if d["name"] == "virtio-input"]
        for path in self._inputs:
            end = time.monotonic() + 5
            while self._room_of(path) < count and time.monotonic() < end:
                time.sleep(0.005)

    def _room_of(self, path):
        """Buffers that a virtio input device has; endless before it has a driver: then all is dropped, as it should."""
        queue = self.qmp.command("x-query-virtio-queue-status", path=path, queue=0)
        ring = queue.get("vring-avail", 0)
        offered = re.search(r": 0x([0-9a-f]{4})", self.human(f"xp /1hx {ring + 2}")) if ring else None
        return (int(offered[1], 16) - queue["last-avail-idx"]) & 0xffff if offered else 1 << 16

    def chord(self, *names):
        """Keys pressed one after the other and released in the other order, as one: see input()."""
        self.input(*({"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
                     for down in (True, False) for name in (names if down else reversed(names))))

    def key(self, name, down=None):
        """Presses and releases a key (a QEMU key name), or only one of the two."""
        for state in ([True, False] if down is None else [down]):
            self.input({"type": "key", "data": {"down": state,
                                                "key": {"type": "qcode", "data": name}}})

    def type(self, text, pause=0.02):
        for char in text:
            shift, name = qcode(char)
            if shift:
                self.key("shift", True)
            self.key(name)
            if shift:
                self.key("shift", False)
            time.sleep(pause)

    def mouse_to(self, x, y, w=1280, h=800):
        """Moves a tablet to a pixel: the least of its 0x7fff steps that the kernel rounds down to it."""
        self.input(*({"type": "abs", "data": {"axis": axis, "value": -(-v * 0x7fff // (n - 1))}}
                     for axis, v, n in (("x", x, w), ("y", y, h))))

    def mouse_by(self, dx, dy):
        """Moves a mouse by a distance."""
        self.input({"type": "rel", "data": {"axis": "x", "value": dx}},
                   {"type": "rel", "data": {"axis": "y", "value": dy}})

    def button(self, name="left", down=True):
        self.input({"type": "btn", "data": {"down": down, "button": name}})

    # The end

    def wait(self, seconds=None, exactly=None):
        """QEMU's exit code, once it ends by itself; with `exactly` so many seconds are all that it has for that."""
        end = self.deadline if seconds is None else time.monotonic() + limit(seconds)
        end = end if exactly is None else time.monotonic() + exactly
        try:
            self.rc = self.process.wait(max(0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failure("the machine does not end (time is up)") from None
        self.reader.join(limit(5))
        return self.rc

    def cpu_seconds(self):
        """The processor time that QEMU has had: a clock that a busy machine does not hurry."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_asleep(self):
        """Whether no thread of QEMU works, or would if the host let it: the machine itself sleeps."""
        try:
            for task in os.listdir(f"/proc/{self.process.pid}/task"):
                with open(f"/proc/{self.process.pid}/task/{task}/stat", encoding="utf-8") as f:
                    if f.read().rsplit(")", 1)[1].split()[0] != "S":
                        return False
        except OSError:  # one has just ended
            return False
        return True

    def verdict(self, want="pass", seconds=None):
        """Waits for the kernel's verdict and fails unless it is `want`."""
        rc = self.wait(seconds)
        got = VERDICTS.get(rc, f"QEMU exit code {rc}")
        if got != want:
            raise Failure(f"verdict is {got!r}, not {want!r}")
        return self

    def close(self):
        if self._qmp:
            self._qmp.close()
            self._qmp = None
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(limit(5))
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def report(self, lines=25):
        """What to show of a machine that failed."""
        text = re.sub(r"\x1b\[[0-9;?=]*[a-zA-Z]", "", self.text)
        tail = "\n".join("    | " + t.rstrip() for t in text.splitlines()[-lines:])
        try:
            with open(f"{self.dir}/qemu.log", encoding="utf-8", errors="replace") as f:
                noise = f.read()[-800:]
        except OSError:
            noise = ""
        command = " ".join(self.args)
        return f"  {command}\n{tail}\n" + (f"  QEMU's own log: {noise}" if noise else "")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, Failure) and not getattr(error, "report", None):
            error.report = self.report()
        self.close()


# Keys of a US keyboard by character.
_PLAIN = {" ": "spc", "\n": "ret", "\t": "tab", "-": "minus", "=": "equal", "[": "bracket_left",
          "]": "bracket_right", ";": "semicolon", "'": "apostrophe", "`": "grave_accent",
          "\\": "backslash", ",": "comma", ".": "dot", "/": "slash", "\x1b": "esc",
          "\b": "backspace"}
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./"))


def qcode(char):
    """(needs shift, QEMU's key name) of a character."""
    if char in _SHIFTED:
        return True, qcode(_SHIFTED[char])[1]
    if char in _PLAIN:
        return False, _PLAIN[char]
    if char.isascii() and char.isalnum():
        return char.isupper(), char.lower()
    raise Failure(f"there is no key for {char!r}")


def commas(path):
    """A path inside one of QEMU's options."""
    return path.replace(",", ",,")


def pvh(kernel, initrd=None):
    return ["-kernel", kernel] + (["-initrd", initrd] if initrd else [])


def cdrom(iso, bus="ide"):
    device = {"ide": "ide-cd,drive=cd,bootindex=0", "virtio": "virtio-blk-pci,drive=cd,bootindex=0"}
    media = "media=cdrom," if bus == "ide" else ""
    return ["-drive", f"if=none,id=cd,format=raw,{media}readonly=on,file={commas(iso)}",
            "-device", device[bus]]


def disk(path, *options, node="disk"):
    """A disk that says its errors to the guest instead of stopping it."""
    return ["-drive", f"if=none,id={node},format=raw,file={commas(path)}",
            "-device", ",".join([f"virtio-blk-pci,drive={node},werror=report,rerror=report", *options])]


def in_use(path):
    """Whether a QEMU or a ctx writes this disk: both hold a lock on byte 101 then."""
    ask = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 101, 1, 0)
    with open(path, "rb") as f:
        return struct.unpack("hhqqi4x", fcntl.fcntl(f, fcntl.F_OFD_GETLK, ask))[0] != fcntl.F_UNLCK


def symbols(elf):
    """{name: address} of a program with symbols."""
    out = subprocess.run(["nm", elf], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {w[2]: int(w[0], 16) for w in map(str.split, out.splitlines()) if len(w) == 3}
