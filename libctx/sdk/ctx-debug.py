#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx debug APP.elf - an app in gdb, stopped where it begins, under `ctx run` or in a virtual machine.

gdb first sees the program below the app: the tool, or the kernel. Where that is about to call the app, at machine_call, the
second argument tells the address of the app's function; from then on gdb has the app's names in place of the other's."""
import argparse
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time


def complain(text):
    sys.exit(f"ctx: debug: {text}")


def entry_of(elf):
    """The file's own idea of where it begins."""
    try:
        with open(elf, "rb") as f:
            head = f.read(64)
    except OSError as e:
        complain(f"{elf}: {e.strerror}")
    if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01" or head[18:20] != b"\x3e\x00":
        complain(f"{elf}: not an ELF file for x86-64")
    return struct.unpack_from("<Q", head, 24)[0]


def symbols(elf):
    """The names that it has: what is stopped at depends on them."""
    with open(elf, "rb") as f:
        data = f.read()
    try:
        offset, size, count = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HH", data, 58)
        names = set()
        for i in range(count):
            kind, link = struct.unpack_from("<I", data, offset + i * size + 4)[0], struct.unpack_from("<I", data, offset + i * size + 40)[0]
            if kind != 2:  # SHT_SYMTAB
                continue
            at, length = struct.unpack_from("<QQ", data, offset + i * size + 24)
            text = struct.unpack_from("<Q", data, offset + link * size + 24)[0]
            for s in range(at, at + length, 24):
                name = text + struct.unpack_from("<I", data, s)[0]
                if data[s + 4] & 15 in (0, 2):  # STT_NOTYPE (by hand), STT_FUNC
                    names.add(data[name:data.index(b"\0", name)].decode("utf-8", "replace"))
        return names
    except (struct.error, ValueError):
        complain(f"{elf}: its table of names is cut off")


def kernel_of(args):
    kernel = args.kernel or os.path.join(args.home, "argos.elf")
    if not os.path.exists(kernel):
        complain(f"{kernel} is not there: no kernel is installed (cmake --install build/kernel), or please name one with --kernel")
    return kernel


def machine(args, folder, stub):
    """The command that runs it in a virtual machine, which waits for gdb."""
    sys.path.insert(0, args.home)
    import mkcpio
    with open(args.app, "rb") as f:
        data = f.read()
    archive = os.path.join(folder, "apps.cpio")
    with open(archive, "wb") as f:
        f.write(mkcpio.pack([(os.path.basename(args.app), mkcpio.app_name(args.app), mkcpio.join_words(args.words), data)]))
    seen = not args.headless and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-m", "512", "-no-reboot", *([] if seen else ["-display", "none"]), "-kernel", kernel_of(args),
            "-initrd", archive, "-serial", f"file:{args.serial or os.path.join(folder, 'serial')}", "-monitor", "none", "-device", "virtio-vga",
            "-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci", "-gdb", f"unix:{stub},server=on,wait=off", "-S"]


def debug_machine(args, gdb):
    """gdb and the machine; it ends with gdb, and keys typed at gdb are not for it."""
    if shutil.which("qemu-system-x86_64") is None:
        complain("there is no qemu-system-x86_64 (package qemu-system-x86)")
    with tempfile.TemporaryDirectory(prefix="ctx-debug-") as folder:
        stub = os.path.join(folder, "gdb")
        with subprocess.Popen(machine(args, folder, stub), stdin=subprocess.DEVNULL, start_new_session=True) as vm:
            while not os.path.exists(stub) and vm.poll() is None:
                time.sleep(0.02)
            if vm.poll() is not None:
                complain(f"qemu-system-x86_64 ended with {vm.returncode}")
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is gdb's
            try:
                return subprocess.call(gdb(stub), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            finally:
                vm.kill()


def main():
    parser = argparse.ArgumentParser(prog="ctx debug", description="Runs an app in gdb, stopped where it begins: in main, or else in _start. Names and lines "
                                     "are there if it was compiled with -g.")
    parser.add_argument("--home", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tool", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--qemu", action="store_true", help="in a virtual machine, under the kernel, by QEMU's stub for gdb")
    parser.add_argument("--kernel", metavar="FILE", help="with --qemu: another kernel than the installed one")
    parser.add_argument("--serial", metavar="FILE", help="with --qemu: what the kernel says goes there")
    parser.add_argument("--headless", action="store_true", help="no window")
    parser.add_argument("--break", dest="stop", metavar="WHERE", help="stop there first, wherever gdb can: a function, FILE:LINE")
    parser.add_argument("--gdb", metavar="FILE", default="gdb", help="another gdb than the one in PATH")
    parser.add_argument("--do", metavar="COMMAND", action="append", default=[], help="a command of gdb's once it has stopped; may be given several times. "
                        "With one gdb ends after the last")
    parser.add_argument("app", metavar="APP.elf")
    parser.add_argument("words", metavar="WORD", nargs=argparse.REMAINDER, help="the app's arguments").required = False
    args = parser.parse_args()
    if shutil.which(args.gdb) is None:
        complain(f"there is no {args.gdb} (package gdb)")
    if re.search(r'["\\\n%]', args.app):
        complain(args.app + ': gdb can not be told a name with one of " \\ %')
    entry, names = entry_of(args.app), symbols(args.app)
    stop = args.stop or ("main" if "main" in names else "_start")
    if not args.stop and stop not in names:
        complain(f"{args.app}: it has no names of functions (it was stripped): please say where to stop with --break")

    def gdb(stub):
        do = ["set confirm off", "set pagination off", "set backtrace past-main on"]
        if args.qemu:
            do += [f"target remote {stub}", "hbreak *machine_call", "continue"]
        else:  # a page of the stack that is missing, a test of memory: signals are how the tool works
            do += ["handle SIGSEGV SIGILL SIGFPE SIGBUS SIGALRM nostop noprint pass", "break *machine_call", "run"]
        # The second argument is a struct machine_entry, which begins with the address of the app's function.
        do += ["delete", "set $function = *(unsigned long *)$rsi", "nosharedlibrary", "symbol-file",
               f'eval "add-symbol-file \\"{os.path.abspath(args.app)}\\" -o %#lx", $function - {entry:#x}', f"tbreak {stop}", "continue", *args.do]
        below = [kernel_of(args)] if args.qemu else ["--args", args.tool, "run", "--no-watchdog", *(["--headless"] if args.headless else []), args.app, *args.words]
        return [args.gdb, "-q", *(["-nx", "-batch"] if args.do else []), *[w for one in do for w in ("-ex", one)], *below]

    if args.qemu:
        sys.exit(debug_machine(args, gdb))
    os.execvp(args.gdb, gdb(None))


if __name__ == "__main__":
    main()
