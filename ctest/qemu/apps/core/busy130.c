/* SPDX-License-Identifier: MIT */
/* each call works about 130 ms of cpu; counts calls in its data */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
int _start(struct ctx *ctx)
{
    char w[32];
    word(ctx, 0, w);
    uint64_t loops = number(w) * 1000000ull;
    say(ctx, "begins with n", n);
    for (volatile uint64_t i = 0; i < loops; i++)
        ;
    n++;
    return CTX_AGAIN;
}
