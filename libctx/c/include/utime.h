/* SPDX-License-Identifier: MIT */
/* picolibc's <utime.h> uses time_t and does not say where it comes from. */
#ifndef CTX_C_UTIME_H
#define CTX_C_UTIME_H

#include <sys/types.h>

#include_next <utime.h>

#endif
