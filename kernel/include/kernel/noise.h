/* SPDX-License-Identifier: MIT */
/* Where drivers bring noise that nobody can guess: it is mixed into what ctx.random/1 gives out. */
#ifndef KERNEL_NOISE_H
#define KERNEL_NOISE_H

#include <kernel/task.h>
#include <kernel/types.h>

/* Mix these bytes in. They are never trusted alone: a device that lies makes nothing worse. [loop]
 */
void noise_add(const void *bytes, size_t len);

/* Wake this task whenever fresh noise is wanted (a reseed); once is enough. [loop] */
void noise_source(struct task *task);

/* Whether some is wanted since the last noise_add(). [loop] */
bool noise_is_wanted(void);

#endif
