/* SPDX-License-Identifier: MIT */
/* The game as pixels. */
#ifndef DRAW_H
#define DRAW_H

#include "game.h"

#include <ctx/ctx.h>

/* How large a picture is at a scale, as ctx_display_info.scale has it. */
uint32_t draw_width(uint32_t scale);
uint32_t draw_height(uint32_t scale);

/* The picture of this moment into as many pixels. */
void draw_all(uint32_t *pixels, uint32_t scale, const struct game *g, uint64_t now_ns);

/* Letters need memory. 0: there is none. */
int draw_init(struct ctx *ctx);

#endif
