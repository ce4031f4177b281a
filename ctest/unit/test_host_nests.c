/* SPDX-License-Identifier: MIT */
/* Hosts around hosts: who is asked first, whose time it is, and who goes on waiting. */
#include "app_words.h"
#include "host_fixture.h"

static int32_t serve_takes_30_ms(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    (void)fake_spend(30 * NSEC_PER_MSEC);
    t.serve_status = host->forward(host, call->child, call);
    return 0;
}

static int32_t child_takes_5_ms(struct ctx *ctx)
{
    (void)fake_spend(5 * NSEC_PER_MSEC);
    return child_status(ctx);
}

/* What a host takes for its child is the host's time. */
static void each_has_its_own_time(void **state)
{
    (void)state;
    start("time", true);
    fake.serve = serve_takes_30_ms;
    uint64_t host_ns = t.host->total_ns, child_ns = t.child->total_ns;
    call(t.child, child_takes_5_ms);
    assert_int_equal(t.child_status, CTX_OK);
    assert_int_equal(t.host->total_ns - host_ns, 30 * NSEC_PER_MSEC);
    assert_int_equal(t.child->total_ns - child_ns, 5 * NSEC_PER_MSEC);
    assert_int_equal(t.child->longest_ns, 5 * NSEC_PER_MSEC);
    end();
}

static int32_t serve_takes_nearly_all(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    assert_false(fake_spend(APP_BUDGET_NS - MACHINE_TICK_NS));
    t.serve_status = host->forward(host, call->child, call);
    return 0;
}

static bool is_over;

static int32_t child_takes_two_budgets(struct ctx *ctx)
{
    child_status(ctx);
    child_status(ctx);
    assert_false(fake_spend(MACHINE_TICK_NS));
    is_over = fake_spend(MACHINE_TICK_NS);
    return 0;
}

/* Two budgets, calls of others included, and not a tick more. */
static void to_the_tick(void **state)
{
    (void)state;
    start("time", true);
    fake.serve = serve_takes_nearly_all;
    call(t.child, child_takes_two_budgets);
    assert_int_equal(t.child_status, CTX_OK);
    assert_true(is_over);
    end();
}

/* Two hosts around one app: the latest is asked first, and both see the call. */
static void twice(void **state)
{
    (void)state;
    start("time", true);
    struct app *first = t.host;
    (void)app_keep_text(&t.child->hosts, "", 0);
    assert_true(app_keep_text(&t.child->hosts, "host,outer", 10));
    struct app *outer = load_v3("outer grant=ctx.host/1");
    call(outer, body_wrap);
    assert_int_equal(t.wrap, CTX_OK);
    call(t.child, child_status);
    assert_int_equal(t.served, 2);
    assert_int_equal(t.child_status, CTX_OK);
    app_unload(outer);
    t.host = first;
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE);
    end();
}

/* What the inner host does is not the outer one's time. */
static void each_of_two_has_its_own_time(void **state)
{
    (void)state;
    start("time", true);
    struct app *inner = t.host;
    (void)app_keep_text(&t.child->hosts, "", 0);
    assert_true(app_keep_text(&t.child->hosts, "host,outer", 10));
    struct app *outer = load_v3("outer grant=ctx.host/1");
    call(outer, body_wrap);
    assert_int_equal(t.wrap, CTX_OK);
    fake.serve = serve_takes_30_ms;
    uint64_t inner_ns = inner->total_ns, outer_ns = outer->total_ns;
    call(t.child, child_takes_5_ms);
    assert_int_equal(t.child_status, CTX_OK);
    assert_int_equal(inner->total_ns - inner_ns, 30 * NSEC_PER_MSEC);
    assert_int_equal(outer->total_ns - outer_ns, 30 * NSEC_PER_MSEC);
    assert_int_equal(outer->longest_ns, 30 * NSEC_PER_MSEC);
    assert_int_equal(t.child->longest_ns, 5 * NSEC_PER_MSEC);
    app_unload(outer);
    end();
}

/* A host that runs its own host: the chain comes back to an app that is in it. */
static void a_circle(void **state)
{
    (void)state;
    start("trace", true);
    struct app *host = t.host, *child = t.child;
    assert_true(app_keep_text(&host->hosts, "child", 5));
    child->grants = host->grants;
    t.child = host;
    t.words = "display"; /* not what the test itself needs */
    call(child, body_wrap);
    assert_int_equal(t.wrap, CTX_OK);
    t.child = child;
    call(child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    t.host = host;
    end();
}

static int32_t body_wait_for_keys(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY), CTX_OK);
    ctx->time->wake_at(ctx->time, 4000 * NSEC_PER_SEC);
    return CTX_WAIT;
}

/* What a host waits for is not forgotten by serving. */
static void a_host_that_waits_goes_on_waiting(void **state)
{
    (void)state;
    start("time", true);
    call(t.host, body_wait_for_keys);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(t.host->event_mask, 1u << CTX_EVENT_KEY);
        assert_int_equal(t.host->wake_ns, 4000 * NSEC_PER_SEC);
        assert_int_equal(t.host->turn.where, TURN_WAITING);
        fake.serve = i == 0 ? serve_identity : serve_fault;
        call(t.child, child_status);
        assert_int_equal(t.child_status, i == 0 ? CTX_OK : CTX_E_FAULT);
        t.host->fate = FATE_NONE; /* its policy is not what this is about */
    }
    end();
}

static struct app *outer;

static int32_t body_wrap_host(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    assert_int_equal(host->open(host, t.host->pid, out), CTX_OK);
    void *words = own_copy(ctx, "host", 4);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, *out, words, 4, code, 0), CTX_OK);
    return CTX_AGAIN;
}

static int32_t serve_and_close(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    if (app_current() == outer) {
        assert_int_equal(host->forward(host, call->child, call), CTX_OK);
        return 0;
    }
    t.served++;
    t.serve_status = host->forward(host, call->child, call);
    assert_int_equal(host->close(host, call->child), CTX_E_BUSY);
    return 0;
}

/* A host that is itself run by another one gives back the handle through which it serves just now.
 */
static void a_host_in_a_host(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.words = "time";
    remember();
    outer = load_v3("outer grant=ctx.host/1");
    t.host = load_v3("host grant=ctx.host/1 host=outer");
    t.child = load_v3("child host=host");
    call(t.host, body_wrap);
    call(outer, body_wrap_host);
    fake.serve = serve_and_close;
    call(t.child, child_status);
    assert_int_equal(t.served, 1);
    assert_int_equal(t.serve_status, CTX_OK); /* it could not forward */
    assert_int_equal(t.child_status, CTX_OK);
    fake.serve = serve_and_close;
    call(t.host, body_close); /* by way of the outer one */
    assert_int_equal(t.wrap, CTX_OK);
    app_unload(outer);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_own_time),
        cmocka_unit_test(to_the_tick),
        cmocka_unit_test(twice),
        cmocka_unit_test(each_of_two_has_its_own_time),
        cmocka_unit_test(a_circle),
        cmocka_unit_test(a_host_that_waits_goes_on_waiting),
        cmocka_unit_test(a_host_in_a_host),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
