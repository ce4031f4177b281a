/* SPDX-License-Identifier: MIT */
/* The text on the screen: rows, columns, colours, and the mouse. A row that looks as before is not
 * drawn. */
#include "editor.h"

#include <ctx/key.h>

#include <stdio.h>
#include <string.h>

#define TAB       4u
#define LONG_LINE 16384u /* bytes; in a longer line a tab is one column */
#define ROW_BYTES 4096u  /* of a row in sight, at most */
#define AHEAD     64u    /* pieces whose states are found out in one call */
#define TWICE_NS  UINT64_C(400000000)

/* ---- columns ---- */

static int is_long(struct editor *e, uint32_t line)
{
    return text_line_end(&e->text, line) - text_line_start(&e->text, line) > LONG_LINE;
}

/* From a column on, up to place `to` or column `most`; *at is where that was. */
static uint32_t walk(struct editor *e, uint32_t from, uint32_t to, uint32_t most, uint32_t *at)
{
    uint32_t column = 0, n = 0, i = 0;
    const char *p = text_span(&e->text, from, &n);
    while (from < to) {
        if (i == n) {
            p = text_span(&e->text, from, &n);
            i = 0;
        }
        uint8_t c = (uint8_t)p[i];
        uint32_t wide = (c & 0xc0) == 0x80 ? 0 : c == '\t' ? TAB - column % TAB : 1;
        if (wide != 0 && column + wide > most) {
            break;
        }
        column += wide;
        from++;
        i++;
    }
    *at = from;
    return column;
}

uint32_t view_column(struct editor *e, uint32_t at)
{
    uint32_t line = text_line_of(&e->text, at), start = text_line_start(&e->text, line), end;
    return is_long(e, line) ? text_chars(&e->text, start, at)
                            : walk(e, start, at, UINT32_MAX, &end);
}

uint32_t view_at(struct editor *e, uint32_t line, uint32_t column)
{
    uint32_t start = text_line_start(&e->text, line), end = text_line_end(&e->text, line), at;
    if (is_long(e, line)) {
        return text_skip(&e->text, start, column, end);
    }
    walk(e, start, end, column, &at);
    return at;
}

/* ---- states ---- */

/* Whose states are known goes on, by this many pieces at most. */
static void learn(struct editor *e, uint32_t piece, uint32_t most)
{
    struct text *t = &e->text;
    if (t->known == 0 && t->count > 0) {
        t->pieces[0].state = 0;
        t->known = 1;
    }
    while (t->known <= piece && t->known < t->count && most > 0) {
        const struct text_piece *p = &t->pieces[t->known - 1];
        t->pieces[t->known].state = syntax_run(e->language, p->state, p->bytes, p->len);
        t->known++;
        most--;
    }
}

static uint32_t state_at(struct editor *e, uint32_t at)
{
    uint32_t start, piece, n;
    if (e->language == SYNTAX_NONE || e->text.count == 0) {
        return 0;
    }
    piece = text_piece_of(&e->text, at, &start);
    learn(e, piece, AHEAD);
    if (e->text.known <= piece) {
        e->behind = 1;
        return 0;
    }
    uint32_t state = e->text.pieces[piece].state;
    const char *bytes = text_span(&e->text, start, &n);
    return syntax_run(e->language, state, bytes, at - start < n ? at - start : n);
}

void view_catch_up(struct editor *e)
{
    if (e->behind) {
        uint32_t known = e->text.known;
        learn(e, e->text.count, AHEAD);
        e->behind = known != e->text.known;
        e->fresh = 1;
    }
}

/* ---- one row ---- */

struct row {
    uint32_t line, start, end; /* of the line; start > text: there is none */
    uint32_t from, column;     /* what is in sight begins here, in this column */
    uint32_t len;
    char bytes[ROW_BYTES];
    uint8_t kinds[ROW_BYTES];
};

static const uint32_t colors[SYNTAX_KINDS] = {
    0,
    CTX_RGB(0x86b5e0), /* words of the language */
    CTX_RGB(0x7fc9b8), /* types */
    CTX_RGB(0xd8a2c4), /* numbers */
    CTX_RGB(0xa6c285), /* strings */
    CTX_RGB(0x938b7e), /* comments */
    CTX_RGB(0xb9a5e2), /* for the preprocessor */
};

static uint32_t color_of(const struct ctx_theme *t, uint8_t kind)
{
    if (kind == SYNTAX_PLAIN) {
        return t->text;
    }
    return kind == SYNTAX_COMMENT && (t->flags & CTX_THEME_CONTRAST) != 0 ? t->muted : colors[kind];
}

static void read_row(struct editor *e, struct row *row, uint32_t columns)
{
    struct text *t = &e->text;
    row->start = text_line_start(t, row->line);
    row->end = text_line_end(t, row->line);
    uint32_t to;
    if (is_long(e, row->line)) {
        row->from = text_skip(t, row->start, e->left, row->end);
        row->column = e->left;
        to = text_skip(t, row->from, columns, row->end);
    } else {
        row->column = walk(e, row->start, row->end, e->left, &row->from);
        to = view_at(e, row->line, e->left + columns);
    }
    row->len = to - row->from < ROW_BYTES ? to - row->from : ROW_BYTES;
    row->len = text_copy(t, row->from, row->bytes, row->len);
    uint8_t before = row->from > row->start ? text_byte(t, row->from - 1) : 0;
    syntax_kinds(e->language, state_at(e, row->from), before, row->bytes, row->len, row->kinds);
}

static uint32_t width_of(uint8_t c, uint32_t column, int is_long_line)
{
    return (c & 0xc0) == 0x80 ? 0 : c == '\t' && !is_long_line ? TAB - column % TAB : 1;
}

/* Letters of one colour together. */
static void draw_letters(struct editor *e, const struct row *row, struct ctx_rect r, int32_t wide)
{
    const struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    uint32_t column = row->column, from = chosen_from(e), to = chosen_to(e);
    int is_long_line = row->end - row->start > LONG_LINE;
    for (uint32_t i = 0; i < row->len;) {
        uint32_t k = i, first = column, at = row->from + i;
        int chosen = at >= from && at < to;
        while (k < row->len && row->kinds[k] == row->kinds[i] && row->bytes[k] != '\t' &&
               (row->from + k >= from && row->from + k < to) == chosen) {
            column += width_of((uint8_t)row->bytes[k], column, is_long_line);
            k++;
        }
        if (k > i) {
            ctx_draw_text(&ui->draw, t->mono, r.x + ((int32_t)first - (int32_t)e->left) * wide, r.y,
                          row->bytes + i, k - i,
                          chosen ? t->on_select : color_of(t, row->kinds[i]));
        } else {
            column += width_of((uint8_t)row->bytes[k++], column, is_long_line);
        }
        i = k;
    }
}

static int32_t x_of(struct editor *e, uint32_t at, int32_t wide)
{
    return ((int32_t)view_column(e, at) - (int32_t)e->left) * wide;
}

/* What is chosen of it, with its end if the next line is chosen too. */
static void draw_chosen(struct editor *e, const struct row *row, struct ctx_rect r, int32_t wide)
{
    const struct ctx_ui *ui = &e->pane.ui;
    uint32_t from = chosen_from(e), to = chosen_to(e);
    if (from == to || to < row->start || from > row->end) {
        return;
    }
    int32_t a = from > row->start ? x_of(e, from, wide) : 0;
    int32_t b = to <= row->end ? x_of(e, to, wide) : x_of(e, row->end, wide) + wide / 2;
    a = a < 0 ? 0 : a;
    b = b > r.w ? r.w : b;
    if (a < b) {
        ctx_draw_fill(&ui->draw, CTX_RECT(r.x + a, r.y, b - a, r.h), ui->theme.select);
    }
}

static void draw_row(struct editor *e, const struct row *row, struct ctx_rect r, int32_t gutter,
                     int32_t wide, int caret, int focus)
{
    const struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    char number[16];
    struct ctx_rect text = r;
    struct ctx_rect side = ctx_rect_left(&text, gutter);
    if (caret) {
        ctx_draw_fill(&ui->draw, r, ctx_color_mix(t->field, t->panel, 200));
    }
    snprintf(number, sizeof number, "%u", (unsigned)row->line + 1);
    side.w -= 2 * wide;
    ctx_draw_text_in(&ui->draw, t->mono, side, number, CTX_TEXT_ALL, CTX_TEXT_RIGHT,
                     caret ? t->muted : t->disabled);
    draw_chosen(e, row, text, wide);
    draw_letters(e, row, text, wide);
    if (caret) {
        int32_t x = x_of(e, e->caret, wide);
        struct ctx_rect line = CTX_RECT(text.x + x, r.y, t->caret, r.h);
        if (x >= 0 && focus) {
            ctx_draw_fill(&ui->draw, line, t->accent);
        } else if (x >= 0) {
            ctx_draw_fill(&ui->draw, line, t->disabled);
        }
    }
}

static void one_row(struct editor *e, uint32_t line, struct ctx_rect r, int32_t gutter,
                    int32_t wide, int focus)
{
    static struct row row; /* for this function alone */
    struct ctx_ui *ui = &e->pane.ui;
    uint32_t look;
    if (line > e->text.lines) {
        if (ctx_ui_look(ui, r, 1)) {
            ctx_ui_drawn(ui);
        }
        return;
    }
    row.line = line;
    read_row(e, &row, (uint32_t)((r.w - gutter) / wide + 1));
    int caret = e->caret >= row.start && e->caret <= row.end;
    look = ctx_ui_mix(ctx_ui_mix_text(2 + line, row.bytes, row.len), (uint32_t)gutter);
    look = ctx_ui_mix_text(look, (const char *)row.kinds, row.len);
    look = ctx_ui_mix(look, caret ? e->caret - row.start + 2 + (uint32_t)focus * 0x80000000u : 0);
    look = ctx_ui_mix(look, e->left);
    uint32_t from = chosen_from(e), to = chosen_to(e);
    if (from != to && to >= row.start && from <= row.end) {
        from = from > row.start ? from - row.start : 0;
        to = to <= row.end ? to - row.start : UINT32_MAX;
        look = ctx_ui_mix(ctx_ui_mix(look, from), to);
    }
    if (ctx_ui_look(ui, r, look)) {
        draw_row(e, &row, r, gutter, wide, caret, focus);
        ctx_ui_drawn(ui);
    }
}

/* ---- all of it ---- */

static void into_sight(struct editor *e, uint32_t rows, uint32_t columns)
{
    uint32_t line = text_line_of(&e->text, e->caret), column = view_column(e, e->caret);
    uint32_t edge = columns > 16 ? 4 : 1;
    if (line < e->top) {
        e->top = line;
    } else if (line >= e->top + rows) {
        e->top = line - rows + 1;
    }
    if (column < e->left) {
        e->left = column > edge ? column - edge : 0;
    } else if (column + edge >= e->left + columns) {
        e->left = column + edge + 1 - columns;
    }
}

static void mouse(struct editor *e, struct ctx_rect text, int32_t high, int32_t wide, uint32_t bits)
{
    struct ctx_ui *ui = &e->pane.ui;
    int32_t row = (ui->y - text.y) / high, x = ui->x - text.x;
    if (ui->y < text.y) {
        row = -1; /* outside it scrolls */
    }
    int64_t line = (int64_t)e->top + row;
    line = line < 0 ? 0 : line > e->text.lines ? e->text.lines : line;
    int32_t column = (int32_t)e->left + (x < 0 ? -1 : (x + wide / 2) / wide);
    uint32_t at = view_at(e, (uint32_t)line, column < 0 ? 0 : (uint32_t)column);
    if ((bits & CTX_UI_DOWN) != 0) {
        e->clicks = at == e->clicked_at && ui->time_ns - e->click_ns < TWICE_NS ? e->clicks + 1 : 1;
        e->click_ns = ui->time_ns;
        e->clicked_at = at;
        if (e->clicks == 2) {
            choose_word(e, at);
        } else if (e->clicks == 3) {
            choose_line(e, at);
        } else {
            caret_to(e, at, (ui->modifiers & CTX_MOD_SHIFT) != 0);
        }
    } else if ((bits & CTX_UI_HELD) != 0 && ui->pointed && e->clicks < 2) {
        caret_to(e, at, 1);
    }
    if ((bits & CTX_UI_MENU) != 0) {
        ctx_ui_open_menu(ui, "#edit", ui->x, ui->y);
    }
}

static void wheel(struct editor *e, struct ctx_rect r, uint32_t rows)
{
    struct ctx_ui *ui = &e->pane.ui;
    uint32_t last = e->text.lines + 1 > rows ? e->text.lines + 1 - rows : 0;
    if (ui->wheel == 0 || !ctx_rect_has(r, ui->x, ui->y) || ctx_ui_is_open(ui)) {
        return;
    }
    uint32_t *what = (ui->modifiers & CTX_MOD_SHIFT) != 0 ? &e->left : &e->top;
    int64_t to = (int64_t)*what - 3 * (int64_t)ui->wheel;
    *what = to < 0 ? 0 : (uint32_t)to;
    e->top = e->top > last ? last : e->top;
    ui->wheel = 0;
}

void view_draw(struct editor *e, struct ctx_rect r)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int32_t high = t->mono->height + ctx_theme_px(t, 2),
            wide = ctx_font_glyph(t->mono, '0')->advance;
    struct ctx_rect bar = ctx_rect_right(&r, t->scroll_w);
    uint32_t rows = r.h > high ? (uint32_t)(r.h / high) : 1, digits = 1;
    for (uint32_t n = e->text.lines + 1; n >= 10; n /= 10) {
        digits++;
    }
    int32_t gutter = (int32_t)(digits < 3 ? 6 : digits + 3) * wide;
    gutter = gutter > r.w / 3 ? 0 : gutter;
    struct ctx_rect text = r;
    ctx_rect_left(&text, gutter);
    uint32_t columns = text.w > wide ? (uint32_t)(text.w / wide) : 1;
    uint32_t id = ctx_ui_id(ui, "text"), bits = ctx_ui_control(ui, id, r, CTX_UI_OWN_KEYS);
    int focus = (bits & CTX_UI_FOCUS) != 0 && ui->keys_here;
    if (focus) {
        view_keys(e, rows);
    }
    if (text.h > 0) {
        mouse(e, text, high, wide, bits);
    }
    wheel(e, r, rows);
    if (e->follow) {
        into_sight(e, rows, columns);
        e->follow = 0;
    }
    ui->back = t->field;
    ctx_ui_scroll(ui, bar, "#scroll", &e->top, rows, e->text.lines + 1);
    for (uint32_t i = 0; i < rows; i++) {
        one_row(e, e->top + i, ctx_rect_top(&r, high), gutter, wide, focus);
    }
    if (r.h > 0 && ctx_ui_look(ui, r, 0)) {
        ctx_ui_drawn(ui); /* less than a row */
    }
    if ((bits & CTX_UI_HOVER) != 0) {
        ui->cursor = CTX_CURSOR_TEXT;
    }
}
