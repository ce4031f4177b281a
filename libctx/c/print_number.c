/* SPDX-License-Identifier: MIT */
/* Numbers as printf writes them, each in its field: whole ones, and floating point by number.h. */
#include "number.h"
#include "print_private.h"

#include <string.h>

/* ---- the field ---- */

static void before_field(struct out *out, const struct spec *spec, struct field *f)
{
    int64_t missing = spec->width - f->prefix_len - f->zeros - f->len;
    if (missing > 0 && (spec->flags & (FLAG_LEFT | FLAG_ZERO)) == 0) {
        pad(out, ' ', missing);
    } else if (missing > 0 && (spec->flags & FLAG_LEFT) == 0) {
        f->zeros += missing;
    }
    if (f->prefix_len > 0) {
        put_text(out, f->prefix, f->prefix_len);
    }
    pad(out, '0', f->zeros);
}

static void after_field(struct out *out, const struct spec *spec, const struct field *f)
{
    int64_t missing = spec->width - f->prefix_len - f->zeros - f->len;
    if ((spec->flags & FLAG_LEFT) != 0) {
        pad(out, ' ', missing);
    }
}

void ctx_c_print_sign(const struct spec *spec, struct field *f, bool negative)
{
    if (negative || (spec->flags & (FLAG_SIGN | FLAG_SPACE)) != 0) {
        f->prefix[f->prefix_len++] = (spec->flags & FLAG_SIGN) != 0 && !negative ? '+'
                                     : negative                                  ? '-'
                                                                                 : ' ';
    }
}

/* ---- whole numbers ---- */

/* In front of end: where they begin. Each division costs as much as writing ten digits, so decimal
 * ones come in pairs, and by a multiplication. */
static char *decimal_digits(char *end, uint64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    for (; value >= 100; value /= 100) {
        const char *pair = pairs + value % 100 * 2;
        *--end = pair[1];
        *--end = pair[0];
    }
    if (value >= 10) {
        *--end = pairs[value * 2 + 1];
        *--end = pairs[value * 2];
    } else if (value > 0) {
        *--end = (char)('0' + value);
    }
    return end;
}

static char *binary_digits(char *end, uint64_t value, uint32_t bits, const char *letters)
{
    for (; value != 0; value >>= bits) {
        *--end = letters[value & ((1u << bits) - 1)];
    }
    return end;
}

void ctx_c_print_integer(struct out *out, struct spec *spec, uint64_t value, struct field *f)
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
    if (base == 10) {
        first = decimal_digits(first, value);
    } else {
        first = binary_digits(first, value, base == 16 ? 4 : base == 8 ? 3 : 1, letters);
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

void ctx_c_print_word(struct out *out, struct spec *spec, const char *word, struct field *f)
{
    f->len = (int64_t)strlen(word);
    spec->flags &= ~(uint32_t)FLAG_ZERO;
    before_field(out, spec, f);
    put_text(out, word, f->len);
    after_field(out, spec, f);
}

/* ---- floating point ---- */

/* Digits from `from` on: zeros, the ones there are, zeros. */
static void put_digits(struct out *out, const struct ctx_c_digits *d, int64_t from, int64_t count)
{
    if (from < 0) {
        int64_t zeros = -from < count ? -from : count;
        pad(out, '0', zeros);
        from += zeros;
        count -= zeros;
    }
    int64_t there = from < d->count ? d->count - from : 0;
    there = there < count ? there : count;
    if (there > 0) {
        put_text(out, d->digits + from, there);
    }
    pad(out, '0', count - there);
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

void ctx_c_print_float(struct out *out, struct spec *spec, long double x, struct field *f)
{
    struct ctx_c_binary value = ctx_c_take_apart(x);
    bool upper = spec->conversion < 'a';
    ctx_c_print_sign(spec, f, value.negative);
    if (value.kind == CTX_C_INFINITE || value.kind == CTX_C_NAN) {
        bool infinite = value.kind == CTX_C_INFINITE;
        ctx_c_print_word(out, spec, infinite ? (upper ? "INF" : "inf") : upper ? "NAN" : "nan", f);
    } else if (spec->conversion == 'a' || spec->conversion == 'A') {
        put_hex(out, spec, &value, f);
    } else if (ctx_c_is_short(&value)) {
        put_short(out, spec, &value, f);
    } else {
        put_long(out, spec, &value, f);
    }
}
