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
#include "resource.h"
#include "save.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* One fault for so many pages: of areas, which are drawn as a whole; of data, where the call
 * before wrote many. */
#define AREA_PAGES  64u
#define DENSE_PAGES 16u
#define DENSE       32u

/* After so many calls that did not change a page it is read-only again; sooner when there are many:
 * to find out takes a look at all of it. */
#define QUIET      8u
#define QUIET_MANY 2u
#define MANY_PAGES 1024u

static const struct app_watch watch;

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
    return is_pixels(offset) || (!app->undo->copies && is_data(app, offset));
}

void undo_lose(struct undo *u, const char *why)
{
    if (u->call == CALL_KEPT) {
        u->call = CALL_LOST;
        u->why = why;
    }
}

static const char no_memory[] = "no memory to keep what it changes";
static const char no_protection[] = "this machine can not watch so many pieces of memory";

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

static void give_frame(struct undo *u, paddr_t frame)
{
    if (u->spares < UNDO_SPARES) {
        u->spare[u->spares++] = frame;
    } else {
        frame_free(frame, 0);
    }
}

/* What is known of an area that begins there; NULL: nothing, then it counts as open. */
static struct watched_area *area_at(struct undo *u, uint64_t at)
{
    for (uint32_t i = 0; i < u->area_count; i++) {
        if (u->areas[i].at == at) {
            return &u->areas[i];
        }
    }
    return NULL;
}

static enum range range_of(const struct undo *u, uint64_t at)
{
    if (!is_pixels(at)) {
        return u->data;
    }
    for (uint32_t i = 0; i < u->area_count; i++) {
        if (at - u->areas[i].at < u->areas[i].pages * PAGE_SIZE) {
            return u->areas[i].range;
        }
    }
    return RANGE_OPEN;
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
    paddr_t frame = u->call == CALL_KEPT ? take_frame(u) : 0;
    if (frame != 0) {
        memcpy(machine_direct(frame), machine_direct(machine_slot_frame(app->base + at)),
               PAGE_SIZE);
    } else {
        undo_lose(u, no_memory);
    }
    if (!add(u, at, frame)) {
        undo_lose(u, no_memory);
        open_range(u, at);
        if (frame != 0) {
            give_frame(u, frame);
        }
    }
}

static bool is_closed(const struct app *app, uint64_t at)
{
    return machine_slot_rights(app->base + at) == MAP_READ && is_watched(app, at);
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
    undo_lose(app->undo, no_protection);
    open_range(app->undo, at);
    find_run(app, &at, &end);
    return machine_slot_protect(app->base + at, (end - at) / PAGE_SIZE, MAP_READ | MAP_WRITE);
}

static bool watch_write(struct app *app, uint64_t offset)
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

static void watch_touch(struct app *app, uint64_t offset, uint64_t len)
{
    uint64_t at = ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE);
    for (; app->undo != NULL && at < offset + len; at += PAGE_SIZE) {
        (void)watch_write(app, at);
    }
}

/* Pages of a closed range that are writable and not on the list: the next call closes them. */
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

static uint32_t watch_mapped(struct app *app, uint64_t at, uint64_t pages, bool same)
{
    struct watched_area *area = area_at(app->undo, at);
    if (area != NULL) {
        area->pages = pages;
        area->range = same ? area->range : RANGE_OPEN;
    }
    /* As they were: what is written there is still to be noticed. */
    return same ? MAP_READ : MAP_READ | MAP_WRITE;
}

static bool watch_can_undo(const struct app *app)
{
    return app->undo->call == CALL_KEPT;
}

static void watch_committed(struct app *app, uint64_t offset)
{
    struct undo *u = app->undo;
    if (u != NULL && is_data(app, offset)) {
        u->counted = false;
        if (!u->copies && !add(u, offset, 0)) {
            u->data = RANGE_OPEN;
        }
    }
}

static bool watch_takes_frame(struct app *app, uint64_t offset, paddr_t frame)
{
    struct undo *u = app->undo;
    if (u == NULL) {
        return false;
    }
    u->counted = false;
    if (u->call != CALL_KEPT || !is_closed(app, offset)) {
        return false; /* it is copied or saved, or came in this call */
    }
    if (!add(u, offset, frame)) {
        undo_lose(u, no_memory);
        return false;
    }
    return true;
}

/* ---- before a call ---- */

/* Runs of pages that follow one another, all of which get the same rights. */
struct runs {
    struct app *app;
    uint64_t at, count;
    uint32_t rights;
    bool good;
};

static void end_run(struct runs *r)
{
    if (r->count > 0) {
        r->good &= machine_slot_protect(r->app->base + r->at, r->count, r->rights);
    }
    r->count = 0;
}

static void protect_page(void *arg, uint64_t offset, const uint8_t *page)
{
    struct runs *r = arg;
    (void)page;
    if (offset != r->at + r->count * PAGE_SIZE) {
        end_run(r);
        r->at = offset;
    }
    r->count++;
}

static bool protect_data(struct app *app, uint32_t rights)
{
    struct runs runs = {.app = app, .rights = rights, .good = true};
    app_each_page(app, false, protect_page, &runs);
    end_run(&runs);
    return runs.good;
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

/* False: so many calls in a row have left the page as it was. Else what it holds now is kept. */
static bool still_changes(const struct app *app, struct written *w, uint32_t quiet)
{
    const uint8_t *now = machine_direct(machine_slot_frame(app->base + w->at));
    uint8_t *before = machine_direct(w->frame);
    if (memcmp(now, before, PAGE_SIZE) == 0) {
        return ++w->quiet < quiet;
    }
    memcpy(before, now, PAGE_SIZE);
    w->quiet = 0;
    return true;
}

/*
 * What was written until now. A page that changes again and again stays writable, and what it holds
 * now is copied; the others are read-only again, neighbours in one go, or their range is open.
 */
static void close_written(struct app *app)
{
    struct undo *u = app->undo;
    struct runs runs = {.app = app, .rights = MAP_READ, .good = true};
    uint32_t quiet = u->count > MANY_PAGES ? QUIET_MANY : QUIET, kept = 0;
    bool room = app_room() >= u->count; /* else what is copied for nothing is missing elsewhere */
    for (uint32_t i = 0; i < u->count; i++) {
        struct written w = u->written[i];
        bool open = machine_slot_rights(app->base + w.at) == (MAP_READ | MAP_WRITE) &&
                    is_watched(app, w.at);
        if (w.frame != 0 && open && room && range_of(u, w.at) == RANGE_CLOSED &&
            still_changes(app, &w, quiet)) {
            u->written[kept++] = w;
            continue;
        }
        if (w.frame != 0) {
            give_frame(u, w.frame);
        }
        if (open) {
            protect_page(&runs, w.at, NULL);
        }
    }
    end_run(&runs);
    if (!runs.good) {
        u->data = RANGE_OPEN;
        u->area_count = 0;
    }
    u->dense = u->count > DENSE;
    u->count = kept;
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
    uint32_t most = u->copies ? UNDO_COPY_PAGES : UNDO_COPY_PAGES * 3 / 4;
    bool copies = u->copy_count <= most;
    if (copies != u->copies) {
        u->copies = copies;
        u->data = RANGE_OPEN;
        if (copies && !protect_data(app, MAP_READ | MAP_WRITE)) {
            u->copies = false; /* some are closed, and stay so */
        }
    }
    u->counted = true;
}

struct closing {
    struct app *app;
    struct watched_area areas[UNDO_AREAS];
    uint32_t count;
    bool good;
};

static void close_area(void *arg, uint32_t no, uint64_t at, uint64_t pages)
{
    struct closing *c = arg;
    const struct watched_area *known = area_at(c->app->undo, at);
    bool closed = known != NULL && known->pages == pages && known->range == RANGE_CLOSED;
    (void)no;
    if (c->count == UNDO_AREAS) {
        c->good = false;
        return;
    }
    closed = closed || machine_slot_protect(c->app->base + at, pages, MAP_READ);
    c->areas[c->count++] = (struct watched_area){at, pages, closed ? RANGE_CLOSED : RANGE_OPEN};
    c->good &= closed;
}

/* Every range that is watched is closed from now on. False: that is not possible. */
static bool close_ranges(struct app *app)
{
    struct undo *u = app->undo;
    struct closing c = {.app = app, .good = true};
    if (!u->copies && u->data != RANGE_CLOSED) {
        u->data = protect_data(app, MAP_READ) ? RANGE_CLOSED : RANGE_OPEN;
        c.good = u->data == RANGE_CLOSED;
    }
    resources_each_area(app, close_area, &c);
    memcpy(u->areas, c.areas, c.count * sizeof c.areas[0]);
    u->area_count = c.count; /* those that have gone are known no more */
    return c.good;
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
    close_written(app);
    if (!u->counted) {
        choose(app);
    }
    u->call = CALL_KEPT;
    if (!close_ranges(app)) {
        undo_lose(u, no_protection);
    }
    if (!make_room(u)) {
        undo_lose(u, no_memory);
    }
    for (uint32_t i = 0; u->call == CALL_KEPT && u->copies && i < u->copy_count; i++) {
        memcpy(u->copy + (size_t)i * PAGE_SIZE,
               machine_direct(machine_slot_frame(app->base + u->copy_at[i])), PAGE_SIZE);
    }
    if (!resources_remember(app)) {
        undo_lose(u, no_memory);
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
    u->call = CALL_NONE;
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

static const char *watch_back(struct app *app, bool again)
{
    struct undo *u = app->undo;
    if (u == NULL || u->call == CALL_NONE) {
        return no_memory;
    }
    if (u->call == CALL_LOST) {
        return u->why;
    }
    u->call = CALL_NONE;
    if (!undo_back_heap(app)) {
        return "no memory for the heap as it was";
    }
    if (!resources_put_back(app, again)) {
        return "no memory for the surfaces as they were";
    }
    back_pages(app);
    app->ctx_is_written = false;
    u->counted = false;
    return NULL;
}

static const struct app_watch watch = {
    .write = watch_write,
    .touch = watch_touch,
    .committed = watch_committed,
    .takes_frame = watch_takes_frame,
    .heap_before = undo_heap_before,
    .heap_changed = undo_heap_changed,
    .mapped = watch_mapped,
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
