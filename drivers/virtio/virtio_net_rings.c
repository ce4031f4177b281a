/* SPDX-License-Identifier: MIT */
/* Frames: see virtio_net.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_net.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define ERRORS_SAID 8u
#define NO_SLOT     UINT16_MAX

static void begin_way(struct net_way *way)
{
    for (uint16_t i = 0; i < NET_FRAMES; i++) {
        way->slots[i].next = (uint16_t)(i + 1u < NET_FRAMES ? i + 1u : NO_SLOT);
    }
    way->first_free = 0;
    way->used = 0;
}

void virtio_net_begin(struct virtio_net *net)
{
    begin_way(&net->rx);
    begin_way(&net->tx);
}

static void give_back(struct net_way *way, uint16_t no)
{
    way->slots[no].next = way->first_free;
    way->first_free = no;
    way->used--;
}

/* A chain of a header and pieces of a frame. */
static ctx_status add(struct net_way *way, paddr_t header, const struct nic_segment *pieces,
                      uint32_t count, bool writes, uint32_t tag)
{
    struct virtq_segment segments[NET_CHAIN] = {{header, sizeof(struct virtio_net_hdr)}};
    uint16_t no = way->first_free;
    if (count + 1 > way->queue.chain_max) {
        return CTX_E_TOOBIG;
    }
    for (uint32_t i = 0; i < count; i++) {
        segments[i + 1] =
            (struct virtq_segment){machine_direct_paddr(pieces[i].bytes), pieces[i].len};
    }
    ctx_status status = virtq_add(&way->queue, segments, writes ? 0 : count + 1,
                                  writes ? count + 1 : 0, &way->slots[no]);
    if (status != CTX_OK) { /* the ring is full; or broken, then the task finds out */
        return CTX_E_AGAIN;
    }
    way->first_free = way->slots[no].next;
    way->slots[no].tag = tag;
    way->used++;
    return CTX_OK;
}

ctx_status virtio_net_send(struct nic_device *nic, const struct nic_frame *frame, uint32_t tag)
{
    struct virtio_net *net = container_of(nic, struct virtio_net, nic);
    uint16_t no = net->tx.first_free;
    if (no == NO_SLOT || !net->started) {
        net->waits = true;
        return CTX_E_AGAIN;
    }
    bool cut = (frame->flags & (NIC_TSO4 | NIC_TSO6)) != 0;
    net->area->sent[no] = (struct virtio_net_hdr){
        .flags = (frame->flags & NIC_CSUM) != 0 ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0,
        .gso_type = (frame->flags & NIC_TSO4) != 0   ? VIRTIO_NET_HDR_GSO_TCPV4
                    : (frame->flags & NIC_TSO6) != 0 ? VIRTIO_NET_HDR_GSO_TCPV6
                                                     : VIRTIO_NET_HDR_GSO_NONE,
        .hdr_len = cut ? frame->header : 0,
        .gso_size = cut ? frame->gso_size : 0,
        .csum_start = (frame->flags & NIC_CSUM) != 0 ? frame->csum_start : 0,
        .csum_offset = (frame->flags & NIC_CSUM) != 0 ? frame->csum_offset : 0,
    };
    size_t at = offsetof(struct net_area, sent) + no * sizeof(struct virtio_net_hdr);
    ctx_status status =
        add(&net->tx, net->area_paddr + at, frame->segments, frame->count, false, tag);
    net->waits = net->waits || status == CTX_E_AGAIN;
    return status;
}

ctx_status virtio_net_receive(struct nic_device *nic, const struct nic_segment *segments,
                              uint32_t count, uint32_t tag)
{
    struct virtio_net *net = container_of(nic, struct virtio_net, nic);
    uint16_t no = net->rx.first_free;
    if (no == NO_SLOT || !net->started) {
        return CTX_E_AGAIN;
    }
    size_t at = offsetof(struct net_area, came) + no * sizeof(struct virtio_net_hdr);
    return add(&net->rx, net->area_paddr + at, segments, count, true, tag);
}

void virtio_net_push(struct nic_device *nic, bool tell_sent)
{
    struct virtio_net *net = container_of(nic, struct virtio_net, nic);
    if (!net->started) {
        return;
    }
    bool waits = net->waits;
    net->tell_sent = tell_sent;
    net->waits = false; /* it is tried again whenever something is done */
    virtio_kick(net->dev, &net->rx.queue);
    virtio_kick(net->dev, &net->tx.queue);
    if (net->dev->polled && net->rx.used + net->tx.used > 0) {
        task_wake(&net->task); /* it may sleep without a deadline */
    } else if (tell_sent) {
        virtq_arm(&net->tx.queue);
        if (virtq_has_news(&net->tx.queue) || virtio_in_trouble(net->dev) ||
            virtq_has_news(&net->tx.queue)) {
            task_wake(&net->task);
        }
    } else if (virtq_arm_last(&net->tx.queue) && waits) {
        task_wake(&net->task); /* all was sent before it was asked for: no interrupt will come */
    }
}

/* What the device says of a frame that came. The header is read once: it may go on writing. */
static struct nic_arrival arrival_of(struct virtio_net *net, uint16_t no, uint32_t len)
{
    volatile const struct virtio_net_hdr *header = &net->area->came[no];
    uint8_t flags = header->flags, gso_type = header->gso_type;
    struct nic_arrival a = {.csum_start = header->csum_start, .csum_offset = header->csum_offset};
    bool sums = (net->dev->features & VIRTIO_NET_F_GUEST_CSUM) != 0;
    if (len < sizeof(*header) + NIC_HEADER || gso_type != VIRTIO_NET_HDR_GSO_NONE ||
        (!sums && (flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)) { /* [5.1.6.4.1] */
        if (net->errors++ < ERRORS_SAID) {
            log_warn(NET_ROOM, "%s: a frame that makes no sense len=%u flags=0x%x gso=%u%s",
                     net->nic.name, len, flags, gso_type,
                     net->errors == ERRORS_SAID ? "; more are not named" : "");
        }
        return (struct nic_arrival){.len = 0};
    }
    a.len = len - (uint32_t)sizeof(*header);
    if (sums) {
        a.flags = (flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0   ? NIC_PARTIAL
                  : (flags & VIRTIO_NET_HDR_F_DATA_VALID) != 0 ? NIC_GOOD
                                                               : 0;
    }
    return a;
}

void virtio_net_collect(struct virtio_net *net)
{
    struct virtq_chain chain;
    bool news = false;
    if (!net->started) {
        return;
    }
    while (virtq_get(&net->tx.queue, &chain)) {
        struct net_slot *slot = chain.cookie;
        give_back(&net->tx, (uint16_t)(slot - net->tx.slots));
        nic_sent(&net->nic, slot->tag, CTX_OK);
        news = true;
    }
    while (virtq_get(&net->rx.queue, &chain)) {
        struct net_slot *slot = chain.cookie;
        uint16_t no = (uint16_t)(slot - net->rx.slots);
        struct nic_arrival arrival = arrival_of(net, no, chain.len);
        give_back(&net->rx, no);
        nic_received(&net->nic, slot->tag, &arrival);
        news = true;
    }
    virtq_arm(&net->rx.queue);
    if (news) {
        nic_settle(&net->nic);
    }
}
