/* SPDX-License-Identifier: MIT */
/* All that was decided in a call, made true on the screen: once, and only what is other. */
#include "desktop.h"

void put_spot(struct desktop *d, uint64_t pid, uint32_t surface, struct spot *spot, struct spot to)
{
    if (spot->is && spot->x == to.x && spot->y == to.y && spot->level == to.level &&
        spot->scale == to.scale && spot->hidden == to.hidden && spot->shown_w == to.shown_w &&
        spot->shown_h == to.shown_h && spot->keep_top == to.keep_top &&
        spot->keep_bottom == to.keep_bottom) {
        return;
    }
    struct ctx_window_place place = {.size = sizeof place,
                                     .surface = surface,
                                     .pid = pid,
                                     .x = to.x,
                                     .y = to.y,
                                     .level = to.level,
                                     .scale = to.scale,
                                     .opacity = 255,
                                     .state = to.hidden,
                                     .shown_w = to.shown_w,
                                     .shown_h = to.shown_h,
                                     .keep_top = to.keep_top,
                                     .keep_bottom = to.keep_bottom};
    if (d->windows->place(d->windows, &place) == CTX_OK) {
        *spot = to;
    }
}

/* ---- one window ---- */

/* The largest size of the same shape that fits. */
static void fit(int32_t most_w, int32_t most_h, int32_t *w, int32_t *h)
{
    int64_t wide = (int64_t)*w * most_h, high = (int64_t)*h * most_w;
    int32_t fit_w = wide > high ? most_w : (int32_t)(wide / *h);
    int32_t fit_h = wide > high ? (int32_t)(high / *w) : most_h;
    *w = fit_w < 1 ? 1 : fit_w;
    *h = fit_h < 1 ? 1 : fit_h;
}

/* The whole screen is its: as large as whole numbers make it, in the middle; one that likes to be
 * scaled smoothly, or is larger than the screen, as large as fits. */
static void put_full(struct desktop *d, struct window *w, int32_t level)
{
    int32_t ww = (int32_t)w->w, wh = (int32_t)w->h;
    int32_t scale = d->screen_w / ww < d->screen_h / wh ? d->screen_w / ww : d->screen_h / wh;
    scale = scale < 1 ? 1 : scale > 8 ? 8 : scale;
    struct spot to = {.level = level,
                      .scale = (uint32_t)scale,
                      .hidden = w->minimized ? CTX_WINDOW_HIDDEN : 0,
                      .is = 1};
    ww *= scale;
    wh *= scale;
    if ((w->flags & CTX_SURFACE_SMOOTH) != 0 || ww > d->screen_w || wh > d->screen_h) {
        fit(d->screen_w, d->screen_h, &ww, &wh);
        to.shown_w = (uint32_t)ww;
        to.shown_h = (uint32_t)wh;
    }
    to.x = (d->screen_w - ww) / 2;
    to.y = (d->screen_h - wh) / 2;
    frame_drop(d, w);
    put_spot(d, w->pid, w->surface, &w->spot, to);
}

static void put_window(struct desktop *d, uint16_t id, int32_t level)
{
    struct window *w = &d->all[id];
    struct ctx_rect r = window_rect(d, w);
    uint32_t hidden = w->minimized ? CTX_WINDOW_HIDDEN : 0;
    int32_t scale = window_scale(d, w);
    if (!window_has_frame(d, w)) {
        put_spot(d, w->pid, w->surface, &w->spot,
                 spot_at(r.x, r.y, level + 1, (uint32_t)scale, hidden));
        return;
    }
    if (!w->minimized) {
        frame_draw(d, id);
    }
    if (w->frame != 0) {
        struct spot to = frame_spot(d, w, r);
        to.level = level;
        to.hidden = hidden;
        put_spot(d, d->ctx->pid, w->frame, &w->frame_spot, to);
    }
    put_spot(d, w->pid, w->surface, &w->spot,
             spot_at(r.x + (r.w - (int32_t)w->w * scale) / 2, r.y + d->theme.title_h, level + 1,
                     (uint32_t)scale, hidden));
}

/* ---- for those who look ---- */

static void tell(struct desktop *d, uint16_t id)
{
    static const char *const tiles[] = {"",          " all",       " left",        " right",
                                        " top-left", " top-right", " bottom-left", " bottom-right"};
    struct window *w = &d->all[id];
    struct ctx_rect r = window_rect(d, w);
    int32_t numbers[] = {r.x, r.y, r.w, r.h};
    struct line line;
    line_clear(&line);
    for (uint32_t i = 0; i < 4; i++) {
        line_put(&line, i == 0 ? "" : i == 2 ? " " : ",");
        line_put(&line, numbers[i] < 0 ? "-" : "");
        line_put_number(&line, (uint64_t)(numbers[i] < 0 ? -numbers[i] : numbers[i]));
    }
    line_put(&line, tiles[w->tile]);
    line_put(&line, w->minimized ? " minimized" : "");
    line_put(&line, w->full ? " full" : "");
    line_put(&line, d->active == id ? " active" : "");
    uint32_t now = ctx_ui_mix_text(1, line.text, line.len);
    if (now != w->told) {
        struct line all;
        w->told = now;
        line_clear(&all);
        line_put(&all, "window ");
        line_put(&all, window_name(d, w));
        line_put(&all, ": ");
        line_put(&all, line.text);
        desktop_say(d, &all);
    }
}

/* ---- all ---- */

static void put_wall(struct desktop *d)
{
    struct panel *wall = &d->panels[PANEL_WALL];
    if (wall->surface != 0) { /* below it lies the canvas, which must be seen if somebody draws */
        put_spot(d, d->ctx->pid, wall->surface, &wall->spot,
                 spot_at(0, 0, LEVEL_WALL, 1, d->canvas_drawn ? CTX_WINDOW_HIDDEN : 0));
    }
}

void windows_arrange(struct desktop *d)
{
    int full = 0;
    d->arrange_due = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        uint16_t id = d->order[i];
        struct window *w = &d->all[id];
        if (w->pending_ns != 0 && w->full != w->full_shown) {
            full |= w->full_shown;
            continue; /* until it has that size */
        }
        w->full_shown = w->full;
        if (w->full) {
            int on_top = d->active == id && !w->minimized;
            full |= on_top;
            put_full(d, w, on_top ? LEVEL_FULL + 1 : LEVEL_STEP * (int32_t)i + 1);
        } else {
            put_window(d, id, LEVEL_STEP * (int32_t)i);
        }
    }
    put_wall(d);
    if (d->drag.kind == DRAG_NONE) {
        notices_aside(d);
    }
    struct panel *black = &d->panels[PANEL_BLACK];
    if (black->surface != 0) {
        put_spot(d, d->ctx->pid, black->surface, &black->spot,
                 spot_at(0, 0, LEVEL_FULL, 8, full ? 0 : CTX_WINDOW_HIDDEN));
    }
    for (uint32_t i = 0; i < d->count && d->tells && d->drag.kind == DRAG_NONE; i++) {
        if (d->all[d->order[i]].pending_ns == 0) {
            tell(d, d->order[i]);
        }
    }
}
