/* SPDX-License-Identifier: MIT */
/* Which of the 12,288 slot addresses are taken. What lies inside a slot is the business of
 * app/app_slot.c. */
#ifndef KERNEL_SLOT_H
#define KERNEL_SLOT_H

#include <kernel/types.h>

#include <ctx/slot.h>

/* ascending: bases in order instead of at random (boot word `slots=seq`). */
void slot_init(bool ascending);

/* A free slot's base; 0 when all are taken. */
uint64_t slot_alloc(void);

/* This very one. False: it is taken, or there is no such slot. */
bool slot_claim(uint64_t base);

bool slot_is_free(uint64_t base);
void slot_free(uint64_t base);

/* Whether len bytes at address lie wholly inside this slot, between its guards. Zero bytes lie
 * anywhere. */
static inline bool slot_has_range(uint64_t base, uint64_t address, uint64_t len)
{
    uint64_t offset = address - base;
    uint64_t end = CTX_SLOT_SIZE - CTX_SLOT_GUARD;
    return len == 0 || (offset >= CTX_SLOT_GUARD && offset < end && len <= end - offset);
}

#endif
