/* SPDX-License-Identifier: MIT */
/*
 * Each pixel is made of at most TAPS by TAPS of the picture's, so it costs no more than that,
 * however much smaller the picture is made. Which they are is found once for all rows of a tile; of
 * an enlarged one without opacity the rows that were blended across serve for several rows.
 */
#include "sample.h"

#include "compose.h"
#include "present.h"

#define TAPS   8u
#define ONE    256u /* the weight of a whole row or column */
#define KNOWN  4u   /* pictures that meet in one tile, most often */
#define NO_ROW UINT32_MAX

/* The rows, or columns, that one of the screen's is made of. */
struct taps {
    uint32_t at[TAPS], weight[TAPS], count;
};

struct columns {
    const void *whose;
    uint64_t tile; /* that it is of */
    int64_t x;
    uint32_t count;
    struct taps taps[PRESENT_TILE];
    uint32_t row_no[2], rows[2][PRESENT_TILE]; /* rows of the picture, blended across */
};

/* [loop, in a call] of the tile that is being made */
static struct {
    struct columns all[KNOWN];
    uint32_t next;
    uint64_t tile; /* never 0 in a tile */
} known;

/* ---- where ---- */

struct sample_axis sample_axis(uint32_t size, uint32_t shown, uint32_t first, uint32_t last)
{
    uint64_t ends = (uint64_t)first + last;
    bool fits = ends < size && ends < shown;
    return (struct sample_axis){size, shown, fits ? first : 0, fits ? last : 0};
}

uint32_t sample_pixel(const struct sample_axis *a, uint32_t at)
{
    if (at < a->first) {
        return at;
    }
    if (at >= a->shown - a->last) {
        return a->size - (a->shown - at);
    }
    uint64_t size = a->size - a->first - a->last, shown = a->shown - a->first - a->last;
    return a->first + (uint32_t)((at - a->first) * size / shown);
}

/* Where an edge between two pixels is seen, or the pixel behind that. */
static int64_t edge(const struct sample_axis *a, uint32_t at, bool up)
{
    if (at <= a->first) {
        return at;
    }
    if (at >= a->size - a->last) {
        return (int64_t)a->shown - (a->size - at);
    }
    uint64_t size = a->size - a->first - a->last, shown = a->shown - a->first - a->last;
    return a->first + (int64_t)(((at - a->first) * shown + (up ? size - 1 : 0)) / size);
}

void sample_seen(const struct sample_axis *a, uint32_t from, uint32_t to, int64_t *first,
                 int64_t *end)
{
    *first = edge(a, from, false);
    *end = edge(a, to, true);
}

/* ---- of what ---- */

static void one_tap(struct taps *t, uint32_t at)
{
    t->count = 1;
    t->at[0] = t->at[1] = at;
    t->weight[0] = ONE;
    t->weight[1] = 0;
}

/* From and to are places among `size` of them, in 1/ONE. */
static void average_taps(struct taps *t, uint64_t from, uint64_t to, uint32_t size)
{
    to = MAX(to, from + 1);
    t->count = 0;
    if (to - from > (TAPS - 1) * ONE) { /* too many: some of them, as far from each other */
        for (uint32_t i = 0; i < TAPS; i++) {
            t->at[i] = (uint32_t)((from + (to - from) * (2 * i + 1) / (2 * TAPS)) / ONE);
            t->weight[i] = ONE;
        }
        t->count = TAPS;
        return;
    }
    for (uint64_t at = from / ONE; at * ONE < to && at < size; at++) {
        t->at[t->count] = (uint32_t)at;
        t->weight[t->count++] =
            (uint32_t)(MIN(to, (at + 1) * ONE) - MAX(from, at * ONE)); /* of the first and last a
                                                                          part */
    }
}

/* The two pixels whose middles are nearest to its own: at of shown. */
static void neighbour_taps(struct taps *t, uint64_t at, uint64_t size, uint64_t shown)
{
    uint64_t middle = ((2 * at + 1) * size * (ONE / 2) + shown / 2) / shown; /* in 1/ONE */
    uint64_t place = middle < ONE / 2 ? 0 : MIN(middle - ONE / 2, (size - 1) * ONE);
    one_tap(t, (uint32_t)(place / ONE));
    if (place % ONE != 0) {
        t->count = 2;
        t->at[1]++;
        t->weight[1] = (uint32_t)(place % ONE);
        t->weight[0] = ONE - t->weight[1];
    }
}

static void find_taps(struct taps *t, const struct sample_axis *a, enum sample_how how, uint32_t at)
{
    bool is_end = at < a->first || at >= a->shown - a->last;
    if (how == SAMPLE_PIXELS || is_end) {
        one_tap(t, sample_pixel(a, at));
        return;
    }
    uint64_t size = a->size - a->first - a->last, shown = a->shown - a->first - a->last;
    uint64_t no = at - a->first;
    one_tap(t, 0); /* both places are there, whatever counts */
    if (how == SAMPLE_SMOOTH && shown >= size) {
        neighbour_taps(t, no, size, shown);
    } else {
        average_taps(t, no * size * ONE / shown, (no + 1) * size * ONE / shown, (uint32_t)size);
    }
    for (uint32_t i = 0; i < MAX(t->count, 2); i++) {
        t->at[i] += a->first;
    }
}

void sample_begin(void)
{
    known.tile++;
}

/* The columns of count of its pixels, which are the same for all rows of a tile. */
static struct columns *columns_of(const struct sample *s, int64_t x, uint32_t count)
{
    for (uint32_t i = 0; i < KNOWN; i++) {
        struct columns *c = &known.all[i];
        if (c->tile == known.tile && c->whose == s->whose && c->x == x && c->count >= count) {
            return c;
        }
    }
    struct columns *c = &known.all[known.next++ % KNOWN];
    for (uint32_t i = 0; i < count; i++) {
        find_taps(&c->taps[i], &s->across, s->how, (uint32_t)(x - s->x) + i);
    }
    c->whose = s->whose;
    c->tile = known.tile;
    c->x = x;
    c->count = count;
    c->row_no[0] = c->row_no[1] = NO_ROW;
    return c;
}

/* ---- pixels ---- */

/* What a pixel is made of. */
struct sum {
    uint64_t color[3], weight, all; /* weight: what of all is not transparent */
};

/* The three colours of a row in one number: of TAPS pixels with their weights none needs more. */
#define LANE      21u
#define LANE_MASK ((UINT64_C(1) << LANE) - 1)
_Static_assert(TAPS *ONE * 255 <= LANE_MASK, "the colours of a row do not meet");

static uint64_t spread(uint32_t pixel)
{
    return (pixel & 0xff) | (uint64_t)(pixel & 0xff00) << (LANE - 8) |
           (uint64_t)(pixel & 0xff0000) << (2 * LANE - 16);
}

static void add_row(struct sum *sum, const uint32_t *row, const struct taps *across,
                    uint32_t weight)
{
    uint64_t colors = 0, all = 0;
    for (uint32_t i = 0; i < across->count; i++) {
        colors += spread(row[across->at[i]]) * across->weight[i];
        all += across->weight[i];
    }
    for (uint32_t c = 0; c < 3; c++) {
        sum->color[c] += (colors >> (c * LANE) & LANE_MASK) * weight;
    }
    sum->weight += all * weight;
    sum->all += all * weight;
}

/* The same where pixels are more or less there. */
static void add_row_with_alpha(struct sum *sum, const uint32_t *row, const struct taps *across,
                               uint32_t weight)
{
    for (uint32_t i = 0; i < across->count; i++) {
        uint32_t pixel = row[across->at[i]], alpha = pixel >> 24;
        uint64_t all = (uint64_t)weight * across->weight[i];
        uint64_t counts = all * (alpha + (alpha >> 7)) / 256;
        for (uint32_t c = 0; c < 3; c++) {
            sum->color[c] += (pixel >> (8 * c) & 0xff) * counts;
        }
        sum->weight += counts;
        sum->all += all;
    }
}

static uint32_t average(const struct sum *sum)
{
    uint64_t pixel = 0;
    for (uint32_t c = 0; c < 3; c++) {
        pixel |= (sum->color[c] + sum->weight / 2) / sum->weight << (8 * c);
    }
    return (uint32_t)pixel;
}

/* w of 0..ONE of b, the rest of a. */
static uint32_t between(uint32_t a, uint32_t b, uint32_t w)
{
    uint32_t rb = ((a & 0xff00ff) * (ONE - w) + (b & 0xff00ff) * w + 0x800080) >> 8 & 0xff00ff;
    uint32_t g = ((a & 0xff00) * (ONE - w) + (b & 0xff00) * w + 0x8000) >> 8 & 0xff00;
    return rb | g;
}

/* A row of the picture, blended across; of two that follow each other both are known. */
static const uint32_t *blended_row(struct columns *c, const struct sample *s, uint32_t no)
{
    uint32_t *row = c->rows[no & 1];
    const uint32_t *from = s->pixels + (size_t)no * s->across.size;
    for (uint32_t i = 0; c->row_no[no & 1] != no && i < c->count; i++) {
        const struct taps *t = &c->taps[i];
        row[i] = between(from[t->at[0]], from[t->at[1]], t->weight[1]);
    }
    c->row_no[no & 1] = no;
    return row;
}

/* Enlarged in both directions, and nothing of it is transparent: what most are. */
static void blend_neighbours(struct columns *c, const struct sample *s, const struct taps *down,
                             uint32_t opacity, uint32_t *out, uint32_t count)
{
    const uint32_t *above = blended_row(c, s, down->at[0]);
    const uint32_t *below = down->count > 1 ? blended_row(c, s, down->at[1]) : above;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t pixel = between(above[i], below[i], down->weight[1]);
        out[i] = opacity == 255 ? pixel : compose_blend(out[i], pixel, opacity);
    }
}

static void blend_taps(const struct columns *c, const struct sample *s, const struct taps *down,
                       uint32_t opacity, uint32_t *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct sum sum = {.all = 0};
        for (uint32_t row = 0; row < down->count; row++) {
            const uint32_t *from = s->pixels + (size_t)down->at[row] * s->across.size;
            if (s->has_alpha) {
                add_row_with_alpha(&sum, from, &c->taps[i], down->weight[row]);
            } else {
                add_row(&sum, from, &c->taps[i], down->weight[row]);
            }
        }
        if (sum.weight != 0) {
            uint32_t alpha = s->has_alpha ? (uint32_t)(sum.weight * 255 / sum.all) : 255;
            out[i] = compose_blend(out[i], average(&sum), compose_part(alpha, opacity));
        }
    }
}

static bool is_enlarged(const struct sample_axis *a)
{
    return a->shown >= a->size;
}

void sample_over(const struct sample *s, uint32_t opacity, uint32_t *out, int64_t x, int64_t y,
                 uint32_t count)
{
    struct columns *c = columns_of(s, x, count);
    struct taps down;
    find_taps(&down, &s->down, s->how, (uint32_t)(y - s->y));
    if (s->how == SAMPLE_SMOOTH && !s->has_alpha && is_enlarged(&s->across) &&
        is_enlarged(&s->down)) {
        blend_neighbours(c, s, &down, opacity, out, count);
    } else {
        blend_taps(c, s, &down, opacity, out, count);
    }
}

void sample_copy(const struct sample *s, uint32_t *out, int64_t x, int64_t y, uint32_t count)
{
    const struct columns *c = columns_of(s, x, count);
    const uint32_t *from =
        s->pixels + (size_t)sample_pixel(&s->down, (uint32_t)(y - s->y)) * s->across.size;
    for (uint32_t i = 0; i < count; i++) {
        out[i] = from[c->taps[i].at[0]];
    }
}
