/* SPDX-License-Identifier: MIT */
/*
 * The printf family, narrow and wide by one engine, exact to the last digit that is asked for, also
 * for long double; picolibc's stops at 17 digits and shortens long double. Differences to glibc
 * stand in libctx/doc/picolibc.md, and ctest/linux/libc_fuzz.py compares.
 */
#include "formats.h"
#include "number.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Where characters go: a stream, or for swprintf a text. */
struct out {
    FILE *file;
    wchar_t *to;
    size_t room;
    bool wide;
    bool failed;
    int64_t count;
};

enum flag {
    FLAG_LEFT = 1,
    FLAG_SIGN = 2,
    FLAG_SPACE = 4,
    FLAG_ALTERNATE = 8,
    FLAG_ZERO = 16,
    FLAG_WIDTH_STAR = 32,
    FLAG_PRECISION_STAR = 64,
};

/* One conversion. Numbers of arguments are 0 where the next one is meant. */
struct spec {
    uint32_t flags;
    enum ctx_c_length length;
    uint32_t conversion;
    int64_t width, precision; /* -1: none */
    uint32_t value_from, width_from, precision_from;
    size_t end; /* the format goes on here */
};

static void put(struct out *out, uint32_t c)
{
    if (out->failed) {
        return;
    }
    if (out->file == NULL) {
        if ((uint64_t)out->count < out->room) {
            out->to[out->count] = (wchar_t)c;
        }
    } else if (out->wide) {
        out->failed = fputwc((wchar_t)c, out->file) == WEOF;
    } else {
        out->failed = out->file->put((char)c, out->file) < 0;
    }
    out->count++;
}

static void fail(struct out *out, int number)
{
    errno = number;
    out->failed = true;
}

static void pad(struct out *out, uint32_t c, int64_t count)
{
    if (count > INT_MAX - out->count) {
        fail(out, EOVERFLOW);
    }
    while (count-- > 0 && !out->failed) {
        put(out, c);
    }
}

static void put_text(struct out *out, const char *text, int64_t len)
{
    for (int64_t i = 0; i < len; i++) {
        put(out, (unsigned char)text[i]);
    }
}

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
    spec.value_from = ctx_c_argument_at(s, &i);
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

/* ---- numbers ---- */

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

/* What stands in front of a number, then zeros, then it: all in its field. */
struct field {
    char prefix[4];
    uint32_t prefix_len;
    int64_t zeros;
    int64_t len; /* of the rest */
};

static void before_field(struct out *out, const struct spec *spec, struct field *f)
{
    int64_t missing = spec->width - f->prefix_len - f->zeros - f->len;
    if (missing > 0 && (spec->flags & (FLAG_LEFT | FLAG_ZERO)) == 0) {
        pad(out, ' ', missing);
    } else if (missing > 0 && (spec->flags & FLAG_LEFT) == 0) {
        f->zeros += missing;
    }
    put_text(out, f->prefix, f->prefix_len);
    pad(out, '0', f->zeros);
}

static void after_field(struct out *out, const struct spec *spec, const struct field *f)
{
    int64_t missing = spec->width - f->prefix_len - f->zeros - f->len;
    if ((spec->flags & FLAG_LEFT) != 0) {
        pad(out, ' ', missing);
    }
}

static void put_sign(const struct spec *spec, struct field *f, bool negative)
{
    if (negative || (spec->flags & (FLAG_SIGN | FLAG_SPACE)) != 0) {
        f->prefix[f->prefix_len++] = (spec->flags & FLAG_SIGN) != 0 && !negative ? '+'
                                     : negative                                  ? '-'
                                                                                 : ' ';
    }
}

static void put_integer(struct out *out, struct spec *spec, uint64_t value, struct field *f)
{
    uint32_t c = spec->conversion;
    uint32_t base = c == 'o' ? 8 : c == 'x' || c == 'X' ? 16 : c == 'b' || c == 'B' ? 2 : 10;
    const char *letters = c == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[64];
    char *first = digits + sizeof digits;
    if ((spec->flags & FLAG_ALTERNATE) != 0 && value != 0 && (base == 16 || base == 2)) {
        f->prefix[f->prefix_len++] = '0';
        f->prefix[f->prefix_len++] = (char)c;
    }
    for (uint64_t rest = value; rest != 0; rest /= base) {
        *--first = letters[rest % base];
    }
    f->len = digits + sizeof digits - first;
    int64_t least = spec->precision < 0 ? 1 : spec->precision;
    if (base == 8 && (spec->flags & FLAG_ALTERNATE) != 0 && least <= f->len) {
        least = f->len + 1;
    }
    f->zeros = least > f->len ? least - f->len : 0;
    if (spec->precision >= 0) {
        spec->flags &= ~(uint32_t)FLAG_ZERO;
    }
    before_field(out, spec, f);
    put_text(out, first, f->len);
    after_field(out, spec, f);
}

static void put_word(struct out *out, struct spec *spec, const char *word, struct field *f)
{
    f->len = (int64_t)strlen(word);
    spec->flags &= ~(uint32_t)FLAG_ZERO;
    before_field(out, spec, f);
    put_text(out, word, f->len);
    after_field(out, spec, f);
}

static char digit_at(const struct ctx_c_digits *d, int64_t i)
{
    return i >= 0 && i < d->count ? d->digits[i] : '0';
}

/* Digits from `from` on: zeros, the ones there are, zeros. */
static void put_digits(struct out *out, const struct ctx_c_digits *d, int64_t from, int64_t count)
{
    if (count > INT_MAX) {
        fail(out, EOVERFLOW);
    }
    for (int64_t i = 0; i < count && !out->failed; i++) {
        put(out, (unsigned char)digit_at(d, from + i));
    }
}

static void put_decimal(struct out *out, const struct spec *spec, const struct ctx_c_binary *value,
                        struct field *f, char *digits)
{
    struct ctx_c_digits d = {.digits = digits};
    uint32_t kind = spec->conversion | 0x20; /* lower case */
    int64_t precision = spec->precision < 0 ? 6 : spec->precision;
    if (kind == 'g') {
        precision -= precision > 0; /* behind the first digit */
    }
    if (value->kind == CTX_C_FINITE) {
        ctx_c_to_digits(&d, value, kind == 'f', kind == 'f' ? precision : precision + 1);
    }
    int64_t power = d.count == 0 ? 0 : d.point - 1;
    bool is_plain = kind == 'f';
    if (kind == 'g') {
        is_plain = power >= -4 && power <= precision;
        int64_t count = d.count;
        while (count > 0 && digits[count - 1] == '0') {
            count--;
        }
        if ((spec->flags & FLAG_ALTERNATE) == 0) {
            precision = count > 0 ? count - 1 : 0;
        }
        precision -= is_plain ? power : 0;
        precision = precision < 0 ? 0 : precision;
    }
    bool point = precision > 0 || (spec->flags & FLAG_ALTERNATE) != 0;
    int64_t whole = is_plain && d.count > 0 && d.point > 0 ? d.point : 1;
    char exponent[8];
    int32_t exponent_len = 0;
    if (!is_plain) {
        char *end = exponent + sizeof exponent;
        int64_t rest = power < 0 ? -power : power;
        for (; exponent_len < 2 || rest != 0; rest /= 10) {
            end[-++exponent_len] = (char)('0' + rest % 10);
        }
        end[-++exponent_len] = power < 0 ? '-' : '+';
        end[-++exponent_len] = (char)(spec->conversion < 'a' ? 'E' : 'e');
    }
    f->len = whole + point + precision + exponent_len;
    before_field(out, spec, f);
    /* Where the digit left of the point is, among the digits. */
    int64_t first = is_plain ? (d.count > 0 ? d.point : 0) - whole : 0;
    put_digits(out, &d, first, whole);
    if (point) {
        put(out, '.');
    }
    put_digits(out, &d, first + whole, precision);
    put_text(out, exponent + sizeof exponent - exponent_len, exponent_len);
    after_field(out, spec, f);
}

/* Two functions, so that a double takes little of the stack. */
__attribute__((noinline)) static void put_short(struct out *out, const struct spec *spec,
                                                const struct ctx_c_binary *value, struct field *f)
{
    char digits[CTX_C_DIGITS];
    put_decimal(out, spec, value, f, digits);
}

__attribute__((noinline)) static void put_long(struct out *out, const struct spec *spec,
                                               const struct ctx_c_binary *value, struct field *f)
{
    char digits[CTX_C_DIGITS_LONG];
    put_decimal(out, spec, value, f, digits);
}

/* A double has 1 or 0 in front of the point and 13 digits behind it, a long double its first four
 * bits and 15. */
static void put_hex(struct out *out, const struct spec *spec, const struct ctx_c_binary *value,
                    struct field *f)
{
    const char *letters = spec->conversion == 'A' ? "0123456789ABCDEF" : "0123456789abcdef";
    bool is_long = spec->length == LENGTH_LONG_DOUBLE;
    uint64_t mantissa = value->mantissa;
    int32_t power = value->exponent + 63;
    uint32_t lead, places = is_long ? 15 : 13;
    if (value->kind == CTX_C_ZERO) {
        lead = 0;
        power = 0;
    } else if (is_long) {
        lead = (uint32_t)(mantissa >> 60);
        mantissa &= UINT64_MAX >> 4;
        power -= 3;
    } else {
        int32_t zeros = __builtin_clzll(mantissa);
        mantissa <<= zeros;
        power -= zeros;
        int32_t down = power < -1022 ? -1022 - power : 0;
        power += down;
        mantissa = mantissa >> 11 >> down;
        lead = (uint32_t)(mantissa >> 52);
        mantissa &= UINT64_MAX >> 12;
    }
    int64_t precision = spec->precision;
    if (precision < 0) {
        precision = places;
        while (precision > 0 && (mantissa >> ((places - precision) * 4) & 15) == 0) {
            precision--;
        }
    } else if (precision < places) {
        uint32_t away = (places - (uint32_t)precision) * 4;
        uint64_t unit = UINT64_C(1) << away;
        uint64_t rest = mantissa & (unit - 1);
        bool odd = precision == 0 ? (lead & 1) != 0 : (mantissa & unit) != 0;
        mantissa -= rest;
        if (rest > unit / 2 || (rest == unit / 2 && odd)) {
            mantissa += unit;
        }
        lead += (uint32_t)(mantissa >> (places * 4));
        mantissa &= (UINT64_C(1) << (places * 4)) - 1;
        if (lead == 16) {
            lead = 1;
            power += 4;
        }
    }
    char exponent[8];
    char *end = exponent + sizeof exponent;
    int32_t exponent_len = 0;
    int32_t rest = power < 0 ? -power : power;
    do {
        end[-++exponent_len] = (char)('0' + rest % 10);
    } while ((rest /= 10) != 0);
    end[-++exponent_len] = power < 0 ? '-' : '+';
    end[-++exponent_len] = spec->conversion == 'A' ? 'P' : 'p';
    bool point = precision > 0 || (spec->flags & FLAG_ALTERNATE) != 0;
    f->prefix[f->prefix_len++] = '0';
    f->prefix[f->prefix_len++] = spec->conversion == 'A' ? 'X' : 'x';
    f->len = 1 + point + precision + exponent_len;
    before_field(out, spec, f);
    put(out, (unsigned char)letters[lead]);
    if (point) {
        put(out, '.');
    }
    for (uint32_t i = 1; i <= places && i <= precision; i++) {
        put(out, (unsigned char)letters[mantissa >> ((places - i) * 4) & 15]);
    }
    pad(out, '0', precision - places);
    put_text(out, end - exponent_len, exponent_len);
    after_field(out, spec, f);
}

static void put_float(struct out *out, struct spec *spec, long double x, struct field *f)
{
    struct ctx_c_binary value = ctx_c_take_apart(x);
    bool upper = spec->conversion < 'a';
    put_sign(spec, f, value.negative);
    if (value.kind == CTX_C_INFINITE || value.kind == CTX_C_NAN) {
        bool infinite = value.kind == CTX_C_INFINITE;
        put_word(out, spec, infinite ? (upper ? "INF" : "inf") : upper ? "NAN" : "nan", f);
    } else if (spec->conversion == 'a' || spec->conversion == 'A') {
        put_hex(out, spec, &value, f);
    } else if (ctx_c_is_short(&value)) {
        put_short(out, spec, &value, f);
    } else {
        put_long(out, spec, &value, f);
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
    for (; count < most; count++) {
        uint32_t c =
            wide ? (uint32_t)((const wchar_t *)text)[count] : ((const unsigned char *)text)[count];
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
        put_sign(spec, &field, value < 0);
        put_integer(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, &field);
        break;
    }
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'b':
    case 'B':
        put_integer(out, spec, unsigned_argument(s, spec->length), &field);
        break;
    case 'p': {
        uint64_t value = (uint64_t)(uintptr_t)va_arg(s->next, void *);
        if (value == 0) {
            put_word(out, spec, "(nil)", &field);
            break;
        }
        put_sign(spec, &field, false);
        spec->conversion = 'x';
        spec->flags |= FLAG_ALTERNATE;
        put_integer(out, spec, value, &field);
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
            put_float(out, spec,
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
    va_copy(s.start, args);
    va_copy(s.next, args);
    for (size_t i = 0; !out->failed && ctx_c_at(&s, i) != 0;) {
        uint32_t c = ctx_c_at(&s, i++);
        if (c != '%') {
            put(out, c);
            continue;
        }
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
    if (!out->failed && out->count > INT_MAX) {
        fail(out, EOVERFLOW);
    }
    return out->failed ? -1 : (int)out->count;
}

int vfprintf(FILE *file, const char *format, va_list args)
{
    struct out out = {.file = file};
    if ((file->flags & __SWR) == 0) {
        errno = EBADF;
        return -1;
    }
    return print(&out, format, args);
}

int vfwprintf(FILE *file, const wchar_t *format, va_list args)
{
    struct out out = {.file = file, .wide = true};
    if ((file->flags & __SWR) == 0) {
        errno = EBADF;
        return -1;
    }
    return print(&out, format, args);
}

/* Unlike snprintf it says -1 when the text is too long, and has written as much as there was room
 * for. */
int vswprintf(wchar_t *to, size_t room, const wchar_t *format, va_list args)
{
    struct out out = {.to = to, .room = room, .wide = true};
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
