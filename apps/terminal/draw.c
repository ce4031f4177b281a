/* SPDX-License-Identifier: MIT */
/*
 * Cells to pixels. Of each cell a number is kept that says how it was drawn: rows in which libvterm
 * saw something change are looked at, and of them only cells with another number are drawn.
 */
#include "terminal.h"

#include <ctx/draw.h>

#include <stdlib.h>

/* libvterm's own; not in its header. */
int vterm_unicode_width(uint32_t codepoint);

#define PAD 6

/* 0xrrggbb: the sixteen, beside the theme's warm greys. */
static const uint32_t sixteen[16] = {
    0x47433c, 0xd9604c, 0x8fb573, 0xdcb45a, 0x6f9fd8, 0xc087c9, 0x63b3ab, 0xd5cfc4,
    0x7d766b, 0xf08070, 0xb0d890, 0xf2d27c, 0x9cc4f5, 0xdda8e6, 0x8fdcd4, 0xfaf6ef,
};

const struct ctx_font *draw_font(uint32_t index)
{
    static const struct ctx_font *const fonts[FONTS] = {&ctx_font_mono_16, &ctx_font_mono_24,
                                                        &ctx_font_mono_32, &ctx_font_mono_64};
    return fonts[index < FONTS ? index : FONTS - 1];
}

uint32_t draw_default_font(const struct ctx_theme *theme)
{
    uint32_t index = 0;
    while (index + 1 < FONTS && draw_font(index + 1)->px <= CTX_THEME_MONO * theme->scale / 120) {
        index++;
    }
    return index;
}

int32_t draw_pad(const struct terminal *t)
{
    return ctx_theme_px(&t->theme, PAD);
}

/* ---- colours ---- */

static uint32_t indexed(uint8_t i)
{
    static const uint8_t steps[6] = {0, 95, 135, 175, 215, 255};
    if (i < 16) {
        return CTX_RGB(sixteen[i]);
    }
    if (i < 232) {
        uint32_t n = i - 16u;
        return CTX_RGB((uint32_t)steps[n / 36] << 16 | (uint32_t)steps[n / 6 % 6] << 8 |
                       steps[n % 6]);
    }
    uint32_t grey = 8 + 10 * (i - 232u);
    return CTX_RGB(grey << 16 | grey << 8 | grey);
}

static uint32_t color_of(const VTermColor *c, uint32_t usual)
{
    if (c->type & VTERM_COLOR_DEFAULT_MASK) {
        return usual;
    }
    if (VTERM_COLOR_IS_INDEXED(c)) {
        return indexed(c->indexed.idx);
    }
    return CTX_RGB((uint32_t)c->rgb.red << 16 | (uint32_t)c->rgb.green << 8 | c->rgb.blue);
}

/* How one cell is to look. */
struct look {
    uint32_t code, text, back;
    uint8_t wide, bold, underline, strike, cursor; /* cursor: 0 or a VTERM_PROP_CURSORSHAPE_*; 16:
                                                      without the keys */
};

#define CURSOR_IDLE 16u

static struct look look_of(const struct terminal *t, const VTermScreenCell *cell, int chosen,
                           uint8_t cursor)
{
    const VTermScreenCellAttrs *a = &cell->attrs;
    struct look l = {.code = cell->chars[0],
                     .text = color_of(&cell->fg, t->theme.text),
                     .back = color_of(&cell->bg, t->theme.field),
                     .bold = a->bold,
                     .underline = a->underline,
                     .strike = a->strike,
                     .wide = cell->width == 2,
                     .cursor = cursor};
    if (a->reverse) {
        uint32_t text = l.text;
        l.text = l.back;
        l.back = text;
    }
    if (chosen) {
        l.text = t->theme.on_select;
        l.back = t->theme.select;
    }
    if (cursor == VTERM_PROP_CURSORSHAPE_BLOCK) {
        l.text = t->theme.on_accent;
        l.back = t->theme.accent;
    }
    if (a->conceal) {
        l.code = 0;
    }
    /* The left half of a wide one whose right half was written over. */
    if (!l.wide && l.code >= 0x1100 && l.code != UINT32_MAX && vterm_unicode_width(l.code) == 2) {
        l.code = 0;
    }
    if (l.code == UINT32_MAX) {
        l.code = 0;
    }
    return l;
}

static uint64_t number_of(const struct look *l)
{
    const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t marks = (uint64_t)l->wide | (uint64_t)l->bold << 1 | (uint64_t)l->underline << 2 |
                     (uint64_t)l->strike << 4 | (uint64_t)l->cursor << 8;
    uint64_t n = (l->code | marks << 32) * prime;
    n = (n ^ n >> 29 ^ ((uint64_t)l->text << 32 | l->back)) * prime;
    n ^= n >> 32;
    return n == 0 ? 1 : n;
}

static uint32_t utf8(uint32_t c, char out[4])
{
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    uint32_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (uint32_t i = len; i-- > 1; c >>= 6) {
        out[i] = (char)(0x80 | (c & 0x3f));
    }
    out[0] = (char)(heads[len] | c);
    return len;
}

static void draw_lines(const struct ctx_draw *d, struct ctx_rect r, const struct look *l,
                       const struct ctx_font *font)
{
    int32_t thin = r.h / 16 > 0 ? r.h / 16 : 1;
    int32_t y = r.y + font->baseline + thin;
    y = y > r.y + r.h - 3 * thin ? r.y + r.h - 3 * thin : y;
    if (l->underline != VTERM_UNDERLINE_OFF) {
        ctx_draw_fill(d, CTX_RECT(r.x, y, r.w, thin), l->text);
    }
    if (l->underline == VTERM_UNDERLINE_DOUBLE) {
        ctx_draw_fill(d, CTX_RECT(r.x, y + 2 * thin, r.w, thin), l->text);
    }
    for (int32_t x = 0; l->underline == VTERM_UNDERLINE_CURLY && x < r.w; x += 4 * thin) {
        ctx_draw_fill(d, CTX_RECT(r.x + x, y + thin, 2 * thin, thin), l->text);
    }
    if (l->strike) {
        ctx_draw_fill(d, CTX_RECT(r.x, r.y + r.h / 2, r.w, thin), l->text);
    }
}

static void draw_cursor(const struct terminal *t, const struct ctx_draw *d, struct ctx_rect r,
                        uint8_t cursor)
{
    int32_t thin = t->theme.caret;
    if (cursor & CURSOR_IDLE) {
        ctx_draw_border(d, r, t->theme.border, t->theme.accent);
    } else if (cursor == VTERM_PROP_CURSORSHAPE_UNDERLINE) {
        ctx_draw_fill(d, CTX_RECT(r.x, r.y + r.h - thin, r.w, thin), t->theme.accent);
    } else if (cursor == VTERM_PROP_CURSORSHAPE_BAR_LEFT) {
        ctx_draw_fill(d, CTX_RECT(r.x, r.y, thin, r.h), t->theme.accent);
    }
}

/* What Spleen lacks DejaVu may have: arrows, signs of mathematics. The largest that nearly fits, in
 * the middle; NULL: neither has it. */
static const struct ctx_font *stand_in(uint32_t code, struct ctx_rect r, int32_t *x, int32_t *y)
{
    static const struct ctx_font *const fonts[] = {&ctx_font_sans_13, &ctx_font_sans_15,
                                                   &ctx_font_sans_18, &ctx_font_sans_26,
                                                   &ctx_font_sans_30, &ctx_font_sans_36};
    const struct ctx_font *best = NULL;
    for (uint32_t i = 0; i < sizeof fonts / sizeof fonts[0]; i++) {
        int32_t wide = ctx_font_glyph(fonts[i], code)->advance;
        if (ctx_font_has(fonts[i], code) && (best == NULL || wide <= r.w + r.w / 4) &&
            fonts[i]->height <= r.h + r.h / 4) {
            best = fonts[i];
            *x = r.x + (r.w - wide) / 2;
            *y = r.y + (r.h - best->height) / 2;
        }
    }
    return best;
}

static void draw_cell(const struct terminal *t, struct ctx_draw *d, const struct ctx_font *font,
                      struct ctx_rect r, const struct look *l)
{
    r.w *= l->wide ? 2 : 1;
    d->clip = r;
    ctx_draw_fill(d, r, l->back);
    if (l->code > ' ') {
        char text[4];
        uint32_t len = utf8(l->code, text);
        int32_t x = r.x, y = r.y;
        const struct ctx_font *other =
            ctx_font_has(font, l->code) ? NULL : stand_in(l->code, r, &x, &y);
        const struct ctx_font *face = other != NULL ? other : font;
        ctx_draw_text(d, face, x, y, text, len, l->text);
        if (l->bold) { /* Spleen has no bold: once more, a little to the right */
            ctx_draw_text(d, face, x + (r.h >= 32 ? r.h / 16 : 1), y, text, len, l->text);
        }
    }
    draw_lines(d, r, l, font);
    draw_cursor(t, d, r, l->cursor);
}

/* ---- the window ---- */

static uint8_t cursor_at(const struct client *c, uint64_t line, int column)
{
    const struct screen *s = &c->tty.screen;
    if (!s->visible || c->ended || line != screen_top(s) + (uint64_t)s->cursor.row ||
        column != s->cursor.col) {
        return 0;
    }
    return c->window.focused ? s->shape : (uint8_t)(s->shape | CURSOR_IDLE);
}

/* Cells of a row that look different; *damage grows by them. */
static void draw_row(const struct terminal *t, struct client *c, struct ctx_draw *d, int row,
                     VTermScreenCell *cells, struct ctx_rect *damage)
{
    const struct screen *s = &c->tty.screen;
    const struct window *w = &c->window;
    const struct ctx_font *font = draw_font(w->font);
    uint64_t line = window_first(c) + (uint64_t)row;
    int32_t pad = draw_pad(t);
    screen_line(s, line, cells);
    for (int column = 0; column < s->columns; column++) {
        uint64_t *kept = &w->looks[row * s->columns + column];
        struct look l =
            look_of(t, &cells[column], select_has(&w->selection, line, (uint32_t)column),
                    cursor_at(c, line, column));
        int half = column > 0 && cells[column].chars[0] == UINT32_MAX;
        uint64_t number = half ? 2 ^ w->looks[row * s->columns + column - 1] : number_of(&l);
        if (number == *kept) {
            continue;
        }
        *kept = number;
        struct ctx_rect r = {pad + column * w->cell_w, pad + row * w->cell_h, w->cell_w, w->cell_h};
        if (!half) { /* a wide one draws both */
            draw_cell(t, d, font, r, &l);
        }
        *damage = ctx_rect_or(*damage, r);
    }
}

/* Beside the text, how far it is scrolled back. */
static void draw_bar(const struct terminal *t, struct client *c, struct ctx_draw *d)
{
    struct window *w = &c->window;
    const struct screen *s = &c->tty.screen;
    int32_t pad = draw_pad(t), wide = pad > 4 ? pad - 2 : pad;
    struct ctx_rect all = {(int32_t)w->w - wide, 0, wide, (int32_t)w->h};
    if (w->back == 0 && !w->bar) {
        return;
    }
    w->bar = w->back != 0;
    d->clip = all;
    ctx_draw_fill(d, all, t->theme.field);
    if (w->bar) {
        uint64_t lines = screen_top(s) - screen_first(s) + (uint64_t)s->rows;
        uint64_t at = window_first(c) - screen_first(s);
        int32_t h = (int32_t)((uint64_t)w->h * (uint64_t)s->rows / lines);
        h = h < 16 ? 16 : h;
        int32_t y = (int32_t)(((uint64_t)w->h - (uint64_t)h) * at / (lines - (uint64_t)s->rows));
        ctx_draw_round(d, CTX_RECT(all.x, y, wide - 1, h), (wide - 1) / 2, t->theme.thumb);
    }
    t->ctx->display->damage(t->ctx->display, w->surface, (uint32_t)all.x, 0, (uint32_t)all.w, w->h);
}

void draw_window(struct terminal *t, struct client *c)
{
    struct window *w = &c->window;
    struct screen *s = &c->tty.screen;
    const struct ctx_display *display = t->ctx->display;
    struct ctx_rect damage = {0, 0, 0, 0};
    if (w->surface == 0) {
        return;
    }
    screen_flush(s);
    if (!s->changed && !w->redraw) {
        return;
    }
    void *pixels = display->pixels(display, w->surface);
    VTermScreenCell *cells = malloc(sizeof *cells * (size_t)s->columns);
    if (pixels == NULL || cells == NULL) {
        free(cells); /* another time */
        return;
    }
    struct ctx_draw d = ctx_draw_on(pixels, w->w, w->h, w->w, CTX_SURFACE_RGBX);
    if (w->redraw & REDRAW_ALL) {
        ctx_draw_fill(&d, d.clip, t->theme.field);
        __builtin_memset(w->looks, 0, sizeof w->looks[0] * (size_t)s->rows * (size_t)s->columns);
        damage = d.clip;
        w->bar = w->back != 0;
    }
    int all = w->redraw || w->back != 0;
    for (int row = 0; row < s->rows; row++) {
        if (all || s->dirty[row]) {
            draw_row(t, c, &d, row, cells, &damage);
        }
        s->dirty[row] = 0;
    }
    draw_bar(t, c, &d);
    s->changed = w->redraw = 0;
    free(cells);
    d.clip = CTX_RECT(0, 0, (int32_t)w->w, (int32_t)w->h);
    damage = ctx_rect_and(damage, d.clip);
    if (damage.w > 0) {
        display->damage(display, w->surface, (uint32_t)damage.x, (uint32_t)damage.y,
                        (uint32_t)damage.w, (uint32_t)damage.h);
    }
}
