/* SPDX-License-Identifier: MIT */
/*
 * Calls that are set aside because they overstay: kept from one slice to the next, paid for, given
 * up; and apps that are held so that somebody finds them between two calls.
 */
#include "parked.h"

#include "app.h"
#include "heap.h"
#include "policy.h"

#include <kernel/call.h>
#include <kernel/klog.h>

void app_drop_parked(struct app *app)
{
    if (app->parked != NULL) {
        heap_free(app->parked, sizeof *app->parked);
        app->parked = NULL;
    }
}

/*
 * What a slice took. One that called others for longer than it may last itself skips frames until
 * it is even, or a quarter of each frame would be no limit.
 */
static void pay(struct app_parked *parked, const struct call *call, bool in_idle)
{
    uint64_t ticks = call_elapsed_ticks(call);
    if (in_idle) {
        parked->idle_ticks -= (uint32_t)MIN(ticks, (uint64_t)parked->idle_ticks);
    }
    if (ticks > call->slice) {
        parked->owed_ticks += (uint32_t)(ticks - call->slice);
    }
}

enum app_ending app_park(struct app *app, const struct call *call, bool in_idle)
{
    /* else it is not the call's fault */
    bool counts = !in_idle && !this_cpu.hurry && !call->stepped;
    app->preemptions += counts;
    if (app->parked != NULL) {
        pay(app->parked, call, in_idle);
    } else {
        app->parked = heap_alloc(sizeof *app->parked);
        if (app->parked == NULL) {
            log_error("app", "%s#%lu: its call takes too long, and there is no memory to park it",
                      app->name, app->pid);
            return ENDED_BADLY;
        }
        app->parked->idle_ticks = APP_IDLE_NS / MACHINE_TICK_NS;
    }
    app->parked->at = *call->keep;
    if (counts && policy_overrun(app)) { /* nothing is left of the call */
        app_drop_parked(app);
        return ENDED_UNDONE;
    }
    if (app->fate == FATE_NONE && counts && (app->preemptions & (app->preemptions - 1)) == 0) {
        log_warn("app", "overran name=%s pid=%lu call=%lu preemptions=%lu: it goes on in slices",
                 app->name, app->pid, app->calls, app->preemptions);
    }
    return ENDED_PARKED;
}

void app_hold(struct app *app)
{
    app->held = app->held || (app->parked != NULL && !app->paused);
}

uint32_t app_hold_parked(void)
{
    uint32_t count = 0;
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        app_hold(app);
        count += app->parked != NULL && !app->paused;
    }
    return count;
}

void app_release_held(void)
{
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        app->held = false;
    }
}

/* ---- resting ---- */

bool app_rest(struct app *app, uint64_t now, uint64_t ns)
{
    uint64_t from = app->rests ? MAX(app->rest_ns, now) : now;
    if (ns > APP_REST_MAX || from - now > APP_REST_MAX - ns) {
        return false;
    }
    app->rests = ns != 0;
    app->rest_ns = from + ns;
    return true;
}

bool app_is_resting(struct app *app, uint64_t now)
{
    app->rests = app->rests && now < app->rest_ns;
    if (app->rests && app->turn.where != TURN_FRAME) {
        (void)ready_wait(app, app->rest_ns); /* no memory: it is looked at each turn */
    }
    return app->rests;
}
