/* SPDX-License-Identifier: MIT */
/*
 * <ctx/sql.h> - the app's own database in C (ctx.sql/1, libctx/doc/storage.md): statements with
 * parameters, and their rows one by one, without the bytes that go to and fro. libctx.a has it; no
 * C library, no heap. The app's line has to say use=ctx.sql/1.
 *
 *     static uint8_t room[CTX_SQL_ROOM];
 *     struct ctx_sql db = CTX_SQL(ctx);
 *     struct ctx_sql_query q;
 *     ctx_sql_run(&db, "CREATE TABLE IF NOT EXISTS visits(who TEXT, at INTEGER)");
 *     ctx_sql_begin(&q, &db, "SELECT rowid, who FROM visits WHERE at > ?", room, sizeof room);
 *     ctx_sql_bind_int(&q, yesterday);
 *     while ((status = ctx_sql_next(&q)) == CTX_OK) {
 *         greet(ctx_sql_int(&q, 0), ctx_sql_text(&q, 1, &len), len);
 *     }                                                     // CTX_E_NOENT: there are no more
 *     ctx_sql_end(&q);
 *
 * Where a disk has to be waited for functions wait, in a fiber (<ctx/fiber.h>) and in a program
 * with main; elsewhere they answer AGAIN, and the same call once more, later, gives the result.
 *
 * Errors are those of the interface: INVAL, SQLite does not like it; EXIST, a constraint; NOSPC,
 * DENIED, TOOBIG ... ctx_sql_why() says it in words. The first one of a query stays its answer
 * until it is begun anew, so binding needs no test of each. STALE: storage began anew, or the app
 * was restored; begin again. What the statement was to change is done or not, then: look.
 */
#ifndef CTX_SQL_H
#define CTX_SQL_H

#include <ctx/sql_table.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of room for a query. Fewer will do, 8,192 at least: then fewer rows come at a time, and
 * long values are told as SQL_CUT. */
#define CTX_SQL_ROOM 61440u

/* The database, which an app has one of. Nothing has to be freed. */
struct ctx_sql {
    struct sql_client client;
};

/* What it begins as: struct ctx_sql db = CTX_SQL(ctx); */
/* clang-format off */
#define CTX_SQL(context) {{{(context), 0, 0, 0, 0}}}
/* clang-format on */

/* A statement that is being done. The fields are the functions' own, but for those of which it is
 * said. */
struct ctx_sql_query {
    struct ctx_sql *db;
    uint8_t *room;
    uint32_t room_len;
    uint32_t statement;
    uint32_t columns;    /* to be read: of its rows; 0: it has none */
    uint32_t parameters; /* to be read: how many the text has */
    uint32_t stage;
    uint32_t filled; /* bytes of parameters in room */
    uint32_t bound;  /* how many these are */
    uint32_t rows, at, row;
    uint32_t done;
    ctx_status status;
    uint64_t first;
    uint64_t changed; /* to be read at its end: rows that were inserted, changed or deleted */
    int64_t last_id;  /* likewise: the rowid that was inserted last */
};

/* A value of a row. */
struct ctx_sql_value {
    uint32_t kind;        /* SQL_NULL, SQL_INTEGER, SQL_REAL, SQL_TEXT or SQL_BLOB; | SQL_CUT */
    uint32_t len;         /* bytes */
    const uint8_t *bytes; /* until the next row; NULL: it was cut, ctx_sql_read() has it */
};

/* All statements of a terminated text, one after the other, without parameters; rows are not told.
 * It ends at the first that fails; those before it stay done. */
ctx_status ctx_sql_run(struct ctx_sql *db, const char *text);

/* All that was done until now outlives a power cut, but for a transaction that has not ended.
 * STALE, once: storage began anew since the last one, and what was done before it did may be gone.
 */
ctx_status ctx_sql_sync(struct ctx_sql *db);

/* What another fiber does there ends with CANCELED, soon. */
ctx_status ctx_sql_stop(struct ctx_sql *db);

/* What the last error was, for people: text, terminated, cut at room - 1. */
const char *ctx_sql_why(struct ctx_sql *db, char *text, uint32_t room);

/*
 * The first statement of a terminated text. room: at least 8,192 bytes, the query's until its end,
 * for parameters and rows. INVAL: also less room, or there is no statement in the text. Others stay
 * the answer of next().
 */
ctx_status ctx_sql_begin(struct ctx_sql_query *q, struct ctx_sql *db, const char *text, void *room,
                         uint32_t room_len);

/* Once more, from the beginning, with other parameters: none are bound. */
void ctx_sql_again(struct ctx_sql_query *q);

/* The next parameter, before the first row. TOOBIG: they are more than room. */
void ctx_sql_bind(struct ctx_sql_query *q, uint32_t kind, const void *bytes, uint32_t len);

/* More bytes for a parameter, from 1 on, that is a blob and longer than room: bind an empty one,
 * all others too, then this. The first bytes take its place. */
ctx_status ctx_sql_append(struct ctx_sql_query *q, uint32_t parameter, const void *bytes,
                          uint32_t len);

/* A row, or NOENT: no more, and what was to be changed is. A statement without rows is done by the
 * first call. */
ctx_status ctx_sql_next(struct ctx_sql_query *q);

/* All of it, whatever rows there are. OK: done. */
ctx_status ctx_sql_do(struct ctx_sql_query *q);

/* Column 0, 1 ... of the row. Where there is none: NULL. */
struct ctx_sql_value ctx_sql_at(const struct ctx_sql_query *q, uint32_t column);

/* Bytes of a value that was cut, from byte `from` on; *count 0: there are no more. */
ctx_status ctx_sql_read(struct ctx_sql_query *q, uint32_t column, uint32_t from, void *bytes,
                        uint32_t room, uint32_t *count);

/* A column's name, cut at room; *len is all of it. */
ctx_status ctx_sql_name(struct ctx_sql_query *q, uint32_t column, char *text, uint32_t room,
                        uint32_t *len);

/* Always, also after an error. OK, or what became of the query. */
ctx_status ctx_sql_end(struct ctx_sql_query *q);

/* ---- parameters and values of one kind ---- */

static inline void ctx_sql_bind_null(struct ctx_sql_query *q)
{
    ctx_sql_bind(q, SQL_NULL, "", 0);
}

static inline void ctx_sql_bind_int(struct ctx_sql_query *q, int64_t value)
{
    ctx_sql_bind(q, SQL_INTEGER, &value, sizeof value);
}

static inline void ctx_sql_bind_text(struct ctx_sql_query *q, const char *text, uint32_t len)
{
    ctx_sql_bind(q, SQL_TEXT, text, len);
}

static inline void ctx_sql_bind_blob(struct ctx_sql_query *q, const void *bytes, uint32_t len)
{
    ctx_sql_bind(q, SQL_BLOB, bytes, len);
}

/* A whole number; 0, where it is none. */
static inline int64_t ctx_sql_int(const struct ctx_sql_query *q, uint32_t column)
{
    struct ctx_sql_value v = ctx_sql_at(q, column);
    int64_t value = 0;
    if (v.kind == SQL_INTEGER) {
        __builtin_memcpy(&value, v.bytes, sizeof value);
    }
    return value;
}

/* Bytes of a text or a blob, not terminated; NULL, where it is none, or was cut. */
static inline const char *ctx_sql_text(const struct ctx_sql_query *q, uint32_t column,
                                       uint32_t *len)
{
    struct ctx_sql_value v = ctx_sql_at(q, column);
    int is = v.kind == SQL_TEXT || v.kind == SQL_BLOB;
    *len = is ? v.len : 0;
    return is ? (const char *)v.bytes : (const char *)0;
}

#ifdef __SSE2__ /* else there are no doubles */
static inline void ctx_sql_bind_real(struct ctx_sql_query *q, double value)
{
    ctx_sql_bind(q, SQL_REAL, &value, sizeof value);
}

/* A double; a whole number as one; 0, where it is neither. */
static inline double ctx_sql_real(const struct ctx_sql_query *q, uint32_t column)
{
    struct ctx_sql_value v = ctx_sql_at(q, column);
    double value = v.kind == SQL_INTEGER ? (double)ctx_sql_int(q, column) : 0;
    if (v.kind == SQL_REAL) {
        __builtin_memcpy(&value, v.bytes, sizeof value);
    }
    return value;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
