/* SPDX-License-Identifier: MIT */
/*
 * One loop calls everything: driver tasks that were woken, apps whose time has come, then the
 * screen, then sleep. There is no tick: with nothing to do until the next frame the processor rests
 * until then, with no apps at all it rests for ever.
 */
#include "loop.h"

#include "crash.h"
#include "event.h"
#include "inject.h"
#include "input.h"
#include "input_view.h"
#include "keep.h"
#include "notice.h"
#include "present.h"
#include "ready.h"
#include "route.h"
#include "service.h"
#include "surface.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/task.h>

/* [loop] */
static struct {
    uint64_t frames, late;
    uint64_t next_frame_ns, next_present_ns, present_ns;
    bool canvas;      /* someone may have drawn on it since it was shown */
    uint64_t crashes; /* that who manages windows was told of */
} state;

/* All apps of this pace, in list order: later ones draw over earlier ones. */
static void call_frame_apps(uint64_t now)
{
    uint64_t needed = UINT64_MAX, wanted = UINT64_MAX; /* of the keys */
    ready_frame_rewind();
    for (struct app *app; (app = ready_frame_next()) != NULL;) {
        now = app_call(app, now);
        state.canvas |= app->has_canvas && app->window_w == 0;
        if (app->version < 3) {
            uint64_t *which = input_view_counts(app->input, now) ? &needed : &wanted;
            *which = MIN(*which, app->input->seen);
        }
    }
    input_forget(needed, wanted);
}

/* Those that were woken until now; ones that wake each other come in the next turn. */
static uint64_t call_woken_apps(uint64_t now)
{
    uint64_t limit = app_count();
    for (struct app *app; limit > 0 && (app = ready_take()) != NULL; limit--) {
        now = app_call(app, now);
        state.canvas |= app->has_canvas && app->window_w == 0;
    }
    return now;
}

/* Apps that wait are called when they want: they count only where no app is called each frame. */
static bool all_called(uint64_t calls)
{
    const struct app *app = ready_frame_first();
    if (app != NULL) { /* only these: there may be ten thousand others */
        while (app != NULL && app->calls >= calls) {
            app = app->turn.next;
        }
        return app == NULL;
    }
    for (app = app_first(); app != NULL; app = app->next) {
        if (!app->stopped && !(app->needs && app->base == 0) && app->calls < calls) {
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
        log_info(
            "loop",
            "app=%s pid=%lu calls=%lu faults=%lu preempted=%lu mean_ns=%lu longest_us=%lu pages=%lu",
            app->name, app->pid, app->calls, app->faults, app->preemptions,
            app->total_ns / MAX(app->calls, UINT64_C(1)), app->longest_ns / NSEC_PER_USEC,
            app->pages);
    }
    log_info("loop", "frames=%lu late=%lu presented=%lu tiles=%lu present_us=%lu ms=%lu",
             state.frames, state.late, present_count(), present_tiles(),
             state.present_ns / NSEC_PER_USEC / MAX(state.frames, UINT64_C(1)),
             machine_now_ns() / NSEC_PER_MSEC);
    inject_report();
}

/* Show what changed, at most once per frame; when it has to be looked at again. */
static uint64_t present(uint64_t now, bool framed, uint64_t frame_ns)
{
    if (!state.canvas && !surface_any_damage() && !notice_any_damage()) {
        return NEVER_NS;
    }
    if (!framed && now < state.next_present_ns) {
        return state.next_present_ns;
    }
    uint64_t before = machine_now_ns();
    bool shown = present_canvas(state.canvas);
    state.canvas &= !shown;
    state.present_ns += machine_now_ns() - before;
    state.next_present_ns = now + frame_ns;
    return shown ? NEVER_NS : state.next_present_ns; /* the display was busy */
}

static void obey_asks(void)
{
    enum input_asks keys = input_asked();
    enum app_asks asked = app_asked();
    if (asked == APP_ASKS_END) { /* nothing of that is worth keeping */
        machine_verdict(VERDICT_FAIL);
        machine_power_off();
    }
    bool reboot = keys == INPUT_ASKS_REBOOT || asked == APP_ASKS_REBOOT;
    bool off = keys == INPUT_ASKS_POWER_OFF || asked == APP_ASKS_POWER_OFF;
    if (!reboot && !off) {
        keep_obey(keys);
        return;
    }
    if (!keep_before_end()) {
        app_forget_asked();
        return;
    }
    if (reboot) {
        machine_reboot();
    }
    machine_power_off();
}

/*
 * Time that is left until then goes to calls that overstayed. False: there are none, or time stands
 * still, and then nobody's turn would ever come.
 */
static bool use_idle_time(uint64_t until)
{
    uint64_t before = machine_now_ns();
    const struct app *app = app_call_in_idle(before, until);
    if (app == NULL) {
        return false;
    }
    state.canvas |= app->has_canvas && app->window_w == 0;
    return machine_now_ns() != before;
}

/* Nobody is called each frame, or only such as are in the middle of a call that does not end. */
static bool frames_stand_still(void)
{
    for (const struct app *app = ready_frame_first(); app != NULL; app = app->turn.next) {
        if (app->parked == NULL) {
            return false;
        }
    }
    return true;
}

/* When so many frames have passed, though nobody asked for one. */
static uint64_t frames_end(const struct loop_options *options, uint64_t start)
{
    uint64_t each = options->frame_ns != 0 ? options->frame_ns : NSEC_PER_SEC / 60;
    bool counts = options->waiting_counts && options->stop_calls != 0 &&
                  options->stop_calls < (NEVER_NS - start) / each && frames_stand_still();
    return counts ? start + options->stop_calls * each : NEVER_NS;
}

/* Once it is known what becomes of the app: who manages windows shows people that too. */
static void tell_crashes(void)
{
    if (state.crashes != crash_count()) {
        state.crashes = crash_count();
        route_windows_changed();
    }
}

bool loop_run(const struct loop_options *options)
{
    uint64_t start = machine_now_ns();
    state.next_frame_ns = machine_now_ns();
    if (options->resumed && options->frame_ns != 0 && app_first() != NULL) {
        state.next_frame_ns +=
            options->frame_ns - app_time(app_first(), state.next_frame_ns) % options->frame_ns;
    }
    for (;;) {
        task_run_ready(machine_now_ns());
        uint64_t now = machine_now_ns();
        ready_expire(now);
        uint64_t time = call_woken_apps(now);
        bool framed = ready_frame_first() != NULL && now >= state.next_frame_ns;
        if (framed) {
            call_frame_apps(time);
            schedule_frame(now, options->frame_ns);
        } else if (ready_frame_first() == NULL) {
            input_forget(UINT64_MAX, UINT64_MAX); /* nobody has a view */
            present_pending();
        }
        app_settle();
        tell_crashes();
        input_settle();
        event_settle(now);
        service_settle();
        uint64_t again = present(now, framed, options->frame_ns);
        obey_asks();
        if (options->over != NULL && options->over()) {
            return false; /* before they are counted: those that have ended were all called */
        }
        if (options->stop_calls != 0 && all_called(options->stop_calls)) {
            report();
            return true;
        }
        uint64_t frames = frames_end(options, start);
        if (now >= frames) {
            report();
            return true;
        }
        uint64_t deadline = MIN(task_next_deadline_ns(), ready_next_deadline_ns());
        if (ready_frame_first() != NULL) {
            deadline = MIN(deadline, state.next_frame_ns);
        }
        deadline = MIN(MIN(deadline, again), frames);
        machine_wait(use_idle_time(deadline) ? 0 : deadline);
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
