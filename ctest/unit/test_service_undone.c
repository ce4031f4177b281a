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

static int32_t body_take_and_fault(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint32_t *n = own(ctx, 8);
    assert_int_equal(service->take(service, t.request, n, 0, n, n + 1), CTX_OK);
    fake_fault(14, 0x10);
}

/* It is the provider's no more, and nobody has it twice. */
static void a_call_that_took_a_result_is_not_undone(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo");
    call(t.consumer, body_slow);
    call(t.provider, body_complete);
    assert_int_equal(t.status, CTX_OK);
    call(t.consumer, body_take_and_fault);
    assert_int_equal(t.consumer->undone, 0);
    assert_true(fake_said("can not be undone: it took the result of a request"));
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

static int32_t body_news_and_fault(struct ctx *ctx)
{
    body_news(ctx);
    fake_fault(14, 0x10);
}

/* Who looks for news in each call, as providers do, and finds none has heard nothing. */
static void a_call_that_heard_no_news_is_undone(void **state)
{
    (void)state;
    begin_undone("provider offer=* restart=undo", "consumer");
    call(t.provider, body_news_and_fault);
    assert_int_equal(t.status, CTX_E_AGAIN);
    assert_int_equal(t.provider->undone, 1);
    app_set_fate(t.consumer, FATE_RESTART, fake.now_ns);
    app_settle();
    call(t.provider, body_news_and_fault); /* and this one can not be */
    assert_int_equal(t.status, CTX_OK);
    assert_int_equal(t.provider->undone, 1);
    assert_true(fake_said("it heard news that nobody says twice"));
    end();
}

/* ---- a consumer that is a provider itself ---- */

static struct {
    struct app *outer;
    const struct all_table *table; /* of the consumer's service */
    uint64_t calls[8];             /* as the provider was told */
    uint32_t count;
    bool faults;
} n;

static int32_t inside_nested(struct ctx *ctx)
{
    if (app_current() == t.provider) {
        const struct ctx_service *service = service_table(ctx);
        struct ctx_service_caller *who = own(ctx, sizeof *who);
        who->size = sizeof *who;
        assert_int_equal(service->caller(service, who), CTX_OK);
        n.calls[n.count++] = who->call;
        return 0;
    }
    assert_int_equal(t.table->word(t.table), CTX_OK);
    if (n.faults) {
        fake_fault(14, 0x10);
    }
    return 0;
}

static int32_t body_open_second(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, "org.example.all/2", sizeof(struct all_table), &table),
                     CTX_OK);
    n.table = (const struct all_table *)table;
    return CTX_AGAIN;
}

static int32_t body_nested(struct ctx *ctx)
{
    (void)ctx;
    t.status = n.table->word(n.table);
    return CTX_AGAIN;
}

static void nested_call(bool faults)
{
    n.faults = faults;
    call(n.outer, body_nested);
    assert_int_equal(t.status, faults ? CTX_E_FAULT : CTX_OK);
}

static void begin_nested(void)
{
    struct all_interface d = all_1;
    memset(&n, 0, sizeof n);
    begin_undone("provider offer=*", "consumer restart=undo offer=*");
    d.head.id[sizeof SERVICE_ID - 2] = '2';
    assert_int_equal(publish(t.consumer, &d, sizeof d, FN_COUNT), CTX_OK);
    n.outer = load_v3("outer");
    call(n.outer, body_open_second);
    t.inside = inside_nested;
}

static void end_nested(void)
{
    t.inside = NULL;
    app_unload(n.outer);
    end();
}

/* Of several calls, served and its own, the provider hears which. */
static void a_served_call_that_is_undone_is_named(void **state)
{
    (void)state;
    begin_nested();
    nested_call(false);
    nested_call(true);
    assert_int_equal(next_news(), CTX_NEWS_UNDONE);
    assert_int_equal(news_seen.call, n.calls[1]);
    assert_int_equal(next_news(), 0);
    nested_call(false);
    call(t.consumer, body_again);
    call(t.consumer, inside_nested); /* one of its own */
    n.faults = true;
    call(t.consumer, inside_nested);
    assert_int_equal(t.consumer->undone, 2);
    assert_int_equal(next_news(), CTX_NEWS_UNDONE);
    assert_int_equal(news_seen.call, n.calls[4]);
    assert_int_equal(next_news(), 0);
    nested_call(false);
    for (uint32_t i = 0; i < n.count; i++) { /* no number means two of them */
        for (uint32_t other = 0; other < i; other++) {
            assert_int_not_equal(n.calls[i], n.calls[other]);
        }
    }
    end_nested();
}

static void calls_that_are_undone_in_a_row_are_all_told(void **state)
{
    (void)state;
    begin_nested();
    nested_call(true);
    nested_call(true);
    nested_call(false);
    nested_call(true);
    for (uint32_t heard = 0, told = 0; heard < 3; heard++) {
        static const uint32_t undone[] = {0, 1, 3};
        assert_int_equal(next_news(), CTX_NEWS_UNDONE);
        for (uint32_t i = 0; i < 3; i++) {
            told |= (uint32_t)(news_seen.call == n.calls[undone[i]]) << i;
        }
        assert_int_equal(__builtin_popcount(told), heard + 1);
    }
    assert_int_equal(next_news(), 0);
    end_nested();
}

static void a_consumer_that_goes_after_it_was_undone_is_both(void **state)
{
    (void)state;
    begin_nested();
    nested_call(true);
    app_set_fate(t.consumer, FATE_RESTART, fake.now_ns);
    app_settle();
    assert_int_equal(next_news(), CTX_NEWS_UNDONE);
    assert_int_equal(news_seen.call, n.calls[0]);
    assert_int_equal(next_news(), CTX_NEWS_GONE);
    assert_int_equal(next_news(), 0);
    end_nested();
}

/* More than are kept: then the provider hears that there was more. */
static void more_undone_calls_than_are_kept(void **state)
{
    (void)state;
    begin_nested();
    for (uint32_t i = 0; i < 2 * GONE_MAX; i++) {
        n.count = 0;
        nested_call(i % 2 == 0); /* a good one in between, or undoing does not help */
    }
    for (uint32_t i = 0; i < 3 * GONE_MAX; i++) {
        n.count = 0;
        nested_call(i % 2 == 0);
    }
    assert_int_equal(next_news(), CTX_NEWS_LOST);
    uint32_t heard = 0;
    while (next_news() == CTX_NEWS_UNDONE) {
        heard++;
    }
    assert_in_range(heard, GONE_MAX, GONE_MAX + 1);
    end_nested();
}

/* ---- in the middle of being undone ---- */

static int32_t body_open_and_fault(struct ctx *ctx)
{
    body_open(ctx);
    assert_int_equal(t.status, CTX_OK);
    assert_int_equal(t.table->word(t.table), CTX_OK);
    fake_fault(14, 0x10);
}

static void what_an_undone_call_opened_can_be_opened(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer");
    struct app *late = load_v3("late restart=undo");
    call(late, body_again);
    for (uint32_t i = 0; i < 2; i++) { /* more would not help */
        call(late, body_open_and_fault);
        assert_int_equal(late->undone, i + 1);
        assert_int_equal(next_news(), CTX_NEWS_UNDONE);
        assert_int_equal(news_seen.pid, late->pid);
    }
    assert_int_equal(open_all(late), CTX_OK);
    assert_int_equal(call_word(late), CTX_OK);
    assert_int_equal(next_news(), 0);
    app_unload(late);
    assert_int_equal(next_news(), CTX_NEWS_GONE);
    assert_int_equal(next_news(), 0);
    end();
}

static int32_t body_word_and_fault(struct ctx *ctx)
{
    (void)ctx;
    assert_int_equal(t.table->word(t.table), CTX_OK);
    fake_fault(14, 0x10);
}

static int32_t body_publish_anew(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    assert_int_equal(service->unpublish(service, t.handle), CTX_OK);
    return body_publish(ctx);
}

/* What was not heard of a service went with it. */
static void a_service_hears_nothing_of_the_one_before_it(void **state)
{
    (void)state;
    begin_undone("provider offer=*", "consumer restart=undo");
    call(t.consumer, body_word_and_fault);
    assert_int_equal(t.consumer->undone, 1);
    call(t.provider, body_publish_anew);
    assert_int_equal(t.status, CTX_OK);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(next_news(), 0);
    end();
}

static struct all_interface second;

static int32_t inside_publish_open_fault(struct ctx *ctx)
{
    if (app_current() == n.outer) { /* it opens what its caller offers just now */
        body_open_second(ctx);
        assert_int_equal(n.table->word(n.table), CTX_E_BUSY);
        return 0;
    }
    t.descriptor = &second;
    t.len = sizeof second;
    t.count = FN_COUNT;
    body_publish(ctx);
    assert_int_equal(t.status, CTX_OK);
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, "org.example.all/3", sizeof(struct all_table), &table),
                     CTX_OK);
    const struct all_table *outer = (const struct all_table *)table;
    assert_int_equal(outer->word(outer), CTX_OK);
    fake_fault(14, 0x10);
}

/* Offered and opened in one call, which is undone then: who opened it has a stale table. */
static void what_is_offered_and_opened_in_an_undone_call_is_stale(void **state)
{
    (void)state;
    struct all_interface third = all_1;
    memset(&n, 0, sizeof n);
    second = all_1;
    second.head.id[sizeof SERVICE_ID - 2] = '2';
    third.head.id[sizeof SERVICE_ID - 2] = '3';
    begin_undone("provider offer=* restart=undo", "consumer");
    n.outer = load_v3("outer offer=*");
    assert_int_equal(publish(n.outer, &third, sizeof third, FN_COUNT), CTX_OK);
    t.inside = inside_publish_open_fault;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(call_word(t.consumer), CTX_E_FAULT);
        assert_int_equal(t.provider->undone, i + 1);
        assert_int_equal(service_count(), 2);
        call(n.outer, body_nested);
        assert_int_equal(t.status, CTX_E_STALE);
    }
    end_nested();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consumer_that_is_undone_is_news),
        cmocka_unit_test(a_call_without_services_is_no_news),
        cmocka_unit_test(what_was_offered_in_an_undone_call_is_not),
        cmocka_unit_test(a_call_that_took_a_result_is_not_undone),
        cmocka_unit_test(what_an_undone_call_canceled_goes_on),
        cmocka_unit_test(what_an_undone_call_heard_is_told_again),
        cmocka_unit_test(a_provider_that_is_undone_is_a_fault),
        cmocka_unit_test(both),
        cmocka_unit_test(a_call_that_heard_no_news_is_undone),
        cmocka_unit_test(what_an_undone_call_opened_can_be_opened),
        cmocka_unit_test(a_service_hears_nothing_of_the_one_before_it),
        cmocka_unit_test(what_is_offered_and_opened_in_an_undone_call_is_stale),
        cmocka_unit_test(a_served_call_that_is_undone_is_named),
        cmocka_unit_test(calls_that_are_undone_in_a_row_are_all_told),
        cmocka_unit_test(a_consumer_that_goes_after_it_was_undone_is_both),
        cmocka_unit_test(more_undone_calls_than_are_kept),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
