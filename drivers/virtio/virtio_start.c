/* SPDX-License-Identifier: MIT */
/*
 * Which virtio devices there are and who drives them: see include/virtio/virtio_start.h. The only
 * file that knows more than one driver, by one line for each. Virtual I/O Device 1.2, section 4.1.2
 * (discovery) and 5 (device types).
 */
#include <virtio/virtio_start.h>

#include "virtio_driver.h"
#include "virtio_pci.h"

#include <kernel/klog.h>

extern const struct virtio_driver virtio_blk_driver;
extern const struct virtio_driver virtio_gpu_driver;
extern const struct virtio_driver virtio_input_driver;
extern const struct virtio_driver virtio_net_driver;
extern const struct virtio_driver virtio_rng_driver;

/* clang-format off */
static const struct virtio_driver *const drivers[] = {
    &virtio_blk_driver,
    &virtio_gpu_driver,
    &virtio_input_driver,
    &virtio_net_driver,
    &virtio_rng_driver,
};
/* clang-format on */

#define VENDOR_VIRTIO 0x1af4u

/*
 * 4.1.2: a modern device's id is this plus its type; a transitional one has an older id and the
 * type as subsystem.
 */
#define TRANSITIONAL_FIRST 0x1000u
#define MODERN_FIRST       0x1040u
#define MODERN_LAST        0x107fu

#define DEVICES_MAX        32u /* all together; more than the drivers below take */

/*
 * Static, so that a machine with strange devices cannot eat the heap; what does not fit is named.
 * [boot, loop]: a device may be plugged in at any time; then it is its driver's task's.
 */
static struct {
    struct virtio_pci devices[DEVICES_MAX];
    uint32_t count;
    uint32_t driven[ARRAY_COUNT(drivers)];
} state;

/* Of devices that nobody drives. */
static const char *type_name(uint32_t type)
{
    static const char *const names[] = {
        [3] = "virtio-console", [5] = "virtio-balloon", [8] = "virtio-scsi",   [9] = "virtio-9p",
        [19] = "virtio-vsock",  [20] = "virtio-crypto", [23] = "virtio-iommu", [24] = "virtio-mem",
        [25] = "virtio-sound",  [26] = "virtio-fs",     [27] = "virtio-pmem",
    };
    return type < ARRAY_COUNT(names) && names[type] != NULL ? names[type] : "virtio device";
}

/* Numbers follow the order on the bus, whichever device answers first and whether it does. */
static void start(const struct virtio_driver *driver, uint32_t *driven,
                  const struct pci_device *pci)
{
    if (*driven == driver->most && driver->most == 1) {
        log_warn("virtio", "only one %s is driven, not at=%02x:%02x.%u", driver->name, pci->bus,
                 pci->slot, pci->function);
    } else if (*driven == driver->most) {
        log_warn("virtio", "only %u %s are driven, not at=%02x:%02x.%u", driver->most, driver->name,
                 pci->bus, pci->slot, pci->function);
    } else if (state.count == DEVICES_MAX) {
        log_warn("virtio", "only %u devices are driven, not the %s at=%02x:%02x.%u", DEVICES_MAX,
                 driver->name, pci->bus, pci->slot, pci->function);
    } else if (virtio_pci_open(&state.devices[state.count], pci, driver->name) == CTX_OK) {
        driver->start(&state.devices[state.count++].dev, (*driven)++);
    } /* else it is reported */
}

static bool look_at(const struct pci_device *pci, void *arg)
{
    (void)arg;
    if (pci->vendor != VENDOR_VIRTIO || pci->device < TRANSITIONAL_FIRST ||
        pci->device > MODERN_LAST) {
        return true;
    }
    uint32_t type = pci->device >= MODERN_FIRST ? pci->device - MODERN_FIRST : pci->subsystem;
    for (uint32_t i = 0; i < ARRAY_COUNT(drivers); i++) {
        if (drivers[i]->type == type) {
            start(drivers[i], &state.driven[i], pci);
            return true;
        }
    }
    log_info("virtio", "%s is not driven yet type=%u at=%02x:%02x.%u", type_name(type), type,
             pci->bus, pci->slot, pci->function);
    return true;
}

void virtio_start(void)
{
    pci_for_each(look_at, NULL);
}

void virtio_plugged(const struct pci_device *pci)
{
    (void)look_at(pci, NULL);
}

void virtio_unplugged(uint8_t bus)
{
    for (uint32_t i = 0; i < state.count; i++) {
        struct virtio_device *dev = &state.devices[i].dev;
        if (state.devices[i].pci.bus == bus && !dev->leaving && dev->task != NULL) {
            dev->leaving = true;
            task_wake(dev->task);
        }
    }
}
