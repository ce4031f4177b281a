/* SPDX-License-Identifier: MIT */
/*
 * A test aid: how long saving and restoring take, in memory, for each app that runs. Boot word
 * `imagebench=N`, option --imagebench of ctx run.
 */
#ifndef KERNEL_IMAGEBENCH_H
#define KERNEL_IMAGEBENCH_H

#include <kernel/types.h>

/* After a second, N times for each app, and for all of them as a session; lines `IBENCH` in the log
 * tell the 50th and 99th of a hundred. 0: nothing. [boot] */
void imagebench_start(uint64_t rounds);

#endif
