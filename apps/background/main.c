/* SPDX-License-Identifier: MIT */
/*
 * background - the first app of a desktop: paints the whole canvas anew in each frame, over
 * whatever the others left there.
 *
 * It shows how an app keeps something big: the picture is decoded and scaled once, a little larger
 * than the canvas, and hangs on *ctx->store; after that a frame is nothing but copying rows. The
 * window through which we look at it drifts.
 */
#include <ctx/ctx.h>
#include <decode.h>

#define MARGIN 48 /* pixels by which the picture is larger than the canvas, each way */

extern const uint8_t picture_png[], picture_png_end[];

struct rgb {
    uint8_t r, g, b;
};

struct state {
    uint64_t w, h;
    struct ctx_rgba *pixels; /* NULL: there was no memory; a plain colour has to do */
};

static void say(struct ctx *ctx, const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    ctx->log((const uint8_t *)text, len);
}

static uint32_t blend(uint32_t a, uint32_t b, uint32_t t) /* t of 256 */
{
    return (a * (256 - t) + b * t) >> 8;
}

/* Bilinear, in 16.8 fixed point. */
static struct ctx_rgba sample(const struct rgb *from, uint64_t w, uint64_t h, uint64_t x,
                              uint64_t y)
{
    uint64_t x0 = x >> 8, y0 = y >> 8;
    uint64_t x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < h ? y0 + 1 : y0;
    uint32_t tx = x & 255, ty = y & 255;
    const struct rgb *a = &from[y0 * w + x0], *b = &from[y0 * w + x1];
    const struct rgb *c = &from[y1 * w + x0], *d = &from[y1 * w + x1];
    return (struct ctx_rgba){
        (uint8_t)blend(blend(a->r, b->r, tx), blend(c->r, d->r, tx), ty),
        (uint8_t)blend(blend(a->g, b->g, tx), blend(c->g, d->g, tx), ty),
        (uint8_t)blend(blend(a->b, b->b, tx), blend(c->b, d->b, tx), ty),
        0,
    };
}

static struct ctx_rgba *load_picture(struct ctx *ctx, uint64_t w, uint64_t h)
{
    int from_w, from_h;
    const char *why;
    /* Three bytes each: beside the scaled picture it has to fit into half of a small machine. */
    uint8_t *bytes = decode_picture(ctx, picture_png, (uint64_t)(picture_png_end - picture_png), 3,
                                    &from_w, &from_h, &why);
    const struct rgb *from = (const struct rgb *)bytes;
    if (from == NULL) {
        say(ctx, "the picture can not be decoded");
        return NULL;
    }
    struct ctx_rgba *to = ctx->alloc(w * h * sizeof *to, 4096);
    if (to == NULL) {
        say(ctx, "no memory for the picture");
    }
    for (uint64_t y = 0; to != NULL && y < h; y++) {
        for (uint64_t x = 0; x < w; x++) {
            to[y * w + x] =
                sample(from, (uint64_t)from_w, (uint64_t)from_h, (x * (uint64_t)from_w << 8) / w,
                       (y * (uint64_t)from_h << 8) / h);
        }
    }
    decode_free(ctx, bytes);
    return to;
}

static struct state *start(struct ctx *ctx)
{
    struct state *s = ctx->alloc(sizeof *s, 16);
    if (s != NULL) {
        s->w = ctx->fb.w + MARGIN;
        s->h = ctx->fb.h + MARGIN;
        s->pixels = load_picture(ctx, s->w, s->h);
        *ctx->store = s;
    }
    return s;
}

/* 0..MARGIN and back over `period` milliseconds, slow at the ends. */
static uint64_t drift(uint64_t ms, uint64_t period)
{
    uint64_t t = ms % period * 2048 / period; /* 0..2047 */
    t = t < 1024 ? t : 2047 - t;
    uint64_t smooth = t * t * (3 * 1024 - 2 * t) >> 20; /* 0..1024 */
    return smooth * MARGIN >> 10;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    if (s == NULL) {
        s = start(ctx);
    }
    if (s == NULL || s->pixels == NULL) {
        for (uint64_t i = 0; i < ctx->fb.len; i++) {
            ctx->fb.pixels[i] = (struct ctx_rgba){24, 28, 56, 0};
        }
        return 0;
    }
    const struct ctx_rgba *from = s->pixels + drift(ctx->start_time_ms, 90000) +
                                  drift(ctx->start_time_ms + 20000, 130000) * s->w;
    struct ctx_rgba *to = ctx->fb.pixels;
    for (uint64_t y = 0; y < ctx->fb.h; y++, from += s->w, to += ctx->fb.w) {
        __builtin_memcpy(to, from, ctx->fb.w * sizeof *to);
    }
    return 0;
}
