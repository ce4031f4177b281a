/* SPDX-License-Identifier: MIT */
/* Fields at 64 and 72: alloc and dealloc with every size and alignment of the table. */
#include "t.h"

static u64 calls;

static int filled(const u8 *p, u64 n, u8 value)
{
    for (u64 i = 0; i < n; i++) {
        if (p[i] != value) {
            return 0;
        }
    }
    return 1;
}

int32_t _start(struct ctx *ctx)
{
    if (calls++) {
        return 0;
    }
    /* size 0 counts as 1, align 0 as 16, what is no power of two gives NULL */
    u8 *a = ctx->alloc(0, 1), *b = ctx->alloc(0, 1);
    T_CHECK("alloc", a && b && a != b, a);
    u8 *c = ctx->alloc(100, 0);
    T_CHECK("alloc", c && (u64)c % 16 == 0, c);
    T_CHECK("alloc", !ctx->alloc(100, 3), 3);
    T_CHECK("alloc", !ctx->alloc(100, ~0ull), ~0ull);
    T_CHECK("alloc", !ctx->alloc(~0ull, 16), ~0ull);
    T_CHECK("alloc", !ctx->alloc(1ull << 40, 16), 1ull << 40);
    T_CHECK("alloc", !ctx->alloc(1, 1ull << 63), 1ull << 63);

    u8 *p[64];
    u64 size[64];
    for (u64 i = 0; i < 64; i++) {
        size[i] = 1 + i * i * 7;
        u64 align = 1ull << (i % 13);
        p[i] = ctx->alloc(size[i], align);
        T_CHECK("alloc", p[i], i);
        T_CHECK("alloc", (u64)p[i] % align == 0, p[i]);
        for (u64 k = 0; k < size[i]; k++) {
            p[i][k] = (u8)i;
        }
    }
    for (u64 i = 0; i < 64; i++) {
        T_CHECK("alloc", filled(p[i], size[i], (u8)i), i);
    }
    /* Wrong sizes, alignments and addresses change nothing. */
    ctx->dealloc(p[5], size[5] + 1, 1ull << 5);
    ctx->dealloc(p[5], size[5], 1ull << 6);
    ctx->dealloc(p[5] + 1, size[5], 1ull << 5);
    ctx->dealloc((u8 *)((u64)p[5] + (1ull << 32)), size[5], 1ull << 5);
    ctx->dealloc((void *)16, 16, 16);
    ctx->dealloc((void *)ctx, 96, 16);
    ctx->dealloc(0, 7, 3);
    u8 *d = ctx->alloc(size[5], 1ull << 5);
    T_CHECK("alloc", d && d != p[5], d);
    T_CHECK("alloc", filled(p[5], size[5], 5), p[5]);
    /* The same size and alignment after normalisation. */
    ctx->dealloc(a, 1, 1);
    ctx->dealloc(c, 100, 16);
    for (u64 i = 0; i < 64; i++) {
        ctx->dealloc(p[i], size[i], 1ull << (i % 13));
    }
    /* Far more than there is, were it not given back. */
    for (u64 i = 0; i < 600; i++) {
        u8 *big = ctx->alloc(1 << 20, 4096);
        T_CHECK("alloc", big, i);
        big[0] = big[(1 << 20) - 1] = 1;
        ctx->dealloc(big, 1 << 20, 4096);
    }
    t_ok(ctx, "alloc");
    return 0;
}
