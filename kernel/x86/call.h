/* SPDX-License-Identifier: MIT */
/* What call.S has for trap.c; the record of a call is <kernel/call.h>'s. */
#ifndef KERNEL_X86_CALL_H
#define KERNEL_X86_CALL_H

#include "x86.h"

#include <kernel/call.h>

extern uint64_t x86_xstate; /* XCR0: what parked calls are kept with; 0: FXSAVE */

/* No app finds in vector registers what another one left there. (call.S) */
void x86_clear_vectors(void);

extern char x86_ways[], x86_leave_app[], x86_park_app[], x86_gate_park[];

#endif
