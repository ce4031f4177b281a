/* SPDX-License-Identifier: MIT */
/* The modern PCI transport: see virtio_pci.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_pci.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* [4.1.4]: a vendor capability */
#define CAP_LEN                   2u
#define CAP_TYPE                  3u
#define CAP_BAR                   4u
#define CAP_OFFSET                8u
#define CAP_LENGTH                12u
#define CAP_MULTIPLIER            16u
#define CAP_BYTES                 16u
#define CAP_BYTES_MORE            20u /* with notify_off_multiplier */

#define VIRTIO_PCI_CAP_COMMON_CFG 1u
#define VIRTIO_PCI_CAP_NOTIFY_CFG 2u
#define VIRTIO_PCI_CAP_ISR_CFG    3u
#define VIRTIO_PCI_CAP_DEVICE_CFG 4u

/* [4.1.4.3]: offsets in the common configuration */
#define COMMON_DEVICE_FEATURE_SELECT 0u
#define COMMON_DEVICE_FEATURE        4u
#define COMMON_DRIVER_FEATURE_SELECT 8u
#define COMMON_DRIVER_FEATURE        12u
#define COMMON_CONFIG_MSIX_VECTOR    16u
#define COMMON_NUM_QUEUES            18u
#define COMMON_DEVICE_STATUS         20u
#define COMMON_CONFIG_GENERATION     21u
#define COMMON_QUEUE_SELECT          22u
#define COMMON_QUEUE_SIZE            24u
#define COMMON_QUEUE_MSIX_VECTOR     26u
#define COMMON_QUEUE_ENABLE          28u
#define COMMON_QUEUE_NOTIFY_OFF      30u
#define COMMON_QUEUE_DESC            32u
#define COMMON_QUEUE_DRIVER          40u
#define COMMON_QUEUE_DEVICE          48u
#define COMMON_BYTES                 56u

#define VIRTIO_MSI_NO_VECTOR         0xffffu

/* ---- registers: every field in its own width [4.1.3.1] ---- */

static uint8_t read8(const struct virtio_pci_area *area, uint32_t offset)
{
    return area->base[offset];
}

static uint16_t read16(const struct virtio_pci_area *area, uint32_t offset)
{
    return *(volatile uint16_t *)(area->base + offset);
}

static uint32_t read32(const struct virtio_pci_area *area, uint32_t offset)
{
    return *(volatile uint32_t *)(area->base + offset);
}

static void write8(const struct virtio_pci_area *area, uint32_t offset, uint8_t value)
{
    area->base[offset] = value;
}

static void write16(const struct virtio_pci_area *area, uint32_t offset, uint16_t value)
{
    *(volatile uint16_t *)(area->base + offset) = value;
}

static void write32(const struct virtio_pci_area *area, uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(area->base + offset) = value;
}

/* [4.1.3.1]: 64-bit fields may be written in two halves. */
static void write64(const struct virtio_pci_area *area, uint32_t offset, uint64_t value)
{
    write32(area, offset, (uint32_t)value);
    write32(area, offset + 4, (uint32_t)(value >> 32));
}

static struct virtio_pci *pci_of(struct virtio_device *dev)
{
    return container_of(dev, struct virtio_pci, dev);
}

/* ---- struct virtio_transport ---- */

static uint8_t pci_get_status(struct virtio_device *dev)
{
    return read8(&pci_of(dev)->common, COMMON_DEVICE_STATUS);
}

static void pci_set_status(struct virtio_device *dev, uint8_t status)
{
    write8(&pci_of(dev)->common, COMMON_DEVICE_STATUS, status);
}

static uint32_t pci_get_features(struct virtio_device *dev, uint32_t word)
{
    write32(&pci_of(dev)->common, COMMON_DEVICE_FEATURE_SELECT, word);
    return read32(&pci_of(dev)->common, COMMON_DEVICE_FEATURE);
}

static void pci_set_features(struct virtio_device *dev, uint32_t word, uint32_t bits)
{
    write32(&pci_of(dev)->common, COMMON_DRIVER_FEATURE_SELECT, word);
    write32(&pci_of(dev)->common, COMMON_DRIVER_FEATURE, bits);
}

static uint32_t pci_config_generation(struct virtio_device *dev)
{
    return read8(&pci_of(dev)->common, COMMON_CONFIG_GENERATION);
}

static bool in_config(const struct virtio_pci *vpci, uint32_t offset, uint32_t width)
{
    bool width_ok = width == 1 || width == 2 || width == 4;
    return width_ok && offset % width == 0 && offset < vpci->config.len &&
           width <= vpci->config.len - offset;
}

static bool pci_config_read(struct virtio_device *dev, uint32_t offset, uint32_t width,
                            uint32_t *value)
{
    const struct virtio_pci *vpci = pci_of(dev);
    if (!in_config(vpci, offset, width)) {
        return false;
    }
    if (width == 1) {
        *value = read8(&vpci->config, offset);
    } else if (width == 2) {
        *value = read16(&vpci->config, offset);
    } else {
        *value = read32(&vpci->config, offset);
    }
    return true;
}

static bool pci_config_write(struct virtio_device *dev, uint32_t offset, uint32_t width,
                             uint32_t value)
{
    const struct virtio_pci *vpci = pci_of(dev);
    if (!in_config(vpci, offset, width)) {
        return false;
    }
    if (width == 1) {
        write8(&vpci->config, offset, (uint8_t)value);
    } else if (width == 2) {
        write16(&vpci->config, offset, (uint16_t)value);
    } else {
        write32(&vpci->config, offset, value);
    }
    return true;
}

static uint16_t pci_queue_size(struct virtio_device *dev, uint16_t no)
{
    struct virtio_pci *vpci = pci_of(dev);
    if (no >= VIRTIO_PCI_QUEUES || no >= read16(&vpci->common, COMMON_NUM_QUEUES)) {
        return 0;
    }
    write16(&vpci->common, COMMON_QUEUE_SELECT, no);
    return read16(&vpci->common, COMMON_QUEUE_SIZE);
}

/*
 * Give one of the device's interrupt sources a vector: the kernel routes it once, the device is
 * told after every reset. False: it cannot have one.
 */
static bool pci_set_vector(struct virtio_pci *vpci, uint32_t field, uint32_t vector)
{
    bool routed = vector < 32 && (vpci->routed & (1u << vector)) != 0;
    if (!routed && vector < MIN(vpci->vectors, 32u)) {
        ctx_status status = pci_msix_route(&vpci->pci, vector, vpci->dev.task);
        if (status != CTX_OK) {
            log_warn(vpci->dev.room, "no interrupt for vector=%u status=%d at=%s", vector, status,
                     vpci->dev.at);
        } else {
            vpci->routed |= 1u << vector;
            routed = true;
        }
    }
    uint16_t value = routed ? (uint16_t)vector : (uint16_t)VIRTIO_MSI_NO_VECTOR;
    write16(&vpci->common, field, value);
    /* [4.1.5.1.2.2]: the device refuses by reading back NO_VECTOR. */
    return routed && read16(&vpci->common, field) == value;
}

static ctx_status pci_queue_enable(struct virtio_device *dev, const struct virtqueue *q)
{
    struct virtio_pci *vpci = pci_of(dev);
    const struct virtio_pci_area *common = &vpci->common;
    if (q->no >= VIRTIO_PCI_QUEUES) {
        return CTX_E_INVAL;
    }
    write16(common, COMMON_QUEUE_SELECT, q->no);
    uint64_t notify_off =
        (uint64_t)read16(common, COMMON_QUEUE_NOTIFY_OFF) * vpci->notify_multiplier;
    if (notify_off + sizeof(uint16_t) > vpci->notify.len ||
        notify_off % sizeof(uint16_t) != 0) { /* [4.1.4.4.1] */
        log_error(dev->room, "notification of queue %u lies outside offset=0x%lx len=0x%x at=%s",
                  q->no, notify_off, vpci->notify.len, dev->at);
        return CTX_E_INVAL;
    }
    vpci->notify_at[q->no] = (volatile uint16_t *)(vpci->notify.base + notify_off);

    write16(common, COMMON_QUEUE_SIZE, q->size);
    if (vpci->vectors > 0) {
        uint32_t vector = q->no + 1u < vpci->vectors ? q->no + 1u : 0;
        bool ok = pci_set_vector(vpci, COMMON_CONFIG_MSIX_VECTOR, 0);
        ok = pci_set_vector(vpci, COMMON_QUEUE_MSIX_VECTOR, vector) && ok;
        dev->polled = dev->polled || !ok;
    } else {
        dev->polled = true;
    }
    write64(common, COMMON_QUEUE_DESC, q->desc_paddr);
    write64(common, COMMON_QUEUE_DRIVER, q->avail_paddr);
    write64(common, COMMON_QUEUE_DEVICE, q->used_paddr);
    write16(common, COMMON_QUEUE_ENABLE, 1); /* [4.1.5.1.3]: last */
    return CTX_OK;
}

static void pci_queue_notify(struct virtio_device *dev, uint16_t no)
{
    *pci_of(dev)->notify_at[no] = no; /* [4.1.5.2]; NOTIFICATION_DATA is not negotiated */
}

static void pci_acknowledge(struct virtio_device *dev)
{
    struct virtio_pci *vpci = pci_of(dev);
    if (vpci->vectors == 0 && vpci->isr.base != NULL) {
        (void)read8(&vpci->isr, 0); /* [4.1.4.5]: reading lowers the interrupt line */
    }
}

static void pci_cut_off(struct virtio_device *dev)
{
    const struct pci_device *pci = &pci_of(dev)->pci;
    pci_write(pci, PCI_COMMAND, 2, pci_read(pci, PCI_COMMAND, 2) & ~PCI_COMMAND_MASTER);
}

static const struct virtio_transport pci_transport = {
    .get_status = pci_get_status,
    .set_status = pci_set_status,
    .get_features = pci_get_features,
    .set_features = pci_set_features,
    .config_generation = pci_config_generation,
    .config_read = pci_config_read,
    .config_write = pci_config_write,
    .queue_size = pci_queue_size,
    .queue_enable = pci_queue_enable,
    .queue_notify = pci_queue_notify,
    .acknowledge = pci_acknowledge,
    .cut_off = pci_cut_off,
};

/* ---- opening ---- */

static struct virtio_pci_area *area_of(struct virtio_pci *vpci, uint32_t type, uint32_t *least)
{
    switch (type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        *least = COMMON_BYTES;
        return &vpci->common;
    case VIRTIO_PCI_CAP_NOTIFY_CFG:
        *least = sizeof(uint16_t);
        return &vpci->notify;
    case VIRTIO_PCI_CAP_ISR_CFG:
        *least = 1;
        return &vpci->isr;
    case VIRTIO_PCI_CAP_DEVICE_CFG:
        *least = 1;
        return &vpci->config;
    default:
        return NULL; /* [4.1.4.1]: others are to be ignored */
    }
}

/*
 * Look at one vendor capability. What is wrong with it is reported; another one of its type may do
 * [4.1.4.1].
 */
static void read_capability(struct virtio_pci *vpci, uint32_t cap)
{
    const struct pci_device *pci = &vpci->pci;
    if (cap % 4 != 0 || cap + CAP_BYTES > 256) {
        return;
    }
    uint32_t cap_len = pci_read(pci, cap + CAP_LEN, 1);
    uint32_t type = pci_read(pci, cap + CAP_TYPE, 1);
    uint32_t bar = pci_read(pci, cap + CAP_BAR, 1);
    uint32_t offset = pci_read(pci, cap + CAP_OFFSET, 4);
    uint32_t len = pci_read(pci, cap + CAP_LENGTH, 4);
    uint32_t least;
    struct virtio_pci_area *area = area_of(vpci, type, &least);
    if (area == NULL || area->base != NULL || bar > 5) {
        return;
    }
    bool notify = type == VIRTIO_PCI_CAP_NOTIFY_CFG;
    uint32_t cap_least = notify ? CAP_BYTES_MORE : CAP_BYTES;
    uint32_t align = notify ? sizeof(uint16_t) : type == VIRTIO_PCI_CAP_ISR_CFG ? 1 : 4;
    if (cap_len < cap_least || cap + cap_least > 256 || len < least || offset % align != 0) {
        log_warn(vpci->dev.room, "bad capability type=%u cap_len=%u offset=0x%x len=0x%x at=%s",
                 type, cap_len, offset, len, vpci->dev.at);
        return;
    }
    /*
     * A notification area of 4 MiB (a page per queue) is common, but we use only the first few
     * queues of it.
     */
    if (notify) {
        vpci->notify_multiplier = pci_read(pci, cap + CAP_MULTIPLIER, 4);
        uint64_t used =
            (uint64_t)vpci->notify_multiplier * (VIRTIO_PCI_QUEUES - 1) + sizeof(uint16_t);
        len = (uint32_t)MIN(used, len);
    }
    area->base = pci_map_bar(pci, bar, offset, len);
    area->len = area->base != NULL ? len : 0;
    if (area->base == NULL) {
        log_warn(vpci->dev.room, "no BAR for capability type=%u bar=%u offset=0x%x len=0x%x at=%s",
                 type, bar, offset, len, vpci->dev.at);
    }
}

ctx_status virtio_pci_open(struct virtio_pci *vpci, const struct pci_device *pci, const char *room)
{
    memset(vpci, 0, sizeof(*vpci));
    vpci->pci = *pci;
    vpci->dev.transport = &pci_transport;
    vpci->dev.room = room;
    format_text(vpci->dev.at, sizeof(vpci->dev.at), "%02x:%02x.%u", pci->bus, pci->slot,
                pci->function);

    /*
     * 48 at most, as pci_find_capability() itself; it cuts loops, so this bound is only belt and
     * braces.
     */
    uint32_t cap = 0;
    for (uint32_t i = 0; i < 48; i++) {
        cap = pci_find_capability(pci, PCI_CAP_VENDOR, cap);
        if (cap == 0) {
            break;
        }
        read_capability(vpci, cap);
    }
    if (vpci->common.base == NULL || vpci->notify.base == NULL) {
        log_warn(room, "has no modern interface at=%s device=0x%x", vpci->dev.at, pci->device);
        return CTX_E_NOSYS;
    }
    pci_enable(pci);
    vpci->vectors = pci_msix_enable(pci);
    return CTX_OK;
}
