/* SPDX-License-Identifier: MIT */
/* What is written to be noticed in the next call: pages that were writable are read-only again. */
#include "undo_private.h"

#include "app_memory.h"
#include "resource.h"
#include "save.h"

#include <kernel/string.h>

#define DENSE 32u /* a call that wrote more pages wrote many: undo_pages.c */

/* After so many calls that did not change a page it is read-only again; sooner when there are many:
 * to find out takes a look at all of it. */
#define QUIET      8u
#define QUIET_MANY 2u
#define MANY_PAGES 1024u

/* ---- protecting ---- */

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

/* ---- what is closed ---- */

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

static bool is_open(const struct app *app, const struct written *w)
{
    return machine_slot_rights(app->base + w->at) == (MAP_READ | MAP_WRITE) &&
           undo_is_watched(app, w->at) && undo_is_known(app->undo, w->at);
}

/*
 * Pages that came in the call, or were given to a block again: they begin as read-only ones. First
 * of all, because such a page may be on the list once more, as one that is to stay writable: it
 * would be there twice, and once more after each call that does the same.
 */
static void close_new(struct app *app, struct runs *runs)
{
    for (uint32_t i = 0; i < app->undo->count; i++) {
        const struct written *w = &app->undo->written[i];
        if (w->frame == 0 && is_open(app, w)) {
            protect_page(runs, w->at, NULL);
        }
    }
    end_run(runs);
}

void undo_close_written(struct app *app)
{
    struct undo *u = app->undo;
    struct runs runs = {.app = app, .rights = MAP_READ, .good = true};
    uint32_t quiet = u->count > MANY_PAGES ? QUIET_MANY : QUIET, kept = 0;
    close_new(app, &runs);
    /* Without room what is copied for nothing would be missing elsewhere. */
    bool keeps = runs.good && app_room() >= u->count;
    for (uint32_t i = 0; i < u->count; i++) {
        struct written w = u->written[i];
        if (w.frame == 0) {
            continue;
        }
        bool open = is_open(app, &w);
        if (open && keeps && undo_range_of(u, w.at) == RANGE_CLOSED &&
            still_changes(app, &w, quiet)) {
            u->written[kept++] = w;
            continue;
        }
        undo_give_frame(u, w.frame);
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

struct closing {
    struct app *app;
    struct watched_area areas[UNDO_AREAS];
    uint32_t count;
    bool good;
};

static void close_area(void *arg, uint32_t no, uint64_t at, uint64_t pages)
{
    struct closing *c = arg;
    const struct watched_area *known = undo_area_at(c->app->undo, at);
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

/* What is to be closed as a whole has no pages that stay writable: each would soon be on the list
 * twice. */
static void forget_open(struct undo *u)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < u->count; i++) {
        struct written w = u->written[i];
        if (undo_range_of(u, w.at) == RANGE_CLOSED) {
            u->written[kept++] = w;
        } else {
            undo_give_frame(u, w.frame);
        }
    }
    u->count = kept;
}

bool undo_close_ranges(struct app *app)
{
    struct undo *u = app->undo;
    struct closing c = {.app = app, .good = true};
    forget_open(u);
    if (!u->copies && u->data != RANGE_CLOSED) {
        u->data = protect_data(app, MAP_READ) ? RANGE_CLOSED : RANGE_OPEN;
        c.good = u->data == RANGE_CLOSED;
    }
    resources_each_area(app, close_area, &c);
    memcpy(u->areas, c.areas, c.count * sizeof c.areas[0]);
    u->area_count = c.count; /* those that have gone are known no more */
    return c.good;
}

/* ---- copies or faults ---- */

static void count_page(void *arg, uint64_t offset, const uint8_t *page)
{
    struct undo *u = arg;
    (void)page;
    if (u->copy_count < UNDO_COPY_PAGES) {
        u->copy_at[u->copy_count] = offset;
    }
    u->copy_count++;
}

void undo_choose_way(struct app *app)
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
