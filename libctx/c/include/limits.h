/* SPDX-License-Identifier: MIT */
/* What picolibc's and the compiler's <limits.h> leave to the system. */
#ifndef CTX_C_LIMITS_H
#define CTX_C_LIMITS_H

#include_next <limits.h>

#include <sys/syslimits.h>

#undef OPEN_MAX
#define OPEN_MAX 65536 /* as far as there is memory for them */
#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif
#ifndef _POSIX_PATH_MAX
#define _POSIX_PATH_MAX 256
#endif

#endif
