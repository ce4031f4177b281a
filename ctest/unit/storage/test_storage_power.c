/* SPDX-License-Identifier: MIT */
/*
 * Power is lost at a random write of random work, again and again on the same disk: what is there
 * afterwards is what there was at one moment since the last commit, whole, and nothing is damaged.
 */
#include "model.h"

#include "vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DISK_BYTES (9u << 20)
#define STEPS      40u

static uint64_t rounds = 150;

static struct fdb *open_disk(struct lossy_disk *d, uint64_t round)
{
    struct fdb *db;
    const char *why = "";
    ctx_status status = fdb_open(&db, &d->disk, 0, &why);
    if (status != CTX_OK) {
        fail_msg("round %llu: %d, %s", (unsigned long long)round, (int)status, why);
    }
    return db;
}

static void say(void *arg, const char *text, uint64_t done, uint64_t all)
{
    (void)arg;
    (void)done;
    (void)all;
    if (text != NULL) {
        print_message("    %s\n", text);
    }
}

/* Work until the power goes, or it is left in order. */
static void work(struct model *m, struct fdb *db, struct lossy_disk *d, struct random *r)
{
    uint64_t lost = fdb_lost(db);
    for (uint32_t i = 0; i < STEPS && d->power_left > 0; i++) {
        if (random_below(r, 6) == 0) {
            uint32_t moments = m->moments;
            if (fdb_commit(db) == CTX_OK) {
                assert_int_equal(fdb_lost(db), lost);
                model_committed(m);
            } else {
                assert_int_equal(d->power_left, 0);
                m->moments = moments; /* it may be there, or not */
            }
            continue;
        }
        (void)model_step(m, db, r);
        if (fdb_lost(db) != lost) {
            assert_int_equal(d->power_left, 0); /* nothing else makes it lose something */
            break;
        }
    }
}

static void run(uint32_t block, uint64_t seed)
{
    static struct model m;
    struct lossy_disk d;
    struct random r = {seed};
    const char *why;
    lossy_make(&d, DISK_BYTES, block, seed);
    assert_int_equal(fdb_create(&d.disk, &why), CTX_OK);
    model_clear(&m);
    model_committed(&m);
    for (uint64_t round = 0; round < rounds; round++) {
        if (random_below(&r, 8) == 0) { /* while it is being mounted */
            struct fdb *db = NULL;
            d.power_left = random_below(&r, 30);
            if (fdb_open(&db, &d.disk, 0, &why) == CTX_OK) {
                (void)fdb_close(db);
            }
            lossy_cut(&d, (enum lossy_cut)random_below(&r, CUT_KINDS));
        }
        struct fdb *db = open_disk(&d, round);
        uint64_t there = model_print(db);
        if (!model_was(&m, there)) {
            fail_msg("round %llu (block %u): this was never so since the last commit",
                     (unsigned long long)round, block);
        }
        if (round % 16 == 0) {
            struct fdb_check check = {.say = say};
            assert_int_equal(fdb_check(db, &check), CTX_OK);
        }
        model_load(&m, db);
        d.power_left = random_below(&r, 10) == 0
                           ? UINT64_MAX
                           : random_below(&r, random_below(&r, 2) == 0 ? 60 : 1500);
        work(&m, db, &d, &r);
        if (fdb_close(db) == CTX_OK) {
            model_committed(&m);
        }
        lossy_cut(&d, (enum lossy_cut)random_below(&r, CUT_KINDS));
    }
    model_clear(&m);
    lossy_drop(&d);
}

static void small_blocks(void **state)
{
    (void)state;
    run(512, 1);
}

static void large_blocks(void **state)
{
    (void)state;
    run(4096, 2);
}

/* The test of the test: a disk whose flush is none loses what was committed. */
static ctx_status no_flush(struct fdb_disk *disk)
{
    (void)disk;
    return CTX_OK;
}

static void a_disk_that_lies_is_found_out(void **state)
{
    (void)state;
    struct lossy_disk d;
    const char *why;
    struct fdb *db;
    int64_t id;
    lossy_make(&d, DISK_BYTES, 512, 3);
    assert_int_equal(fdb_create(&d.disk, &why), CTX_OK);
    db = open_disk(&d, 0);
    assert_int_equal(fdb_make(db, "/kept", FDB_FILE, &id), CTX_OK);
    assert_int_equal(fdb_commit(db), CTX_OK);
    d.disk.flush = no_flush;
    assert_int_equal(fdb_make(db, "/lost", FDB_FILE, &id), CTX_OK);
    assert_int_equal(fdb_commit(db), CTX_OK);
    d.power_left = 0;
    (void)fdb_close(db);
    lossy_cut(&d, CUT_NONE);
    db = open_disk(&d, 1);
    struct fdb_node node;
    assert_int_equal(fdb_look(db, "/kept", &node), CTX_OK);
    assert_int_equal(fdb_look(db, "/lost", &node), CTX_E_NOENT);
    d.power_left = UINT64_MAX;
    assert_int_equal(fdb_close(db), CTX_OK);
    lossy_drop(&d);
}

/* A disk that is grown, and loses power at each of the writes that takes. */
static void grown_at_any_moment(void **state)
{
    (void)state;
    for (uint64_t at = 0; at < 60; at++) {
        for (uint32_t how = 0; how < CUT_KINDS; how++) {
            struct lossy_disk d;
            struct fdb_node node;
            struct fdb_space before, after;
            const char *why;
            struct fdb *db;
            int64_t id;
            lossy_make(&d, 2 * DISK_BYTES, 512, at * CUT_KINDS + how + 1);
            d.disk.bytes = DISK_BYTES;
            assert_int_equal(fdb_create(&d.disk, &why), CTX_OK);
            db = open_disk(&d, at);
            assert_int_equal(fdb_make(db, "/kept", FDB_FILE, &id), CTX_OK);
            assert_int_equal(fdb_space(db, &before), CTX_OK);
            assert_int_equal(fdb_close(db), CTX_OK);
            d.disk.bytes = 2 * DISK_BYTES;
            db = open_disk(&d, at);
            d.power_left = at;
            ctx_status grown = fdb_grow(db);
            (void)fdb_close(db);
            lossy_cut(&d, (enum lossy_cut)how);
            db = open_disk(&d, at);
            assert_int_equal(fdb_look(db, "/kept", &node), CTX_OK);
            assert_int_equal(fdb_space(db, &after), CTX_OK);
            assert_true(after.bytes == before.bytes || after.bytes > before.bytes * 2);
            assert_true(grown != CTX_OK || after.bytes > before.bytes);
            struct fdb_check check = {.say = say};
            assert_int_equal(fdb_check(db, &check), CTX_OK);
            assert_int_equal(fdb_close(db), CTX_OK);
            lossy_drop(&d);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_blocks),
        cmocka_unit_test(large_blocks),
        cmocka_unit_test(a_disk_that_lies_is_found_out),
        cmocka_unit_test(grown_at_any_moment),
    };
    const char *words = getenv("ARGOS_LONG");
    rounds = words != NULL && words[0] != 0 ? 3000 : rounds;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
