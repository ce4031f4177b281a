/* SPDX-License-Identifier: MIT */
/* Counts its calls. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
int _start(struct ctx *ctx)
{
    if (++n % 30 == 0)
        say(ctx, "count", n);
    return CTX_AGAIN;
}
