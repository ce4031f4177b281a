/* SPDX-License-Identifier: MIT */
/*
 * The index: one record per object, in the order of their names, in memory as on the disk. A change
 * makes a new one; the old one stays what it is until the new one is safe.
 */
#include "heap.h"
#include "store_private.h"
#include "utf8.h"

#include <kernel/string.h>

bool store_wrong(struct store_error *error, const char *field, uint64_t value, const char *reason)
{
    *error = (struct store_error){field, value, reason};
    return false;
}

const struct store_record *store_record(const struct store_index *index, uint64_t offset)
{
    return (const struct store_record *)(const void *)(index->bytes + offset);
}

const char *store_record_name(const struct store_record *record)
{
    return (const char *)(record + 1);
}

static uint64_t name_room(uint32_t name_len)
{
    return ALIGN_UP((uint64_t)name_len, UINT64_C(8));
}

const uint64_t *store_record_extents(const struct store_record *record)
{
    return (const uint64_t *)(const void *)(store_record_name(record) +
                                            name_room(record->name_len));
}

uint64_t store_record_size(uint32_t name_len, uint32_t extent_count)
{
    return sizeof(struct store_record) + name_room(name_len) + 8 * (uint64_t)extent_count;
}

static uint64_t size_of(const struct store_record *record)
{
    return store_record_size(record->name_len, record->extent_count);
}

/* In the order of bytes; a name comes after its own beginning. */
static int compare(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
    int order = memcmp(a, b, MIN(a_len, b_len));
    return order != 0 ? order : (int)a_len - (int)b_len;
}

static bool printable(const char *name, uint32_t len)
{
    for (uint32_t i = 0; i < len;) {
        uint32_t n = utf8_printable((const uint8_t *)name + i, len - i);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

bool store_name_good(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= STORE_NAME_MAX && printable(name, (uint32_t)len);
}

const struct store_record *store_index_find(const struct store_index *index, const char *name)
{
    uint32_t len = (uint32_t)strlen(name);
    for (uint64_t at = 0; at < index->len; at += size_of(store_record(index, at))) {
        const struct store_record *r = store_record(index, at);
        if (compare(store_record_name(r), r->name_len, name, len) == 0) {
            return r;
        }
    }
    return NULL;
}

const struct store_record *store_index_after(const struct store_index *index, const char *name)
{
    uint32_t len = (uint32_t)strlen(name);
    for (uint64_t at = 0; at < index->len; at += size_of(store_record(index, at))) {
        const struct store_record *r = store_record(index, at);
        if (compare(store_record_name(r), r->name_len, name, len) > 0) {
            return r;
        }
    }
    return NULL;
}

uint64_t store_index_data(const struct store_index *index)
{
    uint64_t blocks = 0;
    for (uint64_t at = 0; at < index->len; at += size_of(store_record(index, at))) {
        blocks += store_blocks_of(store_record(index, at)->len);
    }
    return blocks;
}

void store_index_drop(struct store_index *index)
{
    heap_free(index->bytes, index->room);
    heap_free(index->extents, STORE_INDEX_EXT * sizeof index->extents[0]);
    *index = (struct store_index){0};
}

/* ---- changing it ---- */

ctx_status store_index_change(const struct store_index *from, const char *name,
                              const struct store_record *record, const uint64_t *extents,
                              struct store_index *to, uint64_t *at)
{
    uint32_t len = (uint32_t)strlen(name);
    uint64_t more = record != NULL ? store_record_size(len, record->extent_count) : 0;
    uint64_t before = 0, behind, same = 0;
    while (before < from->len) {
        const struct store_record *r = store_record(from, before);
        int order = compare(store_record_name(r), r->name_len, name, len);
        if (order >= 0) {
            same = order == 0 ? size_of(r) : 0;
            to->used -= order == 0 ? r->len : 0;
            break;
        }
        before += size_of(r);
    }
    behind = from->len - before - same;
    uint64_t all = before + more + behind;
    if (all > STORE_INDEX_MAX) {
        to->used = 0;
        return CTX_E_NOSPC;
    }
    to->used += from->used + (record != NULL ? record->len : 0);
    to->count = from->count - (same != 0) + (record != NULL);
    to->len = to->room = (uint32_t)all;
    to->bytes = all > 0 ? heap_alloc(all) : NULL;
    to->extents = heap_alloc(STORE_INDEX_EXT * sizeof to->extents[0]);
    if ((all > 0 && to->bytes == NULL) || to->extents == NULL) {
        store_index_drop(to);
        return CTX_E_NOMEM;
    }
    *at = before;
    if (all == 0) { /* the last one has gone */
        return CTX_OK;
    }
    if (before > 0) {
        memcpy(to->bytes, from->bytes, before);
    }
    if (record != NULL) {
        struct store_record *r = (struct store_record *)(void *)(to->bytes + before);
        *r = *record;
        r->name_len = (uint8_t)len;
        memcpy(r + 1, name, len);
        if (record->extent_count > 0) {
            memcpy(to->bytes + before + store_record_size(len, 0), extents,
                   8 * (uint64_t)record->extent_count);
        }
    }
    if (behind > 0) {
        memcpy(to->bytes + before + more, from->bytes + before + same, behind);
    }
    return CTX_OK;
}

/* ---- what a disk says ---- */

static bool extents_good(const struct store_record *r, uint64_t blocks, struct store_error *error)
{
    uint64_t all = 0;
    const uint64_t *extents = store_record_extents(r);
    for (uint32_t i = 0; i < r->extent_count; i++) {
        if (EXTENT_COUNT(extents[i]) == 0 || EXTENT_FIRST(extents[i]) == 0 ||
            EXTENT_END(extents[i]) > blocks - 1) {
            return store_wrong(error, "extent", extents[i], "not inside the store");
        }
        all += EXTENT_COUNT(extents[i]);
    }
    if (all != store_blocks_of(r->len)) {
        return store_wrong(error, "len", r->len, "the extents hold another number of bytes");
    }
    return true;
}

static bool record_good(const struct store_index *index, uint64_t at, uint64_t before,
                        uint64_t blocks, struct store_error *error)
{
    const struct store_record *r = store_record(index, at);
    uint64_t left = index->len - at;
    if (left < sizeof *r) {
        return store_wrong(error, "index_len", index->len, "a record is cut off");
    }
    if (r->name_len == 0 || r->name_len > STORE_NAME_MAX) {
        return store_wrong(error, "name_len", r->name_len, "not 1 to 63");
    }
    if (r->rsv[0] != 0 || r->rsv[1] != 0 || r->rsv[2] != 0) {
        return store_wrong(error, "rsv", r->rsv[0], "not zero");
    }
    if (size_of(r) > left) {
        return store_wrong(error, "extent_count", r->extent_count, "more than the index holds");
    }
    const char *name = store_record_name(r);
    if (!printable(name, r->name_len)) {
        return store_wrong(error, "name", (uint8_t)name[0], "not printable UTF-8");
    }
    for (uint64_t i = r->name_len; i < name_room(r->name_len); i++) {
        if (name[i] != 0) {
            return store_wrong(error, "name", (uint8_t)name[i], "not zero behind it");
        }
    }
    if (at > 0) {
        const struct store_record *b = store_record(index, before);
        if (compare(store_record_name(b), b->name_len, name, r->name_len) >= 0) {
            return store_wrong(error, "name", at, "twice, or out of order");
        }
    }
    if (r->generation >= STORE_SEQ_MAX) {
        return store_wrong(error, "generation", r->generation, "too large");
    }
    return extents_good(r, blocks, error);
}

/* All runs of the index and its objects, sorted: none may reach into the next. */
static ctx_status apart(const struct store_index *index, uint64_t count, struct store_error *error)
{
    uint64_t room = MAX(count, UINT64_C(1)) * sizeof(uint64_t), n = index->extent_count;
    uint64_t *all = heap_alloc(room);
    if (all == NULL) {
        return CTX_E_NOMEM;
    }
    if (n > 0) {
        memcpy(all, index->extents, n * sizeof all[0]);
    }
    for (uint64_t at = 0; at < index->len; at += size_of(store_record(index, at))) {
        const struct store_record *r = store_record(index, at);
        if (r->extent_count > 0) {
            memcpy(all + n, store_record_extents(r), r->extent_count * sizeof all[0]);
        }
        n += r->extent_count;
    }
    store_sort(all, n);
    ctx_status status = CTX_OK;
    for (uint64_t i = 1; i < n && status == CTX_OK; i++) {
        if (EXTENT_END(all[i - 1]) > EXTENT_FIRST(all[i])) {
            store_wrong(error, "extent", all[i], "overlaps another one");
            status = CTX_E_IO;
        }
    }
    heap_free(all, room);
    return status;
}

ctx_status store_index_check(struct store_index *index, uint32_t count, uint64_t blocks,
                             struct store_error *error)
{
    uint64_t before = 0, extents = index->extent_count;
    index->count = 0;
    index->used = 0;
    for (uint64_t at = 0; at < index->len;) {
        if (!record_good(index, at, before, blocks, error)) {
            return CTX_E_IO;
        }
        const struct store_record *r = store_record(index, at);
        extents += r->extent_count;
        index->used += r->len;
        index->count++;
        before = at;
        at += size_of(r);
    }
    if (index->count != count) {
        store_wrong(error, "index_count", count, "there is another number of records");
        return CTX_E_IO;
    }
    return apart(index, extents, error);
}
