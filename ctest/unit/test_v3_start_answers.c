/* SPDX-License-Identifier: MIT */
/* What _start answers, and what becomes of the app then. */
#include "v3_answer_fixture.h"

static void answers(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app");
    fake_serial_clear();
    assert_int_equal(turn_after(app, 0), TURN_FRAME);
    assert_int_equal(turn_after(app, 1), TURN_WAITING);
    assert_int_equal(ready_next_deadline_ns(), NEVER_NS);
    assert_int_equal(turn_after(app, 0), TURN_FRAME);
    assert_int_equal(fake.serial_len, 0); /* nothing to say about those */
    const int32_t odd[] = {CTX_E_NOMEM, -1, INT32_MIN, 2, 0xff, 0x200, INT32_MAX};
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(turn_after(app, odd[i % ARRAY_COUNT(odd)]), TURN_FRAME);
    }
    assert_int_equal(fake_said_times("_start returned"), 4); /* the 1st, 2nd, 4th, 8th time */
    assert_true(fake_said("app#"));
    assert_true(fake_said("_start returned -8 (NOMEM)"));
    app_unload(app);
    all_is_back();
    for (int32_t code = 0; code < 256; code += 51) {
        remember();
        app = load_v3("leaver");
        struct app *stays = load_v3("stays");
        fake_serial_clear();
        assert_int_equal(turn_after(app, CTX_EXIT(code)), TURN_NONE);
        assert_true(app->fate == FATE_UNLOAD);
        char text[64];
        snprintf(text, sizeof text, "exited name=leaver pid=%lu code=%d\n", app->pid, code);
        assert_true(fake_said(text));
        app_settle();
        assert_ptr_equal(app_first(), stays);
        assert_null(stays->next);
        app_unload(stays);
        all_is_back();
    }
}

static int32_t body_fault(struct ctx *ctx)
{
    ctx->time->wake_at(ctx->time, 5);
    fake_fault(14, 0x123);
}

static void a_fault_is_no_answer(void **state)
{
    (void)state;
    struct app *app = load_v3("clumsy");
    call(app, body_fault);
    assert_int_equal(app->turn.where, TURN_FRAME);
    call(app, body_fault);
    call(app, body_fault);
    app_settle();
    assert_true(app->stopped);
    assert_int_equal(app->turn.where, TURN_NONE);
    assert_null(ready_frame_first());
    app_unload(app);
}

static int32_t body_odd_of_v2(struct ctx *ctx)
{
    return ctx->version == 2 ? CTX_WAIT : CTX_EXIT(1);
}

static void answers_of_older_apps_mean_nothing(void **state)
{
    (void)state;
    struct app *app = load("old");
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_odd_of_v2);
        assert_int_equal(app->turn.where, TURN_FRAME);
    }
    app_unload(app);
}

static int32_t body_wait_for_each_kind(struct ctx *ctx)
{
    for (uint32_t kind = 0; kind < 64; kind++) {
        /* RESTORED is told and nobody can wait for it. */
        bool known = kind >= CTX_EVENT_KEY && kind <= CTX_EVENT_CALENDAR;
        ctx_status status = ctx->events->wait(ctx->events, UINT64_C(1) << kind);
        assert_int_equal(status, known && kind != CTX_EVENT_RESTORED ? CTX_OK : CTX_E_INVAL);
    }
    return CTX_AGAIN;
}

static void which_kinds_can_be_waited_for(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_wait_for_each_kind);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_kinds_can_be_waited_for),
        cmocka_unit_test(answers),
        cmocka_unit_test(a_fault_is_no_answer),
        cmocka_unit_test(answers_of_older_apps_mean_nothing),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
