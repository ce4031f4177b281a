/* SPDX-License-Identifier: MIT */
/*
 * loops - never returns from its first call. What it draws in its endless loop, a bar that runs
 * along the upper edge of the screen, shows that it goes on in slices while the others have their
 * turn.
 */
#include <ctx/ctx.h>

#define LENGTH 120
#define SLOW   40000 /* turns of the loop for one pixel */

int32_t _start(struct ctx *ctx)
{
    const struct ctx_fb *fb = &ctx->fb;
    uint64_t from = fb->w / 5, width = fb->w * 3 / 5 - LENGTH;
    for (volatile uint64_t turns = 0;; turns++) {
        uint64_t at = turns / SLOW % (2 * width);
        uint64_t x = from + (at < width ? at : 2 * width - at);
        for (uint64_t i = 0; i < LENGTH; i++) {
            fb->pixels[(24 + turns % 6) * fb->w + x + i] = (struct ctx_rgba){255, 180, 84, 0};
        }
    }
}
