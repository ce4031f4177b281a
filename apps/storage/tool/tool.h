/* SPDX-License-Identifier: MIT */
/* tool.h - the parts of `ctx files`. */
#ifndef STORAGE_TOOL_PARTS_H
#define STORAGE_TOOL_PARTS_H

#include "storage_tool.h"

#include "fdb.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* ---- disk.c ---- */

struct file_disk {
    struct fdb_disk disk;
    int fd;
    const char *path;
    bool told; /* why it fails */
};

/* Open and lock a file or a disk, whole: partitions are not looked for. NULL, or why not. bytes:
 * make a file of that size, which must not be there, or `force`. */
const char *file_disk_open(struct file_disk *d, const char *path, bool writable);
const char *file_disk_create(struct file_disk *d, const char *path, uint64_t bytes, bool force);
void file_disk_close(struct file_disk *d);
bool file_disk_is_file(const struct file_disk *d); /* else it is a disk of Linux's */

/* A file beside it with the same bytes and rights; its name in path. NULL, or why not. */
const char *file_disk_copy(const struct file_disk *d, char *path, size_t room);

/* These bytes are not used any more: they take no space. False: said. */
bool file_disk_punch(struct file_disk *d, uint64_t at, uint64_t bytes);

/* ---- main.c: the disk that a command is about ---- */

enum { FINE, REFUSED, USAGE }; /* exit codes */

/* [one thread] */
extern struct open_disk {
    struct file_disk disk;
    struct fdb *db;
    const char *path;
} storage_disk;

int storage_open(const char *path, bool writable, uint32_t flags); /* FDB_*; an exit code */
int storage_close(bool good);                                      /* likewise */
bool storage_check(bool quiet);
void storage_tell(void *arg, const char *text, uint64_t now, uint64_t all); /* as fdb_check says */

/* ---- mend.c ---- */

/* Pages whose checksum is wrong, but which SQLite takes for good: some other program wrote them, or
 * only the checksum is damaged. They are written again. What SQLite does not take stays as it is:
 * `recover` saves what can be read. */
bool storage_repair(void);

/* As small as it can be. The disk is held meanwhile. A real one is made compact where it is, as far
 * as its journal allows. */
int storage_compact(const char *path);

/* ---- copy.c ---- */

bool storage_complain(const char *what, const char *why); /* to stderr; false */

/* A name or path as it is; to a terminal with ? for each control character, for whoever gave it
 * must not move the cursor of somebody who looks at it. */
void storage_print_name(FILE *to, const char *name, size_t len);

bool storage_failed(struct fdb *db, const char *path,
                    ctx_status status); /* the same, why for people */

/* Folders whole. Progress is told on a terminal. False: stderr says why. */
bool storage_get(struct fdb *db, const char *from, const char *to);
bool storage_put(struct fdb *db, const char *from, const char *to);
bool storage_cat(struct fdb *db, const char *path);
bool storage_remove(struct fdb *db, const char *path, bool deep);
bool storage_copy(struct fdb *db, const char *from, const char *to, bool deep);

/* One file; what is there is replaced as a whole or not at all. ns: its time. */
bool storage_put_file(struct fdb *db, int fd, const char *from, const char *to, const int64_t *ns);
bool storage_put_text(struct fdb *db, const char *text, size_t len, const char *to);
bool storage_get_bytes(struct fdb *db, const char *path, int fd, const char *to);
struct timespec storage_time(int64_t ns); /* apps may date a file before 1970 */
int64_t storage_ns(struct timespec t); /* later than 2262 or earlier than 1678: as far as it goes */

/* What a disk of somebody else's calls a name may be none, and lead anywhere. */
bool storage_name_is_one(const struct fdb_node *n);

/* ---- sync.c ---- */

enum sync_way { SYNC_TO_DISK, SYNC_FROM_DISK, SYNC_BOTH };
enum sync_side_of { SYNC_ASK, SYNC_OF_FOLDER, SYNC_OF_DISK };

struct sync_wish {
    const char *folder, *place; /* here; on the disk */
    enum sync_way way;
    enum sync_side_of prefer; /* whose version a conflict keeps; ASK: both stay, and it is named */
    bool only_tell;
};

/* Make a folder here and one on the disk the same. False: something stayed different, which stderr
 * names. */
bool storage_sync(struct fdb *db, const struct sync_wish *wish);

#endif
