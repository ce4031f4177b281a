/* SPDX-License-Identifier: MIT */
/* Everything the processor refuses, and what only looks as if it did. */
#include "hostile.h"

static void deed(struct ctx *ctx)
{
    u64 slot = slot_of(ctx);
    (void)slot;
#if defined T_DIVIDE
    __asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; div %%ecx" ::: "eax", "ecx", "edx");
#elif defined T_DIVIDE_OVERFLOW
    __asm__ volatile("mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idiv %%ecx" ::
                         : "eax", "ecx", "edx");
#elif defined T_UD2
    __asm__ volatile("ud2");
#elif defined T_LOCK
    __asm__ volatile(".byte 0xf0, 0x01, 0xc0"); /* lock add of a register */
#elif defined T_INTO
    __asm__ volatile(".byte 0xce"); /* what 64-bit mode has no more */
#elif defined T_PUSH_ES
    __asm__ volatile(".byte 0x06");
#elif defined T_AAM
    __asm__ volatile(".byte 0xd4, 0x00");
#elif defined T_TOO_LONG
    __asm__ volatile(".fill 16, 1, 0x66; nop");
#elif defined T_MOVAPS
    __asm__ volatile("movaps 1(%%rsp), %%xmm0" ::: "xmm0");
#elif defined T_ALIGNMENT
    static u8 bytes[16];
    __asm__ volatile("pushf; orl $0x40000, (%%rsp); popf" ::: "memory", "cc");
    *(volatile u64 *)(bytes + 1) += 1;
#elif defined T_SSE
    u32 all = 0;
    __asm__ volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; divps %%xmm0, %%xmm0" ::"m"(all) : "xmm0");
#elif defined T_X87
    uint16_t none = 0x340;
    __asm__ volatile("fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(none));
#elif defined T_X87_PENDING
    /* It comes with the next x87 instruction that waits, whosever that is. */
    uint16_t none = 0x340;
    leave(ctx);
    __asm__ volatile("fldcw %0; fld1; fldz; fdivrp; xor %%eax, %%eax; jmp *%1" ::"m"(none),
                     "r"(slot + GATE_RETURN));
#elif defined T_X87_PENDING_MASKED
    /* The same with all exceptions masked, as no instruction but this one can bring it about. */
    static struct {
        u32 control, status, tags, rest[4];
    } env = {0x37f, 0x8081, 0xffff, {0}};
    leave(ctx);
    __asm__ volatile("fldenv %0" ::"m"(env));
    RETURN_BY_GATE(slot);
#elif defined T_X87_PENDING_FAULT
    uint16_t none = 0x340;
    __asm__ volatile("fldcw %0; fld1; fldz; fdivrp; ud2" ::"m"(none));
#elif defined T_X87_PENDING_GATE
    /* Through a gate and back it is still its own. */
    uint16_t none = 0x340;
    __asm__ volatile("fldcw %0; fld1; fldz; fdivrp" ::"m"(none));
    say(ctx, "T in between");
    __asm__ volatile("fwait");
#elif defined T_BREAKPOINT
    __asm__ volatile("int3");
#elif defined T_BREAKPOINT_LONG
    __asm__ volatile(".byte 0xcd, 3");
#elif defined T_BREAKPOINT_GATES
    go(slot + GATE(3) + 12); /* between two trampolines */
#elif defined T_DEBUG
    __asm__ volatile(".byte 0xf1");
#elif defined T_TRACE
    __asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "memory", "cc");
#elif defined T_TRACE_GATE
    __asm__ volatile("pushf; orl $0x100, (%%rsp); popf; jmp *%0" ::"r"(slot + GATE(2))
                     : "memory", "cc");
#elif defined T_INT
#define TEXT(n)   #n
#define INT(n)    __asm__ volatile("int $" TEXT(n)::: "memory")
#define NUMBER(n) INT(n)
    NUMBER(T_INT);
#elif defined T_SYSCALL
    __asm__ volatile("syscall" ::"a"(39l) : "rcx", "r11", "memory");
#elif defined T_SYSENTER
    __asm__ volatile("sysenter" ::: "rcx", "rdx", "memory");
#elif defined T_IRETQ
    __asm__ volatile("push $0x7770; push $0x7770; push $0x7702; push $0x7770; push $0x7770; iretq");
#elif defined T_RETF
    __asm__ volatile("push $0x7770; push $0x7777; lretq");
#elif defined T_FAR_JUMP
    struct __attribute__((packed)) {
        u32 offset;
        uint16_t selector;
    } far = {0x400000, 0x7770};
    __asm__ volatile("ljmp *%0" ::"m"(far));
#elif defined T_FAR_CALL
    struct __attribute__((packed)) {
        u32 offset;
        uint16_t selector;
    } far = {0x400000, 0x7770};
    __asm__ volatile("lcall *%0" ::"m"(far) : "memory");
#elif defined T_FAR_32_BIT
    struct __attribute__((packed)) {
        u32 offset;
        uint16_t selector;
    } far = {(u32)(u64)&_start, 0x23}; /* where Linux has a segment of 32 bits */
    __asm__ volatile("ljmp *%0" ::"m"(far));
#elif defined T_FXRSTOR
    static u8 area[512] __attribute__((aligned(16)));
    memset(area, 0xff, sizeof area); /* reserved bits of MXCSR */
    __asm__ volatile("fxrstor %0" ::"m"(area));
#elif defined T_LDMXCSR
    u32 all = ~0u;
    __asm__ volatile("ldmxcsr %0" ::"m"(all));
#elif defined T_XSETBV
    __asm__ volatile("xsetbv" ::"a"(0), "d"(0), "c"(0));
#elif defined T_DATA_SEGMENT
    __asm__ volatile("mov %0, %%ds" ::"r"(0x7770));
#elif defined T_STACK_SEGMENT
    __asm__ volatile("mov %0, %%ss" ::"r"(0x7770));
#elif defined T_FS_READ
    __asm__ volatile("mov %%fs:0x28, %%rax" ::: "rax"); /* what a stack protector would do */
#elif defined T_GS_READ
    __asm__ volatile("mov %%gs:0x28, %%rax" ::: "rax");
#elif defined T_LONG_REP
    /* A string instruction that faults half way. */
    u64 to = slot + STACK_TOP - 64, n = 1000;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(0) : "memory");
#else
#error which exception?
#endif
}
