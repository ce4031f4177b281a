/* SPDX-License-Identifier: MIT */
/* The record of one call into an app; call.S and cpu.c look into it. */
#ifndef KERNEL_X86_CALL_H
#define KERNEL_X86_CALL_H

#include "x86.h"

#include <kernel/machine.h>

enum call_state {
    CALL_KERNEL = 0,
    CALL_APP = 1,  /* the app runs: an exception is its fault */
    CALL_GATE = 2, /* the kernel runs on the app's behalf: an exception is the kernel's, unless it
                      has a fix-up */
};

struct call_record {
    uint64_t kernel_sp; /* where the call unwinds to */
    uint64_t chain_sp;  /* where gates run */
    uint64_t app_sp;    /* the app's stack pointer while it is in a gate */
    uint64_t base;      /* its slot */
    uint32_t state;     /* enum call_state */
    bool faulted, parked;
    bool overdue; /* it has overstayed in a gate: to be parked when it leaves */
    struct machine_fault *fault;
    struct machine_parked *keep;  /* where the call is kept if it overstays; NULL: nowhere */
    struct call_record *previous; /* the call that this one is nested in */
};

extern struct call_record *x86_record; /* the innermost call, NULL outside any */

extern uint64_t x86_xstate; /* XCR0: what parked calls are kept with; 0: FXSAVE */

/* No app finds in vector registers what another one left there. (call.S) */
void x86_clear_vectors(void);

extern char x86_ways[], x86_leave_app[], x86_park_app[], x86_gate_park[];

#endif
