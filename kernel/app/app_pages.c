/* SPDX-License-Identifier: MIT */
/* Pages of a slot that have frames of their own: they come and go, alone and some in a row. */
#include "app.h"
#include "app_memory.h"
#include "frame.h"
#include "watch.h"

#include <kernel/string.h>

#include <ctx/slot.h>

/* Pages that go together. */
#define BATCH 64u

/* Pages that come as one block, where as many are wanted: in a free one nothing is touched, so on
 * Linux those that nobody has used yet need not be cleared before the app uses them. */
#define BLOCK_ORDER 9u
#define BLOCK       (1u << BLOCK_ORDER)

/* Pages that nobody has promised to be zero. */
static bool may_hold_anything(const struct app *app, uint64_t offset)
{
    return (offset >= app->stack_low && offset < CTX_SLOT_STACK_TOP) ||
           (offset >= CTX_SLOT_HEAP && offset < CTX_SLOT_HEAP_END);
}

/* Frames that follow one another become pages that do. */
static ctx_status map_run(struct app *app, uint64_t offset, paddr_t frame, uint64_t count,
                          uint32_t rights)
{
    for (uint64_t i = 0; app->poison && i < count; i++) {
        if (may_hold_anything(app, offset + i * PAGE_SIZE)) {
            memset(machine_direct(frame + i * PAGE_SIZE), APP_POISON, PAGE_SIZE);
        }
    }
    ctx_status status = machine_slot_map(app->base + offset, frame, count, rights);
    if (status != CTX_OK) {
        frame_free_singles(frame, count);
    }
    for (uint64_t i = 0; status == CTX_OK && app->watch != NULL && i < count; i++) {
        app->watch->committed(app, offset + i * PAGE_SIZE);
    }
    app->pages += status == CTX_OK ? count : 0;
    return status;
}

/* The next frames that follow one another, *count of them: some of the `most` that are wanted, and
 * each can go alone. 0: there are none. */
static paddr_t take(uint64_t most, uint64_t *count)
{
    paddr_t block = most >= BLOCK ? frame_alloc(BLOCK_ORDER, FRAME_ZERO) : 0;
    *count = block != 0 ? BLOCK : 1;
    if (block != 0) {
        frame_split(block, BLOCK_ORDER);
        return block;
    }
    return most > 0 ? frame_alloc(0, FRAME_ZERO) : 0;
}

/*
 * Each page has a frame of its own, which can go alone; but as a rule they follow one another, and
 * then all are mapped at once: on Linux each mapping costs as much as three pages.
 */
ctx_status app_commit_run(struct app *app, uint64_t offset, uint64_t count, uint32_t rights,
                          uint64_t *came)
{
    uint64_t most = count;
    /* Tables are the kernel's own: an app that has used up its memory can still open one. */
    if (offset >= CTX_SLOT_CTX) {
        most = MIN(count, app->quota_pages - MIN(app->pages, app->quota_pages));
    }
    uint64_t got;
    paddr_t next = take(most, &got);
    *came = 0;
    while (next != 0) {
        paddr_t first = next;
        uint64_t n = 0;
        do {
            n += got;
            next = take(most - *came - n, &got);
        } while (next == first + n * PAGE_SIZE);
        ctx_status status = map_run(app, offset + *came * PAGE_SIZE, first, n, rights);
        if (status != CTX_OK) {
            if (next != 0) {
                frame_free_singles(next, got);
            }
            return status;
        }
        *came += n;
    }
    return *came == count ? CTX_OK : CTX_E_NOMEM;
}

ctx_status app_commit(struct app *app, uint64_t offset, uint32_t rights)
{
    uint64_t came;
    return app_commit_run(app, offset, 1, rights, &came);
}

/* A few pages, those of them that are there. */
static void decommit_batch(struct app *app, uint64_t offset, uint64_t count)
{
    paddr_t frames[BATCH]; /* to be freed */
    uint64_t frame_count = 0, first = count, end = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = offset + i * PAGE_SIZE;
        paddr_t frame = machine_slot_frame(app->base + at);
        if (frame == 0) {
            continue;
        }
        if (app->watch == NULL || !app->watch->takes_frame(app, at, frame)) {
            frames[frame_count++] = frame;
        }
        app->pages--;
        first = MIN(first, i);
        end = i + 1;
    }
    if (end > 0) {
        machine_slot_unmap(app->base + offset + first * PAGE_SIZE, end - first);
    }
    for (uint64_t i = 0, n; i < frame_count; i += n) {
        n = 1;
        while (i + n < frame_count && frames[i + n] == frames[i] + n * PAGE_SIZE) {
            n++;
        }
        frame_free_singles(frames[i], n);
    }
}

void app_decommit_run(struct app *app, uint64_t offset, uint64_t count)
{
    for (uint64_t done = 0; done < count; done += BATCH) {
        decommit_batch(app, offset + done * PAGE_SIZE, MIN(count - done, (uint64_t)BATCH));
    }
}

void app_decommit(struct app *app, uint64_t offset)
{
    decommit_batch(app, offset, 1);
}
