/* SPDX-License-Identifier: MIT */
/* picolibc's <sys/stat.h> has no names for "now" and "as it was". */
#ifndef CTX_C_SYS_STAT_H
#define CTX_C_SYS_STAT_H

#include_next <sys/stat.h>

#ifndef UTIME_NOW
#define UTIME_NOW  (-2L)
#define UTIME_OMIT (-1L)
#endif

#endif
