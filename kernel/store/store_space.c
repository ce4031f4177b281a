/* SPDX-License-Identifier: MIT */
/*
 * Free space is what no index names: it is worked out when it is needed, and nothing about it is on
 * the disk that could be wrong. What a failed put or a power cut left behind is free by that.
 *
 * The allocator moves forward through the disk and begins again at its start, so that writes are
 * spread and what was freed a moment ago rests for as long as possible.
 */
#include "heap.h"
#include "store_private.h"

#include <kernel/string.h>

/* Heap sort: no stack, no bad case. */
static void sift(uint64_t *words, uint64_t at, uint64_t count)
{
    for (uint64_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && words[child + 1] > words[child];
        if (words[at] >= words[child]) {
            return;
        }
        uint64_t word = words[at];
        words[at] = words[child];
        words[child] = word;
    }
}

void store_sort(uint64_t *words, uint64_t count)
{
    for (uint64_t i = count / 2; i-- > 0;) {
        sift(words, i, count);
    }
    for (uint64_t left = count; left-- > 1;) {
        uint64_t word = words[0];
        words[0] = words[left];
        words[left] = word;
        sift(words, 0, left);
    }
}

static uint64_t count_extents(const struct store_index *index)
{
    uint64_t n = index->extent_count;
    for (uint64_t at = 0; at < index->len;) {
        const struct store_record *r = store_record(index, at);
        n += r->extent_count;
        at += store_record_size(r->name_len, r->extent_count);
    }
    return n;
}

static void add(struct store *store, const uint64_t *extents, uint32_t count)
{
    if (count > 0) {
        memcpy(store->busy + store->busy_count, extents, count * sizeof extents[0]);
    }
    store->busy_count += count;
}

static void add_all(struct store *store, const struct store_index *index)
{
    add(store, index->extents, index->extent_count);
    for (uint64_t at = 0; at < index->len;) {
        const struct store_record *r = store_record(index, at);
        add(store, store_record_extents(r), r->extent_count);
        at += store_record_size(r->name_len, r->extent_count);
    }
}

/* Sorted, and runs that touch or overlap made one. */
static void tidy(struct store *store)
{
    uint64_t *busy = store->busy;
    uint32_t last = 0;
    store_sort(busy, store->busy_count);
    for (uint32_t i = 1; i < store->busy_count; i++) {
        if (EXTENT_FIRST(busy[i]) > EXTENT_END(busy[last])) {
            busy[++last] = busy[i];
        } else {
            uint64_t end = MAX(EXTENT_END(busy[last]), EXTENT_END(busy[i]));
            uint32_t first = EXTENT_FIRST(busy[last]);
            busy[last] = EXTENT(first, end - first);
        }
    }
    store->busy_count = last + 1;
}

ctx_status store_space_begin(struct store *store, const struct store_index *a,
                             const struct store_index *b)
{
    /* Twice as many: what is taken is added, and that is at most one run for each hole. */
    uint64_t count = 2 + count_extents(a) + (b != NULL ? count_extents(b) : 0);
    store_space_end(store);
    store->busy_room = (uint32_t)(3 * count + 16);
    store->busy = heap_alloc(store->busy_room * sizeof store->busy[0]);
    if (store->busy == NULL) {
        return CTX_E_NOMEM;
    }
    const uint64_t ends[] = {EXTENT(0, 1), EXTENT(store->blocks - 1, 1)};
    add(store, ends, ARRAY_COUNT(ends));
    add_all(store, a);
    if (b != NULL) {
        add_all(store, b);
    }
    tidy(store);
    return CTX_OK;
}

void store_space_end(struct store *store)
{
    heap_free(store->busy, store->busy_room * sizeof store->busy[0]);
    store->busy = NULL;
    store->busy_count = 0;
}

/* The hole behind busy run number i; count 0: there is none. */
static uint64_t hole(const struct store *store, uint32_t i)
{
    uint64_t first = EXTENT_END(store->busy[i]);
    return i + 1 < store->busy_count ? EXTENT(first, EXTENT_FIRST(store->busy[i + 1]) - first) : 0;
}

/* The first hole from here on in which they fit together; 0: there is none. */
static uint64_t fit(const struct store *store, uint64_t blocks, uint64_t from)
{
    for (uint32_t i = 0; i + 1 < store->busy_count; i++) {
        uint64_t h = hole(store, i);
        uint64_t first = MAX(EXTENT_FIRST(h), from);
        if (first + blocks <= EXTENT_END(h)) {
            return EXTENT(first, blocks);
        }
    }
    return 0;
}

/* Nowhere together: the largest holes, so that they are few; then in the order of place. */
static uint32_t collect(const struct store *store, uint64_t blocks, uint64_t *out)
{
    uint32_t holes = store->busy_count - 1;
    for (uint32_t i = 0; i < holes; i++) {
        uint64_t h = hole(store, i);
        out[i] = EXTENT(EXTENT_COUNT(h), EXTENT_FIRST(h)); /* by size */
    }
    store_sort(out, holes);
    uint32_t n = 0;
    while (n < holes && blocks > 0) {
        uint64_t h = out[holes - 1 - n];
        uint32_t part = (uint32_t)MIN(blocks, EXTENT_FIRST(h));
        out[holes - 1 - n] = EXTENT(EXTENT_COUNT(h), part);
        blocks -= part;
        n++;
    }
    memmove(out, out + holes - n, n * sizeof out[0]);
    store_sort(out, n);
    return blocks == 0 ? n : 0;
}

ctx_status store_space_take(struct store *store, uint64_t blocks, uint64_t **out, uint32_t *count,
                            uint64_t *room)
{
    *out = NULL;
    *count = 0;
    *room = 0;
    if (blocks == 0) {
        return CTX_OK;
    }
    if (blocks >= store->blocks) {
        return CTX_E_NOSPC; /* before anything is added to it */
    }
    *room = store->busy_count * sizeof **out;
    *out = heap_alloc(*room);
    if (*out == NULL) {
        return CTX_E_NOMEM;
    }
    uint64_t one = fit(store, blocks, store->cursor);
    one = one != 0 ? one : fit(store, blocks, 0);
    if (one != 0) {
        (*out)[0] = one;
        *count = 1;
    } else {
        *count = collect(store, blocks, *out);
    }
    if (*count == 0) {
        heap_free(*out, *room);
        *out = NULL;
        return CTX_E_NOSPC;
    }
    add(store, *out, *count);
    store->cursor = (uint32_t)EXTENT_END((*out)[*count - 1]);
    tidy(store);
    return CTX_OK;
}
