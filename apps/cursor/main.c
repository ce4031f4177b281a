/* SPDX-License-Identifier: MIT */
/*
 * cursor - the pointer as a comet: a smooth curve through the last positions that fades and thins
 * out, its colour by button.
 *
 * It shows state that changes with each call (the ring of positions hangs on *ctx->store) and
 * drawing over what others drew: the canvas is read, mixed and written back. All arithmetic is in
 * integers, positions in 1/16 pixel.
 */
#include <ctx/ctx.h>
#include <ctx/key.h>

#define POINTS 28 /* positions remembered, one per call */
#define STEPS  10 /* discs drawn between two positions at least */
#define SUB    16 /* parts of a pixel */
#define HEAD   (6 * SUB)

struct point {
    int32_t x, y;
};

struct state {
    struct point points[POINTS]; /* the newest first */
    uint32_t count;
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
static void disc(const struct ctx_fb *fb, struct point center, int32_t radius,
                 struct ctx_rgba color, uint32_t strength)
{
    int32_t reach = radius / SUB + 2;
    int32_t cx = center.x / SUB, cy = center.y / SUB;
    for (int32_t y = cy - reach; y <= cy + reach; y++) {
        for (int32_t x = cx - reach; x <= cx + reach; x++) {
            if (x < 0 || y < 0 || x >= (int32_t)fb->w || y >= (int32_t)fb->h) {
                continue;
            }
            int32_t dx = x * SUB + SUB / 2 - center.x;
            int32_t dy = y * SUB + SUB / 2 - center.y;
            int32_t inside = radius + SUB / 2 - square_root(dx * dx + dy * dy);
            if (inside <= 0) {
                continue;
            }
            uint32_t cover = strength * (uint32_t)(inside < SUB ? inside : SUB) / SUB;
            struct ctx_rgba *p = &fb->pixels[(uint64_t)y * fb->w + (uint64_t)x];
            p->r = mix(p->r, color.r, cover);
            p->g = mix(p->g, color.g, cover);
            p->b = mix(p->b, color.b, cover);
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
static void draw_trail(const struct ctx_fb *fb, const struct state *s, struct ctx_rgba color)
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
            disc(fb, at, HEAD * left / (POINTS * 256) * 3 / 4, color,
                 (uint32_t)(left * 90 / (POINTS * 256)));
        }
    }
}

static struct ctx_rgba color_of(const struct ctx_input *in)
{
    if (CTX_KEY_IS_DOWN(in->keys[CTX_BTN_LEFT])) {
        return (struct ctx_rgba){255, 196, 84, 0};
    }
    if (CTX_KEY_IS_DOWN(in->keys[CTX_BTN_RIGHT])) {
        return (struct ctx_rgba){255, 104, 108, 0};
    }
    if (CTX_KEY_IS_DOWN(in->keys[CTX_BTN_MIDDLE])) {
        return (struct ctx_rgba){190, 140, 255, 0};
    }
    return (struct ctx_rgba){96, 232, 208, 0};
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store;
    if (s == NULL) {
        s = ctx->alloc(sizeof *s, 16);
        if (s == NULL) {
            return 0; /* perhaps next time */
        }
        s->count = 0;
        *ctx->store = s;
    }
    const struct ctx_input *in = ctx->input;
    s->count = s->count < POINTS ? s->count + 1 : POINTS;
    for (uint32_t i = s->count - 1; i > 0; i--) {
        s->points[i] = s->points[i - 1];
    }
    s->points[0] = (struct point){(int32_t)in->mx * SUB + SUB / 2, (int32_t)in->my * SUB + SUB / 2};

    struct ctx_rgba color = color_of(in);
    draw_trail(&ctx->fb, s, color);
    disc(&ctx->fb, s->points[0], HEAD + SUB, (struct ctx_rgba){12, 16, 30, 0}, 200);
    disc(&ctx->fb, s->points[0], HEAD, color, 256);
    disc(&ctx->fb, s->points[0], HEAD / 3, (struct ctx_rgba){255, 255, 255, 0}, 256);
    return 0;
}
