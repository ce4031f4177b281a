/* SPDX-License-Identifier: MIT */
/*
 * Between text and binary floating point, exactly: what printf, scanf and strtod are made of. No
 * table, no shortest form: every digit is computed with whole numbers as long as the value needs,
 * so that the result is the one that IEEE 754 asks for (to nearest, ties to even), however long the
 * text or the precision.
 */
#ifndef CTX_C_NUMBER_H
#define CTX_C_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- numbers to text: decimal.c ---- */

enum ctx_c_kind {
    CTX_C_ZERO,
    CTX_C_FINITE,
    CTX_C_INFINITE,
    CTX_C_NAN,
};

/* (negative ? -1 : 1) * mantissa * 2^exponent */
struct ctx_c_binary {
    uint64_t mantissa;
    int32_t exponent;
    enum ctx_c_kind kind;
    bool negative;
};

struct ctx_c_binary ctx_c_take_apart(long double value);

/* 0.DDDD * 10^point; digits are characters. What lies behind count is zeros. A count of 0 is zero.
 */
struct ctx_c_digits {
    char *digits;
    int64_t count;
    int64_t point;
};

/* Room for the digits of any double, and of any long double. */
#define CTX_C_DIGITS      832u
#define CTX_C_DIGITS_LONG 11600u

/* Whether CTX_C_DIGITS is enough for it. */
bool ctx_c_is_short(const struct ctx_c_binary *value);

/* The digits of a finite value, rounded: to `limit` digits behind the point (places), else to
 * `limit` digits in all, at least one. out->digits has the room that ctx_c_is_short() tells. */
void ctx_c_to_digits(struct ctx_c_digits *out, const struct ctx_c_binary *value, bool places,
                     int64_t limit);

/* ---- text to numbers: strtod.c ---- */

enum ctx_c_format {
    CTX_C_FLOAT,
    CTX_C_DOUBLE,
    CTX_C_LONG_DOUBLE,
};

/* The value at the beginning of a text of char or wchar_t that ends with 0, rounded to that format,
 * which a conversion to it keeps; *end is how many characters it took, 0 without a number. Sets
 * errno to ERANGE like strtod. */
long double ctx_c_to_binary(const void *text, bool wide, enum ctx_c_format format, size_t *end);

#endif
