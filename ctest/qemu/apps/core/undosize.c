/* SPDX-License-Identifier: MIT */
/* restart=undo: a resize that fails, then pixels are written, then a fault */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
static uint32_t s;
int _start(struct ctx *ctx)
{
    n++;
    if (n == 1) {
        ctx->display->create(ctx->display, 64, 64, CTX_SURFACE_RGBX, 0, &s);
        uint32_t *p = (uint32_t *)ctx->display->pixels(ctx->display, s);
        for (int i = 0; i < 4096; i++)
            p[i] = 0x11111111;
        return CTX_AGAIN;
    }
    uint32_t *p = (uint32_t *)ctx->display->pixels(ctx->display, s);
    say(ctx, "call", n);
    say(ctx, "pixel", p[100]);
    if (p[100] != 0x11111111) {
        say(ctx, "UNDO LEFT PIXELS CHANGED", p[100]);
        return CTX_EXIT(1);
    }
    if (n == 3) {
        char w[32];
        word(ctx, 0, w);
        if (same(w, "resize"))
            say(ctx, "resize", ctx->display->resize(ctx->display, s, 8000, 8000));
        for (int i = 0; i < 4096; i++)
            p[i] = 0x22222222;
        __asm__ volatile("movl $1, 16");
    }
    return n > 6 ? CTX_EXIT(0) : CTX_AGAIN;
}
