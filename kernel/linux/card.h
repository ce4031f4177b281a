/* SPDX-License-Identifier: MIT */
/*
 * Network cards of this machine, for <kernel/nic.h>: what all kinds have in common (card.c). A kind
 * is where frames go: a file descriptor (a tap device, a socket), or a network in this process
 * (slirp.c). All work is done by the card's task, between calls of apps; what is to be sent and
 * room for what comes wait in two queues.
 */
#ifndef KERNEL_LINUX_CARD_H
#define KERNEL_LINUX_CARD_H

#include "linux.h"

#include <kernel/nic.h>

#define CARDS_MAX    4u
#define CARD_FRAMES  256u /* that wait, each way */
#define CARD_MTU     1500u
#define CARD_LONGEST (CARD_MTU + NIC_HEADER + NIC_VLAN)

struct card;

struct card_kind {
    /* Send a frame. OK, IO: it is lost; AGAIN: not now. [loop] */
    ctx_status (*send)(struct card *card, const struct nic_frame *frame);

    /* Look for frames that came, and put them where there is room (card_came). False: there are no
     * more now. [loop] */
    bool (*look)(struct card *card);
};

struct card_room {
    uint32_t tag, count;
    struct nic_segment segments[NIC_SEGMENTS];
};

struct card_frame {
    uint32_t tag;
    struct nic_frame frame;
};

struct card {
    struct nic_device nic;
    const struct card_kind *kind;
    struct task task;
    struct linux_watch watch;
    int fd; /* -1: there is none */
    struct card_frame frames[CARD_FRAMES];
    struct card_room rooms[CARD_FRAMES];
    uint32_t frame_first, frame_count, room_first, room_count;
    bool blocked; /* what is sent has to wait a moment */
    bool nudged;
    bool lost; /* its file leads nowhere any more */
    bool late; /* without a file: frames wait for room */
};

/* Offer one, in this order: net0, net1 ...; label: what people are told is behind it. NULL: done,
 * else why not. [boot] */
const char *card_offer(struct card *card, const struct card_kind *kind, const char *label,
                       const uint8_t mac[NIC_MAC]);

/* Memory for one more card. NULL: there is none, or there are four. [boot] */
struct card *card_make(void);

/* A frame that came, in one piece: false, there is no room, and it is counted as dropped. [loop] */
bool card_came(struct card *card, const void *bytes, size_t len);

/* Its task has something to do. [loop, in a call] */
void card_wake(struct card *card);

/* ---- slirp.c, or noslirp.c where there is no libslirp ---- */

/* A network of its own, whose router is this process: words behind `user`, between commas. NULL:
 * done, else why not. [boot] */
const char *slirp_open(const char *words);

#endif
