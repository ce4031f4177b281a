/* SPDX-License-Identifier: MIT */
/* A display that counts its updates, and apps with surfaces. */
#ifndef UNIT_SURFACE_FIXTURE_H
#define UNIT_SURFACE_FIXTURE_H

#include "present.h"
#include "surface.h"
#include "v3_fixture.h"

#include <kernel/display.h>

#define W 320u
#define H 200u

static uint32_t shown[W * H];
static uint32_t updates;
static bool is_busy;
static struct rect last;

static inline void update(struct display *d, const struct rect *rects, uint32_t count)
{
    (void)d;
    (void)count;
    last = rects[0];
    updates++;
}

static inline bool busy(struct display *d)
{
    (void)d;
    return is_busy;
}

static struct display display = {.name = "test",
                                 .width = W,
                                 .height = H,
                                 .pixels = shown,
                                 .rank = 1,
                                 .update = update,
                                 .busy = busy};

/* What a body made, for the test to look at. */
static uint32_t handle, want_w = 100, want_h = 60, want_format = CTX_SURFACE_RGBX;
static uint32_t *pixels;

static inline uint32_t make(struct ctx *ctx, uint32_t w, uint32_t h, uint32_t format,
                            uint64_t flags, ctx_status expected)
{
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, w, h, format, flags, out), expected);
    uint32_t made = *out;
    ctx->mem->free(ctx->mem, out, 4, 16);
    return made;
}

static inline int32_t body_create(struct ctx *ctx)
{
    handle = make(ctx, want_w, want_h, want_format, 0, CTX_OK);
    pixels = ctx->display->pixels(ctx->display, handle);
    assert_non_null(pixels);
    return 0;
}

static inline int setup(void **state)
{
    (void)state;
    (void)present_canvas(true);
    updates = 0;
    want_w = 100;
    want_h = 60;
    want_format = CTX_SURFACE_RGBX;
    remember();
    return 0;
}

/* ---- one that follows the pointer ---- */

static inline int start(void **state)
{
    (void)boot(state);
    display_offer(&display);
    return 0;
}

#endif
