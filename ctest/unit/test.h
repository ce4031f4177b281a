/* SPDX-License-Identifier: MIT */
/* What every unit test of the core includes. */
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

#include "fake_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A generator that gives the same numbers in every run (Marsaglia, "Xorshift RNGs", 2003). */
struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t x = rng->state != 0 ? rng->state : 0x9e3779b97f4a7c15u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    rng->state = x;
    return x * 0x2545f4914f6cdd1du >> 16;
}

static inline uint64_t rng_below(struct rng *rng, uint64_t n)
{
    return rng_next(rng) % n;
}

#define assert_text(actual, expected) assert_string_equal(actual, expected)
#define RUN(tests)                    cmocka_run_group_tests(tests, NULL, NULL)

#endif
