/* SPDX-License-Identifier: MIT */
/* Memory that a device may read and write: physically contiguous whole pages, zeroed. */
#ifndef KERNEL_DMA_H
#define KERNEL_DMA_H

#include <kernel/types.h>

/* bytes is rounded up to whole pages, at most 128 MiB. NULL when there is no such run. *out is its
 * address for devices. */
void *dma_alloc(size_t bytes, paddr_t *out);

/* Give it back; bytes as at dma_alloc. Only when the device can no longer reach it (reset). NULL is
 * fine. */
void dma_free(void *memory, size_t bytes);

#endif
