/* SPDX-License-Identifier: MIT */
/*
 * Block devices, as drivers offer them and the image store and apps (ctx.block/1) use them. A
 * device is told requests and never waited for: whoever asked is a task, and is woken, or is
 * called.
 *
 * A *device* is what a driver found. A *disk* is what somebody can have: a device, or a partition
 * that a GUID partition table names. Whoever uses one *claims* it, and no two claims overlap.
 */
#ifndef KERNEL_BLOCK_H
#define KERNEL_BLOCK_H

#include <kernel/task.h>
#include <kernel/types.h>

#define BLOCK_SECTOR        512u
#define BLOCK_NAME_MAX      24u
#define BLOCK_LABEL_MAX     112u
#define BLOCK_SECTORS_LEAST 8u /* what every device takes in one request */

enum block_op {
    BLOCK_READ,
    BLOCK_WRITE,
    BLOCK_FLUSH,   /* all writes that are done by now survive a power cut when it is done */
    BLOCK_DISCARD, /* nobody needs those sectors; what is read there afterwards is anything */
    BLOCK_ZEROES,  /* they are zero, and may take no room */
};
#define BLOCK_OPS 5u

/* Some of a request's bytes: so many as are a multiple of a sector. */
struct block_segment {
    void *bytes; /* as block_request.bytes */
    uint32_t len;
};

/*
 * One request. Whoever asks owns the struct, its segments and its bytes, and leaves them alone
 * while the status is PENDING. Requests overtake each other: whoever wants an order waits.
 */
struct block_request {
    enum block_op op;
    uint32_t sectors; /* 1 .. max_sectors of the device, DISCARD and ZEROES: max_erase; FLUSH: 0 */
    uint64_t sector;  /* the first one */
    void *bytes;      /* memory of heap_alloc(), frames in the direct map, or dma_alloc(); DISCARD,
                         ZEROES, FLUSH: not looked at */

    /* Instead of bytes, where those do not follow one another: at most max_segments of the device,
     * whose lengths are together what sectors says. 0: bytes has them. */
    uint32_t segment_count;
    const struct block_segment *segments;

    struct task *task;                            /* woken when the status is known; NULL: nobody */
    void (*ended)(struct block_request *request); /* called then; NULL: nothing is. [loop, in a
                                                     call] */

    /* PENDING, then OK; IO: the device says so, or is gone; RANGE: not on the device; INVAL: no or
     * too many sectors, or no multiple of what the device wants; RDONLY; NOSYS: the device does not
     * know the operation */
    volatile ctx_status status;

    struct block_request *next; /* the device's */
};

/* What somebody can have; see above. Read by all, written by block.c and partitions.c. */
struct block_disk {
    struct block_device *device;
    uint32_t number;           /* no other one has or had it */
    uint32_t part;             /* its place in the table, from 1; 0: it is the whole device */
    uint64_t first, sectors;   /* of the device */
    uint8_t type[16];          /* a partition's */
    char name[BLOCK_NAME_MAX]; /* "vda", "vda2" */
    char label[BLOCK_LABEL_MAX];
    bool gone;               /* it is in no table any more */
    bool seen;               /* partitions.c's: the table that is being read has it */
    uint32_t claims;         /* of it: 0 or 1 */
    struct block_disk *next; /* of the device's partitions */
};

/* How writes are made to last. */
enum block_cache {
    BLOCK_CACHE_FLUSH = 0, /* by FLUSH */
    BLOCK_CACHE_NONE,      /* they have, when they are done; FLUSH does nothing */
    BLOCK_CACHE_FORGETS,   /* not at all: FLUSH is NOSYS */
};

struct block_device {
    char name[BLOCK_NAME_MAX]; /* for messages and boot words: "vda" */
    uint64_t sectors;          /* may change: block_resized() */
    uint32_t max_sectors;      /* of one request, at least BLOCK_SECTORS_LEAST */
    uint32_t multiple;     /* sector and sectors have to be multiples of it; 0, as 1: any will do */
    uint32_t max_segments; /* of one request; 0, as 1: only bytes */
    uint32_t max_erase;    /* sectors of one DISCARD or ZEROES; 0: it knows neither */
    bool discards, zeroes; /* which of them it knows */
    bool read_only;
    bool gone; /* every request is IO from now on: block_gone() */
    enum block_cache cache;
    char serial[24]; /* what it says its name is; may be empty */

    /* Take the request, which block_submit() has checked. It may be done when this returns. */
    void (*submit)(struct block_device *device, struct block_request *request);

    /* Look at its size, and say so if it is another one; NULL: the driver does so by itself. [loop,
     * in a call] */
    void (*refresh)(struct block_device *device);

    /* block.c's and partitions.c's */
    struct block_disk whole, *parts;
    struct block_claim *claims;
    bool look; /* for partitions, anew */
    struct block_device *next;
};

/*
 * A driver has found a device. It stays for ever; one that dies or is taken away says so and
 * answers IO. Drivers that still look say so in between, as displays do. [loop]
 */
void block_offer(struct block_device *device);
void block_probe_begin(void);
void block_probe_end(void);

/* Its size is another one now, or all else that others may want to look at anew. [loop, in a
 * call] */
void block_resized(struct block_device *device, uint64_t sectors);
/* It is gone. Requests that it has end by the driver, as IO. [loop, in a call] */
void block_gone(struct block_device *device);

/* Whether some driver has not ended its probing, or a partition table is still being read. */
bool block_probing(void);

/* The first device, in the order in which they came; NULL: there is none. The others by ->next.
 * Among them are such as are gone. */
struct block_device *block_first(void);

/*
 * Give the device a request: everything of it but status and next is set. Never blocks; a request
 * that makes no sense is done at once with its error. [loop, in a call]
 */
void block_submit(struct block_device *device, struct block_request *request);

/* For drivers: the request has ended. It is the asker's again when this returns. [loop, in a call]
 */
void block_done(struct block_request *request, ctx_status status);

/* "read", "write" ... for messages. */
const char *block_op_name(enum block_op op);

/* ---- who has what ---- */

#define BLOCK_SYSTEM UINT64_MAX /* the owner that is no app */

/* Somebody's hold on a disk; the memory is its owner's until block_unclaim(). */
struct block_claim {
    struct block_device *device; /* NULL: it holds nothing */
    struct block_disk *disk;     /* NULL: sectors that are none */
    uint64_t first, sectors;
    uint64_t owner; /* pid, or BLOCK_SYSTEM */
    struct block_claim *next;
};

/* The disks that are there, whole ones each before its partitions; NULL begins, and ends. */
struct block_disk *block_disk_after(const struct block_disk *disk);
struct block_disk *block_disk_find(uint32_t number);

/* Whether somebody has it, or a part of it, or what it is a part of: then *owner says who. */
bool block_claimed(const struct block_disk *disk, uint64_t *owner);

/* Have it; the claim is filled in. BUSY: somebody has it. [loop, in a call] */
ctx_status block_claim(struct block_claim *claim, struct block_disk *disk, uint64_t owner);

/* The same with sectors of a device, of whose partition table nothing need be known. */
ctx_status block_claim_sectors(struct block_claim *claim, struct block_device *device,
                               uint64_t first, uint64_t sectors, uint64_t owner);

/* Let go of it, if it is held at all. changed: what is on it may be another thing now, its
 * partitions are looked at anew. [loop, in a call] */
void block_unclaim(struct block_claim *claim, bool changed);

/* One who is told that disks came, went, changed, or are free. [boot, in a call] sets it. */
void block_tell(void (*changed)(void));

/* For partitions.c: number for a new disk; a change that others may want to know. */
uint32_t block_number(void);
void block_changed(void);

/* partitions.c: read the tables of devices that have `look` set. [loop, in a call] */
void block_partitions_look(void);
bool block_partitions_busy(void);

#endif
