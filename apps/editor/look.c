/* SPDX-License-Identifier: MIT */
/* Looking into a text: lines, characters, what stands where. */
#include "text.h"

#include <string.h>

uint32_t text_piece_of(struct text *t, uint32_t at, uint32_t *start)
{
    uint32_t i = t->near < t->count ? t->near : 0, begins = i == t->near ? t->near_at : 0;
    uint32_t line = i == t->near ? t->near_line : 0;
    while (i > 0 && at < begins) {
        i--;
        begins -= t->pieces[i].len;
        line -= t->pieces[i].lines;
    }
    while (i + 1 < t->count && at >= begins + t->pieces[i].len) {
        begins += t->pieces[i].len;
        line += t->pieces[i].lines;
        i++;
    }
    t->near = i;
    t->near_at = begins;
    t->near_line = line;
    *start = begins;
    return i;
}

const char *text_span(struct text *t, uint32_t at, uint32_t *len)
{
    uint32_t start;
    if (at >= t->len) {
        *len = 0;
        return "";
    }
    const struct text_piece *p = &t->pieces[text_piece_of(t, at, &start)];
    *len = p->len - (at - start);
    return p->bytes + (at - start);
}

uint32_t text_copy(struct text *t, uint32_t at, char *out, uint32_t len)
{
    uint32_t done = 0, n;
    while (done < len) {
        const char *from = text_span(t, at + done, &n);
        if (n == 0) {
            break;
        }
        n = n < len - done ? n : len - done;
        memcpy(out + done, from, n);
        done += n;
    }
    return done;
}

uint8_t text_byte(struct text *t, uint32_t at)
{
    uint32_t n;
    const char *p = text_span(t, at, &n);
    return n > 0 ? (uint8_t)*p : 0;
}

/* ---- lines ---- */

uint32_t text_line_of(struct text *t, uint32_t at)
{
    uint32_t start, line;
    at = at < t->len ? at : t->len;
    if (t->count == 0) {
        return 0;
    }
    const struct text_piece *p = &t->pieces[text_piece_of(t, at, &start)];
    line = t->near_line;
    for (uint32_t i = 0; i < at - start; i++) {
        line += p->bytes[i] == '\n';
    }
    return line;
}

uint32_t text_line_start(struct text *t, uint32_t line)
{
    if (line == 0) {
        return 0;
    }
    if (line > t->lines) {
        return t->len;
    }
    /* The piece with that many newlines before its end. */
    uint32_t i = t->near < t->count ? t->near : 0;
    uint32_t begins = i == t->near ? t->near_at : 0, before = i == t->near ? t->near_line : 0;
    while (i > 0 && before >= line) {
        i--;
        begins -= t->pieces[i].len;
        before -= t->pieces[i].lines;
    }
    while (before + t->pieces[i].lines < line) {
        begins += t->pieces[i].len;
        before += t->pieces[i].lines;
        i++;
    }
    t->near = i;
    t->near_at = begins;
    t->near_line = before;
    const char *p = t->pieces[i].bytes;
    for (; before < line; p++) {
        before += *p == '\n';
    }
    return begins + (uint32_t)(p - t->pieces[i].bytes);
}

uint32_t text_line_end(struct text *t, uint32_t line)
{
    return line < t->lines ? text_line_start(t, line + 1) - 1 : t->len;
}

/* ---- characters ---- */

uint32_t text_chars(struct text *t, uint32_t from, uint32_t to)
{
    uint32_t chars = 0;
    while (from < to) {
        uint32_t start, i = text_piece_of(t, from, &start);
        const struct text_piece *p = &t->pieces[i];
        uint32_t end = start + p->len < to ? start + p->len : to;
        if (from >= t->len) {
            break;
        }
        if (from == start && end == start + p->len) {
            chars += p->chars;
        } else {
            for (uint32_t k = from; k < end; k++) {
                chars += ((uint8_t)p->bytes[k - start] & 0xc0) != 0x80;
            }
        }
        from = end;
    }
    return chars;
}

uint32_t text_skip(struct text *t, uint32_t from, uint32_t n, uint32_t to)
{
    to = to < t->len ? to : t->len;
    while (from < to) {
        uint32_t start, i = text_piece_of(t, from, &start);
        const struct text_piece *p = &t->pieces[i];
        uint32_t end = start + p->len < to ? start + p->len : to;
        if (from == start && end == start + p->len && p->chars <= n) {
            n -= p->chars;
            from = end;
            continue;
        }
        for (; from < end; from++) {
            if (((uint8_t)p->bytes[from - start] & 0xc0) != 0x80) {
                if (n == 0) {
                    return from;
                }
                n--;
            }
        }
    }
    return to;
}

uint32_t text_next(struct text *t, uint32_t at)
{
    if (at >= t->len) {
        return t->len;
    }
    do {
        at++;
    } while (at < t->len && (text_byte(t, at) & 0xc0) == 0x80);
    return at;
}

uint32_t text_before(struct text *t, uint32_t at)
{
    if (at == 0) {
        return 0;
    }
    do {
        at--;
    } while (at > 0 && (text_byte(t, at) & 0xc0) == 0x80);
    return at;
}

/* ---- searching ---- */

static uint8_t fold(uint8_t c, uint32_t flags)
{
    return (flags & TEXT_FOLD) != 0 && c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static int is_there(struct text *t, uint32_t at, const char *what, uint32_t len, uint32_t flags)
{
    uint32_t done = 0, n;
    if (len > t->len - at) {
        return 0;
    }
    while (done < len) {
        const char *p = text_span(t, at + done, &n);
        n = n < len - done ? n : len - done;
        for (uint32_t i = 0; i < n; i++) {
            if (fold((uint8_t)p[i], flags) != fold((uint8_t)what[done + i], flags)) {
                return 0;
            }
        }
        done += n;
    }
    return 1;
}

int text_find(struct text *t, uint32_t from, uint32_t to, const char *what, uint32_t len,
              uint32_t flags, uint32_t *at)
{
    uint32_t n;
    if (len == 0 || len > t->len) {
        return 0;
    }
    to = to < t->len - len + 1 ? to : t->len - len + 1;
    uint8_t first = fold((uint8_t)what[0], flags);
    while (from < to) {
        const char *p = text_span(t, from, &n);
        n = n < to - from ? n : to - from;
        for (uint32_t i = 0; i < n; i++) {
            if (fold((uint8_t)p[i], flags) == first) {
                if (is_there(t, from + i, what, len, flags)) {
                    *at = from + i;
                    return 1;
                }
                uint32_t all;
                p = text_span(t, from, &all); /* `near` was elsewhere; the bytes are the same */
            }
        }
        from += n;
    }
    return 0;
}

int text_find_back(struct text *t, uint32_t to, const char *what, uint32_t len, uint32_t flags,
                   uint32_t *at)
{
    if (len == 0 || len > t->len || to < len) {
        return 0;
    }
    uint8_t first = fold((uint8_t)what[0], flags);
    uint32_t start, i = to - len + 1;
    i = i < t->len - len + 1 ? i : t->len - len + 1;
    while (i > 0) {
        const struct text_piece *p = &t->pieces[text_piece_of(t, i - 1, &start)];
        for (; i > start; i--) {
            if (fold((uint8_t)p->bytes[i - 1 - start], flags) == first &&
                is_there(t, i - 1, what, len, flags)) {
                *at = i - 1;
                return 1;
            }
        }
    }
    return 0;
}
