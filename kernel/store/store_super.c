/* SPDX-License-Identifier: MIT */
/* The two superblocks: what makes one good, and how the state changes from one to the other. */
#include "heap.h"
#include "pack.h"
#include "store_private.h"
#include "wall.h"

#include <kernel/string.h>

const uint8_t store_magic[8] = {'A', 'r', 'g', 'o', 's', 'S', 't', 'o'};

#define SUMMED offsetof(struct store_super, checksum)

void store_super_seal(struct store_super *super)
{
    super->checksum = checksum(super, SUMMED);
}

static bool index_good(const struct store_super *s, struct store_error *error)
{
    if (s->index_len > STORE_INDEX_MAX) {
        return store_wrong(error, "index_len", s->index_len, "more than a megabyte");
    }
    if (s->index_extents > STORE_INDEX_EXT) {
        return store_wrong(error, "index_extents", s->index_extents, "more than 256");
    }
    uint64_t blocks = 0;
    for (uint32_t i = 0; i < s->index_extents; i++) {
        uint64_t e = s->extents[i];
        if (EXTENT_COUNT(e) == 0 || EXTENT_FIRST(e) == 0 || EXTENT_END(e) > s->blocks - 1) {
            return store_wrong(error, "extents", e, "not inside the store");
        }
        blocks += EXTENT_COUNT(e);
    }
    if (blocks != store_blocks_of(s->index_len)) {
        return store_wrong(error, "index_len", s->index_len, "the extents hold another number");
    }
    return true;
}

bool store_super_check(const struct store_super *s, uint64_t room, uint32_t slot,
                       struct store_error *error)
{
    *error = (struct store_error){0};
    if (memcmp(s->magic, store_magic, sizeof s->magic) != 0) {
        return store_wrong(error, "magic", s->magic[0], "no superblock");
    }
    if (s->checksum != checksum(s, SUMMED)) {
        return store_wrong(error, "checksum", s->checksum, "damaged, or written half");
    }
    if (s->version != STORE_VERSION) {
        return store_wrong(error, "version", s->version, "this kernel knows version 1 only");
    }
    if (s->block != STORE_BLOCK) {
        return store_wrong(error, "block", s->block, "not 4096");
    }
    if (s->blocks < STORE_LEAST || s->blocks > UINT32_MAX) {
        return store_wrong(error, "blocks", s->blocks, "no size for a store");
    }
    if (s->blocks > room) {
        return store_wrong(error, "blocks", s->blocks, "larger than the disk: it was cut short");
    }
    if (s->slot != slot) {
        return store_wrong(error, "slot", s->slot, "it belongs elsewhere");
    }
    if (s->sequence == 0 || s->sequence >= STORE_SEQ_MAX) {
        return store_wrong(error, "sequence", s->sequence, "no such number is reached");
    }
    return index_good(s, error);
}

static void fill(struct store *store, const struct store_index *index, struct store_super *s)
{
    memset(s, 0, sizeof *s);
    memcpy(s->magic, store_magic, sizeof s->magic);
    memcpy(s->uuid, store->uuid, sizeof s->uuid);
    s->version = STORE_VERSION;
    s->block = STORE_BLOCK;
    s->sequence = ++store->sequence; /* never one that was tried before */
    s->blocks = store->blocks;
    s->quota = store->quota;
    s->made_ns = store->made_ns;
    if (wall_ns(&s->written_ns) != CTX_OK) {
        s->written_ns = 0;
    }
    s->index_len = index->len;
    s->index_count = index->count;
    s->index_extents = index->extent_count;
    s->index_checksum = index->checksum;
    s->cursor = store->cursor;
    s->slot = store->slot ^ 1;
    if (index->extent_count > 0) {
        memcpy(s->extents, index->extents, index->extent_count * sizeof s->extents[0]);
    }
    store_super_seal(s);
}

void store_super_write(struct task *op)
{
    struct store *s = STORE_OF(op, 2);
    TASK_BEGIN(op);
    s->committing = s->next.extents != NULL;
    fill(s, s->committing ? &s->next : &s->now, (struct store_super *)(void *)s->slots[0].bytes);
    s->uncertain = true;
    store_io(s, BLOCK_WRITE, store_sector(s, s->slot == 0 ? s->blocks - 1 : 0), STORE_SECTORS);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    if (store_io_status(s) != CTX_OK) {
        store_fail(s, CTX_E_IO, "superblock %u can not be written", s->slot ^ 1);
        TASK_EXIT(op);
    }
    store_io(s, BLOCK_FLUSH, 0, 0);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    if (store_io_status(s) != CTX_OK) {
        store_fail(s, CTX_E_IO, "the disk does not keep what was written (flush)");
        TASK_EXIT(op);
    }
    s->uncertain = false;
    s->slot ^= 1;
    store_index_drop(&s->before);
    if (s->committing) {
        s->before = s->now;
        s->now = s->next;
        s->next = (struct store_index){0};
    }
    TASK_END(op);
}
