/* SPDX-License-Identifier: MIT */
/* Shares of an app that runs in another one: its host stands in for the functions, and reads and
 * writes what is mapped with the child's rights. */
#include "share_fixture.h"

#include "host_fixture.h"

#define LEN 64u

static void child_makes(void)
{
    assert_int_equal(create(PAGE_SIZE, CTX_SHARE_ZERO, &share_a), CTX_OK);
    assert_int_equal(map(share_a, RW, &at_a), CTX_OK);
    at_a[0] = 0x17;
}

static void child_maps_to_read(void)
{
    assert_int_equal(me.t->unmap(me.t, share_a), CTX_OK);
    assert_int_equal(map(share_a, RO, &at_a), CTX_OK);
}

static void child_is_refused(void)
{
    assert_int_equal(create(PAGE_SIZE, 0, &share_b), CTX_E_DENIED);
    assert_int_equal(me.t->close(me.t, share_a), CTX_E_DENIED);
}

static int32_t serve_no(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    t.served++;
    call->result = (uint32_t)CTX_E_DENIED;
    return 0;
}

static ctx_status written;

static int32_t host_looks(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint8_t *bytes = own(ctx, LEN);
    uint64_t at = (uint64_t)(uintptr_t)at_a;
    assert_int_equal(host->copy_in(host, t.handle, at, bytes, LEN), CTX_OK);
    assert_int_equal(bytes[0], 0x17);
    memset(bytes, 0x2b, LEN);
    written = host->copy_out(host, t.handle, at + 1, bytes, LEN);
    /* Behind the mapping there is nothing. */
    assert_int_equal(host->copy_in(host, t.handle, at + PAGE_SIZE - 1, bytes, 2), CTX_E_FAULT);
    return CTX_AGAIN;
}

static void wrapped_and_copied(void **state)
{
    (void)state;
    start("share", true);
    as(t.child, child_makes);
    assert_int_equal(t.served, 2); /* create and map went through the host */
    assert_text((const char *)t.seen.name, "share.map");
    call(t.host, host_looks);
    assert_int_equal(t.host->faults, 0);
    assert_int_equal(written, CTX_OK);
    assert_int_equal(at_a[1], 0x2b);
    as(t.child, child_maps_to_read);
    call(t.host, host_looks);
    assert_int_equal(t.host->faults, 0);
    assert_int_equal(written, CTX_E_FAULT);
    fake.serve = serve_no;
    as(t.child, child_is_refused);
    assert_int_equal(shares_count(t.child), 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrapped_and_copied),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
