/* SPDX-License-Identifier: MIT */
/* Entry: rsp % 16 == 8, DF clear, MXCSR and x87 control at their defaults, all of it in one slot.
 */
#include "t.h"

/* Leaves the state at entry in memory, then goes on in C. */
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "    mov %rsp, at_entry(%rip)\n"
        "    stmxcsr at_entry+8(%rip)\n"
        "    fnstcw at_entry+16(%rip)\n"
        "    pushfq\n"
        "    pop %rax\n"
        "    mov %rax, at_entry+24(%rip)\n"
        "    mov (%rsp), %rax\n"
        "    mov %rax, at_entry+32(%rip)\n"
        "    jmp test_entry\n");
u64 at_entry[5];
int32_t test_entry(struct ctx *ctx);

int32_t test_entry(struct ctx *ctx)
{
    static u64 calls;
    u64 slot = (u64)ctx >> 32;
    calls++;
    T_CHECK("entry", at_entry[0] % 16 == 8, at_entry[0]);
    T_CHECK("entry", (u32)at_entry[1] == 0x1f80, at_entry[1]);
    T_CHECK("entry", (at_entry[2] & 0xffff) == 0x37f, at_entry[2]);
    T_CHECK("entry", !(at_entry[3] & 0x400), at_entry[3]);
    T_CHECK("entry", at_entry[4] == (slot << 32 | 0x10000), at_entry[4]); /* gate 0 */
    T_CHECK("entry", at_entry[0] >> 32 == slot, at_entry[0]);
    T_CHECK("entry", (u32)at_entry[0] <= 0x1f0000 && (u32)at_entry[0] > 0x90000, at_entry[0]);
    T_CHECK("entry", (u32)(u64)ctx == 0x80000, ctx);
    T_CHECK("entry", (u32)(u64)ctx->store == 0x81000, ctx->store);
    T_CHECK("entry", (u64)ctx->log >> 32 == slot && (u32)(u64)ctx->log < 0x20000, ctx->log);
    T_CHECK("entry", (u64)ctx->input >> 32 == slot, ctx->input);
    T_CHECK("entry", (u64)ctx->fb.pixels >> 32 == slot, ctx->fb.pixels);
    T_CHECK("entry", (u32)(u64)ctx->fb.pixels >= 0xe0000000, ctx->fb.pixels);
    if (calls == 20) {
        t_ok(ctx, "entry");
    }
    /* Dirt that the next call must not see. */
    u32 mxcsr = 0x9fc0;
    u32 control = 0x27f;
    __asm__ volatile("ldmxcsr %0; fldcw %1; std" ::"m"(mxcsr), "m"(control));
    return 0;
}
