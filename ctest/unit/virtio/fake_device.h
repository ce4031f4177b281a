/* SPDX-License-Identifier: MIT */
/*
 * fake_device - a virtio device in memory, behind struct virtio_transport, that can lie.
 *
 * It follows the ring as a device does, with checks that the driver's side is well-formed (a
 * violation aborts the test). Chains are taken with fake_take() and given back with fake_give();
 * with `answer` set this happens as soon as the driver notifies. Interrupts are raised only where
 * the driver asked for them, so a lost wake-up shows.
 */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include "virtio.h"

#define FAKE_QUEUES 3u

enum fake_lie {
    LIE_NONE,
    LIE_BAD_ID,  /* a used id outside the queue */
    LIE_HUGE_ID, /* one that would be far outside memory */
    LIE_OLD_ID,  /* a chain that is not in flight: another one, or the same again */
    LIE_LONG,    /* more bytes than were writable */
    LIE_JUMP,    /* the used index runs ahead */
    LIE_BACK,    /* the used index runs backwards */
    LIE_SILENT,  /* takes chains, never answers */
    LIE_RESET,   /* forgets everything instead of answering, and says nothing */
    LIE_DEMAND,  /* sets NEEDS_RESET instead of answering */
    LIE_GONE,    /* its registers read as all ones from now on */
    LIE_SHORT,   /* 0 bytes written */
};

struct fake_chain {
    uint16_t head;
    uint8_t in[8192]; /* the readable segments in one piece */
    uint32_t in_len;
    uint8_t *out; /* the writable segment */
    uint32_t out_len;
    uint8_t *more; /* a second one; NULL: there is none */
    uint32_t more_len;
    uint32_t beyond_len; /* bytes of those behind it */
    bool indirect;
};

struct fake_queue {
    uint16_t max_size; /* 0: the device has no such queue */
    uint16_t size;
    bool enabled;
    const struct virtq_desc *desc;
    const struct virtq_avail *avail;
    struct virtq_used *used;
    uint16_t avail_idx, used_idx;
    uint16_t waiting[VIRTQ_LARGE_MAX]; /* heads that were taken and not given back */
    uint32_t waiting_count;
};

struct fake_device {
    struct virtio_device dev;
    uint64_t offers, accepted;
    uint64_t written[2]; /* what the driver wrote to the feature words, VERSION_1 and all */
    uint8_t status;
    uint8_t config[256];
    uint32_t config_len;
    uint32_t generation;
    struct fake_queue queues[FAKE_QUEUES];

    /* how it behaves */
    bool refuses;       /* does not keep FEATURES_OK */
    bool never_resets;  /* status does not read 0 after a reset */
    bool no_interrupts; /* the driver has to poll */
    bool no_notify;     /* asks the driver for no notifications */
    uint32_t moving;    /* how many more reads of the configuration change its generation */
    enum fake_lie lie;  /* told once per `lies`, after `honest` answers */
    uint32_t honest, lies;
    uint32_t (*answer)(struct fake_device *device, uint16_t no,
                       struct fake_chain *chain); /* bytes written */
    void (*config_written)(struct fake_device *device);
    void (*was_reset)(struct fake_device *device);

    /* what happened */
    uint32_t notifications, interrupts, resets, cut_offs, status_after_give_up;
};

/* A device that offers `features` and VERSION_1, with queues of these sizes. */
void fake_device_init(struct fake_device *device, const char *room, uint64_t features,
                      uint16_t size0, uint16_t size1);

/* Take the next chain that the driver made available. False: there is none. */
bool fake_take(struct fake_device *device, uint16_t no, struct fake_chain *chain);

/* Give a chain back with len bytes written - or lie. Interrupts if the driver wants that. */
void fake_give(struct fake_device *device, uint16_t no, uint16_t head, uint32_t len);

/* Take, answer and give back all there is. */
void fake_process(struct fake_device *device, uint16_t no);

/* Wake the driver's task, as a configuration interrupt would. */
void fake_interrupt(struct fake_device *device);

#endif
