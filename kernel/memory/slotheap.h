/* SPDX-License-Identifier: MIT */
/*
 * The heap of one app slot: which bytes of CTX_SLOT_HEAP..HEAP_END are in use. All bookkeeping lies
 * in kernel memory, none in the slot, so an app can not damage it and an image need not carry it.
 *
 * Two-level segregated fit (Masmano et al., "TLSF", 2004) over blocks that are described from
 * outside. Bound: an alloc or dealloc is a constant number of list steps, at most PAGE_SIZE / 16 =
 * 256 steps to find the block of an address, plus work proportional to the pages that this very
 * block brings or returns (and at most 2 * SLOTHEAP_KEEP pages more).
 */
#ifndef KERNEL_SLOTHEAP_H
#define KERNEL_SLOTHEAP_H

#include <kernel/types.h>

#define SLOTHEAP_GRAIN 16u

/* A free run of fewer pages keeps its memory, so that a small alloc and dealloc in each call costs
 * no page work. */
#define SLOTHEAP_KEEP 64u

struct slotheap;

/* How pages come and go; page counts from the start of the heap. */
struct slotheap_pages {
    /* Zeroed memory in `count` pages, from `page` on. How many of them have come: fewer, from the
     * first on, is what NOMEM is. */
    uint32_t (*commit)(void *arg, uint32_t page, uint32_t count);
    void (*decommit)(void *arg, uint32_t page, uint32_t count);
    void *arg;
};

/* An empty heap. quota_pages: how many pages it may have committed at once. NULL when the kernel
 * has no memory. */
struct slotheap *slotheap_new(const struct slotheap_pages *pages, uint64_t quota_pages);

/* Decommit everything and forget it. NULL is fine. */
void slotheap_delete(struct slotheap *heap);

/*
 * Reserve size bytes at a multiple of align; sizes as the ABI normalises them (size >= 1, align a
 * power of two >= 1). *out is the offset from the start of the heap. NOMEM: no memory, no address
 * range, or the quota is used up; INVAL: align.
 */
ctx_status slotheap_alloc(struct slotheap *heap, uint64_t size, uint64_t align, uint64_t *out);

/* The same with a page right below the block that is never mapped: a stack that grows into it
 * faults. The block begins at a page, even if align is less. */
ctx_status slotheap_alloc_guarded(struct slotheap *heap, uint64_t size, uint64_t align,
                                  uint64_t *out);

/* Whether this offset lies in the page below a guarded block. */
bool slotheap_is_guard(const struct slotheap *heap, uint64_t offset);

/* The size and alignment with which the block at offset was allocated. NOENT: none begins there. */
ctx_status slotheap_find(const struct slotheap *heap, uint64_t offset, uint64_t *size,
                         uint64_t *align);

/*
 * Give a block back. NOENT: no block begins there; INVAL: one does, with another size or align;
 * *real_size and *real_align then tell it. Nothing changes on an error.
 */
ctx_status slotheap_dealloc(struct slotheap *heap, uint64_t offset, uint64_t size, uint64_t align,
                            uint64_t *real_size, uint64_t *real_align);

struct slotheap_usage {
    uint64_t blocks, bytes; /* live, as asked for */
    uint64_t pages, quota_pages;
};
void slotheap_usage(const struct slotheap *heap, struct slotheap_usage *out);

/* From now on pages come and go this way. */
void slotheap_set_pages(struct slotheap *heap, const struct slotheap_pages *pages);

/* Whether this page is committed. */
bool slotheap_has_page(const struct slotheap *heap, uint32_t page);

/* A live block, as an image stores it. */
struct slotheap_block {
    uint64_t offset, size; /* as slotheap_alloc() gave it and was asked for */
    uint32_t align_log2;
    bool guarded;
};

/* Call fn for each live block in address order. */
void slotheap_for_each(const struct slotheap *heap,
                       void (*fn)(void *arg, const struct slotheap_block *block), void *arg);

/*
 * The free blocks' offsets in the order in which they are looked for, at most room of them into
 * *out; how many there are. Two heaps with the same live blocks and the same order answer every
 * alloc alike.
 */
uint64_t slotheap_free_order(const struct slotheap *heap, uint64_t *out, uint64_t room);

/*
 * One more live block at its place, in a heap that has got nothing but such blocks so far, each
 * behind the one before. INVAL: the place is not free, or no alloc could have chosen it; NOMEM.
 */
ctx_status slotheap_place(struct slotheap *heap, const struct slotheap_block *block);

/* Put the free blocks into this order. False: these are not its free blocks; it stays as it is. */
bool slotheap_set_free_order(struct slotheap *heap, const uint64_t *order, uint64_t count);

/* Check every invariant; NULL if all hold, else which one does not. For tests; walks everything. */
const char *slotheap_check(const struct slotheap *heap);

#endif
