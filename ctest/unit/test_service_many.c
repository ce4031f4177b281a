/* SPDX-License-Identifier: MIT */
/* Ten thousand services of forty providers, and as many open tables of many consumers. */
#include "policy_fixture.h"
#include "service_fixture.h"

#define PROVIDERS 40u
#define EACH      250u /* services of one provider */
#define CONSUMERS 64u
#define TABLES    160u /* of one app at most, ctx.service/1 not among them here */

/* Consumer number c opens these, one after the other: each service has users, and most have
 * several. */
static void many_id(uint32_t c, uint32_t i, char id[64])
{
    uint32_t n = (c * 157 + i * 61) % (PROVIDERS * EACH);
    snprintf(id, 64, "org.example.n%u/%u", n / EACH, n % EACH + 1);
}

static void check_users(uint32_t consumers)
{
    uint32_t seen = 0, users = 0;
    for (struct service *s = service_after(NULL); s != NULL; s = service_after(s)) {
        uint32_t here = 0;
        for (const struct service_use *use = s->uses; use != NULL; use = use->next) {
            here += use->consumer != NULL;
        }
        assert_int_equal(here, s->users);
        users += here;
        seen++;
    }
    assert_int_equal(seen, service_count());
    assert_int_equal(users, consumers * TABLES);
}

static void many_services(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    remember();
    fake.service = served;
    static struct app *providers[PROVIDERS], *consumers[CONSUMERS];
    struct all_interface d = all_1;
    d.head.count = 1;
    d.head.size = sizeof d.head + sizeof d.fns[0];
    for (uint32_t p = 0; p < PROVIDERS; p++) {
        providers[p] = load_v3("provider offer=*");
        for (uint32_t i = 0; i < EACH; i++) {
            struct interface *iface;
            uint64_t code = providers[p]->entry;
            snprintf((char *)d.head.id, sizeof d.head.id, "org.example.n%u/%u", p, i + 1);
            iface = interface_make(&d, d.head.size);
            assert_int_equal(service_publish(providers[p], iface, &code, i + 1), CTX_OK);
            interface_drop(iface);
        }
    }
    assert_int_equal(service_count(), PROVIDERS * EACH);
    for (uint32_t c = 0; c < CONSUMERS; c++) {
        consumers[c] = load_v3("consumer");
        for (uint32_t i = 0; i <= TABLES; i++) {
            char id[64];
            uint64_t at;
            many_id(c, i, id);
            ctx_status status = service_open(consumers[c], id, (uint32_t)strlen(id), 0, &at);
            assert_int_equal(status, i < TABLES ? CTX_OK : CTX_E_NOSPC);
        }
        assert_true(fake_said(": no room for org.example.n"));
        fake_serial_clear();
    }
    check_users(CONSUMERS);
    /* Half of both go, in turns; who is left keeps what it has, and nobody is counted twice. */
    for (uint32_t n = 0; n < CONSUMERS / 2; n++) {
        app_unload(consumers[n * 2]);
        service_settle();
    }
    check_users(CONSUMERS / 2);
    for (uint32_t p = 0; p < PROVIDERS; p += 2) {
        app_unload(providers[p]);
    }
    assert_int_equal(service_count(), PROVIDERS * EACH / 2);
    uint32_t stale = 0;
    for (uint32_t c = 1; c < CONSUMERS; c += 2) {
        for (uint32_t i = 0; i < TABLES; i++) {
            char id[64];
            uint64_t at;
            many_id(c, i, id);
            ctx_status status = service_open(consumers[c], id, (uint32_t)strlen(id), 0, &at);
            assert_true(status == CTX_OK || status == CTX_E_NOSYS);
            stale += status == CTX_E_NOSYS;
        }
    }
    assert_in_range(stale, CONSUMERS * TABLES / 8, CONSUMERS * TABLES * 3 / 8);
    for (uint32_t n = 0; n < MAX(CONSUMERS, PROVIDERS); n++) {
        if (n < CONSUMERS && n % 2 == 1) {
            app_unload(consumers[n]);
        }
        if (n < PROVIDERS && n % 2 == 1) {
            app_unload(providers[n]);
        }
    }
    assert_int_equal(service_count(), 0);
    fake.service = NULL;
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_services),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
