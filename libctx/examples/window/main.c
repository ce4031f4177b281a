/* SPDX-License-Identifier: MIT */
/* window - a label and a button, drawn by the app itself (the page ui.md has the rest). Tab and
 * Enter press it too. */
#include <ctx/ctx.h>
#include <ctx/note.h>
#include <ctx/ui.h>
CTX_NOTE(3);

#define W 240
#define H 100

struct state {
    struct ctx_ui ui;
    uint32_t surface, count;
};

static void window(struct state *s)
{
    char text[] = "pressed 0 times";
    text[8] = (char)('0' + s->count % 10);
    ctx_ui_label(&s->ui, CTX_RECT(12, 12, 216, 26), text, 0);
    s->count += (uint32_t)ctx_ui_button(&s->ui, CTX_RECT(12, 50, 100, 30), "Press");
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    if (s == NULL) { /* the first call */
        struct ctx_theme theme;
        s = *ctx->store = ctx->alloc(sizeof *s, 16);
        if (s == NULL ||
            ctx->display->create(ctx->display, W, H, CTX_SURFACE_RGBX, 0, &s->surface) != CTX_OK) {
            return CTX_EXIT(1);
        }
        s->count = 0;
        ctx_theme_make(&theme, 120, 0, &ctx_faces_1x2x);
        ctx_ui_init(&s->ui, &theme, CTX_SURFACE_RGBX);
    }
    struct ctx_surface_info place = {.size = sizeof place};
    ctx->display->describe(ctx->display, s->surface, &place);
    s->ui.at_x = place.x; /* without a window manager events are the screen's */
    s->ui.at_y = place.y;
    struct ctx_event e[16];
    uint32_t count = 0;
    ctx->events->read(ctx->events, e, sizeof e, sizeof e[0], &count);
    for (uint32_t i = 0; i <= count; i++) { /* and once without an event */
        if (i < count) {
            ctx_ui_feed(&s->ui, &e[i]);
        }
        do {
            ctx_ui_begin(&s->ui, ctx->display->pixels(ctx->display, s->surface), W, H, W);
            window(s);
        } while (ctx_ui_end(&s->ui));
    }
    for (uint32_t i = 0; i < s->ui.damages; i++) {
        struct ctx_rect r = s->ui.damage[i];
        ctx->display->damage(ctx->display, s->surface, (uint32_t)r.x, (uint32_t)r.y, (uint32_t)r.w,
                             (uint32_t)r.h);
    }
    s->ui.damages = 0;
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY | 1u << CTX_EVENT_TEXT |
                                       1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL);
    return count == 16 ? CTX_AGAIN : CTX_WAIT;
}
