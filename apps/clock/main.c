/* SPDX-License-Identifier: MIT */
/*
 * clock - an app of version 3 that waits: it draws its own surface once a second and costs nothing
 * in between. Its window has one size; closed it ends with 0.
 */
#include <ctx/ctx.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define SIDE   200 /* at scale 120 */
#define SECOND UINT64_C(1000000000)
#define DAY    86400

#define FLAGS  (CTX_SURFACE_FIXED | CTX_SURFACE_SMOOTH)

struct state {
    uint32_t surface;
    int32_t side;
    int follows; /* the screen's scale; 0: an older system enlarges it */
    struct ctx_rgba *pixels;
};

/* 60 steps of a circle: sine in 1/1024; the cosine is a quarter turn ahead. */
static const int16_t sine[60] = {
    0,     107,   213,   316,  416,  512,  602,  685,  761,  828,  887,  935,  974,  1002,  1018,
    1024,  1018,  1002,  974,  935,  887,  828,  761,  685,  602,  512,  416,  316,  213,   107,
    0,     -107,  -213,  -316, -416, -512, -602, -685, -761, -828, -887, -935, -974, -1002, -1018,
    -1024, -1018, -1002, -974, -935, -887, -828, -761, -685, -602, -512, -416, -316, -213,  -107,
};

#define FINE 8 /* parts of a pixel, in which shapes are reckoned */

static const struct ctx_rgba rim = {173, 166, 154, 120}, face = {28, 27, 25, 225},
                             ink = {236, 231, 223, 255}, second_hand = {227, 168, 87, 255};

struct spot {
    int64_t x, y; /* in 1/FINE of a pixel */
};

/* A length of the face with sides of SIDE pixels, in 1/FINE of a pixel of s. */
static int64_t fine(const struct state *s, int64_t length)
{
    return length * FINE * s->side / SIDE;
}

/* A place on a circle around the middle: `at` of 60 steps, so far out. */
static struct spot on_circle(const struct state *s, uint32_t at, int32_t out)
{
    int64_t half = (int64_t)s->side * FINE / 2, far = fine(s, out);
    return (struct spot){(half * 1024 + sine[at % 60] * far) / 1024,
                         (half * 1024 - sine[(at + 15) % 60] * far) / 1024};
}

/* Whether a point lies within r of the line from a to b. */
static int is_near(struct spot a, struct spot b, struct spot p, int64_t r)
{
    int64_t dx = b.x - a.x, dy = b.y - a.y, px = p.x - a.x, py = p.y - a.y;
    int64_t len = dx * dx + dy * dy, along = px * dx + py * dy, far = px * px + py * py;
    if (along >= len && len > 0) {
        px = p.x - b.x;
        py = p.y - b.y;
        return px * px + py * py <= r * r;
    }
    return along <= 0 ? far <= r * r : far * len - along * along <= r * r * len;
}

/* How much of a pixel is covered, of 16. */
static uint32_t covered(struct spot a, struct spot b, int64_t x, int64_t y, int64_t r)
{
    struct spot middle = {x * FINE + FINE / 2, y * FINE + FINE / 2};
    if (r > FINE && is_near(a, b, middle, r - FINE)) {
        return 16;
    }
    uint32_t inside = 0;
    for (int64_t i = 0; i < 16 && is_near(a, b, middle, r + FINE); i++) {
        struct spot p = {x * FINE + 1 + i % 4 * 2, y * FINE + 1 + i / 4 * 2};
        inside += (uint32_t)is_near(a, b, p, r);
    }
    return inside;
}

static uint8_t mixed(uint8_t from, uint8_t to, uint32_t part)
{
    return (uint8_t)((from * (16 - part) + to * part) / 16);
}

/* A line with round ends, r thick to each side (in 1/FINE); what it covers in part is mixed. */
static void line(const struct state *s, struct spot a, struct spot b, int64_t r,
                 struct ctx_rgba color)
{
    int64_t left = (a.x < b.x ? a.x : b.x) - r, right = (a.x < b.x ? b.x : a.x) + r;
    int64_t top = (a.y < b.y ? a.y : b.y) - r, bottom = (a.y < b.y ? b.y : a.y) + r;
    for (int64_t y = top / FINE; y <= bottom / FINE && y < s->side; y++) {
        for (int64_t x = left / FINE; x <= right / FINE && x < s->side; x++) {
            uint32_t part = x >= 0 && y >= 0 ? covered(a, b, x, y, r) : 0;
            struct ctx_rgba *to = &s->pixels[y * s->side + x];
            if (part > 0 && to->a == 0) { /* nothing is there to be mixed with */
                *to = (struct ctx_rgba){color.r, color.g, color.b, mixed(0, color.a, part)};
            } else if (part > 0) {
                *to = (struct ctx_rgba){mixed(to->r, color.r, part), mixed(to->g, color.g, part),
                                        mixed(to->b, color.b, part), mixed(to->a, color.a, part)};
            }
        }
    }
}

static void hand(const struct state *s, uint32_t at, int32_t length, int64_t r,
                 struct ctx_rgba color)
{
    line(s, on_circle(s, at, 0), on_circle(s, at, length), r, color);
}

static void draw(const struct state *s, uint64_t seconds)
{
    struct spot middle = on_circle(s, 0, 0);
    for (int32_t i = 0; i < s->side * s->side; i++) {
        s->pixels[i] = (struct ctx_rgba){0, 0, 0, 0};
    }
    line(s, middle, middle, fine(s, SIDE / 2 - 2), rim);
    line(s, middle, middle, fine(s, SIDE / 2 - 4), face);
    for (uint32_t i = 0; i < 12; i++) {
        struct spot mark = on_circle(s, i * 5, 84);
        line(s, mark, mark, fine(s, i % 3 == 0 ? 4 : 2), ink);
    }
    hand(s, (uint32_t)(seconds / 720 % 60), 48, fine(s, 4), ink);
    hand(s, (uint32_t)(seconds / 60 % 60), 70, fine(s, 3), ink);
    hand(s, (uint32_t)(seconds % 60), 78, fine(s, 1), second_hand);
    line(s, middle, middle, fine(s, 5), second_hand);
}

static uint32_t scale_of_screen(struct ctx *ctx)
{
    struct ctx_display_info info = {.size = sizeof info};
    return ctx->display->info(ctx->display, &info) == CTX_OK && info.scale >= 120 ? info.scale
                                                                                  : 120;
}

/* As large as the screen wants things now; without memory it stays as it is. */
static void follow_scale(struct ctx *ctx, struct state *s)
{
    uint32_t side = SIDE * scale_of_screen(ctx) / 120;
    if (s->follows && (int32_t)side != s->side &&
        ctx->display->resize(ctx->display, s->surface, side, side) == CTX_OK) {
        ctx->display->ask_smallest(ctx->display, s->surface, side, side);
        s->pixels = ctx->display->pixels(ctx->display, s->surface);
        s->side = (int32_t)side;
    }
}

static struct state *start(struct ctx *ctx)
{
    struct state *s = ctx->alloc(sizeof *s, 16);
    if (s == NULL || ctx->display->create(ctx->display, SIDE, SIDE, CTX_SURFACE_RGBA, FLAGS,
                                          &s->surface) != CTX_OK) {
        return NULL;
    }
    ctx->display->title(ctx->display, s->surface, "Clock", 5);
    ctx->display->ask_smallest(ctx->display, s->surface, SIDE, SIDE);
    s->pixels = ctx->display->pixels(ctx->display, s->surface);
    s->side = SIDE;
    s->follows =
        ctx->display->ask_flags(ctx->display, s->surface, FLAGS | CTX_SURFACE_SCALED) == CTX_OK;
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
    int64_t zone = 0;
    if (CTX_TABLE_HAS(struct ctx_time, ctx->time, zone)) {
        ctx->time->zone(ctx->time, &zone);
    }
    follow_scale(ctx, s);
    draw(s, (uint64_t)(wall / (int64_t)SECOND + zone + DAY) % DAY);
    ctx->display->damage(ctx->display, s->surface, 0, 0, (uint32_t)s->side, (uint32_t)s->side);
    ctx->time->wake_at(ctx->time, now + SECOND - (uint64_t)wall % SECOND);
    const uint64_t closed = UINT64_C(1) << CTX_EVENT_CLOSE;
    const uint64_t other = UINT64_C(1) << CTX_EVENT_CALENDAR | UINT64_C(1) << CTX_EVENT_SCALE;
    if (ctx->events->wait(ctx->events, closed | other) != CTX_OK) {
        ctx->events->wait(ctx->events, closed); /* an older system */
    }
    return CTX_WAIT;
}
