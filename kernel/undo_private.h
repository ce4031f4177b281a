/* SPDX-License-Identifier: MIT */
/* What undo.c and undo_heap.c share. */
#ifndef KERNEL_UNDO_PRIVATE_H
#define KERNEL_UNDO_PRIVATE_H

#include "app_v3.h"
#include "undo.h"

#define UNDO_SPARES 64u /* frames that wait for the next page fault */

/* A page that the app may write at present, and what it held before the call. */
struct written {
    uint64_t at;   /* in the slot */
    paddr_t frame; /* 0: nothing that counts */
};

/* A block of the heap that came or went in this call. */
struct heap_op {
    struct slotheap_block block;
    bool freed;
};

struct undo {
    bool armed;  /* a call is going on */
    bool lost;   /* which can not be undone: no memory */
    bool dirty;  /* pages came or went since choose() */
    bool writes; /* data is watched, else copied */
    bool all;    /* any page may be writable: protect all of them again */
    bool dense;  /* the call before wrote many pages */
    uint64_t calls;

    uint8_t *copy; /* copy_room pages */
    uint32_t copy_room;
    uint64_t copy_at[UNDO_COPY_PAGES];
    uint32_t copy_count;

    struct written *written;
    uint32_t count, room;
    paddr_t spare[UNDO_SPARES];
    uint32_t spares;

    struct heap_op *ops;
    uint32_t op_count, op_room;
    bool heap_known; /* free_order is what it was when the call began */
    uint64_t *free_order;
    uint64_t free_count, free_room;

    struct surface surfaces[SURFACES]; /* as they were */
    struct surface gone[2 * SURFACES]; /* frames of those that went in this call */
    uint32_t gone_count;

    /* its place among the events */
    uint64_t event_next, event_first;
    uint32_t own_next;
    bool event_lost, subscribed;
    struct ctx_input page;
    uint16_t edges[INPUT_VIEW_EVENTS];
    uint32_t edge_count;
    uint64_t seen;
};

/* undo_heap.c. False: no memory. */
bool undo_back_heap(struct app *app);
void undo_back_surfaces(struct app *app);

/* Pages that may be writable without being on the list: the next call makes them read-only.
 * (undo.c)
 */
void undo_watch(struct app *app, uint64_t offset, uint64_t len);

/* Give the frames of surfaces that went in this call back. */
void undo_drop_surfaces(struct undo *u);
void undo_drop_ops(struct undo *u);

#endif
