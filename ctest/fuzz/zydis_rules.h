/* SPDX-License-Identifier: MIT */
/*
 * The rules of verified code (kernel/doc/isolation.md), stated a second time: in terms of the
 * operands that Zydis, a decoder that others wrote, finds in an instruction. What the verifier
 * takes must be fine here, too.
 */
#ifndef FUZZ_ZYDIS_RULES_H
#define FUZZ_ZYDIS_RULES_H

#include <Zydis/Zydis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZYDIS_RULES_AT 0x400000u /* where in the slot a single instruction would lie */

struct decoded {
    ZydisDecodedInstruction i;
    ZydisDecodedOperand o[ZYDIS_MAX_OPERAND_COUNT];
};

/* Before all else. */
void zydis_rules_begin(void);

bool zydis_decode(const uint8_t *code, size_t len, struct decoded *d);

/* NULL, or why an instruction must not be in verified code outside any group. */
const char *zydis_forbidden(const struct decoded *d);

/* Prefixes that change nothing are of no use to anybody. */
bool zydis_has_idle_prefix(const ZydisDecodedInstruction *i);

/* A bundle of 32 bytes at an offset in the slot. Where direct branches go is not looked at. */
bool zydis_bundle_is_fine(const uint8_t *code, uint32_t offset);

/* Bundles, and where their branches go. scratch: a fourth of size. */
bool zydis_code_is_fine(const uint8_t *code, uint32_t size, uint32_t offset, uint8_t *scratch);

#endif
