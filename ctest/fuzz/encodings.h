/* SPDX-License-Identifier: MIT */
/* Random instructions for those who ask the verifier about them. */
#ifndef ENCODINGS_H
#define ENCODINGS_H

#include <stdint.h>
#include <string.h>

static uint64_t encodings_state;

static inline void encodings_begin(uint64_t seed)
{
    encodings_state = 88172645463325252u ^ seed * 0x9e3779b97f4a7c15u;
}

static inline uint64_t encodings_next(void)
{
    encodings_state ^= encodings_state << 13;
    encodings_state ^= encodings_state >> 7;
    encodings_state ^= encodings_state << 17;
    return encodings_state;
}

/* Sixteen bytes that begin with an instruction, as often as not one of verified code's kind. */
static inline void encodings_make(uint8_t *code)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0x65, 0xf2, 0xf3, 0xf0,
                                       0x2e, 0x64, 0x3e, 0x65, 0x67};
    uint64_t r = encodings_next();
    int i = 0;
    if ((r & 1) != 0) {
        code[i++] = 0x65;
        code[i++] = 0x67;
    }
    for (int n = (int)(r >> 8 & 3) % 3; n > 0; n--) {
        code[i++] = prefixes[encodings_next() % sizeof prefixes];
    }
    if ((r >> 20 & 1) != 0) {
        code[i++] = (uint8_t)(0x40 | (encodings_next() & 15));
    }
    switch (r >> 24 & 7) {
    case 2:
    case 3:
        code[i++] = 0x0f;
        break;
    case 4:
    case 5:
        code[i++] = 0x0f;
        code[i++] = (r >> 24 & 7) == 4 ? 0x38 : 0x3a;
        break;
    case 6:
        code[i++] = 0xc5;
        break;
    case 7:
        code[i++] = 0xc4;
        code[i++] = (uint8_t)((encodings_next() & 0xe0) | (1 + encodings_next() % 3));
        break;
    default:
        break;
    }
    while (i < 16) {
        code[i++] = (uint8_t)encodings_next();
    }
    if ((r >> 32 & 7) == 0) {
        memset(code + 6 + (r >> 36 & 3), 0, 4); /* small numbers */
    }
}

#endif
