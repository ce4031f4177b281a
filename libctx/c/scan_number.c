/* SPDX-License-Identifier: MIT */
/* Numbers as scanf reads them: the longest text that may begin one, of which strtod uses what is
 * one. */
#include "number.h"
#include "scan_private.h"

#include <errno.h>

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
            c = spec->width == 0 ? END : ctx_c_scan_next(in);
        }
        if (lower(c) != nil[i]) {
            ctx_c_scan_back(in, c);
            return MISMATCH;
        }
        took(spec);
    }
    return DONE;
}

enum outcome ctx_c_scan_integer(struct in *in, struct spec *spec, uint32_t base, bool is_signed,
                                void *to)
{
    int32_t c = ctx_c_scan_skip(in);
    bool minus = c == '-', any = false, overflow = false;
    uint64_t value = 0;
    if (c == END) {
        return NO_INPUT;
    }
    if (c == '-' || c == '+') {
        took(spec);
        c = spec->width == 0 ? END : ctx_c_scan_next(in);
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
        c = spec->width == 0 ? END : ctx_c_scan_next(in);
        if (lower(c) == 'x' && (base == 0 || base == 16)) {
            base = 16;
            took(spec);
            c = spec->width == 0 ? END : ctx_c_scan_next(in);
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
            ctx_c_scan_back(in, c);
            break;
        }
        any = true;
        overflow |= __builtin_mul_overflow(value, base, &value);
        overflow |= __builtin_add_overflow(value, d, &value);
        took(spec);
        c = spec->width == 0 ? END : ctx_c_scan_next(in);
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

/* ---- floating point ---- */

static void add(struct text *t, int32_t c)
{
    char byte = (char)c;
    ctx_c_grow(t, &byte, 1);
}

/* The rest of a word, of which c was the first letter that matched. */
static bool rest_of(struct in *in, struct spec *spec, struct text *t, const char *rest)
{
    for (; *rest != 0; rest++) {
        int32_t c = spec->width == 0 ? END : ctx_c_scan_next(in);
        if (lower(c) != *rest) {
            ctx_c_scan_back(in, c);
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
    c = spec->width == 0 ? END : ctx_c_scan_next(in);
    if (lower(c) != 'i') {
        ctx_c_scan_back(in, c);
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
        c = ctx_c_scan_next(in);
        took(spec);
        any = spec->width == 0 || lower(c) != 'x'; /* an x that is the last one allowed is none */
        if (!any) {
            add(t, c);
            is_hex = true;
            c = ctx_c_scan_next(in);
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
            ctx_c_scan_back(in, c);
            break;
        }
        add(t, c);
        c = spec->width == 0 ? END : ctx_c_scan_next(in);
        if (c != END) {
            took(spec);
        }
    }
    return !is_hex || t->len > start;
}

enum outcome ctx_c_scan_float(struct in *in, struct spec *spec, void *to)
{
    int32_t c = ctx_c_scan_skip(in);
    if (c == END) {
        return NO_INPUT;
    }
    took(spec);
    struct text t;
    ctx_c_grow_start(&t);
    bool fine = true;
    if (c == '-' || c == '+') {
        add(&t, c);
        c = spec->width == 0 ? END : ctx_c_scan_next(in);
        took(spec);
        fine = c != END;
    }
    if (fine) {
        fine = lower(c) == 'n' || lower(c) == 'i' ? collect_word(in, spec, &t, c)
                                                  : collect_number(in, spec, &t, c);
    }
    add(&t, 0);
    if (t.failed) {
        ctx_c_grow_end(&t);
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
    ctx_c_grow_end(&t);
    return used > 0 ? DONE : MISMATCH;
}
