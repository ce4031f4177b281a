/* SPDX-License-Identifier: MIT */
/* Needs context version MINIMUM. On an older kernel than it was made for it says so once and goes
 * on with less. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(MINIMUM);

int32_t _start(struct ctx *ctx)
{
    static uint64_t calls;
    if (calls++ == 0) {
        say(ctx, "v3min version", ctx->version);
    }
    if (ctx->version < 3) {
        if (calls == 20) {
            say(ctx, "v3min calls", (int64_t)calls);
        }
        return 0;
    }
    return CTX_WAIT;
}
