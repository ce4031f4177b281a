/* SPDX-License-Identifier: MIT */
/* Keeps the machine busy: computes, draws and goes through gates for a while in each call. */
#include "t.h"

int32_t _start(struct ctx *ctx)
{
    u64 until = 40;
    while (until--) {
        u8 *p = ctx->alloc(100 + until * 40, 16);
        for (u64 i = 0; p && i < 100 + until * 40; i++) {
            p[i] = (u8)(i * until);
        }
        for (u64 i = 0; i < 20000 && i < ctx->fb.len; i++) {
            ctx->fb.pixels[i] += (u32)(i * until);
        }
        ctx->dealloc(p, 100 + until * 40, 16);
        ctx->dealloc(0, 1, 1);
    }
    return 0;
}
