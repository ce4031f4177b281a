/* SPDX-License-Identifier: MIT */
/* For windowing.py: begins the app with the number 0, the desktop, anew again and again: each time
 * that it has been called for a while. `rounds=N` on its line; 100 if nothing is said. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define PAUSE_NS UINT64_C(50000000)
#define CALLS    1u /* of the desktop's, before its next end: then it has taken over */

struct state {
    uint32_t rounds, done, restarts;
};

static const struct ctx_table *table_of(struct ctx *ctx, const char *id)
{
    const struct ctx_table *t = 0;
    return ctx->iface->open(ctx->iface, id, length(id), 0, &t) == CTX_OK ? t : 0;
}

static uint32_t rounds_of(struct ctx *ctx)
{
    const struct ctx_args *args = (const void *)table_of(ctx, CTX_ID_ARGS);
    char word[32] = "";
    uint32_t len, n = 0;
    if (args->get(args, 0, word, sizeof word - 1, &len) != CTX_OK) {
        return 100;
    }
    for (const char *p = word + 7; *p >= '0' && *p <= '9'; p++) {
        n = n * 10 + (uint32_t)(*p - '0');
    }
    return n;
}

int32_t _start(struct ctx *ctx)
{
    struct state *st = *ctx->store;
    uint64_t now = 0;
    if (st == 0) {
        st = *ctx->store = ctx->alloc(sizeof *st, 16);
        st->done = st->restarts = 0;
        st->rounds = rounds_of(ctx);
    }
    const struct ctx_control *control = (const void *)table_of(ctx, CTX_ID_CONTROL);
    const struct ctx_apps *apps = (const void *)table_of(ctx, CTX_ID_APPS);
    struct ctx_app_info first;
    uint32_t count;
    ctx->time->now(ctx->time, &now);
    ctx->time->wake_at(ctx->time, now + PAUSE_NS);
    if (apps->list(apps, &first, sizeof first, sizeof first, &count) != CTX_OK) {
        return CTX_WAIT;
    }
    /* Its calls are counted on: one that begins anew has as many as before. */
    if (first.state == CTX_APP_STOPPED || first.state == CTX_APP_RESTARTING ||
        first.calls < st->restarts + CALLS) {
        return CTX_WAIT;
    }
    if (st->done == st->rounds) {
        say(ctx, "killed", st->done);
        return CTX_EXIT(0);
    }
    st->done++;
    st->restarts = (uint32_t)first.calls;
    control->restart(control, 0);
    return CTX_WAIT;
}
