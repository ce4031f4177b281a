/* SPDX-License-Identifier: MIT */
/* Requests: calls that go on when the function has returned. */
#include "policy_fixture.h"
#include "service_fixture.h"

static struct {
    uint64_t request; /* the provider's number */
    uint32_t len, room;
    int32_t how;
    uint8_t bytes[0x10010];
    uint32_t full, result;
    struct ctx_service_news news;
} r;

static int32_t body_slow(struct ctx *ctx)
{
    uint64_t *out = own(ctx, 8);
    *out = 77;
    t.status = t.table->slow(t.table, (uint32_t)r.how, out);
    t.request = *out;
    ctx->mem->free(ctx->mem, out, 8, 16);
    return 0;
}

static ctx_status ask(int32_t how)
{
    r.how = how;
    t.status = -99;
    call(t.consumer, body_slow);
    r.request = t.seen[0];
    return t.status;
}

static int32_t body_complete(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint8_t *bytes = own(ctx, r.len + 1);
    memset(bytes, 0x5a, r.len);
    t.status = service->complete(service, r.request, (uint32_t)r.how, bytes, r.len);
    ctx->mem->free(ctx->mem, bytes, r.len + 1, 16);
    return 0;
}

static ctx_status complete(uint64_t request, int32_t status, uint32_t len)
{
    r.request = request;
    r.how = status;
    r.len = len;
    t.status = -99;
    call(t.provider, body_complete);
    return t.status;
}

static int32_t body_take(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint8_t *bytes = own(ctx, r.room + 1);
    uint32_t *full = own(ctx, 4), *result = own(ctx, 4);
    memset(bytes, 0xaa, r.room + 1);
    t.status = service->take(service, t.request, bytes, r.room, full, result);
    memcpy(r.bytes, bytes, MIN(r.room + 1, (uint32_t)sizeof r.bytes));
    r.full = *full;
    r.result = *result;
    ctx->mem->free(ctx->mem, bytes, r.room + 1, 16);
    ctx->mem->free(ctx->mem, full, 4, 16);
    ctx->mem->free(ctx->mem, result, 4, 16);
    return 0;
}

static ctx_status take_result(uint64_t request, uint32_t room)
{
    t.request = request;
    r.room = room;
    t.status = -99;
    call(t.consumer, body_take);
    return t.status;
}

static int32_t body_cancel(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    t.status = service->cancel(service, t.request);
    return 0;
}

static ctx_status cancel(uint64_t request)
{
    t.request = request;
    t.status = -99;
    call(t.consumer, body_cancel);
    return t.status;
}

static int32_t body_done(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint64_t *out = own(ctx, 8);
    t.status = service->done(service, out);
    t.request = *out;
    ctx->mem->free(ctx->mem, out, 8, 16);
    return 0;
}

static uint64_t next_done(void)
{
    t.status = -99;
    call(t.consumer, body_done);
    assert_true(t.status == CTX_OK || t.status == CTX_E_AGAIN);
    return t.status == CTX_OK ? t.request : 0;
}

static int32_t body_news(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_news *news = own(ctx, sizeof *news);
    news->size = sizeof *news;
    t.status = service->news(service, news);
    r.news = *news;
    ctx->mem->free(ctx->mem, news, sizeof *news, 16);
    return 0;
}

static uint32_t next_news(void)
{
    t.status = -99;
    call(t.provider, body_news);
    return t.status == CTX_OK ? r.news.kind : 0;
}

static void a_request_is_answered_later(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ask(0), CTX_PENDING);
    uint64_t mine = t.request, theirs = r.request;
    assert_int_equal(mine, 1);
    assert_int_equal(take_result(mine, 8), CTX_E_AGAIN);
    assert_int_equal(next_done(), 0);
    assert_int_equal(t.consumer->hints >> CTX_EVENT_DONE & 1, 0);
    assert_int_equal(complete(theirs, CTX_PENDING, 0), CTX_E_INVAL);
    assert_int_equal(complete(theirs + 1, 0, 0), CTX_E_NOENT);
    assert_int_equal(complete(theirs, 5, 300), CTX_OK);
    assert_int_equal(complete(theirs, 5, 300), CTX_E_NOENT);
    assert_int_equal(t.consumer->hints >> CTX_EVENT_DONE & 1, 1);
    assert_int_equal(next_done(), mine);
    assert_int_equal(next_done(), 0); /* once */
    assert_int_equal(take_result(mine, 8), CTX_OK);
    assert_int_equal(r.full, 300);
    assert_int_equal(r.result, 5);
    assert_int_equal(r.bytes[7], 0x5a);
    assert_int_equal(r.bytes[8], 0xaa);
    assert_int_equal(take_result(mine, 8), CTX_E_NOENT);
    assert_int_equal(take_result(99, 8), CTX_E_NOENT);
    end();
}

static void answered_at_once_there_is_no_request(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ask(3), 3);
    assert_int_equal(t.request, 77); /* not written */
    assert_int_equal(complete(r.request, 0, 0), CTX_E_NOENT);
    assert_int_equal(services_known(t.consumer)->made_count, 0);
    end();
}

static void canceled(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ask(0), CTX_PENDING);
    uint64_t first = t.request, first_theirs = r.request;
    assert_int_equal(ask(0), CTX_PENDING);
    uint64_t second = t.request, second_theirs = r.request;
    assert_int_equal(cancel(first), CTX_OK);
    assert_int_equal(cancel(first), CTX_E_NOENT);
    assert_int_equal(t.provider->hints >> CTX_EVENT_NEWS & 1, 1);
    assert_int_equal(next_news(), CTX_NEWS_CANCELED);
    assert_int_equal(r.news.request, first_theirs);
    assert_int_equal(r.news.pid, t.consumer->pid);
    assert_int_equal(next_news(), 0);
    assert_int_equal(complete(first_theirs, 0, 0), CTX_E_NOENT);
    /* Ended before it heard: that is how it hears. */
    assert_int_equal(cancel(second), CTX_OK);
    assert_int_equal(complete(second_theirs, 0, 0), CTX_E_NOENT);
    assert_int_equal(next_news(), 0);
    /* Done, and then not wanted. */
    assert_int_equal(ask(0), CTX_PENDING);
    uint64_t third = t.request;
    assert_int_equal(complete(r.request, 0, 1000), CTX_OK);
    assert_int_equal(cancel(third), CTX_OK);
    assert_int_equal(next_news(), 0);
    assert_int_equal(services_known(t.consumer)->result_bytes, 0);
    end();
}

static void one_side_goes(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ask(0), CTX_PENDING);
    uint64_t first = t.request;
    app_set_fate(t.provider, FATE_RESTART, 0);
    app_settle();
    assert_int_equal(next_done(), first);
    assert_int_equal(take_result(first, 0), CTX_E_STALE);
    assert_int_equal(take_result(first, 0), CTX_E_NOENT);
    restart_now(t.provider);
    assert_int_equal(publish_all(t.provider), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(ask(0), CTX_PENDING);
    assert_int_equal(t.request, first + 1);
    uint64_t theirs = r.request;
    app_set_fate(t.consumer, FATE_RESTART, 0);
    app_settle();
    assert_int_equal(next_news(), CTX_NEWS_CANCELED);
    assert_int_equal(r.news.request, theirs);
    assert_int_equal(next_news(), CTX_NEWS_GONE);
    assert_int_equal(next_news(), 0);
    end();
}

static void limits(void **state)
{
    (void)state;
    begin();
    uint64_t first = 0;
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        assert_int_equal(ask(0), CTX_PENDING);
        first = i == 0 ? t.request : first;
    }
    assert_int_equal(ask(0), CTX_E_NOSPC);
    assert_int_equal(t.entered, REQUESTS_MAX); /* the provider was not even asked */
    uint64_t theirs = t.seen[0] - REQUESTS_MAX + 1;
    assert_int_equal(complete(theirs, 0, RESULT_BYTES + 1), CTX_E_TOOBIG);
    for (uint32_t i = 0; i < RESULTS_MAX / RESULT_BYTES; i++) {
        assert_int_equal(complete(theirs + i, 0, RESULT_BYTES), CTX_OK);
    }
    assert_int_equal(complete(theirs + 100, 0, 1), CTX_E_NOSPC);
    assert_int_equal(complete(theirs + 100, 0, 0), CTX_OK);
    assert_int_equal(take_result(first, RESULT_BYTES), CTX_OK);
    assert_int_equal(r.full, RESULT_BYTES);
    assert_int_equal(complete(theirs + 101, 0, 1), CTX_OK);
    assert_int_equal(ask(0), CTX_PENDING);
    end();
}

static int32_t body_slow_of_bad_bytes(struct ctx *ctx)
{
    typedef ctx_status(CTX_CALL * slow_fn)(const struct all_table *self, uint64_t *request,
                                           const void *in, uint32_t len);
    uint64_t *request = own(ctx, sizeof *request);
    slow_fn slow = (slow_fn)(void *)t.table->slow;
    t.status = slow(t.table, request, (const void *)(uintptr_t)app_current()->base, 8);
    t.request = *request;
    return 0;
}

/* An argument behind it was a bad one: the provider has heard of nothing, and nothing is asked. */
static void no_request_of_a_call_that_was_refused(void **state)
{
    (void)state;
    struct all_interface other = all_1;
    other.fns[FN_SLOW] =
        (struct ctx_interface_fn){"slow", 3, {0}, {ARG(REQUEST), ARG(IN), ARG(U32)}};
    begin();
    app_unload(t.consumer);
    app_unload(t.provider);
    t.provider = load_v3("provider offer=" SERVICE_ID);
    t.consumer = load_v3("consumer");
    assert_int_equal(publish(t.provider, &other, sizeof other, FN_COUNT), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    call(t.consumer, body_slow_of_bad_bytes);
    assert_int_equal(t.status, CTX_E_INVAL);
    assert_int_equal(t.request, 0);
    assert_int_equal(t.entered, 0);
    assert_int_equal(services_known(t.consumer)->made_count, 0);
    end();
}

static int32_t body_wild(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint32_t *n = own(ctx, 8);
    uint64_t beyond = app_current()->base + CTX_SLOT_SIZE - CTX_SLOT_GUARD;
    t.entered = 0;
    assert_int_equal(t.table->slow(t.table, 0, (uint64_t *)(uintptr_t)beyond), CTX_E_INVAL);
    assert_int_equal(t.entered, 0);
    assert_int_equal(service->take(service, t.request, n, 4, (uint32_t *)(uintptr_t)beyond, n),
                     CTX_E_INVAL);
    /* Its own memory, but not writable: the provider has answered, and hears that it is in vain. */
    uint64_t *read_only = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_BASE_WORD);
    assert_int_equal(t.table->slow(t.table, 0, read_only), CTX_E_INVAL);
    assert_int_equal(t.entered, 1);
    return 0;
}

static void wild_addresses(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ask(0), CTX_PENDING);
    call(t.consumer, body_wild);
    assert_int_equal(t.consumer->faults, 0);
    assert_int_equal(next_news(), CTX_NEWS_CANCELED);
    assert_int_equal(r.news.request, t.seen[0]);
    assert_int_equal(next_news(), 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered_later),
        cmocka_unit_test(answered_at_once_there_is_no_request),
        cmocka_unit_test(canceled),
        cmocka_unit_test(one_side_goes),
        cmocka_unit_test(limits),
        cmocka_unit_test(no_request_of_a_call_that_was_refused),
        cmocka_unit_test(wild_addresses),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
