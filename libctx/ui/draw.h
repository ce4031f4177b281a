/* SPDX-License-Identifier: MIT */
/* What the parts of drawing share. */
#ifndef LIBCTX_UI_DRAW_H
#define LIBCTX_UI_DRAW_H

#include <ctx/draw.h>
#include <stdint.h>

/* n pixels of a target, which the caller has clipped, get a colour with this opacity, 0 to 255. The
 * colour's own does not count. */
void draw_run(const struct ctx_draw *d, uint32_t *at, int32_t n, uint32_t color, uint32_t alpha);

/* The whole part of a square root. */
uint32_t draw_root(uint32_t n);

#endif
