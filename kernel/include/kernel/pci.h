/* SPDX-License-Identifier: MIT */
/*
 * PCI functions, their configuration space, BARs and MSI-X vectors. PCI Local Bus 3.0, PCI Express
 * Base (ECAM).
 *
 * Configuration space is reached through the ECAM window where ACPI names one, else through ports
 * 0xcf8/0xcfc. The firmware has assigned the BARs. [boot] [loop]
 */
#ifndef KERNEL_PCI_H
#define KERNEL_PCI_H

#include <kernel/task.h>
#include <kernel/types.h>

struct pci_device {
    uint8_t bus, slot, function;
    uint16_t vendor, device;
    uint16_t subsystem;
    uint8_t revision;
    uint32_t class_code; /* class << 16 | subclass << 8 | interface */
};

#define PCI_COMMAND        0x04
#define PCI_COMMAND_MASTER 4u

#define PCI_CAP_VENDOR     0x09
#define PCI_CAP_MSIX       0x11

/* Call fn for every function there is. fn returns false to end the walk. */
void pci_for_each(bool (*fn)(const struct pci_device *device, void *arg), void *arg);

/*
 * Who wants to know of functions that come, with addresses assigned, and of buses whose functions
 * are about to go, half a second later. Once, behind everybody's pci_for_each(): what is there then
 * was found. Only slots with native PCI Express hot plug are watched. [boot] listens; both are
 * called [loop]
 */
struct pci_listener {
    void (*came)(const struct pci_device *device);
    void (*goes)(uint8_t bus);
};
void pci_listen(const struct pci_listener *listener);

/* Fill in what is known of the function at device->bus, slot, function. False: there is none. */
bool pci_look(struct pci_device *device);

/* How large the BAR at this register is, 0: there is none. wide: it has two registers. */
uint64_t pci_bar_size(const struct pci_device *device, uint32_t reg, bool wide);

/* size 1, 2 or 4; offset aligned to it, below 256 (4,096 with ECAM). Nothing there reads as all
 * ones. */
uint32_t pci_read(const struct pci_device *device, uint32_t offset, uint32_t size);
void pci_write(const struct pci_device *device, uint32_t offset, uint32_t size, uint32_t value);

/*
 * The offset of the first capability with this id after `after` (0 = from the start); 0 when there
 * is none. A list that loops or points outside is cut off: at most 48 entries are followed.
 */
uint32_t pci_find_capability(const struct pci_device *device, uint8_t id, uint32_t after);

/*
 * Map len bytes at offset of a memory BAR, uncached. NULL if the BAR is not memory, not assigned,
 * or too small for it. The mapping stays for ever; asking for the same page again returns the same
 * mapping.
 */
volatile void *pci_map_bar(const struct pci_device *device, uint32_t bar, uint64_t offset,
                           uint64_t len);

/* Let the device answer memory accesses and be a bus master. */
void pci_enable(const struct pci_device *device);

/* Turn MSI-X on with all vectors masked. Returns how many there are, 0 if the device has none. */
uint32_t pci_msix_enable(const struct pci_device *device);

/* Interrupts of this MSI-X vector wake the task. NOSPC: no interrupt number is left; INVAL: no such
 * vector. */
ctx_status pci_msix_route(const struct pci_device *device, uint32_t vector, struct task *task);

#endif
