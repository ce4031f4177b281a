/* SPDX-License-Identifier: MIT */
/* A picture in another size, or a part of one: for windows and thumbnails. */
#ifndef PICTURE_SHRINK_H
#define PICTURE_SHRINK_H

#include <stdint.h>

struct picture {
    uint32_t *pixels; /* row by row, four bytes each: red, green, blue, opacity */
    int32_t w, h;
};

/* How it is shown: as wide x high pixels, of which those from x, y on are looked at; back shows
 * where it is not opaque, and outside of it. All numbers below 2^20. */
struct picture_view {
    int32_t wide, high, x, y;
    uint32_t back;
};

/* What is seen of it, w times h pixels, into `to`, pitch from row to row. Smaller it is averaged,
 * larger smooth, from four times on in squares. */
void picture_part(const struct picture *from, const struct picture_view *view, uint32_t *to,
                  int32_t w, int32_t h, int32_t pitch);

/* The largest size that fits into w times h, at least 1; never larger than it is. */
void picture_fit(const struct picture *from, int32_t w, int32_t h, int32_t *wide, int32_t *high);

#endif
