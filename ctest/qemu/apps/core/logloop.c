/* SPDX-License-Identifier: MIT */
/* Logs for ever in one call. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static int n;
int _start(struct ctx *ctx)
{
    if (n++ < 30)
        return CTX_AGAIN; /* let the host wrap first */
    for (;;)
        ctx->log((const uint8_t *)"x", 1);
}
