/* SPDX-License-Identifier: MIT */
/* Images: an app is saved, its instance goes, and what comes back can not be told from it. */
#include "canvas.h"
#include "ctx_host.h"
#include "event.h"
#include "image.h"
#include "image_reseal.h"
#include "input_view.h"
#include "restore.h"
#include "save.h"
#include "session.h"
#include "v3_fixture.h"

#include <kernel/input.h>

#define BLOCKS 60u
#define STEPS  100u

/* An image's bytes outside the kernel's memory: reads behind its end are seen. */
static struct {
    uint8_t *bytes;
    uint64_t len;
    struct image image;
    struct image_error error;
} f;

static void take(struct app *app, uint32_t flags)
{
    struct image_bytes made;
    assert_int_equal(app_save(app, flags, &made), CTX_OK);
    free(f.bytes);
    f.bytes = malloc(made.len);
    assert_non_null(f.bytes);
    memcpy(f.bytes, made.bytes, made.len);
    f.len = made.len;
    image_bytes_free(&made);
}

static struct app *bring_back(void)
{
    struct app *app = NULL;
    if (!image_open(f.bytes, f.len, &f.image, &f.error) ||
        app_restore(&f.image, "made.img", NULL, &app, &f.error) != CTX_OK) {
        print_error("%s=0x%llx: %s\n", f.error.field, (unsigned long long)f.error.value,
                    f.error.reason);
        fail();
    }
    return app;
}

static void refused(ctx_status status, const char *field)
{
    struct app *app = NULL;
    remember();
    uint32_t count = app_count();
    if (image_open(f.bytes, f.len, &f.image, &f.error)) {
        assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), status);
    } else {
        assert_int_equal(status, CTX_E_INVAL);
    }
    assert_text(f.error.field, field);
    assert_true(strlen(f.error.reason) > 5);
    assert_int_equal(app_count(), count);
    all_is_back();
}

static struct ctx_image_app *head(void)
{
    return (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
}

/* ---- apps of versions 1 and 2 ---- */

static void *block[BLOCKS];
static uint64_t size_of[BLOCKS];

static int32_t body_fill(struct ctx *ctx)
{
    struct rng rng = {3};
    for (uint32_t i = 0; i < BLOCKS; i++) {
        size_of[i] = i % 3 == 0 ? 256 : 1 + rng_below(&rng, i % 7 == 0 ? 20000 : 600);
        block[i] = ctx->alloc(size_of[i], 16u << i % 5);
        assert_non_null(block[i]);
        memset(block[i], (int)i + 1, size_of[i]);
    }
    for (uint32_t i = 0; i < BLOCKS; i += 3) { /* free ones, in an order of their own */
        uint32_t n = i / 3 * 7 % (BLOCKS / 3) * 3;
        ctx->dealloc(block[n], size_of[n], 16u << n % 5);
        block[n] = NULL;
    }
    *ctx->store = block[1];
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    data[0] = 0x1234;
    return 0;
}

static int32_t body_still_there(struct ctx *ctx)
{
    assert_ptr_equal(*ctx->store, block[1]);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const uint8_t *bytes = block[i];
        for (uint64_t n = 0; bytes != NULL && n < size_of[i]; n++) {
            assert_int_equal(bytes[n], i + 1);
        }
    }
    const uint64_t *data =
        (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    assert_int_equal(data[0], 0x1234);
    assert_int_equal(data[1], 0);
    return 0;
}

static uint64_t given[2][STEPS];
static uint32_t round_no;

/* Allocations and frees by a fixed script; which addresses they gave. */
static int32_t body_go_on(struct ctx *ctx)
{
    struct rng rng = {77};
    void *own_blocks[STEPS] = {0};
    uint64_t sizes[STEPS];
    for (uint32_t i = 0; i < STEPS; i++) {
        sizes[i] = i < 30 ? 256 : 1 + rng_below(&rng, 3000);
        own_blocks[i] = ctx->alloc(sizes[i], 16);
        given[round_no][i] = (uint64_t)(uintptr_t)own_blocks[i];
        uint32_t victim = (uint32_t)rng_below(&rng, i + 1);
        if (i % 3 == 2 && own_blocks[victim] != NULL) {
            ctx->dealloc(own_blocks[victim], sizes[victim], 16);
            own_blocks[victim] = NULL;
        }
    }
    return 0;
}

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

static struct {
    const struct ctx_table *random, *args;
    const struct ctx_display *display;
    uint64_t gate;
    uint32_t surface, generation2;
    uint32_t *pixels;
    uint8_t *guarded;
    uint32_t epoch;
} kept;

static int32_t body_begin(struct ctx *ctx)
{
    assert_int_equal(open_table(ctx, CTX_ID_RANDOM, 0, &kept.random), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &kept.args), CTX_OK);
    kept.gate = ((const uint64_t *)kept.args)[2];
    kept.display = ctx->display;
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, 40, 30, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    assert_int_equal(ctx->display->destroy(ctx->display, *out), CTX_OK);
    assert_int_equal(ctx->display->create(ctx->display, 100, 60, CTX_SURFACE_RGBA, 0, out), CTX_OK);
    kept.surface = *out;
    kept.pixels = ctx->display->pixels(ctx->display, kept.surface);
    memset(kept.pixels, 0x5a, 100 * 60 * 4);
    kept.guarded = ctx->mem->alloc(ctx->mem, 5000, 4096, CTX_MEM_GUARD_LOW);
    assert_non_null(kept.guarded);
    memset(kept.guarded, 0x77, 5000);
    kept.epoch = ctx->epoch;
    return 0;
}

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

static struct ctx_event got[40];
static uint32_t got_count;

static int32_t body_read(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, sizeof got);
    uint32_t *count = own(ctx, 4);
    got_count = ctx->events->read(ctx->events, events, sizeof got, count) == CTX_OK ? *count : 0;
    memcpy(got, events, sizeof got);
    return 0;
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

/* ---- hosts ---- */

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

/* ---- refusals ---- */

static void taken_and_missing(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, SAVE_PACKED);
    refused(CTX_E_EXIST, "app.base");
    call(app, body_still_there); /* the first one has not noticed */
    app_unload(app);
    head()->cpu_features = UINT64_C(1) << 60;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_NOSYS, "app.cpu_features");
    assert_text(f.error.reason,
                "this machine lacks 0x1000000000000000, which the app was told it has");
    head()->cpu_features = CTX_CPU_AVX512F | CTX_CPU_SHA;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_NOSYS, "app.cpu_features");
    assert_text(f.error.reason, "this machine lacks AVX-512 SHA, which the app was told it has");
    head()->cpu_features = 0;
    head()->canvas_at += PAGE_SIZE;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_NOSYS, "app.canvas_at");
    head()->canvas_at -= PAGE_SIZE;
    head()->code_hash ^= 1;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_INVAL, "app.code_hash");
    head()->code_hash ^= 1;
    image_reseal(f.bytes, f.len);
    app_unload(bring_back());
}

/* Any one that is missing is enough, and it is named; those that are there are none. */
static void each_instruction_set_counts(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    for (uint32_t bit = 0; bit < 64; bit++) {
        const uint64_t one = UINT64_C(1) << bit;
        head()->cpu_features = one;
        image_reseal(f.bytes, f.len);
        fake.cpu_features = ~one;
        refused(CTX_E_NOSYS, "app.cpu_features");
        assert_int_equal(f.error.value, one);
        fake.cpu_features = one;
        app_unload(bring_back());
        head()->cpu_features = UINT64_MAX;
        image_reseal(f.bytes, f.len);
        refused(CTX_E_NOSYS, "app.cpu_features");
        assert_int_equal(f.error.value, ~one);
        fake.cpu_features = 0;
    }
}

/* What this system offers, and what the file in the image says that it is for. */
static void a_version_that_is_not_offered(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    app_set_offer(2, false);
    app_unload(bring_back());
    app_set_offer(CTX_ABI_VERSION, false);
    for (uint32_t version = 3; version <= CTX_ABI_VERSION; version++) {
        head()->version = version; /* of a file without a note */
        image_reseal(f.bytes, f.len);
        refused(CTX_E_NOSYS, "app.version");
        assert_int_equal(f.error.value, version);
    }
    app = load_v3("new one two");
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    app_set_offer(2, false); /* what its file asks for is not there */
    refused(CTX_E_INVAL, "program");
    assert_int_equal(f.error.value, 3);
    app_set_offer(CTX_ABI_VERSION, false);
    app_unload(bring_back());
    make_elf(&m); /* one that would be content with less, but began with more */
    make_note(&m, CTX_NOTE_MINIMUM, 2);
    app = app_load(m.bytes, m.len, "/apps/made.elf", "new one two");
    assert_int_equal(app->version, 3);
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    app_set_offer(2, false);
    refused(CTX_E_NOSYS, "app.version");
    assert_int_equal(f.error.value, 3);
    app_set_offer(CTX_ABI_VERSION, false);
    app_unload(bring_back());
}

/* The run that begins in this page of the slot. */
static struct ctx_image_run *run_at(uint64_t at)
{
    struct ctx_image_run *r =
        (struct ctx_image_run *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_RUNS));
    while (r->page != at / PAGE_SIZE) {
        assert_true(r->page < at / PAGE_SIZE);
        r++;
    }
    return r;
}

/* The image is in order; but its file, or its list of blocks, knows nothing of these pages. */
static void pages_that_nobody_may_write(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    struct ctx_image_run *data = run_at(CTX_SLOT_DYN_BIAS + 0x2000);
    const struct ctx_image_run right = *data;
    static const int64_t wrong[] = {-2, -1, 1, 2, 17}; /* head, code, one page out, behind it */
    assert_int_equal(right.count, 1);
    for (uint32_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        data->page = (uint32_t)((int64_t)right.page + wrong[i]);
        image_reseal(f.bytes, f.len);
        if (wrong[i] == 1) { /* its second page: 0x3000 */
            app_unload(bring_back());
        } else {
            refused(CTX_E_INVAL, "run.page");
            assert_int_equal(f.error.value, data->page);
        }
    }
    *data = right;
    /* Of the heap: a page before its run, and one behind, where no block is. */
    struct ctx_image_run *heap = data + 1;
    struct ctx_image_block *b =
        (struct ctx_image_block *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_HEAP));
    uint64_t blocks = f.image.parts[CTX_IMAGE_HEAP].count;
    assert_true(heap->page >= CTX_SLOT_HEAP / PAGE_SIZE && heap->count > 1);
    while (heap + 1 < data + f.image.parts[CTX_IMAGE_RUNS].count &&
           heap[1].page < CTX_SLOT_HEAP_END / PAGE_SIZE) {
        heap++;
    }
    uint64_t end = CTX_SLOT_HEAP + b[blocks - 1].offset + b[blocks - 1].size;
    assert_int_equal(heap->page + heap->count, (end + PAGE_SIZE - 1) / PAGE_SIZE);
    heap->page++;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_INVAL, "run.page");
    assert_int_equal(f.error.value, heap->page);
    heap->page--;
    image_reseal(f.bytes, f.len);
    app_unload(bring_back());
}

/* What it will take is known before anything is built, to a page; and not a page less is enough. */
static void memory_for_all_of_it(void **state)
{
    (void)state;
    struct app *app = load_v3("new one two");
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    const struct ctx_image_block *b =
        (struct ctx_image_block *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_HEAP));
    uint64_t pages = 64 + 4; /* spare ones; the file's head, its code and two of data */
    uint64_t last = UINT64_MAX;
    for (uint64_t i = 0; i < f.image.parts[CTX_IMAGE_HEAP].count; i++) {
        for (uint64_t at = b[i].offset; at < b[i].offset + b[i].size; at++) {
            pages += at / PAGE_SIZE != last;
            last = at / PAGE_SIZE;
        }
    }
    pages += (100 * 60 * 4 + PAGE_SIZE - 1) / PAGE_SIZE; /* its surface */
    static paddr_t held[32u << 8];
    uint32_t count = 0;
    while (app_room() >= pages) {
        held[count++] = frame_alloc(0, 0);
    }
    assert_int_equal(app_room(), pages - 1);
    refused(CTX_E_NOMEM, "memory");
    assert_int_equal(f.error.value, pages * PAGE_SIZE);
    frame_free(held[--count], 0);
    app_unload(bring_back());
    while (count > 0) {
        frame_free(held[--count], 0);
    }
}

/* Where the app's next surface, or the canvas, would lie over it. */
static void surfaces_elsewhere(void **state)
{
    (void)state;
    struct app *app = load_v3("new one two");
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    struct ctx_image_surface *s =
        (struct ctx_image_surface *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SURFACES));
    struct ctx_image_run *r =
        (struct ctx_image_run *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_RUNS));
    while (r->page != s->at / PAGE_SIZE) {
        r++;
    }
    static const uint64_t places[] = {0xe0000000, 0xe7697000 + 0x97000, 0xefff0000};
    uint64_t right = s->at;
    for (uint32_t i = 0; i < ARRAY_COUNT(places); i++) {
        s->at = places[i];
        r->page = (uint32_t)(places[i] / PAGE_SIZE);
        image_reseal(f.bytes, f.len);
        refused(CTX_E_NOSYS, "surface.at");
    }
    s->at = right + PAGE_SIZE; /* another system's place in the same window */
    r->page = (uint32_t)(s->at / PAGE_SIZE);
    image_reseal(f.bytes, f.len);
    app_unload(bring_back());
}

static int32_t body_in_between(struct ctx *ctx)
{
    struct image_bytes made = {f.bytes, 1, 1};
    (void)ctx;
    assert_int_equal(app_save(app_current(), 0, &made), CTX_E_AGAIN);
    assert_null(made.bytes);
    assert_int_equal(made.len, 0);
    assert_int_equal(made.pages, 0);
    return 0;
}

static void not_in_a_call(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_in_between);
    app_unload(app);
}

/* Every byte has a checksum over it or is looked at: no change goes unseen. */
static void a_thousand_damaged_images(void **state)
{
    (void)state;
    struct rng rng = {11};
    struct app *app = load_v3("new one two");
    call(app, body_begin);
    call(app, body_read);
    take(app, SAVE_PACKED);
    app_unload(app);
    remember();
    uint64_t covered = sizeof(struct ctx_image_header) + 20 * sizeof(struct ctx_image_section);
    for (uint32_t i = 0; i < covered + 4000; i++) {
        uint64_t at = i < covered ? i : rng_below(&rng, f.len);
        uint8_t bit = (uint8_t)(1u << rng_below(&rng, 8));
        f.bytes[at] ^= bit;
        f.error = (struct image_error){NULL, 0, NULL};
        assert_false(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_true(f.error.field != NULL && strlen(f.error.reason) > 5);
        f.bytes[at] ^= bit;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t len = rng_below(&rng, f.len);
        uint8_t *cut = malloc(len + 1);
        memcpy(cut, f.bytes, len);
        assert_false(image_open(cut, len, &f.image, &f.error));
        image_reseal(cut, len); /* and even when all checksums fit */
        assert_false(image_open(cut, len, &f.image, &f.error));
        free(cut);
    }
    uint8_t *longer = calloc(1, f.len + 16);
    memcpy(longer, f.bytes, f.len);
    for (uint32_t i = 1; i <= 16; i++) {
        image_reseal(longer, f.len + i);
        assert_false(image_open(longer, f.len + i, &f.image, &f.error));
        assert_text(f.error.field, "bytes");
    }
    free(longer);
    all_is_back();
    app_unload(bring_back());
}

/* Half of what names need is none. */
static void names_without_strings(void **state)
{
    (void)state;
    static const uint8_t symbols[48];
    static const struct ctx_note note;
    struct program_symbol found;
    remember();
    make_elf(&m);
    for (uint32_t i = 0; i < 2; i++) {
        const struct program_parts parts = {
            m.bytes, i == 0 ? symbols : NULL,     i != 0 ? symbols : NULL,
            m.len,   i == 0 ? sizeof symbols : 0, i != 0 ? sizeof symbols : 0};
        struct program *program = program_keep_parts(&parts, &note);
        assert_non_null(program);
        assert_false(program_find(program, 0x1000, &found));
        program_drop(program);
        all_is_back();
    }
}

static uint8_t *striped;
#define STRIPES 1500u

static int32_t body_stripes(struct ctx *ctx)
{
    striped = ctx->alloc(STRIPES * PAGE_SIZE, PAGE_SIZE);
    for (uint32_t i = 0; i < STRIPES; i++) {
        memset(striped + (uint64_t)i * PAGE_SIZE, i % 2 == 0 ? 1 + (int)(i % 251) : 0, PAGE_SIZE);
    }
    return 0;
}

static int32_t body_stripes_are_there(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < STRIPES; i++) {
        const uint8_t *page = striped + (uint64_t)i * PAGE_SIZE;
        uint8_t wanted = i % 2 == 0 ? (uint8_t)(1 + i % 251) : 0;
        assert_true(page[0] == wanted && memcmp(page, page + 1, PAGE_SIZE - 1) == 0);
    }
    return 0;
}

/* Every other page is zero, so there are as many runs as pages. */
static void many_runs(void **state)
{
    (void)state;
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        struct app *app = load("old");
        call(app, body_stripes);
        take(app, packed != 0 ? SAVE_PACKED : 0);
        app_unload(app);
        app = bring_back();
        assert_true(f.image.parts[CTX_IMAGE_RUNS].count > STRIPES / 2);
        call(app, body_stripes_are_there);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
}

/* They go with the app, or its next fault would have no names. */
static void names_are_saved(void **state)
{
    (void)state;
    static const struct ctx_note note;
    static uint8_t symbols[48], strings[11] = "\0one\0three";
    remember();
    for (uint32_t i = 0; i < sizeof symbols; i++) {
        symbols[i] = (uint8_t)(i + 1);
    }
    struct app *app = load("old");
    m.bytes[0x1008] ^= 1; /* another program: of each there is one, with the names it came with */
    const struct program_parts parts = {m.bytes, symbols,        strings,
                                        m.len,   sizeof symbols, sizeof strings};
    struct program *without = app->program;
    app->program = program_keep_parts(&parts, &note);
    assert_non_null(app->program);
    program_drop(without);
    for (uint32_t packed = 0; packed < 2; packed++) {
        take(app, packed != 0 ? SAVE_PACKED : 0);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        static const uint32_t kinds[] = {CTX_IMAGE_SYMBOLS, CTX_IMAGE_STRINGS};
        const uint8_t *const wanted[] = {symbols, strings};
        const uint64_t lens[] = {sizeof symbols, sizeof strings};
        for (uint32_t i = 0; i < 2; i++) {
            uint8_t got_bytes[48];
            struct image_stream stream;
            assert_int_equal(f.image.parts[kinds[i]].len, lens[i]);
            assert_true(image_stream_begin(&stream, &f.image, kinds[i]));
            assert_true(image_stream_read(&stream, got_bytes, lens[i]));
            image_stream_end(&stream);
            assert_memory_equal(got_bytes, wanted[i], lens[i]);
        }
    }
    app_unload(app);
    all_is_back();
}

/* Of one that has no slot, or that is to begin anew, there is an image as well: without a place. */
static void apps_that_do_not_live(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 3; way++) { /* stopped; to begin anew; as if it had just begun */
        remember();
        struct app *app = load("old one two");
        call(app, body_fill);
        if (way < 2) {
            app_set_fate(app, way == 0 ? FATE_STOP : FATE_RESTART, fake.now_ns);
            app_settle();
            assert_int_equal(app->base, 0);
        }
        struct image_bytes made;
        assert_int_equal(way < 2 ? app_save(app, 0, &made) : app_save_fresh(app, 0, &made), CTX_OK);
        free(f.bytes);
        f.bytes = malloc(made.len);
        f.len = made.len;
        memcpy(f.bytes, made.bytes, made.len);
        image_bytes_free(&made);
        uint64_t pid = app->pid;
        app_unload(app);
        app = bring_back();
        assert_int_equal(f.image.app.base, 0);
        assert_int_equal(f.image.app.state, way == 0 ? CTX_IMAGE_STOPPED : CTX_IMAGE_FRESH);
        assert_int_equal(f.image.parts[CTX_IMAGE_RUNS].count, 0);
        assert_int_equal(app->pid, pid);
        assert_text(app->arguments, "one two");
        assert_int_equal(app->stopped, way == 0);
        assert_int_equal(app->base == 0, way == 0);
        assert_int_equal(app->store, 0);
        app_unload(app);
        all_is_back();
    }
}

/* ---- no memory ---- */

static void no_frames_at_each_point(void **state)
{
    (void)state;
    uint32_t failed = 0, stages = 0;
    for (uint32_t kind = 0; kind < 8; kind++) {
        bool v3 = (kind & 1) != 0;
        fake.once = (kind & 2) != 0;
        uint32_t flags = (kind & 4) != 0 ? SAVE_PACKED | SAVE_CANVAS : 0;
        uint64_t start = frame_free_total();
        struct app *app = v3 ? load_v3("new one two") : load("old");
        call(app, v3 ? body_begin : body_fill);
        for (uint64_t n = 0, calls = 1; n < calls; n++) { /* saving */
            struct image_bytes made = {f.bytes, 1, 1};    /* what was there is not what is said */
            remember();
            fake.allocs_left = n;
            uint64_t asked = fake.alloc_calls;
            ctx_status status = app_save(app, flags, &made);
            calls = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            if (status != CTX_OK) {
                assert_null(made.bytes);
                assert_int_equal(made.len, 0);
                assert_int_equal(made.pages, 0);
            }
            failed += status != CTX_OK;
            image_bytes_free(&made);
            all_is_back();
            if (status == CTX_OK && calls <= n) {
                break;
            }
            calls = n + 2;
        }
        take(app, flags);
        app_unload(app);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        for (uint64_t n = 0;; n++) { /* restoring */
            assert_true(n < 3000);
            remember();
            fake.allocs_left = n;
            uint64_t asked = fake.alloc_calls;
            f.error = (struct image_error){"", 0, ""};
            ctx_status status = app_restore(&f.image, "made.img", NULL, &app, &f.error);
            uint64_t calls = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            if (status == CTX_OK) {
                if (!v3) {
                    call(app, body_still_there);
                }
                app_unload(app);
            } else {
                failed++;
                assert_text(f.error.field, "memory");
                bool looked = strcmp(f.error.reason, "no memory to look at it") != 0;
                bool began = looked && strcmp(f.error.reason, "no memory for it") != 0;
                assert_int_equal(f.error.value % (began ? PAGE_SIZE : 1), 0);
                assert_true(began ? f.error.value > 0
                                  : f.error.value == (looked ? 0 : f.image.len));
                stages |= began ? 4 : looked ? 2 : 1;
            }
            all_is_back();
            if (status == CTX_OK && calls <= n) {
                break;
            }
        }
        assert_int_equal(frame_free_total(), start);
    }
    fake.once = false;
    assert_true(failed > 100);
    assert_int_equal(stages, 7);
}

/* ---- going back ---- */

static int32_t body_again_2(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

static int32_t body_spoil(struct ctx *ctx)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (block[i] != NULL && i % 2 == 0) {
            ctx->dealloc(block[i], size_of[i], 16u << i % 5);
        } else if (block[i] != NULL) {
            memset(block[i], 0xee, size_of[i]);
        }
    }
    (void)ctx->alloc(9999, 64);
    *ctx->store = NULL;
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    data[0] = data[1] = 99;
    return 0;
}

static void replacing(void **state)
{
    (void)state;
    struct app *first = load("first");
    struct app *app = load("old");
    struct app *last = load("last");
    call(app, body_fill);
    take(app, SAVE_PACKED);
    uint64_t pid = app->pid;
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    for (uint32_t i = 1; i < 4; i++) {
        call(app, body_spoil);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_ptr_equal(first->next, app); /* its place in the list */
        assert_ptr_equal(app->next, last);
        assert_int_equal(app->pid, pid);
        assert_int_equal(app->epoch, i);
        assert_int_equal(app->calls, 1);
        assert_null(slotheap_check(app->heap));
        call(app, body_still_there);
        round_no = i & 1;
        call(app, body_go_on);
    }
    assert_memory_equal(given[0], given[1], sizeof given[0]);
    make_elf(&m); /* another program, by one byte of its code */
    m.bytes[0x1008] ^= 1;
    struct app *other = app_load(m.bytes, m.len, "other.elf", "old");
    assert_int_equal(app_go_back(other, &f.image, &f.error), CTX_E_INVAL);
    assert_text(f.error.field, "app.code_hash");
    app_unload(other);
    app_unload(last);
    app_unload(app);
    app_unload(first);
}

/* ---- another screen ---- */

static int32_t body_hangs(struct ctx *ctx)
{
    (void)ctx;
    (void)fake_spend(APP_BUDGET_NS);
    fake_overrun();
}

/* Who hangs and is to go back was passed over, and nobody said so. */
static void a_hung_app_goes_back(void **state)
{
    (void)state;
    struct app *app = load("old");
    struct app *other = load("other");
    struct image_bytes made;
    call(app, body_fill);
    call(other, body_again_2);
    assert_int_equal(session_take("all", &made), CTX_OK);
    free(f.bytes);
    f.len = made.len;
    f.bytes = malloc(f.len);
    memcpy(f.bytes, made.bytes, f.len);
    image_bytes_free(&made);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    for (uint32_t i = 0; i < 2; i++) {
        call(app, body_hangs);
        assert_non_null(app->parked);
        app->parked_serving = i != 0;
        struct session_failures failures;
        fake_serial_clear();
        assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        assert_true(fake_said("went back name=old") && fake_said("went back name=other"));
        assert_true(fake_said("went back file=all apps=2 failed=0"));
        assert_null(app->parked);
        assert_false(app->parked_serving);
        assert_int_equal(app->slices + app->owed_ticks, 0);
        call(app, body_still_there);
        assert_int_equal(app->calls, 2);
    }
    /* What stays behind is counted. */
    other->program->hash ^= 1;
    struct session_failures failures;
    fake_serial_clear();
    assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_E_INVAL);
    assert_int_equal(failures.count, 2); /* they are two instances of one file */
    assert_int_equal(failures.apps, 2);
    assert_text(failures.name, "old");
    assert_text(failures.first.field, "app.code_hash");
    assert_true(fake_said("failed=2"));
    other->program->hash ^= 1;
    app_unload(app);
    app_unload(other);
}

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

static uint64_t pointed[2];

static int32_t body_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->fb.w, 160);
    assert_int_equal(ctx->fb.h, 100);
    assert_int_equal(ctx->fb.len, 160 * 100);
    const uint32_t *pixels = (const uint32_t *)ctx->fb.pixels;
    assert_int_equal(pixels[20 * 160 + 10], 0x112233); /* what all see, made smaller */
    ((uint32_t *)ctx->fb.pixels)[50 * 160 + 80] = 0x445566;
    assert_int_equal(ctx->input->mx, pointed[0]);
    assert_int_equal(ctx->input->my, pointed[1]);
    return 0;
}

static void a_canvas_of_another_size(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    take(app, 0);
    app_unload(app);
    head()->canvas_w = 160;
    head()->canvas_h = 100;
    image_reseal(f.bytes, f.len);
    app = bring_back();
    uint32_t *shared = canvas_pixels();
    for (uint32_t i = 0; i < 320 * 200; i++) {
        shared[i] = 0x112233;
    }
    static const uint32_t points[][2] = {{319, 199}, {0, 199}, {319, 0}, {31, 21}};
    input_set_screen(320, 200);
    for (uint32_t i = 0; i < ARRAY_COUNT(points); i++) { /* where it is in the app's own canvas */
        input_pointer_set(points[i][0], 319, points[i][1], 199);
        pointed[0] = points[i][0] / 2;
        pointed[1] = points[i][1] / 2;
        call(app, body_canvas);
        assert_int_equal(app->faults, 0);
    }
    for (uint32_t y = 0; y < 200; y++) {
        for (uint32_t x = 0; x < 320; x++) {
            bool changed = x / 2 == 80 && y / 2 == 50;
            assert_int_equal(shared[y * 320 + x] & 0xffffff, changed ? 0x445566 : 0x112233);
        }
    }
    app_unload(app);
    all_is_back();
}

/* ---- sessions ---- */

static void sessions(void **state)
{
    (void)state;
    struct image_bytes made;
    struct app *a = load("first"), *b = load_v3("second"), *c = load("third");
    call(a, body_fill);
    call(b, body_begin);
    uint64_t pids[] = {a->pid, b->pid, c->pid};
    assert_int_equal(session_take("all", &made), CTX_OK);
    free(f.bytes);
    f.bytes = malloc(made.len);
    f.len = made.len;
    memcpy(f.bytes, made.bytes, made.len);
    image_bytes_free(&made);
    app_unload(a);
    app_unload(b);
    app_unload(c);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(session_resume(&f.image, "all"), 3);
    static const char *const names[] = {"first", "second", "third"};
    struct app *app = app_first();
    for (uint32_t i = 0; i < 3; i++, app = app->next) {
        assert_text(app->name, names[i]);
        assert_int_equal(app->pid, pids[i]);
    }
    assert_null(app);
    a = app_first();
    call(a, body_still_there);
    call(a, body_spoil);
    app_unload(a->next); /* one has gone, one is new */
    c = load("fourth");
    struct session_failures failures;
    assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
    assert_int_equal(failures.count, 0);
    assert_int_equal(app_count(), 3);
    assert_ptr_equal(app_first(), a);
    call(a, body_still_there);
    while (app_first() != NULL) {
        assert_string_not_equal(app_first()->name, "fourth");
        app_unload(app_first());
    }
}

/* What no machine can ever hold in one piece is told from what this one can not hold now. */
static void too_large_or_no_memory(void **state)
{
    (void)state;
    const uint64_t most = (uint64_t)PAGE_SIZE << (FRAME_ORDERS - 1);
    remember();
    assert_true(frame_free_total() < most / PAGE_SIZE);
    for (uint32_t more = 0; more < 2; more++) {
        struct image_bytes out = {f.bytes, 1, 1};
        struct session_shot shot = {.len = most + more};
        ctx_status status = more != 0 ? CTX_E_TOOBIG : CTX_E_NOMEM;
        assert_int_equal(session_join(&shot, &out), status);
        assert_null(out.bytes);
        assert_int_equal(out.len, 0);
        assert_int_equal(out.pages, 0);
        struct image_writer w;
        uint64_t bytes = most - sizeof(struct ctx_image_header);
        while (bytes + 8 * (bytes / CTX_IMAGE_CHUNK) > most - sizeof(struct ctx_image_header)) {
            bytes--;
        }
        assert_int_equal(image_write_begin(&w, bytes + more, 0, 0), status);
    }
    all_is_back();
}

static int done(void **state)
{
    (void)state;
    free(f.bytes);
    return 0;
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
        cmocka_unit_test(handles_of_a_host_are_stale),
        cmocka_unit_test(what_is_reserved_is_zero),
        cmocka_unit_test(a_host_that_goes_back_lets_go),
        cmocka_unit_test(no_handle_comes_again),
        cmocka_unit_test(a_wrapped_child_fails_closed),
        cmocka_unit_test(a_wrapped_child_that_goes_back_in_place_fails_closed),
        cmocka_unit_test(taken_and_missing),
        cmocka_unit_test(each_instruction_set_counts),
        cmocka_unit_test(a_version_that_is_not_offered),
        cmocka_unit_test(pages_that_nobody_may_write),
        cmocka_unit_test(memory_for_all_of_it),
        cmocka_unit_test(surfaces_elsewhere),
        cmocka_unit_test(not_in_a_call),
        cmocka_unit_test(a_thousand_damaged_images),
        cmocka_unit_test(names_without_strings),
        cmocka_unit_test(many_runs),
        cmocka_unit_test(names_are_saved),
        cmocka_unit_test(apps_that_do_not_live),
        cmocka_unit_test(no_frames_at_each_point),
        cmocka_unit_test(replacing),
        cmocka_unit_test(a_canvas_of_another_size),
        cmocka_unit_test(a_hung_app_goes_back),
        cmocka_unit_test(numbers_are_unique_among_the_living),
        cmocka_unit_test(any_quota_that_a_line_can_name_comes_back),
        cmocka_unit_test(sessions),
        cmocka_unit_test(too_large_or_no_memory),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
