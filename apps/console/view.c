/* SPDX-License-Identifier: MIT */
/*
 * From lines to rows: everything is wrapped at the window's width each time it is drawn, and
 * counted from the bottom. The line being typed is one more line at the end.
 */
#include "console.h"
#include "font.h"

#include <stddef.h>

#define ROWS_MAX VIEW_ROWS_MAX

/* On glass, over whatever is there; in a window among others, as the theme has it. Bytes R, G, B
 * from the lowest. */
struct inks {
    uint32_t text[TEXT_COLORS], cursor, under, chosen;
};
static const struct inks glass = {
    .text = {[TEXT_PLAIN] = 0x00f2eae6,
             [TEXT_DIM] = 0x00baaaa2,
             [TEXT_PROMPT] = 0x00d0e860,
             [TEXT_RESULT] = 0x0086d6ff,
             [TEXT_ERROR] = 0x00828aff},
    .cursor = 0x00d0e860,
    .under = 0x00261814,
    .chosen = 0x00705038,
};
static const struct inks plane = {
    .text = {[TEXT_PLAIN] = 0x00dfe7ec,
             [TEXT_DIM] = 0x009aa6ad,
             [TEXT_PROMPT] = 0x0057a8e3,
             [TEXT_RESULT] = 0x009cc9e8,
             [TEXT_ERROR] = 0x00667ae8},
    .cursor = 0x0057a8e3,
    .under = WINDOW_BACK,
    .chosen = 0x0026455a,
};

static const struct inks *inks_of(const struct console *c)
{
    return c->window.surface != 0 ? &plane : &glass;
}

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

static uint32_t cell_w(const struct console *c)
{
    return font_w(window_scale(&c->window));
}

static uint32_t cell_h(const struct console *c)
{
    return font_h(window_scale(&c->window));
}

/* Where the first row of text begins. */
static uint32_t text_top(const struct console *c)
{
    return (uint32_t)(window_top(&c->window) + window_pad(&c->window));
}

static uint32_t columns_of(const struct console *c)
{
    int32_t n = (c->window.w - 2 * window_pad(&c->window)) / (int32_t)cell_w(c);
    return n > 1 ? (uint32_t)n : 1;
}

uint32_t view_rows(const struct console *c)
{
    int32_t n =
        (c->window.h - window_top(&c->window) - 2 * window_pad(&c->window)) / (int32_t)cell_h(c);
    return n < 1 ? 1 : (uint32_t)n > ROWS_MAX - 2 ? ROWS_MAX - 2 : (uint32_t)n;
}

uint32_t view_prompt_len(const struct console *c)
{
    uint32_t n = 0;
    for (const char *p = shell_prompt(c); *p != 0; p++) {
        n++;
    }
    return n;
}

/* Character i of prompt and line together. */
text_cell view_typed_at(const struct console *c, uint32_t i)
{
    uint32_t prompt = view_prompt_len(c);
    return i < prompt ? text_make((uint8_t)shell_prompt(c)[i], TEXT_PROMPT)
                      : text_make(c->edit.line[i - prompt], TEXT_PLAIN);
}

static void add(struct rows *rows, uint32_t start, uint32_t len)
{
    rows->row[rows->count++ % ROWS_MAX] = (struct row){1, 0, start, len};
}

static void wrap_typed(const struct console *c, struct rows *rows)
{
    uint32_t columns = columns_of(c), total = view_prompt_len(c) + c->edit.len, start = 0;
    rows->count = 0;
    for (uint32_t i = 0; i < total; i++) {
        if ((view_typed_at(c, i) & 0x1fffff) == '\n') {
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
    return row->typed ? view_typed_at(c, row->start + i)
                      : text_at(&c->text, row->line, row->start + i);
}

static void draw_cursor(struct console *c, uint32_t x, uint32_t y, text_cell under)
{
    uint32_t *at = c->window.pixels + (size_t)y * (size_t)c->window.w + x;
    for (uint32_t row = 1; row < cell_h(c) - 1; row++) {
        for (uint32_t col = 0; col < cell_w(c); col++) {
            int edge = row == 1 || row == cell_h(c) - 2 || col == 0 || col == cell_w(c) - 1;
            if (c->window.focused || edge) {
                at[(size_t)row * (size_t)c->window.w + col] = inks_of(c)->cursor;
            }
        }
    }
    const struct glyph *g =
        under != 0 ? font_glyph_at(under & 0x1fffff, window_scale(&c->window)) : NULL;
    if (g != NULL) {
        font_draw(at, (uint32_t)c->window.w, g,
                  c->window.focused ? inks_of(c)->under : inks_of(c)->text[TEXT_PLAIN]);
    }
}

static int is_chosen(const struct console *c, const struct row *row, uint32_t i)
{
    return !selection_is_empty(&c->selection) &&
           selection_has(&c->selection, row->typed ? SPOT_TYPED : row->line, row->start + i);
}

static void draw_chosen(struct console *c, uint32_t x, uint32_t y)
{
    uint32_t *at = c->window.pixels + (size_t)y * (size_t)c->window.w + x;
    for (uint32_t row = 0; row < cell_h(c); row++) {
        for (uint32_t col = 0; col < cell_w(c); col++) {
            at[(size_t)row * (size_t)c->window.w + col] = inks_of(c)->chosen;
        }
    }
}

static void draw_row(struct console *c, const struct row *row, uint32_t y)
{
    uint32_t x = (uint32_t)window_pad(&c->window);
    uint32_t cursor = view_prompt_len(c) + c->edit.cursor;
    for (uint32_t i = 0; i <= row->len; i++, x += cell_w(c)) {
        int has_cell = i < row->len;
        text_cell cell = has_cell ? cell_of(c, row, i) : 0;
        if (has_cell && is_chosen(c, row, i)) {
            draw_chosen(c, x, y);
        }
        if (row->typed && row->start + i == cursor && c->scroll == 0) {
            draw_cursor(c, x, y, cell);
        } else if (has_cell && (cell & 0x1fffff) != ' ') {
            const struct glyph *g = font_glyph_at(cell & 0x1fffff, window_scale(&c->window));
            if (g != NULL) {
                uint32_t color = cell >> 24 < TEXT_COLORS ? cell >> 24 : TEXT_PLAIN;
                font_draw(c->window.pixels + (size_t)y * (size_t)c->window.w + x,
                          (uint32_t)c->window.w, g, inks_of(c)->text[color]);
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

/* The rows as they are to be seen, the lowest first. */
static uint32_t collect_all(struct console *c, struct row *rows, uint32_t wanted)
{
    uint32_t scroll = c->scroll;
    uint32_t n = collect(c, rows, wanted);
    return c->scroll != scroll ? collect(c, rows, wanted) : n;
}

/* A number made of all that is seen in a row; 0: nothing is. */
static uint32_t look_of(const struct console *c, const struct row *row)
{
    uint32_t cursor = view_prompt_len(c) + c->edit.cursor;
    uint64_t look = 1;
    for (uint32_t i = 0; i <= row->len; i++) {
        uint64_t cell = i < row->len ? cell_of(c, row, i) : 0;
        uint64_t chosen = i < row->len && is_chosen(c, row, i);
        uint64_t here = row->typed && row->start + i == cursor && c->scroll == 0;
        look = (look ^ cell ^ chosen << 32 ^ here << 33) * 0x9e3779b97f4a7c15u;
        look ^= look >> 29;
    }
    return (uint32_t)look | 1;
}

void view_changes(struct console *c, uint32_t *from, uint32_t *to)
{
    struct row rows[ROWS_MAX];
    uint32_t wanted = view_rows(c), n = collect_all(c, rows, wanted);
    uint32_t first = wanted, last = 0;
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t look = i < n ? look_of(c, &rows[n - 1 - i]) : 0;
        if (look != c->drawn[i]) {
            c->drawn[i] = look;
            first = i < first ? i : first;
            last = i + 1;
        }
    }
    *from = first < last ? text_top(c) + first * cell_h(c) : 0;
    *to = first < last ? text_top(c) + last * cell_h(c) : 0;
}

struct spot view_spot(struct console *c, int32_t x, int32_t y)
{
    struct row rows[ROWS_MAX];
    uint32_t n = collect_all(c, rows, view_rows(c));
    int32_t line = (y - (int32_t)text_top(c)) / (int32_t)cell_h(c);
    int32_t column = (x - window_pad(&c->window) + (int32_t)cell_w(c) / 2) / (int32_t)cell_w(c);
    if (n == 0) {
        return (struct spot){SPOT_TYPED, 0};
    }
    if (y < (int32_t)text_top(c)) {
        line = column = 0;
    } else if (line >= (int32_t)n) {
        line = (int32_t)n - 1;
        column = INT32_MAX;
    }
    const struct row *row = &rows[n - 1 - (uint32_t)line];
    uint32_t at = column < 0 ? 0 : (uint32_t)column > row->len ? row->len : (uint32_t)column;
    return (struct spot){row->typed ? SPOT_TYPED : row->line, row->start + at};
}

void view_draw(struct console *c, uint32_t from, uint32_t to)
{
    struct row rows[ROWS_MAX];
    uint32_t wanted = view_rows(c), top = text_top(c);
    uint32_t n = collect_all(c, rows, wanted);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t y = top + (n - 1 - i) * cell_h(c);
        if (y + cell_h(c) > from && y < to && y + cell_h(c) <= (uint32_t)c->window.h) {
            draw_row(c, &rows[i], y);
        }
    }
}
