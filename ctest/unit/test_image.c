/* SPDX-License-Identifier: MIT */
/* Images: an app is saved, its instance goes, and what comes back can not be told from it. */
#include "canvas.h"
#include "event.h"
#include "image_fixture.h"
#include "input_view.h"
#include "session.h"

#include <kernel/input.h>

#define STEPS 100u

/* ---- apps of versions 1 and 2 ---- */

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
        app->parked->serving = i != 0;
        struct session_failures failures;
        fake_serial_clear();
        assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        assert_true(fake_said("went back name=old") && fake_said("went back name=other"));
        assert_true(fake_said("went back file=all apps=2 failed=0"));
        assert_null(app->parked);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_addresses),
        cmocka_unit_test(the_same_image_again),
        cmocka_unit_test(time_goes_on),
        cmocka_unit_test(keys_of_version_2),
        cmocka_unit_test(version_3),
        cmocka_unit_test(events_of_version_3),
        cmocka_unit_test(no_frames_at_each_point),
        cmocka_unit_test(replacing),
        cmocka_unit_test(a_hung_app_goes_back),
        cmocka_unit_test(numbers_are_unique_among_the_living),
        cmocka_unit_test(any_quota_that_a_line_can_name_comes_back),
        cmocka_unit_test(a_canvas_of_another_size),
        cmocka_unit_test(sessions),
        cmocka_unit_test(too_large_or_no_memory),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
