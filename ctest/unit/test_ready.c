/* SPDX-License-Identifier: MIT */
/* Whose turn it is, compared with the plainest way of knowing it. */
#include "app.h"
#include "heap.h"
#include "ready.h"
#include "test.h"

#define APPS 300u

static struct app apps[APPS];

/* What the model knows of each app; ready ones leave in the order of (rank, deadline). */
static struct known {
    enum app_turn where;
    uint64_t deadline, rank;
} known[APPS];

static uint64_t rank;

static void check_lists(void)
{
    uint32_t at = 0;
    ready_frame_rewind();
    for (struct app *app; (app = ready_frame_next()) != NULL;) {
        while (at < APPS && known[at].where != TURN_FRAME) {
            at++;
        }
        assert_true(at < APPS);
        assert_ptr_equal(app, &apps[at++]);
    }
    uint64_t next = NEVER_NS;
    for (uint32_t i = 0; i < APPS; i++) {
        assert_int_equal(apps[i].turn.where, known[i].where);
        assert_true(i < at || known[i].where != TURN_FRAME);
        if (known[i].where == TURN_READY) {
            next = 0;
        } else if (known[i].where == TURN_WAITING) {
            next = MIN(next, known[i].deadline);
        }
    }
    assert_int_equal(ready_next_deadline_ns(), next);
}

static void set(uint32_t i, enum app_turn where)
{
    known[i].where = where;
}

static void do_expire(uint64_t now)
{
    rank++;
    for (uint32_t i = 0; i < APPS; i++) {
        if (known[i].where == TURN_WAITING && known[i].deadline <= now) {
            known[i].rank = rank;
            set(i, TURN_READY);
        }
    }
    ready_expire(now);
}

static void do_wake(uint32_t i)
{
    if (known[i].where == TURN_WAITING) {
        known[i].rank = ++rank;
        set(i, TURN_READY);
    }
    ready_wake(&apps[i]);
}

static void do_take(void)
{
    const struct app *app = ready_take();
    if (app == NULL) {
        for (uint32_t i = 0; i < APPS; i++) {
            assert_true(known[i].where != TURN_READY);
        }
        return;
    }
    uint32_t got = (uint32_t)(app - apps);
    assert_int_equal(known[got].where, TURN_READY);
    for (uint32_t i = 0; i < APPS; i++) {
        if (known[i].where == TURN_READY) {
            assert_true(
                known[i].rank > known[got].rank ||
                (known[i].rank == known[got].rank && known[i].deadline >= known[got].deadline));
        }
    }
    set(got, TURN_NONE);
}

static int setup(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < APPS; i++) {
        ready_remove(&apps[i]);
        apps[i] = (struct app){.order = i * 3};
        known[i] = (struct known){.where = TURN_NONE};
    }
    return 0;
}

static void random_operations(void **state)
{
    (void)state;
    struct rng rng = {12};
    uint64_t now = 0;
    for (uint32_t step = 0; step < 60000; step++) {
        uint32_t i = (uint32_t)rng_below(&rng, APPS);
        switch (rng_below(&rng, 8)) {
        case 0:
        case 1:
            ready_each_frame(&apps[i]);
            set(i, TURN_FRAME);
            break;
        case 2:
        case 3:
        case 4: /* often the same deadline, sometimes one in the past, sometimes none */
            known[i].deadline = rng_below(&rng, 9) == 0 ? NEVER_NS : now + rng_below(&rng, 50);
            assert_int_equal(ready_wait(&apps[i], known[i].deadline), CTX_OK);
            set(i, TURN_WAITING);
            break;
        case 5:
            do_wake(i);
            break;
        case 6:
            ready_remove(&apps[i]);
            set(i, TURN_NONE);
            break;
        default:
            now += rng_below(&rng, 8);
            do_expire(now);
            for (uint64_t n = rng_below(&rng, 12); n > 0; n--) {
                do_take();
            }
            break;
        }
        if (step % 16 == 0) {
            check_lists();
        }
    }
    do_expire(NEVER_NS - 1);
    while (ready_next_deadline_ns() == 0) {
        do_take();
    }
    check_lists();
}

/* All at one deadline, in the order of the list or against it: each is taken once. */
static void one_deadline_for_all(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < APPS; i++) {
        assert_int_equal(ready_wait(&apps[i % 2 == 0 ? i : APPS - i], 1000), CTX_OK);
    }
    ready_expire(999);
    assert_null(ready_take());
    assert_int_equal(ready_next_deadline_ns(), 1000);
    ready_expire(1000);
    uint32_t taken = 0;
    while (ready_take() != NULL) {
        taken++;
    }
    assert_int_equal(taken, APPS);
    assert_int_equal(ready_next_deadline_ns(), NEVER_NS);
}

/* No memory for the heap of deadlines: the app is called each frame instead. */
static void no_memory_to_wait(void **state)
{
    (void)state;
    static struct app many[5000];
    fake.allocs_left = 0;
    uint32_t waiting = 0;
    while (waiting < ARRAY_COUNT(many) && ready_wait(&many[waiting], 5) == CTX_OK) {
        waiting++;
    }
    fake.allocs_left = FAKE_ALWAYS;
    assert_true(waiting < ARRAY_COUNT(many));
    assert_int_equal(many[waiting].turn.where, TURN_FRAME);
    assert_ptr_equal(ready_frame_first(), &many[waiting]);
    assert_int_equal(ready_wait(&many[waiting], 5), CTX_OK); /* now there is some */
    assert_null(ready_frame_first());
    for (uint32_t i = 0; i <= waiting; i++) {
        ready_remove(&many[i]);
    }
    assert_int_equal(ready_next_deadline_ns(), NEVER_NS);
}

static int boot(void **state)
{
    (void)state;
    fake_ram(16);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(random_operations, setup),
        cmocka_unit_test_setup(one_deadline_for_all, setup),
        cmocka_unit_test_setup(no_memory_to_wait, setup),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
