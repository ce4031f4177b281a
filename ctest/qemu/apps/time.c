/* SPDX-License-Identifier: MIT */
/* Field at 8: milliseconds at the start of the call, never backwards, at about 60 calls a second.
 */
#include "t.h"

static u64 calls, first, before;

int32_t _start(struct ctx *ctx)
{
    u64 now = ctx->start_time_ms;
    if (!calls++) {
        first = now;
    }
    T_CHECK("time", now >= before, before - now);
    T_CHECK("time", now < 3600 * 1000, now);
    before = now;
    if (calls == 61) {
        /* One second, give or take a slow machine; a clock in other units is far off. */
        T_CHECK("time", now - first >= 900, now - first);
        T_CHECK("time", now - first <= 20000, now - first);
        t_ok(ctx, "time");
    }
    return 0;
}
