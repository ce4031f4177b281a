/* SPDX-License-Identifier: MIT */
/*
 * cursor - the pointer as a comet: a smooth curve through the last positions that fades and thins
 * out, its colour by button.
 *
 * It shows state that changes with each call (the ring of positions hangs on *ctx->store) and
 * drawing over what others drew: the tail is on the canvas, which is read, mixed and written back.
 * The head is a surface that the system keeps at the pointer, above everybody's windows; where it
 * can not be had - on systems before version 3, or denied - the head is on the canvas as well. All
 * arithmetic is in integers, positions in 1/16 pixel.
 */
#include <ctx/ctx.h>
#include <ctx/key.h>
#include <ctx/note.h>
#include <ctx/tables.h>

#include <stdbool.h>

CTX_NOTE(3);

#define POINTS 28 /* positions remembered, one per call */
#define STEPS  10 /* discs drawn between two positions at least */
#define SUB    16 /* parts of a pixel */
#define HEAD   (6 * SUB)
#define SIDE   18 /* pixels of the head's surface */

struct point {
    int32_t x, y;
};

struct state {
    struct point points[POINTS]; /* the newest first */
    uint32_t count;
    bool asked;              /* for canvas, events and surface */
    uint32_t surface;        /* the head */
    struct ctx_rgba *pixels; /* of it; NULL: there is none */
    uint32_t drawn, buttons; /* bit 0 is the left one */
    struct point at;         /* where the pointer is, in pixels */
};

/* What is drawn on: the canvas, whose opacity means nothing, or a surface. */
struct sheet {
    struct ctx_rgba *pixels;
    int32_t w, h;
};

static int32_t square_root(int32_t n)
{
    int32_t root = 0;
    for (int32_t bit = 1 << 14; bit > 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= n) {
            root += bit;
        }
    }
    return root;
}

static uint8_t mix(uint32_t under, uint32_t over, uint32_t cover) /* cover of 256 */
{
    return (uint8_t)((under * (256 - cover) + over * cover) >> 8);
}

/* A disc with a soft edge one pixel wide. center and radius in 1/16 pixel, strength of 256. */
static void disc(const struct sheet *on, struct point center, int32_t radius, struct ctx_rgba color,
                 uint32_t strength)
{
    int32_t reach = radius / SUB + 2;
    int32_t cx = center.x / SUB, cy = center.y / SUB;
    for (int32_t y = cy - reach; y <= cy + reach; y++) {
        for (int32_t x = cx - reach; x <= cx + reach; x++) {
            if (x < 0 || y < 0 || x >= on->w || y >= on->h) {
                continue;
            }
            int32_t dx = x * SUB + SUB / 2 - center.x;
            int32_t dy = y * SUB + SUB / 2 - center.y;
            int32_t inside = radius + SUB / 2 - square_root(dx * dx + dy * dy);
            if (inside <= 0) {
                continue;
            }
            uint32_t cover = strength * (uint32_t)(inside < SUB ? inside : SUB) / SUB;
            struct ctx_rgba *p = &on->pixels[(int64_t)y * on->w + x];
            p->r = mix(p->r, color.r, cover);
            p->g = mix(p->g, color.g, cover);
            p->b = mix(p->b, color.b, cover);
            p->a = (uint8_t)(p->a > cover ? p->a : cover < 256 ? cover : 255);
        }
    }
}

/* Catmull-Rom: the curve through b and c whose neighbours are a and d, t of 256. */
static int32_t spline(int32_t a, int32_t b, int32_t c, int32_t d, int32_t t)
{
    int64_t t2 = (int64_t)t * t, t3 = t2 * t;
    int64_t v = ((int64_t)2 * b << 24) + ((int64_t)(c - a) * t << 16) +
                ((int64_t)(2 * a - 5 * b + 4 * c - d) * t2 << 8) +
                (int64_t)(3 * b - a - 3 * c + d) * t3;
    return (int32_t)(v >> 25);
}

static int32_t distance(struct point a, struct point b)
{
    int32_t dx = a.x > b.x ? a.x - b.x : b.x - a.x;
    int32_t dy = a.y > b.y ? a.y - b.y : b.y - a.y;
    return dx > dy ? dx : dy;
}

/* From the tail to the head, so that the head lies on top. */
static void draw_trail(const struct sheet *on, const struct state *s, struct ctx_rgba color)
{
    for (uint32_t i = s->count - 1; i > 0; i--) {
        const struct point *p = s->points;
        struct point a = p[i + 1 < s->count ? i + 1 : i], b = p[i], c = p[i - 1],
                     d = p[i > 1 ? i - 2 : 0];
        int32_t length = distance(b, c);
        if (length == 0) {
            continue;
        }
        /* Discs closer than a third of their radius look like one stroke. */
        int32_t steps = STEPS + length / (2 * SUB);
        for (int32_t step = 0; step < steps; step++) {
            int32_t t = step * 256 / steps;
            int32_t age = (int32_t)i * 256 - t; /* 0 at the head */
            int32_t left = POINTS * 256 - age;
            struct point at = {spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)};
            disc(on, at, HEAD * left / (POINTS * 256) * 3 / 4, color,
                 (uint32_t)(left * 90 / (POINTS * 256)));
        }
    }
}

static void draw_head(const struct sheet *on, struct point at, struct ctx_rgba color)
{
    disc(on, at, HEAD + SUB, (struct ctx_rgba){12, 16, 30, 0}, 200);
    disc(on, at, HEAD, color, 256);
    disc(on, at, HEAD / 3, (struct ctx_rgba){255, 255, 255, 0}, 256);
}

static struct ctx_rgba color_of(uint32_t buttons)
{
    if ((buttons & 1) != 0) {
        return (struct ctx_rgba){255, 196, 84, 0};
    }
    if ((buttons & 2) != 0) {
        return (struct ctx_rgba){255, 104, 108, 0};
    }
    if ((buttons & 4) != 0) {
        return (struct ctx_rgba){190, 140, 255, 0};
    }
    return (struct ctx_rgba){96, 232, 208, 0};
}

/* ---- where the pointer is ---- */

static void look_at_input(struct state *s, const struct ctx_input *in)
{
    s->at = (struct point){(int32_t)in->mx, (int32_t)in->my};
    s->buttons = 0;
    for (uint32_t i = 0; i < 3; i++) {
        s->buttons |= CTX_KEY_IS_DOWN(in->keys[CTX_BTN_LEFT + i]) ? 1u << i : 0;
    }
}

static void look_at_events(struct ctx *ctx, struct state *s)
{
    struct ctx_event events[32];
    uint32_t count;
    while (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) ==
           CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            const struct ctx_event *e = &events[i];
            if (e->kind == CTX_EVENT_POINTER) {
                s->at = (struct point){e->x, e->y};
            } else if (e->kind == CTX_EVENT_KEY && e->code >= CTX_BTN_LEFT &&
                       e->code <= CTX_BTN_MIDDLE) {
                uint32_t bit = 1u << (e->code - CTX_BTN_LEFT);
                s->buttons = e->value != 0 ? s->buttons | bit : s->buttons & ~bit;
            }
        }
    }
}

static void ask(struct ctx *ctx, struct state *s)
{
    s->asked = true;
    (void)ctx->display->canvas(ctx->display); /* ctx->fb is the canvas from the next call on */
    if (ctx->display->create(ctx->display, SIDE, SIDE, CTX_SURFACE_RGBA, CTX_SURFACE_POINTER,
                             &s->surface) == CTX_OK) {
        s->pixels = ctx->display->pixels(ctx->display, s->surface);
        s->drawn = UINT32_MAX; /* in no colour yet */
    }
}

/* The head follows the pointer by itself; only its colour is ours to change. */
static void paint_head(struct ctx *ctx, struct state *s)
{
    if (s->drawn == s->buttons) {
        return;
    }
    s->drawn = s->buttons;
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        s->pixels[i] = (struct ctx_rgba){12, 16, 30, 0};
    }
    const struct sheet head = {s->pixels, SIDE, SIDE};
    struct point middle = {SIDE / 2 * SUB + SUB / 2, SIDE / 2 * SUB + SUB / 2};
    draw_head(&head, middle, color_of(s->buttons));
    (void)ctx->display->damage(ctx->display, s->surface, 0, 0, SIDE, SIDE);
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    if (s == NULL) {
        s = ctx->alloc(sizeof *s, 16);
        if (s == NULL) {
            return 0; /* perhaps next time */
        }
        *s = (struct state){.count = 0};
        *ctx->store = s;
    }
    if (ctx->version < 3) {
        look_at_input(s, ctx->input);
    } else {
        if (!s->asked) {
            ask(ctx, s);
            return CTX_AGAIN;
        }
        if (s->count == 0) { /* until it moves for the first time, it is in the middle */
            s->at = (struct point){(int32_t)ctx->fb.w / 2, (int32_t)ctx->fb.h / 2};
        }
        look_at_events(ctx, s);
    }
    s->count = s->count < POINTS ? s->count + 1 : POINTS;
    for (uint32_t i = s->count - 1; i > 0; i--) {
        s->points[i] = s->points[i - 1];
    }
    s->points[0] = (struct point){s->at.x * SUB + SUB / 2, s->at.y * SUB + SUB / 2};

    const struct sheet canvas = {ctx->fb.pixels, (int32_t)ctx->fb.w, (int32_t)ctx->fb.h};
    draw_trail(&canvas, s, color_of(s->buttons));
    if (s->pixels != NULL) {
        paint_head(ctx, s);
    } else {
        draw_head(&canvas, s->points[0], color_of(s->buttons));
    }
    return CTX_AGAIN;
}
