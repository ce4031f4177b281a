/* SPDX-License-Identifier: MIT */
/*
 * Blocks that came or went in a call that is undone. The heap's own lists lie in the
 * kernel and change in many places, so they are not saved but made anew: from the blocks that live
 * now, and the first alloc or dealloc of the call at each place.
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
    u->ops[u->op_count] = (struct heap_op){*block, freed, u->op_count};
    u->op_count++;
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

/* In ascending order of their places; of those at one place the earlier one first. */
static bool is_behind(const struct heap_op *a, const struct heap_op *b)
{
    return a->block.offset != b->block.offset ? a->block.offset > b->block.offset : a->no > b->no;
}

static void sink(struct heap_op *ops, uint32_t at, uint32_t count)
{
    struct heap_op op = ops[at];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && is_behind(&ops[child + 1], &ops[child]);
        if (!is_behind(&ops[child], &op)) {
            break;
        }
        ops[at] = ops[child];
    }
    ops[at] = op;
}

/* Heapsort (Williams 1964): an app can have a million of them, in whatever order it likes. */
static void sort(struct heap_op *ops, uint32_t count)
{
    for (uint32_t i = count / 2; i-- > 0;) {
        sink(ops, i, count);
    }
    for (uint32_t i = count; i-- > 1;) {
        struct heap_op last = ops[i];
        ops[i] = ops[0];
        ops[0] = last;
        sink(ops, 0, i);
    }
}

/*
 * What lay at a place is what the call's first op there says: one that freed a block found it, one
 * that made a block found none. Where there was no op lies what lies there now. The blocks of now
 * are read from `now` on, behind room for all that is put in before them.
 */
static uint64_t merge(struct slotheap_block *block, uint64_t now, uint64_t end,
                      const struct heap_op *ops, uint32_t count)
{
    uint64_t out = 0;
    for (uint32_t i = 0; i < count;) {
        uint64_t offset = ops[i].block.offset;
        while (now < end && block[now].offset < offset) {
            block[out++] = block[now++];
        }
        now += now < end && block[now].offset == offset;
        if (ops[i].freed) {
            block[out++] = ops[i].block;
        }
        while (i < count && ops[i].block.offset == offset) {
            i++;
        }
    }
    while (now < end) {
        block[out++] = block[now++];
    }
    return out;
}

bool undo_back_heap(struct app *app)
{
    struct undo *u = app->undo;
    struct slotheap_usage usage;
    if (u->op_count == 0) {
        return true;
    }
    slotheap_usage(app->heap, &usage);
    uint64_t room = usage.blocks + u->op_count;
    struct slotheap_block *block = heap_alloc(room * sizeof *block);
    if (block == NULL) {
        return false;
    }
    struct blocks now = {.block = block, .count = u->op_count, .room = room};
    slotheap_for_each(app->heap, collect, &now);
    sort(u->ops, u->op_count);
    uint64_t count = merge(block, u->op_count, now.count, u->ops, u->op_count);
    bool good = app_heap_become(app, block, count, u->free_order, u->free_count);
    heap_free(block, room * sizeof *block);
    return good;
}
