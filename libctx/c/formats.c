/* SPDX-License-Identifier: MIT */
#include "formats.h"

#include <limits.h>

int64_t ctx_c_number_at(const struct ctx_c_walk *w, size_t *i)
{
    int64_t value = 0;
    for (uint32_t c; (c = ctx_c_at(w, *i)) >= '0' && c <= '9'; ++*i) {
        value = value <= INT_MAX ? value * 10 + (c - '0') : value;
    }
    return value;
}

uint32_t ctx_c_argument_at(const struct ctx_c_walk *w, size_t *i)
{
    size_t from = *i;
    int64_t number = ctx_c_number_at(w, i);
    if (number > 0 && number <= INT_MAX && ctx_c_at(w, *i) == '$') {
        ++*i;
        return (uint32_t)number;
    }
    *i = from;
    return 0;
}

static enum ctx_c_length length_at(const struct ctx_c_walk *w, size_t *i)
{
    uint32_t c = ctx_c_at(w, *i);
    bool twice = c != 0 && ctx_c_at(w, *i + 1) == c;
    switch (c) {
    case 'h':
        *i += twice ? 2 : 1;
        return twice ? LENGTH_CHAR : LENGTH_SHORT;
    case 'l':
        *i += twice ? 2 : 1;
        return twice ? LENGTH_LONG_DOUBLE : LENGTH_LONG;
    case 'L':
    case 'q':
        ++*i;
        return LENGTH_LONG_DOUBLE;
    case 'j':
    case 'z':
    case 'Z':
    case 't':
        ++*i;
        return LENGTH_LONG;
    default:
        return LENGTH_INT;
    }
}

uint32_t ctx_c_conversion_at(const struct ctx_c_walk *w, size_t *i, enum ctx_c_length *length)
{
    *length = length_at(w, i);
    uint32_t conversion = ctx_c_at(w, *i);
    *i += conversion != 0;
    if (conversion == 'C' || conversion == 'S') {
        *length = LENGTH_LONG;
        return conversion + ('a' - 'A');
    }
    return conversion;
}

void ctx_c_store_integer(void *to, enum ctx_c_length length, uint64_t value)
{
    switch (length) {
    case LENGTH_INT:
        *(unsigned *)to = (unsigned)value;
        break;
    case LENGTH_CHAR:
        *(unsigned char *)to = (unsigned char)value;
        break;
    case LENGTH_SHORT:
        *(unsigned short *)to = (unsigned short)value;
        break;
    default:
        *(uint64_t *)to = value;
    }
}
