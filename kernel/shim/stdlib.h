/* SPDX-License-Identifier: MIT */
/* For the sources of others that pack.c compiles: they mention an allocator that we never use. */
#ifndef KERNEL_SHIM_STDLIB_H
#define KERNEL_SHIM_STDLIB_H

#include <stddef.h>

static inline void *malloc(size_t size)
{
    (void)size;
    return NULL;
}

static inline void free(void *memory)
{
    (void)memory;
}

#endif
