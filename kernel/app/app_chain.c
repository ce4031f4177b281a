/* SPDX-License-Identifier: MIT */
/* Who is in the middle of a call: the chain from the innermost to the loop's, and its time. */
#include "app_chain.h"

#include "app.h"

#include <kernel/call.h>

#define LEVELS_MAX 8u

/* A call may last so many times its budget, calls that it makes of other apps included. */
#define ELAPSED_BUDGETS 2u

/*
 * Its own time is over, or the larger one in which others that it calls count. Else an app could
 * keep the processor for ever by calling, in a loop, a host that is well within its own budget.
 */
bool app_call_is_over(const struct call *call)
{
    uint64_t budget =
        call->slice != 0 ? call->slice : call->app->policy.budget_ns / MACHINE_TICK_NS;
    return this_cpu.hurry || call->ticks >= budget ||
           call_elapsed_ticks(call) >= budget * ELAPSED_BUDGETS;
}

static const struct call *call_of(const struct app *app)
{
    const struct call *call = this_cpu.call;
    while (call != NULL && call->app != app) {
        call = call->below;
    }
    return call;
}

bool app_is_in_chain(const struct app *app)
{
    return call_of(app) != NULL;
}

bool app_is_between_calls(const struct app *app)
{
    return call_of(app) == NULL && app->parked == NULL;
}

ctx_status app_may_serve(const struct app *app)
{
    if (app->base == 0 || app->fate != FATE_NONE || app->paused) {
        return CTX_E_STALE;
    }
    if (this_cpu.call != NULL && this_cpu.call->depth >= LEVELS_MAX) {
        return CTX_E_DEPTH;
    }
    return app_is_between_calls(app) ? CTX_OK : CTX_E_BUSY;
}

const struct app_served *app_serving(const struct app *app)
{
    const struct call *call = call_of(app);
    return call != NULL ? call->served : NULL;
}

struct app *app_current(void)
{
    return this_cpu.call != NULL ? this_cpu.call->app : NULL;
}

uint64_t app_work_ns(void)
{
    return this_cpu.ticks * MACHINE_TICK_NS;
}

void app_hurry(bool hurry)
{
    this_cpu.hurry = hurry;
}

bool app_overran(void)
{
    if (this_cpu.call == NULL) {
        return false;
    }
    this_cpu.ticks++;
    this_cpu.call->ticks++;
    return app_call_is_over(this_cpu.call);
}
