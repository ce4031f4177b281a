/* SPDX-License-Identifier: MIT */
/*
 * x86-64 instructions, as far as this is told of them: how long they are, and what beyond SSE2 they
 * need (SDM 2, appendix A, and chapter 2 for VEX and EVEX). For crash reports and `ctx check`;
 * pure.
 */
#ifndef KERNEL_INSN_H
#define KERNEL_INSN_H

#include <kernel/types.h>

#define INSN_MAX 15u

/*
 * The instruction at code, of which len bytes are there. Returns its length, 0 if it is none or is
 * cut off. *feature gets the CTX_CPU_* bit that it needs, 0 if the baseline has it.
 */
uint32_t insn_look(const uint8_t *code, size_t len, uint64_t *feature);

/*
 * The features that code uses, one instruction after the other from the first byte on. Behind bytes
 * that are none (tables among the code) it goes on with the next one; what such bytes seem to be is
 * counted like the rest, so a feature that is found once may be none.
 */
uint64_t insn_features(const uint8_t *code, uint64_t len);

/* Names of CTX_CPU_* bits, separated by spaces: "AVX2 FMA". */
void insn_feature_names(uint64_t features, char *text, size_t size);

#endif
