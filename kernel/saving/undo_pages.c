/* SPDX-License-Identifier: MIT */
/*
 * When a call begins a page that is watched is read-only to the app; if the call writes it, it is
 * saved by the page fault, then writable, and on the list of written ones. Most apps write the same
 * pages at every call, and a fault takes as long as copying fifty pages: so a page on the list
 * stays writable and is copied before each call, until some calls in a row have left it alone.
 * Costs nothing for pages that nobody writes.
 *
 * A machine may be unable to protect a page (Linux counts mappings). Then the range stays open and
 * the call is one that can not be undone, which is said when it matters: never a wrong state.
 */
#include "undo_private.h"

#include "frame.h"
#include "heap.h"

#include <kernel/string.h>

/* One fault for so many pages: of areas, which are drawn as a whole; of data, where the call
 * before wrote many. */
#define AREA_PAGES  64u
#define DENSE_PAGES 16u

static bool is_pixels(uint64_t offset)
{
    return offset >= CTX_SLOT_CANVAS && offset < CTX_SLOT_CANVAS_END;
}

/* Whether the app may write there by right, and not only for now. */
static bool is_data(const struct app *app, uint64_t offset)
{
    if (offset >= CTX_SLOT_HEAP && offset < CTX_SLOT_HEAP_END) {
        return true;
    }
    for (uint32_t i = 0; i < app->segment_count; i++) {
        const struct elf_segment *s = &app->segments[i];
        if (s->write && offset >= ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE) &&
            offset < s->at + s->size) {
            return true;
        }
    }
    return offset - CTX_SLOT_STORE < PAGE_SIZE;
}

bool undo_is_watched(const struct app *app, uint64_t offset)
{
    return is_pixels(offset) || (!app->undo->copies && is_data(app, offset));
}

/* ---- the list of written pages ---- */

static bool add(struct undo *u, uint64_t at, paddr_t frame)
{
    if (u->count == u->room) {
        uint32_t room = u->room != 0 ? u->room * 2 : 64;
        struct written *bigger = heap_alloc(room * sizeof *bigger);
        if (bigger == NULL) {
            return false;
        }
        if (u->written != NULL) {
            memcpy(bigger, u->written, u->count * sizeof *bigger);
            heap_free(u->written, u->room * sizeof *bigger);
        }
        u->written = bigger;
        u->room = room;
    }
    u->written[u->count++] = (struct written){at, frame, 0};
    return true;
}

static paddr_t take_frame(struct undo *u)
{
    return u->spares > 0 ? u->spare[--u->spares] : frame_alloc(0, 0);
}

void undo_give_frame(struct undo *u, paddr_t frame)
{
    if (u->spares < UNDO_SPARES) {
        u->spare[u->spares++] = frame;
    } else {
        frame_free(frame, 0);
    }
}

struct watched_area *undo_area_at(struct undo *u, uint64_t at)
{
    for (uint32_t i = 0; i < u->area_count; i++) {
        if (u->areas[i].at == at) {
            return &u->areas[i];
        }
    }
    return NULL;
}

/* NULL: it is in none. */
static const struct watched_area *area_of(const struct undo *u, uint64_t at)
{
    for (uint32_t i = 0; i < u->area_count; i++) {
        if (at - u->areas[i].at < u->areas[i].pages * PAGE_SIZE) {
            return &u->areas[i];
        }
    }
    return NULL;
}

bool undo_is_known(const struct undo *u, uint64_t at)
{
    return !is_pixels(at) || area_of(u, at) != NULL;
}

enum range undo_range_of(const struct undo *u, uint64_t at)
{
    const struct watched_area *area = area_of(u, at);
    return !is_pixels(at) ? u->data : area != NULL ? area->range : RANGE_OPEN;
}

/* The range that a page is in becomes open. */
static void open_range(struct undo *u, uint64_t at)
{
    for (uint32_t i = 0; i < u->area_count; i++) {
        if (at - u->areas[i].at < u->areas[i].pages * PAGE_SIZE) {
            u->areas[i].range = RANGE_OPEN;
            return;
        }
    }
    if (!is_pixels(at)) {
        u->data = RANGE_OPEN;
    }
}

/* A page is about to become writable: what it holds is kept, if that is still of use. */
static void keep_page(struct app *app, uint64_t at)
{
    struct undo *u = app->undo;
    paddr_t frame = u->call == UNDO_KEPT ? take_frame(u) : 0;
    if (frame != 0) {
        memcpy(machine_direct(frame), machine_direct(machine_slot_frame(app->base + at)),
               PAGE_SIZE);
    } else {
        undo_lose(u, undo_no_memory);
    }
    if (!add(u, at, frame)) {
        undo_lose(u, undo_no_memory);
        open_range(u, at);
        if (frame != 0) {
            undo_give_frame(u, frame);
        }
    }
}

/* ---- what is told of the watch (watch.h) ---- */

static bool is_closed(const struct app *app, uint64_t at)
{
    return machine_slot_rights(app->base + at) == MAP_READ && undo_is_watched(app, at);
}

/* Both ends of the run of closed pages around this one. */
static void find_run(const struct app *app, uint64_t *at, uint64_t *end)
{
    for (*end = *at; is_closed(app, *end); *end += PAGE_SIZE) {
    }
    while (is_closed(app, *at - PAGE_SIZE)) {
        *at -= PAGE_SIZE;
    }
}

/*
 * The machine could not open just what was asked for. The app is not to blame: it may write to all
 * of the run, which takes fewer pieces, and the call is lost.
 */
static bool open_run(struct app *app, uint64_t at)
{
    uint64_t end;
    undo_lose(app->undo, undo_no_protection);
    open_range(app->undo, at);
    find_run(app, &at, &end);
    return machine_slot_protect(app->base + at, (end - at) / PAGE_SIZE, MAP_READ | MAP_WRITE);
}

bool undo_write(struct app *app, uint64_t offset)
{
    struct undo *u = app->undo;
    uint64_t wanted = ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE);
    if (u == NULL || !is_closed(app, wanted)) {
        return false;
    }
    uint64_t chunk = is_pixels(wanted) ? AREA_PAGES : u->dense ? DENSE_PAGES : 1;
    uint64_t at = ALIGN_DOWN(wanted, chunk * PAGE_SIZE);
    uint64_t end = at + chunk * PAGE_SIZE;
    /* Runs of pages that are there and not writable yet. */
    for (; at < end; at += PAGE_SIZE) {
        uint64_t from = at;
        for (; at < end && is_closed(app, at); at += PAGE_SIZE) {
            keep_page(app, at);
        }
        if (at > from && !machine_slot_protect(app->base + from, (at - from) / PAGE_SIZE,
                                               MAP_READ | MAP_WRITE)) {
            break;
        }
    }
    return (machine_slot_rights(app->base + wanted) & MAP_WRITE) != 0 || open_run(app, wanted);
}

void undo_touch(struct app *app, uint64_t offset, uint64_t len)
{
    uint64_t at = ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE);
    for (; app->undo != NULL && at < offset + len; at += PAGE_SIZE) {
        (void)undo_write(app, at);
    }
}

void undo_watch(struct app *app, uint64_t offset, uint64_t len)
{
    struct undo *u = app->undo;
    uint64_t at = ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE);
    for (; !u->copies && at < offset + len; at += PAGE_SIZE) {
        bool open = (machine_slot_rights(app->base + at) & MAP_WRITE) != 0;
        if (open && !add(u, at, 0)) {
            u->data = RANGE_OPEN;
            return;
        }
    }
}

uint32_t undo_mapped(struct app *app, uint64_t at, uint64_t pages, bool same)
{
    struct undo *u = app->undo;
    struct watched_area *area = undo_area_at(u, at);
    /* Others that have gone may have lain in the same place. */
    for (uint32_t i = 0; i < u->area_count; i++) {
        struct watched_area *other = &u->areas[i];
        if (other != area && other->at < at + pages * PAGE_SIZE &&
            at < other->at + other->pages * PAGE_SIZE) {
            other->range = RANGE_OPEN;
        }
    }
    if (area != NULL) {
        area->pages = pages;
        area->range = same ? area->range : RANGE_OPEN;
    }
    /* As they were: what is written there is still to be noticed. */
    return same ? MAP_READ : MAP_READ | MAP_WRITE;
}

void undo_committed(struct app *app, uint64_t offset)
{
    struct undo *u = app->undo;
    if (u != NULL && is_data(app, offset)) {
        u->counted = false;
        if (!u->copies && !add(u, offset, 0)) {
            u->data = RANGE_OPEN;
        }
    }
}

bool undo_takes_frame(struct app *app, uint64_t offset, paddr_t frame)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return false;
    }
    u->counted = false;
    if (u->call != UNDO_KEPT || !is_closed(app, offset)) {
        return false; /* it is copied or saved, or came in this call */
    }
    if (!add(u, offset, frame)) {
        undo_lose(u, undo_no_memory);
        return false;
    }
    return true;
}
