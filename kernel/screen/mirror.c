/* SPDX-License-Identifier: MIT */
/*
 * Nothing is kept of a small picture but where it is: each pixel of it is averaged when a tile of
 * the screen needs it (sample.c). So a picture costs nothing while it is not seen, and no memory
 * ever.
 */
#include "mirror.h"

#include "canvas.h"
#include "compose.h"
#include "route.h"
#include "sample.h"
#include "scene.h"
#include "surface_private.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#define NO_PID UINT64_MAX

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
    /* Where that is shown in another size the picture is too. */
    const struct surface_area *at = &m->into->shown;
    m->all = (struct surface_area){
        at->x + m->is.x * at->w / m->into->w, at->y + m->is.y * at->h / m->into->h,
        MAX(m->is.w * at->w / m->into->w, 1), MAX(m->is.h * at->h / m->into->h, 1)};
    m->seen = cut(m->all, at);
}

static bool same(const struct surface_area *a, const struct surface_area *b)
{
    return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

void mirrors_find(void)
{
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

/* The part of a row of the screen that is the picture's, which is not nothing. */
static void compose_one(const struct mirror *m, uint32_t opacity, uint32_t *out, int64_t x,
                        int64_t y, uint32_t count)
{
    const struct sample picture = {
        .whose = m,
        .pixels = m->of != NULL ? machine_direct(m->of->frame) : canvas_pixels(),
        .has_alpha = m->of != NULL && m->of->format == CTX_SURFACE_RGBA,
        .how = SAMPLE_AVERAGE,
        .x = m->all.x,
        .y = m->all.y,
        .across = sample_axis(m->w, (uint32_t)m->all.w, 0, 0),
        .down = sample_axis(m->h, (uint32_t)m->all.h, 0, 0),
    };
    sample_over(&picture, opacity, out, x, y, count);
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
