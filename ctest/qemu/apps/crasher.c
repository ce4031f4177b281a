/* SPDX-License-Identifier: MIT */
/* Takes something of everything, and faults in each call. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    uint32_t surface = 0;
    volatile char deep[20000];
    deep[0] = 1;
    (void)ctx->mem->alloc(ctx->mem, 50000, 16, 0);
    (void)ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, &surface);
    (void)open(ctx, CTX_ID_RANDOM);
    (void)ctx->events->wait(ctx->events, 2);
    volatile uint64_t null = 8;
    *(volatile char *)null = deep[0];
    return CTX_AGAIN;
}
