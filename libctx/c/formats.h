/* SPDX-License-Identifier: MIT */
/*
 * What the formats of printf and scanf have in common, narrow and wide: a walk through format and
 * arguments, and the parts of a conversion that mean the same in both.
 */
#ifndef CTX_C_FORMATS_H
#define CTX_C_FORMATS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

enum ctx_c_length {
    LENGTH_INT,
    LENGTH_CHAR,
    LENGTH_SHORT,
    LENGTH_LONG,
    LENGTH_LONG_DOUBLE, /* L, ll, q */
};

struct ctx_c_walk {
    const void *format; /* of char, or wide of wchar_t */
    bool wide;
    va_list start, next;
};

/* The character at a place of the format; 0 is its end. */
static inline uint32_t ctx_c_at(const struct ctx_c_walk *w, size_t i)
{
    return w->wide ? (uint32_t)((const wchar_t *)w->format)[i]
                   : ((const unsigned char *)w->format)[i];
}

/* Digits at *i, which moves behind them: their number, 0 without any. Above INT_MAX is too much, no
 * matter how far. */
int64_t ctx_c_number_at(const struct ctx_c_walk *w, size_t *i);

/* `N$` at *i, which moves behind it: N. 0, and *i stays: there is none, the next argument is meant.
 */
uint32_t ctx_c_argument_at(const struct ctx_c_walk *w, size_t *i);

/* The end of a conversion, length and letter, at *i, which moves behind it but not behind the end
 * of the format; that is a letter of 0. C and S are c and s with an l. */
uint32_t ctx_c_conversion_at(const struct ctx_c_walk *w, size_t *i, enum ctx_c_length *length);

/* Into an integer of that length, signed or not. */
void ctx_c_store_integer(void *to, enum ctx_c_length length, uint64_t value);

#endif
