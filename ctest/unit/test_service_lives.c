/* SPDX-License-Identifier: MIT */
/* Providers and consumers that come and go: who hears of it, and what tables lead to. */
#include "app_words.h"
#include "event.h"
#include "policy_fixture.h"
#include "service_fixture.h"

#define EVERYBODY ((struct route){ROUTE_ALL, 0}) /* nobody manages windows */

static struct ctx_service_news news_seen;

static int32_t body_news(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_news *news = own(ctx, sizeof *news);
    news->size = sizeof *news;
    t.status = service->news(service, news);
    news_seen = *news;
    ctx->mem->free(ctx->mem, news, sizeof *news, 16);
    return 0;
}

static uint32_t next_news(struct app *app)
{
    t.status = -99;
    call(app, body_news);
    assert_true(t.status == CTX_OK || t.status == CTX_E_AGAIN);
    return t.status == CTX_OK ? news_seen.kind : 0;
}

static void set_id(struct all_interface *d, const char *id)
{
    memset(d->head.id, 0, sizeof d->head.id);
    memcpy(d->head.id, id, strlen(id));
}

/* ---- offering ---- */

static void what_is_not_offered(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    remember();
    struct app *app = load_v3("app offer=org.example.*,com.x/1");
    struct all_interface d = all_1;
    assert_int_equal(publish(app, &d, sizeof d - 1, FN_COUNT), CTX_E_INVAL);
    assert_true(fake_said("a descriptor is refused: size:"));
    d.fns[2].args[1].size = 12;
    assert_int_equal(publish(app, &d, sizeof d, FN_COUNT), CTX_E_INVAL);
    assert_true(fake_said("a descriptor is refused: fn[2].args[1].size:"));
    d = all_1;
    assert_int_equal(publish(app, &d, sizeof d, FN_COUNT - 1), CTX_E_INVAL);
    assert_true(fake_said("not as many as the descriptor has"));
    assert_int_equal(publish(app, &d, 0, FN_COUNT), CTX_E_INVAL);
    assert_int_equal(publish(app, &d, sizeof d, 200), CTX_E_INVAL);
    set_id(&d, "org.other.all/1");
    fake_serial_clear();
    assert_int_equal(publish(app, &d, sizeof d, FN_COUNT), CTX_E_DENIED);
    assert_true(fake_said("its line does not say offer=org.other.all/1"));
    set_id(&d, "com.x/1");
    assert_int_equal(publish(app, &d, sizeof d, FN_COUNT), CTX_OK);
    assert_int_equal(publish(app, &d, sizeof d, FN_COUNT), CTX_E_EXIST);
    assert_true(fake_said("it offers already com.x/1"));
    app_unload(app);
    struct app *other = load_v3("other offer=ctx.*");
    set_id(&d, "ctx.log/1");
    assert_int_equal(publish(other, &d, sizeof d, FN_COUNT), CTX_E_EXIST);
    assert_true(fake_said("the kernel itself has "));
    set_id(&d, "ctx.files/1"); /* no table of the kernel's */
    assert_int_equal(publish(other, &d, sizeof d, FN_COUNT), CTX_OK);
    app_unload(other);
    struct app *nobody = load_v3("nobody");
    assert_int_equal(publish_all(nobody), CTX_E_DENIED);
    app_unload(nobody);
    assert_int_equal(service_count(), 0);
    all_is_back();
}

static int32_t body_publish_data(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint64_t *code = own(ctx, FN_COUNT * 8);
    void *descriptor = own_copy(ctx, &all_1, sizeof all_1);
    uint32_t *out = own(ctx, 4);
    for (uint32_t i = 0; i < FN_COUNT; i++) {
        code[i] = app_current()->entry;
    }
    code[3] = (uint64_t)(uintptr_t)code; /* data */
    t.status = service->publish(service, descriptor, sizeof all_1, code, FN_COUNT * 8, out);
    assert_int_equal(t.status, CTX_E_INVAL);
    assert_true(fake_said("fn[3].function: its address is not code of the app's"));
    code[3] = app_current()->entry;
    assert_int_equal(service->publish(service, descriptor, sizeof all_1, code, FN_COUNT * 8, NULL),
                     CTX_E_INVAL);
    assert_int_equal(service_count(), 0); /* a handle that goes nowhere offers nothing */
    return 0;
}

/* What it says of refusals counts as an app's own log does: trying again and again floods nobody's.
 */
static void refusals_are_no_flood(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    remember();
    struct app *app = load_v3("app offer=* log=3");
    struct all_interface d = all_1;
    fake_serial_clear();
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(publish(app, &d, sizeof d - 1, FN_COUNT), CTX_E_INVAL);
    }
    assert_in_range(fake_said_times("a descriptor is refused"), 3, 60);
    app_unload(app);
    app = load_v3("app offer=* log=3");
    assert_int_equal(publish(app, &d, sizeof d, FN_COUNT), CTX_OK);
    fake_serial_clear();
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(publish(app, &d, sizeof d, FN_COUNT), CTX_E_EXIST);
    }
    assert_in_range(fake_said_times("it offers already"), 3, 60);
    app_unload(app);
    all_is_back();
}

static void a_function_that_is_no_code(void **state)
{
    (void)state;
    struct app *app = load_v3("app offer=" SERVICE_ID);
    call(app, body_publish_data);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

static void words_that_are_no_ids(void **state)
{
    (void)state;
    static const char *const bad[] = {"offer=",   "offer=org.example", "offer=a*b/1",
                                      "use=a/1,", "use=,a/1",          "offer=A/1"};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        char text[64];
        snprintf(text, sizeof text, "app %s", bad[i]);
        fake_serial_clear();
        remember();
        struct app *app = load_v3(text);
        assert_true(fake_said(i == 2   ? "offer=a*b/1: byte 2: a star is the end of an id"
                              : i == 5 ? "offer=A/1: byte 0: no character of an id"
                                       : "no id, nor the beginning of one with a star"));
        assert_text(app_text(app->arguments), ""); /* not the app's word either */
        app_unload(app);
        all_is_back();
    }
    remember();
    struct app *app = load_v3("app offer=a/1 offer=b/1 use=* word");
    assert_text(app_text(app->arguments), "word");
    assert_true(service_may_offer(app, "a/1"));
    assert_true(service_may_offer(app, "b/1"));
    assert_false(service_may_offer(app, "b/12"));
    assert_true(service_may_use(app, "anything/9"));
    app_unload(app);
    all_is_back();
}

static struct app *load_child_v3(struct app *parent, const char *text)
{
    struct app *child = NULL;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    assert_int_equal(app_load_child(parent, m.bytes, m.len, "child", text, &child), CTX_OK);
    return child;
}

static void a_child_offers_no_more_than_its_parent(void **state)
{
    (void)state;
    struct app *parent = load_v3("parent trusted offer=org.a.*,x/1 use=u.*");
    struct app *child = load_child_v3(
        parent, "child trusted offer=org.a.b.*,org.a.c/1,x/1,x/2,org.*,* use=u.v/1,w/1");
    assert_true(service_may_offer(child, "org.a.b.z/1"));
    assert_true(service_may_offer(child, "org.a.c/1"));
    assert_false(service_may_offer(child, "org.a.d/1"));
    assert_false(service_may_offer(child, "org.b/1"));
    assert_true(service_may_offer(child, "x/1"));
    assert_false(service_may_offer(child, "x/2"));
    assert_true(service_may_use(child, "u.v/1"));
    assert_false(service_may_use(child, "w/1"));
    assert_true(fake_said("offer=x/2: who started it has not got that"));
    struct app *grandchild = load_child_v3(child, "grandchild offer=org.a.*,x/1");
    assert_false(service_may_offer(grandchild, "org.a.b.z/1"));
    assert_true(service_may_offer(grandchild, "x/1"));
    app_unload(grandchild);
    app_unload(child);
    app_unload(parent);
}

static void everything_is_not_what_begins_with_ctx(void **state)
{
    (void)state;
    struct all_interface d = all_1;
    set_id(&d, "ctx.files/1");
    struct app *all = load_v3("all trusted offer=*");
    fake_serial_clear();
    assert_int_equal(publish(all, &d, sizeof d, FN_COUNT), CTX_E_DENIED);
    assert_true(fake_said("its line does not say offer=ctx.files/1"));
    struct app *child = load_child_v3(all, "child offer=ctx.*,c*");
    assert_true(fake_said("offer=ctx.*: who started it has not got that"));
    assert_false(service_may_offer(child, "ctx.files/1"));
    assert_true(service_may_offer(child, "ctx-files/1"));
    app_unload(child);
    app_unload(all);
    struct app *some = load_v3("some trusted offer=*,ctx.files/1");
    assert_true(service_may_offer(some, "ctx.files/1"));
    assert_false(service_may_offer(some, "ctx.clipboard/1"));
    child = load_child_v3(some, "child offer=ctx.files/1");
    assert_true(service_may_offer(child, "ctx.files/1"));
    app_unload(child);
    app_unload(some);
}

/* ---- who may ---- */

static void a_service_that_needs_a_grant(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    remember();
    struct all_interface d = all_1;
    d.head.flags = CTX_INTERFACE_NEEDS_GRANT;
    fake.service = served;
    t.provider = load_v3("provider offer=*");
    assert_int_equal(publish(t.provider, &d, sizeof d, FN_COUNT), CTX_OK);
    t.consumer = load_v3("consumer");
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(t.table->t.flags, 0);
    assert_true(fake_said("its line does not say use=org.example.all/1"));
    assert_int_equal(call_word(t.consumer), CTX_E_DENIED);
    assert_int_equal(t.entered, 0);
    app_unload(t.consumer);
    t.consumer = load_v3("consumer use=org.example.all/1");
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(t.table->t.flags, CTX_TBL_GRANTED);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    end();
}

static void a_service_that_is_denied(void **state)
{
    (void)state;
    begin();
    app_unload(t.consumer);
    t.consumer = load_v3("consumer use=org.example.all/1 deny=org.example.*");
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_E_DENIED);
    assert_int_equal(t.entered, 0);
    struct app *child = NULL; /* nor may what it starts */
    t.consumer->trusts = true;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    assert_int_equal(
        app_load_child(t.consumer, m.bytes, m.len, "child", "child use=org.example.all/1", &child),
        CTX_OK);
    assert_int_equal(open_all(child), CTX_OK);
    assert_int_equal(call_word(child), CTX_E_DENIED);
    app_unload(child);
    end();
}

static struct {
    char text[40];
    uint32_t len, room;
    ctx_status status;
} told;

static int32_t body_grant(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    char *text = own(ctx, sizeof told.text);
    uint32_t *len = own(ctx, 8);
    told.status = service->grant(service, text, told.room, len);
    memcpy(told.text, text, sizeof told.text);
    told.len = *len;
    return 0;
}

static void parameters_of_a_grant(void **state)
{
    (void)state;
    begin();
    t.inside = body_grant;
    told.room = sizeof told.text;
    assert_int_equal(call_word(t.consumer), CTX_OK); /* its line says nothing of it */
    assert_int_equal(told.status, CTX_E_NOENT);
    static const struct {
        const char *line, *text;
    } table[] = {
        {"consumer use=org.*(no),org.example.all/1(/home/**:rw,[::1]:80)", "/home/**:rw,[::1]:80"},
        {"consumer use=org.*(a\\\\\\\\\\\\)\\ b)", "a\\) b"},
        {"consumer use=org.example.all/1()", ""},
        {"consumer use=org.example.all/1", NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        for (told.room = 0; told.room <= sizeof told.text; told.room += 5) {
            app_unload(t.consumer);
            t.consumer = load_v3(table[i].line);
            assert_int_equal(open_all(t.consumer), CTX_OK);
            assert_int_equal(call_word(t.consumer), CTX_OK);
            if (table[i].text == NULL) {
                assert_int_equal(told.status, CTX_E_NOENT);
                continue;
            }
            size_t len = strlen(table[i].text), part = MIN(len, (size_t)told.room);
            assert_int_equal(told.status, CTX_OK);
            assert_int_equal(told.len, len);
            assert_memory_equal(told.text, table[i].text, part);
            assert_int_equal(told.text[part], 0);
        }
    }
    call(t.provider, body_grant); /* nobody calls */
    assert_int_equal(told.status, CTX_E_NOENT);
    end();
}

static void the_boot_line_names_the_provider(void **state)
{
    (void)state;
    begin();
    struct app *second = load_v3("second offer=*");
    struct app *third = load_v3("third offer=*");
    assert_int_equal(publish_all(second), CTX_OK);
    assert_int_equal(publish_all(third), CTX_OK);
    assert_ptr_equal(service_current(SERVICE_ID)->provider, t.provider);
    assert_true(service_prefer("org.example.all:x", 17)); /* is told, and changes nothing */
    assert_true(fake_said("provider=org.example.all:x: it is ID:NAME"));
    assert_true(service_prefer(SERVICE_ID ":", sizeof SERVICE_ID));
    assert_true(fake_said("an app's name has 1 to 31 bytes"));
    assert_ptr_equal(service_current(SERVICE_ID)->provider, t.provider);
    assert_true(service_prefer(SERVICE_ID ":third and more", sizeof SERVICE_ID + 5));
    assert_ptr_equal(service_current(SERVICE_ID)->provider, third);
    app_unload(third);
    assert_ptr_equal(service_current(SERVICE_ID)->provider, t.provider); /* else the first */
    app_unload(second);
    app_unload(t.consumer);
    app_unload(t.provider);
    fake.service = NULL;
}

/* ---- the provider goes ---- */

static void a_provider_that_ends_is_stale(void **state)
{
    (void)state;
    begin();
    assert_int_equal(call_word(t.consumer), CTX_OK);
    app_set_fate(t.provider, FATE_STOP, 0);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE); /* at once: it is not called any more */
    assert_int_equal(open_all(t.consumer), CTX_E_NOSYS);  /* nor is it there to be opened */
    app_settle();
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(open_all(t.consumer), CTX_E_NOSYS);
    assert_int_equal(service_count(), 0);
    end();
}

static void a_provider_that_begins_anew(void **state)
{
    (void)state;
    begin();
    const void *table = t.table;
    app_set_fate(t.provider, FATE_RESTART, 0);
    app_settle();
    restart_now(t.provider);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(open_all(t.consumer), CTX_E_NOSYS);
    /* Its line still says what it may. */
    assert_int_equal(publish_all(t.provider), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_ptr_equal(t.table, table);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK); /* once more changes nothing */
    assert_int_equal(call_word(t.consumer), CTX_OK);
    end();
}

static int32_t body_changed(struct ctx *ctx)
{
    uint32_t *c = own(ctx, 8);
    uint64_t *d = own(ctx, 8);
    assert_int_equal(t.table->add(t.table, 1, 2, c, d), CTX_OK);
    assert_int_equal(t.table->bytes(t.table, c, 0, c, 0), CTX_E_NOSYS); /* takes something else */
    assert_int_equal(t.table->outcome(t.table, 3), CTX_E_NOSYS);        /* has gone */
    return 0;
}

static int32_t body_first_changed(struct ctx *ctx)
{
    uint32_t *c = own(ctx, 8);
    uint64_t *d = own(ctx, 8);
    t.entered = 0;
    assert_int_equal(t.table->add(t.table, 1, 2, c, d), CTX_E_NOSYS);
    assert_int_equal(t.entered, 0);
    return 0;
}

static void functions_that_changed_are_nosys(void **state)
{
    (void)state;
    begin();
    app_set_fate(t.provider, FATE_RESTART, 0);
    app_settle();
    restart_now(t.provider);
    struct all_interface d = all_1;
    d.fns[FN_BYTES].args[1].kind = CTX_INTERFACE_U32;
    d.fns[FN_BYTES].args[0].kind = CTX_INTERFACE_U64;
    d.head.count = FN_SLOW + 1;
    d.head.size = (uint32_t)(sizeof d - (FN_COUNT - d.head.count) * sizeof d.fns[0]);
    assert_int_equal(publish(t.provider, &d, d.head.size, d.head.count), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    call(t.consumer, body_changed);
    assert_int_equal(t.consumer->faults, 0);
    /* A consumer that is new sees the table as it is now. */
    struct app *other = load_v3("other");
    assert_int_equal(open_all(other), CTX_E_NOSYS); /* it wants the last function */
    app_unload(other);
    app_set_fate(t.provider, FATE_RESTART, 0);
    app_settle();
    restart_now(t.provider);
    d.fns[FN_ADD].args[0].kind = CTX_INTERFACE_U64;
    assert_int_equal(publish(t.provider, &d, d.head.size, d.head.count), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    call(t.consumer, body_first_changed);
    assert_int_equal(t.consumer->faults, 0);
    end();
}

/* A struct that has grown at its end is what it was to those who know less of it. */
static int32_t body_grown(struct ctx *ctx)
{
    uint64_t *in = own(ctx, 32), *out = own(ctx, 32), *inout = own(ctx, 32);
    in[0] = 24;
    in[2] = 12;
    out[0] = 32;
    inout[0] = 16;
    assert_int_equal(t.table->structs(t.table, in, out, inout), CTX_OK);
    assert_int_equal(t.seen[2], 12);
    assert_int_equal(inout[1], 1);
    return 0;
}

static void structs_that_have_grown(void **state)
{
    (void)state;
    begin();
    app_set_fate(t.provider, FATE_RESTART, 0);
    app_settle();
    restart_now(t.provider);
    struct all_interface d = all_1;
    d.fns[FN_STRUCTS].args[0].size = 40;
    d.fns[FN_STRUCTS].args[2].size = 24;
    assert_int_equal(publish(t.provider, &d, sizeof d, FN_COUNT), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    call(t.consumer, body_grown);
    assert_int_equal(t.consumer->faults, 0);
    end();
}

static void a_paused_provider_is_busy(void **state)
{
    (void)state;
    begin();
    app_pause(t.provider, true);
    assert_int_equal(call_word(t.consumer), CTX_E_BUSY);
    service_settle();
    assert_int_equal(t.consumer->hints >> CTX_EVENT_READY & 1, 0);
    app_pause(t.provider, false);
    service_settle();
    assert_int_equal(t.consumer->hints >> CTX_EVENT_READY & 1, 1);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    end();
}

static void two_providers_of_one_id(void **state)
{
    (void)state;
    begin();
    struct app *second = load_v3("second offer=*");
    assert_int_equal(publish_all(second), CTX_OK);
    assert_int_equal(service_count(), 2);
    assert_ptr_equal(service_current(SERVICE_ID)->provider, t.provider);
    app_unload(t.provider);
    assert_ptr_equal(service_current(SERVICE_ID)->provider, second);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    t.provider = second;
    end();
}

/* ---- the consumer goes ---- */

static void a_consumer_that_ends_is_news(void **state)
{
    (void)state;
    begin();
    struct app *other = load_v3("other");
    assert_int_equal(open_all(other), CTX_OK);
    assert_int_equal(next_news(t.provider), 0);
    uint64_t pid = other->pid;
    app_unload(other);
    assert_int_equal(t.provider->hints >> CTX_EVENT_NEWS & 1, 1);
    assert_int_equal(next_news(t.provider), CTX_NEWS_GONE);
    assert_int_equal(news_seen.pid, pid);
    assert_int_equal(news_seen.service, t.handle);
    assert_int_equal(next_news(t.provider), 0);
    end();
}

static void ended_as(enum app_fate fate, uint32_t ended, int32_t code)
{
    struct app *other = load_v3("other");
    assert_int_equal(open_all(other), CTX_OK);
    assert_int_equal(next_news(t.provider), 0);
    other->exit_code = 7;
    app_set_fate(other, fate, 0);
    app_settle();
    assert_int_equal(next_news(t.provider), CTX_NEWS_GONE);
    assert_int_equal(news_seen.ended, ended);
    assert_int_equal(news_seen.code, code);
    if (fate != FATE_UNLOAD) {
        app_unload(other);
    }
}

static void the_news_say_how_a_consumer_ended(void **state)
{
    (void)state;
    begin();
    ended_as(FATE_UNLOAD, CTX_ENDED_EXIT, 7);
    ended_as(FATE_STOP, CTX_ENDED_STOP, 0);
    ended_as(FATE_RESTART, CTX_ENDED_NOT, 0);
    end();
}

static void more_news_than_can_be_kept(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < GONE_MAX + 5; i++) {
        struct app *other = load_v3("other");
        assert_int_equal(open_all(other), CTX_OK);
        app_unload(other);
    }
    assert_int_equal(next_news(t.provider), CTX_NEWS_LOST);
    for (uint32_t i = 0; i < GONE_MAX; i++) {
        assert_int_equal(next_news(t.provider), CTX_NEWS_GONE);
    }
    assert_int_equal(next_news(t.provider), 0);
    end();
}

/* ---- lists ---- */

static int32_t body_lists(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_user *users = own(ctx, 4 * sizeof *users);
    struct ctx_service_info *infos = own(ctx, 4 * 128);
    uint32_t *count = own(ctx, 4);
    assert_int_equal(
        service->callers(service, t.handle, users, 4 * sizeof *users, sizeof *users, count),
        CTX_OK);
    assert_int_equal(*count, 1);
    assert_int_equal(users[0].pid, t.consumer->pid);
    assert_int_equal(users[0].calls, 3);
    assert_int_equal(service->callers(service, 99, users, 16, 16, count), CTX_E_NOENT);
    assert_int_equal(service->callers(service, t.handle, users, 16, 7, count), CTX_E_INVAL);
    assert_int_equal(service->callers(service, t.handle, users, 16, 0, count), CTX_E_INVAL);
    memset(infos, 0xaa, 4 * 128);
    assert_int_equal(service->list(service, infos, 4 * 128, 128, count), CTX_OK); /* a newer app */
    assert_int_equal(*count, 1);
    assert_text((const char *)infos->id, SERVICE_ID);
    assert_int_equal(infos->calls, 3);
    assert_int_equal(infos->users, 1);
    assert_int_equal(infos->provider, t.provider->pid);
    assert_int_equal(infos->flags, CTX_SERVICE_CURRENT);
    for (uint32_t i = sizeof *infos; i < 128; i++) {
        assert_int_equal(((uint8_t *)infos)[i], 0);
    }
    assert_int_equal(((uint8_t *)infos)[128], 0xaa);
    memset(infos, 0xaa, 128);
    assert_int_equal(service->list(service, infos, 64, 64, count), CTX_OK); /* an older one */
    assert_text((const char *)infos->id, SERVICE_ID);
    assert_int_equal(((uint8_t *)infos)[64], 0xaa);
    assert_int_equal(service->list(service, infos, 0, 4, count), CTX_E_INVAL);
    return 0;
}

static void lists(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(call_word(t.consumer), CTX_OK);
    }
    call(t.provider, body_lists);
    assert_int_equal(t.provider->faults, 0);
    end();
}

/* ---- hints ---- */

static struct ctx_event events[8];
static uint32_t event_count;

static int32_t body_events(struct ctx *ctx)
{
    struct ctx_event *list = own(ctx, sizeof events);
    uint32_t *count = own(ctx, 4);
    t.status = ctx->events->read(ctx->events, list, sizeof events, sizeof list[0], count);
    event_count = *count;
    memcpy(events, list, sizeof events);
    return 0;
}

static int32_t body_service(struct ctx *ctx)
{
    (void)service_table(ctx);
    return 0;
}

static int32_t body_wait_interface(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, 1u << CTX_EVENT_INTERFACE), CTX_OK);
    return CTX_WAIT;
}

static void interfaces_are_told_once(void **state)
{
    (void)state;
    begin();
    struct app *looker = load_v3("looker"), *other = load_v3("other");
    call(looker, body_service);
    service_settle();
    assert_int_equal(other->hints, 0); /* it could not ask which */
    call(looker, body_events);
    call(looker, body_wait_interface);
    assert_int_equal(looker->turn.where, TURN_WAITING);
    service_settle(); /* nothing has changed */
    assert_int_equal(looker->turn.where, TURN_WAITING);
    for (uint32_t i = 0; i < 3; i++) { /* many changes, one event */
        struct app *second = load_v3("second offer=*");
        assert_int_equal(publish_all(second), CTX_OK);
        app_unload(second);
    }
    assert_int_equal(looker->turn.where, TURN_WAITING);
    service_settle();
    assert_int_equal(looker->turn.where, TURN_READY);
    assert_ptr_equal(ready_take(), looker);
    call(looker, body_wait_interface); /* one wait for what was told, though it was not read */
    assert_int_equal(looker->turn.where, TURN_WAITING);
    event_key(30, 1, EVERYBODY);
    call(looker, body_events);
    assert_int_equal(t.status, CTX_OK);
    assert_int_equal(event_count, 3); /* and the key, and its text */
    assert_int_equal(events[0].kind, CTX_EVENT_INTERFACE);
    assert_int_equal(events[1].kind, CTX_EVENT_KEY);
    for (uint32_t i = 1; i < event_count; i++) {
        assert_int_equal(events[i].seq, events[i - 1].seq + 1);
    }
    call(looker, body_events);
    assert_int_equal(t.status, CTX_E_AGAIN);
    assert_int_equal(other->hints, 0);
    app_unload(other);
    app_unload(looker);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_offered),
        cmocka_unit_test(refusals_are_no_flood),
        cmocka_unit_test(a_function_that_is_no_code),
        cmocka_unit_test(words_that_are_no_ids),
        cmocka_unit_test(a_child_offers_no_more_than_its_parent),
        cmocka_unit_test(everything_is_not_what_begins_with_ctx),
        cmocka_unit_test(a_service_that_needs_a_grant),
        cmocka_unit_test(a_service_that_is_denied),
        cmocka_unit_test(parameters_of_a_grant),
        cmocka_unit_test(a_provider_that_ends_is_stale),
        cmocka_unit_test(a_provider_that_begins_anew),
        cmocka_unit_test(functions_that_changed_are_nosys),
        cmocka_unit_test(structs_that_have_grown),
        cmocka_unit_test(a_paused_provider_is_busy),
        cmocka_unit_test(two_providers_of_one_id),
        cmocka_unit_test(a_consumer_that_ends_is_news),
        cmocka_unit_test(the_news_say_how_a_consumer_ended),
        cmocka_unit_test(more_news_than_can_be_kept),
        cmocka_unit_test(lists),
        cmocka_unit_test(interfaces_are_told_once),
        cmocka_unit_test(the_boot_line_names_the_provider),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
