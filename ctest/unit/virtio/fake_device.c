/* SPDX-License-Identifier: MIT */
/* See fake_device.h. */
#include "fake_device.h"

#include "fake_kernel.h"

#include <kernel/klog.h>

#include <string.h>

#define REQUIRE(cond)                                                                              \
    ((cond) ? (void)0 : panic("%s:%d: the driver broke the rules: %s", __FILE__, __LINE__, #cond))

static struct fake_device *of(struct virtio_device *dev)
{
    return container_of(dev, struct fake_device, dev);
}

static bool event_idx(const struct fake_device *device)
{
    return (device->accepted & VIRTIO_F_EVENT_IDX) != 0;
}

/* ---- life ---- */

static void forget(struct fake_device *device)
{
    device->status = 0;
    device->accepted = 0;
    for (uint32_t i = 0; i < FAKE_QUEUES; i++) {
        device->queues[i] = (struct fake_queue){.max_size = device->queues[i].max_size};
    }
    if (device->was_reset != NULL) {
        device->was_reset(device);
    }
}

static uint8_t get_status(struct virtio_device *dev)
{
    return of(dev)->lie == LIE_GONE && of(dev)->lies > 0 && of(dev)->honest == 0 ? 0xff
                                                                                 : of(dev)->status;
}

static void set_status(struct virtio_device *dev, uint8_t status)
{
    struct fake_device *device = of(dev);
    if (status == 0) {
        device->resets++;
        if (device->never_resets) {
            device->status |= 0x10;
            return;
        }
        forget(device);
        return;
    }
    REQUIRE((status & device->status) == device->status ||
            device->lie == LIE_GONE); /* 2.1.1: bits are only added */
    if ((status & VIRTIO_STATUS_FEATURES_OK) != 0 &&
        (device->status & VIRTIO_STATUS_FEATURES_OK) == 0) {
        REQUIRE((status & VIRTIO_STATUS_DRIVER) != 0);
        device->accepted = device->written[0] | device->written[1] << 32;
        REQUIRE((device->accepted & ~device->offers) == 0);
        if (device->refuses) {
            status = (uint8_t)(status & ~VIRTIO_STATUS_FEATURES_OK);
        }
    }
    device->status = status;
}

static uint32_t get_features(struct virtio_device *dev, uint32_t word)
{
    return (uint32_t)(of(dev)->offers >> (32 * word));
}

static void set_features(struct virtio_device *dev, uint32_t word, uint32_t bits)
{
    REQUIRE(word < 2 && (of(dev)->status & VIRTIO_STATUS_FEATURES_OK) == 0);
    of(dev)->written[word] = bits;
}

/* ---- configuration ---- */

static uint32_t config_generation(struct virtio_device *dev)
{
    return of(dev)->generation & 0xffu;
}

static bool config_read(struct virtio_device *dev, uint32_t offset, uint32_t width, uint32_t *value)
{
    struct fake_device *device = of(dev);
    if (offset % width != 0 || offset + width > device->config_len) {
        return false;
    }
    *value = 0;
    memcpy(value, device->config + offset, width);
    if (device->moving > 0) {
        device->moving--;
        device->generation++;
        device->config[offset]++;
    }
    return true;
}

static bool config_write(struct virtio_device *dev, uint32_t offset, uint32_t width, uint32_t value)
{
    struct fake_device *device = of(dev);
    if (offset % width != 0 || offset + width > device->config_len) {
        return false;
    }
    memcpy(device->config + offset, &value, width);
    if (device->config_written != NULL) {
        device->config_written(device);
    }
    return true;
}

/* ---- queues ---- */

static uint16_t queue_size(struct virtio_device *dev, uint16_t no)
{
    return no < FAKE_QUEUES ? of(dev)->queues[no].max_size : 0;
}

static ctx_status queue_enable(struct virtio_device *dev, const struct virtqueue *q)
{
    struct fake_device *device = of(dev);
    REQUIRE((device->status & VIRTIO_STATUS_FEATURES_OK) != 0 &&
            (device->status & VIRTIO_STATUS_DRIVER_OK) == 0);
    REQUIRE(q->no < FAKE_QUEUES && q->size <= device->queues[q->no].max_size);
    REQUIRE(q->desc_paddr % 16 == 0 && q->avail_paddr % 2 == 0 && q->used_paddr % 4 == 0);
    device->queues[q->no] = (struct fake_queue){
        .max_size = device->queues[q->no].max_size,
        .size = q->size,
        .enabled = true,
        .desc = (const struct virtq_desc *)(uintptr_t)q->desc_paddr,
        .avail = (const struct virtq_avail *)(uintptr_t)q->avail_paddr,
        .used = (struct virtq_used *)(uintptr_t)q->used_paddr,
    };
    device->queues[q->no].used->flags =
        device->no_notify && !event_idx(device) ? VIRTQ_USED_F_NO_NOTIFY : 0;
    dev->polled = device->no_interrupts;
    return CTX_OK;
}

static void queue_notify(struct virtio_device *dev, uint16_t no)
{
    struct fake_device *device = of(dev);
    if (device->status == 0) {
        return; /* it was reset and hears nothing */
    }
    REQUIRE((device->status & VIRTIO_STATUS_DRIVER_OK) != 0 && no < FAKE_QUEUES &&
            device->queues[no].enabled);
    device->notifications++;
    if (device->answer != NULL) {
        fake_process(device, no);
    }
}

static void cut_off(struct virtio_device *dev)
{
    of(dev)->cut_offs++;
}

static const struct virtio_transport fake_transport = {
    .get_status = get_status,
    .set_status = set_status,
    .get_features = get_features,
    .set_features = set_features,
    .config_generation = config_generation,
    .config_read = config_read,
    .config_write = config_write,
    .queue_size = queue_size,
    .queue_enable = queue_enable,
    .queue_notify = queue_notify,
    .cut_off = cut_off,
};

void fake_device_init(struct fake_device *device, const char *room, uint64_t features,
                      uint16_t size0, uint16_t size1)
{
    memset(device, 0, sizeof(*device));
    device->dev.transport = &fake_transport;
    device->dev.room = room;
    memcpy(device->dev.at, "00:09.0", 8);
    device->offers = features | VIRTIO_F_VERSION_1;
    device->queues[0].max_size = size0;
    device->queues[1].max_size = size1;
    device->config_len = sizeof(device->config);
    device->lies = 1;
}

/* ---- the ring, seen from the other side ---- */

static void read_segment(struct fake_chain *chain, const struct virtq_desc *desc)
{
    if ((desc->flags & VIRTQ_DESC_F_WRITE) != 0) {
        if (chain->more !=
            NULL) { /* only frames lie in more, and what is in them is not looked at */
            chain->beyond_len += desc->len;
            return;
        }
        *(chain->out == NULL ? &chain->out : &chain->more) = (uint8_t *)(uintptr_t)desc->addr;
        *(chain->more == NULL ? &chain->out_len : &chain->more_len) = desc->len;
        return;
    }
    REQUIRE(chain->out == NULL); /* 2.7.4.2: readable ones first */
    REQUIRE(chain->in_len + desc->len <= sizeof(chain->in));
    memcpy(chain->in + chain->in_len, (const void *)(uintptr_t)desc->addr, desc->len);
    chain->in_len += desc->len;
}

static void read_chain(struct fake_chain *chain, const struct virtq_desc *table, uint32_t size,
                       uint32_t at)
{
    for (uint32_t i = 0;; i++) {
        REQUIRE(at < size && i < size);
        const struct virtq_desc *desc = &table[at];
        REQUIRE((desc->flags & VIRTQ_DESC_F_INDIRECT) == 0 && desc->len > 0);
        read_segment(chain, desc);
        if ((desc->flags & VIRTQ_DESC_F_NEXT) == 0) {
            break;
        }
        at = desc->next;
    }
}

bool fake_take(struct fake_device *device, uint16_t no, struct fake_chain *chain)
{
    struct fake_queue *queue = &device->queues[no];
    if (!queue->enabled || queue->avail->idx == queue->avail_idx) {
        return false;
    }
    REQUIRE((uint16_t)(queue->avail->idx - queue->avail_idx) <= queue->size);
    uint16_t head = queue->avail->ring[queue->avail_idx % queue->size];
    queue->avail_idx++;
    if (event_idx(device)) {
        /* Ask for a notification at the next chain, or at none for long. */
        uint16_t at = device->no_notify ? (uint16_t)(queue->avail_idx + 0x7fff) : queue->avail_idx;
        memcpy((uint8_t *)&queue->used->ring[queue->size], &at, sizeof(at));
    }
    REQUIRE(head < queue->size);
    for (uint32_t i = 0; i < queue->waiting_count; i++) {
        REQUIRE(queue->waiting[i] != head); /* a descriptor that is ours already */
    }
    queue->waiting[queue->waiting_count++] = head;

    *chain = (struct fake_chain){.head = head};
    const struct virtq_desc *desc = &queue->desc[head];
    if ((desc->flags & VIRTQ_DESC_F_INDIRECT) != 0) {
        REQUIRE((device->accepted & VIRTIO_F_INDIRECT_DESC) != 0);
        REQUIRE((desc->flags & VIRTQ_DESC_F_NEXT) == 0 && desc->len % sizeof(*desc) == 0 &&
                desc->len > 0);
        chain->indirect = true;
        read_chain(chain, (const struct virtq_desc *)(uintptr_t)desc->addr,
                   desc->len / (uint32_t)sizeof(*desc), 0);
    } else {
        read_chain(chain, queue->desc, queue->size, head);
    }
    return true;
}

void fake_interrupt(struct fake_device *device)
{
    device->interrupts++;
    if (device->dev.task != NULL && !device->no_interrupts) {
        task_wake(device->dev.task);
    }
}

static void announce(struct fake_device *device, struct fake_queue *queue, uint16_t by)
{
    uint16_t old = queue->used_idx;
    queue->used_idx = (uint16_t)(old + by);
    queue->used->idx = queue->used_idx;
    bool wanted = (queue->avail->flags & VIRTQ_AVAIL_F_NO_INTERRUPT) == 0;
    if (event_idx(device)) {
        uint16_t at = queue->avail->ring[queue->size];
        REQUIRE(queue->avail->flags == 0); /* 2.7.7.1 */
        wanted = (uint16_t)(queue->used_idx - at - 1) < by;
    }
    if (wanted) {
        fake_interrupt(device);
    }
}

static void give(struct fake_device *device, struct fake_queue *queue, uint32_t id, uint32_t len,
                 uint16_t by)
{
    queue->used->ring[queue->used_idx % queue->size] =
        (struct virtq_used_elem){.id = id, .len = len};
    announce(device, queue, by);
}

static bool in_flight(const struct fake_queue *queue, uint16_t id)
{
    for (uint32_t i = 0; i < queue->waiting_count; i++) {
        if (queue->waiting[i] == id) {
            return true;
        }
    }
    for (uint16_t at = queue->avail_idx; at != queue->avail->idx; at++) {
        if (queue->avail->ring[at % queue->size] == id) {
            return true;
        }
    }
    return false;
}

/* An id that is not in flight, or `head` itself when all are. */
static uint16_t other_id(const struct fake_queue *queue, uint16_t head)
{
    for (uint16_t id = 0; id < queue->size; id++) {
        if (id != head && !in_flight(queue, id)) {
            return id;
        }
    }
    return head;
}

static void lie_about(struct fake_device *device, struct fake_queue *queue, uint16_t head)
{
    device->lies--;
    switch (device->lie) {
    case LIE_BAD_ID:
        give(device, queue, queue->size, 0, 1);
        break;
    case LIE_HUGE_ID:
        give(device, queue, 0xfffffff0u, 0, 1);
        break;
    case LIE_OLD_ID: {
        uint16_t id = other_id(queue, head);
        give(device, queue, id, 0, 1);
        if (id == head) {
            give(device, queue, id, 0, 1);
        }
        break;
    }
    case LIE_LONG:
        give(device, queue, head, 0x10000, 1);
        break;
    case LIE_JUMP:
        give(device, queue, head, 0, (uint16_t)(queue->size + 1));
        break;
    case LIE_BACK:
        give(device, queue, head, 0, 0xffff);
        break;
    case LIE_RESET:
        forget(device);
        break;
    case LIE_DEMAND:
        device->status |= VIRTIO_STATUS_NEEDS_RESET;
        fake_interrupt(device);
        break;
    case LIE_GONE:
        device->lies++; /* it stays gone */
        fake_interrupt(device);
        break;
    case LIE_SHORT:
        give(device, queue, head, 0, 1);
        break;
    case LIE_SILENT:
    case LIE_NONE:
        break;
    }
}

void fake_give(struct fake_device *device, uint16_t no, uint16_t head, uint32_t len)
{
    struct fake_queue *queue = &device->queues[no];
    for (uint32_t i = 0; i < queue->waiting_count; i++) {
        if (queue->waiting[i] == head) {
            queue->waiting[i] = queue->waiting[--queue->waiting_count];
            break;
        }
    }
    if (device->lie != LIE_NONE && device->lies > 0) {
        if (device->honest == 0) {
            lie_about(device, queue, head);
            return;
        }
        device->honest--;
    }
    give(device, queue, head, len, 1);
}

void fake_process(struct fake_device *device, uint16_t no)
{
    struct fake_chain chain;
    while (fake_take(device, no, &chain)) {
        uint32_t len = device->answer(device, no, &chain);
        fake_give(device, no, chain.head, len);
    }
}
