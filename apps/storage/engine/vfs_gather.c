/* SPDX-License-Identifier: MIT */
/*
 * Journal and log are written in pieces of 4, 24 or 4,096 bytes that lie across blocks. They are
 * gathered here until the next sync, so that a commit is one write and not twenty.
 */
#include "vfs_private.h"

#include <string.h>

struct vfs_state vfs_state;

/* ---- the disk ---- */

static int disk_error(ctx_status status, int code)
{
    if (status == CTX_OK) {
        return SQLITE_OK;
    }
    vfs_state.public.error = status;
    return code;
}

int vfs_disk_read(uint64_t at, void *bytes, uint32_t len)
{
    struct fdb_disk *disk = vfs_state.public.disk;
    vfs_state.public.reads++;
    vfs_state.public.read_bytes += len;
    /* Of a disk that ends too early what is missing is zeroes, for whoever saves the rest. */
    uint64_t has = at >= disk->bytes ? 0 : disk->bytes - at;
    if (vfs_state.public.trust && has < len) {
        memset((uint8_t *)bytes + has, 0, len - has);
        len = (uint32_t)has;
    }
    return len > 0 ? disk_error(disk->read(disk, at, bytes, len), SQLITE_IOERR_READ) : SQLITE_OK;
}

int vfs_disk_write(uint64_t at, const void *bytes, uint32_t len)
{
    struct fdb_disk *disk = vfs_state.public.disk;
    if (disk->read_only) {
        return SQLITE_READONLY;
    }
    vfs_state.public.writes++;
    vfs_state.public.written_bytes += len;
    return disk_error(disk->write(disk, at, bytes, len), SQLITE_IOERR_WRITE);
}

int vfs_disk_flush(void)
{
    struct fdb_disk *disk = vfs_state.public.disk;
    if (disk->read_only) {
        return SQLITE_OK;
    }
    vfs_state.public.flushes++;
    return disk_error(disk->flush(disk), SQLITE_IOERR_FSYNC);
}

uint64_t vfs_down(uint64_t n)
{
    return n - n % vfs_state.public.disk->block;
}

static uint64_t up(uint64_t n)
{
    return vfs_down(n + vfs_state.public.disk->block - 1);
}

/* ---- gathering ---- */

/* Give the disk what it has not got. What is gathered stays, all of it clean. */
int vfs_gathered_write(struct vfs_file *f)
{
    struct gathered *g = &f->gathered;
    uint64_t from = vfs_down(g->clean), to = up(g->len);
    int rc = SQLITE_OK;
    if (g->len == g->clean) {
        return SQLITE_OK;
    }
    if (to > g->len) {
        uint32_t block = vfs_state.public.disk->block;
        uint8_t *tail = g->bytes + (to - block);
        uint32_t used = (uint32_t)(g->len - (to - block));
        if (g->at + g->len < f->end) { /* something that counts may follow in this block */
            rc = vfs_disk_read(f->start + g->at + to - block, vfs_state.block, block);
            if (rc != SQLITE_OK) {
                return rc;
            }
            memcpy(tail + used, vfs_state.block + used, block - used);
        } else {
            memset(tail + used, 0, block - used);
        }
    }
    rc = vfs_disk_write(f->start + g->at + from, g->bytes + from, (uint32_t)(to - from));
    g->clean = rc == SQLITE_OK ? g->len : g->clean;
    return rc;
}

int vfs_gathered_end(struct vfs_file *f)
{
    int rc = vfs_gathered_write(f);
    f->gathered.at = f->gathered.len = f->gathered.clean = 0;
    if (vfs_state.gathers == f) {
        vfs_state.gathers = NULL;
    }
    return rc;
}

/* From here on bytes are gathered from `at` on; of a block that begins before it the first bytes
 * are read. */
static int gathered_begin(struct vfs_file *f, uint64_t at)
{
    struct gathered *g = &f->gathered;
    uint32_t before = (uint32_t)(at - vfs_down(at));
    int rc = vfs_state.gathers != NULL ? vfs_gathered_end(vfs_state.gathers) : SQLITE_OK;
    if (rc == SQLITE_OK && before > 0) {
        rc = vfs_disk_read(f->start + vfs_down(at), vfs_state.room, vfs_state.public.disk->block);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    vfs_state.gathers = f;
    *g = (struct gathered){
        .at = vfs_down(at), .len = before, .clean = before, .bytes = vfs_state.room};
    return SQLITE_OK;
}

/* Room for more: the last block stays, if it is not full. */
static int gathered_move_on(struct vfs_file *f)
{
    struct gathered *g = &f->gathered;
    int rc = vfs_gathered_write(f);
    if (rc != SQLITE_OK) {
        return rc;
    }
    uint32_t keep = g->len - (uint32_t)vfs_down(g->len);
    memmove(g->bytes, g->bytes + (g->len - keep), keep);
    g->at += g->len - keep;
    g->len = g->clean = keep;
    return SQLITE_OK;
}

int vfs_gather(struct vfs_file *f, uint64_t at, const uint8_t *bytes, uint32_t len)
{
    struct gathered *g = &f->gathered;
    while (len > 0) {
        int rc = SQLITE_OK;
        if (vfs_state.gathers != f || at < g->at || at > g->at + g->len) {
            rc = gathered_begin(f, at);
        } else if (at - g->at == VFS_ROOM) {
            rc = gathered_move_on(f);
        }
        if (rc != SQLITE_OK) {
            return rc;
        }
        uint32_t from = (uint32_t)(at - g->at);
        uint32_t n = len < VFS_ROOM - from ? len : VFS_ROOM - from;
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
