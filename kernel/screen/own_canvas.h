/* SPDX-License-Identifier: MIT */
/*
 * The canvas of an instance that was restored on a screen of another size: it keeps the size it
 * had. Before each call it is filled with the scaled picture of the shared canvas; afterwards the
 * pixels that the app changed are scaled back. (ABI profile of versions 1 and 2, point 5.)
 */
#ifndef KERNEL_OWN_CANVAS_H
#define KERNEL_OWN_CANVAS_H

#include <kernel/types.h>

struct app;

struct own_canvas {
    uint32_t w, h;
    paddr_t frame; /* of its first pixel; contiguous */
    uint64_t pages;
    uint32_t *before; /* what it was filled with */
};

/* NULL: no memory. */
struct own_canvas *own_canvas_new(uint32_t w, uint32_t h);
void own_canvas_delete(struct own_canvas *canvas);

/* Around each call. */
void own_canvas_fill(struct own_canvas *canvas);
void own_canvas_take(struct own_canvas *canvas);

/* Show the app the canvas, that of an older version too. NOMEM. (ctx_display.c) */
ctx_status surface_open_canvas(struct app *app);

/* A place of the screen as a place of this canvas. */
void own_canvas_point(const struct own_canvas *canvas, int32_t *x, int32_t *y);

#endif
