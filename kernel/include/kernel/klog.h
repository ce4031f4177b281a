/* SPDX-License-Identifier: MIT */
/*
 * The log: one line per event on the serial port, `[ 12.345678] W room: text key=value`.
 *
 * Formats: %s %.*s %c %d %i %u %x %lu %ld %lx %llu %p %% with width, '0' and '-'. No floating
 * point. A line is cut at KLOG_LINE bytes and says so with "...". [any] except in interrupt
 * handlers.
 */
#ifndef KERNEL_KLOG_H
#define KERNEL_KLOG_H

#include <kernel/types.h>

#include <stdarg.h>

#define KLOG_LINE 240u

void klog(char level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The log to be read: bytes from number `from` since boot on, whole lines as far as they fit in
 * room, of which the last KLOG_KEPT are kept; what is older is passed over, up to a line's
 * beginning. Returns where to go on. [loop, in a call]
 */
#define KLOG_KEPT 16384u
uint64_t klog_read(uint64_t from, char *out, size_t room, size_t *got);

#define log_debug(room, ...) klog('D', room, __VA_ARGS__)
#define log_info(room, ...)  klog('I', room, __VA_ARGS__)
#define log_warn(room, ...)  klog('W', room, __VA_ARGS__)
#define log_error(room, ...) klog('E', room, __VA_ARGS__)

/*
 * Format into buf, at most size bytes with the terminating NUL. Returns the length that the text
 * has in buf. Never writes past size; size must be at least 1. [any]
 */
size_t format_text(char *buf, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_args(char *buf, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* What the kernel says when it gives up; on the serial port and on screen. Does not return. [any]
 */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* A check of the kernel's own invariants; gone in release builds. Never for values that an app or a
 * device wrote. */
#ifdef KERNEL_DEBUG
#define KASSERT(cond)                                                                              \
    ((cond) ? (void)0 : panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond))
#else
#define KASSERT(cond) ((void)sizeof((cond) ? 1 : 0))
#endif

#endif
