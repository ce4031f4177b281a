/* SPDX-License-Identifier: MIT */
/* Apps that run go back to their images, alone and all together. */
#include "image_goes_on_fixture.h"
#include "session.h"

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

/* ---- an app that never comes back from an image ---- */

static int32_t body_cache(struct ctx *ctx)
{
    *ctx->store = ctx->alloc(100, 16);
    return 0;
}

static int32_t body_knows_nothing(struct ctx *ctx)
{
    assert_null(*ctx->store);
    return 0;
}

static void fresh_on_restore(void **state)
{
    (void)state;
    struct image_bytes made;
    struct session_failures failures;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_FRESH_ON_RESTORE);
    remember();
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "cache two words");
    assert_non_null(app);
    uint64_t pid = app->pid;
    call(app, body_cache);
    /* Alone: not in its place, not as a new one, and the app goes on. */
    take(app, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.app.state, CTX_IMAGE_LIVE);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_E_INVAL);
    assert_text(f.error.field, "program.note");
    assert_non_null(strstr(f.error.reason, "fresh-on-restore"));
    assert_int_equal(app->epoch, 0);
    assert_non_null((void *)app->store);
    app_unload(app);
    struct app *none = NULL;
    assert_int_equal(app_restore(&f.image, "alone", NULL, &none, &f.error), CTX_E_INVAL);
    assert_text(f.error.field, "program.note");
    assert_int_equal(app_count(), 0);
    all_is_back();

    /* A session has no pages of it. */
    app = app_load(m.bytes, m.len, "/apps/made.elf", "cache two words");
    call(app, body_cache);
    pid = app->pid;
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    uint64_t len;
    struct image one;
    const uint8_t *bytes = image_session_app(&f.image, 0, &len);
    assert_true(image_open(bytes, len, &one, &f.error));
    assert_int_equal(one.app.state, CTX_IMAGE_FRESH);
    assert_int_equal(one.pages, 0);
    for (uint32_t anew = 0; anew < 2; anew++) {
        if (anew == 0) {
            assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        } else {
            app_unload(app);
            assert_int_equal(session_resume(&f.image, "all"), 1);
            app = app_first();
        }
        assert_int_equal(app->pid, pid);
        assert_text(app->arguments, "two words");
        call(app, body_knows_nothing);
        call(app, body_cache);
        assert_int_equal(app->faults, 0);
    }
    app_unload(app);
}

/* One that a system saved which did not know of the flag holds the app as it was; it begins anew
 * all the same. */
static void fresh_on_restore_though_the_session_has_it(void **state)
{
    (void)state;
    struct image_bytes made;
    struct session_failures failures;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_FRESH_ON_RESTORE);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "cache");
    call(app, body_cache);
    app->fresh_on_restore = false; /* that system */
    assert_int_equal(session_take("all", &made), CTX_OK);
    app->fresh_on_restore = true;
    keep(&made);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    uint64_t pid = app->pid;
    for (uint32_t anew = 0; anew < 2; anew++) {
        if (anew == 0) {
            assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        } else {
            app_unload(app);
            assert_int_equal(session_resume(&f.image, "all"), 1);
            app = app_first();
        }
        assert_int_equal(app->pid, pid);
        assert_int_equal(app->turn.where, TURN_FRAME);
        call(app, body_knows_nothing);
        call(app, body_cache);
        assert_int_equal(app->faults, 0);
    }
    app_unload(app);
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
    other->program->hash = program_hash(other->program) ^ 1;
    struct session_failures failures;
    fake_serial_clear();
    assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_E_INVAL);
    assert_int_equal(failures.count, 2); /* they are two instances of one file */
    assert_int_equal(failures.apps, 2);
    assert_text(failures.name, "old");
    assert_text(failures.first.field, "app.code_hash");
    assert_true(fake_said("failed=2"));
    other->program->hash = program_hash(other->program) ^ 1;
    app_unload(app);
    app_unload(other);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replacing),
        cmocka_unit_test(fresh_on_restore),
        cmocka_unit_test(fresh_on_restore_though_the_session_has_it),
        cmocka_unit_test(a_hung_app_goes_back),
        cmocka_unit_test(sessions),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
