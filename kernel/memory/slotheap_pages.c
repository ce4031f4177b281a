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
        uint32_t count = 0; /* of one directory: the words follow one another */
        while (page + count < to && (page + count) / DIR_PAGES == page / DIR_PAGES &&
               (word[count] & COMMITTED) != 0) {
            word[count++] &= ~COMMITTED;
        }
        if (count > 0) {
            h->committed -= count;
            h->pages.decommit(h->pages.arg, page, count);
            page += count - 1;
        }
    }
}

/* How many pages from here on, and before `to`, are not there and could come; each has its word. */
static uint32_t missing(struct slotheap *h, uint32_t from, uint32_t to)
{
    uint64_t left = h->quota - MIN(h->committed, h->quota);
    uint32_t end = from;
    while (end < to && end - from < left && slotheap_make_page_word(h, end) &&
           (*slotheap_page_word(h, end) & COMMITTED) == 0) {
        end++;
    }
    return end - from;
}

ctx_status slotheap_commit(struct slotheap *h, uint32_t from, uint32_t to)
{
    for (uint32_t page = from; page < to;) {
        const uint64_t *word = slotheap_page_word(h, page);
        if (word != NULL && (*word & COMMITTED) != 0) {
            page++;
            continue;
        }
        uint32_t wanted = missing(h, page, to);
        uint32_t came = wanted > 0 ? h->pages.commit(h->pages.arg, page, wanted) : 0;
        for (uint32_t i = 0; i < came; i++) {
            *slotheap_page_word(h, page + i) |= COMMITTED;
        }
        h->committed += came;
        if (came == 0 || came < wanted) {
            return CTX_E_NOMEM; /* those that came are free memory that the caller settles */
        }
        page += came;
    }
    return CTX_OK;
}
