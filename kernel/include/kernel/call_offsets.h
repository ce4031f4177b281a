/* SPDX-License-Identifier: MIT */
/* Where assembly finds things: for the two call.S, and asserted in <kernel/call.h>. */
#ifndef KERNEL_CALL_OFFSETS_H
#define KERNEL_CALL_OFFSETS_H

/* struct call */
#define CALL_KERNEL_SP 0
#define CALL_APP_SP    8
#define CALL_BASE      16
#define CALL_STATE     24
#define CALL_OVERDUE   28
#define CALL_VERIFIED  30
#define CALL_KEEP      32

/* its state */
#define STATE_KERNEL 0
#define STATE_APP    1
#define STATE_GATE   2

/* struct machine_entry, struct machine_parked, struct cpu */
#define ENTRY_CODE      0
#define ENTRY_ARGS      8
#define ENTRY_STACK_TOP 56
#define PARKED_FPU      192
#define CPU_CALL        0

/* <ctx/slot.h> */
#define SLOT_GATES     0x10000
#define SLOT_CTX       0x80000
#define SLOT_STACK_TOP 0x1f0000

/* The state in which an app is entered, beside its registers (<kernel/call_ways.inc>). */
#define MXCSR_DEFAULT 0x1f80
#define FCW_DEFAULT   0x37f

/* XSAVE: its header in the area, bits of XCR0 (SDM 1, 13.4). */
#define XSAVE_HEADER  512
#define XSTATE_AVX    4
#define XSTATE_TO_AVX 7 /* x87, SSE and AVX, and nothing else */
#define XSTATE_AVX512 0xe0

#endif
