/* SPDX-License-Identifier: MIT */
/* Registers and flags left in a state that no function may leave them in, and odd ways to the
 * gates. */
#include "hostile.h"

static void deed(struct ctx *ctx)
{
    u64 slot = slot_of(ctx);
    (void)slot;
#if defined T_DIRECTION_RETURN
    leave(ctx);
    __asm__ volatile("std");
    RETURN_BY_GATE(slot);
#elif defined T_DIRECTION_GATE
    static const u8 text[] = "T backwards";
    const u8 *p = text;
    u64 len = sizeof text - 1, flags;
    __asm__ volatile("std; call *%3; pushf; pop %0; cld"
                     : "=&a"(flags), "+D"(p), "+S"(len)
                     : "r"(ctx->log)
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
    if ((flags & 0x400) != 0) {
        say(ctx, "T FAIL the gate returns with DF set");
    }
#elif defined T_FLAGS
    leave(ctx);
    /* NT, IOPL, AC, ID and all arithmetic flags; VM and RF where that goes. */
    __asm__ volatile("pushf; orq $0x277cd5, (%%rsp); popf" ::: "memory", "cc");
    RETURN_BY_GATE(slot);
#elif defined T_FLAGS_GATE
    __asm__ volatile("pushf; orq $0x277cd5, (%%rsp); popf" ::: "memory", "cc");
    say(ctx, "T with odd flags");
    __asm__ volatile("pushf; andq $~0x47400, (%%rsp); popf" ::: "memory", "cc");
#elif defined T_MXCSR
    u32 odd = 0xffc0; /* flush to zero, towards zero, denormals are zero */
    leave(ctx);
    __asm__ volatile("ldmxcsr %0" ::"m"(odd));
    RETURN_BY_GATE(slot);
#elif defined T_MXCSR_GATE
    u32 odd = 0xff80, after;
    __asm__ volatile("ldmxcsr %0" ::"m"(odd));
    say(ctx, "T with MXCSR changed");
    __asm__ volatile("stmxcsr %0" : "=m"(after));
    say(ctx, (after & ~0x3fu) == odd ? "T kept" : "T FAIL the gate changes MXCSR");
#elif defined T_X87_CONTROL
    uint16_t odd = 0xc7f; /* single precision, towards zero */
    leave(ctx);
    __asm__ volatile("fldcw %0" ::"m"(odd));
    RETURN_BY_GATE(slot);
#elif defined T_X87_FULL
    leave(ctx);
    __asm__ volatile("fldz; fldz; fldz; fldz; fldz; fldz; fldz; fldz; fldz");
    RETURN_BY_GATE(slot);
#elif defined T_MMX
    leave(ctx);
    __asm__ volatile("pcmpeqd %mm0, %mm0; movq %mm0, %mm7");
    RETURN_BY_GATE(slot);
#elif defined T_RSP_NULL
    __asm__ volatile("xor %%esp, %%esp; push %%rax" ::: "memory");
#elif defined T_RSP_WILD_FAULT
    /* Nothing may be pushed there. */
    __asm__ volatile("mov %0, %%rsp; ud2" ::"r"(0x123456789000));
#elif defined T_RSP_KERNEL_FAULT
    __asm__ volatile("mov %0, %%rsp; ud2" ::"r"(*(u64 *)(slot + ENTRY_WORD) + 64));
#elif defined T_RSP_WILD_GATE
    __asm__ volatile("mov %0, %%rsp; jmp *%1" ::"r"(0x123456789000), "r"(slot + GATE(1)));
#elif defined T_RSP_KERNEL_GATE
    /* The kernel's code, taken for a return address: a place in its own slot, wherever that is. */
    __asm__ volatile("mov %0, %%rsp; jmp *%1" ::"r"(*(u64 *)(slot + ENTRY_WORD)),
                     "r"(slot + GATE(1)));
#elif defined T_RSP_NONCANONICAL_GATE
    __asm__ volatile("mov %0, %%rsp; jmp *%1" ::"r"(NONCANONICAL), "r"(slot + GATE(1)));
#elif defined T_RSP_MISALIGNED_GATE
    __asm__ volatile(
        "mov %%rsp, %%rbx; sub $3, %%rsp; call *%0; mov %%rbx, %%rsp" ::"r"(slot + GATE(1))
        : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
#elif defined T_RSP_READ_ONLY_GATE
    /* What lies there is taken for where it came from: the entry word's lower half. */
    __asm__ volatile("mov %0, %%rsp; jmp *%1" ::"r"(slot + INPUT_PAGE), "r"(slot + GATE(1)));
#elif defined T_RSP_WILD_RETURN
    leave(ctx);
    __asm__ volatile("mov %0, %%rsp; xor %%eax, %%eax; jmp *%1" ::"r"(0x123456789000),
                     "r"(slot + GATE_RETURN));
#elif defined T_RSP_NONCANONICAL_RETURN
    leave(ctx);
    __asm__ volatile("mov %0, %%rsp; xor %%eax, %%eax; jmp *%1" ::"r"(NONCANONICAL),
                     "r"(slot + GATE_RETURN));
#elif defined T_RETURN_TARGET
    /* A gate returns into the slot whatever the return address says: here to its own trampoline 0.
     */
    leave(ctx);
    __asm__ volatile("push %0; jmp *%1" ::"r"(0xffffffff00010000ull), "r"(slot + GATE(1))
                     : "memory");
#elif defined T_STACK_GONE
    /* The page that the stack pointer is on, given away: it is the app's heap. */
    u8 *stack = ctx->alloc(1 << 16, 4096);
    __asm__ volatile("mov %0, %%rsp; call *%4; ret" ::"r"(stack + 0x8000), "D"(stack),
                     "S"(1l << 16), "d"(4096l), "r"(ctx->dealloc)
                     : "memory");
#elif defined T_SAVED_REGISTERS
    leave(ctx);
    __asm__ volatile(
        "mov $-1, %%rbx; mov %%rbx, %%r12; mov %%rbx, %%r13; mov %%rbx, %%r14; mov %%rbx, %%r15;"
        "mov %0, %%rcx; mov %%rbx, %%rbp; jmp *%%rcx" ::"r"(slot + GATE_RETURN));
#elif defined T_SAVED_REGISTERS_FAULT
    __asm__ volatile(
        "mov $-1, %rbx; mov %rbx, %r12; mov %rbx, %r13; mov %rbx, %r14; mov %rbx, %r15;"
        "mov %rbx, %rbp; ud2");
#elif defined T_GATE_LAST
    typedef int32_t gate(u64, u64, u64);
    if (((gate *)(slot + GATE(2047)))(~0ull, ~0ull, ~0ull) != -1 ||
        ((gate *)(slot + GATE(1)))(1, 2, 3) != -1) {
        say(ctx, "T FAIL no NOSYS");
    }
#elif defined T_GATE_ALL
    /* Every number, with nonsense; 0 is the way out, and 2 would fill the log. */
    typedef int32_t gate(u64, u64, u64, u64, u64, u64);
    for (u64 n = 1; n < 2048; n++) {
        int32_t status = n == 2 ? -1 : ((gate *)(slot + GATE(n)))(~n, ~n, ~n, ~n, ~n, ~n);
        if (n > 64 && status != -1) {
            say(ctx, "T FAIL no NOSYS");
        }
    }
#elif defined T_GATE_MIDDLE
    /* Behind the first byte the trampoline reads as `mov $2, %ebx`: the number is what was there
     * before. */
    __asm__ volatile("mov $0x7fffffff, %%r11d; call *%0" ::"r"(slot + GATE(2) + 1)
                     : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                       "memory");
#elif defined T_ENTRY_NUMBER
    u64 entry = *(u64 *)(slot + ENTRY_WORD);
    int32_t status;
    __asm__ volatile("mov $0xffffffff, %%r11d; call *%1"
                     : "=a"(status)
                     : "r"(entry)
                     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
    say(ctx, status == -1 ? "T kept" : "T FAIL no NOSYS");
#elif defined T_ENTRY_NUMBER_64
    u64 entry = *(u64 *)(slot + ENTRY_WORD);
    int32_t status;
    __asm__ volatile("mov $-1, %%r11; call *%1"
                     : "=a"(status)
                     : "r"(entry)
                     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
    say(ctx, status == -1 ? "T kept" : "T FAIL no NOSYS");
#elif defined T_ENTRY_RETURN
    leave(ctx);
    __asm__ volatile("xor %%r11d, %%r11d; jmp *%0" ::"r"(*(u64 *)(slot + ENTRY_WORD)));
#elif defined T_CTX_RUINED
    /* Version 2 may write its Context; the next call has it whole again. */
    leave(ctx);
    memset(ctx, 0xff, 4096);
    RETURN_BY_GATE(slot);
#else
#error which state?
#endif
}
