/* SPDX-License-Identifier: MIT */
/*
 * From lines to rows: everything is wrapped at the window's width each time it is drawn, and
 * counted from the bottom. The line being typed is one more line at the end.
 */
#include "console.h"
#include "font.h"

#include <stddef.h>

#define ROWS_MAX 128u

static const uint32_t colors[TEXT_COLORS] = {
    [TEXT_PLAIN] = 0x00f2eae6, /* bytes R, G, B from the lowest */
    [TEXT_DIM] = 0x00baaaa2,    [TEXT_PROMPT] = 0x00d0e860,
    [TEXT_RESULT] = 0x0086d6ff, [TEXT_ERROR] = 0x00828aff,
};

#define CURSOR_COLOR 0x00d0e860

/* A row on its way to the screen: from where its characters come. */
struct row {
    int typed; /* of the line being typed, else of the text */
    uint64_t line;
    uint32_t start, len;
};

struct rows {
    struct row row[ROWS_MAX]; /* a ring: the last ROWS_MAX rows of the line being typed */
    uint32_t count;
};

static uint32_t columns_of(const struct console *c)
{
    int32_t n = (c->window.w - 2 * WINDOW_PAD) / (int32_t)FONT_W;
    return n > 1 ? (uint32_t)n : 1;
}

uint32_t view_rows(const struct console *c)
{
    int32_t n = (c->window.h - WINDOW_TITLE - 2 * WINDOW_PAD) / (int32_t)FONT_H;
    return n < 1 ? 1 : (uint32_t)n > ROWS_MAX - 2 ? ROWS_MAX - 2 : (uint32_t)n;
}

static uint32_t prompt_len(const struct console *c)
{
    uint32_t n = 0;
    for (const char *p = shell_prompt(c); *p != 0; p++) {
        n++;
    }
    return n;
}

/* Character i of prompt and line together. */
static text_cell typed_at(const struct console *c, uint32_t i)
{
    uint32_t prompt = prompt_len(c);
    return i < prompt ? text_make((uint8_t)shell_prompt(c)[i], TEXT_PROMPT)
                      : text_make(c->edit.line[i - prompt], TEXT_PLAIN);
}

static void add(struct rows *rows, uint32_t start, uint32_t len)
{
    rows->row[rows->count++ % ROWS_MAX] = (struct row){1, 0, start, len};
}

static void wrap_typed(const struct console *c, struct rows *rows)
{
    uint32_t columns = columns_of(c), total = prompt_len(c) + c->edit.len, start = 0;
    rows->count = 0;
    for (uint32_t i = 0; i < total; i++) {
        if ((typed_at(c, i) & 0x1fffff) == '\n') {
            add(rows, start, i - start);
            start = i + 1;
        } else if (i - start == columns) {
            add(rows, start, columns);
            start = i;
        }
    }
    if (total - start == columns) { /* the cursor needs room */
        add(rows, start, columns);
        start = total;
    }
    add(rows, start, total - start);
}

static text_cell cell_of(const struct console *c, const struct row *row, uint32_t i)
{
    return row->typed ? typed_at(c, row->start + i) : text_at(&c->text, row->line, row->start + i);
}

static void draw_cursor(struct console *c, uint32_t x, uint32_t y, text_cell under)
{
    uint32_t *at = c->window.pixels + (size_t)y * (size_t)c->window.w + x;
    for (uint32_t row = 1; row < FONT_H - 1; row++) {
        for (uint32_t col = 0; col < FONT_W; col++) {
            int edge = row == 1 || row == FONT_H - 2 || col == 0 || col == FONT_W - 1;
            if (c->window.focused || edge) {
                at[(size_t)row * (size_t)c->window.w + col] = CURSOR_COLOR;
            }
        }
    }
    const struct glyph *g = under != 0 ? font_glyph(under & 0x1fffff) : NULL;
    if (g != NULL) {
        font_draw(at, (uint32_t)c->window.w, g,
                  c->window.focused ? 0x00261814 : colors[TEXT_PLAIN]);
    }
}

static void draw_row(struct console *c, const struct row *row, uint32_t y)
{
    uint32_t x = WINDOW_PAD;
    uint32_t cursor = prompt_len(c) + c->edit.cursor;
    for (uint32_t i = 0; i <= row->len; i++, x += FONT_W) {
        int has_cell = i < row->len;
        text_cell cell = has_cell ? cell_of(c, row, i) : 0;
        if (row->typed && row->start + i == cursor && c->scroll == 0) {
            draw_cursor(c, x, y, cell);
        } else if (has_cell && (cell & 0x1fffff) != ' ') {
            const struct glyph *g = font_glyph(cell & 0x1fffff);
            if (g != NULL) {
                uint32_t color = cell >> 24 < TEXT_COLORS ? cell >> 24 : TEXT_PLAIN;
                font_draw(c->window.pixels + (size_t)y * (size_t)c->window.w + x,
                          (uint32_t)c->window.w, g, colors[color]);
            }
        }
    }
}

/* The rows that are seen, the lowest first. Returns how many; fewer than wanted if there are no
 * more. */
static uint32_t collect(struct console *c, struct row *out, uint32_t wanted)
{
    struct rows typed;
    uint32_t skip = c->scroll, n = 0, columns = columns_of(c);
    wrap_typed(c, &typed);
    uint32_t kept = typed.count < ROWS_MAX ? typed.count : ROWS_MAX;
    for (uint32_t i = 0; i < kept && n < wanted; i++) {
        if (skip > 0) {
            skip--;
        } else {
            out[n++] = typed.row[(typed.count - 1 - i) % ROWS_MAX];
        }
    }
    uint64_t first = text_first_line(&c->text);
    for (uint64_t line = c->text.lines; line > first && n < wanted; line--) {
        uint32_t len = text_line_len(&c->text, line - 1);
        if (line == c->text.lines && len == 0) {
            continue; /* nothing printed since the last newline */
        }
        uint32_t rows = len == 0 ? 1 : (len + columns - 1) / columns;
        for (uint32_t r = rows; r > 0 && n < wanted; r--) {
            if (skip > 0) {
                skip--;
                continue;
            }
            uint32_t start = (r - 1) * columns;
            out[n++] =
                (struct row){0, line - 1, start, len - start < columns ? len - start : columns};
        }
    }
    if (skip > 0 || (n < wanted && c->scroll > 0)) { /* scrolled past the beginning */
        uint32_t over = skip > 0 ? skip + wanted - n : wanted - n;
        c->scroll -= over < c->scroll ? over : c->scroll;
    }
    return n;
}

void view_draw(struct console *c, uint32_t from, uint32_t to)
{
    struct row rows[ROWS_MAX];
    uint32_t wanted = view_rows(c), top = WINDOW_TITLE + WINDOW_PAD;
    uint32_t before = c->scroll;
    uint32_t n = collect(c, rows, wanted);
    if (c->scroll != before) {
        n = collect(c, rows, wanted);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t y = top + (n - 1 - i) * FONT_H;
        if (y + FONT_H > from && y < to && y + FONT_H <= (uint32_t)c->window.h) {
            draw_row(c, &rows[i], y);
        }
    }
}
