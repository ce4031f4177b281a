/* SPDX-License-Identifier: MIT */
/*
 * A driver as virtio_start.c sees it: which devices it is for, and how it is given one. It stands
 * at the end of the driver's own file, with room for as many devices as it drives; the table in
 * virtio_start.c has a line for it.
 */
#ifndef VIRTIO_VIRTIO_DRIVER_H
#define VIRTIO_VIRTIO_DRIVER_H

#include "virtio.h"

struct virtio_driver {
    const char *name; /* for the log: virtio-rng */
    uint32_t type;    /* of the device: virtio 1.2, section 5 */
    uint32_t most;    /* that are driven; the log names those that are too many */

    /*
     * One more, number no (from 0, in the order of the bus), whose transport is open and lives for
     * ever. The driver begins a task and returns at once. If main is to wait for what the device
     * offers, it calls display_probe_begin() or block_probe_begin() before it returns. [boot];
     * [loop], if it was plugged in
     */
    void (*start)(struct virtio_device *dev, uint32_t no);
};

#endif
