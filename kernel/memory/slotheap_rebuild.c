/* SPDX-License-Identifier: MIT */
/*
 * An app's heap made anew from what an image holds: the live blocks at their places, then the free
 * ones in the order in which they are looked for.
 */
#include "slotheap_private.h"

uint64_t slotheap_free_order(const struct slotheap *h, uint64_t *out, uint64_t room)
{
    uint64_t count = 0;
    for (uint32_t fl_map = h->fl_map; fl_map != 0; fl_map &= fl_map - 1) {
        uint32_t fl = (uint32_t)__builtin_ctz(fl_map);
        for (uint32_t sl_map = h->sl_map[fl]; sl_map != 0; sl_map &= sl_map - 1) {
            const struct block *b = h->free[fl][__builtin_ctz(sl_map)];
            for (; b != NULL; b = b->free_next, count++) {
                if (count < room) {
                    out[count] = (uint64_t)b->at * SLOTHEAP_GRAIN;
                }
            }
        }
    }
    return count;
}

ctx_status slotheap_place(struct slotheap *h, const struct slotheap_block *block)
{
    uint64_t guard = block->guarded ? PAGE_SIZE : 0;
    uint64_t bytes = (uint64_t)UNITS * SLOTHEAP_GRAIN;
    if (block->size == 0 || block->align_log2 > 31 || block->offset < guard ||
        block->offset > bytes || block->size > bytes - block->offset ||
        (block->offset & (MAX(guard, (uint64_t)SLOTHEAP_GRAIN) - 1)) != 0 ||
        ((CTX_SLOT_HEAP + block->offset) & ((UINT64_C(1) << block->align_log2) - 1)) != 0) {
        return CTX_E_INVAL;
    }
    uint32_t at = (uint32_t)((block->offset - guard) / SLOTHEAP_GRAIN);
    uint32_t units = (uint32_t)((block->size + guard + SLOTHEAP_GRAIN - 1) / SLOTHEAP_GRAIN);
    struct block *b = h->tail;
    if (b == NULL || at < b->at || units > b->at + b->units - at) {
        return CTX_E_INVAL;
    }
    b = slotheap_use(h, b, block);
    h->tail = b != NULL ? b->next : NULL; /* what was cut off behind it */
    return b != NULL ? CTX_OK : CTX_E_NOMEM;
}

bool slotheap_set_free_order(struct slotheap *h, const uint64_t *order, uint64_t count)
{
    if (slotheap_free_order(h, NULL, 0) != count) {
        return false;
    }
    /* All of them are on lists, and the counts agree: so they are the same if none comes twice. */
    for (uint64_t i = 0; i < count; i++) {
        struct block *b =
            order[i] < (uint64_t)UNITS * SLOTHEAP_GRAIN && order[i] % SLOTHEAP_GRAIN == 0
                ? slotheap_block_at(h, (uint32_t)(order[i] / SLOTHEAP_GRAIN))
                : NULL;
        if (b == NULL || b->used || b->guarded) {
            for (struct block *seen = h->head; seen != NULL; seen = seen->next) {
                seen->guarded = seen->used ? seen->guarded : 0;
            }
            return false;
        }
        b->guarded = 1; /* seen; means nothing in a free block */
    }
    for (uint64_t i = count; i-- > 0;) { /* lists grow at their heads */
        struct block *b = slotheap_block_at(h, (uint32_t)(order[i] / SLOTHEAP_GRAIN));
        b->guarded = 0;
        slotheap_free_remove(h, b);
        slotheap_free_add(h, b);
    }
    return true;
}
