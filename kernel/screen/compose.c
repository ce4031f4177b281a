/* SPDX-License-Identifier: MIT */
/*
 * Where surfaces lie, what of them changed, and how they are put over the canvas: what present.c
 * asks. Without a window manager a surface lies in the middle of the screen, above the canvas and
 * above the surfaces of apps earlier in the list; or, small, where the pointer is, above all
 * others.
 */
#include "compose.h"

#include "canvas.h"
#include "input_view.h"
#include "surface.h"

#include <kernel/machine.h>
#include <kernel/string.h>

/* [boot, loop, in a call] */
static struct {
    bool gone;         /* a surface came, went or changed its size: everything may look different */
    bool damage;       /* some surface has damage */
    struct app *first; /* the apps that have surfaces, in list order */

    bool follows;          /* some surface follows the pointer */
    uint32_t x, y;         /* where the pointer is in the picture that is made, or was made last */
    uint32_t was_x, was_y; /* and in the one before that */
} state;

void compose_list(struct app *app, bool shown)
{
    struct app **p = &state.first;
    if (app->surfaces->shown == shown) {
        return;
    }
    while (*p != NULL && *p != app && (*p)->order < app->order) {
        p = &(*p)->surfaces->next_shown;
    }
    if (shown) {
        app->surfaces->next_shown = *p;
        *p = app;
    } else {
        *p = app->surfaces->next_shown;
    }
    app->surfaces->shown = shown;
}

void compose_damaged(void)
{
    state.damage = true;
}

/* Where a surface lies: in the middle of the screen or around the pointer, cut off by the edges. */
static void place(const struct surface *s, int64_t *x, int64_t *y)
{
    bool follows = (s->flags & CTX_SURFACE_POINTER) != 0;
    *x = follows ? (int64_t)state.x - s->w / 2 : ((int64_t)canvas_width() - s->w) / 2;
    *y = follows ? (int64_t)state.y - s->h / 2 : ((int64_t)canvas_height() - s->h) / 2;
}

struct area {
    int64_t x, y, w, h;
};

static bool meets(struct area a, struct area b)
{
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

bool surface_covers(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    for (struct app *app = state.first; app != NULL; app = app->surfaces->next_shown) {
        for (uint32_t i = 0; i < SURFACES; i++) {
            const struct surface *s = &app->surfaces->all[i];
            int64_t sx, sy;
            place(s, &sx, &sy);
            if (s->frame != 0 &&
                meets((struct area){sx, sy, s->w, s->h}, (struct area){x, y, w, h})) {
                return true;
            }
        }
    }
    return false;
}

/* It was, or is now, in this part of the screen, and was elsewhere before. */
static bool has_moved(const struct surface *s, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    if ((s->flags & CTX_SURFACE_POINTER) == 0 ||
        (state.x == state.was_x && state.y == state.was_y)) {
        return false;
    }
    int64_t sx, sy;
    place(s, &sx, &sy);
    int64_t dx = (int64_t)state.was_x - state.x, dy = (int64_t)state.was_y - state.y;
    struct area part = {x, y, w, h};
    return meets((struct area){sx, sy, s->w, s->h}, part) ||
           meets((struct area){sx + dx, sy + dy, s->w, s->h}, part);
}

bool surface_damaged(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    if (state.gone) {
        return true;
    }
    for (struct app *app = state.first; app != NULL; app = app->surfaces->next_shown) {
        for (uint32_t i = 0; i < SURFACES; i++) {
            const struct surface *s = &app->surfaces->all[i];
            int64_t sx, sy;
            place(s, &sx, &sy);
            if (s->frame != 0 && has_moved(s, x, y, w, h)) {
                return true;
            }
            if (s->frame != 0 && s->damaged &&
                meets((struct area){sx + s->x0, sy + s->y0, (int64_t)s->x1 - s->x0,
                                    (int64_t)s->y1 - s->y0},
                      (struct area){x, y, w, h})) {
                return true;
            }
        }
    }
    return false;
}

bool surface_any_damage(void)
{
    uint32_t x, y;
    input_pointer(&x, &y);
    return state.damage || state.gone || (state.follows && (x != state.x || y != state.y));
}

void surface_follow(void)
{
    input_pointer(&state.x, &state.y);
}

static uint32_t blend(uint32_t under, uint32_t over)
{
    uint32_t a = over >> 24;
    a += a >> 7; /* 0..256 */
    uint32_t rb = ((under & 0xff00ff) * (256 - a) + (over & 0xff00ff) * a) >> 8 & 0xff00ff;
    uint32_t g = ((under & 0xff00) * (256 - a) + (over & 0xff00) * a) >> 8 & 0xff00;
    return rb | g;
}

static void compose_one(const struct surface *s, uint32_t *pixels, uint32_t x, uint32_t y,
                        uint32_t w)
{
    int64_t sx, sy;
    place(s, &sx, &sy);
    if (s->frame == 0 || !meets((struct area){sx, sy, s->w, s->h}, (struct area){x, y, w, 1})) {
        return;
    }
    int64_t from = MAX((int64_t)x, sx), to = MIN((int64_t)x + w, sx + s->w);
    const uint32_t *in =
        (const uint32_t *)machine_direct(s->frame) + (uint64_t)(y - sy) * s->w + (from - sx);
    uint32_t *out = pixels + (from - x);
    if (s->format == CTX_SURFACE_RGBX) {
        memcpy(out, in, (size_t)(to - from) * 4);
        return;
    }
    for (int64_t i = 0; i < to - from; i++) {
        out[i] = blend(out[i], in[i]);
    }
}

/* Those that follow the pointer, or the others. */
static void compose(uint32_t flags, uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w)
{
    for (struct app *app = state.first; app != NULL; app = app->surfaces->next_shown) {
        for (uint32_t i = 0; i < SURFACES; i++) {
            if (app->surfaces->all[i].flags == flags) {
                compose_one(&app->surfaces->all[i], pixels, x, y, w);
            }
        }
    }
}

void surface_compose(uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w)
{
    compose(0, pixels, x, y, w);
    compose(CTX_SURFACE_POINTER, pixels, x, y, w);
}

void surface_repaint(void)
{
    state.gone = true;
}

void surface_presented(uint64_t now_ns)
{
    state.damage = false;
    state.gone = false;
    state.follows = false;
    state.was_x = state.x;
    state.was_y = state.y;
    for (struct app *app = state.first; app != NULL; app = app->surfaces->next_shown) {
        for (uint32_t i = 0; i < SURFACES; i++) {
            struct surface *s = &app->surfaces->all[i];
            state.follows |= s->frame != 0 && (s->flags & CTX_SURFACE_POINTER) != 0;
            if (s->damaged) {
                s->damaged = false;
                s->presented.count++;
                s->presented.time_ns = now_ns;
            }
        }
    }
}
