/* SPDX-License-Identifier: MIT */
/* Its ninetieth call never ends. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
int _start(struct ctx *ctx)
{
    n++;
    if (n % 20 == 0)
        say(ctx, "n", n);
    if (n == 90)
        for (;;)
            ;
    return CTX_AGAIN;
}
