/* SPDX-License-Identifier: MIT */
/* The kernel's list of surfaces, and what is new in it: who came, and where it is put; who changed;
 * who went. */
#include "desktop.h"

/* ---- where it lies at first ---- */

static struct ctx_rect first_place(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    struct ctx_rect others[WINDOWS_MAX], r = window_rect(d, w);
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->count && count < 64; i++) {
        const struct window *o = &d->all[d->order[d->count - 1 - i]];
        if (o != w && !o->minimized && !o->full) {
            others[count++] = window_rect(d, o);
        }
    }
    return place_first(r.w, r.h, others, count, d->work, px(d, 20), d->placed++);
}

/* It came just now. */
static void place_new(struct desktop *d, uint16_t id, const struct ctx_surface_info *info)
{
    struct window *w = &d->all[id];
    struct ctx_rect r = window_rect(d, w), adds = window_frame(d, w);
    if ((info->asked & CTX_ASKED_POSITION) != 0) {
        r.x = info->asked_x - adds.x;
        r.y = info->asked_y - adds.y;
        r = keep_inside(r, d->work);
    } else if (window_is_own(d, w)) {
        r.x = d->work.x + (d->work.w - r.w) / 2;
        r.y = d->work.y + (d->work.h - r.h) / 3;
        r = keep_inside(r, d->work);
    } else {
        r = first_place(d, id);
    }
    w->x = r.x;
    w->y = r.y;
    w->full = (w->flags & CTX_SURFACE_FULL) != 0 || kiosk_is(d);
    if (!w->full && (r.w > d->work.w || r.h > d->work.h)) {
        r.w = r.w > d->work.w ? d->work.w : r.w;
        r.h = r.h > d->work.h ? d->work.h : r.h;
        windows_want(d, id, r, 0);
    }
    if (w->full) {
        w->full = 0;
        windows_full(d, id, 1);
    }
}

/* A former self has placed it: it stays where it is. */
static void take_over(struct desktop *d, uint16_t id, const struct ctx_surface_info *info)
{
    struct window *w = &d->all[id];
    struct ctx_rect adds = window_frame(d, w), r = window_rect(d, w);
    int32_t cw = (int32_t)w->w * window_scale(d, w);
    w->minimized = (info->state & CTX_WINDOW_HIDDEN) != 0;
    if (info->level >= LEVEL_FULL || kiosk_is(d)) {
        w->normal = CTX_RECT(0, 0, 0, 0);
        w->x = d->work.x;
        w->y = d->work.y;
        windows_full(d, id, 1);
        return;
    }
    w->x = info->x - (adds.w != 0 ? (r.w - cw) / 2 : 0);
    w->y = info->y - adds.y;
    w->tile = tile_of(window_rect(d, w), d->work, (int32_t)info->scale);
    w->wanted = w->tile != TILE_NONE ? tile_rect(w->tile, d->work) : CTX_RECT(0, 0, 0, 0);
    w->spot = spot_at(info->x, info->y, info->level, info->scale, info->state & CTX_WINDOW_HIDDEN);
    if (info->shown_w != info->w * info->scale || info->shown_h != info->h * info->scale) {
        w->spot.shown_w = info->shown_w;
        w->spot.shown_h = info->shown_h;
    }
}

/* ---- the list ---- */

static void name_of_app(struct desktop *d, uint64_t pid, char *name)
{
    const struct ctx_app_info *app = app_by_pid(d, pid);
    if (app != NULL) {
        __builtin_memcpy(name, app->name, sizeof app->name);
    }
}

void windows_look_other(struct desktop *d)
{
    d->panels[PANEL_BAR].stale = 1;
    d->panels[PANEL_SWITCHER].stale = 1;
    d->panels[PANEL_OVERVIEW].stale = 1;
}

/* Its app has made it larger, as for another scale: one that was seen as a whole is still. */
static void stay_in_sight(const struct desktop *d, struct window *w, struct ctx_rect before)
{
    struct ctx_rect in = keep_inside(before, d->work);
    if (in.x == before.x && in.y == before.y) {
        in = keep_inside(window_rect(d, w), d->work);
        w->x = in.x;
        w->y = in.y;
    }
}

static void learn(struct desktop *d, struct window *w, const struct ctx_surface_info *info)
{
    int resized = w->w != info->w || w->h != info->h;
    struct ctx_rect before = window_rect(d, w);
    int full = (info->flags & CTX_SURFACE_FULL) != 0;
    int asks = w->seen != 0 && ((w->flags ^ info->flags) & CTX_SURFACE_FULL) != 0;
    w->flags = info->flags;
    if (asks && full != w->full && !kiosk_is(d)) {
        windows_full(d, (uint16_t)(w - d->all), full);
    }
    w->w = info->w;
    w->h = info->h;
    w->smallest_w = info->smallest_w;
    w->smallest_h = info->smallest_h;
    w->seen = d->lists;
    if (info->title[0] != 0 || w->title[0] == 0) {
        char title[65] = {0};
        __builtin_memcpy(title, info->title, sizeof info->title);
        if (title[0] == 0) {
            name_of_app(d, w->pid, title);
        }
        if (!same_text(title, w->title)) {
            windows_look_other(d);
            d->arrange_due = 1; /* its frame has it too */
        }
        __builtin_memcpy(w->title, title, sizeof title);
    }
    if (resized) {
        windows_look_other(d);
        if (w->w != w->asked_w || w->h != w->asked_h) {
            w->asked_w = w->asked_h = 0; /* its own idea: that size may be asked for again */
        }
        if (w->seen != 0 && w->wanted.w == 0 && w->tile == TILE_NONE && !w->full) {
            stay_in_sight(d, w, before);
        }
        window_settle(d, w);
    }
}

static uint16_t free_place(const struct desktop *d)
{
    uint16_t id = 0;
    while (id < WINDOWS_MAX && d->all[id].surface != 0) {
        id++;
    }
    return id < WINDOWS_MAX ? id : NOBODY;
}

static void arrive(struct desktop *d, const struct ctx_surface_info *info)
{
    uint16_t id = free_place(d);
    if (id == NOBODY) {
        if (!d->told_too_many) {
            notices_say(d, 1, "Too many windows", "The desktop shows 256; close some.");
            d->told_too_many = 1;
        }
        return;
    }
    struct window *w = &d->all[id];
    *w = (struct window){.pid = info->pid, .surface = info->surface};
    d->order[d->count++] = id;
    name_of_app(d, info->pid, w->app);
    learn(d, w, info);
    if ((info->state & CTX_WINDOW_PLACED) != 0) {
        take_over(d, id, info);
        if ((info->state & CTX_WINDOW_FOCUS) != 0) {
            d->active = id;
        }
    } else {
        place_new(d, id, info);
        if (!d->switching && d->drag.kind == DRAG_NONE) {
            windows_activate(d, id);
        }
    }
    d->arrange_due = 1;
    windows_look_other(d);
}

static void leave(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    if (d->tells) {
        struct line line;
        line_clear(&line);
        line_put(&line, "window ");
        line_put(&line, window_name(d, w));
        line_put(&line, ": gone");
        desktop_say(d, &line);
    }
    drag_forget(d, id);
    if (d->menu_window == id) {
        menu_close(d);
    }
    frame_drop(d, w);
    if (d->ending == id) {
        d->ending = NOBODY;
        panel_close(d, PANEL_ENDING);
    }
    d->count = order_remove(d->order, d->count, id);
    d->ring_count = order_remove(d->ring, d->ring_count, id);
    w->surface = 0;
    if (d->active == id) {
        d->active = NOBODY;
        windows_activate_top(d);
    }
    if (d->switching) {
        d->ring_at = d->ring_at < d->ring_count ? d->ring_at : 0;
        if (d->ring_count == 0) {
            switcher_end(d, 0);
        }
    }
    d->arrange_due = 1;
    windows_look_other(d);
}

/* How many of them there are; without memory for all, as many as there is room for. */
static uint32_t read_list(struct desktop *d)
{
    uint32_t room = d->infos_room, count = 0;
    struct ctx_surface_info *more = d->infos;
    if (more == NULL) {
        more = d->first_infos;
        room = FIRST_INFOS;
    }
    do {
        if (more != d->infos) {
            if (d->infos != NULL && d->infos != d->first_infos) {
                d->ctx->dealloc(d->infos, d->infos_room * sizeof *d->infos, 16);
            }
            d->infos = more;
            d->infos_room = room;
        }
        d->windows->list(d->windows, d->infos, d->infos_room * (uint32_t)sizeof *d->infos,
                         sizeof *d->infos, &count);
        room = count + FIRST_INFOS;
        more = count > d->infos_room ? d->ctx->alloc(room * sizeof *more, 16) : NULL;
    } while (more != NULL);
    return count < d->infos_room ? count : d->infos_room;
}

void windows_list(struct desktop *d)
{
    d->list_due = 0;
    uint32_t count = read_list(d);
    d->lists++;
    for (uint32_t i = 0; i < count; i++) {
        const struct ctx_surface_info *info = &d->infos[i];
        if ((info->state & CTX_WINDOW_CANVAS) != 0) {
            int drawn = (info->state & CTX_WINDOW_DRAWN) != 0;
            d->arrange_due |= drawn != d->canvas_drawn;
            if (drawn && !d->canvas_drawn &&
                d->lists > 1) { /* it came just now, as a window does */
                windows_activate(d, NOBODY);
            }
            d->canvas_drawn = drawn;
            continue;
        }
        if ((info->flags & CTX_SURFACE_POINTER) != 0 ||
            (info->pid == d->ctx->pid && !panel_is_window(d, info->surface))) {
            continue;
        }
        uint16_t id = windows_find(d, info->pid, info->surface);
        if (id != NOBODY) {
            learn(d, &d->all[id], info);
        } else {
            arrive(d, info);
        }
    }
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        if (d->all[id].surface != 0 && d->all[id].seen != d->lists) {
            leave(d, id);
        }
    }
}
