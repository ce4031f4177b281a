/* SPDX-License-Identifier: MIT */
/* An app with blocks, surfaces and tables that goes back to its image, and whether all is there. */
#ifndef UNIT_GO_BACK_FIXTURE_H
#define UNIT_GO_BACK_FIXTURE_H

#include "image_taken.h"
#include "policy_fixture.h"

static inline void take_open(struct app *app, uint32_t flags)
{
    take(app, flags);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
}

/* ---- in place, or anew ---- */

static struct {
    uint32_t *out;
    uint32_t surface, second;
    uint8_t *block, *later;
    uint32_t *pixels;
} s;

static inline int32_t body_begin(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_RANDOM, 0, &t), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    s.out = own(ctx, 4);
    const struct ctx_display *d = ctx->display;
    assert_int_equal(d->create(d, 100, 60, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    s.surface = *s.out;
    assert_int_equal(d->create(d, 50, 30, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    s.second = *s.out;
    s.pixels = d->pixels(d, s.surface);
    memset(s.pixels, 0x33, 100 * 60 * 4);
    s.block = ctx->mem->alloc(ctx->mem, 3 * PAGE_SIZE, PAGE_SIZE, CTX_MEM_ZERO);
    memset(s.block, 0x44, PAGE_SIZE);
    memset(s.block + 2 * PAGE_SIZE, 0x55, PAGE_SIZE); /* the page between them is zero */
    *ctx->store = s.block;
    return CTX_AGAIN;
}

static inline int32_t body_check(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    assert_ptr_equal(*ctx->store, s.block);
    for (uint32_t i = 0; i < PAGE_SIZE; i++) {
        assert_int_equal(s.block[i], 0x44);
        assert_int_equal(s.block[PAGE_SIZE + i], 0);
        assert_int_equal(s.block[2 * PAGE_SIZE + i], 0x55);
    }
    assert_ptr_equal(d->pixels(d, s.surface), s.pixels);
    for (uint32_t i = 0; i < 100 * 60; i++) {
        assert_int_equal(s.pixels[i], 0x33333333);
    }
    assert_non_null(d->pixels(d, s.second));
    return CTX_AGAIN;
}

/* Its memory is another one; what lies outside is as it was. */
static inline int32_t body_spoil(struct ctx *ctx)
{
    memset(s.block, 0xee, 3 * PAGE_SIZE);
    memset(s.pixels, 0xee, 100 * 60 * 4);
    s.later = ctx->mem->alloc(ctx->mem, 5000, 16, 0);
    memset(s.later, 0xee, 5000);
    *ctx->store = NULL;
    return CTX_AGAIN;
}

static uint8_t *hole[4];

static inline int32_t body_holes(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 7; i++) {
        uint8_t *block = ctx->alloc(200, 16);
        if (i % 2 == 1) {
            hole[i / 2] = block;
        }
    }
    ctx->dealloc(hole[1], 200, 16);
    ctx->dealloc(hole[0], 200, 16);
    ctx->dealloc(hole[2], 200, 16);
    return 0;
}

#endif
