/* SPDX-License-Identifier: MIT */
/*
 * The record of one call of an app: one list, the innermost first, for the core and for both
 * machines. The core makes it (app_call.c) and puts it on this processor's list; the machine keeps
 * in it where the call stands; whoever looks for the app that is going on looks here, and never at
 * a register or at memory that the app can write.
 */
#ifndef KERNEL_CALL_H
#define KERNEL_CALL_H

#include <kernel/call_offsets.h>
#include <kernel/machine.h>

#include <ctx/slot.h>

struct app;
struct app_served;

enum call_state {
    CALL_KERNEL = STATE_KERNEL, /* the kernel runs, before the app or after it */
    CALL_APP = STATE_APP,       /* the app runs: an exception is its fault */
    CALL_GATE = STATE_GATE,     /* the kernel runs on the app's behalf: an exception is the
                                   kernel's, unless it has a fix-up */
};

enum call_end {
    CALL_RETURNED = 0, /* or it is still going on */
    CALL_FAULTED,
    CALL_PARKED,
};

struct call {
    /* the machine's; call.S knows where these are */
    uint64_t kernel_sp; /* where the call unwinds to, and its gates run; a multiple of 16 */
    uint64_t app_sp;    /* the app's stack pointer while it is in a gate */
    uint64_t base;      /* its slot */
    uint32_t state;     /* enum call_state */
    bool overdue;       /* it has overstayed in a gate: parked when it leaves */
    uint8_t ended;      /* enum call_end */
    bool verified;      /* its code reaches its slot by way of %gs */
    bool stepped;       /* it is parked behind each of its instructions, as its entry says */
    struct machine_parked *keep;         /* where the call is kept if it overstays; NULL: nowhere */
    const struct machine_parked *resume; /* what it goes on with, until it does */
    struct machine_fault *fault;         /* what went wrong, if it ends in a fault */

    /* the core's */
    struct call *below; /* the call that this one is nested in */
    struct app *app;
    struct app_served *served; /* NULL: the loop's own call */
    uint32_t depth;            /* from 1 */
    uint32_t ticks;            /* that found it the innermost */
    uint32_t slice;            /* how many it may have; 0: as its app's policy says */
    uint64_t began_ns;         /* as the loop read the clock, or reckoned from that */
    uint64_t began_tick;       /* of the processor's ticks */
    uint64_t nested_ns;        /* that calls inside it took */
};

/*
 * What belongs to one processor. There is one so far; with several, this is what each has of its
 * own, and nobody but the processor itself touches it. The machine has it (it knows best how a
 * processor finds its own), and keeps there what only it knows: stacks, tables, whether it rests.
 */
struct cpu {
    /* The innermost that is going on, NULL: none. [loop, in a call]; [irq] reads it. */
    struct call *call;
    /* That found a call going on. [irq] writes it, as it does a call's. */
    uint64_t ticks;
    /* Somebody waits for the loop: calls are set aside at the next tick. [any]; [irq] reads it. */
    volatile bool hurry;
    /* kernel/x86/cpu.h, kernel/linux/linux.h; set from the first instruction on. [any] */
    struct machine_cpu *machine;

    /* The record of each usual call by the loop: what does not differ from one to the next is
     * written once, and again behind one that ended otherwise (app_call.c). [loop] */
    struct call usual;
    struct machine_parked usual_keep;
    struct machine_fault usual_fault;
};
extern struct cpu this_cpu;

/* How many of the processor's ticks came since it began or went on, those of calls in it too. */
static inline uint64_t call_elapsed_ticks(const struct call *call)
{
    return this_cpu.ticks - call->began_tick;
}

/*
 * Verified code is about to run, which reaches its slot by way of gs; the kernel itself never uses
 * that. WRGSBASE, where the machine has it: nothing goes on beside it, and so it stands first,
 * where little has begun that has to wait.
 */
extern bool machine_has_gsbase;         /* [boot] writes, [any] reads. */
void machine_set_gsbase(uint64_t base); /* otherwise */
static inline void call_set_slot(uint64_t base)
{
    if (machine_has_gsbase) {
        __asm__ volatile("wrgsbase %0" : : "r"(base));
    } else {
        machine_set_gsbase(base);
    }
}

/* How a call ended: the machine is back where it was entered. rax: what the app returned. */
static inline ctx_status call_ended(const struct call *call, uint64_t rax, int32_t *result)
{
    if (call->ended != CALL_RETURNED) {
        return call->ended == CALL_FAULTED ? CTX_E_FAULT : CTX_E_TIMEDOUT;
    }
    *result = (int32_t)rax;
    return CTX_OK;
}

/*
 * What is to become of a call that has had its time, found at ip; ours: in the machine's own code
 * on the way in or out. In its slot but outside its image an app is on its way into a gate.
 */
enum call_verdict {
    CALL_GOES_ON,
    CALL_PARK,  /* it runs its own code */
    CALL_ASTRAY /* it runs code that is nobody's to run from there */
};
static inline enum call_verdict call_overstays(struct call *call, uint64_t ip, bool ours)
{
    uint64_t offset = ip - call->base;
    if (call->state == CALL_GATE) {
        call->overdue = true; /* the gate's end does the rest */
    }
    if (call->state != CALL_APP) {
        return CALL_GOES_ON;
    }
    if (offset >= CTX_SLOT_IMAGE && offset < CTX_SLOT_IMAGE_END) {
        return CALL_PARK;
    }
    return offset >= CTX_SLOT_SIZE && !ours ? CALL_ASTRAY : CALL_GOES_ON;
}

_Static_assert(offsetof(struct call, kernel_sp) == CALL_KERNEL_SP, "call.S");
_Static_assert(offsetof(struct call, app_sp) == CALL_APP_SP, "call.S");
_Static_assert(offsetof(struct call, base) == CALL_BASE, "call.S");
_Static_assert(offsetof(struct call, state) == CALL_STATE, "call.S");
_Static_assert(offsetof(struct call, overdue) == CALL_OVERDUE, "call.S");
_Static_assert(offsetof(struct call, verified) == CALL_VERIFIED, "call.S");
_Static_assert(offsetof(struct call, keep) == CALL_KEEP, "call.S");
_Static_assert(offsetof(struct machine_entry, code) == ENTRY_CODE, "call.S");
_Static_assert(offsetof(struct machine_entry, args) == ENTRY_ARGS, "call.S");
_Static_assert(offsetof(struct machine_entry, stack_top) == ENTRY_STACK_TOP, "call.S");
_Static_assert(offsetof(struct machine_parked, fpu) == PARKED_FPU, "call.S");
_Static_assert(CTX_SLOT_GATES == SLOT_GATES, "call.S");
_Static_assert(CTX_SLOT_CTX == SLOT_CTX, "call.S");
_Static_assert(CTX_SLOT_STACK_TOP == SLOT_STACK_TOP, "call.S");
_Static_assert(offsetof(struct cpu, call) == CPU_CALL, "call.S");

#endif
