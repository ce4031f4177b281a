/* SPDX-License-Identifier: MIT */
/*
 * Files as a plain table of paths, beside the engine: every operation is made on both, and has to
 * end alike. Of each moment a fingerprint of all names and bytes is kept.
 */
#ifndef UNIT_STORAGE_MODEL_H
#define UNIT_STORAGE_MODEL_H

#include "fdb.h"
#include "lossy_disk.h"

#define MODEL_NODES 96u
#define MODEL_BYTES (220u * 1024)
#define MODEL_PAST  4096u

struct model_node {
    char path[FDB_PATH_MOST + 1];
    enum fdb_kind kind;
    uint8_t *bytes;
    uint64_t len, room;
    uint64_t print; /* of path, kind and bytes */
};

struct model {
    struct model_node nodes[MODEL_NODES];
    uint32_t count;
    uint64_t print; /* the sum of all */

    uint64_t past[MODEL_PAST]; /* fingerprints since the last commit, that one first */
    uint32_t moments;
};

/* Empty: nothing but the root. */
void model_clear(struct model *m);

/* What the engine has. */
void model_load(struct model *m, struct fdb *db);
uint64_t model_print(struct fdb *db); /* the same fingerprint, of what the engine has */

/* One random operation on both. Its status; what the two answer has to be the same, unless it is IO
 * or NOMEM. */
ctx_status model_step(struct model *m, struct fdb *db, struct random *r);

/* Everything until now is on the disk. */
void model_committed(struct model *m);

/* Whether the engine has what there was at a moment from the last commit on. */
bool model_was(const struct model *m, uint64_t print);

/* Read all of it, and compare. */
void model_compare(struct model *m, struct fdb *db);

#endif
