/* SPDX-License-Identifier: MIT */
/* More than its share: time, memory, lines of the log, and other people's memory. */
#include "hostile.h"

/* It never comes to an end, but gcc is not to know. */
__attribute__((unused)) static volatile u64 never = 1ull << 60;

__attribute__((unused)) static u64 deeper(u64 n)
{
    if (n == never) {
        return 0;
    }
    volatile u64 block[64];
    block[n % 64] = n;
    return deeper(n + 1) + block[n % 64];
}

static void deed(struct ctx *ctx)
{
    (void)ctx;
#if defined T_ENDLESS
    for (volatile u64 n = 0;;) {
        n++;
    }
#elif defined T_ENDLESS_JUMP
    __asm__ volatile("1: jmp 1b");
#elif defined T_ENDLESS_GATE
    for (;;) {
        ctx->dealloc(0, 0, 0);
    }
#elif defined T_ENDLESS_BREAKPOINT
    for (;;) {
        __asm__ volatile("int3");
    }
#elif defined T_RECURSION
    deeper(0);
#elif defined T_MEMORY
    u64 size = 64 << 20, n = 0;
    while (size >= 16 && n < 1000000) {
        n++;
        size >>= ctx->alloc(size, 16) == 0;
    }
#elif defined T_MEMORY_SMALL
    u64 n = 0;
    while (n < 20000 && ctx->alloc(1, 1) != 0) {
        n++;
    }
#elif defined T_MEMORY_HUGE
    if (ctx->alloc(~0ull, 1) || ctx->alloc(~0ull, ~0ull) || ctx->alloc(1, 1ull << 63) ||
        ctx->alloc(1ull << 40, 16) || ctx->alloc(1, 3) || ctx->alloc(0x8fffffff, 1ull << 32)) {
        say(ctx, "T FAIL it was given");
    }
#elif defined T_FREE_WILD
    static const u64 wild[] = {1, 0x123456789000, NONCANONICAL, ~0ull, 0xffff800000100000};
    for (u32 i = 0; i < 5; i++) {
        ctx->dealloc((void *)wild[i], 16, 16);
    }
    ctx->dealloc(ctx, 4096, 4096);
    ctx->dealloc((void *)&_start, 16, 16);
#elif defined T_FREE_TWICE
    u8 *p = ctx->alloc(64, 16), *q = ctx->alloc(64, 16);
    ctx->dealloc(p, 64, 16);
    ctx->dealloc(p, 64, 16);
    ctx->dealloc(q + 16, 64, 16);
    ctx->dealloc(q, 65, 16);
    ctx->dealloc(q, 64, 32);
    u8 *r = ctx->alloc(64, 16);
    if (q == r) {
        say(ctx, "T FAIL what is in use was given again");
    }
#elif defined T_FREE_OTHERS
    /* Each block of any slot near its own: what looks like an address of somebody's heap. */
    u64 slot = slot_of(ctx);
    for (u64 n = 1; n < 65; n++) {
        u64 other = 0x200000000000 + ((slot >> 32) + n) % 12288 * SLOT_END;
        ctx->dealloc((void *)(other + HEAP), 64, 16);
    }
#elif defined T_LOG
    for (u32 i = 0; i < 300; i++) {
        say(ctx, "T this line is not worth reading, and there are many of it");
    }
#elif defined T_LOG_LONG
    static u8 text[100000];
    for (u32 i = 0; i < sizeof text; i++) {
        text[i] = "\n\xff\x1b[2JPANIC E"[i % 13];
    }
    ctx->log(text, 3000);
    ctx->log(text, ~0u);
#elif defined T_SELF_MODIFYING
    /* A page that was writable is not executable, and the other way round. */
    u8 *p = ctx->alloc(4096, 4096);
    memcpy(p, "\xc3", 1);
    ((void (*)(void))(u64)p)();
#else
#error which greed?
#endif
}
