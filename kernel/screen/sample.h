/* SPDX-License-Identifier: MIT */
/*
 * A picture in another size than it has: for surfaces that are shown so (compose.c) and for small
 * pictures of them (mirror.c). Integers only, so it is the same on every machine, and each pixel
 * depends on its own place alone: a part that is made anew fits what is around it.
 */
#ifndef KERNEL_SAMPLE_H
#define KERNEL_SAMPLE_H

#include <kernel/types.h>

enum sample_how {
    SAMPLE_PIXELS,  /* each is one of the picture's */
    SAMPLE_SMOOTH,  /* enlarged: from its neighbours by their distance; made smaller: the average */
    SAMPLE_AVERAGE, /* of what it covers, also enlarged */
};

/* One direction: `size` pixels of the picture become `shown`. The first and last ones stay as they
 * are, what lies between is stretched; both ends together are less than either. */
struct sample_axis {
    uint32_t size, shown;
    uint32_t first, last;
};

struct sample {
    const void *whose;      /* who it is, while one tile is made */
    const uint32_t *pixels; /* across.size in a row */
    bool has_alpha;
    enum sample_how how;
    int64_t x, y; /* of its upper left corner, on the screen */
    struct sample_axis across, down;
};

/* Ends that do not fit are none. */
struct sample_axis sample_axis(uint32_t size, uint32_t shown, uint32_t first, uint32_t last);

/* The pixel that is seen at place `at`, which is less than shown. */
uint32_t sample_pixel(const struct sample_axis *a, uint32_t at);

/* Where pixels from .. to - 1 are seen: *first up to, but not, *end. */
void sample_seen(const struct sample_axis *a, uint32_t from, uint32_t to, int64_t *first,
                 int64_t *end);

/* Another tile: nothing that is known of pictures counts. */
void sample_begin(void);

/* count pixels of row y from x on, inside of the picture; PIXELS only. At most a tile across. */
void sample_copy(const struct sample *s, uint32_t *out, int64_t x, int64_t y, uint32_t count);

/* The same of any, over what is in out. */
void sample_over(const struct sample *s, uint32_t opacity, uint32_t *out, int64_t x, int64_t y,
                 uint32_t count);

#endif
