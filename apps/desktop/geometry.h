/* SPDX-License-Identifier: MIT */
/*
 * Where windows go: placing, tiling, edges, order. Numbers in, numbers out: no Context, no state,
 * so that a test on the host can try all of it.
 *
 * A rectangle here is a window with its title and its thin border, without its shadow, in pixels of
 * the screen. `work` is what the task bar leaves of the screen.
 */
#ifndef DESKTOP_GEOMETRY_H
#define DESKTOP_GEOMETRY_H

#include <ctx/draw.h>
#include <stdint.h>

/* Which part of `work` a window fills. */
enum tile {
    TILE_NONE,
    TILE_ALL,
    TILE_LEFT,
    TILE_RIGHT,
    TILE_TOP_LEFT,
    TILE_TOP_RIGHT,
    TILE_BOTTOM_LEFT,
    TILE_BOTTOM_RIGHT,
};

enum side { SIDE_UP, SIDE_DOWN, SIDE_LEFT, SIDE_RIGHT };

#define EDGE_LEFT   1u
#define EDGE_RIGHT  2u
#define EDGE_TOP    4u
#define EDGE_BOTTOM 8u

/* TILE_NONE: nothing. */
struct ctx_rect tile_rect(enum tile tile, struct ctx_rect work);
/* What a drag that lets go at x, y asks for: edges and corners of a screen of w times h, `grip`
 * pixels wide (corners: an eighth of the height long). */
enum tile tile_at(int32_t x, int32_t y, int32_t w, int32_t h, int32_t grip);
/* What an arrow key makes of a tile; *lower is 1 when the window should be put away instead. */
enum tile tile_step(enum tile now, enum side side, int *lower);
/* The tile that this is, within `by` pixels on each side; TILE_NONE: none. */
enum tile tile_of(struct ctx_rect r, struct ctx_rect work, int32_t by);

/* Moved as little as it takes so that its title, `title` pixels high, can be seen and taken: all of
 * the title's height below the top of work, and `least` of its width inside. */
struct ctx_rect keep_reachable(struct ctx_rect r, struct ctx_rect work, int32_t title,
                               int32_t least);
/* Moved so that all of it lies in work; what is larger begins at work's upper left. */
struct ctx_rect keep_inside(struct ctx_rect r, struct ctx_rect work);
/*
 * Where a new window of w times h lies: where it covers nothing, as near to the upper left as that
 * goes, `gap` away from others; else the step'th place of a cascade.
 */
struct ctx_rect place_first(int32_t w, int32_t h, const struct ctx_rect *others, uint32_t count,
                            struct ctx_rect work, int32_t gap, uint32_t step);

/* EDGE_*: which edges of r a pointer at x, y takes; 0: none. Outside of r it reaches `out` pixels,
 * inside `in`; corners are `corner` long. */
uint32_t edge_at(struct ctx_rect r, int32_t x, int32_t y, int32_t out, int32_t in, int32_t corner);
/* r with these edges moved by dx, dy, not smaller than w, h: the other edges stay. */
struct ctx_rect move_edges(struct ctx_rect r, uint32_t edges, int32_t dx, int32_t dy, int32_t w,
                           int32_t h);

/* Orders of ids, the last one on top. Not there: nothing happens. */
void order_raise(uint16_t *order, uint32_t count, uint16_t id);
void order_lower(uint16_t *order, uint32_t count, uint16_t id);
/* Answers the new count. */
uint32_t order_remove(uint16_t *order, uint32_t count, uint16_t id);

#endif
