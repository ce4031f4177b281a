/* SPDX-License-Identifier: MIT */
/*
 * The calendar as everybody sees it: the machine's, or what it was set to since boot, and how far
 * people's time is ahead of it. The machine's own clock is never written.
 */
#ifndef KERNEL_WALL_H
#define KERNEL_WALL_H

#include <kernel/types.h>

#include <ctx/status.h>

/* Nanoseconds since 1970-01-01 00:00 UTC. NOSYS: nobody knows, and *out is 0. [loop, in a call] */
ctx_status wall_ns(int64_t *out);

/* From now on it goes on from here. RANGE: before 1970, or not before 2200. [loop, in a call] */
ctx_status wall_set(int64_t unix_ns);

/* By so many seconds local time is ahead of UTC. */
int64_t wall_zone(void);

/* The machine's own clock has local time. */
bool wall_is_local(void);

/*
 * local: the machine's own clock has local time. What was set stays; else the time is another one.
 * RANGE: a day or more. [boot, loop, in a call]
 */
ctx_status wall_set_zone(int64_t seconds, bool local);

/* +2:00, -3:30, 1: a word, which ends with the text or at a space. False: none of those. */
bool wall_read_zone(const char *text, int64_t *seconds);

#endif
