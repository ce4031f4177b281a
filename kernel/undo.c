/* SPDX-License-Identifier: MIT */
/*
 * Between two calls every page that is watched is read-only to the app; a page that the call writes
 * is saved by the page fault, then writable for the rest of the call, and on the list of written
 * ones, which the next call makes read-only again. Costs nothing for pages that nobody writes.
 */
#include "undo_private.h"

#include "frame.h"
#include "heap.h"
#include "save.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* One fault for so many pages: of surfaces, which are drawn as a whole; of data, where the call
 * before wrote many. */
#define SURFACE_PAGES 64u
#define DENSE_PAGES   16u
#define DENSE         32u

static bool wants(const struct app *app)
{
    return app->policy.restart == CTX_RESTART_UNDO;
}

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

static bool is_watched(const struct app *app, uint64_t offset)
{
    return is_pixels(offset) || is_data(app, offset);
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
    u->written[u->count++] = (struct written){at, frame};
    return true;
}

static paddr_t take_frame(struct undo *u)
{
    return u->spares > 0 ? u->spare[--u->spares] : frame_alloc(0, 0);
}

static void give_frame(struct undo *u, paddr_t frame)
{
    if (u->spares < UNDO_SPARES) {
        u->spare[u->spares++] = frame;
    } else {
        frame_free(frame, 0);
    }
}

/* One page becomes writable, saved before if a call is going on. */
static void let_write(struct app *app, uint64_t at)
{
    struct undo *u = app->undo;
    paddr_t frame = u->armed ? take_frame(u) : 0;
    if (frame != 0) {
        memcpy(machine_direct(frame), machine_direct(machine_slot_frame(app->base + at)),
               PAGE_SIZE);
    }
    if (u->armed && frame == 0) {
        u->lost = true;
    }
    if (!add(u, at, frame)) {
        u->lost = true;
        u->all = true; /* which ones are writable is not known any more */
        if (frame != 0) {
            give_frame(u, frame);
        }
    }
}

bool undo_write(struct app *app, uint64_t offset)
{
    struct undo *u = app->undo;
    uint64_t at = ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE);
    if (u == NULL || machine_slot_rights(app->base + at) != MAP_READ || !is_watched(app, at)) {
        return false;
    }
    uint64_t chunk = is_pixels(at) ? SURFACE_PAGES : u->dense ? DENSE_PAGES : 1;
    at = ALIGN_DOWN(at, chunk * PAGE_SIZE);
    uint64_t end = at + chunk * PAGE_SIZE;
    /* Runs of pages that are there and not writable yet. */
    while (at < end) {
        uint64_t from = at;
        while (at < end && machine_slot_rights(app->base + at) == MAP_READ && is_watched(app, at)) {
            let_write(app, at);
            at += PAGE_SIZE;
        }
        if (at > from) {
            machine_slot_protect(app->base + from, (at - from) / PAGE_SIZE, MAP_READ | MAP_WRITE);
        }
        at += PAGE_SIZE;
    }
    return true;
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
    for (; u->writes && at < offset + len; at += PAGE_SIZE) {
        bool open = (machine_slot_rights(app->base + at) & MAP_WRITE) != 0;
        if (open && !add(u, at, 0)) {
            u->all = true;
            return;
        }
    }
}

void undo_committed(struct app *app, uint64_t offset)
{
    struct undo *u = app->undo;
    if (u != NULL && is_data(app, offset)) {
        u->dirty = true;
        if (u->writes && !add(u, offset, 0)) {
            u->all = true;
        }
    }
}

bool undo_takes_frame(struct app *app, uint64_t offset, paddr_t frame)
{
    struct undo *u = app->undo;
    if (u == NULL || !u->armed || !u->writes || !is_data(app, offset)) {
        if (u != NULL) {
            u->dirty = true;
        }
        return false;
    }
    u->dirty = true;
    if (machine_slot_rights(app->base + offset) != MAP_READ) {
        return false; /* it is saved, or came in this call */
    }
    if (!add(u, offset, frame)) {
        u->lost = true;
        return false;
    }
    return true;
}

/* ---- before a call ---- */

static void protect(void *arg, uint64_t offset, const uint8_t *page)
{
    struct app *app = arg;
    (void)page;
    machine_slot_protect(app->base + offset, 1, MAP_READ);
}

static void unprotect(void *arg, uint64_t offset, const uint8_t *page)
{
    struct app *app = arg;
    (void)page;
    machine_slot_protect(app->base + offset, 1, MAP_READ | MAP_WRITE);
}

static void count_page(void *arg, uint64_t offset, const uint8_t *page)
{
    struct undo *u = arg;
    (void)page;
    if (u->copy_count < UNDO_COPY_PAGES) {
        u->copy_at[u->copy_count] = offset;
    }
    u->copy_count++;
}

static void protect_pixels(struct app *app)
{
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        const struct surface *s = &app->v3->surfaces[i];
        if (s->frame != 0) {
            machine_slot_protect(app->base + s->at, s->pages, MAP_READ);
        }
    }
}

/* What was written until now is read-only again; neighbours in one go. */
static void protect_written(struct app *app)
{
    struct undo *u = app->undo;
    for (uint32_t i = 0; i < u->count;) {
        uint64_t at = u->written[i].at;
        uint32_t n = 0;
        while (i + n < u->count && u->written[i + n].at == at + (uint64_t)n * PAGE_SIZE &&
               machine_slot_rights(app->base + at + (uint64_t)n * PAGE_SIZE) != 0) {
            if (u->written[i + n].frame != 0) {
                give_frame(u, u->written[i + n].frame);
            }
            n++;
        }
        if (n == 0) {
            if (u->written[i].frame != 0) {
                give_frame(u, u->written[i].frame);
            }
            n = 1;
        } else if (u->writes || is_pixels(at)) {
            machine_slot_protect(app->base + at, n, MAP_READ);
        }
        i += n;
    }
    u->dense = u->count > DENSE;
    u->count = 0;
}

static void drop_copy(struct undo *u)
{
    if (u->copy_room > 0) {
        frame_free_pages(machine_direct_paddr(u->copy), u->copy_room);
    }
    u->copy_room = 0;
}

/* How this app's data is kept: by copies or by page faults. */
static void choose(struct app *app)
{
    struct undo *u = app->undo;
    u->copy_count = 0;
    app_each_page(app, false, count_page, u);
    /* A quarter of play, so that a page more and a page less do not change the way each time. */
    uint32_t most = u->writes ? UNDO_COPY_PAGES * 3 / 4 : UNDO_COPY_PAGES;
    bool writes = u->copy_count > most;
    if (writes != u->writes || (writes && u->all)) {
        u->writes = writes;
        app_each_page(app, false, writes ? protect : unprotect, app);
    }
    u->dirty = false;
}

static void protect_new_surfaces(struct app *app)
{
    struct undo *u = app->undo;
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        const struct surface *s = &app->v3->surfaces[i];
        if (s->frame != 0 && s->frame != u->surfaces[i].frame) {
            machine_slot_protect(app->base + s->at, s->pages, MAP_READ);
        }
    }
}

static struct undo *start(struct app *app)
{
    struct undo *u = heap_alloc(sizeof *u);
    if (u != NULL) {
        u->dirty = true;
        app->undo = u;
    }
    return u;
}

/* Room for the copies. False: no memory. */
static bool make_room(struct undo *u)
{
    uint32_t pages = ALIGN_UP(u->copy_count, 8u);
    if (u->writes || pages <= u->copy_room) {
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

static void remember_input(struct app *app)
{
    struct undo *u = app->undo;
    struct app_v3 *v3 = app->v3;
    if (v3 != NULL) {
        memcpy(u->surfaces, v3->surfaces, sizeof u->surfaces);
        u->event_next = v3->event_next;
        u->event_first = v3->event_first;
        u->own_next = v3->own_next;
        u->event_lost = v3->lost;
        u->subscribed = v3->subscribed;
        return;
    }
    memcpy(&u->page, app->input.page, sizeof u->page);
    memcpy(u->edges, app->input.edges, sizeof u->edges);
    u->edge_count = app->input.edge_count;
    u->seen = app->input.seen;
    u->own_next = app->input.own_next;
}

void undo_begin(struct app *app)
{
    struct undo *u = app->undo;
    if (!wants(app) || (u == NULL && (u = start(app)) == NULL)) {
        return;
    }
    bool first = u->calls++ == 0;
    protect_written(app);
    if (u->dirty || u->all) {
        choose(app);
    }
    if (first || u->all) {
        protect_pixels(app);
    }
    protect_new_surfaces(app);
    u->all = false;
    u->lost = !make_room(u);
    for (uint32_t i = 0; !u->lost && !u->writes && i < u->copy_count; i++) {
        memcpy(u->copy + (size_t)i * PAGE_SIZE,
               machine_direct(machine_slot_frame(app->base + u->copy_at[i])), PAGE_SIZE);
    }
    remember_input(app);
    u->op_count = 0;
    u->heap_known = false;
    u->armed = true;
}

void undo_end(struct app *app)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return;
    }
    u->armed = false;
    undo_drop_surfaces(u);
}

void undo_reset(struct app *app)
{
    if (app->undo != NULL) {
        undo_end(app);
        app->undo->all = true;
        app->undo->dirty = true;
    }
}

void undo_forget(struct app *app)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return;
    }
    app->undo = NULL;
    undo_drop_surfaces(u);
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
    for (uint32_t i = 0; !u->writes && i < u->copy_count; i++) {
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

static void back_input(struct app *app)
{
    struct undo *u = app->undo;
    struct app_v3 *v3 = app->v3;
    if (v3 == NULL) {
        memcpy(app->input.page, &u->page, sizeof u->page);
        memcpy(app->input.edges, u->edges, sizeof u->edges);
        app->input.edge_count = u->edge_count;
        app->input.seen = u->seen;
        app->input.own_next = u->own_next;
    } else if (u->subscribed) {
        v3->event_next = u->event_next;
        v3->event_first = u->event_first;
        v3->own_next = u->own_next;
        v3->lost = u->event_lost;
    }
}

bool undo_back(struct app *app, bool again)
{
    struct undo *u = app->undo;
    if (u == NULL || !u->armed || u->lost) {
        return false;
    }
    u->armed = false;
    if (!undo_back_heap(app)) {
        return false;
    }
    undo_back_surfaces(app);
    back_pages(app);
    if (again) {
        back_input(app);
    }
    app->ctx_is_written = false;
    u->dirty = true;
    return true;
}
