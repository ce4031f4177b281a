/* SPDX-License-Identifier: MIT */
/* A display that nobody sees, except in a screenshot. */
#include "linux.h"

#include <sys/mman.h>

static struct display headless; /* [boot, loop, panic] */

static void update(struct display *display, const struct rect *rects, uint32_t count)
{
    (void)display;
    (void)rects;
    (void)count; /* the core has written the pixels, and that is all there is */
}

static size_t bytes_of(uint32_t width, uint32_t height)
{
    return ALIGN_UP((size_t)width * height * 4, (size_t)PAGE_SIZE);
}

/* Pages that come when they are drawn to: most programs that run like this never draw. */
static uint32_t *black(uint32_t width, uint32_t height)
{
    void *pixels = mmap(NULL, bytes_of(width, height), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pixels != MAP_FAILED ? pixels : NULL;
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
    size_t old_bytes = bytes_of(headless.width, headless.height);
    if (pixels == NULL) {
        return false;
    }
    bool done = display_resize(&headless, width, height, pixels);
    munmap(done ? old : pixels, done ? old_bytes : bytes_of(width, height));
    return done;
}
