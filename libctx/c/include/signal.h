/* SPDX-License-Identifier: MIT */
/* picolibc's <signal.h> does not say how many there are by their usual name, and has no
 * siginterrupt(). */
#ifndef CTX_C_SIGNAL_H
#define CTX_C_SIGNAL_H

#include_next <signal.h>

#ifndef NSIG
#define NSIG _NSIG
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Whether what waits says EINTR behind the handler of this signal, or waits on. */
int siginterrupt(int number, int interrupts);

#ifdef __cplusplus
}
#endif

#endif
