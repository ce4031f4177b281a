/* SPDX-License-Identifier: MIT */
/* A host that works for so many milliseconds in each log call of the app with that pid. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static const struct ctx_host *host;
static uint32_t child;
static int up;
static uint64_t spin_ms;
static void serve(struct ctx *ctx, struct ctx_host_call *call)
{
    uint64_t t = now(ctx) + spin_ms * 1000000ull;
    while (now(ctx) < t)
        for (volatile int i = 0; i < 20000; i++)
            ;
    call->result = 0;
}
int _start(struct ctx *ctx)
{
    if (!up++) {
        char text[32];
        word(ctx, 0, text);
        spin_ms = number(text);
        word(ctx, 1, text);
        uint64_t pid = number(text);
        host = (const struct ctx_host *)open(ctx, CTX_ID_HOST);
        ctx_status a = host->open(host, pid, &child);
        ctx_status b = host->wrap(host, child, "log", 3, serve, 0);
        say(ctx, "host open", a);
        say(ctx, "host wrap", b);
    }
    return CTX_AGAIN;
}
