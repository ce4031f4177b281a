/* SPDX-License-Identifier: MIT */
/* Faults in its third call, in the way its name says; the others must not notice. */
#include "t.h"

static u64 calls;

static volatile u64 never = 1ull << 60;

static u64 deeper(u64 n)
{
    if (n == never) {
        return 0;
    }
    volatile u64 block[512];
    block[n % 512] = n;
    return deeper(n + 1) + block[n % 512];
}

int32_t _start(struct ctx *ctx)
{
    u64 slot = (u64)ctx & ~0xffffffffull;
    if (++calls == 1) {
        static u64 mark;
        *ctx->store = &mark;
        return 0;
    }
    if (calls > 3) {
        /* Called again after the fault: profile 8, the store is back. */
        if (*ctx->store == 0) {
            t_fail(ctx, "p08", "the store is lost", calls);
        } else {
            t_ok(ctx, "p08");
        }
        return 0;
    }
    if (calls < 3) {
        return 0;
    }
    *ctx->store = 0;
    say(ctx, "T fault comes");
#if defined T_NULL
    u64 address = 8;
    __asm__("" : "+r"(address));
    *(volatile u64 *)address = 1;
#elif defined T_UD2
    __asm__ volatile("ud2");
#elif defined T_DIVIDE
    __asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; div %%ecx" ::: "eax", "ecx", "edx");
#elif defined T_TEXT
    *(volatile u8 *)(u64)&_start = 0xc3;
#elif defined T_STACK_CODE
    volatile u8 code[16] = {0xc3};
    ((void (*)(void))(u64)code)();
#elif defined T_OVERFLOW
    calls = deeper(0);
#elif defined T_WILD
    ((void (*)(void))0x123456789000)();
#elif defined T_NONCANONICAL
    *(volatile u64 *)0x8000000000000000 = 1;
#elif defined T_HIGH
    *(volatile u64 *)0xffffffffc0000000 = 1;
#elif defined T_GATEPAGE
    *(volatile u64 *)(slot + 0x10000) = 1;
#elif defined T_OTHER_SLOT
    /* Its guard: slots are random, and what lies further up in that one may be there. */
    *(volatile u64 *)(slot + (8ull << 32) + 0x8000) = 1;
#elif defined T_RSP
    __asm__ volatile("xor %%esp, %%esp; push %%rax" ::: "memory");
#elif defined T_ALIGN
    __asm__ volatile("movaps 1(%%rsp), %%xmm0" ::: "xmm0");
#else
#error which fault?
#endif
    (void)slot;
    (void)deeper;
    t_fail(ctx, "fault", "it did not fault", calls);
    return 0;
}
