/* SPDX-License-Identifier: MIT */
/* Surfaces: their sizes, their memory, and their handles. */
#include "gate.h"
#include "surface_fixture.h"

static int32_t body_limits(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    make(ctx, 0, 5, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 5, 0, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 8193, 1, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 1, 8193, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, UINT32_MAX, UINT32_MAX, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 5, 5, 0, 0, CTX_E_INVAL);
    make(ctx, 5, 5, 3, 0, CTX_E_INVAL);
    make(ctx, 5, 5, CTX_SURFACE_RGBX, 2, CTX_E_INVAL);
    make(ctx, 129, 5, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER, CTX_E_INVAL);
    make(ctx, 5, 129, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER, CTX_E_INVAL);
    make(ctx, 5, 5, CTX_SURFACE_RGBX, UINT64_C(1) << 63, CTX_E_INVAL);
    make(ctx, 8192, 8192, CTX_SURFACE_RGBX, 0, CTX_E_NOMEM); /* above the quota of 8 MiB */
    uint32_t wide = make(ctx, 8192, 1, CTX_SURFACE_RGBA, 0, CTX_OK);
    uint32_t tall = make(ctx, 1, 8192, CTX_SURFACE_RGBX, 0, CTX_OK);
    uint32_t *p = d->pixels(d, tall);
    for (uint32_t i = 0; i < 8192; i++) {
        assert_int_equal(p[i], 0); /* black */
    }
    p[8191] = 1;
    assert_int_equal(d->destroy(d, wide), CTX_OK);
    assert_int_equal(d->destroy(d, tall), CTX_OK);
    uint32_t many[8];
    for (uint32_t i = 0; i < 8; i++) {
        many[i] = make(ctx, 10 + i, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
        for (uint32_t n = 0; n < i; n++) {
            assert_true(many[i] != many[n] && d->pixels(d, many[i]) != d->pixels(d, many[n]));
        }
    }
    make(ctx, 10, 10, CTX_SURFACE_RGBX, 0, CTX_E_NOSPC);
    assert_int_equal(d->destroy(d, many[3]), CTX_OK);
    many[3] = make(ctx, 20, 20, CTX_SURFACE_RGBX, 0, CTX_OK);
    return 0;
}

static void limits(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_limits);
    assert_int_equal(app->faults, 0);
    app_unload(app); /* eight of them go with it */
    all_is_back();
}

static int32_t body_handles(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t old = make(ctx, 10, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
    struct ctx_presented *p = own(ctx, sizeof *p);
    p->size = sizeof *p;
    const uint32_t bad[] = {0, 1, 7, 8, 255, old + 1, old + 0x100, old | 0x1000000, UINT32_MAX};
    for (size_t i = 0; i <= ARRAY_COUNT(bad); i++) {
        uint32_t h = i < ARRAY_COUNT(bad) ? bad[i] : old;
        if (i == ARRAY_COUNT(bad)) { /* one that was good, and whose place has a new tenant */
            assert_int_equal(d->destroy(d, old), CTX_OK);
            assert_int_equal(d->destroy(d, old), CTX_E_NOENT);
            uint32_t fresh = make(ctx, 10, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
            assert_true(fresh != old && (fresh & 0xff) == (old & 0xff));
        }
        assert_null(d->pixels(d, h));
        assert_int_equal(d->damage(d, h, 0, 0, 1, 1), CTX_E_NOENT);
        assert_int_equal(d->presented(d, h, p), CTX_E_NOENT);
        assert_int_equal(d->resize(d, h, 5, 5), CTX_E_NOENT);
        assert_int_equal(d->destroy(d, h), CTX_E_NOENT);
    }
    return 0;
}

/* A handle is never 0 and never the last one, however often its place was used. */
static int32_t body_generations(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *out = own(ctx, 4);
    uint32_t old = 0;
    for (uint32_t i = 0; i < 66000; i++) {
        assert_int_equal(d->create(d, 1, 1, CTX_SURFACE_RGBX, 0, out), CTX_OK);
        assert_true(*out != 0 && *out >> 8 != 0 && *out != old);
        old = *out;
        assert_int_equal(d->destroy(d, old), CTX_OK);
    }
    return 0;
}

static void handles(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_handles);
    app_unload(app);
    app = load_v3("app");
    call(app, body_generations);
    app_unload(app);
    all_is_back();
}

static int32_t body_resize(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    struct app *app = app_current();
    uint32_t h = make(ctx, 100, 100, CTX_SURFACE_RGBX, 0, CTX_OK);
    uint32_t *p = d->pixels(d, h);
    memset(p, 0x11, 100 * 100 * 4);
    uint64_t pages = app->pages;
    assert_int_equal(d->resize(d, h, 0, 5), CTX_E_INVAL);
    assert_int_equal(d->resize(d, h, 5, 8193), CTX_E_INVAL);
    assert_int_equal(d->resize(d, h, 8000, 8000), CTX_E_NOMEM);
    fake.allocs_left = 0;
    assert_int_equal(d->resize(d, h, 200, 200), CTX_E_NOMEM);
    fake.allocs_left = FAKE_ALWAYS;
    assert_int_equal(app->pages, pages);
    assert_ptr_equal(d->pixels(d, h), p);
    for (uint32_t i = 0; i < 100 * 100; i++) {
        assert_int_equal(p[i], 0x11111111); /* on an error everything stays */
    }
    assert_int_equal(d->resize(d, h, 200, 200), CTX_OK);
    p = d->pixels(d, h);
    for (uint32_t i = 0; i < 200 * 200; i++) {
        assert_int_equal(p[i], 0);
    }
    assert_int_equal(d->resize(d, h, 1, 1), CTX_OK);
    p = d->pixels(d, h);
    *p = 1;
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)p + PAGE_SIZE), 0);
    return 0;
}

static void resize(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_resize);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

static uint64_t allowed;
static bool was_refused;

static int32_t body_little_memory(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *out = own(ctx, 4);
    uint32_t old = make(ctx, 64, 64, CTX_SURFACE_RGBX, 0, CTX_OK);
    uint32_t *p = d->pixels(d, old);
    memset(p, 0x11, 64 * 64 * 4);
    fake.allocs_left = allowed;
    ctx_status created = d->create(d, 1000, 700, CTX_SURFACE_RGBX, 0, out);
    ctx_status resized = d->resize(d, old, 300, 200);
    was_refused = fake.allocs_left == 0 || (fake.once && fake.allocs_left == FAKE_ALWAYS);
    fake.allocs_left = FAKE_ALWAYS;
    assert_true(created == CTX_OK || created == CTX_E_NOMEM);
    assert_true(resized == CTX_OK || resized == CTX_E_NOMEM);
    if (created == CTX_OK) {
        assert_non_null(d->pixels(d, *out));
    }
    const uint32_t *now = d->pixels(d, old);
    for (uint32_t i = 0; now != NULL && i < 64 * 64; i++) {
        assert_int_equal(now[i], resized == CTX_OK ? 0 : 0x11111111);
    }
    assert_true(now != NULL || resized == CTX_E_NOMEM);
    return 0;
}

/* Creating and resizing with each allocation refused in turn. */
static void little_memory(void **state)
{
    (void)state;
    for (uint32_t once = 0; once < 2; once++) {
        was_refused = true;
        for (allowed = 0; was_refused; allowed++) {
            remember();
            struct app *app = load_v3("app");
            fake.once = once != 0;
            call(app, body_little_memory);
            fake.once = false;
            assert_int_equal(app->faults, 0);
            app_unload(app);
            all_is_back();
            assert_true(allowed < 100);
        }
    }
}

static int32_t body_only_the_quota(struct ctx *ctx)
{
    /* 11.4 MiB of pixels: within sides, window and memory, and over 8 MiB of quota. */
    make(ctx, 2000, 1500, CTX_SURFACE_RGBX, 0, CTX_E_NOMEM);
    uint32_t fits = make(ctx, 2000, 900, CTX_SURFACE_RGBX, 0, CTX_OK);
    assert_int_equal(ctx->display->resize(ctx->display, fits, 2000, 1500), CTX_E_NOMEM);
    make(ctx, 2000, 900, CTX_SURFACE_RGBX, 0, CTX_E_NOMEM); /* a second one is one too many */
    assert_int_equal(ctx->display->destroy(ctx->display, fits), CTX_OK);
    make(ctx, 2000, 900, CTX_SURFACE_RGBX, 0, CTX_OK);
    return 0;
}

/* A 2000x1500 surface, which breaks only the quota, passed unseen. */
static void only_the_quota(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_only_the_quota);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    app = load_v3("app mem=20M");
    want_w = 2000;
    want_h = 1500;
    call(app, body_create); /* nothing else is wrong with it */
    app_unload(app);
    all_is_back();
}

/* Creating with the n-th frame refused: nothing is half there. */
static void no_frames(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_create); /* page tables and the heap are there now */
    uint64_t pages = app->pages;
    for (uint64_t n = 0; n < 3; n++) {
        fake.allocs_left = n;
        const uint64_t args[6] = {
            0, 2000, 700, CTX_SURFACE_RGBX, 0, app->base + CTX_SLOT_STORE + 64};
        int32_t status = (int32_t)gate_offered(CTX_TABLE_DISPLAY, 2)(app, args);
        fake.allocs_left = FAKE_ALWAYS;
        if (status != CTX_OK) {
            assert_int_equal(status, CTX_E_NOMEM);
            assert_int_equal(app->pages, pages);
        }
    }
    app_unload(app);
    all_is_back();
}

/* ---- one that follows the pointer ---- */

static int32_t body_count_pages(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    static const uint32_t sizes[][3] = {{10, 10, 1}, {200, 100, 20}, {32, 32, 1}, {33, 32, 2}};
    const struct app *app = app_current();
    uint32_t *out = own(ctx, 4);
    uint64_t pages = app->pages;
    assert_int_equal(d->create(d, 100, 60, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    assert_int_equal(app->pages, pages + 6);
    for (uint32_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        assert_int_equal(d->resize(d, *out, sizes[i][0], sizes[i][1]), CTX_OK);
        assert_int_equal(app->pages, pages + sizes[i][2]);
    }
    assert_int_equal(d->destroy(d, *out), CTX_OK);
    assert_int_equal(app->pages, pages);
    return 0;
}

/* What counts against the quota is what it has, whichever way it came to its size. */
static void pages_are_counted(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_count_pages);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(limits, setup),
        cmocka_unit_test_setup(handles, setup),
        cmocka_unit_test_setup(resize, setup),
        cmocka_unit_test_setup(no_frames, setup),
        cmocka_unit_test_setup(little_memory, setup),
        cmocka_unit_test_setup(only_the_quota, setup),
        cmocka_unit_test_setup(pages_are_counted, setup),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
