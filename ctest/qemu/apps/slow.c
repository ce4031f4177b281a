/* SPDX-License-Identifier: MIT
 *
 * A call that takes far longer than its budget, in integers and in SSE and x87 arithmetic:
 * interrupted many times, it must come to the same result as when nobody interrupts. With ENDLESS
 * the third call (or call ENDLESS_CALL) never returns.
 */
#include "t.h"

#ifdef ENDLESS
#define NAME "endless"
#else
#define NAME "slow"

static u64 work(u64 rounds, double *sum, long double *product)
{
    u64 x = 88172645463325252ull;
    double s = 0;
    long double p = 1;
    for (u64 i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        s += (double)(x >> 40) * 0.5;
        p = p * 1.0000001L + 0.25L;
    }
    *sum = s;
    *product = p;
    return x;
}
#endif

int32_t _start(struct ctx *ctx)
{
    static int calls;
    calls++;
#ifdef ENDLESS
    if (calls == 1) {
        say(ctx, "T " NAME " begins");
    }
#ifndef ENDLESS_CALL
#define ENDLESS_CALL 3
#endif
    for (volatile u64 n = 0; calls == ENDLESS_CALL;) {
        n++;
    }
#else
    static u64 x0;
    static double s0;
    static long double p0;
    double s;
    long double p;
    u64 x = work(2000, &s, &p);
    if (calls == 1) {
        x0 = x;
        s0 = s;
        p0 = p;
        return 0;
    }
    if (calls == 2) { /* the long one: the same 2,000 rounds, thousands of times */
        int bad = 0;
        for (int i = 0; i < 6000; i++) {
            x = work(2000, &s, &p);
            bad += x != x0 || s != s0 || p != p0;
        }
        say(ctx, bad == 0 ? "T " NAME " ok" : "T " NAME " FAIL the result differs");
    }
#endif
    return 0;
}
