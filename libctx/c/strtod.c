/* SPDX-License-Identifier: MIT */
/*
 * Text to floating point (number.h), and the functions that programs call: picolibc's look at the
 * first 19 digits, and take "0x", "nan(" and "infinit" for wrong instead of for the number that is
 * their beginning.
 */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

typedef unsigned __int128 u128;

/* The value's last bit is worth at least 2^least, its first less than 2^past. No boundary between
 * two neighbours has more than `digits` significant digits. Powers of ten beyond low and high are
 * out of range anyway. */
struct format {
    int32_t bits, least, past;
    int32_t digits;
    int32_t low, high;
};

static const struct format formats[] = {
    [CTX_C_FLOAT] = {24, -149, 128, 128, -46, 40},
    [CTX_C_DOUBLE] = {53, -1074, 1024, 780, -325, 310},
    [CTX_C_LONG_DOUBLE] = {64, -16445, 16384, 11580, -4952, 4934},
};

struct text {
    const void *at;
    bool wide;
};

/* The character there; what is not ASCII, and no blank, is 1: no number has it. */
static unsigned char peek(struct text t, size_t i)
{
    if (!t.wide) {
        return ((const unsigned char *)t.at)[i];
    }
    wchar_t c = ((const wchar_t *)t.at)[i];
    return c >= 0 && c < 128 ? (unsigned char)c : 1;
}

static bool is_blank(struct text t, size_t i)
{
    return t.wide ? iswspace((wint_t)((const wchar_t *)t.at)[i]) != 0 : isspace(peek(t, i)) != 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static uint32_t hex(unsigned char c)
{
    c = lower(c);
    return is_digit(c) ? c - 48u : c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16u;
}

static bool begins(struct text t, size_t i, const char *word)
{
    for (; *word != 0; i++, word++) {
        if (lower(peek(t, i)) != (unsigned char)*word) {
            return false;
        }
    }
    return true;
}

static int32_t bits_of(u128 value)
{
    uint64_t high = (uint64_t)(value >> 64);
    uint64_t low = (uint64_t)value;
    return high != 0 ? 128 - __builtin_clzll(high) : low != 0 ? 64 - __builtin_clzll(low) : 0;
}

static long double make(uint64_t mantissa, int32_t biased)
{
    long double value = 0;
    uint16_t top = (uint16_t)biased;
    memcpy(&value, &mantissa, 8);
    memcpy((char *)&value + 8, &top, 2);
    return value;
}

/* mantissa * 2^exponent, which is a number of the format. */
static long double exactly(uint64_t mantissa, int64_t exponent)
{
    if (mantissa == 0) {
        return 0;
    }
    int32_t zeros = __builtin_clzll(mantissa);
    int64_t biased = exponent - zeros + 63 + 16383;
    if (biased <= 0) { /* a denormal long double */
        return make(mantissa << (exponent + 16445), 0);
    }
    return make(mantissa << zeros, (int32_t)biased);
}

/* (top + something less than 1, if more) * 2^exponent, rounded; top is not 0. If there is more, it
 * has at least two bits more than the format. */
static long double round_to(const struct format *f, u128 top, bool more, int64_t exponent)
{
    int64_t normal = exponent + bits_of(top) - f->bits; /* what the last bit would be worth */
    int64_t last = normal < f->least ? f->least : normal;
    int64_t shift = last - exponent;
    if (last + f->bits > f->past) {
        errno = ERANGE;
        return make(UINT64_C(1) << 63, 0x7fff);
    }
    if (shift <= 0) {
        return exactly((uint64_t)top, exponent);
    }
    if (shift > 128 || (shift == 128 && top >> 127 == 0)) {
        errno = ERANGE;
        return 0;
    }
    u128 rest = shift == 128 ? top : top & (((u128)1 << shift) - 1);
    u128 half = (u128)1 << (shift - 1);
    uint64_t mantissa = shift == 128 ? 0 : (uint64_t)(top >> shift);
    bool inexact = rest != 0 || more;
    bool up = rest > half || (rest == half && (more || (mantissa & 1) != 0));
    /* Tiny is what would be too small even if exponents had no end, after rounding. */
    bool tiny = normal < f->least;
    if (tiny && normal == f->least - 1 && f->bits > 1) {
        u128 all = ((u128)1 << f->bits) - 1;
        u128 fine = shift == 1 ? top : top >> (shift - 1);
        u128 below = shift == 1 ? 0 : top & (half - 1);
        bool fine_up =
            shift > 1 && (below > half >> 1 || (below == half >> 1 && (more || (fine & 1) != 0)));
        tiny = !(fine == all && fine_up);
    }
    if (up && ++mantissa == (f->bits == 64 ? 0 : UINT64_C(1) << f->bits)) {
        mantissa = UINT64_C(1) << (f->bits - 1);
        last++;
    }
    if (last + f->bits > f->past) {
        errno = ERANGE;
        return make(UINT64_C(1) << 63, 0x7fff);
    }
    if (tiny && inexact) {
        errno = ERANGE;
    }
    return exactly(mantissa, last);
}

/* ---- whole numbers of any length, least word first ---- */

struct big {
    uint32_t *words;
    uint32_t n; /* without leading zeros */
};

static void multiply_add(struct big *b, uint32_t factor, uint32_t more)
{
    uint64_t carry = more;
    for (uint32_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->words[i] * factor;
        b->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        b->words[b->n++] = (uint32_t)carry;
    }
}

static void times_power_of_5(struct big *b, uint32_t power)
{
    for (; power >= 13; power -= 13) {
        multiply_add(b, 1220703125, 0);
    }
    uint32_t factor = 1;
    while (power-- > 0) {
        factor *= 5;
    }
    multiply_add(b, factor, 0);
}

static int64_t big_bits(const struct big *b)
{
    return b->n == 0 ? 0 : (int64_t)b->n * 32 - __builtin_clz(b->words[b->n - 1]);
}

static void shift_left(struct big *b, uint32_t bits)
{
    uint32_t words = bits / 32;
    memmove(b->words + words, b->words, b->n * sizeof *b->words);
    memset(b->words, 0, words * sizeof *b->words);
    b->n += words;
    if (bits % 32 != 0) {
        uint32_t carry = 0;
        for (uint32_t i = words; i < b->n; i++) {
            uint32_t word = b->words[i];
            b->words[i] = word << bits % 32 | carry;
            carry = word >> (32 - bits % 32);
        }
        if (carry != 0) {
            b->words[b->n++] = carry;
        }
    }
}

static bool at_least(const struct big *a, const struct big *b)
{
    if (a->n != b->n) {
        return a->n > b->n;
    }
    for (uint32_t i = a->n; i-- > 0;) {
        if (a->words[i] != b->words[i]) {
            return a->words[i] > b->words[i];
        }
    }
    return true;
}

static void subtract(struct big *a, const struct big *b)
{
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        uint64_t less = (i < b->n ? b->words[i] : 0) + borrow;
        borrow = a->words[i] < less;
        a->words[i] -= (uint32_t)less;
    }
    while (a->n > 0 && a->words[a->n - 1] == 0) {
        a->n--;
    }
}

/* ---- decimal ---- */

/* Where the digits are: `count` of them from `at` on, a point among them perhaps, the first not
 * zero; the value is 0.DDD * 10^point. */
struct decimal {
    struct text text;
    size_t at;
    int64_t count;
    int64_t point;
    bool more; /* digits that are not zero were left out */
};

static void load_digits(struct big *b, const struct decimal *d)
{
    uint32_t group = 0, scale = 1;
    size_t at = d->at;
    for (int64_t i = 0; i < d->count; at++) {
        unsigned char c = peek(d->text, at);
        if (c == '.') {
            continue;
        }
        group = group * 10 + (c - '0');
        scale *= 10;
        i++;
        if (scale == 1000000000 || i == d->count) {
            multiply_add(b, scale, group);
            group = 0;
            scale = 1;
        }
    }
}

static long double with_room(const struct format *f, const struct decimal *d, uint32_t *above,
                             uint32_t *below)
{
    struct big a = {.words = above};
    int64_t exponent = d->point - d->count; /* of ten */
    load_digits(&a, d);
    if (exponent >= 0) {
        times_power_of_5(&a, (uint32_t)exponent);
        u128 top = 0;
        bool more = d->more;
        uint32_t taken = a.n < 4 ? a.n : 4;
        for (uint32_t i = 0; i < taken; i++) {
            top = top << 32 | a.words[a.n - 1 - i];
        }
        for (uint32_t i = 0; i + taken < a.n && !more; i++) {
            more = a.words[i] != 0;
        }
        return round_to(f, top, more, exponent + (int64_t)(a.n - taken) * 32);
    }
    struct big b = {.words = below, .n = 1};
    below[0] = 1;
    times_power_of_5(&b, (uint32_t)-exponent);
    int64_t apart = big_bits(&a) - big_bits(&b);
    if (apart > 0) {
        shift_left(&b, (uint32_t)apart);
    } else {
        shift_left(&a, (uint32_t)-apart);
    }
    /* Both have the same length now: long division, a bit at a time, until there are two more than
     * a long double has. */
    u128 top = 0;
    int32_t steps = 0;
    while (bits_of(top) < 67 && a.n > 0) {
        top <<= 1;
        if (at_least(&a, &b)) {
            subtract(&a, &b);
            top |= 1;
        }
        shift_left(&a, 1);
        steps++;
    }
    if (d->more && bits_of(top) < 67) { /* it came out even, but for digits that were left out */
        int32_t missing = 67 - bits_of(top);
        top <<= missing;
        steps += missing;
    }
    return round_to(f, top, a.n > 0 || d->more, exponent + apart - steps + 1);
}

/* Two functions, so that a double takes little of the stack. The longest numbers have digits + 2
 * decimals, or are 5^(digits - low), and get a shift. */
__attribute__((noinline)) static long double short_decimal(const struct format *f,
                                                           const struct decimal *d)
{
    uint32_t above[96], below[96];
    return with_room(f, d, above, below);
}

__attribute__((noinline)) static long double long_decimal(const struct format *f,
                                                          const struct decimal *d)
{
    uint32_t above[1224], below[1224];
    return with_room(f, d, above, below);
}

/* Few digits and a small power: both are doubles without error, so one operation rounds right. */
static bool simple(const struct decimal *d, long double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = d->point - d->count;
    if (d->count > 15 || exponent > 22 || exponent < -22) {
        return false;
    }
    uint64_t digits = 0;
    size_t at = d->at;
    for (int64_t i = 0; i < d->count; at++) {
        unsigned char c = peek(d->text, at);
        if (c != '.') {
            digits = digits * 10 + (c - '0');
            i++;
        }
    }
    double x = (double)digits;
    *value = exponent < 0 ? x / powers[-exponent] : x * powers[exponent];
    return true;
}

/* An exponent's digits behind its letter, if there are any; saturates far outside of what is in
 * range. */
static bool exponent(struct text t, size_t *at, int64_t *value)
{
    size_t i = *at + 1;
    bool minus = peek(t, i) == '-';
    i += minus || peek(t, i) == '+';
    if (!is_digit(peek(t, i))) {
        return false;
    }
    int64_t sum = 0;
    for (; is_digit(peek(t, i)); i++) {
        sum = sum < INT64_MAX / 100 ? sum * 10 + (peek(t, i) - '0') : sum;
    }
    *value = minus ? -sum : sum;
    *at = i;
    return true;
}

static long double read_decimal(struct text t, size_t *at, enum ctx_c_format format)
{
    const struct format *f = &formats[format];
    struct decimal d = {.text = t};
    int64_t behind = 0, seen = 0,
            last = 0; /* digits from the first that is not zero; up to the last such */
    bool point = false;
    size_t i = *at;
    for (;; i++) {
        unsigned char c = peek(t, i);
        if (c == '.' && !point) {
            point = true;
        } else if (is_digit(c)) {
            behind += point;
            if (seen == 0 && c != '0') {
                d.at = i;
            }
            seen += seen > 0 || c != '0';
            last = c != '0' ? seen : last;
        } else {
            break;
        }
    }
    int64_t power = 0;
    if (lower(peek(t, i)) == 'e') {
        exponent(t, &i, &power);
    }
    *at = i;
    if (seen == 0) {
        return 0;
    }
    d.point = seen - behind + power;
    d.more = last > f->digits;
    d.count = d.more ? f->digits : last;
    if (d.point > f->high) {
        errno = ERANGE;
        return make(UINT64_C(1) << 63, 0x7fff);
    }
    if (d.point < f->low) {
        errno = ERANGE;
        return 0;
    }
    long double value;
    if (format == CTX_C_DOUBLE && simple(&d, &value)) {
        return value;
    }
    return format == CTX_C_LONG_DOUBLE ? long_decimal(f, &d) : short_decimal(f, &d);
}

static long double read_hex(struct text t, size_t *at, const struct format *f)
{
    u128 top = 0;
    bool more = false, point = false;
    int64_t power = 0;
    size_t i = *at;
    for (;; i++) {
        unsigned char c = peek(t, i);
        if (c == '.' && !point) {
            point = true;
        } else if (hex(c) < 16) {
            if (top >> 120 == 0) {
                top = top << 4 | hex(c);
                power -= point ? 4 : 0;
            } else {
                more |= c != '0';
                power += point ? 0 : 4;
            }
        } else {
            break;
        }
    }
    int64_t said = 0;
    if (lower(peek(t, i)) == 'p') {
        exponent(t, &i, &said);
    }
    *at = i;
    return top == 0 ? 0 : round_to(f, top, more, power + said);
}

/* The number in nan(...), as strtoull has it with base 0; 0 if it is none. */
static uint64_t payload(struct text t, size_t at, size_t end)
{
    uint32_t base = peek(t, at) != '0' ? 10 : lower(peek(t, at + 1)) == 'x' ? 16 : 8;
    uint64_t value = 0;
    at += base == 16 ? 2 : 0;
    if (at == end) {
        return 0;
    }
    for (; at < end; at++) {
        uint32_t digit = hex(peek(t, at));
        if (digit >= base) {
            return 0;
        }
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            value = UINT64_MAX;
            errno = ERANGE;
            break;
        }
    }
    for (; at < end; at++) {
        if (hex(peek(t, at)) >= base) {
            return 0;
        }
    }
    return value;
}

static long double read_nan(struct text t, size_t *at, const struct format *f)
{
    uint64_t mantissa = UINT64_C(3) << 62;
    size_t i = *at + 3;
    if (peek(t, i) == '(') {
        size_t from = ++i;
        while (is_digit(peek(t, i)) || peek(t, i) == '_' ||
               (lower(peek(t, i)) >= 'a' && lower(peek(t, i)) <= 'z')) {
            i++;
        }
        if (peek(t, i) == ')') {
            uint64_t value = payload(t, from, i) & ((UINT64_C(1) << (f->bits - 2)) - 1);
            mantissa |= value << (64 - f->bits);
            *at = i + 1;
            return make(mantissa, 0x7fff);
        }
    }
    *at += 3;
    return make(mantissa, 0x7fff);
}

long double ctx_c_to_binary(const void *text, bool wide, enum ctx_c_format format, size_t *end)
{
    struct text t = {.at = text, .wide = wide};
    const struct format *f = &formats[format];
    size_t at = 0;
    while (is_blank(t, at)) {
        at++;
    }
    bool minus = peek(t, at) == '-';
    at += minus || peek(t, at) == '+';
    bool zero_x = begins(t, at, "0x");
    long double value;
    *end = 0;
    if (begins(t, at, "inf")) {
        at += begins(t, at, "infinity") ? 8 : 3;
        value = make(UINT64_C(1) << 63, 0x7fff);
    } else if (begins(t, at, "nan")) {
        value = read_nan(t, &at, f);
    } else if (zero_x && (hex(peek(t, at + 2)) < 16 ||
                          (peek(t, at + 2) == '.' && hex(peek(t, at + 3)) < 16))) {
        at += 2;
        value = read_hex(t, &at, f);
    } else if (is_digit(peek(t, at)) || (peek(t, at) == '.' && is_digit(peek(t, at + 1)))) {
        value = read_decimal(t, &at, format);
    } else {
        return 0;
    }
    *end = at;
    return minus ? -value : value;
}

/* ---- what programs call ---- */

/* NOLINTBEGIN(bugprone-macro-parentheses): number and character are types */
#define FUNCTION(name, number, character, format)                                                  \
    number name(const character *restrict text, character **restrict end)                          \
    {                                                                                              \
        size_t len;                                                                                \
        number value = (number)ctx_c_to_binary(text, sizeof(character) > 1, format, &len);         \
        if (end != NULL) {                                                                         \
            *end = (character *)(uintptr_t)(text + len);                                           \
        }                                                                                          \
        return value;                                                                              \
    }                                                                                              \
    number name##_l(const character *restrict text, character **restrict end, locale_t locale);    \
    number name##_l(const character *restrict text, character **restrict end, locale_t locale)     \
    {                                                                                              \
        (void)locale;                                                                              \
        return name(text, end);                                                                    \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

FUNCTION(strtof, float, char, CTX_C_FLOAT)
FUNCTION(strtod, double, char, CTX_C_DOUBLE)
FUNCTION(strtold, long double, char, CTX_C_LONG_DOUBLE)
FUNCTION(wcstof, float, wchar_t, CTX_C_FLOAT)
FUNCTION(wcstod, double, wchar_t, CTX_C_DOUBLE)
FUNCTION(wcstold, long double, wchar_t, CTX_C_LONG_DOUBLE)
