/* SPDX-License-Identifier: MIT */
/*
 * Everything is drawn anew for each picture: the board from two colours, the snake as a chain of
 * round pieces whose edges are smoothed by their distance, text from font.h. Only pixels near a
 * piece are looked at.
 */
#include "draw.h"

#include <font.h>

#define RGB(r, g, b) ((uint32_t)(r) | (uint32_t)(g) << 8 | (uint32_t)(b) << 16)

/* The theme's planes and letters (<ctx/theme.h>), and three of the game's own. */
static const uint32_t frame_color = RGB(38, 36, 33), board_a = RGB(46, 44, 40),
                      board_b = RGB(51, 49, 44);
static const uint32_t text_color = RGB(236, 231, 223), soft = RGB(173, 166, 154),
                      accent = RGB(227, 168, 87);
static const uint32_t head_color = RGB(150, 228, 120), tail_color = RGB(86, 130, 86);
static const uint32_t food_color = RGB(228, 100, 80), leaf = RGB(143, 181, 115),
                      dead = RGB(125, 118, 107);

static uint32_t *out;

/* Of the picture that is being drawn. BAR: title and score above the board. */
static struct {
    int cell, margin, bar, width, height, font_w, font_h;
    uint32_t scale;
    float one; /* a pixel of the usual scale */
} at;

#define CELL   (at.cell)
#define MARGIN (at.margin)
#define BAR    (at.bar)
#define WIDTH  (at.width)
#define HEIGHT (at.height)

static int px(int n)
{
    return n * (int)at.scale / 120;
}

static void use_scale(uint32_t scale)
{
    at.scale = scale;
    at.one = (float)scale / 120;
    at.cell = px(28);
    at.margin = px(20);
    at.bar = px(64);
    at.width = COLS * at.cell + 2 * at.margin;
    at.height = ROWS * at.cell + at.bar + at.margin;
    at.font_w = (int)font_w(scale);
    at.font_h = (int)font_h(scale);
}

uint32_t draw_width(uint32_t scale)
{
    use_scale(scale);
    return (uint32_t)at.width;
}

uint32_t draw_height(uint32_t scale)
{
    use_scale(scale);
    return (uint32_t)at.height;
}

static void *font_alloc(void *self, size_t size)
{
    struct ctx *ctx = self;
    return ctx->alloc(size, 16);
}

static void font_free(void *self, void *p, size_t size)
{
    struct ctx *ctx = self;
    ctx->dealloc(p, size, 16);
}

int draw_init(struct ctx *ctx)
{
    const struct font_memory memory = {font_alloc, font_free, ctx};
    return font_init(&memory);
}

static uint32_t mix(uint32_t a, uint32_t b, uint32_t part) /* 0..256 of b */
{
    uint32_t rb = ((a & 0xff00ff) * (256 - part) + (b & 0xff00ff) * part) >> 8 & 0xff00ff;
    uint32_t g = ((a & 0xff00) * (256 - part) + (b & 0xff00) * part) >> 8 & 0xff00;
    return rb | g;
}

static void rectangle(int x, int y, int w, int h, uint32_t color)
{
    for (int row = y; row < y + h; row++) {
        for (int i = x; i < x + w; i++) {
            out[row * WIDTH + i] = color;
        }
    }
}

static float clamp(float v, float low, float high)
{
    return v < low ? low : v > high ? high : v;
}

static float root(float v)
{
    __asm__("sqrtss %0, %0" : "+x"(v));
    return v;
}

/* A piece from a to b, radius r: pixels by their distance from the line between. */
static void capsule(float ax, float ay, float bx, float by, float r, uint32_t color)
{
    int x0 = (int)((ax < bx ? ax : bx) - r - 1), x1 = (int)((ax > bx ? ax : bx) + r + 2);
    int y0 = (int)((ay < by ? ay : by) - r - 1), y1 = (int)((ay > by ? ay : by) + r + 2);
    float dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > WIDTH ? WIDTH : x1;
    y1 = y1 > HEIGHT ? HEIGHT : y1;
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            float px = (float)x + 0.5f - ax, py = (float)y + 0.5f - ay;
            float t = square > 0 ? clamp((px * dx + py * dy) / square, 0, 1) : 0;
            float qx = px - t * dx, qy = py - t * dy;
            float cover = clamp(r + 0.5f - root(qx * qx + qy * qy), 0, 1);
            if (cover > 0) {
                uint32_t *p = &out[y * WIDTH + x];
                *p = mix(*p, color, (uint32_t)(cover * 256));
            }
        }
    }
}

static void text(int x, int y, const char *s, uint32_t color)
{
    for (; *s != 0; s++, x += at.font_w) {
        const struct glyph *glyph = font_glyph_at((uint8_t)*s, at.scale);
        if (glyph != 0) {
            font_draw(out + y * WIDTH + x, (uint32_t)WIDTH, glyph, color);
        }
    }
}

static int width_of(const char *s)
{
    int n = 0;
    while (s[n] != 0) {
        n++;
    }
    return n * at.font_w;
}

static void centred(int y, const char *s, uint32_t color)
{
    text((WIDTH - width_of(s)) / 2, y, s, color);
}

/* "SCORE 12", ending at x. */
static void number(int x, int y, const char *label, uint32_t value, uint32_t color)
{
    char digits[12];
    int n = sizeof digits - 1;
    digits[n] = 0;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    x -= width_of(digits + n);
    text(x, y, digits + n, color);
    text(x - width_of(label) - at.font_w, y, label, soft);
}

static void board(void)
{
    rectangle(0, 0, WIDTH, BAR, frame_color);
    rectangle(0, HEIGHT - MARGIN, WIDTH, MARGIN, frame_color);
    rectangle(0, BAR, MARGIN, ROWS * CELL, frame_color);
    rectangle(WIDTH - MARGIN, BAR, MARGIN, ROWS * CELL, frame_color);
    for (int y = 0; y < ROWS; y++) {
        for (int x = 0; x < COLS; x++) {
            rectangle(MARGIN + x * CELL, BAR + y * CELL, CELL, CELL,
                      (x + y) % 2 ? board_a : board_b);
        }
    }
}

struct point {
    float x, y;
};

static struct point middle(struct cell c)
{
    return (struct point){(float)MARGIN + ((float)c.x + 0.5f) * (float)CELL,
                          (float)BAR + ((float)c.y + 0.5f) * (float)CELL};
}

static struct point between(struct point a, struct point b, float t)
{
    return (struct point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}

/* From x, y of p to dx, dy of it, as thick as r; in pixels of the usual scale. */
static void stroke(struct point p, float x, float y, float dx, float dy, float r, uint32_t color)
{
    capsule(p.x + x * at.one, p.y + y * at.one, p.x + dx * at.one, p.y + dy * at.one, r * at.one,
            color);
}

static void fruit(const struct game *g, uint64_t now_ns)
{
    struct point p = middle(g->food);
    float beat = (float)(now_ns / 1000000 % 900) / 900;
    float r = 8.5f + (beat < 0.5f ? beat : 1 - beat) * 3;
    stroke(p, 1, -8, 5, -12, 2, leaf);
    stroke(p, 0, 1, 0, 1, r, food_color);
    stroke(p, -3, -2, -3, -2, 2, mix(food_color, text_color, 150));
}

/* t: how far the head is on its way into its cell, and the tail out of its last one. */
static void snake(const struct game *g, float t)
{
    for (uint32_t i = g->len; i-- > 0;) {
        uint32_t shade = 256 * i / g->len;
        uint32_t color = mix(head_color, tail_color, shade);
        struct cell before = i + 1 < g->len ? game_segment(g, i + 1) : g->left;
        struct point a = middle(before), b = middle(game_segment(g, i));
        if (g->phase == PHASE_OVER) {
            color = mix(color, dead, 160);
        }
        if (i + 1 == g->len) {
            a = between(a, b, t);
        }
        if (i == 0) {
            b = between(a, b, i + 1 == g->len ? 1 : t);
        }
        capsule(a.x, a.y, b.x, b.y, 10.5f * at.one, color);
    }
    struct cell neck = g->len > 1 ? game_segment(g, 1) : g->left;
    struct point head = between(middle(neck), middle(game_segment(g, 0)), t);
    float fx = g->dx, fy = g->dy;
    for (int side = -1; side <= 1; side += 2) {
        float x = fx * 3 - fy * 5 * (float)side, y = fy * 3 + fx * 5 * (float)side;
        stroke(head, x, y, x, y, 3, text_color);
        stroke(head, x + fx, y + fy, x + fx, y + fy, 1.5f, frame_color);
    }
}

static void message(const char *title, const char *hint)
{
    int w = (width_of(hint) > width_of(title) ? width_of(hint) : width_of(title)) + px(64);
    int h = px(92), x = (WIDTH - w) / 2, y = BAR + (ROWS * CELL - h) / 2;
    for (int row = y; row < y + h; row++) {
        for (int i = x; i < x + w; i++) {
            out[row * WIDTH + i] = mix(out[row * WIDTH + i], frame_color, 244);
        }
    }
    rectangle(x, y, w, px(2), accent);
    centred(y + px(22), title, text_color);
    centred(y + px(52), hint, soft);
}

void draw_all(uint32_t *pixels, uint32_t scale, const struct game *g, uint64_t now_ns)
{
    out = pixels;
    use_scale(scale);
    board();
    text(MARGIN, (BAR - at.font_h) / 2, "SNAKE", accent);
    number(WIDTH - MARGIN, (BAR - at.font_h) / 2, "best", g->best, text_color);
    number(WIDTH - MARGIN - px(110), (BAR - at.font_h) / 2, "score", g->score, text_color);
    if (g->len > 0) {
        uint64_t every = game_step_ns(g);
        float t = g->phase == PHASE_PLAY ? (float)(now_ns - g->stepped_ns) / (float)every : 1;
        fruit(g, g->phase == PHASE_PLAY ? now_ns : 0);
        snake(g, clamp(t, 0, 1));
    }
    if (g->phase == PHASE_TITLE) {
        message("Snake", "Space begins. Arrows or WASD turn, P pauses.");
    } else if (g->phase == PHASE_PAUSE) {
        message("Pause", "Space goes on.");
    } else if (g->phase == PHASE_OVER) {
        message(g->score == g->best && g->score > 0 ? "Over - and your best so far" : "Over",
                "Space begins anew.");
    }
}
