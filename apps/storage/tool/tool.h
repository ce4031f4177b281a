/* SPDX-License-Identifier: MIT */
/* tool.h - the parts of `ctx files`. */
#ifndef STORAGE_TOOL_PARTS_H
#define STORAGE_TOOL_PARTS_H

#include "storage_tool.h"

#include "fdb.h"

/* ---- disk.c ---- */

struct file_disk {
    struct fdb_disk disk;
    int fd;
    const char *path;
};

/* Open and lock a file or a disk, whole: partitions are not looked for. NULL, or why not. bytes:
 * make a file of that size, which must not be there, or `force`. */
const char *file_disk_open(struct file_disk *d, const char *path, bool writable);
const char *file_disk_create(struct file_disk *d, const char *path, uint64_t bytes, bool force);
void file_disk_close(struct file_disk *d);

/* ---- copy.c ---- */

bool storage_complain(const char *what, const char *why); /* to stderr; false */

/* Folders whole. Progress is told on a terminal. False: stderr says why. */
bool storage_get(struct fdb *db, const char *from, const char *to);
bool storage_put(struct fdb *db, const char *from, const char *to);
bool storage_cat(struct fdb *db, const char *path);
bool storage_remove(struct fdb *db, const char *path, bool deep);
bool storage_copy(struct fdb *db, const char *from, const char *to);

#endif
