/* SPDX-License-Identifier: MIT */
/*
 * Pixels travel as three 16-bit lanes in one 64-bit word, so adding two pixels is one addition.
 * Differences of lanes may be negative: as long as every lane of the *sum* is in range, borrows
 * between lanes cancel out.
 */
#include "glass.h"

#include <stdlib.h>
#include <string.h>

#define SMALL     4u /* pixels per small pixel, each way */
#define BOX       8u /* width of the averaging box, a power of two; applied twice each way */
#define BOX_SHIFT 3u

/* The tint: a night blue over three fifths of what is behind. */
#define TINT_R 16u
#define TINT_G 20u
#define TINT_B 38u

static uint64_t spread(uint32_t p)
{
    return (p & 0xff) | (uint64_t)(p & 0xff00) << 8 | (uint64_t)(p & 0xff0000) << 16;
}

int glass_resize(struct glass *g, uint32_t w, uint32_t h)
{
    uint32_t columns = (w + SMALL - 1) / SMALL + 1;
    uint32_t rows = (h + SMALL - 1) / SMALL + 1;
    size_t bytes = (size_t)columns * rows * sizeof(uint64_t);
    uint64_t *seen = calloc(1, bytes), *soft = calloc(1, bytes), *scratch = calloc(1, bytes);
    if (seen == NULL || soft == NULL || scratch == NULL) {
        free(seen);
        free(soft);
        free(scratch);
        return 0;
    }
    glass_free(g);
    *g = (struct glass){w, h, columns, rows, seen, soft, scratch, 0, h};
    return 1;
}

void glass_free(struct glass *g)
{
    free(g->seen);
    free(g->soft);
    free(g->scratch);
    *g = (struct glass){0};
}

/* One row, averaged over a box; edges repeat. in and out differ; steps are in words. */
static void box(const uint64_t *in, uint64_t *out, uint32_t n, uint32_t step, uint32_t before)
{
    uint64_t sum = 0;
    const uint64_t mask = 0x00ff00ff00ffull;
    for (uint32_t i = 0; i < BOX; i++) {
        uint32_t at = i < before ? 0 : i - before;
        sum += in[(size_t)(at < n ? at : n - 1) * step];
    }
    for (uint32_t i = 0; i < n; i++) {
        out[(size_t)i * step] = sum >> BOX_SHIFT & mask;
        uint32_t in_at = i + BOX - before;
        uint32_t out_at = i < before ? 0 : i - before;
        sum += in[(size_t)(in_at < n ? in_at : n - 1) * step] - in[(size_t)out_at * step];
    }
}

static void blur(struct glass *g)
{
    for (uint32_t y = 0; y < g->rows; y++) {
        uint64_t *row = g->soft + (size_t)y * g->columns,
                 *other = g->scratch + (size_t)y * g->columns;
        box(g->seen + (size_t)y * g->columns, other, g->columns, 1, BOX / 2);
        box(other, row, g->columns, 1, BOX / 2 - 1);
    }
    for (uint32_t x = 0; x < g->columns; x++) {
        box(g->soft + x, g->scratch + x, g->rows, g->columns, BOX / 2);
        box(g->scratch + x, g->soft + x, g->rows, g->columns, BOX / 2 - 1);
    }
    const uint64_t tint =
        (uint64_t)(TINT_R * 6) | (uint64_t)(TINT_G * 6) << 16 | (uint64_t)(TINT_B * 6) << 32;
    for (size_t i = 0; i < (size_t)g->columns * g->rows; i++) {
        g->soft[i] = (g->soft[i] * 10 + tint) >> 4 & 0x00ff00ff00ffull;
    }
}

void glass_look(struct glass *g, const struct ctx_fb *fb, int32_t x, int32_t y, uint8_t mark,
                int all)
{
    uint32_t first = g->rows, last = 0;
    int64_t w = (int64_t)fb->w, h = (int64_t)fb->h;
    for (uint32_t row = 0; row < g->rows; row++) {
        int64_t at_y = y + (int64_t)(row * SMALL);
        at_y = at_y < 0 ? 0 : at_y > h - 2 ? h - 2 : at_y;
        const uint32_t *line = (const uint32_t *)fb->pixels + at_y * w;
        uint64_t *seen = g->seen + (size_t)row * g->columns;
        uint64_t changed = 0;
        for (uint32_t column = 0; column < g->columns; column++) {
            int64_t at_x = x + (int64_t)(column * SMALL);
            at_x = at_x < 0 ? 0 : at_x > w - 2 ? w - 2 : at_x;
            if (line[at_x] >> 24 == mark) {
                continue;
            }
            /* Two of the sixteen pixels: stars do not flicker, and it is cheap. */
            uint64_t p = (spread(line[at_x]) + spread(line[at_x + w + 1])) >> 1 & 0x00ff00ff00ffull;
            changed |= p ^ seen[column];
            seen[column] = p;
        }
        if (changed != 0) {
            first = row < first ? row : first;
            last = row;
        }
    }
    g->dirty_from = 0;
    g->dirty_to = 0;
    if (all) {
        blur(g);
        g->dirty_to = g->h;
    } else if (first <= last) {
        blur(g);
        uint32_t reach = 2 * BOX; /* two boxes each way, and the scaling */
        uint32_t to = (last + reach) * SMALL;
        g->dirty_from = first > reach ? (first - reach) * SMALL : 0;
        g->dirty_to = to < g->h ? to : g->h;
    }
}

/* Bilinear from small to full size: between two small rows, then along the row by equal steps. */
static void draw_row(const struct glass *g, uint32_t *out, uint32_t y)
{
    const uint64_t *top = g->soft + (size_t)(y / SMALL) * g->columns;
    const uint64_t *bottom = top + (y / SMALL + 1 < g->rows ? g->columns : 0);
    uint64_t t = y % SMALL;
    uint64_t here = top[0] * (SMALL - t) + bottom[0] * t; /* lanes 0..1020 */
    for (uint32_t column = 0; column * SMALL < g->w; column++) {
        uint64_t next = here;
        if (column + 1 < g->columns) {
            next = top[column + 1] * (SMALL - t) + bottom[column + 1] * t;
        }
        uint64_t c = here * 64; /* 8.8 in each lane */
        uint64_t step = (next - here) * 16;
        uint32_t n = g->w - column * SMALL < SMALL ? g->w - column * SMALL : SMALL;
        for (uint32_t i = 0; i < n; i++, c += step) {
            *out++ = (uint32_t)(c >> 8 & 0xff) | (uint32_t)(c >> 16 & 0xff00) |
                     (uint32_t)(c >> 24 & 0xff0000);
        }
        here = next;
    }
}

void glass_draw(const struct glass *g, uint32_t *pixels, uint32_t from, uint32_t to)
{
    for (uint32_t y = from; y < to && y < g->h; y++) {
        draw_row(g, pixels + (size_t)y * g->w, y);
    }
}
