/* SPDX-License-Identifier: MIT */
/* Surfaces as the compositor sees them: who lies where, and what of them changed. */
#ifndef KERNEL_SURFACE_H
#define KERNEL_SURFACE_H

#include <kernel/types.h>

/* Whether any of them has something that waits to be shown. [loop] */
bool surface_any_damage(void);

/* Pixels changed that nobody has said damage of: look at all of them. */
void surface_repaint(void);

/* From now on the pointer goes to whoever's surface it is over. [boot] */
void windows_init(void);

/* The picture was handed to the display: all damage is seen. */
void surface_presented(uint64_t now_ns);

/* ---- for tests; a picture is made by compose.h ---- */

/* Whether any surface lies over this part of the screen. */
bool surface_covers(uint32_t x, uint32_t y, uint32_t w, uint32_t h);

/* Put the surfaces' part of a screen row over what is in pixels (x .. x + w - 1 of row y), in list
 * order. */
void surface_compose(uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w);

/* Whether something of a surface in the tiles that this part of the screen reaches into waits to be
 * shown. */
bool surface_damaged(uint32_t x, uint32_t y, uint32_t w, uint32_t h);

#endif
