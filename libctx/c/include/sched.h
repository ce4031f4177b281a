/* SPDX-License-Identifier: MIT */
/* picolibc's <sched.h> has sched_yield() only where there are threads. */
#ifndef CTX_C_SCHED_H
#define CTX_C_SCHED_H

#include_next <sched.h>

#ifdef __cplusplus
extern "C" {
#endif

int sched_yield(void);

#ifdef __cplusplus
}
#endif
#endif
