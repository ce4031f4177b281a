/* SPDX-License-Identifier: MIT */
/*
 * What a compiler calls for integers where the processor has no instruction. Everybody else gets
 * these from libgcc, whose code is made already and can not be verified; here they are once more,
 * from their definitions (GCC Internals, "Integer library routines"). ctest/unit/test_helpers.c
 * compares them with libgcc's.
 *
 * None may use what it stands for: 128 bits are never divided here.
 */
#include <stdint.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

u128 __udivmodti4(u128 n, u128 d, u128 *rest);
u128 __udivti3(u128 n, u128 d);
u128 __umodti3(u128 n, u128 d);
s128 __divmodti4(s128 n, s128 d, s128 *rest);
s128 __divti3(s128 n, s128 d);
s128 __modti3(s128 n, s128 d);
int __popcountdi2(uint64_t v);
int __popcountti2(u128 v);

/* n / d where the quotient fits, that is the upper half of n is less than d. */
static uint64_t divide(u128 n, uint64_t d, uint64_t *rest)
{
    uint64_t quotient;
    __asm__("divq %4"
            : "=a"(quotient), "=d"(*rest)
            : "a"((uint64_t)n), "d"((uint64_t)(n >> 64)), "r"(d)
            : "cc");
    return quotient;
}

u128 __udivmodti4(u128 n, u128 d, u128 *rest)
{
    uint64_t low = (uint64_t)d, high = (uint64_t)(d >> 64), left;
    u128 quotient;
    if (high == 0) {
        /* Digit by digit, with 64 bits to a digit. What divides by zero traps, as it should. */
        uint64_t first = (uint64_t)(n >> 64) / low;
        left = (uint64_t)(n >> 64) % low;
        uint64_t second = divide((u128)left << 64 | (uint64_t)n, low, &left);
        quotient = (u128)first << 64 | second;
        n = left;
    } else {
        /*
         * One digit. The upper 64 bits of d, moved up until the first is 1, give a quotient that
         * is right or one too big; half of n, so that it fits. One less is right or too small by
         * one, which the rest shows.
         */
        int shift = __builtin_clzll(high);
        uint64_t top = (uint64_t)((d << shift) >> 64);
        uint64_t guess = (uint64_t)((u128)divide(n >> 1, top, &left) << shift >> 63);
        quotient = guess != 0 ? guess - 1 : 0;
        n -= quotient * d;
        if (n >= d) {
            n -= d;
            quotient++;
        }
    }
    if (rest != 0) {
        *rest = n;
    }
    return quotient;
}

u128 __udivti3(u128 n, u128 d)
{
    return __udivmodti4(n, d, 0);
}

u128 __umodti3(u128 n, u128 d)
{
    u128 rest;
    __udivmodti4(n, d, &rest);
    return rest;
}

/* As in C: the quotient is cut off towards zero, and the rest has the sign of n. */
s128 __divmodti4(s128 n, s128 d, s128 *rest)
{
    u128 left,
        quotient = __udivmodti4(n < 0 ? -(u128)n : (u128)n, d < 0 ? -(u128)d : (u128)d, &left);
    if (rest != 0) {
        *rest = (s128)(n < 0 ? -left : left);
    }
    return (s128)((n < 0) != (d < 0) ? -quotient : quotient);
}

s128 __divti3(s128 n, s128 d)
{
    return __divmodti4(n, d, 0);
}

s128 __modti3(s128 n, s128 d)
{
    s128 rest;
    __divmodti4(n, d, &rest);
    return rest;
}

/* Sums of 2, 4 and 8 bits side by side, then of all bytes. */
int __popcountdi2(uint64_t v)
{
    const uint64_t ones = UINT64_MAX / 255;
    v -= v >> 1 & ones * 0x55;
    v = (v & ones * 0x33) + (v >> 2 & ones * 0x33);
    v = (v + (v >> 4)) & ones * 0x0f;
    return (int)(v * ones >> 56);
}

int __popcountti2(u128 v)
{
    return __popcountdi2((uint64_t)v) + __popcountdi2((uint64_t)(v >> 64));
}
