/* SPDX-License-Identifier: MIT */
/* picolibc has what tzset() finds out by names of its own. They are no macros here, for there is a
 * `struct timezone` too. */
#ifndef CTX_C_TIME_H
#define CTX_C_TIME_H

#include_next <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __SVID_VISIBLE || __XSI_VISIBLE
extern long timezone __asm__("_timezone"); /* seconds west of Greenwich */
extern int daylight __asm__("_daylight");  /* whether there is ever summer time */
#endif

#ifdef __cplusplus
}
#endif
#endif
