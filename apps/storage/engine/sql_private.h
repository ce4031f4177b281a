/* SPDX-License-Identifier: MIT */
/* sql_private.h - the inside of struct fdb_sql. */
#ifndef STORAGE_SQL_PRIVATE_H
#define STORAGE_SQL_PRIVATE_H

#include "sql.h"
#include "store.h"

/* A text or blob that came in pieces. */
struct sql_piece {
    uint8_t *bytes;
    uint32_t len, parameter;
    struct sql_piece *next;
};

/* Of the database's file. */
struct sql_file_piece {
    uint64_t at;
    uint32_t len; /* 0: nothing is known */
    uint8_t bytes[FDB_CHUNK];
};
#define SQL_PIECES 8u

struct sql_statement {
    uint32_t handle; /* 0: free */
    sqlite3_stmt *stmt;
    struct sql_piece *pieces;
    uint64_t told; /* rows */
    bool begun, done;
    bool waits; /* a row that did not fit is the next one */
    bool shown; /* the row that was told last is still in its hand */
    uint64_t changed;
};

struct fdb_sql {
    struct fdb *db;
    int64_t id; /* the file's node; 0: there is none yet */
    char path[FDB_PATH_MOST + 1];
    uint64_t lost;       /* fdb_lost() when it was opened */
    uint64_t bytes_most; /* of the file */
    sqlite3 *sql;
    int (*turn)(void *arg);
    void *arg;
    int64_t used; /* of SQLite's memory, by this database */
    int64_t entered;
    uint64_t looked_at;            /* bytes, by functions, since the last turn */
    bool writes;                   /* pages are being written, as one */
    bool failed;                   /* one of them could not be */
    bool large;                    /* because there were too many */
    uint64_t written;              /* bytes, of this transaction */
    ctx_status error;              /* why */
    struct sql_file_piece *pieces; /* SQL_PIECES, when something was read; or NULL */
    uint32_t next_piece;           /* to be read anew */
    uint64_t last_piece;           /* where that begins which was asked for last */
    struct sql_statement statements[FDB_SQL_STATEMENTS];
    char why[FDB_WHY];
};

#define FDB_SQL_VFS_NAME "file"

/* sql_file.c: SQLite's file is one of ours. */
bool sql_file_start(void);
void sql_file_opens(struct fdb_sql *s);      /* the next that is opened is this one's */
void sql_file_forgets(const struct fdb *db); /* it is about to be closed */

/* All that was written since the last time is kept, or none of it if something failed. */
void sql_file_settle(struct fdb_sql *s);

/* sql_pieces.c: bytes of the file; *count is less at its end. */
ctx_status sql_pieces_read(struct fdb_sql *s, uint64_t at, uint8_t *to, uint32_t len,
                           uint32_t *count);
void sql_pieces_forget(struct fdb_sql *s, uint64_t at, uint64_t len); /* they are others now */
void sql_pieces_end(struct fdb_sql *s);

/* sql_values.c */
ctx_status sql_values_bind(struct sql_statement *t, const uint8_t *values, uint32_t len);
/* The row as bytes; 0: it does not fit. cut: values longer than this are cut. */
uint32_t sql_values_row(sqlite3_stmt *stmt, uint8_t *out, uint32_t room, uint32_t cut);

/* sql_functions.c: those of SQLite's that would hold all others up, made anew. As SQLITE_... */
int sql_functions(struct fdb_sql *s);

/* sql_guard.c: what statements may not do. */
int sql_guard(struct fdb_sql *s);
int sql_turn(struct fdb_sql *s);   /* others may work; not 0: the statement is to end */
void sql_enter(struct fdb_sql *s); /* its memory is counted and limited from here ... */
void sql_leave(struct fdb_sql *s); /* ... to here */

#endif
