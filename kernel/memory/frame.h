/* SPDX-License-Identifier: MIT */
/*
 * Page frames: a binary buddy allocator over all usable RAM. Blocks of 2^order frames, naturally
 * aligned. Each operation takes at most FRAME_ORDERS steps, but for a run that no single block has.
 * The bookkeeping is one byte per frame, and two links inside free
 * blocks; in those of 2 MiB and more nothing is touched.
 */
#ifndef KERNEL_FRAME_H
#define KERNEL_FRAME_H

#include <kernel/types.h>

#define FRAME_ORDERS 16u /* largest block: 2^15 frames, 128 MiB */

/* frame_alloc: fill with zeroes. Without it the contents are unspecified (poisoned in debug
 * builds). */
#define FRAME_ZERO 1u

/*
 * Begin with no frames. map has one byte for each frame from 0 to frame_count - 1, zeroed, and
 * stays ours. Frames at and above frame_count can not be added.
 */
void frame_init(uint8_t *map, uint64_t frame_count);

/* Give the allocator the whole frames inside [start, end). They are in the direct map and nobody
 * uses them. Frame 0 is skipped. */
void frame_add(paddr_t start, paddr_t end);

/* 2^order frames; 0 when there is no such block. */
paddr_t frame_alloc(uint32_t order, uint32_t flags);

/* Give back exactly what frame_alloc returned. */
void frame_free(paddr_t frame, uint32_t order);

/* A block that frame_alloc returned becomes frames that can each be given back alone. */
void frame_split(paddr_t frame, uint32_t order);

/* Such frames, or others of order 0, that follow one another: as if each were given back, but that
 * only where free blocks begin anything is touched. */
void frame_free_singles(paddr_t frame, uint64_t count);

/*
 * Any number of frames that follow one another, up to the largest block; 0 when there is no such
 * run. They are part of one block if there is one, else of some that are neighbours. What is beyond
 * them stays free. Give them back with frame_free_pages and the same count.
 */
paddr_t frame_alloc_pages(uint64_t count, uint32_t flags);

/*
 * The same, but that the run begins `skip` frames behind what it would begin at, if there are so
 * many: those stay free. Together no more than the largest block.
 */
paddr_t frame_alloc_run(uint64_t count, uint64_t skip, uint32_t flags);
void frame_free_pages(paddr_t frame, uint64_t count);

/* The smallest order whose blocks hold this many bytes. */
uint32_t frame_order(uint64_t bytes);

/* How many frames there are, and how many of them are free. */
uint64_t frame_total(void);
uint64_t frame_free_total(void);

#endif
