/* SPDX-License-Identifier: MIT */
/*
 * What ctx_block.c and block_requests.c have in common: an app's claims of disks, and what it has
 * submitted. Both outlive the app: a request that a device has goes on, with its memory, and a disk
 * is free when the last one has ended.
 */
#ifndef KERNEL_BLOCK_PRIVATE_H
#define KERNEL_BLOCK_PRIVATE_H

#include "app.h"

#include <kernel/block.h>

#include <ctx/tables.h>

#define BLOCK_CLAIMS    16u
#define BLOCK_IN_FLIGHT 64u         /* of one claim: submitted, and not told */
#define BLOCK_MOST      (1u << 20u) /* bytes of one READ or WRITE */
#define BLOCK_ERASE     (1u << 30u) /* of one DISCARD or ZEROES */
#define BLOCK_SEGMENTS  14u /* of a share's pages, as many as lie apart; more go by a copy */

struct share;

struct disk_claim {
    struct block_claim claim;
    uint32_t handle; /* 0: it was released, or the app has gone */
    bool write;
    bool fresh;              /* it came in the call that may be undone */
    bool closing;            /* it was released in that call */
    bool changed;            /* it was written */
    uint32_t untold;         /* requests: submitted and not told, whoever is to be */
    uint32_t going_on;       /* that the device has */
    struct disk_claim *next; /* of the app */
};

struct disk_request {
    struct block_request io;
    struct disk_claim *claim;
    struct app *app; /* who is told; NULL: nobody */
    struct disk_request *next;
    uint64_t tag, bytes;
    uint64_t from; /* READ into the app's own memory: where */
    uint32_t op, handle;
    uint8_t *copy;       /* frames that the device uses in the place of memory of the app's */
    uint64_t copy_pages; /* count against the app's quota */
    struct share *share; /* pinned */
    uint64_t share_at;
    bool fresh; /* submitted in the call that may be undone */
    bool ended;
    bool told; /* in that call */
    struct block_segment segments[BLOCK_SEGMENTS];
};

struct disks_user {
    struct disk_claim *claims;
    uint32_t claim_count, last;        /* last: handle */
    struct disk_request *first, **end; /* all that are to be told; those that were come first */
};

extern const struct app_resource block_resource;

/* What an app has of this; made when it asks for the first time. NULL: no memory. */
struct disks_user *block_user(struct app *app);

/* A claim by its handle. NULL: none of this app's. */
struct disk_claim *block_find(const struct app *app, uint64_t handle);

/* Have a disk. NOENT, BUSY, NOSPC, NOMEM. */
ctx_status block_have(struct app *app, struct block_disk *disk, bool write,
                      struct disk_claim **out);

/* The claim goes: what is in flight ends by itself, and nobody is told. */
void block_let(struct app *app, struct disk_claim *claim);

/* A request, with a copy of so many bytes if there are any. NOSPC: too many; NOMEM. Nothing goes to
 * the device before block_begin(); block_drop() instead gives it back. */
ctx_status block_make(struct app *app, struct disk_claim *claim, uint64_t copy,
                      struct disk_request **out);
void block_drop(struct disk_request *r);
void block_begin(struct disk_request *r);

/* The next one that has ended and was not told; NULL: none has. Then it was: it goes, or waits for
 * the end of the call. */
struct disk_request *block_ended(struct app *app);
void block_told(struct app *app, struct disk_request *r);

#endif
