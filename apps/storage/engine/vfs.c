/* SPDX-License-Identifier: MIT */
/*
 * SQLite's files on a disk. They have a size that does not change: a database's own header says how
 * long it is, a journal and a log end where their checksums do. That such a file is "not there", or
 * empty, is told by its first bytes; to remove it is to clear those.
 */
#include "vfs_private.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MOST     128
#define WAL_MAGIC     0x377f0682u /* or with the lowest bit set */
#define WAL_HEADER    32
#define SQLITE_HEADER 100

struct fdb_vfs_state *fdb_vfs_state(void)
{
    return &vfs_state.public;
}

/* ---- its files ---- */

static struct vfs_file *file_of(sqlite3_file *base)
{
    return (struct vfs_file *)base;
}

static int file_close(sqlite3_file *base)
{
    struct vfs_file *f = file_of(base);
    return vfs_state.gathers == f ? vfs_gathered_end(f) : SQLITE_OK;
}

static bool is_page(const struct vfs_file *f, uint64_t at, int len)
{
    return f->kind == DATABASE && len == (int)FDB_PAGE && at % FDB_PAGE == 0;
}

static int check_page(uint64_t at, const uint8_t *page)
{
    uint32_t sums[2];
    fdb_checksum(page, FDB_PAGE - FDB_CHECKSUM, sums);
    if (vfs_state.public.trust || memcmp(sums, page + FDB_PAGE - FDB_CHECKSUM, sizeof sums) == 0) {
        return SQLITE_OK;
    }
    /* A page that was never written has no checksum: SQLite allocates some before it writes them.
     */
    uint8_t any = 0;
    for (uint32_t i = 0; i < FDB_PAGE; i++) {
        any |= page[i];
    }
    if (any == 0) {
        return SQLITE_OK;
    }
    vfs_state.public.bad_pages++;
    vfs_state.public.last_bad_page = (uint32_t)(at / FDB_PAGE + 1);
    return SQLITE_IOERR_DATA;
}

/* A part of a page, which SQLite takes of large values without asking for the page: it counts only
 * if all of the page is good. But not its own header, which it looks at before it has mended
 * anything. */
static int read_part_of_page(const struct vfs_file *f, uint64_t at, void *to, uint32_t len)
{
    uint32_t skip = (uint32_t)(at % FDB_PAGE);
    int rc = vfs_disk_read(f->start + at - skip, vfs_state.block, FDB_PAGE);
    memcpy(to, vfs_state.block + skip, len);
    return rc == SQLITE_OK ? check_page(at - skip, vfs_state.block) : rc;
}

static int read_blocks(const struct vfs_file *f, uint64_t at, uint8_t *to, uint32_t len)
{
    while (len > 0) {
        uint32_t skip = (uint32_t)(at - vfs_down(at)), block = vfs_state.public.disk->block, n;
        int rc;
        if (skip == 0 && len >= block) {
            n = (uint32_t)vfs_down(len);
            rc = vfs_disk_read(f->start + at, to, n);
        } else {
            n = len < block - skip ? len : block - skip;
            rc = vfs_disk_read(f->start + vfs_down(at), vfs_state.block, block);
            memcpy(to, vfs_state.block + skip, n);
        }
        if (rc != SQLITE_OK) {
            return rc;
        }
        at += n;
        to += n;
        len -= n;
    }
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *to, int len, sqlite3_int64 offset)
{
    struct vfs_file *f = file_of(base);
    uint64_t at = (uint64_t)offset;
    uint32_t n = (uint32_t)len;
    if (offset < 0 || at >= f->limit || n > f->limit - at) {
        memset(to, 0, n);
        return SQLITE_IOERR_SHORT_READ;
    }
    const struct gathered *g = &f->gathered;
    if (vfs_state.gathers == f && at < g->at + g->len && at + n > g->at) {
        if (at >= g->at && at + n <= g->at + g->len) {
            memcpy(to, g->bytes + (at - g->at), n);
            return SQLITE_OK;
        }
        int rc = vfs_gathered_write(f);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    if (f->kind == DATABASE && at >= SQLITE_HEADER && at % FDB_PAGE + n <= FDB_PAGE &&
        n < FDB_PAGE) {
        return read_part_of_page(f, at, to, n);
    }
    int rc = read_blocks(f, at, to, n);
    return rc == SQLITE_OK && is_page(f, at, len) ? check_page(at, to) : rc;
}

static int file_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 offset)
{
    struct vfs_file *f = file_of(base);
    uint64_t at = (uint64_t)offset;
    if (offset < 0 || at >= f->limit || (uint32_t)len > f->limit - at) {
        return SQLITE_FULL;
    }
    if (is_page(f, at, len)) {
        uint32_t sums[2];
        memcpy(vfs_state.block, bytes, FDB_PAGE - FDB_CHECKSUM);
        fdb_checksum(vfs_state.block, FDB_PAGE - FDB_CHECKSUM, sums);
        memcpy(vfs_state.block + FDB_PAGE - FDB_CHECKSUM, sums, sizeof sums);
        return vfs_disk_write(f->start + at, vfs_state.block, FDB_PAGE);
    }
    if (f->kind == LOG && at == 0 && len == WAL_HEADER) { /* it begins anew */
        int rc = vfs_state.gathers == f ? vfs_gathered_end(f) : SQLITE_OK;
        f->end = 0;
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    return vfs_gather(f, at, bytes, (uint32_t)len);
}

/* Clear what says that it is there. */
static int file_clear(struct vfs_file *f)
{
    if (vfs_state.gathers == f) {
        f->gathered.len = f->gathered.clean = 0; /* nobody wants it */
        (void)vfs_gathered_end(f);
    }
    f->end = 0;
    memset(vfs_state.block, 0, FDB_PAGE);
    return vfs_disk_write(f->start, vfs_state.block, FDB_PAGE);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct vfs_file *f = file_of(base);
    return f->kind != DATABASE && size == 0 ? file_clear(f) : SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct vfs_file *f = file_of(base);
    (void)flags;
    int rc = vfs_state.gathers == f ? vfs_gathered_write(f) : SQLITE_OK;
    return rc == SQLITE_OK ? vfs_disk_flush() : rc;
}

/* Whether it is there, by its first bytes. */
static int there(enum vfs_kind kind, uint64_t start, bool *yes)
{
    static const uint8_t journal[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    int rc = vfs_disk_read(start, vfs_state.block, vfs_state.public.disk->block);
    const uint8_t *b = vfs_state.block;
    uint32_t magic = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    *yes = kind == DATABASE  ? memcmp(b, "SQLite format 3", 16) == 0
           : kind == JOURNAL ? memcmp(b, journal, sizeof journal) == 0
                             : (magic | 1u) == (WAL_MAGIC | 1u);
    return rc;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct vfs_file *f = file_of(base);
    bool yes = false;
    if (vfs_state.gathers == f && f->gathered.at == 0 && f->gathered.len > 0) {
        *size = (sqlite3_int64)f->limit; /* its first bytes are not on the disk yet */
        return SQLITE_OK;
    }
    int rc = there(f->kind, f->start, &yes);
    *size = yes ? (sqlite3_int64)f->limit : 0;
    return rc;
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return (int)vfs_state.public.disk->block;
}

/* A block is written whole or not at all, and others are not touched: as a virtual disk does it,
 * and as one of 512 bytes promises. Where blocks are larger SQLite pads what it writes to whole
 * ones. */
static int file_device(sqlite3_file *base)
{
    (void)base;
    return vfs_state.public.disk->block == 512 ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
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

static void place(enum vfs_kind kind, uint64_t *start, uint64_t *limit)
{
    const struct fdb_label *l = &vfs_state.public.label;
    const uint64_t starts[KINDS] = {0, l->database + FDB_PAGE, l->database + FDB_PAGE + l->journal};
    const uint64_t limits[KINDS] = {l->database, l->journal, l->log};
    *start = starts[kind];
    *limit = limits[kind];
}

static enum vfs_kind kind_of(const char *name)
{
    return strstr(name, "-journal") != NULL ? JOURNAL
           : strstr(name, "-wal") != NULL   ? LOG
                                            : DATABASE;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
                    int *out)
{
    struct vfs_file *f = file_of(base);
    (void)vfs;
    memset(f, 0, sizeof *f);
    if (name == NULL || vfs_state.public.disk == NULL ||
        (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) == 0) {
        return SQLITE_CANTOPEN; /* temporary files are in memory */
    }
    f->kind = kind_of(name);
    place(f->kind, &f->start, &f->limit);
    f->end = f->limit; /* who knows */
    f->base.pMethods = &methods;
    if (out != NULL) {
        *out = vfs_state.public.disk->read_only
                   ? (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY
                   : flags;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int flush)
{
    struct vfs_file f = {.kind = kind_of(name)};
    (void)vfs;
    place(f.kind, &f.start, &f.limit);
    int rc = f.kind == DATABASE ? SQLITE_IOERR_DELETE : file_clear(&f);
    return rc == SQLITE_OK && flush != 0 ? vfs_disk_flush() : rc;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    uint64_t start, limit;
    bool yes = false;
    (void)vfs;
    (void)flags;
    place(kind_of(name), &start, &limit);
    int rc = there(kind_of(name), start, &yes);
    *out = yes;
    return rc;
}

static int vfs_full(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
    (void)vfs;
    sqlite3_snprintf(room, out, "%s", name);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
    struct fdb_disk *disk = vfs_state.public.disk;
    (void)vfs;
    if (disk != NULL) {
        disk->random(disk, out, (uint32_t)len);
    }
    return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *ms)
{
    struct fdb_disk *disk = vfs_state.public.disk;
    (void)vfs;
    *ms = fdb_file_ms(disk != NULL ? disk->now_ns(disk) : 0);
    return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    (void)len;
    (void)out;
    return (int)vfs_state.public.error;
}

static sqlite3_vfs vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(struct vfs_file),
    .mxPathname = NAME_MOST,
    .zName = FDB_VFS_NAME,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full,
    .xRandomness = vfs_random,
    .xSleep = vfs_sleep,
    .xCurrentTime = fdb_file_days,
    .xGetLastError = vfs_error,
    .xCurrentTimeInt64 = vfs_time64,
};

int sqlite3_os_init(void)
{
    return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void)
{
    return SQLITE_OK;
}

ctx_status fdb_vfs_begin(struct fdb_disk *disk, const struct fdb_label *label)
{
    if (vfs_state.room == NULL) {
        vfs_state.room = malloc(VFS_ROOM);
        vfs_state.block = malloc(FDB_PAGE);
    }
    if (vfs_state.room == NULL || vfs_state.block == NULL) {
        fdb_vfs_end();
        return CTX_E_NOMEM;
    }
    vfs_state.public = (struct fdb_vfs_state){.disk = disk, .label = *label};
    vfs_state.gathers = NULL;
    return CTX_OK;
}

void fdb_vfs_end(void)
{
    free(vfs_state.room);
    free(vfs_state.block);
    vfs_state.room = vfs_state.block = NULL;
    vfs_state.gathers = NULL;
    vfs_state.public.disk = NULL;
}
