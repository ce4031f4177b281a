/* SPDX-License-Identifier: MIT */
/*
 * A window that is dragged over eight others, in every frame, for as many frames as there are:
 * what one picture costs while somebody manages windows. With FILTER (CTX_FILTER_*) it is shown
 * half as large again.
 */
#include <ctx/ctx.h>
#include <ctx/note.h>
#include <ctx/tables.h>

CTX_NOTE(3);

enum { OTHERS = 8, W = 420, H = 300, FRAME = 12 };

struct state {
    const struct ctx_windows *windows;
    uint32_t dragged, frame, calls;
};

static void fill(struct ctx *ctx, uint32_t surface, uint32_t w, uint32_t h, uint32_t color)
{
    uint32_t *p = ctx->display->pixels(ctx->display, surface);
    for (uint32_t i = 0; i < w * h; i++) {
        p[i] = color + i % w / 8;
    }
    ctx->display->damage(ctx->display, surface, 0, 0, w, h);
}

static void move(struct state *s, uint32_t surface, int32_t x, int32_t y, int32_t level)
{
    struct ctx_window_place p = {.size = sizeof p,
                                 .surface = surface,
                                 .pid = 0,
                                 .x = x,
                                 .y = y,
                                 .level = level,
                                 .scale = 1,
                                 .opacity = 255};
    s->windows->place(s->windows, &p);
}

#ifdef FILTER
static void enlarge(struct state *s, int32_t x, int32_t y)
{
    struct ctx_window_place p = {.size = sizeof p,
                                 .surface = s->dragged,
                                 .x = x,
                                 .y = y,
                                 .level = 101,
                                 .scale = 1,
                                 .opacity = 255,
                                 .shown_w = W * 3 / 2,
                                 .shown_h = H * 3 / 2,
                                 .filter = FILTER};
    s->windows->place(s->windows, &p);
}
#endif

static uint32_t window(struct ctx *ctx, struct state *s, uint32_t w, uint32_t h, uint32_t format,
                       uint32_t color, int32_t x, int32_t y, int32_t level)
{
    uint32_t surface = 0;
    ctx->display->create(ctx->display, w, h, format, 0, &surface);
    fill(ctx, surface, w, h, color);
    move(s, surface, x, y, level);
    return surface;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    if (s == NULL) {
        s = ctx->mem->alloc(ctx->mem, sizeof *s, 16, CTX_MEM_ZERO);
        *ctx->store = s;
        const struct ctx_table *t = NULL;
        static const char id[] = CTX_ID_WINDOWS;
        ctx->iface->open(ctx->iface, id, sizeof id - 1, 0, &t);
        s->windows = (const struct ctx_windows *)t;
        if (t == NULL || s->windows->manage(s->windows) != CTX_OK) {
            ctx->log((const uint8_t *)"B drag: no windows", 18);
            return 1;
        }
        for (int32_t i = 0; i < OTHERS; i++) {
            window(ctx, s, W, H, CTX_SURFACE_RGBX, 0xff203040u + (uint32_t)i * 0x161a1eu,
                   30 + i % 4 * 210, 30 + i / 4 * 330, 2 * i);
        }
        s->frame =
            window(ctx, s, W + 2 * FRAME, H + 2 * FRAME, CTX_SURFACE_RGBA, 0x60000000u, 0, 0, 100);
        s->dragged = window(ctx, s, W, H, CTX_SURFACE_RGBX, 0xff5060a0u, 0, 0, 101);
    }
    uint32_t n = s->calls++;
    int32_t x = (int32_t)(n * 7 % 1600), y = (int32_t)(n * 5 % 900);
    x = x < 800 ? x : 1600 - x;
    y = y < 450 ? y : 900 - y;
    move(s, s->frame, x - FRAME, y - FRAME, 100);
#ifdef FILTER
    enlarge(s, x, y);
#else
    move(s, s->dragged, x, y, 101);
#endif
    return 0;
}
