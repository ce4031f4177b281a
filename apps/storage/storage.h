/* SPDX-License-Identifier: MIT */
/*
 * storage - offers ctx.files/1: files on a disk, which is a SQLite database (engine/).
 *
 * One fiber does all work, an operation at a time, and waits for the disk in the middle of it. A
 * function of the service hands it an operation and lets it run: what needs no disk is answered at
 * once, else the answer is AGAIN, and the caller's next call of the same kind gets the result.
 */
#ifndef STORAGE_H
#define STORAGE_H

#include "engine/fdb.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPEN_MOST      64u    /* files of an app */
#define TREES_MOST     16u    /* of an app */
#define BYTES_MOST     65536u /* of a call: what the system copies */
#define WATCHES_MOST   64u
#define WATCHES_OF_ONE 8u
#define NAME_ROOM      32u /* as struct ctx_service_caller has it */

enum what {
    OP_OPEN,
    OP_READ,
    OP_WRITE,
    OP_INFO,
    OP_LOOK,
    OP_LIST,
    OP_RESIZE,
    OP_MAKE_FOLDER,
    OP_REMOVE,
    OP_RENAME,
    OP_DATE,
    OP_SYNC,
    OP_REPLACE,
    OP_SPACE,
    OP_TOGETHER,
    OP_KV_GET,
    OP_KV_PUT,
    OP_KV_REMOVE,
    OP_KV_NEXT,
    OP_KV_BATCH,
    OP_DROP, /* our own: a node that nobody has open any more */
};

/* What is asked. Two calls are the same if these bytes are, and those that they point at. */
struct asked {
    enum what what;
    uint32_t flags;
    uint32_t file, path_len, to_len, len;
    uint64_t at;
};

enum op_state { OP_FREE, OP_QUEUED, OP_RUNS, OP_DONE };

struct op {
    enum op_state state;
    struct asked asked;
    uint64_t print;                                      /* of the bytes that it was asked with */
    char path[FDB_PATH_MOST + 1], to[FDB_PATH_MOST + 1]; /* on the disk, not as the app says it */
    uint8_t *bytes;                                      /* BYTES_MOST, or NULL: read or written */

    struct fdb_key asked_key, key; /* of ctx.kv/1: asked for; found */

    ctx_status status;
    uint64_t version;
    uint32_t count;
    struct fdb_node node;
    struct fdb_space space;

    struct client *client; /* NULL: it has gone, or the operation is ours */
    struct op *next;       /* in the queue */
};

struct tree {
    char path[128];                /* as the app says it */
    char place[FDB_PATH_MOST / 2]; /* where that is on the disk */
    uint32_t rights;               /* CTX_FILES_READ, WRITE */
};

struct file {
    uint32_t handle; /* 0: free */
    int64_t id;
    uint32_t kind, rights, tree_rights;
    bool removed;    /* its last close drops it */
    uint64_t cursor; /* of list: what this name was told with */
    uint32_t after_len;
    char after[FDB_NAME_MOST + 1];
};

struct client {
    uint64_t pid;
    char name[NAME_ROOM];
    uint64_t lost;  /* fdb_lost() when it last knew that all is well */
    uint64_t waits; /* request of files.wait; 0: none */
    bool has_trees, has_space, left;
    char space[NAME_ROOM];                          /* whose keys it has */
    enum { TOGETHER_NONE, TOGETHER_LATE } together; /* what became of its changes as one */
    uint32_t trees_count;
    struct tree trees[TREES_MOST];
    struct file files[OPEN_MOST];
    uint32_t last_handle;
    struct op op;
    struct client *next;
};

struct watch {
    uint64_t request; /* 0: free */
    struct client *client;
    char path[FDB_PATH_MOST + 1];
};

struct storage {
    struct ctx *ctx;
    const struct ctx_service *service;
    uint32_t handle;

    struct fdb *db; /* NULL: not yet */
    bool on_disk;
    bool failed; /* there is none, and why is said */
    bool broken; /* the worker has faulted */
    struct fdb_disk *disk;

    struct ctx_fiber *worker;
    bool idle;       /* it has nothing to do */
    uint64_t ran_ns; /* since when it runs */
    struct op *first, **last;
    uint64_t commit_ns; /* when what is not committed is; 0: nothing is not */
    uint64_t rest_ns; /* when the disk is left in order, if nothing is done until then; 0: it is */

    struct client *together; /* who is in the middle of several changes */
    uint64_t together_ns;    /* until when */

    struct client *clients;
    struct watch watches[WATCHES_MOST];
};

extern struct storage storage;

void say(uint32_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t now_ns(void);

/* When _start is to be called again, in it and in a function of the service, which may leave work.
 */
void storage_wake(void);

/* worker.c */
void worker_run(void); /* if it is not idle */
void worker_queue(struct op *op);
void worker_rest(void); /* inside: give others a turn if it has run for long */
bool worker_due(void);  /* it has to be called soon */

/* service.c: CTX_E_AGAIN, or what came of it, which c->op has. in: bytes that go with it. */
ctx_status ask_key(struct client *c, const struct asked *asked, const struct fdb_key *key,
                   const void *in);

/* kv.c */
ctx_status kv_offer(const struct ctx_service *service);

/* operations.c */
void op_perform(struct op *op);
void op_drop_node(int64_t id); /* that nobody has open any more */
void op_forget(struct op *op); /* one of our own */
void op_unqueue(struct op *op);

/* clients.c */
struct client *client_of_caller(ctx_status *status);
struct client *client_find(uint64_t pid);
void client_gone(struct client *c);
void client_close(struct file *f);
void clients_free_left(void);
bool clients_any(void);
void clients_look(void); /* which of them are still there */
struct file *client_file(struct client *c, uint32_t handle);
void client_answer(struct client *c); /* whoever waits for it may call again */
bool clients_have_open(int64_t id);
void clients_removed(int64_t id); /* its last close drops it */

/* The place on the disk of a path of the app's; rights of the tree. OK, DENIED, TOOBIG, NOENT. */
ctx_status client_place(struct client *c, const char *path, uint32_t len,
                        char out[FDB_PATH_MOST + 1], uint32_t *rights, uint32_t *tree);

/* watches.c: what lies there, or the folder it lies in, has changed */
void watches_tell(const char *path);
void watches_forget(const struct client *c);
void watches_cancel(uint64_t request);

/* block.c: the first disk of files that there is, claimed. NULL: none; *why says more if one was no
 * good. In the fiber. */
struct fdb_disk *block_mount(struct fdb **db, const char **why);
void block_reap(void);  /* requests that have ended; anywhere */
bool block_waits(void); /* the fiber waits for one */
bool block_gone(void);  /* the disk is not there any more */
void block_drop(void);

#endif
