/* SPDX-License-Identifier: MIT */
/* Blocks of an app's heap: free ones on lists by size, cut in two and joined again. */
#include "slotheap_private.h"

#include "heap.h"

/* ---- free lists by size ---- */

static void size_class(uint32_t units, uint32_t *fl, uint32_t *sl)
{
    if (units < SL_COUNT) {
        *fl = 0;
        *sl = units;
        return;
    }
    uint32_t log2 = 31u - (uint32_t)__builtin_clz(units);
    *fl = log2 - SL_BITS + 1;
    *sl = units >> (log2 - SL_BITS) & (SL_COUNT - 1);
}

void slotheap_free_add(struct slotheap *h, struct block *b)
{
    uint32_t fl, sl;
    size_class(b->units, &fl, &sl);
    b->used = 0;
    b->free_prev = NULL;
    b->free_next = h->free[fl][sl];
    if (b->free_next != NULL) {
        b->free_next->free_prev = b;
    }
    h->free[fl][sl] = b;
    h->fl_map |= 1u << fl;
    h->sl_map[fl] |= 1u << sl;
}

void slotheap_free_remove(struct slotheap *h, struct block *b)
{
    uint32_t fl, sl;
    size_class(b->units, &fl, &sl);
    if (b->free_prev != NULL) {
        b->free_prev->free_next = b->free_next;
    } else {
        h->free[fl][sl] = b->free_next;
        if (b->free_next == NULL) {
            h->sl_map[fl] &= ~(1u << sl);
            if (h->sl_map[fl] == 0) {
                h->fl_map &= ~(1u << fl);
            }
        }
    }
    if (b->free_next != NULL) {
        b->free_next->free_prev = b->free_prev;
    }
}

struct block *slotheap_free_find(const struct slotheap *h, uint32_t units)
{
    uint32_t fl, sl;
    if (units >= SL_COUNT) {
        uint32_t log2 = 31u - (uint32_t)__builtin_clz(units);
        uint32_t round = (1u << (log2 - SL_BITS)) - 1;
        if (units + round < units || units + round >= UNITS * 2) {
            return NULL;
        }
        units += round;
    }
    size_class(units, &fl, &sl);
    if (fl >= FL_COUNT) {
        return NULL;
    }
    uint32_t sl_map = h->sl_map[fl] & (~0u << sl);
    if (sl_map == 0) {
        uint32_t fl_map = fl + 1 < 32 ? h->fl_map & (~0u << (fl + 1)) : 0;
        if (fl_map == 0) {
            return NULL;
        }
        fl = (uint32_t)__builtin_ctz(fl_map);
        sl_map = h->sl_map[fl];
    }
    return h->free[fl][(uint32_t)__builtin_ctz(sl_map)];
}

/* ---- cutting and joining ---- */

/* Cut b so that it ends at `at`; the rest becomes a block of its own, on no list yet. NULL: no
 * memory. */
static struct block *split(struct slotheap *h, struct block *b, uint32_t at)
{
    if (!slotheap_make_page_word(h, at / PAGE_UNITS)) {
        return NULL;
    }
    struct block *rest = heap_alloc(sizeof *rest);
    if (rest == NULL) {
        return NULL;
    }
    rest->at = at;
    rest->units = b->at + b->units - at;
    rest->prev = b;
    rest->next = b->next;
    if (rest->next != NULL) {
        rest->next->prev = rest;
    }
    b->next = rest;
    b->units = at - b->at;
    slotheap_index_add(h, rest);
    return rest;
}

/* b swallows the block behind it, which is on no list. */
static void swallow_next(struct slotheap *h, struct block *b)
{
    struct block *gone = b->next;
    slotheap_index_remove(h, gone);
    b->units += gone->units;
    b->next = gone->next;
    if (b->next != NULL) {
        b->next->prev = b;
    }
    heap_free(gone, sizeof *gone);
}

void slotheap_set_free(struct slotheap *h, struct block *b)
{
    uint32_t from = b->at / PAGE_UNITS;
    uint32_t to = (b->at + b->units + PAGE_UNITS - 1) / PAGE_UNITS;
    if (b->next != NULL && !b->next->used) {
        slotheap_free_remove(h, b->next);
        swallow_next(h, b);
    }
    if (b->prev != NULL && !b->prev->used) {
        b = b->prev;
        slotheap_free_remove(h, b);
        swallow_next(h, b);
    }
    slotheap_free_add(h, b);
    uint32_t first = (b->at + PAGE_UNITS - 1) / PAGE_UNITS;
    uint32_t last = (b->at + b->units) / PAGE_UNITS;
    if (last >= first + SLOTHEAP_KEEP) {
        /* Farther away nothing is committed: a neighbour that long was returned when it was freed.
         */
        from = from > SLOTHEAP_KEEP + 1 ? from - SLOTHEAP_KEEP - 1 : 0;
        to = to + SLOTHEAP_KEEP + 1;
        slotheap_decommit(h, MAX(first, from), MIN(last, to));
    }
}

struct block *slotheap_use(struct slotheap *h, struct block *b, const struct slotheap_block *block)
{
    uint64_t guard = block->guarded ? PAGE_SIZE : 0;
    uint32_t at = (uint32_t)((block->offset - guard) / SLOTHEAP_GRAIN);
    uint32_t units = (uint32_t)((block->size + guard + SLOTHEAP_GRAIN - 1) / SLOTHEAP_GRAIN);
    slotheap_free_remove(h, b);
    if (at != b->at) {
        struct block *gap = b;
        b = split(h, gap, at);
        slotheap_free_add(h, gap);
        if (b == NULL) {
            return NULL;
        }
    }
    if (b->units > units) {
        struct block *rest = split(h, b, at + units);
        if (rest == NULL) {
            slotheap_set_free(h, b);
            return NULL;
        }
        slotheap_free_add(h, rest);
    }
    uint32_t from = at / PAGE_UNITS;
    uint32_t to = (at + units + PAGE_UNITS - 1) / PAGE_UNITS;
    if (block->guarded) { /* kept from an earlier block, perhaps */
        slotheap_decommit(h, from, from + 1);
        from++;
    }
    if (slotheap_commit(h, from, to) != CTX_OK) {
        slotheap_set_free(h, b);
        return NULL;
    }
    b->used = 1;
    b->guarded = block->guarded;
    b->size = block->size;
    b->align_log2 = (uint8_t)block->align_log2;
    h->blocks++;
    h->bytes += block->size;
    return b;
}
