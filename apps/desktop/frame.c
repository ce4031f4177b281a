/* SPDX-License-Identifier: MIT */
/*
 * What is around a window: one surface of the desktop's own below each, with title, thin border and
 * shadow, stretched to its height; the contents lie on it.
 */
#include "desktop.h"

#define BUTTONS  3  /* from the right: close, maximize, minimize */
#define EDGE_OUT 10 /* how far outside an edge is taken, at scale 120 */

int32_t frame_shadow(const struct desktop *d)
{
    return d->theme.shadow * 2 / 3;
}

int window_has_frame(const struct desktop *d, const struct window *w)
{
    return !w->full && !kiosk_is(d) && !w->bare;
}

/* ---- who has one, where there are not enough ---- */

static uint32_t framed(const struct desktop *d, uint64_t pid, int all)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct window *w = &d->all[d->order[i]];
        count += !w->bare && (all || w->pid == pid);
    }
    return count;
}

/* Of the app that has most of them the lowest one; never the one that has the keys. */
static uint16_t who_gives(const struct desktop *d)
{
    uint16_t found = NOBODY;
    uint32_t most = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct window *w = &d->all[d->order[i]];
        uint32_t count = framed(d, w->pid, 0);
        if (!w->bare && d->order[i] != d->active && w->tile == TILE_NONE && !w->full &&
            count > most) {
            most = count;
            found = d->order[i];
        }
    }
    return found;
}

/* What it shows stays where it is. */
static void set_bare(struct desktop *d, struct window *w, int bare)
{
    struct ctx_rect before = window_rect(d, w), adds = window_frame(d, w);
    int32_t cw = (int32_t)w->w * window_scale(d, w);
    w->x += (before.w - cw) / 2;
    w->y += adds.y;
    w->bare = bare;
    struct ctx_rect now = window_rect(d, w);
    w->x -= (now.w - cw) / 2;
    w->y -= window_frame(d, w).y;
    w->y = w->y < d->work.y ? d->work.y : w->y;
    if (bare) {
        frame_drop(d, w);
    }
    d->arrange_due = 1;
}

void frame_give(struct desktop *d, uint16_t id, int takes)
{
    if (!d->all[id].bare) {
        return;
    }
    if (framed(d, 0, 1) >= FRAMES_MAX) {
        uint16_t from = takes ? who_gives(d) : NOBODY;
        if (from == NOBODY) {
            return;
        }
        set_bare(d, &d->all[from], 1);
    }
    set_bare(d, &d->all[id], 0);
}

void frames_left(struct desktop *d)
{
    for (uint32_t i = d->count; i > 0 && framed(d, 0, 1) < FRAMES_MAX; i--) {
        frame_give(d, d->order[i - 1], 0);
    }
}

uint16_t frame_owner(const struct desktop *d, uint32_t surface)
{
    for (uint32_t i = 0; i < d->count; i++) {
        if (surface != 0 && d->all[d->order[i]].frame == surface) {
            return d->order[i];
        }
    }
    return NOBODY;
}

void frame_drop(struct desktop *d, struct window *w)
{
    if (w->frame != 0) {
        d->ctx->display->destroy(d->ctx->display, w->frame);
    }
    w->frame = 0;
    w->frame_w = w->frame_h = 0;
    w->frame_spot.is = 0;
}

/* ---- where its parts are ---- */

static struct ctx_rect button_rect(const struct desktop *d, struct ctx_rect r, int32_t no)
{
    int32_t space = px(d, 4), side = d->theme.title_h - 2 * space;
    return CTX_RECT(r.x + r.w - (no + 1) * (side + space) - d->theme.border, r.y + space, side,
                    side);
}

/* What the no'th button from the right is. A size that nobody can change needs none for it. */
static enum part part_no(const struct window *w, int32_t no)
{
    static const enum part parts[] = {PART_CLOSE, PART_MAXIMIZE, PART_MINIMIZE};
    static const enum part fixed[] = {PART_CLOSE, PART_MINIMIZE, PART_NONE};
    return ((w->flags & CTX_SURFACE_FIXED) != 0 ? fixed : parts)[no];
}

enum part frame_part(const struct desktop *d, const struct window *w, int32_t x, int32_t y,
                     uint32_t *edges)
{
    struct ctx_rect r = window_rect(d, w);
    *edges = 0;
    for (int32_t i = 0; i < BUTTONS; i++) {
        if (part_no(w, i) != PART_NONE &&
            ctx_rect_has(ctx_rect_inset(button_rect(d, r, i), -px(d, 2)), x, y)) {
            return part_no(w, i);
        }
    }
    if ((w->flags & CTX_SURFACE_FIXED) == 0 && w->tile != TILE_ALL) {
        *edges = edge_at(r, x, y, px(d, EDGE_OUT), px(d, 3), px(d, 20));
        if (*edges != 0) {
            return PART_EDGE;
        }
    }
    return ctx_rect_has(CTX_RECT(r.x, r.y, r.w, d->theme.title_h), x, y) ? PART_TITLE : PART_NONE;
}

/* ---- drawing ---- */

void window_draw_icon(const struct desktop *d, const struct ctx_draw *on, struct ctx_rect r,
                      const struct window *w)
{
    const struct ctx_theme *t = &d->theme;
    const struct ctx_font *font = r.h > t->control_h ? t->head : t->small;
    uint32_t icon = panel_icon(w->pid == d->ctx->pid ? panel_of(d, w->surface) : PANELS);
    if (icon == CTX_ICON_NONE) {
        ctx_draw_app_icon(on, r, font, w->app[0] != 0 ? w->app : window_name(d, w));
    } else {
        int contrast = (t->flags & CTX_THEME_CONTRAST) != 0;
        ctx_draw_round(on, r, r.w / 6, contrast ? t->control : t->thumb);
        ctx_draw_icon(on, ctx_rect_inset(r, r.w / 6), icon, t->text);
    }
}

static uint32_t title_look(const struct desktop *d, uint16_t id)
{
    const struct window *w = &d->all[id];
    uint32_t look = ctx_ui_mix_text(7, w->title, text_len(w->title));
    look = ctx_ui_mix(look, (uint32_t)(d->active == id));
    look = ctx_ui_mix(look, (uint32_t)(w->tile == TILE_ALL) << 1 | (uint32_t)(w->flags & 2));
    look = ctx_ui_mix(look, d->hovered == id ? (uint32_t)d->hovered_part + 1 : 0);
    int held = d->drag.kind == DRAG_BUTTON && d->drag.window == id;
    return ctx_ui_mix(look, held ? (uint32_t)d->drag.part : 0);
}

static void draw_button(const struct desktop *d, const struct ctx_draw *on, uint16_t id,
                        struct ctx_rect r, enum part part)
{
    const struct ctx_theme *t = &d->theme;
    const struct window *w = &d->all[id];
    uint32_t icon = part == PART_CLOSE      ? CTX_ICON_CLOSE
                    : part == PART_MINIMIZE ? CTX_ICON_MINIMIZE
                    : w->tile == TILE_ALL   ? CTX_ICON_RESTORE
                                            : CTX_ICON_MAXIMIZE;
    uint32_t color = d->active == id ? t->text : t->muted;
    int hovered = d->hovered == id && d->hovered_part == part;
    int held = d->drag.kind == DRAG_BUTTON && d->drag.window == id && d->drag.part == part;
    if (hovered && (held || d->drag.kind == DRAG_NONE)) {
        uint32_t plane = part == PART_CLOSE ? t->danger : held ? t->press : t->hover;
        ctx_draw_round(on, r, t->radius, plane);
        color = part == PART_CLOSE ? t->on_danger : t->text;
    }
    ctx_draw_icon(on, ctx_rect_inset(r, px(d, 5)), icon, color);
}

static void draw_title(const struct desktop *d, const struct ctx_draw *on, uint16_t id,
                       struct ctx_rect r)
{
    const struct ctx_theme *t = &d->theme;
    const struct window *w = &d->all[id];
    int active = d->active == id;
    int32_t icon = px(d, 18), space = (t->title_h - icon) / 2;
    const char *name = window_name(d, w);
    struct ctx_rect at = {r.x + space + t->border, r.y + space, icon, icon};
    struct ctx_rect last = button_rect(d, r, BUTTONS - 1);
    window_draw_icon(d, on, at, w);
    struct ctx_rect text = {at.x + icon + t->gap, r.y, 0, t->title_h};
    text.w = last.x - t->gap - text.x;
    if (text.w > 0) {
        ctx_draw_text_in(on, active ? t->bold : t->body, text, name, CTX_TEXT_ALL, CTX_TEXT_LEFT,
                         active ? t->text : t->muted);
    }
    for (int32_t i = 0; i < BUTTONS; i++) {
        if (part_no(w, i) != PART_NONE) {
            draw_button(d, on, id, button_rect(d, r, i), part_no(w, i));
        }
    }
}

static void draw(const struct desktop *d, const struct ctx_draw *on, uint16_t id)
{
    const struct ctx_theme *t = &d->theme;
    int active = d->active == id;
    int32_t shadow = frame_shadow(d), corner = t->window_radius;
    struct ctx_rect r = {shadow, shadow, on->w - 2 * shadow, on->h - 2 * shadow};
    uint32_t title = active ? t->title : t->title_idle;
    int ring = active && (t->flags & CTX_THEME_CONTRAST) != 0; /* its lower corners are square */
    uint32_t line = ring ? t->accent : t->line;
    struct ctx_rect top = {r.x, r.y, r.w, t->title_h + corner};
    ctx_draw_clear(on, CTX_RECT(0, 0, on->w, on->h), 0);
    ctx_draw_shadow(on, ctx_rect_inset(r, corner), shadow + corner,
                    CTX_ALPHA(CTX_RGB(0), active ? 210 : 130));
    ctx_draw_round(on, top, corner, line);
    ctx_draw_fill(on, CTX_RECT(r.x, r.y + t->title_h, r.w, r.h - t->title_h), line);
    ctx_draw_round(on, ctx_rect_inset(top, t->border), corner - t->border, title);
    ctx_draw_fill(on,
                  CTX_RECT(r.x + t->border, r.y + t->title_h, r.w - 2 * t->border,
                           r.h - t->title_h - t->border),
                  t->window);
    if (ring) {
        ctx_draw_ring(on, r, corner, t->focus, t->accent);
    }
    draw_title(d, on, id, r);
}

/*
 * Between its upper and its lower end a frame is the same in each row. So its surface has one such
 * row, which the kernel stretches: a frame takes as much memory as its ends, however high it is.
 */
static int32_t kept_top(const struct desktop *d)
{
    return frame_shadow(d) + d->theme.title_h + d->theme.window_radius;
}

static int32_t kept_bottom(const struct desktop *d)
{
    return frame_shadow(d) + d->theme.window_radius + d->theme.border;
}

static uint32_t picture_h(const struct desktop *d, struct ctx_rect r)
{
    int32_t all = r.h + 2 * frame_shadow(d), least = kept_top(d) + 1 + kept_bottom(d);
    return (uint32_t)(all < least ? all : least);
}

struct spot frame_spot(const struct desktop *d, const struct window *w, struct ctx_rect r)
{
    int32_t shadow = frame_shadow(d);
    struct spot to = {.x = r.x - shadow, .y = r.y - shadow, .scale = 1, .is = 1};
    if (w->frame_h < (uint32_t)(r.h + 2 * shadow)) {
        to.shown_w = w->frame_w;
        to.shown_h = (uint32_t)(r.h + 2 * shadow);
        to.keep_top = (uint32_t)kept_top(d);
        to.keep_bottom = (uint32_t)kept_bottom(d);
    }
    return to;
}

/* 0: there is no surface for it. */
static int frame_fit(struct desktop *d, struct window *w, uint32_t w_px, uint32_t h_px)
{
    const struct ctx_display *display = d->ctx->display;
    if (w_px > SURFACE_SIDE_MAX) { /* no surface is so wide */
        set_bare(d, w, 1);
        return 0;
    }
    if (w->frame == 0) {
        if (display->create(display, w_px, h_px, CTX_SURFACE_RGBA, CTX_SURFACE_REDRAWN,
                            &w->frame) != CTX_OK) {
            w->frame = 0;
            if (!d->told_frames) {
                d->told_frames = 1;
                notices_say(d, 1, "No memory for a frame", "Windows without one move by Alt-drag.");
            }
            return 0;
        }
        w->cursor = CTX_CURSOR_ARROW;
    } else if (display->resize(display, w->frame, w_px, h_px) != CTX_OK) {
        frame_drop(d, w);
        return 0;
    }
    w->frame_w = w_px;
    w->frame_h = h_px;
    return 1;
}

void frame_draw(struct desktop *d, uint16_t id)
{
    struct window *w = &d->all[id];
    const struct ctx_display *display = d->ctx->display;
    struct ctx_rect r = window_rect(d, w);
    int32_t shadow = frame_shadow(d);
    uint32_t fw = (uint32_t)(r.w + 2 * shadow), fh = picture_h(d, r);
    uint32_t look = title_look(d, id);
    int whole = w->frame == 0 || fw != w->frame_w || fh != w->frame_h;
    if (!whole && !w->frame_lost && look == w->look) {
        return;
    }
    if (whole && !frame_fit(d, w, fw, fh)) {
        return;
    }
    /* Whether it has the keys is seen in the shadow too. */
    whole |= w->frame_lost || (d->active == id) != (int)(w->told_active);
    w->frame_lost = 0;
    w->told_active = d->active == id;
    w->look = look;
    struct ctx_draw on =
        ctx_draw_on(display->pixels(display, w->frame), fw, fh, fw, CTX_SURFACE_RGBA);
    if (!whole) {
        on.clip = CTX_RECT(0, 0, on.w, shadow + d->theme.title_h);
    }
    draw(d, &on, id);
    display->damage(display, w->frame, 0, 0, fw, (uint32_t)on.clip.h);
}
