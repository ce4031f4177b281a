/* SPDX-License-Identifier: MIT */
/* What becomes of apps that misbehave: words, and decisions. */
#include "app_words.h"
#include "policy_fixture.h"

/* ---- words ---- */

static void words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool good;
        uint64_t value;
    } table[] = {
        {"restart=never", true, CTX_RESTART_NEVER},
        {"restart=on-fault", true, CTX_RESTART_ON_FAULT},
        {"restart=always", true, CTX_RESTART_ALWAYS},
        {"restart=undo", true, CTX_RESTART_UNDO},
        {"restart=ask", true, CTX_RESTART_ASK},
        {"restart=on-fault:5", true, CTX_RESTART_ON_FAULT | 5u << 8},
        {"restart=always:4294967295", true, CTX_RESTART_ALWAYS | UINT64_C(4294967295) << 8},
        {"restart=", false, 0},
        {"restart=on", false, 0},
        {"restart=on-faults", false, 0},
        {"restart=on-fault:", false, 0},
        {"restart=on-fault:0", false, 0},
        {"restart=on-fault:x", false, 0},
        {"restart=on-fault:5x", false, 0},
        {"restart=on-fault:4294967296", false, 0},
        {"restart=on-fault:99999999999999999999999", false, 0},
        {"overrun=keep", true, OVERRUN_KEEP},
        {"overrun=stop:3", true, OVERRUN_STOP | 3u << 8},
        {"overrun=restart:1", true, OVERRUN_RESTART | 1u << 8},
        {"overrun=stop", true, OVERRUN_STOP},
        {"overrun=", false, 0},
        {"overrun=stop:-1", false, 0},
        {"overrun=Stop", false, 0},
        {"budget=2ms", true, 2 * MS},
        {"budget=60s", true, 60 * SECOND},
        {"budget=1ms", false, 0},
        {"budget=61s", false, 0},
        {"budget=100", false, 0},
        {"budget=", false, 0},
        {"budget=ms", false, 0},
        {"budget=10us", false, 0},
        {"budget=10msx", false, 0},
        {"budget=18446744073709551617ms", false, 0},
        {"share=1%", true, 1},
        {"share=99%", true, 99},
        {"share=100%", true, 0}, /* no limit */
        {"share=0%", false, 0},
        {"share=101%", false, 0},
        {"share=50", false, 0},
        {"share=%", false, 0},
        {"mem=128K", true, 32},
        {"mem=4095K", true, 1023},
        {"mem=16M", true, 4096},
        {"mem=2G", true, 524288},
        {"mem=4294967295G", true, 1u << 20}, /* as much as a slot has addresses */
        {"mem=1K", false, 0},
        {"mem=16", false, 0},
        {"mem=0M", false, 0},
        {"mem=16T", false, 0},
        {"mem=", false, 0},
        {"log=1", true, 1},
        {"log=4294967295", true, 4294967295},
        {"log=0", false, 0},
        {"log=-1", false, 0},
        {"log=5/s", false, 0},
        {"critical", true, 1},
    };
    remember();
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        char text[80];
        fake_serial_clear();
        snprintf(text, sizeof text, "app one %s two", table[i].word);
        struct app *app = load(text);
        struct app *other = load("other");
        const struct app_policy *p = &app->policy, *q = &other->policy;
        assert_text(app_text(app->arguments), "one two"); /* never the app's, good or bad */
        assert_int_equal(fake_said("it takes"), !table[i].good);
        if (!table[i].good) { /* the default stays */
            assert_memory_equal(p, q, sizeof *p);
            assert_int_equal(app->quota_pages, other->quota_pages);
        } else if (table[i].word[0] == 'r') {
            assert_int_equal(p->restart, table[i].value & 0xff);
            assert_true((table[i].value >> 8 == 0 ? q->restart_limit : table[i].value >> 8) ==
                        p->restart_limit);
        } else if (table[i].word[0] == 'o') {
            assert_int_equal(p->overrun, table[i].value & 0xff);
            assert_true((table[i].value >> 8 == 0 ? q->overrun_limit : table[i].value >> 8) ==
                        p->overrun_limit);
        } else {
            const uint64_t values[] = {['b' - 'a'] = p->budget_ns,
                                       ['s' - 'a'] = p->share,
                                       ['m' - 'a'] = app->quota_pages,
                                       ['l' - 'a'] = p->log_per_second,
                                       ['c' - 'a'] = p->critical};
            assert_int_equal(values[table[i].word[0] - 'a'], table[i].value);
        }
        app_unload(other);
        gone(app);
    }
}

/* Words that only look like ours are the app's. */
static void words_of_others(void **state)
{
    (void)state;
    struct app *app = load("app restart overrun critical= criticality xlog=1 shared=5% memory=1M");
    assert_text(app_text(app->arguments),
                "restart overrun critical= criticality xlog=1 shared=5% memory=1M");
    assert_false(app->policy.critical);
    app_unload(app);
}

/* A note with a tag of any length. */
static void note_tag(uint16_t tag, const void *payload, uint16_t len)
{
    uint64_t size;
    make_note(&m, tag, 0);
    memcpy(&size, m.bytes + PH(MADE_NOTE) + P_FILESZ, 8);
    uint64_t at = MADE_NOTE_AT + size - 24;
    uint32_t padded = 4 + ((uint32_t)len + 3) / 4 * 4;
    make_put(&m, at + 4, padded, 4);
    make_put(&m, at + 18, len, 2);
    memset(m.bytes + at + 20, 0, padded - 4);
    memcpy(m.bytes + at + 20, payload, len);
    size = size - 24 + 16 + padded;
    make_put(&m, PH(MADE_NOTE) + P_FILESZ, size, 8);
    make_put(&m, PH(MADE_NOTE) + P_MEMSZ, size, 8);
}

static struct app *load_made(const char *text)
{
    struct app *app = app_load(m.bytes, m.len, "made.elf", text);
    assert_non_null(app);
    return app;
}

static void notes(void **state)
{
    (void)state;
    remember();
    const uint64_t budget[][2] = {
        {30 * MS, 30 * MS}, {1, 2 * MS}, {UINT64_MAX, 250 * MS}}; /* others wait meanwhile */
    for (size_t i = 0; i < ARRAY_COUNT(budget); i++) {
        make_elf(&m);
        make_note(&m, CTX_NOTE_RESTART, CTX_RESTART_ALWAYS);
        note_tag(CTX_NOTE_BUDGET, &budget[i][0], 8);
        note_tag(CTX_NOTE_CRITICAL, "", 0);
        struct app *app = load_made("app");
        assert_int_equal(app->policy.restart, CTX_RESTART_ALWAYS);
        assert_int_equal(app->policy.budget_ns, budget[i][1]);
        assert_true(app->policy.critical);
        app_unload(app);
        app = load_made("app restart=never budget=5ms"); /* the boot line has the last word */
        assert_int_equal(app->policy.restart, CTX_RESTART_NEVER);
        assert_int_equal(app->policy.budget_ns, 5 * MS);
        gone(app);
    }
    make_elf(&m);
    make_note(&m, CTX_NOTE_RESTART, 77); /* from a later version */
    struct app *app = load_made("app");
    assert_int_equal(app->policy.restart, CTX_RESTART_NEVER);
    assert_false(app->policy.critical);
    gone(app);
}

/* ---- faults ---- */

static void three_faults_and_never(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app");
    turn(app, body_fault);
    turn(app, body_fault);
    turn(app, body_again); /* a good one in between: it counts anew */
    turn(app, body_fault);
    turn(app, body_fault);
    assert_int_not_equal(app->base, 0);
    turn(app, body_fault);
    assert_true(app->stopped);
    assert_int_equal(app->base, 0);
    assert_int_equal(app->turn.where, TURN_NONE);
    assert_int_equal(app_asked(), APP_ASKS_NOTHING);
    gone(app);
}

/* 100 ms, doubled each time up to 10 s; as often as the limit says. */
static void back_off(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app restart=on-fault:10");
    uint64_t pause = 100 * MS;
    for (uint32_t i = 0; i < 10; i++) {
        turn(app, body_fault);
        assert_int_equal(app->turn.deadline_ns - fake.now_ns, MIN(pause, 10 * SECOND));
        assert_false(app->stopped);
        restart_now(app);
        assert_int_equal(app->restarts, i + 1);
        pause *= 2;
    }
    turn(app, body_fault);
    assert_true(app->stopped);
    assert_true(fake_said("10 restarts did not help"));
    gone(app);
}

static void a_good_run_is_forgiven(void **state)
{
    (void)state;
    struct app *app = load_v3("app restart=on-fault:3");
    for (uint32_t i = 0; i < 3; i++) {
        turn(app, body_fault);
        restart_now(app);
    }
    fake.now_ns += 10 * SECOND - 1; /* not quite */
    turn(app, body_fault);
    assert_true(app->stopped);
    app_unload(app);
    app = load_v3("app restart=on-fault:3");
    for (uint32_t i = 0; i < 3; i++) {
        turn(app, body_fault);
        restart_now(app);
    }
    fake.now_ns += 10 * SECOND;
    turn(app, body_fault);
    assert_int_equal(app->turn.deadline_ns - fake.now_ns, 100 * MS);
    restart_now(app);
    app_unload(app);
}

/* An app that can not begin anew for want of memory: later each time, and not for ever, however
 * long it ran well before. */
static void no_memory_to_begin_anew(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app restart=on-fault");
    fake.now_ns += 60 * SECOND;
    turn(app, body_fault);
    fake.allocs_left = 0;
    uint32_t tries = 0;
    uint64_t pause = 100 * MS;
    while (!app->stopped && tries++ < 50) {
        assert_int_equal(app->turn.deadline_ns - fake.now_ns, MIN(pause, 10 * SECOND));
        pause *= 2;
        restart_now(app);
    }
    fake.allocs_left = FAKE_ALWAYS;
    assert_int_equal(tries, 8);
    assert_true(app->stopped);
    gone(app);
}

static void always(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app restart=always:2");
    uint64_t pid = app->pid;
    for (uint32_t i = 0; i < 2; i++) {
        turn(app, body_exit);
        assert_ptr_equal(app_find(pid), app);
        restart_now(app);
    }
    turn(app, body_exit);
    assert_true(app->stopped); /* its limit */
    gone(app);
    app = load_v3("app restart=on-fault");
    pid = app->pid;
    turn(app, body_exit); /* that is no fault */
    assert_null(app_find(pid));
    all_is_back();
}

static void critical(void **state)
{
    (void)state;
    struct app *app = load_v3("app critical");
    turn(app, body_fault);
    turn(app, body_fault);
    assert_int_equal(app_asked(), APP_ASKS_NOTHING);
    turn(app, body_fault);
    assert_int_equal(app_asked(), APP_ASKS_END);
    app_unload(app);
    app_ask(NULL, APP_ASKS_END); /* says nothing, so it needs nobody */
    app = load_v3("app critical");
    struct app *harmless = load_v3("harmless");
    app_ask(harmless, APP_ASKS_NOTHING);
    turn(harmless, body_exit);
    assert_int_equal(app_asked(), APP_ASKS_NOTHING);
    turn(app, body_exit);
    assert_int_equal(app_asked(), APP_ASKS_END);
    app = load_v3("app critical restart=on-fault:1");
    app_ask(app, APP_ASKS_NOTHING);
    turn(app, body_fault);
    restart_now(app);
    assert_int_equal(app_asked(), APP_ASKS_NOTHING); /* it came back */
    turn(app, body_fault);
    assert_int_equal(app_asked(), APP_ASKS_END);
    app_ask(app, APP_ASKS_NOTHING);
    app_unload(app);
}

/* ---- overruns ---- */

static void overruns(void **state)
{
    (void)state;
    remember();
    struct app *keep = load_v3("keep"), *stop = load_v3("stop overrun=stop:4");
    struct app *again = load_v3("again overrun=restart:2 restart=never:3");
    for (uint32_t i = 1; i <= 20; i++) {
        turn(keep, body_overrun);
        assert_non_null(keep->parked);
    }
    assert_false(keep->stopped);
    for (uint32_t i = 1; i <= 4; i++) {
        assert_false(stop->stopped);
        turn(stop, body_overrun);
    }
    assert_true(stop->stopped);
    assert_null(stop->parked);
    for (uint32_t i = 0; i < 3; i++) {
        turn(again, body_overrun);
        turn(again, body_again); /* it ended: the slices count anew */
        turn(again, body_overrun);
        assert_non_null(again->parked);
        turn(again, body_overrun);
        restart_now(again);
        assert_null(again->parked);
    }
    turn(again, body_overrun);
    turn(again, body_overrun);
    assert_true(again->stopped);
    app_unload(again);
    app_unload(stop);
    gone(keep);
}

static int32_t body_returns_wait(struct ctx *ctx)
{
    (void)ctx;
    return CTX_WAIT;
}

/* What apps of version 2 return has no meaning, however long they took. */
static void a_late_return_of_version_2_is_no_answer(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    for (uint32_t i = 0; i < 2; i++) {
        turn(app, body_overrun);
        assert_non_null(app->parked);
        turn(app, i == 0 ? body_returns_wait : body_exit);
        assert_null(app->parked);
        assert_false(app->stopped);
        assert_int_equal(app->turn.where, TURN_FRAME);
    }
    gone(app);
}

/* The budget counts in ticks of 2 ms. */
static bool was_too_long;
static uint64_t spend_ns;
static int32_t body_spend(struct ctx *ctx)
{
    (void)ctx;
    was_too_long = fake_spend(spend_ns);
    return CTX_AGAIN;
}

static void budgets(void **state)
{
    (void)state;
    struct app *app = load_v3("app budget=30ms");
    spend_ns = 28 * MS;
    turn(app, body_spend);
    assert_false(was_too_long);
    spend_ns = 30 * MS;
    turn(app, body_spend);
    assert_true(was_too_long);
    app_unload(app);
}

/* ---- shares ---- */

static void share_of(uint32_t percent, uint64_t each_ns)
{
    char text[40];
    snprintf(text, sizeof text, "app budget=60s share=%u%%", percent);
    struct app *app = load_v3(text);
    uint64_t from = fake.now_ns, had = 0, turns = 0;
    spend_ns = each_ns;
    for (uint64_t frame = from; fake.now_ns < from + 20 * SECOND; frame += 16 * MS) {
        uint64_t calls = app->calls;
        fake.now_ns = MAX(fake.now_ns, frame);
        turn(app, body_spend);
        had += (app->calls - calls) * each_ns;
        turns += app->calls - calls;
    }
    /* Its share over time, but for one call more and one window at the start. */
    uint64_t most = (fake.now_ns - from) * percent / 100 + each_ns + 100 * MS;
    assert_true(had <= most);
    assert_true(turns > 0);
    if (each_ns >= 16 * MS * percent / 100 * 2) { /* it wants more than that: it gets all of it */
        assert_true(had >= (fake.now_ns - from) * percent / 100 * 8 / 10);
    }
    app_unload(app);
}

static void shares(void **state)
{
    (void)state;
    static const uint32_t percents[] = {1, 5, 10, 25, 50, 99};
    for (size_t i = 0; i < ARRAY_COUNT(percents); i++) {
        share_of(percents[i], 2 * MS);
        share_of(percents[i], 10 * MS);
        share_of(percents[i], 150 * MS);
    }
    /* Without a limit, in each frame. */
    struct app *app = load_v3("app");
    spend_ns = 50 * MS;
    for (uint32_t i = 0; i < 100; i++) {
        turn(app, body_spend);
    }
    assert_int_equal(app->calls, 100);
    app_unload(app);
}

/* One that waits is put off in the same way. */
static void share_of_one_that_waits(void **state)
{
    (void)state;
    struct app *app = load_v3("app share=10% budget=60s");
    spend_ns = 50 * MS;
    turn(app, body_spend);
    ready_remove(app);
    turn(app, body_spend);
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->turn.where, TURN_WAITING);
    assert_int_equal(app->turn.deadline_ns, app->window_ns + 500 * MS);
    app_unload(app);
}

/* ---- the log ---- */

static uint32_t lines;
static int32_t body_log(struct ctx *ctx)
{
    char *text = own_copy(ctx, "hello", 6);
    for (uint32_t i = 0; i < lines; i++) {
        ctx->log((const uint8_t *)text, 5);
    }
    ctx->mem->free(ctx->mem, text, 6, 16);
    return CTX_AGAIN;
}

static int32_t body_wrong(struct ctx *ctx)
{
    uint8_t *gap = (uint8_t *)(uintptr_t)(app_current()->base + CTX_SLOT_HEAP_END - 64);
    for (uint32_t i = 0; i < lines; i++) {
        ctx->log((const uint8_t *)"not in its slot", 5);
        ctx->log(gap, 5);
        ctx->dealloc(gap, 5, 16);
        (void)ctx->alloc(UINT64_C(1) << 31, 16);
        void *one = ctx->alloc(5, 16);
        ctx->dealloc(one, 6, 16);
        ctx->dealloc(one, 5, 16);
    }
    return CTX_AGAIN;
}

/* What it does wrong is told, but no more of it than it might say itself. */
static void complaints_count_as_lines(void **state)
{
    (void)state;
    static const char *const each[] = {"are not its memory", "can not be read",
                                       "nothing was allocated", "no memory for alloc",
                                       "but it was allocated with"};
    struct app *app = load_v3("app log=10");
    fake.now_ns += SECOND;
    fake_serial_clear();
    lines = 100;
    turn(app, body_wrong);
    uint32_t said = 0;
    for (size_t i = 0; i < ARRAY_COUNT(each); i++) {
        assert_true(fake_said(each[i]));
        said += fake_said_times(each[i]);
    }
    assert_int_equal(said, 39); /* four seconds' worth */
    assert_int_equal(app->log.dropped, ARRAY_COUNT(each) * lines - said);
    app_unload(app);
}

static void log_rate(void **state)
{
    (void)state;
    struct app *app = load_v3("app log=10");
    fake.now_ns += SECOND;
    fake_serial_clear();
    lines = 100;
    turn(app, body_log);
    uint32_t burst = fake_said_times(": hello");
    assert_int_equal(burst, 39); /* four seconds' worth */
    assert_int_equal(app->log.dropped, 100 - burst);
    assert_false(fake_said("lines dropped"));
    lines = 1;
    fake_serial_clear();
    turn(app, body_log);
    assert_false(fake_said(": hello"));
    fake.now_ns += 50 * MS; /* room for one */
    turn(app, body_log);
    turn(app, body_log);
    assert_int_equal(fake_said_times(": hello"), 1);
    assert_int_equal(app->log.dropped, 100 - burst + 2);
    char text[60];
    snprintf(text, sizeof text, " W app: app#%lu: %u lines dropped: more than 10 per second",
             (unsigned long)app->pid, 101 - burst);
    assert_true(fake_said(text));
    /* Told once: nothing more was dropped since, but the last line of above. */
    fake_serial_clear();
    fake.now_ns += SECOND;
    turn(app, body_log);
    assert_true(fake_said(": 1 lines dropped"));
    fake_serial_clear();
    turn(app, body_log);
    assert_false(fake_said("dropped"));
    /* Over a minute: its rate. */
    lines = 3;
    fake_serial_clear();
    for (uint32_t i = 0; i < 600; i++) {
        fake.now_ns += 100 * MS;
        turn(app, body_log);
    }
    assert_in_range(fake_said_times(": hello"), 595, 645);
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(words_of_others),
        cmocka_unit_test(notes),
        cmocka_unit_test(three_faults_and_never),
        cmocka_unit_test(back_off),
        cmocka_unit_test(a_good_run_is_forgiven),
        cmocka_unit_test(no_memory_to_begin_anew),
        cmocka_unit_test(always),
        cmocka_unit_test(critical),
        cmocka_unit_test(overruns),
        cmocka_unit_test(a_late_return_of_version_2_is_no_answer),
        cmocka_unit_test(budgets),
        cmocka_unit_test(shares),
        cmocka_unit_test(share_of_one_that_waits),
        cmocka_unit_test(complaints_count_as_lines),
        cmocka_unit_test(log_rate),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
