/* SPDX-License-Identifier: MIT */
/* Gate 0 ends a call from any depth, with any stack pointer. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    if (++calls == 20) {
        t_ok(ctx, "gate0");
    }
    u64 gate = ((u64)ctx & ~0xffffffffull) + 0x10000;
    u64 stack = calls % 2 ? 0 : (u64)ctx + 96;
    __asm__ volatile("mov %1, %%rsp; xor %%eax, %%eax; jmp *%0" ::"r"(gate), "r"(stack) : "memory");
    __builtin_unreachable();
}
