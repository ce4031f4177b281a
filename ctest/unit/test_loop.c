/* SPDX-License-Identifier: MIT */
/* The loop: pace, order, rest. */
#include "app_v3.h"
#include "canvas.h"
#include "input_view.h"
#include "loop.h"
#include "make_elf.h"
#include "test.h"

#include <ctx/key.h>
#include <kernel/display.h>
#include <kernel/input.h>
#include <kernel/task.h>

static char order[256];
static uint64_t times[64];
static uint32_t all_room; /* input_room() when all keys were seen */
static uint32_t calls;

static int32_t body(struct ctx *ctx)
{
    size_t len = strlen(order);
    order[len] = app_current()->name[0];
    order[len + 1] = 0;
    times[calls++ % 64] = fake.now_ns;
    if (app_current()->name[0] == 'f') {
        fake_fault(6, 0);
    }
    (void)ctx;
    return 0;
}

static void load(const char *name)
{
    struct made_elf m;
    make_elf(&m);
    assert_non_null(app_load(m.bytes, m.len, "made.elf", name));
}

static void unload_all(void)
{
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    order[0] = 0;
    calls = 0;
    fake.waits = 0;
}

static void list_order_at_the_frames_pace(void **state)
{
    (void)state;
    unload_all();
    load("a");
    load("b");
    load("c");
    fake.app = body;
    fake.now_ns = 7 * NSEC_PER_SEC;
    for (uint32_t i = 0; i < 100; i++) {
        input_key(30, i % 2);
    }
    loop_run(&(struct loop_options){.frame_ns = 16 * NSEC_PER_MSEC, .stop_calls = 4});
    assert_text(order, "abcabcabcabc");
    for (uint32_t i = 0; i < calls; i++) {
        assert_int_equal(times[i], 7 * NSEC_PER_SEC + i / 3 * 16 * NSEC_PER_MSEC);
    }
    assert_int_equal(input_room(), all_room); /* all have seen the keys: there is room again */
    assert_int_equal(fake.waits, 3);          /* one rest between two frames, no busy loop */
}

static void an_app_that_faults_does_not_hold_up_the_others(void **state)
{
    (void)state;
    unload_all();
    load("a");
    load("f");
    load("b");
    loop_run(&(struct loop_options){.frame_ns = 1000, .stop_calls = 5});
    assert_text(order, "afbafbafbabab");
}

static void late_frames_are_not_made_up_for(void **state)
{
    (void)state;
    unload_all();
    load("a");
    fake.now_ns = 0;
    loop_run(&(struct loop_options){.frame_ns = 1000, .stop_calls = 1});
    fake.on_wait = NULL;
    assert_int_equal(calls, 1);
}

static int32_t slow_body(struct ctx *ctx)
{
    (void)ctx;
    times[calls++ % 64] = fake.now_ns;
    fake.now_ns += calls == 2 ? 3500 : 10; /* the second call takes three frames and a half */
    return 0;
}

static void a_slow_call_keeps_the_grid(void **state)
{
    (void)state;
    unload_all();
    load("a");
    fake.app = slow_body;
    fake.now_ns = 100000;
    loop_run(&(struct loop_options){.frame_ns = 1000, .stop_calls = 5});
    fake.app = body;
    assert_int_equal(times[0], 100000);
    assert_int_equal(times[1], 101000);
    assert_true(times[2] >= 104500);
    assert_int_equal(times[3] % 1000, 0); /* back on the grid, not a burst of three */
    assert_int_equal(times[4], times[3] + 1000);
}

static struct task task;
static uint32_t steps;

static void tick(struct task *t)
{
    TASK_BEGIN(t);
    for (;;) {
        steps++;
        TASK_AWAIT_FOR(t, false, 700);
    }
    TASK_END(t);
}

static bool never(void)
{
    return false;
}

static bool five_steps(void)
{
    return steps >= 5;
}

static void tasks_only(void **state)
{
    (void)state;
    unload_all();
    task_start(&task, "tick", tick);
    uint64_t start = fake.now_ns;
    loop_tasks_until(five_steps, NEVER_NS);
    assert_int_equal(steps, 5);
    assert_int_equal(fake.now_ns, start + 4 * 700);
    loop_tasks_until(never, fake.now_ns + 1000);
    assert_int_equal(steps, 6);
    task.done = true;
}

static jmp_buf rest;
static uint64_t rest_until;

static void stop_resting(uint64_t deadline_ns)
{
    rest_until = deadline_ns;
    fake.on_wait = NULL;
    longjmp(rest, 1);
}

static void with_no_apps_it_rests_for_ever(void **state)
{
    (void)state;
    unload_all();
    fake.on_wait = stop_resting;
    if (setjmp(rest) == 0) {
        loop_run(&(struct loop_options){.frame_ns = 1000});
    }
    assert_int_equal(rest_until, NEVER_NS);
    assert_int_equal(input_room(), all_room); /* keys that nobody reads do not pile up */
}

static void run_for_ever(void *unused)
{
    (void)unused;
    loop_run(&(struct loop_options){.frame_ns = 1000});
}

static void ctrl_alt_del_reboots(void **state)
{
    (void)state;
    fake.app = body;
    unload_all();
    load("a");
    fake_serial_clear();
    input_key(CTX_KEY_LEFTCTRL, INPUT_KEY_DOWN);
    input_key(CTX_KEY_LEFTALT, INPUT_KEY_DOWN);
    input_key(CTX_KEY_DELETE, INPUT_KEY_DOWN);
    assert_false(fake_panics(run_for_ever, NULL));
    assert_true(fake_said("REBOOT\n"));
}

/* ---- version 3 ---- */

static uint32_t shown[64 * 64];
static uint32_t updates;

static void update(struct display *d, const struct rect *rects, uint32_t count)
{
    (void)d;
    (void)rects;
    (void)count;
    updates++;
}

static struct display display = {"test", 64,   64,   0,    0,    shown, 1,
                                 update, NULL, NULL, NULL, NULL, NULL};

static void load_v3(const char *name)
{
    struct made_elf m;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    assert_non_null(app_load(m.bytes, m.len, "made.elf", name));
}

/* Run for that long; what happens meanwhile is in order[] and times[]. */
static uint64_t run_until;

static void stop_later(uint64_t deadline_ns)
{
    assert_true(deadline_ns > fake.now_ns || deadline_ns == 0);
    if (deadline_ns >= run_until) {
        fake.now_ns = run_until;
        longjmp(rest, 1);
    }
    fake.now_ns = MAX(fake.now_ns, deadline_ns);
}

static void run_for(uint64_t ns)
{
    run_until = fake.now_ns + ns;
    fake.on_wait = stop_later;
    if (setjmp(rest) == 0) {
        loop_run(&(struct loop_options){.frame_ns = 16 * NSEC_PER_MSEC});
    }
    fake.on_wait = NULL;
}

/* a waits 100 ms, b 30 ms, k for keys; f is called each frame. */
static int32_t quiet_body(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

/* An app of version 2 that had had its share held up everybody's keyboard. */
static void an_app_that_is_put_off_does_not_hold_the_keyboard(void **state)
{
    (void)state;
    unload_all();
    load("a");
    load("b share=1%");
    struct app *off = app_first()->next;
    fake.app = quiet_body;
    loop_run(&(struct loop_options){.frame_ns = 16 * NSEC_PER_MSEC, .stop_calls = 1});
    off->window_ns = fake.now_ns;
    off->window_used_ns = NSEC_PER_SEC; /* it is not called for a hundred seconds */
    uint64_t heard = app_first()->input->page->last;
    for (uint32_t i = 0; i < 5000; i++) { /* a key each millisecond, as long as there is room */
        if (i % 16 == 0) {
            run_for(16 * NSEC_PER_MSEC);
        }
        assert_true(input_room() > 0);
        input_key(30, i % 2 == 0 ? INPUT_KEY_DOWN : INPUT_KEY_UP);
    }
    run_for(NSEC_PER_SEC);
    assert_int_equal(app_first()->input->page->last - heard, 5000);
    assert_int_equal(off->calls, 1);
    unload_all();
    fake.app = body;
}

static int32_t waiting_body(struct ctx *ctx)
{
    char name = app_current()->name[0];
    size_t len = strlen(order);
    order[len] = name;
    order[len + 1] = 0;
    times[calls++ % 64] = fake.now_ns;
    if (name == 'k') {
        uint8_t *bytes = ctx->alloc(4096, 8);
        ctx->events->read(ctx->events, bytes + 8, 4000, sizeof(struct ctx_event),
                          (uint32_t *)bytes);
        ctx->dealloc(bytes, 4096, 8);
        ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY);
    } else if (name != 'f') {
        uint64_t pause = name == 'a' ? 100 : 30;
        ctx->time->wake_at(ctx->time, fake.now_ns + pause * NSEC_PER_MSEC);
    }
    return name == 'f' ? CTX_AGAIN : CTX_WAIT;
}

static void waiting_apps_are_called_when_it_is_time(void **state)
{
    (void)state;
    unload_all();
    fake.app = waiting_body;
    load_v3("a");
    load_v3("b");
    load_v3("k");
    uint64_t start = fake.now_ns;
    run_for(149 * NSEC_PER_MSEC);
    assert_text(order, "abkbbbab");
    static const uint64_t at[] = {0, 0, 0, 30, 60, 90, 100, 120};
    for (uint32_t i = 0; i < calls; i++) {
        assert_int_equal(times[i], start + at[i] * NSEC_PER_MSEC);
    }
    assert_true(fake.waits <= calls); /* it slept in between, each time until the next one */
    input_key(30, 1);
    run_for(0);
    assert_text(order, "abkbbbabk");
    run_for(0);
    assert_text(order, "abkbbbabk");

    /* With one that is called each frame, those that wait do not run more often. */
    unload_all();
    load_v3("a");
    load("f");
    run_for(95 * NSEC_PER_MSEC);
    uint32_t frames = 0;
    for (const char *p = order; *p != 0; p++) {
        frames += *p == 'f';
    }
    assert_int_equal(strlen(order), frames + 1); /* a once */
    assert_true(frames >= 5 && frames <= 7);
    unload_all();
}

static int32_t waits_and_faults(struct ctx *ctx)
{
    order[strlen(order) + 1] = 0;
    order[strlen(order)] = app_current()->name[0];
    if (app_current()->faults == 0 && order[1] != 0) {
        fake_fault(6, 0);
    }
    ctx->time->wake_at(ctx->time, fake.now_ns + 30 * NSEC_PER_MSEC);
    return CTX_WAIT;
}

/* Nothing that it could wait for is asked for by a call that did not end. */
static void one_that_waited_and_faults_is_called_again(void **state)
{
    (void)state;
    unload_all();
    fake.app = waits_and_faults;
    load_v3("w restart=never");
    run_for(29 * NSEC_PER_MSEC);
    assert_text(order, "w");
    run_for(18 * NSEC_PER_MSEC); /* its time comes, and the next frame */
    assert_text(order, "www");
    assert_int_equal(app_first()->faults, 1);
    run_for(31 * NSEC_PER_MSEC);
    assert_text(order, "wwww");
    unload_all();
}

static int32_t exiting_body(struct ctx *ctx)
{
    if (app_current()->calls == 0) {
        uint32_t *out = ctx->alloc(8, 8);
        ctx->display->create(ctx->display, 20, 20, CTX_SURFACE_RGBX, 0, out);
        memset(ctx->display->pixels(ctx->display, *out), 0x55, 20 * 20 * 4);
        ctx->display->damage(ctx->display, *out, 0, 0, 20, 20);
        ctx->time->wake_at(ctx->time, fake.now_ns + NSEC_PER_SEC);
        return CTX_WAIT;
    }
    return CTX_EXIT(0);
}

/* The last app goes: what it showed goes too. */
static void nothing_stays_on_the_screen(void **state)
{
    (void)state;
    unload_all();
    fake.app = exiting_body;
    load_v3("x");
    run_for(500 * NSEC_PER_MSEC);
    assert_int_equal(shown[32 * 64 + 32], 0x55555555);
    run_for(600 * NSEC_PER_MSEC);
    assert_null(app_first());
    assert_memory_equal(shown, canvas_pixels(), sizeof shown);
}

static int32_t canvas_body(struct ctx *ctx)
{
    ctx->display->canvas(ctx->display);
    if (ctx->fb.len != 0) {
        ctx->fb.pixels[70].b++;
    }
    ctx->time->wake_at(ctx->time, fake.now_ns + 5 * NSEC_PER_MSEC);
    return CTX_WAIT;
}

/* An app that waits and draws on the canvas is seen, and not more often than the screen's pace. */
static void a_canvas_without_frames(void **state)
{
    (void)state;
    unload_all();
    fake.app = canvas_body;
    load_v3("c");
    run_for(20 * NSEC_PER_MSEC);
    updates = 0;
    run_for(320 * NSEC_PER_MSEC);
    assert_true(updates >= 18 && updates <= 21);
    run_for(16 * NSEC_PER_MSEC);
    assert_true((shown[70] >> 16 & 0xff) >= 60);
    unload_all();
}

static int setup(void **state)
{
    (void)state;
    fake_boot(16, 64, 64);
    display_offer(&display);
    all_room = input_room();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_order_at_the_frames_pace),
        cmocka_unit_test(an_app_that_faults_does_not_hold_up_the_others),
        cmocka_unit_test(late_frames_are_not_made_up_for),
        cmocka_unit_test(a_slow_call_keeps_the_grid),
        cmocka_unit_test(an_app_that_is_put_off_does_not_hold_the_keyboard),
        cmocka_unit_test(tasks_only),
        cmocka_unit_test(with_no_apps_it_rests_for_ever),
        cmocka_unit_test(waiting_apps_are_called_when_it_is_time),
        cmocka_unit_test(one_that_waited_and_faults_is_called_again),
        cmocka_unit_test(nothing_stays_on_the_screen),
        cmocka_unit_test(a_canvas_without_frames),
        cmocka_unit_test(ctrl_alt_del_reboots),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
