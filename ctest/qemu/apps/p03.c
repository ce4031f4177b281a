/* SPDX-License-Identifier: MIT */
/* Profile 3: no pointer is ever NULL. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    T_CHECK("p03", ctx->log != 0, calls);
    T_CHECK("p03", ctx->fb.pixels != 0, calls);
    T_CHECK("p03", ctx->alloc != 0, calls);
    T_CHECK("p03", ctx->dealloc != 0, calls);
    T_CHECK("p03", ctx->store != 0, calls);
    T_CHECK("p03", ctx->input != 0, calls);
    volatile u8 sum = 0;
    for (u32 i = 0; i < sizeof *ctx->input; i++) {
        sum = (u8)(sum + ((const volatile u8 *)ctx->input)[i]);
    }
    if (++calls == 30) {
        t_ok(ctx, "p03");
    }
    return 0;
}
