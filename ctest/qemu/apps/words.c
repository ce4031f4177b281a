/* SPDX-License-Identifier: MIT */
/* Logs each word that it was given, between brackets, and ends. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    const struct ctx_args *args = (const struct ctx_args *)open(ctx, CTX_ID_ARGS);
    uint32_t count = 0;
    args->count(args, &count);
    for (uint32_t i = 0; i < count; i++) {
        static uint8_t text[4200] = "["; /* the longest that a line has room for */
        uint32_t len = 0;
        args->get(args, i, text + 1, sizeof text - 2, &len);
        text[len + 1] = ']';
        ctx->log(text, len + 2);
    }
    ctx->log((const uint8_t *)"end of words", 12);
    return 0x100;
}
