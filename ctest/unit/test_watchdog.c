/* SPDX-License-Identifier: MIT */
/*
 * No call escapes the watchdog, however calls nest: every chain of up to seven hosts, each of which
 * is quick, takes nearly all its time, never ends, or calls on for ever, in both ways in which
 * hosts can be stacked. A model counts each level's ticks and says who may be parked and when.
 */
#include "loop.h"
#include "policy_fixture.h"

#define BUDGET   4u /* ticks */
#define PATIENCE (2 * BUDGET)
#define SLICE    ((uint32_t)(APP_SLICE_NS / MACHINE_TICK_NS))
#define DEPTH    8u
#define WORDS    "budget=8ms grant=ctx.host/1"

enum does {
    QUICK = 0,
    SLOW,  /* nearly all of its budget */
    SPINS, /* for ever, in its own code */
    CALLS, /* on for ever */
    DOES,
};

static struct {
    struct app *app[DEPTH];
    uint32_t depth;
    bool in_a_row; /* all stand in for the first app's log; else each for its neighbour's forward */
    enum does does[DEPTH];
    uint32_t handle[DEPTH];
    uint64_t clock; /* ticks ever */
    uint32_t slice; /* ticks that a parked call gets now */

    /* of the call of each that is going on */
    bool in_call[DEPTH];
    uint64_t began[DEPTH], own[DEPTH];
    uint64_t preemptions[DEPTH];
    uint64_t innermost;
} t;

static uint32_t number(void)
{
    uint32_t i = 0;
    while (t.app[i] != app_current()) {
        i++;
    }
    return i;
}

static bool may_be_parked(uint32_t i, uint32_t own, uint32_t elapsed)
{
    return t.own[i] >= own || t.clock - t.began[i] >= elapsed;
}

/* One tick in an app's own code. */
static void tick(uint32_t i)
{
    t.clock++;
    t.own[i]++;
    if (fake_spend(MACHINE_TICK_NS)) {
        assert_true(may_be_parked(i, BUDGET, PATIENCE));
        fake_overrun();
    }
    assert_false(may_be_parked(i, BUDGET, PATIENCE)); /* nor a tick too late */
}

static void begin(uint32_t i)
{
    t.in_call[i] = true;
    t.began[i] = t.clock;
    t.own[i] = 0;
}

/* What it does around calling on, and how often it does that. */
static void behave(uint32_t i, void (*on)(struct ctx *, struct ctx_host_call *), struct ctx *ctx,
                   struct ctx_host_call *call)
{
    begin(i);
    for (uint32_t n = 1; t.does[i] == SLOW && n < BUDGET; n++) {
        tick(i);
    }
    while (t.does[i] == SPINS) {
        tick(i);
    }
    on(ctx, call);
    for (uint64_t n = 1; t.does[i] == CALLS; n++) {
        if (n % 5 == 0) { /* the ways into and out of gates take time too */
            tick(i);
        }
        on(ctx, call);
    }
    t.in_call[i] = false;
}

static void on_log(struct ctx *ctx, struct ctx_host_call *call)
{
    static const uint8_t *text;
    (void)call;
    if (text == NULL || (uint64_t)(uintptr_t)text - app_current()->base >= CTX_SLOT_SIZE) {
        text = own_copy(ctx, "x", 1);
    }
    ctx->log(text, 1);
}

static void on_forward(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    t.innermost++;
    ctx_status status = host->forward(host, call->child, call);
    /* Behind it somebody may have been parked, and whoever hosts this one has then no result for it
     * (AGAIN); the call itself is a good one. */
    assert_true(status == CTX_OK || status == CTX_E_TIMEDOUT || status == CTX_E_BUSY ||
                status == CTX_E_AGAIN);
}

static int32_t body_first(struct ctx *ctx)
{
    if (ctx == NULL) { /* it goes on where it was: in a loop, or it is soon done */
        uint32_t i = number();
        begin(i);
        while (t.does[i] == SPINS || t.does[i] == CALLS) {
            t.clock++;
            t.own[i]++;
            if (fake_spend(MACHINE_TICK_NS)) {
                assert_true(may_be_parked(i, t.slice, 2 * t.slice));
                fake_overrun();
            }
        }
        t.in_call[i] = false;
        return CTX_AGAIN;
    }
    if (number() == 0) {
        behave(0, on_log, ctx, NULL);
    }
    return CTX_AGAIN;
}

static int32_t serve(struct ctx *ctx, struct ctx_host_call *call)
{
    behave(number(), on_forward, ctx, call);
    return 0;
}

static int32_t body_overrun_at_once(struct ctx *ctx)
{
    (void)ctx;
    assert_true(fake_spend(MACHINE_TICK_NS));
    fake_overrun();
}

static int32_t body_wrap(struct ctx *ctx)
{
    uint32_t i = number();
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    const char *words = t.in_a_row || i == 1 ? "log.write,log" : "host.forward";
    uint32_t *out = own(ctx, sizeof *out);
    const struct app *child = t.app[t.in_a_row ? 0 : i - 1];
    assert_int_equal(host->open(host, child->pid, out), CTX_OK);
    t.handle[i] = *out;
    void *copy = own_copy(ctx, words, strlen(words) + 1);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, *out, copy, (uint32_t)strlen(words), code, 0), CTX_OK);
    return CTX_AGAIN;
}

static void start(uint32_t depth, bool in_a_row)
{
    t.depth = depth;
    t.in_a_row = in_a_row;
    t.slice = SLICE;
    remember();
    for (uint32_t i = 0; i < depth; i++) {
        char text[80];
        const char *host = in_a_row && i == 0 ? "host=h1,h2,h3,h4,h5,h6,h7" : "";
        if (!in_a_row) {
            static char one[24];
            snprintf(one, sizeof one, "host=h%u", i + 1);
            host = one;
        }
        snprintf(text, sizeof text, "h%u %s " WORDS, i, host);
        t.app[i] = load_v3(text);
    }
    for (uint32_t i = 1; i < depth; i++) {
        call(t.app[i], body_wrap);
    }
    fake.serve = serve;
}

static void end(void)
{
    fake.serve = NULL;
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    all_is_back();
}

/* A frame: each app is called once, and comes back in time. */
static void frame(void)
{
    for (uint32_t i = 0; i < t.depth; i++) {
        uint64_t since = t.clock;
        uint32_t own = t.app[i]->parked != NULL ? SLICE : BUDGET;
        for (uint32_t k = 0; k < t.depth; k++) {
            t.preemptions[k] = t.app[k]->preemptions;
            t.in_call[k] = false;
        }
        call(t.app[i], body_first);
        assert_true(t.clock - since <= (uint64_t)DEPTH * (PATIENCE + 1));
        for (uint32_t k = 0; k < t.depth; k++) {
            uint64_t parked = t.app[k]->preemptions - t.preemptions[k];
            assert_true(parked <= 1 || t.does[i] == CALLS);
            /* Parked at the end of a gate: only whose own time or patience was over. */
            if (t.in_call[k] && parked > 0 && t.app[k]->parked != NULL && k == i) {
                assert_true(may_be_parked(k, own, 2 * own));
            }
            assert_true(!t.in_call[k] || t.app[k]->parked != NULL);
        }
        assert_int_equal(t.app[i]->faults, 0);
    }
}

static void give_up_parked(void)
{
    for (uint32_t i = 0; i < t.depth; i++) {
        app_drop_parked(t.app[i]);
        ready_each_frame(t.app[i]);
    }
}

/* Everything that each level can do: 4^depth chains. */
static void every_chain(uint32_t depth, bool in_a_row)
{
    start(depth, in_a_row);
    uint32_t chains = 1u << 2 * depth;
    for (uint32_t n = 0; n < chains; n++) {
        for (uint32_t i = 0; i < depth; i++) {
            t.does[i] = (enum does)(n >> 2 * i & 3);
        }
        for (uint32_t k = 0; k < 3; k++) {
            frame();
        }
        give_up_parked();
        fake_serial_clear();
    }
    assert_true(t.innermost > 0);
    end();
}

static void hosts_in_a_row(void **state)
{
    (void)state;
    for (uint32_t depth = 1; depth <= 4; depth++) {
        every_chain(depth, true);
    }
}

static void hosts_of_hosts(void **state)
{
    (void)state;
    for (uint32_t depth = 2; depth <= 4; depth++) {
        every_chain(depth, false);
    }
}

/* The deepest ones by chance. */
static void deep_chains(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 2; way++) {
        start(DEPTH, way == 0);
        for (uint32_t n = 0; n < 400; n++) {
            uint64_t r = machine_random();
            for (uint32_t i = 0; i < DEPTH; i++) {
                t.does[i] = (enum does)(r >> 2 * i & 3);
            }
            frame();
            frame();
            give_up_parked();
            fake_serial_clear();
        }
        end();
    }
}

/* It looped for ever, and every host was well within its budget. */
static void an_app_that_loops_in_a_slow_host(void **state)
{
    (void)state;
    start(2, true);
    t.does[0] = CALLS;
    t.does[1] = SLOW;
    uint64_t since = t.clock;
    call(t.app[0], body_first);
    assert_non_null(t.app[0]->parked);
    assert_true(t.clock - since <= PATIENCE + BUDGET);
    assert_int_equal(t.app[1]->preemptions, 0); /* it kept to its time */
    end();
}

/* A slice that took too long, in others' calls, is paid for with frames. */
static void slices_are_a_quarter_of_the_time(void **state)
{
    (void)state;
    start(1, true);
    t.does[0] = SPINS;
    call(t.app[0], body_first);
    struct app *app = t.app[0];
    app->parked->owed_ticks = 7; /* as if a host had taken four slices */
    uint64_t preemptions = app->preemptions;
    for (uint32_t i = 0; i < 4; i++) {
        assert_null(app_call_in_idle(fake.now_ns, fake.now_ns + NSEC_PER_SEC));
        call(app, body_first);
        assert_int_equal(app->preemptions, preemptions);
    }
    call(app, body_first);
    assert_int_equal(app->preemptions, preemptions + 1);
    end();
}

/* Whoever ends the run does not wait for a call that may take a minute. */
static void in_a_hurry(void **state)
{
    (void)state;
    start(1, true);
    t.app[0]->policy.budget_ns = 60 * NSEC_PER_SEC;
    app_hurry(true);
    fake.app = body_overrun_at_once;
    app_call(t.app[0], fake.now_ns);
    assert_non_null(t.app[0]->parked);
    assert_int_equal(t.app[0]->preemptions, 0); /* it did nothing wrong */
    app_hurry(false);
    fake.app = NULL;
    app_drop_parked(t.app[0]);
    end();
}

/* ---- idle time ---- */

static void idle_time_goes_to_parked_calls(void **state)
{
    (void)state;
    start(2, true);
    t.does[0] = SPINS;
    t.does[1] = QUICK;
    uint64_t now = fake.now_ns;
    assert_null(app_call_in_idle(now, now + NSEC_PER_SEC)); /* nothing is parked */
    call(t.app[0], body_first);
    uint32_t slices = t.app[0]->parked->slices;
    fake.app = body_first;
    now = fake.now_ns;
    assert_null(app_call_in_idle(now, now + MACHINE_TICK_NS - 1)); /* too short to be worth it */
    assert_null(app_call_in_idle(now, now - 1));
    t.slice = 1;
    assert_ptr_equal(app_call_in_idle(now, now + MACHINE_TICK_NS), t.app[0]);
    t.slice = SLICE;
    assert_int_equal(fake.now_ns - now, MACHINE_TICK_NS); /* the next frame does not wait */
    uint64_t ticks = 1;
    for (now = fake.now_ns;; now = fake.now_ns) {
        t.slice = MIN(SLICE, t.app[0]->parked->idle_ticks);
        if (app_call_in_idle(now, NEVER_NS) == NULL) {
            break;
        }
        ticks += (fake.now_ns - now) / MACHINE_TICK_NS;
        assert_true(fake.now_ns - now <= APP_SLICE_NS);
    }
    assert_int_equal(ticks, APP_IDLE_NS / MACHINE_TICK_NS); /* then it is a runaway */
    t.slice = SLICE;
    assert_int_equal(t.app[0]->parked->slices,
                     slices); /* what its policy allows is counted in frames */
    fake.app = NULL;
    t.does[0] = QUICK;
    call(t.app[0], body_first); /* it ends after all */
    assert_null(t.app[0]->parked);
    t.does[0] = SPINS;
    call(t.app[0], body_first); /* and the next call has its own ten seconds */
    fake.app = body_first;
    assert_non_null(app_call_in_idle(fake.now_ns, NEVER_NS));
    end();
}

static void idle_time_is_shared(void **state)
{
    (void)state;
    start(2, true);
    t.does[0] = SPINS;
    call(t.app[0], body_first);
    struct app *other = load_v3("other budget=8ms");
    t.app[1] = other;
    t.does[1] = SPINS;
    fake.app = body_first;
    app_call(other, fake.now_ns);
    fake.app = NULL;
    assert_null(other->parked); /* body_first does nothing for it: park it by hand */
    call(other, body_overrun);
    assert_non_null(other->parked);
    uint32_t turns[2] = {0, 0};
    fake.app = body_first;
    for (uint32_t i = 0; i < 100; i++) {
        turns[app_call_in_idle(fake.now_ns, NEVER_NS) == other]++;
    }
    assert_int_equal(turns[0], 50);
    assert_int_equal(turns[1], 50);
    /* One that is paused or has had its share gets none. */
    app_pause(t.app[0], true);
    other->policy.share = 1;
    other->window_ns = fake.now_ns;
    other->window_used_ns = NSEC_PER_SEC;
    assert_null(app_call_in_idle(fake.now_ns, NEVER_NS));
    fake.app = NULL;
    end();
}

static struct {
    uint32_t calls;
    uint64_t at[64];
} frames;

/* The second app is called each frame, and notes when; the first one is slow. */
static int32_t body_frames(struct ctx *ctx)
{
    (void)ctx;
    while (number() == 0) { /* for ever, as long as it is let */
        t.clock++;
        if (fake_spend(MACHINE_TICK_NS)) {
            fake_overrun();
        }
    }
    frames.at[frames.calls++ % ARRAY_COUNT(frames.at)] = fake.now_ns;
    return CTX_AGAIN;
}

static bool enough_frames(void)
{
    return frames.calls == ARRAY_COUNT(frames.at);
}

/* A call that overstays has all idle time, and whoever is called each frame misses none of them. */
static void a_slow_first_call_takes_no_frame_of_the_others(void **state)
{
    const uint64_t frame = 15 * NSEC_PER_MSEC; /* no multiple of ticks or slices */
    (void)state;
    start(2, true);
    fake.app = body_frames;
    frames.calls = 0;
    const uint64_t clock = t.clock, start_ns = fake.now_ns;
    assert_false(loop_run(&(struct loop_options){.frame_ns = frame, .over = enough_frames}));
    for (uint32_t i = 0; i < ARRAY_COUNT(frames.at); i++) {
        /* In its frame, behind what the slow one is given in the same. */
        uint64_t late = i == 0 ? BUDGET * MACHINE_TICK_NS : APP_SLICE_NS + MACHINE_TICK_NS;
        assert_in_range(frames.at[i], start_ns + i * frame, start_ns + i * frame + late);
    }
    uint64_t ticks = (fake.now_ns - start_ns) / MACHINE_TICK_NS;
    assert_true(t.clock - clock >= ticks * 3 / 4); /* hardly any time was left over */
    fake.app = NULL;
    end();
}

static void held_until_released(void **state)
{
    (void)state;
    start(2, true);
    t.does[0] = SPINS;
    t.does[1] = QUICK;
    assert_int_equal(app_hold_parked(), 0);
    uint64_t work = app_work_ns();
    fake.now_ns += NSEC_PER_SEC; /* nobody is at work */
    assert_int_equal(app_work_ns(), work);
    call(t.app[0], body_first);
    assert_int_equal(app_work_ns(), work + t.app[0]->policy.budget_ns);
    assert_int_equal(app_hold_parked(), 1);
    t.does[0] = QUICK;
    call(t.app[0], body_first); /* its call ends */
    assert_int_equal(app_hold_parked(), 0);
    uint64_t calls = t.app[0]->calls;
    call(t.app[0], body_first);
    assert_int_equal(t.app[0]->calls, calls); /* so that it is found between two calls */
    assert_int_equal(t.app[0]->turn.where, TURN_FRAME);
    call(t.app[1], body_again);
    assert_int_equal(t.app[1]->calls, 2);
    app_release_held();
    call(t.app[0], body_first);
    assert_int_equal(t.app[0]->calls, calls + 1);
    t.does[0] = SPINS;
    call(t.app[0], body_first);
    app_pause(t.app[0], true); /* nobody waits for one that will not end */
    assert_int_equal(app_hold_parked(), 0);
    assert_false(t.app[0]->held);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_app_that_loops_in_a_slow_host),
        cmocka_unit_test(hosts_in_a_row),
        cmocka_unit_test(hosts_of_hosts),
        cmocka_unit_test(deep_chains),
        cmocka_unit_test(slices_are_a_quarter_of_the_time),
        cmocka_unit_test(in_a_hurry),
        cmocka_unit_test(idle_time_goes_to_parked_calls),
        cmocka_unit_test(idle_time_is_shared),
        cmocka_unit_test(a_slow_first_call_takes_no_frame_of_the_others),
        cmocka_unit_test(held_until_released),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
