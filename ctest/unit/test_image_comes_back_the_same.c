/* SPDX-License-Identifier: MIT */
/* Images: an app is saved, its instance goes, and what comes back can not be told from it. */
#include "app_words.h"
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
        assert_text(app_text(app->arguments), "one two");
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
    app->faults = 2; /* what happened to it is not forgotten */
    app->preemptions = 3;
    app->restarts = 4;
    app->restarts_in_a_row = 5;
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

#define MANY_KEYS 60u

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

/* Many that nobody has seen: more than one small block holds. */
static void many_keys_of_version_2(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_input);
    uint64_t before_them = seen_last;
    for (uint32_t i = 0; i < MANY_KEYS; i++) {
        input_key(2 + i, INPUT_KEY_DOWN);
    }
    take(app, 0);
    app_unload(app);
    for (uint32_t i = 0; i < MANY_KEYS; i++) {
        input_key(2 + i, INPUT_KEY_UP);
    }
    input_forget(UINT64_MAX, UINT64_MAX);
    app = bring_back();
    for (uint32_t i = 0; i < 4; i++) { /* a call is told of some of them only */
        call(app, body_input);
    }
    assert_int_equal(seen_last, before_them + 2 * MANY_KEYS); /* each down, then up */
    app_unload(app);
}

/* One that goes back where it is: what it had not seen then comes, what came since does not. */
static void keys_of_version_2_in_place(void **state)
{
    (void)state;
    struct app *app = load("old restart=undo");
    call(app, body_input);
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    take(app, 0);
    call(app, body_input);
    uint64_t after_it = seen_last;
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    for (uint32_t i = 0; i < 3; i++) {
        input_key(31, INPUT_KEY_DOWN);
        input_key(31, INPUT_KEY_UP);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        call(app, body_input);
        assert_int_equal(seen_last, after_it);
        assert_int_equal(seen_key, CTX_KEY_OFF_TRANSIENT_ON);
        call(app, body_input);
        assert_int_equal(seen_last, after_it);
        assert_int_equal(app->faults, 0);
    }
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

/* ---- surfaces ---- */

#define MANY 20u

static uint32_t many[MANY], after_many;
static struct ctx_surface_info many_info[MANY];

static int32_t body_many(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *out = own(ctx, 4);
    char *title = own_copy(ctx, "title a", 8);
    for (uint32_t i = 0; i < MANY + 1; i++) {
        uint64_t flags = i % 2 == 0 ? CTX_SURFACE_FULL | CTX_SURFACE_INTEGER : CTX_SURFACE_HIDDEN;
        assert_int_equal(d->create(d, 10 + i, 5, CTX_SURFACE_RGBA, flags, out), CTX_OK);
        if (i < MANY) {
            many[i] = *out;
        }
        memset(d->pixels(d, *out), (int)i + 1, 40);
        if (i == 12) { /* and the next one is in its place */
            assert_int_equal(d->destroy(d, *out), CTX_OK);
            assert_int_equal(d->create(d, 100, 90, CTX_SURFACE_RGBA, flags, out), CTX_OK);
            many[i] = *out;
        }
        title[6] = (char)('a' + i);
        assert_int_equal(d->title(d, *out, title, 7), CTX_OK);
        assert_int_equal(d->ask_position(d, *out, (int32_t)i - 10, 3), CTX_OK);
        assert_int_equal(d->ask_smallest(d, *out, i, 2 * i), CTX_OK);
        assert_int_equal(d->cursor(d, *out, i % 10), CTX_OK);
    }
    assert_int_equal(d->destroy(d, *out), CTX_OK); /* its place was used, and is empty */
    assert_int_equal(d->destroy(d, many[0]), CTX_OK);
    assert_int_equal(d->create(d, 10, 10, CTX_SURFACE_RGBX, 0, &out[0]), CTX_OK);
    many[0] = *out;
    return 0;
}

static void describe_many(struct ctx *ctx, struct ctx_surface_info *to)
{
    struct ctx_surface_info *info = own(ctx, sizeof *info);
    for (uint32_t i = 0; i < MANY; i++) {
        info->size = sizeof *info;
        assert_int_equal(ctx->display->describe(ctx->display, many[i], info), CTX_OK);
        to[i] = *info;
    }
    ctx->mem->free(ctx->mem, info, sizeof *info, 16);
}

static int32_t body_describe(struct ctx *ctx)
{
    describe_many(ctx, many_info);
    return 0;
}

static int32_t body_same_many(struct ctx *ctx)
{
    static struct ctx_surface_info now[MANY];
    const struct ctx_display *d = ctx->display;
    describe_many(ctx, now);
    assert_memory_equal(now, many_info, sizeof now);
    for (uint32_t i = 1; i < MANY; i++) {
        assert_int_equal(*(uint8_t *)d->pixels(d, many[i]), i == 12 ? 0 : i + 1);
    }
    return 0;
}

static int32_t body_ask_otherwise(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(d->title(d, many[i], own_copy(ctx, "x", 2), 1), CTX_OK);
        assert_int_equal(d->ask_position(d, many[i], 99, 99), CTX_OK);
        assert_int_equal(d->cursor(d, many[i], 9), CTX_OK);
        memset(d->pixels(d, many[i]), 0xee, 40);
    }
    return 0;
}

static int32_t body_next(struct ctx *ctx)
{
    uint32_t *out = own(ctx, 4);
    assert_int_equal(ctx->display->create(ctx->display, 1, 1, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    after_many = *out;
    return 0;
}

static void all_that_surfaces_asked_for(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("new");
    call(app, body_many);
    call(app, body_describe);
    assert_int_equal(app->faults, 0);
    take(app, SAVE_PACKED);
    /* In its place: what it asked for later is forgotten. */
    call(app, body_ask_otherwise);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    call(app, body_same_many);
    /* As a new one, with the generations of places that were empty. */
    app_unload(app);
    app = bring_back();
    call(app, body_same_many);
    call(app, body_next);
    assert_int_equal(after_many, 2u << 8 | MANY);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

static int32_t body_two(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *out = own(ctx, 4);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(d->create(d, 40, 30, CTX_SURFACE_RGBX, 0, out), CTX_OK);
        many[i] = *out;
    }
    return 0;
}

static int32_t body_second_elsewhere(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint64_t base = app_current()->base;
    assert_int_equal((uint64_t)(uintptr_t)d->pixels(d, many[0]) - base, 0xe4097000);
    assert_int_equal((uint64_t)(uintptr_t)d->pixels(d, many[1]) - base, 0xe7797000);
    memset(d->pixels(d, many[1]), 1, 40 * 30 * 4);
    struct ctx_surface_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(d->describe(d, many[1], info), CTX_OK);
    assert_int_equal(info->asked + info->cursor + info->title[0], 0);
    return body_next(ctx);
}

/* Each surface had a window of 55 MiB then, and an image was shorter by what came later. */
static void surfaces_of_the_first_images(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("new");
    call(app, body_two);
    take(app, 0);
    app_unload(app);
    struct ctx_image_section *s =
        (struct ctx_image_section *)(f.bytes + sizeof(struct ctx_image_header));
    for (uint32_t i = 0; i < ((struct ctx_image_header *)f.bytes)->sections; i++) {
        uint8_t *at = f.bytes + s[i].at;
        uint64_t len = s[i].len;
        if (s[i].kind == CTX_IMAGE_APP) {
            head()->size = 576;
            s[i].len = s[i].stored = s[i].entry = 576;
            memset(at + 576, 0, len - 576);
        } else if (s[i].kind == CTX_IMAGE_SURFACES) {
            struct ctx_image_surface both[2];
            memcpy(both, at, sizeof both);
            both[1].at = 0xe7797000;
            memset(at, 0, len);
            memcpy(at, &both[0], 48);
            memcpy(at + 48, &both[1], 48);
            s[i].entry = 48;
            s[i].len = s[i].stored = 96;
        }
    }
    image_reseal(f.bytes, f.len);
    app = bring_back();
    call(app, body_second_elsewhere);
    assert_int_equal(after_many & 0xff, 2);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

/* Images from when an event had 40 bytes, and of systems where it has more. */
static void events_of_other_lengths_come_back(void **state)
{
    (void)state;
    for (uint32_t bytes = 40; bytes <= 80; bytes += 40) {
        struct app *app = load_v3("new");
        call(app, body_read);
        for (int32_t i = 0; i < 10; i++) {
            input_wheel(i, 100 + i);
        }
        take(app, 0);
        app_unload(app);
        struct ctx_image_section *s =
            (struct ctx_image_section *)(f.bytes + sizeof(struct ctx_image_header));
        while (s->kind != CTX_IMAGE_EVENTS) {
            s++;
        }
        assert_int_equal(s->entry, sizeof(struct ctx_event));
        assert_int_equal(s->len, 10 * sizeof(struct ctx_event));
        uint8_t *at = f.bytes + s->at, was[10 * sizeof(struct ctx_event)];
        uint32_t events = (uint32_t)s->len / bytes < 10 ? (uint32_t)s->len / bytes : 10;
        memcpy(was, at, s->len);
        memset(at, 0, s->len);
        for (uint32_t i = 0; i < events; i++) {
            memcpy(at + i * bytes, was + i * sizeof(struct ctx_event),
                   MIN(bytes, (uint32_t)sizeof(struct ctx_event)));
        }
        s->entry = bytes;
        s->len = s->stored = events * bytes;
        image_reseal(f.bytes, f.len);
        app = bring_back();
        call(app, body_read);
        assert_int_equal(got_count, events);
        for (uint32_t i = 0; i < events; i++) {
            assert_int_equal(got[i].kind, CTX_EVENT_WHEEL);
            assert_int_equal(got[i].x, i);
            assert_int_equal(got[i].y, 100 + i);
            assert_int_equal(got[i].dx, bytes == 40 ? 0 : 120 * i);
            assert_int_equal(got[i].cookie, 0);
        }
        app_unload(app);
    }
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
        cmocka_unit_test(many_keys_of_version_2),
        cmocka_unit_test(keys_of_version_2_in_place),
        cmocka_unit_test(version_3),
        cmocka_unit_test(events_of_version_3),
        cmocka_unit_test(events_of_other_lengths_come_back),
        cmocka_unit_test(all_that_surfaces_asked_for),
        cmocka_unit_test(surfaces_of_the_first_images),
        cmocka_unit_test(numbers_are_unique_among_the_living),
        cmocka_unit_test(any_quota_that_a_line_can_name_comes_back),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
