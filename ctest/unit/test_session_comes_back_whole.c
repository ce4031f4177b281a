/* SPDX-License-Identifier: MIT */
/* Sessions: with their picture on any screen, and whole or not at all where memory is short. */
#include "canvas.h"
#include "go_back_fixture.h"
#include "session.h"

#define W 320u
#define H 200u

/* Kept or taken, and looked at, as whoever goes back does. */
static void keep_open(struct image_bytes *made)
{
    keep(made);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
}

/* ---- pictures ---- */

static uint32_t color(uint32_t x, uint32_t y)
{
    return 0x40000000u + y * 1000 + x;
}

static void paint(bool black)
{
    for (uint32_t i = 0; i < W * H; i++) {
        canvas_pixels()[i] = black ? 0 : color(i % W, i / W);
    }
}

static void a_session_has_its_picture(void **state)
{
    (void)state;
    struct image_bytes made;
    struct app *app = load("app");
    paint(false);
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep_open(&made);
    assert_text((const char *)f.image.session.name, "all");
    assert_true(f.image.session.saved_by[0] != 0);
    app_unload(app);
    for (uint32_t back = 0; back < 2; back++) {
        paint(true);
        struct session_failures failures;
        if (back == 0) {
            assert_int_equal(session_resume(&f.image, "all"), 1);
        } else {
            assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        }
        for (uint32_t i = 0; i < W * H; i++) {
            assert_int_equal(canvas_pixels()[i], color(i % W, i / W));
        }
    }
    app_unload(app_first());

    /* As if it had been a screen of that size: nearest pixels, and not a pixel more than there
     * are. */
    static const uint32_t sizes[][2] = {{160, 100}, {W, 100}, {160, H}, {640, 100}, {640, 50},
                                        {1, 1},     {W, 1},   {1, H},   {W, 400}};
    for (uint32_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        uint32_t w = sizes[i][0], h = sizes[i][1];
        paint(true);
        remember();
        restore_canvas(&f.image, w, h);
        all_is_back();
        for (uint32_t at = 0; at < W * H; at++) {
            uint32_t x = at % W, y = at / W;
            uint32_t from = y * h / H * w + x * w / W; /* pixels from the image's first one */
            uint32_t wanted = from < W * H ? color(from % W, from / W) : 0;
            assert_int_equal(canvas_pixels()[at], wanted);
        }
    }

    /* No memory for a row: the picture is missing, and that is all. */
    for (uint32_t n = 0; n < 4; n++) {
        remember();
        fake.allocs_left = n;
        restore_canvas(&f.image, W, H);
        fake.allocs_left = FAKE_ALWAYS;
        all_is_back();
    }
}

/* With each allocation refused in turn a session is taken, or nothing of it is left. */
static void a_session_in_little_memory(void **state)
{
    (void)state;
    struct app *app = load_v3("app"), *other = load("old");
    call(app, body_begin);
    uint32_t failed = 0, failed_once = 0;
    for (uint32_t once = 0; once < 2; once++) {
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            struct image_bytes made = {(void *)1, 2, 3};
            remember();
            fake_serial_clear();
            fake.once = once != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = session_take("all", &made);
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            if (status == CTX_OK) {
                keep_open(&made);
                assert_int_equal(f.image.session.apps, 2);
                assert_false(fake_said("can not be saved")); /* a second try is nobody's trouble */
                struct session_failures failures;            /* and what it took is whole */
                call(app, body_spoil);
                assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
                call(app, body_check);
                assert_int_equal(app->faults, 0);
            } else {
                failed++;
                failed_once += once;
                assert_int_equal(status, CTX_E_NOMEM);
                assert_null(made.bytes);
                assert_int_equal(made.len + made.pages, 0);
            }
            all_is_back();
            assert_true(n < 2000);
        }
    }
    assert_true(failed > 5);
    assert_true(failed_once <= 3); /* only where all is joined in one piece is no second try */
    app_unload(other);
    app_unload(app);
}

/* Whoever could not be looked at, for want of memory, was taken for one that was not there then,
 * and ended; and what was said was that the image is bad. */
static void a_session_comes_back_in_little_memory(void **state)
{
    (void)state;
    uint32_t failed = 0;
    for (uint32_t once = 0; once < 2; once++) {
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            struct image_bytes made;
            remember();
            struct app *app = load_v3("app"), *other = load("old");
            uint64_t pids[] = {app->pid, other->pid};
            call(app, body_begin);
            call(other, body_holes);
            assert_int_equal(session_take("all", &made), CTX_OK);
            keep_open(&made);
            call(app, body_spoil);
            uint64_t late = load("late")->pid;
            struct session_failures failures;
            fake.once = once != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = session_go_back(&f.image, "all", NULL, &failures);
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            assert_int_equal(failures.apps, 2);
            assert_int_equal(failures.count > 0, status != CTX_OK);
            assert_ptr_equal(app_find(pids[0]), app);
            assert_ptr_equal(app_find(pids[1]), other);
            if (status != CTX_OK) {
                failed++;
                assert_text(failures.first.field, "memory");
            } else {
                assert_null(app_find(late));
                call(app, body_check);
                assert_int_equal(app->faults, 0);
            }
            app_settle();
            while (app_first() != NULL) {
                app_unload(app_first());
            }
            all_is_back();
            assert_true(n < 2000);
        }
    }
    assert_true(failed > 10);
}

static void an_image_without_a_picture(void **state)
{
    (void)state;
    struct app *app = load("app");
    take_open(app, 0);
    app_unload(app);
    paint(false);
    remember();
    restore_canvas(&f.image, W, H);
    all_is_back();
    for (uint32_t i = 0; i < W * H; i++) {
        assert_int_equal(canvas_pixels()[i], color(i % W, i / W));
    }
}

/* A name without an end ran on into what lies behind it, and the line was cut before the reason. */
static void a_refused_name_leaves_room_for_the_reason(void **state)
{
    (void)state;
    struct image_bytes made;
    struct session_failures failures;
    struct app *app = load("app");
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    uint8_t *bytes = f.bytes + image_section_at(f.bytes, CTX_IMAGE_SESSION_APP);
    struct ctx_image_app *a =
        (struct ctx_image_app *)(bytes + image_section_at(bytes, CTX_IMAGE_APP));
    memset(a->name, 'x', sizeof *a - offsetof(struct ctx_image_app, name));
    image_reseal(f.bytes, f.len);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));

    static const char line[] = "E session: refused file=all app=0 "
                               "name=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx field=app.name value=0x0: "
                               "no name, or one without an end";
    fake_serial_clear();
    assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_E_INVAL);
    assert_true(fake_said(line));
    app_unload(app);
    fake_serial_clear();
    assert_int_equal(session_resume(&f.image, "all"), 0);
    assert_true(fake_said(line));
}

/* What is saved can be read again: a session of more apps than its table has room for was saved,
 * and then refused, when it was too late. */
static void more_apps_than_a_session_holds(void **state)
{
    (void)state;
    struct image_bytes made;
    for (uint32_t i = 0; i <= SESSION_APPS_MAX; i++) {
        struct app *app = load("app");
        app_set_fate(app, FATE_STOP, 0); /* it takes no slot, and is in the session */
        app_settle();
        if (i + 1 == SESSION_APPS_MAX) {
            assert_int_equal(session_take("all", &made), CTX_OK);
            keep_open(&made);
            assert_int_equal(f.image.session.apps, SESSION_APPS_MAX);
        }
    }
    assert_int_equal(session_take("all", &made), CTX_E_TOOBIG);
    app_set_fate(app_first(), FATE_UNLOAD, 0); /* as good as gone */
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep_open(&made);
    while (app_first() != NULL) {
        app_unload(app_first());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_has_its_picture),
        cmocka_unit_test(a_session_in_little_memory),
        cmocka_unit_test(a_session_comes_back_in_little_memory),
        cmocka_unit_test(an_image_without_a_picture),
        cmocka_unit_test(more_apps_than_a_session_holds),
        cmocka_unit_test(a_refused_name_leaves_room_for_the_reason),
    };
    return cmocka_run_group_tests(tests, boot_late, done);
}
