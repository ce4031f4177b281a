/* SPDX-License-Identifier: MIT */
/* A host, its child, and what both do in tests: ctx.host/1. */
#ifndef UNIT_HOST_FIXTURE_H
#define UNIT_HOST_FIXTURE_H

#include "v3_fixture.h"

static struct {
    struct app *host, *child;
    uint32_t handle;
    ctx_status open, wrap;   /* what setting up said */
    ctx_status serve_status; /* of what serve did last */
    uint32_t served;
    struct ctx_host_call seen; /* what serve was given */
    struct ctx_host_call *call;
    ctx_status child_status;
    void *child_memory;
    uint32_t forwards;
    const char *words;
} t;

static inline const struct ctx_host *host_table(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    return (const struct ctx_host *)table;
}

/* ---- what the host does at its own calls ---- */

static inline int32_t body_wrap(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    t.open = host->open(host, t.child->pid, out);
    t.handle = *out;
    uint32_t len = (uint32_t)strlen(t.words);
    void *words = own_copy(ctx, t.words, len + 1);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    t.wrap = host->wrap(host, t.handle, words, len, code, 77);
    ctx->time->wake_at(ctx->time, 5000 * NSEC_PER_SEC);
    return CTX_WAIT;
}

static inline int32_t body_close(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    t.wrap = host->close(host, t.handle);
    return CTX_AGAIN;
}

/* ---- what it does in place of the child's functions ---- */

static inline int32_t serve_identity(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    t.served++;
    t.seen = *call;
    for (uint32_t i = 0; i < t.forwards; i++) {
        t.serve_status = host->forward(host, call->child, call);
    }
    return 0;
}

static inline int32_t serve_fault(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    call->result = 1234;
    fake_fault(14, 0x18);
}

/* ---- what the child does ---- */

static inline int32_t child_alloc(struct ctx *ctx)
{
    t.child_memory = ctx->alloc(100, 16);
    return 0;
}

static inline int32_t child_status(struct ctx *ctx)
{
    uint64_t *out = own(ctx, sizeof *out);
    t.child_status = ctx->time->now(ctx->time, out);
    return 0;
}

static inline void start(const char *words, bool v3)
{
    memset(&t, 0, sizeof t);
    t.words = words;
    t.forwards = 1;
    fake.serve = serve_identity;
    remember();
    t.host = load_v3("host grant=ctx.host/1");
    t.child = v3 ? load_v3("child host=host") : load("child host=host");
    call(t.host, body_wrap);
    assert_int_equal(t.open, CTX_OK);
    assert_int_equal(t.wrap, CTX_OK);
    fake_serial_clear();
}

static inline void end(void)
{
    fake.serve = NULL;
    app_unload(t.child);
    app_unload(t.host);
    all_is_back();
}

#endif
