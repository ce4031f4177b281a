/* SPDX-License-Identifier: MIT */
/*
 * Where images are kept, by name: on a disk that has a store, else in memory for as long as the
 * machine runs. Saving and restoring are jobs of one task, which runs between the calls of apps, so
 * whoever asks may be in the middle of one. While bytes travel to the disk apps run on.
 */
#ifndef KERNEL_VAULT_H
#define KERNEL_VAULT_H

#include "store.h"

#include <kernel/task.h>
#include <kernel/types.h>

enum vault_op {
    VAULT_SAVE,    /* app pid, or all of them: the image `name` */
    VAULT_RESTORE, /* app pid, all of them, or a new one: what `name` says */
    VAULT_REMOVE,
};

#define VAULT_ALL UINT64_MAX       /* pid: the session */
#define VAULT_NEW (UINT64_MAX - 1) /* pid: RESTORE makes an app of the image */

struct vault_job {
    enum vault_op op;
    char name[STORE_NAME_MAX + 1];
    uint64_t pid;
    uint64_t by;       /* pid of the app that asks: what it has not, nobody gets; APP_NO_PARENT */
    struct task *task; /* woken when the status is known; NULL: nobody */

    /* out: PENDING, then OK; NOENT: no such app or image; AGAIN: the app is in the middle of a call
     * and stays there; EXIST, INVAL, NOSYS: see restore.h; NOMEM, NOSPC, IO, RDONLY, TOOBIG */
    volatile ctx_status status;
    uint64_t done, total; /* bytes written or read */
    uint64_t made;        /* pid of the app that RESTORE made */
    char why[STORE_WHY];  /* for people; empty: nothing went wrong */

    struct vault_job *next; /* the vault's */
};

/*
 * Start, and look for a store on the disks that there are, until the deadline. What is found, or
 * why nothing, stands in the log. [boot]
 */
void vault_start(uint64_t deadline_ns);

/* For tests: a session of more bytes is TOOBIG. 128 MiB from the start, and at most: what is read
 * back is read into one piece of memory. */
void vault_set_most(uint64_t bytes);

/* Queue a job; it is the vault's until its status is known. [loop, in a call] */
void vault_submit(struct vault_job *job);

/* Run tasks until the job is done or the deadline has passed; its status. [boot, loop, not in a
 * call, not in a task] */
ctx_status vault_wait(const struct vault_job *job, uint64_t deadline_ns);

/*
 * An image's bytes, for the boot: *bytes of heap_alloc(*len), to be given back by heap_free().
 * NOENT, IO, NOMEM. [boot]
 */
ctx_status vault_read(const char *name, uint8_t **bytes, uint64_t *len);

/* Keep bytes under a name. [boot] */
ctx_status vault_write(const char *name, const uint8_t *bytes, uint64_t len);

/* What is kept: the image whose name comes after out->name. False: there are no more. [loop, in a
 * call] */
bool vault_next(struct store_stat *out);

struct vault_info {
    bool on_disk, read_only;
    uint64_t used, quota, room; /* bytes; quota 0: none */
    char where[STORE_WHY];      /* "vda", or why there is no disk */
};
void vault_info(struct vault_info *out);

#endif
