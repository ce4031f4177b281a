/* SPDX-License-Identifier: MIT */
/*
 * What lies behind everything: made by arithmetic, once for a screen's size. Quiet on purpose: dark
 * enough for windows to stand out, nothing sharp where titles lie. A little noise, the same each
 * time, keeps slow gradients from showing steps.
 */
#include "desktop.h"

const char *const wall_names[WALLS] = {"Dunes", "Dusk", "Facets", "Plain"};

enum { DUNES, DUSK, FACETS, PLAIN };

#define TURN   4096 /* of a sine */
#define LAYERS 5

/* -1024 to 1024: two parabolas, which no eye tells from a sine here. */
static int32_t wave(int32_t phase)
{
    int32_t p = phase & (TURN - 1), half = p & (TURN / 2 - 1);
    int32_t v = half * (TURN / 2 - half) / (TURN * TURN / 16 / 1024);
    return p < TURN / 2 ? v : -v;
}

static uint32_t noise(uint32_t x, uint32_t y)
{
    uint32_t n = x * 0x9e3779b1u ^ y * 0x85ebca77u;
    n = (n ^ n >> 15) * 0x2c1b3c6du;
    return (n ^ n >> 13) & 255;
}

/* Colours with eight bits behind the point, so that noise has something to decide. */
struct tone {
    int32_t r, g, b;
};

static struct tone tone_of(uint32_t hex)
{
    return (struct tone){(int32_t)(hex >> 16 & 255) << 8, (int32_t)(hex >> 8 & 255) << 8,
                         (int32_t)(hex & 255) << 8};
}

/* t from 0 to 1024. */
static struct tone mix(struct tone a, struct tone b, int32_t t)
{
    return (struct tone){a.r + (b.r - a.r) * t / 1024, a.g + (b.g - a.g) * t / 1024,
                         a.b + (b.b - a.b) * t / 1024};
}

static uint32_t pixel(struct tone c, uint32_t x, uint32_t y)
{
    int32_t n = (int32_t)noise(x, y);
    uint32_t r = (uint32_t)(c.r + n) >> 8, g = (uint32_t)(c.g + n) >> 8;
    uint32_t b = (uint32_t)(c.b + n) >> 8;
    r = r > 255 ? 255 : r;
    g = g > 255 ? 255 : g;
    b = b > 255 ? 255 : b;
    return r | g << 8 | b << 16 | 0xff000000u;
}

/* ---- hills, one behind the other, under an evening sky ---- */

static int32_t ridge(int32_t layer, int32_t x, int32_t w, int32_t h)
{
    int32_t u = (int32_t)((int64_t)x * TURN / w);
    int32_t base = h * (56 + 11 * layer) / 100, high = h * (5 + layer) / 100;
    int32_t shape = wave(u * 3 / 4 + layer * 1337) * 6 + wave(u * 7 / 4 + layer * 2711) * 3 +
                    wave(u * 4 + layer * 517);
    return (base << 4) + (int32_t)((int64_t)high * 16 * shape / 10240);
}

static void dunes(uint32_t *pixels, int32_t w, int32_t h)
{
    static const uint32_t crests[LAYERS] = {0x8a5f3c, 0x6b4a35, 0x4d382d, 0x362a25, 0x241e1b};
    static const uint32_t feet[LAYERS] = {0x5f4334, 0x47342b, 0x342822, 0x261f1c, 0x181513};
    struct tone top = tone_of(0x1b2130), middle = tone_of(0x4a4048), low = tone_of(0xc58a52);
    for (int32_t y = 0; y < h; y++) {
        int32_t t = y * 1024 / h, s = t < 330 ? t * 1024 / 330 : (t - 330) * 1024 / 330;
        s = s > 1024 ? 1024 : s;
        struct tone sky = t < 330 ? mix(top, middle, s) : mix(middle, low, s);
        if (y > h * 3 / 4) {
            break; /* hills all over */
        }
        for (int32_t x = 0; x < w; x++) {
            pixels[(int64_t)y * w + x] = pixel(sky, (uint32_t)x, (uint32_t)y);
        }
    }
    for (int32_t layer = 0; layer < LAYERS; layer++) {
        struct tone crest = tone_of(crests[layer]), foot = tone_of(feet[layer]);
        for (int32_t x = 0; x < w; x++) {
            int32_t edge = ridge(layer, x, w, h), y = edge >> 4;
            int32_t next = layer + 1 < LAYERS ? (ridge(layer + 1, x, w, h) >> 4) + 1 : h;
            int32_t deep = h * 22 / 100;
            for (int32_t v = y < 0 ? 0 : y; v < h && v < next; v++) {
                int32_t t = (v - y) * 1024 / deep;
                struct tone c = mix(crest, foot, t > 1024 ? 1024 : t);
                uint32_t *to = &pixels[(int64_t)v * w + x];
                uint32_t new = pixel(c, (uint32_t)x, (uint32_t)v);
                /* The crest's own pixel is part sky. */
                *to = v == y ? ctx_color_mix(new, *to, (uint32_t)(edge & 15) * 16) : new;
            }
        }
    }
}

/* ---- a gradient, darker towards the corners ---- */

static void dusk(uint32_t *pixels, int32_t w, int32_t h)
{
    struct tone a = tone_of(0x3b3550), b = tone_of(0x1d2733), c = tone_of(0x7a4f45);
    for (int32_t y = 0; y < h; y++) {
        for (int32_t x = 0; x < w; x++) {
            int32_t u = x * 1024 / w, v = y * 1024 / h, s = (u + v) / 2;
            struct tone t = s < 512 ? mix(b, a, s * 2) : mix(a, c, (s - 512) * 2);
            pixels[(int64_t)y * w + x] = pixel(t, (uint32_t)x, (uint32_t)y);
        }
    }
}

/* ---- large triangles, a little lighter and darker ---- */

static void facets(uint32_t *pixels, int32_t w, int32_t h)
{
    int32_t side = h / 5 > 40 ? h / 5 : 40;
    struct tone dark = tone_of(0x1f2426), light = tone_of(0x3a4340), warm = tone_of(0x4d4335);
    for (int32_t y = 0; y < h; y++) {
        for (int32_t x = 0; x < w; x++) {
            int32_t row = y / side, in_y = y % side, shifted = x + (row & 1) * side / 2;
            int32_t col = shifted / side, in_x = shifted % side;
            uint32_t below =
                (uint32_t)(in_x * 2 < side ? in_y > side - 2 * in_x : in_y > 2 * in_x - side);
            uint32_t left = (uint32_t)(in_x * 2 < side);
            uint32_t n =
                noise((uint32_t)col * 4 + below * 2 + (below ? 0 : left), (uint32_t)row + 77);
            struct tone base = mix(dark, light, (x * 512 / w) + (int32_t)n * 2 / 3);
            base = n > 236 ? mix(base, warm, 700) : base;
            pixels[(int64_t)y * w + x] = pixel(base, (uint32_t)x, (uint32_t)y);
        }
    }
}

void wall_make(struct desktop *d)
{
    if (panel_open(d, PANEL_WALL, d->screen_w, d->screen_h, CTX_SURFACE_RGBX)) {
        wall_draw(d); /* else the canvas is what lies there: black */
    }
}

void wall_draw(struct desktop *d)
{
    const struct panel *p = &d->panels[PANEL_WALL];
    int32_t w = (int32_t)p->w, h = (int32_t)p->h;
    uint32_t *pixels = d->ctx->display->pixels(d->ctx->display, p->surface);
    uint32_t kind = (d->settings.contrast != 0) ? PLAIN : d->settings.wallpaper;
    if (kind == DUNES) {
        dunes(pixels, w, h);
    } else if (kind == DUSK) {
        dusk(pixels, w, h);
    } else if (kind == FACETS) {
        facets(pixels, w, h);
    } else {
        struct ctx_draw on = ctx_draw_on(pixels, p->w, p->h, p->w, CTX_SURFACE_RGBX);
        ctx_draw_fill(&on, CTX_RECT(0, 0, on.w, on.h), d->theme.desktop);
    }
    d->ctx->display->damage(d->ctx->display, p->surface, 0, 0, p->w, p->h);
}
