/* SPDX-License-Identifier: MIT */
/* vfs_private.h - between vfs.c and vfs_gather.c. */
#ifndef STORAGE_VFS_PRIVATE_H
#define STORAGE_VFS_PRIVATE_H

#include "vfs.h"

#include <sqlite3.h>

#define VFS_ROOM (256u * 1024) /* of what is gathered */

enum vfs_kind { DATABASE, JOURNAL, LOG, KINDS };

/* What was written and the disk has not got: whole blocks from `at` on, `len` bytes of them
 * written. */
struct gathered {
    uint64_t at; /* in the file */
    uint32_t len;
    uint32_t clean; /* so many of the first bytes are on the disk already */
    uint8_t *bytes;
};

struct vfs_file {
    sqlite3_file base;
    enum vfs_kind kind;
    uint64_t start, limit; /* on the disk; bytes */
    uint64_t end;          /* of a journal or log: nothing behind it matters */
    struct gathered gathered;
};

struct vfs_state {
    struct fdb_vfs_state public;
    uint8_t *room;  /* for whichever of journal and log gathers: never both do */
    uint8_t *block; /* FDB_PAGE, for parts of blocks, and pages with their checksum */
    struct vfs_file *gathers;
};

/* [one thread] */
extern struct vfs_state vfs_state;

/* vfs_gather.c: the disk; as SQLITE_... */
int vfs_disk_read(uint64_t at, void *bytes, uint32_t len);
int vfs_disk_write(uint64_t at, const void *bytes, uint32_t len);
int vfs_disk_flush(void);

uint64_t vfs_down(uint64_t n); /* to a whole block */

/* Bytes of a journal or log, for later. */
int vfs_gather(struct vfs_file *f, uint64_t at, const uint8_t *bytes, uint32_t len);
int vfs_gathered_write(struct vfs_file *f); /* the disk gets them; they stay */
int vfs_gathered_end(struct vfs_file *f);   /* and they do not */

#endif
