/* SPDX-License-Identifier: MIT */
/* picolibc's <glob.h> has BSD's names alone. */
#ifndef CTX_C_GLOB_H
#define CTX_C_GLOB_H

#include_next <glob.h>

#ifndef GLOB_ABORTED
#define GLOB_ABORTED GLOB_ABEND
#endif
#ifndef GLOB_NOESCAPE
#define GLOB_NOESCAPE 0x2000 /* a backslash is one */
#endif

#endif
