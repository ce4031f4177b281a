/* SPDX-License-Identifier: MIT */
/* Apps that misbehave, and the turn of the loop behind their calls. */
#ifndef UNIT_POLICY_FIXTURE_H
#define UNIT_POLICY_FIXTURE_H

#include "policy.h"
#include "v3_fixture.h"

#define SECOND NSEC_PER_SEC
#define MS     NSEC_PER_MSEC

/* ---- what apps do ---- */

static inline int32_t body_again(struct ctx *ctx)
{
    (void)ctx;
    return CTX_AGAIN;
}

static inline int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static inline int32_t body_exit(struct ctx *ctx)
{
    (void)ctx;
    return CTX_EXIT(3);
}

static inline int32_t body_overrun(struct ctx *ctx)
{
    (void)fake_spend(ctx != NULL ? APP_BUDGET_NS : APP_SLICE_NS); /* NULL: it goes on */
    fake_overrun();
}

static inline int32_t body_wait(struct ctx *ctx)
{
    ctx->time->wake_at(ctx->time, 1000000 * SECOND);
    return CTX_WAIT;
}

/* Call it and do what the loop would do afterwards. */
static inline void turn(struct app *app, int32_t (*body)(struct ctx *))
{
    call(app, body);
    app_settle();
}

/* The time has come at which it is to begin anew. */
static inline void restart_now(struct app *app)
{
    assert_int_equal(app->base, 0);
    assert_int_equal(app->turn.where, TURN_WAITING);
    fake.now_ns = MAX(fake.now_ns, app->turn.deadline_ns);
    ready_expire(fake.now_ns);
    assert_ptr_equal(ready_take(), app);
    turn(app, body_again);
}

static inline void gone(struct app *app)
{
    app_unload(app);
    all_is_back();
}

static inline int boot_late(void **state)
{
    int result = boot_and_wait(state);
    fake.now_ns = SECOND;
    return result;
}

#endif
