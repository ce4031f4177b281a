/* SPDX-License-Identifier: MIT */
/* A program's window: a surface, its size, the keys that it has. */
#include "keys.h"
#include "terminal.h"

#include <ctx/key.h>

#include <stdlib.h>

#define COLUMNS    80
#define ROWS       25
#define SMALLEST_W 24 /* cells */
#define SMALLEST_H 4
#define AROUND     96 /* pixels of the screen that are not for windows, where somebody manages them */
#define KP_MINUS   74u
#define KP_PLUS    78u
#define KEY_C      46u
#define KEY_V      47u
#define KEY_W      17u

static int32_t within(int32_t v, int32_t low, int32_t high)
{
    return v < low ? low : v > high ? high : v;
}

static void set_font(struct window *w, uint32_t index)
{
    const struct ctx_font *font = draw_font(index);
    w->font = index < FONTS ? index : FONTS - 1;
    w->cell_w = font->glyph[0].advance; /* all are that wide */
    w->cell_h = font->height;
}

void window_cells(const struct terminal *t, const struct window *w, uint32_t width, uint32_t height,
                  int *columns, int *rows)
{
    int32_t pad = 2 * draw_pad(t);
    *columns = within(((int32_t)width - pad) / w->cell_w, SCREEN_COLUMNS_MIN, SCREEN_COLUMNS_MAX);
    *rows = within(((int32_t)height - pad) / w->cell_h, SCREEN_ROWS_MIN, SCREEN_ROWS_MAX);
}

/* 80 by 25, or what the screen has room for. */
static void first_size(const struct terminal *t, struct window *w)
{
    struct ctx_display_info info = {.size = sizeof info};
    int32_t pad = 2 * draw_pad(t), around = t->managed ? AROUND : 0;
    set_font(w, draw_default_font(&t->theme));
    w->w = (uint32_t)(COLUMNS * w->cell_w + pad);
    w->h = (uint32_t)(ROWS * w->cell_h + pad);
    if (t->ctx->display->info(t->ctx->display, &info) == CTX_OK && info.w != 0) {
        int32_t most_w = within((int32_t)info.w - around / 4, pad + 1, 8192);
        int32_t most_h = within((int32_t)info.h - around, pad + 1, 8192);
        w->w = (uint32_t)within((int32_t)w->w, 1, most_w);
        w->h = (uint32_t)within((int32_t)w->h, 1, most_h);
    }
}

void client_default_size(struct terminal *t, uint32_t *columns, uint32_t *rows, uint32_t *w,
                         uint32_t *h)
{
    struct window window = {0};
    int c, r;
    first_size(t, &window);
    window_cells(t, &window, window.w, window.h, &c, &r);
    *columns = (uint32_t)c;
    *rows = (uint32_t)r;
    *w = (uint32_t)(c * window.cell_w);
    *h = (uint32_t)(r * window.cell_h);
}

static void colors(const struct terminal *t, struct screen *s)
{
    uint32_t text = t->theme.text, back = t->theme.field; /* bytes R, G, B from the lowest */
    s->text = (text & 0xff) << 16 | (text & 0xff00) | (text >> 16 & 0xff);
    s->back = (back & 0xff) << 16 | (back & 0xff00) | (back >> 16 & 0xff);
}

int window_open(struct terminal *t, struct client *c)
{
    const struct ctx_display *display = t->ctx->display;
    struct window *w = &c->window;
    int columns, rows;
    __builtin_memset(w, 0, sizeof *w);
    first_size(t, w);
    window_cells(t, w, w->w, w->h, &columns, &rows);
    w->looks = calloc((size_t)columns * (size_t)rows, sizeof w->looks[0]);
    if (w->looks == NULL || !tty_init(&c->tty, rows, columns)) {
        free(w->looks);
        w->looks = NULL;
        return 0;
    }
    if (display->create(display, w->w, w->h, CTX_SURFACE_RGBX, 0, &w->surface) != CTX_OK) {
        tty_free(&c->tty);
        free(w->looks);
        w->looks = NULL;
        w->surface = 0;
        return 0;
    }
    display->ask_flags(display, w->surface, CTX_SURFACE_REDRAWN | CTX_SURFACE_SCALED);
    colors(t, &c->tty.screen);
    int32_t pad = 2 * draw_pad(t);
    display->ask_smallest(display, w->surface, (uint32_t)(SMALLEST_W * w->cell_w + pad),
                          (uint32_t)(SMALLEST_H * w->cell_h + pad));
    display->cursor(display, w->surface, CTX_CURSOR_TEXT);
    w->redraw = REDRAW_ALL;
    t->front = c;
    window_title(t, c);
    return 1;
}

void window_close(struct terminal *t, struct client *c)
{
    struct window *w = &c->window;
    if (w->surface != 0) {
        t->ctx->display->destroy(t->ctx->display, w->surface);
    }
    w->surface = 0;
    free(w->looks);
    w->looks = NULL;
    tty_free(&c->tty);
    if (t->front == c) { /* another one has the keys */
        t->front = NULL;
        for (struct client *o = t->clients; o != NULL; o = o->next) {
            t->front = o->window.surface != 0 ? o : t->front;
        }
    }
}

void window_title(struct terminal *t, struct client *c)
{
    const struct screen *s = &c->tty.screen;
    const char *title = s->title_len > 0 ? s->title : c->name;
    uint32_t len = s->title_len > 0 ? s->title_len : (uint32_t)__builtin_strlen(c->name);
    t->ctx->display->title(t->ctx->display, c->window.surface, title, len);
}

/* As many cells as it has room for now. Without memory the text keeps its size. */
static void fit(struct terminal *t, struct client *c)
{
    struct window *w = &c->window;
    struct screen *s = &c->tty.screen;
    int columns, rows;
    window_cells(t, w, w->w, w->h, &columns, &rows);
    w->redraw = REDRAW_ALL;
    if (columns == s->columns && rows == s->rows) {
        return;
    }
    uint64_t *looks = calloc((size_t)columns * (size_t)rows, sizeof *looks);
    if (looks == NULL || !screen_resize(s, rows, columns)) {
        free(looks);
        return;
    }
    free(w->looks);
    w->looks = looks;
    w->back = 0;
    c->new_size = 1;
}

void window_resize(struct terminal *t, struct client *c, uint32_t width, uint32_t height)
{
    struct window *w = &c->window;
    if (width == 0 || height == 0 || (width == w->w && height == w->h)) {
        return;
    }
    if (t->ctx->display->resize(t->ctx->display, w->surface, width, height) == CTX_OK) {
        w->w = width;
        w->h = height;
        fit(t, c);
    }
}

void window_rescale(struct terminal *t, struct client *c)
{
    struct window *w = &c->window;
    int columns, rows;
    if (w->surface == 0) {
        return;
    }
    uint32_t usual = draw_default_font(&t->theme), pad = 2 * (uint32_t)draw_pad(t);
    window_cells(t, w, w->w, w->h, &columns, &rows);
    set_font(w, usual);
    window_resize(t, c, (uint32_t)(columns * w->cell_w) + pad, (uint32_t)(rows * w->cell_h) + pad);
    fit(t, c);
}

static void zoom(struct terminal *t, struct client *c, int by)
{
    struct window *w = &c->window;
    int index = by == 0 ? (int)draw_default_font(&t->theme) : (int)w->font + by;
    if (index < 0 || index >= (int)FONTS || index == (int)w->font) {
        return;
    }
    set_font(w, (uint32_t)index);
    fit(t, c);
}

/* ---- scrolling back ---- */

/* Lines that came since move what is shown no further from where it was. */
static void settle_back(struct client *c)
{
    struct window *w = &c->window;
    const struct screen *s = &c->tty.screen;
    uint64_t top = screen_top(s), most = top - screen_first(s);
    if (w->back > 0 && top > w->top_seen) {
        w->back += top - w->top_seen;
    }
    w->top_seen = top;
    w->back = w->back > most ? most : w->back;
}

uint64_t window_first(const struct client *c)
{
    const struct window *w = &c->window;
    const struct screen *s = &c->tty.screen;
    uint64_t top = screen_top(s), first = screen_first(s);
    uint64_t back = w->back > 0 && top > w->top_seen ? w->back + (top - w->top_seen) : w->back;
    return back > top - first ? first : top - back;
}

void window_scroll(struct client *c, int64_t lines)
{
    struct window *w = &c->window;
    settle_back(c);
    uint64_t was = w->back, down = lines < 0 ? 0 - (uint64_t)lines : 0;
    w->back = lines < 0 ? (down > w->back ? 0 : w->back - down) : w->back + (uint64_t)lines;
    settle_back(c);
    if (w->back != was) {
        w->redraw |= REDRAW_ROWS;
    }
}

/* ---- events ---- */

static int is_modifier(uint32_t code)
{
    return code == CTX_KEY_LEFTSHIFT || code == CTX_KEY_RIGHTSHIFT || code == CTX_KEY_LEFTCTRL ||
           code == CTX_KEY_RIGHTCTRL || code == CTX_KEY_LEFTALT || code == CTX_KEY_RIGHTALT ||
           code == CTX_KEY_CAPSLOCK || code == CTX_KEY_NUMLOCK || code == CTX_KEY_LEFTMETA ||
           code == CTX_KEY_RIGHTMETA;
}

static int scroll_key(struct client *c, uint32_t code)
{
    int64_t page = c->tty.screen.rows > 2 ? c->tty.screen.rows - 1 : 1;
    switch (code) {
    case CTX_KEY_PAGEUP:
        window_scroll(c, page);
        return 1;
    case CTX_KEY_PAGEDOWN:
        window_scroll(c, -page);
        return 1;
    case CTX_KEY_HOME:
        window_scroll(c, HISTORY_LINES);
        return 1;
    case CTX_KEY_END:
        window_scroll(c, INT64_MIN);
        return 1;
    default:
        return 0;
    }
}

static int zoom_key(struct terminal *t, struct client *c, uint32_t code)
{
    switch (code) {
    case CTX_KEY_EQUAL:
    case KP_PLUS:
        zoom(t, c, 1);
        return 1;
    case CTX_KEY_MINUS:
    case KP_MINUS:
        zoom(t, c, -1);
        return 1;
    case CTX_KEY_0:
        zoom(t, c, 0);
        return 1;
    default:
        return 0;
    }
}

/* Keys of the window's own. 1: it was one. */
static int own_key(struct terminal *t, struct client *c, const struct ctx_event *e)
{
    int shift = (e->modifiers & CTX_MOD_SHIFT) != 0, ctrl = (e->modifiers & CTX_MOD_CTRL) != 0;
    if (shift && ctrl && e->code == KEY_C) {
        mouse_copy(t, c);
        return 1;
    }
    if ((shift && ctrl && e->code == KEY_V) || (shift && !ctrl && e->code == CTX_KEY_INSERT)) {
        mouse_paste(t, c);
        return 1;
    }
    if (shift && ctrl && e->code == KEY_W) {
        client_close(t, c);
        return 1;
    }
    if (ctrl && (e->modifiers & CTX_MOD_ALT) == 0 && zoom_key(t, c, e->code)) {
        return 1;
    }
    return shift && !ctrl && !c->tty.screen.alternate && scroll_key(c, e->code);
}

static void key(struct terminal *t, struct client *c, const struct ctx_event *e)
{
    uint32_t also;
    struct window *w = &c->window;
    if (e->value == 0 || is_modifier(e->code)) {
        ctx_keyboard_event(&w->keyboard, e->code, e->value != 0, &also);
        return;
    }
    if (own_key(t, c, e)) {
        return;
    }
    if (c->ended) {
        if (e->code == CTX_KEY_ENTER || e->code == CTX_KEY_ESC) {
            client_close(t, c);
        }
        return;
    }
    if (keys_key(&c->tty, &w->keyboard, e)) {
        window_scroll(c, INT64_MIN);
    }
}

static void focus(struct client *c, int has)
{
    struct window *w = &c->window;
    struct screen *s = &c->tty.screen;
    if (w->focused == has) {
        return;
    }
    w->focused = (uint8_t)has;
    w->redraw |= REDRAW_ROWS;
    if (!has) {
        w->keyboard.shift = w->keyboard.ctrl = w->keyboard.altgr = 0;
    }
    if (has) {
        vterm_state_focus_in(s->state); /* says so if the program wants to know */
    } else {
        vterm_state_focus_out(s->state);
    }
    tty_settle(&c->tty);
}

void window_event(struct terminal *t, struct client *c, const struct ctx_event *e)
{
    c->tty.now_ns = t->now_ns;
    switch (e->kind) {
    case CTX_EVENT_KEY:
        if (e->code >= CTX_BTN_LEFT) {
            mouse_event(t, c, e);
        } else {
            key(t, c, e);
        }
        break;
    case CTX_EVENT_TEXT:
        if (!c->ended) {
            keys_text(&c->tty, e);
            window_scroll(c, INT64_MIN);
        }
        break;
    case CTX_EVENT_POINTER:
    case CTX_EVENT_WHEEL:
        mouse_event(t, c, e);
        break;
    case CTX_EVENT_RESIZE:
        window_resize(t, c, (uint32_t)(e->x > 0 ? e->x : 0), (uint32_t)(e->y > 0 ? e->y : 0));
        break;
    case CTX_EVENT_FOCUS:
        focus(c, 1);
        break;
    case CTX_EVENT_LEAVE:
        if (e->code == 0) {
            focus(c, 0);
        }
        break;
    case CTX_EVENT_CLOSE:
        client_close(t, c);
        break;
    case CTX_EVENT_EXPOSE:
        c->window.redraw = REDRAW_ALL;
        break;
    default:
        break;
    }
}
