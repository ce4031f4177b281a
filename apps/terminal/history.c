/* SPDX-License-Identifier: MIT */
/*
 * A line is runs of cells that look alike: struct run, then its cells' characters. A cell is UTF-8,
 * behind a MARK each combining one; NOTHING is an empty cell, SECOND the right half of a wide one.
 * None of the three can be in a cell: the parser takes control characters for itself.
 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#define NOTHING 0u
#define MARK    1u
#define SECOND  2u
#define BLOCK   32u /* lines' blocks are multiples, so that a new line mostly fits an old one's */

struct history_line {
    uint32_t room; /* bytes of data that there are */
    uint32_t len;
    uint16_t used; /* cells */
    uint8_t wraps;
    uint8_t data[];
};

struct run {
    uint32_t cells, bytes;
    VTermScreenCellAttrs attrs;
    VTermColor fg, bg;
};

static int utf8_put(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    int len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = len - 1; i > 0; i--, c >>= 6) {
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    }
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(heads[len] | (c & (0xffu >> (len + 1))));
    return len;
}

/* What utf8_put() wrote. */
static int utf8_get(const uint8_t *in, uint32_t *c)
{
    int len = in[0] < 0x80 ? 1 : in[0] < 0xe0 ? 2 : in[0] < 0xf0 ? 3 : 4;
    *c = len == 1 ? in[0] : in[0] & (0xffu >> (len + 1));
    for (int i = 1; i < len; i++) {
        *c = *c << 6 | (in[i] & 0x3fu);
    }
    return len;
}

static int same_attrs(const VTermScreenCellAttrs *a, const VTermScreenCellAttrs *b)
{
    return a->bold == b->bold && a->underline == b->underline && a->italic == b->italic &&
           a->blink == b->blink && a->reverse == b->reverse && a->conceal == b->conceal &&
           a->strike == b->strike && a->small == b->small && a->baseline == b->baseline;
}

static int same_color(const VTermColor *a, const VTermColor *b)
{
    if (a->type != b->type) {
        return 0;
    }
    return VTERM_COLOR_IS_INDEXED(a) ? a->indexed.idx == b->indexed.idx
                                     : a->rgb.red == b->rgb.red && a->rgb.green == b->rgb.green &&
                                           a->rgb.blue == b->rgb.blue;
}

static int same_look(const VTermScreenCell *a, const VTermScreenCell *b)
{
    return same_attrs(&a->attrs, &b->attrs) && same_color(&a->fg, &b->fg) &&
           same_color(&a->bg, &b->bg);
}

void history_empty_cell(VTermScreenCell *cell)
{
    memset(cell, 0, sizeof *cell);
    cell->width = 1;
    cell->fg.type = VTERM_COLOR_RGB | VTERM_COLOR_DEFAULT_FG;
    cell->bg.type = VTERM_COLOR_RGB | VTERM_COLOR_DEFAULT_BG;
}

static int is_empty(const VTermScreenCell *cell)
{
    return cell->chars[0] == 0 && VTERM_COLOR_IS_DEFAULT_BG(&cell->bg) && !cell->attrs.reverse &&
           !cell->attrs.underline && !cell->attrs.strike;
}

static uint32_t put_cell(uint8_t *out, const VTermScreenCell *cell)
{
    uint32_t n = 0;
    if (cell->chars[0] == 0 || cell->chars[0] == UINT32_MAX) {
        out[0] = cell->chars[0] == 0 ? NOTHING : SECOND;
        return 1;
    }
    for (uint32_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i] != 0; i++) {
        if (i > 0) {
            out[n++] = MARK;
        }
        n += (uint32_t)utf8_put(out + n, cell->chars[i]);
    }
    return n;
}

/* Into out, or only counted if that is NULL. */
static uint32_t pack(uint8_t *out, const VTermScreenCell *cells, uint32_t used)
{
    uint8_t one[VTERM_MAX_CHARS_PER_CELL * 5];
    uint32_t len = 0;
    for (uint32_t i = 0; i < used;) {
        struct run run = {0, 0, cells[i].attrs, cells[i].fg, cells[i].bg};
        uint32_t at = len;
        len += (uint32_t)sizeof run;
        do {
            uint32_t n = put_cell(one, &cells[i]);
            if (out != NULL) {
                memcpy(out + len, one, n);
            }
            len += n;
            run.bytes += n;
            run.cells++;
            i++;
        } while (i < used && same_look(&cells[i - run.cells], &cells[i]));
        if (out != NULL) {
            memcpy(out + at, &run, sizeof run);
        }
    }
    return len;
}

static struct history_line **place(const struct history *h, uint64_t line)
{
    return &h->lines[line % HISTORY_LINES];
}

static void drop(struct history *h, uint64_t line)
{
    struct history_line *l = *place(h, line);
    h->bytes -= sizeof *l + l->room;
    free(l);
    *place(h, line) = NULL;
}

/* A block for so many bytes: the oldest line's, if that one has to go and it fits. */
static struct history_line *block_for(struct history *h, uint32_t bytes)
{
    uint32_t room = (bytes + BLOCK - 1) / BLOCK * BLOCK;
    struct history_line *l = NULL;
    if (h->next - h->first == HISTORY_LINES) {
        l = *place(h, h->first);
        if (l->room == room) {
            h->first++;
            return l;
        }
        drop(h, h->first++);
    }
    while ((l = malloc(sizeof *l + room)) == NULL && h->first < h->next) {
        drop(h, h->first++);
    }
    if (l != NULL) {
        l->room = room;
        h->bytes += sizeof *l + room;
    }
    return l;
}

int history_push(struct history *h, const VTermScreenCell *cells, uint32_t columns, int wraps)
{
    if (h->lines == NULL && (h->lines = calloc(HISTORY_LINES, sizeof h->lines[0])) == NULL) {
        return 0;
    }
    uint32_t used = columns;
    while (used > 0 && is_empty(&cells[used - 1])) {
        used--;
    }
    uint32_t len = pack(NULL, cells, used);
    struct history_line *l = block_for(h, len);
    if (l == NULL) {
        h->first = h->next = h->next + 1; /* the line had a number */
        return 0;
    }
    l->len = len;
    l->used = (uint16_t)used;
    l->wraps = (uint8_t)(wraps != 0);
    pack(l->data, cells, used);
    *place(h, h->next++) = l;
    return 1;
}

static uint32_t get_cell(const uint8_t *in, VTermScreenCell *cell)
{
    uint32_t n = 0;
    if (in[0] == NOTHING || in[0] == SECOND) {
        cell->chars[0] = in[0] == NOTHING ? 0 : UINT32_MAX;
        return 1;
    }
    n += (uint32_t)utf8_get(in, &cell->chars[0]);
    return n;
}

static void unpack(const struct history_line *l, VTermScreenCell *cells, uint32_t columns)
{
    uint32_t at = 0, column = 0;
    struct run run;
    while (at + sizeof run <= l->len && column < columns) {
        memcpy(&run, l->data + at, sizeof run);
        at += (uint32_t)sizeof run;
        uint32_t end = at + run.bytes;
        while (at < end && column < columns) {
            VTermScreenCell *cell = &cells[column];
            history_empty_cell(cell);
            cell->attrs = run.attrs;
            cell->fg = run.fg;
            cell->bg = run.bg;
            at += get_cell(l->data + at, cell);
            for (uint32_t i = 1; at < end && l->data[at] == MARK; i++) {
                at += 1 + (uint32_t)utf8_get(l->data + at + 1, &cell->chars[i]);
            }
            if (cell->chars[0] == UINT32_MAX && column > 0) {
                cells[column - 1].width = 2;
            }
            column++;
        }
        at = end;
    }
    for (; column < columns; column++) {
        history_empty_cell(&cells[column]);
    }
}

static const struct history_line *find(const struct history *h, uint64_t line)
{
    return line >= h->first && line < h->next ? *place(h, line) : NULL;
}

int history_get(const struct history *h, uint64_t line, VTermScreenCell *cells, uint32_t columns)
{
    const struct history_line *l = find(h, line);
    if (l != NULL) {
        unpack(l, cells, columns);
    }
    return l != NULL;
}

uint32_t history_used(const struct history *h, uint64_t line)
{
    const struct history_line *l = find(h, line);
    return l != NULL ? l->used : 0;
}

int history_wraps(const struct history *h, uint64_t line)
{
    const struct history_line *l = find(h, line);
    return l != NULL && l->wraps;
}

int history_pop(struct history *h, VTermScreenCell *cells, uint32_t columns)
{
    if (h->first == h->next || history_used(h, h->next - 1) > columns) {
        return 0;
    }
    history_get(h, h->next - 1, cells, columns);
    drop(h, --h->next);
    return 1;
}

void history_clear(struct history *h)
{
    while (h->first < h->next) {
        drop(h, h->first++);
    }
    free(h->lines);
    h->lines = NULL;
}
