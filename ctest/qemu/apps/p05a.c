/* SPDX-License-Identifier: MIT */
/* Profile 5, drawn first: paints once a quarter of the canvas and never again. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    if (!calls++) {
        for (u64 y = 0; y < ctx->fb.h / 2; y++) {
            for (u64 x = 0; x < ctx->fb.w / 2; x++) {
                ctx->fb.pixels[y * ctx->fb.w + x] = 0xff332211; /* R 11 G 22 B 33 */
            }
        }
    }
    return 0;
}
