/* SPDX-License-Identifier: MIT */
/*
 * What the processor can do beyond x86-64 with SSE2, and which register state goes with it. Pure:
 * asks CPUID through a function, so that both machines (the kernel's and the Linux process) and the
 * tests share it. SDM 1, chapter 13.
 */
#ifndef KERNEL_X86_FEATURES_H
#define KERNEL_X86_FEATURES_H

#include <kernel/call_offsets.h> /* XSTATE_* */
#include <kernel/types.h>

/* Components of XCR0. */
#define XSTATE_LEGACY 3ull /* x87, SSE */

typedef void cpuid_fn(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);

/* Whether there is XSAVE; without it there are x87 and SSE alone, kept by FXSAVE. */
bool xstate_is_there(cpuid_fn *ask);

/*
 * Which of these components a parked call is kept with: those that we know, that the processor has
 * and that have room in struct machine_parked. `allowed` is what XCR0 may hold, or holds if it is
 * not ours to write.
 */
uint64_t xstate_choose(cpuid_fn *ask, uint64_t allowed, uint32_t room);

/* CTX_CPU_* bits: what the processor has and these components make usable. */
uint64_t cpu_features(cpuid_fn *ask, uint64_t xstate);

#endif
