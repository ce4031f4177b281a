/* SPDX-License-Identifier: MIT */
/*
 * Network cards, as drivers offer them and apps (ctx.nic/1) use them. A card is told frames to send
 * and memory for frames that come, and never waited for: it says by itself what it is done with.
 *
 * Memory that a card was told is its own until nic_sent() or nic_received() says otherwise, or
 * nic_was_reset(): whatever has become of whoever owned it. A card that was told anything never
 * lets go of it in another way.
 */
#ifndef KERNEL_NIC_H
#define KERNEL_NIC_H

#include <kernel/types.h>

#define NIC_NAME_MAX  24u
#define NIC_LABEL_MAX 64u
#define NIC_MAC       6u
#define NIC_HEADER    14u /* of Ethernet: to, from, type */
#define NIC_VLAN      4u  /* more, where there is a tag */
#define NIC_MTU_LEAST 68u /* of IPv4: RFC 791 */
#define NIC_SEGMENTS  14u /* pieces of memory of one frame */
#define NIC_GROUPS    64u /* addresses of a filter */

struct nic_segment {
    void *bytes; /* in the direct map */
    uint32_t len;
};

/* What the card does to a frame that is sent, or has done to one that came. */
#define NIC_CSUM    1u /* sent: fill in the checksum */
#define NIC_TSO4    2u /* sent: cut it into segments, as of IPv4; NIC_CSUM is there too */
#define NIC_TSO6    4u
#define NIC_GOOD    8u  /* came: its checksums were looked at */
#define NIC_PARTIAL 16u /* came: one is not filled in yet, and need not be looked at */

struct nic_frame {
    uint32_t len;
    uint32_t flags; /* NIC_* */
    uint16_t csum_start, csum_offset;
    uint16_t gso_size, header;
    uint32_t count;
    struct nic_segment segments[NIC_SEGMENTS];
};

/* A frame that came: what the driver says of it. */
struct nic_arrival {
    uint32_t len;   /* 0: it made no sense, and is counted as an error */
    uint32_t flags; /* NIC_GOOD, NIC_PARTIAL */
    uint16_t csum_start, csum_offset;
};

/* What is to come beside frames to the card's own address and to all. */
struct nic_filter {
    bool all;    /* that is on the wire */
    bool groups; /* every one */
    uint32_t count;
    uint8_t group[NIC_GROUPS][NIC_MAC]; /* else these */
};

/* Since the system began. */
struct nic_counters {
    uint64_t sent, sent_bytes, send_errors;
    uint64_t received, received_bytes, receive_errors;
    uint64_t dropped, kicks;
    uint64_t interrupts, resets; /* the driver counts them */
};

struct nic_claim; /* context/nic_private.h */

struct nic_device {
    /* the driver's; set before nic_offer(), and only link and speed change: nic_link_changed() */
    char name[NIC_NAME_MAX];
    char label[NIC_LABEL_MAX];
    uint8_t mac[NIC_MAC];
    uint32_t mtu;
    uint32_t speed;   /* Mbit/s; 0: not known */
    uint32_t longest; /* bytes of a frame with TSO; 0: without it is all there is */
    uint32_t groups;
    bool link, link_known;
    bool sums, tso4, tso6, checks, filters;

    /* Set by the core's functions below. */
    bool ready; /* it takes frames and memory */
    bool gone;

    /*
     * Take a frame, or memory for one. OK: tag comes back with nic_sent() or nic_received(). AGAIN:
     * there is no room now; that comes with one of those too. TOOBIG: never in so many pieces.
     * [loop, in a call]
     */
    ctx_status (*send)(struct nic_device *device, const struct nic_frame *frame, uint32_t tag);
    ctx_status (*receive)(struct nic_device *device, const struct nic_segment *segments,
                          uint32_t count, uint32_t tag);

    /* All that was taken may go. tell_sent: somebody waits for the next nic_sent(). [loop, in a
     * call] */
    void (*push)(struct nic_device *device, bool tell_sent);

    /* Say now what is done; NULL: there is never something that is done and not said. [loop, in a
     * call] */
    void (*collect)(struct nic_device *device);

    /* Begin to let go of all memory: nic_was_reset() comes when it has, then nic_is_ready(), or
     * nic_is_gone(). [loop, in a call] */
    void (*stop)(struct nic_device *device);

    /* NULL: it has none. Only while it is ready; kept by the core over a reset. [loop, in a call]
     */
    void (*filter)(struct nic_device *device, const struct nic_filter *filter);

    /* Look whether the link is another; NULL: the driver does so by itself. [loop, in a call] */
    void (*refresh)(struct nic_device *device);

    /* the core's */
    uint32_t number; /* no other one has or had it */
    struct nic_counters counters;
    struct nic_claim *claim;
    struct nic_device *next;
};

/* ---- what drivers say; [loop, in a call] ---- */

/* There is a card. It stays for ever; one that dies or is taken away says so. */
void nic_offer(struct nic_device *device);

/* It takes frames from now on. */
void nic_is_ready(struct nic_device *device);

/* It has let go of all memory, and forgotten all frames: what it had to send is lost. It is not
 * ready. */
void nic_was_reset(struct nic_device *device);

/* It is not there any more, and has let go of all memory. */
void nic_is_gone(struct nic_device *device);

/* device->link or ->speed is another. */
void nic_link_changed(struct nic_device *device);

/* OK, or IO. */
void nic_sent(struct nic_device *device, uint32_t tag, ctx_status status);
void nic_received(struct nic_device *device, uint32_t tag, const struct nic_arrival *arrival);

/* Behind some of these two: whoever has the card hears of it, and it is told more. */
void nic_settle(struct nic_device *device);

/* ---- all cards ---- */

/* Those that are there; NULL begins, and ends. */
struct nic_device *nic_after(const struct nic_device *device);
struct nic_device *nic_find(uint32_t number);

/* The longest frame that can be sent, and the room that one that comes may take. */
uint32_t nic_most(const struct nic_device *device);
uint32_t nic_least(const struct nic_device *device);

#endif
