/* SPDX-License-Identifier: MIT */
/*
 * Block devices, as drivers offer them and the image store uses them. A device is told requests and
 * never waited for: whoever asked is a task, and is woken.
 */
#ifndef KERNEL_BLOCK_H
#define KERNEL_BLOCK_H

#include <kernel/task.h>
#include <kernel/types.h>

#define BLOCK_SECTOR        512u
#define BLOCK_NAME_MAX      24u
#define BLOCK_SECTORS_LEAST 8u /* what every device takes in one request */

enum block_op {
    BLOCK_READ,
    BLOCK_WRITE,
    BLOCK_FLUSH, /* all writes that are done by now survive a power cut when it is done */
};

/*
 * One request. Whoever asks owns the struct and its bytes, and leaves both alone while the status
 * is PENDING. Requests overtake each other: whoever wants an order waits.
 */
struct block_request {
    enum block_op op;
    uint32_t sectors;  /* 1 .. max_sectors of the device; FLUSH: 0 */
    uint64_t sector;   /* the first one */
    void *bytes;       /* memory of heap_alloc(), frames in the direct map, or dma_alloc() */
    struct task *task; /* woken when the status is known */

    /* PENDING, then OK; IO: the device says so, or is gone; RANGE: not on the device; INVAL: no or
     * too many sectors, or no multiple of what the device wants; RDONLY; NOSYS: the device does not
     * know the operation */
    volatile ctx_status status;

    struct block_request *next; /* the device's */
};

struct block_device {
    char name[BLOCK_NAME_MAX]; /* for messages and boot words: "vda" */
    uint64_t sectors;
    uint32_t max_sectors; /* of one request, at least BLOCK_SECTORS_LEAST */
    uint32_t multiple;    /* sector and sectors have to be multiples of it; 0, as 1: any will do */
    bool read_only;

    /* Take the request, which block_submit() has checked. It may be done when this returns. */
    void (*submit)(struct block_device *device, struct block_request *request);

    struct block_device *next; /* block.c's */
};

/*
 * A driver has found a device. It stays for ever; one that dies answers IO. Drivers that still look
 * say so in between, as displays do. [loop]
 */
void block_offer(struct block_device *device);
void block_probe_begin(void);
void block_probe_end(void);

/* Whether some driver has not ended its probing. */
bool block_probing(void);

/* The first device, in the order in which they came; NULL: there is none. The others by ->next. */
struct block_device *block_first(void);

/*
 * Give the device a request: everything of it but status and next is set. Never blocks; a request
 * that makes no sense is done at once with its error. [loop]
 */
void block_submit(struct block_device *device, struct block_request *request);

/* For drivers: the request has ended. It is the asker's again when this returns. [loop] */
void block_done(struct block_request *request, ctx_status status);

#endif
