/* SPDX-License-Identifier: MIT */
/* touches one more stack page every 10 calls, a call's depth is all it needs */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
__attribute__((noinline)) static int down(int k)
{
    volatile char a[4000];
    a[0] = (char)k;
    return k ? down(k - 1) + a[0] : a[0];
}
int _start(struct ctx *ctx)
{
    n++;
    if (n >= 40 && n < 70) {
        down((int)(n - 38));
    }
    if (n == 70)
        say(ctx, "deep is fine", n);
    return CTX_AGAIN;
}
