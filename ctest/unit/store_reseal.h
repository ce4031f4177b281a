/* SPDX-License-Identifier: MIT */
/* Checksums of a store made right again, so that what is behind them is looked at. */
#ifndef UNIT_STORE_RESEAL_H
#define UNIT_STORE_RESEAL_H

#include "store_private.h"

#include <kernel/string.h>

/* Superblocks and index fit again, whatever was changed in them. */
static inline void reseal(uint8_t *bytes, uint64_t blocks)
{
    for (uint32_t slot = 0; slot < 2; slot++) {
        uint8_t *block = bytes + (slot == 0 ? 0 : blocks - 1) * STORE_BLOCK;
        struct store_super super;
        memcpy(&super, block, sizeof super);
        uint64_t chain = 0, left = super.index_len;
        for (uint32_t i = 0; i < MIN(super.index_extents, STORE_INDEX_EXT); i++) {
            for (uint64_t b = 0; b < EXTENT_COUNT(super.extents[i]) && left > 0; b++) {
                uint64_t at = EXTENT_FIRST(super.extents[i]) + b;
                uint32_t part = (uint32_t)MIN(left, STORE_BLOCK);
                if (at >= blocks) {
                    left = 0;
                    break;
                }
                chain = store_chain(chain, bytes + at * STORE_BLOCK, part);
                left -= part;
            }
        }
        super.index_checksum = chain;
        if (memcmp(super.magic, store_magic, sizeof super.magic) == 0) {
            store_super_seal(&super);
            memcpy(block, &super, sizeof super);
        }
    }
}

#endif
