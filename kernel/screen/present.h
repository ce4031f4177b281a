/* SPDX-License-Identifier: MIT */
/* The core's side of displays: which one is used, and bringing the canvas to it. Drivers see
 * <kernel/display.h>. */
#ifndef KERNEL_PRESENT_H
#define KERNEL_PRESENT_H

#include <kernel/display.h>

#define PRESENT_TILE 64u

/* The display in use, NULL if none was offered. */
struct display *present_display(void);

/* Take no display at all (boot word `nodisplay`). */
void present_off(void);

/* The display has other pixels: what waited to be shown in the old ones does not count. */
void present_anew(void);

/* The next picture is the whole screen, though only a part of it has changed: until then it shows
 * something of the kernel's own. */
void present_whole(void);

/* The pointer is always drawn into the picture, though the display may have a plane for it (boot
 * word `pointer=soft`): so that who takes the picture from outside has it. */
void present_soft_pointer(void);

/* True while drivers are still looking for a display. */
bool present_probing(void);

/*
 * Show what changed: where surfaces are damaged and, if canvas is set, wherever the canvas with the
 * surfaces above it differs from the display's pixels. False: the display is busy, nothing was
 * done. [loop]
 */
bool present_canvas(bool canvas);

/*
 * Show a rectangle that someone wrote into the display's pixels directly: the boot screen. While
 * the display is busy it waits for present_pending(), joined with others.
 */
void present_rect(uint32_t x, uint32_t y, uint32_t w, uint32_t h);
void present_pending(void);

/*
 * The panic page: all of the display, as it is in its pixels. Nothing runs meanwhile but the
 * display's own task, and that not if the panic came from it. False: it can not be shown. [panic]
 */
bool present_last(uint64_t patience_ns);

/* How often present_canvas() showed something, and how many 64x64 tiles that were. */
uint64_t present_count(void);
uint64_t present_tiles(void);

#endif
