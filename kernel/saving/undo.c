/* SPDX-License-Identifier: MIT */
/*
 * One call that can be undone, from its begin to its end or to the way back. How what it writes is
 * noticed: undo_pages.c; how the next call begins so: undo_close.c; blocks of the heap:
 * undo_heap.c.
 */
#include "undo_private.h"

#include "frame.h"
#include "heap.h"
#include "policy.h"
#include "resource.h"
#include "watch.h"

#include <kernel/string.h>

static const struct app_watch watch;

static bool wants(const struct app *app)
{
    return policy_undoes(app);
}

void undo_lose(struct undo *u, const char *why)
{
    if (u->call == UNDO_KEPT) {
        u->call = UNDO_LOST;
        u->why = why;
    }
}

const char undo_no_memory[] = "no memory to keep what it changes";
const char undo_no_protection[] = "this machine can not watch so many pieces of memory";

/* ---- before a call ---- */

static void drop_copy(struct undo *u)
{
    if (u->copy_room > 0) {
        frame_free_pages(machine_direct_paddr(u->copy), u->copy_room);
    }
    u->copy_room = 0;
}

static struct undo *start(struct app *app)
{
    struct undo *u = heap_alloc(sizeof *u);
    if (u != NULL) {
        u->copies = true; /* until the pages are counted: none is read-only yet */
        app->undo = u;
        app->watch = &watch;
    }
    return u;
}

/* Room for the copies. False: no memory. */
static bool make_room(struct undo *u)
{
    uint32_t pages = ALIGN_UP(u->copy_count, 8u);
    if (!u->copies || pages <= u->copy_room) {
        return true;
    }
    paddr_t frame = frame_alloc_pages(pages, 0);
    if (frame == 0) {
        return false;
    }
    drop_copy(u);
    u->copy = machine_direct(frame);
    u->copy_room = pages;
    return true;
}

static void undo_begin(struct app *app)
{
    struct undo *u = app->undo;
    if (!wants(app) || (u == NULL && (u = start(app)) == NULL)) {
        return;
    }
    undo_close_written(app);
    if (!u->counted) {
        undo_choose_way(app);
    }
    u->call = UNDO_KEPT;
    if (!undo_close_ranges(app)) {
        undo_lose(u, undo_no_protection);
    }
    if (!make_room(u)) {
        undo_lose(u, undo_no_memory);
    }
    for (uint32_t i = 0; u->call == UNDO_KEPT && u->copies && i < u->copy_count; i++) {
        memcpy(u->copy + (size_t)i * PAGE_SIZE,
               machine_direct(machine_slot_frame(app->base + u->copy_at[i])), PAGE_SIZE);
    }
    if (!resources_remember(app)) {
        undo_lose(u, undo_no_memory);
    }
    u->op_count = 0;
    u->heap_known = false;
}

static void undo_end(struct app *app)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return;
    }
    u->call = UNDO_NONE;
    resources_let_go(app);
}

static void watch_reaches_out(struct app *app, const char *why)
{
    if (app->undo != NULL) {
        undo_lose(app->undo, why);
    }
}

void undo_reset(struct app *app)
{
    struct undo *u = app->undo;
    if (u != NULL) {
        undo_end(app);
        u->counted = false;
        u->data = RANGE_OPEN;
        u->area_count = 0;
    }
}

static void undo_forget(struct app *app)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return;
    }
    app->undo = NULL;
    app->watch = NULL;
    resources_let_go(app);
    for (uint32_t i = 0; i < u->count; i++) {
        if (u->written[i].frame != 0) {
            frame_free(u->written[i].frame, 0);
        }
    }
    while (u->spares > 0) {
        frame_free(u->spare[--u->spares], 0);
    }
    if (u->written != NULL) {
        heap_free(u->written, u->room * sizeof *u->written);
    }
    undo_drop_ops(u);
    drop_copy(u);
    heap_free(u, sizeof *u);
}

/* ---- the way back ---- */

static void back_pages(struct app *app)
{
    struct undo *u = app->undo;
    for (uint32_t i = 0; u->copies && i < u->copy_count; i++) {
        paddr_t frame = machine_slot_frame(app->base + u->copy_at[i]);
        if (frame != 0) {
            memcpy(machine_direct(frame), u->copy + (size_t)i * PAGE_SIZE, PAGE_SIZE);
        }
    }
    for (uint32_t i = u->count; i-- > 0;) { /* the first of two entries of a page counts */
        const struct written *w = &u->written[i];
        paddr_t frame = machine_slot_frame(app->base + w->at);
        if (frame != 0 && w->frame != 0) {
            memcpy(machine_direct(frame), machine_direct(w->frame), PAGE_SIZE);
        }
    }
}

static bool watch_can_undo(const struct app *app)
{
    return app->undo->call == UNDO_KEPT;
}

static const char *watch_back(struct app *app, bool again)
{
    struct undo *u = app->undo;
    if (u == NULL || u->call == UNDO_NONE) {
        return undo_no_memory;
    }
    if (u->call == UNDO_LOST) {
        return u->why;
    }
    u->call = UNDO_NONE;
    if (!undo_back_heap(app)) {
        return "no memory for the heap as it was";
    }
    if (!resources_put_back(app, again)) {
        return "no memory for the surfaces as they were";
    }
    back_pages(app);
    app->ctx_is_outdated = true;
    u->counted = false;
    return NULL;
}

static const struct app_watch watch = {
    .write = undo_write,
    .touch = undo_touch,
    .committed = undo_committed,
    .takes_frame = undo_takes_frame,
    .heap_before = undo_heap_before,
    .heap_changed = undo_heap_changed,
    .mapped = undo_mapped,
    .can_undo = watch_can_undo,
    .reaches_out = watch_reaches_out,
    .back = watch_back,
};

/* ---- what an app has of this ---- */

static bool at_calls(const struct app *app)
{
    return wants(app);
}

static void begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    (void)now_ns;
    (void)entry;
    (void)served;
    undo_begin(app);
}

static void end(struct app *app, enum app_ending how, bool served)
{
    (void)served;
    if (how == ENDED_WELL || how == ENDED_BADLY) {
        undo_end(app);
    }
}

const struct app_resource undo_resource = {
    .name = "undo",
    .at_calls = at_calls,
    .begin = begin,
    .end = end,
    .tear_down = undo_forget,
};
