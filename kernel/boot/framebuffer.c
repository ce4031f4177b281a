/* SPDX-License-Identifier: MIT */
/*
 * The pixels that the core writes lie in ordinary RAM; update() converts what changed and writes it
 * out in order, whole words where the format allows: reading video memory back would be slow.
 */
#include "framebuffer.h"

#include <kernel/display.h>
#include <kernel/dma.h>
#include <kernel/string.h>

#define MAX_SIDE  16384u
#define MAX_PITCH (8 * MAX_SIDE)

/* [boot] writes; [loop, panic] read. */
static struct {
    struct display display;
    struct boot_framebuffer fb;
    volatile uint8_t *memory;
} state;

const char *framebuffer_check(const struct boot_framebuffer *fb)
{
    if (fb->bpp != 16 && fb->bpp != 24 && fb->bpp != 32) {
        return "bits per pixel are not 16, 24 or 32";
    }
    if (fb->width == 0 || fb->height == 0 || fb->width > MAX_SIDE || fb->height > MAX_SIDE) {
        return "its size is out of range";
    }
    if (fb->pitch < fb->width * (fb->bpp / 8u)) {
        return "its pitch is smaller than a row";
    }
    if (fb->pitch > MAX_PITCH) { /* page tables for all of it would eat the memory */
        return "its pitch is out of range";
    }
    const uint8_t fields[3][2] = {{fb->red_shift, fb->red_bits},
                                  {fb->green_shift, fb->green_bits},
                                  {fb->blue_shift, fb->blue_bits}};
    for (uint32_t i = 0; i < 3; i++) {
        if (fields[i][1] == 0 || fields[i][1] > 8 || fields[i][0] + fields[i][1] > fb->bpp) {
            return "its colour fields are out of range";
        }
    }
    return NULL;
}

static uint32_t convert(const struct boot_framebuffer *fb, uint32_t rgba)
{
    uint32_t r = rgba & 0xff;
    uint32_t g = rgba >> 8 & 0xff;
    uint32_t b = rgba >> 16 & 0xff;
    return r >> (8 - fb->red_bits) << fb->red_shift | g >> (8 - fb->green_bits) << fb->green_shift |
           b >> (8 - fb->blue_bits) << fb->blue_shift;
}

static bool is_xrgb(const struct boot_framebuffer *fb)
{
    return fb->bpp == 32 && fb->red_shift == 16 && fb->green_shift == 8 && fb->blue_shift == 0 &&
           fb->red_bits == 8 && fb->green_bits == 8 && fb->blue_bits == 8 && fb->pitch % 4 == 0;
}

/* The usual case: only red and blue change places. */
static void row_xrgb(volatile uint32_t *to, const uint32_t *from, uint32_t w)
{
    for (uint32_t i = 0; i < w; i++) {
        uint32_t p = from[i];
        to[i] = (p & 0xff00ff00u) | (p & 0xff) << 16 | (p >> 16 & 0xff);
    }
}

static void row_any(volatile uint8_t *to, const uint32_t *from, uint32_t w,
                    const struct boot_framebuffer *fb)
{
    uint32_t bytes = fb->bpp / 8u;
    for (uint32_t i = 0; i < w; i++) {
        uint32_t pixel = convert(fb, from[i]);
        for (uint32_t b = 0; b < bytes; b++) {
            *to++ = (uint8_t)(pixel >> (8 * b));
        }
    }
}

static void update(struct display *display, const struct rect *rects, uint32_t count)
{
    const struct boot_framebuffer *fb = &state.fb;
    for (uint32_t i = 0; i < count; i++) {
        const struct rect *r = &rects[i];
        for (uint32_t y = r->y; y < r->y + r->h; y++) {
            const uint32_t *from = display->pixels + (size_t)y * display->width + r->x;
            volatile uint8_t *to =
                state.memory + (size_t)y * fb->pitch + (size_t)r->x * (fb->bpp / 8u);
            if (is_xrgb(fb)) {
                row_xrgb((volatile uint32_t *)to, from, r->w);
            } else {
                row_any(to, from, r->w, fb);
            }
        }
    }
}

static void retire(struct display *display)
{
    dma_free(display->pixels, (size_t)display->width * display->height * 4);
    display->pixels = NULL;
}

bool framebuffer_start(const struct boot_framebuffer *fb, volatile void *memory)
{
    paddr_t unused;
    state.fb = *fb;
    state.memory = memory;
    state.display = (struct display){
        .name = "framebuffer",
        .width = fb->width,
        .height = fb->height,
        .pixels = dma_alloc((size_t)fb->width * fb->height * 4, &unused),
        .rank = 1,
        .update = update,
        .retire = retire,
    };
    if (state.display.pixels == NULL) {
        return false;
    }
    display_offer(&state.display);
    return true;
}
