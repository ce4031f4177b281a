/* SPDX-License-Identifier: MIT */
#include "select.h"

#include "console.h"

#include <ctx/key.h>

#include <stdlib.h>

static int before(struct spot a, struct spot b)
{
    return a.line != b.line ? a.line < b.line : a.at < b.at;
}

static int same(struct spot a, struct spot b)
{
    return a.line == b.line && a.at == b.at;
}

int selection_is_empty(const struct selection *s)
{
    return same(s->anchor, s->end);
}

void selection_clear(struct selection *s)
{
    *s = (struct selection){0};
}

static struct spot first_of(const struct selection *s)
{
    return before(s->anchor, s->end) ? s->anchor : s->end;
}

static struct spot last_of(const struct selection *s)
{
    return before(s->anchor, s->end) ? s->end : s->anchor;
}

int selection_has(const struct selection *s, uint64_t line, uint32_t at)
{
    struct spot spot = {line, at};
    return !before(spot, first_of(s)) && before(spot, last_of(s));
}

int select_pointer(struct console *c)
{
    struct selection *s = &c->selection, was = *s;
    const struct window *w = &c->window;
    uint8_t button = c->in->keys[CTX_BTN_LEFT];
    int pressed = button == CTX_KEY_ON_FROM_OFF || button == CTX_KEY_ON_TRANSIENT_OFF;
    int click = button == CTX_KEY_OFF_TRANSIENT_ON; /* down and up since the last call */
    int32_t x = (int32_t)c->in->mx - w->x, y = (int32_t)c->in->my - w->y;
    /* Where it went down: the pointer may be elsewhere by now. Version 2 does not say. */
    int events = CTX_HAS(c->ctx, events);
    int32_t from_x = events ? (int32_t)c->input.press_x - w->x : x;
    int32_t from_y = events ? (int32_t)c->input.press_y - w->y : y;
    int inside = from_x >= 0 && from_x < w->w && from_y >= window_top(w) && from_y < w->h;
    if (pressed || click) {
        selection_clear(s);
        if (inside && w->action == 0 && (w->focused || w->surface != 0)) {
            s->anchor = view_spot(c, from_x, from_y);
            s->end = view_spot(c, x, y);
            s->dragging = (uint8_t)pressed;
        }
    } else if (s->dragging && CTX_KEY_IS_DOWN(button)) {
        s->end = view_spot(c, x, y);
    } else {
        s->dragging = 0;
    }
    return !same(was.anchor, s->anchor) || !same(was.end, s->end);
}

void select_to_cursor(struct console *c, uint32_t cursor_before)
{
    struct selection *s = &c->selection;
    uint32_t prompt = view_prompt_len(c);
    if (selection_is_empty(s) || s->anchor.line != SPOT_TYPED || s->end.line != SPOT_TYPED) {
        s->anchor = (struct spot){SPOT_TYPED, prompt + cursor_before};
    }
    s->end = (struct spot){SPOT_TYPED, prompt + c->edit.cursor};
}

/* UTF-8 that grows until it is too much for the clipboard. */
struct taken {
    char *text;
    uint32_t len;
    int too_much;
};

static void take(struct taken *t, uint32_t code)
{
    if (t->len + 4 > CLIP_TEXT_MAX) {
        t->too_much = 1;
        return;
    }
    t->len += utf8_encode(code, t->text + t->len);
}

static void take_all(const struct console *c, struct taken *t)
{
    struct spot from = first_of(&c->selection), to = last_of(&c->selection);
    uint64_t oldest = text_first_line(&c->text);
    if (from.line < oldest) { /* it has fallen out since */
        from = (struct spot){oldest, 0};
    }
    for (uint64_t line = from.line; line < c->text.lines && line <= to.line; line++) {
        uint32_t len = text_line_len(&c->text, line), end = line == to.line ? to.at : len;
        for (uint32_t i = line == from.line ? from.at : 0; i < end && i < len; i++) {
            take(t, text_at(&c->text, line, i) & 0x1fffff);
        }
        if (line != to.line && !(len == 0 && line + 1 == c->text.lines)) {
            take(t, '\n');
        }
    }
    if (to.line == SPOT_TYPED) {
        uint32_t total = view_prompt_len(c) + c->edit.len;
        for (uint32_t i = from.line == SPOT_TYPED ? from.at : 0; i < to.at && i < total; i++) {
            take(t, view_typed_at(c, i) & 0x1fffff);
        }
    }
}

int select_copy(struct console *c)
{
    struct taken t = {0};
    if (selection_is_empty(&c->selection)) {
        return 0;
    }
    t.text = malloc(CLIP_TEXT_MAX);
    if (t.text == NULL) {
        console_print(c, TEXT_ERROR, "no memory to copy\n");
        return 1;
    }
    take_all(c, &t);
    if (t.too_much) {
        console_print(c, TEXT_ERROR, "too much to copy: 60,000 bytes at most\n");
    } else {
        clip_put(&c->clip, c->ctx, t.text, t.len);
    }
    free(t.text);
    return 1;
}

void select_delete(struct console *c)
{
    const struct selection *s = &c->selection;
    if (first_of(s).line == SPOT_TYPED && !selection_is_empty(s)) {
        uint32_t prompt = view_prompt_len(c), from = first_of(s).at, to = last_of(s).at;
        edit_cut(&c->edit, from > prompt ? from - prompt : 0, to > prompt ? to - prompt : 0);
    }
    selection_clear(&c->selection);
}

void select_paste(struct console *c)
{
    char *text = malloc(CLIP_TEXT_MAX);
    uint32_t len = text != NULL ? clip_get(&c->clip, c->ctx, text, CLIP_TEXT_MAX) : 0;
    if (len > 0) {
        select_delete(c);
    }
    for (uint32_t at = 0; at < len;) {
        uint32_t code;
        at += utf8_decode(text + at, len - at, &code);
        code = code == '\t' ? ' ' : code;
        if ((code >= 0x20 && code < 0x7f) || code >= 0xa0 || code == '\n') {
            edit_insert(&c->edit, code);
        }
    }
    free(text);
}
