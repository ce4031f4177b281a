/* SPDX-License-Identifier: MIT */
/* Functions that were made anew for apps' databases (engine/sql_functions.c): the same results as
 * SQLite's own, and turns for others. */
#include "lossy_disk.h"
#include "sql.h"

#include <sqlite3.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lossy_disk d;
static struct fdb *db;
static struct fdb_sql *sql;
static uint8_t rows[61440];
static uint32_t turns, turns_left;

static int turn(void *arg)
{
    (void)arg;
    turns++;
    return turns_left == 0 || --turns_left == 0;
}

static int make(void **state)
{
    const char *why = "";
    (void)state;
    lossy_make(&d, 16u << 20, 512, 5);
    assert_int_equal(fdb_create(&d.disk, &why), CTX_OK);
    assert_int_equal(fdb_open(&db, &d.disk, 0, &why), CTX_OK);
    turns_left = UINT32_MAX;
    assert_int_equal(fdb_sql_open(db, "/sql/app", 8u << 20, turn, NULL, &sql), CTX_OK);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    fdb_sql_close(sql);
    assert_int_equal(fdb_close(db), CTX_OK);
    lossy_drop(&d);
    return 0;
}

/* The one value that ours tells, as a text. */
static const char *ours(const char *query)
{
    struct fdb_sql_got got;
    uint32_t len;
    assert_int_equal(fdb_sql_prepare(sql, query, (uint32_t)strlen(query), &got), CTX_OK);
    uint32_t statement = got.statement;
    ctx_status status = fdb_sql_step(sql, statement, 0, rows, sizeof rows, &got);
    if (status != CTX_OK || got.rows != 1) {
        fail_msg("%s: %d %s", query, status, fdb_sql_why(sql));
    }
    memcpy(&len, rows + 12, sizeof len);
    rows[16 + len] = 0;
    assert_int_equal(fdb_sql_end(sql, statement), CTX_OK);
    return (const char *)rows + 16;
}

/* A value as SQL has it: few letters, so that much is found; two of them have more bytes, and blobs
 * have halves of those. */
static void put_value(char *out)
{
    static const char *const letters[] = {"a", "b", " ", "\u00e9", "\u20ac"};
    static const char *const bytes[] = {"61", "62", "20", "c3", "a9", "82", "00"};
    uint32_t kind = (uint32_t)rand() % 16, count = (uint32_t)rand() % 9;
    if (kind == 0) {
        strcpy(out, "NULL");
    } else if (kind == 1) {
        sprintf(out, "%d", rand() % 3 == 0 ? 1211 : rand() % 22);
    } else if (kind < 6) {
        strcpy(out, "x'");
        for (uint32_t i = 0; i < count; i++) {
            strcat(out, bytes[rand() % 7]);
        }
        strcat(out, "'");
    } else {
        strcpy(out, "'");
        for (uint32_t i = 0; i < count; i++) {
            strcat(out, letters[rand() % 5]);
        }
        strcat(out, "'");
    }
}

static void as_sqlite_has_it(void **state)
{
    static const char *const forms[] = {
        "instr(%1$s,%2$s)", "replace(%1$s,%2$s,%3$s)", "trim(%1$s)",       "trim(%1$s,%2$s)",
        "ltrim(%1$s)",      "ltrim(%1$s,%2$s)",        "rtrim(%1$s,%2$s)", "rtrim(%1$s)"};
    sqlite3 *plain;
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &plain), SQLITE_OK);
    srand(2026);
    for (uint32_t i = 0; i < 20000; i++) {
        char values[3][80], what[300], query[700];
        for (uint32_t k = 0; k < 3; k++) {
            put_value(values[k]);
        }
        snprintf(what, sizeof what, forms[i % 8], values[0], values[1], values[2]);
        snprintf(query, sizeof query, "SELECT typeof(%s) || hex(%s)", what, what);
        sqlite3_stmt *stmt;
        assert_int_equal(sqlite3_prepare_v2(plain, query, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        const char *theirs = (const char *)sqlite3_column_text(stmt, 0);
        if (strcmp(ours(query), theirs) != 0) {
            fail_msg("%s: %s, SQLite's %s", what, ours(query), theirs);
        }
        sqlite3_finalize(stmt);
    }
    sqlite3_close(plain);
}

#define ROWS(n)                                                                                    \
    " FROM (WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT " n               \
    ") SELECT i FROM c)"
#define LONG "hex(zeroblob(120000))"
#define HALF "replace(hex(zeroblob(60000)), '0', '0')"

/* Each is a few steps of SQLite's, and would be seconds of work. Others have their turn, and it
 * ends when it is told to. */
static void others_have_turns(void **state)
{
    static const char *const statements[] = {
        "SELECT sum(instr(" LONG ", " HALF " || i))" ROWS("20"),
        "SELECT sum(length(replace(" LONG ", " HALF " || i, 'b')))" ROWS("20"),
        "SELECT trim(hex(zeroblob(1000)), replace(hex(zeroblob(10000)), '0', '1') || '0')",
        "SELECT ltrim(hex(zeroblob(1000)), replace(hex(zeroblob(10000)), '0', '1') || '0')",
        "SELECT rtrim(hex(zeroblob(1000)), replace(hex(zeroblob(10000)), '0', '1') || '0')",
        "SELECT sum(" LONG " LIKE '%' || i || '%')" ROWS("100"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        struct fdb_sql_got got;
        turns = 0;
        ours(statements[i]);
        if (turns < 5) {
            fail_msg("%s: %u turns", statements[i], turns);
        }
        turns_left = turns / 2;
        ctx_status status = fdb_sql_run(sql, statements[i], (uint32_t)strlen(statements[i]), &got);
        assert_int_equal(status, CTX_E_CANCELED);
        turns_left = UINT32_MAX;
    }
}

static void limits(void **state)
{
    struct fdb_sql_got got;
    char text[400];
    (void)state;
    static const char large[] = "SELECT replace(" LONG ", '0', '000')";
    assert_int_equal(fdb_sql_run(sql, large, sizeof large - 1, &got), CTX_E_TOOBIG);
    assert_string_equal(ours("SELECT '' || length(replace(" LONG ", '0000', '1234'))"), "240000");
    for (uint32_t more = 0; more < 2; more++) {
        snprintf(text, sizeof text, "SELECT 'x' LIKE '%0*d'", (int)(FDB_SQL_PATTERN_MOST + more),
                 0);
        ctx_status status = fdb_sql_run(sql, text, (uint32_t)strlen(text), &got);
        assert_int_equal(status, more == 0 ? CTX_OK : CTX_E_INVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_sqlite_has_it, make, drop),
        cmocka_unit_test_setup_teardown(others_have_turns, make, drop),
        cmocka_unit_test_setup_teardown(limits, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
