/* SPDX-License-Identifier: MIT */
/* How often a call is undone, what the app sees of its events then, and when it begins anew. */
#include "crash.h"
#include "event.h"
#include "undo_fixture.h"

#include <kernel/input.h>

/* ---- what is tried, and when it is given up ---- */

static uint64_t first_seq; /* of what was read */

static int32_t body_read_and_fault(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 4 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, events, 4 * sizeof *events, sizeof *events, count);
    s.events = *count;
    first_seq = *count > 0 ? events[0].seq : 0;
    fake_fault(6, 0);
}

static int32_t body_read(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 4 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, events, 4 * sizeof *events, sizeof *events, count);
    s.events = *count;
    return CTX_AGAIN;
}

static void events_once_more_and_then_not(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_read); /* subscribes */
    input_key(30, INPUT_KEY_DOWN);
    turn(app, body_read_and_fault);
    assert_true(s.events > 0);
    uint32_t first = s.events;
    turn(app, body_read_and_fault);
    assert_int_equal(s.events, first);
    turn(app, body_read); /* the key that it can not bear is gone */
    assert_int_equal(s.events, 0);
    assert_int_equal(app->undone, 2);
    assert_int_equal(app->restarts_in_a_row, 0);
    input_key(30, INPUT_KEY_UP);
    event_settle(machine_now_ns() + SECOND);
    gone(app);
}

/* What an earlier call has read does not come again. */
static void only_the_events_of_this_call(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_read);
    input_key(30, INPUT_KEY_DOWN);
    turn(app, body_read);
    assert_true(s.events > 0);
    uint32_t seq = s.events + 1;
    input_key(30, INPUT_KEY_UP);
    turn(app, body_read_and_fault);
    uint32_t first = s.events;
    assert_true(first > 0);
    assert_int_equal(first_seq, seq);
    turn(app, body_read);
    assert_int_equal(s.events, first);
    turn(app, body_read);
    assert_int_equal(s.events, 0);
    event_settle(machine_now_ns() + SECOND);
    gone(app);
}

static struct app *load_no_undo(const char *text)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_NO_UNDO);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", text);
    assert_non_null(app);
    return app;
}

/* What its calls do cannot be taken back: it begins anew instead, and nothing is kept for a way
 * back. */
static void a_note_that_forbids_undo(void **state)
{
    (void)state;
    remember();
    watch();
    fake_serial_clear();
    struct app *app = load_no_undo("driver restart=undo overrun=keep:3");
    assert_true(fake_said("driver: its note forbids undo"));
    fake_serial_clear();
    turn(app, body_again);
    assert_null(app->undo);
    turn(app, body_fault);
    assert_int_equal(app->undone, 0);
    assert_int_equal(app->faults, 1);
    restart_now(app);
    assert_int_equal(app->restarts, 1);
    assert_false(fake_said("forbids undo")); /* said once */
    turn(app, body_overrun);                 /* the same for a call that does not end */
    while (app->parked != NULL) {
        turn(app, body_overrun);
    }
    assert_int_equal(app->undone, 0);
    restart_now(app);
    assert_int_equal(app->restarts, 2);
    gone(app);
    /* Nothing to say where nobody asks for undo. */
    fake_serial_clear();
    app = load_no_undo("driver restart=on-fault");
    assert_false(fake_said("forbids undo"));
    gone(app);
}

static void always_at_one_place(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_fault);
    turn(app, body_fault);
    assert_int_equal(app->undone, 2);
    turn(app, body_fault);
    assert_int_equal(app->undone, 2);
    assert_true(fake_said("does not help"));
    restart_now(app);
    assert_int_equal(app->restarts, 1);
    gone(app);
}

static void good_calls_in_between(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    for (uint32_t i = 0; i < 20; i++) {
        turn(app, body_spoil);
        turn(app, body_check);
    }
    assert_int_equal(app->undone, 20);
    assert_int_equal(app->restarts, 0);
    gone(app);
}

static void an_endless_call(void **state)
{
    (void)state;
    remember();
    memset(&s, 0, sizeof s);
    watch();
    struct app *app = load_v3("app restart=undo overrun=restart:2");
    turn(app, body_begin);
    turn(app, body_overrun);
    assert_non_null(app->parked);
    turn(app, body_overrun);
    assert_int_equal(app->undone, 1);
    assert_null(app->parked);
    turn(app, body_check);
    gone(app);
}

/* ---- without memory in a call that ends well ---- */

static struct app *held;
static uint32_t hold;

static int32_t body_hold(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, 4);
    assert_int_equal(host->open(host, held->pid, out), CTX_OK);
    hold = *out;
    void *words = own_copy(ctx, "log", 3);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, hold, words, 3, code, 0), CTX_OK);
    return CTX_AGAIN;
}

static int32_t body_open(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    return CTX_AGAIN;
}

/* What a host does in a call that ends in a fault. */
static enum { OPENS, WRAPS, LETS_PASS, RESTS, CLOSES, DEEDS } deed;

static int32_t body_reach_out_and_fault(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, 4);
    void *words = own_copy(ctx, "log", 3);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    ctx_status status = deed == OPENS       ? host->open(host, held->pid, out)
                        : deed == WRAPS     ? host->wrap(host, hold, words, 3, code, 0)
                        : deed == LETS_PASS ? host->let_pass(host, hold, 1)
                        : deed == RESTS     ? host->rest(host, hold, 1000)
                                            : host->close(host, hold);
    assert_int_equal(status, CTX_OK);
    fake_fault(6, 0);
}

/* A host that let go of its child, and whose call was undone, believed that it still held it. */
static void what_reaches_out_is_not_undone(void **state)
{
    (void)state;
    static const char *const why[DEEDS] = {
        "it took hold of another app",
        "it stands in for another app's functions",
        "it decides what becomes of another app's functions",
        "it has another app rest",
        "it let go of another app",
    };
    for (deed = OPENS; deed < DEEDS; deed++) {
        char said[128];
        remember();
        fake_serial_clear();
        struct app *app = load_v3("host restart=undo grant=ctx.host/1");
        held = load_v3("child host=host");
        turn(app, deed == OPENS ? body_open : body_hold);
        turn(app, body_reach_out_and_fault);
        assert_int_equal(app->undone, 0);
        snprintf(said, sizeof said, "this call can not be undone: %s", why[deed]);
        assert_true(fake_said(said));
        app_unload(held);
        gone(app);
    }
}

static void stopped_in_the_middle(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_check);
    app_set_fate(app, FATE_RESTART, machine_now_ns());
    app_settle();
    assert_null(app->undo);
    restart_now(app);
    gone(app);
}

/* ---- restart=ask ---- */

/* It is put back and stands still, however often, until somebody says what is to be done; without
 * anybody who could it is as with undo. */
static void somebody_is_asked(void **state)
{
    (void)state;
    remember();
    watch();
    struct app *boss = load_v3("boss grant=ctx.control/1");
    struct app *app = load_v3("one restart=ask");
    turn(app, body_read);
    for (uint32_t i = 1; i < 6; i++) {
        input_key(30, INPUT_KEY_DOWN);
        turn(app, body_read_and_fault);
        assert_true(s.events > 0);
        assert_true(app->paused);
        assert_int_equal(app->turn.where, TURN_NONE);
        assert_int_equal(app->undone, i);
        assert_int_equal(app->restarts_in_a_row, 0);
        app_pause(app, false);
        turn(app, body_read);
        assert_int_equal(s.events, 0); /* what it can not bear does not come again */
        input_key(30, INPUT_KEY_UP);
        turn(app, body_read);
    }
    app_unload(boss);
    turn(app, body_fault);
    assert_false(app->paused);
    assert_int_equal(app->undone, 6);
    event_settle(machine_now_ns() + SECOND);
    gone(app);
}

/* Then it has ended, and the report says why; who can not be asked any more does not count. */
static void asked_in_vain(void **state)
{
    (void)state;
    remember();
    watch();
    struct app *boss = load_v3("boss grant=ctx.control/1");
    fake_serial_clear();
    struct app *app = load_no_undo("driver restart=ask");
    assert_true(fake_said("driver: its note forbids undo"));
    turn(app, body_fault);
    assert_true(app->stopped);
    const struct ctx_crash *crash = crash_get(crash_count());
    assert_non_null(strstr((const char *)crash->text, "  not taken back: its note forbids that\n"));
    app_unload(app);
    app_pause(boss, true);
    app = load_no_undo("driver restart=ask");
    turn(app, body_fault);
    assert_false(app->stopped);
    restart_now(app);
    assert_int_equal(app->restarts, 1);
    app_unload(boss);
    gone(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_once_more_and_then_not),
        cmocka_unit_test(only_the_events_of_this_call),
        cmocka_unit_test(a_note_that_forbids_undo),
        cmocka_unit_test(always_at_one_place),
        cmocka_unit_test(good_calls_in_between),
        cmocka_unit_test(an_endless_call),
        cmocka_unit_test(what_reaches_out_is_not_undone),
        cmocka_unit_test(stopped_in_the_middle),
        cmocka_unit_test(somebody_is_asked),
        cmocka_unit_test(asked_in_vain),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
