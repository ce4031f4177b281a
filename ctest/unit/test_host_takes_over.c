/* SPDX-License-Identifier: MIT */
/*
 * A host takes hold of an app that neither was started by it nor names it: only by over= on its own
 * line. And what becomes of calls where the host has no answer and only looked on.
 */
#include "app_words.h"
#include "host_fixture.h"
#include "image_taken.h"
#include "isolate.h"

/* Of make_elf(): where its code is in the file. */
#define CODE_AT   0x1000u
#define CODE_SIZE 0x100u

#define OVER      "host grant=ctx.host/1 over="

/* What opening a child of this name says to a host of this line. */
static ctx_status opens(struct app *host, struct app *child)
{
    t.host = host;
    t.child = child;
    t.words = "time";
    call(host, body_wrap);
    return t.open;
}

static void whom_the_word_means(void **state)
{
    (void)state;
    static const struct {
        const char *host, *child;
        ctx_status open;
    } table[] = {
        {OVER "child", "child", CTX_OK},
        {OVER "other,child", "child", CTX_OK},
        {OVER "other over=child", "child", CTX_OK},
        {OVER "*", "child", CTX_OK},
        {OVER "chi*", "child", CTX_OK},
        {OVER "Child\xc3\xa4!", "Child\xc3\xa4!", CTX_OK},
        {OVER "child", "child2", CTX_E_DENIED},
        {OVER "child2", "child", CTX_E_DENIED},
        {OVER "child*", "chil", CTX_E_DENIED},
        {OVER "host", "child", CTX_E_DENIED},
        {OVER "child,", "child", CTX_E_DENIED}, /* a bad list gives nothing */
        {"host grant=ctx.host/1", "child", CTX_E_DENIED},
        {"host grant=ctx.host/1", "child over=host", CTX_E_DENIED}, /* not on the child's line */
        {"host grant=ctx.host/1 use=*,child/1", "child", CTX_E_DENIED},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        memset(&t, 0, sizeof t);
        remember();
        fake_serial_clear();
        struct app *child = load(table[i].child), *host = load_v3(table[i].host);
        assert_text(app_text(host->arguments), "");
        assert_int_equal(opens(host, child), table[i].open);
        assert_int_equal(fake_said("takes-over name="), table[i].open == CTX_OK);
        app_unload(child);
        app_unload(host);
        all_is_back();
    }
}

/* Without the grant of the table the word is worth nothing. */
static void the_word_alone_opens_no_table(void **state)
{
    (void)state;
    struct app *host = load_v3("host over=*");
    assert_int_equal(host->grants, 0);
    app_unload(host);
}

static struct app *start_from(const struct app *parent, const char *text)
{
    struct app *app = NULL;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    assert_int_equal(app_load_child(parent, m.bytes, m.len, "made", text, &app), CTX_OK);
    return app;
}

static void a_child_gets_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *parent, *host;
        ctx_status open;
        const char *said;
    } table[] = {
        {"boss trusted over=victim", OVER "victim", CTX_OK, NULL},
        {"boss trusted over=vic*", OVER "victim", CTX_OK, NULL},
        {"boss trusted over=*", OVER "v*", CTX_OK, NULL},
        {"boss trusted over=victim", OVER "*", CTX_E_DENIED,
         "host: over=*: who started it has not got that"},
        {"boss trusted over=victim2", OVER "victim", CTX_E_DENIED,
         "host: over=victim: who started it"},
        {"boss trusted", OVER "victim", CTX_E_DENIED, "host: over=victim: who started it"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        memset(&t, 0, sizeof t);
        remember();
        fake_serial_clear();
        struct app *victim = load("victim"), *boss = load_v3(table[i].parent);
        boss->grants = UINT64_C(1) << CTX_TABLE_HOST;
        struct app *host = start_from(boss, table[i].host);
        assert_int_equal(opens(host, victim), table[i].open);
        assert_true(table[i].said == NULL || fake_said(table[i].said));
        app_unload(victim);
        app_unload(boss);
        app_unload(host);
        all_is_back();
    }
}

/* Code that is verified, for isolate=require. */
static struct app *load_nops(const char *text)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    memset(m.bytes + CODE_AT, 0x90, CODE_SIZE);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", text);
    assert_non_null(app);
    assert_true(app->verified);
    return app;
}

/* Images: whom it may take over comes along, no further than who restores it may, and under
 * isolate=require the boot line decides. */
static void it_comes_back(void **state)
{
    (void)state;
    static const struct {
        const char *by, *line;
        ctx_status open;
    } table[] = {
        {NULL, NULL, CTX_OK},
        {"boss trusted over=victim", NULL, CTX_OK},
        {"boss trusted over=other", NULL, CTX_E_DENIED},
        {NULL, "host grant=ctx.host/1", CTX_E_DENIED}, /* under require */
        {NULL, OVER "victim", CTX_OK},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        struct app *victim = load("victim");
        struct app *boss = table[i].by != NULL ? load_v3(table[i].by) : NULL;
        struct app *host = load_nops(OVER "victim");
        take(host, 0);
        app_unload(host);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        if (boss != NULL) {
            boss->grants = UINT64_C(1) << CTX_TABLE_HOST;
        }
        if (table[i].line != NULL) {
            isolate_set_mode(ISOLATE_REQUIRE);
            assert_int_equal(isolate_allow("made", table[i].line), CTX_OK);
        }
        ctx_status status = app_restore(&f.image, "made.img", boss, &host, &f.error);
        isolate_set_mode(ISOLATE_PREFER);
        assert_int_equal(status, CTX_OK);
        assert_int_equal(opens(host, victim), table[i].open);
        app_unload(host);
        app_unload(victim);
        if (boss != NULL) {
            app_unload(boss);
        }
    }
}

/* ---- the child is in the middle of something ---- */

static int32_t body_nothing(struct ctx *ctx)
{
    (void)ctx;
    return CTX_AGAIN;
}

static int32_t child_overruns(struct ctx *ctx)
{
    (void)ctx;
    assert_true(fake_spend(APP_BUDGET_NS));
    fake_overrun();
}

/* Set aside in its own code: it is taken, its memory can be read but not written, and what it calls
 * when it goes on is wrapped. */
static void a_parked_app(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.forwards = 1;
    remember();
    struct app *child = load_v3("child"), *host = load_v3(OVER "child");
    call(child, child_overruns);
    assert_non_null(child->parked);
    assert_int_equal(opens(host, child), CTX_OK);
    assert_int_equal(t.wrap, CTX_OK);
    fake.serve = serve_identity;
    call(child, body_nothing); /* its parked call ends first */
    assert_null(child->parked);
    call(child, child_status);
    assert_int_equal(t.served, 1);
    assert_int_equal(t.child_status, CTX_OK);
    end();
}

/* ---- hosts that only look on ---- */

static ctx_status let_pass, let_pass_on;

static int32_t body_let_pass(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    assert_int_equal(host->let_pass(host, t.handle, 2), CTX_E_INVAL);
    assert_int_equal(host->let_pass(host, t.handle + 1, 1), CTX_E_NOENT);
    let_pass = host->let_pass(host, t.handle, (uint32_t)let_pass_on);
    ctx->time->wake_at(ctx->time, 5000 * NSEC_PER_SEC);
    return CTX_WAIT;
}

static void look_on(bool on)
{
    let_pass_on = on;
    call(t.host, body_let_pass);
    assert_int_equal(let_pass, CTX_OK);
}

static int32_t serve_forward_and_fault(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)serve_identity(ctx, call);
    call->result = 1234;
    fake_fault(14, 0x18);
}

static int32_t serve_overrun(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    (void)call;
    t.served++;
    assert_true(fake_spend(APP_BUDGET_NS));
    fake_overrun();
}

static int32_t serve_forward_and_overrun(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)serve_identity(ctx, call);
    assert_true(fake_spend(APP_BUDGET_NS));
    fake_overrun();
}

static uint64_t blocks_before, blocks_after;

/* Two allocs in a row are 32 bytes apart where each was done once. */
static int32_t child_allocs(struct ctx *ctx)
{
    void *a = ctx->alloc(32, 16), *b = ctx->alloc(32, 16);
    blocks_before = (uint64_t)(uintptr_t)a;
    blocks_after = (uint64_t)(uintptr_t)b;
    return 0;
}

/* Whatever the host does, the child gets what it would have got alone, once. */
static void calls_go_on_without_a_host_that_fails(void **state)
{
    (void)state;
    typedef int32_t serve_fn(struct ctx * ctx, struct ctx_host_call * call);
    static serve_fn *const ways[] = {serve_fault, serve_forward_and_fault, serve_overrun,
                                     serve_forward_and_overrun};
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        start("alloc", false);
        look_on(true);
        fake.serve = ways[i];
        call(t.child, child_allocs);
        assert_int_equal(blocks_after - blocks_before, 32);
        assert_int_equal(t.child->faults, 0);
        if (i < 2) {
            assert_int_equal(t.host->faults, 2);
        } else {
            assert_non_null(t.host->parked);
        }
        assert_null(t.child->parked);
        end();
    }
}

static void it_is_told_how_many_it_missed(void **state)
{
    (void)state;
    start("time", true);
    look_on(true);
    fake.serve = serve_overrun;
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    fake.serve = serve_identity;
    call(t.child, child_status); /* it is busy still */
    assert_int_equal(t.child_status, CTX_OK);
    call(t.host, body_nothing);
    assert_null(t.host->parked);
    call(t.child, child_status);
    assert_int_equal(t.seen.passed, 2);
    assert_int_equal(t.seen.pid, t.child->pid);
    assert_int_equal(t.seen.kinds[0], CTX_ARG_OUT8);
    assert_int_equal(t.seen.kinds[1], 0);
    call(t.child, child_status);
    assert_int_equal(t.seen.passed, 0);
    app_pause(t.host, true);
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    app_pause(t.host, false);
    look_on(false); /* and then it stays shut again */
    app_pause(t.host, true);
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE);
    app_pause(t.host, false);
    end();
}

static void a_host_that_goes_lets_go(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 3; way++) {
        start("time", true);
        look_on(true);
        if (way == 0) {
            app_unload(t.host);
        } else {
            app_set_fate(t.host, way == 1 ? FATE_STOP : FATE_RESTART, fake.now_ns);
            app_settle();
        }
        assert_null(t.child->links);
        call(t.child, child_status);
        assert_int_equal(t.child_status, CTX_OK);
        assert_int_equal(t.served, 0);
        fake.serve = NULL;
        app_unload(t.child);
        if (way != 0) {
            app_unload(t.host);
        }
        all_is_back();
    }
}

/* A sandbox below one that looks on stays shut: what passes goes to the next one. */
static void what_passes_goes_to_the_next_host(void **state)
{
    (void)state;
    start("time", true);
    struct app *jailer = t.host, *child = t.child;
    struct app *looker = load_v3("looker grant=ctx.host/1 over=child");
    assert_int_equal(opens(looker, child), CTX_OK);
    look_on(true);
    app_pause(looker, true);
    call(child, child_status);
    assert_int_equal(t.served, 1); /* the jailer was asked */
    app_pause(jailer, true);
    call(child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE);
    app_pause(looker, false);
    call(child, child_status);
    assert_int_equal(t.child_status, CTX_E_STALE); /* forward says so too */
    app_pause(jailer, false);
    app_unload(looker);
    t.host = jailer;
    end();
}

/* ---- rest ---- */

static uint64_t rest_for;
static ctx_status rest_status;

static int32_t body_rest(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    rest_status = host->rest(host, t.handle, rest_for);
    return CTX_AGAIN;
}

static ctx_status rest(uint64_t ns)
{
    rest_for = ns;
    call(t.host, body_rest);
    return rest_status;
}

static bool is_called(struct app *app, uint64_t now)
{
    uint64_t calls = app->calls;
    fake.app = child_status;
    app_call(app, now);
    fake.app = NULL;
    return app->calls != calls;
}

static void a_child_that_rests(void **state)
{
    (void)state;
    for (uint32_t v3 = 0; v3 < 2; v3++) {
        start("display", true);
        struct app *child = t.child;
        uint64_t now = fake.now_ns;
        assert_int_equal(rest(20 * NSEC_PER_MSEC), CTX_OK);
        assert_int_equal(rest(10 * NSEC_PER_MSEC), CTX_OK); /* they add up */
        if (v3 != 0) { /* and who waits is called when it is over */
            assert_int_equal(ready_wait(child, now + 1), CTX_OK);
        }
        assert_false(is_called(child, now));
        assert_int_equal(child->turn.where, v3 != 0 ? TURN_WAITING : TURN_FRAME);
        assert_false(is_called(child, child->rest_ns - 1));
        assert_true(child->rest_ns - now >= 30 * NSEC_PER_MSEC);
        assert_true(is_called(child, child->rest_ns));
        assert_true(is_called(child, child->rest_ns - 1)); /* once over it is over */
        assert_int_equal(rest(60 * NSEC_PER_SEC), CTX_OK);
        assert_int_equal(rest(NSEC_PER_SEC), CTX_E_RANGE);
        assert_int_equal(rest(UINT64_MAX), CTX_E_RANGE);
        assert_int_equal(rest(0), CTX_OK);
        assert_true(is_called(child, fake.now_ns));
        assert_int_equal(rest(60 * NSEC_PER_SEC + 1), CTX_E_RANGE);
        end();
    }
}

/* As many links as there may be, none of which answers: a loop, not a recursion. */
static int32_t body_many(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    void *words = own_copy(ctx, "trace", 6);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    uint32_t count = 0;
    while (host->open(host, t.child->pid, out) == CTX_OK) {
        assert_int_equal(host->wrap(host, *out, words, 5, code, 0), CTX_OK);
        assert_int_equal(host->let_pass(host, *out, 1), CTX_OK);
        count++;
    }
    assert_int_equal(count, 1023);
    return CTX_AGAIN;
}

static void a_thousand_that_look_on(void **state)
{
    (void)state;
    start("time", true);
    look_on(true);
    call(t.host, body_many);
    app_pause(t.host, true);
    call(t.child, child_status);
    assert_int_equal(t.child_status, CTX_OK);
    app_pause(t.host, false);
    end();
}

/* A link that lets calls pass is in no image: what comes back is open. */
static void no_image_has_it(void **state)
{
    (void)state;
    for (uint32_t on = 0; on < 2; on++) {
        start("time", true);
        look_on(on != 0);
        take(t.child, 0);
        app_unload(t.child);
        app_unload(t.host);
        t.child = bring_back();
        call(t.child, child_status);
        assert_int_equal(t.child_status, on != 0 ? CTX_OK : CTX_E_STALE);
        fake.serve = NULL;
        app_unload(t.child);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whom_the_word_means),
        cmocka_unit_test(the_word_alone_opens_no_table),
        cmocka_unit_test(a_child_gets_no_more),
        cmocka_unit_test(it_comes_back),
        cmocka_unit_test(a_parked_app),
        cmocka_unit_test(calls_go_on_without_a_host_that_fails),
        cmocka_unit_test(it_is_told_how_many_it_missed),
        cmocka_unit_test(a_host_that_goes_lets_go),
        cmocka_unit_test(what_passes_goes_to_the_next_host),
        cmocka_unit_test(a_child_that_rests),
        cmocka_unit_test(a_thousand_that_look_on),
        cmocka_unit_test(no_image_has_it),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
