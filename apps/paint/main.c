/* SPDX-License-Identifier: MIT */
/*
 * paint - a sheet of paper and a brush: press a mouse button and draw, the keys 1 to 5 choose a
 * colour, C clears. An app of version 3 that sleeps until something happens.
 */
#include <ctx/ctx.h>
#include <ctx/key.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define W 560
#define H 360

static const struct ctx_rgba colors[5] = {
    {40, 44, 84, 0}, {226, 96, 92, 0}, {242, 178, 84, 0}, {88, 176, 132, 0}, {98, 132, 220, 0},
};
static const struct ctx_rgba paper = {246, 240, 228, 0};

struct state {
    uint32_t surface, color;
    struct ctx_rgba *pixels;
    int32_t x, y; /* where the brush was */
    int32_t down; /* whether it touched the paper */
};

static void clear(struct ctx *ctx, struct state *s)
{
    for (int32_t i = 0; i < W * H; i++) {
        int32_t x = i % W, y = i / W;
        s->pixels[i] = x < 6 || y < 6 || x >= W - 6 || y >= H - 6 ? colors[0] : paper;
    }
    ctx->display->damage(ctx->display, s->surface, 0, 0, W, H);
}

static void dab(struct state *s, int32_t x, int32_t y)
{
    for (int32_t v = y - 4; v <= y + 4; v++) {
        for (int32_t u = x - 4; u <= x + 4; u++) {
            if (u >= 6 && v >= 6 && u < W - 6 && v < H - 6 &&
                (u - x) * (u - x) + (v - y) * (v - y) <= 18) {
                s->pixels[v * W + u] = colors[s->color];
            }
        }
    }
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* From where the brush was to where it is; only what it touched is shown anew. */
static void stroke(struct ctx *ctx, struct state *s, int32_t x, int32_t y)
{
    int32_t dx = x - s->x, dy = y - s->y;
    int32_t steps = larger(1, larger(dx < 0 ? -dx : dx, dy < 0 ? -dy : dy) / 2);
    for (int32_t i = 0; i <= steps; i++) {
        dab(s, s->x + dx * i / steps, s->y + dy * i / steps);
    }
    int32_t left = larger(0, smaller(x, s->x) - 5), top = larger(0, smaller(y, s->y) - 5);
    int32_t right = larger(0, larger(x, s->x) + 6), bottom = larger(0, larger(y, s->y) + 6);
    ctx->display->damage(ctx->display, s->surface, (uint32_t)left, (uint32_t)top,
                         (uint32_t)(right - left), (uint32_t)(bottom - top));
}

static void pointer(struct ctx *ctx, struct state *s, const struct ctx_event *e)
{
    struct ctx_display_info screen = {.size = sizeof screen};
    ctx->display->info(ctx->display, &screen);
    int32_t x = e->x - ((int32_t)screen.w - W) / 2, y = e->y - ((int32_t)screen.h - H) / 2;
    int32_t down = (e->code & 1) != 0;
    if (down && s->down) {
        stroke(ctx, s, x, y);
    }
    s->x = x;
    s->y = y;
    s->down = down;
}

static void key(struct ctx *ctx, struct state *s, const struct ctx_event *e)
{
    if (e->code == CTX_BTN_LEFT) {
        s->down = e->value != 0;
        if (s->down) {
            stroke(ctx, s, s->x, s->y);
        }
    } else if (e->value == 1 && e->code >= CTX_KEY_1 && e->code < CTX_KEY_1 + 5) {
        s->color = e->code - CTX_KEY_1;
    } else if (e->value == 1 && e->code == 46) { /* C */
        clear(ctx, s);
    }
}

static struct state *start(struct ctx *ctx)
{
    struct state *s = ctx->mem->alloc(ctx->mem, sizeof *s, 16, CTX_MEM_ZERO);
    if (s == NULL ||
        ctx->display->create(ctx->display, W, H, CTX_SURFACE_RGBX, 0, &s->surface) != CTX_OK) {
        return NULL;
    }
    s->pixels = ctx->display->pixels(ctx->display, s->surface);
    *ctx->store = s;
    clear(ctx, s);
    return s;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store != NULL ? *ctx->store : start(ctx);
    if (s == NULL) {
        return CTX_EXIT(1);
    }
    struct ctx_event events[32];
    uint32_t count;
    while (ctx->events->read(ctx->events, events, sizeof events, &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].kind == CTX_EVENT_POINTER) {
                pointer(ctx, s, &events[i]);
            } else if (events[i].kind == CTX_EVENT_KEY) {
                key(ctx, s, &events[i]);
            }
        }
    }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_KEY);
    return CTX_WAIT;
}
