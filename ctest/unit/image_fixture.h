/* SPDX-License-Identifier: MIT */
/* What apps of both kinds do before they are saved, and images that are refused. */
#ifndef UNIT_IMAGE_FIXTURE_H
#define UNIT_IMAGE_FIXTURE_H

#include "image_taken.h"

#define BLOCKS 60u

static inline void refused(ctx_status status, const char *field)
{
    struct app *app = NULL;
    remember();
    uint32_t count = app_count();
    if (image_open(f.bytes, f.len, &f.image, &f.error)) {
        assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), status);
    } else {
        assert_int_equal(status, CTX_E_INVAL);
    }
    assert_text(f.error.field, field);
    assert_true(strlen(f.error.reason) > 5);
    assert_int_equal(app_count(), count);
    all_is_back();
}

/* ---- apps of versions 1 and 2 ---- */

static void *block[BLOCKS];
static uint64_t size_of[BLOCKS];

static inline int32_t body_fill(struct ctx *ctx)
{
    struct rng rng = {3};
    for (uint32_t i = 0; i < BLOCKS; i++) {
        size_of[i] = i % 3 == 0 ? 256 : 1 + rng_below(&rng, i % 7 == 0 ? 20000 : 600);
        block[i] = ctx->alloc(size_of[i], 16u << i % 5);
        assert_non_null(block[i]);
        memset(block[i], (int)i + 1, size_of[i]);
    }
    for (uint32_t i = 0; i < BLOCKS; i += 3) { /* free ones, in an order of their own */
        uint32_t n = i / 3 * 7 % (BLOCKS / 3) * 3;
        ctx->dealloc(block[n], size_of[n], 16u << n % 5);
        block[n] = NULL;
    }
    *ctx->store = block[1];
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    data[0] = 0x1234;
    return 0;
}

static inline int32_t body_still_there(struct ctx *ctx)
{
    assert_ptr_equal(*ctx->store, block[1]);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const uint8_t *bytes = block[i];
        for (uint64_t n = 0; bytes != NULL && n < size_of[i]; n++) {
            assert_int_equal(bytes[n], i + 1);
        }
    }
    const uint64_t *data =
        (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    assert_int_equal(data[0], 0x1234);
    assert_int_equal(data[1], 0);
    return 0;
}

/* ---- version 3 ---- */

static struct {
    const struct ctx_table *random, *args;
    const struct ctx_display *display;
    uint64_t gate;
    uint32_t surface, generation2;
    uint32_t *pixels;
    uint8_t *guarded;
    uint32_t epoch;
} kept;

static inline int32_t body_begin(struct ctx *ctx)
{
    assert_int_equal(open_table(ctx, CTX_ID_RANDOM, 0, &kept.random), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &kept.args), CTX_OK);
    kept.gate = ((const uint64_t *)kept.args)[2];
    kept.display = ctx->display;
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, 40, 30, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    assert_int_equal(ctx->display->destroy(ctx->display, *out), CTX_OK);
    assert_int_equal(ctx->display->create(ctx->display, 100, 60, CTX_SURFACE_RGBA, 0, out), CTX_OK);
    kept.surface = *out;
    kept.pixels = ctx->display->pixels(ctx->display, kept.surface);
    memset(kept.pixels, 0x5a, 100 * 60 * 4);
    kept.guarded = ctx->mem->alloc(ctx->mem, 5000, 4096, CTX_MEM_GUARD_LOW);
    assert_non_null(kept.guarded);
    memset(kept.guarded, 0x77, 5000);
    kept.epoch = ctx->epoch;
    return 0;
}

static struct ctx_event got[40];
static uint32_t got_count;

static inline int32_t body_read(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, sizeof got);
    uint32_t *count = own(ctx, 4);
    got_count =
        ctx->events->read(ctx->events, events, sizeof got, sizeof events[0], count) == CTX_OK
            ? *count
            : 0;
    memcpy(got, events, sizeof got);
    return 0;
}

#endif
