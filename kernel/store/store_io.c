/* SPDX-License-Identifier: MIT */
/*
 * Bytes to and from the disk. All of them pass buffers of the store's own: so the caller's may be
 * any memory, of any length and alignment, and what is written is what was summed up, even if
 * somebody changes it meanwhile. Copying costs little beside the checksum, and that little beside
 * the disk.
 */
#include "heap.h"
#include "pack.h"
#include "store_private.h"

#include <kernel/string.h>

/* Buffers that are handled in one step; then others have their turn. */
#define STEP_SLOTS 8u

bool store_io_begin(struct store *store)
{
    for (uint32_t i = 0; i < STORE_FLIGHT; i++) {
        struct store_slot *slot = &store->slots[i];
        slot->bytes = slot->bytes != NULL ? slot->bytes : heap_alloc(STORE_PIECE_BYTES);
        if (slot->bytes == NULL) {
            return store_fail(store, CTX_E_NOMEM, "no memory for buffers");
        }
    }
    return true;
}

void store_io_end(struct store *store)
{
    for (uint32_t i = 0; i < STORE_FLIGHT; i++) {
        heap_free(store->slots[i].bytes, STORE_PIECE_BYTES);
        store->slots[i].bytes = NULL;
    }
}

static void submit(struct store *store, struct store_slot *slot, enum block_op op, uint64_t sector,
                   uint32_t sectors)
{
    slot->request = (struct block_request){
        .op = op,
        .sector = sector,
        .sectors = sectors,
        .bytes = slot->bytes,
        .task = &store->task,
        .status = CTX_PENDING,
    };
    block_submit(store->device, &slot->request);
}

void store_io(struct store *store, enum block_op op, uint64_t sector, uint32_t sectors)
{
    submit(store, &store->slots[0], op, sector, sectors);
}

ctx_status store_io_status(const struct store *store)
{
    return store->slots[0].request.status;
}

uint64_t store_sector(const struct store *store, uint64_t block)
{
    return store->first_sector + block * STORE_SECTORS;
}

uint64_t store_chain(uint64_t chain, const void *bytes, uint32_t len)
{
    uint64_t pair[2] = {chain, checksum(bytes, len)};
    return checksum(pair, sizeof pair);
}

/* ---- transfers ---- */

void store_transfer_write(struct store *store, const struct store_piece *pieces, uint64_t len,
                          const uint64_t *extents, uint32_t extent_count)
{
    store->transfer = (struct store_transfer){
        .write = true,
        .extents = extents,
        .extent_count = extent_count,
        .end = len,
        .len = len,
        .pieces = pieces,
    };
}

void store_transfer_read(struct store *store, uint8_t *to, uint64_t from, uint64_t count,
                         uint64_t len, const uint64_t *extents, uint32_t extent_count)
{
    struct store_transfer *t = &store->transfer;
    *t = (struct store_transfer){
        .extents = extents,
        .extent_count = extent_count,
        .at = ALIGN_DOWN(from, STORE_BLOCK),
        .from = from,
        .end = from + count,
        .len = len,
        .to = to,
    };
    uint64_t skip = from / STORE_BLOCK;
    while (t->extent_count > 0 && skip >= EXTENT_COUNT(*t->extents)) {
        skip -= EXTENT_COUNT(*t->extents);
        t->extents++;
        t->extent_count--;
    }
    t->extent_at = (uint32_t)skip;
}

/* The next bytes of the pieces. There are as many as job.total counted. */
static void gather(struct store_transfer *t, uint8_t *to, uint64_t len)
{
    while (len > 0) {
        uint64_t part = MIN(t->pieces->len - t->piece_at, len);
        if (part == 0) {
            t->pieces++;
            t->piece_at = 0;
            continue;
        }
        memcpy(to, (const uint8_t *)t->pieces->bytes + t->piece_at, part);
        t->piece_at += part;
        to += part;
        len -= part;
    }
}

/* The last block counts only as far as the object goes. */
static void chain(struct store_transfer *t, const struct store_slot *slot)
{
    for (uint32_t i = 0; i < slot->len; i += STORE_BLOCK) {
        uint64_t left = t->len - (slot->at + i);
        t->chain = store_chain(t->chain, slot->bytes + i, (uint32_t)MIN(left, STORE_BLOCK));
    }
}

/* As much as one request may hold of the extent that it is at. */
static void issue(struct store *store, struct store_transfer *t)
{
    struct store_slot *slot = &store->slots[(t->head + t->flying) % STORE_FLIGHT];
    uint32_t most =
        MIN(STORE_PIECE_BYTES / STORE_BLOCK, store->device->max_sectors / STORE_SECTORS);
    uint64_t blocks = MIN(MAX(most, 1u), store_blocks_of(t->end - t->at));
    blocks = MIN(blocks, EXTENT_COUNT(*t->extents) - t->extent_at);
    uint64_t block = (uint64_t)EXTENT_FIRST(*t->extents) + t->extent_at;
    slot->at = t->at;
    slot->len = (uint32_t)blocks * STORE_BLOCK;
    if (t->write) {
        uint64_t part = MIN(slot->len, t->end - t->at);
        gather(t, slot->bytes, part);
        memset(slot->bytes + part, 0, slot->len - part);
        chain(t, slot);
    }
    t->at += slot->len;
    t->extent_at += (uint32_t)blocks;
    if (t->extent_at == EXTENT_COUNT(*t->extents)) {
        t->extents++;
        t->extent_count--;
        t->extent_at = 0;
    }
    t->flying++;
    submit(store, slot, t->write ? BLOCK_WRITE : BLOCK_READ, store_sector(store, block),
           (uint32_t)blocks * STORE_SECTORS);
}

/* The oldest one has come back. They are looked at in order, because the checksum needs one. */
static void settle(struct store *store, struct store_transfer *t)
{
    struct store_slot *slot = &store->slots[t->head];
    t->head = (t->head + 1) % STORE_FLIGHT;
    t->flying--;
    if (slot->request.status != CTX_OK) {
        t->status = t->status == CTX_OK ? CTX_E_IO : t->status;
        return;
    }
    uint64_t from = MAX(slot->at, t->from);
    uint64_t end = MIN(slot->at + slot->len, t->end);
    if (!t->write) {
        chain(t, slot);
        if (t->to != NULL) {
            memcpy(t->to + (from - t->from), slot->bytes + (from - slot->at), end - from);
        }
    }
    if (t->done != NULL) {
        *t->done += end - from;
    }
}

bool store_transfer_step(struct store *store)
{
    struct store_transfer *t = &store->transfer;
    uint32_t settled = 0;
    for (;;) {
        while (t->flying > 0 && store->slots[t->head].request.status != CTX_PENDING) {
            settle(store, t);
            settled++;
        }
        while (t->status == CTX_OK && t->at < t->end && t->flying < STORE_FLIGHT &&
               t->extent_count > 0) {
            issue(store, t);
        }
        if (t->flying == 0) {
            return true;
        }
        if (store->slots[t->head].request.status == CTX_PENDING) {
            return false;
        }
        if (settled >= STEP_SLOTS) {
            task_wake(&store->task);
            return false;
        }
    }
}
