/* SPDX-License-Identifier: MIT */
/*
 * A host: it opens every app that names it (host=wrapper) and stands in for all functions of its
 * Context. The first word says how: identity, none (not at all), deny, fault, loop.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

static const struct ctx_host *host;
static uint64_t seen; /* apps with smaller pids have been asked */
static uint64_t served;
static char what[32];

static void serve(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    served++;
    if (same(what, "deny")) {
        call->result = call->returns == 0 ? (uint64_t)(uint32_t)CTX_E_DENIED : 0;
        return;
    }
    if (same(what, "fault")) {
        __builtin_trap();
    }
    while (same(what, "loop")) {
    }
    ctx_status status = host->forward(host, call->child, call);
    if (status != CTX_OK) {
        say(ctx, "forward FAIL", status);
    }
}

int32_t _start(struct ctx *ctx)
{
    static struct ctx_app_info apps[32];
    uint32_t count = 0;
    if (host == 0) {
        host = (const struct ctx_host *)open(ctx, CTX_ID_HOST);
        word(ctx, 0, what);
    }
    const struct ctx_apps *list = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    list->list(list, apps, sizeof apps, sizeof apps[0], &count);
    for (uint32_t i = 0; i < count && i < 32; i++) {
        uint32_t child;
        if (apps[i].pid < seen || same(what, "none")) {
            continue;
        }
        seen = apps[i].pid + 1;
        if (host->open(host, apps[i].pid, &child) == CTX_OK) {
            say(ctx, "wraps", (int64_t)apps[i].pid);
            ctx_status status = host->wrap(host, child, "trace", 5, serve, 0);
            if (status != CTX_OK) {
                say(ctx, "wrap FAIL", status);
            }
        }
    }
    static uint64_t calls, said;
    if (++calls % 16 == 0 && served != said) {
        said = served;
        say(ctx, "served", (int64_t)served);
    }
    return CTX_AGAIN;
}
