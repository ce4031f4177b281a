/* SPDX-License-Identifier: MIT */
/* For tables.py: <ctx/sql.h> in C. sql.cpp and sql.rs do the same, and say the same. */
#include <ctx/c.h>
#include <ctx/sql.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 1000
#define LONG 200000u

static uint8_t room[CTX_SQL_ROOM], pieces[LONG];
static struct ctx_sql db;
static struct ctx_sql_query q;

static void must(ctx_status status, const char *what)
{
    char why[200];
    if (status != CTX_OK) {
        printf("%s: %d %s\n", what, (int)status, ctx_sql_why(&db, why, sizeof why));
        exit(1);
    }
}

static void insert(void)
{
    must(
        ctx_sql_run(
            &db,
            "DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, half REAL, data BLOB)"),
        "table");
    must(ctx_sql_run(&db, "BEGIN"), "begin");
    must(ctx_sql_begin(&q, &db, "INSERT INTO t VALUES(?, ?, ?, ?)", room, sizeof room), "prepare");
    for (int i = 1; i <= ROWS; i++) {
        char name[20];
        int n = snprintf(name, sizeof name, "name %d", i);
        ctx_sql_again(&q);
        ctx_sql_bind_int(&q, i);
        ctx_sql_bind_text(&q, name, (uint32_t)n);
        ctx_sql_bind_real(&q, i * 0.5);
        if (i % 2 == 0) {
            ctx_sql_bind_null(&q);
        } else {
            ctx_sql_bind_blob(&q, "\0\1\2", 3);
        }
        must(ctx_sql_do(&q), "insert");
    }
    printf("changed %llu last %lld\n", (unsigned long long)q.changed, (long long)q.last_id);
    must(ctx_sql_end(&q), "end");
    must(ctx_sql_run(&db, "COMMIT"), "commit");
}

static void look(void)
{
    long long rows = 0, sum = 0, bytes = 0, nulls = 0;
    double halves = 0;
    char last[20] = "";
    ctx_status status;
    must(ctx_sql_begin(&q, &db, "SELECT id, name, half, data FROM t WHERE id > ? ORDER BY id", room,
                       8192),
         "prepare");
    ctx_sql_bind_int(&q, 100);
    while ((status = ctx_sql_next(&q)) == CTX_OK) {
        uint32_t len;
        rows++;
        sum += ctx_sql_int(&q, 0);
        halves += ctx_sql_real(&q, 2);
        nulls += ctx_sql_at(&q, 3).kind == SQL_NULL;
        (void)ctx_sql_text(&q, 3, &len);
        bytes += len;
        const char *name = ctx_sql_text(&q, 1, &len);
        snprintf(last, sizeof last, "%.*s", (int)len, name);
    }
    printf("rows %lld sum %lld halves %lld bytes %lld nulls %lld last %s then %d\n", rows, sum,
           (long long)(halves * 2), bytes, nulls, last, (int)status);
    must(ctx_sql_end(&q) == CTX_OK ? CTX_OK : CTX_E_IO, "end");
}

/* A value that no call has room for goes in and out by pieces. */
static void long_one(void)
{
    uint32_t at = 0, count = 0, sum = 0;
    for (uint32_t i = 0; i < LONG; i++) {
        pieces[i] = (uint8_t)(i * 7);
    }
    must(ctx_sql_begin(&q, &db, "UPDATE t SET data = ? WHERE id = ?", room, sizeof room),
         "prepare");
    ctx_sql_bind_blob(&q, "", 0);
    ctx_sql_bind_int(&q, 5);
    for (at = 0; at < LONG; at += 50000) {
        must(ctx_sql_append(&q, 1, pieces + at, 50000), "append");
    }
    must(ctx_sql_do(&q), "update");
    ctx_sql_end(&q);
    must(ctx_sql_begin(&q, &db, "SELECT data FROM t WHERE id = 5", room, sizeof room), "prepare");
    must(ctx_sql_next(&q), "select");
    struct ctx_sql_value v = ctx_sql_at(&q, 0);
    for (at = 0; ctx_sql_read(&q, 0, at, pieces, sizeof pieces, &count) == CTX_OK && count > 0;
         at += count) {
        for (uint32_t i = 0; i < count; i++) {
            sum = sum * 31 + pieces[i];
        }
    }
    printf("kind %u len %u read %u sum %u\n", v.kind, v.len, at, sum);
    ctx_sql_end(&q);
}

static void errors(void)
{
    char why[200];
    ctx_status status = ctx_sql_run(&db, "INSERT INTO t(name) VALUES('name 7')");
    printf("twice %d %s\n", (int)status, ctx_sql_why(&db, why, sizeof why));
    status = ctx_sql_begin(&q, &db, "SELECT nonsense FROM nowhere", room, sizeof room);
    ctx_sql_bind_int(&q, 1);
    printf("nonsense %d %d %d\n", (int)status, (int)ctx_sql_next(&q), (int)ctx_sql_end(&q));
    (void)ctx_sql_begin(&q, &db, "SELECT ?", room, sizeof room);
    ctx_sql_bind_int(&q, 1);
    ctx_sql_bind_int(&q, 2);
    status = ctx_sql_next(&q);
    printf("too many %d\n", (int)status);
    (void)ctx_sql_end(&q);
}

int main(void)
{
    db = (struct ctx_sql)CTX_SQL(ctx_now());
    insert();
    look();
    long_one();
    errors();
    must(ctx_sql_sync(&db), "sync");
    puts("all is well");
    return 0;
}
