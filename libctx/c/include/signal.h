/* SPDX-License-Identifier: MIT */
/* picolibc's <signal.h> does not say how many there are by their usual name. */
#ifndef CTX_C_SIGNAL_H
#define CTX_C_SIGNAL_H

#include_next <signal.h>

#ifndef NSIG
#define NSIG _NSIG
#endif

#endif
