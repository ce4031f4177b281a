/* SPDX-License-Identifier: MIT */
/* The few words that every room uses. */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <ctx/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A physical address. Never a pointer: machine_direct() makes one. */
typedef uint64_t paddr_t;

#define PAGE_SIZE     4096u
#define PAGE_SHIFT    12
#define PAGE_MASK     4095u

#define NSEC_PER_SEC  UINT64_C(1000000000)
#define NSEC_PER_MSEC UINT64_C(1000000)
#define NSEC_PER_USEC UINT64_C(1000)

/* "Never", as a deadline in nanoseconds since boot. */
#define NEVER_NS       UINT64_MAX

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)      ((a) < (b) ? (a) : (b))
#define MAX(a, b)      ((a) > (b) ? (a) : (b))

/* align a power of two */
#define ALIGN_UP(n, align)              (((n) + ((align)-1)) & ~((__typeof__(n))(align)-1))
#define ALIGN_DOWN(n, align)            ((n) & ~((__typeof__(n))(align)-1))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#endif
