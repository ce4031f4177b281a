/* SPDX-License-Identifier: MIT */
/* Images of hosts and of their children: no handle means another app than it did, and no sandbox
 * opens by being saved. */
#include "ctx_host.h"
#include "host_private.h"
#include "image_fixture.h"
#include "resource.h"

extern const struct app_resource host_resource; /* host_image.c */

static uint32_t handle;
static struct app *child;
static uint32_t served;

static int32_t body_wrap(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, 4);
    assert_int_equal(host->open(host, child->pid, out), CTX_OK);
    handle = *out;
    char *words = own_copy(ctx, "trace", 6);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, handle, words, 5, code, 77), CTX_OK);
    return 0;
}

static int32_t body_stale(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    char *words = own_copy(ctx, "trace", 6);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, handle, words, 5, code, 77), CTX_E_STALE);
    return 0;
}

static int32_t serve(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    (void)call;
    served++;
    return 0;
}

static int32_t body_alloc_fails(struct ctx *ctx)
{
    assert_null(ctx->alloc(100, 16));
    return 0;
}

static void handles_of_a_host_are_stale(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1");
    child = load("child host=host");
    call(host, body_wrap);
    take(host, 0);
    app_unload(host);
    host = bring_back();
    call(host, body_stale);
    assert_int_equal(host->faults, 0);
    app_unload(host);
    app_unload(child);
}

/* Later systems may give these words a meaning; what this one saves must have none then. */
static void what_is_reserved_is_zero(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1");
    child = load("child host=host");
    call(host, body_wrap);
    for (uint32_t i = 0; i < 2; i++) {
        take(i == 0 ? host : child, i == 0 ? SAVE_PACKED : 0);
        struct ctx_image_header h;
        memcpy(&h, f.bytes, sizeof h);
        assert_int_equal(h.size, sizeof h);
        assert_int_equal(h.rsv[0] | h.rsv[1], 0);
        for (uint32_t n = 0; n < h.sections; n++) {
            struct ctx_image_section section;
            memcpy(&section, f.bytes + sizeof h + n * sizeof section, sizeof section);
            assert_int_equal(section.rsv, 0);
        }
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_true(f.image.parts[CTX_IMAGE_RUNS].count > 0);
        for (uint64_t n = 0; n < f.image.parts[CTX_IMAGE_RUNS].count; n++) {
            struct ctx_image_run run;
            image_entry(&f.image, CTX_IMAGE_RUNS, n, &run, sizeof run);
            assert_int_equal(run.rsv, 0);
        }
        assert_int_equal(f.image.parts[CTX_IMAGE_HANDLES].count, i == 0);
        for (uint64_t n = 0; n < f.image.parts[CTX_IMAGE_HANDLES].count; n++) {
            struct ctx_image_handle saved;
            image_entry(&f.image, CTX_IMAGE_HANDLES, n, &saved, sizeof saved);
            assert_int_equal(saved.rsv, 0);
            assert_int_equal(saved.handle, handle);
            assert_text((const char *)saved.table, CTX_ID_HOST);
        }
        assert_int_equal(f.image.parts[CTX_IMAGE_HOSTS].count, i);
    }
    app_unload(host);
    app_unload(child);
}

static uint32_t hold_status[4], later, latest;

/* Of each handle that it ever had, and what it gets now. */
static int32_t body_what_is_held(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, 4);
    const uint32_t handles[] = {handle, later, latest};
    for (uint32_t i = 0; i < ARRAY_COUNT(handles); i++) {
        hold_status[i] = (uint32_t)host->copy_in(host, handles[i], app_current()->base, out, 0);
    }
    hold_status[3] = (uint32_t)host->open(host, child->pid, out);
    latest = *out;
    return 0;
}

static void expect_held(ctx_status first, ctx_status second)
{
    assert_int_equal(hold_status[0], (uint32_t)first);
    assert_int_equal(hold_status[1], (uint32_t)second);
    assert_int_equal(hold_status[3], CTX_OK);
    assert_int_not_equal(latest, handle);
    assert_int_not_equal(latest, later);
}

/* In place or anew: what it held then is stale, what it took hold of since is unknown, no number
 * means another child than it did, and who was wrapped stays so. */
static void a_host_that_goes_back_lets_go(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 2; way++) {
        remember();
        struct app *host = load_v3("host grant=ctx.host/1");
        child = load("child host=host");
        later = latest = 0;
        call(host, body_wrap);
        take(host, 0);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        for (uint32_t i = 0; i < 3; i++) {
            call(host, body_what_is_held);
            if (i == 0) {
                assert_int_equal(hold_status[0], CTX_OK); /* it lives */
                later = latest;
            }
            if (way == 1) {
                app_set_fate(host, FATE_STOP, 0);
                app_settle();
                assert_int_equal(host->base, 0);
            }
            assert_int_equal(app_go_back(host, &f.image, &f.error), CTX_OK);
            call(host, body_what_is_held);
            expect_held(CTX_E_STALE, CTX_E_NOENT);
            assert_int_equal(hold_status[2], i == 0 ? (uint32_t)CTX_E_NOENT : hold_status[2]);
            assert_int_equal(host->faults, 0);
        }
        app_unload(host);
        app_unload(child);
        all_is_back();
    }
}

static uint32_t had[3], has_now[3];

static int32_t body_take_hold(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, 4);
    for (uint32_t i = 0; i < ARRAY_COUNT(has_now); i++) {
        assert_int_equal(host->open(host, child->pid, out), CTX_OK);
        has_now[i] = *out;
        assert_int_equal(host->close(host, *out), CTX_OK);
    }
    return 0;
}

static int32_t body_surface(struct ctx *ctx)
{
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    return 0;
}

/* Numbers that it gave out after the image was made do not come again, wherever it goes back to. */
static void no_handle_comes_again(void **state)
{
    (void)state;
    for (uint32_t anew = 0; anew < 2; anew++) {
        struct app *host = load_v3("host grant=ctx.host/1");
        child = load("child host=host");
        take(host, 0);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        call(host, body_take_hold);
        memcpy(had, has_now, sizeof had);
        if (anew != 0) { /* it is not as it was, so it gets a fresh slot's worth of everything */
            call(host, body_surface);
        }
        assert_int_equal(app_go_back(host, &f.image, &f.error), CTX_OK);
        call(host, body_take_hold);
        assert_int_equal(host->faults, 0);
        for (uint32_t i = 0; i < 9; i++) {
            assert_int_not_equal(had[i / 3], has_now[i % 3]);
        }
        app_unload(host);
        app_unload(child);
    }
}

static void a_wrapped_child_fails_closed(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1");
    child = load("child host=host");
    call(host, body_wrap);
    take(child, 0);
    app_unload(child);
    app_unload(host);
    remember();
    child = bring_back();
    served = 0;
    fake.serve = serve;
    call(child, body_alloc_fails);
    fake.serve = NULL;
    assert_int_equal(served + child->faults, 0);
    app_unload(child);
    all_is_back();
}

static void a_host_that_begins_anew_counts_anew(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1");
    child = load("child host=host");
    call(host, body_wrap);
    uint32_t first = handle;
    app_set_fate(host, FATE_RESTART, fake.now_ns);
    app_settle();
    assert_true(app_begin_anew(host));
    call(host, body_wrap);
    assert_int_equal(handle, first);
    app_unload(child);
    app_unload(host);
}

/* Put back in place, it spoke freely: only a fresh slot looked at who had wrapped it. */
static void a_wrapped_child_that_goes_back_in_place_fails_closed(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1");
    child = load("child host=host");
    call(host, body_wrap);
    take(child, 0);
    app_unload(host);
    host_forget(child); /* as if it had let go of it */
    assert_null(child->links);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    uint64_t base = child->base;
    assert_int_equal(app_go_back(child, &f.image, &f.error), CTX_OK);
    assert_int_equal(child->base, base);
    served = 0;
    fake.serve = serve;
    call(child, body_alloc_fails);
    fake.serve = NULL;
    assert_int_equal(served + child->faults, 0);
    app_unload(child);
}

static int32_t body_let_go(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    assert_int_equal(host->close(host, handle), CTX_OK); /* each has the same one */
    return 0;
}

/* Whoever holds it then and now holds it once, and is asked as before. */
static void a_child_that_is_still_held_goes_back_in_place(void **state)
{
    (void)state;
    struct app *one = load_v3("one grant=ctx.host/1"), *two = load_v3("two grant=ctx.host/1");
    child = load("child host=one,two");
    call(one, body_wrap);
    call(two, body_wrap);
    assert_int_equal(host_resource.count(one), 1); /* what it holds */
    take(child, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(app_go_back(child, &f.image, &f.error), CTX_OK);
        assert_int_equal(host_resource.count(child), 2);
    }
    served = 0;
    fake.serve = serve;
    call(child, body_alloc_fails);
    fake.serve = NULL;
    assert_int_equal(served, 1); /* the outer one, which does not ask on */
    assert_false(host_is_shut(child));
    app_unload(two);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(app_go_back(child, &f.image, &f.error), CTX_OK);
        assert_int_equal(host_resource.count(child), 2); /* one of them shut, and once */
    }
    assert_true(host_is_shut(child));
    call(one, body_let_go);
    assert_int_equal(host_resource.count(child), 1);
    for (uint32_t i = 0; i < 3; i++) { /* the other one is not taken for it */
        assert_int_equal(app_go_back(child, &f.image, &f.error), CTX_OK);
        assert_int_equal(host_resource.count(child), 2);
    }
    app_unload(child);
    app_unload(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_of_a_host_are_stale),
        cmocka_unit_test(what_is_reserved_is_zero),
        cmocka_unit_test(a_host_that_goes_back_lets_go),
        cmocka_unit_test(no_handle_comes_again),
        cmocka_unit_test(a_wrapped_child_fails_closed),
        cmocka_unit_test(a_host_that_begins_anew_counts_anew),
        cmocka_unit_test(a_child_that_is_still_held_goes_back_in_place),
        cmocka_unit_test(a_wrapped_child_that_goes_back_in_place_fails_closed),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
