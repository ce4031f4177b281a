/* SPDX-License-Identifier: MIT */
/* Driver tasks: waking, waiting, deadlines. */
#include "test.h"

#include <kernel/task.h>

struct worker {
    struct task task;
    uint32_t steps, at;
    bool ready, timed_out;
};

static void work(struct task *task)
{
    struct worker *w = container_of(task, struct worker, task);
    w->steps++;
    TASK_BEGIN(task);
    w->at = 1;
    TASK_AWAIT(task, w->ready);
    w->at = 2;
    w->ready = false;
    TASK_AWAIT_FOR(task, w->ready, 500 * NSEC_PER_MSEC);
    w->timed_out = !w->ready;
    w->at = 3;
    if (w->timed_out) {
        TASK_EXIT(task);
    }
    TASK_AWAIT_FOR(task, false, NEVER_NS);
    w->at = 4;
    TASK_END(task);
}

static struct worker a, b; /* tasks live for ever */

static void await(void **state)
{
    (void)state;
    fake.now_ns = 1000;
    assert_int_equal(task_next_deadline_ns(), NEVER_NS);
    assert_false(task_run_ready(fake.now_ns));
    task_start(&a.task, "a", work);
    assert_int_equal(task_next_deadline_ns(), 0); /* its first step is due */
    assert_true(task_run_ready(fake.now_ns));
    assert_int_equal(a.at, 1);
    assert_false(task_run_ready(fake.now_ns)); /* nobody woke it */
    assert_int_equal(task_next_deadline_ns(), NEVER_NS);
    task_wake(&a.task); /* for nothing: the condition does not hold */
    assert_int_equal(task_next_deadline_ns(), 0);
    assert_true(task_run_ready(fake.now_ns));
    assert_int_equal(a.at, 1);
    assert_int_equal(a.steps, 2);
    a.ready = true; /* the condition alone does not run it */
    assert_false(task_run_ready(fake.now_ns));
    task_wake(&a.task);
    task_wake(&a.task); /* two wakes, one step */
    assert_true(task_run_ready(fake.now_ns));
    assert_int_equal(a.at, 2);
    assert_false(task_run_ready(fake.now_ns));
}

static void deadline(void **state)
{
    (void)state;
    assert_int_equal(task_next_deadline_ns(), 1000 + 500 * NSEC_PER_MSEC);
    fake.now_ns += 500 * NSEC_PER_MSEC - 1;
    assert_false(task_run_ready(fake.now_ns));
    task_wake(&a.task); /* woken early: goes on waiting for the same moment */
    assert_true(task_run_ready(fake.now_ns));
    assert_int_equal(a.at, 2);
    assert_int_equal(task_next_deadline_ns(), fake.now_ns + 1);
    fake.now_ns++;
    assert_true(task_run_ready(fake.now_ns));
    assert_int_equal(a.at, 3);
    assert_true(a.timed_out && a.task.done);
    task_wake(&a.task); /* the dead stay dead */
    assert_false(task_run_ready(fake.now_ns));
    assert_int_equal(task_next_deadline_ns(), NEVER_NS);
}

static void condition_before_the_deadline(void **state)
{
    (void)state;
    b.ready = true;
    task_start(&b.task, "b", work);
    assert_true(task_run_ready(fake.now_ns)); /* through the first wait at once, into the second */
    assert_int_equal(b.at, 2);
    b.ready = true;
    task_wake(&b.task);
    assert_true(task_run_ready(fake.now_ns));
    assert_int_equal(b.at, 3);
    assert_false(b.timed_out || b.task.done);
    assert_int_equal(task_next_deadline_ns(), NEVER_NS); /* "for ever" does not wrap around */
    fake.now_ns += NSEC_PER_SEC;
    assert_false(task_run_ready(fake.now_ns));
}

static uint32_t entered;
static bool again;

static void gives_up(struct task *task)
{
    entered++;
    again |= task_step(task); /* what a panic in here would do */
}

/* A panic runs a task, woken or not, but not the one that it came from. */
static void never_entered_twice(void **state)
{
    (void)state;
    static struct task victim;
    task_start(&victim, "victim", gives_up);
    (void)task_run_ready(fake.now_ns);
    assert_int_equal(entered, 1);
    assert_false(again);
    assert_true(task_step(&victim)); /* between two steps it may be run */
    assert_int_equal(entered, 2);
    victim.done = true;
    assert_false(task_step(&victim));
    assert_false(task_step(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(await),
        cmocka_unit_test(deadline),
        cmocka_unit_test(condition_before_the_deadline),
        cmocka_unit_test(never_entered_twice),
    };
    return RUN(tests);
}
