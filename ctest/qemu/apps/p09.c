/* SPDX-License-Identifier: MIT */
/* Profile 9: int3 in the image is logged, and execution goes on behind it. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    if (++calls == 3) {
        u64 a = 0x1111, b = 0x2222;
        __asm__ volatile("int3; add %1, %0" : "+r"(a) : "r"(b));
        T_CHECK("p09", a == 0x3333, a);
    }
    if (calls == 10) {
        t_ok(ctx, "p09");
    }
    return 0;
}
