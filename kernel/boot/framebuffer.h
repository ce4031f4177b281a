/* SPDX-License-Identifier: MIT */
/* The boot loader's framebuffer as a display: 32, 24 or 16 bits per pixel, any pitch, any order of
 * colours. */
#ifndef KERNEL_FRAMEBUFFER_H
#define KERNEL_FRAMEBUFFER_H

#include "bootinfo.h"

/* NULL if it can be used, else why not, statically. */
const char *framebuffer_check(const struct boot_framebuffer *fb);

/* Offer it; memory is where it was mapped, pitch * height bytes. False: no memory for its pixels.
 */
bool framebuffer_start(const struct boot_framebuffer *fb, volatile void *memory);

#endif
