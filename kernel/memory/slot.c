/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include <kernel/machine.h>

/* [boot, loop, in a call] */
static struct {
    uint64_t taken[CTX_SLOT_COUNT / 64];
    bool ascending;
} state;

void slot_init(bool ascending)
{
    state.ascending = ascending;
}

uint64_t slot_alloc(void)
{
    uint64_t start = state.ascending ? 0 : machine_random() % CTX_SLOT_COUNT;
    for (uint64_t i = 0; i < CTX_SLOT_COUNT; i++) {
        uint64_t no = (start + i) % CTX_SLOT_COUNT;
        if ((state.taken[no / 64] >> (no % 64) & 1) == 0) {
            state.taken[no / 64] |= 1ull << (no % 64);
            return CTX_SLOT_LOWEST + no * CTX_SLOT_SIZE;
        }
    }
    return 0;
}

bool slot_is_free(uint64_t base)
{
    uint64_t no = (base - CTX_SLOT_LOWEST) / CTX_SLOT_SIZE;
    return (base & (CTX_SLOT_SIZE - 1)) == 0 && no < CTX_SLOT_COUNT &&
           (state.taken[no / 64] >> (no % 64) & 1) == 0;
}

bool slot_claim(uint64_t base)
{
    uint64_t no = (base - CTX_SLOT_LOWEST) / CTX_SLOT_SIZE;
    if (!slot_is_free(base)) {
        return false;
    }
    state.taken[no / 64] |= 1ull << (no % 64);
    return true;
}

void slot_free(uint64_t base)
{
    uint64_t no = (base - CTX_SLOT_LOWEST) / CTX_SLOT_SIZE;
    state.taken[no / 64] &= ~(1ull << (no % 64));
}
