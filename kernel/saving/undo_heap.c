/* SPDX-License-Identifier: MIT */
/*
 * Blocks that came or went in a call that is undone. The heap's own lists lie in the
 * kernel and change in many places, so they are not saved but made anew: from the blocks that live
 * now, and the call's allocs and deallocs in reverse.
 */
#include "app_memory.h"
#include "frame.h"
#include "heap.h"
#include "undo_private.h"

#include <kernel/string.h>

/* ---- the journal ---- */

void undo_heap_before(struct app *app)
{
    struct undo *u = app->undo;
    if (u == NULL || u->call != UNDO_KEPT || u->heap_known) {
        return;
    }
    u->heap_known = true;
    u->free_count = app->heap != NULL ? slotheap_free_order(app->heap, NULL, 0) : 0;
    if (u->free_count > u->free_room) {
        if (u->free_order != NULL) {
            heap_free(u->free_order, u->free_room * sizeof *u->free_order);
        }
        u->free_room = u->free_count * 2;
        u->free_order = heap_alloc(u->free_room * sizeof *u->free_order);
        if (u->free_order == NULL) {
            u->free_room = 0;
            u->free_count = 0; /* then later blocks lie elsewhere than they would */
        }
    }
    if (u->free_count > 0) {
        slotheap_free_order(app->heap, u->free_order, u->free_count);
    }
}

void undo_heap_changed(struct app *app, const struct slotheap_block *block, bool freed)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return;
    }
    u->counted = false;
    if (!freed) { /* in pages that were kept for such blocks, and are not watched */
        undo_watch(app, CTX_SLOT_HEAP + block->offset, block->size);
    }
    if (u->call != UNDO_KEPT) {
        return;
    }
    if (u->op_count == u->op_room) {
        uint32_t room = u->op_room != 0 ? u->op_room * 2 : 32;
        struct heap_op *bigger = heap_alloc(room * sizeof *bigger);
        if (bigger == NULL) {
            undo_lose(u, "no memory for the list of its allocs");
            return;
        }
        if (u->ops != NULL) {
            memcpy(bigger, u->ops, u->op_count * sizeof *bigger);
            heap_free(u->ops, u->op_room * sizeof *bigger);
        }
        u->ops = bigger;
        u->op_room = room;
    }
    u->ops[u->op_count++] = (struct heap_op){*block, freed};
}

void undo_drop_ops(struct undo *u)
{
    if (u->ops != NULL) {
        heap_free(u->ops, u->op_room * sizeof *u->ops);
    }
    if (u->free_order != NULL) {
        heap_free(u->free_order, u->free_room * sizeof *u->free_order);
    }
    u->ops = NULL;
    u->free_order = NULL;
}

/* ---- the heap as it was ---- */

struct blocks {
    struct slotheap_block *block;
    uint64_t count, room;
};

static void collect(void *arg, const struct slotheap_block *block)
{
    struct blocks *b = arg;
    if (b->count < b->room) {
        b->block[b->count++] = *block;
    }
}

/* Where a block of this offset is, or belongs. */
static uint64_t place(const struct blocks *b, uint64_t offset)
{
    uint64_t low = 0, high = b->count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (b->block[middle].offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Undo one alloc or dealloc in the list. */
static void reverse(struct blocks *b, const struct heap_op *op)
{
    uint64_t i = place(b, op->block.offset);
    struct slotheap_block *at = &b->block[i];
    if (op->freed) {
        memmove(at + 1, at, (b->count - i) * sizeof *at);
        *at = op->block;
        b->count++;
    } else {
        b->count--;
        memmove(at, at + 1, (b->count - i) * sizeof *at);
    }
}

bool undo_back_heap(struct app *app)
{
    struct undo *u = app->undo;
    struct slotheap_usage usage;
    if (u->op_count == 0) {
        return true;
    }
    slotheap_usage(app->heap, &usage);
    struct blocks b = {.room = usage.blocks + u->op_count + 1};
    b.block = heap_alloc(b.room * sizeof *b.block);
    if (b.block == NULL) {
        return false;
    }
    slotheap_for_each(app->heap, collect, &b);
    for (uint32_t i = u->op_count; i-- > 0;) {
        reverse(&b, &u->ops[i]);
    }
    bool good = app_heap_become(app, b.block, b.count, u->free_order, u->free_count);
    heap_free(b.block, b.room * sizeof *b.block);
    return good;
}
