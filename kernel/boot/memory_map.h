/* SPDX-License-Identifier: MIT */
/*
 * From the loader's memory map to page frames. Loaders put things where they like (under UEFI even
 * modules below 1 MiB and tables in the kernel's gaps), so everything that is still needed is taken
 * out before anything is touched.
 */
#ifndef KERNEL_MEMORY_MAP_H
#define KERNEL_MEMORY_MAP_H

#include "bootinfo.h"

struct memory_span {
    paddr_t start, end; /* whole frames, end exclusive */
};

/*
 * The usable memory of the map without the reserved ranges, the modules, and what other entries of
 * the map claim; whole frames, ascending, joined. Returns how many spans were written; *lost counts
 * those that did not fit. Pure.
 */
uint32_t memory_spans(const struct boot_info *boot, const struct memory_span *reserved,
                      uint32_t reserved_count, struct memory_span *spans, uint32_t capacity,
                      uint32_t *lost);

/*
 * Start the frame allocator with what lies below 4 GiB (what the boot page tables reach), except
 * the kernel at [kernel_start, kernel_end), the loader's tables and the modules. False: there is no
 * room for the allocator's own map.
 */
bool memory_init(const struct boot_info *boot, paddr_t kernel_start, paddr_t kernel_end);

/* The rest, when the direct map reaches it. */
void memory_add_high(void);

/* The modules have been read: their frames are free now. */
void memory_release_modules(const struct boot_info *boot);

#endif
