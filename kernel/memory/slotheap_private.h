/* SPDX-License-Identifier: MIT */
/*
 * What the files of slotheap share: slotheap_pages.c, slotheap_blocks.c and those that use them.
 *
 * Blocks tile the whole heap in address order, free and used ones; two free ones are never
 * neighbours. A free block is on the list of its size class. A page's word in the directory is the
 * block with the lowest offset that begins in that page, so an address is found by walking at most
 * one page's worth of neighbours. Bit 0 of that word says that the page is committed.
 *
 * Committed are: all pages that a used block touches, and those of free runs that lie wholly inside
 * a free block of fewer than SLOTHEAP_KEEP pages or share a page with a used one.
 */
#ifndef KERNEL_SLOTHEAP_PRIVATE_H
#define KERNEL_SLOTHEAP_PRIVATE_H

#include "slotheap.h"

#include <ctx/slot.h>

#define UNITS      ((CTX_SLOT_HEAP_END - CTX_SLOT_HEAP) / SLOTHEAP_GRAIN) /* 28 bits */
#define PAGE_UNITS (PAGE_SIZE / SLOTHEAP_GRAIN)
#define PAGES      ((CTX_SLOT_HEAP_END - CTX_SLOT_HEAP) / PAGE_SIZE)
#define SL_BITS    4u
#define SL_COUNT   (1u << SL_BITS)
#define FL_COUNT   26u
#define DIR_PAGES  512u /* pages described by one directory, 2 MiB */
#define GROUP_DIRS 32u  /* directories in one group, 64 MiB */
#define GROUPS     ((PAGES + DIR_PAGES * GROUP_DIRS - 1) / (DIR_PAGES * GROUP_DIRS))
#define COMMITTED  1ull

struct block {
    struct block *prev, *next;           /* by address */
    struct block *free_prev, *free_next; /* by size class */
    uint64_t size;                       /* bytes asked for */
    uint32_t at, units;                  /* place and length in grains */
    uint8_t used, align_log2;
    uint8_t guarded; /* its first page is not committed; the app's bytes begin behind it */
};

struct group {
    uint64_t *dirs[GROUP_DIRS]; /* each DIR_PAGES words: block pointer | COMMITTED */
};

struct slotheap {
    struct slotheap_pages pages;
    uint64_t quota, committed, blocks, bytes;
    uint32_t fl_map;
    uint32_t sl_map[FL_COUNT];
    struct block *head;
    struct block *tail; /* while it is being rebuilt: the free block that ends it */
    struct block *free[FL_COUNT][SL_COUNT];
    struct group *groups[GROUPS];
};

/* ---- slotheap_pages.c: which block begins where, and which pages are there ---- */

/* What the directory has of this page; NULL: nothing. */
static inline uint64_t *slotheap_page_word(const struct slotheap *h, uint32_t page)
{
    struct group *g = h->groups[page / (DIR_PAGES * GROUP_DIRS)];
    uint64_t *dir = g != NULL ? g->dirs[page / DIR_PAGES % GROUP_DIRS] : NULL;
    return dir != NULL ? &dir[page % DIR_PAGES] : NULL;
}

/* Have a word for this page. False: no memory. */
bool slotheap_make_page_word(struct slotheap *h, uint32_t page);

static inline struct block *slotheap_first_in(uint64_t word)
{
    return (struct block *)(uintptr_t)(word & ~COMMITTED);
}

/* b's place is new in the address list: let its page know. The word exists. */
void slotheap_index_add(struct slotheap *h, struct block *b);
void slotheap_index_remove(struct slotheap *h, struct block *b);

/* The block that begins at this grain, free or used; NULL: none does. */
struct block *slotheap_block_at(const struct slotheap *h, uint32_t at);

/* Pages from .. to - 1 go, those of them that are there; all of them come. NOMEM: some may have
 * come nevertheless, and are free memory that the caller settles. */
void slotheap_decommit(struct slotheap *h, uint32_t from, uint32_t to);
ctx_status slotheap_commit(struct slotheap *h, uint32_t from, uint32_t to);

/* ---- slotheap_blocks.c: lists of free blocks by size; cutting and joining ---- */

void slotheap_free_add(struct slotheap *h, struct block *b);
void slotheap_free_remove(struct slotheap *h, struct block *b);

/* A free block of at least this many units, in constant time: any block of the next larger class
 * will do. It stays on its list. */
struct block *slotheap_free_find(const struct slotheap *h, uint32_t units);

/* b has become free: join it with free neighbours, put it on its list, and return the pages of a
 * long run. */
void slotheap_set_free(struct slotheap *h, struct block *b);

/* Make this block of the free block b, which holds its place and its guard's: what is before and
 * behind it stays free, its pages come, and it counts. NULL: no memory, and all is free as before.
 */
struct block *slotheap_use(struct slotheap *h, struct block *b, const struct slotheap_block *block);

#endif
