/* SPDX-License-Identifier: MIT */
/*
 * Calls that are made one instruction at a time (a test aid, probe/step.c), for both machines: with
 * the processor's trap flag set, each instruction of the app's own code ends in the exception that
 * parks the call. So such a call begins as one that goes on, from a frame that is made up; and a
 * gate is left as by a call that has overstayed in it.
 */
#ifndef KERNEL_STEP_H
#define KERNEL_STEP_H

#include <kernel/call.h>
#include <kernel/string.h>

#define STEP_FLAG   0x100u /* RFLAGS.TF */
#define STEP_VECTOR 1u     /* #DB */

/* Words of a parked frame, of both machines. An app may have TF set itself: whose it is says the
 * vector by which the call was parked. */
enum step_word {
    STEP_RDI = 8,
    STEP_RSI = 9,
    STEP_PARKED_BY = 15,
    STEP_RIP = 17,
    STEP_CS = 18,
    STEP_FLAGS = 19,
    STEP_RSP = 20,
    STEP_SS = 21,
};

static inline bool step_is_on(const struct machine_parked *parked)
{
    return parked->frame[STEP_PARKED_BY] == STEP_VECTOR;
}

/* The call was parked behind an instruction, or at the end of a gate: it goes on likewise. */
static inline void step_keep_on(struct machine_parked *parked)
{
    parked->frame[STEP_PARKED_BY] = STEP_VECTOR;
    parked->frame[STEP_FLAGS] |= STEP_FLAG;
}

/*
 * What machine_call() is to go on with, in *call->keep: all registers as an app is entered with
 * them, its segments but for the machine. False: it has no stack, and will say so itself.
 */
static inline bool step_begin(struct call *call, const struct machine_entry *entry)
{
    struct machine_parked *at = call->keep;
    const uint64_t back = call->base + SLOT_GATES;
    const uint16_t fcw = FCW_DEFAULT;
    const uint32_t mxcsr = MXCSR_DEFAULT;
    memset(at, 0, sizeof *at);
    memcpy(at->fpu, &fcw, sizeof fcw); /* where FXSAVE has them, and XSAVE: SDM 1, 10.5.1 */
    memcpy(at->fpu + 24, &mxcsr, sizeof mxcsr);
    at->frame[STEP_RDI] = entry->args[0];
    at->frame[STEP_RSI] = entry->args[1];
    at->frame[STEP_RIP] = entry->code;
    at->frame[STEP_FLAGS] = 0x202;
    at->frame[STEP_RSP] = entry->stack_top - sizeof back;
    step_keep_on(at);
    call->state = CALL_GATE; /* the stack's page may not be there yet */
    ctx_status status = machine_copy_out(at->frame[STEP_RSP], &back, sizeof back);
    call->state = CALL_KERNEL;
    return status == CTX_OK;
}

#endif
