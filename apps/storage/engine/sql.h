/* SPDX-License-Identifier: MIT */
/*
 * sql.h - a database of SQLite in a file of fdb.h: what ctx.sql/1 is made of.
 *
 *     fdb_sql_open(db, "/sql/notes", bytes, turn, arg, &sql)
 *     fdb_sql_prepare(sql, text, len, &got)            got.statement is its handle
 *     fdb_sql_bind(sql, statement, values, len)
 *     fdb_sql_step(sql, statement, 0, rows, room, &got)
 *
 * Whoever wrote the statements is not trusted: they see this database and nothing else, have so
 * much memory, and can be stopped in the middle. A transaction of the database is a whole in the
 * order of what is done to files: SQLite keeps what it needs to undo one in memory, and writes a
 * transaction's pages when it ends, between two commits of the disk. Larger than a quarter of the
 * disk's log it can therefore not be.
 *
 * While a function waits in `turn` others may use `db`, and other databases in it, but not this
 * one.
 *
 * Values are written one behind the other, each from a multiple of eight bytes on: its kind (u32),
 * its length in bytes (u32), and its bytes: eight of a whole number or of a double.
 */
#ifndef STORAGE_SQL_H
#define STORAGE_SQL_H

#include "fdb.h"

struct fdb_sql;

#define FDB_SQL_FOLDER       "/sql"        /* where apps' databases lie */
#define FDB_SQL_STATEMENTS   32u           /* of a database */
#define FDB_SQL_VALUE_MOST   (256u * 1024) /* bytes of a value */
#define FDB_SQL_PATTERN_MOST 128u          /* of LIKE and GLOB */
#define FDB_SQL_TEXT_MOST    61440u        /* of statements */
#define FDB_SQL_MEMORY       (8u << 20)    /* beside its cache, and what the disk itself takes */
#define FDB_SQL_CACHE        (4u << 20)    /* of pages that are read once more */
#define FDB_SQL_ROOM_LEAST   8192u         /* for rows */
#define FDB_SQL_COLUMNS      200u

enum fdb_sql_kind { FDB_SQL_NULL, FDB_SQL_INTEGER, FDB_SQL_REAL, FDB_SQL_TEXT, FDB_SQL_BLOB };
#define FDB_SQL_CUT       0x100u /* with a kind: too long for the row, none of its bytes are here */

#define FDB_SQL_DONE      1u /* flags: there are no more rows */
#define FDB_SQL_READ_ONLY 2u /* it changes nothing */

/* A row is this, and its values. */
struct fdb_sql_row {
    uint32_t bytes, columns; /* of the row, with this; of values */
};

struct fdb_sql_got {
    uint32_t statement, columns, parameters, used; /* prepare */
    uint32_t rows, bytes, flags;                   /* step; read, value: bytes */
    uint64_t next;                                 /* step: what first is the next time */
    uint64_t changed;                              /* rows that this statement has changed */
    int64_t last_id;                               /* the rowid that was inserted last */
};

/*
 * Open the database at `path`, and make it where there is none when something is written. bytes: so
 * large it may become. turn is called now and then, and may wait; not 0: what goes on is CANCELED.
 * IO: it is damaged, or no database.
 */
ctx_status fdb_sql_open(struct fdb *db, const char *path, uint64_t bytes, int (*turn)(void *arg),
                        void *arg, struct fdb_sql **out);

/* What was not committed in it is undone. */
void fdb_sql_close(struct fdb_sql *s);
/* What it holds only to be quicker goes: for moments in which nothing is done, or memory is short.
 */
void fdb_sql_rest(struct fdb_sql *sql);

/* The disk has gone, or has lost what was done to it: nothing of this may be used any more. */
bool fdb_sql_stale(const struct fdb_sql *s);

/* The disk is about to be closed: only fdb_sql_close() may follow. */
void fdb_sql_orphan(struct fdb_sql *s);

/* A transaction of its own has begun and not ended. */
bool fdb_sql_in_transaction(const struct fdb_sql *s);

/* What the last error was, for people. */
const char *fdb_sql_why(const struct fdb_sql *s);

/* ---- what an app asks for. INVAL: SQLite does not like it, and why says what; DENIED: not here;
 * NOSPC: the disk, or what the app may have of it, is full; EXIST: a constraint; NOMEM, TOOBIG,
 * CANCELED, IO, RDONLY; STALE: no such statement ---- */

/* The first statement of a text. got: statement 0: there is none, only blanks or remarks. NOSPC: so
 * many are open. */
ctx_status fdb_sql_prepare(struct fdb_sql *s, const char *text, uint32_t len,
                           struct fdb_sql_got *got);

/* All statements of a text, one after the other; rows are not told. */
ctx_status fdb_sql_run(struct fdb_sql *s, const char *text, uint32_t len, struct fdb_sql_got *got);

/* The parameters from the first on; those behind the last value are NULL. INVAL: values make no
 * sense. It begins anew. */
ctx_status fdb_sql_bind(struct fdb_sql *s, uint32_t statement, const void *values, uint32_t len);

/* More bytes behind those that a text or blob parameter (from 1) has. */
ctx_status fdb_sql_append(struct fdb_sql *s, uint32_t statement, uint32_t parameter,
                          const void *bytes, uint32_t len);

/* Rows from number first on: 0 does it anew; else it has to be the number of those that were told:
 * RANGE. */
ctx_status fdb_sql_step(struct fdb_sql *s, uint32_t statement, uint64_t first, void *rows,
                        uint32_t room, struct fdb_sql_got *got);

/* Bytes from `at` on of a text or blob in the row that was told last. */
ctx_status fdb_sql_value(struct fdb_sql *s, uint32_t statement, uint32_t column, uint32_t at,
                         void *bytes, uint32_t room, uint32_t *len);

/* A column's name; *len is how long it is. */
ctx_status fdb_sql_name(struct fdb_sql *s, uint32_t statement, uint32_t column, void *text,
                        uint32_t room, uint32_t *len);

ctx_status fdb_sql_end(struct fdb_sql *s, uint32_t statement);

#endif
