/* SPDX-License-Identifier: MIT */
/*
 * One call of an app, from writing its Context to acting on its answer; and what the machine asks
 * about the app that it is in the middle of. Loading is app.c's business.
 */
#include "crash.h"
#include "heap.h"
#include "policy.h"
#include "resource.h"
#include "watch.h"

#include <kernel/call.h>
#include <kernel/klog.h>
#include <kernel/string.h>

struct cpu this_cpu;

static struct {
    uint64_t faults;
    enum app_asks asked;
} state;

#define V2_BYTES    96u
#define LEVELS_MAX  8u
#define SLICE_TICKS ((uint32_t)(APP_SLICE_NS / MACHINE_TICK_NS))

/* A call may last so many times its budget, calls that it makes of other apps included. */
#define ELAPSED_BUDGETS 2u

static uint64_t elapsed_ticks(const struct call *call)
{
    return this_cpu.ticks - call->began_tick;
}

/*
 * Its own time is over, or the larger one in which others that it calls count. Else an app could
 * keep the processor for ever by calling, in a loop, a host that is well within its own budget.
 */
static bool is_over(const struct call *call)
{
    return this_cpu.hurry || call->ticks >= call->budget ||
           elapsed_ticks(call) >= (uint64_t)call->budget * ELAPSED_BUDGETS;
}

static void write_ctx(struct app *app, uint64_t now_ns)
{
    uint64_t gates = app->base + CTX_SLOT_GATES;
    /* Pointers are slot addresses: they mean something to the app only. */
    struct ctx ctx = {
        .version = 2,
        .start_time_ms = app_time(app, now_ns) / NSEC_PER_MSEC,
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

/* A parked call is no more: it has ended, or it is given up. */
static void unpark(struct app *app)
{
    if (app->parked != NULL) {
        heap_free(app->parked, sizeof *app->parked);
        app->parked = NULL;
    }
    app->slices = 0;
    app->owed_ticks = 0;
}

void app_drop_parked(struct app *app)
{
    unpark(app);
    app->parked_serving = false;
}

/* Keep an interrupted call for the next frame. Without memory for that it is over, like a fault. */
static enum app_ending park(struct app *app, const struct machine_parked *parked, bool in_idle)
{
    bool counts = !in_idle && !this_cpu.hurry; /* else it is not the call's fault */
    if (app->parked == NULL) {
        app->parked = heap_alloc(sizeof *app->parked);
        app->idle_ticks = APP_IDLE_NS / MACHINE_TICK_NS;
    }
    app->preemptions += counts;
    if (app->parked == NULL) {
        log_error("app", "%s#%lu: its call takes too long, and there is no memory to park it",
                  app->name, app->pid);
        app->slices = 0;
        return ENDED_BADLY;
    }
    *app->parked = *parked;
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

/*
 * What a slice took. One that called others for longer than it may last itself skips frames until
 * it is even, or a quarter of each frame would be no limit.
 */
static void pay(struct app *app, const struct call *call, bool in_idle)
{
    uint64_t ticks = elapsed_ticks(call);
    if (in_idle) {
        app->idle_ticks -= (uint32_t)MIN(ticks, (uint64_t)app->idle_ticks);
    }
    if (ticks > call->budget) {
        app->owed_ticks += (uint32_t)(ticks - call->budget);
    }
}

static void prepare(struct app *app, uint64_t now, struct machine_entry *entry, bool served)
{
    resources_begin(app, now, entry, served);
    if (app->ctx_is_written) {
        app->ctx->start_time_ms = app_time(app, now) / NSEC_PER_MSEC;
    } else {
        write_ctx(app, now);
    }
    *app->store_cell = app->store;
}

/* How a level of the chain is entered. */
struct way_in {
    const struct machine_entry *entry;
    const struct app_served *served;
    uint32_t slice_ticks; /* what a parked call gets this time */
    bool in_idle;         /* and that this is time which nobody else wants */
};

/*
 * One level of the chain: enter the app, or go on with its parked call, and do what the end of
 * every call needs. *now is when it begins, and then when it has ended: one reading of the clock
 * for each call. Time in an inner call is not the outer one's.
 */
static ctx_status enter(struct app *app, const struct way_in *in, uint64_t *now, int32_t *result)
{
    const struct app_served *served = in->served;
    struct machine_parked parked;
    struct machine_fault fault; /* both are large: only what is read is set */
    struct call call = {
        .base = app->base,
        .keep = &parked,
        .fault = &fault,
        .app = app,
        .served = served,
        .below = this_cpu.call,
        .depth = this_cpu.call != NULL ? this_cpu.call->depth + 1 : 1,
        .budget = app->parked != NULL ? in->slice_ticks
                                      : (uint32_t)(app->policy.budget_ns / MACHINE_TICK_NS),
        .began_tick = this_cpu.ticks,
    };
    bool resumed = app->parked != NULL;
    this_cpu.call = &call;
    ctx_status status = resumed ? machine_resume(&call, app->parked, result)
                                : machine_call(&call, in->entry, result);
    this_cpu.call = call.below;
    if (call.below != NULL && is_over(call.below)) {
        call.below->overdue = true; /* no tick may come before it enters the next inner call */
    }
    uint64_t end = machine_now_ns();
    uint64_t took = end - *now;
    *now = end;
    if (call.below != NULL) {
        call.below->nested_ns += took;
    }
    took -= call.nested_ns;
    app->total_ns += took;
    app->longest_ns = MAX(app->longest_ns, took);
    if (app->policy.share != 0) {
        policy_took(app, end, took);
    }
    if (status == CTX_E_TIMEDOUT) {
        enum app_ending how = park(app, &parked, in->in_idle);
        if (resumed) {
            pay(app, &call, in->in_idle);
        }
        resources_end(app, how, served != NULL);
        each_frame(app); /* it goes on there, whatever it waited for */
        return status;
    }
    unpark(app);
    app->calls += served == NULL && !app->parked_serving;
    enum app_ending how = ENDED_WELL;
    if (status == CTX_OK) {
        app->store = *app->store_cell;
        app->faults_in_a_row = 0; /* a call served for another app is as good as the loop's */
        app->undone_in_a_row = 0;
    } else if (!count_fault(app, &fault)) {
        how = ENDED_BADLY;
    } else {
        how = ENDED_UNDONE;
        app->calls -= served == NULL && !app->parked_serving; /* as if it had not been made */
    }
    resources_end(app, how, served != NULL);
    return status;
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

/* Call it, or go on with its parked call for so many ticks. */
static uint64_t turn(struct app *app, uint64_t now, uint32_t slice_ticks, bool in_idle)
{
    if (is_put_off(app, now)) {
        return now;
    }
    bool late = app->parked_serving; /* its result was given up when it was parked */
    int32_t result = 0;
    struct machine_entry entry = {
        .base = app->base,
        .code = app->entry,
        .args = {app->base + CTX_SLOT_CTX},
        .stack_top = app->base + CTX_SLOT_STACK_TOP,
    };
    if (app->parked == NULL) {
        /* What the app sees does not change under a call that is still going on. */
        prepare(app, now, &entry, false);
    }
    const struct way_in in = {.entry = &entry, .slice_ticks = slice_ticks, .in_idle = in_idle};
    ctx_status status = enter(app, &in, &now, &result);
    if (status == CTX_E_TIMEDOUT) {
        return now;
    }
    app->parked_serving = false;
    if (status != CTX_OK) {
        each_frame(app);
        return now;
    }
    if (late) {
        each_frame(app); /* what it waited for it says at its next call */
    } else if (app->version >= 3) {
        answer(app, result);
    } /* in versions 1 and 2 the result means nothing */
    return now;
}

uint64_t app_call(struct app *app, uint64_t now)
{
    if (app->held && app->parked == NULL) {
        each_frame(app); /* what it waited for is between it and its next call */
        return now;
    }
    if (app->owed_ticks > 0) {
        app->owed_ticks -= MIN(app->owed_ticks, SLICE_TICKS);
        return now;
    }
    return turn(app, now, SLICE_TICKS, false);
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
        bool may = app->parked != NULL && app->owed_ticks == 0; /* its slices end in time */
        if (may && app->idle_ticks > (next != NULL ? next->idle_ticks : 0) &&
            !policy_is_over_share(app, now, &share)) {
            next = app;
        }
    }
    if (next != NULL) {
        uint32_t slice = MIN(SLICE_TICKS, next->idle_ticks);
        turn(next, now, (uint32_t)MIN(ticks, (uint64_t)slice), true);
    }
    return next;
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

ctx_status app_serve(struct app *app, uint64_t code, uint64_t argument,
                     const struct app_served *served)
{
    uint64_t now = machine_now_ns();
    uint64_t wake_ns = app->wake_ns, event_mask = app->event_mask;
    int32_t result;
    struct machine_entry entry = {
        .base = app->base,
        .code = code,
        .args = {app->base + CTX_SLOT_CTX, argument},
        .stack_top = argument,
    };
    prepare(app, now, &entry, true);
    const struct way_in in = {.entry = &entry, .served = served};
    ctx_status status = enter(app, &in, &now, &result);
    /* What it waits for is between the loop and its _start. */
    app->wake_ns = wake_ns;
    app->event_mask = event_mask;
    if (status == CTX_E_TIMEDOUT) {
        app->parked_serving = app->parked != NULL;
    }
    return status;
}

const struct app_served *app_serving(const struct app *app)
{
    const struct call *call = call_of(app);
    return call != NULL ? call->served : NULL;
}

/* ---- what the machine asks ---- */

/* The app of the chain whose slot this address is in. */
static struct app *owner(uint64_t address)
{
    for (struct call *call = this_cpu.call; call != NULL; call = call->below) {
        if (address - call->app->base < CTX_SLOT_SIZE) {
            return call->app;
        }
    }
    return NULL;
}

bool app_page_in(uint64_t address)
{
    struct app *app = owner(address);
    uint64_t offset = app != NULL ? address - app->base : 0;
    if (app == NULL || offset < app->stack_low || offset >= CTX_SLOT_STACK_TOP ||
        !app_may_use_stack()) {
        return false;
    }
    return app_commit(app, ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE), MAP_READ | MAP_WRITE) == CTX_OK;
}

/* Not only of the apps of the chain: a host writes to its child, whether that is called or not. */
bool app_page_write(uint64_t address)
{
    struct app *app = owner(address);
    if (app == NULL) {
        app = app_first();
        while (app != NULL && address - app->base >= CTX_SLOT_SIZE) {
            app = app->next;
        }
    }
    return app != NULL && app->watch != NULL && app->watch->write(app, address - app->base);
}

bool app_breakpoint(uint64_t ip)
{
    struct app *app = app_current();
    uint64_t offset = app != NULL ? ip - app->base : 0;
    if (app == NULL || offset < CTX_SLOT_IMAGE || offset >= CTX_SLOT_IMAGE_END) {
        return false;
    }
    /* In a loop it must not flood the log: the 1st, 2nd, 4th, 8th ... */
    app->breakpoints++;
    if ((app->breakpoints & (app->breakpoints - 1)) == 0) {
        log_warn("app", "%s#%lu: int3 at slot+0x%lx count=%lu", app->name, app->pid, offset,
                 app->breakpoints);
    }
    return true;
}

struct app *app_current(void)
{
    return this_cpu.call != NULL ? this_cpu.call->app : NULL;
}
