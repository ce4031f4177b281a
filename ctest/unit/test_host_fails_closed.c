/* SPDX-License-Identifier: MIT */
/*
 * A host that faults, takes too long, is busy or has gone gives its child an error, never its own
 * function back; and no handle ever means another child than it did.
 */
#include "host_fixture.h"

/* ---- what the host does at its own calls ---- */

static int32_t body_nothing(struct ctx *ctx)
{
    (void)ctx;
    return CTX_AGAIN;
}

static int32_t body_exit(struct ctx *ctx)
{
    (void)ctx;
    return 0x100;
}

/* ---- what it does in place of the child's functions ---- */

static int32_t serve_overrun(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    t.served++;
    t.call = call;
    assert_true(fake_spend(APP_BUDGET_NS));
    fake_overrun();
}

/* ---- what the child does ---- */

static int32_t child_log(struct ctx *ctx)
{
    char *text = own_copy(ctx, "hello", 6);
    ctx->log((const uint8_t *)text, 5);
    if (t.served > 0) {
        assert_string_equal(text, "hello");
    }
    return 0;
}

static void a_host_that_faults(void **state)
{
    (void)state;
    start("time", true);
    fake.serve = serve_fault;
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_FAULT);
    assert_int_equal(t.child->faults, 0);
    assert_int_equal(t.host->faults, 1);
    assert_true(fake_said("fault name=host"));
    call(t.child, child_status);
    fake.serve = serve_identity; /* a good one in between: they are not in a row */
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    fake.serve = serve_fault;
    for (uint32_t i = 0; i < APP_FAULTS; i++) {
        app_settle();
        assert_false(t.host->stopped);
        call(t.child, child_status);
    }
    app_settle();
    assert_true(t.host->stopped);
    call(t.child, child_status); /* it stays shut */
    assert_int_equal(t.child_status, CTX_E_STALE);
    assert_int_equal(t.child->faults, 0);
    end();
}

static void a_host_that_takes_too_long(void **state)
{
    (void)state;
    start("time", true);
    fake.serve = serve_overrun;
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_TIMEDOUT);
    assert_null(t.child->parked); /* its time stood still meanwhile */
    assert_non_null(t.host->parked);
    assert_int_equal(t.host->turn.where, TURN_FRAME);
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_BUSY);
    assert_int_equal(t.served, 1);
    uint64_t calls = t.host->calls;
    call(t.host, body_nothing); /* the late result: nobody wants it */
    assert_null(t.host->parked);
    assert_int_equal(t.host->calls, calls);
    fake.serve = serve_identity;
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    end();
}

static void a_host_that_goes(void **state)
{
    (void)state;
    start("time", true);
    call(t.host, body_exit);
    app_settle();
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE); /* not its own function again */
    call(t.child, child_log);
    fake.serve = NULL;
    app_unload(t.child);
    all_is_back();
}

static void a_child_that_goes(void **state)
{
    (void)state;
    start("trace", true);
    call(t.child, body_exit);
    app_settle();
    fake.serve = NULL;
    t.child = load_v3("another");
    call(t.host, body_wrap); /* not its host */
    assert_int_equal(t.open, CTX_E_DENIED);
    end();
}

static uint64_t left;

static int32_t body_wrap_in_little_memory(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    void *words = own_copy(ctx, "trace", 6);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    fake.allocs_left = left;
    t.wrap = CTX_E_NOENT;
    for (uint32_t i = 0; i < 5; i++) { /* the list of places grows */
        t.open = host->open(host, t.child->pid, out);
        t.handle = t.open == CTX_OK ? *out : t.handle;
    }
    if (t.handle != 0) {
        t.wrap = host->wrap(host, t.handle, words, 5, code, 77);
        assert_int_equal(t.wrap, CTX_OK);
    }
    left = fake.allocs_left;
    fake.allocs_left = FAKE_ALWAYS;
    return CTX_AGAIN;
}

/* With each allocation refused in turn a link is there, or it is not and nothing is left of it. */
static void little_memory(void **state)
{
    (void)state;
    uint32_t failed = 0;
    for (uint32_t once = 0; once < 2; once++) {
        bool refused = true;
        for (uint64_t n = 0; refused; n++) {
            memset(&t, 0, sizeof t);
            t.forwards = 1;
            remember();
            t.host = load_v3("host grant=ctx.host/1");
            t.child = load("child host=host");
            fake.once = once != 0;
            left = n;
            call(t.host, body_wrap_in_little_memory);
            fake.once = false;
            refused = left == 0 || (once != 0 && left == FAKE_ALWAYS);
            assert_int_equal(t.host->faults, 0);
            failed += t.open != CTX_OK;
            assert_true(t.open == CTX_OK || t.open == CTX_E_NOMEM);
            fake.serve = serve_identity;
            call(t.child, child_alloc);
            assert_int_equal(t.served > 0, t.wrap == CTX_OK);
            assert_non_null(t.child_memory);
            end();
            assert_true(n < 200);
        }
    }
    assert_true(failed > 2);
}

/* Each reason alone: it has no slot, it is to end or to begin anew, it is paused. */
static void a_host_that_may_not_serve(void **state)
{
    (void)state;
    start("time", true);
    for (uint32_t fate = FATE_NONE; fate <= FATE_UNLOAD; fate++) {
        t.host->fate = fate;
        call(t.child, child_status);
        assert_int_equal(t.child_status, fate == FATE_NONE ? CTX_OK : CTX_E_STALE);
    }
    t.host->fate = FATE_NONE;
    app_pause(t.host, true);
    assert_int_equal(t.host->turn.where, TURN_NONE);
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE);
    app_pause(t.host, false);
    assert_int_equal(t.host->turn.where, TURN_FRAME); /* whatever it waited for */
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    app_set_fate(t.host, FATE_STOP, 0);
    app_settle();
    assert_int_equal(t.host->base, 0);
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE);
    end();
}

static int32_t body_open_and_close(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    uint32_t first = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        assert_int_equal(host->open(host, t.child->pid, out), CTX_OK);
        first = i == 0 ? *out : first;
        assert_true(i == 0 || *out != first);
        assert_int_equal(host->close(host, *out), CTX_OK);
    }
    assert_int_equal(host->close(host, first), CTX_E_NOENT);
    return CTX_AGAIN;
}

static void handles_do_not_come_again(void **state)
{
    (void)state;
    start("time", true);
    call(t.host, body_open_and_close);
    /* Not even when the generations of a place are used up: it is left alone then. */
    uint32_t handle = t.handle;
    t.host->link_generation = UINT32_MAX >> 10;
    call(t.host, body_close);
    assert_int_equal(t.wrap, CTX_OK);
    app_set_fate(t.host, FATE_RESTART, fake.now_ns);
    app_settle();
    t.host->turn.deadline_ns = 0;
    call(t.host, body_wrap);
    assert_int_equal(t.open, CTX_OK);
    assert_int_equal(t.handle & 1023, handle & 1023);
    end();
}

static ctx_status refused[4];

static int32_t body_refused(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    refused[0] = host->open(host, 9999, out);
    refused[1] = host->open(host, app_current()->pid, out);
    refused[2] = host->close(host, 0x20000);
    struct ctx_host_call call = {.size = sizeof call};
    refused[3] = host->forward(host, t.handle, own_copy(ctx, &call, sizeof call));
    /* serve must be code of the host's own. */
    void *words = own_copy(ctx, "alloc", 6);
    const uint64_t bad[] = {0, (uint64_t)(uintptr_t)words, t.child->entry, UINT64_MAX,
                            app_current()->base + CTX_SLOT_GATES};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_int_equal(host->wrap(host, t.handle, words, 5, (ctx_serve_fn)(uintptr_t)bad[i], 0),
                         CTX_E_INVAL);
    }
    /* As many handles as there are, and again after they were given back. */
    uint32_t count = 0;
    ctx_status status;
    while ((status = host->open(host, t.child->pid, out)) == CTX_OK) {
        count++;
    }
    assert_int_equal(status, CTX_E_NOSPC);
    assert_int_equal(count, 1023); /* and the first one */
    assert_int_equal(host->close(host, *out), CTX_OK);
    assert_int_equal(host->close(host, *out), CTX_E_NOENT);
    assert_int_equal(host->open(host, t.child->pid, out), CTX_OK);
    return 0;
}

static void refusals(void **state)
{
    (void)state;
    start("trace", true);
    call(t.host, body_refused);
    assert_int_equal(refused[0], CTX_E_NOENT);
    assert_int_equal(refused[1], CTX_E_NOENT);
    assert_int_equal(refused[2], CTX_E_NOENT);
    assert_int_equal(refused[3], CTX_E_INVAL);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_faults),
        cmocka_unit_test(a_host_that_takes_too_long),
        cmocka_unit_test(a_host_that_goes),
        cmocka_unit_test(a_child_that_goes),
        cmocka_unit_test(little_memory),
        cmocka_unit_test(a_host_that_may_not_serve),
        cmocka_unit_test(handles_do_not_come_again),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
