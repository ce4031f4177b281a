/* SPDX-License-Identifier: MIT */
/*
 * Which virtio devices there are and who drives them: see include/virtio/virtio_start.h. The only
 * file that knows more than one device. Virtual I/O Device 1.2, section 4.1.2 (discovery) and 5
 * (device types).
 */
#include <virtio/virtio_start.h>

#include "virtio_blk.h"
#include "virtio_gpu.h"
#include "virtio_input.h"
#include "virtio_pci.h"
#include "virtio_rng.h"

#include <kernel/block.h>
#include <kernel/display.h>
#include <kernel/klog.h>

#define VENDOR_VIRTIO 0x1af4u

/*
 * 4.1.2: a modern device's id is this plus its type; a transitional one has an older id and the
 * type as subsystem.
 */
#define TRANSITIONAL_FIRST 0x1000u
#define MODERN_FIRST       0x1040u
#define MODERN_LAST        0x107fu

#define TYPE_BLK           2u
#define TYPE_RNG           4u
#define TYPE_GPU           16u
#define TYPE_INPUT         18u

#define DISKS_MAX          8u
#define INPUTS_MAX         8u

/*
 * Static, so that a machine with strange devices cannot eat the heap; what does not fit is named.
 */
static struct {
    struct {
        struct virtio_pci pci;
        struct virtio_blk driver;
    } disks[DISKS_MAX];
    struct {
        struct virtio_pci pci;
        struct virtio_gpu driver;
    } gpu;
    struct {
        struct virtio_pci pci;
        struct virtio_input driver;
    } inputs[INPUTS_MAX];
    struct {
        struct virtio_pci pci;
        struct virtio_rng driver;
    } rng;
    uint32_t disk_count, gpu_count, input_count, rng_count;
} state;

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {
        [1] = "virtio-net",        [TYPE_BLK] = "virtio-blk", [3] = "virtio-console",
        [TYPE_RNG] = "virtio-rng", [5] = "virtio-balloon",    [8] = "virtio-scsi",
        [9] = "virtio-9p",         [TYPE_GPU] = "virtio-gpu", [TYPE_INPUT] = "virtio-input",
        [19] = "virtio-vsock",     [20] = "virtio-crypto",    [23] = "virtio-iommu",
        [24] = "virtio-mem",       [25] = "virtio-sound",     [26] = "virtio-fs",
        [27] = "virtio-pmem",
    };
    return type < ARRAY_COUNT(names) && names[type] != NULL ? names[type] : "virtio device";
}

/* Names follow the order on the bus, whichever disk answers first and whether it does. */
static void start_disk(const struct pci_device *pci)
{
    char name[] = "vda";
    if (state.disk_count == DISKS_MAX) {
        log_warn("virtio", "only %u virtio-blk are driven, not at=%02x:%02x.%u", DISKS_MAX,
                 pci->bus, pci->slot, pci->function);
        return;
    }
    if (virtio_pci_open(&state.disks[state.disk_count].pci, pci, "virtio-blk") != CTX_OK) {
        return; /* reported */
    }
    name[2] = (char)('a' + state.disk_count);
    block_probe_begin(); /* the driver ends it */
    virtio_blk_start(&state.disks[state.disk_count].driver, &state.disks[state.disk_count].pci.dev,
                     name);
    state.disk_count++;
}

static void start_gpu(const struct pci_device *pci)
{
    if (state.gpu_count > 0) {
        log_warn("virtio", "only one virtio-gpu is driven, not at=%02x:%02x.%u", pci->bus,
                 pci->slot, pci->function);
        return;
    }
    if (virtio_pci_open(&state.gpu.pci, pci, "virtio-gpu") != CTX_OK) {
        return; /* reported */
    }
    state.gpu_count++;
    display_probe_begin(); /* the driver ends it */
    virtio_gpu_start(&state.gpu.driver, &state.gpu.pci.dev);
}

static void start_input(const struct pci_device *pci)
{
    if (state.input_count == INPUTS_MAX) {
        log_warn("virtio", "only %u virtio-input are driven, not at=%02x:%02x.%u", INPUTS_MAX,
                 pci->bus, pci->slot, pci->function);
        return;
    }
    if (virtio_pci_open(&state.inputs[state.input_count].pci, pci, "virtio-input") != CTX_OK) {
        return; /* reported */
    }
    virtio_input_start(&state.inputs[state.input_count].driver,
                       &state.inputs[state.input_count].pci.dev);
    state.input_count++;
}

static void start_rng(const struct pci_device *pci)
{
    if (state.rng_count > 0 || virtio_pci_open(&state.rng.pci, pci, "virtio-rng") != CTX_OK) {
        return; /* one is enough; the other case is reported */
    }
    state.rng_count++;
    virtio_rng_start(&state.rng.driver, &state.rng.pci.dev);
}

static bool look_at(const struct pci_device *pci, void *arg)
{
    (void)arg;
    if (pci->vendor != VENDOR_VIRTIO || pci->device < TRANSITIONAL_FIRST ||
        pci->device > MODERN_LAST) {
        return true;
    }
    uint32_t type = pci->device >= MODERN_FIRST ? pci->device - MODERN_FIRST : pci->subsystem;
    switch (type) {
    case TYPE_BLK:
        start_disk(pci);
        break;
    case TYPE_GPU:
        start_gpu(pci);
        break;
    case TYPE_INPUT:
        start_input(pci);
        break;
    case TYPE_RNG:
        start_rng(pci);
        break;
    default:
        log_info("virtio", "%s is not driven yet type=%u at=%02x:%02x.%u", type_name(type), type,
                 pci->bus, pci->slot, pci->function);
        break;
    }
    return true;
}

void virtio_start(void)
{
    pci_for_each(look_at, NULL);
}
