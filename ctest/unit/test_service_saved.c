/* SPDX-License-Identifier: MIT */
/* Images of providers and consumers: tables come back STALE, what was offered is offered again. */
#include "image_taken.h"
#include "policy_fixture.h"
#include "service_fixture.h"

static uint64_t number;

static int32_t body_slow(struct ctx *ctx)
{
    uint64_t *out = own(ctx, 8);
    t.status = t.table->slow(t.table, 0, out);
    number = *out;
    return 0;
}

static int32_t body_take(struct ctx *ctx)
{
    const struct ctx_service *service = service_table(ctx);
    uint32_t *n = own(ctx, 8);
    t.status = service->take(service, number, n, 0, n, n + 1);
    return 0;
}

static ctx_status take_result(struct app *app)
{
    t.status = -99;
    call(app, body_take);
    return t.status;
}

static void a_consumer_comes_back(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_slow);
    assert_int_equal(t.status, CTX_PENDING);
    take(t.consumer, 0);
    app_unload(t.consumer);
    t.consumer = bring_back();
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(take_result(t.consumer), CTX_E_STALE);
    assert_int_equal(t.consumer->hints >> CTX_EVENT_DONE & 1, 1); /* reason enough to look */
    const void *table = t.table;
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_ptr_equal(t.table, table);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    call(t.consumer, body_slow);
    assert_int_equal(number, 2); /* no number twice */
    end();
}

static void a_provider_comes_back(void **state)
{
    (void)state;
    begin();
    call(t.consumer, body_slow);
    take(t.provider, 0);
    app_unload(t.provider);
    assert_int_equal(service_count(), 0);
    assert_int_equal(take_result(t.consumer), CTX_E_STALE);
    t.provider = bring_back();
    assert_int_equal(service_count(), 1);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE); /* it is not the one it knew */
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    call(t.consumer, body_slow);
    assert_int_equal(t.status, CTX_PENDING);
    assert_int_equal(t.seen[0], 2);
    end();
}

static void somebody_else_offers_it_meanwhile(void **state)
{
    (void)state;
    begin();
    take(t.provider, 0);
    struct app *second = load_v3("second offer=*");
    assert_int_equal(publish_all(second), CTX_OK);
    app_unload(t.provider);
    t.provider = bring_back();
    assert_int_equal(service_count(), 2);
    assert_ptr_equal(service_current(SERVICE_ID)->provider, second);
    app_unload(second);
    assert_ptr_equal(service_current(SERVICE_ID)->provider, t.provider);
    end();
}

/* In place: the instance stays, and goes back to before. */
static void go_back(struct app *app)
{
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
}

static void both_go_back_in_place(void **state)
{
    (void)state;
    begin();
    assert_int_equal(call_word(t.consumer), CTX_OK);
    take(t.consumer, SAVE_UNCHECKED);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    go_back(t.consumer);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(service_current(SERVICE_ID)->gone, 1); /* the provider will hear */
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    take(t.provider, SAVE_UNCHECKED);
    go_back(t.provider);
    assert_int_equal(service_count(), 1);
    assert_int_equal(call_word(t.consumer), CTX_E_STALE);
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_OK);
    end();
}

/* The descriptor is in the image: what has changed since is not called by its old place. */
static void functions_that_changed_since(void **state)
{
    (void)state;
    begin();
    take(t.consumer, 0);
    app_unload(t.consumer);
    app_unload(t.provider);
    t.provider = load_v3("provider offer=*");
    struct all_interface d = all_1;
    d.fns[FN_WORD].name[0] = 'l';
    assert_int_equal(publish(t.provider, &d, sizeof d, FN_COUNT), CTX_OK);
    t.consumer = bring_back();
    assert_int_equal(open_all(t.consumer), CTX_OK);
    assert_int_equal(call_word(t.consumer), CTX_E_NOSYS);
    end();
}

static void a_long_id_comes_back(const char *id)
{
    begin();
    const size_t len = strlen(id);
    struct all_interface d = all_1;
    memset(d.head.id, 0, sizeof d.head.id);
    memcpy(d.head.id, id, len);
    struct app *other = load_v3("other offer=*");
    assert_int_equal(publish(other, &d, sizeof d, FN_COUNT), CTX_OK);
    uint64_t first, again;
    assert_int_equal(service_open(t.consumer, id, (uint32_t)len, 0, &first), CTX_OK);
    take(t.consumer, 0);
    app_unload(t.consumer);
    t.consumer = bring_back();
    assert_int_equal(service_open(t.consumer, id, (uint32_t)len, 0, &again), CTX_OK);
    assert_int_equal(first, again);
    app_unload(other);
    end();
}

static void long_ids(void **state)
{
    (void)state;
    a_long_id_comes_back("org.example.an-id-of-fifty-bytes.that-needs-more/1234567");
    a_long_id_comes_back(
        "org.example.an-id-of-sixty-three-bytes.that-fills-all/123456789"); /* as long as one can be
                                                                             */
}

/* ---- what they may ---- */

static const char *use_of(const struct app *app, const char *id)
{
    const char *params;
    return !grants_find(&app->grant_list, GRANT_USE, id, &params) ? "none"
           : params == NULL                                       ? "all"
                                                                  : params;
}

static struct app *bring_back_by(const struct app *by)
{
    struct app *app;
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_restore(&f.image, "test.img", by, &app, &f.error), CTX_OK);
    return app;
}

static void what_they_may_comes_back(void **state)
{
    (void)state;
    begin();
    app_unload(t.consumer);
    t.consumer = load_v3("consumer use=org.*(a\\\\\\\\\\\\)\\ b),x/1 deny=org.no.* offer=own/1");
    take(t.consumer, SAVE_PACKED);
    app_unload(t.consumer);
    t.consumer = bring_back();
    assert_text(use_of(t.consumer, "org.example.all/1"), "a\\) b");
    assert_text(use_of(t.consumer, "x/1"), "all");
    assert_true(service_is_denied(t.consumer, "org.no.a/1"));
    assert_true(service_may_offer(t.consumer, "own/1"));
    /* No more than whoever restores it has. */
    struct app *by = load_v3("by trusted use=org.example.all/1,x/1(y) deny=x/1");
    app_unload(t.consumer);
    t.consumer = bring_back_by(by);
    assert_text(use_of(t.consumer, "org.example.all/1"), "none");
    assert_text(use_of(t.consumer, "x/1"), "none");
    assert_true(service_is_denied(t.consumer, "x/1"));
    assert_false(service_may_offer(t.consumer, "own/1"));
    assert_true(fake_said("its image has use=x/1, and who restores it has not got that"));
    app_unload(by);
    end();
}

/* Nor does it offer again what it may not any more. */
static void a_provider_that_may_not_any_more(void **state)
{
    (void)state;
    begin();
    take(t.provider, 0);
    app_unload(t.provider);
    struct app *by = load_v3("by trusted");
    t.provider = bring_back_by(by);
    assert_int_equal(service_count(), 0);
    assert_true(fake_said("does not offer org.example.all/1 again: DENIED"));
    app_unload(by);
    end();
}

/* ---- images that are refused ---- */

static void refused_at(const char *field)
{
    image_reseal(f.bytes, f.len);
    assert_false(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_text(f.error.field, field);
}

static struct ctx_image_service *entry(uint32_t what)
{
    struct ctx_image_service *s =
        (struct ctx_image_service *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SERVICES));
    while (s->what != what) {
        s++;
    }
    return s;
}

#define REFUSED(app, change, field)                                                                \
    do {                                                                                           \
        take(app, 0);                                                                              \
        change;                                                                                    \
        refused_at(field);                                                                         \
    } while (0)

static void what_no_image_has(void **state)
{
    (void)state;
    begin();
    struct app *p = t.provider, *c = t.consumer;
    REFUSED(p, entry(CTX_IMAGE_SERVICE_OFFERS)->what = 4, "service.what");
    REFUSED(p, entry(CTX_IMAGE_SERVICE_OFFERS)->at = 4, "service.at");
    REFUSED(p, entry(CTX_IMAGE_SERVICE_OFFERS)->at = UINT64_MAX - 7, "service.at");
    REFUSED(p, entry(CTX_IMAGE_SERVICE_OFFERS)->at = 8, "interfaces");
    REFUSED(p, entry(CTX_IMAGE_SERVICE_OFFERS)->code = 1, "service.code");
    REFUSED(p, entry(CTX_IMAGE_SERVICE_OFFERS)->code = UINT64_MAX, "service.code");
    REFUSED(c, entry(CTX_IMAGE_SERVICE_USES)->code += 0x400, "service.code");
    REFUSED(p, f.bytes[image_section_at(f.bytes, CTX_IMAGE_INTERFACES) + 80] = 'A', "interfaces");
    REFUSED(p, *(uint64_t *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SERVED)) = 0, "served");
    take(p, 0);
    *(uint64_t *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SERVED)) = CTX_SLOT_IMAGE;
    image_reseal(f.bytes, f.len);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error)); /* its file begins there */
    uint64_t at = image_section_at(f.bytes, CTX_IMAGE_GRANT_ITEMS);
    REFUSED(p, f.bytes[at + 8] = '!', "grant.item");                   /* no character of an id */
    REFUSED(p, f.bytes[at + 4] += 1, "grant.item");                    /* longer than the text */
    REFUSED(p, f.bytes[at + 5] = 0x10, "grant.item");                  /* and than any */
    REFUSED(p, f.bytes[at + 8 + sizeof SERVICE_ID] = 1, "grant.item"); /* something behind it */
    take(p, 0);
    f.bytes[at] = 9; /* of a word that a later system has */
    image_reseal(f.bytes, f.len);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consumer_comes_back),
        cmocka_unit_test(a_provider_comes_back),
        cmocka_unit_test(somebody_else_offers_it_meanwhile),
        cmocka_unit_test(both_go_back_in_place),
        cmocka_unit_test(functions_that_changed_since),
        cmocka_unit_test(long_ids),
        cmocka_unit_test(what_they_may_comes_back),
        cmocka_unit_test(a_provider_that_may_not_any_more),
        cmocka_unit_test(what_no_image_has),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
