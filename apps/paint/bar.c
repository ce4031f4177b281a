/* SPDX-License-Identifier: MIT */
/*
 * What lies over the lower end of the window for a while: what keys and buttons do, or what is to
 * become of a picture that is not saved. The sheet below it is as it was.
 */
#include "paint.h"

#include <ctx/key.h>

#define LINES 2
enum { ANSWERS = 3, SAVE = 0, DISCARD = 1, CANCEL = 2 };

static const char question[] = "The picture is not saved.";
static const char *const answers[ANSWERS] = {"Save", "Discard", "Cancel"};
static const char *const keys[LINES] = {
    "Draw with the left button. 1 to 5: colours. C: an empty sheet. F1: these lines.",
    "Ctrl-S saves, Ctrl-O opens the next picture, Ctrl-C copies, Ctrl-V pastes.",
};

static int32_t answer_width(const struct ctx_theme *t, int32_t no)
{
    return ctx_text_width(t->body, answers[no], CTX_TEXT_ALL) + 2 * t->pad;
}

static int32_t height(const struct state *s)
{
    const struct ctx_theme *t = &s->ui.theme;
    int32_t inside = s->bar == BAR_KEYS ? LINES * t->row_h : t->control_h;
    int32_t h = inside + 2 * t->gap;
    return h < s->h ? h : s->h;
}

/* Answers which answer was pressed; ANSWERS: none. */
static int32_t draw(struct state *s, int32_t h)
{
    struct ctx_ui *ui = &s->ui;
    const struct ctx_theme *t = &ui->theme;
    int32_t pressed = ANSWERS;
    ctx_ui_panel(ui, CTX_RECT(0, 0, s->w, h), t->panel, 1);
    struct ctx_rect r = ctx_rect_inset(CTX_RECT(0, 0, s->w, h), t->gap);
    if (s->bar == BAR_KEYS) {
        for (int32_t i = 0; i < LINES; i++) {
            ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), keys[i], CTX_UI_SMALL);
        }
        return pressed;
    }
    struct ctx_rect place[ANSWERS];
    for (int32_t i = ANSWERS; i-- > 0;) {
        place[i] = ctx_rect_right(&r, answer_width(t, i));
        ctx_rect_right(&r, t->gap);
    }
    for (int32_t i = 0; i < ANSWERS; i++) { /* in the order that Tab goes */
        uint32_t flags = i == SAVE ? CTX_UI_PRIMARY : 0;
        if (ctx_ui_button_with(ui, place[i], CTX_ICON_NONE, answers[i], flags) & CTX_UI_CLICKED) {
            pressed = i;
        }
    }
    ctx_ui_label(ui, r, question, 0);
    return ctx_ui_key(ui, CTX_KEY_ESC, 0) ? CANCEL : pressed;
}

static int32_t pass(struct ctx *ctx, struct state *s)
{
    struct ctx_ui *ui = &s->ui;
    int32_t pressed = ANSWERS, h = s->bar_h;
    int more;
    do {
        ctx_ui_begin(ui, s->pixels + (s->h - h) * s->w, (uint32_t)s->w, (uint32_t)h,
                     (uint32_t)s->w);
        int32_t now = draw(s, h);
        more = ctx_ui_end(ui);
        pressed = now != ANSWERS ? now : pressed;
    } while (more);
    for (uint32_t i = 0; i < ui->damages; i++) {
        struct ctx_rect r = ui->damage[i];
        ctx->display->damage(ctx->display, s->surface, (uint32_t)r.x, (uint32_t)(r.y + s->h - h),
                             (uint32_t)r.w, (uint32_t)r.h);
    }
    ui->damages = 0;
    return pressed;
}

void bar_open(struct ctx *ctx, struct state *s, enum bar bar)
{
    struct ctx_theme theme;
    struct ctx_event focus = {.kind = CTX_EVENT_FOCUS};
    bar_close(ctx, s);
    ctx_theme_make(&theme, s->scale != 0 ? s->scale : 120, 0, &ctx_faces_1x2x);
    ctx_ui_init(&s->ui, &theme, CTX_SURFACE_RGBX);
    if (bar == BAR_LEAVE) { /* room for the question and its answers */
        int32_t need = ctx_text_width(theme.body, question, CTX_TEXT_ALL) + 3 * theme.gap;
        for (int32_t i = 0; i < ANSWERS; i++) {
            need += answer_width(&theme, i) + theme.gap;
        }
        paint_resize(ctx, s, need > s->w ? need : s->w, s->h);
        ctx_ui_focus(&s->ui, answers[SAVE]);
        ctx_ui_feed(&s->ui, &focus);
        s->ui.ring = 1;
        ctx->display->cursor(ctx->display, s->surface, CTX_CURSOR_ARROW);
    }
    s->bar = bar;
    s->bar_h = height(s);
    (void)pass(ctx, s);
}

void bar_close(struct ctx *ctx, struct state *s)
{
    if (s->bar != BAR_NONE) {
        s->bar = BAR_NONE;
        s->bar_h = 0;
        ctx->display->cursor(ctx->display, s->surface, CTX_CURSOR_CROSS);
        paint_show(ctx, s, 0, 0, s->w, s->h);
    }
}

void bar_again(struct ctx *ctx, struct state *s)
{
    if (s->bar != BAR_NONE) {
        s->bar_h = height(s);
        ctx_ui_redraw(&s->ui);
        (void)pass(ctx, s);
    }
}

int bar_event(struct ctx *ctx, struct state *s, const struct ctx_event *e)
{
    struct ctx_event here = *e;
    int button = e->kind == CTX_EVENT_KEY && e->code >= CTX_BTN_LEFT && e->code <= CTX_BTN_SIDE;
    if (s->bar == BAR_KEYS && e->kind == CTX_EVENT_KEY && e->value == 1) {
        bar_close(ctx, s); /* whoever begins has read it */
        return !button && (e->code == KEY_F1 || e->code == CTX_KEY_ESC);
    }
    if (s->bar != BAR_LEAVE || (e->kind != CTX_EVENT_POINTER && e->kind != CTX_EVENT_KEY)) {
        return 0;
    }
    if (e->kind == CTX_EVENT_POINTER) {
        struct ctx_surface_info place = {.size = sizeof place};
        if (e->surface == 0 && ctx->display->describe(ctx->display, s->surface, &place) == CTX_OK) {
            here.x -= place.x; /* nobody manages windows: it is the screen's */
            here.y -= place.y;
        }
        here.surface = s->surface;
        here.y -= s->h - s->bar_h;
    }
    ctx_ui_feed(&s->ui, &here);
    int32_t pressed = pass(ctx, s);
    if (pressed == SAVE) {
        bar_close(ctx, s);
        s->leaves = 1;
        paint_save(ctx, s);
    } else if (pressed == DISCARD) {
        s->saved = s->changes;
        s->leaves = 1;
    } else if (pressed == CANCEL) {
        bar_close(ctx, s);
    }
    return 1;
}
