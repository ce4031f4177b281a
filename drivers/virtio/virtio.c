/* SPDX-License-Identifier: MIT */
/*
 * A device's life: see virtio.h for the contract. Numbers in brackets are sections of virtio 1.2.
 */
#include "virtio.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

/* ---- coming up ---- */

void virtio_reset_begin(struct virtio_device *dev)
{
    dev->features = 0;
    dev->polled = false;
    dev->paused = false;
    dev->reset_by_ns = machine_now_ns() + VIRTIO_RESET_NS;
    dev->transport->set_status(dev, 0);
}

bool virtio_reset_pending(struct virtio_device *dev)
{
    /* [4.1.4.3.2]: the reset is done when status reads 0, not when the write returns. */
    return dev->transport->get_status(dev) != 0 && machine_now_ns() < dev->reset_by_ns;
}

ctx_status virtio_reset_end(struct virtio_device *dev)
{
    uint8_t status = dev->transport->get_status(dev);
    if (status != 0) {
        log_error(dev->room, "reset did not end status=0x%x at=%s", status, dev->at);
        return CTX_E_TIMEDOUT;
    }
    return CTX_OK;
}

static void add_status(struct virtio_device *dev, uint8_t bits)
{
    /* [2.1.1]: bits are only added; what the device added itself (NEEDS_RESET) stays. */
    dev->transport->set_status(dev, dev->transport->get_status(dev) | bits);
}

ctx_status virtio_negotiate(struct virtio_device *dev, uint64_t known)
{
    const struct virtio_transport *transport = dev->transport;
    add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE);
    add_status(dev, VIRTIO_STATUS_DRIVER);

    uint64_t offered = transport->get_features(dev, 0);
    offered |= (uint64_t)transport->get_features(dev, 1) << 32;
    if ((offered & VIRTIO_F_VERSION_1) == 0) { /* [6.1]: what is older is another protocol */
        log_error(dev->room, "offers no VERSION_1 features=0x%lx at=%s", offered, dev->at);
        return CTX_E_NOSYS;
    }
    uint64_t accepted = offered & (known | VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM);
    transport->set_features(dev, 0, (uint32_t)accepted);
    transport->set_features(dev, 1, (uint32_t)(accepted >> 32));
    add_status(dev, VIRTIO_STATUS_FEATURES_OK);
    /* [3.1.1], step 6: the device may still say no, by not keeping the bit. */
    if ((transport->get_status(dev) & VIRTIO_STATUS_FEATURES_OK) == 0) {
        log_error(dev->room, "refused features=0x%lx offered=0x%lx at=%s", accepted, offered,
                  dev->at);
        return CTX_E_DENIED;
    }
    dev->features = accepted;
    return CTX_OK;
}

ctx_status virtio_queue_start(struct virtio_device *dev, struct virtqueue *q, uint16_t no,
                              uint16_t chain_max)
{
    return virtio_queue_start_large(dev, q, no, chain_max, NULL, VIRTQ_SIZE_MAX);
}

ctx_status virtio_queue_start_large(struct virtio_device *dev, struct virtqueue *q, uint16_t no,
                                    uint16_t chain_max, struct virtq_slot *slots, uint32_t most)
{
    virtq_release(q);
    uint32_t size = MIN((uint32_t)dev->transport->queue_size(dev, no), most);
    if (size == 0) {
        log_error(dev->room, "has no queue %u at=%s", no, dev->at);
        return CTX_E_NOENT;
    }
    while ((size & (size - 1u)) !=
           0) { /* [2.7]: always a power of two; a device that says otherwise gets the next */
        size &= size - 1u;
    }
    ctx_status status =
        virtq_init_large(q, dev->room, no, (uint16_t)size, chain_max, dev->features, slots);
    if (status == CTX_OK) {
        status = dev->transport->queue_enable(dev, q);
    }
    if (status != CTX_OK) {
        log_error(dev->room, "queue %u cannot be used size=%u status=%d at=%s", no, size, status,
                  dev->at);
        return status;
    }
    if (dev->polled) {
        virtq_poll(q);
    }
    return CTX_OK;
}

void virtio_driver_ok(struct virtio_device *dev)
{
    add_status(dev, VIRTIO_STATUS_DRIVER_OK);
}

/* ---- at work ---- */

void virtio_kick(struct virtio_device *dev, struct virtqueue *q)
{
    bool any = q->published != q->avail_idx && !q->broken;
    /*
     * Notified whether it asks for that or not. QEMU 7.2 with one TCG processor leaves out what the
     * fence between idx and avail_event is for, while the device is another thread: each misses the
     * other, and a disk stands still until it is reset. One write too many costs less.
     */
    (void)virtq_publish(q);
    if (any) {
        dev->transport->queue_notify(dev, q->no);
    }
}

static bool config_read_once(struct virtio_device *dev, uint32_t offset, uint32_t width,
                             uint32_t count, uint8_t *to)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value;
        if (!dev->transport->config_read(dev, offset + i * width, width, &value)) {
            return false;
        }
        memcpy(to + (size_t)i * width, &value, width); /* little-endian on both sides */
    }
    return true;
}

bool virtio_config_read(struct virtio_device *dev, uint32_t offset, uint32_t width, uint32_t count,
                        void *to)
{
    for (uint32_t i = 0; i < VIRTIO_CONFIG_TRIES; i++) {
        uint32_t before = dev->transport->config_generation(dev);
        if (!config_read_once(dev, offset, width, count, to)) {
            return false;
        }
        if (dev->transport->config_generation(dev) == before) {
            return true;
        }
    }
    log_warn(dev->room, "configuration keeps changing offset=%u at=%s", offset, dev->at);
    return false;
}

bool virtio_in_trouble(struct virtio_device *dev)
{
    if (dev->polled && dev->transport->acknowledge != NULL) {
        dev->transport->acknowledge(dev);
    }
    uint8_t status = dev->transport->get_status(dev);
    return (status & VIRTIO_STATUS_DRIVER_OK) == 0 || (status & VIRTIO_STATUS_NEEDS_RESET) != 0;
}

bool virtio_paused(struct virtio_device *dev)
{
    bool paused = dev->paused;
    dev->paused = !paused;
    return paused;
}

/* ---- going down ---- */

bool virtio_recover(struct virtio_device *dev, const char *reason)
{
    uint8_t status = dev->transport->get_status(dev);
    bool again = dev->recoveries < VIRTIO_RECOVERIES_MAX;
    log_warn(dev->room, "%s status=0x%x at=%s%s", reason, status, dev->at,
             again ? ": resetting it once" : "");
    if (again) {
        dev->recoveries++;
    }
    return again;
}

void virtio_cut_off(struct virtio_device *dev)
{
    if (dev->transport->get_status(dev) != 0 && dev->transport->cut_off != NULL) {
        dev->transport->cut_off(dev);
    }
}

void virtio_give_up(struct virtio_device *dev, const char *reason)
{
    log_error(dev->room, "given up: %s at=%s", reason, dev->at);
    add_status(dev, VIRTIO_STATUS_FAILED); /* [2.1.1] */
}
