/* SPDX-License-Identifier: MIT */
/*
 * virtio_pci - the modern PCI transport. Virtual I/O Device 1.2, section 4.1.
 *
 * Vendor capabilities name the BAR areas that hold the common, notification, interrupt status and
 * device configuration; all of them are checked against their BAR before anything is touched. Each
 * queue gets the MSI-X vector of its number plus one, vector 0 is for configuration changes; all
 * wake the driver's task. Where there is no MSI-X, or no interrupt number is left, the device is
 * polled. Transitional devices are driven through their modern side.
 */
#ifndef VIRTIO_VIRTIO_PCI_H
#define VIRTIO_VIRTIO_PCI_H

#include "virtio.h"

#include <kernel/pci.h>

/* The queues that we can notify; no driver here needs more. */
#define VIRTIO_PCI_QUEUES 8u

/* One area of a BAR that a capability named. */
struct virtio_pci_area {
    volatile uint8_t *base; /* NULL: there is none */
    uint32_t len;
};

struct virtio_pci {
    struct virtio_device dev; /* first and public: what drivers see */
    struct pci_device pci;
    struct virtio_pci_area common, notify, isr, config;
    uint32_t notify_multiplier; /* bytes between two queues' notification words */
    volatile uint16_t *notify_at[VIRTIO_PCI_QUEUES]; /* set by queue_enable */
    uint32_t vectors; /* MSI-X vectors that the device has, 0: polled */
    uint32_t routed;  /* bit n: vector n wakes the task */
};

/*
 * Find the device's areas, let it be a bus master, turn MSI-X on. room as for the log, static;
 * *vpci must live for ever. NOSYS: no usable modern interface (reported). [boot] [loop]
 */
ctx_status virtio_pci_open(struct virtio_pci *vpci, const struct pci_device *pci, const char *room);

#endif
