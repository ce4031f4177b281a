/* SPDX-License-Identifier: MIT */
/* ctx.block/1: who has a disk, what becomes of requests when their app, its call or a share goes.
 */
#include "disks_fixture.h"

static uint32_t handle_a, handle_b, old_handle;
static uint64_t pages;

static void begin_a(const char *words)
{
    char text[100];
    watch();
    new_disk();
    remember();
    snprintf(text, sizeof text, "a%s %s", GRANTS, words);
    a = load_v3(text);
    b = load_v3("b" GRANTS);
}

static void end(void)
{
    work_all();
    app_unload(a);
    work_all();
    app_unload(b);
    work_all();
    all_is_back();
}

static void open_and_claim(void)
{
    open_block();
    assert_int_equal(claim_disk(CTX_BLOCK_CLAIM_WRITE, &handle_a), CTX_OK);
}

static void b_claims(void)
{
    open_block();
    assert_int_equal(claim_disk(0, &handle_b), CTX_OK);
    assert_int_equal(my.t->release(my.t, handle_b), CTX_OK);
}

static void b_finds_it_busy(void)
{
    open_block();
    assert_int_equal(claim_disk(0, &handle_b), CTX_E_BUSY);
    assert_int_equal(my.info->flags & CTX_BLOCK_IS_CLAIMED, CTX_BLOCK_IS_CLAIMED);
    assert_int_equal(my.info->claimed, a->pid);
}

/* Busy by requests of one who is not there any more. */
static void b_finds_it_busy_now(void)
{
    open_block();
    assert_int_equal(claim_disk(0, &handle_b), CTX_E_BUSY);
}

static void find_it_busy(void)
{
    open_block();
    old_handle = 0;
    assert_int_equal(claim_disk(0, &handle_a), CTX_E_BUSY);
}

static void nothing_is_told(void)
{
    assert_int_equal(my.t->done(my.t, my.done), CTX_E_AGAIN);
}

/* ---- plain work ---- */

static void claim_read_write(void)
{
    open_and_claim();
    assert_int_equal(my.info->bytes, DISK_SECTORS * BLOCK_SECTOR);
    assert_int_equal(my.info->block, 512);
    assert_in_range(my.info->in_flight, 16, 1024);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 5, 1), CTX_OK);
    nothing_is_told();
    assert_int_equal(my.bytes[0], 0);
}

static void read_is_told(void)
{
    assert_int_equal(my.bytes[0], 0); /* not before it is told */
    assert_int_equal(my.t->done(my.t, my.done), CTX_OK);
    assert_int_equal(my.done->status, CTX_OK);
    assert_int_equal(my.done->tag, 1);
    assert_int_equal(my.done->op, CTX_BLOCK_READ);
    assert_int_equal(my.done->handle, handle_a);
    assert_int_equal(my.done->bytes, BLOCK_SECTOR);
    expect_all(my.bytes, 6, BLOCK_SECTOR);
    nothing_is_told();
    memset(my.bytes, 0xcc, BLOCK_SECTOR);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_WRITE, 7, 2), CTX_OK);
    memset(my.bytes, 0xdd, BLOCK_SECTOR); /* it was copied */
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_ZEROES, 8, 3), CTX_OK);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_DISCARD, 9, 4), CTX_OK);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_FLUSH, 0, 5), CTX_OK);
}

static void all_are_told(void)
{
    uint64_t tags = 0;
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(my.t->done(my.t, my.done), CTX_OK);
        assert_int_equal(my.done->status, CTX_OK);
        tags |= UINT64_C(1) << my.done->tag;
    }
    assert_int_equal(tags, 0x3c);
    nothing_is_told();
    assert_int_equal(my.t->release(my.t, handle_a), CTX_OK);
    assert_int_equal(my.t->release(my.t, handle_a), CTX_E_STALE);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 5, 1), CTX_E_STALE);
}

static void works(void **state)
{
    (void)state;
    begin_a("");
    pages = a->pages;
    as(a, claim_read_write);
    as(b, b_finds_it_busy);
    assert_int_equal(a->hints >> CTX_EVENT_BLOCK & 1, 0);
    work_all();
    assert_int_equal(a->hints >> CTX_EVENT_BLOCK & 1, 1);
    as(a, read_is_told);
    work_all();
    expect_all(disk->seen + 7 * BLOCK_SECTOR, 0xcc, BLOCK_SECTOR);
    expect_all(disk->seen + 8 * BLOCK_SECTOR, 0, BLOCK_SECTOR);
    as(a, all_are_told);
    as(b, b_claims);
    end();
}

/* Each is refused, and nothing reaches the disk. */
static void try_bad(void)
{
    open_and_claim();
    uint64_t sectors = DISK_SECTORS, queued = disk->queued;
    for (uint32_t i = 0; i < 2000; i++) {
        struct ctx_block_request r;
        for (uint64_t *word = (uint64_t *)(void *)&r; word < (uint64_t *)(void *)(&r + 1); word++) {
            *word = rng_next(&disk->rng);
        }
        r.size = sizeof r;
        r.op = i % 7;
        r.handle = i % 3 != 0 ? handle_a : r.handle;
        r.share = i % 5 != 0 ? 0 : r.share;
        r.from = i % 4 == 0 ? (uint64_t)(uintptr_t)my.bytes : r.from;
        r.at = i % 6 == 0 ? (r.at % 600) * BLOCK_SECTOR : r.at;
        r.bytes = i % 11 == 0 ? r.bytes % 4096 : r.bytes;
        bool fits = r.at % BLOCK_SECTOR == 0 && r.bytes % BLOCK_SECTOR == 0 && r.bytes > 0 &&
                    r.bytes <= 8 * BLOCK_SECTOR &&
                    r.at / BLOCK_SECTOR + r.bytes / BLOCK_SECTOR <= sectors;
        if (!fits) {
            *my.request = r;
            assert_true(my.t->submit(my.t, my.request) < 0);
        }
    }
    assert_int_equal(disk->queued, queued);
    for (uint32_t i = 0; i < BLOCK_IN_FLIGHT; i++) {
        assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, i, i), CTX_OK);
    }
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 0, 0), CTX_E_NOSPC);
}

static void refuses(void **state)
{
    (void)state;
    begin_a("");
    as(a, try_bad);
    end();
}

/* ---- an app that goes ---- */

static void three_in_flight(void)
{
    open_and_claim();
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 5, 1), CTX_OK);
    assert_int_equal(submit_share(handle_a, CTX_BLOCK_READ, share_a, 512, 6, 4096, 2), CTX_OK);
    memset(at_a, 0x77, PAGE_SIZE);
    assert_int_equal(submit_share(handle_a, CTX_BLOCK_WRITE, share_a, 0, 20, 512, 3), CTX_OK);
}

static void its_app_goes(void **state)
{
    (void)state;
    begin_a("");
    as(a, make_one);
    as(a, three_in_flight);
    app_unload(a);
    assert_int_equal(disk->queued, 3); /* and their memory is still there: the sanitizer looks */
    as(b, b_finds_it_busy_now);
    work_all();
    expect_all(disk->seen + 20 * BLOCK_SECTOR, 0x77, BLOCK_SECTOR);
    as(b, b_claims);
    app_unload(b);
    all_is_back();
}

static void release_it(void)
{
    open_block();
    old_handle = handle_a;
    assert_int_equal(my.t->release(my.t, handle_a), CTX_OK);
    assert_int_equal(claim_disk(0, &handle_a), CTX_E_BUSY);
}

static void comes_again(void)
{
    open_block();
    nothing_is_told();
    assert_int_equal(claim_disk(0, &handle_a), CTX_OK);
    assert_int_not_equal(handle_a, old_handle);
}

static void released_with_requests(void **state)
{
    (void)state;
    begin_a("");
    as(a, make_one);
    as(a, three_in_flight);
    as(a, release_it);
    work_all();
    as(a, comes_again);
    end();
}

static void begins_anew(void **state)
{
    (void)state;
    begin_a("restart=on-fault");
    as(a, make_one);
    as(a, three_in_flight);
    turn(a, body_fault);
    restart_now(a);
    as(a, find_it_busy);
    work_all();
    as(a, comes_again);
    end();
}

/* ---- shares that go ---- */

static void revoke_and_close(void)
{
    revoke_all();
    assert_int_equal(me.t->close(me.t, share_a), CTX_OK);
}

static void its_share_goes(void **state)
{
    (void)state;
    begin_a("");
    as(a, make_one);
    pages = a->pages;
    as(a, three_in_flight);
    as(a, revoke_and_close);
    assert_int_equal(disk->queued, 3);
    assert_true(a->pages >= pages); /* what the disk still uses counts */
    work_all();
    expect_all(disk->seen + 20 * BLOCK_SECTOR, 0x77, BLOCK_SECTOR);
    end();
}

static void b_reads_into_it(void)
{
    open_block();
    assert_int_equal(claim_disk(0, &handle_b), CTX_OK);
    assert_int_equal(submit_share(handle_b, CTX_BLOCK_READ, share_b, 0, 30, 512, 1), CTX_OK);
    assert_int_equal(submit_share(handle_b, CTX_BLOCK_READ, share_b, 3 * PAGE_SIZE, 30, 512, 1),
                     CTX_E_RANGE);
}

static void b_has_a_copy(void)
{
    expect_all(at_b, 0, 512);
    assert_int_equal(submit_share(handle_b, CTX_BLOCK_READ, share_b, 0, 30, 512, 1), CTX_E_REVOKED);
}

/* The one who lent it takes it back while the disk writes to it: it goes to the share, not the
 * copy. */
static void revoked_meanwhile(void **state)
{
    (void)state;
    begin_a("");
    as(a, make_one);
    as(a, grant_b);
    as(b, take_b);
    as(b, map_b);
    as(b, b_reads_into_it);
    as(a, revoke_all);
    work_all();
    expect_all(at_a, 31, 512);
    as(b, b_has_a_copy);
    end();
}

/* ---- undo ---- */

static void claim_and_read(void)
{
    open_and_claim();
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 5, 1), CTX_OK);
}

static void claims_and_reads_are_undone(void **state)
{
    (void)state;
    begin_a("restart=undo:1000");
    as(a, b_claims); /* its heap is there then */
    pages = a->pages;
    undone(a, claim_and_read);
    assert_int_equal(a->pages, pages);
    assert_int_equal(disk->queued, 1); /* it goes on */
    as(b, b_finds_it_busy_now);
    work_all();
    as(a, comes_again);
    end();
}

static void release_and_take(void)
{
    assert_int_equal(my.t->done(my.t, my.done), CTX_OK);
    assert_int_equal(my.done->tag, 1);
    nothing_is_told();
    assert_int_equal(my.t->release(my.t, handle_a), CTX_OK);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 5, 9), CTX_E_STALE);
}

static void told_once_more(void)
{
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 6, 2), CTX_OK);
    memset(my.bytes, 0, BLOCK_SECTOR);
    assert_int_equal(my.t->done(my.t, my.done), CTX_OK);
    assert_int_equal(my.done->tag, 1);
    expect_all(my.bytes, 6, BLOCK_SECTOR);
    nothing_is_told();
}

static void what_was_told_and_released_is_undone(void **state)
{
    (void)state;
    begin_a("restart=undo:1000");
    as(a, claim_and_read);
    work_all();
    undone(a, release_and_take);
    undone(a, release_and_take); /* the same again */
    as(b, b_finds_it_busy);
    as(a, told_once_more);
    end();
}

static void claim_and_write(void)
{
    open_and_claim();
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_WRITE, 5, 1), CTX_OK);
}

/* What is on a disk can not be taken back: the app begins anew, as if it had no such policy. */
static void a_write_is_not_undone(void **state)
{
    (void)state;
    begin_a("restart=undo:1000");
    uint64_t undone_so_far = a->undone;
    steps = claim_and_write;
    turn(a, body_steps_and_fault);
    assert_int_equal(a->undone, undone_so_far);
    assert_int_equal(a->base, 0);
    assert_true(fake_said("this call can not be undone: it changed a disk"));
    work_all();
    as(b, b_claims);
    end();
}

/* ---- the disk changes ---- */

static void read_the_last(void)
{
    open_and_claim();
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, DISK_SECTORS - 1, 1), CTX_OK);
}

static void it_is_smaller(void)
{
    assert_int_equal(my.t->info(my.t, handle_a, my.info), CTX_OK);
    assert_int_equal(my.info->bytes, 100 * BLOCK_SECTOR);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 100, 2), CTX_E_RANGE);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 99, 2), CTX_OK);
}

static void it_is_gone(void)
{
    assert_int_equal(my.t->info(my.t, handle_a, my.info), CTX_OK);
    assert_int_equal(my.info->flags & CTX_BLOCK_IS_GONE, CTX_BLOCK_IS_GONE);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 9, 2), CTX_E_IO);
    assert_int_equal(my.t->list(my.t, 0, my.info), CTX_E_NOENT);
    assert_int_equal(my.t->release(my.t, handle_a), CTX_OK);
}

static void another_size_and_gone(void **state)
{
    (void)state;
    begin_a("");
    as(a, read_the_last);
    work_all();
    a->hints = 0;
    block_resized(&disk->device, 100);
    assert_int_equal(a->hints >> CTX_EVENT_BLOCK & 1, 1);
    work_all();
    as(a, it_is_smaller);
    a->hints = 0;
    block_gone(&disk->device);
    assert_int_equal(a->hints >> CTX_EVENT_BLOCK & 1, 1);
    as(a, it_is_gone);
    end();
}

static void fails_to_read(void)
{
    open_and_claim();
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_READ, 5, 1), CTX_OK);
    assert_int_equal(submit_block(handle_a, CTX_BLOCK_FLUSH, 0, 2), CTX_OK);
}

static void is_told_so(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(my.t->done(my.t, my.done), CTX_OK);
        assert_int_equal(my.done->status, CTX_E_IO);
        assert_int_equal(my.done->bytes, 0);
    }
    assert_int_equal(my.bytes[0], 0); /* nothing of what came */
}

static void errors_are_told(void **state)
{
    (void)state;
    begin_a("");
    disk->fail_from = disk->requests;
    disk->fail_count = 2;
    as(a, fails_to_read);
    work_all();
    as(a, is_told_so);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works),
        cmocka_unit_test(refuses),
        cmocka_unit_test(its_app_goes),
        cmocka_unit_test(released_with_requests),
        cmocka_unit_test(begins_anew),
        cmocka_unit_test(its_share_goes),
        cmocka_unit_test(revoked_meanwhile),
        cmocka_unit_test(claims_and_reads_are_undone),
        cmocka_unit_test(what_was_told_and_released_is_undone),
        cmocka_unit_test(a_write_is_not_undone),
        cmocka_unit_test(another_size_and_gone),
        cmocka_unit_test(errors_are_told),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
