/* SPDX-License-Identifier: MIT */
/*
 * Databases of apps (engine/sql.h): values come back as they were, hostile statements end, and
 * whatever becomes of the power, a transaction is there or not.
 */
#include "lossy_disk.h"
#include "sql.h"

#include <sqlite3.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DISK_BYTES (16u << 20)
#define MOST       (8u << 20) /* of a database */
#define ROOM       61440u

static uint64_t rounds = 100;
static struct lossy_disk d;
static struct fdb *db;
static struct fdb_sql *sql;
static uint8_t rows[ROOM];
static uint32_t turns, turns_left;

static int turn(void *arg)
{
    (void)arg;
    turns++;
    return turns_left == 0 || --turns_left == 0;
}

static void open_all(void)
{
    const char *why = "";
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_OK);
    turns_left = UINT32_MAX;
    assert_int_equal(fdb_sql_open(db, "/sql/app", MOST, turn, NULL, &sql), CTX_OK);
}

static void close_all(void)
{
    fdb_sql_close(sql);
    assert_int_equal(fdb_close(db), CTX_OK);
}

static int make(void **state)
{
    const char *why;
    (void)state;
    lossy_make(&d, DISK_BYTES, 512, 5);
    assert_int_equal(fdb_create(&d.disk, &why), CTX_OK);
    open_all();
    return 0;
}

static int drop(void **state)
{
    (void)state;
    close_all();
    lossy_drop(&d);
    return 0;
}

static ctx_status run(const char *text)
{
    struct fdb_sql_got got;
    ctx_status status = fdb_sql_run(sql, text, (uint32_t)strlen(text), &got);
    assert_true(status == CTX_OK || fdb_sql_why(sql)[0] != 0);
    return status;
}

static uint32_t prepare(const char *text)
{
    struct fdb_sql_got got;
    ctx_status status = fdb_sql_prepare(sql, text, (uint32_t)strlen(text), &got);
    if (status != CTX_OK) {
        fail_msg("%s: %d %s", text, status, fdb_sql_why(sql));
    }
    return got.statement;
}

/* The one whole number that it tells. */
static int64_t number(const char *text)
{
    struct fdb_sql_got got;
    uint32_t s = prepare(text);
    int64_t n;
    ctx_status status = fdb_sql_step(sql, s, 0, rows, ROOM, &got);
    if (status != CTX_OK || got.rows != 1) {
        fail_msg("%s: %d %s", text, status, fdb_sql_why(sql));
    }
    memcpy(&n, rows + 16, sizeof n);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    return n;
}

static const char *text_of(const char *query)
{
    struct fdb_sql_got got;
    uint32_t s = prepare(query), len;
    assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_OK);
    assert_int_equal(got.rows, 1);
    memcpy(&len, rows + 12, sizeof len);
    rows[16 + len] = 0;
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    return (const char *)rows + 16;
}

/* ---- values ---- */

static uint32_t put(uint8_t *at, uint32_t kind, const void *bytes, uint32_t len)
{
    memcpy(at, &kind, 4);
    memcpy(at + 4, &len, 4);
    memset(at + 8, 0, (len + 7) & ~7u);
    if (len > 0) {
        memcpy(at + 8, bytes, len);
    }
    return 8 + ((len + 7) & ~7u);
}

static void values_come_back(void **state)
{
    static const int64_t whole[] = {0, -1, INT64_MAX, INT64_MIN, 4294967296};
    static const double real[] = {0.1, -0.0, 1e308, 5e-324, HUGE_VAL};
    uint8_t in[1000];
    uint32_t len = 0, count = 0;
    struct fdb_sql_got got;
    (void)state;
    len += put(in + len, FDB_SQL_NULL, NULL, 0);
    for (size_t i = 0; i < 5; i++) {
        len += put(in + len, FDB_SQL_INTEGER, &whole[i], 8);
        len += put(in + len, FDB_SQL_REAL, &real[i], 8);
    }
    len += put(in + len, FDB_SQL_TEXT, "with\0NUL", 8);
    len += put(in + len, FDB_SQL_TEXT, "", 0);
    len += put(in + len, FDB_SQL_BLOB, "\0\xff\x80", 3);
    len += put(in + len, FDB_SQL_BLOB, "", 0);
    count = 15;
    uint32_t s = prepare("SELECT ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?");
    assert_int_equal(fdb_sql_bind(sql, s, in, len), CTX_OK);
    assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_OK);
    assert_int_equal(got.rows, 1);
    assert_int_equal(got.flags, FDB_SQL_DONE);
    struct fdb_sql_row head;
    memcpy(&head, rows, sizeof head);
    assert_int_equal(head.columns, count);
    assert_int_equal(head.bytes, got.bytes);
    assert_int_equal(head.bytes, len + sizeof head);
    assert_memory_equal(rows + sizeof head, in, len);
    /* What makes no sense. */
    uint32_t kind = 9;
    memcpy(in, &kind, 4);
    assert_int_equal(fdb_sql_bind(sql, s, in, len), CTX_E_INVAL);
    kind = FDB_SQL_INTEGER;
    memcpy(in, &kind, 4);
    assert_int_equal(fdb_sql_bind(sql, s, in, len), CTX_E_INVAL); /* of no bytes */
    assert_int_equal(fdb_sql_bind(sql, s, in, 7), CTX_E_INVAL);
    assert_int_equal(fdb_sql_bind(sql, s + 32, in, 0), CTX_E_STALE);
    len = put(in, FDB_SQL_BLOB, "abc", 3);
    uint32_t wrong = 4000000000u;
    memcpy(in + 4, &wrong, 4);
    assert_int_equal(fdb_sql_bind(sql, s, in, len), CTX_E_INVAL);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    assert_int_equal(fdb_sql_end(sql, s), CTX_E_STALE);
    assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_E_STALE);
    s = prepare("SELECT 1");
    len = put(in, FDB_SQL_NULL, NULL, 0);
    assert_int_equal(fdb_sql_bind(sql, s, in, len), CTX_E_INVAL); /* too many */
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
}

/* Any bytes as parameters, from memory that ends where they do; what is taken comes back. */
static void any_bytes(void **state)
{
    struct random r = {80};
    struct fdb_sql_got got;
    uint32_t taken = 0;
    (void)state;
    uint32_t s = prepare("SELECT ?, ?, ?, ?");
    for (uint64_t i = 0; i < 200 * rounds; i++) {
        uint32_t len = (uint32_t)random_below(&r, 80);
        uint8_t *bytes = malloc(len + (len == 0));
        assert_non_null(bytes);
        for (uint32_t at = 0; at < len; at++) {
            bytes[at] = (uint8_t)random_next(&r);
        }
        for (uint32_t at = 0; at + 8 <= len; at += 8) { /* mostly what makes sense */
            uint32_t kind = (uint32_t)random_below(&r, 6), n = (uint32_t)random_below(&r, 20);
            n = kind == FDB_SQL_NULL ? 0 : kind < FDB_SQL_TEXT ? 8 : n;
            if (random_below(&r, 8) != 0) {
                memcpy(bytes + at, &kind, 4);
                memcpy(bytes + at + 4, &n, 4);
                at += (n + 7) & ~7u;
            }
        }
        ctx_status status = fdb_sql_bind(sql, s, bytes, len);
        assert_true(status == CTX_OK || status == CTX_E_INVAL);
        if (status == CTX_OK) {
            taken++;
            assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_OK);
            assert_int_equal(got.rows, 1);
        }
        free(bytes);
    }
    assert_true(taken > 10 * rounds);
}

/* Longer than a call: in pieces, both ways. */
static void large_values(void **state)
{
    static uint8_t bytes[FDB_SQL_VALUE_MOST], part[50000];
    struct fdb_sql_got got;
    uint32_t len;
    (void)state;
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    }
    assert_int_equal(run("CREATE TABLE big(a INTEGER PRIMARY KEY, b BLOB, c TEXT)"), CTX_OK);
    uint32_t s = prepare("INSERT INTO big(b, c) VALUES(?, 'short')");
    for (uint32_t at = 0; at < sizeof bytes - 1000; at += (uint32_t)sizeof part) {
        uint32_t n = (uint32_t)sizeof bytes - 1000 - at;
        n = n < sizeof part ? n : (uint32_t)sizeof part;
        assert_int_equal(fdb_sql_append(sql, s, 1, bytes + at, n), CTX_OK);
    }
    assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_OK);
    assert_int_equal(got.changed, 1);
    assert_int_equal(got.last_id, 1);
    assert_int_equal(fdb_sql_append(sql, s, 1, bytes, 2000), CTX_E_TOOBIG);
    assert_int_equal(fdb_sql_append(sql, s, 2, bytes, 1), CTX_E_INVAL);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    /* Many of them are too much. */
    s = prepare("SELECT ?1000");
    ctx_status status = CTX_OK;
    uint32_t taken = 0;
    for (; status == CTX_OK && taken < 1000; taken++) {
        status = fdb_sql_append(sql, s, taken + 1, bytes, sizeof part);
    }
    assert_int_equal(status, CTX_E_NOMEM);
    assert_true(taken < (FDB_SQL_MEMORY + FDB_SQL_CACHE) / sizeof part + 1);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    s = prepare("SELECT a, b, c FROM big");
    assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_OK);
    assert_int_equal(got.rows, 1);
    uint32_t kind, has;
    memcpy(&kind, rows + 24, 4);
    memcpy(&has, rows + 28, 4);
    assert_int_equal(kind, FDB_SQL_BLOB | FDB_SQL_CUT);
    assert_int_equal(has, sizeof bytes - 1000);
    assert_memory_equal(rows + 40, "short", 5);
    uint32_t at = 0;
    do {
        assert_int_equal(fdb_sql_value(sql, s, 1, at, part, sizeof part, &len), CTX_OK);
        assert_memory_equal(part, bytes + at, len);
        at += len;
    } while (len > 0);
    assert_int_equal(at, has);
    assert_int_equal(fdb_sql_value(sql, s, 9, 0, part, sizeof part, &len), CTX_E_INVAL);
    assert_int_equal(fdb_sql_step(sql, s, got.next, rows, ROOM, &got), CTX_OK);
    assert_int_equal(got.rows, 0);
    assert_int_equal(got.flags, FDB_SQL_DONE);
    assert_int_equal(fdb_sql_value(sql, s, 1, 0, part, sizeof part, &len), CTX_E_INVAL);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
}

/* A thousand rows in several steps; a statement that is prepared anew behind its back. */
static void many_rows(void **state)
{
    struct fdb_sql_got got;
    (void)state;
    assert_int_equal(
        run("CREATE TABLE t(n INTEGER, s TEXT);"
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)"
            "INSERT INTO t SELECT i, 'a text of some length, number ' || i FROM c"),
        CTX_OK);
    uint32_t s = prepare("SELECT * FROM t ORDER BY n"), seen = 0, steps = 0;
    uint64_t first = 0;
    do {
        assert_int_equal(fdb_sql_step(sql, s, first, rows, FDB_SQL_ROOM_LEAST, &got), CTX_OK);
        for (uint32_t at = 0, i = 0; i < got.rows; i++) {
            struct fdb_sql_row head;
            int64_t n;
            memcpy(&head, rows + at, sizeof head);
            memcpy(&n, rows + at + 16, sizeof n);
            assert_int_equal(n, ++seen);
            at += head.bytes;
        }
        if (steps++ == 3) { /* not the rows that come next */
            struct fdb_sql_got other;
            assert_int_equal(fdb_sql_step(sql, s, got.next + 1, rows, ROOM, &other), CTX_E_RANGE);
        }
        first = got.next;
    } while ((got.flags & FDB_SQL_DONE) == 0);
    assert_int_equal(seen, 3000);
    assert_true(steps > 10);
    assert_int_equal(run("ALTER TABLE t ADD COLUMN more DEFAULT 7"), CTX_OK);
    assert_int_equal(fdb_sql_step(sql, s, 0, rows, ROOM, &got), CTX_OK);
    struct fdb_sql_row head;
    memcpy(&head, rows, sizeof head);
    assert_int_equal(head.columns, 3);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    assert_int_equal(run("CREATE VIRTUAL TABLE f USING fts5(s); INSERT INTO f SELECT s FROM t"),
                     CTX_OK);
    assert_int_equal(number("SELECT count(*) FROM f WHERE f MATCH '2999'"), 1);
    assert_int_equal(number("SELECT json_extract('{\"a\":[1,2,{\"b\":42}]}', '$.a[2].b')"), 42);
    assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
    /* It is there when all is opened again. */
    close_all();
    open_all();
    assert_int_equal(number("SELECT count(*) FROM t"), 3000);
    struct fdb_node node;
    assert_int_equal(fdb_look(db, "/sql/app", &node), CTX_OK);
    assert_true(node.bytes > 100000);
}

/* At rest it keeps no pages that the disk has too; statements and transactions go on where they
 * were. */
static void a_database_that_rests(void **state)
{
    struct fdb_sql_got got;
    (void)state;
    assert_int_equal(run("CREATE TABLE t(n INTEGER PRIMARY KEY, b)"), CTX_OK);
    for (int i = 0; i < 24; i++) { /* more than one transaction may change */
        assert_int_equal(
            run("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 60) "
                "INSERT INTO t(b) SELECT zeroblob(2000) FROM c"),
            CTX_OK);
    }
    assert_int_equal(number("SELECT count(*) FROM t WHERE length(b) = 2000 AND b <> x'01'"), 1440);
    int64_t full = sqlite3_memory_used();
    assert_true(full > 2 << 20);
    fdb_sql_rest(sql);
    assert_true(sqlite3_memory_used() < full - (2 << 20));

    uint32_t s = prepare("SELECT n FROM t"), seen = 0;
    uint64_t first = 0;
    assert_int_equal(run("BEGIN; INSERT INTO t(n, b) VALUES(5000, 'not yet')"), CTX_OK);
    do {
        assert_int_equal(fdb_sql_step(sql, s, first, rows, FDB_SQL_ROOM_LEAST, &got), CTX_OK);
        seen += got.rows;
        first = got.next;
        fdb_sql_rest(sql);
    } while ((got.flags & FDB_SQL_DONE) == 0);
    assert_int_equal(seen, 1441);
    assert_int_equal(fdb_sql_end(sql, s), CTX_OK);
    assert_int_equal(run("ROLLBACK"), CTX_OK);
    assert_int_equal(number("SELECT count(*) FROM t"), 1440);
    assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
}

/* What was removed is room for others when the app asks for that, in as many steps as it likes. */
static void space_comes_back(void **state)
{
    struct fdb_node node;
    (void)state;
    assert_int_equal(run("CREATE TABLE t(b)"), CTX_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(
            run("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 20) "
                "INSERT INTO t SELECT randomblob(3000) FROM c"),
            CTX_OK);
    }
    assert_int_equal(fdb_look(db, "/sql/app", &node), CTX_OK);
    uint64_t before = node.bytes;
    assert_true(before > 1200000);
    assert_int_equal(run("DELETE FROM t WHERE rowid > 10"), CTX_OK);
    int64_t free = number("PRAGMA freelist_count");
    assert_true(free > 300);
    assert_int_equal(run("PRAGMA incremental_vacuum(100)"), CTX_OK);
    assert_int_equal(number("PRAGMA freelist_count"), free - 100);
    assert_int_equal(run("PRAGMA incremental_vacuum"), CTX_OK);
    assert_int_equal(number("PRAGMA freelist_count"), 0);
    assert_int_equal(fdb_look(db, "/sql/app", &node), CTX_OK);
    assert_true(node.bytes < before / 10);
    assert_int_equal(number("SELECT count(*) FROM t"), 10);
    assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
    assert_int_equal(number("PRAGMA auto_vacuum"), 2);
    assert_int_equal(run("PRAGMA auto_vacuum=0"), CTX_E_DENIED);
}

/* ---- what apps may not do ---- */

static void hostile_statements(void **state)
{
    static const struct {
        const char *text;
        ctx_status status;
    } table[] = {
        {"ATTACH 'disk' AS other", CTX_E_DENIED},
        {"ATTACH ':memory:' AS other", CTX_E_DENIED},
        {"DETACH main", CTX_E_DENIED},
        {"VACUUM", CTX_E_DENIED},
        {"VACUUM INTO 'elsewhere'", CTX_E_DENIED},
        {"PRAGMA journal_mode=DELETE", CTX_E_DENIED},
        {"PRAGMA cache_spill=1", CTX_E_DENIED},
        {"PRAGMA writable_schema=1", CTX_E_DENIED},
        {"PRAGMA page_size=512", CTX_E_DENIED},
        {"PRAGMA max_page_count=99999999", CTX_E_DENIED},
        {"PRAGMA temp_store_directory='/'", CTX_E_DENIED},
        {"PRAGMA locking_mode=EXCLUSIVE", CTX_E_DENIED},
        {"PRAGMA hard_heap_limit=0", CTX_E_DENIED},
        {"PRAGMA threads=8", CTX_E_DENIED},
        {"UPDATE sqlite_schema SET sql = 'x'", CTX_E_INVAL},
        {"UPDATE sqlite_dbpage SET data = zeroblob(4096)", CTX_E_INVAL},
        {"SELECT load_extension('x')", CTX_E_INVAL},
        {"SELECT zeroblob(2000000000)", CTX_E_TOOBIG},
        {"SELECT randomblob(300000)", CTX_E_TOOBIG},
        {"SELECT nonsense", CTX_E_INVAL},
        {"SELEC 1", CTX_E_INVAL},
        {"INSERT INTO kept VALUES(1)", CTX_E_EXIST},
        {"WITH RECURSIVE c(i) AS (SELECT randomblob(10000) UNION ALL SELECT randomblob(10000) FROM c LIMIT 10000)"
         " SELECT i FROM c ORDER BY i",
         CTX_E_NOMEM},
    };
    (void)state;
    assert_int_equal(run("CREATE TABLE kept(n INTEGER PRIMARY KEY); INSERT INTO kept VALUES(1)"),
                     CTX_OK);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ctx_status status = run(table[i].text);
        if (status != table[i].status) {
            fail_msg("%s: %d, %s", table[i].text, status, fdb_sql_why(sql));
        }
    }
    /* Deep, long, many. */
    char *text = calloc(1, 40000);
    assert_non_null(text);
    strcpy(text, "SELECT ");
    for (uint32_t i = 0; i < 5000; i++) {
        strcat(text, "(");
    }
    assert_int_equal(run(text), CTX_E_INVAL);
    strcpy(text, "SELECT 1");
    for (uint32_t i = 0; i < 300; i++) {
        strcat(text, ",1");
    }
    assert_int_equal(run(text), CTX_E_INVAL);
    free(text);
    /* Without an end: somebody else says when. */
    turns = 0;
    turns_left = 50;
    assert_int_equal(
        run("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c"),
        CTX_E_CANCELED);
    assert_int_equal(turns, 50);
    turns_left = UINT32_MAX;
    struct fdb_sql_got got;
    assert_int_equal(fdb_sql_run(sql, "SELECT 1\0SELECT 2", 17, &got), CTX_E_INVAL);
    assert_int_equal(fdb_sql_prepare(sql, "  -- nothing", 12, &got), CTX_OK);
    assert_int_equal(got.statement, 0);
    for (uint32_t i = 0; i < FDB_SQL_STATEMENTS; i++) {
        (void)prepare("SELECT 1");
    }
    assert_int_equal(fdb_sql_prepare(sql, "SELECT 1", 8, &got), CTX_E_NOSPC);
}

/* ---- transactions ---- */

static void larger_than_it_may_be(void **state)
{
    struct fdb_sql_got got;
    struct fdb_sql *none;
    (void)state;
    assert_int_equal(fdb_sql_open(db, "/sql/none", 0, turn, NULL, &none), CTX_OK);
    assert_int_equal(fdb_sql_run(none, "CREATE TABLE t(a)", 17, &got), CTX_E_NOSPC);
    fdb_sql_close(none);
    assert_int_equal(run("CREATE TABLE t(b BLOB); INSERT INTO t VALUES('kept')"), CTX_OK);
    assert_int_equal(
        run("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500)"
            "INSERT INTO t SELECT randomblob(3900) FROM c"),
        CTX_E_NOSPC); /* a quarter of a log of 4 MiB */
    assert_non_null(strstr(fdb_sql_why(sql), "a transaction may change 1039 KiB"));
    assert_int_equal(number("SELECT count(*) FROM t"), 1);
    assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
    /* In parts it may. */
    ctx_status status = CTX_OK;
    uint32_t parts = 0;
    for (; status == CTX_OK; parts++) {
        status = run("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)"
                     "INSERT INTO t SELECT randomblob(3900) FROM c");
    }
    assert_int_equal(status, CTX_E_NOSPC); /* of MOST */
    assert_true(parts > 10 && parts < 25);
    assert_int_equal(number("SELECT count(*) FROM t"), 1 + (parts - 1) * 100);
    assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
    assert_int_equal(run("DELETE FROM t WHERE rowid > 900"), CTX_OK);
    assert_int_equal(fdb_lost(db), 0);
}

/* Of its own, over several calls; others are committed meanwhile. */
static void over_several_calls(void **state)
{
    int64_t id;
    (void)state;
    assert_int_equal(run("CREATE TABLE t(n)"), CTX_OK);
    assert_int_equal(run("BEGIN"), CTX_OK);
    assert_true(fdb_sql_in_transaction(sql));
    assert_int_equal(run("INSERT INTO t VALUES(1)"), CTX_OK);
    assert_int_equal(fdb_make(db, "/other", FDB_FILE, &id), CTX_OK);
    assert_int_equal(fdb_commit(db), CTX_OK);
    assert_int_equal(run("ROLLBACK"), CTX_OK);
    assert_int_equal(number("SELECT count(*) FROM t"), 0);
    assert_int_equal(run("BEGIN; INSERT INTO t VALUES(2)"), CTX_OK);
    fdb_sql_close(sql); /* its app ends */
    assert_int_equal(fdb_sql_open(db, "/sql/app", MOST, turn, NULL, &sql), CTX_OK);
    assert_int_equal(number("SELECT count(*) FROM t"), 0);
    fdb_hold(db, true);
    assert_int_equal(run("INSERT INTO t VALUES(3)"), CTX_E_IO);
    fdb_hold(db, false);
    assert_int_equal(run("INSERT INTO t VALUES(4)"), CTX_OK);
    assert_int_equal(number("SELECT n FROM t"), 4);
}

/*
 * Each transaction adds three rows of one number, one after the other. After a cut there are those
 * of a beginning, at least up to the last commit of the disk.
 */
static void power_is_lost(void **state)
{
    struct random r = {77};
    (void)state;
    assert_int_equal(run("CREATE TABLE t(n INTEGER, b BLOB); CREATE INDEX i ON t(n);"
                         "CREATE VIRTUAL TABLE f USING fts5(w)"),
                     CTX_OK);
    assert_int_equal(fdb_commit(db), CTX_OK);
    int64_t done = 0, synced = 0;
    for (uint64_t round = 0; round < 3 * rounds; round++) {
        char text[400];
        d.power_left = random_below(&r, random_below(&r, 2) == 0 ? 40 : 600);
        for (uint32_t i = 0; i < 30 && d.power_left > 0; i++) {
            snprintf(
                text, sizeof text,
                "BEGIN; INSERT INTO t VALUES(%lld, randomblob(%u)), (%lld, NULL); INSERT INTO t VALUES(%lld, 'x');"
                "INSERT INTO f VALUES('word%lld'); COMMIT",
                (long long)done, (unsigned)random_below(&r, 9000), (long long)done, (long long)done,
                (long long)done);
            ctx_status status = run(text);
            if (status != CTX_OK) {
                if (d.power_left > 0) {
                    fail_msg("round %llu: %d %s", (unsigned long long)round, status,
                             fdb_sql_why(sql));
                }
                break;
            }
            done++;
            if (random_below(&r, 5) == 0 && fdb_commit(db) == CTX_OK) {
                synced = done;
            }
        }
        done++; /* what failed may be there, or not */
        fdb_sql_close(sql);
        (void)fdb_close(db);
        lossy_cut(&d, (enum lossy_cut)random_below(&r, CUT_KINDS));
        d.power_left = UINT64_MAX;
        open_all();
        int64_t there = number("SELECT coalesce(max(n) + 1, 0) FROM t");
        if (there < synced || there > done) {
            fail_msg("round %llu: %lld transactions, %lld were synced, %lld done",
                     (unsigned long long)round, (long long)there, (long long)synced,
                     (long long)done);
        }
        assert_int_equal(
            number("SELECT count(*) FROM (SELECT n FROM t GROUP BY n HAVING count(*) <> 3)"), 0);
        assert_int_equal(number("SELECT count(DISTINCT n) FROM t"),
                         number("SELECT count(*) FROM f"));
        if (round % 8 == 0) {
            struct fdb_check check = {.pages = 0};
            assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
            assert_int_equal(fdb_check(db, &check), CTX_OK);
        }
        if (there > 150) {
            assert_int_equal(run("DELETE FROM t; DELETE FROM f"), CTX_OK);
            there = 0;
        }
        assert_int_equal(fdb_commit(db), CTX_OK);
        done = synced = there;
    }
}

/* A disk that fails now and then: nothing by halves, and no crash. */
static void a_disk_that_fails(void **state)
{
    struct random r = {78};
    (void)state;
    assert_int_equal(run("CREATE TABLE t(n INTEGER, b BLOB)"), CTX_OK);
    assert_int_equal(fdb_commit(db), CTX_OK);
    for (uint64_t round = 0; round < rounds; round++) {
        d.fail_from = d.done + random_below(&r, 20);
        d.fail_count = 1 + random_below(&r, 3);
        for (uint32_t i = 0; i < 10; i++) {
            (void)run(
                "BEGIN; INSERT INTO t VALUES(1, randomblob(5000)); INSERT INTO t VALUES(2, NULL); COMMIT");
            (void)run("ROLLBACK");
            (void)fdb_commit(db);
            if (fdb_sql_stale(sql)) {
                assert_int_equal(run("SELECT * FROM t"), CTX_E_IO);
                fdb_sql_close(sql);
                while (fdb_sql_open(db, "/sql/app", MOST, turn, NULL, &sql) != CTX_OK) {
                    assert_true(d.done < d.fail_from + d.fail_count + 10);
                }
            }
        }
        d.fail_count = 0;
        assert_int_equal(number("SELECT count(*) FROM t WHERE n = 1"),
                         number("SELECT count(*) FROM t WHERE n = 2"));
        if (number("SELECT count(*) FROM t") > 400) {
            assert_int_equal(run("DELETE FROM t"), CTX_OK);
        }
    }
    assert_string_equal(text_of("PRAGMA integrity_check"), "ok");
}

/* What claims to be a database and is none: refused, or an error, never a crash. */
static void garbage(void **state)
{
    struct random r = {79};
    struct fdb_node node;
    (void)state;
    assert_int_equal(
        run("CREATE TABLE t(n INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON t(b);"
            "CREATE VIRTUAL TABLE f USING fts5(w);"
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500)"
            "INSERT INTO t SELECT i, 'text ' || i FROM c; INSERT INTO f SELECT b FROM t"),
        CTX_OK);
    assert_int_equal(fdb_look(db, "/sql/app", &node), CTX_OK);
    uint8_t *good = malloc(node.bytes);
    assert_non_null(good);
    uint32_t got = 0;
    for (uint64_t at = 0; at < node.bytes; at += got) {
        assert_int_equal(fdb_read(db, node.id, at, good + at, 4096, &got), CTX_OK);
    }
    for (uint64_t round = 0; round < 3 * rounds; round++) {
        fdb_sql_close(sql);
        uint64_t at = random_below(&r, random_below(&r, 2) == 0 ? 200 : node.bytes);
        uint8_t bad = (uint8_t)random_next(&r);
        assert_int_equal(fdb_write(db, node.id, at, &bad, 1), CTX_OK);
        turns_left = 100000;
        ctx_status status = fdb_sql_open(db, "/sql/app", MOST, turn, NULL, &sql);
        if (status == CTX_OK) {
            (void)run(
                "SELECT * FROM t ORDER BY b; SELECT * FROM f WHERE f MATCH 'text'; PRAGMA integrity_check;");
            (void)run(
                "INSERT INTO t VALUES(NULL, 'more'); DELETE FROM t WHERE n % 3 = 0; INSERT INTO f VALUES('more')");
            (void)run("ROLLBACK");
            fdb_sql_close(sql);
        }
        for (at = 0; at < node.bytes; at += 4096) {
            assert_int_equal(fdb_write(db, node.id, at, good + at, 4096), CTX_OK);
        }
        assert_int_equal(fdb_resize(db, node.id, node.bytes), CTX_OK);
        turns_left = UINT32_MAX;
        assert_int_equal(fdb_sql_open(db, "/sql/app", MOST, turn, NULL, &sql), CTX_OK);
        assert_int_equal(number("SELECT count(*) FROM t"), 500);
    }
    free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back, make, drop),
        cmocka_unit_test_setup_teardown(any_bytes, make, drop),
        cmocka_unit_test_setup_teardown(large_values, make, drop),
        cmocka_unit_test_setup_teardown(many_rows, make, drop),
        cmocka_unit_test_setup_teardown(a_database_that_rests, make, drop),
        cmocka_unit_test_setup_teardown(space_comes_back, make, drop),
        cmocka_unit_test_setup_teardown(hostile_statements, make, drop),
        cmocka_unit_test_setup_teardown(larger_than_it_may_be, make, drop),
        cmocka_unit_test_setup_teardown(over_several_calls, make, drop),
        cmocka_unit_test_setup_teardown(power_is_lost, make, drop),
        cmocka_unit_test_setup_teardown(a_disk_that_fails, make, drop),
        cmocka_unit_test_setup_teardown(garbage, make, drop),
    };
    const char *words = getenv("ARGOS_LONG");
    rounds = words != NULL && words[0] != 0 ? 3000 : rounds;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
