/* SPDX-License-Identifier: MIT
 *
 * What the hostile apps share: one does its deed in call number WHEN, at a DEPTH of its own, and
 * leaves the store half written. What must come of it stands in ctest/harness/hostile.py.
 *
 * It logs "T went on" if the deed came back, and in a later call "T again ok" if the store is what
 * it was.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "../t.h"

#ifndef WHEN
#define WHEN 3 /* the call in which it is done */
#endif
#ifndef DEPTH
#define DEPTH 0 /* 0 in _start, 1 in a function that it calls, more: so deep in recursion */
#endif

#define GATE_RETURN  0x10000ull
#define GATE(n)      (0x10000ull + 32 * (n))
#define BASE_WORD    0x20000ull
#define ENTRY_WORD   0x20008ull
#define NOSYS_TABLE  0x21000ull
#define INPUT_PAGE   0x21400ull
#define STACK_TOP    0x1f0000ull
#define STACK_BYTES  0x40000ull /* the default */
#define HEAP         0x10000000ull
#define SLOT_END     0x100000000ull
#define NONCANONICAL 0x8000000000000000ull

static inline u64 slot_of(const void *p)
{
    return (u64)p & ~0xffffffffull;
}

static inline void write8(u64 address)
{
    __asm__("" : "+r"(address));
    *(volatile u64 *)address = 0x1122334455667788;
}

static inline void read8(u64 address)
{
    __asm__("" : "+r"(address));
    (void)*(volatile u64 *)address;
}

static inline void go(u64 address)
{
    __asm__("" : "+r"(address));
    ((void (*)(void))address)();
}

/* What the app is there for; its file defines it. */
static void deed(struct ctx *ctx);

static void **store;
static u64 *before; /* what is in it between calls */

/* For deeds that end the call themselves, and well. */
static inline void leave(struct ctx *ctx)
{
    say(ctx, "T leaves it");
    *store = before;
}

/* Ends the call from any depth, with any stack pointer. */
#define RETURN_BY_GATE(slot)                                                                       \
    __asm__ volatile("xor %%eax, %%eax; jmp *%0" ::"r"((slot) + GATE_RETURN) : "memory")

__attribute__((noinline)) static u64 at_depth(struct ctx *ctx, u64 depth)
{
    volatile u64 room[4];
    room[depth % 4] = depth;
    if (depth <= 1) {
        deed(ctx);
        return room[depth % 4];
    }
    return at_depth(ctx, depth - 1) + room[depth % 4];
}

int32_t _start(struct ctx *ctx)
{
    static u64 calls, mark;
    calls++;
    store = ctx->store;
    if (calls == 1 && WHEN > 1) {
        *ctx->store = &mark;
        before = &mark;
    }
    if (calls == WHEN) {
        *ctx->store = (void *)1; /* it is in the middle of writing it */
        if (DEPTH == 0) {
            deed(ctx);
        } else {
            at_depth(ctx, DEPTH);
        }
        say(ctx, "T went on");
        *ctx->store = before;
    }
    if (calls == WHEN + 1) {
        if (*ctx->store == before) {
            say(ctx, "T again ok");
        } else {
            say(ctx, "T again FAIL the store is half written");
        }
    }
    return 0;
}

#endif
