/* SPDX-License-Identifier: MIT */
/*
 * virtqueue - the split ring between one driver and one device. Virtual I/O Device 1.2, 2.7.
 *
 * The driver's protocol:
 *
 *     virtq_add(q, segments, ...);            // any number of times, unseen by the device
 *     if (virtq_publish(q)) { notify(); }     // at most one notification for the whole batch
 *     ...                                     // it works, then its interrupt wakes the task
 *     while (virtq_get(q, &chain)) { ... }    // chain.cookie says which, chain.len how much
 *     virtq_arm(q);                           // before the last look, or one is slept through
 *     TASK_AWAIT(task, virtq_has_news(q));
 *
 * A device that apps use by themselves (ctx.block/1, ctx.nic/1) is spoken to from their calls, too.
 *
 * What the device writes is never believed: the used index may not run ahead of what is in flight,
 * an id must be the head of a chain in flight, a length must fit into the chain's writable bytes.
 * The first lie makes the queue *broken*: it is reported once, virtq_get() finds nothing more,
 * virtq_add() says IO, and only a reset of the device with a new virtq_init() helps. The free list
 * and the lengths are kept in the driver's memory; ring memory is only written (by us) or read once
 * (where the device writes).
 *
 * Not supported: packed rings, IN_ORDER, devices behind an IOMMU. Little-endian processors only.
 */
#ifndef VIRTIO_VIRTQUEUE_H
#define VIRTIO_VIRTQUEUE_H

#include <kernel/types.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ring fields are little-endian");

#define VIRTIO_F_INDIRECT_DESC (1ull << 28)
#define VIRTIO_F_EVENT_IDX     (1ull << 29)

/* 2.7.5 the descriptor table; 2.7.5.3 tables of a chain of its own have the same entries */
#define VIRTQ_DESC_F_NEXT     1u
#define VIRTQ_DESC_F_WRITE    2u /* the device writes it, else it reads it */
#define VIRTQ_DESC_F_INDIRECT 4u

struct virtq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

/* 2.7.6 the driver writes all of it; used_event (one word behind ring[size]) only with EVENT_IDX */
#define VIRTQ_AVAIL_F_NO_INTERRUPT 1u

struct virtq_avail {
    uint16_t flags;
    uint16_t idx;
    uint16_t ring[];
};

/*
 * 2.7.8 the device writes all of it; avail_event (one word behind ring[size]) only with EVENT_IDX
 */
#define VIRTQ_USED_F_NO_NOTIFY 1u

struct virtq_used_elem {
    uint32_t id;
    uint32_t len;
};

struct virtq_used {
    uint16_t flags;
    uint16_t idx;
    struct virtq_used_elem ring[];
};

_Static_assert(sizeof(struct virtq_desc) == 16, "2.7.5");
_Static_assert(sizeof(struct virtq_used_elem) == 8, "2.7.8");

/*
 * The most entries that we use of a queue: a device that offers more is told fewer. A power of two.
 */
#define VIRTQ_SIZE_MAX 64u

/* The same of a queue whose owner has room for what has to be remembered: virtq_init_large(). */
#define VIRTQ_LARGE_MAX 1024u

/* The most segments that one chain may have; each queue says how many it needs. */
#define VIRTQ_CHAIN_MAX 16u

/* What the driver remembers per descriptor; the device cannot reach it. */
struct virtq_slot {
    void *cookie;
    uint32_t writable; /* heads in flight: bytes that the device may have written */
    uint16_t count;    /* heads in flight: descriptors of the ring that the chain takes; else 0 */
    uint16_t next;     /* the next descriptor of the chain or of the free list */
};

struct virtqueue {
    /* set once by virtq_init() */
    const char *room; /* for the log */
    uint16_t no;      /* the queue's number at its device */
    uint16_t size;    /* entries, a power of two */
    uint16_t chain_max;
    bool indirect, event_idx;
    void *memory; /* one DMA run holds all that follows */
    size_t memory_bytes;
    struct virtq_desc *desc;
    struct virtq_avail *avail;
    volatile struct virtq_used *used;     /* the device writes it */
    volatile uint16_t *used_event;        /* 2.7.7, behind the available ring: we write it */
    const volatile uint16_t *avail_event; /* 2.7.10, behind the used ring: the device writes it */
    struct virtq_desc *tables; /* chain_max entries for each descriptor; NULL without indirect */
    paddr_t desc_paddr, avail_paddr, used_paddr, tables_paddr;

    /* change with every chain */
    uint16_t free_head, free_count;
    uint16_t in_flight;       /* chains that were added and did not come back */
    uint16_t avail_idx;       /* what avail->idx will be after virtq_publish() */
    uint16_t published;       /* what avail->idx is */
    uint16_t used_idx;        /* the first used entry that we have not taken */
    bool interrupts;          /* false: polled, the device is asked not to interrupt */
    bool broken;              /* the device lied */
    struct virtq_slot *slots; /* size of them: the owner's, or the ones that follow */
    struct virtq_slot few[VIRTQ_SIZE_MAX];
};

/* A piece of memory in a chain. */
struct virtq_segment {
    paddr_t paddr;
    uint32_t len; /* bytes, not 0 */
};

/* A chain that came back. */
struct virtq_chain {
    void *cookie;
    uint32_t len; /* bytes that the device says it wrote, never more than were writable */
};

/*
 * Make a queue of size entries (a power of two, at most VIRTQ_SIZE_MAX) for chains of up to
 * chain_max segments; drivers have virtio_queue_start() do it. features: the negotiated ones. room
 * must live as long as the queue. INVAL, NOMEM. [loop]
 */
ctx_status virtq_init(struct virtqueue *q, const char *room, uint16_t no, uint16_t size,
                      uint16_t chain_max, uint64_t features);

/* The same with slots of the owner's, size of them, which live as long as the queue: then size may
 * be as large as VIRTQ_LARGE_MAX. [loop] */
ctx_status virtq_init_large(struct virtqueue *q, const char *room, uint16_t no, uint16_t size,
                            uint16_t chain_max, uint64_t features, struct virtq_slot *slots);

/* Give its memory back. Only after the device was reset; fine on a queue of zeroes. [loop] */
void virtq_release(struct virtqueue *q);

/*
 * Add a chain: `readable` segments that the device reads, then `writable` ones that it writes. The
 * memory stays the device's until virtq_get() hands the cookie (not NULL) back. Does not publish.
 * [loop, in a call] NOSPC: not enough free descriptors, nothing was done. IO: the queue is broken.
 * INVAL: no or too many segments, or a chain of 4 GiB and more (2.7.5.2).
 */
ctx_status virtq_add(struct virtqueue *q, const struct virtq_segment *segments, uint32_t readable,
                     uint32_t writable, void *cookie);

/* Let the device see what was added. True: it wants to be notified (2.7.10). [loop, in a call] */
bool virtq_publish(struct virtqueue *q);

/*
 * Take the next chain that the device is done with. False: there is none, or the queue is (now)
 * broken. [loop, in a call]
 */
bool virtq_get(struct virtqueue *q, struct virtq_chain *chain);

/* Whether virtq_get() has something to say: a chain, or that the queue is broken. Cheap. [loop, in
 * a call] */
bool virtq_has_news(const struct virtqueue *q);

/*
 * Ask for an interrupt at the next used chain (2.7.7). Look at virtq_has_news() afterwards, before
 * sleeping. [loop, in a call]
 */
void virtq_arm(struct virtqueue *q);

/* Ask for one only when the device is done with all that it has: for queues where it is enough to
 * know that much. True: it is done with all already, and there may be none. [loop, in a call] */
bool virtq_arm_last(struct virtqueue *q);

/*
 * Poll this queue from now on: ask the device for no interrupts. A hint, it may interrupt all the
 * same. [loop, in a call]
 */
void virtq_poll(struct virtqueue *q);

#endif
