/* SPDX-License-Identifier: MIT */
/*
 * pictures - PNG and JPEG: one after the other of a folder, as large as the window or as they are.
 * Words: a path of a picture, or of a folder; "contrast" for the other theme. Arrows go on, + and -
 * zoom, 0 fits, 1 is pixel by pixel.
 */
#include "pictures.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/note.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CTX_NOTE(3);

#define WIDTH   720
#define HEIGHT  520
#define LEAST_W 260
#define LEAST_H 180

static const struct pane_size window_size = {WIDTH, HEIGHT, LEAST_W, LEAST_H};
#define HOME "/disk/pictures"

enum { KEY_KP_MINUS = 74, KEY_KP_PLUS = 78 };

static void keys(struct pictures *p, struct ctx_rect r)
{
    struct ctx_ui *ui = &p->pane.ui;
    if (ctx_ui_key(ui, CTX_KEY_LEFT, 0) || ctx_ui_key(ui, CTX_KEY_PAGEUP, 0) ||
        ctx_ui_key(ui, CTX_KEY_BACKSPACE, 0)) {
        go(p, p->at > 0 ? p->at - 1 : p->count - 1);
    } else if (ctx_ui_key(ui, CTX_KEY_RIGHT, 0) || ctx_ui_key(ui, CTX_KEY_PAGEDOWN, 0) ||
               ctx_ui_key(ui, CTX_KEY_SPACE, 0)) {
        go(p, p->at + 1 < p->count ? p->at + 1 : 0);
    } else if (ctx_ui_key(ui, CTX_KEY_HOME, 0)) {
        go(p, 0);
    } else if (ctx_ui_key(ui, CTX_KEY_END, 0)) {
        go(p, p->count - 1);
    } else if (ctx_ui_key(ui, CTX_KEY_EQUAL, 0) || ctx_ui_key(ui, CTX_KEY_EQUAL, CTX_MOD_SHIFT) ||
               ctx_ui_key(ui, KEY_KP_PLUS, 0)) {
        view_zoom(p, r, 1);
    } else if (ctx_ui_key(ui, CTX_KEY_MINUS, 0) || ctx_ui_key(ui, KEY_KP_MINUS, 0)) {
        view_zoom(p, r, 0);
    } else if (ctx_ui_key(ui, CTX_KEY_0, 0)) {
        p->fits = 1;
    } else if (ctx_ui_key(ui, CTX_KEY_1, 0)) {
        p->fits = 0;
        p->zoom = 100;
    }
}

static void top_bar(struct pictures *p, struct ctx_rect bar, struct ctx_rect r)
{
    struct ctx_ui *ui = &p->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    uint32_t more = p->count > 1 ? 0 : CTX_UI_DISABLED,
             zooms = p->shown.pixels != NULL ? 0 : CTX_UI_DISABLED;
    char text[32];
    ctx_ui_panel(ui, bar, t->panel, 0);
    bar = ctx_rect_inset(bar, (t->bar_h - t->control_h) / 2);
    if (ctx_ui_button_with(ui, ctx_rect_left(&bar, t->control_h), CTX_ICON_LEFT, "#previous",
                           CTX_UI_FLAT | more) &
        CTX_UI_CLICKED) {
        go(p, p->at > 0 ? p->at - 1 : p->count - 1);
    }
    if (ctx_ui_button_with(ui, ctx_rect_left(&bar, t->control_h), CTX_ICON_RIGHT, "#next",
                           CTX_UI_FLAT | more) &
        CTX_UI_CLICKED) {
        go(p, p->at + 1 < p->count ? p->at + 1 : 0);
    }
    ctx_rect_left(&bar, t->gap);
    if (ctx_ui_button_with(ui, ctx_rect_right(&bar, ctx_theme_px(t, 44)), 0, "Fit",
                           zooms | (p->fits ? CTX_UI_ON : 0) | CTX_UI_FLAT) &
        CTX_UI_CLICKED) {
        p->fits = 1;
    }
    if (ctx_ui_button_with(ui, ctx_rect_right(&bar, t->control_h), CTX_ICON_PLUS, "#larger",
                           CTX_UI_FLAT | zooms) &
        CTX_UI_CLICKED) {
        view_zoom(p, r, 1);
    }
    snprintf(text, sizeof text, "%u %%", (unsigned)view_percent(p, r));
    ctx_ui_label(ui, ctx_rect_right(&bar, ctx_theme_px(t, 64)), zooms == 0 ? text : "",
                 CTX_UI_CENTER | CTX_UI_MUTED);
    if (ctx_ui_button_with(ui, ctx_rect_right(&bar, t->control_h), CTX_ICON_MINIMIZE, "#smaller",
                           CTX_UI_FLAT | zooms) &
        CTX_UI_CLICKED) {
        view_zoom(p, r, 0);
    }
    ctx_rect_right(&bar, t->gap);
    ctx_ui_label(ui, bar, p->shown_name, CTX_UI_BOLD);
}

static void foot(struct pictures *p, struct ctx_rect r)
{
    struct ctx_ui *ui = &p->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    char text[80], size[24];
    ctx_ui_panel(ui, r, t->panel, 0);
    r.x += t->pad;
    r.w -= 2 * t->pad;
    text[0] = 0;
    if (p->count > 0) {
        snprintf(text, sizeof text, "%u of %u", (unsigned)p->at + 1, (unsigned)p->count);
    }
    ctx_ui_label(ui, ctx_rect_right(&r, ctx_theme_px(t, 100)), text,
                 CTX_UI_SMALL | CTX_UI_MUTED | CTX_UI_RIGHT);
    text[0] = 0;
    if (p->shown.pixels != NULL) {
        disk_size_text(size, sizeof size, p->shown_bytes);
        snprintf(text, sizeof text, "%d \u00d7 %d pixels, %s", (int)p->shown.w, (int)p->shown.h,
                 size);
    } else if (job_runs(&p->job)) {
        snprintf(text, sizeof text, "Opening\u2026");
    }
    ctx_ui_label(ui, r, text, CTX_UI_SMALL | CTX_UI_MUTED);
}

static void window(void *app, struct pane *pane)
{
    struct pictures *p = app;
    const struct ctx_theme *t = &pane->ui.theme;
    struct ctx_rect all = {0, 0, (int32_t)pane->w, (int32_t)pane->h};
    struct ctx_rect bar = ctx_rect_top(&all, t->bar_h), low = ctx_rect_bottom(&all, t->row_h);
    keys(p, all);
    top_bar(p, bar, all);
    foot(p, low);
    ctx_ui_panel(&pane->ui, all, t->field, 0);
    view_draw(p, all);
}

static void words(struct pictures *p, uint32_t *flags)
{
    const struct ctx_table *table = NULL;
    uint32_t count = 0;
    snprintf(p->folder, sizeof p->folder, HOME);
    if (p->ctx->iface->open(p->ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) !=
        CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const struct ctx_args *)(const void *)table;
    args->count(args, &count);
    for (uint32_t i = 0; i < count; i++) {
        char word[PATH_MAX] = {0};
        uint32_t len = 0;
        args->get(args, i, word, sizeof word - 1, &len);
        if (strcmp(word, "contrast") == 0) {
            *flags |= CTX_THEME_CONTRAST;
        } else if (word[0] == '/' && is_picture(word)) {
            snprintf(p->first, sizeof p->first, "%s", word);
            disk_folder(p->folder, word);
        } else if (word[0] == '/') {
            snprintf(p->folder, sizeof p->folder, "%s", word);
        }
    }
}

static struct pictures *start(struct ctx *ctx)
{
    struct pictures *p = calloc(1, sizeof *p);
    uint32_t flags = 0;
    if (p == NULL) {
        return NULL;
    }
    p->ctx = ctx;
    p->fits = 1;
    p->zoom = 100;
    p->x = p->y = 32768;
    words(p, &flags);
    if (!pane_open(&p->pane, ctx, "Pictures", &window_size, flags)) {
        free(p);
        return NULL;
    }
    ctx_ui_focus(&p->pane.ui, "picture");
    job_begin(&p->job, ctx, folder_job, p);
    *ctx->store = p;
    return p;
}

int32_t ctx_start(struct ctx *ctx)
{
    struct pictures *p = *ctx->store != NULL ? *ctx->store : start(ctx);
    int ended = 0;
    if (p == NULL) {
        static const char sorry[] = "not enough memory for pictures";
        ctx->log((const uint8_t *)sorry, sizeof sorry - 1);
        return CTX_EXIT(1);
    }
    p->ctx = ctx;
    int32_t answer = job_go_on(&p->job, &ended);
    if (ended && p->shown_name[0] != 0) {
        char title[NAME_MAX + 16];
        snprintf(title, sizeof title, "%s", p->shown_name);
        pane_title(&p->pane, title);
    }
    if (pane_run(&p->pane, ctx, window, p)) {
        return CTX_EXIT(0);
    }
    if (job_runs(&p->job) && p->job.since_ns == 0) {
        answer = CTX_AGAIN;
    }
    ctx->events->wait(ctx->events, PANE_EVENTS);
    return answer;
}
