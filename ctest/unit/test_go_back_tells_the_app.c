/* SPDX-License-Identifier: MIT */
/* What an app that asked for it is told when it is restored or goes back. */
#include "event.h"
#include "go_back_fixture.h"

#include <kernel/input.h>

static struct ctx_event told;
static uint32_t told_room = 8;

static int32_t body_told(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 8 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    told = (struct ctx_event){0};
    if (ctx->events->read(ctx->events, events, told_room * (uint32_t)sizeof *events, sizeof *events,
                          count) == CTX_OK) {
        told = events[0];
    }
    return CTX_AGAIN;
}

static struct app *load_to_be_told(void)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_TELL_RESTORED);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "told");
    assert_non_null(app);
    return app;
}

/* A screen that is not there has no size, and an app that never asked for events is told as well.
 */
static void told_of_a_restore(void **state)
{
    (void)state;
    struct app *app = load_to_be_told();
    take_open(app, 0);
    app_unload(app);
    for (uint32_t i = 0; i < 4; i++) {
        struct ctx_image_app *a =
            (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
        assert_true(i != 0 || (a->devices == 0 && a->screen_w == 0 && a->screen_h == 0));
        a->devices = CTX_IMAGE_DISPLAY; /* saved where there was one */
        a->screen_w = i == 1 ? 0 : 64;
        a->screen_h = i == 2 ? 64 : 0;
        image_reseal(f.bytes, f.len);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_RESTORED);
        assert_int_equal(told.code, (i == 1 ? 0 : CTX_RESTORED_SCREEN) | CTX_RESTORED_DEVICES);
        assert_int_equal(told.value, 1);
        assert_int_equal(told.x, 0);
        assert_int_equal(told.y, 0);
        call(app, body_told);
        assert_int_equal(told.kind, 0);
        app_unload(app);
    }
}

/* In its own place too, and before the events that it had not read when it was saved. */
static void told_of_going_back(void **state)
{
    (void)state;
    remember();
    struct app *app = load_to_be_told();
    call(app, body_told); /* subscribes */
    assert_int_equal(told.kind, 0);
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    take_open(app, 0);
    assert_true(f.image.parts[CTX_IMAGE_EVENTS].count >= 2);
    uint64_t base = app->base;
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->base, base);
        told_room = 1;
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_RESTORED);
        assert_int_equal(told.value, i);
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_KEY);
        assert_int_equal(told.code, 30);
        assert_int_equal(told.value, 1);
        told_room = 8;
        call(app, body_told);
        call(app, body_told);
        assert_int_equal(told.kind, 0);
    }
    app_unload(app);
    event_settle(machine_now_ns() + SECOND);
    all_is_back();
}

static int32_t body_wait_for_keys(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY), CTX_OK);
    return CTX_WAIT;
}

static void who_waits_and_goes_back_waits_on(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_wait_for_keys);
    take_open(app, 0);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->turn.where, TURN_WAITING);
    }
    input_key(30, INPUT_KEY_DOWN);
    assert_ptr_equal(ready_take(), app);
    input_key(30, INPUT_KEY_UP);
    app_unload(app);
    event_settle(machine_now_ns() + SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_of_a_restore),
        cmocka_unit_test(told_of_going_back),
        cmocka_unit_test(who_waits_and_goes_back_waits_on),
    };
    return cmocka_run_group_tests(tests, boot_late, done);
}
