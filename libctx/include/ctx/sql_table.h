/* SPDX-License-Identifier: MIT */
/* NOLINTBEGIN(readability-identifier-naming) */
/* made by ctx idl from sql.toml; change that. */
/*
 * sql.h - ctx.sql/1: A database of the app's own, in SQL as SQLite understands it, with full text
 * (FTS5) and JSON; on the disk of files, in one order with files and keys. use=ctx.sql/1 on its
 * line gives an app the one of its name, use=ctx.sql/1(NAME) that of NAME, (NAME quota=16M) at
 * most so much of it. One app has a database at a time. What was done is kept a fifth of a second
 * later at the latest: sync waits for that; a transaction is there as a whole or not at all. Rows
 * and parameters are values, one behind the other, each from a multiple of eight bytes on: kind
 * (u32: 0 NULL, 1 whole number, 2 double, 3 text, 4 blob), length (u32), and so many bytes.
 * Limits: a value 262,144 bytes, a text of statements 61,440, 32 statements, 8 MiB of memory; a
 * transaction changes at most a quarter of the disk's log. No ATTACH, no VACUUM, and only pragmas
 * that tell something, and incremental_vacuum(N). Every function may answer AGAIN, where the disk
 * has to be waited for, or a statement takes long: the same call once more, when wait has ended,
 * gives the result. Answers of all: INVAL, SQLite does not like it; DENIED, not here, another app
 * has the database, or its line says a NAME of more than 31 bytes; EXIST, a constraint; NOSPC;
 * NOMEM; TOOBIG; RDONLY; IO; CANCELED; STALE, no such statement: prepare it again. why says it in
 * words.
 *
 * sql_open() gives the table, whose functions answer BUSY and STALE like any other status.
 * sql_call_...() wait on BUSY, open again on STALE, and take results of requests: <ctx/client.h>,
 * libctx.a. They set the size of a struct that comes back, and zero it before, for a provider may
 * know less of it.
 */
#ifndef SQL_H
#define SQL_H

#include <ctx/client.h>
#include <ctx/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SQL_ID "ctx.sql/1"

/* DONE: there are no more rows. READ_ONLY: it changes nothing. */
#define SQL_DONE 1
#define SQL_READ_ONLY 2

/* Kinds of values. CUT, with TEXT or BLOB: too long to be told with the row; length is what it
 * has, none of it is here, and value reads it. */
#define SQL_NULL 0
#define SQL_INTEGER 1
#define SQL_REAL 2
#define SQL_TEXT 3
#define SQL_BLOB 4
#define SQL_CUT 256

/* A statement. */
struct sql_prepared {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t statement; /* its handle; 0: there was none in the text, only blanks or remarks */
    uint32_t columns; /* of its rows */
    uint32_t parameters; /* that bind sets */
    uint32_t used; /* bytes of the text; what is behind them is another statement */
    uint32_t flags; /* SQL_READ_ONLY */
};

/* What came of a step, or of run. */
struct sql_result {
    uint32_t size; /* bytes of this struct, set by the caller */
    uint32_t flags; /* SQL_DONE */
    uint32_t rows; /* how many are there */
    uint32_t bytes; /* of them */
    uint64_t next; /* what first is when the next ones are asked for */
    uint64_t changed; /* rows that were inserted, changed or deleted */
    int64_t last_id; /* the rowid that was inserted last */
};

/* The interface's table, as iface.open gives it. A database of the app's own, in SQL as SQLite
 * understands it, with full text (FTS5) and JSON; on the disk of files, in one order with files
 * and keys. use=ctx.sql/1 on its line gives an app the one of its name, use=ctx.sql/1(NAME) that
 * of NAME, (NAME quota=16M) at most so much of it. One app has a database at a time. What was
 * done is kept a fifth of a second later at the latest: sync waits for that; a transaction is
 * there as a whole or not at all. Rows and parameters are values, one behind the other, each from
 * a multiple of eight bytes on: kind (u32: 0 NULL, 1 whole number, 2 double, 3 text, 4 blob),
 * length (u32), and so many bytes. Limits: a value 262,144 bytes, a text of statements 61,440, 32
 * statements, 8 MiB of memory; a transaction changes at most a quarter of the disk's log. No
 * ATTACH, no VACUUM, and only pragmas that tell something, and incremental_vacuum(N). Every
 * function may answer AGAIN, where the disk has to be waited for, or a statement takes long: the
 * same call once more, when wait has ended, gives the result. Answers of all: INVAL, SQLite does
 * not like it; DENIED, not here, another app has the database, or its line says a NAME of more
 * than 31 bytes; EXIST, a constraint; NOSPC; NOMEM; TOOBIG; RDONLY; IO; CANCELED; STALE, no such
 * statement: prepare it again. why says it in words. */
struct sql_table {
    struct ctx_table t;

    /*
     * All statements of a text, one after the other, without parameters; rows are not told. It
     * ends at the first that fails; those before it stay done.
     */
    ctx_status (CTX_CALL *run)(const struct sql_table *self, const void *text, uint32_t len, struct sql_result *out);

    /*
     * The first statement of a text, to be done later.
     * NOSPC: 32 are open.
     */
    ctx_status (CTX_CALL *prepare)(const struct sql_table *self, const void *text, uint32_t len, struct sql_prepared *out);

    /*
     * Its parameters, from the first one on; those behind the last value are NULL. It begins
     * anew.
     * INVAL: values make no sense, or are too many.
     */
    ctx_status (CTX_CALL *bind)(const struct sql_table *self, uint32_t statement, const void *values, uint32_t len);

    /*
     * More bytes for a parameter (from 1) that is a blob and longer than a call; the first ones
     * take the place of what was bound. CAST(? AS TEXT) makes a text of it. It begins anew.
     * TOOBIG: more than 262,144.
     */
    ctx_status (CTX_CALL *append)(const struct sql_table *self, uint32_t statement, uint32_t parameter, const void *bytes, uint32_t len);

    /*
     * Do it: as many rows as fit, from number first on. 0: from the beginning, so a statement
     * that changes something does it again; else what next of the last step was. Each row is how
     * long it is (u32, with this), how many values it has (u32), and these. room: 8,192 or more.
     * RANGE: so many rows were not told: a call was undone, or another one came between; begin
     * with 0.
     * INVAL: less room than that.
     */
    ctx_status (CTX_CALL *step)(const struct sql_table *self, uint32_t statement, uint64_t first, void *rows, uint32_t room, struct sql_result *out);

    /*
     * Bytes of a value that was CUT in the row that was told last. place: the column's number,
     * from 0, times 2^32, and from which byte on. *count 0: there are no more.
     * INVAL: nothing was cut in that row, or it has no such column.
     */
    ctx_status (CTX_CALL *value)(const struct sql_table *self, uint32_t statement, uint64_t place, void *bytes, uint32_t room, uint32_t *count);

    /*
     * A column's name, cut at room.
     * INVAL: no such column.
     */
    ctx_status (CTX_CALL *name)(const struct sql_table *self, uint32_t statement, uint32_t column, void *text, uint32_t room, uint32_t *len);

    /*
     * Forget a statement.
     */
    ctx_status (CTX_CALL *close)(const struct sql_table *self, uint32_t statement);

    /*
     * What goes on ends with CANCELED, soon. OK, whether there is something or not.
     */
    ctx_status (CTX_CALL *stop)(const struct sql_table *self);

    /*
     * What the last error was, for people; empty: there was none. It never answers AGAIN.
     */
    ctx_status (CTX_CALL *why)(const struct sql_table *self, void *text, uint32_t room, uint32_t *len);

    /*
     * All that was done until now outlives a power cut, but for a transaction that has not ended.
     * STALE: of what `ctx idl` makes, once: storage began anew since the last one, and what was
     * done before may be gone.
     */
    ctx_status (CTX_CALL *sync)(const struct sql_table *self);

    /*
     * Ends when a call that answered AGAIN may be made once more. PENDING; OK: at once.
     */
    ctx_status (CTX_CALL *wait)(const struct sql_table *self, uint64_t *request);
};

CTX_STATIC_ASSERT(sizeof(struct sql_prepared) == 24, "sql_prepared");
CTX_STATIC_ASSERT(offsetof(struct sql_prepared, size) == 0, "sql_prepared.size");
CTX_STATIC_ASSERT(offsetof(struct sql_prepared, statement) == 4, "sql_prepared.statement");
CTX_STATIC_ASSERT(offsetof(struct sql_prepared, columns) == 8, "sql_prepared.columns");
CTX_STATIC_ASSERT(offsetof(struct sql_prepared, parameters) == 12, "sql_prepared.parameters");
CTX_STATIC_ASSERT(offsetof(struct sql_prepared, used) == 16, "sql_prepared.used");
CTX_STATIC_ASSERT(offsetof(struct sql_prepared, flags) == 20, "sql_prepared.flags");
CTX_STATIC_ASSERT(sizeof(struct sql_result) == 40, "sql_result");
CTX_STATIC_ASSERT(offsetof(struct sql_result, size) == 0, "sql_result.size");
CTX_STATIC_ASSERT(offsetof(struct sql_result, flags) == 4, "sql_result.flags");
CTX_STATIC_ASSERT(offsetof(struct sql_result, rows) == 8, "sql_result.rows");
CTX_STATIC_ASSERT(offsetof(struct sql_result, bytes) == 12, "sql_result.bytes");
CTX_STATIC_ASSERT(offsetof(struct sql_result, next) == 16, "sql_result.next");
CTX_STATIC_ASSERT(offsetof(struct sql_result, changed) == 24, "sql_result.changed");
CTX_STATIC_ASSERT(offsetof(struct sql_result, last_id) == 32, "sql_result.last_id");
CTX_STATIC_ASSERT(offsetof(struct sql_table, run) == 16, "sql_table.run");
CTX_STATIC_ASSERT(offsetof(struct sql_table, prepare) == 24, "sql_table.prepare");
CTX_STATIC_ASSERT(offsetof(struct sql_table, bind) == 32, "sql_table.bind");
CTX_STATIC_ASSERT(offsetof(struct sql_table, append) == 40, "sql_table.append");
CTX_STATIC_ASSERT(offsetof(struct sql_table, step) == 48, "sql_table.step");
CTX_STATIC_ASSERT(offsetof(struct sql_table, value) == 56, "sql_table.value");
CTX_STATIC_ASSERT(offsetof(struct sql_table, name) == 64, "sql_table.name");
CTX_STATIC_ASSERT(offsetof(struct sql_table, close) == 72, "sql_table.close");
CTX_STATIC_ASSERT(offsetof(struct sql_table, stop) == 80, "sql_table.stop");
CTX_STATIC_ASSERT(offsetof(struct sql_table, why) == 88, "sql_table.why");
CTX_STATIC_ASSERT(offsetof(struct sql_table, sync) == 96, "sql_table.sync");
CTX_STATIC_ASSERT(offsetof(struct sql_table, wait) == 104, "sql_table.wait");

/* Open it, with all of its functions. NOSYS: nobody offers it, or an older one; *table is NULL. */
static inline ctx_status sql_open(struct ctx *ctx, const struct sql_table **table)
{
    const struct ctx_table *opened = 0;
    ctx_status status = ctx->iface->open(ctx->iface, SQL_ID, sizeof SQL_ID - 1,
                                         (uint32_t)sizeof(struct sql_table), &opened);
    *table = status == CTX_OK ? (const struct sql_table *)opened : 0;
    return status;
}

/* For the functions below: struct sql_client NAME = CTX_CLIENT(ctx); */
struct sql_client {
    struct ctx_client of;
};

/*
 * All statements of a text, one after the other, without parameters; rows are not told. It ends
 * at the first that fails; those before it stay done.
 */
static inline ctx_status sql_call_run(struct sql_client *self, const void *text, uint32_t len,
                                      struct sql_result *out)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 24, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        __builtin_memset(out, 0, sizeof *out);
        out->size = (uint32_t)sizeof *out;
        status_ = table_->run(table_, text, len, out);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * The first statement of a text, to be done later.
 * NOSPC: 32 are open.
 */
static inline ctx_status sql_call_prepare(struct sql_client *self, const void *text,
                                          uint32_t len, struct sql_prepared *out)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 32, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        __builtin_memset(out, 0, sizeof *out);
        out->size = (uint32_t)sizeof *out;
        status_ = table_->prepare(table_, text, len, out);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * Its parameters, from the first one on; those behind the last value are NULL. It begins anew.
 * INVAL: values make no sense, or are too many.
 */
static inline ctx_status sql_call_bind(struct sql_client *self, uint32_t statement,
                                       const void *values, uint32_t len)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 40, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->bind(table_, statement, values, len);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * More bytes for a parameter (from 1) that is a blob and longer than a call; the first ones take
 * the place of what was bound. CAST(? AS TEXT) makes a text of it. It begins anew.
 * TOOBIG: more than 262,144.
 */
static inline ctx_status sql_call_append(struct sql_client *self, uint32_t statement,
                                         uint32_t parameter, const void *bytes, uint32_t len)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 48, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->append(table_, statement, parameter, bytes, len);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * Do it: as many rows as fit, from number first on. 0: from the beginning, so a statement that
 * changes something does it again; else what next of the last step was. Each row is how long it
 * is (u32, with this), how many values it has (u32), and these. room: 8,192 or more.
 * RANGE: so many rows were not told: a call was undone, or another one came between; begin with
 * 0.
 * INVAL: less room than that.
 */
static inline ctx_status sql_call_step(struct sql_client *self, uint32_t statement,
                                       uint64_t first, void *rows, uint32_t room,
                                       struct sql_result *out)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 56, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        __builtin_memset(out, 0, sizeof *out);
        out->size = (uint32_t)sizeof *out;
        status_ = table_->step(table_, statement, first, rows, room, out);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * Bytes of a value that was CUT in the row that was told last. place: the column's number, from
 * 0, times 2^32, and from which byte on. *count 0: there are no more.
 * INVAL: nothing was cut in that row, or it has no such column.
 */
static inline ctx_status sql_call_value(struct sql_client *self, uint32_t statement,
                                        uint64_t place, void *bytes, uint32_t room,
                                        uint32_t *count)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 64, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->value(table_, statement, place, bytes, room, count);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * A column's name, cut at room.
 * INVAL: no such column.
 */
static inline ctx_status sql_call_name(struct sql_client *self, uint32_t statement,
                                       uint32_t column, void *text, uint32_t room, uint32_t *len)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 72, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->name(table_, statement, column, text, room, len);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * Forget a statement.
 */
static inline ctx_status sql_call_close(struct sql_client *self, uint32_t statement)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 80, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->close(table_, statement);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * What goes on ends with CANCELED, soon. OK, whether there is something or not.
 */
static inline ctx_status sql_call_stop(struct sql_client *self)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 88, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->stop(table_);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * What the last error was, for people; empty: there was none. It never answers AGAIN.
 */
static inline ctx_status sql_call_why(struct sql_client *self, void *text, uint32_t room,
                                      uint32_t *len)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 96, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->why(table_, text, room, len);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return status_;
}

/*
 * All that was done until now outlives a power cut, but for a transaction that has not ended.
 * STALE: of what `ctx idl` makes, once: storage began anew since the last one, and what was done
 * before may be gone.
 */
static inline ctx_status sql_call_sync(struct sql_client *self)
{
    struct ctx_client_call call_;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 104, 0);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->sync(table_);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    if (status_ == CTX_OK && self->of.renewed != 0) {
        self->of.renewed = 0;
        return CTX_E_STALE; /* who began anew has only what was done since */
    }
    return status_;
}

/*
 * Ends when a call that answered AGAIN may be made once more. PENDING; OK: at once.
 * [fiber]
 */
static inline ctx_status sql_call_wait(struct sql_client *self)
{
    struct ctx_client_call call_;
    uint64_t request_ = 0;
    ctx_status status_ = ctx_client_begin(&call_, &self->of, SQL_ID, 112, CTX_CLIENT_REQUEST);
    if (status_ != CTX_OK) {
        return status_;
    }
    do {
        const struct sql_table *table_ = (const struct sql_table *)self->of.table;
        status_ = table_->wait(table_, &request_);
    } while (status_ < 0 && ctx_client_again(&call_, status_));
    return ctx_client_result(&call_, status_, request_, 0, 0);
}

#ifdef __cplusplus
}
#endif
#endif
/* NOLINTEND(readability-identifier-naming) */
