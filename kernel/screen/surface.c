/* SPDX-License-Identifier: MIT */
/*
 * Each app's own pixels: their memory, and the way back before a call. A surface's memory is one
 * run of frames, mapped where the slot has a gap. What apps call is ctx_display.c, images
 * are surface_image.c's, and where surfaces lie on the screen is compose.c's affair.
 */
#include "surface_private.h"

#include "app_memory.h"
#include "frame.h"
#include "heap.h"
#include "input.h"
#include "route.h"
#include "watch.h"

#include <kernel/string.h>

/* ---- memory ---- */

/* What was there when the call began, and what of it has left the slot since: for the way back. */
struct surfaces_kept {
    struct surface *was, *gone; /* room of each */
    uint32_t room, count;       /* how many of was[] count */
    uint32_t gone_count;
};

/* Whether these are frames that the app had when the call began. */
static bool is_kept(const struct app *app, paddr_t frame)
{
    const struct surfaces_kept *k = app->surfaces->kept;
    for (uint32_t i = 0; k != NULL && frame != 0 && i < k->count; i++) {
        if (k->was[i].frame == frame) {
            return app_may_undo(app);
        }
    }
    return false;
}

/* Whether pixels of so many pages there would lie over a surface, or right beside one: then *at is
 * where they could lie behind it. */
static bool is_in_the_way(const struct surface *s, uint64_t pages, uint64_t *at)
{
    const uint64_t gap = STAGGER_PAGES * PAGE_SIZE;
    if (s->frame == 0 || *at >= s->at + s->pages * PAGE_SIZE + gap ||
        s->at >= *at + pages * PAGE_SIZE + gap) {
        return false;
    }
    *at = s->at + s->pages * PAGE_SIZE + gap;
    return true;
}

bool surface_find_gap(const struct app *app, uint64_t pages, const struct surface *except,
                      uint64_t *at)
{
    *at = SURFACES_FIRST + STAGGER_PAGES * PAGE_SIZE;
    for (bool again = true; again;) { /* each round puts one of them behind us for good */
        again = false;
        for (uint32_t i = 0; i < app->surfaces->room; i++) {
            const struct surface *s = &app->surfaces->all[i];
            again |= s != except && is_in_the_way(s, pages, at);
        }
    }
    return *at < SURFACES_END && pages <= (SURFACES_END - *at) / PAGE_SIZE;
}

ctx_status surface_make_room(struct app *app, uint32_t index)
{
    struct app_surfaces *mine = app->surfaces;
    uint32_t room = mine->room != 0 ? mine->room : 4;
    if (index < mine->room) {
        return CTX_OK;
    }
    while (room <= index) {
        room *= 2;
    }
    struct surface *more = heap_alloc(room * sizeof *more);
    if (more == NULL || scene_reserve((int64_t)room - mine->room) != CTX_OK) {
        heap_free(more, room * sizeof *more);
        return CTX_E_NOMEM;
    }
    scene_changed(); /* it knows them by address */
    if (mine->all != NULL) {
        memcpy(more, mine->all, mine->room * sizeof *more);
        heap_free(mine->all, mine->room * sizeof *more);
    }
    mine->all = more;
    mine->room = room;
    return CTX_OK;
}

ctx_status surface_map(struct app *app, const struct surface *s)
{
    uint32_t rights = MAP_READ | MAP_WRITE;
    if (app->watch != NULL) {
        rights = app->watch->mapped(app, s->at, s->pages, is_kept(app, s->frame));
    }
    return machine_slot_map(app->base + s->at, s->frame, s->pages, rights);
}

ctx_status surface_alloc(const struct app *app, uint32_t w, uint32_t h, struct surface *out)
{
    out->pages = surface_pages(w, h);
    if (!app_may_grow(app, out->pages)) {
        return CTX_E_NOMEM;
    }
    out->frame = frame_alloc_pages(out->pages, FRAME_ZERO);
    out->w = w;
    out->h = h;
    return out->frame != 0 ? CTX_OK : CTX_E_NOMEM;
}

ctx_status surface_map_new(struct app *app, struct surface *s)
{
    ctx_status status = surface_map(app, s);
    if (status == CTX_OK) {
        app->pages += s->pages;
    } else {
        frame_free_pages(s->frame, s->pages);
        s->frame = 0;
    }
    return status;
}

ctx_status surface_make(struct app *app, uint32_t w, uint32_t h, struct surface *out)
{
    ctx_status status = surface_alloc(app, w, h, out);
    return status == CTX_OK ? surface_map_new(app, out) : status;
}

void surface_came_or_went(struct app *app)
{
    bool any = false, heard = app->version >= 3 && route_hears(app, ROUTE_CANVAS);
    app->windows = 0;
    for (uint32_t i = 0; i < app->surfaces->room; i++) {
        const struct surface *s = &app->surfaces->all[i];
        any |= s->frame != 0;
        app->windows += s->frame != 0 && (s->flags & CTX_SURFACE_POINTER) == 0;
    }
    if (heard && !route_hears(app, ROUTE_CANVAS)) {
        input_leave_canvas(app);
    }
    scene_list(app, any);
    scene_changed();
    route_windows_changed();
}

void surface_free_frames(struct app *app, const struct surface *s)
{
    struct surfaces_kept *k = app->surfaces->kept;
    if (is_kept(app, s->frame)) { /* each of them goes once */
        k->gone[k->gone_count++] = *s;
    } else {
        frame_free_pages(s->frame, s->pages);
    }
}

void surface_lose(struct app *app, struct surface *s, const struct surface *was)
{
    surface_free_frames(app, was);
    app->pages -= was->pages;
    scene_lost(s);
    s->frame = 0;
    s->shown = (struct surface_area){.w = 0};
    s->damaged = false;
    route_surface_gone(app->pid, surface_handle(s, (uint32_t)(s - app->surfaces->all)));
    surface_came_or_went(app);
}

void surface_drop(struct app *app, struct surface *s)
{
    machine_slot_unmap(app->base + s->at, s->pages);
    surface_lose(app, s, s);
}

static void destroy_all(struct app *app)
{
    for (uint32_t i = 0; i < app->surfaces->room; i++) {
        if (app->surfaces->all[i].frame != 0) {
            surface_drop(app, &app->surfaces->all[i]);
        }
    }
}

/* ---- undo ---- */

static void free_kept(struct surfaces_kept *k)
{
    if (k->was != NULL) {
        heap_free(k->was, k->room * sizeof *k->was);
    }
    if (k->gone != NULL) {
        heap_free(k->gone, k->room * sizeof *k->gone);
    }
    *k = (struct surfaces_kept){.room = 0};
}

/* Room for all that the app has now. Nothing is in *k: no call is going on. */
static bool make_kept_room(struct surfaces_kept *k, uint32_t room)
{
    if (room <= k->room) {
        return true;
    }
    free_kept(k);
    k->room = room;
    k->was = heap_alloc(room * sizeof *k->was);
    k->gone = heap_alloc(room * sizeof *k->gone);
    if (k->was == NULL || k->gone == NULL) {
        free_kept(k);
        return false;
    }
    return true;
}

static bool remember(struct app *app)
{
    if (!surface_has_own(app)) {
        return true;
    }
    if (app->surfaces->kept == NULL) {
        app->surfaces->kept = heap_alloc(sizeof *app->surfaces->kept);
    }
    struct surfaces_kept *k = app->surfaces->kept;
    if (k == NULL) {
        return false;
    }
    k->count = 0;
    if (!make_kept_room(k, app->surfaces->room)) {
        return false;
    }
    k->count = app->surfaces->room;
    if (k->count > 0) {
        memcpy(k->was, app->surfaces->all, k->count * sizeof *k->was);
    }
    return true;
}

static void let_go(struct app *app)
{
    struct surfaces_kept *k = surface_has_own(app) ? app->surfaces->kept : NULL;
    for (uint32_t i = 0; k != NULL && i < k->gone_count; i++) {
        if (k->gone[i].frame != 0) {
            frame_free_pages(k->gone[i].frame, k->gone[i].pages);
        }
    }
    if (k != NULL) {
        k->gone_count = 0;
    }
}

/* Out of the list of those that went, if it is there. */
static bool comes_back(struct surfaces_kept *k, const struct surface *s)
{
    for (uint32_t i = 0; i < k->gone_count; i++) {
        if (k->gone[i].frame == s->frame) {
            k->gone[i].frame = 0;
            return true;
        }
    }
    return false;
}

/* One that is there becomes what it was. */
static void put_back_one(struct app *app, uint32_t index, const struct surface *was)
{
    struct surface *s = &app->surfaces->all[index];
    struct surface now = *s;
    *s = *was;
    s->presented.count = MAX(now.presented.count, was->presented.count);
    s->place = now.place; /* that is not the app's own doing */
    s->shown = now.shown;
    scene_touched(s); /* its pixels are others than those that are shown */
    surface_expose(app, s);
    surface_came_or_went(app);
}

/* It got another size in the call: that goes, and the surface stays, with keys and pointer. */
static void shrink_to_nothing(struct app *app, struct surface *s)
{
    machine_slot_unmap(app->base + s->at, s->pages);
    surface_free_frames(app, s);
    app->pages -= s->pages;
    scene_lost(s);
    s->frame = 0;
    s->damaged = false;
}

/* One that had gone is mapped again. False: no memory, its frames are free. */
static bool map_back(struct app *app, uint32_t index, const struct surface *was)
{
    struct surface *s = &app->surfaces->all[index];
    if (surface_map(app, was) != CTX_OK) {
        frame_free_pages(was->frame, was->pages);
        route_surface_gone(app->pid, surface_handle(was, index));
        surface_came_or_went(app);
        return false;
    }
    app->pages += was->pages;
    if (s->generation != was->generation) { /* another one was there meanwhile */
        s->presented.count = was->presented.count;
        s->place = was->place;
    }
    s->shown = (struct surface_area){.w = 0};
    put_back_one(app, index, was);
    return true;
}

static bool put_back(struct app *app, bool again)
{
    (void)again;
    struct surfaces_kept *k = surface_has_own(app) ? app->surfaces->kept : NULL;
    bool good = true;
    /* First what came in the call goes, with its frames: it may lie where others were. */
    for (uint32_t i = 0; k != NULL && i < app->surfaces->room; i++) {
        struct surface *now = &app->surfaces->all[i];
        paddr_t was = i < k->count ? k->was[i].frame : 0;
        if (now->frame != was && now->frame != 0) {
            if (was != 0 && now->generation == k->was[i].generation) {
                shrink_to_nothing(app, now);
            } else {
                surface_drop(app, now);
            }
        }
        if (was == 0) {
            *now = (struct surface){.generation = i < k->count ? k->was[i].generation : 0};
        }
    }
    for (uint32_t i = 0; k != NULL && i < k->count; i++) {
        const struct surface *now = &app->surfaces->all[i], *was = &k->was[i];
        if (was->frame == 0) {
            continue;
        }
        if (now->frame == was->frame) {
            put_back_one(app, i, was);
        } else {
            good &= comes_back(k, was) && map_back(app, i, was);
        }
    }
    let_go(app);
    return good;
}

/* ---- what an app has of this ---- */

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    if (app->version < 3) {
        return CTX_OK;
    }
    app->surfaces = heap_alloc(sizeof *app->surfaces);
    return app->surfaces != NULL ? CTX_OK : CTX_E_NOMEM;
}

void surface_free_room(struct app *app)
{
    if (app->surfaces->all != NULL) {
        heap_free(app->surfaces->all, app->surfaces->room * sizeof *app->surfaces->all);
        (void)scene_reserve(-(int64_t)app->surfaces->room); /* less: that never fails */
    }
    heap_free(app->surfaces, sizeof *app->surfaces);
    app->surfaces = NULL;
}

static void tear_down(struct app *app)
{
    if (!surface_has_own(app)) {
        return;
    }
    destroy_all(app);
    let_go(app);
    if (app->surfaces->kept != NULL) {
        free_kept(app->surfaces->kept);
        heap_free(app->surfaces->kept, sizeof *app->surfaces->kept);
    }
    surface_free_room(app);
}

uint64_t surface_count(const struct app *app)
{
    uint64_t n = 0;
    for (uint32_t i = 0; surface_has_own(app) && i < app->surfaces->room; i++) {
        n += app->surfaces->all[i].frame != 0;
    }
    return n;
}

/* The one that lies next from there on, of those whose pixels are kept; room: there is none. */
static uint32_t next_from(const struct app_surfaces *mine, uint64_t at)
{
    uint32_t next = mine->room;
    for (uint32_t i = 0; i < mine->room; i++) {
        const struct surface *s = &mine->all[i];
        bool kept = s->frame != 0 && (s->flags & CTX_SURFACE_REDRAWN) == 0;
        if (kept && s->at >= at && (next == mine->room || s->at < mine->all[next].at)) {
            next = i;
        }
    }
    return next;
}

/* In the order of their addresses, which is not that of their numbers. */
static void each_area(const struct app *app, app_area_fn *fn, void *arg)
{
    const struct app_surfaces *mine = app->surfaces;
    uint64_t at = 0;
    for (uint32_t i; surface_has_own(app) && (i = next_from(mine, at)) < mine->room;) {
        const struct surface *s = &mine->all[i];
        at = s->at + s->pages * PAGE_SIZE;
        fn(arg, i, s->at, s->pages);
    }
}

const struct app_resource surface_resource = {
    .name = "surfaces",
    .build = build,
    .tear_down = tear_down,
    .each_area = each_area,
    .image_bytes = surface_image_bytes,
    .image_head = surface_image_head,
    .save = surface_save,
    .check = surface_check,
    .fits = surface_fits,
    .restore = surface_restore,
    .remember = remember,
    .put_back = put_back,
    .let_go = let_go,
    .count = surface_count,
};
