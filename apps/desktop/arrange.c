/* SPDX-License-Identifier: MIT */
/* All that was decided in a call, made true on the screen: once, and only what is other. */
#include "desktop.h"

void put_spot(struct desktop *d, uint64_t pid, uint32_t surface, struct spot *spot, struct spot to)
{
    if (spot->is && spot->x == to.x && spot->y == to.y && spot->level == to.level &&
        spot->scale == to.scale && spot->hidden == to.hidden) {
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
                                     .state = to.hidden};
    if (d->windows->place(d->windows, &place) == CTX_OK) {
        *spot = to;
    }
}

/* ---- one window ---- */

/* The whole screen is its: as large as whole numbers make it, in the middle. */
static void put_full(struct desktop *d, struct window *w, int32_t level)
{
    int32_t ww = (int32_t)w->w, wh = (int32_t)w->h;
    int32_t scale = d->screen_w / ww < d->screen_h / wh ? d->screen_w / ww : d->screen_h / wh;
    scale = scale < 1 ? 1 : scale > 8 ? 8 : scale;
    frame_drop(d, w);
    put_spot(d, w->pid, w->surface, &w->spot,
             (struct spot){(d->screen_w - ww * scale) / 2, (d->screen_h - wh * scale) / 2, level,
                           (uint32_t)scale, w->minimized ? CTX_WINDOW_HIDDEN : 0, 1});
}

static void put_window(struct desktop *d, uint16_t id, int32_t level)
{
    struct window *w = &d->all[id];
    struct ctx_rect r = window_rect(d, w);
    uint32_t hidden = w->minimized ? CTX_WINDOW_HIDDEN : 0;
    int32_t scale = window_scale(d, w);
    if (!window_has_frame(d, w)) {
        put_spot(d, w->pid, w->surface, &w->spot,
                 (struct spot){r.x, r.y, level + 1, (uint32_t)scale, hidden, 1});
        return;
    }
    if (!w->minimized) {
        frame_draw(d, id);
    }
    if (w->frame != 0) {
        int32_t shadow = frame_shadow(d);
        put_spot(d, d->ctx->pid, w->frame, &w->frame_spot,
                 (struct spot){r.x - shadow, r.y - shadow, level, 1, hidden, 1});
    }
    put_spot(d, w->pid, w->surface, &w->spot,
             (struct spot){r.x + (r.w - (int32_t)w->w * scale) / 2, r.y + d->theme.title_h,
                           level + 1, (uint32_t)scale, hidden, 1});
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
                 (struct spot){0, 0, LEVEL_WALL, 1, d->canvas_drawn ? CTX_WINDOW_HIDDEN : 0, 1});
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
    struct panel *black = &d->panels[PANEL_BLACK];
    if (black->surface != 0) {
        put_spot(d, d->ctx->pid, black->surface, &black->spot,
                 (struct spot){0, 0, LEVEL_FULL, 8, full ? 0 : CTX_WINDOW_HIDDEN, 1});
    }
    for (uint32_t i = 0; i < d->count && d->tells && d->drag.kind == DRAG_NONE; i++) {
        if (d->all[d->order[i]].pending_ns == 0) {
            tell(d, d->order[i]);
        }
    }
}
