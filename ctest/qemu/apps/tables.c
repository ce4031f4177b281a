/* SPDX-License-Identifier: MIT */
/* For tables.py, and storage.py of the machine: an app with a database of its own, by ctx.sql/1;
 * and one that means no good. */
#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/tables.h>

#include <sql.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 61440u

static const struct sql_table *sql;
static uint8_t rows[ROOM], params[1024];
static uint32_t params_len;

static void rest(uint64_t ns)
{
    uint64_t now = 0;
    struct ctx *ctx = ctx_now();
    ctx->time->now(ctx->time, &now);
    (void)ctx_fiber_await(0, now + ns);
}

#define ALWAYS(status, call)                                                                       \
    do {                                                                                           \
        while (((status) = (call)) == CTX_E_AGAIN || (status) == CTX_E_BUSY) {                     \
            rest(1000000);                                                                         \
        }                                                                                          \
    } while (0)

/* Of the statement that was done last, not of its close. */
static const char *why(void)
{
    static char text[200];
    static bool asked;
    uint32_t len = 0;
    if (asked) {
        return text;
    }
    asked = true;
    if (sql->why(sql, text, sizeof text - 1, &len) != CTX_OK) {
        return "?";
    }
    text[len < sizeof text ? len : sizeof text - 1] = 0;
    return text;
}

static ctx_status run(const char *text)
{
    struct sql_result out = {.size = sizeof out};
    ctx_status status;
    ALWAYS(status, sql->run(sql, text, (uint32_t)strlen(text), &out));
    return status;
}

static void param(uint32_t kind, const void *bytes, uint32_t len)
{
    memcpy(params + params_len, &kind, 4);
    memcpy(params + params_len + 4, &len, 4);
    memcpy(params + params_len + 8, bytes, len);
    params_len += 8 + ((len + 7) & ~7u);
}

static void print_value(const uint8_t *at)
{
    uint32_t kind, len;
    int64_t whole;
    double real;
    memcpy(&kind, at, 4);
    memcpy(&len, at + 4, 4);
    memcpy(&whole, at + 8, 8);
    memcpy(&real, at + 8, 8);
    switch (kind) {
    case SQL_NULL:
        printf("NULL");
        break;
    case SQL_INTEGER:
        printf("%lld", (long long)whole);
        break;
    case SQL_REAL:
        printf("%.17g", real);
        break;
    case SQL_TEXT:
        printf("'");
        for (uint32_t i = 0; i < len; i++) {
            printf(at[8 + i] != 0 ? "%c" : "\\0", at[8 + i]);
        }
        printf("'");
        break;
    case SQL_BLOB:
        printf("x'");
        for (uint32_t i = 0; i < len; i++) {
            printf("%02x", at[8 + i]);
        }
        printf("'");
        break;
    default:
        printf("cut %u", len);
        break;
    }
}

/* All rows of a statement with the parameters that there are. */
static ctx_status query(const char *text)
{
    struct sql_prepared p = {.size = sizeof p};
    struct sql_result r = {.size = sizeof r};
    ctx_status status;
    ALWAYS(status, sql->prepare(sql, text, (uint32_t)strlen(text), &p));
    if (status != CTX_OK) {
        return status;
    }
    if (params_len > 0) {
        ALWAYS(status, sql->bind(sql, p.statement, params, params_len));
        params_len = 0;
    }
    for (uint64_t first = 0; status == CTX_OK && (r.flags & SQL_DONE) == 0; first = r.next) {
        ALWAYS(status, sql->step(sql, p.statement, first, rows, sizeof rows, &r));
        for (uint32_t i = 0, at = 0; status == CTX_OK && i < r.rows; i++) {
            uint32_t bytes, columns, v = at + 8;
            memcpy(&bytes, rows + at, 4);
            memcpy(&columns, rows + at + 4, 4);
            for (uint32_t c = 0; c < columns; c++) {
                uint32_t kind, len;
                memcpy(&kind, rows + v, 4);
                memcpy(&len, rows + v + 4, 4);
                printf(c > 0 ? "|" : "");
                print_value(rows + v);
                v += 8 + ((kind & SQL_CUT) != 0 ? 0 : (len + 7) & ~7u);
            }
            printf("\n");
            at += bytes;
        }
    }
    ctx_status closed;
    if (status != CTX_OK) {
        (void)why();
    }
    ALWAYS(closed, sql->close(sql, p.statement));
    return status;
}

static int values(void)
{
    const int64_t least = INT64_MIN;
    const double tenth = 0.1;
    run("CREATE TABLE IF NOT EXISTS v(a, b, c, d, e)");
    param(SQL_NULL, "", 0);
    param(SQL_INTEGER, &least, 8);
    param(SQL_REAL, &tenth, 8);
    param(SQL_TEXT, "a\0b", 3);
    param(SQL_BLOB, "\0\xff", 2);
    if (query("INSERT INTO v VALUES(?, ?, ?, ?, ?)") != CTX_OK ||
        query("SELECT * FROM v") != CTX_OK) {
        printf("%s\n", why());
        return 1;
    }
    run("CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(w); INSERT INTO f VALUES('the quick brown fox'), ('a lazy dog')");
    query("SELECT w FROM f WHERE f MATCH 'quick OR cat'");
    query("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]'), count(*) FROM v");
    return 0;
}

/* Transactions of two rows each, each synced and told. */
static int ledger(long times)
{
    ctx_status status;
    run("CREATE TABLE IF NOT EXISTS ledger(n INTEGER, half INTEGER)");
    for (long i = 0; i < times; i++) {
        char text[200];
        snprintf(
            text, sizeof text,
            "BEGIN; INSERT INTO ledger VALUES(%ld, 1); INSERT INTO ledger VALUES(%ld, 2); COMMIT",
            i, i);
        status = run(text);
        if (status == CTX_OK) {
            ALWAYS(status, sql->sync(sql));
        }
        if (status != CTX_OK) {
            printf("ledger: %d %s\n", status, why());
            return 1;
        }
        printf("synced %ld\n", i);
        fflush(stdout);
    }
    return 0;
}

/* How many rows there are; -1: it could not be asked. */
static int64_t count_rows(void)
{
    static const char text[] = "SELECT count(*) FROM stubborn";
    struct sql_prepared p = {.size = sizeof p};
    struct sql_result r = {.size = sizeof r};
    int64_t n = -1;
    ctx_status status;
    ALWAYS(status, sql->prepare(sql, text, sizeof text - 1, &p));
    if (status == CTX_OK) {
        ALWAYS(status, sql->step(sql, p.statement, 0, rows, sizeof rows, &r));
    }
    if (status == CTX_OK && r.rows == 1) {
        memcpy(&n, rows + 16, sizeof n);
        ALWAYS(status, sql->close(sql, p.statement));
    }
    return n;
}

/* Two rows at a time, whatever becomes of who keeps them: then it looks how far it is, and goes on.
 * So many times; or, where all went well, many more: somebody is about to make trouble. */
static int stubborn(long times)
{
    long told = 0, troubles = 0, most = 100 * times;
    for (;;) {
        ctx_status status = run("CREATE TABLE IF NOT EXISTS stubborn(n)");
        int64_t there = status == CTX_OK ? count_rows() : -1;
        if (there >= 0 && (there % 2 != 0 || there < 2 * told)) {
            printf("lost: %lld rows, %ld were told\n", (long long)there, told);
            return 1;
        }
        status = there < 0 ? CTX_E_STALE : CTX_OK;
        told = there < 0 ? told : (long)there / 2;
        while (status == CTX_OK && told < (troubles == 0 ? most : times)) {
            char text[100];
            snprintf(text, sizeof text, "INSERT INTO stubborn VALUES(%ld), (%ld)", told, told);
            status = run(text);
            if (status == CTX_OK) {
                ALWAYS(status, sql->sync(sql));
            }
            told += status == CTX_OK;
        }
        if (status == CTX_OK) {
            break;
        }
        troubles++;
        rest(1000000);
        const struct sql_table *again;
        sql = sql_open(ctx_now(), &again) == CTX_OK ? again : sql; /* it may not be back yet */
    }
    printf("all %ld, troubles %s\n", told, troubles > 0 ? "some" : "none");
    return 0;
}

/* A statement without an end, and after a while no interest in it. */
static int endless(uint64_t ns)
{
    static const char text[] =
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c";
    struct sql_result out = {.size = sizeof out};
    uint64_t began = 0, now = 0;
    struct ctx *ctx = ctx_now();
    ctx_status status;
    ctx->time->now(ctx->time, &began);
    do {
        status = sql->run(sql, text, sizeof text - 1, &out);
        rest(1000000);
        ctx->time->now(ctx->time, &now);
        if (now - began > ns) {
            (void)sql->stop(sql);
        }
    } while (status == CTX_E_AGAIN || status == CTX_E_BUSY);
    printf("endless %d\n", status);
    return 0;
}

/* Nonsense to every function, and what takes all there is. */
static int hostile(void)
{
    static const char *const texts[] = {
        "ATTACH 'disk' AS d",
        "PRAGMA journal_mode=OFF",
        "PRAGMA cache_spill=1",
        "SELECT randomblob(100000000)",
        "WITH RECURSIVE c(i) AS (SELECT randomblob(9000) UNION ALL SELECT randomblob(9000) FROM c LIMIT 9000) SELECT i FROM c ORDER BY i",
        "CREATE TABLE t(a); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) INSERT INTO t SELECT randomblob(1000) FROM c",
        "VACUUM",
        "SELECT * FROM sqlite_dbpage; DELETE FROM sqlite_dbpage",
        "((((((((",
        "",
        "BEGIN; BEGIN",
        "ROLLBACK"};
    struct sql_result out = {.size = sizeof out};
    struct sql_prepared p = {.size = sizeof p};
    uint32_t n = 0, seed = 1, answers = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        printf("%d ", run(texts[i]));
    }
    for (uint32_t i = 0; i < 300; i++) {
        ctx_status status = CTX_OK;
        seed = seed * 1664525 + 1013904223;
        uint32_t a = seed >> 7, b = seed % 5 == 0 ? seed : seed % 40;
        memset(params, (int)(seed >> 3), sizeof params);
        switch (seed >> 29) {
        case 0:
            ALWAYS(status, sql->bind(sql, a, params, b % sizeof params));
            break;
        case 1:
            ALWAYS(status, sql->append(sql, b, a, params, b % sizeof params));
            break;
        case 2:
            ALWAYS(status, sql->step(sql, a, b, rows, b % sizeof rows, &out));
            break;
        case 3:
            ALWAYS(status, sql->value(sql, b, (uint64_t)a << 20, rows, b % sizeof rows, &n));
            break;
        case 4:
            ALWAYS(status, sql->name(sql, a, b, rows, b % 100, &n));
            break;
        case 5:
            ALWAYS(status, sql->close(sql, a));
            break;
        case 6:
            ALWAYS(status, sql->prepare(sql, params, b % sizeof params, &p));
            break;
        default:
            status = sql->stop(sql);
            break;
        }
        answers += status != CTX_OK;
    }
    printf("refused %s\n", answers > 150 ? "most" : "few");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    struct ctx *ctx = ctx_now();
    ctx_status status = sql_open(ctx, &sql);
    if (status != CTX_OK) {
        printf("no ctx.sql/1: %d\n", status);
        return 1;
    }
    if (strcmp(what, "values") == 0) {
        return values();
    }
    if (strcmp(what, "ledger") == 0) {
        return ledger(argc > 2 ? atol(argv[2]) : 10);
    }
    if (strcmp(what, "endless") == 0) {
        return endless((uint64_t)(argc > 2 ? atol(argv[2]) : 1000) * 1000000);
    }
    if (strcmp(what, "stubborn") == 0) {
        return stubborn(argc > 2 ? atol(argv[2]) : 10);
    }
    if (strcmp(what, "hostile") == 0) {
        return hostile();
    }
    status = query(what); /* any statement */
    printf("%d %s\n", status, status != CTX_OK ? why() : "ok");
    return 0;
}
