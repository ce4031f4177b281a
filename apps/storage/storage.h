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
#include "engine/sql.h"

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
#define DATABASES_MOST 8u                /* that are open at a time */
#define TURN_NS        UINT64_C(2000000) /* so long without a turn for others */
#define NAME_ROOM      32u               /* as struct ctx_service_caller has it */
#define GRANT_ROOM     4096u             /* all that a line can say: half a word may allow more */

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
    OP_SQL_RUN, /* from here on in a guest's fiber */
    OP_SQL_PREPARE,
    OP_SQL_BIND,
    OP_SQL_APPEND,
    OP_SQL_STEP,
    OP_SQL_VALUE,
    OP_SQL_NAME,
    OP_SQL_CLOSE,
    OP_SQL_LEAVE, /* our own: its app has gone */
    OP_DROP,      /* our own: a node that nobody has open any more */
    OP_LAST, /* our own: what was done until now lasts, and whoever saves an image hears that */
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
    struct fdb_sql_got got;        /* of ctx.sql/1 */
    struct database *leaves;

    ctx_status status;
    uint64_t version;
    uint32_t count;
    struct fdb_node node;
    struct fdb_space space;
    struct purse *purse; /* of DROP: whose file it was */

    struct client *client; /* NULL: it has gone, or the operation is ours */
    struct op *next;       /* in the queue */
};

struct tree {
    char path[128];                /* as the app says it */
    char place[FDB_PATH_MOST / 2]; /* where that is on the disk */
    uint32_t rights;               /* CTX_FILES_READ, WRITE */
};

/* What an app's own folder, or a space of keys, takes, while somebody has to do with it. */
struct purse {
    char place[FDB_PATH_MOST / 2]; /* the folder, or the space's name */
    bool keys;
    bool known; /* used is what it takes, at most */
    bool loose; /* a folder's: it may take less, for something has left it in ways not counted */
    uint64_t undone; /* of the engine and the mount, when it was looked at */
    uint64_t used;
    struct purse *next;
};

struct file {
    uint32_t handle; /* 0: free */
    int64_t id;
    uint32_t kind, rights, tree_rights;
    bool removed;        /* its last close drops it */
    struct purse *purse; /* it lies, or lay, in somebody's own folder; else NULL */
    uint64_t cursor;     /* of list: what this name was told with */
    uint32_t after_len;
    char after[FDB_NAME_MOST + 1];
};

/* Of ctx.sql/1, which one app has. */
struct database {
    char path[FDB_PATH_MOST + 1];
    struct fdb_sql *sql;   /* NULL: not open */
    struct client *client; /* NULL: it has gone, and it is about to be closed */
    bool stop;             /* what goes on is not wanted any more */
    struct database *next;
};

struct client {
    uint64_t pid;
    char name[NAME_ROOM];
    uint64_t lost;  /* fdb_lost() when it last knew that all is well */
    uint64_t waits; /* request of files.wait; 0: none */
    bool has_trees, has_space, left;
    char space[NAME_ROOM]; /* whose keys it has */
    uint64_t quota;        /* bytes of its own folder; all ones: no limit */
    uint64_t keys_quota;   /* of its keys */
    struct purse *keys;    /* these */
    uint64_t told_ns;      /* when the log said that one of them is used up; 0: never */
    bool has_database;     /* what its line says of one is known */
    char database_name[NAME_ROOM];
    uint64_t database_most; /* bytes */
    struct database *database;
    char why[200];                                  /* of its last error in there */
    enum { TOGETHER_NONE, TOGETHER_LATE } together; /* what became of its changes as one */
    uint32_t trees_count;
    struct tree trees[TREES_MOST];
    struct file files[OPEN_MOST];
    uint32_t last_handle;
    struct op op;
    uint64_t kept_ns; /* until when what is done waits for the fiber that asked; 0: nobody else has
                         asked for anything since */
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
    const struct ctx_saving *saving; /* NULL: nobody saves images here */
    uint64_t asked;                  /* its newest question that is being answered */
    uint64_t answer_lost;            /* fdb_lost() when it was answered last */
    bool lost;                       /* and a disk has gone since, with what was not written */

    struct fdb *db; /* NULL: not yet */
    bool on_disk;
    bool failed; /* there is none, and why is said */
    bool broken; /* the worker has faulted */
    struct fdb_disk *disk;
    uint8_t disk_id[16]; /* its label's, when it had gone */
    int64_t last_id;     /* fdb_last_id() then: handles know files by their ids */

    struct ctx_fiber *worker;
    bool idle;       /* it has nothing to do */
    uint64_t ran_ns; /* since when it runs */
    struct op *first, **last;
    uint64_t commit_ns; /* when what is not committed is; 0: nothing is not */
    bool commit_soon;   /* whoever changed it has gone */
    bool worked;        /* since it rested last */
    uint64_t rest_ns; /* when the disk is left in order, if nothing is done until then; 0: it is */

    struct client *together;  /* who is in the middle of several changes */
    uint64_t together_ns;     /* until when */
    uint64_t together_undone; /* fdb_undone() when it began */

    struct client *clients;
    struct purse *purses;
    uint64_t mounts;
    struct database *databases;
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

/* asking.c: CTX_E_AGAIN: not yet; or what came of it, which c->op has. in: bytes that go with it.
 */
ctx_status ask_op(struct client *c, const struct asked *asked, const char *path, const char *to,
                  const void *in);
ctx_status ask_key(struct client *c, const struct asked *asked, const struct fdb_key *key,
                   const void *in);

/* kv.c */
ctx_status kv_offer(const struct ctx_service *service);

/* quota.c: what is about to be done is allowed, or NOSPC; when it has been done, it counts */
struct charge {
    struct purse *purse; /* NULL: none */
    int64_t bytes;
    struct fdb_kv_room room;
};
ctx_status quota_allows(struct client *c, const struct op *op, const struct file *f,
                        struct charge *charge);
void quota_done(struct client *c, struct charge *charge, ctx_status status);
ctx_status quota_space(struct client *c, const char *path, struct fdb_space *space);
struct purse *quota_purse(const char *path); /* whose own folder that lies in; NULL: nobody's */
struct purse *quota_keys(const char *space);
void quota_drops(struct purse *purse, int64_t id); /* its last close is about to drop it */
void quota_tidy(void); /* between two operations: purses that nobody has to do with are gone */

/* sql.c */
ctx_status sql_offer(const struct ctx_service *service);
bool database_is_asked(const struct op *op);
void database_perform(struct op *op);  /* in a guest's fiber */
void database_stop(struct client *c);  /* what goes on there */
bool database_leave(struct client *c); /* it has gone; false: no memory, try again */
void databases_orphan(void);           /* their disk has gone */
void databases_rest(void);             /* they let go of what only makes them quicker */

/* guests.c: fibers that do what may take for ever */
bool guest_take(struct op *op); /* the engine is its from the worker's next yield on; no memory */
bool guest_is_at_work(void);
struct ctx_fiber *guest_fiber(void); /* NULL: none is at work */
int guest_turn(void *arg); /* a database; inside: others may have a turn; not 0: it is to stop */

/* together.c */
ctx_status together_op(uint32_t what, struct client *c); /* CTX_FILES_TOGETHER, DONE, DROP */
bool together_broken(void);
void together_end(void); /* of whoever takes too long, or has gone */

/* operations.c */
void op_perform(struct op *op);
void op_drop_node(int64_t id, struct purse *purse); /* that nobody has open any more */
void op_forget(struct op *op);                      /* one of our own */
void op_hear_saving(void);                          /* an image waits for what was done until now */
void op_unqueue(struct op *op);

/* clients.c */
struct client *client_of_caller(ctx_status *status);
struct client *client_of_files(ctx_status *status); /* and what it may see; of ctx.files/1 only */
struct client *client_find(uint64_t pid);
void client_gone(struct client *c);
void client_close(struct file *f);
void clients_free_left(void);
bool clients_any(void);
void clients_look(void); /* which of them are still there */
bool clients_kept(void); /* some wait for what another fiber of theirs is to hear first */
struct file *client_file(struct client *c, uint32_t handle);
void client_answer(struct client *c); /* whoever waits for it may call again */
bool clients_have_open(int64_t id);
void clients_removed(int64_t id); /* its last close drops it */
void clients_forget_files(void);  /* what anybody has open is on a disk that will not be back */

/* A name as that of something in a folder of ours, which ends in a slash. */
void client_folder(const char *top, const char *name, char out[FDB_PATH_MOST + 1]);
bool client_size(const char *text, uint64_t *out); /* 64K, 16M, 2G */

/* The place on the disk of a path of the app's; rights of the tree. OK, DENIED, TOOBIG, NOENT. */
ctx_status client_place(struct client *c, const char *path, uint32_t len,
                        char out[FDB_PATH_MOST + 1], uint32_t *rights, uint32_t *tree);

/* watches.c: what lies there has changed: who watches it, or a folder that it lies in, hears that
 */
void watches_tell(const char *path);
void watches_moved(const char *path); /* it came or went with all that is in it: who watches that */
void watches_forget(const struct client *c);
void watches_cancel(uint64_t request);

/* block.c: the first disk of files that there is, claimed. NULL: none; *why says more if one was no
 * good. In the fiber. */
struct fdb_disk *block_mount(struct fdb **db, const char **why);
void block_reap(void);  /* requests that have ended; anywhere */
bool block_waits(void); /* the fiber waits for one */
bool block_gone(void);  /* the disk is not there any more */
void block_drop(void);
void block_random(struct fdb_disk *disk, void *bytes, uint32_t len); /* of any disk, or NULL */

#endif
