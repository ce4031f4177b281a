/* SPDX-License-Identifier: MIT */
/* Profile 5, drawn second: sees what the first one drew, frame after frame, and paints over it. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    u64 far = (ctx->fb.h / 2 - 1) * ctx->fb.w + ctx->fb.w / 2 - 1;
    calls++;
    T_CHECK("p05", (ctx->fb.pixels[far] & 0xffffff) == 0x332211, ctx->fb.pixels[far]);
    if (calls > 1) {
        T_CHECK("p05", (ctx->fb.pixels[0] & 0xffffff) == 0x0000ff, ctx->fb.pixels[0]);
    }
    for (u64 y = 0; y < 100; y++) {
        for (u64 x = 0; x < 100; x++) {
            ctx->fb.pixels[y * ctx->fb.w + x] = 0x000000ff; /* red; alpha is ignored */
        }
    }
    for (u64 y = 100; y < 200; y++) {
        for (u64 x = 0; x < 100; x++) {
            ctx->fb.pixels[y * ctx->fb.w + x] = 0xff00ff00; /* green */
        }
    }
    ctx->fb.pixels[ctx->fb.len - 1] = 0xffff8040;
    if (calls == 30) {
        t_ok(ctx, "p05");
    }
    return 0;
}
