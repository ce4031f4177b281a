/* SPDX-License-Identifier: MIT */
/*
 * The same picture in seven sizes, beside each other in the upper left 640 x 400 pixels of the
 * screen: pixel by pixel and smoothly, larger and smaller, with opacity, and with ends that stay.
 * First all of each is shown, then a spot wanders over it, of which only the damage is said.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

enum { W = 72, H = 56, COUNT = 7, STEPS = 24 };

static const struct {
    int32_t x, y;
    uint32_t w, h, opacity, filter, format, keep;
} places[COUNT] = {
    {8, 8, 108, 84, 255, CTX_FILTER_PIXELS, CTX_SURFACE_RGBX, 0},
    {124, 8, 108, 84, 255, CTX_FILTER_SMOOTH, CTX_SURFACE_RGBX, 0},
    {240, 8, 171, 40, 255, CTX_FILTER_SMOOTH, CTX_SURFACE_RGBX, 0},
    {240, 56, 31, 23, 255, CTX_FILTER_SMOOTH, CTX_SURFACE_RGBA, 0},
    {280, 56, 131, 97, 200, CTX_FILTER_SMOOTH, CTX_SURFACE_RGBA, 0},
    {8, 160, 200, 230, 255, CTX_FILTER_PIXELS, CTX_SURFACE_RGBA, 16},
    {220, 160, 411, 237, 255, CTX_FILTER_SMOOTH, CTX_SURFACE_RGBX, 0},
};

struct state {
    const struct ctx_windows *windows;
    uint32_t surface[COUNT], step;
};

/* A border, thin lines, a disc with soft edges on a slope of colours. */
static uint32_t color(int32_t x, int32_t y)
{
    int32_t dx = 2 * x - W, dy = 2 * y - H, far = dx * dx + dy * dy;
    uint32_t slope = (uint32_t)(x * 3) << 16 | (uint32_t)(y * 4) << 8 | 0x40;
    if (x == 0 || y == 0 || x == W - 1 || y == H - 1) {
        return 0xffffffff;
    }
    if (far < 900) {
        return 0xffe0a040;
    }
    if (far < 1300) {
        return 0x80e0a040;
    }
    return x % 8 == 0 || y % 8 == 0 ? 0xff101010 : slope | (uint32_t)(255 - y * 4) << 24;
}

static struct state *start(struct ctx *ctx)
{
    const struct ctx_table *t = NULL;
    static const char id[] = CTX_ID_WINDOWS;
    struct state *s = ctx->mem->alloc(ctx->mem, sizeof *s, 16, CTX_MEM_ZERO);
    ctx->iface->open(ctx->iface, id, sizeof id - 1, 0, &t);
    s->windows = (const struct ctx_windows *)t;
    if (t == NULL || s->windows->manage(s->windows) != CTX_OK) {
        return NULL;
    }
    for (int32_t i = 0; i < COUNT; i++) {
        ctx->display->create(ctx->display, W, H, places[i].format, 0, &s->surface[i]);
        uint32_t *p = ctx->display->pixels(ctx->display, s->surface[i]);
        for (int32_t n = 0; n < W * H; n++) {
            p[n] = color(n % W, n / W);
        }
        ctx->display->damage(ctx->display, s->surface[i], 0, 0, W, H);
        struct ctx_window_place place = {.size = sizeof place,
                                         .surface = s->surface[i],
                                         .pid = ctx->pid,
                                         .x = places[i].x,
                                         .y = places[i].y,
                                         .level = i,
                                         .scale = 1,
                                         .opacity = places[i].opacity,
                                         .shown_w = places[i].w,
                                         .shown_h = places[i].h,
                                         .filter = places[i].filter,
                                         .keep_left = places[i].keep,
                                         .keep_right = places[i].keep,
                                         .keep_top = places[i].keep,
                                         .keep_bottom = places[i].keep};
        if (s->windows->place(s->windows, &place) != CTX_OK) {
            return NULL;
        }
    }
    return s;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store != NULL ? *ctx->store : start(ctx);
    if (s == NULL) {
        ctx->log((const uint8_t *)"T scaled: no windows", 20);
        return CTX_EXIT(1);
    }
    *ctx->store = s;
    if (s->step == STEPS) {
        ctx->log((const uint8_t *)"T scaled", 8);
        return CTX_WAIT;
    }
    int32_t x = 3 + (int32_t)s->step * 11 % (W - 6), y = 3 + (int32_t)s->step * 17 % (H - 6);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t *p = ctx->display->pixels(ctx->display, s->surface[i]);
        for (int32_t n = 0; n < 4; n++) {
            p[(y + n / 2) * W + x + n % 2] = 0xff40ff80;
        }
        ctx->display->damage(ctx->display, s->surface[i], (uint32_t)x, (uint32_t)y, 2, 2);
    }
    s->step++;
    return CTX_AGAIN;
}
