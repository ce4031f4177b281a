/* SPDX-License-Identifier: MIT */
/*
 * One loop calls everything: driver tasks that were woken, apps whose time has come, then the
 * screen, then sleep. There is no tick: with nothing to do until the next frame the processor rests
 * until then, with no apps at all it rests for ever.
 */
#include "loop.h"

#include "app.h"
#include "input_view.h"
#include "present.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/task.h>

static struct {
    uint64_t frames, late;
    uint64_t next_frame_ns, present_ns;
} state;

/* All apps of this pace, in list order: later ones draw over earlier ones. Returns true while any
 * is left to call. */
static bool call_frame_apps(void)
{
    uint64_t oldest = UINT64_MAX;
    bool any = false;
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (!app->stopped) {
            app_call(app);
            oldest = MIN(oldest, app->input.seen);
            any = true;
        }
    }
    input_forget(oldest);
    return any;
}

static bool all_called(uint64_t calls)
{
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        if (!app->stopped && app->calls < calls) {
            return false;
        }
    }
    return true;
}

/* When the next frame is due. One that is missed is not made up for. */
static void schedule_frame(uint64_t now, uint64_t frame_ns)
{
    state.frames++;
    state.next_frame_ns += frame_ns;
    if (state.next_frame_ns <= now) {
        state.late += frame_ns != 0;
        state.next_frame_ns =
            now + (frame_ns != 0 ? frame_ns - (now - state.next_frame_ns) % frame_ns : 0);
    }
}

/* Where the time went: for benchmarks and the curious. */
static void report(void)
{
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        log_info("loop", "app=%s pid=%lu calls=%lu faults=%lu mean_ns=%lu longest_us=%lu pages=%lu",
                 app->name, app->pid, app->calls, app->faults,
                 app->total_ns / MAX(app->calls, UINT64_C(1)), app->longest_ns / NSEC_PER_USEC,
                 app->pages);
    }
    log_info("loop", "frames=%lu late=%lu presented=%lu tiles=%lu present_us=%lu ms=%lu",
             state.frames, state.late, present_count(), present_tiles(),
             state.present_ns / NSEC_PER_USEC / MAX(state.frames, UINT64_C(1)),
             machine_now_ns() / NSEC_PER_MSEC);
}

void loop_run(const struct loop_options *options)
{
    bool apps = app_first() != NULL;
    state.next_frame_ns = machine_now_ns();
    for (;;) {
        task_run_ready(machine_now_ns());
        uint64_t now = machine_now_ns();
        if (apps && now >= state.next_frame_ns) {
            apps = call_frame_apps();
            schedule_frame(now, options->frame_ns);
            uint64_t before = machine_now_ns();
            present_canvas();
            state.present_ns += machine_now_ns() - before;
        } else if (!apps) {
            input_forget(UINT64_MAX); /* nobody listens */
            present_pending();
        }
        if (input_wants_reboot()) {
            machine_reboot();
        }
        if (options->stop_calls != 0 && all_called(options->stop_calls)) {
            report();
            return;
        }
        machine_wait(MIN(task_next_deadline_ns(), apps ? state.next_frame_ns : NEVER_NS));
    }
}

void loop_tasks_until(bool (*done)(void), uint64_t deadline_ns)
{
    while (!done() && machine_now_ns() < deadline_ns) {
        task_run_ready(machine_now_ns());
        present_pending();
        if (!done()) {
            machine_wait(MIN(task_next_deadline_ns(), deadline_ns));
        }
    }
}
