/* SPDX-License-Identifier: MIT */
#include "pane.h"

#include <string.h>

/* What people want of all apps; an older system does not say. */
static uint32_t looks(struct ctx *ctx)
{
    struct ctx_display_info info = {.size = sizeof info};
    int contrast = ctx->display->info(ctx->display, &info) == CTX_OK &&
                   (info.flags & CTX_DISPLAY_CONTRAST) != 0;
    return contrast ? CTX_THEME_CONTRAST : 0;
}

static void dress(struct pane *p)
{
    struct ctx_theme theme;
    ctx_theme_make(&theme, p->scale, p->flags | looks(p->ctx), &ctx_faces_all);
    ctx_ui_set_theme(&p->ui, &theme);
}

static uint32_t scale_of_screen(struct ctx *ctx)
{
    struct ctx_display_info info = {.size = sizeof info};
    return ctx->display->info(ctx->display, &info) == CTX_OK && info.scale != 0 ? info.scale : 120;
}

int pane_open(struct pane *p, struct ctx *ctx, const char *title, const struct pane_size *size,
              uint32_t flags)
{
    struct ctx_theme theme;
    struct ctx_display_info info = {.size = sizeof info};
    memset(p, 0, sizeof *p);
    p->ctx = ctx;
    p->flags = flags;
    p->scale = scale_of_screen(ctx);
    p->least_w = size->least_w * p->scale / 120;
    p->least_h = size->least_h * p->scale / 120;
    p->w = size->w * p->scale / 120;
    p->h = size->h * p->scale / 120;
    if (ctx->display->info(ctx->display, &info) == CTX_OK) { /* a small screen */
        p->w = p->w > info.w ? info.w : p->w;
        p->h = p->h > info.h ? info.h : p->h;
    }
    if (ctx->display->create(ctx->display, p->w, p->h, CTX_SURFACE_RGBX, 0, &p->surface) !=
        CTX_OK) {
        p->surface = 0;
        return 0;
    }
    /* What is in it can be drawn at any time, so nobody need keep it (an older system does). */
    ctx->display->ask_flags(ctx->display, p->surface, CTX_SURFACE_REDRAWN | CTX_SURFACE_SCALED);
    ctx->display->ask_smallest(ctx->display, p->surface, p->least_w, p->least_h);
    pane_title(p, title);
    ctx_theme_make(&theme, p->scale, p->flags | looks(ctx), &ctx_faces_all);
    ctx_ui_init(&p->ui, &theme, CTX_SURFACE_RGBX);
    p->clipboard = clip_ui(&p->clip, ctx);
    p->ui.clipboard = &p->clipboard;
    return 1;
}

void pane_close(struct pane *p)
{
    if (p->surface != 0) {
        p->ctx->display->destroy(p->ctx->display, p->surface);
        p->surface = 0;
    }
}

void pane_title(struct pane *p, const char *title)
{
    uint32_t len = (uint32_t)strlen(title);
    if (len > 63) {
        len = 63;
        while (len > 0 && ((uint8_t)title[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    if (p->ctx->display->title(p->ctx->display, p->surface, title, len) != CTX_OK) {
        char plain[64]; /* a file's name may be anything */
        for (uint32_t i = 0; i < len; i++) {
            plain[i] = title[i] >= ' ' && title[i] < 127 ? title[i] : '?';
        }
        p->ctx->display->title(p->ctx->display, p->surface, plain, len);
    }
}

/* Another size, from whoever manages windows. Without memory for it everything stays. */
static void resize(struct pane *p, int32_t w, int32_t h)
{
    uint32_t to_w = w < (int32_t)p->least_w ? p->least_w : (uint32_t)w;
    uint32_t to_h = h < (int32_t)p->least_h ? p->least_h : (uint32_t)h;
    if ((to_w != p->w || to_h != p->h) &&
        p->ctx->display->resize(p->ctx->display, p->surface, to_w, to_h) == CTX_OK) {
        p->w = to_w;
        p->h = to_h;
        ctx_ui_redraw(&p->ui);
    }
}

/* Things are wanted larger or smaller, and so is the window: about as much is seen in it as before.
 */
static void rescale(struct pane *p, uint32_t to)
{
    uint32_t from = p->scale;
    p->scale = to;
    p->least_w = p->least_w * to / from;
    p->least_h = p->least_h * to / from;
    p->ctx->display->ask_smallest(p->ctx->display, p->surface, p->least_w, p->least_h);
    resize(p, (int32_t)(p->w * to / from), (int32_t)(p->h * to / from));
    dress(p);
}

int pane_event(struct pane *p, const struct ctx_event *e, pane_draw draw, void *app)
{
    struct ctx_surface_info place = {.size = sizeof place};
    int closes = 0;
    if (e != NULL) {
        if (e->kind == CTX_EVENT_RESIZE && e->surface == p->surface) {
            resize(p, e->x, e->y);
        }
        if ((e->kind == CTX_EVENT_SCALE || (e->kind == CTX_EVENT_RESIZE && e->surface == 0)) &&
            scale_of_screen(p->ctx) != p->scale) {
            rescale(p, scale_of_screen(p->ctx));
        } else if (e->kind == CTX_EVENT_SCALE) { /* other looks */
            dress(p);
        }
        if (e->surface == 0 &&
            p->ctx->display->describe(p->ctx->display, p->surface, &place) == CTX_OK) {
            p->ui.at_x = place.x; /* nobody manages windows: events are the screen's */
            p->ui.at_y = place.y;
        }
        closes = e->kind == CTX_EVENT_CLOSE;
        ctx_ui_feed(&p->ui, e);
    }
    do {
        ctx_ui_begin(&p->ui, p->ctx->display->pixels(p->ctx->display, p->surface), p->w, p->h,
                     p->w);
        draw(app, p);
    } while (ctx_ui_end(&p->ui));
    return closes;
}

void pane_show(struct pane *p)
{
    for (uint32_t i = 0; i < p->ui.damages; i++) {
        struct ctx_rect r = p->ui.damage[i];
        p->ctx->display->damage(p->ctx->display, p->surface, (uint32_t)r.x, (uint32_t)r.y,
                                (uint32_t)r.w, (uint32_t)r.h);
    }
    p->ui.damages = 0;
    if (p->cursor != p->ui.cursor) {
        p->cursor = p->ui.cursor;
        p->ctx->display->cursor(p->ctx->display, p->surface, p->cursor);
    }
}

int pane_run(struct pane *p, struct ctx *ctx, pane_draw draw, void *app)
{
    struct ctx_event events[16];
    uint32_t count;
    int closes = 0;
    do {
        count = 0;
        ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count);
        count = ctx_ui_merge(events, count);
        for (uint32_t i = 0; i < count; i++) {
            closes |= pane_event(p, &events[i], draw, app);
        }
    } while (count > 0);
    pane_event(p, NULL, draw, app);
    pane_show(p);
    return closes;
}
