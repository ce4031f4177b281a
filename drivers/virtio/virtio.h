/* SPDX-License-Identifier: MIT */
/*
 * virtio - a device's life, whatever it is behind: status, features, configuration, queues. Virtual
 * I/O Device 1.2, sections 2.1 to 2.5 and 3.1.1. The transport is a table of functions: PCI
 * (virtio_pci.c) or a fake one in tests.
 *
 * A driver's task brings its device up like this (3.1.1):
 *
 *     virtio_reset_begin(dev);
 *     while (virtio_reset_pending(dev)) { TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC); }
 *     virtio_reset_end(dev);
 *     virtio_negotiate(dev, the bits it knows);
 *     virtio_queue_start(dev, ...);           // for each queue
 *     virtio_driver_ok(dev);
 *
 * and whenever it was woken asks virtio_in_trouble(). If so, virtio_recover() says whether to start
 * again at the top (once in a device's life) or to end. Every failure is reported here, by name;
 * callers only clean up.
 */
#ifndef VIRTIO_VIRTIO_H
#define VIRTIO_VIRTIO_H

#include "virtqueue.h"

#include <kernel/task.h>
#include <kernel/types.h>

/* 2.1 device status */
#define VIRTIO_STATUS_ACKNOWLEDGE 1u
#define VIRTIO_STATUS_DRIVER      2u
#define VIRTIO_STATUS_DRIVER_OK   4u
#define VIRTIO_STATUS_FEATURES_OK 8u
#define VIRTIO_STATUS_NEEDS_RESET 64u
#define VIRTIO_STATUS_FAILED      128u

/* 6 reserved feature bits; the ring's are in virtqueue.h */
#define VIRTIO_F_VERSION_1 (1ull << 32)
#define VIRTIO_F_ACCESS_PLATFORM                                                                   \
    (1ull << 33) /* addresses are the platform's: physical, we turn no IOMMU on */

struct virtio_device;

/* What a transport does. All of it returns at once. [loop] */
struct virtio_transport {
    uint8_t (*get_status)(struct virtio_device *dev);
    void (*set_status)(struct virtio_device *dev, uint8_t status);

    /* 32 feature bits: word 0 holds bits 0..31, word 1 bits 32..63 */
    uint32_t (*get_features)(struct virtio_device *dev, uint32_t word);
    void (*set_features)(struct virtio_device *dev, uint32_t word, uint32_t bits);

    /* Changes whenever the device changes its configuration (2.5.2). */
    uint32_t (*config_generation)(struct virtio_device *dev);
    /*
     * One field of 1, 2 or 4 bytes at an offset that is a multiple of that. False: it lies outside.
     */
    bool (*config_read)(struct virtio_device *dev, uint32_t offset, uint32_t width,
                        uint32_t *value);
    bool (*config_write)(struct virtio_device *dev, uint32_t offset, uint32_t width,
                         uint32_t value);

    /* The most entries that the device has for queue no; 0: there is no such queue. */
    uint16_t (*queue_size)(struct virtio_device *dev, uint16_t no);
    /*
     * Tell the device where the queue lies and have its interrupts wake dev->task, or set
     * dev->polled if there is no way. INVAL: the device's registers do not allow it.
     */
    ctx_status (*queue_enable)(struct virtio_device *dev, const struct virtqueue *q);
    void (*queue_notify)(struct virtio_device *dev, uint16_t no);

    /* Take back the interrupt that a polled device may be asserting. NULL: there is none. */
    void (*acknowledge)(struct virtio_device *dev);

    /* See to it that the device reaches no memory any more. NULL: there is no way. */
    void (*cut_off)(struct virtio_device *dev);
};

struct virtio_device {
    /* set by the transport before the driver starts */
    const struct virtio_transport *transport;
    const char *room; /* in the log, "virtio-gpu" */
    char at[16];      /* where it is, "00:03.0" */

    struct task *task;    /* set by the driver: who is woken */
    uint64_t features;    /* negotiated */
    uint64_t reset_by_ns; /* when a reset that is pending has failed */
    uint32_t recoveries;  /* how often virtio_recover() said yes */
    bool polled;          /* no interrupts: look at it again and again */
    bool paused;          /* see virtio_paused() */
    bool leaving;         /* it will be taken away: let go of it */
};

/* How long a device may take for a reset, and how many resets we try before giving it up. */
#define VIRTIO_RESET_NS       NSEC_PER_SEC
#define VIRTIO_RECOVERIES_MAX 1u

/* ---- coming up ---- */

/* Reset; the device forgets its queues and touches no memory any more once that is done (2.4). */
void virtio_reset_begin(struct virtio_device *dev);

/* True while the device is still at it and has time left. */
bool virtio_reset_pending(struct virtio_device *dev);

/* TIMEDOUT: the device did not finish. Its memory must not be given back. */
ctx_status virtio_reset_end(struct virtio_device *dev);

/*
 * Steps 2 to 6 of 3.1.1. `known` are the bits that the driver understands; what the device offers
 * beyond them is never accepted. VERSION_1 is required and implied, ACCESS_PLATFORM is taken where
 * it is offered. NOSYS: a legacy device; DENIED: it refused our choice.
 */
ctx_status virtio_negotiate(struct virtio_device *dev, uint64_t known);

/*
 * Make queue no with at most VIRTQ_SIZE_MAX entries and tell the device. Memory of an earlier life
 * of q is given back first, so the device must have been reset since. NOENT: the device has no such
 * queue; NOMEM, INVAL.
 */
ctx_status virtio_queue_start(struct virtio_device *dev, struct virtqueue *q, uint16_t no,
                              uint16_t chain_max);

/* The same with slots of the driver's, `most` of them, a power of two: at most so many entries. */
ctx_status virtio_queue_start_large(struct virtio_device *dev, struct virtqueue *q, uint16_t no,
                                    uint16_t chain_max, struct virtq_slot *slots, uint32_t most);

/* The device may work from here on. */
void virtio_driver_ok(struct virtio_device *dev);

/* ---- at work ---- */

/* Publish what was added to q, and notify the device if there was anything. */
void virtio_kick(struct virtio_device *dev, struct virtqueue *q);

/*
 * Read `count` fields of `width` bytes each at offset, all from one generation of the configuration
 * (2.5.1). False: they lie outside, or the device changed them VIRTIO_CONFIG_TRIES times over.
 */
bool virtio_config_read(struct virtio_device *dev, uint32_t offset, uint32_t width, uint32_t count,
                        void *to);
#define VIRTIO_CONFIG_TRIES 8u

/*
 * True if the device asks for a reset, was reset behind our back, or is gone (its registers read as
 * all ones). One register read. Only after virtio_driver_ok().
 *
 * A register read orders what stands before and behind it, where a fence may not (virtio_kick()
 * says where). So whoever looks at a ring before it sleeps, after virtq_arm(), looks again behind
 * this: the device may have answered before it saw that an interrupt was wanted.
 */
bool virtio_in_trouble(struct virtio_device *dev);

/*
 * For `TASK_AWAIT(task, virtio_paused(dev))` behind a task_wake(task): false the first time, true
 * the next. It lets the loop have a turn, so that a device which always has something more cannot
 * keep it.
 */
bool virtio_paused(struct virtio_device *dev);

/* ---- going down ---- */

/*
 * Report `reason`; true: start again from the reset, false: that was tried already, call
 * virtio_give_up().
 */
bool virtio_recover(struct virtio_device *dev, const char *reason);

/*
 * After a reset that may have failed: whatever the device thinks of it, it touches no memory from
 * here on, as far as the transport can see to that. For drivers that lend it memory of others.
 */
void virtio_cut_off(struct virtio_device *dev);

/*
 * Report, by name, that the device is not used any more, and tell it so. Its memory stays as it is.
 */
void virtio_give_up(struct virtio_device *dev, const char *reason);

#endif
