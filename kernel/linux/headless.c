/* SPDX-License-Identifier: MIT */
/* A display that nobody sees, except in a screenshot. */
#include "linux.h"

#include <stdlib.h>

static struct display headless; /* [boot, loop, panic] */

static void update(struct display *display, const struct rect *rects, uint32_t count)
{
    (void)display;
    (void)rects;
    (void)count; /* the core has written the pixels, and that is all there is */
}

static uint32_t *black(uint32_t width, uint32_t height)
{
    uint64_t bytes = ALIGN_UP((uint64_t)width * height * 4, (uint64_t)PAGE_SIZE);
    uint32_t *pixels = aligned_alloc(PAGE_SIZE, bytes);
    for (uint64_t i = 0; pixels != NULL && i < bytes / 4; i++) {
        pixels[i] = 0;
    }
    return pixels;
}

bool linux_headless_start(uint32_t width, uint32_t height)
{
    uint32_t *pixels = black(width, height);
    if (pixels == NULL) {
        return false;
    }
    headless = (struct display){
        .name = "headless",
        .width = width,
        .height = height,
        .pixels = pixels,
        .rank = 2,
        .update = update,
    };
    display_offer(&headless);
    return true;
}

bool linux_headless_resize(uint32_t width, uint32_t height)
{
    uint32_t *old = headless.pixels, *pixels = old != NULL ? black(width, height) : NULL;
    if (pixels == NULL) {
        return false;
    }
    bool done = display_resize(&headless, width, height, pixels);
    free(done ? old : pixels);
    return done;
}
