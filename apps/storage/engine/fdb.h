/* SPDX-License-Identifier: MIT */
/*
 * fdb.h - files in a database that is a disk: the engine of the app `storage` and of `ctx files`.
 *
 *     struct fdb *db;
 *     fdb_open(&db, disk, 0, &why)            the disk is mounted: what a power cut left is mended
 *     fdb_make(db, path, len, FDB_FILE, &id)
 *     fdb_write(db, id, at, bytes, len)       [grouped] done, but not on the disk yet
 *     fdb_commit(db)                          all that was done until now outlives a power cut
 *     fdb_close(db)                           the disk is left such that sqlite3 opens it
 *
 * What is done is kept in one order: after a power cut there is a beginning of it, at least up to
 * the last commit, and nothing of it by halves. A function that fails has changed nothing. When the
 * disk fails in the middle all since the last commit can be lost: then fdb_lost() is another
 * number.
 *
 * A node is a file or a folder; its id is never another one's. Paths begin with /, "." and ".."
 * have been resolved by fdb_path(). One disk at a time, no threads. Schema and layout: format.md
 * here.
 *
 * Errors of all functions: IO, the disk failed or what it has is damaged (fdb_why() says where);
 * NOMEM; RDONLY for what changes something; NOSPC.
 */
#ifndef STORAGE_FDB_H
#define STORAGE_FDB_H

#include "disk.h"

#include <stddef.h>

struct fdb;
struct sqlite3;

#define FDB_NAME_MOST 255u  /* bytes of a name */
#define FDB_PATH_MOST 1024u /* bytes of a path */
#define FDB_CHUNK     16384u
#define FDB_FILE_MOST (UINT64_C(1) << 40) /* bytes of a file */

#define FDB_ROOT      INT64_C(1) /* the id of / */

enum fdb_kind { FDB_FILE = 1, FDB_FOLDER = 2 };

struct fdb_node {
    int64_t id, parent;
    uint32_t kind;
    uint64_t bytes;
    int64_t modified_ns;
    uint32_t name_len;
    char name[FDB_NAME_MOST + 1];
};

struct fdb_space {
    uint64_t bytes; /* what files can take at all, about */
    uint64_t free;  /* of that */
    uint64_t files, folders;
};

/* ---- the disk ---- */

#define FDB_READ_ONLY 1u /* open: change nothing, not even what a power cut left half done */
#define FDB_TRUST                                                                                  \
    2u /* open: pages are taken whatever their checksum says; for repairs. With                    \
          READ_ONLY also what has no label, or ends too early */

/* An empty disk of files. What was there is lost: only tools ask for this. */
ctx_status fdb_create(struct fdb_disk *disk, const char **why);

/*
 * NOENT: no disk of files; NOSYS: of a newer format; RANGE: it ends too early; INVAL: label or
 * schema are damaged. A disk that is read_only is opened so. *why is a sentence, for people.
 */
ctx_status fdb_open(struct fdb **out, struct fdb_disk *disk, uint32_t flags, const char **why);

/* Without a disk: in memory, at most so many bytes. */
ctx_status fdb_open_memory(struct fdb **out, uint64_t bytes, int64_t (*now_ns)(void));

/* Commits. The memory is given back whatever it answers. */
ctx_status fdb_close(struct fdb *db);

ctx_status fdb_commit(struct fdb *db);
/*
 * Several changes as one. While it is held nothing is committed, not by fdb_commit() either, and
 * what would take more than a mebibyte is NOSPC; what was not committed before has to be, first.
 * fdb_drop_changes() undoes all that is not committed; that does not count as lost.
 */
void fdb_hold(struct fdb *db, bool hold);
ctx_status fdb_drop_changes(struct fdb *db);

/*
 * Changes that are one in the middle of others: nothing is committed from begin to end, and end
 * either keeps all or none of them. Nothing else may be done to the disk in between. INVAL: it is
 * held. At most so many bytes of files may be written.
 */
ctx_status fdb_whole_begin(struct fdb *db);
void fdb_whole_end(struct fdb *db, bool keep);
uint64_t fdb_whole_most(const struct fdb *db);

bool fdb_dirty(const struct fdb *db);      /* something is not committed */
uint64_t fdb_lost(const struct fdb *db);   /* how often something was */
uint64_t fdb_undone(const struct fdb *db); /* how often anything was taken back, wanted or not */
/* The last node's that was ever made. No id is given twice, also not after changes were lost or
 * dropped; who opens the same disk once more says up to which. */
int64_t fdb_last_id(const struct fdb *db);
void fdb_ids_after(struct fdb *db, int64_t id);
bool fdb_read_only(const struct fdb *db);
const char *fdb_why(const struct fdb *db); /* the last error's */
struct sqlite3 *fdb_sqlite(struct fdb *db);
ctx_status fdb_space(struct fdb *db, struct fdb_space *out);

/* Commit, and leave the disk as fdb_close() does, but go on when something is changed again: for
 * moments in which nothing is done. */
ctx_status fdb_rest(struct fdb *db);
bool fdb_rests(const struct fdb *db);
/* Pages that are kept only to be quicker go. */
void fdb_release(struct fdb *db);

/* ---- paths ---- */

/*
 * Resolve "." and "..", several slashes and a last one: out, terminated, begins with / and has no
 * other at its end. Its length; 0: INVAL, a NUL or no / at the beginning; or it, or a name in it,
 * is too long (*status says which).
 */
uint32_t fdb_path(const char *path, uint32_t len, char out[FDB_PATH_MOST + 1], ctx_status *status);

/* NOENT; INVAL: on the way lies something that is no folder. */
ctx_status fdb_look(struct fdb *db, const char *path, struct fdb_node *out);
ctx_status fdb_node(struct fdb *db, int64_t id, struct fdb_node *out);
ctx_status fdb_child(struct fdb *db, int64_t folder, const char *name, uint32_t len,
                     struct fdb_node *out);

/* The node's path, for people; cut at room - 1. */
void fdb_path_of(struct fdb *db, int64_t id, char *out, size_t room);

/* The name behind `after` (len 0: the first) in the order of bytes. NOENT: no more. */
ctx_status fdb_list(struct fdb *db, int64_t folder, const char *after, uint32_t len,
                    struct fdb_node *out);

/* EXIST: there is something. NOENT, INVAL as look, of the path's folder. */
ctx_status fdb_make(struct fdb *db, const char *path, enum fdb_kind kind, int64_t *id);

/* Take it out of its folder. A file that is `open` keeps its bytes until fdb_drop(), and so does a
 * large one while changes are held: fdb_node() still finds it. EXIST: a folder that is not empty;
 * INVAL: the other kind, or the root. */
ctx_status fdb_remove(struct fdb *db, const char *path, enum fdb_kind kind, bool open);
ctx_status fdb_drop(struct fdb *db, int64_t id);

/* As rename() of POSIX: what lies at `to` is replaced in the same moment, *replaced says its id (0:
 * nothing; else, unless it is `open`, it is dropped, as by remove). EXIST: a folder that is not
 * empty; INVAL: into itself, or a file in the place of a folder or the other way. */
ctx_status fdb_rename(struct fdb *db, const char *from, const char *to,
                      bool (*open)(void *arg, int64_t id), void *arg, int64_t *replaced);

/* How long all files below a folder are together, and so much more for each name. */
ctx_status fdb_used(struct fdb *db, int64_t folder, uint64_t name_bytes, uint64_t *bytes);

ctx_status fdb_date(struct fdb *db, int64_t id, int64_t modified_ns);

/* ---- bytes ---- */

/* As many as there are: *count is less than len only at the end. INVAL: a folder. */
ctx_status fdb_read(struct fdb *db, int64_t id, uint64_t at, void *bytes, uint32_t len,
                    uint32_t *count);

/* Where, from `at` on, there is more than a hole; where the file ends, if nothing is. */
ctx_status fdb_data(struct fdb *db, int64_t id, uint64_t at, uint64_t *next);

/* All of them; what lies between the end and `at` is zeroes. NOSPC: nothing was written. RANGE: a
 * file would become too large. */
ctx_status fdb_write(struct fdb *db, int64_t id, uint64_t at, const void *bytes, uint32_t len);
ctx_status fdb_resize(struct fdb *db, int64_t id, uint64_t bytes);

/* Make `from`'s bytes those of `to`, in one moment; `from` goes, as by remove. */
ctx_status fdb_swap(struct fdb *db, int64_t from, int64_t to);

/* A file that no folder has: to be written in peace, then swapped. fdb_drop() or the next mount
 * removes it. */
ctx_status fdb_make_hidden(struct fdb *db, int64_t *id);

/* ---- keys and values ---- */

#define FDB_KEY_MOST   255u
#define FDB_VALUE_MOST 61440u

struct fdb_key {
    const char *space; /* keys of different ones have nothing to do with each other */
    uint32_t len;      /* 1 .. FDB_KEY_MOST */
    uint8_t bytes[FDB_KEY_MOST];
};

/* NOENT. *len is how long the value is, of which as much is there as fits. A version is a number
 * that this key's value never had before and never has again. */
ctx_status fdb_kv_get(struct fdb *db, const struct fdb_key *key, void *value, uint32_t room,
                      uint32_t *len, uint64_t *version);

/* What a space takes: each key and value is as long as it is, and FDB_KEY_COSTS more. */
#define FDB_KEY_COSTS 64u
ctx_status fdb_kv_used(struct fdb *db, const char *space, uint64_t *bytes);

/* most: by so much may the space grow; all ones: as it likes. grew: by so much it did, or shrank.
 */
struct fdb_kv_room {
    uint64_t most;
    int64_t grew;
};

/* version, if it is not NULL: only if the value has this one, 0: if there is none; else EXIST.
 * NOSPC: also of room, which may be NULL as in all of these. */
ctx_status fdb_kv_put(struct fdb *db, const struct fdb_key *key, const void *value, uint32_t len,
                      const uint64_t *version, struct fdb_kv_room *room);
ctx_status fdb_kv_remove(struct fdb *db, const struct fdb_key *key, struct fdb_kv_room *room);

/* The key behind `after` in the order of bytes; len 0: the first. NOENT: no more. */
ctx_status fdb_kv_next(struct fdb *db, const struct fdb_key *after, struct fdb_key *out);

/* Several, all or none: one behind the other the lengths of key and value, 32 bits each,
 * little-endian, and their bytes; a length of all ones removes the key. INVAL: that is not what
 * items are. */
ctx_status fdb_kv_batch(struct fdb *db, const char *space, const void *items, uint32_t len,
                        struct fdb_kv_room *room);

/* ---- looking after it ---- */

struct fdb_check {
    uint64_t pages, bad_pages, nodes, chunks;
    uint64_t faults; /* of any kind */
    /* Called for each fault, and now and then with text NULL, to show how far it is. */
    void (*say)(void *arg, const char *text, uint64_t done, uint64_t all);
    void *arg;
};

/* Read all there is, and compare it. OK, or INVAL: there are faults. */
ctx_status fdb_check(struct fdb *db, struct fdb_check *check);

/* Use all of a disk that has grown. */
ctx_status fdb_grow(struct fdb *db);

#endif
