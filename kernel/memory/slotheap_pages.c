/* SPDX-License-Identifier: MIT */
/* The directory of an app's heap: which block begins where, and which pages are committed. */
#include "slotheap_private.h"

#include "heap.h"

bool slotheap_make_page_word(struct slotheap *h, uint32_t page)
{
    struct group **g = &h->groups[page / (DIR_PAGES * GROUP_DIRS)];
    if (*g == NULL) {
        *g = heap_alloc(sizeof **g);
        if (*g == NULL) {
            return false;
        }
    }
    uint64_t **dir = &(*g)->dirs[page / DIR_PAGES % GROUP_DIRS];
    if (*dir == NULL) {
        *dir = heap_alloc(DIR_PAGES * sizeof **dir);
    }
    return *dir != NULL;
}

void slotheap_index_add(struct slotheap *h, struct block *b)
{
    uint64_t *word = slotheap_page_word(h, b->at / PAGE_UNITS);
    struct block *first = slotheap_first_in(*word);
    if (first == NULL || first->at > b->at) {
        *word = (uint64_t)(uintptr_t)b | (*word & COMMITTED);
    }
}

void slotheap_index_remove(struct slotheap *h, struct block *b)
{
    uint32_t page = b->at / PAGE_UNITS;
    uint64_t *word = slotheap_page_word(h, page);
    if (slotheap_first_in(*word) == b) {
        struct block *next = b->next != NULL && b->next->at / PAGE_UNITS == page ? b->next : NULL;
        *word = (uint64_t)(uintptr_t)next | (*word & COMMITTED);
    }
}

struct block *slotheap_block_at(const struct slotheap *h, uint32_t at)
{
    uint64_t *word = slotheap_page_word(h, at / PAGE_UNITS);
    struct block *b = word != NULL ? slotheap_first_in(*word) : NULL;
    while (b != NULL && b->at < at) {
        b = b->next;
    }
    return b != NULL && b->at == at ? b : NULL;
}

/* ---- committing ---- */

void slotheap_decommit(struct slotheap *h, uint32_t from, uint32_t to)
{
    for (uint32_t page = from; page < to; page++) {
        if (h->groups[page / (DIR_PAGES * GROUP_DIRS)] == NULL) { /* of 64 MiB nothing is there */
            page |= DIR_PAGES * GROUP_DIRS - 1;
            continue;
        }
        uint64_t *word = slotheap_page_word(h, page);
        if (word == NULL) {
            page |= DIR_PAGES - 1;
            continue;
        }
        if ((*word & COMMITTED) != 0) {
            *word &= ~COMMITTED;
            h->committed--;
            h->pages.decommit(h->pages.arg, page);
        }
    }
}

ctx_status slotheap_commit(struct slotheap *h, uint32_t from, uint32_t to)
{
    for (uint32_t page = from; page < to; page++) {
        bool room = slotheap_make_page_word(h, page);
        uint64_t *word = room ? slotheap_page_word(h, page) : NULL;
        if (word != NULL && (*word & COMMITTED) != 0) {
            continue;
        }
        if (word == NULL || h->committed >= h->quota ||
            h->pages.commit(h->pages.arg, page) != CTX_OK) {
            return CTX_E_NOMEM; /* pages committed so far are free memory that the caller settles */
        }
        *word |= COMMITTED;
        h->committed++;
    }
    return CTX_OK;
}
