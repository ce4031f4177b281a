/* SPDX-License-Identifier: MIT */
/*
 * Random operations on the engine and on a plain table, with disks that fail, fill up, cannot be
 * written or are too small for what they were: each ends alike, or in IO, and never with half of
 * it.
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

static uint64_t share = 1; /* of what is random */
static const char *why;

static struct fdb *made(struct lossy_disk *d, uint32_t block, uint64_t seed)
{
    struct fdb *db;
    lossy_make(d, DISK_BYTES, block, seed);
    assert_int_equal(fdb_create(&d->disk, &why), CTX_OK);
    assert_int_equal(fdb_open(&db, &d->disk, 0, &why), CTX_OK);
    return db;
}

static struct fdb *again(struct lossy_disk *d)
{
    struct fdb *db = NULL;
    assert_int_equal(fdb_open(&db, &d->disk, 0, &why), CTX_OK);
    return db;
}

static void same_as_a_table(void **state)
{
    (void)state;
    static struct model m;
    struct lossy_disk d;
    struct random r = {11};
    struct fdb *db = made(&d, 512, 5);
    model_clear(&m);
    for (uint64_t i = 0; i < 12000 * share; i++) {
        ctx_status status = model_step(&m, db, &r);
        assert_true(status != CTX_E_IO && status != CTX_E_NOMEM);
        if (i % 700 == 0) {
            model_compare(&m, db);
            m.moments = 0;
        }
        if (i % 3000 == 2999) {
            assert_int_equal(fdb_close(db), CTX_OK);
            db = again(&d);
            model_compare(&m, db);
        }
    }
    struct fdb_check check = {.say = NULL};
    assert_int_equal(fdb_check(db, &check), CTX_OK);
    assert_int_equal(fdb_close(db), CTX_OK);
    model_clear(&m);
    lossy_drop(&d);
}

/* Without a disk the same. */
static int64_t no_clock(void)
{
    return 0;
}

static void same_in_memory(void **state)
{
    (void)state;
    static struct model m;
    struct random r = {12};
    struct fdb *db;
    assert_int_equal(fdb_open_memory(&db, 8u << 20, no_clock), CTX_OK);
    model_clear(&m);
    for (uint64_t i = 0; i < 4000; i++) {
        (void)model_step(&m, db, &r);
        m.moments = 0;
    }
    model_compare(&m, db);
    assert_int_equal(fdb_commit(db), CTX_OK);
    model_compare(&m, db);
    assert_int_equal(fdb_close(db), CTX_OK);
    model_clear(&m);
}

/* Some requests of the disk fail, once or for a while; then it works again. */
static void a_disk_that_fails(void **state)
{
    (void)state;
    static struct model m;
    struct lossy_disk d;
    struct random r = {13};
    struct fdb *db = made(&d, 512, 6);
    uint64_t failed = 0;
    model_clear(&m);
    model_committed(&m);
    for (uint64_t round = 0; round < 150 * share; round++) {
        uint64_t lost = fdb_lost(db);
        d.fail_from = d.done + random_below(&r, 8);
        d.fail_count = 1 + random_below(&r, random_below(&r, 2) == 0 ? 1 : 20);
        for (uint32_t i = 0; i < 30; i++) {
            ctx_status status = random_below(&r, 6) == 0 ? fdb_commit(db) : model_step(&m, db, &r);
            failed += status == CTX_E_IO;
            if (fdb_lost(db) != lost) {
                break;
            }
        }
        d.fail_from = UINT64_MAX;
        /* What is there now was there at one moment since the last commit that was good. */
        if (fdb_lost(db) != lost || fdb_commit(db) != CTX_OK) {
            assert_int_equal(fdb_commit(db), CTX_OK);
            assert_true(model_was(&m, model_print(db)));
        } else {
            assert_int_equal(model_print(db), m.print);
        }
        if (round % 10 == 0) { /* and so it is when everything is read again */
            uint64_t print = model_print(db);
            (void)fdb_close(db);
            lossy_cut(&d, CUT_ALL);
            db = again(&d);
            assert_int_equal(model_print(db), print);
        }
        model_load(&m, db);
    }
    assert_true(failed > 30 * share);
    struct fdb_check check = {.say = NULL};
    assert_int_equal(fdb_check(db, &check), CTX_OK);
    assert_int_equal(fdb_close(db), CTX_OK);
    model_clear(&m);
    lossy_drop(&d);
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    static uint8_t bytes[60000];
    struct lossy_disk d;
    struct fdb *db = made(&d, 512, 7);
    struct fdb_space space;
    struct fdb_node node;
    int64_t id, small;
    char path[32];
    uint32_t files = 0;
    ctx_status status = CTX_OK;
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(fdb_make(db, "/first", FDB_FILE, &small), CTX_OK); /* never committed by us */
    for (; status == CTX_OK; files++) {
        snprintf(path, sizeof path, "/f%u", files);
        status = fdb_make(db, path, FDB_FILE, &id);
        status = status == CTX_OK ? fdb_write(db, id, 0, bytes, sizeof bytes) : status;
    }
    assert_int_equal(status, CTX_E_NOSPC);
    assert_true(files > 40);
    assert_int_equal(fdb_lost(db), 0);
    assert_int_equal(fdb_space(db, &space), CTX_OK);
    assert_true(space.free < 200000);
    /* Small things still fit, or say so; nothing that was there is gone; and it can be cleaned up.
     */
    for (uint32_t i = 0;
         i < 3000 && (status = fdb_write(db, small, (uint64_t)i * 100, bytes, 100)) == CTX_OK;
         i++) {
    }
    assert_true(status == CTX_OK || status == CTX_E_NOSPC);
    assert_int_equal(fdb_lost(db), 0);
    for (uint32_t i = 0; i < files - 1; i++) {
        snprintf(path, sizeof path, "/f%u", i);
        assert_int_equal(fdb_look(db, path, &node), CTX_OK);
        assert_int_equal(fdb_remove(db, path, FDB_FILE, false), CTX_OK);
    }
    assert_int_equal(fdb_commit(db), CTX_OK);
    assert_int_equal(fdb_lost(db), 0);
    assert_int_equal(fdb_make(db, "/new", FDB_FILE, &id), CTX_OK);
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(fdb_write(db, id, (uint64_t)i * sizeof bytes, bytes, sizeof bytes),
                         CTX_OK);
    }
    assert_int_equal(fdb_close(db), CTX_OK);
    lossy_drop(&d);
}

/* ---- keys ---- */

#define KEYS   24u
#define VALUES 3000u

static struct {
    bool there;
    uint32_t len;
    uint64_t version;
    uint8_t bytes[VALUES];
} keys[2][KEYS];

static struct fdb_key key_of(uint32_t space, uint32_t i)
{
    struct fdb_key k = {.space = space == 0 ? "one" : "two", .len = 1 + i % 5};
    memset(k.bytes, 'a' + (int)(i % 26), k.len);
    k.bytes[0] = (uint8_t)i; /* in their order; one begins with a zero */
    return k;
}

static void compare_keys(struct fdb *db)
{
    static uint8_t value[VALUES];
    for (uint32_t space = 0; space < 2; space++) {
        struct fdb_key at = {.space = space == 0 ? "one" : "two"};
        for (uint32_t i = 0; i < KEYS; i++) {
            struct fdb_key k = key_of(space, i);
            uint32_t len = 0;
            uint64_t version = 0;
            ctx_status status = fdb_kv_get(db, &k, value, VALUES, &len, &version);
            assert_int_equal(status, keys[space][i].there ? CTX_OK : CTX_E_NOENT);
            if (status == CTX_OK) {
                assert_int_equal(len, keys[space][i].len);
                assert_memory_equal(value, keys[space][i].bytes, len);
                assert_int_equal(version, keys[space][i].version);
                struct fdb_key next = {.space = at.space};
                assert_int_equal(fdb_kv_next(db, &at, &next), CTX_OK);
                assert_int_equal(next.len, k.len);
                assert_memory_equal(next.bytes, k.bytes, k.len);
                at = next;
                at.space = k.space;
            }
        }
        struct fdb_key next;
        assert_int_equal(fdb_kv_next(db, &at, &next), CTX_E_NOENT);
    }
}

static void took(struct fdb *db, uint32_t space, uint32_t i, const uint8_t *bytes, uint32_t len)
{
    struct fdb_key k = key_of(space, i);
    uint32_t there;
    uint64_t before = keys[space][i].version;
    keys[space][i].there = true;
    keys[space][i].len = len;
    memcpy(keys[space][i].bytes, bytes, len);
    assert_int_equal(fdb_kv_get(db, &k, NULL, 0, &there, &keys[space][i].version), CTX_OK);
    assert_true(keys[space][i].version > before);
}

static uint32_t item(uint8_t *to, const struct fdb_key *k, const uint8_t *value, uint32_t len)
{
    const uint32_t head[2] = {k->len, value != NULL ? len : UINT32_MAX};
    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, k->bytes, k->len);
    if (value != NULL) {
        memcpy(to + sizeof head + k->len, value, len);
    }
    return (uint32_t)sizeof head + k->len + (value != NULL ? len : 0);
}

/* What a key takes of its space. */
static int64_t size_of(uint32_t space, uint32_t i)
{
    return keys[space][i].there ? (int64_t)key_of(space, i).len + keys[space][i].len + FDB_KEY_COSTS
                                : 0;
}

static void compare_sizes(struct fdb *db, const int64_t *used)
{
    for (uint32_t space = 0; space < 2; space++) {
        int64_t all = 0;
        uint64_t bytes;
        for (uint32_t i = 0; i < KEYS; i++) {
            all += size_of(space, i);
        }
        assert_int_equal(fdb_kv_used(db, key_of(space, 0).space, &bytes), CTX_OK);
        assert_int_equal(bytes, all);
        assert_int_equal(used[space], all);
    }
}

/* One is put, perhaps twice, and the next goes; or nonsense stands behind it: nothing. */
static void a_batch(struct fdb *db, struct random *r, uint32_t space, uint32_t i,
                    const uint8_t *value, uint32_t len, struct fdb_kv_room *room)
{
    static uint8_t items[16 * (VALUES + 300)];
    uint32_t next = (i + 1) % KEYS, n = 0;
    struct fdb_key k = key_of(space, i), other = key_of(space, next);
    if (random_below(r, 3) == 0) {
        n = item(items, &k, value, len / 2);
    }
    n += item(items + n, &k, value, len);
    n += item(items + n, &other, NULL, 0);
    int64_t grows = (int64_t)k.len + len + FDB_KEY_COSTS - size_of(space, i) - size_of(space, next);
    bool good = random_below(r, 3) != 0, fits = grows <= 0 || (uint64_t)grows <= room->most;
    if (!good) {
        items[n] = 1;
    }
    assert_int_equal(fdb_kv_batch(db, k.space, items, good ? n : n + 1, room), !good ? CTX_E_INVAL
                                                                               : fits
                                                                                   ? CTX_OK
                                                                                   : CTX_E_NOSPC);
    if (good && fits) {
        assert_int_equal(room->grew, grows);
        took(db, space, i, value, len);
        keys[space][next].there = false;
    }
}

static void keys_as_a_table(void **state)
{
    (void)state;
    static uint8_t value[VALUES];
    struct lossy_disk d;
    struct random r = {16};
    struct fdb *db = made(&d, 512, 12);
    int64_t used[2] = {0, 0};
    memset(keys, 0, sizeof keys);
    for (uint64_t step = 0; step < 3000 * share; step++) {
        uint32_t space = (uint32_t)random_below(&r, 2), i = (uint32_t)random_below(&r, KEYS);
        uint32_t len = (uint32_t)random_below(&r, random_below(&r, 3) == 0 ? VALUES : 40);
        struct fdb_key k = key_of(space, i);
        memset(value, (int)random_next(&r), len);
        uint64_t version = random_below(&r, 2) == 0 ? keys[space][i].version * keys[space][i].there
                                                    : random_below(&r, 3);
        bool right = version == (keys[space][i].there ? keys[space][i].version : 0);
        struct fdb_kv_room room = {.most = random_below(&r, 3) == 0 ? random_below(&r, 200)
                                                                    : UINT64_MAX};
        int64_t grows = (int64_t)k.len + len + FDB_KEY_COSTS - size_of(space, i);
        bool fits = grows <= 0 || (uint64_t)grows <= room.most;
        switch (random_below(&r, 6)) {
        case 0:
            assert_int_equal(fdb_kv_remove(db, &k, &room),
                             keys[space][i].there ? CTX_OK : CTX_E_NOENT);
            keys[space][i].there = false;
            break;
        case 1:
            assert_int_equal(fdb_kv_put(db, &k, value, len, &version, &room), !right ? CTX_E_EXIST
                                                                              : fits ? CTX_OK
                                                                                     : CTX_E_NOSPC);
            if (right && fits) {
                took(db, space, i, value, len);
            }
            break;
        case 2:
            a_batch(db, &r, space, i, value, len, &room);
            break;
        default:
            assert_int_equal(fdb_kv_put(db, &k, value, len, NULL, &room),
                             fits ? CTX_OK : CTX_E_NOSPC);
            if (fits) {
                took(db, space, i, value, len);
            }
        }
        used[space] += room.grew;
        if (step % 300 == 299) {
            assert_int_equal(fdb_commit(db), CTX_OK);
            d.power_left = 0;
            (void)fdb_close(db);
            lossy_cut(&d, CUT_ANY);
            db = again(&d);
            compare_keys(db);
            compare_sizes(db, used);
        }
    }
    struct fdb_check check = {.say = NULL};
    assert_int_equal(fdb_check(db, &check), CTX_OK);
    assert_int_equal(fdb_close(db), CTX_OK);
    lossy_drop(&d);
}

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *out;
        ctx_status status;
    } cases[] = {
        {"/", "/", CTX_OK},           {"", "", CTX_E_INVAL},       {"a", "", CTX_E_INVAL},
        {"/a", "/a", CTX_OK},         {"//a//b/", "/a/b", CTX_OK}, {"/./a/.", "/a", CTX_OK},
        {"/a/../b", "/b", CTX_OK},    {"/..", "/", CTX_OK},        {"/../../etc", "/etc", CTX_OK},
        {"/a/b/../..", "/", CTX_OK},  {"/...", "/...", CTX_OK},    {"/.a", "/.a", CTX_OK},
        {"/a/..b", "/a/..b", CTX_OK},
    };
    char out[FDB_PATH_MOST + 1], long_path[5000];
    ctx_status status;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        out[0] = 0;
        uint32_t len = fdb_path(cases[i].path, (uint32_t)strlen(cases[i].path), out, &status);
        assert_int_equal(status, cases[i].status);
        if (status == CTX_OK) {
            assert_string_equal(out, cases[i].out);
            assert_int_equal(len, strlen(out));
        } else {
            assert_int_equal(len, 0);
        }
    }
    assert_int_equal(fdb_path("/a\0b", 4, out, &status), 0);
    assert_int_equal(status, CTX_E_INVAL);
    memset(long_path, 'n', sizeof long_path);
    long_path[0] = '/';
    assert_int_equal(fdb_path(long_path, 256, out, &status), 256); /* a name of 255 */
    assert_int_equal(fdb_path(long_path, 257, out, &status), 0);
    assert_int_equal(status, CTX_E_TOOBIG);
    for (size_t i = 0; i < sizeof long_path; i++) {
        long_path[i] = i % 2 == 0 ? '/' : 'n';
    }
    assert_int_equal(fdb_path(long_path, FDB_PATH_MOST, out, &status), FDB_PATH_MOST);
    assert_int_equal(fdb_path(long_path, 4096, out, &status), 0);
    assert_int_equal(status, CTX_E_TOOBIG);
}

/* Only to be read: nothing changes, whatever is asked. */
static void a_disk_that_is_only_read(void **state)
{
    (void)state;
    static uint8_t before[DISK_BYTES];
    struct lossy_disk d;
    struct fdb_node node;
    uint8_t byte;
    uint32_t count;
    int64_t id, none;
    struct fdb *db = made(&d, 512, 8);
    assert_int_equal(fdb_make(db, "/a", FDB_FILE, &id), CTX_OK);
    assert_int_equal(fdb_write(db, id, 0, "x", 1), CTX_OK);
    assert_int_equal(fdb_close(db), CTX_OK);
    memcpy(before, d.bytes, DISK_BYTES);
    d.disk.read_only = true;
    db = again(&d);
    assert_true(fdb_read_only(db));
    assert_int_equal(fdb_look(db, "/a", &node), CTX_OK);
    assert_int_equal(fdb_read(db, node.id, 0, &byte, 1, &count), CTX_OK);
    assert_int_equal(byte, 'x');
    assert_int_equal(fdb_make(db, "/b", FDB_FILE, &none), CTX_E_RDONLY);
    assert_int_equal(fdb_write(db, id, 0, "y", 1), CTX_E_RDONLY);
    assert_int_equal(fdb_remove(db, "/a", FDB_FILE, false), CTX_E_RDONLY);
    assert_int_equal(fdb_close(db), CTX_OK);
    assert_memory_equal(before, d.bytes, DISK_BYTES);
    lossy_drop(&d);
}

/* ---- damage ---- */

/* Files with one page flipped somewhere: what is read is right, or said to be damaged. */
static void a_bit_that_has_flipped(void **state)
{
    (void)state;
    static uint8_t bytes[100000], there[100000];
    struct lossy_disk d;
    struct random r = {14};
    struct fdb *db = made(&d, 512, 9);
    int64_t id;
    char path[32];
    uint64_t refused = 0, said = 0;
    for (uint32_t i = 0; i < 20; i++) {
        snprintf(path, sizeof path, "/f%u", i);
        memset(bytes, (int)i + 1, sizeof bytes);
        assert_int_equal(fdb_make(db, path, FDB_FILE, &id), CTX_OK);
        assert_int_equal(fdb_write(db, id, 0, bytes, sizeof bytes), CTX_OK);
    }
    assert_int_equal(fdb_close(db), CTX_OK);
    for (uint64_t round = 0; round < 150 * share; round++) {
        uint64_t at =
            random_below(&r, round % 8 == 0 ? 5 : 540) * FDB_PAGE + random_below(&r, FDB_PAGE);
        uint8_t old = d.bytes[at];
        d.bytes[at] ^= (uint8_t)(1u << random_below(&r, 8));
        if (fdb_open(&db, &d.disk, FDB_READ_ONLY, &why) != CTX_OK) {
            refused++;
            assert_true(why[0] != 0);
        } else {
            for (uint32_t i = 0; i < 20; i++) {
                struct fdb_node node;
                uint32_t count;
                snprintf(path, sizeof path, "/f%u", i);
                ctx_status status = fdb_look(db, path, &node);
                status = status == CTX_OK ? fdb_read(db, node.id, 0, there, sizeof there, &count)
                                          : status;
                if (status != CTX_OK) {
                    assert_int_equal(status, CTX_E_IO);
                    said++;
                    continue;
                }
                memset(bytes, (int)i + 1, count);
                assert_memory_equal(there, bytes, count);
                said += count != sizeof there;
            }
            (void)fdb_close(db);
        }
        d.bytes[at] = old;
    }
    assert_true(refused > 0);
    assert_true(said > 20);
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_OK);
    assert_int_equal(fdb_close(db), CTX_OK);
    lossy_drop(&d);
}

/* Anything at all in the place of a disk: it is refused, or read as far as it can be; never more.
 */
static void garbage(void **state)
{
    (void)state;
    static struct model m;
    static uint8_t good[DISK_BYTES];
    struct lossy_disk d;
    struct random r = {15};
    struct fdb *db = made(&d, 512, 10);
    model_clear(&m);
    for (uint32_t i = 0; i < 300; i++) {
        (void)model_step(&m, db, &r);
        m.moments = 0;
    }
    assert_int_equal(fdb_close(db), CTX_OK);
    memcpy(good, d.bytes, DISK_BYTES);
    for (uint64_t round = 0; round < 120 * share; round++) {
        for (uint64_t n = 1 + random_below(&r, 12); n > 0; n--) {
            uint64_t at = random_below(&r, random_below(&r, 2) == 0 ? 4096 : DISK_BYTES);
            uint64_t len = 1 + random_below(&r, random_below(&r, 2) == 0 ? 4 : 3000);
            for (uint64_t i = 0; i < len && at + i < DISK_BYTES; i++) {
                d.bytes[at + i] = (uint8_t)random_next(&r);
            }
        }
        uint32_t flags = random_below(&r, 2) == 0 ? 0 : FDB_TRUST;
        if (fdb_open(&db, &d.disk, flags, &why) == CTX_OK) {
            struct fdb_check check = {.say = NULL};
            (void)fdb_check(db, &check);
            for (uint32_t i = 0; i < 40; i++) {
                struct fdb_node node;
                uint8_t bytes[500];
                uint32_t count;
                if (fdb_look(db, m.nodes[i % m.count].path, &node) == CTX_OK &&
                    node.kind == FDB_FILE) {
                    (void)fdb_read(db, node.id, random_below(&r, 20000), bytes, sizeof bytes,
                                   &count);
                    (void)fdb_write(db, node.id, random_below(&r, 20000), bytes, 100);
                }
            }
            (void)fdb_close(db);
        }
        lossy_cut(&d, CUT_ALL);
        memcpy(d.bytes, good, DISK_BYTES);
    }
    model_clear(&m);
    lossy_drop(&d);
}

static void what_is_no_disk_of_files(void **state)
{
    (void)state;
    struct lossy_disk d;
    struct fdb *db;
    lossy_make(&d, DISK_BYTES, 512, 1);
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_E_NOENT);
    assert_string_equal(why, "there is nothing on it");
    memset(d.bytes, 'x', 4096);
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_E_NOENT);
    assert_string_equal(why, "it is no disk of files");
    memset(d.bytes, 0, 4096);
    assert_int_equal(fdb_create(&d.disk, &why), CTX_OK);
    d.disk.bytes -= FDB_PAGE;
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_E_RANGE);
    d.disk.bytes = 4u << 20;
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_E_RANGE);
    d.disk.bytes = FDB_PAGE;
    assert_int_equal(fdb_create(&d.disk, &why), CTX_E_NOSPC);
    d.disk.bytes = 0;
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_E_NOENT);
    lossy_drop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_a_table),
        cmocka_unit_test(same_in_memory),
        cmocka_unit_test(a_disk_that_fails),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(paths),
        cmocka_unit_test(a_disk_that_is_only_read),
        cmocka_unit_test(a_bit_that_has_flipped),
        cmocka_unit_test(garbage),
        cmocka_unit_test(keys_as_a_table),
        cmocka_unit_test(what_is_no_disk_of_files),
    };
    const char *words = getenv("ARGOS_LONG");
    share = words != NULL && words[0] != 0 ? 80 : 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
