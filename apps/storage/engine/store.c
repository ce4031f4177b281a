/* SPDX-License-Identifier: MIT */
/* Transactions, errors, statements. */
#include "store.h"

#include "vfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define GROUP_BYTES (UINT64_C(1) << 20) /* a transaction is committed when it has so many */
#define PAGES_KEPT  24u                 /* so that a full disk can be cleaned up */
#define PAGES_OF_OP 8u                  /* what an operation may take beside its bytes */

static const char *const texts[FDB_STATEMENTS] = {
#define NODE "id, parent, kind, bytes, modified, name, chunk FROM node "
    [FDB_S_NODE] = ("SELECT " NODE "WHERE id = ?1"),
    [FDB_S_CHILD] = ("SELECT " NODE "WHERE parent = ?1 AND name = ?2"),
    [FDB_S_NEXT] = ("SELECT " NODE "WHERE parent = ?1 AND name > ?2 AND length(name) <= 255 "
                    "ORDER BY name LIMIT 1"),
#undef NODE
    [FDB_S_MAKE] = ("INSERT INTO node(id, parent, name, kind, bytes, modified, made, chunk) "
                    "VALUES(?5, ?1, ?2, ?3, 0, ?4, ?4, 0)"),
    [FDB_S_MOVE] = "UPDATE node SET parent = ?2, name = ?3 WHERE id = ?1",
    [FDB_S_SIZE] = "UPDATE node SET bytes = ?2, modified = ?3, chunk = ?4 WHERE id = ?1",
    [FDB_S_DATE] = "UPDATE node SET modified = ?2 WHERE id = ?1",
    [FDB_S_DELETE] = "DELETE FROM node WHERE id = ?1",
    [FDB_S_CHUNK_LEN] = "SELECT length(data) FROM chunk WHERE id = ?1",
    [FDB_S_CHUNK_PUT] = "INSERT OR REPLACE INTO chunk(id, data) VALUES(?1, ?2)",
    [FDB_S_CHUNK_DELETE] = "DELETE FROM chunk WHERE id >= ?1 AND id < ?2",
    [FDB_S_CHUNK_NEXT] = "SELECT id FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1",
    [FDB_S_CHUNK_PART] =
        "SELECT id FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3",
    [FDB_S_PATH] = "SELECT parent, name FROM node WHERE id = ?1",
    [FDB_S_BEGIN] = "BEGIN IMMEDIATE",
    [FDB_S_COMMIT] = "COMMIT",
    [FDB_S_WHOLE] = "SAVEPOINT whole",
    [FDB_S_WHOLE_BACK] = "ROLLBACK TO whole",
    [FDB_S_WHOLE_END] = "RELEASE whole",
    [FDB_S_COUNT] = "SELECT count(*), sum(kind = 2) FROM node WHERE parent <> 0",
    [FDB_S_USED] =
        ("WITH RECURSIVE t(id) AS (SELECT ?1 UNION ALL SELECT n.id FROM t CROSS JOIN node n ON n.parent = t.id) "
         "SELECT coalesce(sum(n.bytes), 0), count(*) - 1 FROM t JOIN node n ON n.id = t.id"),
    [FDB_S_KV_GET] = "SELECT value, version FROM kv WHERE space = ?1 AND key = ?2",
    [FDB_S_KV_PUT] = "INSERT OR REPLACE INTO kv(space, key, value, version) VALUES(?1, ?2, ?3, ?4)",
    [FDB_S_KV_DELETE] = "DELETE FROM kv WHERE space = ?1 AND key = ?2",
    [FDB_S_KV_NEXT] = "SELECT key FROM kv WHERE space = ?1 AND key > ?2 ORDER BY key LIMIT 1",
    [FDB_S_KV_USED] =
        "SELECT coalesce(sum(length(key) + length(value) + ?2), 0) FROM kv WHERE space = ?1",
    [FDB_S_KV_LAST] = "SELECT seq FROM sqlite_sequence WHERE name = 'kv'",
    [FDB_S_KV_KEEP] = "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'kv'",
    [FDB_S_KV_KEEP_FIRST] = "INSERT INTO sqlite_sequence(name, seq) VALUES('kv', ?1)",
};

void fdb_say_why(struct fdb *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(db->why, sizeof db->why, format, args);
    va_end(args);
}

int64_t fdb_now(struct fdb *db)
{
    return db->disk != NULL ? db->disk->now_ns(db->disk) : db->now_ns != NULL ? db->now_ns() : 0;
}

bool fdb_dirty(const struct fdb *db)
{
    return db->in_transaction && db->changed;
}

uint64_t fdb_lost(const struct fdb *db)
{
    return db->lost;
}

uint64_t fdb_undone(const struct fdb *db)
{
    return db->undone;
}

int64_t fdb_last_id(const struct fdb *db)
{
    return db->last_id;
}

void fdb_ids_after(struct fdb *db, int64_t id)
{
    db->last_id = id > db->last_id ? id : db->last_id;
}

bool fdb_read_only(const struct fdb *db)
{
    return db->read_only;
}

const char *fdb_why(const struct fdb *db)
{
    return db->why;
}

struct sqlite3 *fdb_sqlite(struct fdb *db)
{
    return db->sql;
}

/* ---- errors ---- */

ctx_status fdb_status_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return CTX_OK;
    case SQLITE_FULL:
        return CTX_E_NOSPC;
    case SQLITE_NOMEM:
        return CTX_E_NOMEM;
    case SQLITE_READONLY:
        return CTX_E_RDONLY;
    case SQLITE_TOOBIG:
        return CTX_E_RANGE;
    default:
        return CTX_E_IO;
    }
}

void fdb_close_blob(struct fdb *db)
{
    sqlite3_blob_close(db->blob);
    db->blob = NULL;
}

static void roll_back(struct fdb *db)
{
    for (int i = 0; i < FDB_STATEMENTS; i++) {
        sqlite3_reset(db->statements[i]);
    }
    fdb_close_blob(db);
    if (sqlite3_get_autocommit(db->sql) == 0) {
        (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
    }
    db->lost += db->changed;
    db->undone++;
    db->in_transaction = db->changed = false;
    db->has_kv = false; /* it may have been made in there */
    db->since_commit = 0;
    db->room = 0;
}

ctx_status fdb_fail(struct fdb *db, int rc)
{
    ctx_status status = fdb_status_of(rc);
    if (status == CTX_OK) {
        return CTX_OK;
    }
    if (sqlite3_extended_errcode(db->sql) == SQLITE_IOERR_DATA && db->disk != NULL) {
        fdb_say_why(db, "page %u of the disk is damaged", fdb_vfs_state()->last_bad_page);
    } else {
        fdb_say_why(db, "%s", sqlite3_errmsg(db->sql));
    }
    /* What is half done in it cannot be told from what is whole. */
    if (db->in_transaction && (db->changing || sqlite3_get_autocommit(db->sql) != 0)) {
        roll_back(db);
    }
    db->changing = false;
    return status;
}

sqlite3_stmt *fdb_statement(struct fdb *db, enum fdb_statement which)
{
    sqlite3_stmt **s = &db->statements[which];
    if (*s == NULL) {
        (void)sqlite3_prepare_v3(db->sql, texts[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
    } else {
        sqlite3_reset(*s);
    }
    return *s;
}

int fdb_step(struct fdb *db, sqlite3_stmt *s)
{
    int rc = s != NULL ? sqlite3_step(s) : sqlite3_errcode(db->sql);
    if (rc != SQLITE_ROW) {
        int again = s != NULL ? sqlite3_reset(s) : rc;
        rc = rc == SQLITE_DONE ? rc : again != SQLITE_OK ? again : SQLITE_ERROR;
    }
    return rc;
}

int fdb_run(struct fdb *db, enum fdb_statement which)
{
    return fdb_step(db, fdb_statement(db, which));
}

/* ---- transactions ---- */

int64_t fdb_number(struct fdb *db, const char *text)
{
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(db->sql, text, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW) {
        n = sqlite3_column_int64(s, 0);
    }
    sqlite3_finalize(s);
    return n;
}

static uint64_t pages_free(struct fdb *db)
{
    int64_t used = fdb_number(db, "PRAGMA page_count"),
            free = fdb_number(db, "PRAGMA freelist_count");
    if (used < 0 || free < 0 || (uint64_t)used > db->pages_most) {
        return 0;
    }
    return db->pages_most - (uint64_t)used + (uint64_t)free;
}

ctx_status fdb_begin(struct fdb *db, uint64_t bytes)
{
    if (db->read_only) {
        fdb_say_why(db, "it is only to be read");
        return CTX_E_RDONLY;
    }
    if (db->since_commit > GROUP_BYTES && db->held && !db->whole) {
        fdb_say_why(db, "so many changes can not be one");
        return CTX_E_NOSPC;
    }
    if (db->since_commit > GROUP_BYTES && !db->whole) {
        ctx_status status = fdb_commit(db);
        if (status != CTX_OK) {
            return status;
        }
    }
    if (!db->in_transaction) {
        fdb_close_blob(db);
        int rc = db->rests ? sqlite3_exec(db->sql, "PRAGMA journal_mode=WAL", NULL, NULL, NULL)
                           : SQLITE_OK;
        db->rests = db->rests && rc != SQLITE_OK;
        rc = rc == SQLITE_OK ? fdb_run(db, FDB_S_BEGIN) : rc;
        if (rc != SQLITE_DONE) {
            return fdb_fail(db, rc);
        }
        db->in_transaction = true;
        db->changed = false;
    }
    /* What a full disk undoes is all of the transaction: so it never comes to that. */
    uint64_t pages = bytes == 0 ? 0 : bytes / (FDB_PAGE - 300u) + PAGES_OF_OP + PAGES_KEPT;
    if (db->room < pages) {
        uint64_t free = pages_free(db);
        if (free < pages) {
            fdb_say_why(db, "the disk is full");
            return CTX_E_NOSPC;
        }
        db->room = free;
    }
    db->room -= bytes == 0 ? 0 : pages - PAGES_KEPT;
    db->since_commit += bytes + FDB_PAGE;
    db->changed = db->changing = true;
    return CTX_OK;
}

ctx_status fdb_commit(struct fdb *db)
{
    if (!db->in_transaction || db->held || db->whole) {
        return CTX_OK;
    }
    fdb_close_blob(db);
    int rc = fdb_run(db, FDB_S_COMMIT);
    if (rc != SQLITE_DONE) {
        db->changing = true;
        return fdb_fail(db, rc);
    }
    db->in_transaction = db->changed = false;
    db->since_commit = 0;
    return CTX_OK;
}

void fdb_hold(struct fdb *db, bool hold)
{
    db->held = hold;
}

ctx_status fdb_drop_changes(struct fdb *db)
{
    db->changed = false; /* nothing is lost that anybody wanted */
    if (db->in_transaction) {
        roll_back(db);
    }
    return CTX_OK;
}

int fdb_leave_log(struct fdb *db)
{
    for (int i = 0; i < FDB_STATEMENTS; i++) {
        sqlite3_reset(db->statements[i]);
    }
    fdb_close_blob(db);
    return sqlite3_exec(db->sql, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE",
                        NULL, NULL, NULL);
}

bool fdb_rests(const struct fdb *db)
{
    return db->rests || db->disk == NULL || db->read_only;
}

ctx_status fdb_rest(struct fdb *db)
{
    ctx_status status = fdb_commit(db);
    if (status != CTX_OK || db->held || fdb_rests(db)) {
        return status;
    }
    status = fdb_fail(db, fdb_leave_log(db));
    db->rests = status == CTX_OK;
    return status;
}

void fdb_release(struct fdb *db)
{
    (void)sqlite3_db_release_memory(db->sql);
}

ctx_status fdb_space(struct fdb *db, struct fdb_space *out)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_COUNT);
    int rc = fdb_step(db, s);
    if (rc != SQLITE_ROW) {
        return fdb_fail(db, rc);
    }
    uint64_t free = pages_free(db), each = FDB_PAGE - 160u; /* what of a page is a file's, about */
    free = free > PAGES_KEPT + PAGES_OF_OP ? free - PAGES_KEPT - PAGES_OF_OP : 0;
    uint64_t folders = (uint64_t)sqlite3_column_int64(s, 1);
    *out = (struct fdb_space){
        .bytes = db->pages_most * each,
        .free = free * each,
        .files = (uint64_t)sqlite3_column_int64(s, 0) - folders,
        .folders = folders,
    };
    sqlite3_reset(s);
    return CTX_OK;
}
