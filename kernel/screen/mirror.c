/* SPDX-License-Identifier: MIT */
/*
 * Nothing is kept of a small picture but where it is: each pixel of it is averaged when a tile of
 * the screen needs it, from at most TAPS by TAPS of the surface's. So a picture costs nothing while
 * it is not seen, no memory ever, and for one pixel no more than that, however large the surface.
 */
#include "mirror.h"

#include "canvas.h"
#include "compose.h"
#include "route.h"
#include "scene.h"
#include "surface_private.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#define NO_PID UINT64_MAX
#define TAPS   8u
#define ONE    256u /* the weight of a whole row or column */

struct mirror {
    struct ctx_window_mirror is;
    uint64_t term; /* of the manager that it is of (route.h); 0: there is none */

    /* Since the list was made. */
    const struct surface *into;
    const struct surface *of; /* NULL: the canvas */
    struct surface_area all;  /* on the screen; w 0: it is not seen */
    struct surface_area seen; /* what of that lies over `into` */

    /* What the last list had, to know what is another. */
    struct surface_area was;
    paddr_t frame;
    uint32_t w, h;
};

/* [boot, loop, in a call] */
static struct {
    struct mirror all[CTX_WINDOW_MIRRORS];
    uint32_t room; /* none at or beyond this number */
    bool touched, canvas_drawn;
} state;

/* The rows, or columns, that one of the picture's is made of. */
struct taps {
    uint32_t at[TAPS], weight[TAPS], count;
};

/* [loop, in a call] of the tile that is being made */
static struct {
    const struct mirror *of; /* NULL: nothing counts */
    int64_t x;
    uint32_t count;
    struct taps taps[PRESENT_TILE];
} columns;

void mirror_set(uint32_t no, const struct ctx_window_mirror *is)
{
    struct mirror *m = &state.all[no];
    m->is = *is;
    m->term = route_term();
    m->frame = 0; /* whatever it was, it is looked at again */
    state.room = MAX(state.room, no + 1);
    scene_changed();
}

bool mirror_unset(uint32_t no)
{
    struct mirror *m = &state.all[no];
    bool was = m->term != 0 && m->term == route_term();
    m->term = 0;
    scene_changed();
    return was;
}

/* ---- where they are ---- */

static struct surface_area cut(struct surface_area a, const struct surface_area *by)
{
    int64_t x1 = MIN(a.x + a.w, by->x + by->w), y1 = MIN(a.y + a.h, by->y + by->h);
    a.x = MAX(a.x, by->x);
    a.y = MAX(a.y, by->y);
    a.w = x1 - a.x;
    a.h = y1 - a.y;
    return a.w > 0 && a.h > 0 ? a : (struct surface_area){.w = 0};
}

static const struct surface *surface_of(uint64_t pid, uint32_t handle)
{
    const struct app *app = app_first();
    while (app != NULL && app->pid != pid) {
        app = app->next;
    }
    return app != NULL ? surface_by_handle(app, handle) : NULL;
}

static void find_one(struct mirror *m)
{
    const struct app *manager = route_manager();
    m->all = m->seen = (struct surface_area){.w = 0};
    if (m->term == 0 || m->term != route_term()) {
        m->term = 0; /* its manager has gone */
        return;
    }
    bool is_canvas = m->is.pid == NO_PID;
    m->into = surface_by_handle(manager, m->is.into);
    m->of = is_canvas ? NULL : surface_of(m->is.pid, m->is.surface);
    if (m->into == NULL || !m->into->listed || (m->of == NULL && !is_canvas)) {
        return;
    }
    int64_t scale = m->into->place.placed ? m->into->place.scale : 1;
    m->all =
        (struct surface_area){m->into->shown.x + m->is.x * scale,
                              m->into->shown.y + m->is.y * scale, m->is.w * scale, m->is.h * scale};
    m->seen = cut(m->all, &m->into->shown);
}

static bool same(const struct surface_area *a, const struct surface_area *b)
{
    return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

void mirrors_find(void)
{
    columns.of = NULL;
    for (uint32_t i = 0; i < state.room; i++) {
        struct mirror *m = &state.all[i];
        find_one(m);
        paddr_t frame = m->of != NULL ? m->of->frame : 1;
        uint32_t w = m->of != NULL ? m->of->w : canvas_width();
        uint32_t h = m->of != NULL ? m->of->h : canvas_height();
        if (!same(&m->seen, &m->was) || m->frame != frame || m->w != w || m->h != h) {
            scene_mark(m->was);
            scene_mark(m->seen);
        }
        m->was = m->seen;
        m->frame = frame;
        m->w = w;
        m->h = h;
    }
    while (state.room > 0 && state.all[state.room - 1].term == 0) {
        state.room--;
    }
}

/* ---- what of them is another ---- */

/* Where the damaged part of a surface is seen. */
static void mark_part(const struct mirror *m)
{
    const struct surface *s = m->of;
    int64_t x0 = s->x0 * m->all.w / s->w, x1 = (s->x1 * m->all.w + s->w - 1) / s->w;
    int64_t y0 = s->y0 * m->all.h / s->h, y1 = (s->y1 * m->all.h + s->h - 1) / s->h;
    scene_mark(
        cut((struct surface_area){m->all.x + x0, m->all.y + y0, x1 - x0, y1 - y0}, &m->seen));
}

void mirrors_damaged(void)
{
    for (uint32_t i = 0; i < state.room; i++) {
        const struct mirror *m = &state.all[i];
        if (m->seen.w > 0 && m->of != NULL && m->of->damaged) {
            mark_part(m);
        }
    }
}

void mirrors_touched(void)
{
    state.touched = true;
}

void mirrors_canvas_drawn(void)
{
    state.canvas_drawn = true;
}

void mirrors_bring_up(void)
{
    for (uint32_t i = 0; (state.touched || state.canvas_drawn) && i < state.room; i++) {
        const struct mirror *m = &state.all[i];
        if (state.touched || m->of == NULL) {
            scene_mark(m->seen);
        }
    }
    state.touched = state.canvas_drawn = false;
}

bool mirrors_over(const struct surface *into)
{
    for (uint32_t i = 0; i < state.room; i++) {
        if (state.all[i].seen.w > 0 && state.all[i].into == into) {
            return true;
        }
    }
    return false;
}

/* ---- pixels ---- */

/* From and to are places among `size` of them, in 1/ONE. */
static void find_taps(struct taps *t, uint64_t from, uint64_t to, uint32_t size)
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

/* The columns of count of its pixels, which are the same for all rows of a tile. */
static const struct taps *columns_of(const struct mirror *m, int64_t x, uint32_t count)
{
    uint64_t w = (uint64_t)m->all.w, right = (uint64_t)(x - m->all.x);
    if (columns.of != m || columns.x != x || columns.count < count) {
        uint64_t from = right * m->w * ONE / w;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t to = (right + i + 1) * m->w * ONE / w;
            find_taps(&columns.taps[i], from, to, m->w);
            from = to;
        }
        columns.of = m;
        columns.x = x;
        columns.count = count;
    }
    return columns.taps;
}

/* The part of a row of the screen that is the picture's, which is not nothing. */
static void compose_one(const struct mirror *m, uint32_t opacity, uint32_t *out, int64_t x,
                        int64_t y, uint32_t count)
{
    const uint32_t *pixels = m->of != NULL ? machine_direct(m->of->frame) : canvas_pixels();
    bool has_alpha = m->of != NULL && m->of->format == CTX_SURFACE_RGBA;
    uint64_t h = (uint64_t)m->all.h, down = (uint64_t)(y - m->all.y);
    const struct taps *across = columns_of(m, x, count);
    struct taps rows;
    find_taps(&rows, down * m->h * ONE / h, (down + 1) * m->h * ONE / h, m->h);
    for (uint32_t i = 0; i < count; i++) {
        struct sum sum = {.all = 0};
        for (uint32_t row = 0; row < rows.count; row++) {
            const uint32_t *from = pixels + (size_t)rows.at[row] * m->w;
            if (has_alpha) {
                add_row_with_alpha(&sum, from, &across[i], rows.weight[row]);
            } else {
                add_row(&sum, from, &across[i], rows.weight[row]);
            }
        }
        if (sum.weight != 0) {
            uint32_t alpha = has_alpha ? (uint32_t)(sum.weight * 255 / sum.all) : 255;
            out[i] = compose_blend(out[i], average(&sum), compose_part(alpha, opacity));
        }
    }
}

void mirrors_compose(const struct surface *into, uint32_t opacity, uint32_t *pixels, uint32_t x,
                     uint32_t y, uint32_t w)
{
    for (uint32_t i = 0; i < state.room; i++) {
        const struct mirror *m = &state.all[i];
        const struct surface_area row = {x, y, w, 1};
        struct surface_area at = cut(m->seen, &row);
        if (at.w > 0 && m->into == into) {
            compose_one(m, compose_part(m->is.opacity, opacity), pixels + (at.x - x), at.x, y,
                        (uint32_t)at.w);
        }
    }
}
