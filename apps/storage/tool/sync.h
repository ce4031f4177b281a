/* SPDX-License-Identifier: MIT */
/*
 * sync.h - `ctx files sync`: what differs between a folder here and one on a disk of files, and
 * since when. sync_list.c finds that out, sync.c does something about it.
 *
 * Who changed what is told by a record of the last time, RECORD in the folder on the disk. It names
 * each file with its length and its time on either side; whatever has others now was changed there.
 * Before anything is called a conflict the bytes are compared, so a record that is old, or missing,
 * costs time and no file.
 */
#ifndef STORAGE_SYNC_H
#define STORAGE_SYNC_H

#include "fdb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYNC_OWN  ".ctx-sync" /* names that begin so are ours, and left out on both sides */
#define SYNC_PATH 4096u

enum sync_kind { SYNC_NONE, SYNC_FILE, SYNC_FOLDER, SYNC_OTHER };

struct sync_side {
    enum sync_kind kind;
    uint64_t bytes;
    int64_t ns;
    uint64_t print; /* the record's, of a file that may have changed since without another time: of
                       its bytes; else 0 */
};

/* What is to be done about one path, and what came of it. */
enum sync_deed {
    SYNC_NOTHING,
    SYNC_SAME,        /* both sides have it: so the record says from now on */
    SYNC_GONE,        /* neither has */
    SYNC_PUT,         /* to the disk */
    SYNC_GET,         /* to the folder here */
    SYNC_DROP_DISK,   /* the other side has removed it */
    SYNC_DROP_FOLDER, /* likewise */
    SYNC_KEEP,        /* they differ, and shall: what the record said stays */
};

struct sync_entry {
    char *path; /* below both, without a slash in front */
    struct sync_side here, disk;
    struct sync_side was_here, was_disk; /* the record's; of the same kind */
    enum sync_deed deed;
};

struct sync {
    struct fdb *db;
    const char *folder;            /* here */
    char place[FDB_PATH_MOST + 1]; /* on the disk */
    int64_t began_ns;
    char id[33];        /* of the record, hexadecimal; empty: there is none yet */
    bool here_is_known; /* the record is of this folder: what it has and the folder has not was
                           removed */
    struct sync_entry *entries; /* by path, each folder before what is in it */
    size_t count, room;
    uint64_t failed;
};

/* A number for so many bytes, to be called from the first to the last; begins with 0, is never 0.
 */
uint64_t sync_print(uint64_t print, const void *bytes, size_t len);

/* Both sides and the record. False: something can not be read, which stderr says. marked: the
 * folder here is known by a file of ours in it, not by its name alone. */
bool sync_list(struct sync *s, bool marked);
void sync_forget(struct sync *s);

/* Both places of an entry. False: too long. */
bool sync_here(const struct sync *s, const char *path, char out[SYNC_PATH]);
bool sync_there(const struct sync *s, const char *path, char out[FDB_PATH_MOST + 1]);

/* What is so from now on, on the disk and, if it is marked, here. */
bool sync_record(struct sync *s, bool marked);

/* How something here is now; SYNC_NONE: not there. */
struct sync_side sync_look(const char *path);

#endif
