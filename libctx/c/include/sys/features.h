/* SPDX-License-Identifier: MIT */
/* Which parts of POSIX the glue adds to picolibc's; its own headers ask for these names. */
#ifndef CTX_C_SYS_FEATURES_H
#define CTX_C_SYS_FEATURES_H

#include_next <sys/features.h>

#define _POSIX_TIMERS          200112L
#define _POSIX_MONOTONIC_CLOCK 200112L
#define _POSIX_CLOCK_SELECTION 200112L

#endif
