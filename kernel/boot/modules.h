/* SPDX-License-Identifier: MIT */
/* From boot modules to apps: each module is one app's ELF file, or an archive of several. */
#ifndef KERNEL_MODULES_H
#define KERNEL_MODULES_H

#include "bootinfo.h"

/* How many apps the modules hold, as far as one can tell without looking into them. */
uint32_t modules_count(const struct boot_info *boot, boot_memory_fn *memory, void *arg);

/* Load them all, in order; progress (may be NULL) is told before each one. What is wrong is refused
 * by name. */
void modules_load(const struct boot_info *boot, boot_memory_fn *memory, void *arg,
                  void (*progress)(uint32_t done, const char *name));

#endif
