/* SPDX-License-Identifier: MIT */
/* Fields at 32-63: pitch is w, len is w * h, the size never changes, all of it can be written. */
#include "t.h"

static u64 calls, w, h;
static u32 *pixels;

int32_t _start(struct ctx *ctx)
{
    if (!calls++) {
        w = ctx->fb.w, h = ctx->fb.h, pixels = ctx->fb.pixels;
    }
    T_CHECK("fb", ctx->fb.len == ctx->fb.w * ctx->fb.h, ctx->fb.len);
    T_CHECK("fb", ctx->fb.len > 0, ctx->fb.len);
    T_CHECK("fb", ctx->fb.w == w && ctx->fb.h == h, ctx->fb.w);
    T_CHECK("fb", ctx->fb.pixels == pixels, ctx->fb.pixels);
    if (calls == 1) {
        for (u64 i = 0; i < ctx->fb.len; i++) {
            pixels[i] = (u32)i;
        }
        for (u64 i = 0; i < ctx->fb.len; i++) {
            T_CHECK("fb", pixels[i] == (u32)i, i);
        }
    }
    if (calls == 30) {
        t_ok(ctx, "fb");
    }
    return 0;
}
