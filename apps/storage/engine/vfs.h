/* SPDX-License-Identifier: MIT */
/*
 * vfs.h - SQLite on a disk of layout.h: three files with places of a fixed size, checksums on
 * pages. One disk at a time; nothing here is for several threads.
 */
#ifndef STORAGE_VFS_H
#define STORAGE_VFS_H

#include "layout.h"

#define FDB_VFS_NAME "files" /* for sqlite3_open_v2() */
#define FDB_DB_NAME  "disk"

struct fdb_vfs_state {
    struct fdb_disk *disk;
    struct fdb_label label;

    /* What was found since the state was begun. */
    uint64_t bad_pages;     /* whose checksum was wrong */
    uint32_t last_bad_page; /* SQLite's number of it, from 1 */
    ctx_status error;       /* the disk's last one; OK: none */
    bool trust;             /* pages are taken whatever their checksum says */
    uint64_t flushes, writes, reads, written_bytes, read_bytes;
};

/* Make the disk SQLite's, until vfs_end(). The label says where things lie. NOMEM. */
ctx_status fdb_vfs_begin(struct fdb_disk *disk, const struct fdb_label *label);
void fdb_vfs_end(void);

struct fdb_vfs_state *fdb_vfs_state(void);

/* vfs_plain.c: what files of any kind of ours answer SQLite. Nothing is locked. */
struct sqlite3_file;
struct sqlite3_vfs;
int fdb_file_lock(struct sqlite3_file *file, int level);
int fdb_file_reserved(struct sqlite3_file *file, int *held);
int fdb_file_control(struct sqlite3_file *file, int op, void *arg);
int fdb_file_days(struct sqlite3_vfs *vfs, double *days); /* of the Julian calendar */
int64_t fdb_file_ms(int64_t unix_ns);                     /* likewise */

#endif
