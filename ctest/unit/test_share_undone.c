/* SPDX-License-Identifier: MIT */
/*
 * Calls that are undone: what they wrote into a share stays, the handles and mappings that they
 * made are gone, those that they gave back are there again.
 */
#include "share_fixture.h"
#include "undo_fixture.h"

static uint32_t fresh;
static uint8_t *at_fresh;

static void two_undone(void)
{
    watch();
    two("restart=undo:1000");
}

/* The second app is the one that is undone. */
static void b_undone(void)
{
    watch();
    a = load_v3("a");
    b = load_v3("b restart=undo:1000");
    as(a, make_one);
    as(a, grant_b);
}

static void look_at(struct app *app, uint32_t share, struct ctx_share_info *info);

static struct ctx_share_info seen;
static uint32_t seen_share;
static ctx_status seen_status;

static void look_steps(void)
{
    seen_status = look(seen_share, &seen);
}

static void look_at(struct app *app, uint32_t share, struct ctx_share_info *info)
{
    seen_share = share;
    as(app, look_steps);
    *info = seen;
}

static void write_all(void)
{
    memset(at_a, 0x3c, 3 * PAGE_SIZE);
}

static void contents_stay(void **state)
{
    (void)state;
    remember();
    two_undone();
    faults_seen = 0;
    undone(a, write_all);
    assert_int_equal(faults_seen, 0); /* nobody watches it */
    for (uint32_t i = 0; i < 3 * PAGE_SIZE; i++) {
        assert_int_equal(at_b[i], 0x3c);
    }
    app_unload(a);
    gone(b);
}

static void create_map_and_grant(void)
{
    assert_int_equal(create(5, 0, &fresh), CTX_OK);
    assert_int_equal(map(fresh, RW, &at_fresh), CTX_OK);
    at_fresh[0] = 1;
    assert_int_equal(grant(fresh, b, RW, 0), CTX_OK);
    assert_int_equal(grant(share_a, b, RW, 0), CTX_OK);
}

static void new_things_are_gone(void **state)
{
    (void)state;
    remember();
    two_undone();
    uint64_t pages = a->pages, count = shares_count(a), theirs = shares_count(b);
    undone(a, create_map_and_grant);
    assert_int_equal(a->pages, pages);
    assert_int_equal(shares_count(a), count);
    assert_int_equal(shares_count(b), theirs);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_fresh), 0);
    struct ctx_share_info info;
    look_at(a, fresh, &info);
    assert_int_equal(seen_status, CTX_E_NOENT);
    as(a, create_map_and_grant); /* a good call keeps them */
    assert_int_equal(shares_count(a), count + 1);
    assert_int_equal(shares_count(b), theirs + 2);
    app_unload(a);
    gone(b);
}

static void close_and_unmap(void)
{
    struct ctx_share_info info;
    assert_int_equal(me.t->unmap(me.t, share_a), CTX_OK);
    assert_int_equal(me.t->unmap(me.t, share_a), CTX_E_NOENT);
    assert_int_equal(look(share_a, &info), CTX_OK);
    assert_int_equal(info.address, 0);
    assert_int_equal(info.mapped, 0);
    assert_int_equal(info.holders, 2);
    assert_int_equal(me.t->close(me.t, share_a), CTX_OK);
    assert_int_equal(me.t->close(me.t, share_a), CTX_E_NOENT);
    assert_int_equal(look(share_a, &info), CTX_E_NOENT);
}

static void what_was_closed_is_back(void **state)
{
    (void)state;
    remember();
    two_undone();
    uint64_t pages = a->pages;
    undone(a, close_and_unmap);
    assert_int_equal(a->pages, pages);
    struct ctx_share_info info;
    look_at(a, share_a, &info);
    assert_int_equal(seen_status, CTX_OK);
    assert_int_equal(info.address, (uint64_t)(uintptr_t)at_a);
    assert_int_equal(info.mapped, RW);
    at_a[5] = 6;
    assert_int_equal(at_b[5], 6);
    as(a, close_and_unmap); /* and in a good call it goes at its end */
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_a), 0);
    assert_int_equal(shares_count(a), 0);
    assert_int_equal(at_b[5], 6);
    app_unload(a);
    gone(b);
}

static uint32_t other_rights;

static void map_otherwise(void)
{
    uint8_t *at;
    assert_int_equal(me.t->unmap(me.t, share_a), CTX_OK);
    assert_int_equal(map(share_a, other_rights, &at), CTX_OK);
    assert_ptr_equal(at, at_a);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at), other_rights);
    assert_int_equal(map(share_a, other_rights, &at), CTX_E_EXIST);
}

static void a_mapping_gets_its_rights_back(void **state)
{
    (void)state;
    remember();
    two_undone();
    other_rights = RO;
    undone(a, map_otherwise);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_a), MAP_READ | MAP_WRITE);
    other_rights = RW;
    undone(a, map_otherwise);
    other_rights = RO;
    as(a, map_otherwise);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_a), MAP_READ);
    struct ctx_share_info info;
    look_at(a, share_a, &info);
    assert_int_equal(info.mapped, RO);
    app_unload(a);
    gone(b);
}

/* What was taken in the call is there to be taken once more, as events are. */
static void taken_twice(void **state)
{
    (void)state;
    remember();
    b_undone();
    undone(b, take_b);
    uint32_t first = share_b;
    share_b = 0;
    as(b, take_b);
    uint64_t pages = b->pages;
    assert_int_equal(share_b, first);
    undone(b, map_b);
    assert_int_equal(b->pages, pages);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b), 0);
    as(b, map_b);
    app_unload(a);
    gone(b);
}

static void take_and_close(void)
{
    take_b();
    assert_int_equal(me.t->close(me.t, share_b), CTX_OK);
}

static void taken_and_closed(void **state)
{
    (void)state;
    remember();
    b_undone();
    undone(b, take_and_close);
    assert_int_equal(shares_count(b), 1);
    as(b, take_and_close);
    assert_int_equal(shares_count(b), 0);
    app_unload(a);
    gone(b);
}

static void close_in_a_loop(void)
{
    for (uint32_t i = 0; i < 500; i++) {
        assert_int_equal(create(100 * PAGE_SIZE, 0, &fresh), CTX_OK);
        assert_int_equal(map(fresh, RW, &at_fresh), CTX_OK);
        assert_int_equal(me.t->close(me.t, fresh), CTX_OK);
    }
}

/* What comes and goes in one call leaves nothing behind until its end. */
static void much_comes_and_goes(void **state)
{
    (void)state;
    remember();
    two_undone();
    as(a, close_in_a_loop);
    undone(a, close_in_a_loop);
    app_unload(a);
    gone(b);
}

/* What it did to others stays; what others do meanwhile is not undone either. */
static void what_was_revoked_stays_so(void **state)
{
    (void)state;
    remember();
    two_undone();
    undone(a, revoke_all);
    struct ctx_share_info info;
    look_at(b, share_b, &info);
    assert_int_equal(info.flags, CTX_SHARE_REVOKED);
    app_unload(b);
    gone(a);
}

/* A call that is parked, and undone later, while the granter has gone. */
static int32_t body_takes_and_is_parked(struct ctx *ctx)
{
    begin_with(ctx);
    take_b();
    map_b();
    end_with();
    (void)fake_spend(APP_BUDGET_NS);
    fake_overrun();
}

static int32_t body_ends_in_a_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(14, 0x10);
}

static void parked_and_undone(void **state)
{
    (void)state;
    for (uint32_t gone_first = 0; gone_first < 2; gone_first++) {
        remember();
        b_undone();
        call(b, body_takes_and_is_parked);
        assert_non_null(b->parked);
        at_b[0] = 1; /* it is there while the call is parked */
        if (gone_first != 0) {
            app_unload(a);
            at_b[0] = 2;
        }
        call(b, body_ends_in_a_fault);
        assert_int_equal(b->undone, 1);
        assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b), 0);
        as(b, take_b);
        if (gone_first == 0) {
            app_unload(a);
        }
        gone(b);
    }
}

/* Its pages are revoked while its call is parked: it goes on, with the copy. */
static int32_t body_goes_on(struct ctx *ctx)
{
    (void)ctx;
    at_b[1] = at_b[0];
    return CTX_AGAIN;
}

static void parked_and_revoked(void **state)
{
    (void)state;
    remember();
    b_undone();
    call(b, body_takes_and_is_parked);
    at_a[0] = 9;
    as(a, revoke_all);
    at_a[0] = 10;
    call(b, body_goes_on);
    assert_int_equal(b->faults, 0);
    assert_int_equal(at_b[1], 9);
    app_unload(a);
    gone(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_stay),
        cmocka_unit_test(new_things_are_gone),
        cmocka_unit_test(what_was_closed_is_back),
        cmocka_unit_test(a_mapping_gets_its_rights_back),
        cmocka_unit_test(taken_twice),
        cmocka_unit_test(taken_and_closed),
        cmocka_unit_test(much_comes_and_goes),
        cmocka_unit_test(what_was_revoked_stays_so),
        cmocka_unit_test(parked_and_undone),
        cmocka_unit_test(parked_and_revoked),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
