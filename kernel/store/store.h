/* SPDX-License-Identifier: MIT */
/*
 * The image store: objects with a name, on a raw disk or in a partition, such that a power cut at
 * any moment leaves each of them whole: as it was, or as it became. Saved apps lie here. It is no
 * file system: an object is written as a whole, replaced as a whole, removed as a whole.
 *
 * Work is done as jobs, one after the other in the order in which they were submitted, by the
 * store's own task; nobody waits. What is there (list, stat, info) is answered from memory at once.
 * The format and its reasons: kernel/doc/store.md. Several stores may exist, on different places.
 *
 *     static struct store store;              lives for ever, as its task does
 *     store_init(&store);
 *     job = (struct store_job){.op = STORE_MOUNT, .device = block_first()};
 *     store_submit(&store, &job);             job.task is woken when job.status is not PENDING;
 *     store_wait(&job, NEVER_NS);             or outside tasks: run all tasks until it is
 */
#ifndef KERNEL_STORE_H
#define KERNEL_STORE_H

#include <kernel/block.h>
#include <kernel/task.h>
#include <kernel/types.h>

#define STORE_BLOCK       4096u /* what is written and counted in */
#define STORE_NAME_MAX    63u
#define STORE_WHY         160u
#define STORE_LEAST       16u /* blocks that a store has at least */
#define STORE_FLIGHT      4u  /* requests at a time */
#define STORE_PIECE_BYTES 65536u

enum store_op {
    /* Look for a store on `device`: the whole disk, or a partition. Fills in first_sector, sectors
     * and partition. NOENT: none. Changes nothing, mounted or not. */
    STORE_PROBE,

    /*
     * Make the sectors of `device` from first_sector on (sectors 0: all of them) an empty store
     * with `quota`. What was there is lost. Only people ask for this. Not mounted afterwards.
     * RANGE: too small, or not on the device.
     */
    STORE_FORMAT,

    /*
     * Use the store at first_sector, sectors of `device`; sectors 0: look for it first, as PROBE.
     * What was mounted before is forgotten. NOENT: there is none; NOSYS: of a newer version; IO:
     * the device fails, or what is there is damaged (why says where). Damage that leaves one good
     * state is no failure: that one is used, and info's note says so.
     */
    STORE_MOUNT,

    STORE_UNMOUNT, /* forget it, and give all memory back; nothing has to be written for that */

    /*
     * The bytes of all `pieces`, one behind the other, become the object `name`. OK: they survive a
     * power cut from now on. Anything else: the object is as it was before. NOSPC: disk, quota or
     * index full, said before anything is written; IO; RDONLY; INVAL: no such name may be.
     */
    STORE_PUT,

    /* The whole object into `buffer` of `len` bytes, its checksum verified. RANGE: it is larger
     * (total says how large); IO: unreadable, or damaged. buffer NULL: only verify. NOENT. */
    STORE_GET,

    /* `len` bytes of the object from `offset` on, not verified. RANGE: they are not all in it. */
    STORE_READ,

    STORE_REMOVE, /* OK: it is gone for good. NOENT; else as PUT. Works on a full disk. */

    /* Read all there is, index and superblocks too, and verify it: `report`. IO: something is
     * damaged; name is the first such object (empty: not an object). */
    STORE_CHECK,
};

struct store_piece {
    const void *bytes; /* any memory: it is copied, once */
    uint64_t len;
};

struct store_report {
    uint64_t objects, bytes;      /* looked at */
    uint64_t damaged, unreadable; /* objects */
    uint32_t superblocks;         /* good ones, of two */
    bool index;                   /* it is on the disk as it is in memory */
};

/*
 * Whoever asks owns it and what it points to, and leaves all of it alone while status is PENDING.
 * What an operation does not name above it does not look at.
 */
struct store_job {
    enum store_op op;
    char name[STORE_NAME_MAX + 1];

    struct block_device *device;
    uint64_t first_sector, sectors;
    uint64_t quota; /* bytes of all objects together; 0: as many as fit */

    const struct store_piece *pieces;
    uint32_t piece_count;

    void *buffer; /* any memory */
    uint64_t offset, len;

    struct task *task; /* woken when the status is known; NULL: nobody */

    /* out */
    volatile ctx_status status;    /* PENDING, then the result */
    volatile uint64_t done, total; /* bytes: progress of PUT, GET, READ and CHECK */
    uint32_t partition;            /* PROBE, MOUNT: its number from 1 on; 0: the whole disk */
    struct store_report report;
    char why[STORE_WHY]; /* what went wrong, for people; empty: nothing did */

    struct store_job *next; /* the store's */
};

/* An object, as list and stat tell it. */
struct store_stat {
    char name[STORE_NAME_MAX + 1];
    uint64_t len;        /* bytes */
    uint64_t checksum;   /* see kernel/doc/store.md */
    uint64_t generation; /* a later put has a higher one */
    int64_t wall_ns;     /* when it was put; 0: the machine did not know */
    uint32_t extents;    /* pieces on the disk */
};

struct store_info {
    uint8_t uuid[16];
    uint64_t first_sector, bytes; /* where it lies, and all of it */
    uint64_t quota;               /* 0: none */
    uint64_t objects, used;       /* used: bytes in objects */
    uint64_t room;                /* of a new object, at most */
    uint64_t sequence;            /* changes so far */
    int64_t made_ns;              /* when it was formatted; 0: unknown */
    bool read_only;
    char note[STORE_WHY]; /* what was wrong when it was mounted; empty: nothing */
};

/* An index in memory is what lies on the disk, see store_private.h. */
struct store_index {
    uint8_t *bytes; /* NULL: no objects */
    uint32_t len, room, count;
    uint64_t used;     /* bytes in objects */
    uint64_t checksum; /* of bytes */
    uint64_t *extents; /* where it lies on the disk */
    uint32_t extent_count;
};

/* Bytes on their way from or to the disk, see store_io.c. */
struct store_transfer {
    const uint64_t *extents; /* as in the index */
    uint64_t at, end;        /* of the object: next byte to ask for, and where to stop */
    uint64_t from, len;      /* first byte that is wanted; the whole object */
    uint64_t chain;          /* checksum of what went by */
    const struct store_piece *pieces;
    uint64_t piece_at;                /* bytes of *pieces that are used up */
    uint8_t *to;                      /* NULL: nowhere */
    volatile uint64_t *done;          /* progress, of whoever wants to know; NULL */
    uint32_t extent_count, extent_at; /* left; blocks of the first that are used up */
    uint32_t head, flying;            /* slots in use, as a ring */
    bool write;
    ctx_status status;
};

struct store_slot {
    struct block_request request;
    uint8_t *bytes; /* STORE_PIECE_BYTES */
    uint64_t at;    /* of the object */
    uint32_t len;
};

/* All of it is the store's own. */
struct store {
    struct task task;
    struct task steps[3]; /* coroutines inside the task: the job, its parts, their parts */
    struct store_job *first, **last;

    /* where it lies */
    struct block_device *device;
    uint64_t first_sector, sectors;

    /* set when it is mounted */
    bool mounted, read_only;
    uint8_t uuid[16];
    uint64_t blocks, quota;
    int64_t made_ns;
    char note[STORE_WHY];

    /* changes with each commit */
    struct store_index now,
        before;        /* what the newer superblock says, and what the older one says */
    uint64_t sequence; /* the last one used, or tried */
    uint32_t slot;     /* 0 or 1: the superblock that holds `now` */
    uint32_t cursor;   /* where the next bytes are put, if they fit there */
    bool uncertain;    /* nobody knows what the other superblock holds */

    /* of the job at work */
    struct store_index next;
    uint64_t next_record; /* offset of the new object's record in it */
    uint64_t walk;        /* CHECK: offset of the record */
    struct store_piece piece;
    bool tight;      /* it fits, but for what only the older superblock names */
    bool committing; /* the superblock that is being written says `next`, not `now` */
    ctx_status status;
    uint64_t *busy; /* store_space.c */
    uint32_t busy_count, busy_room;
    struct store_transfer transfer;
    struct store_slot slots[STORE_FLIGHT];
    struct store_found *found; /* PROBE, FORMAT, MOUNT, CHECK */
};

/* Once. [boot] */
void store_init(struct store *store);

/* Queue a job. Its status is PENDING from now on until it is done, which may be at once. [loop] */
void store_submit(struct store *store, struct store_job *job);

/* Run tasks until the job is done, or the deadline (ns since boot) has passed; its status. Not from
 * within a task: for boot, for shutdown, for the tool. [loop] */
ctx_status store_wait(const struct store_job *job, uint64_t deadline_ns);

/* For tests: whether any job is not done. [loop] */
bool store_busy(const struct store *store);

/* Whether an object may have this name: 1 to 63 bytes of printable UTF-8. [any] */
bool store_name_good(const char *name);

/* NOENT: not there, or nothing is mounted. [loop, in a call] */
ctx_status store_stat(const struct store *store, const char *name, struct store_stat *out);

/* The object whose name comes after out->name (begin with an empty one), in the order of bytes.
 * False: there are no more. Puts and removes in between do no harm. [loop, in a call] */
bool store_next(const struct store *store, struct store_stat *out);

/* NOENT: nothing is mounted. [loop, in a call] */
ctx_status store_info(const struct store *store, struct store_info *out);

#endif
