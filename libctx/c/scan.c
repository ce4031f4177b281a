/* SPDX-License-Identifier: MIT */
/*
 * The scanf family, narrow and wide by one engine. It reads one character ahead and gives it back,
 * so what a conversion took is what glibc's takes: the longest text that may begin a number, of
 * which strtod uses what is one.
 */
#include "formats.h"
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#define END (-1)

struct in {
    FILE *file;
    bool wide;
    int32_t held; /* wide: one that was given back; END: none */
    int32_t last; /* END: there is no more */
    int64_t count;
};

struct spec {
    enum ctx_c_length length;
    uint32_t conversion;
    int64_t width; /* what is left of it; -1: no limit */
    bool suppress, allocate;
    size_t set; /* [: where the set begins, behind ^ */
    size_t end;
    bool negated;
};

enum outcome {
    DONE,
    MISMATCH,
    NO_INPUT,
};

static int32_t next(struct in *in)
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

static void back(struct in *in, int32_t c)
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

static bool blank(const struct in *in, int32_t c)
{
    return c != END && (in->wide ? iswspace((wint_t)c) != 0 : isspace(c) != 0);
}

/* The first character that is no blank, not given back. */
static int32_t skip(struct in *in)
{
    int32_t c;
    do {
        c = next(in);
    } while (blank(in, c));
    return c;
}

static int32_t lower(int32_t c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool digit(int32_t c)
{
    return c >= '0' && c <= '9';
}

static bool hex_digit(int32_t c)
{
    return digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* One less is left; -1, no limit, stays. */
static void took(struct spec *spec)
{
    spec->width -= spec->width > 0;
}

/* ---- whole numbers ---- */

/* As strtol or strtoul would have it. */
static uint64_t limited(uint64_t value, bool overflow, bool is_signed, bool minus)
{
    uint64_t most = is_signed ? (uint64_t)INT64_MAX + minus : UINT64_MAX;
    if (overflow || value > most) {
        errno = ERANGE;
        return most;
    }
    return minus ? -value : value;
}

/* "(nil)", the way a null pointer is printed. */
static enum outcome scan_nil(struct in *in, struct spec *spec, int32_t c)
{
    static const char nil[] = "(nil)";
    for (uint32_t i = 0; i < 5; i++) {
        if (i > 0) {
            c = spec->width == 0 ? END : next(in);
        }
        if (lower(c) != nil[i]) {
            back(in, c);
            return MISMATCH;
        }
        took(spec);
    }
    return DONE;
}

static enum outcome scan_integer(struct in *in, struct spec *spec, uint32_t base, bool is_signed,
                                 void *to)
{
    int32_t c = skip(in);
    bool minus = c == '-', any = false, overflow = false;
    uint64_t value = 0;
    if (c == END) {
        return NO_INPUT;
    }
    if (c == '-' || c == '+') {
        took(spec);
        c = spec->width == 0 ? END : next(in);
    } else if (spec->conversion == 'p' && c == '(' && (spec->width < 0 || spec->width >= 5)) {
        enum outcome outcome = scan_nil(in, spec, c);
        if (outcome == DONE && to != NULL) {
            *(void **)to = NULL;
        }
        return outcome;
    }
    if (spec->width != 0 && c == '0') {
        any = true;
        took(spec);
        c = spec->width == 0 ? END : next(in);
        if (lower(c) == 'x' && (base == 0 || base == 16)) {
            base = 16;
            took(spec);
            c = spec->width == 0 ? END : next(in);
        } else if (base == 0) {
            base = 8;
        }
    }
    base = base == 0 ? 10 : base;
    while (c != END) {
        uint32_t d = digit(c)       ? (uint32_t)c - '0'
                     : hex_digit(c) ? (uint32_t)lower(c) - 'a' + 10
                                    : 16;
        if (d >= base) {
            back(in, c);
            break;
        }
        any = true;
        overflow |= __builtin_mul_overflow(value, base, &value);
        overflow |= __builtin_add_overflow(value, d, &value);
        took(spec);
        c = spec->width == 0 ? END : next(in);
    }
    if (!any) {
        return MISMATCH;
    }
    value = limited(value, overflow, is_signed, minus);
    if (to != NULL) {
        ctx_c_store_integer(to, spec->length, value);
    }
    return DONE;
}

/* ---- texts that grow ---- */

struct text {
    char *bytes;
    size_t len, room;
    bool failed;
    char own[64];
};

static void add_bytes(struct text *t, const void *bytes, size_t len)
{
    if (t->room - t->len < len && !t->failed) {
        size_t room = t->room * 2 + len;
        char *bigger = malloc(room);
        if (bigger == NULL) {
            t->failed = true;
            return;
        }
        memcpy(bigger, t->bytes, t->len);
        if (t->bytes != t->own) {
            free(t->bytes);
        }
        t->bytes = bigger;
        t->room = room;
    }
    if (!t->failed) {
        memcpy(t->bytes + t->len, bytes, len);
        t->len += len;
    }
}

static void start_text(struct text *t)
{
    t->bytes = t->own;
    t->len = 0;
    t->room = sizeof t->own;
    t->failed = false;
}

static void end_text(struct text *t)
{
    if (t->bytes != t->own) {
        free(t->bytes);
    }
}

static void add(struct text *t, int32_t c)
{
    char byte = (char)c;
    add_bytes(t, &byte, 1);
}

/* ---- floating point ---- */

/* The rest of a word, of which c was the first letter that matched. */
static bool rest_of(struct in *in, struct spec *spec, struct text *t, const char *rest)
{
    for (; *rest != 0; rest++) {
        int32_t c = spec->width == 0 ? END : next(in);
        if (lower(c) != *rest) {
            back(in, c);
            return false;
        }
        took(spec);
        add(t, c);
    }
    return true;
}

static bool collect_word(struct in *in, struct spec *spec, struct text *t, int32_t c)
{
    add(t, c);
    if (lower(c) == 'n') {
        return rest_of(in, spec, t, "an");
    }
    if (!rest_of(in, spec, t, "nf")) {
        return false;
    }
    c = spec->width == 0 ? END : next(in);
    if (lower(c) != 'i') {
        back(in, c);
        return true;
    }
    took(spec);
    add(t, c);
    return rest_of(in, spec, t, "nity");
}

static bool collect_number(struct in *in, struct spec *spec, struct text *t, int32_t c)
{
    bool is_hex = false, any = false, point = false, power = false, sign = false;
    if (c == '0' && spec->width != 0) {
        add(t, c);
        c = next(in);
        took(spec);
        any = spec->width == 0 || lower(c) != 'x'; /* an x that is the last one allowed is none */
        if (!any) {
            add(t, c);
            is_hex = true;
            c = next(in);
            took(spec);
        }
    }
    size_t start = t->len;
    int32_t letter = is_hex ? 'p' : 'e';
    while (c != END) {
        if (digit(c) || (!power && is_hex && hex_digit(c))) {
            any = true;
            sign = false;
        } else if (sign && (c == '-' || c == '+')) {
            sign = false;
        } else if (any && !power && lower(c) == letter) {
            power = point = sign = true;
        } else if (!point && c == '.') {
            point = true;
        } else {
            back(in, c);
            break;
        }
        add(t, c);
        c = spec->width == 0 ? END : next(in);
        if (c != END) {
            took(spec);
        }
    }
    return !is_hex || t->len > start;
}

static enum outcome scan_float(struct in *in, struct spec *spec, void *to)
{
    int32_t c = skip(in);
    if (c == END) {
        return NO_INPUT;
    }
    took(spec);
    struct text t;
    start_text(&t);
    bool fine = true;
    if (c == '-' || c == '+') {
        add(&t, c);
        c = spec->width == 0 ? END : next(in);
        took(spec);
        fine = c != END;
    }
    if (fine) {
        fine = lower(c) == 'n' || lower(c) == 'i' ? collect_word(in, spec, &t, c)
                                                  : collect_number(in, spec, &t, c);
    }
    add(&t, 0);
    if (t.failed) {
        end_text(&t);
        errno = ENOMEM;
        return NO_INPUT;
    }
    size_t used = 0;
    if (fine) {
        enum ctx_c_format format = spec->length == LENGTH_LONG          ? CTX_C_DOUBLE
                                   : spec->length == LENGTH_LONG_DOUBLE ? CTX_C_LONG_DOUBLE
                                                                        : CTX_C_FLOAT;
        long double value = ctx_c_to_binary(t.bytes, false, format, &used);
        if (used > 0 && to != NULL) {
            if (format == CTX_C_FLOAT) {
                *(float *)to = (float)value;
            } else if (format == CTX_C_DOUBLE) {
                *(double *)to = (double)value;
            } else {
                *(long double *)to = value;
            }
        }
    }
    end_text(&t);
    return used > 0 ? DONE : MISMATCH;
}

/* ---- characters and texts ---- */

/* Characters on their way to the app: into its memory, or with m into a block that grows. */
struct target {
    char *to; /* NULL: nobody wants them */
    bool allocate;
    bool wide; /* it wants wchar_t */
    struct text text;
    mbstate_t state;
};

static void deliver(struct target *t, const void *bytes, size_t len)
{
    if (t->allocate) {
        add_bytes(&t->text, bytes, len);
    } else if (t->to != NULL) {
        memcpy(t->to, bytes, len);
        t->to += len;
    }
}

/* One character of the input, narrow or wide; false: that is none in this locale. */
static bool give(struct target *t, const struct in *in, int32_t c)
{
    char bytes[MB_LEN_MAX] = {(char)c};
    if (in->wide == t->wide) {
        if (t->wide) {
            deliver(t, &c, sizeof c);
        } else {
            deliver(t, bytes, 1);
        }
        return true;
    }
    if (t->wide) {
        wchar_t wide = 0;
        size_t n = mbrtowc(&wide, bytes, 1, &t->state);
        if (n == (size_t)-2) {
            return true; /* the next byte belongs to it */
        }
        if (n <= 1) {
            deliver(t, &wide, sizeof wide);
        }
        return n <= 1;
    }
    size_t n = wcrtomb(bytes, (wchar_t)c, &t->state);
    if (n <= MB_LEN_MAX) {
        deliver(t, bytes, n);
    }
    return n <= MB_LEN_MAX;
}

/* A hyphen stands for itself where it can not mean a range: first, last, behind a greater
 * character. What ends one range may begin another ("a-c-e"); if it is a hyphen, that is so in
 * narrow formats only, as in glibc. */
static bool in_set(const struct ctx_c_walk *s, const struct spec *spec, uint32_t c)
{
    size_t i = spec->set;
    do {
        uint32_t one = ctx_c_at(s, i);
        uint32_t up = ctx_c_at(s, i + 1);
        if (one == '-' && i > spec->set && up != ']' && ctx_c_at(s, i - 1) <= up) {
            if (c >= ctx_c_at(s, i - 1) && c <= up) {
                return true;
            }
            i += s->wide;
        } else if (one == c) {
            return true;
        }
        i++;
    } while (ctx_c_at(s, i) != ']');
    return false;
}

/* One character of a multibyte sequence is as long as its bytes: a width counts whole characters of
 * what is stored. */
static bool is_whole(const struct target *t)
{
    return mbsinit(&t->state) != 0;
}

static enum outcome scan_text(struct in *in, const struct ctx_c_walk *s, struct spec *spec,
                              void *to)
{
    struct target t = {.to = spec->allocate ? NULL : to,
                       .allocate = spec->allocate && to != NULL,
                       .wide = spec->length == LENGTH_LONG};
    uint32_t kind = spec->conversion;
    int64_t left = spec->width < 0 ? (kind == 'c' ? 1 : INT64_MAX) : spec->width;
    int32_t c = kind == 's' ? skip(in) : next(in);
    enum outcome outcome = c == END ? NO_INPUT : DONE;
    bool any = false;
    start_text(&t.text);
    while (outcome == DONE && c != END) {
        bool fits = kind == 'c' ||
                    (kind == 's' ? !blank(in, c) : in_set(s, spec, (uint32_t)c) != spec->negated);
        if (!fits) {
            back(in, c);
            break;
        }
        any = true;
        if (!give(&t, in, c)) {
            errno = EILSEQ;
            outcome = MISMATCH;
        }
        left -= is_whole(&t);
        c = outcome == DONE && left > 0 ? next(in) : END;
    }
    if (outcome == DONE && !is_whole(&t)) {
        errno = EILSEQ;
        outcome = MISMATCH;
    } else if (outcome == DONE && !any) {
        outcome = MISMATCH;
    }
    if (outcome == DONE && kind != 'c') {
        const wchar_t zero = 0;
        deliver(&t, &zero, t.wide ? sizeof zero : 1);
    }
    if (t.allocate && outcome == DONE) {
        char *copy = t.text.failed ? NULL : malloc(t.text.len);
        if (copy == NULL) {
            errno = ENOMEM;
            outcome = NO_INPUT;
        } else {
            memcpy(copy, t.text.bytes, t.text.len);
            *(void **)to = copy;
        }
    }
    end_text(&t.text);
    return outcome;
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
    if (digit((int32_t)ctx_c_at(s, i))) {
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

/* Something that is stored, or taken and thrown away. */
static enum outcome convert(struct in *in, const struct ctx_c_walk *s, struct spec *spec, void *to)
{
    switch (spec->conversion) {
    case 'd':
        return scan_integer(in, spec, 10, true, to);
    case 'i':
        return scan_integer(in, spec, 0, true, to);
    case 'u':
        return scan_integer(in, spec, 10, false, to);
    case 'o':
        return scan_integer(in, spec, 8, false, to);
    case 'p':
        spec->length = LENGTH_LONG;
        return scan_integer(in, spec, 16, false, to);
    case 'x':
    case 'X':
        return scan_integer(in, spec, 16, false, to);
    case 'c':
    case 's':
    case '[':
        return scan_text(in, s, spec, to);
    default:
        return scan_float(in, spec, to);
    }
}

/* One piece of the format; *done counts what is stored. */
static enum outcome piece(struct in *in, struct ctx_c_walk *s, size_t *i, int *done)
{
    uint32_t c = ctx_c_at(s, (*i)++);
    if (s->wide ? iswspace((wint_t)c) != 0 : isspace((int)c) != 0) {
        back(in, skip(in));
        return DONE;
    }
    bool percent = c == '%' && ctx_c_at(s, *i) == '%';
    if (c != '%' || percent) {
        *i += percent;
        int32_t got = percent ? skip(in) : next(in);
        if (got == (int32_t)c) {
            return DONE;
        }
        back(in, got);
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
