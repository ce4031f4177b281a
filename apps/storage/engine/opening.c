/* SPDX-License-Identifier: MIT */
/* A disk of files is made, opened and closed. */
#include "store.h"

#include "layout.h"
#include "vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_KIB 1024
#define LOG_PAGES 1000u /* after so many the log is moved into the database */

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

/* Before SQLite is used at all: what it has is counted, so that some of it can be limited. */
static void start_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1);
}

static void free_db(struct fdb *db)
{
    fdb_close_blob(db);
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
        int64_t id = fdb_number(db, "SELECT id FROM node WHERE parent = 0 AND id <> 1 LIMIT 1");
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
    start_library();
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
    /* It lies in nothing: then no way down from it is without an end. */
    if (rc == SQLITE_OK &&
        fdb_number(db, "SELECT count(*) FROM node WHERE id = 1 AND kind = 2 AND parent = 0") != 1) {
        rc = sqlite3_errcode(db->sql);
        if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW) {
            fdb_say_why(db, "there is no folder /, or it lies in another one");
            return CTX_E_IO;
        }
    }
    if (rc != SQLITE_OK) {
        return fdb_fail(db, rc);
    }
    int64_t last = fdb_number(db, "SELECT max(seq, (SELECT max(id) FROM node)) FROM sqlite_sequence"
                                  " WHERE name = 'node'");
    db->last_id = last > 0 ? last : 0;
    if (!db->read_only) {
        /* Who loses power before the log is moved, again and again, would fill it at last. If this
         * fails, the next commit tries it. */
        (void)sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
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
    bool saves = (flags & FDB_TRUST) != 0 && (flags & FDB_READ_ONLY) != 0;
    if (saves && (status == CTX_E_INVAL || status == CTX_E_RANGE)) {
        status = fdb_layout_guess(disk, &label);
    }
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
    start_library();
    int rc =
        sqlite3_open_v2(":memory:", &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    rc = rc == SQLITE_OK ? pragmas(db, 0) : rc;
    rc = rc == SQLITE_OK ? sqlite3_exec(db->sql, schema, NULL, NULL, NULL) : rc;
    if (rc != SQLITE_OK) {
        ctx_status status = fdb_status_of(rc);
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
    start_library();
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
    status = fdb_status_of(rc);
    sqlite3_close(db.sql);
    fdb_vfs_end();
    return status == CTX_OK ? disk->flush(disk) : status;
}

ctx_status fdb_close(struct fdb *db)
{
    ctx_status status = fdb_commit(db);
    if (status == CTX_OK && db->disk != NULL && !db->read_only) {
        status = fdb_fail(db, fdb_leave_log(db));
    }
    free_db(db);
    return status;
}
