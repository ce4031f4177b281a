/* SPDX-License-Identifier: MIT */
/* What print.c, print_out.c and print_number.c share: where characters go, and one conversion. */
#ifndef CTX_C_PRINT_PRIVATE_H
#define CTX_C_PRINT_PRIVATE_H

#include "formats.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

/*
 * Where characters go: a stream, or for swprintf a text, or for snprintf one of bytes. Bytes go to
 * next, up to end: that lies in the text itself while that has room, else in held, which goes out
 * by ctx_c_print_out(), and for a text that is full nowhere.
 */
struct out {
    FILE *file;
    wchar_t *to;
    size_t room; /* of the text, with the 0 */
    bool wide;
    bool failed;
    int64_t count;
    char *next, *end;
    char held[64];
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

/* Bytes are held from now on. */
static inline void ctx_c_print_hold(struct out *out)
{
    out->next = out->held;
    out->end = out->held + sizeof out->held;
}

/* There is no room at next any more, or it is all over: what is held goes to the stream. */
void ctx_c_print_out(struct out *out);

/* The same of many bytes, and of one so often. Only where out is not wide. */
void ctx_c_print_bytes(struct out *out, const char *text, size_t len);
void ctx_c_print_many(struct out *out, char c, size_t count);

static inline void put(struct out *out, uint32_t c)
{
    if (out->failed) {
        return;
    }
    out->count++;
    if (!out->wide) {
        *out->next++ = (char)c;
        if (out->next == out->end) {
            ctx_c_print_out(out);
        }
    } else if (out->file != NULL) {
        out->failed = fputwc((wchar_t)c, out->file) == WEOF;
    } else if ((uint64_t)out->count <= out->room) {
        out->to[out->count - 1] = (wchar_t)c;
    }
}

static inline void fail(struct out *out, int number)
{
    errno = number;
    out->failed = true;
}

static inline void pad(struct out *out, uint32_t c, int64_t count)
{
    if (count <= 0) {
        return;
    }
    if (count > INT_MAX - out->count) {
        fail(out, EOVERFLOW);
    } else if (!out->wide) {
        ctx_c_print_many(out, (char)c, (size_t)count);
    }
    while (out->wide && count-- > 0 && !out->failed) {
        put(out, c);
    }
}

static inline void put_text(struct out *out, const char *text, int64_t len)
{
    if (!out->wide) {
        ctx_c_print_bytes(out, text, (size_t)len);
        return;
    }
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
