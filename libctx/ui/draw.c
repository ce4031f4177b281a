/* SPDX-License-Identifier: MIT */
/*
 * Planes, corners and shadows. Everything ends in runs of pixels along a row: an emulator without
 * SIMD draws these at the pace of a copy, and nothing here calls a function for each pixel.
 */
#include "draw.h"

#include <stddef.h>

#define LIMIT 1000000

static int32_t lesser(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t greater(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

struct ctx_draw ctx_draw_on(void *pixels, uint32_t w, uint32_t h, uint32_t pitch, uint32_t format)
{
    struct ctx_draw d = {pixels,         (int32_t)w, (int32_t)h,
                         (int32_t)pitch, format,     {0, 0, (int32_t)w, (int32_t)h}};
    return d;
}

struct ctx_rect ctx_rect_and(struct ctx_rect a, struct ctx_rect b)
{
    int32_t x = greater(a.x, b.x), y = greater(a.y, b.y);
    int32_t w = lesser(a.x + a.w, b.x + b.w) - x, h = lesser(a.y + a.h, b.y + b.h) - y;
    if (w <= 0 || h <= 0) {
        w = h = 0;
    }
    return CTX_RECT(x, y, w, h);
}

struct ctx_rect ctx_rect_or(struct ctx_rect a, struct ctx_rect b)
{
    if (a.w <= 0 || a.h <= 0) {
        return b;
    }
    if (b.w <= 0 || b.h <= 0) {
        return a;
    }
    int32_t x = lesser(a.x, b.x), y = lesser(a.y, b.y);
    return CTX_RECT(x, y, greater(a.x + a.w, b.x + b.w) - x, greater(a.y + a.h, b.y + b.h) - y);
}

struct ctx_rect ctx_rect_inset(struct ctx_rect r, int32_t n)
{
    return CTX_RECT(r.x + n, r.y + n, greater(r.w - 2 * n, 0), greater(r.h - 2 * n, 0));
}

int ctx_rect_has(struct ctx_rect r, int32_t x, int32_t y)
{
    return x >= r.x && y >= r.y && x - r.x < r.w && y - r.y < r.h;
}

struct ctx_rect ctx_rect_left(struct ctx_rect *r, int32_t n)
{
    n = lesser(greater(n, 0), r->w);
    struct ctx_rect part = {r->x, r->y, n, r->h};
    r->x += n;
    r->w -= n;
    return part;
}

struct ctx_rect ctx_rect_right(struct ctx_rect *r, int32_t n)
{
    n = lesser(greater(n, 0), r->w);
    r->w -= n;
    return CTX_RECT(r->x + r->w, r->y, n, r->h);
}

struct ctx_rect ctx_rect_top(struct ctx_rect *r, int32_t n)
{
    n = lesser(greater(n, 0), r->h);
    struct ctx_rect part = {r->x, r->y, r->w, n};
    r->y += n;
    r->h -= n;
    return part;
}

struct ctx_rect ctx_rect_bottom(struct ctx_rect *r, int32_t n)
{
    n = lesser(greater(n, 0), r->h);
    r->h -= n;
    return CTX_RECT(r->x, r->y + r->h, r->w, n);
}

/* Red and blue, then green and opacity, two at a time: each has room for a product of 16 bits. */
uint32_t ctx_color_mix(uint32_t a, uint32_t b, uint32_t t)
{
    uint32_t rb = ((a & 0xff00ff) * (256 - t) + (b & 0xff00ff) * t) >> 8 & 0xff00ff;
    uint32_t ga = (a >> 8 & 0xff00ff) * (256 - t) + (b >> 8 & 0xff00ff) * t;
    return rb | (ga & 0xff00ff00);
}

/* What of r is seen; 0: nothing. */
static int seen(const struct ctx_draw *d, struct ctx_rect r, struct ctx_rect *out)
{
    if (r.w <= 0 || r.h <= 0 || r.x < -LIMIT || r.y < -LIMIT || r.x > LIMIT || r.y > LIMIT ||
        r.w > 2 * LIMIT || r.h > 2 * LIMIT || d->pixels == NULL) {
        return 0;
    }
    *out = ctx_rect_and(ctx_rect_and(r, d->clip), CTX_RECT(0, 0, d->w, d->h));
    return out->w > 0;
}

/* A colour over one that may be transparent, neither multiplied by its opacity. */
static uint32_t over(uint32_t below, uint32_t color, uint32_t alpha)
{
    uint32_t rest = (below >> 24) * (255 - alpha); /* of 255 * 255 */
    uint32_t sum = alpha * 255 + rest;
    if (sum == 0) {
        return below;
    }
    uint32_t t = (alpha * 255 * 256 + sum / 2) / sum;
    return (ctx_color_mix(below, color, t) & 0xffffff) | (sum + 127) / 255 << 24;
}

/* Two at a time: half the instructions, which is what an emulator counts. */
static void set_run(uint32_t *at, int32_t n, uint32_t color)
{
    uint64_t two = (uint64_t)color << 32 | color;
    for (; n >= 2; n -= 2, at += 2) {
        __builtin_memcpy(at, &two, sizeof two);
    }
    if (n > 0) {
        *at = color;
    }
}

void draw_run(const struct ctx_draw *d, uint32_t *at, int32_t n, uint32_t color, uint32_t alpha)
{
    if (alpha >= 255) {
        set_run(at, n, color | 0xff000000);
    } else if (d->format == CTX_SURFACE_RGBA) {
        for (int32_t i = 0; i < n; i++) {
            at[i] = at[i] >= 0xff000000
                        ? ctx_color_mix(at[i], color | 0xff000000, alpha + (alpha >> 7))
                        : over(at[i], color, alpha);
        }
    } else {
        uint32_t t = alpha + (alpha >> 7), back = 256 - t;
        uint32_t rb = (color & 0xff00ff) * t, g = (color & 0xff00) * t;
        for (int32_t i = 0; i < n; i++) {
            uint32_t p = at[i];
            at[i] = ((((p & 0xff00ff) * back + rb) >> 8) & 0xff00ff) |
                    ((((p & 0xff00) * back + g) >> 8) & 0xff00) | 0xff000000;
        }
    }
}

void ctx_draw_fill(const struct ctx_draw *d, struct ctx_rect r, uint32_t color)
{
    struct ctx_rect s;
    if (!seen(d, r, &s) || color >> 24 == 0) {
        return;
    }
    for (int32_t y = s.y; y < s.y + s.h; y++) {
        draw_run(d, d->pixels + (size_t)y * (size_t)d->pitch + s.x, s.w, color, color >> 24);
    }
}

void ctx_draw_clear(const struct ctx_draw *d, struct ctx_rect r, uint32_t color)
{
    struct ctx_rect s;
    if (!seen(d, r, &s)) {
        return;
    }
    for (int32_t y = s.y; y < s.y + s.h; y++) {
        set_run(d->pixels + (size_t)y * (size_t)d->pitch + s.x, s.w, color);
    }
}

void ctx_draw_gradient(const struct ctx_draw *d, struct ctx_rect r, uint32_t from, uint32_t to,
                       int across)
{
    struct ctx_rect s;
    if (!seen(d, r, &s)) {
        return;
    }
    int32_t length = greater((across ? r.w : r.h) - 1, 1);
    for (int32_t y = s.y; y < s.y + s.h; y++) {
        uint32_t *row = d->pixels + (size_t)y * (size_t)d->pitch;
        if (!across) {
            uint32_t t = (uint32_t)((int64_t)(y - r.y) * 256 / length);
            draw_run(d, row + s.x, s.w, ctx_color_mix(from, to, t), 255);
        } else if (y == s.y) {
            for (int32_t x = s.x; x < s.x + s.w; x++) {
                row[x] = ctx_color_mix(from, to, (uint32_t)((int64_t)(x - r.x) * 256 / length)) |
                         0xff000000;
            }
        } else {
            const uint32_t *first = row - (size_t)(y - s.y) * (size_t)d->pitch;
            for (int32_t x = s.x; x < s.x + s.w; x++) {
                row[x] = first[x];
            }
        }
    }
}

void ctx_draw_border(const struct ctx_draw *d, struct ctx_rect r, int32_t thick, uint32_t color)
{
    struct ctx_rect rest = r;
    ctx_draw_fill(d, ctx_rect_top(&rest, thick), color);
    ctx_draw_fill(d, ctx_rect_bottom(&rest, thick), color);
    ctx_draw_fill(d, ctx_rect_left(&rest, thick), color);
    ctx_draw_fill(d, ctx_rect_right(&rest, thick), color);
}

uint32_t draw_root(uint32_t n)
{
    uint32_t root = 0;
    for (uint32_t bit = 1u << 15; bit != 0; bit >>= 1) {
        uint32_t with = root | bit;
        root = with * with <= n ? with : root;
    }
    return root;
}

/*
 * How much of a pixel lies in a circle, 0 to 255: the pixel is dx, dy pixels from the upper left of
 * the square that the circle's quarter stands in. Distances are in 1/16 pixels.
 */
static uint32_t in_corner(int32_t radius, int32_t dx, int32_t dy)
{
    int32_t u = (radius - dx) * 16 - 8, v = (radius - dy) * 16 - 8;
    int32_t squared = u * u + v * v, edge = radius * 16;
    if (squared >= (edge + 8) * (edge + 8)) {
        return 0;
    }
    if (edge < 8 || squared <= (edge - 8) * (edge - 8)) {
        return 255;
    }
    int32_t far = edge + 8 - (int32_t)draw_root((uint32_t)squared);
    return (uint32_t)(greater(far, 0) * 255 / 16);
}

/* One pixel of a row, if it is seen. */
static void spot(const struct ctx_draw *d, struct ctx_rect s, uint32_t *row, int32_t x,
                 uint32_t color, uint32_t part)
{
    if (part != 0 && x >= s.x && x < s.x + s.w) {
        draw_run(d, row + x, 1, color, part * (color >> 24) / 255);
    }
}

static void span(const struct ctx_draw *d, struct ctx_rect s, uint32_t *row, int32_t x, int32_t n,
                 uint32_t color)
{
    int32_t from = greater(x, s.x), to = lesser(x + n, s.x + s.w);
    if (from < to) {
        draw_run(d, row + from, to - from, color, color >> 24);
    }
}

/* A row of a round rectangle, less what lies in the inner one that is `thick` smaller (0: none). */
static void round_row(const struct ctx_draw *d, struct ctx_rect s, struct ctx_rect r, int32_t y,
                      int32_t radius, int32_t thick, uint32_t color)
{
    uint32_t *row = d->pixels + (size_t)y * (size_t)d->pitch;
    int32_t from_edge = lesser(y - r.y, r.y + r.h - 1 - y); /* rows from the nearer edge */
    int32_t inner = greater(radius - thick, 0);
    int hollow = thick > 0 && from_edge >= thick;
    int32_t corner = from_edge < radius ? radius : 0; /* columns that are not alike */
    if (hollow) {
        corner = greater(corner, thick);
    }
    for (int32_t i = 0; i < corner; i++) {
        uint32_t part = from_edge < radius && i < radius ? in_corner(radius, i, from_edge) : 255;
        if (hollow && i >= thick) {
            int32_t u = i - thick, v = from_edge - thick;
            uint32_t gone = u < inner && v < inner ? in_corner(inner, u, v) : 255;
            part -= gone < part ? gone : part;
        }
        spot(d, s, row, r.x + i, color, part);
        spot(d, s, row, r.x + r.w - 1 - i, color, part);
    }
    if (!hollow) {
        span(d, s, row, r.x + corner, r.w - 2 * corner, color);
    }
}

static void round_rows(const struct ctx_draw *d, struct ctx_rect r, int32_t radius, int32_t thick,
                       uint32_t color)
{
    struct ctx_rect s;
    if (!seen(d, r, &s)) {
        return;
    }
    radius = greater(lesser(radius, lesser(r.w, r.h) / 2), 0);
    for (int32_t y = s.y; y < s.y + s.h; y++) {
        round_row(d, s, r, y, radius, thick, color);
    }
}

void ctx_draw_round(const struct ctx_draw *d, struct ctx_rect r, int32_t radius, uint32_t color)
{
    round_rows(d, r, radius, 0, color);
}

void ctx_draw_ring(const struct ctx_draw *d, struct ctx_rect r, int32_t radius, int32_t thick,
                   uint32_t color)
{
    if (thick <= 0) {
        return;
    }
    if (2 * thick >= lesser(r.w, r.h)) {
        thick = 0; /* there is no inside left */
    }
    round_rows(d, r, radius, thick, color);
}

#define BLUR 64

void ctx_draw_shadow(const struct ctx_draw *d, struct ctx_rect r, int32_t blur, uint32_t color)
{
    struct ctx_rect s;
    blur = lesser(blur, BLUR);
    if (blur <= 0 || !seen(d, ctx_rect_inset(r, -blur), &s)) {
        return;
    }
    uint32_t fade[BLUR + 1]; /* 0..256 by distance: a cubic, level at both ends, then squared */
    for (int32_t i = 0; i <= blur; i++) {
        uint32_t t = (uint32_t)((blur - i) * 256 / (blur + 1));
        uint32_t smooth = t * t * (768 - 2 * t) >> 16;
        fade[i] = smooth * (256 + smooth) >> 9;
    }
    uint32_t alpha = color >> 24;
    for (int32_t y = s.y; y < s.y + s.h; y++) {
        uint32_t *row = d->pixels + (size_t)y * (size_t)d->pitch;
        int32_t v = greater(greater(r.y - y, y - (r.y + r.h - 1)), 0);
        uint32_t dark = alpha * fade[v] >> 8;
        if (v > 0) {
            span(d, s, row, r.x, r.w, CTX_ALPHA(color, dark));
        }
        for (int32_t i = 1; i <= blur; i++) {
            uint32_t part = (dark * fade[i] >> 8) * 255 / (alpha | (alpha == 0));
            spot(d, s, row, r.x - i, color, part);
            spot(d, s, row, r.x + r.w - 1 + i, color, part);
        }
    }
}

void ctx_draw_picture(const struct ctx_draw *d, int32_t x, int32_t y, const struct ctx_draw *from)
{
    struct ctx_rect s;
    if (from->pixels == NULL || !seen(d, CTX_RECT(x, y, from->w, from->h), &s)) {
        return;
    }
    for (int32_t v = s.y; v < s.y + s.h; v++) {
        uint32_t *row = d->pixels + (size_t)v * (size_t)d->pitch + s.x;
        const uint32_t *source = from->pixels + (size_t)(v - y) * (size_t)from->pitch + (s.x - x);
        for (int32_t i = 0; i < s.w; i++) {
            uint32_t alpha = from->format == CTX_SURFACE_RGBA ? source[i] >> 24 : 255;
            if (alpha == 255) {
                row[i] = source[i] | 0xff000000;
            } else if (alpha != 0) {
                draw_run(d, row + i, 1, source[i], alpha);
            }
        }
    }
}
