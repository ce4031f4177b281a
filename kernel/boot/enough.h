/* SPDX-License-Identifier: MIT */
/* Whether a machine has the memory for what it is to run, and how much would do if it has not. */
#ifndef KERNEL_ENOUGH_H
#define KERNEL_ENOUGH_H

#include "bootinfo.h"

/* The screen that apps will have. */
struct enough_screen {
    uint32_t width, height;
    uint32_t wanted_width, wanted_height; /* what it would be, were there the memory; else 0 */
    bool shown;                           /* there is a display */
};

/*
 * With what is free before the canvas and the apps. False: they would not all begin, or not have
 * what a desktop needs; *text then says how much is lacking, and how large a machine would do.
 * [boot]
 */
bool enough_memory(const struct boot_info *boot, const struct enough_screen *screen, uint32_t apps,
                   boot_memory_fn *memory, void *arg, char *text, size_t size);

/* The same text for when there is enough, but no piece that the canvas fits into. [boot] */
void enough_in_pieces(const struct boot_info *boot, const struct enough_screen *screen,
                      boot_memory_fn *memory, void *arg, char *text, size_t size);

/*
 * The same for a kernel that lies in memory which is not all its own. The loader has put it there,
 * and what is in the rest may be overwritten: so this is looked at first of all. Or a small
 * machine's loader had no other place for a module.
 */
bool enough_for_kernel(const struct boot_info *boot, paddr_t first, paddr_t after, char *text,
                       size_t size);

#endif
