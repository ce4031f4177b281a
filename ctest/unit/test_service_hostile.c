/* SPDX-License-Identifier: MIT */
/* Services between apps that mean no good: floods, cycles, and moments that nobody waits for. */
#include "heap.h"
#include "policy.h"
#include "service_fixture.h"

/* ---- the log ---- */

static int32_t body_publish_anew(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    (void)service->unpublish(service, t.handle);
    return body_publish(ctx);
}

/* A provider that comes and goes, and a consumer that may not call it and opens it each time. */
static void whoever_is_denied_again_and_again_floods_nobody(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    remember();
    struct all_interface d = all_1;
    d.head.flags = CTX_INTERFACE_NEEDS_GRANT;
    fake.service = served;
    t.provider = load_v3("provider offer=* log=3");
    assert_int_equal(publish(t.provider, &d, sizeof d, FN_COUNT), CTX_OK);
    t.consumer = load_v3("consumer log=3");
    fake_serial_clear();
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(open_all(t.consumer), CTX_OK);
        assert_int_equal(call_word(t.consumer), CTX_E_DENIED);
        call(t.provider, body_publish_anew);
        assert_int_equal(t.status, CTX_OK);
    }
    assert_in_range(fake_said_times("its line does not say use="), 3, 60);
    assert_in_range(fake_said_times("offers " SERVICE_ID "\n"), 3, 60);
    end();
}

/* ---- ids ---- */

/* As long as an id may be, all of it its last part. */
#define LONG_NAME "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk"
#define LONG_FN   "a_function_of_thirty_one_bytes_"

static const struct {
    struct ctx_interface head;
    struct ctx_interface_fn fns[2];
} long_1 = {
    HEAD(long_1, LONG_NAME "/1", 2),
    {{LONG_FN, 4, {0}, {ARG(U32), ARG(U64), ARG(OUT4), ARG(OUT8)}}, {"go", 0, {0}, {{0}}}},
};

static struct {
    struct ctx_host_call seen[2];
    uint32_t count;
} host_of_long;

static int32_t serve_long(struct ctx *ctx, struct ctx_host_call *call)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    host_of_long.seen[host_of_long.count++] = *call;
    assert_int_equal(host->forward(host, call->child, call), CTX_OK);
    return 0;
}

static int32_t body_wrap_long(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, sizeof(struct ctx_host), &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *child = own(ctx, sizeof *child);
    void *words = own_copy(ctx, LONG_NAME, sizeof LONG_NAME - 1);
    assert_int_equal(host->open(host, t.consumer->pid, child), CTX_OK);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, *child, words, sizeof LONG_NAME - 1, code, 0), CTX_OK);
    return 0;
}

static int32_t body_open_long(struct ctx *ctx)
{
    const struct ctx_table *table;
    t.status = open_table(ctx, LONG_NAME "/1", sizeof *table + 16, &table);
    t.table = (const struct all_table *)table;
    return 0;
}

static int32_t body_call_long(struct ctx *ctx)
{
    uint64_t *out = own(ctx, 16);
    t.status = t.table->add(t.table, 20, 22, (uint32_t *)(void *)out, out + 1);
    assert_int_equal(out[1], 42);
    (void)t.table->bytes(t.table, NULL, 0, NULL, 0); /* go, which takes nothing */
    return 0;
}

static int32_t fn_go(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    (void)ctx;
    return (int32_t)(a + b + c + d + e);
}

static fake_entered *served_long(uint64_t offset)
{
    return offset == CTX_SLOT_DYN_BIAS + 0x1000 ? fn_add : fn_go;
}

static void an_id_whose_last_part_is_all_of_it(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    memset(&host_of_long, 0, sizeof host_of_long);
    fake.service = served_long;
    fake.serve = serve_long;
    remember();
    assert_int_equal(sizeof long_1.head.id, sizeof LONG_NAME + 2);
    t.provider = load_v3("provider offer=" LONG_NAME "/1");
    struct app *host = load_v3("host grant=ctx.host/1");
    t.consumer = load_v3("consumer host=host instrument=" LONG_NAME);
    call(host, body_wrap_long);
    assert_int_equal(publish(t.provider, &long_1, sizeof long_1, 2), CTX_OK);
    call(t.consumer, body_open_long);
    assert_int_equal(t.status, CTX_OK);
    fake_serial_clear();
    call(t.consumer, body_call_long);
    assert_int_equal(t.status, CTX_OK);
    assert_int_equal(host_of_long.count, 2);
    assert_true(fake_said(LONG_NAME "." LONG_FN "(20, 22, "));
    assert_true(fake_said(LONG_NAME ".go() = OK"));
    /* Where both are too long for the name it is the function's: which table, is said in full. */
    assert_text((const char *)host_of_long.seen[0].name, LONG_FN);
    assert_text((const char *)host_of_long.seen[1].name, "go");
    assert_text((const char *)host_of_long.seen[0].table, LONG_NAME "/1");
    assert_text((const char *)host_of_long.seen[1].table, LONG_NAME "/1");
    app_unload(host);
    fake.serve = NULL;
    end();
}

/* ---- requests ---- */

static struct {
    uint32_t made, canceled;
    ctx_status status;
} flood;

/* Asks and says that it does not want it, as often as it can. */
static int32_t body_ask_and_cancel(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint64_t *out = own(ctx, 8);
    for (flood.made = 0; flood.made < 5 * REQUESTS_MAX; flood.made++) {
        flood.status = t.table->slow(t.table, 0, out);
        if (flood.status != CTX_PENDING) {
            break;
        }
        flood.canceled += service->cancel(service, *out) == CTX_OK;
        assert_int_equal(service->cancel(service, *out), CTX_E_NOENT);
    }
    return CTX_AGAIN;
}

static int32_t body_hear(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_news *news = own(ctx, sizeof *news);
    news->size = sizeof *news;
    while ((flood.status = service->news(service, news)) == CTX_OK) {
        flood.canceled -= news->kind == CTX_NEWS_CANCELED;
        flood.made += news->kind == CTX_NEWS_LOST;
    }
    return CTX_AGAIN;
}

/* Of one consumer it keeps as many as one may have, and who does not listen is in nobody's way. */
static void requests_that_are_canceled_fill_nothing(void **state)
{
    (void)state;
    begin();
    memset(&flood, 0, sizeof flood);
    call(t.consumer, body_ask_and_cancel);
    assert_int_equal(flood.made, 5 * REQUESTS_MAX);
    assert_int_equal(flood.canceled, 5 * REQUESTS_MAX);
    uint64_t used = heap_used();
    call(t.consumer, body_ask_and_cancel);
    assert_int_equal(flood.made, 5 * REQUESTS_MAX);
    assert_in_range(heap_used(), used / 2, used + 4096);
    flood.made = flood.canceled = 0;
    call(t.provider, body_hear);
    assert_in_range(0 - flood.canceled, 1, REQUESTS_MAX);
    assert_int_equal(flood.made, 1); /* and that there were more */
    end();
}

/* Of those who went it keeps so many; what there was beside them is LOST. */
static void consumers_that_leave_requests_behind_fill_nothing(void **state)
{
    (void)state;
    begin();
    uint64_t used = 0;
    for (uint32_t life = 0; life < 3 * CANCELED_MAX / REQUESTS_MAX; life++) {
        memset(&flood, 0, sizeof flood);
        call(t.consumer, body_ask_and_cancel);
        assert_int_equal(flood.made, 5 * REQUESTS_MAX);
        app_unload(t.consumer);
        t.consumer = load_v3("consumer");
        assert_int_equal(open_all(t.consumer), CTX_OK);
        if (life == CANCELED_MAX / REQUESTS_MAX + 2) {
            used = heap_used();
        } else if (life > CANCELED_MAX / REQUESTS_MAX + 2) {
            assert_in_range(heap_used(), used / 2, used + used / 16);
        }
    }
    flood.made = flood.canceled = 0;
    call(t.provider, body_hear);
    assert_int_equal(0 - flood.canceled, CANCELED_MAX);
    assert_int_equal(flood.made, 1);
    end();
}

/* ---- memory ---- */

/* Who may offer one thing may offer its revisions: what the kernel keeps of that is its own
 * quota's.
 */
static void what_is_offered_counts_against_the_quota(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    remember();
    struct app *app = load_v3("app offer=* mem=1M log=3");
    struct all_interface d = all_1;
    uint64_t pages = app->pages, used = heap_used();
    uint32_t made = 0;
    ctx_status status = CTX_OK;
    for (; status == CTX_OK && made < 100000; made++) {
        memset(d.head.id, 0, sizeof d.head.id);
        snprintf((char *)d.head.id, sizeof d.head.id, "org.example.n/%u", made + 1);
        status = publish(app, &d, sizeof d, FN_COUNT);
    }
    assert_int_equal(status, CTX_E_NOMEM);
    assert_in_range(made, 100, 5000);
    uint64_t room = (app->quota_pages - pages) * PAGE_SIZE;
    assert_in_range(heap_used() - used, room / 2, room + room / 8);
    app_set_fate(app, FATE_RESTART, fake.now_ns); /* and all of it is back */
    app_settle();
    assert_int_equal(service_count(), 0);
    app_unload(app);
    all_is_back();
}

/* However often there is no memory: no gate is lost by that. */
static void opening_without_memory_leaves_nothing(void **state)
{
    (void)state;
    begin();
    struct app *late = load_v3("late");
    uint32_t gates = late->v3->opened_gates, tables = late->v3->opened_tables;
    uint32_t failed = 0;
    for (uint32_t left = 0; left < 8; left++) {
        fake.allocs_left = left;
        uint64_t offset;
        t.status = service_open(late, SERVICE_ID, sizeof SERVICE_ID - 1, 0, &offset);
        fake.allocs_left = FAKE_ALWAYS;
        if (t.status == CTX_OK) {
            break;
        }
        failed++;
        assert_int_equal(t.status, CTX_E_NOMEM);
        assert_int_equal(late->v3->opened_gates, gates);
        assert_int_equal(late->v3->opened_tables, tables);
    }
    assert_in_range(failed, 1, 7);
    assert_int_equal(t.status, CTX_OK);
    assert_int_equal(open_all(late), CTX_OK);
    assert_int_equal(call_word(late), CTX_OK);
    app_unload(late);
    end();
}

/* ---- main ---- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_denied_again_and_again_floods_nobody),
        cmocka_unit_test(an_id_whose_last_part_is_all_of_it),
        cmocka_unit_test(requests_that_are_canceled_fill_nothing),
        cmocka_unit_test(consumers_that_leave_requests_behind_fill_nothing),
        cmocka_unit_test(what_is_offered_counts_against_the_quota),
        cmocka_unit_test(opening_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
