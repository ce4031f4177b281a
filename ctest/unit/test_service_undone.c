/* SPDX-License-Identifier: MIT */
/* Services and calls that are undone: of the consumer, of the provider, and what each hears. */
#include "policy_fixture.h"
#include "service_fixture.h"
#include "undo_private.h"

#include <signal.h>

static struct ctx_service_news news_seen;

static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

static void begin_undone(const char *provider, const char *consumer)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    memset(&t, 0, sizeof t);
    fake.service = served;
    remember();
    t.provider = load_v3(provider);
    t.consumer = load_v3(consumer);
    assert_int_equal(publish_all(t.provider), CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    fake_serial_clear();
}

static int32_t body_news(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    struct ctx_service_news *news = own(ctx, sizeof *news);
    news->size = sizeof *news;
    t.status = service->news(service, news);
    news_seen = *news;
    return 0;
}

static uint32_t next_news(void)
{
    t.status = -99;
    call(t.provider, body_news);
    return t.status == CTX_OK ? news_seen.kind : 0;
}

/* ---- the consumer's ---- */

static int32_t body_ask_and_fault(struct ctx *ctx)
{
    uint64_t *out = own(ctx, 8);
    assert_int_equal(t.table->word(t.table), CTX_OK);
    assert_int_equal(t.table->slow(t.table, 0, out), CTX_PENDING);
    t.request = *out;
    fake_fault(14, 0x10);
}

static void a_consumer_that_is_undone_is_news(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo");
    call(t.consumer, body_again);
    uint64_t calls = t.consumer->calls;
    call(t.consumer, body_ask_and_fault);
    assert_int_equal(t.consumer->undone, 1);
    assert_int_equal(t.consumer->calls, calls);
    assert_int_equal(t.entered, 2);                   /* what was done to the provider stays */
    assert_int_equal(next_news(), CTX_NEWS_CANCELED); /* nobody has its number any more */
    assert_int_equal(news_seen.request, t.seen[0]);
    assert_int_equal(next_news(), CTX_NEWS_UNDONE);
    assert_int_equal(news_seen.pid, t.consumer->pid);
    assert_int_equal(news_seen.call, calls + 1);
    assert_int_equal(next_news(), 0);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    assert_int_equal(next_news(), 0);
    end();
}

static int32_t body_fault_alone(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(14, 0x10);
}

static void a_call_without_services_is_no_news(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo");
    assert_int_equal(call_word(t.consumer), CTX_OK);
    call(t.consumer, body_fault_alone);
    assert_int_equal(t.consumer->undone, 1);
    assert_int_equal(next_news(), 0);
    end();
}

static int32_t body_publish_and_fault(struct ctx *ctx)
{
    body_publish(ctx);
    assert_int_equal(t.status, CTX_OK);
    fake_fault(14, 0x10);
}

static void what_was_offered_in_an_undone_call_is_not(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo offer=*");
    struct all_interface d = all_1;
    d.head.id[sizeof SERVICE_ID - 2] = '2';
    t.descriptor = &d;
    t.len = sizeof d;
    t.count = FN_COUNT;
    call(t.consumer, body_publish_and_fault);
    assert_int_equal(t.consumer->undone, 1);
    assert_int_equal(service_count(), 1);
    assert_int_equal(publish(t.consumer, &d, sizeof d, FN_COUNT), CTX_OK);
    call(t.consumer, body_fault_alone); /* of a call before, it stays */
    assert_int_equal(t.consumer->undone, 2);
    assert_int_equal(service_count(), 2);
    end();
}

static int32_t body_slow(struct ctx *ctx)
{
    uint64_t *out = own(ctx, 8);
    assert_int_equal(t.table->slow(t.table, 0, out), CTX_PENDING);
    t.request = *out;
    return CTX_AGAIN;
}

static int32_t body_cancel(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    assert_int_equal(service->cancel(service, t.request), CTX_OK);
    assert_int_equal(service->cancel(service, t.request), CTX_E_NOENT);
    return CTX_AGAIN;
}

static int32_t body_cancel_and_fault(struct ctx *ctx)
{
    body_cancel(ctx);
    fake_fault(14, 0x10);
}

static int32_t body_complete(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    t.status = service->complete(service, t.seen[0], 7, NULL, 0);
    return CTX_AGAIN;
}

static uint64_t named; /* by done() */

static int32_t body_done(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint64_t *out = own(ctx, 8);
    t.status = service->done(service, out);
    named = t.status == CTX_OK ? *out : 0;
    return CTX_AGAIN;
}

static int32_t body_done_and_fault(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 4 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    ctx->events->read(ctx->events, events, 4 * sizeof *events, sizeof *events, count);
    body_done(ctx);
    assert_int_equal(named, t.request);
    fake_fault(14, 0x10);
}

/* It would wait for its end for ever. */
static void what_an_undone_call_canceled_goes_on(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo");
    call(t.consumer, body_slow);
    call(t.consumer, body_cancel_and_fault);
    assert_int_equal(t.consumer->undone, 1);
    assert_int_equal(next_news(), 0);
    call(t.provider, body_complete);
    assert_int_equal(t.status, CTX_OK);
    call(t.consumer, body_done);
    assert_int_equal(named, t.request);
    call(t.consumer, body_cancel_and_fault); /* also one that has ended */
    assert_int_equal(t.consumer->undone, 2);
    call(t.consumer, body_cancel);
    call(t.consumer, body_slow);
    call(t.consumer, body_cancel); /* for good */
    assert_int_equal(next_news(), CTX_NEWS_CANCELED);
    assert_int_equal(news_seen.request, t.seen[0]);
    end();
}

/* It, and the event DONE, are there once more; seen: nothing named it any more. */
static void what_an_undone_call_heard_is_told_again(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo");
    call(t.consumer, body_slow);
    call(t.provider, body_complete);
    assert_int_equal(t.consumer->hints >> CTX_EVENT_DONE & 1, 1);
    call(t.consumer, body_done_and_fault);
    assert_int_equal(t.consumer->undone, 1);
    assert_int_equal(t.consumer->hints >> CTX_EVENT_DONE & 1, 1);
    call(t.consumer, body_done);
    assert_int_equal(named, t.request);
    call(t.consumer, body_done); /* once */
    assert_int_equal(t.status, CTX_E_AGAIN);
    end();
}

/* ---- the provider's ---- */

static uint8_t *kept;

static int32_t body_keep(struct ctx *ctx)
{
    kept = ctx->mem->alloc(ctx->mem, 64, 16, CTX_MEM_ZERO);
    return CTX_AGAIN;
}

static int32_t inside_spoil(struct ctx *ctx)
{
    (void)ctx;
    kept[0] = 1;
    fake_fault(14, 0x10);
}

static void a_provider_that_is_undone_is_a_fault(void **state)
{
    (void)state;
    begin_undone("provider offer=* restart=undo", "consumer");
    call(t.provider, body_keep);
    t.inside = inside_spoil;
    assert_int_equal(call_word(t.consumer), CTX_E_FAULT);
    assert_int_equal(t.provider->undone, 1);
    assert_int_equal(kept[0], 0);
    t.inside = NULL;
    assert_int_equal(call_word(t.consumer), CTX_OK); /* and is there as before */
    end();
}

/* Both: what the provider did in the consumer's call stays when that is undone. */
static int32_t inside_count(struct ctx *ctx)
{
    (void)ctx;
    kept[0]++;
    return 0;
}

static void both(void **state)
{
    (void)state;
    begin_undone("provider offer=* restart=undo", "consumer restart=undo");
    call(t.provider, body_keep);
    t.inside = inside_count;
    call(t.consumer, body_ask_and_fault);
    assert_int_equal(t.consumer->undone, 1);
    assert_int_equal(t.provider->undone, 0);
    assert_int_equal(kept[0], 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consumer_that_is_undone_is_news),
        cmocka_unit_test(a_call_without_services_is_no_news),
        cmocka_unit_test(what_was_offered_in_an_undone_call_is_not),
        cmocka_unit_test(what_an_undone_call_canceled_goes_on),
        cmocka_unit_test(what_an_undone_call_heard_is_told_again),
        cmocka_unit_test(a_provider_that_is_undone_is_a_fault),
        cmocka_unit_test(both),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
