/* SPDX-License-Identifier: MIT */
/* Counts the key events that it reads, and says so at the end of each call that brought some. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t keys, told;
int _start(struct ctx *ctx)
{
    static struct ctx_event e[64];
    uint32_t n = 0;
    while (ctx->events->read(ctx->events, e, sizeof e, sizeof e[0], &n) == CTX_OK)
        for (uint32_t i = 0; i < n; i++)
            keys += e[i].kind == CTX_EVENT_KEY;
    if (keys != told)
        say(ctx, "key events so far", (int64_t)(told = keys));
    return CTX_AGAIN;
}
