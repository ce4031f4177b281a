/* SPDX-License-Identifier: MIT */
/*
 * Somebody watches what happens to an app's memory in a call: undo, which can then put it back
 * (saving/undo.c). An app that nobody watches costs a comparison each.
 */
#ifndef KERNEL_WATCH_H
#define KERNEL_WATCH_H

#include "app.h"

struct app_watch {
    /* A write to a page of the app's slot that is read-only to it: true if it was only for this,
     * and is writable now. */
    bool (*write)(struct app *app, uint64_t offset);

    /* The kernel is about to write there through the direct map. */
    void (*touch)(struct app *app, uint64_t offset, uint64_t len);

    /* A page has come; it is about to go: true if its frame is kept for the way back. */
    void (*committed)(struct app *app, uint64_t offset);
    bool (*takes_frame)(struct app *app, uint64_t offset, paddr_t frame);

    /* Before a block of the heap comes or goes; after one has come (freed: before it goes). */
    void (*heap_before)(struct app *app);
    void (*heap_changed)(struct app *app, const struct slotheap_block *block, bool freed);

    /*
     * An area (resource.h) is about to be mapped: with which rights. same: with the frames that it
     * had when the call began, as they are.
     */
    uint32_t (*mapped)(struct app *app, uint64_t at, uint64_t pages, bool same);

    /* Whether the call that is going on may still be undone: what was there when it began must not
     * be given back yet. */
    bool (*can_undo)(const struct app *app);

    /* The call does something to others that must not be forgotten and can not be taken back: from
     * here on it can not be undone. why: a text that lives for ever. */
    void (*reaches_out)(struct app *app, const char *why);

    /*
     * Put the app back to where it was before the call that has just ended; again: it will see its
     * events once more. NULL: done; else why that is not possible, and it is not in a state to go
     * on. [loop, in a call]
     */
    const char *(*back)(struct app *app, bool again);
};

static inline void app_touch(struct app *app, uint64_t offset, uint64_t len)
{
    if (app->watch != NULL) {
        app->watch->touch(app, offset, len);
    }
}

/* Whether the call of it that is going on may still be undone: what it gives back is only marked,
 * and goes when it has ended. */
static inline bool app_may_undo(const struct app *app)
{
    return app->watch != NULL && app->watch->can_undo(app);
}

static inline void app_reaches_out(struct app *app, const char *why)
{
    if (app->watch != NULL) {
        app->watch->reaches_out(app, why);
    }
}

#endif
