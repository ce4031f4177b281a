/* SPDX-License-Identifier: MIT */
/*
 * A database of SQLite's is a file of ours. SQLite writes pages only when a transaction ends (its
 * cache does not spill), so they are one change of the disk: nothing is committed between the first
 * and the last of them, and if one can not be written, none is.
 *
 * There is no journal, and nothing is locked: one connection has the file, and the disk's own
 * transaction is what a power cut undoes.
 */
#include "sql_private.h"

#include "vfs.h"

#include <string.h>

struct sql_file {
    sqlite3_file base;
    struct fdb_sql *owner;
};

/* [one thread] who is being opened; whose clock it is */
static struct fdb_sql *opens;
static struct fdb *clock_of;

/* The disk's own work is nobody's memory. */
static void outside(struct fdb_sql *s)
{
    sql_leave(s);
}

static int inside(struct fdb_sql *s, int rc)
{
    sql_enter(s);
    return rc;
}

static int code_of(ctx_status status, int otherwise)
{
    return status == CTX_OK        ? SQLITE_OK
           : status == CTX_E_NOSPC ? SQLITE_FULL
           : status == CTX_E_RANGE ? SQLITE_FULL
           : status == CTX_E_NOMEM ? SQLITE_IOERR_NOMEM
                                   : otherwise;
}

static int file_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
    struct fdb_sql *s = ((struct sql_file *)file)->owner;
    uint32_t count = 0;
    if (fdb_sql_stale(s)) {
        return SQLITE_IOERR_READ;
    }
    outside(s);
    ctx_status status =
        s->id != 0 ? sql_pieces_read(s, (uint64_t)at, bytes, (uint32_t)len, &count) : CTX_OK;
    (void)inside(s, 0);
    if (status != CTX_OK) {
        s->error = status;
        return SQLITE_IOERR_READ;
    }
    memset((uint8_t *)bytes + count, 0, (size_t)len - count);
    return count == (uint32_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* Before the first page of a transaction: the file is there, and all is one change. */
static ctx_status begin(struct fdb_sql *s)
{
    if (s->failed) {
        return s->error;
    }
    if (s->writes) {
        return CTX_OK;
    }
    ctx_status status = fdb_whole_begin(s->db);
    s->writes = status == CTX_OK;
    s->written = 0;
    if (status == CTX_OK && s->id == 0) {
        int64_t folder;
        status = fdb_make(s->db, FDB_SQL_FOLDER, FDB_FOLDER, &folder);
        status = status == CTX_OK || status == CTX_E_EXIST
                     ? fdb_make(s->db, s->path, FDB_FILE, &s->id)
                     : status;
    }
    return status;
}

static int written(struct fdb_sql *s, ctx_status status)
{
    if (status != CTX_OK) {
        s->failed = s->writes;
        s->error = status;
    }
    return inside(s, code_of(status, SQLITE_IOERR_WRITE));
}

static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    struct fdb_sql *s = ((struct sql_file *)file)->owner;
    if (fdb_sql_stale(s)) {
        return SQLITE_IOERR_WRITE;
    }
    outside(s);
    ctx_status status = begin(s);
    sql_pieces_forget(s, (uint64_t)at, (uint64_t)len);
    s->written += (uint32_t)len;
    if (status == CTX_OK && s->written > fdb_whole_most(s->db)) {
        s->large = true;
        status = CTX_E_NOSPC;
    }
    status =
        status == CTX_OK ? fdb_write(s->db, s->id, (uint64_t)at, bytes, (uint32_t)len) : status;
    return written(s, status);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
    struct fdb_sql *s = ((struct sql_file *)file)->owner;
    if (fdb_sql_stale(s)) {
        return SQLITE_IOERR_TRUNCATE;
    }
    outside(s);
    ctx_status status = begin(s);
    sql_pieces_forget(s, 0, UINT64_MAX);
    status = status == CTX_OK ? fdb_resize(s->db, s->id, (uint64_t)bytes) : status;
    return written(s, status);
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *bytes)
{
    struct fdb_sql *s = ((struct sql_file *)file)->owner;
    struct fdb_node node = {.bytes = 0};
    if (fdb_sql_stale(s)) {
        return SQLITE_IOERR_FSTAT;
    }
    outside(s);
    ctx_status status = s->id != 0 ? fdb_node(s->db, s->id, &node) : CTX_OK;
    *bytes = (sqlite3_int64)node.bytes;
    return inside(s, code_of(status, SQLITE_IOERR_FSTAT));
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int file_device(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN |
           SQLITE_IOCAP_SAFE_APPEND;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = fdb_file_lock,
    .xUnlock = fdb_file_lock,
    .xCheckReservedLock = fdb_file_reserved,
    .xFileControl = fdb_file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *got)
{
    struct sql_file *file = (struct sql_file *)out;
    (void)vfs;
    (void)name;
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0 || opens == NULL) {
        out->pMethods = NULL; /* journals and what is temporary are in memory */
        return SQLITE_CANTOPEN;
    }
    file->base.pMethods = &methods;
    file->owner = opens;
    opens = NULL;
    if (got != NULL) {
        *got = flags;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    (void)name;
    (void)flags;
    *out = 0; /* no journal is ever there */
    return SQLITE_OK;
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *ms)
{
    (void)vfs;
    *ms = fdb_file_ms(clock_of != NULL ? fdb_now(clock_of) : 0);
    return SQLITE_OK;
}

bool sql_file_start(void)
{
    static sqlite3_vfs vfs;
    if (vfs.zName != NULL) {
        return true;
    }
    if (sqlite3_initialize() != SQLITE_OK) {
        return false;
    }
    const sqlite3_vfs *disk = sqlite3_vfs_find(NULL); /* names and chance are its */
    if (disk == NULL) {
        return false;
    }
    vfs = *disk;
    vfs.pNext = NULL;
    vfs.szOsFile = sizeof(struct sql_file);
    vfs.mxPathname = 64;
    vfs.zName = FDB_SQL_VFS_NAME;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xCurrentTime = fdb_file_days;
    vfs.xCurrentTimeInt64 = vfs_time64;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}

void sql_file_opens(struct fdb_sql *s)
{
    opens = s;
    clock_of = s->db;
}

void sql_file_forgets(const struct fdb *db)
{
    clock_of = clock_of == db ? NULL : clock_of;
}

void sql_file_settle(struct fdb_sql *s)
{
    if (!s->writes) {
        return;
    }
    s->writes = false;
    outside(s);
    bool made = false;
    fdb_whole_end(s->db, !s->failed && !fdb_sql_stale(s));
    if (s->failed) { /* perhaps the file was made in there */
        sql_pieces_forget(s, 0, UINT64_MAX);
        struct fdb_node node;
        made = s->id != 0 && !fdb_sql_stale(s) && fdb_node(s->db, s->id, &node) == CTX_E_NOENT;
    }
    s->id = made ? 0 : s->id;
    s->failed = false;
    (void)inside(s, 0);
}
