/* SPDX-License-Identifier: MIT */
/* The picture in its window: its size there, and the mouse that moves it. */
#include "pictures.h"

#include <stdio.h>
#include <string.h>

#define LEAST 5u
#define MOST  3200u

uint32_t view_percent(const struct pictures *p, struct ctx_rect r)
{
    int32_t w, h;
    if (!p->fits || p->shown.pixels == NULL || p->shown.w == 0) {
        return p->zoom;
    }
    picture_fit(&p->shown, r.w > 0 ? r.w : 1, r.h > 0 ? r.h : 1, &w, &h);
    return (uint32_t)((int64_t)w * 100 / p->shown.w);
}

/* How large it is shown, and where its upper left corner is in r. */
static struct ctx_rect place(struct pictures *p, struct ctx_rect r)
{
    struct ctx_rect at;
    if (p->fits) {
        picture_fit(&p->shown, r.w > 0 ? r.w : 1, r.h > 0 ? r.h : 1, &at.w, &at.h);
        p->x = p->y = 32768;
    } else {
        at.w = (int32_t)((int64_t)p->shown.w * p->zoom / 100);
        at.h = (int32_t)((int64_t)p->shown.h * p->zoom / 100);
        at.w = at.w < 1 ? 1 : at.w;
        at.h = at.h < 1 ? 1 : at.h;
    }
    /* Its point x, y of 65,536 lies in the middle; no gap where it is larger than the window. */
    at.x = at.w <= r.w ? (r.w - at.w) / 2 : r.w / 2 - (int32_t)((int64_t)at.w * p->x / 65536);
    at.y = at.h <= r.h ? (r.h - at.h) / 2 : r.h / 2 - (int32_t)((int64_t)at.h * p->y / 65536);
    if (at.w > r.w) {
        at.x = at.x > 0 ? 0 : at.x < r.w - at.w ? r.w - at.w : at.x;
    }
    if (at.h > r.h) {
        at.y = at.y > 0 ? 0 : at.y < r.h - at.h ? r.h - at.h : at.y;
    }
    return at;
}

void view_zoom(struct pictures *p, struct ctx_rect r, int in)
{
    static const uint32_t steps[] = {5,   10,  25,  33,  50,  67,   100,
                                     150, 200, 300, 400, 800, 1600, 3200};
    uint32_t now = view_percent(p, r), next = now;
    for (uint32_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (in ? steps[i] > now && next == now : steps[i] < now) {
            next = steps[i];
        }
    }
    /* What lies outside of 2^20 pixels is not shown any more. */
    int64_t side = p->shown.w > p->shown.h ? p->shown.w : p->shown.h;
    if (side * next / 100 < 1 << 20) {
        p->fits = 0;
        p->zoom = next < LEAST ? LEAST : next > MOST ? MOST : next;
    }
}

static void drag(struct pictures *p, struct ctx_rect r, struct ctx_rect at, uint32_t bits)
{
    struct ctx_ui *ui = &p->pane.ui;
    if (at.w <= r.w && at.h <= r.h) {
        return;
    }
    ui->cursor = (bits & (CTX_UI_HOVER | CTX_UI_HELD)) != 0 ? CTX_CURSOR_MOVE : ui->cursor;
    if ((bits & CTX_UI_DOWN) != 0) {
        p->drag_x = ui->x - at.x;
        p->drag_y = ui->y - at.y;
    } else if ((bits & CTX_UI_HELD) != 0 && ui->pointed) {
        int64_t x = ((int64_t)r.w / 2 - (ui->x - p->drag_x)) * 65536 / at.w;
        int64_t y = ((int64_t)r.h / 2 - (ui->y - p->drag_y)) * 65536 / at.h;
        p->x = (int32_t)(x < 0 ? 0 : x > 65536 ? 65536 : x);
        p->y = (int32_t)(y < 0 ? 0 : y > 65536 ? 65536 : y);
        ui->again = 1;
    }
}

static void draw_none(struct pictures *p, struct ctx_rect r)
{
    struct ctx_ui *ui = &p->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int wrong = p->error[0] != 0;
    const char *head = wrong ? p->shown_name : job_runs(&p->job) ? "" : "No pictures here";
    char text[PATH_MAX];
    snprintf(text, sizeof text, "%s", wrong ? p->error : job_runs(&p->job) ? "" : p->folder);
    uint32_t look = ctx_ui_mix_text(ctx_ui_mix_text(7, head, CTX_TEXT_ALL), text, CTX_TEXT_ALL);
    if (!ctx_ui_look(ui, r, look)) {
        return;
    }
    int32_t high = ctx_theme_px(t, 40) + t->head->height + t->body->height + 2 * t->gap;
    struct ctx_rect in = ctx_rect_inset(r, t->pad);
    ctx_rect_top(&in, (in.h - high) / 2);
    struct ctx_rect icon = ctx_rect_top(&in, ctx_theme_px(t, 40));
    if (head[0] != 0) {
        ctx_draw_icon(&ui->draw, icon, wrong ? CTX_ICON_WARN : CTX_ICON_INFO,
                      wrong ? t->warn : t->disabled);
    }
    ctx_rect_top(&in, t->gap);
    ctx_draw_text_in(&ui->draw, t->head, ctx_rect_top(&in, t->head->height), head, CTX_TEXT_ALL,
                     CTX_TEXT_CENTER, t->text);
    ctx_rect_top(&in, t->gap);
    ctx_draw_text_in(&ui->draw, t->body, ctx_rect_top(&in, t->body->height), text, CTX_TEXT_ALL,
                     CTX_TEXT_CENTER, t->muted);
    ctx_ui_drawn(ui);
}

void view_draw(struct pictures *p, struct ctx_rect r)
{
    struct ctx_ui *ui = &p->pane.ui;
    uint32_t bits = ctx_ui_control(ui, ctx_ui_id(ui, "picture"), r, CTX_UI_OWN_KEYS);
    if (p->shown.pixels == NULL) {
        draw_none(p, r);
        return;
    }
    if (ui->wheel != 0 && ctx_rect_has(r, ui->x, ui->y)) {
        view_zoom(p, r, ui->wheel > 0);
        ui->wheel = 0;
    }
    struct ctx_rect at = place(p, r);
    drag(p, r, at, bits);
    at = place(p, r);
    uint32_t look = ctx_ui_mix(ctx_ui_mix(p->look, (uint32_t)at.x), (uint32_t)at.y);
    look = ctx_ui_mix(ctx_ui_mix(look, (uint32_t)at.w), (uint32_t)at.h);
    if (ctx_ui_look(ui, r, look)) {
        struct ctx_draw *d = &ui->draw;
        struct ctx_rect in = ctx_rect_and(r, d->clip);
        struct picture_view view = {at.w, at.h, in.x - r.x - at.x, in.y - r.y - at.y,
                                    ui->theme.field};
        picture_part(&p->shown, &view, d->pixels + (int64_t)in.y * d->pitch + in.x, in.w, in.h,
                     d->pitch);
        ctx_ui_drawn(ui);
    }
}
