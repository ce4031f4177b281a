/* SPDX-License-Identifier: MIT */
/* Surfaces of the desktop's own: making, placing, passes of their controls. */
#include "desktop.h"

#include <ctx/key.h>

enum panel_kind panel_of(const struct desktop *d, uint32_t surface)
{
    uint32_t kind = 0;
    while (kind < PANELS && (surface == 0 || d->panels[kind].surface != surface)) {
        kind++;
    }
    return (enum panel_kind)kind;
}

int panel_is_window(const struct desktop *d, uint32_t surface)
{
    enum panel_kind kind = panel_of(d, surface);
    return kind >= FIRST_WINDOW_PANEL && kind < PANELS;
}

uint32_t panel_icon(enum panel_kind kind)
{
    return kind == PANEL_SETTINGS                         ? CTX_ICON_GEAR
           : kind == PANEL_OVERVIEW || kind == PANEL_HELP ? CTX_ICON_LIST
           : kind == PANEL_CRASH || kind == PANEL_ENDING  ? CTX_ICON_WARN
                                                          : CTX_ICON_NONE;
}

/* ---- coming and going ---- */

int panel_open(struct desktop *d, enum panel_kind kind, int32_t w, int32_t h, uint32_t format)
{
    struct panel *p = &d->panels[kind];
    const struct ctx_display *display = d->ctx->display;
    w = w < 1 ? 1 : w;
    h = h < 1 ? 1 : h;
    if (p->surface == 0) {
        if (display->create(display, (uint32_t)w, (uint32_t)h, format, CTX_SURFACE_REDRAWN,
                            &p->surface) != CTX_OK) {
            struct line line;
            line_clear(&line);
            line_put(&line, "no memory for a surface of ");
            line_put_bytes_of(&line, (uint64_t)w * (uint64_t)h * 4);
            desktop_say(d, &line);
            p->surface = 0;
            return 0;
        }
        p->w = (uint32_t)w;
        p->h = (uint32_t)h;
    } else { /* without memory it stays as large as it is */
        panel_resize(d, kind, w, h);
    }
    p->stale = 1;
    p->close_due = 0;
    ctx_ui_init(&p->ui, &d->theme, format);
    return 1;
}

void panel_close(struct desktop *d, enum panel_kind kind)
{
    struct panel *p = &d->panels[kind];
    if (p->drawing) { /* its pixels are in use */
        p->close_due = 1;
        return;
    }
    if (p->surface != 0) {
        d->ctx->display->destroy(d->ctx->display, p->surface);
        if (kind >= FIRST_WINDOW_PANEL) {
            d->list_due = 1;
        }
    }
    p->surface = 0;
    p->spot.is = 0;
    p->cursor = CTX_CURSOR_ARROW;
}

void panel_resize(struct desktop *d, enum panel_kind kind, int32_t w, int32_t h)
{
    struct panel *p = &d->panels[kind];
    if ((p->w != (uint32_t)w || p->h != (uint32_t)h) &&
        d->ctx->display->resize(d->ctx->display, p->surface, (uint32_t)w, (uint32_t)h) == CTX_OK) {
        p->w = (uint32_t)w;
        p->h = (uint32_t)h;
        d->list_due |= kind >= FIRST_WINDOW_PANEL;
        ctx_ui_redraw(&p->ui);
        p->stale = 1;
    }
}

/* What fits of a window of the desktop's own. */
static void fit(const struct desktop *d, int32_t *w, int32_t *h)
{
    int32_t most_w = d->work.w - 2 * d->theme.border;
    int32_t most_h = d->work.h - d->theme.title_h - d->theme.border;
    *w = *w > most_w ? most_w : *w;
    *h = *h > most_h ? most_h : *h;
}

void panel_rescale(struct desktop *d, enum panel_kind kind, int32_t before)
{
    struct panel *p = &d->panels[kind];
    int32_t now = (int32_t)d->theme.scale;
    int32_t w = p->opened_w > 0 ? px(d, p->opened_w) : (int32_t)p->w * now / before;
    int32_t h = p->opened_w > 0 ? px(d, p->opened_h) : (int32_t)p->h * now / before;
    fit(d, &w, &h);
    panel_resize(d, kind, w, h);
    uint16_t id = windows_find(d, d->ctx->pid, p->surface);
    if (id != NOBODY) { /* known at once, for it is brought back into sight by its size */
        d->all[id].w = p->w;
        d->all[id].h = p->h;
    }
}

void panel_put(struct desktop *d, enum panel_kind kind, int32_t x, int32_t y, int32_t level,
               uint32_t scale)
{
    struct panel *p = &d->panels[kind];
    put_spot(d, d->ctx->pid, p->surface, &p->spot, spot_at(x, y, level, scale, 0));
}

void panel_open_window(struct desktop *d, enum panel_kind kind, int32_t w, int32_t h,
                       const char *title, int fixed)
{
    struct panel *p = &d->panels[kind];
    const struct ctx_display *display = d->ctx->display;
    int32_t asked_w = w, asked_h = h;
    w = px(d, w);
    h = px(d, h);
    fit(d, &w, &h);
    if (p->surface != 0) {
        uint16_t id = windows_find(d, d->ctx->pid, p->surface);
        p->stale = 1;
        if (id != NOBODY) {
            windows_activate(d, id);
        }
        return;
    }
    if (display->create(display, (uint32_t)w, (uint32_t)h, CTX_SURFACE_RGBX,
                        CTX_SURFACE_REDRAWN | (fixed ? CTX_SURFACE_FIXED : 0),
                        &p->surface) != CTX_OK) {
        p->surface = 0;
        notices_say(d, 1, "No memory for a window", title);
        return;
    }
    p->w = (uint32_t)w;
    p->h = (uint32_t)h;
    p->opened_w = fixed ? asked_w : 0;
    p->opened_h = asked_h;
    p->stale = 1;
    p->close_due = 0;
    display->title(display, p->surface, title, text_len(title));
    display->ask_smallest(display, p->surface, (uint32_t)(w / 2), (uint32_t)(h / 2));
    ctx_ui_init(&p->ui, &d->theme, CTX_SURFACE_RGBX);
    d->list_due = 1;
}

/* ---- drawing ---- */

void panel_scroll(struct ctx_ui *ui, struct ctx_rect r, uint32_t *first, int32_t page,
                  int32_t count)
{
    int32_t by = ctx_rect_has(r, ui->x, ui->y) ? -3 * ui->wheel : 0;
    int32_t most = count > page ? count - page : 0;
    by += ctx_ui_key(ui, CTX_KEY_DOWN, 0) ? 1 : ctx_ui_key(ui, CTX_KEY_UP, 0) ? -1 : 0;
    by += ctx_ui_key(ui, CTX_KEY_PAGEDOWN, 0) ? page
          : ctx_ui_key(ui, CTX_KEY_PAGEUP, 0) ? -page
                                              : 0;
    by += (int32_t)*first;
    *first = (uint32_t)(by < 0 ? 0 : by > most ? most : by);
}

void panel_two_lines(struct ctx_ui *ui, struct ctx_rect r, const char *text, uint32_t lines)
{
    uint32_t all = text_len(text), fits = ctx_text_fit(ui->theme.small, text, all, r.w);
    uint32_t cut = fits, flags = CTX_UI_SMALL | CTX_UI_MUTED;
    struct line first;
    if (lines < 2) {
        ctx_ui_label(ui, r, text, flags);
        return;
    }
    while (fits < all && cut > 0 && text[cut] != ' ') {
        cut--;
    }
    cut = cut > 0 ? cut : fits;
    line_clear(&first);
    line_put_bytes(&first, text, cut);
    ctx_ui_label(ui, ctx_rect_top(&r, r.h / 2), first.text, flags);
    ctx_ui_label(ui, r, text + cut + (text[cut] == ' '), flags);
}

struct ctx_rect panel_floating(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    int32_t shadow = frame_shadow(d), corner = t->window_radius;
    struct ctx_rect all = {0, 0, (int32_t)p->w, (int32_t)p->h};
    struct ctx_rect r = ctx_rect_inset(all, shadow);
    if (ctx_ui_look(ui, all, 1)) {
        ctx_draw_clear(&ui->draw, all, 0);
        ctx_draw_shadow(&ui->draw, ctx_rect_inset(r, corner), shadow + corner,
                        CTX_ALPHA(CTX_RGB(0), 200));
        ctx_draw_round(&ui->draw, r, corner, t->line);
        ctx_draw_round(&ui->draw, ctx_rect_inset(r, t->border), corner - t->border, t->panel);
        ctx_ui_drawn(ui);
    }
    ui->back = t->panel;
    return r;
}

static void draw(struct desktop *d, enum panel_kind kind, struct panel *p)
{
    static void (*const draws[PANELS])(struct desktop *, struct panel *) = {
        [PANEL_BAR] = bar_draw,           [PANEL_LAUNCHER] = launcher_draw,
        [PANEL_MENU] = menu_draw,         [PANEL_SWITCHER] = switcher_draw,
        [PANEL_NOTICES] = notices_draw,   [PANEL_SETTINGS] = settings_draw,
        [PANEL_OVERVIEW] = overview_draw, [PANEL_CRASH] = crash_draw,
        [PANEL_ENDING] = ending_draw,     [PANEL_HELP] = help_draw,
    };
    if (draws[kind] != NULL) {
        draws[kind](d, p);
    }
}

static void show(struct desktop *d, struct panel *p)
{
    const struct ctx_display *display = d->ctx->display;
    for (uint32_t i = 0; i < p->ui.damages; i++) {
        struct ctx_rect r = p->ui.damage[i];
        display->damage(display, p->surface, (uint32_t)r.x, (uint32_t)r.y, (uint32_t)r.w,
                        (uint32_t)r.h);
    }
    p->ui.damages = 0;
    if (p->cursor != p->ui.cursor) {
        p->cursor = p->ui.cursor;
        display->cursor(display, p->surface, p->cursor);
    }
}

void panel_pass(struct desktop *d, enum panel_kind kind)
{
    struct panel *p = &d->panels[kind];
    p->stale = 0;
    if (p->surface == 0 || kind <= PANEL_PREVIEW) {
        return;
    }
    void *pixels = d->ctx->display->pixels(d->ctx->display, p->surface);
    p->drawing = 1;
    do {
        ctx_ui_begin(&p->ui, pixels, p->w, p->h, p->w);
        draw(d, kind, p);
    } while (ctx_ui_end(&p->ui));
    p->drawing = 0;
    show(d, p);
    if (p->close_due) {
        panel_close(d, kind);
    }
}

void panel_event(struct desktop *d, enum panel_kind kind, const struct ctx_event *e)
{
    struct panel *p = &d->panels[kind];
    if (p->surface == 0 || kind <= PANEL_PREVIEW) {
        return;
    }
    if (e->kind == CTX_EVENT_CLOSE) {
        panel_close(d, kind);
        return;
    }
    if (e->kind == CTX_EVENT_RESIZE) {
        panel_resize(d, kind, e->x, e->y);
        return;
    }
    ctx_ui_feed(&p->ui, e);
    panel_pass(d, kind);
}

void panels_up_to_date(struct desktop *d)
{
    for (uint32_t kind = 0; kind < PANELS; kind++) {
        if (d->panels[kind].stale) {
            panel_pass(d, (enum panel_kind)kind);
        }
    }
}
