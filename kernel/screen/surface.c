/* SPDX-License-Identifier: MIT */
/*
 * Each app's own pixels: their memory, and the way back before a call. A surface's memory is one
 * run of frames, mapped into a fixed window of the slot. What apps call is ctx_display.c, images
 * are surface_image.c's, and where surfaces lie on the screen is compose.c's affair.
 */
#include "surface_private.h"

#include "frame.h"
#include "heap.h"
#include "watch.h"

#include <kernel/string.h>

/* ---- memory ---- */

/* What was there when the call began, and what of it has left the slot since: for the way back. */
struct surfaces_kept {
    struct surface was[SURFACES];
    struct surface gone[SURFACES];
    uint32_t gone_count;
};

/* Whether these are frames that the app had when the call began. */
static bool is_kept(const struct app *app, paddr_t frame)
{
    const struct surfaces_kept *k = app->surfaces->kept;
    for (uint32_t i = 0; k != NULL && frame != 0 && i < SURFACES; i++) {
        if (k->was[i].frame == frame) {
            return app->watch != NULL && app->watch->can_undo(app);
        }
    }
    return false;
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
    out->pages = ((uint64_t)w * h * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
    if (out->pages > WINDOW_BYTES / PAGE_SIZE - STAGGER_PAGES || !app_may_grow(app, out->pages)) {
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

static bool has_any(const struct app *app)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        if (app->surfaces->all[i].frame != 0) {
            return true;
        }
    }
    return false;
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
    s->frame = 0;
    surface_repaint();
    compose_list(app, has_any(app));
}

void surface_drop(struct app *app, struct surface *s)
{
    machine_slot_unmap(app->base + s->at, s->pages);
    surface_lose(app, s, s);
}

static void destroy_all(struct app *app)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        if (app->surfaces->all[i].frame != 0) {
            surface_drop(app, &app->surfaces->all[i]);
        }
    }
}

/* ---- undo ---- */

static bool remember(struct app *app)
{
    if (app->surfaces == NULL) {
        return true;
    }
    if (app->surfaces->kept == NULL) {
        app->surfaces->kept = heap_alloc(sizeof *app->surfaces->kept);
    }
    struct surfaces_kept *k = app->surfaces->kept;
    if (k != NULL) {
        memcpy(k->was, app->surfaces->all, sizeof k->was);
    }
    return k != NULL;
}

static void let_go(struct app *app)
{
    struct surfaces_kept *k = app->surfaces != NULL ? app->surfaces->kept : NULL;
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
    uint64_t presented = MAX(s->presented.count, was->presented.count);
    *s = *was;
    s->presented.count = presented;
    compose_list(app, true);
    surface_repaint(); /* its pixels are others than those that are shown */
}

/* One that had gone is mapped again. False: no memory, its frames are free. */
static bool map_back(struct app *app, uint32_t index, const struct surface *was)
{
    if (surface_map(app, was) != CTX_OK) {
        frame_free_pages(was->frame, was->pages);
        return false;
    }
    app->pages += was->pages;
    app->surfaces->all[index].presented.count = was->presented.count;
    put_back_one(app, index, was);
    return true;
}

static bool put_back(struct app *app, bool again)
{
    (void)again;
    struct surfaces_kept *k = app->surfaces != NULL ? app->surfaces->kept : NULL;
    bool good = true;
    for (uint32_t i = 0; k != NULL && i < SURFACES; i++) {
        const struct surface *now = &app->surfaces->all[i], *was = &k->was[i];
        if (now->frame != was->frame && now->frame != 0) {
            surface_drop(app, &app->surfaces->all[i]); /* the call is over: its frames go */
        }
        if (was->frame == 0) {
            app->surfaces->all[i].generation = was->generation;
        } else if (now->frame == was->frame) {
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

static void tear_down(struct app *app)
{
    if (app->surfaces != NULL) {
        destroy_all(app);
        let_go(app);
        heap_free(app->surfaces->kept, sizeof *app->surfaces->kept);
        heap_free(app->surfaces, sizeof *app->surfaces);
        app->surfaces = NULL;
    }
}

uint64_t surface_count(const struct app *app)
{
    uint64_t n = 0;
    for (uint32_t i = 0; app->surfaces != NULL && i < SURFACES; i++) {
        n += app->surfaces->all[i].frame != 0;
    }
    return n;
}

static void each_area(const struct app *app, app_area_fn *fn, void *arg)
{
    for (uint32_t i = 0; app->surfaces != NULL && i < SURFACES; i++) {
        const struct surface *s = &app->surfaces->all[i];
        if (s->frame != 0) {
            fn(arg, i, s->at, s->pages);
        }
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
