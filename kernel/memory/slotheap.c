/* SPDX-License-Identifier: MIT */
/* What an app asks of its heap. slotheap_private.h says how it is made. */
#include "slotheap_private.h"

#include "heap.h"

struct slotheap *slotheap_new(const struct slotheap_pages *pages, uint64_t quota_pages)
{
    struct slotheap *h = heap_alloc(sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    h->pages = *pages;
    h->quota = quota_pages;
    h->head = heap_alloc(sizeof *h->head);
    if (h->head == NULL || !slotheap_make_page_word(h, 0)) {
        slotheap_delete(h);
        return NULL;
    }
    h->head->units = UNITS;
    h->tail = h->head;
    slotheap_index_add(h, h->head);
    slotheap_free_add(h, h->head);
    return h;
}

void slotheap_delete(struct slotheap *h)
{
    if (h == NULL) {
        return;
    }
    for (struct block *b = h->head; b != NULL;) {
        struct block *next = b->next;
        heap_free(b, sizeof *b);
        b = next;
    }
    for (uint32_t g = 0; g < GROUPS; g++) {
        for (uint32_t d = 0; h->groups[g] != NULL && d < GROUP_DIRS; d++) {
            uint64_t *dir = h->groups[g]->dirs[d];
            uint32_t first = (g * GROUP_DIRS + d) * DIR_PAGES;
            if (dir != NULL) {
                slotheap_decommit(h, first, first + DIR_PAGES);
            }
            heap_free(dir, DIR_PAGES * sizeof *dir);
        }
        heap_free(h->groups[g], sizeof(struct group));
    }
    heap_free(h, sizeof *h);
}

static ctx_status alloc(struct slotheap *h, uint64_t size, uint64_t align, bool guarded,
                        uint64_t *out)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        return CTX_E_INVAL;
    }
    h->tail = NULL;
    if (size == 0 || size > (uint64_t)UNITS * SLOTHEAP_GRAIN ||
        align > (uint64_t)UNITS * SLOTHEAP_GRAIN) {
        return CTX_E_NOMEM;
    }
    uint64_t guard = guarded ? PAGE_SIZE : 0;
    uint64_t place = MAX(align, MAX(guard, (uint64_t)SLOTHEAP_GRAIN));
    uint32_t units = (uint32_t)((size + guard + SLOTHEAP_GRAIN - 1) / SLOTHEAP_GRAIN);
    uint32_t align_units = (uint32_t)(place / SLOTHEAP_GRAIN);
    uint64_t wanted = (uint64_t)units + align_units - 1;
    struct block *b = wanted <= UNITS ? slotheap_free_find(h, (uint32_t)wanted) : NULL;
    if (b == NULL) {
        return CTX_E_NOMEM;
    }
    /* Offsets are aligned as addresses are: the heap begins at a multiple of every alignment up to
     * 256 MiB, and a slot at one of 4 GiB; larger alignments count from the slot. */
    uint64_t slot_units = CTX_SLOT_HEAP / SLOTHEAP_GRAIN;
    uint64_t at = ALIGN_UP(slot_units + b->at + guard / SLOTHEAP_GRAIN, (uint64_t)align_units);
    const struct slotheap_block block = {
        .offset = (at - slot_units) * SLOTHEAP_GRAIN,
        .size = size,
        .align_log2 = (uint32_t)__builtin_ctzll(align),
        .guarded = guarded,
    };
    if (slotheap_use(h, b, &block) == NULL) {
        return CTX_E_NOMEM;
    }
    *out = block.offset;
    return CTX_OK;
}

ctx_status slotheap_alloc(struct slotheap *h, uint64_t size, uint64_t align, uint64_t *out)
{
    return alloc(h, size, align, false, out);
}

ctx_status slotheap_alloc_guarded(struct slotheap *h, uint64_t size, uint64_t align, uint64_t *out)
{
    return alloc(h, size, align, true, out);
}

/* The used block whose bytes begin at offset, NULL if there is none. */
static struct block *find_used(const struct slotheap *h, uint64_t offset)
{
    if (offset % SLOTHEAP_GRAIN != 0 || offset / SLOTHEAP_GRAIN >= UNITS) {
        return NULL;
    }
    struct block *b = slotheap_block_at(h, (uint32_t)(offset / SLOTHEAP_GRAIN));
    if (b != NULL && b->used && !b->guarded) {
        return b;
    }
    b = offset >= PAGE_SIZE
            ? slotheap_block_at(h, (uint32_t)((offset - PAGE_SIZE) / SLOTHEAP_GRAIN))
            : NULL;
    return b != NULL && b->used && b->guarded ? b : NULL;
}

bool slotheap_is_guard(const struct slotheap *h, uint64_t offset)
{
    uint32_t page = (uint32_t)(offset / PAGE_SIZE);
    const uint64_t *word = slotheap_page_word(h, page);
    const struct block *b = word != NULL ? slotheap_first_in(*word) : NULL;
    for (; b != NULL && b->at / PAGE_UNITS == page; b = b->next) {
        if (b->used && b->guarded) {
            return true;
        }
    }
    return false;
}

ctx_status slotheap_find(const struct slotheap *h, uint64_t offset, uint64_t *size, uint64_t *align)
{
    const struct block *b = find_used(h, offset);
    if (b == NULL) {
        return CTX_E_NOENT;
    }
    *size = b->size;
    *align = 1ull << b->align_log2;
    return CTX_OK;
}

ctx_status slotheap_dealloc(struct slotheap *h, uint64_t offset, uint64_t size, uint64_t align,
                            uint64_t *real_size, uint64_t *real_align)
{
    struct block *b = find_used(h, offset);
    if (b == NULL) {
        return CTX_E_NOENT;
    }
    *real_size = b->size;
    *real_align = 1ull << b->align_log2;
    if (size != *real_size || align != *real_align) {
        return CTX_E_INVAL;
    }
    h->blocks--;
    h->bytes -= b->size;
    h->tail = NULL;
    b->guarded = 0;
    slotheap_set_free(h, b);
    return CTX_OK;
}

void slotheap_usage(const struct slotheap *h, struct slotheap_usage *out)
{
    *out = (struct slotheap_usage){h->blocks, h->bytes, h->committed, h->quota};
}

void slotheap_set_pages(struct slotheap *h, const struct slotheap_pages *pages)
{
    h->pages = *pages;
}

bool slotheap_has_page(const struct slotheap *h, uint32_t page)
{
    const uint64_t *word = slotheap_page_word(h, page);
    return word != NULL && (*word & COMMITTED) != 0;
}

static uint64_t block_offset(const struct block *b)
{
    return (uint64_t)b->at * SLOTHEAP_GRAIN + (b->guarded ? PAGE_SIZE : 0);
}

void slotheap_for_each(const struct slotheap *h,
                       void (*fn)(void *arg, const struct slotheap_block *block), void *arg)
{
    for (const struct block *b = h->head; b != NULL; b = b->next) {
        if (b->used) {
            const struct slotheap_block block = {
                .offset = block_offset(b),
                .size = b->size,
                .align_log2 = b->align_log2,
                .guarded = b->guarded,
            };
            fn(arg, &block);
        }
    }
}
