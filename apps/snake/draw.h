/* SPDX-License-Identifier: MIT */
/* The game as pixels. */
#ifndef DRAW_H
#define DRAW_H

#include "game.h"

#include <ctx/ctx.h>

#define CELL   28
#define MARGIN 20
#define BAR    64 /* title and score above the board */
#define WIDTH  (COLS * CELL + 2 * MARGIN)
#define HEIGHT (ROWS * CELL + BAR + MARGIN)

/* The picture of this moment into WIDTH x HEIGHT pixels. */
void draw_all(uint32_t *pixels, const struct game *g, uint64_t now_ns);

/* Letters need memory. 0: there is none. */
int draw_init(struct ctx *ctx);

#endif
