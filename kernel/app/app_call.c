/* SPDX-License-Identifier: MIT */
/*
 * One call of an app, from writing its Context to acting on its answer. Loading is app.c's
 * business.
 */
#include "app_chain.h"
#include "crash.h"
#include "parked.h"
#include "policy.h"
#include "resource.h"

#include <kernel/call.h>
#include <kernel/klog.h>
#include <kernel/string.h>

/* [loop, in a call] */
static struct {
    uint64_t faults;
} state;

#define SLICE_TICKS ((uint32_t)(APP_SLICE_NS / MACHINE_TICK_NS))

/* What every call goes through: in one piece, because each function of its own is a tenth more. */
#define HOT static inline __attribute__((always_inline))

/* True: the call is undone. */
static bool count_fault(struct app *app, const struct machine_fault *f)
{
    app->faults++;
    state.faults++;
    crash_report(app, f);
    return policy_fault(app, f->ip);
}

uint64_t app_fault_total(void)
{
    return state.faults;
}

/* What _start of a version 3 app returned: when to call it again. */
static void answer(struct app *app, int32_t result)
{
    if (app->fate != FATE_NONE || app->paused) {
        return;
    }
    if (result == CTX_WAIT) {
        if (ready_wait(app, app->wake_ns) == CTX_OK) {
            resources_wait(app);
        }
        return;
    }
    if (result >= 0x100 && result <= 0x1ff) {
        policy_exit(app, result & 0xff);
        return;
    }
    ready_each_frame(app);
    /* The 1st, 2nd, 4th ... time: it may say so sixty times a second. */
    if (result == CTX_AGAIN) {
        return;
    }
    app->odd_answers++;
    if ((app->odd_answers & (app->odd_answers - 1)) == 0) {
        log_warn("app", "%s#%lu: _start returned %d (%s)", app->name, app->pid, result,
                 ctx_status_name(result));
    }
}

/* The list that a call that has ended belongs to: none if it is paused, or its fate is sealed. */
static void each_frame(struct app *app)
{
    if (app->fate == FATE_NONE && !app->paused) {
        ready_each_frame(app);
    }
}

void app_pause(struct app *app, bool pause)
{
    app->paused = pause;
    if (pause) {
        ready_remove(app);
    } else {
        each_frame(app);
    }
}

/* Another millisecond has begun, or time goes back with the app. */
static __attribute__((noinline)) void write_time(struct app *app, uint64_t ns)
{
    app->ctx_ns = ns - ns % NSEC_PER_MSEC;
    app->ctx->start_time_ms = ns / NSEC_PER_MSEC;
}

HOT void prepare_little(struct app *app, uint64_t ns)
{
    if (ns - app->ctx_ns >= NSEC_PER_MSEC) {
        write_time(app, ns);
    }
    if (*app->store_cell != app->store) { /* whoever did that: it is what the last good call left */
        *app->store_cell = app->store;
    }
}

/* What the app sees at this call. Nearly always only the time has changed. */
HOT void prepare(struct app *app, uint64_t now, struct machine_entry *entry, bool served)
{
    app->wake_ns = NEVER_NS;
    app->event_mask = 0;
    if (app->at_calls != 0) {
        resources_begin(app, now, entry, served);
    }
    uint64_t ns = app_time(app, now);
    if (served) {
        ns =
            MAX(ns, app->ctx_ns); /* now is when its caller began: its own last call may be later */
    }
    if (app->ctx_is_outdated) {
        app_write_context(app, ns);
    }
    prepare_little(app, ns);
}

/* The record of a call that is about to begin or to go on. Word by word: to clear all of it first
 * takes a tenth of an empty call. */
HOT void open_call(struct call *call, struct app *app, struct app_served *served, uint64_t now,
                   uint32_t slice)
{
    struct call *below = this_cpu.call;
    call->base = app->base;
    call->state = CALL_KERNEL;
    call->overdue = false;
    call->verified = app->verified;
    call->ended = CALL_RETURNED;
    call->resume = NULL;
    call->below = below;
    call->app = app;
    call->served = served;
    call->depth = below != NULL ? below->depth + 1 : 1;
    call->ticks = 0;
    call->slice = slice;
    call->began_ns = now;
    call->began_tick = this_cpu.ticks;
    call->nested_ns = 0;
}

/* A call ended in a fault, perhaps with others below it that go on. */
static enum app_ending end_in_fault(struct app *app, const struct call *call)
{
    bool served = call->served != NULL || (app->parked != NULL && app->parked->serving);
    app_drop_parked(app);
    app->calls += !served;
    app->served_calls += served;
    if (!count_fault(app, call->fault)) {
        return ENDED_BADLY;
    }
    app->calls -= !served; /* as if it had not been made */
    app->served_calls -= served;
    return ENDED_UNDONE;
}

HOT void count_time(struct app *app, uint64_t took)
{
    app->total_ns += took;
    if (took > app->longest_ns) {
        app->longest_ns = took;
    }
}

/* The loop's call took from *now until now. Time in inner calls is not its own. */
HOT void account(struct app *app, const struct call *call, uint64_t *now)
{
    uint64_t end = machine_now_ns();
    uint64_t took = end - *now;
    *now = end;
    took -= MIN(took, call->nested_ns); /* which ticks count, and they are not quite even */
    count_time(app, took);
    if (app->policy.share != 0) {
        policy_took(app, end, took);
    }
}

/*
 * A call inside another one: two readings of the clock would be a third of it, so the ticks that
 * found it say how long it took. Most are shorter, and it is as the tick's even hand gives it.
 */
HOT void account_nested(struct app *app, const struct call *call)
{
    struct call *below = call->below;
    if (this_cpu.ticks == call->began_tick) {
        return; /* then there is no more time over than when it began */
    }
    uint64_t elapsed = call_elapsed_ticks(call) * MACHINE_TICK_NS;
    uint64_t took = elapsed - MIN(elapsed, call->nested_ns);
    below->nested_ns += elapsed;
    if (app_call_is_over(below)) {
        below->overdue = true; /* no tick may come before it enters the next inner call */
    }
    count_time(app, took);
    if (app->policy.share != 0) {
        policy_took(app, machine_now_ns(), took);
    }
}

HOT void end_well(struct app *app, bool served)
{
    app->store = *app->store_cell;
    app->faults_in_a_row = 0; /* a call served for another app is as good as the loop's */
    app->undone_in_a_row = 0;
    if (app->at_calls != 0) {
        resources_end(app, ENDED_WELL, served);
    }
}

static __attribute__((noinline)) void end_otherwise(struct app *app, const struct call *call,
                                                    ctx_status status)
{
    enum app_ending how = status == CTX_E_TIMEDOUT ? app_park(app, call, false) //
                                                   : end_in_fault(app, call);
    if (app->at_calls != 0) {
        resources_end(app, how, call->served != NULL);
    }
    if (status == CTX_E_TIMEDOUT) {
        each_frame(app); /* it goes on there, whatever it waited for */
    }
}

/*
 * One level of the chain: enter the app, and do what the end of every call needs. *now is when it
 * begins, and, if it is the loop's call, then when it has ended: one reading of the clock for each
 * of those.
 */
HOT ctx_status enter(struct app *app, const struct machine_entry *entry, struct app_served *served,
                     uint64_t *now, int32_t *result)
{
    struct machine_parked parked;
    struct machine_fault fault; /* both are large: only what is read is set */
    struct call call;
    open_call(&call, app, served, *now, 0);
    call.keep = &parked;
    call.fault = &fault;
    this_cpu.call = &call;
    ctx_status status = machine_call(&call, entry, result);
    this_cpu.call = call.below;
    if (served == NULL) {
        account(app, &call, now);
    } else {
        account_nested(app, &call);
        served->ticks = (uint32_t)call_elapsed_ticks(&call);
    }
    if (status == CTX_OK) {
        app->calls += served == NULL;
        app->served_calls += served != NULL;
        end_well(app, served != NULL);
    } else {
        end_otherwise(app, &call, status);
    }
    return status;
}

/* Go on with its parked call, for so many ticks. What the app sees does not change under it. */
static uint64_t go_on(struct app *app, uint64_t now, uint32_t slice_ticks, bool in_idle)
{
    int32_t result = 0;
    struct machine_parked parked;
    struct machine_fault fault;
    struct call call;
    open_call(&call, app, NULL, now, slice_ticks);
    call.keep = &parked;
    call.fault = &fault;
    bool late = app->parked->serving; /* its result was given up when it was parked */
    this_cpu.call = &call;
    ctx_status status = machine_resume(&call, &app->parked->at, &result);
    this_cpu.call = NULL;
    account(app, &call, &now);
    enum app_ending how = ENDED_WELL;
    if (status == CTX_OK) {
        app_drop_parked(app);
        app->calls += !late;
        app->served_calls += late;
        app->store = *app->store_cell;
        app->faults_in_a_row = 0;
        app->undone_in_a_row = 0;
    } else if (status == CTX_E_TIMEDOUT) {
        how = app_park(app, &call, in_idle);
    } else {
        how = end_in_fault(app, &call);
    }
    resources_end(app, how, false);
    if (status == CTX_OK && !late && app->version >= 3) {
        answer(app, result);
    } else if (status != CTX_OK || late) {
        each_frame(app); /* what a late one waited for it says at its next call */
    }
    return now;
}

/* Not now: it has no slot, or has had its share. */
static bool is_put_off(struct app *app, uint64_t now)
{
    uint64_t until;
    if (app->base == 0 && !app_begin_anew(app)) {
        return true;
    }
    if (!policy_is_over_share(app, now, &until)) {
        return false;
    }
    if (app->turn.where != TURN_FRAME) {
        ready_wait(app, until);
    }
    return true;
}

/* There is more to look at than its function; false: no call begins now. */
static bool may_begin(struct app *app, uint64_t *now)
{
    if (app->held && app->parked == NULL) {
        each_frame(app); /* what it waited for is between it and its next call */
        return false;
    }
    if (app->parked == NULL && app_is_resting(app, *now)) {
        return false;
    }
    if (app->parked != NULL && app->parked->owed_ticks > 0) {
        app->parked->owed_ticks -= MIN(app->parked->owed_ticks, SLICE_TICKS);
        return false;
    }
    if (is_put_off(app, *now)) {
        return false;
    }
    if (app->parked != NULL) {
        *now = go_on(app, *now, SLICE_TICKS, false);
        return false;
    }
    return true;
}

static __attribute__((noinline)) uint64_t call_with_care(struct app *app, uint64_t now)
{
    if (!may_begin(app, &now)) {
        return now;
    }
    int32_t result;
    struct machine_entry entry;
    entry_set(&entry, app->entry, app->base + CTX_SLOT_CTX, 0, app->base + CTX_SLOT_STACK_TOP);
    prepare(app, now, &entry, false);
    ctx_status status = enter(app, &entry, NULL, &now, &result);
    if (status == CTX_OK) {
        /* In versions 1 and 2 the result means nothing. */
        if (app->version >= 3 && (result != CTX_AGAIN || app->turn.where != TURN_FRAME)) {
            answer(app, result);
        }
    } else if (status == CTX_E_FAULT) {
        each_frame(app);
    }
    return now;
}

/* ---- the usual call ---- */

/* What is the same in all of them, and what a call that ended otherwise has left there. */
void app_open_usual(struct call *call)
{
    memset(call, 0, sizeof *call);
    call->keep = &this_cpu.usual_keep;
    call->fault = &this_cpu.usual_fault;
    call->depth = 1;
}

/* Ticks came. Time in inner calls is not its own; they are not quite even. */
static __attribute__((noinline)) uint64_t took_of(struct call *call, uint64_t took)
{
    took -= MIN(took, call->nested_ns);
    call->nested_ns = 0;
    call->ticks = 0;
    return took;
}

static __attribute__((noinline)) void end_usual_otherwise(struct app *app, struct call *call)
{
    int32_t result;
    ctx_status status = call_ended(call, 0, &result);
    end_otherwise(app, call, status);
    if (status == CTX_E_FAULT) {
        each_frame(app);
    }
    app_open_usual(call);
}

uint64_t app_call(struct app *app, uint64_t now)
{
    if (app->unusual != 0 || app->parked != NULL || app->base == 0 || app->policy.share != 0) {
        return call_with_care(app, now);
    }
    struct call *call = &this_cpu.usual;
    if (app->verified) {
        call_set_slot(app->base);
    }
    app->wake_ns = NEVER_NS;
    app->event_mask = 0;
    prepare_little(app, app_time(app, now));
    call->base = app->base;
    call->verified = app->verified;
    call->app = app;
    call->began_ns = now;
    call->began_tick = this_cpu.ticks;
    this_cpu.call = call;
    uint64_t rax = machine_begin(call, app->entry);
    this_cpu.call = NULL;
    uint64_t end = machine_now_ns(), took = end - now;
    if (this_cpu.ticks != call->began_tick) {
        took = took_of(call, took);
    }
    count_time(app, took);
    if (call->ended != CALL_RETURNED) {
        end_usual_otherwise(app, call);
        return end;
    }
    app->calls++;
    end_well(app, false);
    if ((int32_t)rax != CTX_AGAIN || app->turn.where != TURN_FRAME) {
        answer(app, (int32_t)rax);
    }
    return end;
}

struct app *app_call_in_idle(uint64_t now, uint64_t until)
{
    uint64_t ticks = until > now ? (until - now) / MACHINE_TICK_NS : 0;
    struct app *next = NULL;
    if (ticks == 0) {
        return NULL;
    }
    /* Parked calls are continued each frame, so they are all in that list. */
    for (struct app *app = ready_frame_first(); app != NULL; app = app->turn.next) {
        uint64_t share;
        bool may = app->parked != NULL && app->parked->owed_ticks == 0; /* its slices end in time */
        if (may && app->parked->idle_ticks > (next != NULL ? next->parked->idle_ticks : 0) &&
            !policy_is_over_share(app, now, &share)) {
            next = app;
        }
    }
    if (next != NULL && !is_put_off(next, now)) {
        uint32_t slice = MIN(SLICE_TICKS, next->parked->idle_ticks);
        go_on(next, now, (uint32_t)MIN(ticks, (uint64_t)slice), true);
    }
    return next;
}

/* ---- calls from inside a gate ---- */

/*
 * The time, for a call inside others, without reading the clock: when the one around it began, and
 * the whole ticks since. Never ahead.
 */
static uint64_t nested_now(void)
{
    const struct call *outer = this_cpu.call;
    uint64_t ticks = call_elapsed_ticks(outer);
    return outer->began_ns + (ticks > 0 ? ticks - 1 : 0) * MACHINE_TICK_NS;
}

ctx_status app_serve(struct app *app, struct machine_entry *entry, struct app_served *served,
                     int32_t *result)
{
    uint64_t now = nested_now();
    uint64_t wake_ns = app->wake_ns, event_mask = app->event_mask;
    prepare(app, now, entry, true);
    ctx_status status = enter(app, entry, served, &now, result);
    if (served->use != NULL && app->wake_ns < wake_ns) {
        wake_ns = app->wake_ns; /* a service may want its _start to be called */
        if (app->turn.where == TURN_WAITING) {
            ready_wait(app, wake_ns);
        }
    }
    /* What it waits for is between the loop and its _start. */
    app->wake_ns = wake_ns;
    app->event_mask = event_mask;
    if (app->fresh_hints != 0 && app->turn.where == TURN_WAITING && app_was_told(app, event_mask)) {
        ready_wake(app); /* somebody told it something meanwhile */
    }
    if (status == CTX_E_TIMEDOUT && app->parked != NULL) {
        app->parked->serving = true;
    }
    return status;
}
