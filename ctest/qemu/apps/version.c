/* SPDX-License-Identifier: MIT */
/* Fields at 0 and 24: version is 2 without a note, pid is small and never changes. */
#include "t.h"

static u64 calls, pid;

int32_t _start(struct ctx *ctx)
{
    if (!calls++) {
        pid = ctx->pid;
    }
    T_CHECK("version", ctx->version == 2, ctx->version);
    T_CHECK("version", ctx->pid == pid, ctx->pid);
    T_CHECK("version", pid < 256, pid);
    if (calls == 30) {
        t_ok(ctx, "version");
    }
    return 0;
}
