/* SPDX-License-Identifier: MIT */
#include "edit.h"

#include "text.h"

#include <string.h>

void edit_clear(struct edit *e)
{
    e->len = 0;
    e->cursor = 0;
    e->shown = 0;
}

int edit_insert(struct edit *e, uint32_t code)
{
    if (e->len == EDIT_MAX) {
        return 0;
    }
    memmove(&e->line[e->cursor + 1], &e->line[e->cursor], (e->len - e->cursor) * sizeof e->line[0]);
    e->line[e->cursor++] = code;
    e->len++;
    return 1;
}

void edit_cut(struct edit *e, uint32_t from, uint32_t to)
{
    to = to < e->len ? to : e->len;
    from = from < to ? from : to;
    memmove(&e->line[from], &e->line[to], (e->len - to) * sizeof e->line[0]);
    e->len -= to - from;
    e->cursor = from;
}

static int is_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c > 0xbf;
}

static uint32_t word_left(const struct edit *e)
{
    uint32_t at = e->cursor;
    while (at > 0 && !is_word(e->line[at - 1])) {
        at--;
    }
    while (at > 0 && is_word(e->line[at - 1])) {
        at--;
    }
    return at;
}

static uint32_t word_right(const struct edit *e)
{
    uint32_t at = e->cursor;
    while (at < e->len && !is_word(e->line[at])) {
        at++;
    }
    while (at < e->len && is_word(e->line[at])) {
        at++;
    }
    return at;
}

/* ---- history ---- */

/* How many remembered lines are still whole in the ring. */
static uint32_t remembered(const struct edit *e)
{
    uint32_t n = 0;
    while (n < e->count && n < HISTORY_MAX &&
           e->starts[(e->count - 1 - n) % HISTORY_MAX] + HISTORY_ROOM >= e->end) {
        n++;
    }
    return n;
}

void edit_remember(struct edit *e)
{
    if (e->len == 0) {
        return;
    }
    if (e->count > 0) {
        uint32_t last = (e->count - 1) % HISTORY_MAX;
        uint32_t same = e->lens[last] == e->len;
        for (uint32_t i = 0; same && i < e->len; i++) {
            same = e->room[(e->starts[last] + i) % HISTORY_ROOM] == e->line[i];
        }
        if (same) {
            return;
        }
    }
    e->starts[e->count % HISTORY_MAX] = e->end;
    e->lens[e->count % HISTORY_MAX] = e->len;
    e->count++;
    for (uint32_t i = 0; i < e->len; i++) {
        e->room[e->end++ % HISTORY_ROOM] = e->line[i];
    }
}

static void show(struct edit *e, uint32_t back)
{
    if (e->shown == 0) {
        memcpy(e->kept, e->line, e->len * sizeof e->line[0]);
        e->kept_len = e->len;
    }
    e->shown = back;
    if (back == 0) {
        memcpy(e->line, e->kept, e->kept_len * sizeof e->line[0]);
        e->len = e->kept_len;
    } else {
        uint32_t no = (e->count - back) % HISTORY_MAX;
        e->len = e->lens[no];
        for (uint32_t i = 0; i < e->len; i++) {
            e->line[i] = e->room[(e->starts[no] + i) % HISTORY_ROOM];
        }
    }
    e->cursor = e->len;
}

void edit_key(struct edit *e, enum edit_key key)
{
    switch (key) {
    case EDIT_LEFT:
        e->cursor -= e->cursor > 0;
        break;
    case EDIT_RIGHT:
        e->cursor += e->cursor < e->len;
        break;
    case EDIT_WORD_LEFT:
        e->cursor = word_left(e);
        break;
    case EDIT_WORD_RIGHT:
        e->cursor = word_right(e);
        break;
    case EDIT_HOME:
        e->cursor = 0;
        break;
    case EDIT_END:
        e->cursor = e->len;
        break;
    case EDIT_BACKSPACE:
        if (e->cursor > 0) {
            edit_cut(e, e->cursor - 1, e->cursor);
        }
        break;
    case EDIT_DELETE:
        if (e->cursor < e->len) {
            edit_cut(e, e->cursor, e->cursor + 1);
        }
        break;
    case EDIT_KILL_END:
        e->len = e->cursor;
        break;
    case EDIT_KILL_START:
        edit_cut(e, 0, e->cursor);
        break;
    case EDIT_KILL_WORD:
        edit_cut(e, word_left(e), e->cursor);
        break;
    case EDIT_UP:
        if (e->shown < remembered(e)) {
            show(e, e->shown + 1);
        }
        break;
    case EDIT_DOWN:
        if (e->shown > 0) {
            show(e, e->shown - 1);
        }
        break;
    }
}

uint32_t edit_text(const struct edit *e, char *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->len; i++) {
        n += utf8_encode(e->line[i], out + n);
    }
    out[n] = 0;
    return n;
}
