/* SPDX-License-Identifier: MIT */
/* The one door into drivers/virtio, used by the kernel's composition root. */
#ifndef VIRTIO_START_H
#define VIRTIO_START_H

#include <kernel/types.h>

/*
 * Look for virtio devices on PCI and start one task for each that has a driver (blk, gpu, input,
 * rng); name the others in the log. Returns at once: the devices come up in their tasks and then
 * offer a disk or a display or deliver input. With a disk, block_probe_begin() has been called when
 * this returns; with a gpu, display_probe_begin(). To be called once. [boot]
 */
void virtio_start(void);

/* A function that came, and all on a bus that are about to go: for <kernel/pci.h>'s listener. A
 * disk lets go of its device, others find it gone. What comes counts against the most that are
 * driven. [loop] */
struct pci_device;
void virtio_plugged(const struct pci_device *pci);
void virtio_unplugged(uint8_t bus);

#endif
