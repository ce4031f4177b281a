/* SPDX-License-Identifier: MIT */
/* Profile 7: the return value is ignored. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    static const int32_t values[] = {-1, 1, 0x100, 0x101, 2, -20, INT32_MIN, INT32_MAX};
    if (++calls == 40) {
        t_ok(ctx, "p07");
    }
    return values[calls % 8];
}
