/* SPDX-License-Identifier: MIT */
/* A network card whose other end is the test: it takes frames and room, and says what comes of them
 * when it is told to. */
#ifndef UNIT_FAKE_NIC_H
#define UNIT_FAKE_NIC_H

#include "fake_machine.h"

#include <kernel/klog.h>
#include <kernel/nic.h>
#include <kernel/string.h>

#include <string.h>

#define FAKE_NIC_ROOM 32u

struct fake_nic {
    struct nic_device device;
    struct nic_frame frames[FAKE_NIC_ROOM]; /* that it was told, in their order */
    uint32_t frame_tags[FAKE_NIC_ROOM], frame_count;
    struct nic_segment rooms[FAKE_NIC_ROOM][NIC_SEGMENTS];
    uint32_t room_tags[FAKE_NIC_ROOM], room_counts[FAKE_NIC_ROOM], room_count;
    uint32_t pushes, stops, filters;
    struct nic_filter filter;
    bool at_once;  /* sends at once what it is told */
    bool lingers;  /* stop() takes until fake_nic_stopped() */
    uint32_t most; /* pieces of a frame to send */
};

static inline struct fake_nic *fake_nic_of(struct nic_device *device)
{
    return container_of(device, struct fake_nic, device);
}

static inline ctx_status fake_nic_send(struct nic_device *device, const struct nic_frame *frame,
                                       uint32_t tag)
{
    struct fake_nic *n = fake_nic_of(device);
    uint64_t len = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        len += frame->segments[i].len;
    }
    if (len != frame->len || len < NIC_HEADER) {
        panic("a frame whose pieces are not all of it");
    }
    if (frame->count > n->most) {
        return CTX_E_TOOBIG;
    }
    if (n->at_once) {
        nic_sent(device, tag, CTX_OK);
        return CTX_OK;
    }
    if (n->frame_count == FAKE_NIC_ROOM) {
        return CTX_E_AGAIN;
    }
    n->frames[n->frame_count] = *frame;
    n->frame_tags[n->frame_count++] = tag;
    return CTX_OK;
}

static inline ctx_status fake_nic_receive(struct nic_device *device,
                                          const struct nic_segment *segments, uint32_t count,
                                          uint32_t tag)
{
    struct fake_nic *n = fake_nic_of(device);
    if (n->room_count == FAKE_NIC_ROOM) {
        return CTX_E_AGAIN;
    }
    memcpy(n->rooms[n->room_count], segments, count * sizeof *segments);
    n->room_counts[n->room_count] = count;
    n->room_tags[n->room_count++] = tag;
    return CTX_OK;
}

static inline void fake_nic_push(struct nic_device *device, bool tell_sent)
{
    (void)tell_sent;
    fake_nic_of(device)->pushes++;
}

static inline void fake_nic_stopped(struct fake_nic *n)
{
    n->frame_count = n->room_count = 0;
    nic_was_reset(&n->device);
    nic_is_ready(&n->device);
}

static inline void fake_nic_stop(struct nic_device *device)
{
    struct fake_nic *n = fake_nic_of(device);
    n->stops++;
    if (!n->lingers) {
        fake_nic_stopped(n);
    }
}

static inline void fake_nic_filter(struct nic_device *device, const struct nic_filter *filter)
{
    fake_nic_of(device)->filters++;
    fake_nic_of(device)->filter = *filter;
}

/* The first frame that waits is sent. */
static inline void fake_nic_sent(struct fake_nic *n, ctx_status status)
{
    uint32_t tag = n->frame_tags[0];
    n->frame_count--;
    memmove(n->frames, n->frames + 1, n->frame_count * sizeof n->frames[0]);
    memmove(n->frame_tags, n->frame_tags + 1, n->frame_count * sizeof n->frame_tags[0]);
    nic_sent(&n->device, tag, status);
    nic_settle(&n->device);
}

/* A frame of so many bytes comes into room number i of those that wait. */
static inline void fake_nic_came(struct fake_nic *n, uint32_t i, struct nic_arrival arrival,
                                 uint8_t fill)
{
    uint32_t tag = n->room_tags[i], left = arrival.len;
    for (uint32_t s = 0; s < n->room_counts[i] && left > 0; s++) {
        uint32_t part = MIN(left, n->rooms[i][s].len);
        memset(n->rooms[i][s].bytes, fill, part);
        left -= part;
    }
    n->room_count--;
    memmove(n->rooms + i, n->rooms + i + 1, (n->room_count - i) * sizeof n->rooms[0]);
    memmove(n->room_tags + i, n->room_tags + i + 1, (n->room_count - i) * sizeof n->room_tags[0]);
    memmove(n->room_counts + i, n->room_counts + i + 1,
            (n->room_count - i) * sizeof n->room_counts[0]);
    nic_received(&n->device, tag, &arrival);
    nic_settle(&n->device);
}

static inline struct fake_nic *fake_nic_make(struct fake_nic *n, const char *name)
{
    *n = (struct fake_nic){.most = NIC_SEGMENTS,
                           .device = {.mac = {2, 0, 0, 0, 0, 1},
                                      .mtu = 1500,
                                      .link = true,
                                      .send = fake_nic_send,
                                      .receive = fake_nic_receive,
                                      .push = fake_nic_push,
                                      .stop = fake_nic_stop,
                                      .filter = fake_nic_filter}};
    text_copy(n->device.name, sizeof n->device.name, name);
    nic_offer(&n->device);
    nic_is_ready(&n->device);
    return n;
}

#endif
