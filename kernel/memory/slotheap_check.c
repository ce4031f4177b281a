/* SPDX-License-Identifier: MIT */
/* Whether everything that slotheap_private.h says of a heap is so. */
#include "slotheap_private.h"

const char *slotheap_check(const struct slotheap *h)
{
    uint64_t at = 0, blocks = 0, bytes = 0, committed = 0;
    for (uint32_t page = 0; page < PAGES; page++) {
        if (h->groups[page / (DIR_PAGES * GROUP_DIRS)] == NULL) {
            page += DIR_PAGES * GROUP_DIRS - 1;
            continue;
        }
        uint64_t *word = slotheap_page_word(h, page);
        committed += word != NULL ? *word & COMMITTED : 0;
    }
    if (committed != h->committed) {
        return "the count of committed pages is wrong";
    }
    for (const struct block *b = h->head; b != NULL; b = b->next) {
        uint32_t first = b->at / PAGE_UNITS;
        uint32_t end = (b->at + b->units + PAGE_UNITS - 1) / PAGE_UNITS;
        if (b->at != at || b->units == 0) {
            return "the blocks do not tile the heap";
        }
        if (slotheap_block_at(h, b->at) != b) {
            return "a block is not found by its address";
        }
        if (b->next != NULL && (b->next->prev != b || (!b->used && !b->next->used))) {
            return "neighbours are wrong or two free ones";
        }
        for (uint32_t page = first + b->guarded; b->used && page < end; page++) {
            uint64_t *word = slotheap_page_word(h, page);
            if (word == NULL || (*word & COMMITTED) == 0) {
                return "a used page is not committed";
            }
        }
        uint32_t inner = (b->at + PAGE_UNITS - 1) / PAGE_UNITS;
        uint32_t last = (b->at + b->units) / PAGE_UNITS;
        for (uint32_t page = inner; !b->used && last >= inner + SLOTHEAP_KEEP && page < last;
             page++) {
            if (h->groups[page / (DIR_PAGES * GROUP_DIRS)] == NULL) {
                page += DIR_PAGES * GROUP_DIRS - 1 - page % (DIR_PAGES * GROUP_DIRS);
                continue;
            }
            uint64_t *word = slotheap_page_word(h, page);
            if (word != NULL && (*word & COMMITTED) != 0) {
                return "a long free run keeps a page";
            }
        }
        blocks += b->used;
        bytes += b->used ? b->size : 0;
        at += b->units;
    }
    if (at != UNITS) {
        return "the blocks do not reach the end";
    }
    return blocks == h->blocks && bytes == h->bytes ? NULL : "the counts of live blocks are wrong";
}
