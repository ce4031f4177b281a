/* SPDX-License-Identifier: MIT */
/* Pages of a slot that come and go together. */
#include "app_fixture.h"
#include "app_memory.h"

#define AT     (CTX_SLOT_HEAP + 0x100000u)
#define RIGHTS (MAP_READ | MAP_WRITE)
#define MANY   200u /* more than are let go at once */

static paddr_t frame_at(const struct app *app, uint64_t page)
{
    return machine_slot_frame(app->base + AT + page * PAGE_SIZE);
}

/* Each has a frame of its own, which is zero, wherever frames are free. */
static void frames_that_do_not_follow_one_another(void **state)
{
    (void)state;
    static paddr_t holes[3 * MANY];
    struct rng rng = {5};
    remember();
    struct app *app = load("app");
    for (uint32_t i = 0; i < 3 * MANY; i++) {
        holes[i] = frame_alloc(0, 0);
        memset(machine_direct(holes[i]), 0xff, PAGE_SIZE);
    }
    for (uint32_t i = 0; i < 3 * MANY; i++) {
        if (rng_below(&rng, 2) != 0) {
            frame_free(holes[i], 0);
            holes[i] = 0;
        }
    }
    uint64_t pages = app->pages, came;
    assert_int_equal(app_commit_run(app, AT, MANY, RIGHTS, &came), CTX_OK);
    assert_int_equal(came, MANY);
    assert_int_equal(app->pages, pages + MANY);
    uint32_t breaks = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t *bytes = machine_direct(frame_at(app, i));
        assert_int_equal(machine_slot_rights(app->base + AT + i * PAGE_SIZE), RIGHTS);
        for (uint32_t at = 0; at < PAGE_SIZE; at++) {
            assert_int_equal(bytes[at], 0);
        }
        memset(bytes, 1, PAGE_SIZE); /* nobody else's */
        breaks += i > 0 && frame_at(app, i) != frame_at(app, i - 1) + PAGE_SIZE;
    }
    assert_in_range(breaks, 10, MANY - 2); /* runs of one and of some */
    app_decommit(app, AT + 3 * PAGE_SIZE);
    app_decommit_run(app, AT + 70 * PAGE_SIZE, 2);
    assert_int_equal(frame_at(app, 70), 0);
    app_decommit_run(app, AT, MANY); /* some of them are gone already */
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(frame_at(app, i), 0);
    }
    assert_int_equal(app->pages, pages);
    for (uint32_t i = 0; i < 3 * MANY; i++) {
        if (holes[i] != 0) {
            frame_free(holes[i], 0);
        }
    }
    app_unload(app);
    all_is_back();
}

/* What has come stays, is counted, and goes with the app. */
static void some_come_and_then_no_more(void **state)
{
    (void)state;
    for (uint32_t maps = 0; maps < 2; maps++) {
        remember();
        struct app *app = load("app mem=1M");
        uint64_t pages = app->pages, left = app->quota_pages - pages, came = 9;
        assert_in_range(left, 20, 255);
        if (maps == 0) { /* its quota */
            assert_int_equal(app_commit_run(app, AT, left + 1, RIGHTS, &came), CTX_E_NOMEM);
            assert_int_equal(came, left);
            assert_int_equal(app_commit_run(app, AT + left * PAGE_SIZE, 1, RIGHTS, &came),
                             CTX_E_NOMEM);
        } else { /* the machine maps no more */
            fake.maps_left = 0;
            uint64_t free = frame_free_total();
            assert_int_equal(app_commit_run(app, AT, 5, RIGHTS, &came), CTX_E_NOMEM);
            assert_int_equal(frame_free_total(), free);
            fake.maps_left = FAKE_ALWAYS;
        }
        assert_int_equal(came, 0);
        assert_int_equal(app->pages, maps == 0 ? app->quota_pages : pages);
        app_decommit_run(app, AT, left);
        assert_int_equal(app->pages, pages);
        app_unload(app);
        all_is_back();
    }
}

/* Many come in blocks, and are zero and go alone all the same. */
static void blocks_of_pages(void **state)
{
    (void)state;
    const uint64_t most = 1500; /* two blocks, and some more */
    remember();
    struct app *app = load("app mem=8M");
    paddr_t dirty = frame_alloc(10, 0);
    memset(machine_direct(dirty), 0xff, (size_t)PAGE_SIZE << 10);
    frame_free(dirty, 10);
    uint64_t pages = app->pages, came, in_a_row = 1, longest = 1;
    assert_int_equal(app_commit_run(app, AT, most, RIGHTS, &came), CTX_OK);
    assert_int_equal(came, most);
    assert_int_equal(app->pages, pages + most);
    for (uint64_t i = 0; i < most; i++) {
        uint64_t *words = machine_direct(frame_at(app, i));
        for (uint32_t at = 0; at < PAGE_SIZE / sizeof *words; at++) {
            assert_int_equal(words[at], 0);
        }
        words[0] = i + 1; /* nobody else's */
        in_a_row = i > 0 && frame_at(app, i) == frame_at(app, i - 1) + PAGE_SIZE ? in_a_row + 1 : 1;
        longest = MAX(longest, in_a_row);
    }
    assert_true(longest >= 512);
    for (uint64_t i = 0; i < most; i++) {
        assert_int_equal(*(uint64_t *)machine_direct(frame_at(app, i)), i + 1);
    }
    for (uint64_t i = 1; i < most; i += 2) {
        app_decommit(app, AT + i * PAGE_SIZE);
    }
    assert_int_equal(app->pages, pages + most / 2);
    app_decommit_run(app, AT, most);
    assert_int_equal(app->pages, pages);
    fake.maps_left = 0; /* the machine maps no more: blocks go back too */
    uint64_t free = frame_free_total();
    assert_int_equal(app_commit_run(app, AT, most, RIGHTS, &came), CTX_E_NOMEM);
    assert_int_equal(came, 0);
    assert_int_equal(frame_free_total(), free);
    fake.maps_left = FAKE_ALWAYS;
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_do_not_follow_one_another),
        cmocka_unit_test(some_come_and_then_no_more),
        cmocka_unit_test(blocks_of_pages),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
