/* SPDX-License-Identifier: MIT */
/* From boot modules to apps: each module is one app's ELF file, or an archive of several. */
#ifndef KERNEL_MODULES_H
#define KERNEL_MODULES_H

#include "bootinfo.h"

/* How many apps the modules hold, as far as one can tell without looking into them. */
uint32_t modules_count(const struct boot_info *boot, boot_memory_fn *memory, void *arg);

/*
 * What it takes to load them all and call them once. Looks into each file, but a few times in a row
 * into the same one.
 */
struct modules_foreseen {
    uint64_t frames;  /* at most */
    uint64_t largest; /* pages of the app that has the most */
    bool pictures; /* one may draw more than the canvas: it has windows, or brings a lot with it */
};
void modules_foresee(const struct boot_info *boot, boot_memory_fn *memory, void *arg,
                     uint64_t canvas_pages, struct modules_foreseen *out);

/* Tell isolate.h what their lines grant. */
void modules_allow(const struct boot_info *boot, boot_memory_fn *memory, void *arg);

/* Their data are at hand while images are restored, until program_lend_end(). */
void modules_lend(const struct boot_info *boot, boot_memory_fn *memory, void *arg);

/* Load them all, in order; progress (may be NULL) is told before each one. What is wrong is refused
 * by name. */
void modules_load(const struct boot_info *boot, boot_memory_fn *memory, void *arg,
                  void (*progress)(uint32_t done, const char *name));

#endif
