/* SPDX-License-Identifier: MIT */
/* Says four times a second what the calendar shows, in seconds since 1970; with the word zone, how
 * far people's time is ahead when that is another. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    int64_t wall = 0, zone = 0, before = (int64_t)*ctx->store;
    char first[32];
    ctx_status status = ctx->time->wall(ctx->time, &wall);
    say(ctx, status == CTX_OK ? "wall" : "no wall", status == CTX_OK ? wall / 1000000000 : status);
    word(ctx, 0, first);
    ctx->time->zone(ctx->time, &zone);
    if (first[0] == 'z' && zone != before) {
        say(ctx, "zone", zone);
        *ctx->store = (void *)zone;
    }
    ctx->time->wake_at(ctx->time, now(ctx) + 250000000);
    return CTX_WAIT;
}
