/* SPDX-License-Identifier: MIT */
/*
 * One call of an app, from writing its Context to acting on its answer. Loading is app.c's
 * business.
 */
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
    enum app_asks asked;
} state;

#define V2_BYTES    96u
#define LEVELS_MAX  8u

#define SLICE_TICKS ((uint32_t)(APP_SLICE_NS / MACHINE_TICK_NS))

/* What every call goes through: in one piece, because each function of its own is a tenth more. */
#define HOT static inline __attribute__((always_inline))

/* A call may last so many times its budget, calls that it makes of other apps included. */
#define ELAPSED_BUDGETS 2u

/*
 * Its own time is over, or the larger one in which others that it calls count. Else an app could
 * keep the processor for ever by calling, in a loop, a host that is well within its own budget.
 */
static bool is_over(const struct call *call)
{
    return this_cpu.hurry || call->ticks >= call->budget ||
           call_elapsed_ticks(call) >= (uint64_t)call->budget * ELAPSED_BUDGETS;
}

static void write_ctx(struct app *app, uint64_t ms)
{
    uint64_t gates = app->base + CTX_SLOT_GATES;
    /* Pointers are slot addresses: they mean something to the app only. */
    struct ctx ctx = {
        .version = 2,
        .start_time_ms = ms,
        .log = (void (*)(const uint8_t *, uint32_t))(gates + CTX_GATE_V1_LOG * CTX_GATE_SIZE),
        .pid = app->pid,
        .alloc = (void *(*)(uint64_t, uint64_t))(gates + CTX_GATE_V2_ALLOC * CTX_GATE_SIZE),
        .dealloc =
            (void (*)(void *, uint64_t, uint64_t))(gates + CTX_GATE_V2_DEALLOC * CTX_GATE_SIZE),
        .store = (void **)(app->base + CTX_SLOT_STORE),
        .input = (const struct ctx_input *)(app->base + CTX_SLOT_INPUT),
    };
    resources_describe(app, &ctx);
    if (app->poison) {
        memset(ctx.rsv0, APP_POISON, sizeof ctx.rsv0);
        memset(&ctx.rsv1, APP_POISON, sizeof ctx.rsv1);
    }
    /* Behind the header lie the table pointers, which v3_build() wrote for good. */
    memcpy(app->ctx, &ctx, app->version >= 3 ? offsetof(struct ctx, iface) : V2_BYTES);
    app->ctx_is_written = app->version >= 3; /* older apps may write to it */
}

/* Before its time began is at once; a time that the machine's clock can not show is never. */
uint64_t app_deadline(const struct app *app, uint64_t app_ns)
{
    uint64_t ns = app_ns - app->clock_offset;
    bool ahead = (int64_t)app->clock_offset >= 0;
    if (app_ns == NEVER_NS || (!ahead && ns < app_ns)) {
        return NEVER_NS;
    }
    return ahead && ns > app_ns ? 0 : ns;
}

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

void app_ask(const struct app *app, enum app_asks what)
{
    if (what != APP_ASKS_END) {
        log_info("app", "%s#%lu asks to %s", app->name, app->pid,
                 what == APP_ASKS_REBOOT ? "reboot" : "power off");
    }
    state.asked = what;
}

enum app_asks app_asked(void)
{
    return state.asked;
}

void app_forget_asked(void)
{
    state.asked = APP_ASKS_NOTHING;
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
    return is_over(this_cpu.call);
}

/* What the app sees at this call. Nearly always only the time has changed. */
HOT void prepare(struct app *app, uint64_t now, struct machine_entry *entry, bool served)
{
    app->wake_ns = NEVER_NS;
    app->event_mask = 0;
    if (app->at_calls != 0) {
        resources_begin(app, now, entry, served);
    }
    uint64_t ms = app_time(app, now) / NSEC_PER_MSEC;
    if (served) {
        ms =
            MAX(ms, app->ctx_ms); /* now is when its caller began: its own last call may be later */
    }
    if (!app->ctx_is_written) {
        write_ctx(app, ms);
    } else if (ms != app->ctx_ms) {
        app->ctx->start_time_ms = ms;
    }
    app->ctx_ms = ms;
    if (*app->store_cell != app->store) { /* whoever did that: it is what the last good call left */
        *app->store_cell = app->store;
    }
}

/* The record of a call that is about to begin or to go on. Word by word: to clear all of it first
 * takes a tenth of an empty call. */
HOT void open_call(struct call *call, struct app *app, struct app_served *served, uint64_t now,
                   uint32_t budget)
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
    call->budget = budget;
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
    if (!count_fault(app, call->fault)) {
        return ENDED_BADLY;
    }
    app->calls -= !served; /* as if it had not been made */
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
    if (is_over(below)) {
        below->overdue = true; /* no tick may come before it enters the next inner call */
    }
    count_time(app, took);
    if (app->policy.share != 0) {
        policy_took(app, machine_now_ns(), took);
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
    open_call(&call, app, served, *now, (uint32_t)(app->policy.budget_ns / MACHINE_TICK_NS));
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
    enum app_ending how = ENDED_WELL;
    if (status == CTX_OK) {
        app->calls += served == NULL;
        app->store = *app->store_cell;
        app->faults_in_a_row = 0; /* a call served for another app is as good as the loop's */
        app->undone_in_a_row = 0;
    } else if (status == CTX_E_TIMEDOUT) {
        how = app_park(app, &call, false);
    } else {
        how = end_in_fault(app, &call);
    }
    if (app->at_calls != 0) {
        resources_end(app, how, served != NULL);
    }
    if (status == CTX_E_TIMEDOUT) {
        each_frame(app); /* it goes on there, whatever it waited for */
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

uint64_t app_call(struct app *app, uint64_t now)
{
    bool plain = app->parked == NULL && app->base != 0 && !app->held && !app->rests &&
                 app->policy.share == 0;
    if (!plain && !may_begin(app, &now)) {
        return now;
    }
    int32_t result;
    struct machine_entry entry = {
        .code = app->entry,
        .args = {app->base + CTX_SLOT_CTX},
        .stack_top = app->base + CTX_SLOT_STACK_TOP,
    };
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

const struct app_served *app_serving(const struct app *app)
{
    const struct call *call = call_of(app);
    return call != NULL ? call->served : NULL;
}

struct app *app_current(void)
{
    return this_cpu.call != NULL ? this_cpu.call->app : NULL;
}
