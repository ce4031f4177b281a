/* SPDX-License-Identifier: MIT */
/*
 * Images of apps with shares: what was mapped comes back at the same address as the app's own, its
 * handle is stale, and those who were not saved go on as they were.
 */
#include "share_fixture.h"

#include "image_taken.h"
#include "session.h"

static void look_stale(uint32_t share, const uint8_t *at)
{
    struct ctx_share_info info;
    uint8_t *again;
    assert_int_equal(look(share, &info), CTX_OK);
    assert_int_equal(info.flags, CTX_SHARE_STALE);
    assert_int_equal(info.bytes, 3 * PAGE_SIZE);
    assert_int_equal(info.address, (uint64_t)(uintptr_t)at);
    assert_int_equal(map(share, RO, &again), CTX_E_STALE);
    assert_int_equal(me.t->grant(me.t, share, 1, RO, 0), CTX_E_STALE);
    assert_int_equal(me.t->revoke(me.t, share, UINT64_MAX), CTX_E_STALE);
    assert_int_equal(me.t->wake(me.t, share), CTX_E_STALE);
}

static void b_is_stale(void)
{
    look_stale(share_b, at_b);
    struct ctx_share_info info;
    assert_int_equal(look(share_b, &info), CTX_OK);
    assert_int_equal(info.tag, 77);
    assert_int_equal(info.from, a->pid);
    assert_int_equal(info.mapped, RW);
}

static void a_is_stale(void)
{
    look_stale(share_a, at_a);
}

static void new_ones_work(void)
{
    uint32_t h;
    uint8_t *at;
    assert_int_equal(create(5, CTX_SHARE_ZERO, &h), CTX_OK);
    assert_int_not_equal(h, share_a);
    assert_int_not_equal(h, share_b);
    assert_int_equal(map(h, RW, &at), CTX_OK);
    at[PAGE_SIZE - 1] = 1;
    assert_int_equal(me.t->close(me.t, h), CTX_OK);
}

static void close_stale_b(void)
{
    assert_int_equal(me.t->close(me.t, share_b), CTX_OK);
    assert_int_equal(me.t->close(me.t, share_b), CTX_E_NOENT);
}

static void pattern(uint8_t *at, uint8_t first)
{
    for (uint32_t i = 0; i < 3 * PAGE_SIZE; i++) {
        at[i] = i / PAGE_SIZE == 1 ? 0 : (uint8_t)(first + i / 10); /* a page of zeroes */
    }
}

static bool has_pattern(const uint8_t *at, uint8_t first)
{
    for (uint32_t i = 0; i < 3 * PAGE_SIZE; i++) {
        if (at[i] != (i / PAGE_SIZE == 1 ? 0 : (uint8_t)(first + i / 10))) {
            return false;
        }
    }
    return true;
}

static void saved_and_restored(void **state)
{
    (void)state;
    static const uint32_t flags[] = {0, SAVE_PACKED};
    for (size_t n = 0; n < ARRAY_COUNT(flags); n++) {
        remember();
        two("");
        pattern(at_a, 3);
        take(b, flags[n]);
        app_unload(b);
        pattern(at_a, 9);
        b = bring_back();
        assert_true(has_pattern(at_b, 3));
        assert_true(has_pattern(at_a, 9)); /* the live one is nobody's to write over */
        pattern(at_b, 5);
        assert_true(has_pattern(at_a, 9));
        as(b, b_is_stale);
        as(b, new_ones_work);
        uint64_t pages = b->pages;
        as(b, close_stale_b);
        assert_int_equal(b->pages, pages - 3);
        app_unload(a);
        gone(b);
    }
}

/* Saved once more, a copy is as good as before. */
static void again_and_again(void **state)
{
    (void)state;
    remember();
    two("");
    pattern(at_a, 3);
    for (uint32_t i = 0; i < 3; i++) {
        take(b, SAVE_PACKED);
        app_unload(b);
        b = bring_back();
        assert_true(has_pattern(at_b, 3));
        as(b, b_is_stale);
        assert_int_equal(shares_count(b), 1);
    }
    app_unload(a);
    gone(b);
}

/* Revoked and then saved: it is a copy already. */
static void revoked_and_saved(void **state)
{
    (void)state;
    remember();
    two("");
    pattern(at_a, 3);
    as(a, revoke_all);
    take(b, 0);
    app_unload(b);
    b = bring_back();
    assert_true(has_pattern(at_b, 3));
    as(b, b_is_stale);
    app_unload(a);
    gone(b);
}

/* The one that goes back has a share that lives: its slot is made anew, the other's is left alone.
 */
static void goes_back_while_the_other_lives(void **state)
{
    (void)state;
    remember();
    two("");
    pattern(at_a, 3);
    take(b, 0);
    pattern(at_a, 9);
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(app_go_back(b, &f.image, &f.error), CTX_OK);
        assert_true(has_pattern(at_b, 3));
        assert_true(has_pattern(at_a, 9));
        as(b, b_is_stale);
        as(b, new_ones_work);
    }
    app_unload(a);
    gone(b);
}

/* It had none when it was saved, and has one now. */
static void goes_back_to_a_time_without(void **state)
{
    (void)state;
    remember();
    a = load_v3("a");
    b = load_v3("b");
    as(a, make_one);
    take(b, 0);
    as(a, grant_b);
    as(b, take_b);
    as(b, map_b);
    pattern(at_a, 4);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(b, &f.image, &f.error), CTX_OK);
    assert_int_equal(shares_count(b), 0);
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)at_b), 0);
    assert_true(has_pattern(at_a, 4));
    app_unload(a);
    gone(b);
}

static void unmap_stale(void)
{
    assert_int_equal(me.t->unmap(me.t, share_b), CTX_OK);
    struct ctx_share_info info;
    assert_int_equal(look(share_b, &info), CTX_OK);
    assert_int_equal(info.address, 0);
}

/* Handles without a mapping go back in place. */
static void unmapped_ones(void **state)
{
    (void)state;
    remember();
    two("");
    as(b, unmap_stale);
    take(b, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.parts[CTX_IMAGE_SHARES].count, 1);
    uint64_t base = b->base;
    assert_int_equal(app_go_back(b, &f.image, &f.error), CTX_OK);
    assert_int_equal(b->base, base);
    at_b = NULL;
    as(b, new_ones_work);
    assert_int_equal(shares_count(b), 1);
    assert_int_equal(share_state(share_find(b, share_b)), CTX_E_STALE);
    app_unload(a);
    gone(b);
}

static void grant_untaken(void)
{
    assert_int_equal(grant(share_a, b, RO, 5), CTX_OK);
}

static void take_none(void)
{
    struct ctx_share_info info;
    assert_int_equal(take_next(&info), CTX_E_AGAIN);
}

static void a_whole_session(void **state)
{
    (void)state;
    struct image_bytes made;
    remember();
    two("");
    as(a, grant_untaken);
    pattern(at_a, 3);
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    pattern(at_a, 9);
    app_unload(a);
    app_unload(b);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(session_resume(&f.image, "all.img"), 2);
    a = app_first();
    b = a->next;
    assert_true(has_pattern(at_a, 3) && has_pattern(at_b, 3));
    at_a[0] = 99;
    assert_int_equal(at_b[0], 3); /* each has its own */
    as(a, a_is_stale);
    as(b, b_is_stale);
    as(b, take_none);
    as(b, new_ones_work);
    /* And they find each other anew. */
    as(a, make_one);
    as(a, grant_b);
    as(b, take_b);
    as(b, map_b);
    at_a[7] = 7;
    assert_int_equal(at_b[7], 7);
    app_unload(a);
    gone(b);
}

/* The same where all of them run still: nobody's pages are written over, whoever is first. */
static void a_session_goes_back(void **state)
{
    (void)state;
    struct image_bytes made;
    struct session_failures failures;
    remember();
    two("");
    pattern(at_a, 3);
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    for (uint32_t i = 0; i < 3; i++) {
        pattern(at_a, (uint8_t)(9 + i));
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        assert_true(has_pattern(at_a, 3) && has_pattern(at_b, 3));
        at_a[0] = 99;
        assert_int_equal(at_b[0], 3);
        as(a, a_is_stale);
        as(b, b_is_stale);
        assert_int_equal(shares_count(a) + shares_count(b), 2);
    }
    app_unload(a);
    gone(b);
}

/* What an image would hold is what the hash is of: what is mapped of a share, as well. */
static void the_state_hash_has_it(void **state)
{
    (void)state;
    char first[400] = "", again[400] = "", other[400] = "";
    char *const texts[] = {first, again, other};
    remember();
    two("hash");
    for (uint32_t i = 0; i < 3; i++) {
        at_b[PAGE_SIZE] = i == 2 ? 77 : 1; /* by the other one */
        fake_serial_clear();
        call(a, body_again);
        const char *data = strstr(fake.serial, " data=");
        assert_non_null(data);
        memcpy(texts[i], data, 22);
    }
    assert_text(first, again);
    assert_string_not_equal(first, other);
    app_unload(a);
    gone(b);
}

/* Whoever waits for a share only learns that it is there again. */
static int32_t body_waits(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_SHARE), CTX_OK);
    return CTX_WAIT;
}

static void wakes_when_it_is_restored(void **state)
{
    (void)state;
    remember();
    two("");
    call(b, body_waits);
    assert_int_equal(b->turn.where, TURN_WAITING);
    take(b, 0);
    app_unload(b);
    b = bring_back();
    assert_ptr_equal(ready_take(), b);
    app_unload(a);
    gone(b);
}

/* ---- more than there is ---- */

static void no_memory(void **state)
{
    (void)state;
    remember();
    two("");
    pattern(at_a, 3);
    take(b, SAVE_PACKED);
    app_unload(b);
    app_unload(a);
    all_is_back();
    struct app *app = NULL;
    ctx_status status = CTX_E_NOMEM;
    for (uint64_t n = 0; status != CTX_OK; n++) {
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        fake.allocs_left = n;
        status = app_restore(&f.image, "made.img", NULL, &app, &f.error);
        fake.allocs_left = FAKE_ALWAYS;
        assert_true(status == CTX_OK || status == CTX_E_NOMEM);
        assert_true(n < 200);
    }
    assert_true(has_pattern(at_b, 3));
    gone(app);
}

/* ---- images that lie ---- */

static struct ctx_image_share *entry(void)
{
    return (struct ctx_image_share *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SHARES));
}

static void is_refused(const char *field)
{
    image_reseal(f.bytes, f.len);
    assert_false(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_text(f.error.field, field);
    assert_true(strlen(f.error.reason) > 5);
}

static void lies(void **state)
{
    (void)state;
    remember();
    two("");
    pattern(at_a, 3);
    as(b, make_one); /* b has two: share_b, and then one of its own */
    take(b, 0);
    struct ctx_image_share first = entry()[0], second = entry()[1];
    assert_int_equal(first.at + 4 * PAGE_SIZE, second.at);
#define LIE(statement, field)                                                                      \
    do {                                                                                           \
        entry()[0] = first;                                                                        \
        entry()[1] = second;                                                                       \
        statement;                                                                                 \
        is_refused(field);                                                                         \
    } while (0)
    LIE(entry()[0].handle = 0, "share.handle");
    LIE(entry()[0].handle = 5, "share.handle");
    LIE(entry()[0].handle = second.handle, "share.handle");
    LIE(entry()[0].handle = second.handle + 0x400, "share.handle");
    LIE((entry()[0].handle = 0x446, entry()[1].handle = 0x846), "share.handle"); /* both the 70th */
    LIE(entry()[0].rights = 0, "share.rights");
    LIE(entry()[0].rights = 2, "share.rights");
    LIE(entry()[0].rights = 7, "share.rights");
    LIE(entry()[0].mapped = 0, "share.rights");
    LIE(entry()[0].mapped = 4, "share.rights");
    LIE((entry()[0].rights = 1, entry()[0].mapped = 3), "share.rights");
    LIE(entry()[0].at = 0, "share.rights");
    LIE(entry()[0].pages = 0, "share.pages");
    LIE(entry()[0].pages = UINT64_MAX, "share.pages");
    LIE(entry()[0].pages = 0x40000, "share.pages");
    LIE(entry()[0].pages = 0x3fffe, "share.at"); /* over the second */
    LIE(entry()[0].pages = 4, "share.at");       /* no page between them */
    LIE(entry()[0].at = CTX_SLOT_SHARED, "share.at");
    LIE(entry()[0].at += 8, "share.at");
    LIE(entry()[1].at = UINT64_MAX & ~(uint64_t)PAGE_MASK, "share.at");
    LIE(entry()[1].at = CTX_SLOT_SHARED_END - 3 * PAGE_SIZE, "share.at");
    LIE(entry()[1].at = CTX_SLOT_SHARED_END, "share.at");
    LIE((entry()[0] = second, entry()[1] = first), "share.at");
    LIE(entry()[0].pages = 2, "run.page"); /* pages of nobody's */
    LIE((entry()[0].at = 0, entry()[0].mapped = 0), "run.page");
#undef LIE
    app_unload(a);
    gone(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_and_restored),
        cmocka_unit_test(again_and_again),
        cmocka_unit_test(revoked_and_saved),
        cmocka_unit_test(goes_back_while_the_other_lives),
        cmocka_unit_test(goes_back_to_a_time_without),
        cmocka_unit_test(unmapped_ones),
        cmocka_unit_test(a_whole_session),
        cmocka_unit_test(a_session_goes_back),
        cmocka_unit_test(the_state_hash_has_it),
        cmocka_unit_test(wakes_when_it_is_restored),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(lies),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
