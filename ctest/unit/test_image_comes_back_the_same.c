/* SPDX-License-Identifier: MIT */
/* Images: an app is saved, its instance goes, and what comes back can not be told from it. */
#include "image_goes_on_fixture.h"
#include "input_view.h"

#include <kernel/input.h>

/* ---- apps of versions 1 and 2 ---- */

static void memory_and_addresses(void **state)
{
    (void)state;
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        struct app *app = load("old one two");
        call(app, body_fill);
        uint64_t base = app->base, pid = app->pid, pages = app->pages;
        take(app, packed != 0 ? SAVE_PACKED | SAVE_CANVAS : 0);
        round_no = 0;
        call(app, body_go_on);
        app_unload(app);
        app = bring_back();
        assert_int_equal(app->base, base);
        assert_int_equal(app->pid, pid);
        assert_text(app->name, "old");
        assert_text(app->arguments, "one two");
        assert_int_equal(app->calls, 1);
        assert_int_equal(app->epoch, 1);
        assert_true(app->pages <= pages);
        assert_null(slotheap_check(app->heap));
        call(app, body_still_there);
        round_no = 1;
        call(app, body_go_on);
        assert_memory_equal(given[0], given[1], sizeof given[0]);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
}

/* Saved, restored, saved: nothing has changed but the epoch. */
static void the_same_image_again(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    uint8_t *first = f.bytes;
    uint64_t len = f.len;
    f.bytes = NULL;
    take(app, 0);
    head()->epoch = 0;
    struct ctx_image_app *a =
        (struct ctx_image_app *)(first + image_section_at(first, CTX_IMAGE_APP));
    head()->order = a->order;
    image_reseal(f.bytes, f.len);
    assert_int_equal(f.len, len);
    assert_memory_equal(f.bytes, first, len);
    free(first);
    app_unload(app);
}

static int32_t body_ends_a_block(struct ctx *ctx)
{
    assert_null(ctx->alloc(1ull << 40, 16));
    void *all = ctx->alloc(100, 16);
    ctx->dealloc(all, 100, 16);
    return 0;
}

static uint64_t seen_ms;

static int32_t body_time(struct ctx *ctx)
{
    seen_ms = ctx->start_time_ms;
    return 0;
}

static void time_goes_on(void **state)
{
    (void)state;
    fake.now_ns = 900 * NSEC_PER_SEC;
    struct app *app = load("old");
    call(app, body_ends_a_block); /* a heap with nothing in it */
    call(app, body_time);
    assert_int_equal(seen_ms, 900000);
    take(app, 0);
    app_unload(app);
    static const uint64_t now[] = {0, 5, 2000}; /* another system, which began earlier or later */
    for (uint32_t i = 0; i < ARRAY_COUNT(now); i++) {
        fake.now_ns = now[i] * NSEC_PER_SEC;
        app = bring_back();
        call(app, body_time);
        assert_int_equal(seen_ms, 900000);
        fake.now_ns += 17 * NSEC_PER_MSEC;
        call(app, body_time);
        assert_int_equal(seen_ms, 900017);
        app_unload(app);
    }
}

static uint64_t seen_last;
static uint8_t seen_key;

static int32_t body_input(struct ctx *ctx)
{
    seen_last = ctx->input->last;
    seen_key = ctx->input->keys[30];
    return 0;
}

/* A key that is held goes up; one that was pressed and not seen yet is seen first. */
static void keys_of_version_2(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_input);
    uint64_t before_it = seen_last;
    input_key(30, INPUT_KEY_DOWN);
    call(app, body_input);
    assert_int_equal(seen_key, CTX_KEY_ON_FROM_OFF);
    input_key(31, INPUT_KEY_DOWN);
    input_key(31, INPUT_KEY_UP);
    take(app, 0);
    app_unload(app);
    input_key(30, INPUT_KEY_UP);
    input_forget(UINT64_MAX, UINT64_MAX);
    app = bring_back();
    call(app, body_input);
    assert_int_equal(seen_key, CTX_KEY_OFF_FROM_ON);
    assert_int_equal(seen_last, before_it + 4); /* down; down and up; up */
    call(app, body_input);
    assert_int_equal(seen_key, CTX_KEY_OFF);
    assert_int_equal(seen_last, before_it + 4);
    app_unload(app);
}

/* ---- version 3 ---- */

static int32_t body_go_on_3(struct ctx *ctx)
{
    uint64_t bits[2] = {0, 0};
    uint64_t *own_bits = own(ctx, sizeof bits);
    const struct ctx_table *again;
    const struct ctx_random *random = (const struct ctx_random *)kept.random;
    assert_int_equal(ctx->epoch, kept.epoch + 1);
    assert_int_equal(random->fill(random, own_bits, sizeof bits), CTX_OK); /* a cached table */
    assert_int_not_equal(own_bits[0], 0);
    ctx_status (*gate)(const void *, uint32_t *) =
        (ctx_status(*)(const void *, uint32_t *))(uintptr_t)kept.gate;
    uint32_t *count = own(ctx, 4);
    assert_int_equal(gate(kept.args, count), CTX_OK); /* a cached gate: how many arguments */
    assert_int_equal(*count, 2);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &again), CTX_OK);
    assert_ptr_equal(again, kept.args);
    assert_ptr_equal(ctx->display->pixels(kept.display, kept.surface), kept.pixels);
    for (uint32_t i = 0; i < 100 * 60; i++) {
        assert_int_equal(kept.pixels[i], 0x5a5a5a5a);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(kept.guarded[i], 0x77);
    }
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)kept.guarded - 1), 0);
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    kept.generation2 = *out;
    return 0;
}

static void version_3(void **state)
{
    (void)state;
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        struct app *app = load_v3("new one two");
        call(app, body_begin);
        take(app, packed != 0 ? SAVE_PACKED : 0);
        app_unload(app);
        app = bring_back();
        call(app, body_go_on_3);
        assert_int_equal(app->faults, 0);
        assert_null(slotheap_check(app->heap));
        assert_int_not_equal(kept.generation2, kept.surface);
        app_unload(app);
        all_is_back();
    }
}

static void events_of_version_3(void **state)
{
    (void)state;
    struct app *app = load_v3("new");
    call(app, body_read);
    input_key(30, INPUT_KEY_DOWN);
    call(app, body_read);
    assert_int_equal(got[0].kind, CTX_EVENT_KEY);
    uint64_t seq = got[got_count - 1].seq;
    input_key(31, INPUT_KEY_DOWN);
    input_key(31, INPUT_KEY_UP);
    take(app, SAVE_PACKED);
    app_unload(app);
    input_key(30, INPUT_KEY_UP);
    app = bring_back();
    call(app, body_read);
    uint32_t keys = 0, wanted[3][2] = {{31, 1}, {31, 0}, {30, 0}};
    for (uint32_t i = 0; i < got_count; i++) {
        assert_int_equal(got[i].seq, ++seq);
        if (got[i].kind == CTX_EVENT_KEY) {
            assert_true(keys < 3);
            assert_int_equal(got[i].code, wanted[keys][0]);
            assert_int_equal(got[i].value, wanted[keys++][1]);
        }
    }
    assert_int_equal(keys, 3);
    call(app, body_read);
    assert_int_equal(got_count, 0);
    app_unload(app);
}

/* ---- another screen ---- */

/* A restarted app lives elsewhere; its old image beside it would have been a second one of that
 * number. */
static void numbers_are_unique_among_the_living(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, SAVE_PACKED);
    app_set_fate(app, FATE_RESTART, fake.now_ns);
    app_settle();
    assert_true(app_begin_anew(app));
    assert_true(app->base != head()->base);
    refused(CTX_E_EXIST, "app.pid");
    app_set_fate(app, FATE_STOP, 0);
    app_settle();
    refused(CTX_E_EXIST, "app.pid"); /* whoever is stopped still has its number */
    app_unload(app);
    app = bring_back();
    app_unload(app);
}

static void any_quota_that_a_line_can_name_comes_back(void **state)
{
    (void)state;
    struct app *app = load("old mem=5000000G");
    take(app, SAVE_PACKED);
    app_unload(app);
    app_unload(bring_back());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_addresses),
        cmocka_unit_test(the_same_image_again),
        cmocka_unit_test(time_goes_on),
        cmocka_unit_test(keys_of_version_2),
        cmocka_unit_test(version_3),
        cmocka_unit_test(events_of_version_3),
        cmocka_unit_test(numbers_are_unique_among_the_living),
        cmocka_unit_test(any_quota_that_a_line_can_name_comes_back),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
