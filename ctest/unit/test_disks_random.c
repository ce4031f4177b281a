/* SPDX-License-Identifier: MIT */
/*
 * Two apps over a disk that forgets: reads, writes, zeroes and flushes at random, by copies and by a share, while apps
 * die, are undone, run short of memory and give back their claims. A model knows what each block may hold: what was read is that,
 * and what was acknowledged before a flush that ended is there after a power cut, or something later.
 */
#include "disks_fixture.h"

#include "alloc_faults.h"
