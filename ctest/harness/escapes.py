# SPDX-License-Identifier: MIT
"""
Ways out of a slot that no compiler and no rewriter leaves open: code as somebody who knows the rules would write it by hand, and ELF
files that are made byte by byte. Each is refused, by rule or by field, or runs and stays in its slot.

REFUSED: code, and the rule that it breaks. FILES: files, and what must come of each.
"""
import os
import re
import struct
import subprocess
import tempfile

from suite import Skip, check, limit

TEXT = 0x1000  # where code lies in such a file, before the 4 MiB that all of it is moved by
PLACE = 128  # bytes for a piece of code

# ---- code ----


def _base(reg):
    """Adds the slot's base to a register, as the verifier wants it, in code whose beginning is 0 to the assembler."""
    number = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split().index(reg)
    return f".byte {0x48 | number // 8 << 2:#x},3,{5 | number % 8 << 3:#x}; .long 0x20000-0x401000-(.+4-0b)"


def _code(text):
    return re.sub(r"BASE\((\w+)\)", lambda m: _base(m[1]), text)


REFUSED = {"opcode": {
    # state that is kept and loaded as a whole
    "xsavec": "xsavec %gs:(%eax)", "xsaves": "xsaves %gs:(%eax)", "xsaveopt": "xsaveopt %gs:(%eax)", "xrstors": "xrstors %gs:(%eax)",
    "xsave64": "xsave64 8(%rsp)", "fxrstor64": "fxrstor64 8(%rsp)", "fnsave": "fnsave %gs:(%eax)", "fnstenv": "fnstenv 8(%rsp)",
    # vectors whose elements go where registers say, and those of 512 bits
    "gather-dps": "vgatherdps %xmm1,%gs:(%eax,%xmm2,4),%xmm0", "gather-qpd": "vgatherqpd %ymm1,%gs:(%eax,%ymm2,8),%ymm0",
    "gather-qq": "vpgatherqq %xmm1,(%rsp,%xmm2),%xmm0", "gather-512": "vpgatherdd %gs:(%eax,%zmm2,4),%zmm0{%k1}",
    "scatter": "vpscatterdd %zmm0,%gs:(%eax,%zmm2,4){%k1}", "masked-512": "vmovdqu32 %zmm0,%gs:(%eax){%k1}",
    "compress": "vpcompressd %zmm0,%gs:(%eax){%k1}", "broadcast-512": "vaddps %gs:(%eax){1to16},%zmm1,%zmm2",
    "mask-load": "kmovq %gs:(%eax),%k1", "mask-store": "kmovw %k1,%gs:(%eax)", "mask-to-rsp": "kmovq %k1,%rsp",
    "evex-128": ".byte 0x62,0xf1,0x7c,0x08,0x11,0x00", "evex-gpr": ".byte 0x62,0xf4,0xfc,0x08,0x01,0xc4",
    "rex2": ".byte 0xd5,0x18,0x89,0xc4", "rex2-far-jump": ".byte 0xd5,0x00,0xa1,0,0,0,0,0,0,0,0", "tiles": ".byte 0xc4,0xe2,0x7b,0x4b,0x04,0x04",
    "fma4": ".byte 0xc4,0xe3,0xf9,0x69,0xc1,0x20", "xop-gpr": ".byte 0x8f,0xea,0x78,0x10,0xc0,0,0,0,0", "3dnow": ".byte 0x0f,0x0f,0xc1,0x9e",
    # VEX where it may not be
    "vex-behind-rex": ".byte 0x48,0xc5,0xf8,0x28,0xc1", "vex-behind-66": ".byte 0x66,0xc5,0xf8,0x28,0xc1", "vex-locked": ".byte 0xf0,0xc5,0xf8,0x11,0x04,0x24",
    "vex-map-0": ".byte 0xc4,0xe0,0x78,0x28,0xc1", "vex-map-5": ".byte 0xc4,0xe5,0x78,0x28,0xc1", "vex-vvvv": ".byte 0xc5,0xf0,0x28,0xc1",
    "vex-general": ".byte 0xc5,0xf8,0x89,0xc4", "vex-mxcsr": "vldmxcsr %gs:(%eax)",
    # addresses that are in no ModRM
    "xlat-gs": ".byte 0x65,0x67,0xd7", "enter-deep": "enter $0xffff,$31", "enter-16": ".byte 0x66,0xc8,0,0,0", "leave-16": ".byte 0x66,0xc9",
    "moffs-load": "movabs 0x1122334455667788,%eax", "moffs-store": "movabs %al,0x1122334455667788", "moffs-gs": ".byte 0x65,0x67,0xa3,0,0,0,0",
    "moffs-quad": ".byte 0x48,0xa3,0,0,0,0,0,0,0,0", "movdiri": ".byte 0x0f,0x38,0xf9,0x04,0x24", "enqcmd": ".byte 0x65,0x67,0xf2,0x0f,0x38,0xf8,0x00",
    "masked-bytes": ".byte 0x65,0x67,0x66,0x0f,0xf7,0xc1", "zero-line": ".byte 0x0f,0x01,0xfc",
    # bits of memory by a register
    "bt": "bt %rax,%gs:(%edi)", "btr": "btr %eax,%gs:(%edi)", "btc": "btc %ax,8(%rsp)", "bts-locked": "lock bts %rax,%gs:(%edi)",
    # prefixes: orders, doubles, and those that processors do not agree on
    "rex-before-gs": ".byte 0x48,0x65,0x67,0x8b,0x00", "two-rex": ".byte 0x48,0x49,0x89,0xc4", "gs-fs": ".byte 0x65,0x64,0x67,0x8b,0x00",
    "fs-gs": ".byte 0x64,0x65,0x67,0x8b,0x00", "gs-twice": ".byte 0x65,0x65,0x67,0x8b,0x00", "ds-gs": ".byte 0x3e,0x65,0x67,0x8b,0x00",
    "short-twice": ".byte 0x67,0x67,0x65,0x8b,0x00", "elided": ".byte 0xf2,0xf0,0x65,0x67,0x01,0x00", "released": ".byte 0xf3,0x65,0x67,0x89,0x00",
    "locked-load": ".byte 0xf0,0x65,0x67,0x8b,0x00", "locked-register": ".byte 0xf0,0x48,0x01,0xc0", "gs-without-memory": ".byte 0x65,0x89,0xc8",
    "short-without-memory": ".byte 0x67,0x89,0xc8", "short-jrcxz": ".byte 0x67,0xe3,0x00", "short-call": ".byte 0x67,0xe8,0,0,0,0",
    "notrack": "notrack jmp *%rax", "bnd-jump": ".byte 0xf2,0xeb,0x00", "hint-taken": ".byte 0x3e,0x74,0x00", "hint-not": ".byte 0x2e,0x0f,0x84,0,0,0,0",
    "jump-66-short": ".byte 0x66,0xeb,0x00", "condition-66-short": ".byte 0x66,0x74,0x00", "jrcxz-66": ".byte 0x66,0xe3,0x00",
    "rep-ret": ".byte 0xf3,0xc3", "ret-66": ".byte 0x66,0xc3", "push-66": "pushw $1", "pop-66": "popw %ax", "pop-memory-66": "popw 8(%rsp)",
    "moved-66-wide": ".byte 0x66,0x48,0xc7,0xc0,0,0,0,0", "test-66-wide": ".byte 0x66,0x48,0xf7,0xc0,0,0,0,0",
    "nop-with-reg": ".byte 0x0f,0x1f,0xc8", "hint-nop": ".byte 0x0f,0x1c,0x00", "long-nop-cut-off": ".skip 20,0x90; .byte 0x66,0x66,0x66,0x66,0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0", "ud0": ".byte 0x0f,0xff,0xc0", "ud1": ".byte 0x0f,0xb9,0xc0",
    "sal-other": ".byte 0xc1,0xf0,0x01", "test-other": ".byte 0xf7,0xc8,0,0,0,0", "sbb-82": ".byte 0x82,0xc4,0x01",
    # ways into other code
    "retf-imm": "lretl $8", "retf-wide": "lretq", "iret": "iretl", "iretw": "iretw", "sysret": "sysretq", "sysexit": "sysexitl",
    "int-1": ".byte 0xf1", "int-3-long": ".byte 0xcd,3", "into": ".byte 0xce", "xbegin": ".byte 0xc7,0xf8,0,0,0,0", "xabort": ".byte 0xc6,0xf8,0",
    "xend": "xend", "loope": "1: loope 1b", "getsec": "getsec", "enclu": ".byte 0x0f,0x01,0xd7", "vmfunc": "vmfunc", "vmrun": "vmrun",
    "senduipi": ".byte 0xf3,0x0f,0xc7,0xf0", "clui": ".byte 0xf3,0x0f,0x01,0xee", "uiret": ".byte 0xf3,0x0f,0x01,0xec",
    # what the machine has one of
    "std": "std", "popf": "popfq", "popf-16": "popfw", "pushf-16": "pushfw", "stac": "stac", "clac": "clac", "push-fs": "push %fs", "pop-gs": "pop %gs",
    "mov-gs": "mov %gs:(%eax),%gs", "lss": "lss %gs:(%eax),%esp", "lfs": "lfs %gs:(%eax),%ebx", "str": "str %rsp", "sldt": "sldt %gs:(%eax)",
    "rdgs": "rdgsbase %rsp", "wrpkru": "wrpkru", "rdpid": "rdpid %rax", "rdpru": ".byte 0x0f,0x01,0xfd", "invlpgb": ".byte 0x0f,0x01,0xfe",
    "invpcid": "invpcid %gs:(%eax),%rax", "cldemote": ".byte 0x65,0x67,0x0f,0x1c,0x00", "clflushopt": "clflushopt %gs:(%eax)",
    "clwb": "clwb %gs:(%eax)", "umonitor": ".byte 0xf3,0x0f,0xae,0xf0", "tpause": ".byte 0x66,0x0f,0xae,0xf0", "ptwrite": ".byte 0xf3,0x0f,0xae,0x24,0x24",
    "wrss": ".byte 0x0f,0x38,0xf6,0x04,0x24", "wruss": ".byte 0x66,0x0f,0x38,0xf5,0x04,0x24", "rstorssp": ".byte 0xf3,0x0f,0x01,0x2c,0x24",
    "incssp": ".byte 0xf3,0x48,0x0f,0xae,0xe8", "key-locker": ".byte 0xf3,0x0f,0x38,0xdc,0x04,0x24", "padlock": ".byte 0xf3,0x0f,0xa7,0xc0",
    "in-dx": "in (%dx),%al", "out-imm": "out %eax,$0x80", "insd": "insl", "outsb": "outsb", "wait": "fwait", "rsm": "rsm", "ins-rep-gs": ".byte 0x65,0xf3,0x6e",
    "aad": ".byte 0xd5,0x0a", "salc": ".byte 0xd6", "daa": ".byte 0x27", "bound": ".byte 0x62,0x00", "arpl-low": ".byte 0x82,0x00,0x00",
}, "operand": {
    "short-alone": "mov %ebx,(%eax)", "gs-whole": "mov %rax,%gs:(%rbx,%rcx,8)", "gs-rip": "mov %rax,%gs:8(%rip)", "gs-rip-short": ".byte 0x65,0x67,0x89,0x05,0,0,0,0",
    "rip-next-slot": ".byte 0x48,0x8b,0x05; .long 0x7fffffff-0x100; .skip 9,0x90; mov (%rax),%rax", "rip-guard": ".byte 0x48,0x89,0x05; .long 0xffff-0x401000-(.+4-0b)",
    "rip-far-below": ".byte 0x48,0x89,0x05; .long -0x80000000", "stack-index": "mov %rax,(%rsp,%r12)", "r12-is-no-stack": "mov %rax,(%r12)",
    "stack-32769": "movups %xmm0,32769(%rsp)", "stack-below": "fstpt -32769(%rsp)", "masked-load": "vmaskmovps (%rax),%ymm1,%ymm2",
    "masked-store": "vpmaskmovd %xmm0,%xmm1,(%rdi)", "non-temporal": "movnti %eax,(%rdi)", "swap-16": "lock cmpxchg16b (%rdi)", "bcd": "fbstp (%rax)",
    "crc": "crc32b (%rax),%ebx", "shorter": "movbe %eax,(%rbx)", "prefetchw": "prefetchw (%rax)", "push-memory": "push 8(%rbp)", "pop-memory": "pop 8(%rbp)",
    "bit-by-number": "btsq $63,(%rax)", "mxcsr": "stmxcsr (%rax)", "control-word": "fnstcw (%rax)", "direct": ".byte 0x89,0x04,0x25; .long 0x1000",
    "direct-negative": ".byte 0x65,0x89,0x04,0x25; .long 0x80000000", "direct-by-index": ".byte 0x65,0x89,0x04,0x05; .long 0", "esp-short": ".byte 0x67,0x89,0x04,0x24",
    "vex-raw": "vmovups %ymm0,(%rax)", "extract-raw": "pextrq $0,%xmm0,(%rax)", "andn-raw": "andn (%rax),%ebx,%ecx", "zeros": ".byte 0,0",
}, "base": {
    "call-memory": "call *%gs:(%eax)", "jump-memory": "jmp *8(%rsp)", "jump-rip": "jmp *8(%rip)", "far-call": "lcall *%gs:(%eax)", "far-jump": "ljmp *8(%rsp)",
    "mask-al": "and $-32,%al; BASE(rax); jmp *%rax", "mask-16": "and $-32,%ax; BASE(rax); jmp *%rax", "mask-long": ".byte 0x81,0xe0; .long -32; BASE(rax); jmp *%rax",
    "mask-rex": ".byte 0x40,0x83,0xe0,0xe0; BASE(rax); jmp *%rax", "mask-or": "or $-32,%eax; BASE(rax); jmp *%rax", "mask-memory": "andl $-32,%gs:(%eax); BASE(rax); jmp *%rax",
    "mask-finer": "and $-31,%eax; BASE(rax); jmp *%rax", "base-of-32": "and $-32,%eax; .byte 0x03,5; .long 0x20000-0x401000-(.+4-0b); jmp *%rax",
    "base-taken-away": "and $-32,%eax; .byte 0x48,0x2b,5; .long 0x20000-0x401000-(.+4-0b); jmp *%rax",
    "base-rex-x": "and $-32,%eax; .byte 0x4a,3,5; .long 0x20000-0x401000-(.+4-0b); jmp *%rax", "nop-between": "and $-32,%eax; nop; BASE(rax); jmp *%rax",
    "nop-before-jump": "and $-32,%eax; BASE(rax); nop; jmp *%rax", "jump-wide": "and $-32,%eax; BASE(rax); .byte 0x48,0xff,0xe0",
    "jump-66": "and $-32,%eax; BASE(rax); .byte 0x66,0xff,0xe0", "jump-far": "and $-32,%eax; BASE(rax); .byte 0xff,0x28", "by-memory": "and $-32,%eax; BASE(rax); jmp *(%rax)",
    "high-mask-low-jump": "and $-32,%r8d; BASE(r8); jmp *%rax", "low-mask-high-jump": "and $-32,%eax; BASE(rax); jmp *%r8", "r12-r4": "and $-32,%r12d; BASE(r12); .byte 0xff,0xe4",
    "jump-rsp": "and $-32,%esp; BASE(rsp); jmp *%rsp", "entry-word": "and $-32,%eax; .byte 0x48,3,5; .long 0x20008-0x401000-(.+4-0b); jmp *%rax",
    "string-other-way": ".byte 0x8b,0xff; BASE(rdi); stosb", "string-wide": "mov %rdi,%rdi; BASE(rdi); stosb", "string-no-mask": "BASE(rdi); stosb",
    "string-nop": "mov %edi,%edi; BASE(rdi); nop; stosb", "string-twice-one": "mov %edi,%edi; BASE(rdi); mov %edi,%edi; BASE(rdi); movsb",
    "string-second": "mov %edi,%edi; BASE(rdi); stosb; stosb", "string-other-register": "mov %edi,%edi; BASE(rsi); stosb", "loop-of-strings": "mov %edi,%edi; BASE(rdi); rep cmpsb",
    "ret-alone": "ret $0xfff8",
}, "stack": {
    "frame-16": "sub $8,%sp", "frame-by-register": "sub %rax,%rsp; push %rax", "frame-and": "and $-16,%rsp; push %rax", "frame-other-way": ".byte 0x48,0x29,0xc4; push %rax",
    "frame-probe-by-memory": "sub $64,%rsp; push %gs:(%eax)", "frame-probe-by-call": "sub $64,%rsp; call 1f; 1:", "frame-max": "sub $0x7fffffff,%rsp; push %rax",
    "frame-least": "sub $-0x80000000,%rsp; push %rax", "frame-twice": "sub $64,%rsp; sub $64,%rsp; push %rax", "frame-probe-66": "sub $64,%rsp; pushw %ax",
    "rebase-by-r12": "mov %eax,%esp; BASE(r12)", "rebase-wide": "mov %rax,%rsp; BASE(rsp)", "rebase-later": "mov %eax,%esp; push %rax; BASE(rsp)",
    "rebase-spl": "mov %al,%spl; BASE(rsp)", "rebase-sp": "mov %ax,%sp; BASE(rsp)", "rebase-movsxd": "movslq %eax,%rsp; BASE(rsp)", "rebase-xchg": "xchg %ebx,%esp; BASE(rsp)",
    "rebase-or": "or %eax,%esp; BASE(rsp)", "rebase-imul": "imul $8,%eax,%esp; BASE(rsp)", "rebase-movzx": "movzwl %ax,%esp; BASE(rsp)", "base-twice": "BASE(rsp); BASE(rsp)",
    **{f"to-rsp-{n}": code for n, code in enumerate((
        "xchg %rsp,%gs:(%eax)", "xadd %rsp,%gs:(%eax)", "xadd %rax,%rsp", "cmpxchg %rax,%rsp", "imul $3,%rax,%rsp", "imul %rax,%rsp", "movslq %eax,%rsp", "movzbl %al,%esp",
        "movsbq %al,%rsp", "movzwl %gs:(%eax),%esp", "cmovae %rax,%rsp", "lzcnt %rax,%rsp", "tzcnt %rax,%rsp", "bsf %rax,%rsp", "bsr %eax,%esp", "popcnt %rax,%rsp",
        "pext %rax,%rbx,%rsp", "pdep %rax,%rbx,%rsp", "bextr %rax,%rbx,%rsp", "bzhi %rax,%rbx,%rsp", "rorx $3,%rax,%rsp", "shlx %rax,%rbx,%rsp", "sarx %rax,%rbx,%rsp",
        "andn %rax,%rbx,%rsp", "blsi %rax,%rsp", "blsmsk %rax,%rsp", "mulx %rax,%rbx,%rsp", "mulx %rax,%rsp,%rbx", "crc32q %rax,%rsp", "adcx %rax,%rsp", "adox %rax,%rsp",
        "movbe %gs:(%eax),%rsp", "movd %xmm0,%esp", "movq %xmm0,%rsp", "movd %mm0,%esp", "vmovd %xmm0,%esp", "vmovq %xmm0,%rsp", "pextrw $0,%xmm0,%esp", "pextrw $0,%mm0,%esp",
        "pextrb $0,%xmm0,%esp", "pextrd $0,%xmm0,%esp", "pextrq $0,%xmm0,%rsp", "extractps $0,%xmm0,%esp", "vpextrq $0,%xmm0,%rsp", "vextractps $0,%xmm0,%esp",
        "vpextrw $0,%xmm0,%esp", "movmskps %xmm0,%esp", "movmskpd %xmm0,%esp", "pmovmskb %xmm0,%esp", "pmovmskb %mm0,%esp", "vpmovmskb %ymm0,%esp", "vmovmskps %ymm0,%esp",
        "cvttss2si %xmm0,%rsp", "cvtsd2si %xmm0,%rsp", "vcvttsd2si %xmm0,%rsp", "setb %spl", "bts $5,%rsp", "btr %rax,%rsp", "btc $1,%esp", "shl %rsp", "sar $3,%rsp", "rol %cl,%rsp",
        "shld $3,%rax,%rsp", "shrd %cl,%rax,%rsp", "not %rsp", "neg %rsp", "inc %rsp", "dec %rsp", "adc %rax,%rsp", "sbb $8,%rsp", "xor %rsp,%rsp", "or $-1,%rsp", "lea 8(%rax),%rsp",
        "mov $0x1000,%rsp", "add $1,%spl", "mov %gs:(%eax),%rsp", "mov %gs:(%eax),%spl", "lea 8(%rip),%rsp", "lea (%eax),%esp", "pop %gs:(%eax); .byte 0x8f,0xc4"))},
}, "target": {
    "into-itself": ".byte 0xeb,0xff", "into-an-immediate": "jmp .+3; mov $0x050f050f,%eax", "into-a-prefix": "jmp .+3; mov %gs:(%eax),%eax", "behind-the-end": "jmp 0b+0x1000",
    "condition-outside": ".byte 0x0f,0x84; .long 0x1000", "jrcxz-into": "jrcxz .+3; mov $0x1,%eax", "call-into-a-group": "call 1f; and $-32,%eax; 1: BASE(rax); jmp *%rax",
    "to-the-jump-of-a-group": "je 1f; and $-32,%eax; BASE(rax); 1: jmp *%rax", "to-the-word": "call 0b+0x20000-0x401000", "between-gates": "call 0b+0x10021-0x401000",
    "below-the-gates": "jmp 0b+0xffe0-0x401000", "gate-of-the-next-slot": ".byte 0xe9; .long 0x7fffffff", "behind-a-mask-of-rdi": "jmp 1f; mov %edi,%edi; 1: BASE(rdi); stosb",
}, "bundle": {
    "last-byte": ".skip 31,0x90; .byte 0x48,0x89,0xc8", "immediate": ".skip 26,0x90; movabs $0x9090909090909090,%rax", "group-is-none": ".skip 30,0x90; .byte 0x0f,0x1f,0x84,0,0,0,0,0",
    "prefixes-only": ".skip 29,0x90; .byte 0x65,0x67,0xf0,0x66,0x01,0x00", "displacement": ".skip 27,0x90; mov 0x12345678(%rip),%rax",
}}


def pieces():
    """{name: its bytes} of all of REFUSED, in one go of the assembler."""
    found = [(f"{rule}-{name}", code) for rule, some in REFUSED.items() for name, code in some.items()]
    lines = ["\t.text"]
    for n, (_, code) in enumerate(found):
        lines += [f"\t.org {n * PLACE}, 0x90", "0:"] + _code(code).split("; ")
    lines += [f"\t.org {len(found) * PLACE}, 0x90", '\t.section .note.GNU-stack, "", @progbits']
    code = _assembled("\n".join(lines) + "\n")
    return {name: code[n * PLACE:][:PLACE] for n, (name, _) in enumerate(found)}


def _assembled(text):
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        source, made, raw = (os.path.join(folder, "escapes" + end) for end in (".s", ".o", ".bin"))
        with open(source, "w", encoding="ascii") as f:
            f.write(text)
        for words in (["cc", "-c", source, "-o", made], ["objcopy", "-O", "binary", "-j", ".text", made, raw]):
            try:
                p = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit(60), check=False)
            except FileNotFoundError:
                raise Skip(f"there is no {words[0]}") from None
            check(p.returncode == 0, f"it can not be assembled: {p.stdout[:2000]}")
        with open(raw, "rb") as f:
            return f.read()


# ---- files ----

R, W, X = 4, 2, 1
LOAD, DYNAMIC, INTERP, TLS, STACK, RELRO = 1, 2, 3, 7, 0x6474e551, 0x6474e552
BIAS = 0x400000


def _add_base(at, modrm):
    return b"\x48\x03" + bytes([modrm]) + struct.pack("<i", 0x20000 - (BIAS + at + 7))


def go(at, to):
    """Code at `at` of a file that goes to an offset in the slot."""
    return b"\xb8" + struct.pack("<I", to & 0xffffffff) + b"\x83\xe0\xe0" + _add_base(at + 8, 5) + b"\xff\xe0"


def back(at):
    """Code that returns 0: xor eax; pop rcx; and the way there."""
    return b"\x31\xc0\x59\x83\xe1\xe0" + _add_base(at + 6, 0x0d) + b"\xff\xe1"


def store(to):
    """movb $7, %gs:to, by a register: any offset."""
    return b"\xb9" + struct.pack("<I", to & 0xffffffff) + b"\x65\x67\xc6\x01\x07"


def elf(segments, entry=TEXT, kind=3, **fields):
    """Segments: (type, rights, address, bytes[, size in memory[, offset in the file[, size there]]]). fields: others of the header."""
    at, headers, body = 0x1000, b"", b""
    for what, rights, address, data, *more in segments:
        size, offset, there = (*more, *(None, None, None)[len(more):])
        headers += struct.pack("<IIQQQQQQ", what, rights, at if offset is None else offset, address, address, len(data) if there is None else there,
                               len(data) if size is None else size, fields.get("align", 0x1000))
        body += data + bytes(-len(data) % 0x1000)
        at += len(data) + -len(data) % 0x1000
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", kind, fields.get("machine", 62), 1, entry, fields.get("phoff", 64), 0, 0, 64,
                                                            fields.get("phentsize", 56), fields.get("phnum", len(segments)), 64, 0, 0)
    return (head + headers).ljust(0x1000, b"\0") + body


def _padded(code):
    """What is given, up to a whole bundle."""
    return code + b"\x90" * (-len(code) % 32)


def _relocated(tag, entries, data=bytes(0x1000), size=None):
    """Good code at TEXT; data at 0x2000; code again at 0x3000; relocations at 0x4000."""
    size = len(entries) if size is None else size
    tags = {"rela": ((7, 0x4000), (8, size), (9, 24)), "relr": ((36, 0x4000), (35, size), (37, 8))}[tag]
    dynamic = b"".join(struct.pack("<QQ", *t) for t in tags + ((0, 0),))
    return elf([(LOAD, R | X, TEXT, back(TEXT)), (LOAD, R | W, 0x2000, data), (LOAD, R | X, 0x3000, back(0x3000)), (LOAD, R, 0x4000, entries),
                (LOAD, R, 0x5000, dynamic), (DYNAMIC, R, 0x5000, dynamic)])


def _rela(at, kind=8, addend=0x1000):
    return struct.pack("<QQQ", at, kind, addend)


def _text(code, *more, rights=R | X, **fields):
    return elf([(LOAD, rights, TEXT, code), *more], **fields)


_GOOD = back(TEXT)
_SECOND = _padded(_GOOD)  # code of two bundles begins the second of them at TEXT + 32
_BAD = b"\x48\x89\x18"  # mov %rbx,(%rax)
REFUSED_FILE, UNVERIFIED, RUNS = "refused", "unverified", "runs"
TRAPS = "int3"


def _loads(count):
    return elf([(LOAD, R | X, TEXT, _GOOD)] + [(LOAD, R, 0x10000 + 0x1000 * n, b"1") for n in range(count - 1)])


# name: (the file, what becomes of it, the field or the rule that says so). Of what runs: where in the slot its page fault is, TRAPS,
# "" for none, or None: that is all the same.
FILES = {
    "good": (_text(_GOOD), RUNS, ""),
    # beginnings
    "entry-odd": (_text(_GOOD + b"\x90" * 40, entry=TEXT + 1), UNVERIFIED, "entry"),
    "entry-half": (_text(_GOOD + b"\x90" * 40, entry=TEXT + 16), UNVERIFIED, "entry"),
    "entry-in-the-tail": (_text(_GOOD, (LOAD, R | W, 0x8000, b"1"), entry=TEXT + 0x800), REFUSED_FILE, "e_entry"),
    "entry-in-the-fill": (elf([(LOAD, R | X, TEXT, _GOOD, 0x1000)], entry=TEXT + 0x800), RUNS, TRAPS),
    "entry-in-data": (_text(_GOOD, (LOAD, R | W, 0x2000, _GOOD), entry=0x2000), REFUSED_FILE, "e_entry"),
    "entry-in-rodata": (_text(_GOOD, (LOAD, R, 0x2000, _GOOD), entry=0x2000), REFUSED_FILE, "e_entry"),
    "entry-in-a-gate": (_text(_GOOD, entry=(0x10040 - BIAS) % (1 << 64)), REFUSED_FILE, "e_entry"),
    "entry-in-next-slot": (_text(_GOOD, entry=(1 << 32) + TEXT), REFUSED_FILE, "e_entry"),
    "entry-behind-the-end": (_text(_GOOD, entry=TEXT + len(_GOOD)), REFUSED_FILE, "e_entry"),
    # where segments lie
    "code-on-the-gates": (elf([(LOAD, R | X, 0x10000, _GOOD)], entry=0x10000, kind=2), REFUSED_FILE, "p_vaddr"),
    "data-on-the-base-word": (elf([(LOAD, R | X, 0x401000, _GOOD), (LOAD, R | W, 0x20000, b"1" * 16)], entry=0x401000, kind=2), REFUSED_FILE, "p_vaddr"),
    "data-on-the-gates-by-wraps": (_text(_GOOD, (LOAD, R | W, (0x10000 - BIAS) % (1 << 64), b"1" * 16)), REFUSED_FILE, "p_vaddr"),
    "code-behind-the-image": (_text(_GOOD, (LOAD, R | X, 0x10000000 - BIAS - 16, b"\x90" * 64)), REFUSED_FILE, "p_vaddr"),
    "code-in-the-next-slot": (_text(_GOOD, (LOAD, R | X, 1 << 32, _GOOD)), REFUSED_FILE, "p_vaddr"),
    "memory-wraps": (elf([(LOAD, R | X, TEXT, _GOOD, (1 << 64) - 1)]), REFUSED_FILE, "p_vaddr"),
    "memory-to-the-end": (elf([(LOAD, R | X, TEXT, _GOOD, 0x10000000 - BIAS - TEXT + 1)]), REFUSED_FILE, "p_vaddr"),
    "file-wraps": (elf([(LOAD, R | X, TEXT, _GOOD, None, (1 << 64) - 8)]), REFUSED_FILE, "p_offset"),
    "file-ends-before": (elf([(LOAD, R | X, TEXT, _GOOD, 0x9000, 0x1000, 0x9000)]), REFUSED_FILE, "p_offset"),
    "less-memory-than-file": (elf([(LOAD, R | X, TEXT, _GOOD, 1)]), REFUSED_FILE, "p_filesz"),
    "writable-code": (_text(_GOOD, rights=R | W | X), REFUSED_FILE, "p_flags"),
    "writable-code-not-readable": (_text(_GOOD, rights=W | X), REFUSED_FILE, "p_flags"),
    "data-in-the-tail-of-code": (_text(_GOOD, (LOAD, R | W, TEXT + 0x800, b"1" * 16)), REFUSED_FILE, "p_vaddr"),
    "code-in-the-head-of-data": (elf([(LOAD, R | W, TEXT, bytes(64)), (LOAD, R | X, TEXT + 0x40, back(TEXT + 0x40))], entry=TEXT + 0x40), REFUSED_FILE, "p_vaddr"),
    "code-twice-in-a-page": (_text(_GOOD, (LOAD, R | X, TEXT + 0x40, back(TEXT + 0x40))), REFUSED_FILE, "p_vaddr"),
    "same-page-twice": (_text(_GOOD, (LOAD, R | X, TEXT, _GOOD)), REFUSED_FILE, "p_vaddr"),
    "same-bytes-twice": (_text(_GOOD, (LOAD, R | X, 0x3000, _GOOD, None, 0x1000)), REFUSED_FILE, "p_offset"),
    "too-many": (_loads(17), REFUSED_FILE, "e_phnum"),
    "many": (_loads(16), RUNS, ""),
    "headers-behind-the-end": (_text(_GOOD, phnum=0xffff), REFUSED_FILE, "e_phoff"),
    "headers-wrap": (_text(_GOOD, phoff=(1 << 64) - 56), REFUSED_FILE, "e_phoff"),
    "headers-of-another-size": (_text(_GOOD, phentsize=32), REFUSED_FILE, "e_phentsize"),
    "thread-local": (_text(_GOOD, (TLS, R, 0x2000, b"1" * 16)), REFUSED_FILE, "PT_TLS"),
    "odd-alignment": (_text(_GOOD, align=3), RUNS, ""),
    "no-code": (elf([(LOAD, R, TEXT, _GOOD)]), REFUSED_FILE, "e_entry"),
    # relocations: the kernel makes them, and writes where an app could not
    "relocates-code": (_relocated("rela", _rela(TEXT)), REFUSED_FILE, "r_offset"),
    "relocates-into-code": (_relocated("rela", _rela(0x2000 + 0x1000 - 4)), REFUSED_FILE, "r_offset"),
    "relocates-code-from-below": (_relocated("rela", _rela(0x3000 - 1)), REFUSED_FILE, "r_offset"),
    "relocates-rodata": (_relocated("rela", _rela(0x4000)), REFUSED_FILE, "r_offset"),
    "relocates-a-gate": (_relocated("rela", _rela((0x10040 - BIAS) % (1 << 64))), REFUSED_FILE, "r_offset"),
    "relocates-the-base-word": (_relocated("rela", _rela((0x20000 - BIAS) % (1 << 64))), REFUSED_FILE, "r_offset"),
    "relocates-the-next-slot": (_relocated("rela", _rela((1 << 32) + 0x2000)), REFUSED_FILE, "r_offset"),
    "relocates-the-last-of-all": (_relocated("rela", _rela((1 << 64) - 4)), REFUSED_FILE, "r_offset"),
    "relocates-the-last-word": (_relocated("rela", _rela(0x2000 + 0x1000 - 8)), RUNS, ""),
    "relocates-to-elsewhere": (_relocated("rela", _rela(0x2000, 8, (1 << 63) + 5)), RUNS, ""),
    "relocates-by-a-call": (_relocated("rela", _rela(0x2000, 37)), REFUSED_FILE, "R_X86_64_IRELATIVE"),
    "relocates-by-a-symbol": (_relocated("rela", _rela(0x2000, 6)), REFUSED_FILE, "r_info"),
    "relocations-wrap": (_relocated("rela", _rela(0x2000), size=(1 << 64) - 24), REFUSED_FILE, ""),
    "relr-of-code": (_relocated("relr", struct.pack("<Q", TEXT)), REFUSED_FILE, "DT_RELR"),
    "relr-reaches-code": (_relocated("relr", struct.pack("<QQ", 0x2000 + 0x1000 - 16, 1 | 1 << 2)), REFUSED_FILE, "DT_RELR"),
    "relr-odd": (_relocated("relr", struct.pack("<Q", 0x2000 + 0x1000 - 4)), REFUSED_FILE, "DT_RELR"),
    "relr-begins-with-bits": (_relocated("relr", struct.pack("<Q", (1 << 64) - 1)), REFUSED_FILE, "DT_RELR"),
    "relr-of-the-last-words": (_relocated("relr", struct.pack("<QQ", 0x2000 + 0x1000 - 16, 1 | 1 << 1)), RUNS, ""),
    "two-dynamics": (_text(_GOOD, (DYNAMIC, R, 0x2000, bytes(16)), (DYNAMIC, R, 0x2000, bytes(16))), REFUSED_FILE, ""),
    # more than one piece of code
    "bad-in-the-second": (_text(_GOOD, (LOAD, R | X, 0x3000, _BAD)), UNVERIFIED, "operand"),
    "bad-in-the-last-of-many": (elf([(LOAD, R | X, TEXT + 0x1000 * n, back(TEXT + 0x1000 * n)) for n in range(15)] + [(LOAD, R | X, 0x20000, _BAD)]),
                                UNVERIFIED, "operand"),
    "bad-behind-the-entry": (_text(_padded(_GOOD) + _BAD), UNVERIFIED, "operand"),
    "bad-before-the-entry": (_text(_BAD.ljust(32, b"\x90") + back(TEXT + 32), entry=TEXT + 32), UNVERIFIED, "operand"),
    "from-one-into-another": (_text(b"\xe9" + struct.pack("<i", 0x2000 - 5), (LOAD, R | X, 0x3000, back(0x3000))), UNVERIFIED, "target"),
    "by-mask-into-another": (_text(go(TEXT, 0x403000), (LOAD, R | X, 0x3000, back(0x3000))), RUNS, ""),
    "through-into-another": (_text(b"\x90" * 0x1000, (LOAD, R | X, 0x2000, back(0x2000))), RUNS, ""),
    "through-into-data": (_text(b"\x90" * 0x1000, (LOAD, R | W, 0x2000, back(0x2000))), RUNS, BIAS + 0x2000),
    # what the file has not filled
    "jump-into-the-fill": (_text(b"\xe9" + struct.pack("<i", 0x7fb)), RUNS, TRAPS),
    "jump-behind-the-page": (_text(b"\xe9" + struct.pack("<i", 0xffb)), UNVERIFIED, "target"),
    "by-mask-into-the-tail": (_text(go(TEXT, 0x401fe0)), RUNS, TRAPS),
    "by-mask-into-the-head": (elf([(LOAD, R | X, TEXT + 0x40, go(TEXT + 0x40, 0x401000))], entry=TEXT + 0x40), RUNS, TRAPS),
    "by-mask-far-into-the-fill": (elf([(LOAD, R | X, TEXT, go(TEXT, 0x480000), 0x100000)]), RUNS, TRAPS),
    "head-is-no-bundle": (elf([(LOAD, R | X, TEXT + 0x48, b"\x90" * 24 + back(TEXT + 0x60))], entry=TEXT + 0x60), RUNS, ""),
    "ends-in-an-immediate": (_text(b"\x90" * 27 + b"\xb8"), RUNS, TRAPS),
    "ends-in-a-long-immediate": (_text(b"\x90" * 28 + b"\x48\xb8"), UNVERIFIED, "bundle"),
    "fill-makes-it-an-interrupt": (_text(b"\x90\xcd"), UNVERIFIED, "opcode"),
    "fill-makes-it-a-branch": (_text(b"\x90\xe9"), UNVERIFIED, "target"),
    "fill-makes-it-far": (_text(b"\x90\x48\x8b\x05"), UNVERIFIED, "operand"),
    "fill-makes-it-a-frame": (_text(b"\x48\x81\xec"), UNVERIFIED, "stack"),
    # what others say of memory
    "code-that-can-not-be-read": (_text(_GOOD, rights=X), RUNS, ""),
    "stack-to-be-run": (_text(b"\x48\x89\xe0\x83\xe0\xe0" + _add_base(TEXT + 6, 5) + b"\xff\xe0", (STACK, R | W | X, 0, b"")), RUNS, 0x1effe0),
    "relro-over-code": (_text(store(BIAS + TEXT), (RELRO, R | W, TEXT, b"")), RUNS, BIAS + TEXT),
    "loader-of-its-own": (_text(_GOOD, (INTERP, R, 0x9000, b"/bin/sh\0")), RUNS, ""),
    "data-of-the-same-bytes": (_text(store(BIAS + 0x3000) + back(TEXT + 10), (LOAD, R | W, 0x3000, _GOOD, None, 0x1000)), RUNS, ""),
    "writes-its-store": (_text(store(0x81000) + back(TEXT + 10)), RUNS, ""),
    "runs-rodata": (_text(go(TEXT, 0x403000), (LOAD, R, 0x3000, back(0x3000))), RUNS, BIAS + 0x3000),
    "runs-data": (_text(go(TEXT, 0x403000), (LOAD, R | W, 0x3000, back(0x3000))), RUNS, BIAS + 0x3000),
    "writes-what-is-shown": (_text(store(BIAS + 0x10000), (LOAD, R, 0x10000, b"shown".ljust(0x20000, b"."))), RUNS, BIAS + 0x10000),
    "writes-behind-the-shown": (_text(store(BIAS + 0x30000), (LOAD, R, 0x10000, b"shown".ljust(0x20000, b"."))), RUNS, BIAS + 0x30000),
    "jumps-by-a-table-to-others": (_text(b"\x65\x67\x8b\x04\x25" + struct.pack("<I", BIAS + 0x3000) + b"\x83\xe0\xe0" + _add_base(TEXT + 12, 5) + b"\xff\xe0",
                                         (LOAD, R, 0x3000, struct.pack("<Q", 0x2001_00401003))), RUNS, None),
    # what verified code may do, to pages that are not its to change
    **{f"writes-{name}": (_text(store(at) + back(TEXT + 10)), RUNS, at) for name, at in (
        ("its-code", BIAS + TEXT), ("a-gate", 0x10040), ("the-last-gate", 0x1ffff), ("the-base-word", 0x20000), ("the-entry-word", 0x20008), ("the-missing", 0x21000),
        ("the-input", 0x21400), ("below-its-stack", 0x8ffff), ("above-its-stack", 0x1f0000), ("below-its-image", 0x3fffff), ("its-heap", 0x10000000),
        ("shared-memory", 0xa0001000), ("a-canvas", 0xe0000000), ("before-the-guard", 0xfffeffff), ("the-guard", 0xffff0000), ("the-lower-guard", 0xffff))},
}


def written(folder):
    """All of them as files of a folder: {name: (what becomes of it, the field or the rule)}."""
    texts = pieces()
    found = {name: (_text(code), UNVERIFIED, name.split("-")[0]) for name, code in texts.items()}
    found.update((f"file-{name}", file) for name, file in FILES.items())
    check(max(map(len, found)) < 32, "a name is longer than an app can have")
    for name, (data, _, _) in found.items():
        with open(os.path.join(folder, name + ".elf"), "wb") as f:
            f.write(data)
    return {name: tuple(what) for name, (_, *what) in found.items()}


def wrong(text, name, what, why):
    """Why the log of a run does not have what it should have of this one; None: it has."""
    lines = re.findall(rf"E app: (?:unverified name={re.escape(name)} |refused file={re.escape(name)}\.elf ).*", text)
    if what == UNVERIFIED:
        good = len(lines) == 1 and f" rule={why}: rebuild with ctx cc" in lines[0]
    elif what == REFUSED_FILE:
        good = len(lines) == 1 and f" field={why}" in lines[0]
    else:
        fault = re.search(rf"fault name={re.escape(name)} pid=\d+ call=\d+ vector=(\d+) .*? address=0x[0-9a-f]*?([0-9a-f]{{8}}) ", text)
        trap = re.search(rf"W app: {re.escape(name)}#\d+: int3 at slot\+0x4[0-9a-f]{{5}} ", text)
        end = int(fault[2], 16) if fault and fault[1] == "14" else "another fault" if fault else ""
        good = not lines and (why is None or (trap is not None if why == TRAPS else end == why))
        lines.append(f"fault {fault and fault[0]}, trap {trap and trap[0]}")
    return None if good else f"{name}: {what} {why} is wanted, it says {lines}"
