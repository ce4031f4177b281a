/* SPDX-License-Identifier: MIT */
/* Does nothing but count: filler for archives of many apps. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    if (++calls == 30) {
        struct line l = {0};
        put(&l, "T idle ok pid=");
        put_number(&l, ctx->pid);
        send(ctx, &l);
    }
    return 0;
}
