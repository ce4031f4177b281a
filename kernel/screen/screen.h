/* SPDX-License-Identifier: MIT */
/* Text on the display while no app draws: the boot screen and the panic page. */
#ifndef KERNEL_SCREEN_H
#define KERNEL_SCREEN_H

#include <kernel/types.h>

/* Letters and boxes, into the pixels of a display, or of a struct that only has pixels and a size.
 * What does not fit is cut off. */
struct display;
#define SCREEN_GLYPH_W 8u
uint32_t screen_glyph_height(void);
void screen_fill(struct display *d, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint32_t color);
void screen_text(struct display *d, uint32_t x, uint32_t y, const char *text, uint32_t scale,
                 uint32_t color);

/* Show the boot screen on the display in use (again, after a better one was found). Log lines
 * appear on it. */
void screen_boot_begin(void);

/* The bar: done of total, and what is being done. */
void screen_progress(uint32_t done, uint32_t total, const char *text);

/* A message that stays, in place of the bar: why nothing more will happen. */
void screen_message(const char *text);

/* The apps take over; log lines go to the serial port only. */
void screen_boot_end(void);

/* From now on raw log lines are the panic page. Nothing is shown before present_last(). */
void screen_panic_begin(void);

#endif
