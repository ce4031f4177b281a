/* SPDX-License-Identifier: MIT */
/* Services between apps that mean no good: floods, cycles, and moments that nobody waits for. */
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

/* ---- main ---- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_denied_again_and_again_floods_nobody),
        cmocka_unit_test(an_id_whose_last_part_is_all_of_it),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
