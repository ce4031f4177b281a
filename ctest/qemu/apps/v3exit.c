/* SPDX-License-Identifier: MIT */
/* Holds one of everything, and ends itself in its third call with code 42. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    static uint32_t calls;
    uint32_t surface;
    ctx->alloc(100000, 16);
    ctx->display->create(ctx->display, 300, 300, CTX_SURFACE_RGBX, 0, &surface);
    ctx->display->canvas(ctx->display);
    open(ctx, CTX_ID_RANDOM);
    if (++calls == 1) {
        say(ctx, "v3exit pid", (int64_t)ctx->pid);
    }
    return calls < 3 ? CTX_AGAIN : CTX_EXIT(42);
}
