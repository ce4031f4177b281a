/* SPDX-License-Identifier: MIT */
/* What an app of versions 1 and 2 does next, and which addresses that gives. */
#ifndef UNIT_IMAGE_GOES_ON_FIXTURE_H
#define UNIT_IMAGE_GOES_ON_FIXTURE_H

#include "image_fixture.h"

#define STEPS 100u

static uint64_t given[2][STEPS];
static uint32_t round_no;

/* Allocations and frees by a fixed script; which addresses they gave. */
static inline int32_t body_go_on(struct ctx *ctx)
{
    struct rng rng = {77};
    void *own_blocks[STEPS] = {0};
    uint64_t sizes[STEPS];
    for (uint32_t i = 0; i < STEPS; i++) {
        sizes[i] = i < 30 ? 256 : 1 + rng_below(&rng, 3000);
        own_blocks[i] = ctx->alloc(sizes[i], 16);
        given[round_no][i] = (uint64_t)(uintptr_t)own_blocks[i];
        uint32_t victim = (uint32_t)rng_below(&rng, i + 1);
        if (i % 3 == 2 && own_blocks[victim] != NULL) {
            ctx->dealloc(own_blocks[victim], sizes[victim], 16);
            own_blocks[victim] = NULL;
        }
    }
    return 0;
}

#endif
