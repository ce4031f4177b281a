/* SPDX-License-Identifier: MIT */
/*
 * What ctx_nic.c, nic_users.c, nic_rings.c and nic_devices.c have in common: an app's claims of
 * network cards, each with two rings in a share. A claim outlives its app for as long as the card
 * has memory of it.
 */
#ifndef KERNEL_NIC_PRIVATE_H
#define KERNEL_NIC_PRIVATE_H

#include "app.h"

#include <kernel/nic.h>

#include <ctx/tables.h>

#define NIC_CLAIMS        8u    /* of one app */
#define NIC_ENTRIES       1024u /* of a ring */
#define NIC_ENTRIES_LEAST 4u
#define NIC_PIECES        8u /* entries of one frame to send */
#define NIC_RING_PAGES    18u

struct share;

/* An entry that was taken, as it was then. What the app writes there later is nobody's business. */
struct nic_record {
    struct share *share; /* pinned; NULL: none */
    uint64_t at;
    uint32_t len;
    uint32_t flags;    /* CTX_NIC_* */
    ctx_status status; /* what is wrong with it, before any card has seen it */
    uint16_t csum_start, csum_offset, gso_size, header;
    uint16_t pieces; /* entries of its frame; 0: it is not the first one */
    bool ended;
    uint8_t *copy; /* of a frame that lies in too many pieces of memory */
    uint64_t copy_pages;
};

/* Counters that grow: done <= passed <= taken <= given <= done + size. */
struct nic_ring {
    uint32_t size;
    uint32_t given;  /* what the app said when it was looked at last */
    uint32_t taken;  /* read, and in records */
    uint32_t passed; /* told the card, or ended without */
    uint32_t done;   /* told the app */
    struct nic_record *records;
};

struct nic_claim {
    struct nic_device *device;
    struct app *app; /* whose quota `pages` count against; NULL: it has gone, or released it */
    uint32_t handle; /* 0: likewise */
    bool fresh;      /* it came in the call that may be undone */
    bool closing;    /* it was released in that call */
    bool partial;    /* CTX_NIC_PARTIAL */
    bool tell_sent;  /* CTX_NIC_KICK_TELL_SENT */
    bool skips;      /* the rest of a frame with too many pieces is passed over */
    struct share *share;
    uint8_t *ring_pages[NIC_RING_PAGES]; /* of the share, from the first one of the rings */
    uint32_t offset;                     /* of the rings in the first of them */
    uint32_t changes;
    struct nic_ring send, receive;
    struct nic_filter filter;
    uint64_t pages;  /* of this struct and the records */
    uint64_t copied; /* of records' copies */
    struct nic_claim *next;
};

struct nics_user {
    struct nic_claim *claims;
    uint32_t count, last; /* last: handle */
};

/* ---- nic_users.c: claims, and what an app has of this ---- */

/* What an app has of this; made when it asks for the first time. NULL: no memory. */
struct nics_user *nic_user(struct app *app);

/* NULL: none of this app's. */
struct nic_claim *nic_claim_find(const struct app *app, uint64_t handle);

/* Have a card; *setup makes sense but for its share. BUSY, NOSPC, NOMEM, and share_pin()'s. */
ctx_status nic_claim_make(struct app *app, struct nic_device *device,
                          const struct ctx_nic_setup *setup, struct nic_claim **out);

/* Let go of it: it goes when the card has. */
void nic_claim_let(struct nic_claim *claim);

/* It goes, if nobody needs it. */
void nic_claim_end(struct nic_claim *claim);

/* Cards came, went, are free, or have another link: for all who ever asked. */
void nic_tell_all(void);

/* ---- nic_rings.c ---- */

/* Begin with empty rings. */
void nic_rings_begin(struct nic_claim *claim);

/* Look at what the app says it has given. Whether that is something; RANGE: it makes no sense. */
ctx_status nic_rings_look(struct nic_claim *claim, bool *news);

/* Tell the card what it has room for. */
void nic_rings_pump(struct nic_claim *claim);

/* Write down what is done. */
void nic_rings_settle(struct nic_claim *claim);

/* The card has forgotten all: what it had to send is lost, what it had room in is told again. */
void nic_rings_reset(struct nic_claim *claim);

/* Whether the card has memory of it. */
bool nic_rings_busy(const struct nic_claim *claim);

/* Give back what records have; the card has none of it. */
void nic_rings_end(struct nic_claim *claim);

/* The link is another, or the card is gone. */
void nic_rings_changed(struct nic_claim *claim);

void nic_rings_sent(struct nic_claim *claim, uint32_t tag, ctx_status status);
void nic_rings_received(struct nic_claim *claim, uint32_t tag, const struct nic_arrival *arrival);

#endif
