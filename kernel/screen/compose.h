/* SPDX-License-Identifier: MIT */
/* From the list of what is shown (scene.h) to pixels, a tile at a time: for present.c, and
 * for who asks for the picture (ctx_screen.c). [loop, in a call] */
#ifndef KERNEL_COMPOSE_H
#define KERNEL_COMPOSE_H

#include <kernel/types.h>

struct layer; /* scene.h */

/* What lies in a tile of the screen. */
struct compose_tile {
    uint32_t x, w;
    uint32_t count;
    bool hides_canvas; /* the first of them is opaque and fills the tile: what is below is not seen
                        */
    const struct layer **layers; /* from the lowest; in scene.c's scratch: one tile at a time */

    /* All of it is one source as it is: its first pixel, and pixels from row to row. NULL: it has
     * to be put together. */
    const uint32_t *plain;
    uint32_t pitch;
};

/* At most PRESENT_TILE wide and high, inside the screen; after scene_bring_up(). */
void compose_tile(struct compose_tile *t, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

/* Row y of the screen within the tile: pixels to read, perhaps in room, which is a tile wide. */
const uint32_t *compose_row(const struct compose_tile *t, uint32_t y, uint32_t *room);

/* The same without what follows the pointer. */
void compose_still(struct compose_tile *t, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

/* Of 255; 255 is all, and 0 nothing. */
static inline uint32_t compose_part(uint32_t alpha, uint32_t opacity)
{
    return (alpha * opacity + 127) / 255;
}

static inline uint32_t compose_blend(uint32_t under, uint32_t over, uint32_t alpha)
{
    uint32_t a = alpha + (alpha >> 7); /* 0..256 */
    uint32_t rb = ((under & 0xff00ff) * (256 - a) + (over & 0xff00ff) * a) >> 8 & 0xff00ff;
    uint32_t g = ((under & 0xff00) * (256 - a) + (over & 0xff00) * a) >> 8 & 0xff00;
    return rb | g;
}

#endif
