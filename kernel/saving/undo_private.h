/* SPDX-License-Identifier: MIT */
/* What undo.c, undo_pages.c, undo_close.c and undo_heap.c share. */
#ifndef KERNEL_UNDO_PRIVATE_H
#define KERNEL_UNDO_PRIVATE_H

#include "image.h"
#include "undo.h"

/* An app with more of them has calls that can not be undone: as many as there can be surfaces. */
#define UNDO_AREAS  (IMAGE_SURFACES + 8u)
#define UNDO_SPARES 64u /* frames that wait for the next page fault */

/* A page that the app may write at present, and what it held before the call. */
struct written {
    uint64_t at;    /* in the slot */
    paddr_t frame;  /* 0: nothing that counts */
    uint32_t quiet; /* calls in a row that did not change it */
};

/* A block of the heap that came or went in this call. */
struct heap_op {
    struct slotheap_block block;
    bool freed;
    uint32_t no; /* of the call's, from 0 */
};

/*
 * What is known of the pages of one range. Closed: all are read-only but for those on the list of
 * written ones. Open: any may be writable, and nothing that the app writes there is noticed. A
 * range is open from the start, when its pages are mapped anew, and when the machine could not
 * protect all of them; only undo_begin() closes it. No call begins that can be undone while one
 * that is to be watched is open.
 */
enum range {
    RANGE_OPEN = 0,
    RANGE_CLOSED,
};

/* What a resource has in the slot (resource.h). */
struct watched_area {
    uint64_t at, pages;
    enum range range;
};

/* What can be done about the call that is going on. */
enum undo_call {
    UNDO_NONE = 0, /* none is going on */
    UNDO_KEPT,     /* it can be undone */
    UNDO_LOST,     /* it can not: u->why */
};

struct undo {
    enum undo_call call;
    const char *why; /* UNDO_LOST */
    bool copies;     /* data is copied before each call, else watched */
    bool counted;    /* copy_at is right: no page came or went since */
    bool dense;      /* the call before wrote many pages */
    enum range data; /* store, writable segments and heap, as one */
    struct watched_area areas[UNDO_AREAS];
    uint32_t area_count;

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
};

/* ---- undo.c ---- */

/* The call that is going on can not be undone any more, and why. */
void undo_lose(struct undo *u, const char *why);
extern const char undo_no_memory[], undo_no_protection[]; /* why */

/* ---- undo_pages.c ---- */

/* Whether a write there is to be noticed by a fault. */
bool undo_is_watched(const struct app *app, uint64_t offset);

/* What is known of an area that begins there; NULL: nothing, then it counts as open. */
struct watched_area *undo_area_at(struct undo *u, uint64_t at);

/* Whether a page is in a range that is watched, closed or not: pixels that an app draws anew after
 * a call that was undone are not, though they may have been. */
bool undo_is_known(const struct undo *u, uint64_t at);

/* Whether the range that a page is in is watched as a whole. */
enum range undo_range_of(const struct undo *u, uint64_t at);

/* A frame that is not needed any more: a spare one, as long as there is room for it. */
void undo_give_frame(struct undo *u, paddr_t frame);

/* Pages of a closed range that are writable and not on the list: the next call closes them. */
void undo_watch(struct app *app, uint64_t offset, uint64_t len);

/* Of watch.h. */
bool undo_write(struct app *app, uint64_t offset);
void undo_touch(struct app *app, uint64_t offset, uint64_t len);
uint32_t undo_mapped(struct app *app, uint64_t at, uint64_t pages, bool same);
void undo_committed(struct app *app, uint64_t offset);
bool undo_takes_frame(struct app *app, uint64_t offset, paddr_t frame);

/* ---- undo_close.c ---- */

/*
 * What was written until now. A page that changes again and again stays writable, and what it holds
 * now is copied; the others are read-only again, neighbours in one go, or their range is open.
 */
void undo_close_written(struct app *app);

/* Every range that is watched is closed from now on. False: that is not possible. */
bool undo_close_ranges(struct app *app);

/* How this app's data is kept: by copies or by page faults. */
void undo_choose_way(struct app *app);

/* ---- undo_heap.c ---- */

/* Of watch.h. */
void undo_heap_before(struct app *app);
void undo_heap_changed(struct app *app, const struct slotheap_block *block, bool freed);

/* False: no memory. */
bool undo_back_heap(struct app *app);
void undo_drop_ops(struct undo *u);

#endif
