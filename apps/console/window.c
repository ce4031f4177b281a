/* SPDX-License-Identifier: MIT */
#include "window.h"

#include "font.h"

#include <ctx/key.h>

#include <stdlib.h>
#include <string.h>

#define RADIUS        10
#define GRIP          20 /* the corner that resizes */
#define SHADOW        10

#define ACTION_DRAG   1
#define ACTION_RESIZE 2

#define COLOR_TITLE   0x00f4ecea /* bytes R, G, B from the lowest */
#define COLOR_DIM     0x00b4a69e
#define COLOR_BORDER  0x00a08c7c
#define COLOR_ACCENT  0x00d0e860

/* How many pixels row y of a corner is shorter, from the outside in. */
static const uint8_t corner[RADIUS] = {10, 7, 5, 4, 3, 2, 2, 1, 1, 0};

static const struct ctx_rgba *pixel_at(const struct ctx_fb *fb, int64_t x, int64_t y)
{
    int inside = x >= 0 && y >= 0 && x < (int64_t)fb->w && y < (int64_t)fb->h;
    return inside ? &fb->pixels[(uint64_t)y * fb->w + (uint64_t)x] : NULL;
}

/* For the scale that it is drawn for. */
static int32_t least(const struct window *win, int32_t side)
{
    return side * (int32_t)window_scale(win) / 120;
}

static int resize_surface(struct window *win, const struct ctx *ctx, int32_t w, int32_t h)
{
    int32_t least_w = least(win, WINDOW_MIN_W), least_h = least(win, WINDOW_MIN_H);
    w = w < least_w ? least_w : w;
    h = h < least_h ? least_h : h;
    if (ctx->display->resize(ctx->display, win->surface, (uint32_t)w, (uint32_t)h) != CTX_OK) {
        return 0;
    }
    win->pixels = ctx->display->pixels(ctx->display, win->surface);
    win->w = w;
    win->h = h;
    win->fresh = 1;
    return 1;
}

/* It may be made smaller to another size then, too. */
static void use_scale(struct window *win, const struct ctx *ctx, uint32_t scale)
{
    win->scale = scale;
    ctx->display->ask_smallest(ctx->display, win->surface, (uint32_t)least(win, WINDOW_MIN_W),
                               (uint32_t)least(win, WINDOW_MIN_H));
}

void window_rescale(struct window *win, const struct ctx *ctx, uint32_t scale)
{
    int32_t from = (int32_t)win->scale, to = (int32_t)scale;
    if (win->surface == 0 || from == 0 || to == 0 || from == to) {
        return;
    }
    use_scale(win, ctx, scale);
    win->fresh = 1; /* without memory for another size, in the one that it has */
    resize_surface(win, ctx, win->w * to / from, win->h * to / from);
}

static int resize(struct window *win, int32_t w, int32_t h)
{
    uint32_t *pixels = malloc((size_t)w * (size_t)h * sizeof *pixels);
    if (pixels == NULL || !glass_resize(&win->glass, (uint32_t)w, (uint32_t)h)) {
        free(pixels);
        return 0;
    }
    free(win->pixels);
    win->pixels = pixels;
    win->w = w;
    win->h = h;
    win->fresh = 1;
    return 1;
}

/* The right edge of the marked windows on the canvas, -1 if there are none; looked for in steps
 * smaller than any window. */
static int64_t others_right(const struct ctx_fb *fb)
{
    int64_t right = -1;
    for (int64_t y = 0; y < (int64_t)fb->h; y += 16) {
        for (int64_t x = 0; x < (int64_t)fb->w; x += 16) {
            if (pixel_at(fb, x, y)->a >= 0x80 && x > right) {
                right = x;
            }
        }
    }
    return right;
}

int window_init(struct window *win, const struct ctx *ctx)
{
    int32_t screen_w = (int32_t)ctx->fb.w, screen_h = (int32_t)ctx->fb.h;
    int32_t w = screen_w * 46 / 100, h = screen_h * 52 / 100;
    w = w < WINDOW_MIN_W ? screen_w : w;
    h = h < WINDOW_MIN_H ? screen_h : h;
    win->mark = (uint8_t)(0x80 | (ctx->pid & 0x7f));
    int64_t right = others_right(&ctx->fb);
    win->focused = right < 0;
    win->first = win->focused;
    win->x = right < 0 ? screen_w * 3 / 100 : (int32_t)right + screen_w * 3 / 100;
    if (win->x + w > screen_w) {
        win->x = screen_w - w;
    }
    win->y = screen_h * 12 / 100;
    return resize(win, w, h);
}

/* What of it lies on the canvas goes; whoever paints there paints over it. */
static void take_off(const struct window *win, const struct ctx_fb *fb)
{
    for (int64_t y = win->y - 2; win->pixels != NULL && y < win->y + win->h + SHADOW; y++) {
        for (int64_t x = win->x - SHADOW; x < win->x + win->w + SHADOW; x++) {
            if (x >= 0 && y >= 0 && x < (int64_t)fb->w && y < (int64_t)fb->h) {
                fb->pixels[(uint64_t)y * fb->w + (uint64_t)x] = (struct ctx_rgba){0, 0, 0, 0};
            }
        }
    }
}

int window_to_surface(struct window *win, const struct ctx *ctx)
{
    const struct ctx_display *display = ctx->display;
    uint32_t surface = 0;
    struct ctx_display_info screen = {.size = sizeof screen};
    display->info(display, &screen);
    if (win->w == 0) { /* there never was a canvas */
        win->w = (int32_t)screen.w * 46 / 100;
        win->h = (int32_t)screen.h * 52 / 100;
    }
    win->w = win->w < WINDOW_MIN_W ? WINDOW_MIN_W : win->w;
    win->h = win->h < WINDOW_MIN_H ? WINDOW_MIN_H : win->h;
    if (display->create(display, (uint32_t)win->w, (uint32_t)win->h, CTX_SURFACE_RGBX, 0,
                        &surface) != CTX_OK) {
        return 0;
    }
    take_off(win, &ctx->fb);
    int scaled =
        display->ask_flags(display, surface, CTX_SURFACE_REDRAWN | CTX_SURFACE_SCALED) == CTX_OK;
    if (!scaled) { /* an older system, which enlarges it on a dense screen */
        display->ask_flags(display, surface, CTX_SURFACE_REDRAWN);
    }
    display->cursor(display, surface, CTX_CURSOR_TEXT);
    free(win->pixels);
    glass_free(&win->glass);
    *win = (struct window){.w = win->w,
                           .h = win->h,
                           .surface = surface,
                           .first = win->first,
                           .fresh = 1,
                           .pixels = display->pixels(display, surface)};
    if (scaled) {
        use_scale(win, ctx, screen.scale);
    } else {
        int32_t times = screen.scale >= 240 ? (int32_t)screen.scale / 120 : 1;
        resize_surface(win, ctx, win->w / times, win->h / times);
        display->ask_smallest(display, surface, WINDOW_MIN_W, WINDOW_MIN_H);
    }
    return 1;
}

int window_event(struct window *win, const struct ctx *ctx, const struct ctx_event *event)
{
    if (win->surface == 0 || event->surface != win->surface) {
        return 0;
    }
    switch (event->kind) {
    case CTX_EVENT_FOCUS:
        win->focused = 1;
        win->fresh = 1;
        break;
    case CTX_EVENT_LEAVE:
        if (event->code == 0) { /* the keys, not the pointer */
            win->focused = 0;
            win->fresh = 1;
        }
        break;
    case CTX_EVENT_RESIZE:
        if (event->x != win->w || event->y != win->h) {
            resize_surface(win, ctx, event->x, event->y);
        }
        break;
    case CTX_EVENT_EXPOSE:
        win->fresh = 1;
        break;
    case CTX_EVENT_CLOSE:
        return 1;
    default:
        break;
    }
    return 0;
}

static void keep_reachable(struct window *win, const struct ctx_fb *fb)
{
    int32_t left = 60 - win->w, right = (int32_t)fb->w - 60, bottom = (int32_t)fb->h - WINDOW_TITLE;
    win->x = win->x < left ? left : win->x > right ? right : win->x;
    win->y = win->y < 0 ? 0 : win->y > bottom ? bottom : win->y;
}

static int press(struct window *win, const struct ctx *ctx, int32_t mx, int32_t my)
{
    /* Windows that were drawn before us in this frame are there already. We can not see those drawn
     * later, and they can not tell us; so where two lie over each other the one drawn first takes
     * the click, and never both. */
    const struct ctx_rgba *under = pixel_at(&ctx->fb, mx, my);
    uint8_t had = win->focused;
    if (win->surface != 0) { /* nobody manages windows any more: nothing lies over it */
        win->focused = mx >= win->x && my >= win->y && mx < win->x + win->w && my < win->y + win->h;
        win->fresh |= had != win->focused;
        return had != win->focused;
    }
    int32_t in_x = mx - win->x, in_y = my - win->y;
    int inside = in_x >= 0 && in_y >= 0 && in_x < win->w && in_y < win->h;
    win->focused = inside && under != NULL && (under->a < 0x80 || under->a == win->mark);
    if (win->focused) {
        win->grab_x = in_x;
        win->grab_y = in_y;
        if (in_x >= win->w - GRIP && in_y >= win->h - GRIP) {
            win->action = ACTION_RESIZE;
            win->grab_x = win->w - in_x;
            win->grab_y = win->h - in_y;
        } else if (in_y < WINDOW_TITLE) {
            win->action = ACTION_DRAG;
        }
    }
    win->fresh |= had != win->focused;
    return had != win->focused;
}

int window_input(struct window *win, const struct ctx *ctx, const struct ctx_input *in,
                 int32_t press_x, int32_t press_y)
{
    uint8_t button = in->keys[CTX_BTN_LEFT];
    int32_t mx = (int32_t)in->mx, my = (int32_t)in->my;
    int changed = 0;
    if (button == CTX_KEY_ON_FROM_OFF || button == CTX_KEY_ON_TRANSIENT_OFF ||
        button == CTX_KEY_OFF_TRANSIENT_ON) {
        changed = press(win, ctx, press_x, press_y);
    }
    if (button == CTX_KEY_OFF) {
        win->action = 0;
    }
    if (win->action == ACTION_DRAG && (mx - win->grab_x != win->x || my - win->grab_y != win->y)) {
        win->x = mx - win->grab_x;
        win->y = my - win->grab_y;
        keep_reachable(win, &ctx->fb);
        win->fresh = 1;
        changed = 1;
    }
    if (win->action == ACTION_RESIZE) {
        int32_t w = mx - win->x + win->grab_x, h = my - win->y + win->grab_y;
        w = w < WINDOW_MIN_W ? WINDOW_MIN_W : w > (int32_t)ctx->fb.w ? (int32_t)ctx->fb.w : w;
        h = h < WINDOW_MIN_H ? WINDOW_MIN_H : h > (int32_t)ctx->fb.h ? (int32_t)ctx->fb.h : h;
        if (w != win->w || h != win->h) {
            changed |= resize(win, w, h);
        }
    }
    if (!CTX_KEY_IS_DOWN(button)) { /* where it was let go has counted */
        win->action = 0;
    }
    return changed;
}

void window_prepare(struct window *win, const struct ctx_fb *fb, uint32_t *from, uint32_t *to)
{
    if (win->surface == 0) {
        glass_look(&win->glass, fb, win->x, win->y, win->mark, win->fresh);
        if (win->glass.dirty_from < win->glass.dirty_to) {
            int none = *from == *to;
            *from = none || win->glass.dirty_from < *from ? win->glass.dirty_from : *from;
            *to = none || win->glass.dirty_to > *to ? win->glass.dirty_to : *to;
        }
    }
    if (win->fresh) {
        *from = 0;
        *to = (uint32_t)win->h;
    }
    win->fresh = 0;
    /* Rows of text are drawn as a whole, letters are mixed in: never twice. */
    uint32_t top = (uint32_t)(window_top(win) + window_pad(win));
    uint32_t row = font_h(window_scale(win));
    if (*from < *to) {
        *from = *from < top ? 0 : *from - (*from - top) % row;
        *to = *to <= top ? top : *to + (row - (*to - top) % row) % row;
        *to = *to > (uint32_t)win->h ? (uint32_t)win->h : *to;
    }
    if (win->surface == 0) {
        glass_draw(&win->glass, win->pixels, *from, *to);
        return;
    }
    for (size_t i = (size_t)*from * (size_t)win->w; i < (size_t)*to * (size_t)win->w; i++) {
        win->pixels[i] = WINDOW_BACK;
    }
}

/* ---- drawing ---- */

static uint32_t lighten(uint32_t p, uint32_t amount)
{
    uint32_t rb = (p & 0xff00ff) + (((0xff00ff - (p & 0xff00ff)) >> 4 & 0x0f000f) * amount);
    uint32_t g = (p & 0xff00) + (((0xff00 - (p & 0xff00)) >> 4 & 0x0f00) * amount);
    return (rb & 0xff00ff) | (g & 0xff00);
}

static void dot(struct window *win, int32_t x, int32_t y, uint32_t color)
{
    if (x >= 0 && y >= 0 && x < win->w && y < win->h) {
        win->pixels[(size_t)y * (size_t)win->w + (size_t)x] = color;
    }
}

static int32_t inset(const struct window *win, int32_t y)
{
    return y < RADIUS ? corner[y] : y >= win->h - RADIUS ? corner[win->h - 1 - y] : 0;
}

static void draw_border(struct window *win, int32_t y)
{
    uint32_t color = win->focused ? COLOR_ACCENT : COLOR_BORDER;
    int32_t here = inset(win, y);
    int32_t above = y > 0 ? inset(win, y - 1) : win->w / 2,
            below = y + 1 < win->h ? inset(win, y + 1) : win->w / 2;
    int32_t reach = above > below ? above : below;
    for (int32_t x = here; x <= here || x < reach; x++) {
        dot(win, x, y, color);
        dot(win, win->w - 1 - x, y, color);
    }
}

/* A line of the title bar, up to `end`; where it ends. */
static int32_t draw_words(struct window *win, int32_t x, int32_t end, const char *text,
                          uint32_t color)
{
    for (; *text != 0 && x + (int32_t)FONT_W < end; text++, x += (int32_t)FONT_W) {
        const struct glyph *g = font_glyph((uint8_t)*text);
        if (g != NULL) {
            font_draw(win->pixels + (size_t)6 * (size_t)win->w + (size_t)x, (uint32_t)win->w, g,
                      color);
        }
    }
    return x;
}

/* A round lamp. far: the square of its radius. */
static void draw_lamp(struct window *win, int32_t x, int32_t far, uint32_t color)
{
    for (int32_t y = -4; y <= 4; y++) {
        for (int32_t i = -4; i <= 4; i++) {
            if (i * i + y * y <= far) {
                dot(win, x + i, WINDOW_TITLE / 2 + y, color);
            }
        }
    }
}

static void draw_title(struct window *win, const char *title, const struct window_note *note)
{
    int32_t right = win->w - WINDOW_PAD;
    int32_t end =
        draw_words(win, WINDOW_PAD + 18, right, title, win->focused ? COLOR_TITLE : COLOR_DIM);
    /* lit when the keys come here */
    draw_lamp(win, WINDOW_PAD + 6, 17, win->focused ? COLOR_ACCENT : COLOR_BORDER);
    if (note->text == NULL) {
        return;
    }
    int32_t x = right - (int32_t)strlen(note->text) * (int32_t)FONT_W - 4;
    if (x - 16 > end + 2 * (int32_t)FONT_W) {
        draw_words(win, x, win->w, note->text, COLOR_DIM);
        draw_lamp(win, x - 12, 10, note->color);
    }
}

void window_frame(struct window *win, const char *title, const struct window_note *note,
                  uint32_t from, uint32_t to)
{
    if (win->surface != 0) {
        return; /* whoever manages windows draws one around it */
    }
    for (uint32_t y = from; y < to && y < (uint32_t)WINDOW_TITLE; y++) {
        uint32_t *row = win->pixels + (size_t)y * (size_t)win->w;
        for (int32_t x = 0; x < win->w; x++) {
            row[x] = lighten(row[x], win->focused ? 2 : 1);
        }
    }
    if (from < (uint32_t)WINDOW_TITLE) {
        draw_title(win, title, note);
    }
    for (uint32_t y = from; y < to; y++) {
        draw_border(win, (int32_t)y);
    }
    for (int32_t i = 0; i < 3; i++) { /* the grip */
        for (int32_t k = 0; k <= 4 * i; k++) {
            dot(win, win->w - 5 - k, win->h - 5 - (4 * i - k), COLOR_DIM);
        }
    }
}

/*
 * Darken what is just outside the window, less and less; or, with darken == 0, only look. What its
 * pixels amount to then: where nobody has painted since, they are dark already.
 */
static uint64_t show_shadow(const struct window *win, const struct ctx_fb *fb, int darken)
{
    uint64_t sum = 1;
    for (int64_t y = win->y - 2; y < win->y + win->h + SHADOW; y++) {
        if (y < 0 || y >= (int64_t)fb->h) {
            continue;
        }
        int64_t below = y - (win->y + win->h - 1);
        uint32_t *row = (uint32_t *)fb->pixels + (uint64_t)y * fb->w;
        int64_t x0 = win->x - SHADOW, x1 = win->x + win->w + SHADOW;
        for (int64_t x = x0; x < x1; x++) {
            int64_t left = win->x - x, right = x - (win->x + win->w - 1);
            int64_t side = left > right ? left : right;
            int64_t more = side > below ? side : below, less = side > below ? below : side;
            int64_t far = less > 0 ? more + less / 2 : more; /* round at the corners */
            if (far <= -RADIUS) {
                x = win->x + win->w - 1 - RADIUS; /* under the window: nothing to see */
                continue;
            }
            far = far < 0 ? 0 : far;
            uint32_t near = (uint32_t)(far < SHADOW ? SHADOW - far : 0);
            if (y < win->y + SHADOW) { /* light comes from above: it grows from nothing there */
                near = near * (uint32_t)(y - win->y + 2) / (SHADOW + 2);
            }
            if (x >= 0 && x < (int64_t)fb->w && far < SHADOW) {
                uint32_t keep = 64 - 28 * near * near / (SHADOW * SHADOW);
                uint32_t p = row[x];
                if (darken) {
                    p = ((p & 0xff00ff) * keep >> 6 & 0xff00ff) |
                        ((p & 0xff00) * keep >> 6 & 0xff00) | (p & 0xff000000u);
                    row[x] = p;
                }
                sum = (sum ^ p) * 0x9e3779b97f4a7c15u;
            }
        }
    }
    return sum;
}

void window_show(struct window *win, const struct ctx *ctx, uint32_t from, uint32_t to)
{
    const struct ctx_fb *fb = &ctx->fb;
    uint32_t mark = (uint32_t)win->mark << 24, others = 0;
    if (win->surface != 0) {
        if (from < to) {
            ctx->display->damage(ctx->display, win->surface, 0, from, (uint32_t)win->w, to - from);
        }
        return;
    }
    if (show_shadow(win, fb, 0) != win->shade) {
        show_shadow(win, fb, 1);
        others = 1;
    }
    for (int32_t y = 0; y < win->h; y++) {
        int64_t at_y = win->y + y;
        if (at_y < 0 || at_y >= (int64_t)fb->h) {
            continue;
        }
        int64_t left = win->x + inset(win, y), right = win->x + win->w - inset(win, y);
        left = left < 0 ? 0 : left;
        right = right > (int64_t)fb->w ? (int64_t)fb->w : right;
        uint32_t *out = (uint32_t *)fb->pixels + at_y * (int64_t)fb->w;
        const uint32_t *in = win->pixels + (size_t)y * (size_t)win->w;
        for (int64_t x = left; x < right; x++) {
            uint32_t p = in[x - win->x] | mark;
            others |= out[x] ^ p;
            out[x] = p;
        }
    }
    if (others != 0) { /* of the window, too, some pixels lie there */
        win->shade = show_shadow(win, fb, 0);
    }
    win->quiet = others != 0 ? 0 : win->quiet + 1;
}
