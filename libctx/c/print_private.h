/* SPDX-License-Identifier: MIT */
/* What print.c and print_number.c share: where characters go, and one conversion. */
#ifndef CTX_C_PRINT_PRIVATE_H
#define CTX_C_PRINT_PRIVATE_H

#include "formats.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

/* Where characters go: a stream, or for swprintf a text, or for snprintf one of bytes. */
struct out {
    FILE *file;
    wchar_t *to;
    size_t room; /* of the text, with the 0 */
    char *bytes; /* without file and to; NULL: room is 0 */
    size_t at;   /* in them */
    bool wide;
    bool failed;
    int64_t count;
    uint32_t held_len; /* of bytes: what goes out together, by ctx_c_print_out() */
    char held[60];
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

/* What is held goes to the stream, or the text. */
void ctx_c_print_out(struct out *out);

static inline void put(struct out *out, uint32_t c)
{
    if (out->failed) {
        return;
    }
    if (out->file == NULL && out->wide) {
        if ((uint64_t)out->count < out->room) {
            out->to[out->count] = (wchar_t)c;
        }
    } else if (out->wide) {
        out->failed = fputwc((wchar_t)c, out->file) == WEOF;
    } else {
        out->held[out->held_len++] = (char)c;
        if (out->held_len == sizeof out->held) {
            ctx_c_print_out(out);
        }
    }
    out->count++;
}

static inline void fail(struct out *out, int number)
{
    errno = number;
    out->failed = true;
}

static inline void pad(struct out *out, uint32_t c, int64_t count)
{
    if (count > INT_MAX - out->count) {
        fail(out, EOVERFLOW);
    }
    while (count-- > 0 && !out->failed) {
        put(out, c);
    }
}

static inline void put_text(struct out *out, const char *text, int64_t len)
{
    for (int64_t i = 0; i < len; i++) {
        put(out, (unsigned char)text[i]);
    }
}

/* ---- print_number.c ---- */

/* What stands in front of a number, then zeros, then it: all in its field. */
struct field {
    char prefix[4];
    uint32_t prefix_len;
    int64_t zeros;
    int64_t len; /* of the rest */
};

/* The sign goes into the prefix. */
void ctx_c_print_sign(const struct spec *spec, struct field *f, bool negative);

/* A number with what the field has in front of it; a word in its place; a number with its sign. */
void ctx_c_print_integer(struct out *out, struct spec *spec, uint64_t value, struct field *f);
void ctx_c_print_word(struct out *out, struct spec *spec, const char *word, struct field *f);
void ctx_c_print_float(struct out *out, struct spec *spec, long double x, struct field *f);

#endif
