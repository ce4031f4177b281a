/* SPDX-License-Identifier: MIT */
/*
 * virtio-rng, the entropy device. Virtual I/O Device 1.2, section 5.4: one queue, in whose buffers
 * the device puts random bytes.
 *
 * Bytes are asked for when the driver starts and whenever the core wants fresh noise; in between
 * the device has nothing of ours. A device that never answers keeps one buffer, and nobody waits
 * for it.
 */
#ifndef VIRTIO_VIRTIO_RNG_H
#define VIRTIO_VIRTIO_RNG_H

#include "virtio.h"

#include <kernel/task.h>

#define RNG_BYTES   64u
#define RNG_POLL_NS (50 * NSEC_PER_MSEC) /* of a device that does not interrupt */

struct virtio_rng {
    struct task task;
    struct virtio_device *dev;
    struct virtqueue queue;
    uint8_t *bytes; /* the device writes them */
    paddr_t bytes_paddr;
};

/*
 * Start the driver on a device whose transport is open. Both must live for ever, *rng filled with
 * zeroes. [boot] [loop]
 */
void virtio_rng_start(struct virtio_rng *rng, struct virtio_device *dev);

#endif
