/* SPDX-License-Identifier: MIT */
/*
 * paint - a sheet of paper and a brush: press a mouse button and draw, the keys 1 to 5 choose a
 * colour, C clears, Ctrl-C copies the sheet and Ctrl-V pastes a picture, Ctrl-S saves a PNG to
 * /disk/pictures, Ctrl-O opens the next one of those, F1 says all this. Closed with a picture that
 * is not saved it asks what is to become of it. An app of version 3 that sleeps until something
 * happens. The sheet is as large as the window has ever been, so a window that was made small and
 * large again has its picture back. A word of its line that begins with / is a picture to open.
 */
#include "paint.h"

#include <ctx/key.h>
#include <ctx/note.h>

#include <stddef.h>

CTX_NOTE(3);

#define W     560 /* of the window, to begin with */
#define H     360
#define LEAST 100 /* a window's side */

static const struct ctx_rgba colors[5] = {
    {40, 44, 84, 0}, {226, 96, 92, 0}, {242, 178, 84, 0}, {88, 176, 132, 0}, {98, 132, 220, 0},
};
static const struct ctx_rgba paper = {246, 240, 228, 0};

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void paint_show(struct ctx *ctx, struct state *s, int32_t left, int32_t top, int32_t right,
                int32_t bottom)
{
    left = larger(left, 0);
    top = larger(top, 0);
    right = smaller(right, s->w);
    bottom = smaller(bottom, s->h - s->bar_h);
    for (int32_t y = top; y < bottom; y++) {
        for (int32_t x = left; x < right; x++) {
            int frame = x < FRAME || y < FRAME || x >= s->w - FRAME || y >= s->h - FRAME;
            s->pixels[y * s->w + x] = frame ? colors[0] : s->sheet[y * s->sheet_w + x];
        }
    }
    if (left < right && top < bottom) {
        ctx->display->damage(ctx->display, s->surface, (uint32_t)left, (uint32_t)top,
                             (uint32_t)(right - left), (uint32_t)(bottom - top));
    }
}

static void clear(struct ctx *ctx, struct state *s)
{
    for (int32_t i = 0; i < s->sheet_w * s->sheet_h; i++) {
        s->sheet[i] = paper;
    }
    s->changes++;
    paint_show(ctx, s, 0, 0, s->w, s->h);
}

int paint_enlarge(struct ctx *ctx, struct state *s, int32_t w, int32_t h)
{
    w = larger(w, s->sheet_w);
    h = larger(h, s->sheet_h);
    if (w == s->sheet_w && h == s->sheet_h) {
        return 1;
    }
    uint64_t bytes = (uint64_t)w * (uint64_t)h * sizeof *s->sheet;
    struct ctx_rgba *sheet = ctx->mem->alloc(ctx->mem, bytes, 16, 0);
    if (sheet == NULL) {
        return 0;
    }
    for (int32_t y = 0; y < h; y++) {
        for (int32_t x = 0; x < w; x++) {
            int was = x < s->sheet_w && y < s->sheet_h;
            sheet[y * w + x] = was ? s->sheet[y * s->sheet_w + x] : paper;
        }
    }
    if (s->sheet != NULL) {
        ctx->mem->free(ctx->mem, s->sheet,
                       (uint64_t)s->sheet_w * (uint64_t)s->sheet_h * sizeof *s->sheet, 16);
    }
    s->sheet = sheet;
    s->sheet_w = w;
    s->sheet_h = h;
    return 1;
}

void paint_resize(struct ctx *ctx, struct state *s, int32_t w, int32_t h)
{
    w = larger(w, LEAST);
    h = larger(h, LEAST);
    if ((w == s->w && h == s->h) || !paint_enlarge(ctx, s, w, h) ||
        ctx->display->resize(ctx->display, s->surface, (uint32_t)w, (uint32_t)h) != CTX_OK) {
        return;
    }
    s->pixels = ctx->display->pixels(ctx->display, s->surface);
    s->w = w;
    s->h = h;
    paint_show(ctx, s, 0, 0, w, h);
    bar_again(ctx, s);
}

static uint32_t scale_of_screen(struct ctx *ctx)
{
    struct ctx_display_info info = {.size = sizeof info};
    return ctx->display->info(ctx->display, &info) == CTX_OK && info.scale >= 120 ? info.scale
                                                                                  : 120;
}

/* Brush and window are as large as the screen wants things; a pixel of the sheet stays one. */
static void follow_scale(struct ctx *ctx, struct state *s)
{
    int32_t from = (int32_t)s->scale, to = (int32_t)scale_of_screen(ctx);
    if (from != 0 && from != to) {
        s->scale = (uint32_t)to;
        paint_resize(ctx, s, s->w * to / from, s->h * to / from);
        if (s->bar != BAR_NONE) { /* its letters, too */
            bar_open(ctx, s, s->bar);
        }
    }
}

static void dab(struct state *s, int32_t x, int32_t y)
{
    int32_t scale = s->scale != 0 ? (int32_t)s->scale : 120, r = 5 * scale / 120;
    int32_t square = 18 * scale * scale / (120 * 120); /* of the brush's half */
    for (int32_t v = y - r; v <= y + r; v++) {
        for (int32_t u = x - r; u <= x + r; u++) {
            if (u >= FRAME && v >= FRAME && u < s->w - FRAME && v < s->h - FRAME &&
                (u - x) * (u - x) + (v - y) * (v - y) <= square) {
                s->sheet[v * s->sheet_w + u] = colors[s->color];
            }
        }
    }
}

/* From where the brush was to where it is. */
static void stroke(struct ctx *ctx, struct state *s, int32_t x, int32_t y)
{
    int32_t dx = x - s->x, dy = y - s->y;
    s->changes++;
    int32_t steps = larger(1, larger(dx < 0 ? -dx : dx, dy < 0 ? -dy : dy) / 2);
    for (int32_t i = 0; i <= steps; i++) {
        dab(s, s->x + dx * i / steps, s->y + dy * i / steps);
    }
    int32_t r = 5 * larger((int32_t)s->scale, 120) / 120;
    paint_show(ctx, s, smaller(x, s->x) - r, smaller(y, s->y) - r, larger(x, s->x) + r + 1,
               larger(y, s->y) + r + 1);
}

static void pointer(struct ctx *ctx, struct state *s, const struct ctx_event *e)
{
    struct ctx_surface_info place = {.size = sizeof place};
    int32_t x = e->x, y = e->y;
    if (e->surface == 0 && ctx->display->describe(ctx->display, s->surface, &place) == CTX_OK) {
        x -= place.x; /* nobody manages windows: it is the screen's */
        y -= place.y;
    }
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
    if (e->value == 1 && e->code == KEY_F1) {
        bar_open(ctx, s, BAR_KEYS);
    } else if (e->code == CTX_BTN_LEFT) {
        s->down = e->value != 0;
        if (s->down) {
            stroke(ctx, s, s->x, s->y);
        }
    } else if (e->value == 1 && e->code >= CTX_KEY_1 && e->code < CTX_KEY_1 + 5) {
        s->color = e->code - CTX_KEY_1;
    } else if (e->value == 1 && e->code == KEY_C && (e->modifiers & CTX_MOD_CTRL) == 0) {
        clear(ctx, s);
    } else if (e->value == 1 && e->code == KEY_C) {
        paint_copy(ctx, s);
    } else if (e->value == 1 && e->code == KEY_V && (e->modifiers & CTX_MOD_CTRL) != 0) {
        paint_paste(ctx, s);
    } else if (e->value == 1 && e->code == KEY_S && (e->modifiers & CTX_MOD_CTRL) != 0) {
        paint_save(ctx, s);
    } else if (e->value == 1 && e->code == KEY_O && (e->modifiers & CTX_MOD_CTRL) != 0) {
        paint_open_next(ctx, s);
    }
}

static struct state *start(struct ctx *ctx)
{
    struct state *s = ctx->mem->alloc(ctx->mem, sizeof *s, 16, CTX_MEM_ZERO);
    if (s == NULL || !paint_enlarge(ctx, s, W, H) ||
        ctx->display->create(ctx->display, W, H, CTX_SURFACE_RGBX, 0, &s->surface) != CTX_OK) {
        return NULL;
    }
    ctx->display->title(ctx->display, s->surface, "Paint", 5);
    const uint64_t redrawn = CTX_SURFACE_REDRAWN; /* it has the picture */
    s->scale = 120;
    if (ctx->display->ask_flags(ctx->display, s->surface, redrawn | CTX_SURFACE_SCALED) != CTX_OK) {
        ctx->display->ask_flags(ctx->display, s->surface, redrawn);
        s->scale = 0;
    }
    ctx->display->ask_smallest(ctx->display, s->surface, LEAST, LEAST);
    ctx->display->cursor(ctx->display, s->surface, CTX_CURSOR_CROSS);
    s->w = W;
    s->h = H;
    s->pixels = ctx->display->pixels(ctx->display, s->surface);
    *ctx->store = s;
    follow_scale(ctx, s);
    clear(ctx, s);
    s->saved = s->changes;
    paint_words(ctx, s);
    return s;
}

/* 1: the user has closed the window. */
static int event(struct ctx *ctx, struct state *s, const struct ctx_event *e)
{
    if (bar_event(ctx, s, e)) {
        return 0;
    }
    switch (e->kind) {
    case CTX_EVENT_POINTER:
        pointer(ctx, s, e);
        if (e->surface != 0 && !s->told && s->changes == s->saved) { /* a hand comes to it */
            s->told = 1;
            bar_open(ctx, s, BAR_KEYS);
        }
        break;
    case CTX_EVENT_KEY:
        key(ctx, s, e);
        break;
    case CTX_EVENT_RESIZE:
        if (e->surface == s->surface) { /* else it is the screen that has another size */
            paint_resize(ctx, s, e->x, e->y);
        }
        break;
    case CTX_EVENT_SCALE:
        follow_scale(ctx, s);
        break;
    case CTX_EVENT_EXPOSE:
        paint_show(ctx, s, 0, 0, s->w, s->h);
        bar_again(ctx, s);
        break;
    case CTX_EVENT_CLOSE:
        if (s->changes == s->saved) {
            return 1;
        }
        s->down = 0;
        bar_open(ctx, s, BAR_LEAVE);
        break;
    default:
        break;
    }
    return 0;
}

/* 1: it ends. Who wanted that, and whose picture could not be saved, is asked once more. */
static int leaves(struct ctx *ctx, struct state *s)
{
    if (!s->leaves || s->job.fiber != NULL) {
        return 0;
    }
    s->leaves = 0;
    if (s->changes != s->saved) {
        bar_open(ctx, s, BAR_LEAVE);
    }
    return s->changes == s->saved;
}

int32_t _start(struct ctx *ctx)
{
    struct state *s = *ctx->store != NULL ? *ctx->store : start(ctx);
    if (s == NULL) {
        return CTX_EXIT(1);
    }
    struct ctx_event events[32];
    uint32_t count;
    int32_t answer = paint_go_on(ctx, s);
    while (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) ==
           CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (event(ctx, s, &events[i])) {
                return CTX_EXIT(0);
            }
        }
    }
    if (leaves(ctx, s)) {
        return CTX_EXIT(0);
    }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_KEY |
                                       1u << CTX_EVENT_RESIZE | 1u << CTX_EVENT_EXPOSE |
                                       1u << CTX_EVENT_CLOSE |
                                       (s->scale != 0 ? 1u << CTX_EVENT_SCALE : 0));
    return s->job.fiber != NULL && s->job.since_ns == 0 ? CTX_AGAIN : answer;
}
