/* SPDX-License-Identifier: MIT */
/* Apps with shares: the functions of ctx.share/1 as the app that a test means would call them. */
#ifndef UNIT_SHARE_FIXTURE_H
#define UNIT_SHARE_FIXTURE_H

#include "policy_fixture.h"
#include "resource.h"
#include "share_private.h"

#define RW (CTX_SHARE_READ | CTX_SHARE_WRITE)
#define RO CTX_SHARE_READ

/* One use of the table, made from inside a call of the app. */
static struct {
    struct app *app; /* whose call is going on; NULL: none */
    struct ctx *ctx;
    const struct ctx_share *t;
    uint64_t *out; /* in its memory */
    struct ctx_share_info *info;
} me;

static inline void begin_with(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_SHARE, sizeof(struct ctx_share), &table), CTX_OK);
    me.app = app_current();
    me.ctx = ctx;
    me.t = (const struct ctx_share *)table;
    me.out = own(ctx, sizeof *me.out);
    me.info = own(ctx, sizeof *me.info);
}

static inline void end_with(void)
{
    me.ctx->mem->free(me.ctx->mem, me.out, sizeof *me.out, 16);
    me.ctx->mem->free(me.ctx->mem, me.info, sizeof *me.info, 16);
    me.app = NULL;
}

static inline ctx_status create(uint64_t bytes, uint64_t flags, uint32_t *share)
{
    *me.out = 0;
    ctx_status status = me.t->create(me.t, bytes, flags, (uint32_t *)me.out);
    *share = *(uint32_t *)me.out;
    return status;
}

static inline ctx_status map(uint32_t share, uint32_t rights, uint8_t **at)
{
    *me.out = 0;
    ctx_status status = me.t->map(me.t, share, rights, me.out);
    *at = (uint8_t *)(uintptr_t)*me.out;
    return status;
}

static inline ctx_status take_next(struct ctx_share_info *info)
{
    me.info->size = sizeof *me.info;
    ctx_status status = me.t->take(me.t, me.info);
    *info = *me.info;
    return status;
}

static inline ctx_status look(uint32_t share, struct ctx_share_info *info)
{
    me.info->size = sizeof *me.info;
    ctx_status status = me.t->info(me.t, share, me.info);
    *info = *me.info;
    return status;
}

static inline ctx_status grant(uint32_t share, const struct app *to, uint32_t rights, uint64_t tag)
{
    return me.t->grant(me.t, share, to->pid, rights, tag);
}

/* A call of an app in which steps are done; what they need lies in globals of the test. */
static void (*steps)(void);

static inline int32_t body_steps(struct ctx *ctx)
{
    begin_with(ctx);
    steps();
    end_with();
    return CTX_AGAIN;
}

static inline void as(struct app *app, void (*what)(void))
{
    steps = what;
    uint64_t faults = app->faults;
    call(app, body_steps);
    assert_int_equal(app->faults, faults);
}

/* The same, and then the call faults. */
static inline int32_t body_steps_and_fault(struct ctx *ctx)
{
    begin_with(ctx);
    steps();
    me.app = NULL;
    fake_fault(14, 0x10);
}

static inline void undone(struct app *app, void (*what)(void))
{
    uint64_t undone_before = app->undone;
    steps = what;
    call(app, body_steps_and_fault);
    assert_int_equal(app->undone, undone_before + 1);
}

/* Two or three apps, and what they know of one share. */
static struct app *a, *b, *c;
static uint32_t share_a, share_b, share_c;
static uint8_t *at_a, *at_b, *at_c;

static inline void make_one(void)
{
    assert_int_equal(create(3 * PAGE_SIZE, CTX_SHARE_ZERO, &share_a), CTX_OK);
    assert_int_equal(map(share_a, RW, &at_a), CTX_OK);
}

static inline void grant_b(void)
{
    assert_int_equal(grant(share_a, b, RW, 77), CTX_OK);
}

static inline void take_b(void)
{
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_OK);
    share_b = info.share;
}

static inline void map_b(void)
{
    assert_int_equal(map(share_b, RW, &at_b), CTX_OK);
}

static inline void b_to_c(void)
{
    assert_int_equal(grant(share_b, c, RO, 78), CTX_OK);
}

static inline void take_c(void)
{
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_OK);
    share_c = info.share;
    assert_int_equal(map(share_c, RO, &at_c), CTX_OK);
}

static inline void revoke_all(void)
{
    assert_int_equal(me.t->revoke(me.t, share_a, UINT64_MAX), CTX_OK);
}

static inline void two(const char *words)
{
    char text[64];
    snprintf(text, sizeof text, "a %s", words);
    a = load_v3(text);
    b = load_v3("b");
    as(a, make_one);
    as(a, grant_b);
    as(b, take_b);
    as(b, map_b);
}

static inline void three(void)
{
    two("");
    c = load_v3("c");
    as(b, b_to_c);
    as(c, take_c);
}

static inline uint64_t shares_count(struct app *app)
{
    return share_resource.count(app);
}

#endif
