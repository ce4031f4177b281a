/* SPDX-License-Identifier: MIT */
/*
 * One call of an app, from writing its Context to acting on its answer; and what the machine asks
 * about the app that it is in the middle of. Loading is app.c's business.
 */
#include "app_v3.h"
#include "canvas.h"
#include "event.h"
#include "heap.h"
#include "report.h"

#include <kernel/klog.h>
#include <kernel/string.h>

static struct {
    struct app *current; /* whose call is going on */
    bool any_exited;
    enum app_asks asked;
} state;

#define V2_BYTES 96u

static void write_ctx(struct app *app, uint64_t now_ns)
{
    uint64_t gates = app->base + CTX_SLOT_GATES;
    uint64_t pixels = (uint64_t)canvas_width() * canvas_height();
    /* Pointers are slot addresses: they mean something to the app only. */
    struct ctx ctx = {
        .version = 2,
        .start_time_ms = now_ns / NSEC_PER_MSEC,
        .log = (void (*)(const uint8_t *, uint32_t))(gates + CTX_GATE_V1_LOG * CTX_GATE_SIZE),
        .pid = app->pid,
        .fb = {(struct ctx_rgba *)(app->base + canvas_slot_offset()), pixels, canvas_width(),
               canvas_height()},
        .alloc = (void *(*)(uint64_t, uint64_t))(gates + CTX_GATE_V2_ALLOC * CTX_GATE_SIZE),
        .dealloc =
            (void (*)(void *, uint64_t, uint64_t))(gates + CTX_GATE_V2_DEALLOC * CTX_GATE_SIZE),
        .store = (void **)(app->base + CTX_SLOT_STORE),
        .input = (const struct ctx_input *)(app->base + CTX_SLOT_INPUT),
    };
    if (app->version >= 3) {
        v3_write_ctx(app, &ctx);
    }
    /* Behind the header lie the table pointers, which v3_build() wrote for good. */
    memcpy(machine_direct(app->ctx_page), &ctx,
           app->version >= 3 ? offsetof(struct ctx, iface) : V2_BYTES);
}

static void count_fault(struct app *app, const struct machine_fault *f)
{
    report_fault(app, f);
    app->faults++;
    if (++app->faults_in_a_row == APP_FAULTS) {
        app->stopped = true;
        ready_remove(app);
        log_error("app", "stopped name=%s pid=%lu: %u calls in a row ended in a fault", app->name,
                  app->pid, APP_FAULTS);
    }
}

void app_ask(const struct app *app, enum app_asks what)
{
    log_info("app", "%s#%lu asks to %s", app->name, app->pid,
             what == APP_ASKS_REBOOT ? "reboot" : "power off");
    state.asked = what;
}

enum app_asks app_asked(void)
{
    return state.asked;
}

/* What _start of a version 3 app returned: when to call it again. */
static void answer(struct app *app, int32_t result)
{
    if (result == CTX_WAIT) {
        if (ready_wait(app, app->v3->wake_ns) == CTX_OK && app->v3->event_mask != 0) {
            event_wait(app);
        }
        return;
    }
    if (result >= 0x100 && result <= 0x1ff) {
        app->exited = true;
        app->exit_code = result & 0xff;
        state.any_exited = true;
        ready_remove(app);
        log_info("app", "exited name=%s pid=%lu code=%d", app->name, app->pid, app->exit_code);
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

void app_reap(void)
{
    while (state.any_exited) {
        state.any_exited = false;
        for (struct app *app = app_first(); app != NULL; app = app->next) {
            if (app->exited) {
                app_unload(app);
                state.any_exited = true;
                break;
            }
        }
    }
}

bool app_overran(void)
{
    return state.current != NULL && machine_now_ns() > state.current->deadline_ns;
}

/* Keep an interrupted call for the next frame. Without memory for that it is over, like a fault. */
static void park(struct app *app, const struct machine_parked *parked)
{
    if (app->parked == NULL) {
        app->parked = heap_alloc(sizeof *app->parked);
    }
    app->preemptions++;
    if (app->parked == NULL) {
        log_error("app", "%s#%lu: its call takes too long, and there is no memory to park it",
                  app->name, app->pid);
        return;
    }
    *app->parked = *parked;
    if ((app->preemptions & (app->preemptions - 1)) == 0) {
        log_warn("app", "overran name=%s pid=%lu call=%lu preemptions=%lu: it goes on in slices",
                 app->name, app->pid, app->calls, app->preemptions);
    }
}

static void prepare(struct app *app, uint64_t now)
{
    if (app->version < 3) {
        input_view_update(&app->input); /* a constant one for later versions: they read events */
    }
    write_ctx(app, now);
    *(uint64_t *)machine_direct(app->store_page) = app->store;
}

void app_call(struct app *app)
{
    uint64_t start = machine_now_ns();
    int32_t result = 0;
    struct machine_parked parked;
    struct machine_fault fault = {.parked = &parked};
    ctx_status status;
    state.current = app;
    if (app->parked != NULL) {
        /* What the app sees does not change under a call that is still going on. */
        app->deadline_ns = start + APP_SLICE_NS;
        status = machine_resume(app->base, app->parked, &result, &fault);
    } else {
        prepare(app, start);
        app->deadline_ns = start + APP_BUDGET_NS;
        status = machine_call(app->base, app->entry, app->base + CTX_SLOT_CTX,
                              app->base + CTX_SLOT_STACK_TOP, &result, &fault);
    }
    state.current = NULL;
    uint64_t took = machine_now_ns() - start;
    app->total_ns += took;
    app->longest_ns = MAX(app->longest_ns, took);
    if (status == CTX_E_TIMEDOUT) {
        ready_each_frame(app);
        park(app, &parked);
        return;
    }
    heap_free(app->parked, sizeof *app->parked);
    app->parked = NULL;
    app->calls++;
    if (status != CTX_OK) {
        ready_each_frame(app);
        count_fault(app, &fault);
        return;
    }
    app->faults_in_a_row = 0;
    app->store = *(uint64_t *)machine_direct(app->store_page);
    if (app->version >= 3) {
        answer(app, result);
    } /* in versions 1 and 2 the result means nothing */
}

bool app_page_in(uint64_t address)
{
    struct app *app = state.current;
    uint64_t offset = app != NULL ? address - app->base : 0;
    if (app == NULL || offset < app->stack_low || offset >= CTX_SLOT_STACK_TOP) {
        return false;
    }
    return app_commit(app, ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE), MAP_READ | MAP_WRITE) == CTX_OK;
}

bool app_breakpoint(uint64_t ip)
{
    struct app *app = state.current;
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
    return state.current;
}
