/* SPDX-License-Identifier: MIT */
/*
 * virtio-blk, a disk. Virtual I/O Device 1.2, section 5.2: one queue is used, each request a chain
 * of a header, pieces of memory (or a range of sectors) and a status byte. More queues are for more
 * processors: each has its own, so that none waits for another's lock. There is one here, and so MQ
 * is not negotiated.
 *
 * Requests wait in a list while the ring is full or the device is being reset. None is ever lost:
 * each is answered by the device, or given to it once more after a reset, or answered IO when the
 * device is given up. Before that the device is reset, or cut off from memory, so that whoever
 * asked may use the bytes for something else.
 */
#ifndef VIRTIO_VIRTIO_BLK_H
#define VIRTIO_VIRTIO_BLK_H

#include "virtio.h"

#include <kernel/block.h>
#include <kernel/task.h>

/* 5.2.3 features */
#define VIRTIO_BLK_F_SIZE_MAX   (1ull << 1)
#define VIRTIO_BLK_F_SEG_MAX    (1ull << 2)
#define VIRTIO_BLK_F_RO         (1ull << 5)
#define VIRTIO_BLK_F_BLK_SIZE   (1ull << 6)
#define VIRTIO_BLK_F_FLUSH      (1ull << 9)
#define VIRTIO_BLK_F_CONFIG_WCE (1ull << 11)
#define VIRTIO_BLK_F_DISCARD    (1ull << 13)
#define VIRTIO_BLK_F_ZEROES     (1ull << 14) /* WRITE_ZEROES */

/* 5.2.4 the fields of the configuration that are read, by offset */
#define VIRTIO_BLK_CONFIG_CAPACITY  0u /* 8 bytes, in sectors of 512 whatever blk_size says */
#define VIRTIO_BLK_CONFIG_SIZE_MAX  8u
#define VIRTIO_BLK_CONFIG_SEG_MAX   12u
#define VIRTIO_BLK_CONFIG_BLK_SIZE  20u
#define VIRTIO_BLK_CONFIG_WRITEBACK 32u /* 1 byte */
#define VIRTIO_BLK_CONFIG_DISCARD   36u /* sectors of one; ranges of one: 40 */
#define VIRTIO_BLK_CONFIG_ZEROES    48u /* likewise: 52 */
#define VIRTIO_BLK_CONFIG_UNMAP     56u /* 1 byte */

/* 5.2.6 */
#define VIRTIO_BLK_T_IN      0u
#define VIRTIO_BLK_T_OUT     1u
#define VIRTIO_BLK_T_FLUSH   4u
#define VIRTIO_BLK_T_GET_ID  8u
#define VIRTIO_BLK_T_DISCARD 11u
#define VIRTIO_BLK_T_ZEROES  13u
#define VIRTIO_BLK_ID_BYTES  20u

#define VIRTIO_BLK_S_OK      0u
#define VIRTIO_BLK_S_IOERR   1u
#define VIRTIO_BLK_S_UNSUPP  2u

struct virtio_blk_req_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

/* 5.2.6: what DISCARD and WRITE_ZEROES are about, in the place of bytes; one for each request */
struct virtio_blk_range {
    uint64_t sector;
    uint32_t sectors;
    uint32_t flags;
};
#define VIRTIO_BLK_RANGE_UNMAP 1u /* only WRITE_ZEROES */

/* What we put where the device has to write its status: none of its values. */
#define BLK_STATUS_NONE 0xffu

#define BLK_IN_FLIGHT   VIRTQ_SIZE_MAX
#define BLK_SECTORS_MAX 2048u /* of one request: 1 MiB */

#define BLK_POLL_NS     NSEC_PER_MSEC       /* a polled device with requests in flight */
#define BLK_ID_NS       (10 * NSEC_PER_SEC) /* what GET_ID may take; it touches no disk */
#define BLK_SILENCE_NS  (30 * NSEC_PER_SEC) /* no answer to any request for so long: trouble */
#define BLK_ERRORS_SAID 8u                  /* so many failed requests are named in the log */

/* Memory that the device reads and writes, beside the bytes of the requests. */
struct virtio_blk_area {
    struct virtio_blk_req_header headers[BLK_IN_FLIGHT];
    struct virtio_blk_range ranges[BLK_IN_FLIGHT];
    volatile uint8_t statuses[BLK_IN_FLIGHT]; /* the device writes them */
    char id[VIRTIO_BLK_ID_BYTES];             /* likewise; not terminated when it is full */
};

enum blk_flush {
    BLK_FLUSH_SENT,     /* the device does it */
    BLK_FLUSH_NEEDLESS, /* it has no cache that forgets */
    BLK_FLUSH_MISSING,  /* it has one, and no way to empty it */
};

/* A request in flight; its number is that of its header and its status byte. */
struct blk_slot {
    struct block_request *request; /* NULL: our own question for the id */
    bool used;
};

struct virtio_blk {
    struct task task;
    struct virtio_device *dev;
    struct virtqueue queue;
    struct block_device device;

    struct virtio_blk_area *area;
    paddr_t area_paddr;

    struct blk_slot slots[BLK_IN_FLIGHT];
    uint32_t in_flight;
    uint64_t heard_ns; /* the last answer, or when the first request went to an idle device */
    struct block_request *waiting, **waiting_end; /* not in the ring yet, in their order */

    enum blk_flush flush;
    uint32_t generation; /* of the configuration that was read */
    bool moved;          /* it is another one */
    bool unmaps;         /* zeroes may be a hole */
    bool ready;          /* requests may go to the device */
    bool dead;           /* all requests are answered IO */
    bool nudged;         /* requests came in while the task slept */
    bool answered;       /* GET_ID, one way or another */
    bool offered, probed;
    uint32_t errors;
    const char *step; /* for the log: what went wrong */
};

#define BLK_ROOM        "virtio-blk"
#define BLK_REQUESTQ    0u /* [5.2.2]; with several queues (MQ, not negotiated) this is the first */
#define BLK_CHAIN_MAX   16u /* header, pieces of memory, status */
#define BLK_CHAIN_LEAST 3u
#define BLK_SECTORS_TOP (UINT64_MAX / BLOCK_SECTOR) /* so that everybody's bytes fit 64 bits */
_Static_assert(BLK_CHAIN_MAX <= VIRTQ_CHAIN_MAX, "what a queue allows");

/* virtio_blk_config.c, after the features are negotiated. What the device is, into blk->device:
 * false, of no use, and blk->step says why. How writes are made to last. How long a chain may be.
 * [loop] */
bool virtio_blk_read_config(struct virtio_blk *blk);
enum blk_flush virtio_blk_flush_mode(struct virtio_blk *blk);
uint32_t virtio_blk_chain_max(struct virtio_blk *blk);

/*
 * Start the driver on a device whose transport is open. Both must live for ever, *blk filled with
 * zeroes; name: "vda". The driver calls block_probe_end() once the device is offered or given up.
 * [boot] [loop]
 */
void virtio_blk_start(struct virtio_blk *blk, struct virtio_device *dev, const char *name);

#endif
