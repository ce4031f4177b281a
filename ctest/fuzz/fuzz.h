/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target is libFuzzer's one function, and seeds made by code: the same files run under
 * libFuzzer (target `fuzzers`, where clang has it) and under driver.c in every test run.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_MAX 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Seed number no into buf, at most FUZZ_MAX bytes; 0 when there are no more. */
size_t fuzz_seed(uint32_t no, uint8_t *buf);

/* Stop here if cond does not hold. */
#define FUZZ_MUST(cond) ((cond) ? (void)0 : __builtin_trap())

#endif
