/* SPDX-License-Identifier: MIT */
/* Letters: what <ctx/font.h> says of their rows, a run at a time. */
#include "draw.h"

#include <ctx/font.h>
#include <stddef.h>

#define REPLACEMENT 0xfffdu
#define ELLIPSIS    "\xe2\x80\xa6"

uint32_t ctx_utf8_next(const char *text, uint32_t len, uint32_t *at)
{
    const uint8_t *s = (const uint8_t *)text + *at;
    uint32_t left = len - *at;
    if (*at >= len || (len == CTX_TEXT_ALL && s[0] == 0)) {
        return 0;
    }
    if (s[0] < 0x80) {
        *at += 1;
        return s[0] != 0 ? s[0] : REPLACEMENT;
    }
    uint32_t more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
    uint32_t code = s[0] & (0x3fu >> more), least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    if (s[0] < 0xc2 || s[0] > 0xf4 || left <= more) {
        *at += 1;
        return REPLACEMENT;
    }
    for (uint32_t i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) { /* a NUL, too, so nothing behind it is read */
            *at += 1;
            return REPLACEMENT;
        }
        code = code << 6 | (s[i] & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        *at += 1;
        return REPLACEMENT;
    }
    *at += more + 1;
    return code;
}

uint32_t ctx_utf8_before(const char *text, uint32_t at)
{
    for (uint32_t back = 1; back <= 4 && back <= at; back++) {
        uint32_t from = at - back, to = from;
        if (((uint8_t)text[from] & 0xc0) != 0x80) {
            ctx_utf8_next(text, at, &to);
            return to == at ? from : at - 1;
        }
    }
    return at > 0 ? at - 1 : 0;
}

static const struct ctx_glyph *find(const struct ctx_font *font, uint32_t code)
{
    uint32_t low = 0, high = font->ranges;
    if (code - font->range[0].first < font->range[0].count) {
        return &font->glyph[font->range[0].glyph + code - font->range[0].first];
    }
    while (low < high) {
        const struct ctx_font_range *range = &font->range[(low + high) / 2];
        if (code < range->first) {
            high = (low + high) / 2;
        } else if (code - range->first < range->count) {
            return &font->glyph[range->glyph + code - range->first];
        } else {
            low = (low + high) / 2 + 1;
        }
    }
    return NULL;
}

const struct ctx_glyph *ctx_font_glyph(const struct ctx_font *font, uint32_t code)
{
    const struct ctx_glyph *glyph = find(font, code);
    return glyph != NULL ? glyph : &font->glyph[font->glyphs - 1];
}

int ctx_font_has(const struct ctx_font *font, uint32_t code)
{
    return find(font, code) != NULL;
}

/* Bytes that fit into width, and the pixels that they take. */
static uint32_t fit(const struct ctx_font *font, const char *text, uint32_t len, int32_t width,
                    int32_t *used)
{
    uint32_t at = 0;
    *used = 0;
    for (;;) {
        uint32_t next = at, code = ctx_utf8_next(text, len, &next);
        int32_t advance = ctx_font_glyph(font, code)->advance;
        if (next == at || *used > width - advance) {
            return at;
        }
        *used += advance;
        at = next;
    }
}

int32_t ctx_text_width(const struct ctx_font *font, const char *text, uint32_t len)
{
    int32_t used;
    fit(font, text, len, INT32_MAX, &used);
    return used;
}

uint32_t ctx_text_fit(const struct ctx_font *font, const char *text, uint32_t len, int32_t width)
{
    int32_t used;
    return fit(font, text, len, width, &used);
}

uint32_t ctx_text_at(const struct ctx_font *font, const char *text, uint32_t len, int32_t x)
{
    int32_t used;
    uint32_t at = fit(font, text, len, x, &used), next = at;
    uint32_t code = ctx_utf8_next(text, len, &next);
    return next != at && x - used > ctx_font_glyph(font, code)->advance / 2 ? next : at;
}

/* A row of a glyph, n times from `line` on (rows of the target); answers where the next begins. */
static const uint8_t *row_of(const struct ctx_draw *d, struct ctx_rect s, const uint8_t *from,
                             int32_t x, int32_t line, uint32_t color)
{
    const uint8_t *end = from;
    while (*end < 0xc0) {
        end++;
    }
    int32_t low = line, high = line + (*end & 63) + 1;
    low = low < s.y ? s.y : low;
    high = high > s.y + s.h ? s.y + s.h : high;
    uint32_t alpha = color >> 24;
    for (; low < high; low++) {
        uint32_t *row = d->pixels + (size_t)low * (size_t)d->pitch;
        int32_t at = x;
        for (const uint8_t *p = from; p < end; p++) {
            int32_t n = *p < 0x80 ? (*p & 63) + 1 : 1;
            if (*p >= 0x80) {
                if (at >= s.x && at < s.x + s.w) {
                    draw_run(d, row + at, 1, color, (*p & 15u) * 17 * alpha / 255);
                }
            } else if (*p >= 0x40) {
                int32_t left = at < s.x ? s.x : at, right = at + n > s.x + s.w ? s.x + s.w : at + n;
                if (left < right) {
                    draw_run(d, row + left, right - left, color, alpha);
                }
            }
            at += n;
        }
    }
    return end + 1;
}

int32_t ctx_draw_text(const struct ctx_draw *d, const struct ctx_font *font, int32_t x, int32_t y,
                      const char *text, uint32_t len, uint32_t color)
{
    struct ctx_rect s = ctx_rect_and(d->clip, CTX_RECT(0, 0, d->w, d->h));
    uint32_t at = 0;
    int32_t pen = x;
    for (uint32_t code; (code = ctx_utf8_next(text, len, &at)) != 0;) {
        const struct ctx_glyph *glyph = ctx_font_glyph(font, code);
        const uint8_t *from = font->data + glyph->at;
        int32_t line = y + glyph->top, end = line + glyph->rows;
        if (d->pixels != NULL && pen < s.x + s.w && pen + 128 > s.x - 128) {
            while (line < end && line < s.y + s.h) {
                const uint8_t *next = row_of(d, s, from, pen + glyph->left, line, color);
                line += (next[-1] & 63) + 1;
                from = next;
            }
        }
        pen += glyph->advance;
    }
    return pen - x;
}

void ctx_draw_text_in(const struct ctx_draw *d, const struct ctx_font *font, struct ctx_rect r,
                      const char *text, uint32_t len, uint32_t align, uint32_t color)
{
    struct ctx_draw inside = *d;
    inside.clip = ctx_rect_and(d->clip, r);
    if (inside.clip.w == 0) {
        return;
    }
    int32_t used, y = r.y + (r.h - font->height) / 2;
    uint32_t whole = fit(font, text, len, r.w, &used), behind = whole;
    if (ctx_utf8_next(text, len, &behind) != 0) { /* not all of it */
        int32_t dots = ctx_text_width(font, ELLIPSIS, CTX_TEXT_ALL);
        whole = fit(font, text, len, r.w - dots, &used);
        ctx_draw_text(&inside, font, r.x, y, text, whole, color);
        ctx_draw_text(&inside, font, r.x + used, y, ELLIPSIS, CTX_TEXT_ALL, color);
        return;
    }
    int32_t x = align == CTX_TEXT_CENTER  ? (r.w - used) / 2
                : align == CTX_TEXT_RIGHT ? r.w - used
                                          : 0;
    ctx_draw_text(&inside, font, r.x + x, y, text, whole, color);
}
