/* SPDX-License-Identifier: MIT */
/* Says four times a second what the calendar shows, in seconds since 1970. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    int64_t wall = 0;
    uint64_t now = 0;
    ctx_status status = ctx->time->wall(ctx->time, &wall);
    say(ctx, status == CTX_OK ? "wall" : "no wall", status == CTX_OK ? wall / 1000000000 : status);
    ctx->time->now(ctx->time, &now);
    ctx->time->wake_at(ctx->time, now + 250000000);
    return CTX_WAIT;
}
