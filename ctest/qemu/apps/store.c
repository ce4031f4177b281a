/* SPDX-License-Identifier: MIT */
/* Field at 80: the store starts as NULL, is kept when put back or left, and dropped when taken. */
#include "t.h"

static u64 calls;

int32_t _start(struct ctx *ctx)
{
    static u64 *block;
    switch (++calls) {
    case 1:
        T_CHECK("store", *ctx->store == 0, *ctx->store);
        block = ctx->alloc(64, 16);
        T_CHECK("store", block, block);
        *block = 0x1234;
        *ctx->store = block;
        break;
    case 2: /* left in place */
        T_CHECK("store", *ctx->store == block, *ctx->store);
        break;
    case 3: /* taken and put back */
        T_CHECK("store", *ctx->store == block, *ctx->store);
        *ctx->store = 0;
        T_CHECK("store", *block == 0x1234, *block);
        *ctx->store = block;
        break;
    case 4: /* taken and not put back */
        T_CHECK("store", *ctx->store == block, *ctx->store);
        *ctx->store = 0;
        break;
    case 5:
        T_CHECK("store", *ctx->store == 0, *ctx->store);
        t_ok(ctx, "store");
        break;
    default:
        break;
    }
    return 0;
}
