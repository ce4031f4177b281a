/* SPDX-License-Identifier: MIT */
#include "insn.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/tables.h>

enum { NONE, P66, PF3, PF2 }; /* the prefix that is part of the opcode, numbered as in VEX */

struct decoder {
    const uint8_t *code;
    size_t len, at;
    uint32_t pp, map; /* map 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A */
    bool wide, narrow, short_address, vex, evex, large;
    uint8_t op, modrm;
};

static bool take(struct decoder *d, uint8_t *out)
{
    if (d->at >= d->len || d->at >= INSN_MAX) {
        return false;
    }
    *out = d->code[d->at++];
    return true;
}

/* ---- length ---- */

/* A set of opcodes, 16 bits for each row. */
static bool is_in(const uint16_t rows[16], uint8_t op)
{
    return (rows[op >> 4] >> (op & 15) & 1) != 0;
}

static bool has_modrm(const struct decoder *d)
{
    static const uint16_t one[16] = {0x0f0f, 0x0f0f, 0x0f0f, 0x0f0f, 0,      0, 0x0a08, 0, 0xffff,
                                     0,      0,      0,      0x00c3, 0xff0f, 0, 0xc0c0};
    static const uint16_t two_without[16] = {0x4be0, 0, 0,      0x00ff, 0,      0, 0, 0x0080,
                                             0xffff, 0, 0x0707, 0,      0xff00, 0, 0, 0};
    if (d->vex || d->evex) {
        return d->map != 1 || d->op != 0x77; /* VZEROUPPER */
    }
    return d->map == 0 ? is_in(one, d->op) : d->map != 1 || !is_in(two_without, d->op);
}

static bool is_invalid(const struct decoder *d)
{
    static const uint16_t one[16] = {0x40c0, 0xc0c0, 0x8080, 0x8080, 0,      0,      0x0007, 0,
                                     0x0004, 0x0400, 0,      0,      0x4000, 0x0070, 0x0400, 0};
    return d->map == 0 && is_in(one, d->op);
}

static uint32_t immediate_of_one(const struct decoder *d)
{
    uint8_t op = d->op;
    uint32_t z = d->narrow ? 2 : 4;
    if (op < 0x40) {
        return (op & 7) == 4 ? 1 : (op & 7) == 5 ? z : 0;
    }
    switch (op) {
    case 0x68:
    case 0x69:
    case 0x81:
    case 0xa9:
    case 0xc7:
        return z;
    case 0x6a:
    case 0x6b:
    case 0x80:
    case 0x83:
    case 0xa8:
    case 0xc0:
    case 0xc1:
    case 0xc6:
    case 0xcd:
    case 0xeb:
        return 1;
    case 0xc2:
    case 0xca:
        return 2;
    case 0xc8:
        return 3;
    case 0xe8:
    case 0xe9:
        return 4;
    case 0xf6:
        return (d->modrm & 0x30) == 0 ? 1 : 0;
    case 0xf7:
        return (d->modrm & 0x30) == 0 ? z : 0;
    default:
        break;
    }
    if (op >= 0xa0 && op <= 0xa3) {
        return d->short_address ? 4 : 8;
    }
    if (op >= 0xb8 && op <= 0xbf) {
        return d->wide ? 8 : z;
    }
    bool byte =
        (op >= 0x70 && op <= 0x7f) || (op >= 0xb0 && op <= 0xb7) || (op >= 0xe0 && op <= 0xe7);
    return byte ? 1 : 0;
}

static uint32_t immediate_of(const struct decoder *d)
{
    static const uint16_t byte[16] = {0x8000, 0, 0,      0,      0,      0, 0, 0x000f,
                                      0,      0, 0x1010, 0x0400, 0x0074, 0, 0, 0};
    if (d->map == 0) {
        return immediate_of_one(d);
    }
    if (d->map == 1 && !d->vex && !d->evex && d->op >= 0x80 && d->op <= 0x8f) {
        return 4;
    }
    return d->map == 3 || (d->map == 1 && is_in(byte, d->op)) ? 1 : 0;
}

/* Behind a ModRM byte: SIB and displacement. */
static bool skip_operand(struct decoder *d)
{
    uint32_t mod = d->modrm >> 6, rm = d->modrm & 7;
    uint8_t sib = 0;
    if (mod == 3) {
        return true;
    }
    if (rm == 4 && !take(d, &sib)) {
        return false;
    }
    uint32_t more = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    if (mod == 0 && (rm == 5 || (rm == 4 && (sib & 7) == 5))) {
        more = 4;
    }
    d->at += more;
    return true;
}

/* ---- what it needs ---- */

static uint64_t needs_0f(const struct decoder *d)
{
    bool reg = d->modrm >= 0xc0;
    switch (d->op) {
    case 0x12:
        return d->pp == PF2 || d->pp == PF3 ? CTX_CPU_SSE3 : 0;
    case 0x16:
        return d->pp == PF3 ? CTX_CPU_SSE3 : 0;
    case 0x7c:
    case 0x7d:
    case 0xd0:
        return d->pp == P66 || d->pp == PF2 ? CTX_CPU_SSE3 : 0;
    case 0xf0:
        return d->pp == PF2 ? CTX_CPU_SSE3 : 0;
    case 0xb8:
        return d->pp == PF3 ? CTX_CPU_POPCNT : 0;
    case 0xbd: /* LZCNT; TZCNT (BC) is BSF on old processors, and compilers count on that */
        return d->pp == PF3 ? CTX_CPU_LZCNT : 0;
    case 0xc7:
        if (reg && d->pp != PF3 && (d->modrm >> 3 & 7) >= 6) {
            return (d->modrm >> 3 & 7) == 6 ? CTX_CPU_RDRAND : CTX_CPU_RDSEED;
        }
        return 0;
    default:
        return 0;
    }
}

static uint64_t needs_0f38(const struct decoder *d)
{
    uint8_t op = d->op;
    if (op <= 0x0b || (op >= 0x1c && op <= 0x1e)) {
        return CTX_CPU_SSSE3;
    }
    if (op >= 0xc8 && op <= 0xcd) {
        return CTX_CPU_SHA;
    }
    if (op >= 0xdb && op <= 0xdf) {
        return CTX_CPU_AES;
    }
    if (op == 0xf0 || op == 0xf1) {
        return d->pp == PF2 ? CTX_CPU_SSE42 : CTX_CPU_MOVBE;
    }
    if (op == 0xf6) {
        return d->pp == P66 || d->pp == PF3 ? CTX_CPU_ADX : 0;
    }
    if (op == 0x37) {
        return CTX_CPU_SSE42;
    }
    return op >= 0x10 && op <= 0x41 ? CTX_CPU_SSE41 : 0;
}

static uint64_t needs_0f3a(const struct decoder *d)
{
    switch (d->op) {
    case 0x0f:
        return CTX_CPU_SSSE3;
    case 0x44:
        return CTX_CPU_PCLMUL;
    case 0xcc:
        return CTX_CPU_SHA;
    case 0xdf:
        return CTX_CPU_AES;
    default:
        return d->op >= 0x60 && d->op <= 0x63   ? CTX_CPU_SSE42
               : d->op >= 0x08 && d->op <= 0x42 ? CTX_CPU_SSE41
                                                : 0;
    }
}

/* Operations on whole numbers are AVX2's where they have 256 bits. */
static bool is_integer(const struct decoder *d)
{
    static const uint16_t first[16] = {0, 0, 0, 0, 0, 0,      0x3fff, 0x007f,
                                       0, 0, 0, 0, 0, 0xffbe, 0xff3f, 0x7f7e};
    static const uint16_t second[16] = {0x0fff, 0x7000, 0x0f3f, 0xffff, 0x0001, 0, 0, 0,
                                        0,      0,      0,      0,      0,      0, 0, 0};
    if (d->map == 1) {
        return (d->pp == P66 || d->op == 0x70) && is_in(first, d->op);
    }
    return d->map == 2 ? d->pp == P66 && is_in(second, d->op) && d->op != 0x2c
                       : d->op == 0x0e || d->op == 0x0f || d->op == 0x42 || d->op == 0x4c;
}

/* On mask registers, which are AVX-512's, although VEX leads to them. */
static bool is_mask(const struct decoder *d)
{
    static const uint16_t first[16] = {0, 0, 0, 0, 0x0cf6, 0, 0, 0, 0, 0x030f, 0, 0, 0, 0, 0, 0};
    return (d->map == 1 && is_in(first, d->op)) || (d->map == 3 && d->op >= 0x30 && d->op <= 0x33);
}

static uint64_t needs_vex(const struct decoder *d)
{
    static const uint16_t avx2[16] = {0,      0x0040, 0, 0x0040, 0x00e0, 0x0700, 0, 0x0300,
                                      0x5000, 0x000f, 0, 0,      0,      0,      0, 0};
    uint8_t op = d->op;
    if (is_mask(d)) {
        return CTX_CPU_AVX512F;
    }
    if (d->map == 2 && (op == 0xf2 || op == 0xf3 || (op == 0xf7 && d->pp == NONE))) {
        return CTX_CPU_BMI1;
    }
    if ((d->map == 2 && op >= 0xf5 && op <= 0xf7) || (d->map == 3 && op == 0xf0)) {
        return CTX_CPU_BMI2;
    }
    if (d->map == 2 &&
        ((op >= 0x96 && op <= 0x9f) || (op >= 0xa6 && op <= 0xaf) || (op >= 0xb6 && op <= 0xbf))) {
        return CTX_CPU_FMA;
    }
    if ((d->map == 2 && op == 0x13) || (d->map == 3 && op == 0x1d)) {
        return CTX_CPU_F16C;
    }
    bool own = (d->map == 2 && is_in(avx2, op)) ||
               (d->map == 3 && (op <= 0x02 || op == 0x38 || op == 0x39 || op == 0x46)) ||
               (d->map == 2 && (op == 0x18 || op == 0x19) && d->modrm >= 0xc0);
    return own || (d->large && is_integer(d)) ? CTX_CPU_AVX2 : CTX_CPU_AVX;
}

static uint64_t needs(const struct decoder *d)
{
    if (d->evex) {
        return CTX_CPU_AVX512F;
    }
    if (d->vex) {
        return needs_vex(d);
    }
    switch (d->map) {
    case 1:
        return needs_0f(d);
    case 2:
        return needs_0f38(d);
    case 3:
        return needs_0f3a(d);
    default: /* FISTTP */
        return (d->op == 0xdb || d->op == 0xdd || d->op == 0xdf) && d->modrm < 0xc0 &&
                       (d->modrm >> 3 & 7) == 1
                   ? CTX_CPU_SSE3
                   : 0;
    }
}

/* ---- one instruction ---- */

static bool read_prefixes(struct decoder *d)
{
    bool more = true;
    while (more) {
        if (!take(d, &d->op)) {
            return false;
        }
        switch (d->op) {
        case 0x66:
            d->narrow = true;
            d->pp = d->pp == NONE ? P66 : d->pp;
            break;
        case 0xf2:
            d->pp = PF2;
            break;
        case 0xf3:
            d->pp = PF3;
            break;
        case 0x67:
            d->short_address = true;
            break;
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0x64:
        case 0x65:
        case 0xf0:
            break;
        default:
            more = false;
            break;
        }
    }
    if ((d->op & 0xf0) == 0x40) { /* REX */
        d->wide = (d->op & 8) != 0;
        return take(d, &d->op);
    }
    return true;
}

/* C5, C4 and 62 in 64-bit code: prefix, map and size in two, three or four bytes. */
static bool read_vector_prefix(struct decoder *d)
{
    uint8_t bytes[3] = {0};
    uint8_t kind = d->op;
    uint32_t count = kind == 0xc5 ? 1 : kind == 0xc4 ? 2 : 3;
    for (uint32_t i = 0; i < count; i++) {
        if (!take(d, &bytes[i])) {
            return false;
        }
    }
    d->vex = kind != 0x62;
    d->evex = kind == 0x62;
    d->map = kind == 0xc5 ? 1 : bytes[0] & (kind == 0xc4 ? 0x1f : 7);
    uint8_t last = bytes[kind == 0xc5 ? 0 : 1];
    d->pp = last & 3;
    d->large = (last & 4) != 0;
    bool good = d->map >= 1 && d->map <= 3;
    if (d->evex) { /* bit 2 of the second byte is fixed; maps 5 and 6 are FP16's */
        good = (good || d->map == 5 || d->map == 6) && (last & 4) != 0 && (bytes[0] & 8) == 0;
    }
    return good && take(d, &d->op);
}

static bool read_opcode(struct decoder *d)
{
    if (d->op == 0xc4 || d->op == 0xc5 || d->op == 0x62) {
        return read_vector_prefix(d);
    }
    if (d->op != 0x0f) {
        return true;
    }
    d->map = 1;
    if (!take(d, &d->op)) {
        return false;
    }
    if (d->op == 0x38 || d->op == 0x3a) {
        d->map = d->op == 0x38 ? 2 : 3;
        return take(d, &d->op);
    }
    return true;
}

uint32_t insn_look(const uint8_t *code, size_t len, uint64_t *feature)
{
    struct decoder d = {.code = code, .len = len};
    *feature = 0;
    if (!read_prefixes(&d) || !read_opcode(&d) || is_invalid(&d)) {
        return 0;
    }
    if (has_modrm(&d) && (!take(&d, &d.modrm) || !skip_operand(&d))) {
        return 0;
    }
    d.at += immediate_of(&d);
    if (d.at > len || d.at > INSN_MAX) {
        return 0;
    }
    *feature = needs(&d);
    return (uint32_t)d.at;
}

uint64_t insn_features(const uint8_t *code, uint64_t len)
{
    uint64_t found = 0;
    for (uint64_t at = 0; at < len;) {
        uint64_t feature;
        uint32_t size = insn_look(code + at, (size_t)MIN(len - at, (uint64_t)INSN_MAX), &feature);
        found |= size != 0 ? feature : 0;
        at += size != 0 ? size : 1;
    }
    return found;
}

void insn_feature_names(uint64_t features, char *text, size_t size)
{
    static const struct {
        uint64_t feature;
        const char *name;
    } names[] = {
        {CTX_CPU_SSE3, "SSE3"},
        {CTX_CPU_SSSE3, "SSSE3"},
        {CTX_CPU_SSE41, "SSE4.1"},
        {CTX_CPU_SSE42, "SSE4.2"},
        {CTX_CPU_POPCNT, "POPCNT"},
        {CTX_CPU_RDRAND, "RDRAND"},
        {CTX_CPU_AES, "AES"},
        {CTX_CPU_PCLMUL, "PCLMUL"},
        {CTX_CPU_MOVBE, "MOVBE"},
        {CTX_CPU_LZCNT, "LZCNT"},
        {CTX_CPU_BMI1, "BMI1"},
        {CTX_CPU_BMI2, "BMI2"},
        {CTX_CPU_AVX, "AVX"},
        {CTX_CPU_F16C, "F16C"},
        {CTX_CPU_FMA, "FMA"},
        {CTX_CPU_AVX2, "AVX2"},
        {CTX_CPU_AVX512F, "AVX-512"},
        {CTX_CPU_AVX512DQ, "AVX-512DQ"},
        {CTX_CPU_AVX512CD, "AVX-512CD"},
        {CTX_CPU_AVX512BW, "AVX-512BW"},
        {CTX_CPU_AVX512VL, "AVX-512VL"},
        {CTX_CPU_SHA, "SHA"},
        {CTX_CPU_ADX, "ADX"},
        {CTX_CPU_RDSEED, "RDSEED"},
    };
    size_t at = 0;
    text[0] = 0;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if ((features & names[i].feature) != 0 && at + 1 < size) {
            at += format_text(text + at, size - at, at > 0 ? " %s" : "%s", names[i].name);
            features &= ~names[i].feature;
        }
    }
    if (features != 0 && at + 1 < size) {
        format_text(text + at, size - at, at > 0 ? " 0x%lx" : "0x%lx", features);
    }
}
