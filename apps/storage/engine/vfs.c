/* SPDX-License-Identifier: MIT */
/*
 * SQLite's files on a disk. They have a size that does not change: a database's own header says how
 * long it is, a journal and a log end where their checksums do. That such a file is "not there", or
 * empty, is told by its first bytes; to remove it is to clear those.
 *
 * Journal and log are written in pieces of 4, 24 or 4,096 bytes that lie across blocks. They are
 * gathered here until the next sync, so that a commit is one write and not twenty.
 */
#include "vfs.h"

#include <sqlite3.h>

#include <stdlib.h>
#include <string.h>

#define ROOM          (256u * 1024) /* of what is gathered */
#define NAME_MOST     128
#define WAL_MAGIC     0x377f0682u /* or with the lowest bit set */
#define WAL_HEADER    32
#define SQLITE_HEADER 100

enum kind { DATABASE, JOURNAL, LOG, KINDS };

/* What was written and the disk has not got: whole blocks from `at` on, `len` bytes of them
 * written. */
struct gathered {
    uint64_t at; /* in the file */
    uint32_t len;
    uint32_t clean; /* so many of the first bytes are on the disk already */
    uint8_t *bytes;
};

struct file {
    sqlite3_file base;
    enum kind kind;
    uint64_t start, limit; /* on the disk; bytes */
    uint64_t end;          /* of a journal or log: nothing behind it matters */
    struct gathered gathered;
};

static struct {
    struct fdb_vfs_state public;
    uint8_t *room;  /* for whichever of journal and log gathers: never both do */
    uint8_t *block; /* FDB_PAGE, for parts of blocks, and pages with their checksum */
    struct file *gathers;
} state;

struct fdb_vfs_state *fdb_vfs_state(void)
{
    return &state.public;
}

/* ---- the disk ---- */

static int disk_error(ctx_status status, int code)
{
    if (status == CTX_OK) {
        return SQLITE_OK;
    }
    state.public.error = status;
    return code;
}

static int disk_read(uint64_t at, void *bytes, uint32_t len)
{
    struct fdb_disk *disk = state.public.disk;
    state.public.reads++;
    state.public.read_bytes += len;
    return disk_error(disk->read(disk, at, bytes, len), SQLITE_IOERR_READ);
}

static int disk_write(uint64_t at, const void *bytes, uint32_t len)
{
    struct fdb_disk *disk = state.public.disk;
    if (disk->read_only) {
        return SQLITE_READONLY;
    }
    state.public.writes++;
    state.public.written_bytes += len;
    return disk_error(disk->write(disk, at, bytes, len), SQLITE_IOERR_WRITE);
}

static int disk_flush(void)
{
    struct fdb_disk *disk = state.public.disk;
    if (disk->read_only) {
        return SQLITE_OK;
    }
    state.public.flushes++;
    return disk_error(disk->flush(disk), SQLITE_IOERR_FSYNC);
}

static uint64_t down(uint64_t n)
{
    return n - n % state.public.disk->block;
}

static uint64_t up(uint64_t n)
{
    return down(n + state.public.disk->block - 1);
}

/* ---- gathering ---- */

/* Give the disk what it has not got. What is gathered stays, all of it clean. */
static int gathered_write(struct file *f)
{
    struct gathered *g = &f->gathered;
    uint64_t from = down(g->clean), to = up(g->len);
    int rc = SQLITE_OK;
    if (g->len == g->clean) {
        return SQLITE_OK;
    }
    if (to > g->len) {
        uint32_t block = state.public.disk->block;
        uint8_t *tail = g->bytes + (to - block);
        uint32_t used = (uint32_t)(g->len - (to - block));
        if (g->at + g->len < f->end) { /* something that counts may follow in this block */
            rc = disk_read(f->start + g->at + to - block, state.block, block);
            if (rc != SQLITE_OK) {
                return rc;
            }
            memcpy(tail + used, state.block + used, block - used);
        } else {
            memset(tail + used, 0, block - used);
        }
    }
    rc = disk_write(f->start + g->at + from, g->bytes + from, (uint32_t)(to - from));
    g->clean = rc == SQLITE_OK ? g->len : g->clean;
    return rc;
}

static int gathered_end(struct file *f)
{
    int rc = gathered_write(f);
    f->gathered.at = f->gathered.len = f->gathered.clean = 0;
    if (state.gathers == f) {
        state.gathers = NULL;
    }
    return rc;
}

/* From here on bytes are gathered from `at` on; of a block that begins before it the first bytes
 * are read. */
static int gathered_begin(struct file *f, uint64_t at)
{
    struct gathered *g = &f->gathered;
    uint32_t before = (uint32_t)(at - down(at));
    int rc = state.gathers != NULL ? gathered_end(state.gathers) : SQLITE_OK;
    if (rc == SQLITE_OK && before > 0) {
        rc = disk_read(f->start + down(at), state.room, state.public.disk->block);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    state.gathers = f;
    *g = (struct gathered){.at = down(at), .len = before, .clean = before, .bytes = state.room};
    return SQLITE_OK;
}

/* Room for more: the last block stays, if it is not full. */
static int gathered_move_on(struct file *f)
{
    struct gathered *g = &f->gathered;
    int rc = gathered_write(f);
    if (rc != SQLITE_OK) {
        return rc;
    }
    uint32_t keep = g->len - (uint32_t)down(g->len);
    memmove(g->bytes, g->bytes + (g->len - keep), keep);
    g->at += g->len - keep;
    g->len = g->clean = keep;
    return SQLITE_OK;
}

static int gather(struct file *f, uint64_t at, const uint8_t *bytes, uint32_t len)
{
    struct gathered *g = &f->gathered;
    while (len > 0) {
        int rc = SQLITE_OK;
        if (state.gathers != f || at < g->at || at > g->at + g->len) {
            rc = gathered_begin(f, at);
        } else if (at - g->at == ROOM) {
            rc = gathered_move_on(f);
        }
        if (rc != SQLITE_OK) {
            return rc;
        }
        uint32_t from = (uint32_t)(at - g->at);
        uint32_t n = len < ROOM - from ? len : ROOM - from;
        memcpy(g->bytes + from, bytes, n);
        g->clean = g->clean < from ? g->clean : from;
        g->len = g->len > from + n ? g->len : from + n;
        at += n;
        bytes += n;
        len -= n;
        f->end = f->end > at ? f->end : at;
    }
    return SQLITE_OK;
}

/* ---- what SQLite calls ---- */

static struct file *file_of(sqlite3_file *base)
{
    return (struct file *)base;
}

static int file_close(sqlite3_file *base)
{
    struct file *f = file_of(base);
    return state.gathers == f ? gathered_end(f) : SQLITE_OK;
}

static bool is_page(const struct file *f, uint64_t at, int len)
{
    return f->kind == DATABASE && len == (int)FDB_PAGE && at % FDB_PAGE == 0;
}

static int check_page(uint64_t at, const uint8_t *page)
{
    uint32_t sums[2];
    fdb_checksum(page, FDB_PAGE - FDB_CHECKSUM, sums);
    if (state.public.trust || memcmp(sums, page + FDB_PAGE - FDB_CHECKSUM, sizeof sums) == 0) {
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
    state.public.bad_pages++;
    state.public.last_bad_page = (uint32_t)(at / FDB_PAGE + 1);
    return SQLITE_IOERR_DATA;
}

/* A part of a page, which SQLite takes of large values without asking for the page: it counts only
 * if all of the page is good. But not its own header, which it looks at before it has mended
 * anything. */
static int read_part_of_page(const struct file *f, uint64_t at, void *to, uint32_t len)
{
    uint32_t skip = (uint32_t)(at % FDB_PAGE);
    int rc = disk_read(f->start + at - skip, state.block, FDB_PAGE);
    memcpy(to, state.block + skip, len);
    return rc == SQLITE_OK ? check_page(at - skip, state.block) : rc;
}

static int read_blocks(const struct file *f, uint64_t at, uint8_t *to, uint32_t len)
{
    while (len > 0) {
        uint32_t skip = (uint32_t)(at - down(at)), block = state.public.disk->block, n;
        int rc;
        if (skip == 0 && len >= block) {
            n = (uint32_t)down(len);
            rc = disk_read(f->start + at, to, n);
        } else {
            n = len < block - skip ? len : block - skip;
            rc = disk_read(f->start + down(at), state.block, block);
            memcpy(to, state.block + skip, n);
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
    struct file *f = file_of(base);
    uint64_t at = (uint64_t)offset;
    uint32_t n = (uint32_t)len;
    if (offset < 0 || at >= f->limit || n > f->limit - at) {
        memset(to, 0, n);
        return SQLITE_IOERR_SHORT_READ;
    }
    const struct gathered *g = &f->gathered;
    if (state.gathers == f && at < g->at + g->len && at + n > g->at) {
        if (at >= g->at && at + n <= g->at + g->len) {
            memcpy(to, g->bytes + (at - g->at), n);
            return SQLITE_OK;
        }
        int rc = gathered_write(f);
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
    struct file *f = file_of(base);
    uint64_t at = (uint64_t)offset;
    if (offset < 0 || at >= f->limit || (uint32_t)len > f->limit - at) {
        return SQLITE_FULL;
    }
    if (is_page(f, at, len)) {
        uint32_t sums[2];
        memcpy(state.block, bytes, FDB_PAGE - FDB_CHECKSUM);
        fdb_checksum(state.block, FDB_PAGE - FDB_CHECKSUM, sums);
        memcpy(state.block + FDB_PAGE - FDB_CHECKSUM, sums, sizeof sums);
        return disk_write(f->start + at, state.block, FDB_PAGE);
    }
    if (f->kind == LOG && at == 0 && len == WAL_HEADER) { /* it begins anew */
        int rc = state.gathers == f ? gathered_end(f) : SQLITE_OK;
        f->end = 0;
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    return gather(f, at, bytes, (uint32_t)len);
}

/* Clear what says that it is there. */
static int file_clear(struct file *f)
{
    if (state.gathers == f) {
        f->gathered.len = f->gathered.clean = 0; /* nobody wants it */
        (void)gathered_end(f);
    }
    f->end = 0;
    memset(state.block, 0, FDB_PAGE);
    return disk_write(f->start, state.block, FDB_PAGE);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct file *f = file_of(base);
    return f->kind != DATABASE && size == 0 ? file_clear(f) : SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct file *f = file_of(base);
    (void)flags;
    int rc = state.gathers == f ? gathered_write(f) : SQLITE_OK;
    return rc == SQLITE_OK ? disk_flush() : rc;
}

/* Whether it is there, by its first bytes. */
static int there(enum kind kind, uint64_t start, bool *yes)
{
    static const uint8_t journal[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    int rc = disk_read(start, state.block, state.public.disk->block);
    const uint8_t *b = state.block;
    uint32_t magic = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    *yes = kind == DATABASE  ? memcmp(b, "SQLite format 3", 16) == 0
           : kind == JOURNAL ? memcmp(b, journal, sizeof journal) == 0
                             : (magic | 1u) == (WAL_MAGIC | 1u);
    return rc;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct file *f = file_of(base);
    bool yes = false;
    if (state.gathers == f && f->gathered.at == 0 && f->gathered.len > 0) {
        *size = (sqlite3_int64)f->limit; /* its first bytes are not on the disk yet */
        return SQLITE_OK;
    }
    int rc = there(f->kind, f->start, &yes);
    *size = yes ? (sqlite3_int64)f->limit : 0;
    return rc;
}

static int file_lock(sqlite3_file *base, int level)
{
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *base, int *held)
{
    (void)base;
    *held = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return (int)state.public.disk->block;
}

/* A block is written whole or not at all, and others are not touched: as a virtual disk does it,
 * and as one of 512 bytes promises. Where blocks are larger SQLite pads what it writes to whole
 * ones. */
static int file_device(sqlite3_file *base)
{
    (void)base;
    return state.public.disk->block == 512 ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
};

static void place(enum kind kind, uint64_t *start, uint64_t *limit)
{
    const struct fdb_label *l = &state.public.label;
    const uint64_t starts[KINDS] = {0, l->database + FDB_PAGE, l->database + FDB_PAGE + l->journal};
    const uint64_t limits[KINDS] = {l->database, l->journal, l->log};
    *start = starts[kind];
    *limit = limits[kind];
}

static enum kind kind_of(const char *name)
{
    return strstr(name, "-journal") != NULL ? JOURNAL
           : strstr(name, "-wal") != NULL   ? LOG
                                            : DATABASE;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
                    int *out)
{
    struct file *f = file_of(base);
    (void)vfs;
    memset(f, 0, sizeof *f);
    if (name == NULL || state.public.disk == NULL ||
        (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) == 0) {
        return SQLITE_CANTOPEN; /* temporary files are in memory */
    }
    f->kind = kind_of(name);
    place(f->kind, &f->start, &f->limit);
    f->end = f->limit; /* who knows */
    f->base.pMethods = &methods;
    if (out != NULL) {
        *out = state.public.disk->read_only
                   ? (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY
                   : flags;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int flush)
{
    struct file f = {.kind = kind_of(name)};
    (void)vfs;
    place(f.kind, &f.start, &f.limit);
    int rc = f.kind == DATABASE ? SQLITE_IOERR_DELETE : file_clear(&f);
    return rc == SQLITE_OK && flush != 0 ? disk_flush() : rc;
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
    struct fdb_disk *disk = state.public.disk;
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
    const sqlite3_int64 unix_epoch = INT64_C(210866760000000); /* in ms of the Julian calendar */
    struct fdb_disk *disk = state.public.disk;
    (void)vfs;
    *ms = unix_epoch + (disk != NULL ? disk->now_ns(disk) / 1000000 : 0);
    return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *vfs, double *days)
{
    sqlite3_int64 ms;
    int rc = vfs_time64(vfs, &ms);
    *days = (double)ms / 86400000.0;
    return rc;
}

static int vfs_error(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    (void)len;
    (void)out;
    return (int)state.public.error;
}

static sqlite3_vfs vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(struct file),
    .mxPathname = NAME_MOST,
    .zName = FDB_VFS_NAME,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full,
    .xRandomness = vfs_random,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
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
    if (state.room == NULL) {
        state.room = malloc(ROOM);
        state.block = malloc(FDB_PAGE);
    }
    if (state.room == NULL || state.block == NULL) {
        fdb_vfs_end();
        return CTX_E_NOMEM;
    }
    state.public = (struct fdb_vfs_state){.disk = disk, .label = *label};
    state.gathers = NULL;
    return CTX_OK;
}

void fdb_vfs_end(void)
{
    free(state.room);
    free(state.block);
    state.room = state.block = NULL;
    state.gathers = NULL;
    state.public.disk = NULL;
}
