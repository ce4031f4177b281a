/* SPDX-License-Identifier: MIT */
/* Editing a line of text, without a screen: all places in it are between two characters. */
#include "ui.h"

#include <ctx/key.h>

uint32_t ui_field_from(const struct ctx_ui_field *f)
{
    return f->caret < f->mark ? f->caret : f->mark;
}

uint32_t ui_field_to(const struct ctx_ui_field *f)
{
    return f->caret < f->mark ? f->mark : f->caret;
}

static void move_bytes(char *to, const char *from, uint32_t len)
{
    if (to < from) {
        for (uint32_t i = 0; i < len; i++) {
            to[i] = from[i];
        }
    } else {
        for (uint32_t i = len; i > 0; i--) {
            to[i - 1] = from[i - 1];
        }
    }
}

int ctx_ui_field_put(struct ctx_ui_field *f, const char *text, uint32_t len)
{
    uint32_t from = ui_field_from(f), to = ui_field_to(f),
             fits = f->room - 1 - (f->len - (to - from)), n = 0;
    for (uint32_t next = 0; n < len; n = next) { /* whole characters; what is none stays outside */
        uint32_t code = ctx_utf8_next(text, len, &next);
        if (next > fits || (code == 0xfffd && next - n == 1)) {
            break;
        }
    }
    move_bytes(f->text + from + n, f->text + to, f->len - to);
    for (uint32_t i = 0; i < n; i++) {
        f->text[from + i] = (uint8_t)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];
    }
    f->len += n - (to - from);
    f->text[f->len] = 0;
    f->caret = f->mark = from + n;
    return n == len;
}

void ctx_ui_field_set(struct ctx_ui_field *f, const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    f->mark = 0;
    f->caret = f->len;
    f->scroll = 0;
    ctx_ui_field_put(f, text, len);
}

/* From a place to the next, a word further with CTRL: over spaces, then over what is none. */
static uint32_t step(const struct ctx_ui_field *f, uint32_t at, int on, uint32_t modifiers)
{
    int word = 0;
    for (;;) {
        uint32_t next = at;
        if (on) {
            ctx_utf8_next(f->text, f->len, &next);
        } else {
            next = ctx_utf8_before(f->text, at);
        }
        int space = next != at && f->text[on ? at : next] == ' ';
        if (next == at || (space && word)) {
            return at;
        }
        word |= !space;
        at = next;
        if (!(modifiers & CTX_MOD_CTRL)) {
            return at;
        }
    }
}

int ctx_ui_field_key(struct ctx_ui_field *f, uint32_t code, uint32_t modifiers)
{
    uint32_t shift = modifiers & CTX_MOD_SHIFT, chosen = f->caret != f->mark, to = f->caret;
    int right = code == CTX_KEY_RIGHT || code == CTX_KEY_DELETE;
    switch (code) {
    case CTX_KEY_LEFT:
    case CTX_KEY_RIGHT:
        to = chosen && !shift && !(modifiers & CTX_MOD_CTRL)
                 ? (right ? ui_field_to(f) : ui_field_from(f))
                 : step(f, f->caret, right, modifiers);
        break;
    case CTX_KEY_HOME:
        to = 0;
        break;
    case CTX_KEY_END:
        to = f->len;
        break;
    case CTX_KEY_BACKSPACE:
    case CTX_KEY_DELETE:
        f->mark = chosen ? f->mark : step(f, f->caret, right, modifiers);
        chosen = f->caret != f->mark;
        ctx_ui_field_put(f, "", 0);
        return chosen != 0;
    default:
        return 0;
    }
    f->caret = to;
    f->mark = shift ? f->mark : to;
    return 0;
}
