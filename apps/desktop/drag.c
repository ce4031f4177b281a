/* SPDX-License-Identifier: MIT */
/* What the pointer does to windows: their frames, and with Alt held all of them. */
#include "desktop.h"

#include <ctx/key.h>

#define DOUBLE_CLICK_NS (SECOND * 4 / 10)

/* ---- looks ---- */

static uint32_t cursor_of(enum part part, uint32_t edges)
{
    switch (part == PART_EDGE ? edges : 0) {
    case EDGE_LEFT:
    case EDGE_RIGHT:
        return CTX_CURSOR_SIZE_WE;
    case EDGE_TOP:
    case EDGE_BOTTOM:
        return CTX_CURSOR_SIZE_NS;
    case EDGE_LEFT | EDGE_TOP:
    case EDGE_RIGHT | EDGE_BOTTOM:
        return CTX_CURSOR_SIZE_NWSE;
    case EDGE_RIGHT | EDGE_TOP:
    case EDGE_LEFT | EDGE_BOTTOM:
        return CTX_CURSOR_SIZE_NESW;
    default:
        return CTX_CURSOR_ARROW;
    }
}

static void hover(struct desktop *d, uint16_t id, enum part part, uint32_t edges)
{
    if (id != NOBODY) {
        struct window *w = &d->all[id];
        uint32_t cursor = cursor_of(part, edges);
        if (w->cursor != cursor && w->frame != 0) {
            w->cursor = cursor;
            d->ctx->display->cursor(d->ctx->display, w->frame, cursor);
        }
    }
    if (d->hovered != id || d->hovered_part != part) {
        d->hovered = id;
        d->hovered_part = part;
        d->arrange_due = 1;
    }
}

void drag_leave(struct desktop *d)
{
    hover(d, NOBODY, PART_NONE, 0);
}

void preview_draw(struct desktop *d)
{
    const struct ctx_display *display = d->ctx->display;
    const struct panel *p = &d->panels[PANEL_PREVIEW];
    const struct ctx_theme *t = &d->theme;
    struct ctx_draw on =
        ctx_draw_on(display->pixels(display, p->surface), p->w, p->h, p->w, CTX_SURFACE_RGBA);
    struct ctx_rect all = {0, 0, on.w, on.h};
    ctx_draw_clear(&on, all, 0);
    ctx_draw_round(&on, all, t->window_radius, CTX_ALPHA(t->accent, 56));
    ctx_draw_ring(&on, all, t->window_radius, t->focus, CTX_ALPHA(t->accent, 230));
    display->damage(display, p->surface, 0, 0, p->w, p->h);
}

static void preview(struct desktop *d, enum tile target)
{
    struct ctx_rect r = ctx_rect_inset(tile_rect(target, d->work), px(d, 6));
    if (target == d->drag.target) {
        return;
    }
    d->drag.target = target;
    if (target == TILE_NONE) {
        panel_close(d, PANEL_PREVIEW);
    } else if (panel_open(d, PANEL_PREVIEW, r.w, r.h, CTX_SURFACE_RGBA)) {
        preview_draw(d);
        /* Over all windows but the one that is dragged, which is the highest. */
        panel_put(d, PANEL_PREVIEW, r.x, r.y, LEVEL_STEP * ((int32_t)d->count - 1) - 1, 1);
    }
}

/* ---- beginning ---- */

/* While something is dragged, Esc is the desktop's; Alt may be held for it. */
static void escape(struct desktop *d, int on)
{
    static const uint32_t with[] = {0, CTX_MOD_ALT};
    for (uint32_t i = 0; i < 2; i++) {
        if (on) {
            d->windows->grab(d->windows, CTX_KEY_ESC, with[i]);
        } else {
            d->windows->ungrab(d->windows, CTX_KEY_ESC, with[i]);
        }
    }
}

void drag_end(struct desktop *d)
{
    preview(d, TILE_NONE);
    if (d->drag.kind == DRAG_MOVE || d->drag.kind == DRAG_SIZE) {
        escape(d, 0);
    }
    d->drag.kind = DRAG_NONE;
    d->arrange_due = 1;
}

static void begin(struct desktop *d, uint16_t id, enum drag_kind kind, enum part part,
                  uint32_t edges)
{
    const struct window *w = &d->all[id];
    if (kind != DRAG_BUTTON) {
        escape(d, 1);
    }
    d->drag = (struct drag){.kind = kind,
                            .first = window_rect(d, w),
                            .normal = w->normal,
                            .tile = w->tile,
                            .window = id,
                            .part = part,
                            .edges = edges,
                            .from_x = d->screen_x,
                            .from_y = d->screen_y,
                            .from = window_rect(d, w)};
    d->arrange_due = 1;
}

static int is_double(struct desktop *d, uint16_t id)
{
    int twice = d->click_window == id && d->now_ns - d->click_ns < DOUBLE_CLICK_NS;
    d->click_ns = twice ? 0 : d->now_ns;
    d->click_window = id;
    return twice;
}

void drag_press(struct desktop *d, uint32_t button)
{
    uint16_t id = frame_owner(d, d->over);
    uint32_t edges = 0;
    if (id == NOBODY || d->drag.kind != DRAG_NONE) {
        return;
    }
    struct window *w = &d->all[id];
    enum part part = frame_part(d, w, d->screen_x, d->screen_y, &edges);
    if (button == CTX_BTN_MIDDLE && part == PART_TITLE) {
        order_lower(d->order, d->count, id);
        windows_activate_top(d);
        return;
    }
    if (part == PART_NONE) { /* only shadow: meant is what it falls on */
        id = windows_at(d, d->screen_x, d->screen_y);
        if (id != NOBODY) {
            windows_activate(d, id);
        }
        return;
    }
    windows_choose(d, id);
    if (button == CTX_BTN_RIGHT && part != PART_EDGE) {
        menu_open(d, id, d->screen_x, d->screen_y);
    }
    if (button != CTX_BTN_LEFT) {
        return;
    }
    if (part == PART_EDGE) {
        begin(d, id, DRAG_SIZE, part, edges);
    } else if (part == PART_TITLE && is_double(d, id)) {
        windows_tile(d, id, w->tile == TILE_ALL ? TILE_NONE : TILE_ALL);
    } else if (part == PART_TITLE) {
        begin(d, id, DRAG_MOVE, part, 0);
    } else {
        begin(d, id, DRAG_BUTTON, part, 0);
    }
}

/* The corner that is nearest. */
static uint32_t nearest_corner(struct ctx_rect r, int32_t x, int32_t y)
{
    return (x < r.x + r.w / 2 ? EDGE_LEFT : EDGE_RIGHT) |
           (y < r.y + r.h / 2 ? EDGE_TOP : EDGE_BOTTOM);
}

void drag_press_anywhere(struct desktop *d, uint32_t button)
{
    uint16_t id = windows_at(d, d->screen_x, d->screen_y);
    if (id == NOBODY || d->all[id].full || d->drag.kind != DRAG_NONE) {
        return;
    }
    const struct window *w = &d->all[id];
    windows_activate(d, id);
    if (button == CTX_BTN_LEFT) {
        begin(d, id, DRAG_MOVE, PART_TITLE, 0);
    } else if (button == CTX_BTN_RIGHT && (w->flags & CTX_SURFACE_FIXED) == 0 &&
               w->tile != TILE_ALL) {
        begin(d, id, DRAG_SIZE, PART_EDGE,
              nearest_corner(window_rect(d, w), d->screen_x, d->screen_y));
    }
}

/* ---- going on ---- */

/* A tiled window that is pulled away gets its old size, and stays under the pointer. */
static void tear_off(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    struct ctx_rect now = d->drag.from, old = w->normal;
    old.w = old.w > 0 ? old.w : now.w * 2 / 3;
    old.h = old.h > 0 ? old.h : now.h * 2 / 3;
    int32_t in_x = d->drag.from_x - now.x;
    old.x = d->drag.from_x - (int32_t)((int64_t)in_x * old.w / (now.w > 0 ? now.w : 1));
    old.y = now.y;
    w->tile = TILE_NONE;
    windows_want(d, id, old, 0);
    d->drag.from = old;
}

static void move(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    int32_t dx = d->screen_x - d->drag.from_x, dy = d->screen_y - d->drag.from_y;
    if (!d->drag.moved) {
        int32_t least = px(d, w->tile != TILE_NONE ? 8 : 3);
        if (dx < least && dx > -least && dy < least && dy > -least) {
            return;
        }
        d->drag.moved = 1;
        if (w->tile != TILE_NONE) {
            tear_off(d, id);
        }
    }
    struct ctx_rect r = window_rect(d, w);
    r.x = d->drag.from.x + dx;
    r.y = d->drag.from.y + dy;
    r = keep_reachable(r, d->work, d->theme.title_h, px(d, 80));
    w->x = r.x;
    w->y = r.y;
    if (w->wanted.w != 0) {
        w->wanted.x = r.x;
        w->wanted.y = r.y;
        w->wanted_edges = 0;
    }
    preview(d, (w->flags & CTX_SURFACE_FIXED) != 0
                   ? TILE_NONE
                   : tile_at(d->screen_x, d->screen_y, d->screen_w, d->screen_h, px(d, 3) + 1));
    d->arrange_due = 1;
}

static void size(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    struct ctx_rect least = window_smallest(d, w);
    struct ctx_rect r = move_edges(d->drag.from, d->drag.edges, d->screen_x - d->drag.from_x,
                                   d->screen_y - d->drag.from_y, least.w, least.h);
    if (r.y < d->work.y) { /* a title above the screen could not be taken any more */
        r.h -= d->work.y - r.y;
        r.y = d->work.y;
    }
    w->tile = TILE_NONE;
    windows_want(d, id, r, d->drag.edges);
}

void drag_motion(struct desktop *d)
{
    uint16_t id = d->drag.window;
    if (d->drag.kind == DRAG_MOVE) {
        move(d, id);
    } else if (d->drag.kind == DRAG_SIZE) {
        size(d, id);
    } else {
        uint16_t over = frame_owner(d, d->over);
        uint32_t edges = 0;
        enum part part = PART_NONE;
        if (over != NOBODY) {
            part = frame_part(d, &d->all[over], d->screen_x, d->screen_y, &edges);
        }
        hover(d, over, part, edges);
    }
}

/* ---- the end ---- */

static void clicked(struct desktop *d, uint16_t id, enum part part)
{
    if (part == PART_CLOSE) {
        windows_close(d, id);
    } else if (part == PART_MINIMIZE) {
        windows_minimize(d, id);
    } else if (part == PART_MAXIMIZE) {
        windows_tile(d, id, d->all[id].tile == TILE_ALL ? TILE_NONE : TILE_ALL);
    }
}

void drag_release(struct desktop *d, uint32_t button)
{
    struct drag was = d->drag;
    if (was.kind == DRAG_NONE || (was.kind == DRAG_BUTTON && button != CTX_BTN_LEFT) ||
        (was.kind != DRAG_BUTTON && d->buttons != 0)) {
        return;
    }
    drag_end(d);
    d->click_window = was.moved ? NOBODY : d->click_window; /* no first half of a double click */
    if (was.kind == DRAG_BUTTON) {
        if (d->hovered == was.window && d->hovered_part == was.part) {
            clicked(d, was.window, was.part);
        }
    } else if (was.kind == DRAG_MOVE && was.target != TILE_NONE) {
        struct window *w = &d->all[was.window];
        w->normal = was.from;
        w->tile = TILE_ALL; /* so that this place, at the edge, is not what it returns to */
        windows_tile(d, was.window, was.target);
    } else if (was.kind == DRAG_MOVE && was.moved) {
        d->all[was.window].wanted.w = 0;
    }
}

void drag_take_back(struct desktop *d)
{
    struct drag was = d->drag;
    struct window *w = &d->all[was.window];
    if (was.kind != DRAG_MOVE && was.kind != DRAG_SIZE) {
        escape(d, 0); /* it was left from a call that was taken back */
        return;
    }
    drag_end(d);
    d->click_window = NOBODY;
    w->tile = TILE_NONE;
    w->asked_w = w->asked_h = 0; /* so that it may be asked for the size that it had */
    windows_want(d, was.window, was.first, 0);
    if (was.tile != TILE_NONE) {
        windows_tile(d, was.window, was.tile);
        w->normal = was.normal;
    }
}

void drag_forget(struct desktop *d, uint16_t id)
{
    if (d->drag.kind != DRAG_NONE && d->drag.window == id) {
        drag_end(d);
    }
    if (d->hovered == id) {
        d->hovered = NOBODY;
    }
    if (d->click_window == id) {
        d->click_window = NOBODY;
    }
}
