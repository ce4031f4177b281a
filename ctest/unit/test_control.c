/* SPDX-License-Identifier: MIT */
/* ctx.control/1: what one app decides for others, and for itself, wherever they stand. */
#include "policy_fixture.h"

static uint32_t operation;
static uint64_t target;
static ctx_status control_said;

static int32_t body_control(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_CONTROL, sizeof(struct ctx_control), &table), CTX_OK);
    const struct ctx_control *c = (const struct ctx_control *)table;
    ctx_status (*const calls[])(const struct ctx_control *,
                                uint64_t) = {c->stop, c->restart, c->pause, c->resume, c->remove};
    control_said = calls[operation](c, target);
    return CTX_AGAIN;
}

enum { STOP, RESTART, PAUSE, RESUME, REMOVE };

static struct app *boss;
static ctx_status control(uint32_t what, const struct app *app)
{
    operation = what;
    target = app->pid;
    turn(boss, body_control);
    return control_said;
}

static void boss_begins(void)
{
    remember();
    boss = load_v3("boss grant=ctx.control/1");
}

static void boss_ends(void)
{
    gone(boss);
}

static void control_of_others(void **state)
{
    (void)state;
    boss_begins();
    struct app *app = load_v3("app");
    const struct app nobody = {.pid = 999999};
    for (operation = STOP; operation <= REMOVE; operation++) {
        target = nobody.pid;
        turn(boss, body_control);
        assert_int_equal(control_said, CTX_E_NOENT);
    }
    assert_int_equal(control(RESUME, app), CTX_E_INVAL); /* not paused */
    assert_int_equal(control(PAUSE, app), CTX_OK);
    assert_int_equal(app->turn.where, TURN_NONE);
    assert_int_equal(control(PAUSE, app), CTX_OK); /* still */
    assert_int_equal(control(RESUME, app), CTX_OK);
    assert_int_equal(app->turn.where, TURN_FRAME);
    assert_int_equal(control(STOP, app), CTX_OK);
    assert_int_equal(app->base, 0);
    assert_int_equal(control(PAUSE, app), CTX_E_INVAL);
    assert_int_equal(control(RESUME, app), CTX_E_INVAL);
    assert_int_equal(control(STOP, app), CTX_OK); /* nothing more happens */
    assert_true(app->stopped);
    assert_int_equal(control(RESTART, app), CTX_OK);
    restart_now(app);
    assert_int_equal(app->calls, 1);
    assert_int_equal(control(PAUSE, app), CTX_OK);
    assert_int_equal(control(RESTART, app), CTX_OK); /* a paused one goes on by that, too */
    restart_now(app);
    assert_false(app->paused);
    uint64_t pid = app->pid;
    assert_int_equal(control(REMOVE, app), CTX_OK);
    assert_null(app_find(pid));
    app = load_v3("second");
    assert_int_equal(control(STOP, app), CTX_OK);
    assert_int_equal(control(REMOVE, app), CTX_OK); /* a stopped one */
    app = load_v3("third");
    assert_int_equal(control(RESTART, app), CTX_OK);
    assert_int_equal(control(REMOVE, app), CTX_OK); /* one that has not begun anew yet */
    assert_int_equal(app_count(), 1);
    boss_ends();
}

static void control_of_oneself(void **state)
{
    (void)state;
    boss_begins();
    assert_int_equal(control(PAUSE, boss), CTX_OK);
    assert_int_equal(boss->turn.where, TURN_NONE); /* its answer does not bring it back */
    app_pause(boss, false);
    assert_int_equal(control(RESTART, boss), CTX_OK);
    restart_now(boss);
    assert_int_equal(control(STOP, boss), CTX_OK);
    assert_true(boss->stopped);
    boss_ends();
    boss_begins();
    uint32_t count = app_count();
    assert_int_equal(control(REMOVE, boss), CTX_OK);
    assert_int_equal(app_count(), count - 1);
    all_is_back();
}

/* It stops itself and then faults, exits, or never comes back: it stays stopped. */
static int32_t (*then)(struct ctx *);
static int32_t body_stop_and_then(struct ctx *ctx)
{
    operation = STOP;
    target = app_current()->pid;
    body_control(ctx);
    return then(ctx);
}

static void a_decision_stays(void **state)
{
    (void)state;
    static int32_t (*const bodies[])(struct ctx *) = {body_fault, body_exit, body_overrun,
                                                      body_wait};
    for (size_t i = 0; i < ARRAY_COUNT(bodies); i++) {
        remember();
        then = bodies[i];
        struct app *app = load_v3("app restart=always overrun=restart:1 grant=ctx.control/1");
        turn(app, body_stop_and_then);
        assert_true(app->stopped);
        assert_int_equal(app->turn.where, TURN_NONE);
        gone(app);
    }
}

static void control_of_a_parked_one(void **state)
{
    (void)state;
    boss_begins();
    struct app *app = load_v3("app");
    turn(app, body_overrun);
    assert_int_equal(control(PAUSE, app), CTX_OK);
    assert_non_null(app->parked);
    assert_int_equal(control(RESUME, app), CTX_OK);
    uint64_t calls = app->calls;
    turn(app, body_again); /* the same call goes on */
    assert_null(app->parked);
    assert_int_equal(app->calls, calls + 1);
    turn(app, body_overrun);
    assert_int_equal(control(RESTART, app), CTX_OK);
    assert_null(app->parked);
    restart_now(app);
    turn(app, body_overrun);
    assert_int_equal(control(STOP, app), CTX_OK);
    assert_null(app->parked);
    assert_int_equal(control(RESTART, app), CTX_OK);
    restart_now(app);
    turn(app, body_overrun);
    assert_int_equal(control(REMOVE, app), CTX_OK);
    boss_ends();
}

static void control_of_a_waiting_one(void **state)
{
    (void)state;
    boss_begins();
    for (uint32_t what = STOP; what <= REMOVE; what++) {
        struct app *app = load_v3("app");
        uint64_t pid = app->pid;
        turn(app, body_wait);
        assert_int_equal(app->turn.where, TURN_WAITING);
        assert_int_equal(control(what, app), what == RESUME ? CTX_E_INVAL : CTX_OK);
        static const enum app_turn after[] = {[STOP] = TURN_NONE,
                                              [RESTART] = TURN_WAITING,
                                              [PAUSE] = TURN_NONE,
                                              [RESUME] = TURN_WAITING};
        if (what == REMOVE) {
            assert_null(app_find(pid));
            continue;
        }
        assert_int_equal(app->turn.where, after[what]);
        if (what == PAUSE) { /* what it waited for it says at its next call */
            assert_int_equal(control(RESUME, app), CTX_OK);
            assert_int_equal(app->turn.where, TURN_FRAME);
        }
        app_unload(app);
    }
    boss_ends();
}

/* ---- a host and its child ---- */

static ctx_status child_status;
static uint32_t host_does; /* inside serve */
static uint64_t host_target;

static int32_t body_wrap(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, sizeof *out);
    assert_int_equal(host->open(host, target, out), CTX_OK);
    void *word = own_copy(ctx, "time", 5);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, *out, word, 4, code, 0), CTX_OK);
    return CTX_AGAIN;
}

static int32_t serve_control(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)call;
    operation = host_does;
    target = host_target;
    body_control(ctx);
    call->result = CTX_OK;
    return 0;
}

static int32_t body_time(struct ctx *ctx)
{
    uint64_t *out = own(ctx, sizeof *out);
    child_status = ctx->time->now(ctx->time, out);
    ctx->mem->free(ctx->mem, out, sizeof *out, 16);
    return CTX_AGAIN;
}

/* Inside serve the host decides on itself or on its child, both in the middle of a call. */
static void control_in_a_chain(void **state)
{
    (void)state;
    for (uint32_t what = STOP; what <= REMOVE; what++) {
        for (uint32_t itself = 0; itself < 2 && what != RESUME; itself++) {
            boss_begins();
            struct app *host = load_v3("host grant=ctx.host/1,ctx.control/1");
            struct app *child = load_v3("child host=host");
            uint64_t host_pid = host->pid, child_pid = child->pid;
            target = child->pid;
            turn(host, body_wrap);
            host_does = what;
            host_target = itself != 0 ? host->pid : child->pid;
            fake.serve = serve_control;
            turn(child, body_time);
            fake.serve = NULL;
            assert_int_equal(control_said, CTX_OK);
            assert_int_equal(child_status, CTX_OK);
            if (itself != 0) { /* the child's functions stay shut, and it goes on */
                assert_int_equal(child->faults, 0);
                turn(child, body_time);
                assert_int_equal(child_status, CTX_E_STALE);
            } else {
                assert_int_equal(host->faults, 0);
                turn(host, body_again);
                assert_int_equal(host->turn.where, TURN_FRAME);
            }
            if (app_find(child_pid) != NULL) {
                app_unload(child);
            }
            if (app_find(host_pid) != NULL) {
                app_unload(host);
            }
            boss_ends();
        }
    }
}

/* From outside. */
static void control_of_hosts_and_children(void **state)
{
    (void)state;
    for (uint32_t what = STOP; what <= REMOVE; what++) {
        if (what == RESUME) {
            continue;
        }
        boss_begins();
        struct app *host = load_v3("host grant=ctx.host/1");
        struct app *child = load_v3("child host=host");
        target = child->pid;
        turn(host, body_wrap);
        fake.serve = serve_control;
        assert_int_equal(control(what, host), CTX_OK);
        turn(child, body_time);
        assert_int_equal(child_status, CTX_E_STALE);
        app_unload(child);
        if (what != REMOVE) {
            app_unload(host);
        }
        host = load_v3("host grant=ctx.host/1,ctx.control/1");
        child = load_v3("child host=host");
        uint64_t pid = child->pid;
        target = child->pid;
        turn(host, body_wrap);
        assert_int_equal(control(what, child), CTX_OK);
        if (what == RESTART) { /* its host is still there */
            restart_now(child);
            host_does = PAUSE;
            host_target = child->pid;
            turn(child, body_time);
            assert_int_equal(child_status, CTX_OK);
            assert_true(child->paused);
        }
        fake.serve = NULL;
        app_unload(host);
        if (app_find(pid) != NULL) {
            app_unload(child);
        }
        boss_ends();
    }
}

/* Lines of what it does to others are lines of its own log. */
static void who_pauses_again_and_again_floods_nobody(void **state)
{
    (void)state;
    remember();
    boss = load_v3("boss grant=ctx.control/1 log=3");
    struct app *app = load_v3("app");
    fake_serial_clear();
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(control(PAUSE, app), CTX_OK);
        assert_int_equal(control(RESUME, app), CTX_OK);
        assert_int_equal(control(STOP, app), CTX_OK);
        assert_int_equal(control(RESTART, app), CTX_OK);
        restart_now(app);
    }
    assert_in_range(fake_said_times(" pauses app#"), 1, 60);
    assert_in_range(fake_said_times(" stops app#"), 1, 60);
    app_unload(app);
    boss_ends();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_of_others),
        cmocka_unit_test(control_of_oneself),
        cmocka_unit_test(who_pauses_again_and_again_floods_nobody),
        cmocka_unit_test(a_decision_stays),
        cmocka_unit_test(control_of_a_parked_one),
        cmocka_unit_test(control_of_a_waiting_one),
        cmocka_unit_test(control_in_a_chain),
        cmocka_unit_test(control_of_hosts_and_children),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
