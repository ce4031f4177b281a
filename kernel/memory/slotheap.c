/* SPDX-License-Identifier: MIT */
/*
 * Blocks tile the whole heap in address order, free and used ones; two free ones are never
 * neighbours. A free block is on the list of its size class. `first[page]` is the block with the
 * lowest offset that begins in that page, so an address is found by walking at most one page's
 * worth of neighbours. Bit 0 of that word says that the page is committed.
 *
 * Committed are: all pages that a used block touches, and those of free runs that lie wholly inside
 * a free block of fewer than SLOTHEAP_KEEP pages or share a page with a used one.
 */
#include "slotheap.h"

#include "heap.h"

#include <kernel/string.h>

#include <ctx/slot.h>

#define UNITS      ((CTX_SLOT_HEAP_END - CTX_SLOT_HEAP) / SLOTHEAP_GRAIN) /* 28 bits */
#define PAGE_UNITS (PAGE_SIZE / SLOTHEAP_GRAIN)
#define PAGES      ((CTX_SLOT_HEAP_END - CTX_SLOT_HEAP) / PAGE_SIZE)
#define SL_BITS    4u
#define SL_COUNT   (1u << SL_BITS)
#define FL_COUNT   26u
#define DIR_PAGES  512u /* pages described by one directory, 2 MiB */
#define GROUP_DIRS 32u  /* directories in one group, 64 MiB */
#define GROUPS     ((PAGES + DIR_PAGES * GROUP_DIRS - 1) / (DIR_PAGES * GROUP_DIRS))
#define COMMITTED  1ull

struct block {
    struct block *prev, *next;           /* by address */
    struct block *free_prev, *free_next; /* by size class */
    uint64_t size;                       /* bytes asked for */
    uint32_t at, units;                  /* place and length in grains */
    uint8_t used, align_log2;
    uint8_t guarded; /* its first page is not committed; the app's bytes begin behind it */
};

struct group {
    uint64_t *dirs[GROUP_DIRS]; /* each DIR_PAGES words: block pointer | COMMITTED */
};

struct slotheap {
    struct slotheap_pages pages;
    uint64_t quota, committed, blocks, bytes;
    uint32_t fl_map;
    uint32_t sl_map[FL_COUNT];
    struct block *head;
    struct block *tail; /* while it is being rebuilt: the free block that ends it */
    struct block *free[FL_COUNT][SL_COUNT];
    struct group *groups[GROUPS];
};

/* ---- the page directory ---- */

static uint64_t *page_word(const struct slotheap *h, uint32_t page)
{
    struct group *g = h->groups[page / (DIR_PAGES * GROUP_DIRS)];
    uint64_t *dir = g != NULL ? g->dirs[page / DIR_PAGES % GROUP_DIRS] : NULL;
    return dir != NULL ? &dir[page % DIR_PAGES] : NULL;
}

static bool make_page_word(struct slotheap *h, uint32_t page)
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

static struct block *first_in(uint64_t word)
{
    return (struct block *)(uintptr_t)(word & ~COMMITTED);
}

/* b's place is new in the address list: let its page know. The word exists. */
static void index_add(struct slotheap *h, struct block *b)
{
    uint64_t *word = page_word(h, b->at / PAGE_UNITS);
    struct block *first = first_in(*word);
    if (first == NULL || first->at > b->at) {
        *word = (uint64_t)(uintptr_t)b | (*word & COMMITTED);
    }
}

static void index_remove(struct slotheap *h, struct block *b)
{
    uint32_t page = b->at / PAGE_UNITS;
    uint64_t *word = page_word(h, page);
    if (first_in(*word) == b) {
        struct block *next = b->next != NULL && b->next->at / PAGE_UNITS == page ? b->next : NULL;
        *word = (uint64_t)(uintptr_t)next | (*word & COMMITTED);
    }
}

static struct block *find(const struct slotheap *h, uint32_t at)
{
    uint64_t *word = page_word(h, at / PAGE_UNITS);
    struct block *b = word != NULL ? first_in(*word) : NULL;
    while (b != NULL && b->at < at) {
        b = b->next;
    }
    return b != NULL && b->at == at ? b : NULL;
}

/* ---- committing ---- */

static void decommit(struct slotheap *h, uint32_t from, uint32_t to)
{
    for (uint32_t page = from; page < to; page++) {
        if (h->groups[page / (DIR_PAGES * GROUP_DIRS)] == NULL) { /* of 64 MiB nothing is there */
            page |= DIR_PAGES * GROUP_DIRS - 1;
            continue;
        }
        uint64_t *word = page_word(h, page);
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

static ctx_status commit(struct slotheap *h, uint32_t from, uint32_t to)
{
    for (uint32_t page = from; page < to; page++) {
        bool room = make_page_word(h, page);
        uint64_t *word = room ? page_word(h, page) : NULL;
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

static void free_add(struct slotheap *h, struct block *b)
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

static void free_remove(struct slotheap *h, struct block *b)
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

/* A free block of at least this many units, in constant time: any block of the next larger class
 * will do. */
static struct block *free_find(const struct slotheap *h, uint32_t units)
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

/* ---- blocks ---- */

/* Cut b so that it ends at `at`; the rest becomes a block of its own, on no list yet. */
static struct block *split(struct slotheap *h, struct block *b, uint32_t at)
{
    if (!make_page_word(h, at / PAGE_UNITS)) {
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
    index_add(h, rest);
    return rest;
}

/* b swallows the block behind it, which is on no list. */
static void swallow_next(struct slotheap *h, struct block *b)
{
    struct block *gone = b->next;
    index_remove(h, gone);
    b->units += gone->units;
    b->next = gone->next;
    if (b->next != NULL) {
        b->next->prev = b;
    }
    heap_free(gone, sizeof *gone);
}

/* b has become free: join it with free neighbours, put it on its list, and return the pages of a
 * long run. */
static void settle(struct slotheap *h, struct block *b)
{
    uint32_t from = b->at / PAGE_UNITS;
    uint32_t to = (b->at + b->units + PAGE_UNITS - 1) / PAGE_UNITS;
    if (b->next != NULL && !b->next->used) {
        free_remove(h, b->next);
        swallow_next(h, b);
    }
    if (b->prev != NULL && !b->prev->used) {
        b = b->prev;
        free_remove(h, b);
        swallow_next(h, b);
    }
    free_add(h, b);
    uint32_t first = (b->at + PAGE_UNITS - 1) / PAGE_UNITS;
    uint32_t last = (b->at + b->units) / PAGE_UNITS;
    if (last >= first + SLOTHEAP_KEEP) {
        /* Farther away nothing is committed: a neighbour that long was returned when it was freed.
         */
        from = from > SLOTHEAP_KEEP + 1 ? from - SLOTHEAP_KEEP - 1 : 0;
        to = to + SLOTHEAP_KEEP + 1;
        decommit(h, MAX(first, from), MIN(last, to));
    }
}

struct slotheap *slotheap_new(const struct slotheap_pages *pages, uint64_t quota_pages)
{
    struct slotheap *h = heap_alloc(sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    h->pages = *pages;
    h->quota = quota_pages;
    h->head = heap_alloc(sizeof *h->head);
    if (h->head == NULL || !make_page_word(h, 0)) {
        slotheap_delete(h);
        return NULL;
    }
    h->head->units = UNITS;
    h->tail = h->head;
    index_add(h, h->head);
    free_add(h, h->head);
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
            for (uint32_t i = 0; dir != NULL && i < DIR_PAGES; i++) {
                if ((dir[i] & COMMITTED) != 0) {
                    h->pages.decommit(h->pages.arg, first + i);
                }
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
    struct block *b = wanted <= UNITS ? free_find(h, (uint32_t)wanted) : NULL;
    if (b == NULL) {
        return CTX_E_NOMEM;
    }
    free_remove(h, b);

    /* Offsets are aligned as addresses are: the heap begins at a multiple of every alignment up to
     * 256 MiB, and a slot at one of 4 GiB; larger alignments count from the slot. */
    uint64_t slot_units = CTX_SLOT_HEAP / SLOTHEAP_GRAIN;
    uint32_t at =
        (uint32_t)(ALIGN_UP(slot_units + b->at + guard / SLOTHEAP_GRAIN, (uint64_t)align_units) -
                   guard / SLOTHEAP_GRAIN - slot_units);
    if (at != b->at) {
        struct block *rest = split(h, b, at);
        if (rest == NULL) {
            free_add(h, b);
            return CTX_E_NOMEM;
        }
        free_add(h, b);
        b = rest;
    }
    if (b->units > units) {
        struct block *rest = split(h, b, at + units);
        if (rest == NULL) {
            settle(h, b);
            return CTX_E_NOMEM;
        }
        free_add(h, rest);
    }
    uint32_t from = b->at / PAGE_UNITS;
    uint32_t to = (b->at + b->units + PAGE_UNITS - 1) / PAGE_UNITS;
    if (guarded) { /* kept from an earlier block, perhaps */
        decommit(h, from, from + 1);
    }
    if (commit(h, from + (guarded ? 1 : 0), to) != CTX_OK) {
        settle(h, b);
        return CTX_E_NOMEM;
    }
    b->used = 1;
    b->guarded = guarded;
    b->size = size;
    b->align_log2 = (uint8_t)__builtin_ctzll(align);
    h->blocks++;
    h->bytes += size;
    *out = (uint64_t)b->at * SLOTHEAP_GRAIN + guard;
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
    struct block *b = find(h, (uint32_t)(offset / SLOTHEAP_GRAIN));
    if (b != NULL && b->used && !b->guarded) {
        return b;
    }
    b = offset >= PAGE_SIZE ? find(h, (uint32_t)((offset - PAGE_SIZE) / SLOTHEAP_GRAIN)) : NULL;
    return b != NULL && b->used && b->guarded ? b : NULL;
}

bool slotheap_is_guard(const struct slotheap *h, uint64_t offset)
{
    uint32_t page = (uint32_t)(offset / PAGE_SIZE);
    const uint64_t *word = page_word(h, page);
    const struct block *b = word != NULL ? first_in(*word) : NULL;
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
    settle(h, b);
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
    const uint64_t *word = page_word(h, page);
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

/* ---- rebuilding ---- */

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
    h->tail = NULL;
    free_remove(h, b);
    struct block *gap = NULL;
    if (at != b->at) {
        gap = b;
        b = split(h, gap, at);
        if (b == NULL) {
            free_add(h, gap);
            return CTX_E_NOMEM;
        }
        free_add(h, gap);
    }
    struct block *rest = b->units > units ? split(h, b, at + units) : NULL;
    if (rest != NULL) {
        free_add(h, rest);
    }
    uint32_t from = at / PAGE_UNITS;
    uint32_t to = (at + units + PAGE_UNITS - 1) / PAGE_UNITS;
    if ((rest == NULL && b->units > units) ||
        commit(h, from + (guard != 0 ? 1 : 0), to) != CTX_OK) {
        settle(h, b);
        return CTX_E_NOMEM;
    }
    b->used = 1;
    b->guarded = block->guarded;
    b->size = block->size;
    b->align_log2 = (uint8_t)block->align_log2;
    h->blocks++;
    h->bytes += block->size;
    h->tail = rest;
    return CTX_OK;
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
                ? find(h, (uint32_t)(order[i] / SLOTHEAP_GRAIN))
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
        struct block *b = find(h, (uint32_t)(order[i] / SLOTHEAP_GRAIN));
        b->guarded = 0;
        free_remove(h, b);
        free_add(h, b);
    }
    return true;
}

const char *slotheap_check(const struct slotheap *h)
{
    uint64_t at = 0, blocks = 0, bytes = 0, committed = 0;
    for (uint32_t page = 0; page < PAGES; page++) {
        if (h->groups[page / (DIR_PAGES * GROUP_DIRS)] == NULL) {
            page += DIR_PAGES * GROUP_DIRS - 1;
            continue;
        }
        uint64_t *word = page_word(h, page);
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
        if (find(h, b->at) != b) {
            return "a block is not found by its address";
        }
        if (b->next != NULL && (b->next->prev != b || (!b->used && !b->next->used))) {
            return "neighbours are wrong or two free ones";
        }
        for (uint32_t page = first + b->guarded; b->used && page < end; page++) {
            uint64_t *word = page_word(h, page);
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
            uint64_t *word = page_word(h, page);
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
