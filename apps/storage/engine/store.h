/* SPDX-License-Identifier: MIT */
/* store.h - the inside of struct fdb, for the engine's own files. */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include "fdb.h"

#include <sqlite3.h>

enum fdb_statement {
    FDB_S_NODE,
    FDB_S_CHILD,
    FDB_S_NEXT,
    FDB_S_MAKE,
    FDB_S_MOVE,
    FDB_S_SIZE,
    FDB_S_DATE,
    FDB_S_DELETE,
    FDB_S_CHUNK_LEN,
    FDB_S_CHUNK_PUT,
    FDB_S_CHUNK_DELETE,
    FDB_S_CHUNK_PART,
    FDB_S_CHUNK_NEXT,
    FDB_S_PATH,
    FDB_S_BEGIN,
    FDB_S_COMMIT,
    FDB_S_WHOLE,
    FDB_S_WHOLE_BACK,
    FDB_S_WHOLE_END,
    FDB_S_COUNT,
    FDB_S_USED,
    FDB_S_KV_GET,
    FDB_S_KV_PUT,
    FDB_S_KV_DELETE,
    FDB_S_KV_NEXT,
    FDB_S_KV_USED,
    FDB_S_KV_LAST,
    FDB_S_KV_KEEP,
    FDB_S_KV_KEEP_FIRST,
    FDB_STATEMENTS,
};

#define FDB_WHY 200u

struct fdb {
    sqlite3 *sql;
    struct fdb_disk *disk; /* NULL: in memory */
    sqlite3_stmt *statements[FDB_STATEMENTS];
    int64_t (*now_ns)(void);
    bool read_only;
    bool in_transaction;
    bool held;
    bool has_kv;           /* the table of keys is there */
    uint64_t kv_last;      /* no later version was given to a key, of those that are gone too */
    bool rests;            /* without a log, as whoever has only SQLite wants it */
    bool changed;          /* in the transaction */
    uint64_t since_commit; /* bytes that were written, about */
    bool whole;            /* in the middle of changes that are one (whole.c) */
    uint64_t whole_from;   /* since_commit before them */
    uint64_t lost, undone;
    int64_t last_id; /* that was given to a node, also if that was taken back; 0: not known */
    uint64_t pages_most;
    uint64_t room;      /* pages that are free, at least */
    bool changing;      /* an operation has begun, and may be half done */
    sqlite3_blob *blob; /* of the chunk that was read last */
    char why[FDB_WHY];
};

/* A prepared statement, reset; NULL: no memory, or the schema is damaged. */
sqlite3_stmt *fdb_statement(struct fdb *db, enum fdb_statement which);

/* Once more: SQLITE_ROW, SQLITE_DONE, or an error of which fdb->why speaks. */
int fdb_step(struct fdb *db, sqlite3_stmt *s);
int fdb_run(struct fdb *db, enum fdb_statement which); /* both, of one without parameters */

/* What an error of SQLite's is here. After one that has ended the transaction what was lost is
 * counted. */
ctx_status fdb_fail(struct fdb *db, int rc);

/* Before anything is changed: a transaction begins, unless there is one, and there is room for
 * about so many bytes; 0: the operation makes room. fdb_done() when all of it is done. */
ctx_status fdb_begin(struct fdb *db, uint64_t bytes);

static inline ctx_status fdb_done(struct fdb *db)
{
    db->changing = false;
    return CTX_OK;
}

int64_t fdb_now(struct fdb *db);

ctx_status fdb_status_of(int rc);                     /* of SQLite's; nothing else happens */
int64_t fdb_number(struct fdb *db, const char *text); /* that a statement tells; -1: none */
void fdb_close_blob(struct fdb *db);
int fdb_leave_log(struct fdb *db); /* what is in it is in the database; as SQLITE_... */

void fdb_say_why(struct fdb *db, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The key of chunk `number`. */
int64_t fdb_chunk_id(int64_t chunk, uint64_t number);

/* How long a node is, from now on, and whose chunks are its bytes. SQLITE_DONE, or an error. */
int fdb_set_size(struct fdb *db, int64_t id, uint64_t bytes, int64_t chunk);

/* Remove chunks from number `first` on. SQLITE_DONE, or an error. */
int fdb_chunks_drop(struct fdb *db, int64_t chunk, uint64_t first);

/* The node, and whose chunks are its bytes. */
ctx_status fdb_node_chunk(struct fdb *db, int64_t id, struct fdb_node *out, int64_t *chunk);

/* A row of one of the statements that tell of a node. */
void fdb_row_node(sqlite3_stmt *s, struct fdb_node *out);

#endif
