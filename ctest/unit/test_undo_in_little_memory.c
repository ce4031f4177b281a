/* SPDX-License-Identifier: MIT */
/* Undo with each allocation refused in turn: the call is undone whole, or the app begins anew. */
#include "undo_fixture.h"

/* ---- what is tried, and when it is given up ---- */

/* Without memory for the way back the policy is that of on-fault, and nothing leaks. */
static void no_memory_at_each_point(void **state)
{
    (void)state;
    uint32_t reached = 0;
    for (uint64_t left = 0, refused = 1; refused != 0; left++) {
        remember();
        struct app *app = begin(LARGE);
        s.little_memory = true;
        fake.allocs_left = left;
        fake.once = true;
        turn(app, body_spoil);
        refused = fake.allocs_left == FAKE_ALWAYS;
        reached += refused != 0;
        fake.allocs_left = FAKE_ALWAYS;
        fake.once = false;
        if (app->base != 0) {
            turn(app, body_check);
        } else {
            restart_now(app);
        }
        gone(app);
    }
    assert_true(reached > 60);
}

/* ---- without memory in a call that ends well ---- */

static uint8_t *more[3];
static const uint64_t more_bytes[] = {24 * PAGE_SIZE, 16, 41 * PAGE_SIZE + 8};

static int32_t body_take_more(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(more); i++) {
        more[i] = ctx->mem->alloc(ctx->mem, more_bytes[i], 16, 0);
        if (more[i] != NULL) {
            memset(more[i], 0x21, more_bytes[i]);
        }
    }
    memset(s.large, 0x5c, MIN(s.large_bytes, 40u * PAGE_SIZE));
    return CTX_AGAIN;
}

static int32_t body_spoil_more(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(more); i++) {
        if (more[i] != NULL) {
            memset(more[i], 0x84, more_bytes[i]);
        }
    }
    return body_spoil(ctx);
}

static int32_t body_check_more(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(more); i++) {
        expect_all(more[i], 0x21, more[i] != NULL ? more_bytes[i] : 0);
    }
    return body_check(ctx);
}

/* What could not be noted in one call is not forgotten in the next: that one is undone whole. */
static void no_memory_in_the_call_before(void **state)
{
    (void)state;
    uint32_t reached = 0;
    for (uint32_t way = 0; way < 2; way++) {
        for (uint64_t left = 0, refused = 1; refused != 0; left++) {
            remember();
            struct app *app = begin(way == 0 ? LARGE : LARGE / 4);
            fake.allocs_left = left;
            fake.once = true;
            turn(app, body_take_more);
            refused = fake.allocs_left == FAKE_ALWAYS;
            reached += refused != 0;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            assert_int_equal(app->faults, 0);
            turn(app, body_spoil_more);
            assert_int_equal(app->undone, 1);
            turn(app, body_check_more);
            gone(app);
        }
    }
    assert_true(reached > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory_at_each_point),
        cmocka_unit_test(no_memory_in_the_call_before),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
