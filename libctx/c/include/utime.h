/* SPDX-License-Identifier: MIT */
/* picolibc's <utime.h> uses time_t and does not say where it comes from, and has no utime(). */
#ifndef CTX_C_UTIME_H
#define CTX_C_UTIME_H

#include <sys/types.h>

#include_next <utime.h>

#ifdef __cplusplus
extern "C" {
#endif

int utime(const char *path, const struct utimbuf *times);

#ifdef __cplusplus
}
#endif
#endif
