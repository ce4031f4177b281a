/* SPDX-License-Identifier: MIT */
/*
 * A canvas that one instance has for itself, for one of two reasons.
 *
 * It was restored on a screen of another size: it keeps the size it had. Before each call it is
 * filled with the scaled picture of the shared canvas; afterwards the pixels that the app changed
 * are scaled back. (ABI profile of versions 1 and 2, point 5.)
 *
 * Or its line says so, `window=640x400`: then it is a window, which lies among the surfaces of
 * other apps and is placed like them. (app->window_w is not 0.)
 */
#ifndef KERNEL_OWN_CANVAS_H
#define KERNEL_OWN_CANVAS_H

#include <kernel/types.h>

struct app;

struct own_canvas {
    uint32_t w, h;
    paddr_t frame; /* of its first pixel; contiguous */
    uint64_t pages;
    struct own_canvas *next; /* while the screen gets another size (resize.c) */
    uint32_t
        *before; /* what it was filled with; of a window: what it was before this call, for undo */
};

/* NULL: no memory. */
struct own_canvas *own_canvas_new(uint32_t w, uint32_t h);
void own_canvas_delete(struct own_canvas *canvas);

/* The app shares the canvas again, which it sees in the size that it has now. (resize.c) */
void own_canvas_leave(struct app *app);

/* Show the app the canvas, that of an older version too. NOMEM. (ctx_display.c) */
ctx_status surface_open_canvas(struct app *app);

#endif
