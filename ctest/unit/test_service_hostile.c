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

/* ---- main ---- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_denied_again_and_again_floods_nobody),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
