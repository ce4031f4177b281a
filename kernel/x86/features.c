/* SPDX-License-Identifier: MIT */
#include "features.h"

#include <kernel/string.h>

#include <ctx/tables.h>

#define LEAF_FEATURES   1u
#define LEAF_STRUCTURED 7u
#define LEAF_XSTATE     0xdu
#define LEAF_EXTENDED   0x80000000u
#define XSAVE           (1u << 26) /* 1.ecx */
#define AVX512VL        (1u << 31) /* 7.ebx: its instructions on XMM registers, too */
#define XSTATE_HEAD     576u       /* legacy area and header */

enum { EAX, EBX, ECX, EDX };

bool xstate_is_there(cpuid_fn *ask)
{
    uint32_t r[4];
    ask(0, 0, r);
    if (r[EAX] < LEAF_XSTATE) {
        return false;
    }
    ask(LEAF_FEATURES, 0, r);
    return (r[ECX] & XSAVE) != 0;
}

/* Where the standard format has this component, SDM 1, 13.4.3; the bytes up to its end. */
static uint32_t end_of(cpuid_fn *ask, uint32_t component)
{
    uint32_t r[4];
    ask(LEAF_XSTATE, component, r);
    return r[EAX] != 0 && r[EBX] >= XSTATE_HEAD && r[EAX] <= UINT32_MAX - r[EBX] ? r[EBX] + r[EAX]
                                                                                 : UINT32_MAX;
}

uint64_t xstate_choose(cpuid_fn *ask, uint64_t allowed, uint32_t room)
{
    uint32_t r[4];
    if (!xstate_is_there(ask) || room < XSTATE_HEAD || (allowed & XSTATE_LEGACY) != XSTATE_LEGACY) {
        return 0;
    }
    ask(LEAF_XSTATE, 0, r);
    uint64_t have = ((uint64_t)r[EDX] << 32 | r[EAX]) & allowed;
    if ((have & XSTATE_AVX) == 0 || end_of(ask, 2) > room) {
        return XSTATE_LEGACY;
    }
    uint64_t chosen = XSTATE_LEGACY | XSTATE_AVX;
    ask(LEAF_STRUCTURED, 0, r); /* there is one: its number is lower than LEAF_XSTATE */
    bool avx512 = (have & XSTATE_AVX512) == XSTATE_AVX512 && (r[EBX] & AVX512VL) != 0;
    for (uint32_t component = 5; component <= 7 && avx512; component++) {
        avx512 = end_of(ask, component) <= room;
    }
    return chosen | (avx512 ? XSTATE_AVX512 : 0);
}

struct bit {
    uint8_t bit, needs; /* components */
    uint32_t feature;
};

static uint64_t features_of(uint32_t word, const struct bit *bits, size_t count, uint64_t xstate)
{
    uint64_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if ((word >> bits[i].bit & 1) != 0 && (xstate & bits[i].needs) == bits[i].needs) {
            found |= bits[i].feature;
        }
    }
    return found;
}

uint64_t cpu_features(cpuid_fn *ask, uint64_t xstate)
{
    static const struct bit basic[] = {
        {0, 0, CTX_CPU_SSE3},    {1, 0, CTX_CPU_PCLMUL},         {9, 0, CTX_CPU_SSSE3},
        {19, 0, CTX_CPU_SSE41},  {12, XSTATE_AVX, CTX_CPU_FMA},  {20, 0, CTX_CPU_SSE42},
        {22, 0, CTX_CPU_MOVBE},  {23, 0, CTX_CPU_POPCNT},        {25, 0, CTX_CPU_AES},
        {30, 0, CTX_CPU_RDRAND}, {29, XSTATE_AVX, CTX_CPU_F16C}, {28, XSTATE_AVX, CTX_CPU_AVX},
    };
    static const uint8_t all = XSTATE_AVX | XSTATE_AVX512;
    const struct bit structured[] = {
        {3, 0, CTX_CPU_BMI1},        {5, XSTATE_AVX, CTX_CPU_AVX2}, {8, 0, CTX_CPU_BMI2},
        {16, all, CTX_CPU_AVX512F},  {17, all, CTX_CPU_AVX512DQ},   {18, 0, CTX_CPU_RDSEED},
        {19, 0, CTX_CPU_ADX},        {28, all, CTX_CPU_AVX512CD},   {29, 0, CTX_CPU_SHA},
        {30, all, CTX_CPU_AVX512BW}, {31, all, CTX_CPU_AVX512VL},
    };
    static const struct bit extended[] = {{5, 0, CTX_CPU_LZCNT}};
    uint32_t r[4];
    ask(0, 0, r);
    uint32_t last = r[EAX];
    ask(LEAF_FEATURES, 0, r);
    uint64_t features = features_of(r[ECX], basic, ARRAY_COUNT(basic), xstate);
    if (last >= LEAF_STRUCTURED) {
        ask(LEAF_STRUCTURED, 0, r);
        features |= features_of(r[EBX], structured, ARRAY_COUNT(structured), xstate);
    }
    ask(LEAF_EXTENDED, 0, r);
    if (r[EAX] >= LEAF_EXTENDED + 1) {
        ask(LEAF_EXTENDED + 1, 0, r);
        features |= features_of(r[ECX], extended, ARRAY_COUNT(extended), xstate);
    }
    return features;
}
