/* SPDX-License-Identifier: MIT */
/*
 * A line of the kernel's own over the apps' picture, for some seconds: what a key that is nobody's
 * but the kernel's has done, or why the machine does not go down.
 */
#ifndef KERNEL_NOTICE_H
#define KERNEL_NOTICE_H

#include <kernel/types.h>

/* Show the text, in place of an older one; trouble: longer, and in another colour. Without a
 * display or memory nothing happens: the log has it too. [loop] */
void notice_show(bool trouble, const char *text);

/* For present.c, as surface.h: what of it lies there, what changed, and the pixels of a row. */
bool notice_covers(uint32_t x, uint32_t y, uint32_t w, uint32_t h);
bool notice_damaged(uint32_t x, uint32_t y, uint32_t w, uint32_t h);
bool notice_any_damage(void);
void notice_compose(uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w);
void notice_presented(void);

#endif
