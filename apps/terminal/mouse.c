/* SPDX-License-Identifier: MIT */
/*
 * The pointer over a window: it chooses text, or is the program's, if that asked for it and Shift
 * is not held. And what is chosen goes to the clipboard and comes from there.
 */
#include "keys.h"
#include "terminal.h"

#include <ctx/key.h>

#include <stdlib.h>

#define WHEEL_LINES 3

/* The pointer's cell, on the screen and by its line; and the spot between two that is nearest. */
struct place {
    int row, column;
    struct spot spot, cell;
};

static struct place place_of(const struct client *c)
{
    const struct window *w = &c->window;
    const struct screen *s = &c->tty.screen;
    int32_t x = w->at_x < 0 ? 0 : w->at_x, y = w->at_y < 0 ? 0 : w->at_y;
    int column = x / w->cell_w, row = y / w->cell_h;
    int half = column + (x % w->cell_w > w->cell_w / 2);
    row = row >= s->rows ? s->rows - 1 : row;
    half = half > s->columns ? s->columns : half;
    column = column >= s->columns ? s->columns - 1 : column;
    uint64_t line = window_first(c) + (uint64_t)row;
    return (struct place){row, column, {line, (uint32_t)half}, {line, (uint32_t)column}};
}

static int is_programs(const struct client *c, const struct ctx_event *e)
{
    return c->tty.screen.mouse != VTERM_PROP_MOUSE_NONE && !c->ended && c->window.back == 0 &&
           (e->modifiers & CTX_MOD_SHIFT) == 0;
}

static void button(struct terminal *t, struct client *c, const struct ctx_event *e)
{
    struct window *w = &c->window;
    struct place at = place_of(c);
    int number = e->code == CTX_BTN_LEFT     ? 1
                 : e->code == CTX_BTN_MIDDLE ? 2
                 : e->code == CTX_BTN_RIGHT  ? 3
                                             : 0;
    if (number != 0 && is_programs(c, e) && !w->selection.dragging) {
        keys_mouse(&c->tty, at.row, at.column, number, e->value != 0, e->modifiers);
    } else if (number == 1 && e->value != 0) {
        select_press(&w->selection, &c->tty.screen, at.spot, at.cell, e->time_ns);
        w->redraw |= REDRAW_ROWS;
    } else if (number == 1) {
        w->selection.dragging = 0;
    } else if (number == 2 && e->value != 0) {
        mouse_paste(t, c);
    }
}

static void moved(struct client *c, const struct ctx_event *e)
{
    struct window *w = &c->window;
    struct place at;
    if (w->selection.dragging && (w->at_y < 0 || w->at_y >= (int32_t)w->h)) {
        window_scroll(c, w->at_y < 0 ? 1 : -1);
    }
    at = place_of(c);
    if (w->selection.dragging) {
        if (select_drag(&w->selection, &c->tty.screen, at.spot, at.cell)) {
            w->redraw |= REDRAW_ROWS;
        }
    } else if (is_programs(c, e)) {
        keys_mouse(&c->tty, at.row, at.column, 0, 0, e->modifiers);
    }
}

/* Its x and y are steps. */
static void wheel(struct client *c, const struct ctx_event *e)
{
    struct place at = place_of(c);
    if (is_programs(c, e)) {
        keys_wheel(&c->tty, at.row, at.column, e->y, e->modifiers);
    } else if (c->tty.screen.alternate && !c->ended) {
        keys_arrows(&c->tty, e->y);
    } else {
        window_scroll(c, (int64_t)e->y * WHEEL_LINES);
    }
}

void mouse_event(struct terminal *t, struct client *c, const struct ctx_event *e)
{
    struct window *w = &c->window;
    struct ctx_surface_info place = {.size = sizeof place};
    const struct ctx_display *display = t->ctx->display;
    if (e->kind == CTX_EVENT_WHEEL) {
        wheel(c, e);
        return;
    }
    int screens = e->surface == 0 && /* nobody manages windows */
                  display->describe(display, w->surface, &place) == CTX_OK;
    w->at_x = e->x - draw_pad(t) - (screens ? place.x : 0);
    w->at_y = e->y - draw_pad(t) - (screens ? place.y : 0);
    if (e->kind == CTX_EVENT_KEY) {
        button(t, c, e);
    } else {
        moved(c, e);
    }
}

void mouse_copy(struct terminal *t, struct client *c)
{
    const struct selection *s = &c->window.selection;
    char *text = select_is_empty(s) ? NULL : malloc(CLIP_TEXT_MAX);
    if (text == NULL) {
        return;
    }
    uint32_t len = select_text(s, &c->tty.screen, text, CLIP_TEXT_MAX);
    if (len > CLIP_TEXT_MAX) {
        static const char why[] = "too much to copy: 60,000 bytes at most";
        t->ctx->log((const uint8_t *)why, sizeof why - 1);
    } else if (len > 0) {
        clip_put(&t->clip, t->ctx, text, len);
    }
    free(text);
}

void mouse_paste(struct terminal *t, struct client *c)
{
    char *text = c->ended ? NULL : malloc(CLIP_TEXT_MAX);
    if (text == NULL) {
        return;
    }
    uint32_t len = clip_get(&t->clip, t->ctx, text, CLIP_TEXT_MAX);
    if (len > 0 && tty_paste(&c->tty, (const uint8_t *)text, len)) {
        window_scroll(c, INT64_MIN);
    }
    free(text);
}
