/* SPDX-License-Identifier: MIT */
/* Apps that run other apps: ctx.host/1, calls that nest, and what happens when a host fails. */
#include "v3_fixture.h"

static struct {
    struct app *host, *child;
    uint32_t handle;
    ctx_status open, wrap;   /* what setting up said */
    ctx_status serve_status; /* of what serve did last */
    uint32_t served;
    struct ctx_host_call seen; /* what serve was given */
    struct ctx_host_call *call;
    ctx_status child_status;
    void *child_memory;
    uint32_t forwards;
    const char *words;
} t;

static const struct ctx_host *host_table(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    return (const struct ctx_host *)table;
}

/* ---- what the host does at its own calls ---- */

static int32_t body_wrap(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    t.open = host->open(host, t.child->pid, out);
    t.handle = *out;
    uint32_t len = (uint32_t)strlen(t.words);
    void *words = own_copy(ctx, t.words, len + 1);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    t.wrap = host->wrap(host, t.handle, words, len, code, 77);
    ctx->time->wake_at(ctx->time, 5000 * NSEC_PER_SEC);
    return CTX_WAIT;
}

static int32_t body_close(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    t.wrap = host->close(host, t.handle);
    return CTX_AGAIN;
}

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

static int32_t serve_identity(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    t.served++;
    t.seen = *call;
    for (uint32_t i = 0; i < t.forwards; i++) {
        t.serve_status = host->forward(host, call->child, call);
    }
    return 0;
}

static int32_t serve_smaller(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    call->args[call->index == CTX_GATE_V2_ALLOC ? 0 : 1] = 64;
    t.serve_status = host->forward(host, call->child, call);
    return 0;
}

static int32_t serve_fault(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    call->result = 1234;
    fake_fault(14, 0x18);
}

static int32_t serve_overrun(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    t.served++;
    t.call = call;
    assert_true(fake_spend(APP_BUDGET_NS));
    fake_overrun();
}

static int32_t serve_memory(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_host *host = host_table(ctx);
    char *bytes = own(ctx, 600);
    uint64_t text = call->args[0];
    t.serve_status = host->copy_in(host, call->child, text, bytes, (uint32_t)call->args[1]);
    assert_int_equal(t.serve_status, CTX_OK);
    assert_string_equal(bytes, "hello");
    memcpy(bytes, "HELLO", 5);
    assert_int_equal(host->copy_out(host, call->child, text, bytes, 5), CTX_OK);
    /* Not the child's; not there; the host's own; a table that the child may only read. */
    uint64_t base = t.child->base;
    const uint64_t bad[] = {0, 1, base + CTX_SLOT_HEAP_END - 8, (uint64_t)(uintptr_t)ctx,
                            base + CTX_SLOT_SIZE - 4};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_int_equal(host->copy_in(host, call->child, bad[i], bytes, 8), CTX_E_FAULT);
        assert_int_equal(host->copy_out(host, call->child, bad[i], bytes, 8), CTX_E_FAULT);
    }
    assert_int_equal(host->copy_in(host, call->child, base + CTX_SLOT_NOSYS, bytes, 600), CTX_OK);
    assert_int_equal(host->copy_out(host, call->child, base + CTX_SLOT_NOSYS, bytes, 8),
                     CTX_E_FAULT);
    assert_int_equal(host->close(host, call->child), CTX_E_BUSY);
    return 0;
}

/* ---- what the child does ---- */

static int32_t child_alloc(struct ctx *ctx)
{
    t.child_memory = ctx->alloc(100, 16);
    return 0;
}

static int32_t child_log(struct ctx *ctx)
{
    char *text = own_copy(ctx, "hello", 6);
    ctx->log((const uint8_t *)text, 5);
    if (t.served > 0) {
        assert_string_equal(text, "hello");
    }
    return 0;
}

static int32_t child_log_v2(struct ctx *ctx)
{
    char *text = ctx->alloc(6, 1);
    memcpy(text, "hello", 6);
    ctx->log((const uint8_t *)text, 5);
    assert_string_equal(text, "HELLO");
    return 0;
}

static int32_t child_status(struct ctx *ctx)
{
    uint64_t *out = own(ctx, sizeof *out);
    t.child_status = ctx->time->now(ctx->time, out);
    return 0;
}

static int32_t child_opens(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &table), CTX_OK);
    const struct ctx_args *args = (const struct ctx_args *)table;
    uint32_t *out = own(ctx, sizeof *out);
    t.child_status = args->count(args, out);
    return 0;
}

static void start(const char *words, bool v3)
{
    memset(&t, 0, sizeof t);
    t.words = words;
    t.forwards = 1;
    fake.serve = serve_identity;
    remember();
    t.host = load_v3("host grant=ctx.host/1");
    t.child = v3 ? load_v3("child host=host") : load("child host=host");
    call(t.host, body_wrap);
    assert_int_equal(t.open, CTX_OK);
    assert_int_equal(t.wrap, CTX_OK);
    fake_serial_clear();
}

static void end(void)
{
    fake.serve = NULL;
    app_unload(t.child);
    app_unload(t.host);
    all_is_back();
}

static void identity(void **state)
{
    (void)state;
    start("trace", false);
    call(t.child, child_alloc);
    assert_int_equal(t.served, 1);
    assert_int_equal(t.serve_status, CTX_OK);
    assert_non_null(t.child_memory);
    assert_int_equal(t.seen.cookie, 77);
    assert_int_equal(t.seen.child, t.handle);
    assert_int_equal(t.seen.index, CTX_GATE_V2_ALLOC);
    assert_int_equal(t.seen.returns, CTX_RETURNS_POINTER);
    assert_string_equal((const char *)t.seen.name, "alloc");
    assert_int_equal(t.seen.args[0], 100);
    assert_int_equal(t.seen.args[1], 16);
    t.forwards = 0; /* never forwarded: no memory for it */
    call(t.child, child_alloc);
    assert_null(t.child_memory);
    t.forwards = 3; /* three times: three blocks */
    call(t.child, child_alloc);
    struct slotheap_usage usage;
    slotheap_usage(t.child->heap, &usage);
    assert_int_equal(usage.blocks, 4);
    /* Waiting is between the loop and the host's _start. */
    assert_int_equal(t.host->turn.where, TURN_WAITING);
    assert_int_equal(t.host->turn.deadline_ns, 5000 * NSEC_PER_SEC);
    assert_int_equal(t.host->wake_ns, 5000 * NSEC_PER_SEC); /* what an image says of it */
    assert_int_equal(t.host->event_mask, 0);
    assert_int_equal(t.host->calls, 1);
    call(t.host, body_close);
    assert_int_equal(t.wrap, CTX_OK);
    uint32_t served = t.served;
    call(t.child, child_alloc);
    assert_int_equal(t.served, served);
    end();
}

static void only_what_is_meant(void **state)
{
    (void)state;
    start("dealloc,events", false);
    call(t.child, child_alloc);
    assert_int_equal(t.served, 0);
    assert_non_null(t.child_memory);
    end();
}

static void other_arguments(void **state)
{
    (void)state;
    start("alloc", false);
    fake.serve = serve_smaller;
    call(t.child, child_alloc);
    struct slotheap_usage usage;
    slotheap_usage(t.child->heap, &usage);
    assert_int_equal(usage.bytes, 64);
    end();
}

static void memory_of_the_child(void **state)
{
    (void)state;
    start("log", false);
    fake.serve = serve_memory;
    call(t.child, child_log_v2);
    assert_int_equal(t.child->faults + t.host->faults, 0);
    assert_false(fake_said("hello"));
    end();
}

#define MUCH 1300u

static int32_t child_much(struct ctx *ctx)
{
    uint8_t *bytes = t.child_memory = ctx->alloc(MUCH, 16);
    for (uint32_t i = 0; i < MUCH; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    return 0;
}

static int32_t body_copy_much(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint8_t *bytes = own(ctx, MUCH);
    uint64_t theirs = (uint64_t)(uintptr_t)t.child_memory;
    assert_int_equal(host->copy_in(host, t.handle, theirs, bytes, MUCH), CTX_OK);
    assert_memory_equal(bytes, t.child_memory, MUCH);
    for (uint32_t i = 0; i < MUCH; i++) {
        bytes[i] ^= 0x55;
    }
    assert_int_equal(host->copy_out(host, t.handle, theirs, bytes, MUCH), CTX_OK);
    assert_memory_equal(bytes, t.child_memory, MUCH);
    return CTX_AGAIN;
}

static int32_t child_stores(struct ctx *ctx)
{
    t.child_memory = *ctx->store;
    *ctx->store = ctx;
    return CTX_AGAIN;
}

static int32_t body_writes_to_the_cell(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    const uint8_t *word = own(ctx, 8);
    assert_int_equal(host->copy_out(host, t.handle, t.child->base + CTX_SLOT_STORE, word, 8),
                     CTX_OK);
    return CTX_AGAIN;
}

/* The store cell is written to its page at a call only if it may say something else by then. */
static void what_others_leave_in_the_store_cell_is_not_seen(void **state)
{
    (void)state;
    start("log", true);
    call(t.child, child_stores);
    assert_null(t.child_memory);
    call(t.child, child_stores);
    void *kept = t.child_memory;
    assert_non_null(kept);
    call(t.host, body_writes_to_the_cell);
    call(t.child, child_stores);
    assert_ptr_equal(t.child_memory, kept);
    assert_int_equal(t.child->faults + t.host->faults, 0);
    end();
}

/* More than goes through the kernel in one piece. */
static void much_memory_of_the_child(void **state)
{
    (void)state;
    start("log", false);
    call(t.child, child_much);
    call(t.host, body_copy_much);
    assert_int_equal(t.child->faults + t.host->faults, 0);
    end();
}

static void tables_opened_later(void **state)
{
    (void)state;
    start("ctx.args/1,count", true);
    call(t.child, child_opens);
    assert_int_equal(t.served, 1);
    assert_string_equal((const char *)t.seen.name, "args.count");
    assert_string_equal((const char *)t.seen.table, "ctx.args/1");
    assert_int_equal(t.seen.index, 0);
    assert_int_equal(t.child_status, CTX_OK);
    end();
}

static int32_t child_wakes(struct ctx *ctx)
{
    t.child_status = ctx->time->wake_at(ctx->time, 5);
    return 0;
}

/* Which function of its table it is, of those too that no id was opened for. */
static void tables_that_hang_on_ctx(void **state)
{
    (void)state;
    start("time", true);
    call(t.child, child_status);
    assert_int_equal(t.seen.index, 0);
    assert_string_equal((const char *)t.seen.name, "time.now");
    assert_string_equal((const char *)t.seen.table, "");
    call(t.child, child_wakes);
    assert_int_equal(t.served, 2);
    assert_int_equal(t.seen.index, 2);
    assert_string_equal((const char *)t.seen.name, "time.wake_at");
    assert_int_equal(t.seen.args[1], 5);
    end();
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
    t.child->hosts[0] = 0;
    memcpy(t.child->hosts, "host,outer", 11);
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

/* A host that runs its own host: the chain comes back to an app that is in it. */
static void a_circle(void **state)
{
    (void)state;
    start("trace", true);
    struct app *host = t.host, *child = t.child;
    memcpy(host->hosts, "child", 6);
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

static ctx_status refused[4];
/* A host that is itself run by another one gives back the handle through which it serves just now.
 */
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
        cmocka_unit_test(identity),
        cmocka_unit_test(only_what_is_meant),
        cmocka_unit_test(other_arguments),
        cmocka_unit_test(memory_of_the_child),
        cmocka_unit_test(what_others_leave_in_the_store_cell_is_not_seen),
        cmocka_unit_test(much_memory_of_the_child),
        cmocka_unit_test(tables_opened_later),
        cmocka_unit_test(tables_that_hang_on_ctx),
        cmocka_unit_test(a_host_that_faults),
        cmocka_unit_test(a_host_that_takes_too_long),
        cmocka_unit_test(a_host_that_goes),
        cmocka_unit_test(a_child_that_goes),
        cmocka_unit_test(each_has_its_own_time),
        cmocka_unit_test(little_memory),
        cmocka_unit_test(to_the_tick),
        cmocka_unit_test(twice),
        cmocka_unit_test(a_circle),
        cmocka_unit_test(a_host_that_may_not_serve),
        cmocka_unit_test(a_host_that_waits_goes_on_waiting),
        cmocka_unit_test(a_host_in_a_host),
        cmocka_unit_test(handles_do_not_come_again),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
