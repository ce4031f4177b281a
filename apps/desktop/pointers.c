/* SPDX-License-Identifier: MIT */
/*
 * The pointer's shapes: one surface each, drawn from distances, so they are as sharp as the scale
 * allows. Their middle is the hot spot. Light inside, with a dark edge: seen on anything.
 */
#include "desktop.h"

#define STROKES_MAX 20
#define SIDE_MAX    128 /* of a surface that follows the pointer */

struct stroke {
    float x0, y0, x1, y1;
};

/* Lines of one thickness, and a filled outline (corners[], closed); hot spot at 0, 0; in pixels at
 * scale 120. */
struct shape {
    uint32_t cursor, strokes, corners;
    float radius, turn_c, turn_s; /* half the thickness; all of it is turned by this */
    const struct stroke *stroke;
    const float (*corner)[2];
};

static const float arrow[][2] = {{0, 0},        {0, 16.5F},    {3.8F, 13},    {6.4F, 19},
                                 {9.2F, 17.8F}, {6.6F, 11.9F}, {11.8F, 11.9F}};
static const float glass[][2] = {{-5.5F, -8}, {5.5F, -8}, {1, 0}, {5.5F, 8}, {-5.5F, 8}, {-1, 0}};
static const float palm[][2] = {{-1.8F, 7}, {8, 7},         {8, 13},     {6, 18},
                                {0, 18},    {-5.5F, 11.5F}, {-4.5F, 10}, {-1.8F, 12}};
static const struct stroke fingers[] = {
    {0, 1.4F, 0, 10}, {3, 6.4F, 3, 9}, {5.6F, 7, 5.6F, 9}, {7, 8.4F, 7, 10}};
static const struct stroke beam[] = {{0, -7, 0, 7},
                                     {0, -7, -2.6F, -8.4F},
                                     {0, -7, 2.6F, -8.4F},
                                     {0, 7, -2.6F, 8.4F},
                                     {0, 7, 2.6F, 8.4F}};
static const struct stroke cross[] = {{-9, 0, -3, 0}, {3, 0, 9, 0}, {0, -9, 0, -3}, {0, 3, 0, 9}};
static const struct stroke both_ways[] = {
    {-8, 0, 8, 0}, {8, 0, 5, -3}, {8, 0, 5, 3}, {-8, 0, -5, -3}, {-8, 0, -5, 3}};
static const struct stroke four_ways[] = {
    {-8, 0, 8, 0},         {8, 0, 5.5F, -2.5F}, {8, 0, 5.5F, 2.5F},  {-8, 0, -5.5F, -2.5F},
    {-8, 0, -5.5F, 2.5F},  {0, -8, 0, 8},       {0, 8, -2.5F, 5.5F}, {0, 8, 2.5F, 5.5F},
    {0, -8, -2.5F, -5.5F}, {0, -8, 2.5F, -5.5F}};
static const struct stroke ring[] = {
    {7, 0, 6.06F, 3.5F},       {6.06F, 3.5F, 3.5F, 6.06F},     {3.5F, 6.06F, 0, 7},
    {0, 7, -3.5F, 6.06F},      {-3.5F, 6.06F, -6.06F, 3.5F},   {-6.06F, 3.5F, -7, 0},
    {-7, 0, -6.06F, -3.5F},    {-6.06F, -3.5F, -3.5F, -6.06F}, {-3.5F, -6.06F, 0, -7},
    {0, -7, 3.5F, -6.06F},     {3.5F, -6.06F, 6.06F, -3.5F},   {6.06F, -3.5F, 7, 0},
    {-4.9F, -4.9F, 4.9F, 4.9F}};

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define LINES(a)   .strokes = COUNT(a), .stroke = (a)
#define OUTLINE(a) .corners = COUNT(a), .corner = (a)
#define DIAGONAL   0.7071F

static const struct shape shapes[] = {
    {.cursor = CTX_CURSOR_ARROW, OUTLINE(arrow), .turn_c = 1},
    {.cursor = CTX_CURSOR_TEXT, LINES(beam), .radius = 0.7F, .turn_c = 1},
    {.cursor = CTX_CURSOR_HAND, LINES(fingers), OUTLINE(palm), .radius = 1.6F, .turn_c = 1},
    {.cursor = CTX_CURSOR_CROSS, LINES(cross), .radius = 0.7F, .turn_c = 1},
    {.cursor = CTX_CURSOR_WAIT, OUTLINE(glass), .turn_c = 1},
    {.cursor = CTX_CURSOR_MOVE, LINES(four_ways), .radius = 0.8F, .turn_c = 1},
    {.cursor = CTX_CURSOR_SIZE_WE, LINES(both_ways), .radius = 0.9F, .turn_c = 1},
    {.cursor = CTX_CURSOR_SIZE_NS, LINES(both_ways), .radius = 0.9F, .turn_s = 1},
    {.cursor = CTX_CURSOR_SIZE_NWSE,
     LINES(both_ways),
     .radius = 0.9F,
     .turn_c = DIAGONAL,
     .turn_s = DIAGONAL},
    {.cursor = CTX_CURSOR_SIZE_NESW,
     LINES(both_ways),
     .radius = 0.9F,
     .turn_c = DIAGONAL,
     .turn_s = -DIAGONAL},
    {.cursor = CTX_CURSOR_FORBIDDEN, LINES(ring), .radius = 1, .turn_c = 1},
};

/* ---- distances ---- */

static float root(float v)
{
    float r = v > 1 ? v / 2 : 1;
    for (uint32_t i = 0; i < 12; i++) {
        r = (r + v / r) / 2;
    }
    return r;
}

static float to_stroke2(float x, float y, const struct stroke *s)
{
    float dx = s->x1 - s->x0, dy = s->y1 - s->y0, px = x - s->x0, py = y - s->y0;
    float t = (px * dx + py * dy) / (dx * dx + dy * dy);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    px -= t * dx;
    py -= t * dy;
    return px * px + py * py;
}

/* How far the place is from what is light: below 0, it lies in it. */
static float distance(const struct shape *s, float x, float y)
{
    float best2 = 1e9F, result = 1e9F;
    int inside = 0;
    for (uint32_t i = 0; i < s->strokes; i++) {
        float d2 = to_stroke2(x, y, &s->stroke[i]);
        best2 = d2 < best2 ? d2 : best2;
    }
    if (s->strokes > 0) {
        result = root(best2) - s->radius;
    }
    best2 = 1e9F;
    for (uint32_t i = 0; i < s->corners; i++) {
        const float *a = s->corner[i], *b = s->corner[(i + 1) % s->corners];
        struct stroke edge = {a[0], a[1], b[0], b[1]};
        float d2 = to_stroke2(x, y, &edge);
        best2 = d2 < best2 ? d2 : best2;
        if ((a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) {
            inside = !inside;
        }
    }
    if (s->corners > 0) {
        float d = inside ? -root(best2) : root(best2);
        result = d < result ? d : result;
    }
    return result;
}

static float limited(float v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

static void draw(const struct shape *s, uint32_t *pixels, int32_t side, float scale)
{
    float edge = 1.1F * scale; /* the dark line's thickness */
    int32_t middle = side / 2;
    for (int32_t y = 0; y < side; y++) {
        for (int32_t x = 0; x < side; x++) {
            float u = ((float)(x - middle) + 0.5F) / scale;
            float v = ((float)(y - middle) + 0.5F) / scale;
            float d = distance(s, u * s->turn_c + v * s->turn_s, v * s->turn_c - u * s->turn_s);
            float light = limited(0.5F - d * scale), all = limited(0.5F - d * scale + edge);
            uint32_t tone = all > 0 ? (uint32_t)(18 + 237 * light / all) : 0;
            uint32_t alpha = (uint32_t)(all * 255);
            pixels[y * side + x] = tone * 0x010101u | alpha << 24;
        }
    }
}

void pointers_make(struct desktop *d)
{
    const struct ctx_display *display = d->ctx->display;
    float scale = (float)d->theme.scale / 120 * (float)d->settings.pointer / 100;
    int32_t side = 2 * (int32_t)(21 * scale + 1);
    if (side > SIDE_MAX) {
        side = SIDE_MAX;
        scale = (SIDE_MAX / 2.0F - 1) / 21;
    }
    for (uint32_t i = 0; i < COUNT(shapes); i++) {
        const struct shape *s = &shapes[i];
        uint32_t *surface = &d->pointers[s->cursor];
        if (*surface == 0) {
            if (display->create(display, (uint32_t)side, (uint32_t)side, CTX_SURFACE_RGBA,
                                CTX_SURFACE_POINTER, surface) != CTX_OK) {
                *surface = 0;
                continue;
            }
            display->cursor(display, *surface, s->cursor);
        } else if (display->resize(display, *surface, (uint32_t)side, (uint32_t)side) != CTX_OK) {
            continue;
        }
        draw(s, display->pixels(display, *surface), side, scale);
        display->damage(display, *surface, 0, 0, (uint32_t)side, (uint32_t)side);
    }
}
