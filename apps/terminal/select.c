/* SPDX-License-Identifier: MIT */
#include "select.h"

#include <stdlib.h>
#include <string.h>

#define CLICK_NS UINT64_C(500000000)

static int before(struct spot a, struct spot b)
{
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

static int same(struct spot a, struct spot b)
{
    return a.line == b.line && a.column == b.column;
}

void select_clear(struct selection *s)
{
    s->from = s->to = s->anchor = s->end = (struct spot){0, 0};
    s->dragging = 0;
}

int select_is_empty(const struct selection *s)
{
    return same(s->from, s->to);
}

int select_has(const struct selection *s, uint64_t line, uint32_t column)
{
    struct spot spot = {line, column};
    return !before(spot, s->from) && before(spot, s->to);
}

/* A line's cells, in memory that the caller frees. NULL: none. */
static VTermScreenCell *cells_of(const struct screen *screen, uint64_t line)
{
    VTermScreenCell *cells = malloc(sizeof *cells * (size_t)screen->columns);
    if (cells != NULL) {
        screen_line(screen, line, cells);
    }
    return cells;
}

/* Letters, digits, and what paths and addresses are made of; 2: nothing is there. */
static int kind_of(const VTermScreenCell *cell)
{
    uint32_t c = cell->chars[0];
    if (c == 0 || c == ' ') {
        return 2;
    }
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (c < 0x80 && strchr("_-./~:@%+#&=?", (int)c) != NULL);
}

/* The word that a cell is in, on its line. */
static void word_around(const struct screen *screen, struct spot at, uint32_t *from, uint32_t *to)
{
    uint32_t columns = (uint32_t)screen->columns;
    uint32_t column = at.column < columns ? at.column : columns - 1;
    VTermScreenCell *cells = cells_of(screen, at.line);
    *from = column;
    *to = column + 1;
    if (cells == NULL) {
        return;
    }
    int kind = kind_of(&cells[column]);
    while (*from > 0 && kind_of(&cells[*from - 1]) == kind) {
        --*from;
    }
    while (*to < columns && kind_of(&cells[*to]) == kind) {
        ++*to;
    }
    free(cells);
}

/* From anchor and end what is chosen. */
static void work_out(struct selection *s, const struct screen *screen)
{
    struct spot low = before(s->anchor, s->end) ? s->anchor : s->end;
    struct spot high = before(s->anchor, s->end) ? s->end : s->anchor;
    uint32_t from, to;
    if (s->by == SELECT_LINES) {
        while (low.line > screen_first(screen) && screen_wraps(screen, low.line - 1)) {
            low.line--;
        }
        while (screen_wraps(screen, high.line)) {
            high.line++;
        }
        low.column = 0;
        high = (struct spot){high.line, UINT32_MAX};
    } else if (s->by == SELECT_WORDS) {
        word_around(screen, low, &from, &to);
        low.column = from;
        word_around(screen, high, &from, &to);
        high.column = to;
    }
    s->from = low;
    s->to = high;
}

void select_press(struct selection *s, const struct screen *screen, struct spot spot,
                  struct spot cell, uint64_t now_ns)
{
    int again = s->clicks > 0 && same(cell, s->clicked) && now_ns - s->clicked_ns < CLICK_NS;
    s->clicks = (uint8_t)(again ? s->clicks % 3 + 1 : 1);
    s->clicked = cell;
    s->clicked_ns = now_ns;
    s->by = (uint8_t)(s->clicks - 1);
    s->anchor = s->end = s->by == SELECT_CELLS ? spot : cell;
    s->dragging = 1;
    s->cleared = screen->cleared;
    work_out(s, screen);
}

int select_drag(struct selection *s, const struct screen *screen, struct spot spot,
                struct spot cell)
{
    struct spot end = s->by == SELECT_CELLS ? spot : cell;
    if (!s->dragging || same(end, s->end)) {
        return 0;
    }
    s->end = end;
    work_out(s, screen);
    return 1;
}

/* ---- as text ---- */

struct text {
    char *out;
    uint32_t len, room;
};

static void put(struct text *t, uint32_t c)
{
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    uint8_t bytes[4];
    uint32_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (uint32_t i = len; i-- > 1; c >>= 6) {
        bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
    }
    bytes[0] = (uint8_t)(heads[len] | c);
    if (t->room >= len && t->len <= t->room - len) {
        memcpy(t->out + t->len, bytes, len);
    }
    t->len += len;
}

/* With trim without the spaces at its end. */
static void put_line(struct text *t, const VTermScreenCell *cells, uint32_t from, uint32_t to,
                     int trim)
{
    while (trim && to > from && (cells[to - 1].chars[0] == 0 || cells[to - 1].chars[0] == ' ')) {
        to--;
    }
    for (uint32_t i = from; i < to; i++) {
        const uint32_t *c = cells[i].chars;
        if (c[0] == UINT32_MAX) {
            continue; /* the right half of a wide one */
        }
        put(t, c[0] == 0 ? ' ' : c[0]);
        for (uint32_t k = 1; c[0] != 0 && k < VTERM_MAX_CHARS_PER_CELL && c[k] != 0; k++) {
            put(t, c[k]);
        }
    }
}

uint32_t select_text(const struct selection *s, const struct screen *screen, char *text,
                     uint32_t room)
{
    struct text t = {text, 0, room};
    uint32_t columns = (uint32_t)screen->columns;
    uint64_t line = s->from.line, last = screen_top(screen) + (uint64_t)screen->rows - 1;
    VTermScreenCell *cells = malloc(sizeof *cells * columns);
    if (cells == NULL || select_is_empty(s)) {
        free(cells);
        return 0;
    }
    line = line < screen_first(screen) ? screen_first(screen) : line;
    for (; line <= s->to.line && line <= last; line++) {
        uint32_t from = line == s->from.line ? s->from.column : 0;
        uint32_t to = line == s->to.line && s->to.column < columns ? s->to.column : columns;
        int wraps = screen_wraps(screen, line);
        screen_line(screen, line, cells);
        if (from < to) {
            put_line(&t, cells, from, to, !wraps || to < columns);
        }
        if (line != s->to.line && !wraps) {
            put(&t, '\n');
        }
    }
    free(cells);
    return t.len;
}
