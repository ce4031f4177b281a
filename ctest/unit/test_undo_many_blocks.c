/* SPDX-License-Identifier: MIT */
/* A call of a million allocs is taken back in the time of a million, whatever else is in the heap.
 */
#include "undo_fixture.h"

#define MANY 100000u /* blocks that live on */
#define CHURN                                                                                      \
    1000000u /* times that one goes and comes in the call: each took 300 us to take back */
static uint8_t *many[MANY];

static int32_t body_many(struct ctx *ctx)
{
    for (uint32_t i = 0; i < MANY; i++) {
        many[i] = ctx->alloc(16, 16);
        assert_non_null(many[i]);
    }
    return CTX_AGAIN;
}

/* The lowest ones, so that each time all others lie behind. */
static int32_t body_churn(struct ctx *ctx)
{
    for (uint32_t i = 0; i < CHURN; i++) {
        ctx->dealloc(many[i % 5], 16, 16);
        many[i % 5] = ctx->alloc(i % 7 == 0 ? 32 : 16, 16);
        if (i % 7 == 0) {
            ctx->dealloc(many[i % 5], 32, 16);
            many[i % 5] = ctx->alloc(16, 16);
        }
    }
    fake_fault(14, 0x1234);
}

static int32_t body_free_many(struct ctx *ctx)
{
    for (uint32_t i = 0; i < MANY; i++) {
        ctx->dealloc(many[i], 16, 16);
    }
    return CTX_AGAIN;
}

/* Any app can ask for undo in its note. To put back what this call did took minutes in which nobody
 * else ran: for each alloc and dealloc all blocks behind it were moved. */
static void a_call_of_many_allocs_in_a_heap_of_many_blocks(void **state)
{
    (void)state;
    watch();
    remember();
    struct app *app = load_v3("made restart=undo");
    static uint8_t *were[MANY];
    struct slotheap_usage usage, later;
    turn(app, body_many);
    memcpy(were, many, sizeof were);
    slotheap_usage(app->heap, &usage);
    turn(app, body_churn);
    assert_int_equal(app->undone, 1);
    memcpy(many, were, sizeof many);
    slotheap_usage(app->heap, &later);
    assert_int_equal(later.blocks, usage.blocks);
    assert_int_equal(later.bytes, usage.bytes);
    fake_serial_clear();
    turn(app, body_free_many);
    assert_int_equal(app->faults, 1);
    assert_string_equal(fake.serial, "");
    slotheap_usage(app->heap, &later);
    assert_int_equal(later.blocks, usage.blocks - MANY);
    app_unload(app);
    all_is_back();
}

static int boot_large(void **state)
{
    (void)state;
    fake_boot(768, 320, 200); /* for the list of what it did */
    struct app *app = load_v3("first");
    assert_int_equal(ready_wait(app, 1), CTX_OK);
    app_unload(app);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_of_many_allocs_in_a_heap_of_many_blocks),
    };
    return cmocka_run_group_tests(tests, boot_large, NULL);
}
