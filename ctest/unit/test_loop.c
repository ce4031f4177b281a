/* SPDX-License-Identifier: MIT */
/* The loop: pace, order, rest. */
#include "app.h"
#include "loop.h"
#include "make_elf.h"
#include "test.h"

#include <ctx/key.h>
#include <kernel/input.h>
#include <kernel/task.h>

static char order[256];
static uint64_t times[64];
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
    assert_int_equal(input_room(), 1024); /* all have seen the keys: there is room again */
    assert_int_equal(fake.waits, 3);      /* one rest between two frames, no busy loop */
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
    assert_int_equal(input_room(), 1024); /* keys that nobody reads do not pile up */
}

static void run_for_ever(void *unused)
{
    (void)unused;
    loop_run(&(struct loop_options){.frame_ns = 1000});
}

static void ctrl_alt_del_reboots(void **state)
{
    (void)state;
    unload_all();
    load("a");
    fake_serial_clear();
    input_key(CTX_KEY_LEFTCTRL, INPUT_KEY_DOWN);
    input_key(CTX_KEY_LEFTALT, INPUT_KEY_DOWN);
    input_key(CTX_KEY_DELETE, INPUT_KEY_DOWN);
    assert_false(fake_panics(run_for_ever, NULL));
    assert_true(fake_said("REBOOT\n"));
}

static int setup(void **state)
{
    (void)state;
    fake_boot(16, 64, 64);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_order_at_the_frames_pace),
        cmocka_unit_test(an_app_that_faults_does_not_hold_up_the_others),
        cmocka_unit_test(late_frames_are_not_made_up_for),
        cmocka_unit_test(a_slow_call_keeps_the_grid),
        cmocka_unit_test(tasks_only),
        cmocka_unit_test(with_no_apps_it_rests_for_ever),
        cmocka_unit_test(ctrl_alt_del_reboots),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
