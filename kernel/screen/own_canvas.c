/* SPDX-License-Identifier: MIT */
#include "own_canvas.h"

#include "canvas.h"
#include "frame.h"
#include "heap.h"

#include <kernel/machine.h>
#include <kernel/string.h>

struct own_canvas *own_canvas_new(uint32_t w, uint32_t h)
{
    struct own_canvas *c = heap_alloc(sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    c->w = w;
    c->h = h;
    c->pages = ((uint64_t)w * h * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
    paddr_t before = frame_alloc_pages(c->pages, FRAME_ZERO);
    c->before = before != 0 ? machine_direct(before) : NULL;
    c->frame = frame_alloc_pages(c->pages, FRAME_ZERO);
    if (c->before == NULL || c->frame == 0) {
        own_canvas_delete(c);
        return NULL;
    }
    return c;
}

void own_canvas_delete(struct own_canvas *c)
{
    if (c == NULL) {
        return;
    }
    if (c->before != NULL) {
        frame_free_pages(machine_direct_paddr(c->before), c->pages);
    }
    if (c->frame != 0) {
        frame_free_pages(c->frame, c->pages);
    }
    heap_free(c, sizeof *c);
}

void own_canvas_fill(struct own_canvas *c)
{
    uint32_t *pixels = machine_direct(c->frame);
    for (uint32_t y = 0; y < c->h; y++) {
        const uint32_t *from =
            canvas_pixels() + (uint64_t)y * canvas_height() / c->h * canvas_width();
        uint32_t *to = c->before + (uint64_t)y * c->w;
        uint64_t step = ((uint64_t)canvas_width() << 32) / c->w, at = 0;
        for (uint32_t x = 0; x < c->w; x++, at += step) {
            to[x] = from[at >> 32];
        }
    }
    memcpy(pixels, c->before, (uint64_t)c->w * c->h * 4);
}

void own_canvas_take(struct own_canvas *c)
{
    const uint32_t *pixels = machine_direct(c->frame);
    for (uint32_t y = 0; y < canvas_height(); y++) {
        uint64_t row = (uint64_t)y * c->h / canvas_height() * c->w;
        uint32_t *to = canvas_pixels() + (uint64_t)y * canvas_width();
        uint64_t step = ((uint64_t)c->w << 32) / canvas_width(), at = 0;
        for (uint32_t x = 0; x < canvas_width(); x++, at += step) {
            uint64_t i = row + (at >> 32);
            if (pixels[i] != c->before[i]) {
                to[x] = pixels[i];
            }
        }
    }
}

void own_canvas_point(const struct own_canvas *c, int32_t *x, int32_t *y)
{
    *x = (int32_t)((int64_t)*x * c->w / MAX(canvas_width(), 1u));
    *y = (int32_t)((int64_t)*y * c->h / MAX(canvas_height(), 1u));
}
