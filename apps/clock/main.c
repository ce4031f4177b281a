/* SPDX-License-Identifier: MIT */
/*
 * clock - an app of version 3 that waits: it draws its own surface once a second and costs nothing
 * in between. Its window has one size; closed it ends with 0.
 */
#include <ctx/ctx.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define SIDE   200
#define HALF   (SIDE / 2)
#define SECOND UINT64_C(1000000000)

struct state {
    uint32_t surface;
    struct ctx_rgba *pixels;
};

/* 60 steps of a circle: sine in 1/1024; the cosine is a quarter turn ahead. */
static const int16_t sine[60] = {
    0,     107,   213,   316,  416,  512,  602,  685,  761,  828,  887,  935,  974,  1002,  1018,
    1024,  1018,  1002,  974,  935,  887,  828,  761,  685,  602,  512,  416,  316,  213,   107,
    0,     -107,  -213,  -316, -416, -512, -602, -685, -761, -828, -887, -935, -974, -1002, -1018,
    -1024, -1018, -1002, -974, -935, -887, -828, -761, -685, -602, -512, -416, -316, -213,  -107,
};

static void dot(struct ctx_rgba *pixels, int32_t x, int32_t y, int32_t radius,
                struct ctx_rgba color)
{
    for (int32_t v = y - radius; v <= y + radius; v++) {
        for (int32_t u = x - radius; u <= x + radius; u++) {
            int32_t far = (u - x) * (u - x) + (v - y) * (v - y);
            if (u >= 0 && v >= 0 && u < SIDE && v < SIDE && far <= radius * radius) {
                pixels[v * SIDE + u] = color;
            }
        }
    }
}

static void hand(struct ctx_rgba *pixels, uint32_t at, int32_t length, int32_t radius,
                 struct ctx_rgba color)
{
    for (int32_t i = 0; i <= length; i++) {
        dot(pixels, HALF + sine[at % 60] * i / 1024, HALF - sine[(at + 15) % 60] * i / 1024, radius,
            color);
    }
}

static void draw(struct ctx_rgba *pixels, uint64_t seconds)
{
    for (int32_t i = 0; i < SIDE * SIDE; i++) {
        pixels[i] = (struct ctx_rgba){0, 0, 0, 0};
    }
    dot(pixels, HALF, HALF, HALF - 2, (struct ctx_rgba){232, 224, 240, 90});
    dot(pixels, HALF, HALF, HALF - 4, (struct ctx_rgba){18, 20, 44, 200});
    for (uint32_t i = 0; i < 12; i++) {
        dot(pixels, HALF + sine[i * 5] * 84 / 1024, HALF - sine[(i * 5 + 15) % 60] * 84 / 1024,
            i % 3 == 0 ? 4 : 2, (struct ctx_rgba){232, 224, 240, 255});
    }
    hand(pixels, (uint32_t)(seconds / 720 % 60), 48, 4, (struct ctx_rgba){232, 224, 240, 255});
    hand(pixels, (uint32_t)(seconds / 60 % 60), 70, 3, (struct ctx_rgba){232, 224, 240, 255});
    hand(pixels, (uint32_t)(seconds % 60), 78, 1, (struct ctx_rgba){255, 150, 130, 255});
    dot(pixels, HALF, HALF, 5, (struct ctx_rgba){255, 150, 130, 255});
}

static struct state *start(struct ctx *ctx)
{
    struct state *s = ctx->alloc(sizeof *s, 16);
    if (s == NULL || ctx->display->create(ctx->display, SIDE, SIDE, CTX_SURFACE_RGBA,
                                          CTX_SURFACE_FIXED, &s->surface) != CTX_OK) {
        return NULL;
    }
    ctx->display->title(ctx->display, s->surface, "Clock", 5);
    ctx->display->ask_smallest(ctx->display, s->surface, SIDE, SIDE);
    s->pixels = ctx->display->pixels(ctx->display, s->surface);
    *ctx->store = s;
    return s;
}

/* 1: the user has closed the window. Nothing else that happens is about this app. */
static int is_closed(struct ctx *ctx)
{
    struct ctx_event events[16];
    uint32_t count = 0;
    int closed = 0;
    while (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) ==
           CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            closed |= events[i].kind == CTX_EVENT_CLOSE;
        }
    }
    return closed;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store != NULL ? *ctx->store : start(ctx);
    if (s == NULL) {
        return CTX_EXIT(1);
    }
    if (is_closed(ctx)) {
        return CTX_EXIT(0);
    }
    uint64_t now = 0;
    int64_t wall = 0;
    ctx->time->now(ctx->time, &now);
    if (ctx->time->wall(ctx->time, &wall) != CTX_OK) {
        wall = (int64_t)now; /* no calendar: time since boot */
    }
    draw(s->pixels, (uint64_t)wall / SECOND);
    ctx->display->damage(ctx->display, s->surface, 0, 0, SIDE, SIDE);
    ctx->time->wake_at(ctx->time, now + SECOND - (uint64_t)wall % SECOND);
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_CLOSE);
    return CTX_WAIT;
}
