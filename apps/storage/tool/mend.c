/* SPDX-License-Identifier: MIT */
/* `ctx files repair` and `compact`: pages are written anew. */
#define _GNU_SOURCE
#include "tool.h"

#include "vfs.h"

#include <sqlite3.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGES_AT_ONCE 64 /* in one transaction, which journal and log have room for */

static uint64_t pages_used(void)
{
    sqlite3_stmt *s = NULL;
    bool good = sqlite3_prepare_v2(fdb_sqlite(storage_disk.db), "PRAGMA page_count", -1, &s,
                                   NULL) == SQLITE_OK &&
                sqlite3_step(s) == SQLITE_ROW;
    uint64_t pages = good ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return pages;
}

bool storage_repair(void)
{
    sqlite3 *sql = fdb_sqlite(storage_disk.db);
    char *said = NULL;
    sqlite3_stmt *s = NULL;
    bool whole = sqlite3_prepare_v2(sql, "PRAGMA integrity_check(1)", -1, &s, NULL) == SQLITE_OK &&
                 sqlite3_step(s) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
    sqlite3_finalize(s);
    if (!whole) {
        return storage_complain(
            storage_disk.path,
            "the database itself is damaged: ctx files recover DISK NEW saves what can be read");
    }
    int64_t pages = (int64_t)pages_used();
    for (int64_t first = 1; first <= pages; first += PAGES_AT_ONCE) {
        char text[200];
        snprintf(text, sizeof text,
                 "BEGIN; UPDATE sqlite_dbpage SET data = data WHERE pgno BETWEEN %lld AND %lld; "
                 "COMMIT; PRAGMA wal_checkpoint",
                 (long long)first, (long long)(first + PAGES_AT_ONCE - 1));
        if (sqlite3_exec(sql, text, NULL, NULL, &said) != SQLITE_OK) {
            return storage_complain(storage_disk.path, said);
        }
        storage_tell(NULL, NULL, (uint64_t)first, (uint64_t)pages);
    }
    return storage_check(false);
}

/* As small as it can be, on a copy that nobody needs if this does not come to its end. */
static bool make_compact(const char *copy)
{
    char *said = NULL;
    const char *why;
    storage_disk.path = copy;
    if ((why = file_disk_open(&storage_disk.disk, copy, true)) != NULL) {
        return storage_complain(copy, why);
    }
    if (fdb_open(&storage_disk.db, &storage_disk.disk.disk, 0, &why) != CTX_OK) {
        file_disk_close(&storage_disk.disk);
        return storage_complain(copy, why);
    }
    const struct fdb_label *label = &fdb_vfs_state()->label;
    uint64_t end = label->database, logs = label->journal + label->log;
    bool good = sqlite3_exec(fdb_sqlite(storage_disk.db),
                             "PRAGMA journal_mode=OFF; VACUUM; PRAGMA journal_mode=DELETE", NULL,
                             NULL, &said) == SQLITE_OK;
    good = good ? storage_check(true) : storage_complain(copy, said);
    uint64_t used = good ? pages_used() * FDB_PAGE : end;
    good = fdb_close(storage_disk.db) == CTX_OK && good;
    good = good && (used >= end || file_disk_punch(&storage_disk.disk, used, end - used)) &&
           file_disk_punch(&storage_disk.disk, end + FDB_PAGE, logs); /* zeroes are an empty one */
    file_disk_close(&storage_disk.disk);
    return good;
}

static char beside[4096]; /* the copy's path [one thread] */

/* Ctrl-C: what was made so far is of no use to anybody. */
static void drop_copy(int number)
{
    (void)unlink(beside);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_signals(void (*handler)(int))
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        void (*was)(int) = signal(numbers[i], handler);
        if (was == SIG_IGN) {
            (void)signal(numbers[i], SIG_IGN); /* nohup */
        }
    }
}

/* The disk is held meanwhile. A real one is made compact where it is, as far as its journal allows.
 */
int storage_compact(const char *path)
{
    char *said = NULL;
    static char real[PATH_MAX]; /* a link to it stays one */
    struct file_disk kept;
    int code = storage_open(realpath(path, real) != NULL ? real : path, true, 0);
    if (code != FINE) {
        return code;
    }
    if (!file_disk_is_file(&storage_disk.disk)) {
        bool good =
            sqlite3_exec(fdb_sqlite(storage_disk.db), "VACUUM", NULL, NULL, &said) == SQLITE_OK ||
            storage_complain(path, said);
        return storage_close(good);
    }
    if (fdb_close(storage_disk.db) !=
        CTX_OK) { /* all of it is in the database, and nothing in a log */
        file_disk_close(&storage_disk.disk);
        storage_complain(path, "it could not be written to the end");
        return REFUSED;
    }
    kept = storage_disk.disk;
    on_signals(drop_copy);
    const char *why = file_disk_copy(&kept, beside, sizeof beside);
    bool good = why == NULL ? make_compact(beside) : storage_complain(path, why);
    if (good && rename(beside, real) != 0) {
        good = storage_complain(path, strerror(errno));
    }
    if (!good && why == NULL) {
        (void)unlink(beside);
    }
    on_signals(SIG_DFL);
    file_disk_close(&kept);
    return good ? FINE : REFUSED;
}
