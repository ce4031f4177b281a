/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own small memory: blocks of 32 to 1,344 bytes cut from frames, larger ones as whole
 * frames. Apps never get any of it. Constant time, except that a fresh frame may have to be cut
 * into pieces.
 */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H

#include <kernel/types.h>

/* Zeroed memory, aligned to 16 bytes (to the page from 1,345 bytes on), or NULL. size 1 to 128 MiB.
 */
void *heap_alloc(size_t size);

/* size as at heap_alloc; NULL is fine. */
void heap_free(void *memory, size_t size);

/* Bytes handed out, for leak checks. */
uint64_t heap_used(void);

/* Bytes of the frames that small blocks are cut from, which no block has. With what is free in
 * whole frames: all that can still be had, to the byte, however blocks that stay are scattered. */
uint64_t heap_slack(void);

#endif
