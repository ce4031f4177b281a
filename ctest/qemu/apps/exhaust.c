/* SPDX-License-Identifier: MIT */
/* Memory runs out as NULL, and comes back. */
#include "t.h"

int32_t _start(struct ctx *ctx)
{
    if (t_done) {
        return 0;
    }
    void **list = 0;
    u64 n = 0;
    for (;;) {
        void **p = ctx->alloc(1 << 20, 16);
        if (!p) {
            break;
        }
        *p = list;
        list = p;
        n++;
        T_CHECK("exhaust", n < 4096, n);
    }
    T_CHECK("exhaust", n > 0, n);
    while (list) {
        void **next = *list;
        ctx->dealloc(list, 1 << 20, 16);
        list = next;
    }
    void *again = ctx->alloc(1 << 20, 16);
    T_CHECK("exhaust", again, n);
    ctx->dealloc(again, 1 << 20, 16);
    t_ok(ctx, "exhaust");
    return 0;
}
