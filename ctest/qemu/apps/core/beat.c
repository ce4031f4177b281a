/* SPDX-License-Identifier: MIT */
/* Says how often it was called, and the longest pause between two calls. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t last, worst, n;
int _start(struct ctx *ctx)
{
    uint64_t t = now(ctx);
    if (last && t - last > worst) {
        worst = t - last;
        say(ctx, "worst gap ms", worst / 1000000);
    }
    last = t;
    if (++n % 60 == 0)
        say(ctx, "beats", n);
    return CTX_AGAIN;
}
