/* SPDX-License-Identifier: MIT */
/*
 * The scanf family, narrow and wide by one engine. It reads one character ahead and gives it back,
 * so what a conversion took is what glibc's takes.
 */
#include "scan_private.h"

#include <ctype.h>
#include <string.h>
#include <wctype.h>

/* ---- input ---- */

int32_t ctx_c_scan_next(struct in *in)
{
    if (in->last == END) {
        return END;
    }
    if (in->held != END) {
        in->last = in->held;
        in->held = END;
    } else if (in->wide) {
        wint_t c = fgetwc(in->file);
        in->last = c == WEOF ? END : (int32_t)c;
    } else {
        in->last = getc(in->file);
    }
    in->count += in->last != END;
    return in->last;
}

void ctx_c_scan_back(struct in *in, int32_t c)
{
    if (c == END) {
        return;
    }
    in->count--;
    if (in->wide) {
        in->held = c;
    } else {
        ungetc(c, in->file);
    }
}

bool ctx_c_scan_is_blank(const struct in *in, int32_t c)
{
    return c != END && (in->wide ? iswspace((wint_t)c) != 0 : isspace(c) != 0);
}

int32_t ctx_c_scan_skip(struct in *in)
{
    int32_t c;
    do {
        c = ctx_c_scan_next(in);
    } while (ctx_c_scan_is_blank(in, c));
    return c;
}

/* ---- formats ---- */

/* The conversion behind the % in front of i; s->next stands at its argument. */
static struct spec parse(struct ctx_c_walk *s, size_t i)
{
    struct spec spec = {.width = -1};
    uint32_t number = ctx_c_argument_at(s, &i);
    if (number != 0) {
        va_end(s->next);
        va_copy(s->next, s->start);
        for (uint32_t n = 1; n < number; n++) {
            (void)va_arg(s->next, void *);
        }
    }
    for (uint32_t c; (c = ctx_c_at(s, i)) == '*' || c == '\'' || c == 'I'; i++) {
        spec.suppress |= c == '*';
    }
    if (ctx_c_at(s, i) >= '0' && ctx_c_at(s, i) <= '9') {
        spec.width = ctx_c_number_at(s, &i);
        spec.width = spec.width == 0 ? -1 : spec.width;
    }
    if (ctx_c_at(s, i) == 'm') {
        spec.allocate = true;
        i++;
    }
    spec.conversion = ctx_c_conversion_at(s, &i, &spec.length);
    spec.end = i;
    if (spec.conversion == '[') {
        spec.negated = ctx_c_at(s, spec.end) == '^';
        spec.set = spec.end += spec.negated;
        spec.end += ctx_c_at(s, spec.end) == ']';
        while (ctx_c_at(s, spec.end) != 0 && ctx_c_at(s, spec.end) != ']') {
            spec.end++;
        }
        if (ctx_c_at(s, spec.end) == 0) {
            spec.conversion = 0; /* a set without an end */
        } else {
            spec.end++;
        }
    }
    return spec;
}

/* ---- all of it ---- */

/* Something that is stored, or taken and thrown away. */
static enum outcome convert(struct in *in, const struct ctx_c_walk *s, struct spec *spec, void *to)
{
    switch (spec->conversion) {
    case 'd':
        return ctx_c_scan_integer(in, spec, 10, true, to);
    case 'i':
        return ctx_c_scan_integer(in, spec, 0, true, to);
    case 'u':
        return ctx_c_scan_integer(in, spec, 10, false, to);
    case 'o':
        return ctx_c_scan_integer(in, spec, 8, false, to);
    case 'p':
        spec->length = LENGTH_LONG;
        return ctx_c_scan_integer(in, spec, 16, false, to);
    case 'x':
    case 'X':
        return ctx_c_scan_integer(in, spec, 16, false, to);
    case 'c':
    case 's':
    case '[':
        return ctx_c_scan_text(in, s, spec, to);
    default:
        return ctx_c_scan_float(in, spec, to);
    }
}

/* One piece of the format; *done counts what is stored. */
static enum outcome piece(struct in *in, struct ctx_c_walk *s, size_t *i, int *done)
{
    uint32_t c = ctx_c_at(s, (*i)++);
    if (s->wide ? iswspace((wint_t)c) != 0 : isspace((int)c) != 0) {
        ctx_c_scan_back(in, ctx_c_scan_skip(in));
        return DONE;
    }
    bool percent = c == '%' && ctx_c_at(s, *i) == '%';
    if (c != '%' || percent) {
        *i += percent;
        int32_t got = percent ? ctx_c_scan_skip(in) : ctx_c_scan_next(in);
        if (got == (int32_t)c) {
            return DONE;
        }
        ctx_c_scan_back(in, got);
        return got == END ? NO_INPUT : MISMATCH;
    }
    struct spec spec = parse(s, *i);
    *i = spec.end;
    if (spec.conversion == 0 || spec.conversion > 127 ||
        strchr("diuoxXpcs[aAeEfFgGn", (int)spec.conversion) == NULL) {
        return MISMATCH;
    }
    void *to = spec.suppress ? NULL : va_arg(s->next, void *);
    if (spec.conversion == 'n') {
        if (to != NULL) {
            ctx_c_store_integer(to, spec.length, (uint64_t)in->count);
        }
        return DONE;
    }
    enum outcome outcome = convert(in, s, &spec, to);
    *done += outcome == DONE && !spec.suppress;
    return outcome;
}

static int scan(struct in *in, const void *format, va_list args)
{
    struct ctx_c_walk s = {.format = format, .wide = in->wide};
    va_copy(s.start, args);
    va_copy(s.next, args);
    enum outcome outcome = DONE;
    int done = 0;
    for (size_t i = 0; outcome == DONE && ctx_c_at(&s, i) != 0;) {
        outcome = piece(in, &s, &i, &done);
    }
    va_end(s.next);
    va_end(s.start);
    if (in->held != END) {
        ungetwc((wint_t)in->held, in->file);
    }
    return outcome == NO_INPUT && done == 0 ? EOF : done;
}

int vfscanf(FILE *file, const char *format, va_list args)
{
    struct in in = {.file = file, .held = END};
    return scan(&in, format, args);
}

int vfwscanf(FILE *file, const wchar_t *format, va_list args)
{
    struct in in = {.file = file, .wide = true, .held = END};
    return scan(&in, format, args);
}

/* By this name picolibc's own functions call it. */
int __d_vfscanf(FILE *file, const char *format, va_list args)
    __attribute__((alias("vfscanf"), nonnull(2)));
