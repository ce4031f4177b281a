/* SPDX-License-Identifier: MIT */
/* Everything that is on a disk is read, and compared with everything else. */
#include "store.h"

#include "layout.h"
#include "vfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_MOST 100  /* of SQLite's own list */
#define SHOWN_EVERY 256u /* pages */

__attribute__((format(printf, 2, 3))) static void fault(struct fdb_check *c, const char *format,
                                                        ...)
{
    char text[FDB_WHY + FDB_PATH_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->faults++;
    if (c->say != NULL) {
        c->say(c->arg, text, 0, 0);
    }
}

/* A page that the log has a newer one of: it may be half written, and will be written again. */
static bool newer_is_good(struct fdb *db, uint64_t page)
{
    sqlite3_stmt *s = NULL;
    bool good = sqlite3_prepare_v2(db->sql, "SELECT data FROM sqlite_dbpage WHERE pgno = ?1", -1,
                                   &s, NULL) == SQLITE_OK &&
                sqlite3_bind_int64(s, 1, (sqlite3_int64)page) == SQLITE_OK &&
                sqlite3_step(s) == SQLITE_ROW;
    sqlite3_finalize(s);
    return good;
}

/* Each page's checksum, as it lies on the disk. */
static ctx_status check_pages(struct fdb *db, struct fdb_check *c)
{
    static _Alignas(8) uint8_t page[FDB_PAGE];
    sqlite3_stmt *s = NULL;
    uint64_t count = 0;
    if (sqlite3_prepare_v2(db->sql, "PRAGMA page_count", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW) {
        count = (uint64_t)sqlite3_column_int64(s, 0);
    }
    sqlite3_finalize(s);
    if (count == 0 || count > db->pages_most) {
        fault(c, "the database says that it has %llu pages, and has room for %llu",
              (unsigned long long)count, (unsigned long long)db->pages_most);
        count = count > db->pages_most ? db->pages_most : count;
    }
    for (uint64_t i = 0; i < count; i++) {
        uint32_t sums[2];
        uint8_t any = 0;
        if (c->say != NULL && i % SHOWN_EVERY == 0) {
            c->say(c->arg, NULL, i, count);
        }
        if (db->disk->read(db->disk, i * FDB_PAGE, page, FDB_PAGE) != CTX_OK) {
            fault(c, "page %llu can not be read", (unsigned long long)i + 1);
            c->bad_pages++;
            continue;
        }
        for (uint32_t k = 0; k < FDB_PAGE; k++) {
            any |= page[k];
        }
        fdb_checksum(page, FDB_PAGE - FDB_CHECKSUM, sums);
        if (any != 0 && memcmp(sums, page + FDB_PAGE - FDB_CHECKSUM, sizeof sums) != 0 &&
            !newer_is_good(db, i + 1)) {
            fault(c, "page %llu: its checksum is wrong", (unsigned long long)i + 1);
            c->bad_pages++;
        }
        c->pages++;
    }
    return CTX_OK;
}

static void check_sqlite(struct fdb *db, struct fdb_check *c)
{
    sqlite3_stmt *s = NULL;
    char text[64];
    snprintf(text, sizeof text, "PRAGMA integrity_check(%d)", FAULTS_MOST);
    int rc = sqlite3_prepare_v2(db->sql, text, -1, &s, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *said = (const char *)sqlite3_column_text(s, 0);
        if (said != NULL && strcmp(said, "ok") != 0) {
            fault(c, "SQLite: %s", said);
        }
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_DONE) {
        fault(c, "SQLite: %s", sqlite3_errmsg(db->sql));
    }
    sqlite3_finalize(s);
}

/* Rows that make no sense, by a query each: what it finds is a node's id. */
static void check_rows(struct fdb *db, struct fdb_check *c)
{
    static const struct {
        const char *query, *text;
    } rules[] = {
        {"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM node WHERE id = 1 AND parent = 0 AND kind = 2)",
         "there is no folder /"},
        {"SELECT n.id FROM node n WHERE n.parent <> 0 AND NOT EXISTS (SELECT 1 FROM node p WHERE p.id = n.parent AND p.kind = 2)",
         "lies in no folder"},
        {"WITH RECURSIVE t(id) AS (SELECT 1 UNION SELECT n.id FROM t JOIN node n ON n.parent = t.id)"
         " SELECT id FROM node WHERE parent <> 0 AND id NOT IN t",
         "can not be reached from /"},
        {"SELECT id FROM node WHERE kind NOT IN (1, 2)", "is neither file nor folder"},
        {"SELECT id FROM node WHERE bytes < 0 OR bytes > 1 << 40 OR (kind = 2 AND bytes <> 0)",
         "has a size that makes no sense"},
        {"SELECT id FROM node WHERE parent <> 0 AND (length(name) NOT BETWEEN 1 AND 255 OR typeof(name) <> 'blob'"
         " OR instr(name, x'2f') > 0 OR instr(name, x'00') > 0 OR name IN (x'2e', x'2e2e'))",
         "has a name that may not be"},
        {"SELECT id FROM node GROUP BY chunk HAVING count(*) > 1",
         "shares its bytes with another file"},
        {"SELECT DISTINCT id >> 27 FROM chunk c WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.chunk = c.id >> 27 AND n.kind = 1)",
         "has bytes, and is no file"},
        {"SELECT n.id FROM node n WHERE n.kind = 1 AND EXISTS (SELECT 1 FROM chunk c WHERE"
         " c.id >= (n.chunk << 27) + (n.bytes + 16383) / 16384 AND c.id < (n.chunk + 1) << 27)",
         "has bytes behind its end"},
        {"SELECT DISTINCT n.id FROM chunk c JOIN node n ON n.chunk = c.id >> 27 WHERE length(c.data) > 16384 OR typeof(c.data) <> 'blob'",
         "has a part that is too long"},
    };
    for (uint32_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        sqlite3_stmt *s = NULL;
        int rc = sqlite3_prepare_v2(db->sql, rules[i].query, -1, &s, NULL);
        while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
            char path[FDB_PATH_MOST + 1];
            fdb_path_of(db, sqlite3_column_int64(s, 0), path, sizeof path);
            fault(c, "%s: %s", path, rules[i].text);
            rc = SQLITE_OK;
        }
        if (rc != SQLITE_DONE) {
            fault(c, "SQLite: %s", sqlite3_errmsg(db->sql));
        }
        sqlite3_finalize(s);
    }
}

ctx_status fdb_check(struct fdb *db, struct fdb_check *c)
{
    struct fdb_space space;
    c->pages = c->bad_pages = c->nodes = c->chunks = c->faults = 0;
    ctx_status status = db->read_only ? CTX_OK : fdb_commit(db);
    if (status == CTX_OK && db->disk != NULL && !db->read_only) {
        (void)sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    if (status == CTX_OK && db->disk != NULL) {
        status = check_pages(db, c);
    }
    if (status != CTX_OK) {
        return status;
    }
    check_sqlite(db, c);
    check_rows(db, c);
    if (fdb_space(db, &space) == CTX_OK) {
        c->nodes = space.files + space.folders;
    }
    return c->faults == 0 ? CTX_OK : CTX_E_INVAL;
}

/*
 * What is behind the database moves further back. First the label there, then the one word that
 * leads to it: it lies in SQLite's first sector, so it is the old one or the new one.
 */
ctx_status fdb_grow(struct fdb *db)
{
    struct fdb_label label, now;
    char text[100];
    if (db->disk == NULL || db->read_only) {
        return CTX_E_RDONLY;
    }
    now = fdb_vfs_state()->label;
    ctx_status status = fdb_layout(db->disk->bytes, &label);
    if (status != CTX_OK || label.database <= now.database) {
        return status; /* nothing to do */
    }
    memcpy(label.id, now.id, sizeof label.id);
    label.before = now.database;
    /* Where the new label is to lie the old log may be: nothing of it may count any more. */
    status = fdb_commit(db);
    int rc =
        status == CTX_OK
            ? sqlite3_exec(db->sql, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE",
                           NULL, NULL, NULL)
            : SQLITE_OK;
    status = status == CTX_OK ? fdb_fail(db, rc) : status;
    if (status != CTX_OK) {
        return status;
    }
    static uint8_t zeroes[FDB_PAGE];
    status = db->disk->write(db->disk, label.database + FDB_PAGE, zeroes, FDB_PAGE);
    status = status == CTX_OK ? db->disk->write(db->disk, label.database + FDB_PAGE + label.journal,
                                                zeroes, FDB_PAGE)
                              : status;
    status = status == CTX_OK ? fdb_layout_write(db->disk, &label) : status;
    if (status != CTX_OK) {
        return status;
    }
    snprintf(text, sizeof text, "PRAGMA user_version=%u", (unsigned)(label.database / FDB_UNIT));
    rc = sqlite3_exec(db->sql, text, NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        return fdb_fail(db, rc);
    }
    /* The journal's file is open with its old place: the caller opens the disk again. */
    return CTX_OK;
}
