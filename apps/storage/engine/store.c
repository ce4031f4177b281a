/* SPDX-License-Identifier: MIT */
/* A disk of files is made, opened and closed; transactions, errors, statements. */
#include "store.h"

#include "layout.h"
#include "vfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_KIB   1024
#define GROUP_BYTES (UINT64_C(1) << 20) /* a transaction is committed when it has so many */
#define PAGES_KEPT  24u                 /* so that a full disk can be cleaned up */
#define PAGES_OF_OP 8u                  /* what an operation may take beside its bytes */
#define LOG_PAGES   1000u               /* after so many the log is moved into the database */

static const char *const texts[FDB_STATEMENTS] = {
#define NODE "id, parent, kind, bytes, modified, name, chunk FROM node "
    [FDB_S_NODE] = ("SELECT " NODE "WHERE id = ?1"),
    [FDB_S_CHILD] = ("SELECT " NODE "WHERE parent = ?1 AND name = ?2"),
    [FDB_S_NEXT] = ("SELECT " NODE "WHERE parent = ?1 AND name > ?2 ORDER BY name LIMIT 1"),
#undef NODE
    [FDB_S_MAKE] = ("INSERT INTO node(parent, name, kind, bytes, modified, made, chunk) "
                    "VALUES(?1, ?2, ?3, 0, ?4, ?4, 0)"),
    [FDB_S_MOVE] = "UPDATE node SET parent = ?2, name = ?3 WHERE id = ?1",
    [FDB_S_SIZE] = "UPDATE node SET bytes = ?2, modified = ?3, chunk = ?4 WHERE id = ?1",
    [FDB_S_DATE] = "UPDATE node SET modified = ?2 WHERE id = ?1",
    [FDB_S_DELETE] = "DELETE FROM node WHERE id = ?1",
    [FDB_S_CHUNK_LEN] = "SELECT length(data) FROM chunk WHERE id = ?1",
    [FDB_S_CHUNK_PUT] = "INSERT OR REPLACE INTO chunk(id, data) VALUES(?1, ?2)",
    [FDB_S_CHUNK_DELETE] = "DELETE FROM chunk WHERE id >= ?1 AND id < ?2",
    [FDB_S_PATH] = "SELECT parent, name FROM node WHERE id = ?1",
    [FDB_S_BEGIN] = "BEGIN IMMEDIATE",
    [FDB_S_COMMIT] = "COMMIT",
    [FDB_S_COUNT] = "SELECT count(*), sum(kind = 2) FROM node WHERE parent <> 0",
    [FDB_S_KV_GET] = "SELECT value, version FROM kv WHERE space = ?1 AND key = ?2",
    [FDB_S_KV_PUT] = "INSERT OR REPLACE INTO kv(space, key, value, version) VALUES(?1, ?2, ?3, ?4)",
    [FDB_S_KV_DELETE] = "DELETE FROM kv WHERE space = ?1 AND key = ?2",
    [FDB_S_KV_NEXT] = "SELECT key FROM kv WHERE space = ?1 AND key > ?2 ORDER BY key LIMIT 1",
};

static const char schema[] =
    "CREATE TABLE node(id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER NOT NULL, name BLOB NOT NULL,"
    " kind INTEGER NOT NULL, bytes INTEGER NOT NULL, modified INTEGER NOT NULL, made INTEGER NOT NULL,"
    " chunk INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX node_name ON node(parent, name);"
    "CREATE TABLE chunk(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "INSERT INTO node(id, parent, name, kind, bytes, modified, made, chunk) VALUES(1, 0, x'31', 2, 0, 0, 0, 1);"
    /* For people with SQLite only. Of a file that has holes the missing parts are made. */
    "CREATE VIEW files(name, mode, mtime, sz, data) AS"
    " WITH RECURSIVE tree(id, path) AS ("
    "  SELECT id, CAST(name AS TEXT) FROM node WHERE parent = 1"
    "  UNION ALL SELECT n.id, t.path || '/' || CAST(n.name AS TEXT) FROM tree t JOIN node n ON n.parent = t.id)"
    " SELECT t.path, CASE n.kind WHEN 2 THEN 16877 ELSE 33188 END, n.modified / 1000000000, n.bytes,"
    "  CASE n.kind WHEN 2 THEN NULL ELSE ("
    "   WITH RECURSIVE part(i) AS (SELECT 0 WHERE n.bytes > 0 UNION ALL SELECT i + 1 FROM part WHERE (i + 1) * 16384 < n.bytes)"
    "   SELECT CAST(coalesce(group_concat(substr(CAST(coalesce(c.data, x'') || zeroblob(16384) AS BLOB), 1, min(16384, n.bytes - i * 16384)), ''), '') AS BLOB)"
    "   FROM part LEFT JOIN chunk c ON c.id = n.chunk * 134217728 + i) END"
    " FROM tree t JOIN node n ON n.id = t.id;";

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

static ctx_status status_of(int rc)
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

static void close_blob(struct fdb *db)
{
    sqlite3_blob_close(db->blob);
    db->blob = NULL;
}

static void roll_back(struct fdb *db)
{
    for (int i = 0; i < FDB_STATEMENTS; i++) {
        sqlite3_reset(db->statements[i]);
    }
    close_blob(db);
    if (sqlite3_get_autocommit(db->sql) == 0) {
        (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
    }
    db->lost += db->changed;
    db->in_transaction = db->changed = false;
    db->has_kv = false; /* it may have been made in there */
    db->since_commit = 0;
    db->room = 0;
}

ctx_status fdb_fail(struct fdb *db, int rc)
{
    ctx_status status = status_of(rc);
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

static int64_t number(struct fdb *db, const char *text)
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
    int64_t used = number(db, "PRAGMA page_count"), free = number(db, "PRAGMA freelist_count");
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
    if (db->since_commit > GROUP_BYTES && db->held) {
        fdb_say_why(db, "so many changes can not be one");
        return CTX_E_NOSPC;
    }
    if (db->since_commit > GROUP_BYTES) {
        ctx_status status = fdb_commit(db);
        if (status != CTX_OK) {
            return status;
        }
    }
    if (!db->in_transaction) {
        close_blob(db);
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
    if (!db->in_transaction || db->held) {
        return CTX_OK;
    }
    close_blob(db);
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

static int leave_log(struct fdb *db)
{
    for (int i = 0; i < FDB_STATEMENTS; i++) {
        sqlite3_reset(db->statements[i]);
    }
    close_blob(db);
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
    status = fdb_fail(db, leave_log(db));
    db->rests = status == CTX_OK;
    return status;
}

/* ---- opening ---- */

static int pragmas(struct fdb *db, uint64_t log_pages)
{
    char text[400];
    uint64_t at = log_pages / 4 < LOG_PAGES ? log_pages / 4 : LOG_PAGES;
    snprintf(text, sizeof text,
             "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-%d;"
             "PRAGMA synchronous=FULL; PRAGMA cell_size_check=1; PRAGMA trusted_schema=0;"
             "PRAGMA secure_delete=0; PRAGMA max_page_count=%llu; PRAGMA wal_autocheckpoint=%llu;",
             CACHE_KIB, (unsigned long long)db->pages_most, (unsigned long long)at);
    return sqlite3_exec(db->sql, text, NULL, NULL, NULL);
}

static void free_db(struct fdb *db)
{
    close_blob(db);
    for (int i = 0; i < FDB_STATEMENTS; i++) {
        sqlite3_finalize(db->statements[i]);
    }
    sqlite3_close(db->sql);
    if (db->disk != NULL) {
        fdb_vfs_end();
    }
    free(db);
}

/* Files that were removed while they were open, or were not done, when the disk was left. */
static ctx_status drop_orphans(struct fdb *db)
{
    ctx_status status = CTX_OK;
    while (status == CTX_OK && !db->read_only) {
        int64_t id = number(db, "SELECT id FROM node WHERE parent = 0 AND id <> 1 LIMIT 1");
        if (id < 0) {
            return CTX_OK;
        }
        status = fdb_drop(db, id);
        status = status == CTX_OK ? fdb_commit(db) : status;
    }
    return status;
}

static ctx_status open_sql(struct fdb *db)
{
    int how = db->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int rc = sqlite3_open_v2(FDB_DB_NAME, &db->sql, how, FDB_VFS_NAME);
    if (db->sql == NULL) {
        return CTX_E_NOMEM;
    }
    sqlite3_extended_result_codes(db->sql, 1);
    rc = rc == SQLITE_OK ? pragmas(db, fdb_vfs_state()->label.log / FDB_PAGE) : rc;
    if (rc == SQLITE_OK && !db->read_only) {
        rc = sqlite3_exec(db->sql, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK && number(db, "SELECT count(*) FROM node WHERE id = 1 AND kind = 2") != 1) {
        rc = sqlite3_errcode(db->sql);
        rc = rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_CORRUPT : rc;
    }
    if (rc != SQLITE_OK) {
        return fdb_fail(db, rc);
    }
    return CTX_OK;
}

ctx_status fdb_open(struct fdb **out, struct fdb_disk *disk, uint32_t flags, const char **why)
{
    static char said[FDB_WHY];
    struct fdb_label label;
    bool blank;
    *out = NULL;
    ctx_status status = fdb_layout_read(disk, &label, &blank, why);
    if (status != CTX_OK) {
        return status;
    }
    bool half_grown = label.before != 0;
    if (half_grown) {
        half_grown = !fdb_layout_before(disk, &label);
    }
    struct fdb *db = calloc(1, sizeof *db);
    *why = "there is not enough memory";
    if (db == NULL || fdb_vfs_begin(disk, &label) != CTX_OK) {
        free(db);
        return CTX_E_NOMEM;
    }
    fdb_vfs_state()->trust = (flags & FDB_TRUST) != 0;
    db->disk = disk;
    db->read_only = disk->read_only || (flags & FDB_READ_ONLY) != 0;
    db->pages_most = label.database / FDB_PAGE;
    status = open_sql(db);
    if (status == CTX_OK && half_grown && !db->read_only) {
        label.before = 0;
        status = fdb_layout_write(disk, &label);
        fdb_vfs_state()->label = label;
    }
    status = status == CTX_OK ? drop_orphans(db) : status;
    if (status != CTX_OK) {
        memcpy(said, db->why, sizeof said);
        *why = said;
        free_db(db);
        return status;
    }
    *why = "";
    *out = db;
    return CTX_OK;
}

ctx_status fdb_open_memory(struct fdb **out, uint64_t bytes, int64_t (*now_ns)(void))
{
    struct fdb *db = calloc(1, sizeof *db);
    *out = NULL;
    if (db == NULL) {
        return CTX_E_NOMEM;
    }
    db->now_ns = now_ns;
    db->pages_most = bytes / FDB_PAGE;
    int rc =
        sqlite3_open_v2(":memory:", &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    rc = rc == SQLITE_OK ? pragmas(db, 0) : rc;
    rc = rc == SQLITE_OK ? sqlite3_exec(db->sql, schema, NULL, NULL, NULL) : rc;
    if (rc != SQLITE_OK) {
        ctx_status status = status_of(rc);
        free_db(db);
        return status;
    }
    *out = db;
    return CTX_OK;
}

ctx_status fdb_create(struct fdb_disk *disk, const char **why)
{
    static uint8_t zeroes[FDB_PAGE];
    struct fdb_label label;
    struct fdb db = {.disk = disk};
    int reserve = (int)FDB_CHECKSUM, rc;
    char text[200];
    *why = "the disk is too small: 8 MiB are the least";
    ctx_status status = fdb_layout(disk->bytes, &label);
    if (status != CTX_OK) {
        return status;
    }
    *why = "it can not be written";
    disk->random(disk, label.id, sizeof label.id);
    const uint64_t places[] = {0, label.database + FDB_PAGE,
                               label.database + FDB_PAGE + label.journal};
    for (uint32_t i = 0; status == CTX_OK && i < 3; i++) {
        status = disk->write(disk, places[i], zeroes, FDB_PAGE);
    }
    status = status == CTX_OK ? fdb_layout_write(disk, &label) : status;
    if (status != CTX_OK || (status = fdb_vfs_begin(disk, &label)) != CTX_OK) {
        return status;
    }
    db.pages_most = label.database / FDB_PAGE;
    rc = sqlite3_open_v2(FDB_DB_NAME, &db.sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                         FDB_VFS_NAME);
    snprintf(text, sizeof text, "PRAGMA page_size=%u; PRAGMA locking_mode=EXCLUSIVE;", FDB_PAGE);
    rc = rc == SQLITE_OK ? sqlite3_exec(db.sql, text, NULL, NULL, NULL) : rc;
    rc = rc == SQLITE_OK ? sqlite3_file_control(db.sql, NULL, SQLITE_FCNTL_RESERVE_BYTES, &reserve)
                         : rc;
    snprintf(text, sizeof text, "BEGIN; PRAGMA application_id=%u; PRAGMA user_version=%u;",
             FDB_APPLICATION, (unsigned)(label.database / FDB_UNIT));
    rc = rc == SQLITE_OK ? sqlite3_exec(db.sql, text, NULL, NULL, NULL) : rc;
    rc = rc == SQLITE_OK ? sqlite3_exec(db.sql, schema, NULL, NULL, NULL) : rc;
    rc = rc == SQLITE_OK ? sqlite3_exec(db.sql, "COMMIT", NULL, NULL, NULL) : rc;
    status = status_of(rc);
    sqlite3_close(db.sql);
    fdb_vfs_end();
    return status == CTX_OK ? disk->flush(disk) : status;
}

ctx_status fdb_close(struct fdb *db)
{
    ctx_status status = fdb_commit(db);
    if (status == CTX_OK && db->disk != NULL && !db->read_only) {
        for (int i = 0; i < FDB_STATEMENTS; i++) {
            sqlite3_reset(db->statements[i]);
        }
        close_blob(db);
        int rc =
            sqlite3_exec(db->sql, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE",
                         NULL, NULL, NULL);
        status = fdb_fail(db, rc);
    }
    free_db(db);
    return status;
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
