/* SPDX-License-Identifier: MIT */
/* A well-behaved app of version 3: a surface that it keeps drawing, memory, time, and the number of
 * its calls. */
#include "../v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#ifndef LAST
#define LAST 12
#endif

int32_t _start(struct ctx *ctx)
{
    static uint32_t calls, surface;
    static uint64_t last_ns;
    static uint8_t *block;
    static int failed;
    const struct ctx_display *d = ctx->display;
    calls++;
    int good = ctx->version == 3 && ctx->size >= 152;
    if (calls == 1) {
        good = good && d->create(d, 64, 64, CTX_SURFACE_RGBX, 0, &surface) == CTX_OK;
        block = ctx->mem->alloc(ctx->mem, 5000, 16, CTX_MEM_ZERO);
        good = good && block != NULL;
    }
    uint32_t *pixels = d->pixels(d, surface);
    good = good && pixels != NULL && d->damage(d, surface, 0, 0, 64, 64) == CTX_OK;
    if (good) {
        good = pixels[calls % 4096] == 0 || calls > 4096;
        pixels[calls % 4096] = 0xff00ff00;
        good = good && block[calls % 5000] == (calls > 5000);
        block[calls % 5000] = 1;
    }
    uint64_t t = now(ctx);
    good = good && t > last_ns;
    last_ns = t;
    if (!good && !failed) {
        failed = 1;
        say(ctx, "good FAIL in call", calls);
    }
    if (calls == LAST && !failed) {
        say(ctx, "good ok", calls);
    }
    return CTX_AGAIN;
}
