/* SPDX-License-Identifier: MIT */
/*
 * Memory of an app's own: pages of its slot, its heap, and whether it may have more (app_pages.c,
 * app_heap.c, app_slot.c). Between all apps and the kernel stand three borders: an app's quota; the
 * reserve, which apps do not get but for stacks; and of that half, which stacks do not get either.
 * [loop, in a call]
 */
#ifndef KERNEL_APP_MEMORY_H
#define KERNEL_APP_MEMORY_H

#include "app.h"
#include "slotheap.h"

/* ---- pages ---- */

/*
 * Pages of the app's slot that are backed by memory of their own: zeroed (but see
 * app_set_poison), accounted, given back with the app. offset is that of the page in the slot.
 */
ctx_status app_commit(struct app *app, uint64_t offset, uint32_t rights);

/* The same for some pages in a row. On an error *came says how many have come, from the first on;
 * they stay. */
ctx_status app_commit_run(struct app *app, uint64_t offset, uint64_t count, uint32_t rights,
                          uint64_t *came);

/* They go, those of them that are there. */
void app_decommit(struct app *app, uint64_t offset);
void app_decommit_run(struct app *app, uint64_t offset, uint64_t count);

/* ---- whether there is any for it ---- */

/*
 * Whether its file, heap or surfaces may take so many pages more: within its quota, and without
 * what stacks and kernel need for all.
 */
bool app_may_grow(const struct app *app, uint64_t pages);

/*
 * Memory that the app does not have yet, and gets when others decide so: it counts against its
 * quota, and app_room() leaves it alone. app_may_grow() first. Taken back, at the latest when the
 * memory is there and counts itself. Stacks and the kernel may use such frames all the same:
 * without a page of its stack an app ends in a fault, without this one others have to wait.
 */
void app_promise(struct app *app, uint64_t pages);
void app_unpromise(struct app *app, uint64_t pages);

/* How many pages all apps together may still take. */
uint64_t app_room(void);

/* Whether a stack may grow: even from what apps leave, but not to the last. */
bool app_may_use_stack(void);

/* ---- what is in it ---- */

/* Write into an app's memory through the direct map, whatever its rights; the pages are committed.
 */
void app_fill(uint64_t address, uint8_t byte, uint64_t len);

/* ---- the heap ---- */

/* The app's heap, made when first asked for; NULL: no memory. Blocks of it, as the slotheap's.
 * (app_heap.c) */
struct slotheap *app_heap(struct app *app);
ctx_status app_heap_alloc(struct app *app, uint64_t size, uint64_t align, bool guarded,
                          uint64_t *offset);
ctx_status app_heap_free(struct app *app, uint64_t offset, uint64_t size, uint64_t align,
                         uint64_t *real_size, uint64_t *real_align);

/*
 * Make it hold exactly these blocks, in ascending order, with this order of free ones; pages that
 * stay keep their contents. False: no memory, the heap is as it was. And whether it does so
 * already.
 */
bool app_heap_become(struct app *app, const struct slotheap_block *blocks, uint64_t count,
                     const uint64_t *order, uint64_t order_count);
bool app_heap_is(const struct app *app, const struct slotheap_block *blocks, uint64_t count);

#endif
