/* SPDX-License-Identifier: MIT */
/*
 * Whoever goes, is killed, begins anew or takes a share back: nobody loses a page that was mapped,
 * and when the last one is gone nothing is left.
 */
#include "app_memory.h"
#include "share_fixture.h"

static void fill(uint8_t *at, uint8_t value)
{
    memset(at, value, 3 * PAGE_SIZE);
}

static bool is_all(const uint8_t *at, uint8_t value)
{
    for (uint32_t i = 0; i < 3 * PAGE_SIZE; i++) {
        if (at[i] != value) {
            return false;
        }
    }
    return true;
}

/* ---- revoked ---- */

static void b_is_revoked(void)
{
    struct ctx_share_info info;
    uint8_t *at;
    assert_int_equal(look(share_b, &info), CTX_OK);
    assert_int_equal(info.flags, CTX_SHARE_REVOKED);
    assert_int_equal(info.address, (uint64_t)(uintptr_t)at_b);
    assert_int_equal(info.owner, b->pid);
    assert_int_equal(map(share_b, RO, &at), CTX_E_REVOKED);
    assert_int_equal(grant(share_b, a, RO, 0), CTX_E_REVOKED);
    assert_int_equal(me.t->revoke(me.t, share_b, UINT64_MAX), CTX_E_REVOKED);
    assert_int_equal(me.t->wake(me.t, share_b), CTX_E_REVOKED);
}

static void b_unmaps_and_closes(void)
{
    assert_int_equal(me.t->unmap(me.t, share_b), CTX_OK);
    assert_int_equal(me.t->unmap(me.t, share_b), CTX_E_NOENT);
    assert_int_equal(me.t->close(me.t, share_b), CTX_OK);
    assert_int_equal(me.t->close(me.t, share_b), CTX_E_NOENT);
}

static void a_copy_stays_when_it_is_revoked(void **state)
{
    (void)state;
    remember();
    two("");
    fill(at_a, 1);
    uint64_t pages = b->pages;
    as(a, revoke_all);
    assert_int_equal(b->pages, pages); /* it was counted from the start */
    assert_true(is_all(at_b, 1));
    fill(at_a, 2);
    assert_true(is_all(at_b, 1)); /* its own now */
    fill(at_b, 3);
    assert_true(is_all(at_a, 2));
    as(b, b_is_revoked);
    as(b, b_unmaps_and_closes);
    assert_int_equal(b->pages, pages - 3);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b), 0);
    app_unload(a);
    gone(b);
}

static void revoke_c(void)
{
    assert_int_equal(me.t->revoke(me.t, share_a, c->pid), CTX_OK);
    assert_int_equal(me.t->revoke(me.t, share_a, c->pid), CTX_E_NOENT);
}

static void revoke_b(void)
{
    assert_int_equal(me.t->revoke(me.t, share_a, b->pid), CTX_OK);
}

/* c has it by way of b. */
static void what_was_granted_on_goes_too(void **state)
{
    (void)state;
    remember();
    three();
    fill(at_a, 5);
    as(a, revoke_b);
    fill(at_a, 6);
    assert_true(is_all(at_b, 5) && is_all(at_c, 5));
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_c), MAP_READ);
    app_unload(b);
    app_unload(c);
    gone(a);
}

static void one_of_several(void **state)
{
    (void)state;
    remember();
    three();
    fill(at_a, 5);
    as(a, revoke_c);
    fill(at_a, 6);
    assert_true(is_all(at_b, 6) && is_all(at_c, 5));
    app_unload(a);
    app_unload(c);
    gone(b);
}

static void b_revokes_all(void)
{
    assert_int_equal(me.t->revoke(me.t, share_b, UINT64_MAX), CTX_OK);
    assert_int_equal(me.t->revoke(me.t, share_b, a->pid), CTX_E_NOENT);
}

static void only_what_hangs_below(void **state)
{
    (void)state;
    remember();
    three();
    fill(at_a, 5);
    as(b, b_revokes_all);
    fill(at_a, 6);
    assert_true(is_all(at_b, 6) && is_all(at_c, 5));
    app_unload(a);
    app_unload(b);
    gone(c);
}

static void close_b(void)
{
    assert_int_equal(me.t->close(me.t, share_b), CTX_OK);
}

/* Closing in the middle does not let anybody out of a granter's hand. */
static void closing_in_the_middle(void **state)
{
    (void)state;
    remember();
    three();
    fill(at_a, 5);
    as(b, close_b);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b), 0);
    as(a, revoke_c);
    fill(at_a, 6);
    assert_true(is_all(at_c, 5));
    app_unload(a);
    app_unload(b);
    gone(c);
}

static ctx_status revoked;
static uint64_t allowed;

static void try_to_revoke(void)
{
    fake.allocs_left = allowed;
    revoked = me.t->revoke(me.t, share_a, UINT64_MAX);
    fake.allocs_left = FAKE_ALWAYS;
}

/* Memory is short: all or nothing, and nobody faults. */
static void no_memory_for_the_copies(void **state)
{
    (void)state;
    for (uint32_t once = 0; once < 2; once++) {
        revoked = CTX_E_NOMEM;
        for (allowed = 0; revoked != CTX_OK; allowed++) {
            remember();
            three();
            fill(at_a, 5);
            fake.once = once != 0;
            as(a, try_to_revoke);
            fake.once = false;
            assert_true(revoked == CTX_OK || revoked == CTX_E_NOMEM);
            fill(at_a, 6);
            assert_true(is_all(at_b, revoked == CTX_OK ? 5 : 6));
            assert_true(is_all(at_c, revoked == CTX_OK ? 5 : 6));
            app_unload(a);
            app_unload(b);
            gone(c);
            assert_true(allowed < 20);
        }
        assert_true(allowed > 2);
    }
}

/* An app that takes all the memory there is can not keep others from taking back what is theirs. */
static void four_mib(void)
{
    assert_int_equal(create(4 << 20, 0, &share_a), CTX_OK);
    assert_int_equal(map(share_a, RW, &at_a), CTX_OK);
}

static uint32_t eaten;

static void eat_all(void)
{
    void *last = NULL, *block;
    eaten = 0;
    while ((block = me.ctx->mem->alloc(me.ctx->mem, 64 << 10, 4096, 0)) != NULL) {
        last = block;
        eaten++;
    }
    if (last != NULL) { /* something for the arguments of the others' calls */
        assert_int_equal(me.ctx->mem->free(me.ctx->mem, last, 64 << 10, 4096), CTX_OK);
    }
}

static void memory_for_copies_is_promised(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b");
    c = load_v3("c mem=64M");
    as(a, four_mib);
    as(a, grant_b);
    as(b, take_b);
    as(b, map_b);
    as(c, eat_all);
    assert_true(eaten > 16);
    assert_true(app_room() < 64);
    as(a, revoke_all);
    as(c, eat_all); /* it is taken now, and nothing is left over */
    assert_true(eaten < 4);
    app_unload(a);
    app_unload(b);
    gone(c);
}

/* The machine itself fails: that app begins anew, and it is told. */
static void revoke_and_no_mapping(void)
{
    fake.maps_left = 0;
    revoke_all();
    fake.maps_left = FAKE_ALWAYS;
}

static void no_mapping_for_the_copy(void **state)
{
    (void)state;
    remember();
    fake_serial_clear();
    two("");
    as(a, revoke_and_no_mapping);
    assert_true(fake_said("begins anew: the machine can not map its copy"));
    assert_int_equal(b->fate, FATE_RESTART);
    app_settle();
    app_unload(a);
    gone(b);
}

/* ---- somebody goes ---- */

static struct ctx_share_info seen;

static void look_b(void)
{
    assert_int_equal(look(share_b, &seen), CTX_OK);
}

static void the_creator_goes(void **state)
{
    (void)state;
    remember();
    three();
    fill(at_a, 7);
    uint64_t pages_b = b->pages, pages_c = c->pages;
    app_unload(a);
    assert_true(is_all(at_b, 7) && is_all(at_c, 7));
    fill(at_b, 8);
    assert_true(is_all(at_c, 8)); /* it lives on */
    as(b, look_b);
    assert_int_equal(seen.owner, b->pid);
    assert_int_equal(seen.flags, CTX_SHARE_ROOT);
    assert_int_equal(seen.holders, 2);
    assert_int_equal(b->pages, pages_b); /* for one that has it mapped nothing changes */
    assert_int_equal(c->pages, pages_c);
    app_unload(b);
    assert_true(is_all(at_c, 8));
    gone(c);
}

static void unmap_b(void)
{
    assert_int_equal(me.t->unmap(me.t, share_b), CTX_OK);
}

/* It counts against somebody as long as it is there. */
static void counted_somewhere(void **state)
{
    (void)state;
    remember();
    two("");
    uint64_t pages = b->pages;
    as(b, unmap_b);
    assert_int_equal(b->pages, pages - 3);
    app_unload(a);
    assert_int_equal(b->pages, pages);
    as(b, close_b);
    assert_int_equal(b->pages, pages - 3);
    gone(b);
}

static void close_a(void)
{
    assert_int_equal(me.t->close(me.t, share_a), CTX_OK);
}

/* A creator that closes it still has it counted. */
static void the_creator_closes(void **state)
{
    (void)state;
    remember();
    two("");
    uint64_t pages_a = a->pages, pages_b = b->pages;
    as(a, close_a);
    assert_int_equal(a->pages, pages_a);
    assert_int_equal(b->pages, pages_b - 3); /* nobody can take it back any more */
    as(b, look_b);
    assert_int_equal(seen.owner, a->pid);
    assert_int_equal(seen.flags, CTX_SHARE_ROOT);
    app_unload(a);
    assert_int_equal(b->pages, pages_b);
    gone(b);
}

static void begin_anew(struct app *app)
{
    app_set_fate(app, FATE_RESTART, 0);
    app_settle();
    restart_now(app);
}

static void take_nothing(void)
{
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_E_AGAIN);
    assert_int_equal(look(share_a, &info), CTX_E_NOENT);
}

static void either_side_begins_anew(void **state)
{
    (void)state;
    remember();
    two("");
    fill(at_a, 3);
    as(a, grant_b); /* and once more, not taken */
    begin_anew(a);
    assert_true(is_all(at_b, 3));
    assert_int_equal(shares_count(b), 1);
    assert_int_equal(shares_count(a), 0);
    as(a, take_nothing);
    begin_anew(b);
    assert_int_equal(shares_count(b), 0);
    as(a, make_one);
    as(a, grant_b);
    begin_anew(b); /* granted to its former self */
    as(b, take_nothing);
    assert_int_equal(shares_count(a), 1);
    app_unload(a);
    gone(b);
}

/* A granter that stops before its grant is taken, of a share that is another's: whose is it then?
 */
static void nobody_took_it(void **state)
{
    (void)state;
    remember();
    two("");
    c = load_v3("c");
    as(b, b_to_c);
    as(b, close_b);
    as(a, close_a);
    app_unload(a);
    assert_int_equal(share_find(c, 0) == NULL, 1);
    assert_int_equal(shares_count(c), 1); /* it counts against b, which granted it */
    app_unload(b);
    assert_int_equal(shares_count(c), 0);
    gone(c);
}

/* Stopped ones have no quota that anything could count against. */
static void stopped_ones(void **state)
{
    (void)state;
    remember();
    three();
    app_set_fate(a, FATE_STOP, 0);
    app_settle();
    app_set_fate(b, FATE_STOP, 0);
    app_settle();
    assert_true(is_all(at_c, 0));
    app_unload(c);
    app_unload(b);
    gone(a);
}

/* ---- fragments ---- */

static void in_pieces_body(void)
{
    /* Every second frame is taken: there is no run of two. */
    static paddr_t all[9000];
    uint32_t n = 0;
    while (n < ARRAY_COUNT(all) && (all[n] = frame_alloc(0, 0)) != 0) {
        n++;
    }
    for (uint32_t i = 0; i < n; i++) {
        if ((all[i] >> PAGE_SHIFT) % 2 == 0) {
            frame_free(all[i], 0);
        }
    }
    ctx_status made = create(3 * PAGE_SIZE, 0, &share_a);
    for (uint32_t i = 0; i < n; i++) {
        if ((all[i] >> PAGE_SHIFT) % 2 != 0) {
            frame_free(all[i], 0);
        }
    }
    assert_int_equal(made, CTX_OK);
    assert_int_equal(map(share_a, RW, &at_a), CTX_OK);
    assert_int_equal(share_find(a, share_a)->share->runs->pages, 1);
}

static void memory_in_pieces(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b");
    as(a, in_pieces_body);
    as(a, grant_b);
    as(b, take_b);
    as(b, map_b);
    for (uint32_t i = 0; i < 3 * PAGE_SIZE; i++) {
        at_a[i] = (uint8_t)(i / 100);
    }
    assert_memory_equal(at_b, at_a, 3 * PAGE_SIZE);
    as(a, revoke_all);
    assert_memory_equal(at_b, at_a, 3 * PAGE_SIZE);
    app_unload(a);
    gone(b);
}

/* ---- each allocation refused in turn ---- */

static bool was_refused;

static void use_little_memory(void)
{
    uint32_t h = 0;
    uint8_t *at = NULL;
    fake.allocs_left = allowed;
    ctx_status status = create(5 * PAGE_SIZE, 0, &h);
    ctx_status mapped = status == CTX_OK ? map(h, RW, &at) : CTX_E_NOMEM;
    ctx_status given = status == CTX_OK ? grant(h, b, RW, 0) : CTX_E_NOMEM;
    was_refused = fake.allocs_left == 0 || (fake.once && fake.allocs_left == FAKE_ALWAYS);
    fake.allocs_left = FAKE_ALWAYS;
    assert_true(status == CTX_OK || status == CTX_E_NOMEM);
    assert_true(mapped == CTX_OK || mapped == CTX_E_NOMEM);
    assert_true(given == CTX_OK || given == CTX_E_NOMEM);
    if (mapped == CTX_OK) {
        at[5 * PAGE_SIZE - 1] = 1;
    }
}

static void little_memory(void **state)
{
    (void)state;
    for (uint32_t once = 0; once < 2; once++) {
        was_refused = true;
        for (allowed = 0; was_refused; allowed++) {
            remember();
            a = load_v3("a");
            b = load_v3("b");
            fake.once = once != 0;
            as(a, use_little_memory);
            fake.once = false;
            app_unload(a);
            gone(b);
            assert_true(allowed < 100);
        }
        assert_true(allowed > 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_stays_when_it_is_revoked),
        cmocka_unit_test(what_was_granted_on_goes_too),
        cmocka_unit_test(one_of_several),
        cmocka_unit_test(only_what_hangs_below),
        cmocka_unit_test(closing_in_the_middle),
        cmocka_unit_test(no_memory_for_the_copies),
        cmocka_unit_test(memory_for_copies_is_promised),
        cmocka_unit_test(no_mapping_for_the_copy),
        cmocka_unit_test(the_creator_goes),
        cmocka_unit_test(counted_somewhere),
        cmocka_unit_test(the_creator_closes),
        cmocka_unit_test(either_side_begins_anew),
        cmocka_unit_test(nobody_took_it),
        cmocka_unit_test(stopped_ones),
        cmocka_unit_test(memory_in_pieces),
        cmocka_unit_test(little_memory),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
