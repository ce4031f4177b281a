/* SPDX-License-Identifier: MIT */
/* hello - says one line and ends. Its code can be verified (VERIFIED): it runs under
 * isolate=require too. */
#include <ctx/ctx.h>
#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    static const char line[] = "hello from an example";
    ctx->log((const uint8_t *)line, sizeof line - 1);
    return CTX_EXIT(0);
}
