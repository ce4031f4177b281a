/* SPDX-License-Identifier: MIT */
/*
 * What the registers of a PC's calendar (Motorola MC146818) mean. Pure, for tests; rtc.c reads
 * them.
 */
#ifndef KERNEL_X86_CALENDAR_H
#define KERNEL_X86_CALENDAR_H

#include <kernel/types.h>

struct calendar {
    uint8_t second, minute, hour, day, month, year; /* as they are, BCD or not */
    uint8_t century;  /* likewise; 0: this machine has no such register */
    uint8_t status_b; /* bit 1: 24 hours, bit 2: binary */
};

/*
 * Seconds since 1970-01-01 00:00 UTC. False: no calendar shows that, or it is before 1970 or after
 * 2261. Without a century, or with one that is not 19 to 22, the two digits of the year stand for
 * 1970 to 2069.
 */
bool calendar_seconds(const struct calendar *c, int64_t *seconds);

/*
 * The time, if it was thought to be `estimate_ns` and the calendar shows `seconds` just now: the
 * least change that makes the two agree. So every look narrows down where in the second it is, and
 * a leap of the calendar is followed at once.
 */
int64_t calendar_settle(int64_t estimate_ns, int64_t seconds);

#endif
