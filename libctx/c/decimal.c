/* SPDX-License-Identifier: MIT */
/* The decimal digits of a binary number: number.h. */
#include "number.h"

#include <string.h>

#define GROUP 9u /* digits in a word of base 10^9 */
#define BASE  1000000000u

struct ctx_c_binary ctx_c_take_apart(long double value)
{
    struct ctx_c_binary out = {.kind = CTX_C_FINITE};
    uint16_t top;
    memcpy(&out.mantissa, &value, 8);
    memcpy(&top, (const char *)&value + 8, 2);
    out.negative = top >> 15 != 0;
    int32_t biased = top & 0x7fff;
    if (biased == 0x7fff) {
        out.kind = out.mantissa << 1 == 0 ? CTX_C_INFINITE : CTX_C_NAN;
    } else if (out.mantissa == 0) {
        out.kind = CTX_C_ZERO;
    }
    out.exponent = (biased == 0 ? 1 : biased) - 16383 - 63;
    return out;
}

bool ctx_c_is_short(const struct ctx_c_binary *value)
{
    /* 64 bits anywhere between a double's first and last have no more digits than the longest
     * double, and three. */
    return value->kind != CTX_C_FINITE ||
           (value->exponent + 64 <= 1024 &&
            value->exponent + __builtin_ctzll(value->mantissa) >= -1074);
}

/* Nine digits from the right, in front of `end`. */
static void put_group(char *end, uint32_t group)
{
    for (uint32_t i = 0; i < GROUP; i++, group /= 10) {
        *--end = (char)('0' + group % 10);
    }
}

/* The digits in front of the point: mantissa << shift. words has room. */
static void whole_part(struct ctx_c_digits *out, uint32_t *words, uint64_t mantissa, uint32_t shift,
                       char *end)
{
    uint32_t n = shift / 32;
    unsigned __int128 bits = (unsigned __int128)mantissa << shift % 32;
    memset(words, 0, n * sizeof *words);
    for (; bits != 0; bits >>= 32) {
        words[n++] = (uint32_t)bits;
    }
    char *at = end;
    while (n > 0) {
        uint64_t rest = 0;
        for (uint32_t i = n; i-- > 0;) {
            rest = rest << 32 | words[i];
            words[i] = (uint32_t)(rest / BASE);
            rest %= BASE;
        }
        while (n > 0 && words[n - 1] == 0) {
            n--;
        }
        put_group(at, (uint32_t)rest);
        at -= GROUP;
    }
    while (at < end && *at == '0') {
        at++;
    }
    out->count = out->point = end - at;
    memmove(out->digits, at, (size_t)out->count);
}

/* What lies behind the point: words[0] is worth 2^-32, words[1] 2^-64 ...; first and last are the
 * first that is not zero, and the one behind the last. */
struct fraction {
    uint32_t *words;
    uint32_t first, last;
};

static void load_fraction(struct fraction *f, uint64_t mantissa, uint32_t bits)
{
    f->last = (bits + 31) / 32;
    uint32_t at = f->last;
    unsigned __int128 low = (unsigned __int128)mantissa << (f->last * 32 - bits);
    memset(f->words, 0, f->last * sizeof *f->words);
    for (; low != 0 && at > 0; low >>= 32) {
        f->words[--at] = (uint32_t)low;
    }
    f->first = at;
}

static bool is_zero(struct fraction *f)
{
    while (f->last > f->first && f->words[f->last - 1] == 0) {
        f->last--;
    }
    return f->last == f->first;
}

/* The next nine digits. */
static uint32_t next_group(struct fraction *f)
{
    uint64_t carry = 0;
    for (uint32_t i = f->last; i-- > f->first;) {
        carry += (uint64_t)f->words[i] * BASE;
        f->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (f->first > 0) {
        f->words[--f->first] = (uint32_t)carry;
        carry = 0;
    }
    return (uint32_t)carry;
}

/* Digits behind the point, until there is one more than wanted, or no more. */
static void fraction_part(struct ctx_c_digits *out, struct fraction *f, bool places, int64_t limit)
{
    while (!is_zero(f) && (places ? out->count - out->point : out->count) <= limit) {
        uint32_t group = next_group(f);
        if (out->count == 0 && group == 0) {
            out->point -= GROUP;
            continue;
        }
        char *at = out->digits + out->count;
        put_group(at + GROUP, group);
        uint32_t zeros = 0;
        while (out->count == 0 && at[zeros] == '0') {
            zeros++;
        }
        memmove(at, at + zeros, GROUP - zeros);
        out->count += GROUP - zeros;
        out->point -= zeros;
    }
}

/* Away with all behind the first `keep`; more: something follows that is not among the digits. */
static void round_digits(struct ctx_c_digits *out, int64_t keep, bool more)
{
    if (keep >= out->count) {
        return;
    }
    if (keep < 0) {
        out->count = 0;
        return;
    }
    char *digits = out->digits;
    char next = digits[keep];
    for (int64_t i = keep + 1; i < out->count && !more; i++) {
        more = digits[i] != '0';
    }
    bool odd = keep > 0 && (digits[keep - 1] & 1) != 0;
    out->count = keep;
    if (next < '5' || (next == '5' && !more && !odd)) {
        return;
    }
    while (out->count > 0 && digits[out->count - 1] == '9') {
        out->count--;
    }
    if (out->count > 0) {
        digits[out->count - 1]++;
    } else {
        digits[0] = '1';
        out->count = 1;
        out->point++;
    }
}

static void convert(struct ctx_c_digits *out, const struct ctx_c_binary *value, bool places,
                    int64_t limit, uint32_t *words, char *end)
{
    out->count = out->point = 0;
    int32_t e = value->exponent;
    bool more = false;
    if (e > -64) {
        whole_part(out, words, e < 0 ? value->mantissa >> -e : value->mantissa,
                   e < 0 ? 0 : (uint32_t)e, end);
    }
    if (e < 0) {
        struct fraction f = {.words = words};
        uint64_t mask = e > -64 ? (UINT64_C(1) << -e) - 1 : UINT64_MAX;
        load_fraction(&f, value->mantissa & mask, (uint32_t)-e);
        fraction_part(out, &f, places, limit);
        more = !is_zero(&f);
    }
    round_digits(out, places ? out->point + limit : limit, more);
}

/* Two functions, so that a double takes little of the stack: numbers of 2^-1137 (a double's 64
 * bits) and 2^-16508. */
__attribute__((noinline)) static void convert_short(struct ctx_c_digits *out,
                                                    const struct ctx_c_binary *value, bool places,
                                                    int64_t limit)
{
    uint32_t words[40];
    convert(out, value, places, limit, words, out->digits + CTX_C_DIGITS);
}

__attribute__((noinline)) static void
convert_long(struct ctx_c_digits *out, const struct ctx_c_binary *value, bool places, int64_t limit)
{
    uint32_t words[520];
    convert(out, value, places, limit, words, out->digits + CTX_C_DIGITS_LONG);
}

void ctx_c_to_digits(struct ctx_c_digits *out, const struct ctx_c_binary *value, bool places,
                     int64_t limit)
{
    if (ctx_c_is_short(value)) {
        convert_short(out, value, places, limit);
    } else {
        convert_long(out, value, places, limit);
    }
}
