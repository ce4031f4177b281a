# SPDX-License-Identifier: MIT
"""
Addresses that wrap, at both ends of a slot: verified code whose sums go over 32 bits, that reads and writes across the last byte and
below the first, whose rsp is at either end and whose jumps go there. By hand, as no compiler would write it. What is asked of each:
it ends in a fault within the slot and its guards, or it reaches the app's own memory, and nothing of others changes.

One app makes all of them, one in each second call, and says which before.
"""
import os
import re
import subprocess

import inject
from suite import Skip, check, limit

SLOT, GUARD = 1 << 32, 0x10000
OWN, FAULT = "own", "fault"  # what must come of it
OPCODE, PROTECTION, X87 = "vector 6", "vector 13", "vector 16"  # or one of these, where processors, or those who act like one, differ

# Deeds: name, outcome, code. eax and rax hold the offset and the address of `mine`, a word of the app's own, that holds 5; what is OWN
# has made it 7 in the end. BASE(r): add the slot's base to r. Other registers than r12, r13 are free; rsp is put right afterwards.
DEEDS = [
    # sums that go over 32 bits come round to the app's own memory
    ("index", OWN, "mov $0xfffffff0, %ecx; add $16, %eax; movq $7, %gs:(%eax,%ecx)"),
    ("index-byte", OWN, "mov $0x90000000, %ecx; sub %ecx, %eax; movb $7, %gs:(%eax,%ecx)"),
    ("index-scaled", OWN, "mov $0x40000000, %ecx; movl $7, %gs:(%eax,%ecx,8)"),
    ("index-scaled-too-far", OWN, "mov $0xfffffffe, %ecx; movl $7, %gs:16(%eax,%ecx,8)"),
    ("index-alone", OWN, "mov %eax, %ecx; shr $3, %ecx; or $0xe0000000, %ecx; movl $7, %gs:(,%ecx,8)"),
    ("displacement-below", OWN, "add $0x7fffffff, %eax; movq $7, %gs:-0x7fffffff(%eax)"),
    ("displacement-above", OWN, "sub $0x7fffffff, %eax; movq $7, %gs:0x7fffffff(%eax)"),
    ("displacement-lowest", OWN, "sub $0x80000000, %eax; movq $7, %gs:-0x80000000(%eax)"),
    ("all-of-them", OWN, "mov $0xffffffff, %ecx; add $0x7fffffff, %eax; add $8, %eax; movq $7, %gs:-0x7fffffff(%eax,%ecx,8)"),
    ("upper-half", OWN, "movabs $0x7654321000000000, %rcx; add %rcx, %rax; movq $7, %gs:(%eax)"),
    ("next-slot", OWN, "movabs $0x100000000, %rcx; add %rcx, %rax; movq $7, %gs:(%eax)"),
    ("slot-before", OWN, "movabs $0x100000000, %rcx; sub %rcx, %rax; movq $7, %gs:(%eax)"),
    ("whole-negative", OWN, "movabs $0xffffffff00000000, %rcx; or %rcx, %rax; movq $7, %gs:(%eax)"),
    ("changed", OWN, "mov $0xfffffff8, %ecx; add $8, %eax; addq $2, %gs:(%eax,%ecx)"),
    ("locked", OWN, "mov $0xfffffff8, %ecx; mov $2, %edx; add $8, %eax; lock xadd %rdx, %gs:(%eax,%ecx)"),
    ("sixteen-bytes", OWN, "mov $7, %edx; movq %rdx, %xmm0; mov $0xfffffff0, %ecx; add $16, %eax; movups %xmm0, %gs:(%eax,%ecx)"),
    ("string", OWN, "movabs $0x500000000, %rdi; add %rax, %rdi; mov $7, %eax; {mov %edi, %edi; BASE(rdi); stosq}"),
    ("string-from-next", OWN, "movq $7, other(%rip); lea other(%rip), %rsi; movabs $0x100000000, %rcx; add %rcx, %rsi; mov %eax, %edi; "
     "{mov %edi, %edi; BASE(rdi); mov %esi, %esi; BASE(rsi); movsq}"),
    ("stack-in-next", OWN, "movabs $0x100000000, %rcx; add %rcx, %rax; add $8, %rax; {mov %eax, %esp; BASE(rsp)}; push $7"),
    ("jump-to-next", OWN, "movq $7, mine(%rip); lea END(%rip), %rax; movabs $0x100000000, %rcx; add %rcx, %rax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("jump-before", OWN, "movq $7, mine(%rip); lea END+31(%rip), %rcx; movabs $0x100000000, %rax; sub %rax, %rcx; {MASK(ecx); BASE(rcx); jmp *%rcx}"),
    ("return-to-next", OWN, "movq $7, mine(%rip); lea END+9(%rip), %rcx; movabs $0x100000000, %rax; add %rax, %rcx; lea name(%rip), %rdi; mov $0, %esi; "
     "push %rcx; jmp GATE(2)"),
    ("gates-are-read", OWN, "movq $2, mine(%rip); mov $0x10020, %ecx; mov %gs:(%ecx), %dl; movzbl %gs:0x10020, %ecx; cmp %dl, %cl; jne END; "
     "movq $7, mine(%rip)"),
    ("string-repne", OWN, "mov %eax, %edi; mov $7, %eax; mov $1, %ecx; {mov %edi, %edi; BASE(rdi); .byte 0xf2, 0x48, 0xab}"),
    ("last-gate", OWN, "movq $7, mine(%rip); lea 1f(%rip), %rcx; push %rcx; jmp GATES+32*2047; .balign 32; 1: nop"),
    ("a-gate-nobody-has", OWN, "movq $7, mine(%rip); mov $0x1bfff, %eax; lea 1f(%rip), %rcx; push %rcx; {MASK(eax); BASE(rax); jmp *%rax}; .balign 32; 1: nop"),
    ("exceptions-on-in-a-gate", OWN, "movl $0, mine(%rip); ldmxcsr mine(%rip); lea 1f(%rip), %rcx; push %rcx; jmp GATE(2); .balign 32; 1: movq $7, mine(%rip)"),
    ("mxcsr-reserved", (OWN, PROTECTION), "movl $-1, mine(%rip); ldmxcsr mine(%rip); movq $7, mine(%rip)"),
    ("x87-pending-in-a-gate", (OWN, X87), "movl $0x340, mine(%rip); fldcw mine(%rip); fldz; fld1; fdiv %st(1), %st; lea 1f(%rip), %rcx; push %rcx; jmp GATE(2); "
     ".balign 32; 1: movq $7, mine(%rip)"),
    ("masked-by-nothing", (OWN, FAULT, OPCODE), "vxorps %ymm0, %ymm0, %ymm0; mov $0xffffffff, %eax; vmaskmovps %ymm1, %ymm0, %gs:(%eax); vpmaskmovq %gs:(%eax), %ymm0, %ymm1; "
     "movq $7, mine(%rip)"),

    # below the first byte and across the last
    ("below", FAULT, "xor %eax, %eax; movb $7, %gs:-1(%eax)"),
    ("below-8", FAULT, "xor %eax, %eax; movq $7, %gs:-1(%eax)"),
    ("below-read", FAULT, "xor %eax, %eax; mov %gs:-4(%eax), %rcx"),
    ("below-16", FAULT, "xor %eax, %eax; movups %xmm0, %gs:-8(%eax)"),
    ("below-index", FAULT, "xor %eax, %eax; mov $0xffffffff, %ecx; movq $7, %gs:(%eax,%ecx,8)"),
    ("first", FAULT, "movq $7, %gs:0"),
    ("first-read-16", FAULT, "xor %eax, %eax; movups %gs:(%eax), %xmm0"),
    ("last-1", FAULT, "mov $0xffffffff, %eax; movb $7, %gs:(%eax)"),
    ("last-2", FAULT, "mov $0xffffffff, %eax; movw $7, %gs:(%eax)"),
    ("last-8", FAULT, "mov $0xffffffff, %eax; movq $7, %gs:(%eax)"),
    ("last-8-read", FAULT, "mov $0xfffffffc, %eax; mov %gs:(%eax), %rcx"),
    ("last-16", FAULT, "mov $0xffffffff, %eax; movups %xmm0, %gs:(%eax)"),
    ("last-16-read", FAULT, "mov $0xfffffff8, %eax; movups %gs:(%eax), %xmm0"),
    ("last-10", FAULT, "mov $0xfffffffb, %eax; fld1; fstpt %gs:(%eax)"),
    ("last-locked", FAULT, "mov $0xfffffffd, %eax; mov $1, %ecx; lock xadd %rcx, %gs:(%eax)"),
    ("last-index", FAULT, "mov $0x7fffffff, %eax; mov $0x40000000, %ecx; movq $7, %gs:(%eax,%ecx,2)"),
    ("highest-displacement", FAULT, "movq $7, %gs:0x7fffffff"),
    ("string-last", FAULT, "mov $0xffffffff, %edi; {mov %edi, %edi; BASE(rdi); stosq}"),
    ("string-last-read", FAULT, "mov $0xfffffff9, %esi; {mov %esi, %esi; BASE(rsi); lodsq}"),
    ("string-over-the-end", FAULT, "mov $0xffff0000, %edi; mov $0x1000000, %ecx; {mov %edi, %edi; BASE(rdi); rep stosb}"),
    ("string-both", FAULT, "mov $0xfffffffc, %edi; mov $0xffffffff, %esi; mov $9, %ecx; "
     "{mov %edi, %edi; BASE(rdi); mov %esi, %esi; BASE(rsi); rep movsl}"),
    ("string-first", FAULT, "xor %edi, %edi; mov $0x20000, %ecx; {mov %edi, %edi; BASE(rdi); rep stosq}"),
    ("string-to-the-end", FAULT, "mov %eax, %esi; mov $-1, %rcx; {mov %esi, %esi; BASE(rsi); rep lodsb}"),
    ("string-compares-to-the-end", FAULT, "mov %eax, %esi; mov %eax, %edi; mov $-1, %rcx; {mov %edi, %edi; BASE(rdi); mov %esi, %esi; BASE(rsi); repe cmpsb}"),
    ("masked-at-the-last", (FAULT, OPCODE), "vpcmpeqd %ymm0, %ymm0, %ymm0; mov $0xffffffff, %eax; vmaskmovpd %ymm1, %ymm0, %gs:(%eax)"),
    ("masked-across", (FAULT, OPCODE), "vpcmpeqd %ymm0, %ymm0, %ymm0; mov $0xfffffff0, %eax; vpmaskmovd %ymm1, %ymm0, %gs:(%eax)"),
    ("last-32", (FAULT, OPCODE), "mov $0xffffffff, %eax; vmovups %ymm0, %gs:(%eax)"),
    ("swap-16-at-the-last", FAULT, "mov $0xfffffff0, %eax; lock cmpxchg16b %gs:(%eax)"),
    ("swap-16-across", (FAULT, PROTECTION), "mov $0xfffffff8, %eax; lock cmpxchg16b %gs:(%eax)"),
    ("bit-at-the-last", FAULT, "mov $0xfffffffe, %eax; lock btsl $31, %gs:(%eax)"),
    ("decimal-at-the-last", FAULT, "mov $0xfffffff8, %eax; fldz; fbstp %gs:(%eax)"),
    ("past-the-caches-at-the-last", FAULT, "mov $0xfffffffd, %eax; movnti %rcx, %gs:(%eax)"),
    ("control-words-at-the-last", FAULT, "mov $0xfffffffe, %eax; stmxcsr %gs:(%eax)"),

    # rsp at both ends, and as far beyond as an instruction can be
    ("push-at-0", FAULT, "{xor_esp; BASE(rsp)}; push %rax"),
    ("call-at-0", FAULT, "{xor_esp; BASE(rsp)}; call END"),
    ("below-rsp-at-0", FAULT, "{xor_esp; BASE(rsp)}; movq $7, -32768(%rsp)"),
    ("below-rsp-at-0-read-16", FAULT, "{xor_esp; BASE(rsp)}; movups -8(%rsp), %xmm0"),
    ("pop-at-the-last", FAULT, "mov $0xffffffff, %eax; {mov %eax, %esp; BASE(rsp)}; pop %rcx"),
    ("push-at-the-last", FAULT, "mov $0xffffffff, %eax; {mov %eax, %esp; BASE(rsp)}; push %rcx"),
    ("above-rsp-at-the-last", FAULT, "mov $0xffffffff, %eax; {mov %eax, %esp; BASE(rsp)}; movq $7, 32767(%rsp)"),
    ("above-rsp-at-the-last-16", FAULT, "mov $0xfffffff8, %eax; {mov %eax, %esp; BASE(rsp)}; movups %xmm0, 32760(%rsp)"),
    ("far-below-0", FAULT, "{xor_esp; BASE(rsp)}; {sub $32768, %rsp; push %rax}"),
    ("far-below-0-read", FAULT, "{xor_esp; BASE(rsp)}; {sub $32768, %rsp; pop %rax}"),
    ("far-above-the-last", FAULT, "mov $0xffffffff, %eax; {mov %eax, %esp; BASE(rsp)}; {add $32767, %rsp; pop %rax}"),
    ("again-and-again-below", FAULT, "{xor_esp; BASE(rsp)}; {sub $32768, %rsp; pop %rax}; {sub $32768, %rsp; pop %rax}; {sub $32768, %rsp; push %rax}"),
    ("pop-to-the-last", FAULT, "mov $0xfffffffc, %eax; popq %gs:(%eax)"),
    ("pop-to-below", FAULT, "xor %eax, %eax; popq %gs:-4(%eax)"),
    ("push-from-the-last", FAULT, "mov $0xfffffffa, %eax; pushq %gs:(%eax)"),
    ("down-by-frames", FAULT, "; ".join(["{sub $32768, %rsp; push %rax}"] * 9)),
    ("esp-under-0", FAULT, "mov $32, %eax; {mov %eax, %esp; BASE(rsp)}; {sub $64, %esp; BASE(rsp)}; push %rax"),
    ("esp-over-the-last", FAULT, "mov $0xfffffff0, %eax; {mov %eax, %esp; BASE(rsp)}; {add $64, %esp; BASE(rsp)}; pop %rax"),

    # jumps to both ends, and to what is not code
    ("jump-to-0", FAULT, "xor %eax, %eax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("call-to-0", FAULT, "mov $31, %r9d; {MASK(r9d); BASE(r9); call *%r9}"),
    ("jump-to-the-last", FAULT, "mov $0xffffffff, %eax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("jump-by-minus-1", FAULT, "mov $-1, %rax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("jump-below-the-gates", FAULT, "mov $0xffff, %eax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("jump-above-the-gates", FAULT, "mov $0x20000, %eax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("jump-into-the-upper-guard", FAULT, "mov $0xffff0000, %eax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("jump-to-the-stack", FAULT, "mov %rsp, %rax; {MASK(eax); BASE(rax); jmp *%rax}"),
    ("return-to-the-last", FAULT, "mov $-1, %rcx; lea name(%rip), %rdi; mov $0, %esi; push %rcx; jmp GATE(2)"),
    ("return-to-0", FAULT, "lea name(%rip), %rdi; mov $0, %esi; push $31; jmp GATE(2)"),
    ("returns-by-the-base-word", FAULT, "mov $0x20000, %eax; {mov %eax, %esp; BASE(rsp)}; jmp GATE(2)"),
    ("returns-by-a-gate", FAULT, "mov $0x10040, %eax; {mov %eax, %esp; BASE(rsp)}; jmp GATE(2)"),
    ("gate-with-rsp-at-0", FAULT, "{xor_esp; BASE(rsp)}; jmp GATE(2)"),
    ("gate-with-rsp-at-the-last", FAULT, "mov $0xfffffffc, %eax; {mov %eax, %esp; BASE(rsp)}; jmp GATE(2)"),
]

STRIDE = 512  # bytes between two deeds
FRAMES = 2 * len(DEEDS) + 2
WORDS = "inject=1,1,n budget=1000ms log=4000 mem=8M"


def _instructions(code, end):
    """Its lines for the assembler: {a; b} is one group, in one bundle."""
    code = code.replace("xor_esp", "mov %r13d, %esp").replace("END", end)
    code = re.sub(r"BASE\((\w+)\)", r"add __ehdr_start-0x3e0000(%rip), %\1", code)
    code = re.sub(r"MASK\((\w+)\)", r"and $-32, %\1", code)
    code = code.replace("GATES", "__ehdr_start-0x3f0000")
    code = re.sub(r"GATE\((\d)\)", lambda m: f"__ehdr_start-0x3f0000+{32 * int(m[1])}", code)
    return re.sub(r"\{(.*?)\}", r".bundle_lock; \1; .bundle_unlock", code)


def source():
    """The whole app. r12 keeps what rsp was, r13 is 0."""
    lines = ["\t.text", "\t.bundle_align_mode 5", "\t.balign 32", "\t.globl _start", "\t.type _start, @function", "_start:",
             "xor %r13d, %r13d", "mov calls(%rip), %ecx", "incl calls(%rip)", "mov %esp, %r12d", "movq $5, mine(%rip)",
             "test $1, %ecx", "jz done", f"cmp ${2 * len(DEEDS)}, %ecx", "ja done", "shr $1, %ecx", f"imul ${STRIDE}, %ecx, %ecx",
             "lea deeds(%rip), %eax", "add %ecx, %eax", _instructions("{MASK(eax); BASE(rax); jmp *%rax}", ""),
             "\t.balign 32", "finish:", _instructions("{mov %r12d, %esp; BASE(rsp)}", ""), "cmpq $7, mine(%rip)", "jne done",
             "lea own(%rip), %rdi", "mov $5, %esi", "lea done(%rip), %rax", "push %rax", _instructions("jmp GATE(2)", ""),
             "\t.balign 32", "done:", "xor %eax, %eax", "pop %r11", _instructions("{MASK(r11d); BASE(r11); jmp *%r11}", ""),
             f"\t.balign {STRIDE}, 0xcc", "deeds:"]
    for n, (name, _, code) in enumerate(DEEDS):
        lines += [f"\t.org deeds + {n * STRIDE}, 0xcc", f"lea name{n}(%rip), %rdi", f"mov ${len(name) + 2}, %esi", f"lea 1f(%rip), %rax",
                  "push %rax", _instructions("jmp GATE(2)", ""), "\t.balign 32", "1:", "lea mine(%rip), %rax",
                  _instructions(code, f"end{n}"), "\t.balign 32", f"end{n}:", "jmp finish"]
    lines += ["\t.balign 4096, 0xcc", "\t.data", "\t.balign 64", "mine: .quad 5, 0, 0, 0", "other: .quad 0, 0", "calls: .long 0",
              'own: .ascii "T own"', "name:"]
    lines += [f'name{n}: .ascii "T {name}"' for n, (name, _, _) in enumerate(DEEDS)]
    return "\n".join(lines) + '\n\t.section .note.GNU-stack, "", @progbits\n'


def build(folder):
    """The path of the app."""
    path, elf = os.path.join(folder, "wraps.S"), os.path.join(folder, "wraps.elf")
    with open(path, "w", encoding="ascii") as f:
        f.write(source())
    try:
        p = subprocess.run(["cc", "-nostdlib", "-static-pie", "-Wl,--no-dynamic-linker,-z,text,-z,noexecstack,-z,max-page-size=4096", path,
                            "-o", elf], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60), check=False)
    except FileNotFoundError:
        raise Skip("there is no compiler") from None
    check(p.returncode == 0, f"it can not be built: {p.stdout[:2000]}")
    return elf


def outcomes(text):
    """{deed: what came of it}, of a run's log: OWN, FAULT, or what is wrong."""
    base = int(re.search(r"started name=wraps pid=\d+ slot=(0x[0-9a-f]+)", text)[1], 16)
    parts = re.split(r"\] I app\.wraps#\d+: T (?!own$)(\S+)$", text, flags=re.M)[1:]
    found = {}
    for name, what in zip(parts[::2], parts[1::2]):
        fault = re.search(r"fault name=wraps pid=\d+ call=\d+ vector=(\d+)(?:.*?address=(slot\+)?(0x[0-9a-f]+))?", what)
        if fault and fault[1] != "14":
            found[name] = f"vector {fault[1]}"
        elif fault:
            at = int(fault[3], 16) - (0 if fault[2] else base)
            near = -GUARD <= at < SLOT + GUARD
            found[name] = FAULT if near else f"a fault at slot+{at:#x}: {fault[0]}"
        else:
            found[name] = OWN if re.search(r"#\d+: T own$", what, re.M) else "it goes elsewhere"
    return found


def right(text):
    """Each deed had its outcome, and nothing that others have was another one after a call."""
    found = outcomes(text)
    wanted = {name: outcome if isinstance(outcome, tuple) else (outcome,) for name, outcome, _ in DEEDS}
    wrong = [f"{name}: {found.get(name, 'it was not tried')}, not {' or '.join(some)}" for name, some in wanted.items() if found.get(name) not in some]
    check(not wrong, "\n  ".join(wrong))
    calls = inject.counts(text)["nothing"]
    check(calls["looked"] == calls["injected"] >= 2 * len(DEEDS), f"nobody looked: {calls}")
    check(calls["changed"] == 0, f"{calls['changed']} calls changed what is not theirs")
