/* SPDX-License-Identifier: MIT */
/* Shares: what each function does, who may do what, and what wild arguments get. */
#include "share_fixture.h"

static void both_see_the_same(void **state)
{
    (void)state;
    remember();
    two("");
    assert_ptr_not_equal(at_a, at_b); /* each in its own slot */
    assert_true((uint64_t)(uintptr_t)at_b - b->base >= CTX_SLOT_SHARED);
    at_a[PAGE_SIZE * 3 - 1] = 9;
    at_b[0] = 8;
    assert_int_equal(at_b[PAGE_SIZE * 3 - 1], 9);
    assert_int_equal(at_a[0], 8);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b), MAP_READ | MAP_WRITE);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b + 3 * PAGE_SIZE), 0);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b - 1), 0);
    app_unload(a);
    gone(b);
}

static void everything_is_told(void)
{
    struct ctx_share_info info;
    assert_int_equal(look(share_b, &info), CTX_OK);
    assert_int_equal(info.size, sizeof info);
    assert_int_equal(info.share, share_b);
    assert_int_equal(info.rights, RW);
    assert_int_equal(info.flags, 0);
    assert_int_equal(info.bytes, 3 * PAGE_SIZE);
    assert_int_equal(info.address, (uint64_t)(uintptr_t)at_b);
    assert_int_equal(info.tag, 77);
    assert_int_equal(info.from, a->pid);
    assert_int_equal(info.owner, a->pid);
    assert_int_equal(info.mapped, RW);
    assert_int_equal(info.holders, 2);
}

static void roots_are_told(void)
{
    struct ctx_share_info info;
    assert_int_equal(look(share_a, &info), CTX_OK);
    assert_int_equal(info.flags, CTX_SHARE_ROOT);
    assert_int_equal(info.from, a->pid);
    assert_int_equal(info.tag, 0);
}

static void info(void **state)
{
    (void)state;
    remember();
    two("");
    as(b, everything_is_told);
    as(a, roots_are_told);
    app_unload(b);
    gone(a);
}

/* ---- arguments ---- */

static void wild_handles_get_noent(void)
{
    static const uint32_t wild[] = {0, 1, 0x3ff, 0x400, 0x401, 0x7ff, 0x80000000, UINT32_MAX};
    uint8_t *at;
    struct ctx_share_info info;
    for (size_t i = 0; i < ARRAY_COUNT(wild) + 1; i++) {
        uint32_t h = i < ARRAY_COUNT(wild) ? wild[i] : share_a + 0x400;
        if (h == share_a) {
            continue;
        }
        assert_int_equal(map(h, RW, &at), CTX_E_NOENT);
        assert_int_equal(me.t->unmap(me.t, h), CTX_E_NOENT);
        assert_int_equal(grant(h, b, RO, 0), CTX_E_NOENT);
        assert_int_equal(look(h, &info), CTX_E_NOENT);
        assert_int_equal(me.t->revoke(me.t, h, UINT64_MAX), CTX_E_NOENT);
        assert_int_equal(me.t->close(me.t, h), CTX_E_NOENT);
        assert_int_equal(me.t->wake(me.t, h), CTX_E_NOENT);
    }
}

static void wild_arguments(void)
{
    uint8_t *at;
    uint32_t h;
    struct ctx_share_info info;
    assert_int_equal(create(0, 0, &h), CTX_E_INVAL);
    assert_int_equal(create(1, 2, &h), CTX_E_INVAL);
    assert_int_equal(create(1, UINT64_MAX, &h), CTX_E_INVAL);
    assert_int_equal(h, 0);
    static const uint32_t rights[] = {0, 2, 4, 7, 5, UINT32_MAX};
    for (size_t i = 0; i < ARRAY_COUNT(rights); i++) {
        assert_int_equal(map(share_a, rights[i], &at), CTX_E_INVAL);
        assert_int_equal(grant(share_a, b, rights[i], 0), CTX_E_INVAL);
    }
    assert_int_equal(map(share_a, RO, &at), CTX_E_EXIST);
    assert_int_equal(grant(share_a, a, RO, 0), CTX_E_INVAL);
    assert_int_equal(me.t->grant(me.t, share_a, 12345, RO, 0), CTX_E_NOENT);
    assert_int_equal(me.t->revoke(me.t, share_a, 12345), CTX_E_NOENT);
    assert_int_equal(me.t->revoke(me.t, share_a, a->pid), CTX_E_NOENT);
    assert_int_equal(take_next(&info), CTX_E_AGAIN);
    assert_int_equal(me.t->unmap(me.t, share_a), CTX_OK);
    assert_int_equal(me.t->unmap(me.t, share_a), CTX_E_NOENT);
    /* Where results go must be there, and then nothing is done. */
    uint64_t pages = a->pages, count = shares_count(a);
    uint32_t *nowhere = (uint32_t *)(uintptr_t)(a->base + CTX_SLOT_HEAP_END - PAGE_SIZE);
    assert_int_equal(me.t->create(me.t, 5, 0, nowhere), CTX_E_INVAL);
    assert_int_equal(me.t->map(me.t, share_a, RW, (uint64_t *)nowhere), CTX_E_INVAL);
    assert_int_equal(a->pages, pages);
    assert_int_equal(shares_count(a), count);
    assert_int_equal(look(share_a, &info), CTX_OK);
    assert_int_equal(info.address, 0);
}

static void arguments(void **state)
{
    (void)state;
    remember();
    two("");
    as(a, wild_handles_get_noent);
    as(a, wild_arguments);
    app_unload(b);
    gone(a);
}

/* A share that an app may only read was mapped for writing when it asked for it. */
static void only_its_rights_body(void)
{
    uint8_t *at;
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_OK);
    assert_int_equal(info.rights, RO);
    assert_int_equal(map(info.share, RW, &at), CTX_E_DENIED);
    assert_int_equal(grant(info.share, a, RW, 0), CTX_E_DENIED);
    assert_int_equal(map(info.share, RO, &at), CTX_OK);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at), MAP_READ);
    /* Nor by way of the kernel. */
    uint64_t *word = (uint64_t *)(uintptr_t)at;
    assert_int_equal(me.ctx->time->now(me.ctx->time, word), CTX_E_INVAL);
    assert_int_equal(*word, 0);
}

static void grant_to_read(void)
{
    assert_int_equal(create(10, CTX_SHARE_ZERO, &share_a), CTX_OK);
    assert_int_equal(grant(share_a, b, RO, 0), CTX_OK);
}

static void only_its_rights(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b");
    as(a, grant_to_read);
    as(b, only_its_rights_body);
    app_unload(b);
    gone(a);
}

/* ---- granting ---- */

static uint32_t granted;

static void grant_many(void)
{
    uint32_t h;
    ctx_status status = CTX_OK;
    assert_int_equal(create(10, 0, &h), CTX_OK);
    for (granted = 0; status == CTX_OK; granted += status == CTX_OK) {
        status = grant(h, b, RO, granted);
    }
    assert_int_equal(status, CTX_E_AGAIN);
    assert_int_equal(me.t->close(me.t, h), CTX_OK); /* it is theirs all the same */
}

static void take_them(void)
{
    struct ctx_share_info info;
    for (uint32_t i = 0; i < granted; i++) {
        assert_int_equal(take_next(&info), CTX_OK);
        assert_int_equal(info.tag, i); /* the oldest first */
        if (i % 2 == 0) {
            assert_int_equal(me.t->close(me.t, info.share), CTX_OK);
        }
    }
    assert_int_equal(take_next(&info), CTX_E_AGAIN);
}

/* An app that takes nothing keeps nobody's memory for more than a few grants. */
static void those_that_are_not_taken_are_few(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b");
    as(a, grant_many);
    assert_int_equal(granted, SHARE_UNTAKEN);
    as(b, take_them);
    as(a, grant_many);
    assert_int_equal(shares_count(b), granted / 2 + granted);
    app_unload(a); /* what was not taken is gone with it */
    assert_int_equal(shares_count(b), granted / 2);
    gone(b);
}

static void nobody_else(void)
{
    assert_int_equal(create(10, 0, &share_a), CTX_OK);
    assert_int_equal(grant(share_a, b, RO, 0), CTX_E_NOENT); /* of version 2 */
    assert_int_equal(grant(share_a, c, RO, 0), CTX_E_DENIED);
}

static void denied_body(void)
{
    uint32_t h;
    assert_int_equal(create(10, 0, &h), CTX_E_DENIED);
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_E_DENIED);
}

static void who_may_have_one(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load("b");
    c = load_v3("c deny=ctx.share/1");
    as(a, nobody_else);
    as(c, denied_body);
    uint32_t theirs = 5;
    assert_int_equal(share_pass(a, share_a, RO, c, &theirs), CTX_E_DENIED);
    assert_int_equal(theirs, 0);
    app_unload(a);
    app_unload(b);
    gone(c);
}

/* ---- in a call ---- */

static void passed_in_a_call(void **state)
{
    (void)state;
    remember();
    two("");
    c = load_v3("c");
    uint32_t theirs;
    assert_int_equal(share_pass(b, share_b, RO, c, &theirs), CTX_OK);
    const struct holding *h = share_find(c, theirs);
    assert_non_null(h);
    assert_int_equal(h->rights, RO);
    assert_ptr_equal(h->parent, share_find(b, share_b));
    uint32_t again;
    assert_int_equal(share_pass(c, theirs, RW, a, &again), CTX_E_DENIED);
    assert_int_equal(share_pass(c, theirs, 2, a, &again), CTX_E_INVAL);
    assert_int_equal(share_pass(c, theirs, RO, c, &again), CTX_E_INVAL);
    assert_int_equal(share_pass(c, theirs + 0x400, RO, a, &again), CTX_E_NOENT);
    assert_int_equal(share_pass(c, theirs, RO, a, &again), CTX_OK);
    as(a, revoke_all); /* a's own, by way of c, too */
    assert_int_equal(share_pass(c, theirs, RO, b, &again), CTX_E_REVOKED);
    share_drop(c, theirs);
    share_drop(c, theirs);
    assert_null(share_find(c, theirs));
    app_unload(a);
    app_unload(b);
    gone(c);
}

/* ---- waiting ---- */

static int32_t body_waits(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_SHARE), CTX_OK);
    return CTX_WAIT;
}

static int32_t body_waits_for_nobody(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_RESTORED),
                     CTX_E_INVAL);
    return CTX_WAIT;
}

static void wake_others(void)
{
    assert_int_equal(me.t->wake(me.t, share_a), CTX_OK);
}

static void close_a(void)
{
    assert_int_equal(me.t->close(me.t, share_a), CTX_OK);
}

static void waits_until(struct app *who, void (*what)(void), bool wakes)
{
    call(b, body_waits);
    assert_int_equal(b->turn.where, TURN_WAITING);
    as(who, what);
    assert_int_equal(b->turn.where, wakes ? TURN_READY : TURN_WAITING);
    if (!wakes) {
        ready_wake(b);
    }
    assert_ptr_equal(ready_take(), b);
}

static void create_another(void)
{
    uint32_t h;
    assert_int_equal(create(100, 0, &h), CTX_OK);
}

static void waiting(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b");
    call(b, body_waits_for_nobody);
    ready_wake(b);
    assert_ptr_equal(ready_take(), b);
    as(a, make_one);
    waits_until(a, create_another, false);
    waits_until(a, grant_b, true);
    call(b, body_waits); /* it is still there to be taken */
    assert_ptr_equal(ready_take(), b);
    as(b, take_b);
    as(b, map_b);
    waits_until(a, wake_others, true);
    as(a, wake_others); /* b does not wait now: its next wait ends at once, and only that one */
    call(b, body_waits);
    assert_ptr_equal(ready_take(), b);
    waits_until(a, create_another, false);
    waits_until(a, revoke_all, true);
    as(a, grant_b);
    as(a, revoke_all); /* before it was taken: nothing is there to be taken */
    waits_until(a, create_another, false);
    as(a, grant_b);
    as(b, take_b);
    waits_until(a, close_a, true); /* the other side has gone */
    app_unload(a);
    gone(b);
}

/* ---- where they lie, and how many there are ---- */

static void create_two_pages(void)
{
    uint32_t h;
    uint8_t *at;
    assert_int_equal(create(2 * PAGE_SIZE, CTX_SHARE_ZERO, &h), CTX_OK);
    assert_int_equal(map(h, RW, &at), CTX_OK);
    memset(at, 1, 2 * PAGE_SIZE);
    assert_int_equal(me.t->close(me.t, h), CTX_OK);
}

/* No two frames lie side by side. */
static void memory_in_pieces_will_do(void **state)
{
    (void)state;
    static paddr_t held[32u << 8];
    uint32_t count = 0, odd = 0;
    remember();
    a = load_v3("a");
    while ((held[count] = frame_alloc(0, 0)) != 0) {
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if ((held[i] >> PAGE_SHIFT & 1) == 0) {
            frame_free(held[i], 0);
        } else {
            held[odd++] = held[i];
        }
    }
    assert_int_equal(frame_alloc(1, 0), 0);
    as(a, create_two_pages);
    while (odd > 0) {
        frame_free(held[--odd], 0);
    }
    gone(a);
}

static void gaps_body(void)
{
    uint32_t h[4];
    uint8_t *at[4], *again;
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(create((i + 1) * PAGE_SIZE, 0, &h[i]), CTX_OK);
        assert_int_equal(map(h[i], RW, &at[i]), CTX_OK);
        assert_true(i == 0 || at[i] == at[i - 1] + (i + 1) * PAGE_SIZE);
    }
    assert_int_equal(me.t->unmap(me.t, h[1]), CTX_OK);
    assert_int_equal(me.t->unmap(me.t, h[2]), CTX_OK);
    assert_int_equal(map(h[2], RO, &again), CTX_OK);
    assert_ptr_equal(again, at[1]); /* the lowest gap */
    assert_int_equal(map(h[1], RO, &again), CTX_OK);
    assert_true(again == at[1] + 4 * PAGE_SIZE);
    assert_int_equal(me.t->close(me.t, h[0]), CTX_OK);
    assert_int_equal(create(1, 0, &h[0]), CTX_OK);
    assert_int_equal(map(h[0], RW, &again), CTX_OK);
    assert_ptr_equal(again, at[0]);
}

/* A page for it and one behind it are left: enough; and one less is not. */
static void last_gap_body(void)
{
    uint32_t h[2];
    uint8_t *at[2];
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(create(PAGE_SIZE, 0, &h[i]), CTX_OK);
    }
    assert_int_equal(map(h[0], RW, &at[0]), CTX_OK);
    struct holding *low = shares_of(app_current())->lowest; /* as if it were nearly all there is */
    low->pages = (CTX_SLOT_SHARED_END - low->at) / PAGE_SIZE - 3;
    assert_int_equal(map(h[1], RW, &at[1]), CTX_OK);
    assert_int_equal((uintptr_t)at[1], app_current()->base + CTX_SLOT_SHARED_END - 2 * PAGE_SIZE);
    assert_int_equal(me.t->unmap(me.t, h[1]), CTX_OK);
    low->pages++;
    assert_int_equal(map(h[1], RW, &at[1]), CTX_E_NOSPC);
    low->pages = 1;
}

static void gaps(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    as(a, gaps_body);
    gone(a);
    remember();
    a = load_v3("a");
    as(a, last_gap_body);
    gone(a);
}

static void handles_body(void)
{
    static uint32_t all[SHARE_HANDLES + 1];
    uint32_t n = 0, h;
    ctx_status status;
    while ((status = create(1, 0, &h)) == CTX_OK) {
        assert_true(n < SHARE_HANDLES && h != 0);
        all[n++] = h;
    }
    assert_int_equal(status, CTX_E_NOSPC);
    assert_int_equal(n, SHARE_HANDLES);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(me.t->close(me.t, all[i]), CTX_OK);
    }
    assert_int_equal(create(1, 0, &h), CTX_OK);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_not_equal(h, all[i]);
    }
}

static void no_handle_comes_twice(void **state)
{
    (void)state;
    remember();
    a = load_v3("a mem=16M");
    as(a, handles_body);
    assert_int_equal(shares_count(a), 1);
    gone(a);
}

/* ---- how much ---- */

static void terabyte_body(void)
{
    static const uint64_t sizes[] = {UINT64_C(1) << 40, UINT64_MAX, UINT64_MAX - 4095,
                                     UINT64_C(1) << 30, UINT64_C(1) << 63};
    uint32_t h;
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        assert_int_equal(create(sizes[i], 0, &h), CTX_E_TOOBIG);
    }
    assert_int_equal(create((UINT64_C(1) << 30) - 2 * PAGE_SIZE, 0, &h), CTX_E_NOMEM);
    assert_int_equal(create(9 << 20, 0, &h), CTX_E_NOMEM); /* over its quota */
    assert_int_equal(h, 0);
}

static void a_share_of_a_terabyte(void **state)
{
    (void)state;
    remember();
    fake_serial_clear();
    a = load_v3("a");
    as(a, terabyte_body);
    assert_true(fake_said("W share: a#"));
    assert_true(fake_said("no share of bytes=1099511627776: a slot has no room for it"));
    assert_int_equal(fake_said_times("no share of bytes="), 1); /* one line, not five */
    gone(a);
}

static void four_mib(void)
{
    assert_int_equal(create(4 << 20, 0, &share_a), CTX_OK);
    assert_int_equal(grant(share_a, b, RW, 0), CTX_OK);
}

static void over_its_quota(void)
{
    uint8_t *at;
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_OK);
    assert_int_equal(map(info.share, RW, &at), CTX_E_NOMEM); /* it could not have the copy */
}

/* Whoever maps what others can take back has to have room for the copy: else a granter could use
 * up its quota. */
static void quotas(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b mem=1M");
    uint64_t pages = a->pages;
    as(a, four_mib);
    assert_true(a->pages >= pages + 1024 && a->pages < pages + 1100);
    as(b, over_its_quota);
    app_unload(b);
    gone(a);
}

static void poison_body(void)
{
    uint32_t h;
    uint8_t *at;
    for (uint32_t zero = 0; zero < 2; zero++) {
        assert_int_equal(create(2 * PAGE_SIZE, zero * CTX_SHARE_ZERO, &h), CTX_OK);
        assert_int_equal(map(h, RW, &at), CTX_OK);
        for (uint32_t i = 0; i < 2 * PAGE_SIZE; i++) {
            assert_int_equal(at[i], zero != 0 ? 0 : APP_POISON);
        }
        assert_int_equal(me.t->close(me.t, h), CTX_OK);
    }
}

static void poison(void **state)
{
    (void)state;
    remember();
    app_set_poison(true);
    a = load_v3("a");
    app_set_poison(false);
    as(a, poison_body);
    gone(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_see_the_same),
        cmocka_unit_test(info),
        cmocka_unit_test(arguments),
        cmocka_unit_test(only_its_rights),
        cmocka_unit_test(those_that_are_not_taken_are_few),
        cmocka_unit_test(who_may_have_one),
        cmocka_unit_test(passed_in_a_call),
        cmocka_unit_test(waiting),
        cmocka_unit_test(memory_in_pieces_will_do),
        cmocka_unit_test(gaps),
        cmocka_unit_test(no_handle_comes_twice),
        cmocka_unit_test(a_share_of_a_terabyte),
        cmocka_unit_test(quotas),
        cmocka_unit_test(poison),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
