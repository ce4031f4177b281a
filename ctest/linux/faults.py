# SPDX-License-Identifier: MIT
"""Each kind of fault is contained, and reported in the same words as by the other machine."""
import os
import re
import subprocess

from runner import FAULTED, Skip, argos, case, check, compile_app, headless, main, qemu_test, scratch, test_app
import suite

profile = qemu_test("profile")

# vector, its name, the end of the line
EXPECTED = {
    "null": (14, "page fault", "address=0x8 error=0x2"),
    "ud2": (6, "invalid opcode", "address=0x0 error=0x0"),
    "divide": (0, "divide error", "address=0x0 error=0x0"),
    "text": (14, "page fault", r"address=0x\w+00401\w\w\w error=0x3"),
    "stack_code": (14, "page fault", r"address=0x\w+001ef\w\w\w error=0x11"),
    "overflow": (14, "page fault", r"address=0x\w+001a\w\w\w\w error=0x2"),
    "wild": (14, "page fault", "address=0x123456789000 error=0x10"),
    "noncanonical": (13, "protection", "address=0x0 error=0x0"),
    "high": (14, "page fault", "address=0xffffffffc0000000 error=0x2"),
    "gatepage": (14, "page fault", r"address=0x\w+00010000 error=0x3"),
    "other_slot": (14, "page fault", r"address=0x\w+00008000 error=0x2"),
    "rsp": (14, "page fault", "address=0xfffffffffffffff8 error=0x2"),
    "align": (13, "protection", "address=0x0 error=0x0"),
}


@case
def each_kind():
    check(set(EXPECTED) == set(profile.FAULTS), "the QEMU test has other kinds")
    apps = [test_app(f"fault-{n}") for n in profile.FAULTS] + [test_app("idle")]
    said = headless(apps, frames=30).ends(FAULTED).has("T idle ok")
    for kind, (vector, name, rest) in EXPECTED.items():
        said.has(rf"E app: fault name=fault-{kind} pid=\d+ call=3 vector={vector} \({name}\) ip=slot\+0x\w+ {rest}$")
        said.has(rf"app\.fault-{kind}#\d+: T p08 ok")
    said.hasnt("^PANIC").hasnt("T fault FAIL").hasnt("T p08 FAIL")


def words(text):
    """The fault lines, without what is chosen at random: time, and the upper half of slot addresses."""
    lines = re.findall(r"E app: (fault name=.*)", text)
    return [re.sub(r"(address=0x)[2-5]\w{3}(?=\w{8} )", r"\1", re.sub(r"ip=slot\+0xffff\w+", "ip=far", li)) for li in lines]


@case
def same_words_as_argos():
    """The same apps in QEMU say the same, to the last digit, but for where the slots are."""
    apps = [test_app(f"fault-{n}") for n in profile.FAULTS]
    linux = words(headless(apps, frames=10).text)
    with argos(), suite.apps_vm(apps, "debugexit stop=10") as vm:
        vm.wait()
        there = words(vm.text)
    check(len(linux) == len(apps), f"{len(linux)} faults")
    for a, b in zip(there, linux):
        check(a == b, f"Argos says {a}\nLinux says {b}")
    check(len(there) == len(linux), f"{len(there)} faults under Argos")


KINDS = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    if (++calls == 1) {
#if defined T_SYSCALL
        long r;
        __asm__ volatile("syscall" : "=a"(r) : "a"(39l) : "rcx", "r11", "memory");
#elif defined T_INT80
        __asm__ volatile("int $0x80" ::"a"(20) : "memory");
#elif defined T_TRACE
        __asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "memory", "cc");
#elif defined T_SSE
        u32 all = 0;
        __asm__ volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; divps %%xmm0, %%xmm0" ::"m"(all) : "xmm0");
#elif defined T_X87
        uint16_t none = 0x340;
        __asm__ volatile("fldcw %0; fldz; fldz; fdivp; fwait" ::"m"(none));
#elif defined T_STACK_IN_GATE
        __asm__ volatile("xor %%esp, %%esp; jmp *%0" ::"r"(((u64)ctx & ~0xffffffffull) + 0x10040));
#endif
        t_fail(ctx, "kind", "it did not fault", calls);
    }
    if (calls == 3) {
        t_ok(ctx, "kind");
    }
    return 0;
}
"""


def one_kind(kind, expected):
    with scratch() as folder:
        elf = compile_app(folder, kind, f"#define T_{kind.upper()}\n" + KINDS)
        said = headless([elf, test_app("idle")], frames=40).ends(FAULTED)
        said.has("T idle ok").has("T kind ok").hasnt("^PANIC").has(rf"fault name={kind} .*vector={expected}")


@case
def other_kinds():
    """Flags and control words that an app has set: the next call has a clean state."""
    one_kind("trace", r"1 \(debug exception\)")
    one_kind("sse", r"19 \(SSE error\)")
    one_kind("x87", r"16 \(x87 error\)")
    one_kind("stack_in_gate", r"14 \(page fault\)")


@case
def system_calls():
    """An app that tries a system call is told that there are none."""
    with scratch() as folder:
        source, probe = os.path.join(folder, "p.c"), os.path.join(folder, "p")
        with open(source, "w") as f:
            f.write("#include <sys/prctl.h>\nint main(void) { char c = 0; return prctl(59, 1, 0l, ~0ul >> 17, &c) != 0; }\n")
        subprocess.run(["cc", source, "-o", probe], check=True)
        if subprocess.run([probe], check=False).returncode != 0:
            raise Skip("this Linux can not tell an app's system calls from ours (it wants 5.11)")
    one_kind("syscall", r"6 \(invalid opcode\)")
    one_kind("int80", r"(6 \(invalid opcode\)|13 \(protection\))")  # a Linux without 32-bit programs has no such gate


ALIGNMENT = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    static u8 bytes[16];
    __asm__ volatile("pushf; orl $0x40000, (%%rsp); popf" ::: "memory", "cc");
    *(volatile u64 *)(bytes + 1) += 1;
    ctx->dealloc(ctx->alloc(33, 32), 33, 32);
    if (++calls == 10) {
        t_ok(ctx, "ac");
    }
    return 0;
}
"""


@case
def alignment_check():
    """AC means nothing in ring 0, and so it does here."""
    with scratch() as folder:
        said = headless([compile_app(folder, "ac", ALIGNMENT)], frames=20)
        check(said.rc == 0, said.text)
        suite.verdicts(said, ["ac"])


@case
def three_in_a_row():
    with scratch() as folder:
        elf = compile_app(folder, "always", "int _start(void *c) { (void)c; __builtin_trap(); }\n")
        said = headless([elf, test_app("idle")], frames=40).ends(FAULTED)
        check(len(re.findall("fault name=always", said.text)) == 3, "not three faults")
        said.has(r"E app: stopped name=always pid=0: 3 calls in a row ended in a fault").has("T idle ok")


if __name__ == "__main__":
    main()
