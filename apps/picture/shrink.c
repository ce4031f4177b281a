/* SPDX-License-Identifier: MIT */
#include "shrink.h"

#define SQUARES 4 /* so many times larger and more */

static uint32_t over(uint32_t color, uint32_t back)
{
    uint32_t a = color >> 24, out = 0xff000000u;
    if (a == 255) {
        return color;
    }
    for (uint32_t shift = 0; shift < 24; shift += 8) {
        uint32_t c = color >> shift & 255, b = back >> shift & 255;
        out |= ((c * a + b * (255 - a) + 127) / 255) << shift;
    }
    return out;
}

/* The average of a rectangle; what is transparent counts as little as it is seen. */
static uint32_t average(const struct picture *from, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    uint64_t sum[3] = {0, 0, 0}, alpha = 0, n = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0);
    for (int32_t y = y0; y < y1; y++) {
        const uint32_t *row = from->pixels + (int64_t)y * from->w;
        for (int32_t x = x0; x < x1; x++) {
            uint32_t c = row[x], a = c >> 24;
            sum[0] += (uint64_t)(c & 255) * a;
            sum[1] += (uint64_t)(c >> 8 & 255) * a;
            sum[2] += (uint64_t)(c >> 16 & 255) * a;
            alpha += a;
        }
    }
    if (alpha == 0) {
        return 0;
    }
    return (uint32_t)(sum[0] / alpha) | (uint32_t)(sum[1] / alpha) << 8 |
           (uint32_t)(sum[2] / alpha) << 16 | (uint32_t)((alpha + n / 2) / n) << 24;
}

static uint32_t mix(uint32_t a, uint32_t b, uint32_t t) /* t of 256 */
{
    uint32_t out = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        uint32_t c = (a >> shift & 255) * (256 - t) + (b >> shift & 255) * t;
        out |= (c + 128) >> 8 << shift;
    }
    return out;
}

/* Between four pixels; x and y in 1/256, of pixels' middles. */
static uint32_t between(const struct picture *from, int64_t x, int64_t y)
{
    x = x < 0 ? 0 : x;
    y = y < 0 ? 0 : y;
    int64_t x0 = x >> 8, y0 = y >> 8, x1 = x0 + 1, y1 = y0 + 1;
    x1 = x1 < from->w ? x1 : from->w - 1;
    y1 = y1 < from->h ? y1 : from->h - 1;
    x0 = x0 < from->w ? x0 : from->w - 1;
    y0 = y0 < from->h ? y0 : from->h - 1;
    const uint32_t *a = from->pixels + y0 * from->w, *b = from->pixels + y1 * from->w;
    uint32_t tx = (uint32_t)(x & 255), ty = (uint32_t)(y & 255);
    return mix(mix(a[x0], a[x1], tx), mix(b[x0], b[x1], tx), ty);
}

static uint32_t sample(const struct picture *from, int32_t wide, int32_t high, int64_t x, int64_t y)
{
    int64_t x0 = x * from->w / wide, y0 = y * from->h / high;
    if (wide == from->w && high == from->h) {
        return from->pixels[y * from->w + x];
    }
    if (wide <= from->w && high <= from->h) {
        int64_t x1 = (x + 1) * from->w / wide, y1 = (y + 1) * from->h / high;
        x1 = x1 > x0 ? x1 : x0 + 1;
        y1 = y1 > y0 ? y1 : y0 + 1;
        return average(from, (int32_t)x0, (int32_t)y0, (int32_t)x1, (int32_t)y1);
    }
    if (wide >= SQUARES * from->w) {
        return from->pixels[y0 * from->w + x0];
    }
    return between(from, (2 * x + 1) * from->w * 128 / wide - 128,
                   (2 * y + 1) * from->h * 128 / high - 128);
}

void picture_part(const struct picture *from, const struct picture_view *view, uint32_t *to,
                  int32_t w, int32_t h, int32_t pitch)
{
    for (int32_t v = 0; v < h; v++) {
        uint32_t *row = to + (int64_t)v * pitch;
        for (int32_t u = 0; u < w; u++) {
            int32_t x = view->x + u, y = view->y + v;
            int in = x >= 0 && y >= 0 && x < view->wide && y < view->high;
            row[u] = in ? over(sample(from, view->wide, view->high, x, y), view->back) : view->back;
        }
    }
}

void picture_fit(const struct picture *from, int32_t w, int32_t h, int32_t *wide, int32_t *high)
{
    int64_t to_w = from->w, to_h = from->h;
    if (to_w > w) {
        to_h = to_h * w / to_w;
        to_w = w;
    }
    if (to_h > h) {
        to_w = (int64_t)from->w * h / from->h;
        to_h = h;
    }
    *wide = (int32_t)(to_w > 0 ? to_w : 1);
    *high = (int32_t)(to_h > 0 ? to_h : 1);
}
