# SPDX-License-Identifier: MIT
"""
The hostile apps of hostile.py once more, as verified apps: built by way of the rewriter, and what becomes of each.

Refused by the rewriter, with file and line; or refused by the kernel, by a rule; or it runs, and changes nothing that is not its own.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import hostile
import suite
from suite import SOURCE, Skip, check, limit

# What the rewriter names: apps in which it stands. All of bare.S is refused for its clock, and int_N for itself.
BY_REWRITER = {
    "cli": ["cli-return", "cli-gate"], "cli; ud2": ["cli-fault"], "sti": ["sti"], "hlt": ["hlt"], "std": ["direction-return"],
    "std; call *%r14; pushf; pop %rax; cld": ["direction-gate"], "syscall": ["syscall"], "sysenter": ["sysenter"],
    "outb %al, $33": ["pic-mask", "pic-unmask"], "outb %al, $67": ["pit"], "outl %eax, %dx": ["port-nobody"],
    "inb $0x64, %al": ["port-read"], "rdmsr": ["rdmsr"], "wrmsr": ["wrmsr-lstar", "wrmsr-gs", "wrmsr-fs", "efer-sce"],
    "lgdt 0x18": ["lgdt-wild"], "sgdt 6(%rsp)": ["sgdt"], "lldt %ax": ["lldt"], "ltr %ax": ["ltr"], "invlpg (%rdi)": ["invlpg"],
    "wbinvd": ["wbinvd"], "swapgs": ["swapgs"], "wrfsbase %rax": ["wrfsbase"], "wrgsbase %rax": ["wrgsbase"], "xsetbv": ["xsetbv"],
    "mov %fs:0x28, %rax": ["fs-read"], "mov %gs:0x28, %rax": ["gs-read"], "fldenv env.0(%rip)": ["x87-pending-masked"],
    "fxrstor area.0(%rip)": ["fxrstor"], "ljmp *10(%rsp)": ["far-jump", "far-32-bit"], "lcall *10(%rsp)": ["far-call"],
    "push $0x7770; push $0x7770; push $0x7702; push $0x7770; push $0x7770; iretq": ["iretq"],
    "pushf; orl $0x100, (%rsp); popf; jmp *%rax": ["trace-gate"], "pushf; orl $0x100, (%rsp); popf; nop; nop": ["trace"],
    "pushf; orl $0x40000, (%rsp); popf": ["alignment"], "pushf; orq $0x277cd5, (%rsp); popf": ["flags", "flags-gate"],
    "xor %esp, %esp; push %rax": ["rsp-null"], "mov $-1, %r11; call *%rax": ["entry-number-64"],
    "mov $0xffffffff, %r11d; call *%rax": ["entry-number"], "mov $0x7fffffff, %r11d; call *%r12": ["gate-middle"],
    "xor %r11d, %r11d; jmp *%rax": ["entry-return"],
    ".byte 0x06": ["push-es"], ".byte 0xcd, 3": ["breakpoint-long"], ".byte 0xce": ["into"], ".byte 0xd4, 0x00": ["aam"],
    ".byte 0xf0, 0x01, 0xc0": ["lock"], ".byte 0xf1": ["debug"], ".fill 16, 1, 0x66; nop": ["too-long"],
    "mov %eax, %ds": ["data-segment"], "mov %eax, %ss": ["stack-segment", "ss-null"], "mov %cr0, %rax": ["cr0-read"],
    "mov %cr0, %rax; or $8, %rax; mov %rax, %cr0": ["cr0-ts"], "mov %cr0, %rax; or $4, %rax; mov %rax, %cr0": ["cr0-em"],
    "mov %cr3, %rax; mov %rax, %cr3": ["cr3-read"], "mov %cr4, %rax; and $~0x600, %rax; mov %rax, %cr4": ["cr4-sse"],
    "mov %cr4, %rax; or $4, %rax; mov %rax, %cr4": ["cr4-tsd"], "mov %rax, %cr8": ["cr8"],
    "mov %rax, %dr0; mov %rdx, %dr7": ["dr7", "dr7-kernel"], "mov %rax, %dr1; mov %rdx, %dr7": ["dr7-watch"], "clts": ["clts"],
    "mov %cr0, %rax; and $0x7fffffff, %rax; mov %rax, %cr0": ["cr0-paging"],
    "mov %cr4, %rax; and $~0x20, %rax; mov %rax, %cr4": ["cr4-pae"],
    "mov %cr4, %rax; or $0x40000000, %rax; mov %rax, %cr4": ["cr4-reserved"], "mov %eax, %ds; mov %eax, %es": ["segments-null"],
    "mov %eax, %fs; mov %eax, %gs": ["fs-gs-null"],
}
_NAMED = {name: text for text, names in BY_REWRITER.items() for name in names}

# What the rewriter does not know better than the kernel, which has no such opcode on its list.
BY_KERNEL = set("retf x87 x87-pending-gate x87-callee x87-deep x87-first x87-thousandth".split())

# What is never run as a trusted app (SABOTAGE in hostile.py), by the instruction that does it: the rewriter's words, or None: it makes
# harmless code of it; and the kernel's rule where nobody has rewritten it.
NEVER_RUN = {
    "cli-loop": ("cli; 1: jmp 1b", "cli", "opcode"),
    "cr8-loop": ("mov %rax, %cr8; 1: jmp 1b", "mov %rax, %cr8", "opcode"),
    "cli-hlt": ("cli; hlt", "cli", "opcode"),
    "hlt": ("hlt", "hlt", "opcode"),
    "lidt": ("lidt (%rsp)", "lidt", "opcode"),
    "lgdt": ("lgdt (%rsp)", "lgdt", "opcode"),
    "ltr": ("ltr %ax", "ltr", "opcode"),
    "breakpoint-register": ("mov %rax, %dr0", "mov %rax, %dr0", "opcode"),
    "wild-cr3": ("mov %rax, %cr3", "mov %rax, %cr3", "opcode"),
    "paging-off": ("mov %rax, %cr0", "mov %rax, %cr0", "opcode"),
    "pae-off": ("mov %rax, %cr4", "mov %rax, %cr4", "opcode"),
    "lmsw": ("lmsw %ax", "lmsw %ax", "opcode"),
    "wrmsr": ("wrmsr", "wrmsr", "opcode"),
    "port-byte": ("out %al, $0x64", "out", "opcode"),
    "port-by-dx": ("out %ax, %dx", "out", "opcode"),
    "port-in": ("in %dx, %eax", "in", "opcode"),
    "ports-in-a-row": ("rep outsb", "rep outsb", "opcode"),
    "ports-into-memory": ("rep insl", "rep insl", "opcode"),
    "swapgs": ("swapgs", "swapgs", "opcode"),
    "wrgsbase": ("wrgsbase %rax", "wrgsbase", "opcode"),
    "wrfsbase": ("wrfsbase %rax", "wrfsbase", "opcode"),
    "segment-gs": ("mov %eax, %gs", "mov %eax, %gs", "opcode"),
    "segment-ss": ("mov %eax, %ss", "mov %eax, %ss", "opcode"),
    "segment-ds": ("mov %eax, %ds", "mov %eax, %ds", "opcode"),
    "task-switched": ("clts", "clts", "opcode"),
    "avx-512": ("vaddps %zmm0, %zmm1, %zmm2", "vaddps %zmm0, %zmm1, %zmm2", "opcode"),
    "segment-fs": ("pop %fs", "pop %fs", "opcode"),
    "system-call": ("syscall", "syscall", "opcode"),
    "interrupt": ("int $0x80", "int", "opcode"),
    "direct-map-write": ("mov %rax, (%rbx)", None, "operand"),
    "direct-map-read": ("mov (%rbx), %rax", None, "operand"),
    "absolute-write": ("movabs %rax, 0xffff800000001000", "", "opcode"),
    "kernel-below": ("mov %rax, -0x80000000", "mov %rax, -0x80000000", "operand"),
    "fs-write": ("mov %rax, %fs:0", "mov %rax, %fs:0", "opcode"),
    "gs-whole-pointer": ("mov %rax, %gs:(%rbx)", "mov %rax, %gs:(%rbx)", "operand"),
    "string-of-others": ("rep movsb", None, "base"),
    "jump-into-the-kernel": ("jmp *%rax", None, "base"),
    "call-by-memory": ("call *(%rax)", None, "base"),
    "return-into-the-kernel": ("ret", None, "base"),
    "far-return": ("lret", "lret", "opcode"),
    "wild-stack": ("mov %rax, %rsp", None, "stack"),
    "stack-by-leave": ("leave", None, "opcode"),
}


_COMPILE = ("-O2 -fPIE -ffreestanding -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE "
            "-fno-plt").split()
_LINK = "-nostdlib -static-pie -Wl,--no-dynamic-linker,-z,text,-z,noexecstack,-z,max-page-size=4096".split()
_LAUNCHER = [sys.executable, "-S", "-B", os.path.join(SOURCE, "libctx", "sdk", "ctx-cc.py"), "--launch"]


def _run(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60), check=False)


def compiled(source, out, *flags, rewritten=True):
    """What the compiler said, or None: it is in the file `out`."""
    p = _run(*(_LAUNCHER if rewritten else []), "cc", *_COMPILE, "-I", os.path.join(SOURCE, "libctx", "include"), *flags, "-c", source, "-o", out)
    check("needs clang" not in p.stdout or _no_clang(), p.stdout)
    return None if p.returncode == 0 else p.stdout


def _no_clang():
    raise Skip("no verified apps: there is no clang")


def linked(objects, out):
    p = _run("cc", *_LINK, *objects, "-o", out)
    check(p.returncode == 0, f"it can not be linked: {p.stdout}")


def expected(app):
    """The rewriter's words, or None: it takes it."""
    if app.source == "bare.S":
        return "rdtsc"
    return _NAMED.get(app.name) or (f"int ${app.name[4:]}" if app.name.startswith("int-0x") else None)


def build(app, folder):
    """Why it is not as expected, or None; then FOLDER/NAME.elf is there, or the rewriter has refused it."""
    sources = [os.path.join(SOURCE, "ctest", "qemu", "apps", "hostile", app.source)]
    sources += [os.path.join(SOURCE, "libctx", "src", "gates.c")] * (app.source == "gates.c")
    objects, wanted = [], expected(app)
    for n, source in enumerate(sources):
        objects.append(os.path.join(folder, f"{app.name}-{n}.o"))
        said = compiled(source, objects[-1], *app.flags)
        if said is None:
            continue
        if wanted is None:
            return f"{app.name}: the rewriter refuses it: {said[-500:]}"
        named = re.search(rf"{re.escape(app.source)}:\d+: error: `{re.escape(wanted)}`: \w", said)
        return None if named else f"{app.name}: the rewriter does not name {wanted}, file and line: {said[-500:]}"
    if wanted is not None:
        return f"{app.name}: the rewriter takes {wanted}"
    linked(objects, os.path.join(folder, app.name + ".elf"))
    for path in objects:
        os.remove(path)
    return None


def build_all(folder):
    """All that can be built: (those that the kernel is to refuse, those that run), names."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [w for w in pool.map(lambda app: build(app, folder), hostile.APPS) if w]
    check(not wrong, "\n".join(wrong))
    names = [a.name for a in hostile.APPS if expected(a) is None]
    missing = (BY_KERNEL | set(_NAMED)) - {a.name for a in hostile.APPS}
    check(not missing, f"no such apps: {missing}")
    return [n for n in names if n in BY_KERNEL], [n for n in names if n not in BY_KERNEL]


def _inputs():
    """What decides how they are built and what is expected, as one checksum."""
    files = [os.path.join(SOURCE, "libctx", "src", "gates.c"), _LAUNCHER[3], os.path.join(os.path.dirname(_LAUNCHER[3]), "ctx_rewrite.py"),
             __file__, hostile.__file__]
    for folder in (("ctest", "qemu", "apps"), ("ctest", "qemu", "apps", "hostile"), ("libctx", "include", "ctx")):
        folder = os.path.join(SOURCE, *folder)
        files += sorted(os.path.join(folder, n) for n in os.listdir(folder) if n.endswith((".c", ".h", ".S")))
    whole = hashlib.sha256()
    for compiler in ("cc", "clang"):
        whole.update(_run(compiler, "--version").stdout.encode() if shutil.which(compiler) else b"")
    for path in files:
        whole.update(os.path.basename(path).encode() + b"\0" + suite.read(path))
    return whole.hexdigest()


def words(name):
    """What stands behind this app on its line, beside what the test says."""
    return next((a.words for a in hostile.APPS if a.name == name), "")


def built(anew):
    """(folder, those that the kernel is to refuse, those that run): build_all() and never_run(), once for both machines.

    They are kept in the build folder of the tests on Linux, whose test builds them each time (anew), for that is what it tests; the test in
    QEMU, which only runs them, takes them if nothing has changed since. (Half a minute of compiling.)"""
    build = suite.build()
    for other in suite.builds():
        kept = os.path.join(other, "ctest", "linux", "hostile_verified")
        if os.path.isdir(os.path.dirname(kept)):
            break
    else:
        kept = os.path.join(build, "hostile_verified")
    inputs, names = _inputs(), os.path.join(kept, "names.json")
    if not anew and os.path.exists(names):
        with open(names, encoding="utf-8") as f:
            found = json.load(f)
        if found["inputs"] == inputs:
            return kept, found
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        found = dict(zip(("bad", "rest", "raw", "made"), (*build_all(folder), *never_run(folder))), inputs=inputs)
        new = tempfile.mkdtemp(prefix="hostile_verified.", dir=os.path.dirname(kept))
        for name in sum((found[what] for what in ("bad", "rest", "raw", "made")), []):
            shutil.copy(os.path.join(folder, name + ".elf"), new)
    with open(os.path.join(new, "names.json"), "w", encoding="utf-8") as f:
        json.dump(found, f)
    shutil.rmtree(kept, ignore_errors=True)
    os.rename(new, kept)
    return kept, found


def refused(text, name, rule, place=""):
    """Whether the kernel's log refuses this app by this rule."""
    return re.search(rf"unverified name={re.escape(name)} at=slot\+0x[0-9a-f]+ {place}.*rule={rule}: rebuild with ctx cc", text) is not None


def never_run(folder):
    """Of NEVER_RUN what nobody has rewritten, as apps, and what the rewriter made of it, where it makes something: names."""
    raw, made = [], []
    for name, (code, words, _) in NEVER_RUN.items():
        source = os.path.join(folder, name + ".S")
        with open(source, "w", encoding="ascii") as f:
            f.write(f"\t.text\n\t.balign 32\n\t.globl _start\n\t.type _start, @function\n_start:\n\t{code}\n\tud2\n\t.size _start, . - _start\n")
        path = os.path.join(folder, name + ".o")
        check(compiled(source, path, rewritten=False) is None, f"{name}: no assembler takes it")
        linked([path], os.path.join(folder, name + "-raw.elf"))
        raw.append(name + "-raw")
        said = compiled(source, path)
        if words is None:
            check(said is None, f"{name}: the rewriter refuses it: {said}")
            linked([path], os.path.join(folder, name + ".elf"))
            made.append(name)
        elif said is None:  # it leaves the last word to the kernel
            check(words == "", f"{name}: the rewriter takes it")
            linked([path], os.path.join(folder, name + "-kernel.elf"))
            raw.append(name + "-kernel")
        else:
            check(re.search(rf"{name}\.S:\d+: error: `{re.escape(words)}", said), f"{name}: the rewriter says: {said}")
    return raw, made
