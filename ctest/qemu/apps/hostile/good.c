/* SPDX-License-Identifier: MIT */
/*
 * The well-behaved app beside the hostile ones: in every call it looks whether it enters with the
 * state that is promised, whether its memory is what it was, whether its arithmetic is right,
 * whether time goes on, and whether its stack grows. Says "T good ok" in call number LAST, "T good
 * FAIL ..." as soon as something is wrong.
 */
#include "../t.h"

#ifndef LAST
#define LAST 12
#endif
#define BLOCK 10000u

/* Leaves the state at entry in memory, then goes on in C. */
__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "    mov %rsp, at_entry(%rip)\n"
        "    stmxcsr at_entry+8(%rip)\n"
        "    fnstenv at_entry+16(%rip)\n"
        "    fldcw at_entry+16(%rip)\n"
        "    pushfq\n"
        "    pop %rax\n"
        "    mov %rax, at_entry+48(%rip)\n"
        "    jmp test_entry\n");
struct {
    u64 rsp;
    u32 mxcsr, rsv;
    uint16_t fcw, rsv1, fsw, rsv2, ftw, rsv3;
    u32 rest[4];
    u32 rsv4;
    u64 flags;
} at_entry;
int32_t test_entry(struct ctx *ctx);

#define FLAG_TF 0x100u
#define FLAG_DF 0x400u
#define FLAG_NT 0x4000u
#define FLAG_AC 0x40000u

static u64 grow(u64 depth)
{
    volatile u64 room[512];
    room[depth] = depth;
    return depth == 0 ? 0 : grow(depth - 1) + room[depth];
}

int32_t test_entry(struct ctx *ctx)
{
    static u64 calls, last_ms;
    static u8 *block;
    static double half = 0.5;
    static long double third = 3;
    calls++;
    T_CHECK("good", (at_entry.rsp & 0xffffffff) == 0x1efff8, at_entry.rsp);
    T_CHECK("good", at_entry.mxcsr == 0x1f80, at_entry.mxcsr);
    T_CHECK("good", at_entry.fcw == 0x37f, at_entry.fcw);
    T_CHECK("good", at_entry.ftw == 0xffff, at_entry.ftw);
    T_CHECK("good", (at_entry.fsw & 0x80) == 0, at_entry.fsw);
    __asm__ volatile("fwait"); /* nobody's exception waits here */
    T_CHECK("good", (at_entry.flags & (FLAG_TF | FLAG_DF | FLAG_NT | FLAG_AC)) == 0,
            at_entry.flags);
    T_CHECK("good", ctx->start_time_ms >= last_ms, ctx->start_time_ms);
    last_ms = ctx->start_time_ms;
    if (calls == 1) {
        block = ctx->alloc(BLOCK, 16);
        T_CHECK("good", block, block);
        for (u32 i = 0; i < BLOCK; i++) {
            block[i] = (u8)(i * 7 + ctx->pid);
        }
        *ctx->store = block;
    }
    T_CHECK("good", *ctx->store == block, *ctx->store);
    for (u32 i = 0; i < BLOCK; i++) {
        T_CHECK("good", block[i] == (u8)(i * 7 + ctx->pid), i);
    }
    T_CHECK("good", half * 3 == 1.5 && third / 4 == 0.75L, half * 2);
    /* A page deeper every call: memory that one takes is not missing for another. */
    u64 depth = calls < 20 ? calls : 20;
    T_CHECK("good", grow(depth) == depth * (depth + 1) / 2, depth);
    if (calls == LAST) {
        t_ok(ctx, "good");
    }
    return 0;
}
