/* SPDX-License-Identifier: MIT */
/*
 * A picture in another size, as a screen shows it: each pixel that is shown is the mean of what it
 * covers. Larger, edges stay sharp and all pixels look alike; smaller, nothing is left out. Pure.
 */
#include "private.h"

#define ONE 256u /* a whole pixel, as weights have it */

SDL_Rect sdl_fit(int w, int h, int in_w, int in_h, bool whole)
{
    if (w <= 0 || h <= 0 || in_w <= 0 || in_h <= 0) {
        return (SDL_Rect){0, 0, 0, 0};
    }
    int64_t fit_w = in_w, fit_h = in_h;
    if ((int64_t)in_w * h > (int64_t)in_h * w) {
        fit_w = ((int64_t)in_h * w + h / 2) / h; /* bars at both sides */
    } else {
        fit_h = ((int64_t)in_w * h + w / 2) / w;
    }
    if (whole && fit_w >= w && fit_h >= h) {
        int64_t factor = fit_w / w < fit_h / h ? fit_w / w : fit_h / h;
        fit_w = w * factor;
        fit_h = h * factor;
    }
    fit_w = fit_w > 0 ? fit_w : 1;
    fit_h = fit_h > 0 ? fit_h : 1;
    return (SDL_Rect){(int)((in_w - fit_w) / 2), (int)((in_h - fit_h) / 2), (int)fit_w, (int)fit_h};
}

int sdl_unscale(int at, int start, int shown, int size)
{
    if (shown <= 0 || size <= 0) {
        return 0;
    }
    int64_t in = (int64_t)at - start;
    int64_t k = in < 0 ? 0 : in * size / shown;
    return (int)(k < size ? k : size - 1);
}

/* What pixel i of `shown` covers of `size`: pixels first to last, the outer ones in part. */
struct span {
    int first, last;
    uint32_t head, tail; /* weights of the two, at most ONE; first == last: head alone */
};

static struct span span_of(int i, int shown, int size)
{
    /* In parts of 1 / shown of a source pixel. */
    int64_t begin = (int64_t)i * size, end = begin + size;
    struct span s = {.first = (int)(begin / shown), .last = (int)((end - 1) / shown)};
    if (s.first == s.last) {
        s.head = ONE;
        return s;
    }
    s.head = (uint32_t)(((int64_t)(s.first + 1) * shown - begin) * ONE / shown);
    s.tail = (uint32_t)((end - (int64_t)s.last * shown) * ONE / shown);
    return s;
}

static uint32_t weight(const struct span *s, int k)
{
    return k == s->first ? s->head : k == s->last ? s->tail : ONE;
}

static uint32_t mean(const uint32_t *from, int from_w, const struct span *sx, const struct span *sy)
{
    uint64_t sum[4] = {0}, all = 0;
    for (int y = sy->first; y <= sy->last; y++) {
        for (int x = sx->first; x <= sx->last; x++) {
            uint64_t part = (uint64_t)weight(sx, x) * weight(sy, y);
            uint32_t p = from[(ptrdiff_t)y * from_w + x];
            all += part;
            for (int i = 0; i < 4; i++) {
                sum[i] += part * (p >> 8 * i & 255);
            }
        }
    }
    all = all > 0 ? all : 1;
    return SDL_RGBA((sum[0] + all / 2) / all, (sum[1] + all / 2) / all, (sum[2] + all / 2) / all,
                    (sum[3] + all / 2) / all);
}

void sdl_stretch(const uint32_t *from, int from_w, int from_h, uint32_t *to, int to_pitch_px,
                 const SDL_Rect *dst)
{
    struct span before = {.first = -1};
    for (int y = 0; y < dst->h; y++) {
        struct span sy = span_of(y, dst->h, from_h);
        uint32_t *row = to + (ptrdiff_t)(dst->y + y) * to_pitch_px + dst->x;
        bool whole = sy.first == sy.last;
        if (whole && before.first == sy.first && before.last == sy.last) {
            memcpy(row, row - to_pitch_px, (size_t)dst->w * sizeof *row); /* as the one above */
            continue;
        }
        before = sy;
        for (int x = 0; x < dst->w; x++) {
            struct span sx = span_of(x, dst->w, from_w);
            row[x] = whole && sx.first == sx.last ? from[(ptrdiff_t)sy.first * from_w + sx.first]
                                                  : mean(from, from_w, &sx, &sy);
        }
    }
}
