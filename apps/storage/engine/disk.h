/* SPDX-License-Identifier: MIT */
/*
 * disk.h - what the engine needs of a disk. The app has one of ctx.block/1, `ctx files` one that is
 * a file, tests one that loses power. Functions return when they are done: in the app they run in a
 * fiber, which waits.
 */
#ifndef STORAGE_DISK_H
#define STORAGE_DISK_H

#include <ctx/status.h>

#include <stdbool.h>
#include <stdint.h>

#define FDB_BLOCK_MOST 4096u

struct fdb_disk {
    uint64_t bytes;
    uint32_t block; /* 512 or 4096: at and len below are multiples of it, and a block is written
                       whole or not at all when the power goes */
    bool read_only;

    /* CTX_OK or CTX_E_IO; RANGE: not on the disk any more. */
    ctx_status (*read)(struct fdb_disk *disk, uint64_t at, void *bytes, uint32_t len);

    /* What it says counts at the latest for the next flush: a write may go on when this returns,
     * but what is read or written later sees it. Before a flush the disk may keep writes in any
     * order, or lose them. */
    ctx_status (*write)(struct fdb_disk *disk, uint64_t at, const void *bytes, uint32_t len);

    /* OK: all that was written until now outlives a power cut. IO: it is not known what does. */
    ctx_status (*flush)(struct fdb_disk *disk);

    int64_t (*now_ns)(struct fdb_disk *disk); /* since 1970, UTC */
    void (*random)(struct fdb_disk *disk, void *bytes, uint32_t len);
};

#endif
