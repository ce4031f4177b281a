/* SPDX-License-Identifier: MIT */
/* Where windows lie, and what can be done to one: show, put away, tile, close. */
#include "desktop.h"

#define ALL_ONES UINT64_MAX
/* For an app to take a size; then it lies where it is to lie as it is. */
#define PATIENCE_NS (SECOND / 4)

int window_is_own(const struct desktop *d, const struct window *w)
{
    return w->pid == d->ctx->pid;
}

uint16_t windows_find(const struct desktop *d, uint64_t pid, uint32_t surface)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct window *w = &d->all[d->order[i]];
        if (w->pid == pid && w->surface == surface) {
            return d->order[i];
        }
    }
    return NOBODY;
}

const char *window_name(const struct desktop *d, const struct window *w)
{
    (void)d;
    return w->title[0] != 0 ? w->title : "(no name)";
}

/* ---- sizes ---- */

/* Who follows the scale is shown as it is. Where nobody can be told of it, such windows know of the
 * screen alone, and what was set here is added. */
int32_t window_scale(const struct desktop *d, const struct window *w)
{
    int scaled = (w->flags & CTX_SURFACE_SCALED) != 0;
    uint32_t scale = scaled ? d->settings.scale * 120 / 100 : d->theme.scale;
    int itself = window_is_own(d, w) || kiosk_is(d) || (scaled && desktop_tells_scale(d));
    return itself || scale < 240 ? 1 : (int32_t)(scale / 120);
}

struct ctx_rect window_frame(const struct desktop *d, const struct window *w)
{
    if (!window_has_frame(d, w)) {
        return CTX_RECT(0, 0, 0, 0);
    }
    int32_t side = d->theme.border, top = d->theme.title_h;
    return CTX_RECT(side, top, 2 * side, top + side);
}

static int32_t narrowest(const struct desktop *d, const struct window *w)
{
    return window_has_frame(d, w) ? px(d, 180) : 1;
}

static struct ctx_rect with_frame(const struct desktop *d, const struct window *w, int32_t cw,
                                  int32_t ch)
{
    struct ctx_rect adds = window_frame(d, w);
    int32_t all_w = cw + adds.w;
    all_w = all_w < narrowest(d, w) ? narrowest(d, w) : all_w;
    return CTX_RECT(w->x, w->y, all_w, ch + adds.h);
}

struct ctx_rect window_rect(const struct desktop *d, const struct window *w)
{
    int32_t scale = window_scale(d, w);
    return with_frame(d, w, (int32_t)w->w * scale, (int32_t)w->h * scale);
}

struct ctx_rect window_smallest(const struct desktop *d, const struct window *w)
{
    int32_t scale = window_scale(d, w), least = 32;
    int32_t cw = (int32_t)w->smallest_w * scale, ch = (int32_t)w->smallest_h * scale;
    return with_frame(d, w, cw < least ? least : cw, ch < least ? least : ch);
}

/* ---- where it goes ---- */

void window_settle(struct desktop *d, struct window *w)
{
    struct ctx_rect r = window_rect(d, w), to = w->wanted;
    w->pending_ns = 0;
    d->arrange_due = 1;
    if (to.w == 0) {
        return;
    }
    if (w->tile != TILE_NONE) { /* one that did not take the size lies in its middle */
        w->x = to.x + (to.w > r.w ? (to.w - r.w) / 2 : 0);
        w->y = to.y + (to.h > r.h ? (to.h - r.h) / 2 : 0);
    } else {
        w->x = (w->wanted_edges & EDGE_LEFT) != 0 ? to.x + to.w - r.w : to.x;
        w->y = (w->wanted_edges & EDGE_TOP) != 0 ? to.y + to.h - r.h : to.y;
        w->y = w->y < d->work.y ? d->work.y : w->y;
    }
}

void windows_pending(struct desktop *d)
{
    for (uint32_t i = 0; i < d->count; i++) {
        struct window *w = &d->all[d->order[i]];
        if (w->pending_ns != 0 && d->now_ns >= w->pending_ns) {
            window_settle(d, w);
        }
    }
}

void windows_want(struct desktop *d, uint16_t id, struct ctx_rect r, uint32_t edges)
{
    struct window *w = &d->all[id];
    struct ctx_rect adds = window_frame(d, w);
    int32_t scale = window_scale(d, w);
    int32_t cw = (r.w - adds.w) / scale, ch = (r.h - adds.h) / scale;
    cw = cw < (int32_t)w->smallest_w ? (int32_t)w->smallest_w : cw;
    ch = ch < (int32_t)w->smallest_h ? (int32_t)w->smallest_h : ch;
    cw = cw < 1 ? 1 : cw > SURFACE_SIDE_MAX ? SURFACE_SIDE_MAX : cw;
    ch = ch < 1 ? 1 : ch > SURFACE_SIDE_MAX ? SURFACE_SIDE_MAX : ch;
    w->wanted = r;
    w->wanted_edges = edges;
    int same = (uint32_t)cw == w->w && (uint32_t)ch == w->h;
    int asked = (uint32_t)cw == w->asked_w && (uint32_t)ch == w->asked_h;
    if ((w->flags & CTX_SURFACE_FIXED) == 0 && !asked && (!same || w->asked_w != 0)) {
        d->windows->resize(d->windows, w->pid, w->surface, (uint32_t)cw, (uint32_t)ch);
        w->asked_w = (uint32_t)cw;
        w->asked_h = (uint32_t)ch;
        if (!same) {
            /* It moves when it has the size, so that nothing is seen of what lies in between. */
            w->pending_ns = d->now_ns + PATIENCE_NS;
            return;
        }
    }
    if (same || w->pending_ns == 0) {
        window_settle(d, w);
    }
}

/* ---- what can be done to one ---- */

void windows_activate(struct desktop *d, uint16_t id)
{
    uint16_t before = d->active;
    d->active = id;
    if (id != NOBODY) {
        d->all[id].minimized = d->all[id].calls = 0;
        d->shows_desktop = 0;
        order_raise(d->order, d->count, id);
        frame_give(d, id, 1);
    }
    if (!launcher_is_open(d) && !menu_is_open(d)) { /* else when they are closed */
        windows_focus_back(d);
    }
    if (before != d->active) {
        d->panels[PANEL_BAR].stale = 1;
    }
    d->arrange_due = 1;
}

void windows_choose(struct desktop *d, uint16_t id)
{
    launcher_close(d);
    menu_close(d);
    windows_activate(d, id);
    if (id != NOBODY && !window_is_own(d, &d->all[id])) {
        (void)crash_ask_again(d, d->all[id].pid);
    }
}

void windows_focus_back(struct desktop *d)
{
    if (d->active != NOBODY) {
        const struct window *w = &d->all[d->active];
        d->windows->focus(d->windows, w->pid, w->surface);
    } else {
        d->windows->focus(d->windows, ALL_ONES, 0);
    }
}

void windows_activate_top(struct desktop *d)
{
    for (uint32_t i = d->count; i > 0; i--) {
        if (!d->all[d->order[i - 1]].minimized) {
            windows_activate(d, d->order[i - 1]);
            return;
        }
    }
    windows_activate(d, NOBODY);
}

void windows_minimize(struct desktop *d, uint16_t id)
{
    d->all[id].minimized = 1;
    d->arrange_due = 1;
    d->panels[PANEL_BAR].stale = 1;
    if (d->active == id) {
        windows_activate_top(d);
    }
}

void windows_show_desktop(struct desktop *d)
{
    int any = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        struct window *w = &d->all[d->order[i]];
        if (!w->minimized) {
            w->minimized = 2; /* by this, and by this they come back */
            any = 1;
        }
    }
    for (int all = 0; all < 2 && !any; all++) { /* those; or if there are none, all */
        for (uint32_t i = 0; i < d->count; i++) {
            struct window *w = &d->all[d->order[i]];
            if (w->minimized == 2 || all) {
                w->minimized = 0;
                any = 1;
            }
        }
    }
    windows_activate_top(d);
    d->panels[PANEL_BAR].stale = 1;
}

void windows_close(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    if (window_is_own(d, w)) {
        panel_close(d, panel_of(d, w->surface));
        d->list_due = 1;
        return;
    }
    if (crash_ask_again(d, w->pid)) { /* it stands still: what is to become of it is asked there */
        return;
    }
    const struct ctx_app_info *app = app_by_pid(d, w->pid);
    if (app != NULL && app->version < 3) { /* it can not be asked, and has nowhere to save to */
        if (d->control == NULL || d->control->stop(d->control, w->pid) != CTX_OK) {
            ending_open(d, id);
        }
        return;
    }
    d->windows->close(d->windows, w->pid, w->surface);
    w->close_ns = d->now_ns + 3 * SECOND;
}

void windows_tile(struct desktop *d, uint16_t id, enum tile tile)
{
    struct window *w = &d->all[id];
    if (w->full || (tile == TILE_ALL && (w->flags & CTX_SURFACE_FIXED) != 0)) {
        return;
    }
    if (w->tile == TILE_NONE && tile != TILE_NONE) {
        w->normal = window_rect(d, w);
    }
    if (tile == TILE_NONE && w->tile != TILE_NONE) {
        struct ctx_rect r = w->normal;
        w->tile = TILE_NONE;
        r = r.w > 0 ? keep_inside(r, d->work)
                    : ctx_rect_inset(d->work, d->work.w / 6); /* taken over as tiled */
        windows_want(d, id, r, 0);
    } else if (tile != TILE_NONE) {
        w->tile = tile;
        windows_want(d, id, tile_rect(tile, d->work), 0);
    }
    d->arrange_due = 1;
}

void windows_take_screen(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    if (w->tile == TILE_NONE) {
        w->normal = window_rect(d, w);
    }
    w->full = 1;
    windows_want(d, id, CTX_RECT(0, 0, d->screen_w, d->screen_h), 0);
    d->arrange_due = 1;
}

void windows_full(struct desktop *d, uint16_t id, int on)
{
    static const char says[] = "Whole screen";
    struct window *w = &d->all[id];
    if (w->full == on) {
        return;
    }
    if (on) {
        windows_take_screen(d, id);
        if (!kiosk_is(d)) {
            notices_say(d, 0, says, "Ctrl-Alt-Enter leaves it.");
        }
        return;
    }
    notices_unsay(d, says);
    w->full = 0;
    w->asked_w = w->asked_h = 0;
    struct ctx_rect r =
        w->normal.w > 0 ? keep_inside(w->normal, d->work) : ctx_rect_inset(d->work, d->work.w / 6);
    windows_want(d, id, w->tile != TILE_NONE ? tile_rect(w->tile, d->work) : r, 0);
    d->arrange_due = 1;
}

/* Inside of the work area; one that is larger than that is asked to be as large, unless it is about
 * to take another size by itself, which is looked at then. */
static void bring_inside(struct desktop *d, uint16_t id, int changes)
{
    struct window *w = &d->all[id];
    struct ctx_rect r = window_rect(d, w);
    int larger = r.w > d->work.w || r.h > d->work.h;
    r.w = r.w > d->work.w ? d->work.w : r.w;
    r.h = r.h > d->work.h ? d->work.h : r.h;
    r = keep_inside(r, d->work);
    w->wanted.w = 0;
    if (larger && !changes) {
        windows_want(d, id, r, 0);
    } else {
        w->x = r.x;
        w->y = r.y;
    }
}

void windows_keep_in_sight(struct desktop *d, uint16_t id, struct ctx_rect before)
{
    const struct window *w = &d->all[id];
    struct ctx_rect was = keep_inside(before, d->work);
    int dragged = d->drag.kind != DRAG_NONE && d->drag.window == id;
    if (!w->full && w->tile == TILE_NONE && !dragged && was.x == before.x && was.y == before.y) {
        bring_inside(d, id, 0);
    }
}

void windows_bring_back(struct desktop *d, int rescaled)
{
    for (uint32_t i = 0; i < d->count; i++) {
        uint16_t id = d->order[i];
        struct window *w = &d->all[id];
        w->asked_w = w->asked_h = 0;
        if (w->full) {
            windows_want(d, id, CTX_RECT(0, 0, d->screen_w, d->screen_h), 0);
        } else if (w->tile != TILE_NONE) {
            windows_want(d, id, tile_rect(w->tile, d->work), 0);
        } else {
            bring_inside(d, id, rescaled && (w->flags & CTX_SURFACE_SCALED) != 0);
        }
    }
    d->arrange_due = 1;
}

uint16_t windows_at(const struct desktop *d, int32_t x, int32_t y)
{
    for (uint32_t i = d->count; i > 0; i--) {
        const struct window *w = &d->all[d->order[i - 1]];
        if (!w->minimized && ctx_rect_has(window_rect(d, w), x, y)) {
            return d->order[i - 1];
        }
    }
    return NOBODY;
}
