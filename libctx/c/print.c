/* SPDX-License-Identifier: MIT */
/*
 * The printf family, narrow and wide by one engine, exact to the last digit that is asked for, also
 * for long double; picolibc's stops at 17 digits and shortens long double. Differences to glibc
 * stand in libctx/doc/picolibc.md, and ctest/linux/libc_fuzz.py compares.
 */
#include "glue.h"
#include "print_private.h"

#include <string.h>

/* ---- formats ---- */

static uint32_t flag_of(uint32_t c)
{
    switch (c) {
    case '-':
        return FLAG_LEFT;
    case '+':
        return FLAG_SIGN;
    case ' ':
        return FLAG_SPACE;
    case '#':
        return FLAG_ALTERNATE;
    case '0':
        return FLAG_ZERO;
    default:
        return 0;
    }
}

/* The conversion behind the % in front of i. */
static struct spec parse(const struct ctx_c_walk *s, size_t i)
{
    struct spec spec = {.width = -1, .precision = -1};
    uint32_t first = ctx_c_at(s, i);
    if (first == 'd' || first == 's' || first == 'u' || first == 'x' || first == 'c') {
        spec.conversion = first; /* as most are */
        spec.end = i + 1;
        return spec;
    }
    spec.value_from = first >= '1' && first <= '9' ? ctx_c_argument_at(s, &i) : 0;
    for (uint32_t c; flag_of(c = ctx_c_at(s, i)) != 0 || c == '\'' || c == 'I'; i++) {
        spec.flags |= flag_of(c); /* "C" has no grouping and no other digits */
    }
    if (ctx_c_at(s, i) == '*') {
        spec.flags |= FLAG_WIDTH_STAR;
        i++;
        spec.width_from = ctx_c_argument_at(s, &i);
    } else if (ctx_c_at(s, i) >= '1' && ctx_c_at(s, i) <= '9') {
        spec.width = ctx_c_number_at(s, &i);
    }
    if (ctx_c_at(s, i) == '.') {
        i++;
        if (ctx_c_at(s, i) == '*') {
            spec.flags |= FLAG_PRECISION_STAR;
            i++;
            spec.precision_from = ctx_c_argument_at(s, &i);
        } else {
            spec.precision = ctx_c_number_at(s, &i);
        }
    }
    spec.conversion = ctx_c_conversion_at(s, &i, &spec.length);
    spec.end = i;
    return spec;
}

/* ---- arguments ---- */

static bool is_float(uint32_t conversion)
{
    return conversion != 0 && conversion < 128 && strchr("aAeEfFgG", (int)conversion) != NULL;
}

/* Goes to argument `number`, for the types of those in front of it through the format from its
 * beginning: slow, and without any limit. */
static void go_to(struct ctx_c_walk *s, uint32_t number)
{
    va_end(s->next);
    va_copy(s->next, s->start);
    for (uint32_t n = 1; n < number; n++) {
        char type = 'i';
        for (size_t i = 0; ctx_c_at(s, i) != 0;) {
            if (ctx_c_at(s, i++) != '%') {
                continue;
            }
            struct spec spec = parse(s, i);
            i = spec.end;
            if (spec.value_from == n && is_float(spec.conversion)) {
                type = spec.length == LENGTH_LONG_DOUBLE ? 'l' : 'd';
            }
        }
        if (type == 'l') {
            (void)va_arg(s->next, long double);
        } else if (type == 'd') {
            (void)va_arg(s->next, double);
        } else {
            (void)va_arg(s->next, long); /* an int takes as much */
        }
    }
}

static int int_argument(struct ctx_c_walk *s, uint32_t from)
{
    if (from != 0) {
        go_to(s, from);
    }
    return va_arg(s->next, int);
}

static int64_t signed_argument(struct ctx_c_walk *s, enum ctx_c_length length)
{
    switch (length) {
    case LENGTH_INT:
        return va_arg(s->next, int);
    case LENGTH_CHAR:
        return (signed char)va_arg(s->next, int);
    case LENGTH_SHORT:
        return (short)va_arg(s->next, int);
    default:
        return va_arg(s->next, long);
    }
}

static uint64_t unsigned_argument(struct ctx_c_walk *s, enum ctx_c_length length)
{
    switch (length) {
    case LENGTH_INT:
        return va_arg(s->next, unsigned);
    case LENGTH_CHAR:
        return (unsigned char)va_arg(s->next, unsigned);
    case LENGTH_SHORT:
        return (unsigned short)va_arg(s->next, unsigned);
    default:
        return va_arg(s->next, unsigned long);
    }
}

/* ---- texts ---- */

/* A text of char in a wide format: characters; -1 if it is not one in this locale. Counts only, if
 * out is NULL. */
static int64_t widen(struct out *out, const char *text, int64_t most)
{
    mbstate_t state = {0};
    int64_t count = 0;
    for (wchar_t c; count < most; count++) {
        size_t n = mbrtowc(&c, text, MB_LEN_MAX, &state);
        if (n == 0) {
            break;
        }
        if (n > MB_LEN_MAX) {
            return -1;
        }
        if (out != NULL) {
            put(out, (uint32_t)c);
        }
        text += n;
    }
    return count;
}

/* A text of wchar_t in a narrow format: bytes of whole characters. */
static int64_t narrow(struct out *out, const wchar_t *text, int64_t most)
{
    mbstate_t state = {0};
    int64_t count = 0;
    for (; count < most && *text != 0; text++) {
        char bytes[MB_LEN_MAX];
        size_t n = wcrtomb(bytes, *text, &state);
        if (n > MB_LEN_MAX) {
            return -1;
        }
        if (count + (int64_t)n > most) {
            break;
        }
        if (out != NULL) {
            put_text(out, bytes, (int64_t)n);
        }
        count += (int64_t)n;
    }
    return count;
}

static int64_t same(struct out *out, const void *text, bool wide, int64_t most)
{
    int64_t count = 0;
    if (!wide) {
        count = (int64_t)(most == INT64_MAX ? strlen(text) : strnlen(text, (size_t)most));
        if (out != NULL) {
            put_text(out, text, count);
        }
        return count;
    }
    for (; count < most; count++) {
        uint32_t c = (uint32_t)((const wchar_t *)text)[count];
        if (c == 0) {
            break;
        }
        if (out != NULL) {
            put(out, c);
        }
    }
    return count;
}

static int64_t text_once(struct out *out, bool to_wide, const void *text, bool wide, int64_t most)
{
    return wide == to_wide ? same(out, text, wide, most)
           : to_wide       ? widen(out, text, most)
                           : narrow(out, text, most);
}

static void put_string(struct out *out, const struct spec *spec, const void *text)
{
    bool wide = spec->length == LENGTH_LONG;
    int64_t most = spec->precision < 0 ? INT64_MAX : spec->precision;
    if (text == NULL) {
        wide = false;
        text = most >= 6 ? "(null)" : "";
    }
    int64_t len = text_once(NULL, out->wide, text, wide, most);
    if (len < 0) {
        fail(out, EILSEQ);
        return;
    }
    if ((spec->flags & FLAG_LEFT) == 0) {
        pad(out, ' ', spec->width - len);
    }
    text_once(out, out->wide, text, wide, most);
    if ((spec->flags & FLAG_LEFT) != 0) {
        pad(out, ' ', spec->width - len);
    }
}

static void put_character(struct out *out, const struct spec *spec, struct ctx_c_walk *s)
{
    char bytes[MB_LEN_MAX] = {0};
    size_t len = 1;
    uint32_t c = 0;
    if (spec->length == LENGTH_LONG) {
        c = (uint32_t)va_arg(s->next, wint_t);
        mbstate_t state = {0};
        len = out->wide ? 1 : wcrtomb(bytes, (wchar_t)c, &state);
    } else {
        bytes[0] = (char)va_arg(s->next, int);
        c = (uint32_t)(out->wide ? btowc((unsigned char)bytes[0]) : 0);
    }
    if (len > MB_LEN_MAX || (out->wide && c == (uint32_t)WEOF)) {
        fail(out, EILSEQ);
        return;
    }
    if ((spec->flags & FLAG_LEFT) == 0) {
        pad(out, ' ', spec->width - (int64_t)len);
    }
    if (out->wide) {
        put(out, c);
    } else {
        put_text(out, bytes, (int64_t)len);
    }
    if ((spec->flags & FLAG_LEFT) != 0) {
        pad(out, ' ', spec->width - (int64_t)len);
    }
}

/* ---- all of it ---- */

static void convert(struct out *out, struct ctx_c_walk *s, struct spec *spec, size_t from)
{
    struct field field = {.prefix_len = 0};
    switch (spec->conversion) {
    case 'd':
    case 'i': {
        int64_t value = signed_argument(s, spec->length);
        ctx_c_print_sign(spec, &field, value < 0);
        ctx_c_print_integer(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, &field);
        break;
    }
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'b':
    case 'B':
        ctx_c_print_integer(out, spec, unsigned_argument(s, spec->length), &field);
        break;
    case 'p': {
        uint64_t value = (uint64_t)(uintptr_t)va_arg(s->next, void *);
        if (value == 0) {
            ctx_c_print_word(out, spec, "(nil)", &field);
            break;
        }
        ctx_c_print_sign(spec, &field, false);
        spec->conversion = 'x';
        spec->flags |= FLAG_ALTERNATE;
        ctx_c_print_integer(out, spec, value, &field);
        break;
    }
    case 'c':
        put_character(out, spec, s);
        break;
    case 's':
        put_string(out, spec, va_arg(s->next, void *));
        break;
    case 'm':
        spec->length = LENGTH_INT;
        put_string(out, spec, strerror(errno));
        break;
    case 'n':
        ctx_c_store_integer(va_arg(s->next, void *), spec->length, (uint64_t)out->count);
        break;
    case '%':
        put(out, '%');
        break;
    case 0:
        fail(out, EINVAL);
        break;
    default:
        if (is_float(spec->conversion)) {
            ctx_c_print_float(out, spec,
                              spec->length == LENGTH_LONG_DOUBLE ? va_arg(s->next, long double)
                                                                 : va_arg(s->next, double),
                              &field);
            break;
        }
        /* No conversion at all: as it stands there. */
        put(out, '%');
        for (; from < spec->end; from++) {
            put(out, ctx_c_at(s, from));
        }
    }
}

static void get_sizes(struct ctx_c_walk *s, struct spec *spec)
{
    if ((spec->flags & FLAG_WIDTH_STAR) != 0) {
        int64_t width = int_argument(s, spec->width_from);
        spec->flags |= width < 0 ? FLAG_LEFT : 0;
        spec->width = width < 0 ? -width : width;
    }
    if ((spec->flags & FLAG_PRECISION_STAR) != 0) {
        int64_t precision = int_argument(s, spec->precision_from);
        spec->precision = precision < 0 ? -1 : precision;
    }
    if (spec->value_from != 0) {
        go_to(s, spec->value_from);
    }
}

static int print(struct out *out, const void *format, va_list args)
{
    struct ctx_c_walk s = {.format = format, .wide = out->wide};
    out->failed = false;
    out->count = 0;
    va_copy(s.start, args);
    va_copy(s.next, args);
    for (size_t i = 0; !out->failed && ctx_c_at(&s, i) != 0;) {
        size_t from = i;
        for (uint32_t c; (c = ctx_c_at(&s, i)) != 0 && c != '%'; i++) {
        }
        if (i > from && !out->wide) {
            ctx_c_print_bytes(out, (const char *)format + from, i - from);
        }
        for (; out->wide && from < i; from++) {
            put(out, ctx_c_at(&s, from));
        }
        if (out->failed || ctx_c_at(&s, i) == 0) {
            break;
        }
        i++;
        struct spec spec = parse(&s, i);
        get_sizes(&s, &spec);
        if (spec.width > INT_MAX || spec.precision > INT_MAX) {
            fail(out, EOVERFLOW);
        } else {
            convert(out, &s, &spec, i);
        }
        i = spec.end;
    }
    va_end(s.next);
    va_end(s.start);
    if (out->file != NULL && out->next > out->held) {
        ctx_c_print_out(out); /* also what stands before a mistake */
    }
    if (!out->failed && out->count > INT_MAX) {
        fail(out, EOVERFLOW);
    }
    return out->failed ? -1 : (int)out->count;
}

static int print_to(FILE *file, bool wide, const void *format, va_list args)
{
    struct out out;
    out.file = file;
    out.wide = wide;
    ctx_c_print_hold(&out);
    if ((file->flags & __SWR) == 0) {
        errno = EBADF;
        return -1;
    }
    ctx_c_print_begin(file);
    int count = print(&out, format, args);
    ctx_c_print_end(file);
    return count;
}

int vfprintf(FILE *file, const char *format, va_list args)
{
    return print_to(file, false, format, args);
}

/* What has no room is counted. */
int vsnprintf(char *restrict to, size_t room, const char *restrict format, va_list args)
{
    struct out out;
    out.file = NULL;
    out.wide = false;
    if (room > 0) { /* more than INT_MAX is a mistake, and counted there */
        room = room <= INT_MAX ? room : (size_t)INT_MAX + 1;
        out.next = to;
        out.end = to + room;
    } else {
        ctx_c_print_hold(&out);
    }
    int count = print(&out, format, args);
    if (room > 0) {
        bool full = out.end == out.held + sizeof out.held;
        *(full ? to + room - 1 : out.next) = 0;
    }
    return count;
}

int snprintf(char *restrict to, size_t room, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vsnprintf(to, room, format, args);
    va_end(args);
    return count;
}

int vsprintf(char *restrict to, const char *restrict format, va_list args)
{
    return vsnprintf(to, PTRDIFF_MAX, format, args);
}

int sprintf(char *restrict to, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vsnprintf(to, PTRDIFF_MAX, format, args);
    va_end(args);
    return count;
}

int vfwprintf(FILE *file, const wchar_t *format, va_list args)
{
    return print_to(file, true, format, args);
}

/* Unlike snprintf it says -1 when the text is too long, and has written as much as there was room
 * for. */
int vswprintf(wchar_t *to, size_t room, const wchar_t *format, va_list args)
{
    struct out out;
    out.file = NULL;
    out.to = to;
    out.room = room;
    out.wide = true;
    ctx_c_print_hold(&out);
    int count = print(&out, format, args);
    if (room == 0) {
        errno = EOVERFLOW;
        return -1;
    }
    bool fits = (uint64_t)out.count < room;
    to[fits ? (size_t)out.count : room - 1] = 0;
    if (count >= 0 && !fits) {
        errno = EOVERFLOW;
    }
    return fits ? count : -1;
}

/* By this name picolibc's own functions call it. */
int __d_vfprintf(FILE *file, const char *format, va_list args)
    __attribute__((alias("vfprintf"), nonnull(2)));
