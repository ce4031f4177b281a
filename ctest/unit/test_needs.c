/* SPDX-License-Identifier: MIT */
/* Boot order does not matter: an app whose note requires an interface waits until somebody offers
 * it, and is told of aloud when nobody does. */
#include "app_words.h"
#include "image_taken.h"
#include "needs.h"
#include "policy_fixture.h"
#include "service_fixture.h"

#define A12 ((uint32_t)'a' | (uint32_t)'/' << 8 | (uint32_t)'1' << 16 | (uint32_t)'2' << 24)
#define B1_ ((uint32_t)'b' | (uint32_t)'/' << 8 | (uint32_t)'1' << 16 | (uint32_t)'3' << 24)

static void make_needing(bool two)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_REQUIRED, A12);
    if (two) {
        make_note(&m, CTX_NOTE_REQUIRED, B1_);
    }
}

static struct app *load_needing(const char *text)
{
    make_needing(false);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", text);
    assert_non_null(app);
    return app;
}

static void offer_id(struct app *provider, const char *id)
{
    static struct all_interface d;
    d = all_1;
    memset(d.head.id, 0, sizeof d.head.id);
    memcpy(d.head.id, id, strlen(id));
    assert_int_equal(publish(provider, &d, sizeof d, FN_COUNT), CTX_OK);
    service_settle();
}

static struct app *provide(const char *id)
{
    fake.service = served;
    struct app *provider = load_v3("provider offer=*");
    offer_id(provider, id);
    return provider;
}

static int32_t body_ok(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

/* Whoever was woken, or whose time has come, is called. */
static bool turns(struct app *app)
{
    ready_expire(fake.now_ns);
    struct app *taken = ready_take();
    if (taken == NULL) {
        return false;
    }
    assert_ptr_equal(taken, app);
    call(app, body_ok);
    return true;
}

static bool is_waiting(const struct app *app)
{
    return app->base == 0 && app->needs && app->turn.where == TURN_WAITING;
}

static void is_started_when_somebody_offers_it(void **state)
{
    (void)state;
    remember();
    fake_serial_clear();
    struct app *app = load_needing("app one");
    assert_true(is_waiting(app));
    assert_true(fake_said("waits name=app pid="));
    assert_true(fake_said("for=a/12: nobody offers it so far"));
    assert_false(fake_said("started name=app"));
    assert_int_equal(app_needing_count(), 1);
    assert_false(turns(app));
    struct app *other = provide("b/12"); /* not that */
    assert_true(turns(app));
    assert_true(is_waiting(app));
    offer_id(other, "a/12");
    assert_true(turns(app));
    assert_true(app->base != 0);
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->restarts, 0);
    assert_true(fake_said("started name=app"));
    assert_int_equal(app_needing_count(), 0);
    app_unload(app);
    app_unload(other);
    all_is_back();
}

static void both_of_two(void **state)
{
    (void)state;
    make_needing(true);
    struct app *app = app_load(m.bytes, m.len, "made.elf", "app");
    struct app *provider = provide("a/12");
    assert_true(turns(app));
    assert_true(is_waiting(app));
    fake_serial_clear();
    fake.now_ns = app->needs_until;
    assert_true(turns(app));
    assert_true(fake_said("it requires b/13, which no app offers"));
    offer_id(provider, "b/13");
    assert_true(turns(app));
    assert_int_equal(app->calls, 1);
    app_unload(app);
    app_unload(provider);
}

static void is_told_of_aloud_once(void **state)
{
    (void)state;
    struct app *app = load_needing("app");
    fake_serial_clear();
    fake.now_ns += 9 * NSEC_PER_SEC;
    assert_false(turns(app));
    fake.now_ns += 2 * NSEC_PER_SEC;
    assert_true(turns(app));
    assert_true(fake_said("W app: app#"));
    assert_true(fake_said("is not started: it requires a/12, which no app offers"));
    assert_true(fake_said("the word `force`"));
    fake.now_ns += 1000 * NSEC_PER_SEC;
    assert_false(turns(app));
    assert_true(is_waiting(app));
    assert_int_equal(fake_said_times("is not started"), 1);
    app_unload(app);
}

static void the_provider_dies_before_it_started(void **state)
{
    (void)state;
    struct app *app = load_needing("app");
    struct app *provider = provide("a/12");
    app_unload(provider);
    assert_true(turns(app));
    assert_true(is_waiting(app));
    assert_int_equal(app->calls, 0);
    provider = provide("a/12");
    assert_true(turns(app));
    assert_int_equal(app->calls, 1);
    app_unload(app);
    app_unload(provider);
}

static void a_restart_waits_too(void **state)
{
    (void)state;
    struct app *provider = provide("a/12");
    struct app *app = load_needing("app");
    assert_int_equal(app->turn.where, TURN_FRAME); /* it was there before */
    app_unload(provider);
    call(app, body_ok);
    assert_int_equal(app->calls, 1); /* it goes on */
    fake_serial_clear();
    app_set_fate(app, FATE_RESTART, fake.now_ns);
    app_settle();
    assert_true(turns(app));
    assert_true(is_waiting(app));
    assert_true(fake_said("waits name=app"));
    provider = provide("a/12");
    assert_true(turns(app));
    assert_int_equal(app->restarts, 1);
    app_unload(app);
    app_unload(provider);
}

static void stopped_and_restarted_while_it_waits(void **state)
{
    (void)state;
    struct app *app = load_needing("app");
    app_set_fate(app, FATE_STOP, 0);
    app_settle();
    assert_true(app->stopped);
    assert_int_equal(app_needing_count(), 0);
    struct app *provider = provide("a/12");
    assert_false(turns(app));
    assert_int_equal(app->base, 0);
    app_unload(provider);
    app_set_fate(app, FATE_RESTART, fake.now_ns);
    app_settle();
    assert_true(turns(app));
    assert_true(is_waiting(app));
    provider = provide("a/12");
    assert_true(turns(app));
    assert_int_equal(app->calls, 1);
    app_unload(app);
    app_unload(provider);
    remember();
    app = load_needing("app"); /* removed while it waits */
    app_set_fate(app, FATE_UNLOAD, 0);
    app_settle();
    all_is_back();
}

static void is_saved_while_it_waits(void **state)
{
    (void)state;
    struct app *app = load_needing("app one");
    take(app, 0);
    app_unload(app);
    fake_serial_clear();
    app = bring_back();
    assert_int_equal(f.image.app.state, CTX_IMAGE_FRESH);
    assert_int_equal(app->base, 0);
    call(app, body_ok); /* as the loop does, each frame: it looks once */
    assert_true(is_waiting(app));
    assert_text(app_text(app->arguments), "one");
    struct app *provider = provide("a/12"); /* restored behind it, say */
    assert_true(turns(app));
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->restarts, 0);
    take(app, 0); /* one that lives needs nobody */
    app_unload(app);
    app_unload(provider);
    app = bring_back();
    assert_true(app->base != 0);
    app_unload(app);
}

static void a_child_waits_too(void **state)
{
    (void)state;
    struct app *parent = load_v3("parent trusted"), *child = NULL;
    make_needing(false);
    assert_int_equal(app_load_child(parent, m.bytes, m.len, "child", "child", &child), CTX_OK);
    assert_true(is_waiting(child));
    app_unload(parent);
    struct app *provider = provide("a/12");
    assert_true(turns(child));
    assert_int_equal(child->calls, 1);
    app_unload(child);
    app_unload(provider);
}

static void the_word_force_starts_it(void **state)
{
    (void)state;
    app_set_offer(3, true);
    struct app *app = load_needing("app");
    assert_true(app->base != 0);
    app_unload(app);
    app_set_offer(3, false);
    app_set_offer(2, false); /* there nobody can offer anything: refused, as ever */
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 2);
    make_note(&m, CTX_NOTE_REQUIRED, A12);
    assert_null(app_load(m.bytes, m.len, "made.elf", "app"));
    assert_true(fake_said("field=note.required"));
    app_set_offer(3, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_started_when_somebody_offers_it),
        cmocka_unit_test(both_of_two),
        cmocka_unit_test(is_told_of_aloud_once),
        cmocka_unit_test(the_provider_dies_before_it_started),
        cmocka_unit_test(a_restart_waits_too),
        cmocka_unit_test(stopped_and_restarted_while_it_waits),
        cmocka_unit_test(is_saved_while_it_waits),
        cmocka_unit_test(a_child_waits_too),
        cmocka_unit_test(the_word_force_starts_it),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
