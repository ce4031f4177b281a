/* SPDX-License-Identifier: MIT */
/*
 * Small pictures of surfaces over surfaces of whoever manages windows (ctx.windows/1, mirror): that
 * app says where, and never sees a pixel. They are found by name whenever scene.c makes its list,
 * so whatever may become of a surface - hidden, resized, gone, undone, begun anew - needs no word
 * here.
 */
#ifndef KERNEL_MIRROR_H
#define KERNEL_MIRROR_H

#include "app_surfaces.h"

/* ---- ctx_windows.c ---- */

/* Number no, below CTX_WINDOW_MIRRORS, is this from now on; all of it has been checked. */
void mirror_set(uint32_t no, const struct ctx_window_mirror *is);

/* False: there is none. */
bool mirror_unset(uint32_t no);

/* ---- scene.c ---- */

/* The list has been made anew: where each lies, and what it shows. */
void mirrors_find(void);

/* Surfaces have damage. */
void mirrors_damaged(void);

/* Some surface has other pixels without damage; or the canvas may have. */
void mirrors_touched(void);
void mirrors_canvas_drawn(void);

/* Mark what has been touched since: after the list is right. */
void mirrors_bring_up(void);

/* Whether some are seen over this surface. */
bool mirrors_over(const struct surface *into);

/* ---- compose.c ---- */

/* Those over this surface, which is shown with this opacity: their parts of row y of the screen, x
 * .. x + w - 1, over what is in pixels. */
void mirrors_compose(const struct surface *into, uint32_t opacity, uint32_t *pixels, uint32_t x,
                     uint32_t y, uint32_t w);

#endif
