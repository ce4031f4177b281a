/* SPDX-License-Identifier: MIT */
/*
 * Small pictures of windows, for Alt-Tab and the overview. The kernel draws them over the surface
 * that they are asked for (mirror), and the desktop never has their pixels. What was said once is
 * not said again.
 */
#include "desktop.h"

#define PUT_AWAY 140 /* opacity of one that is minimized */

static int same_rect(struct ctx_rect a, struct ctx_rect b)
{
    return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

/* 1: the kernel draws it there. */
static int put(struct desktop *d, uint32_t no, const struct window *w, uint32_t into,
               struct ctx_rect r)
{
    uint32_t opacity = w->minimized ? PUT_AWAY : 255;
    if (no >= CTX_WINDOW_MIRRORS || r.w < 1 || r.h < 1) {
        return 0;
    }
    struct picture *p = &d->pictures[no];
    if (p->into == into && p->pid == w->pid && p->surface == w->surface && p->opacity == opacity &&
        same_rect(p->at, r)) {
        return 1;
    }
    struct ctx_window_mirror mirror = {.size = sizeof mirror,
                                       .surface = w->surface,
                                       .pid = w->pid,
                                       .into = into,
                                       .opacity = opacity,
                                       .x = r.x,
                                       .y = r.y,
                                       .w = (uint32_t)r.w,
                                       .h = (uint32_t)r.h};
    if (d->windows->mirror(d->windows, no, &mirror) != CTX_OK) {
        pictures_drop(d, no, no + 1);
        return 0;
    }
    *p = (struct picture){w->pid, w->surface, into, opacity, r};
    return 1;
}

void pictures_drop(struct desktop *d, uint32_t from, uint32_t end)
{
    for (uint32_t i = from; i < end && i < CTX_WINDOW_MIRRORS; i++) {
        if (d->pictures[i].into != 0) {
            d->windows->unmirror(d->windows, i);
            d->pictures[i].into = 0;
        }
    }
}

/* All of the window in the middle of the box, in its own shape, and never larger than it is. */
static struct ctx_rect fit(const struct window *w, struct ctx_rect box, int32_t scale)
{
    int64_t ww = (int64_t)w->w * scale, wh = (int64_t)w->h * scale, bw = box.w, bh = box.h;
    if (ww > bw || wh > bh) {
        int wide = ww * bh > wh * bw; /* wider than the box is */
        wh = wide ? wh * bw / ww : bh;
        ww = wide ? bw : ww * bh / (int64_t)(w->h * (uint32_t)scale);
    }
    ww = ww < 1 ? 1 : ww;
    wh = wh < 1 ? 1 : wh;
    return CTX_RECT(box.x + (int32_t)(bw - ww) / 2, box.y + (int32_t)(bh - wh) / 2, (int32_t)ww,
                    (int32_t)wh);
}

static void draw(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r, const struct window *w,
                 struct ctx_rect at, int seen, uint32_t bits)
{
    const struct ctx_theme *t = &d->theme;
    int on = (bits & CTX_UI_ON) != 0;
    struct ctx_rect foot = ctx_rect_inset(r, px(d, 6));
    foot = ctx_rect_bottom(&foot, t->row_h);
    if (on || (bits & CTX_UI_HOVER) != 0) {
        ctx_draw_round(&ui->draw, r, t->window_radius, on ? t->control : t->hover);
    }
    if (on) {
        ctx_draw_ring(&ui->draw, r, t->window_radius, t->focus, t->accent);
    }
    if (seen) {
        ctx_draw_fill(&ui->draw, ctx_rect_inset(at, -t->border), t->line);
        ctx_draw_fill(&ui->draw, at, t->window);
    } else {
        int32_t side = t->app_icon < at.h ? t->app_icon : at.h;
        window_draw_icon(d, &ui->draw,
                         CTX_RECT(at.x + (at.w - side) / 2, at.y + (at.h - side) / 2, side, side),
                         w);
    }
    int32_t icon = px(d, 18), gap = px(d, 6);
    int32_t wide = icon + gap + ctx_text_width(t->small, window_name(d, w), CTX_TEXT_ALL);
    if (wide < foot.w) { /* below the middle of the picture */
        ctx_rect_left(&foot, (foot.w - wide) / 2);
    }
    struct ctx_rect mark = ctx_rect_left(&foot, icon);
    ctx_rect_left(&foot, gap);
    window_draw_icon(d, &ui->draw, CTX_RECT(mark.x, mark.y + (mark.h - icon) / 2, icon, icon), w);
    ctx_draw_text_in(&ui->draw, t->small, foot, window_name(d, w), CTX_TEXT_ALL, CTX_TEXT_LEFT,
                     on ? t->text : t->muted);
}

uint32_t window_card(struct desktop *d, struct panel *p, struct ctx_rect r, uint32_t no,
                     uint16_t id, int on)
{
    struct ctx_ui *ui = &p->ui;
    const struct window *w = &d->all[id];
    const char *name = window_name(d, w);
    struct ctx_rect box = ctx_rect_inset(r, px(d, 8));
    ctx_rect_bottom(&box, d->theme.row_h + px(d, 2));
    uint32_t did = ctx_ui_control(ui, ctx_ui_id(ui, "card"), r, CTX_UI_NO_FOCUS);
    uint32_t bits = (did & CTX_UI_HOVER) | (on ? CTX_UI_ON : 0);
    struct ctx_rect at = fit(w, box, window_scale(d, w));
    int seen = put(d, no, w, p->surface, at);
    uint32_t look = ctx_ui_mix(ctx_ui_mix_text(no, name, text_len(name)), bits);
    look = ctx_ui_mix(ctx_ui_mix(look, (uint32_t)at.w), (uint32_t)at.h << 1 | (uint32_t)seen);
    if (ctx_ui_look(ui, r, look)) {
        draw(d, ui, r, w, seen ? at : box, seen, bits);
        ctx_ui_drawn(ui);
    }
    return did;
}
