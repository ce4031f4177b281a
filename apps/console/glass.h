/* SPDX-License-Identifier: MIT */
/*
 * Frosted glass: what lies behind the window, at a quarter of its resolution, blurred and tinted,
 * and scaled up again. It is worked out anew only for rows behind which something changed.
 */
#ifndef CONSOLE_GLASS_H
#define CONSOLE_GLASS_H

#include <ctx/ctx.h>
#include <stdint.h>

struct glass {
    uint32_t w, h;            /* of the window, in pixels */
    uint32_t columns, rows;   /* of the small picture */
    uint64_t *seen;           /* columns * rows: what was behind; four 16-bit lanes R, G, B, - */
    uint64_t *soft, *scratch; /* the blurred picture, and one on the way */
    uint32_t dirty_from,
        dirty_to; /* pixel rows of the window that changed in the last glass_look() */
};

/* For a window of this size; 0: no memory, nothing changed. */
int glass_resize(struct glass *glass, uint32_t w, uint32_t h);

/* All that it has; it may be resized again. */
void glass_free(struct glass *glass);

/*
 * Look through the window at x, y of the canvas (it may hang over its edges). Afterwards
 * dirty_from..dirty_to says which of its pixel rows look different; everything if all is set.
 * Pixels whose fourth byte is `mark` are our own of an earlier frame, which nobody has painted
 * over: they are not looked at.
 */
void glass_look(struct glass *glass, const struct ctx_fb *fb, int32_t x, int32_t y, uint8_t mark,
                int all);

/* Write rows from..to of the glass into pixels (w * h). */
void glass_draw(const struct glass *glass, uint32_t *pixels, uint32_t from, uint32_t to);

#endif
