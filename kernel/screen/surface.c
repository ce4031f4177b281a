/* SPDX-License-Identifier: MIT */
/*
 * Each app's own pixels: the table `display`, and what undo and images need of it. Where they lie
 * on the screen is compose.c's affair. A surface's memory is one run of frames, mapped into a fixed
 * window of the slot.
 */
#include "surface.h"
#include "compose.h"

#include "app_v3.h"
#include "canvas.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "image_write.h"
#include "own_canvas.h"
#include "present.h"
#include "resource.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define WINDOW_FIRST  0xe4000000u /* behind the canvas, which takes at most 64 MiB */
#define WINDOW_BYTES  0x03700000u
#define STAGGER_PAGES 151u /* out of step with heap and canvas, see CANVAS_STAGGER */

static uint64_t window_of(uint32_t index)
{
    return WINDOW_FIRST + (uint64_t)index * WINDOW_BYTES + STAGGER_PAGES * PAGE_SIZE;
}

static struct surface *by_handle(struct app *app, uint64_t handle)
{
    uint32_t at = (uint32_t)handle & 0xff;
    if (at >= SURFACES || (uint32_t)handle > 0xffffff) {
        return NULL;
    }
    struct surface *s = &app->v3->surfaces[at];
    return s->frame != 0 && s->generation == (uint32_t)handle >> 8 ? s : NULL;
}

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
    const struct surfaces_kept *k = app->v3->kept_surfaces;
    for (uint32_t i = 0; k != NULL && frame != 0 && i < SURFACES; i++) {
        if (k->was[i].frame == frame) {
            return app->watch != NULL && app->watch->can_undo(app);
        }
    }
    return false;
}

/* The only way in which pixels get into the slot. */
static ctx_status map_pixels(struct app *app, const struct surface *s)
{
    uint32_t rights = MAP_READ | MAP_WRITE;
    if (app->watch != NULL) {
        rights = app->watch->mapped(app, s->at, s->pages, is_kept(app, s->frame));
    }
    return machine_slot_map(app->base + s->at, s->frame, s->pages, rights);
}

/* Frames for a surface of that size; they do not count as the app's yet. */
static ctx_status alloc_pixels(const struct app *app, uint32_t w, uint32_t h, struct surface *out)
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

static ctx_status map_new_pixels(struct app *app, struct surface *s)
{
    ctx_status status = map_pixels(app, s);
    if (status == CTX_OK) {
        app->pages += s->pages;
    } else {
        frame_free_pages(s->frame, s->pages);
        s->frame = 0;
    }
    return status;
}

static ctx_status make_pixels(struct app *app, uint32_t w, uint32_t h, struct surface *out)
{
    ctx_status status = alloc_pixels(app, w, h, out);
    return status == CTX_OK ? map_new_pixels(app, out) : status;
}

static bool has_any(const struct app *app)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        if (app->v3->surfaces[i].frame != 0) {
            return true;
        }
    }
    return false;
}

/* Those that came in this call are nobody's loss. */
static void free_frames(struct app *app, const struct surface *s)
{
    struct surfaces_kept *k = app->v3->kept_surfaces;
    if (is_kept(app, s->frame)) { /* each of them goes once */
        k->gone[k->gone_count++] = *s;
    } else {
        frame_free_pages(s->frame, s->pages);
    }
}

/* It is not in the slot any more. */
static void lose(struct app *app, struct surface *s, const struct surface *was)
{
    free_frames(app, was);
    app->pages -= was->pages;
    s->frame = 0;
    surface_repaint();
    compose_list(app, has_any(app));
}

static void drop_pixels(struct app *app, struct surface *s)
{
    machine_slot_unmap(app->base + s->at, s->pages);
    lose(app, s, s);
}

void surface_destroy_all(struct app *app)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        if (app->v3->surfaces[i].frame != 0) {
            drop_pixels(app, &app->v3->surfaces[i]);
        }
    }
}

/* ---- what apps call ---- */

static uint64_t display_info(struct app *app, const uint64_t args[6])
{
    (void)app;
    bool seen = present_display() != NULL;
    struct ctx_display_info out = {
        .size = sizeof out,
        .w = seen ? canvas_width() : 0,
        .h = seen ? canvas_height() : 0,
        .frame_ns = NSEC_PER_SEC / 60,
    };
    return (uint32_t)gate_put_struct(args[1], &out, sizeof out);
}

static uint64_t display_canvas(struct app *app, const uint64_t args[6])
{
    (void)args;
    if (app->has_canvas) {
        return CTX_OK;
    }
    return (uint32_t)surface_open_canvas(app);
}

ctx_status surface_open_canvas(struct app *app)
{
    const struct own_canvas *own = app->own_canvas;
    ctx_status status = machine_slot_map(
        app->base + canvas_slot_offset(), own != NULL ? own->frame : canvas_frame(),
        own != NULL ? own->pages : canvas_pages(), MAP_READ | MAP_WRITE);
    app->has_canvas = status == CTX_OK;
    app->ctx_is_written = false; /* fb is something else from the next call on */
    return status;
}

static uint64_t display_create(struct app *app, const uint64_t args[6])
{
    uint32_t format = (uint32_t)args[3];
    if (!image_surface_is_good(args[1], args[2], format, args[4])) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t index = 0;
    while (index < SURFACES && app->v3->surfaces[index].frame != 0) {
        index++;
    }
    if (index == SURFACES) {
        return (uint32_t)CTX_E_NOSPC;
    }
    struct surface fresh = {
        .format = format,
        .flags = (uint32_t)args[4],
        .generation = app->v3->surfaces[index].generation,
        .at = window_of(index),
    };
    fresh.generation = (uint16_t)(fresh.generation < UINT16_MAX ? fresh.generation + 1 : 1);
    uint32_t handle = (uint32_t)fresh.generation << 8 | index;
    ctx_status status = gate_put(args[5], &handle, sizeof handle);
    if (status == CTX_OK) {
        status = make_pixels(app, (uint32_t)args[1], (uint32_t)args[2], &fresh);
    }
    if (status == CTX_OK) {
        app->v3->surfaces[index] = fresh;
        compose_list(app, true);
        surface_repaint();
    }
    return (uint32_t)status;
}

static uint64_t display_pixels(struct app *app, const uint64_t args[6])
{
    const struct surface *s = by_handle(app, args[1]);
    return s != NULL ? app->base + s->at : 0;
}

static uint64_t display_damage(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    uint32_t x0 = MIN((uint32_t)args[2], s->w), y0 = MIN((uint32_t)args[3], s->h);
    uint32_t x1 = x0 + MIN((uint32_t)args[4], s->w - x0),
             y1 = y0 + MIN((uint32_t)args[5], s->h - y0);
    if (x0 == x1 || y0 == y1) {
        return CTX_OK;
    }
    s->x0 = s->damaged ? MIN(s->x0, x0) : x0;
    s->y0 = s->damaged ? MIN(s->y0, y0) : y0;
    s->x1 = s->damaged ? MAX(s->x1, x1) : x1;
    s->y1 = s->damaged ? MAX(s->y1, y1) : y1;
    s->damaged = true;
    compose_damaged();
    return CTX_OK;
}

static uint64_t display_presented(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    struct ctx_presented out = s->presented;
    out.time_ns = out.count != 0 ? app_time(app, out.time_ns) : 0;
    return (uint32_t)gate_put_struct(args[2], &out, sizeof out);
}

static uint64_t display_resize(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL || !image_surface_is_good(args[2], args[3], s->format, s->flags)) {
        return (uint32_t)(s == NULL ? CTX_E_NOENT : CTX_E_INVAL);
    }
    struct surface old = *s, fresh = *s;
    fresh.damaged = false;
    ctx_status status = alloc_pixels(app, (uint32_t)args[2], (uint32_t)args[3], &fresh);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    /* The window holds one at a time: the old pixels go first, and come back if the new ones can
     * not be mapped. */
    machine_slot_unmap(app->base + old.at, old.pages);
    status = map_new_pixels(app, &fresh);
    if (status != CTX_OK) {
        if (map_pixels(app, &old) != CTX_OK) { /* though its tables are still there */
            log_error("surface", "%s#%lu loses a surface: no memory to map it again", app->name,
                      app->pid);
            lose(app, s, &old);
        }
        return (uint32_t)status;
    }
    free_frames(app, &old);
    app->pages -= old.pages;
    *s = fresh;
    surface_repaint();
    return CTX_OK;
}

static uint64_t display_destroy(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    drop_pixels(app, s);
    return CTX_OK;
}

GATE_TABLE(ctx_display_table, CTX_TABLE_DISPLAY, display_info, display_canvas, display_create,
           display_pixels, display_damage, display_presented, display_resize, display_destroy);

/* ---- undo ---- */

static bool remember(struct app *app)
{
    if (app->v3 == NULL) {
        return true;
    }
    if (app->v3->kept_surfaces == NULL) {
        app->v3->kept_surfaces = heap_alloc(sizeof *app->v3->kept_surfaces);
    }
    struct surfaces_kept *k = app->v3->kept_surfaces;
    if (k != NULL) {
        memcpy(k->was, app->v3->surfaces, sizeof k->was);
    }
    return k != NULL;
}

static void let_go(struct app *app)
{
    struct surfaces_kept *k = app->v3 != NULL ? app->v3->kept_surfaces : NULL;
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
    struct surface *s = &app->v3->surfaces[index];
    uint64_t presented = MAX(s->presented.count, was->presented.count);
    *s = *was;
    s->presented.count = presented;
    compose_list(app, true);
    surface_repaint(); /* its pixels are others than those that are shown */
}

/* One that had gone is mapped again. False: no memory, its frames are free. */
static bool map_back(struct app *app, uint32_t index, const struct surface *was)
{
    if (map_pixels(app, was) != CTX_OK) {
        frame_free_pages(was->frame, was->pages);
        return false;
    }
    app->pages += was->pages;
    app->v3->surfaces[index].presented.count = was->presented.count;
    put_back_one(app, index, was);
    return true;
}

static bool put_back(struct app *app, bool again)
{
    (void)again;
    struct surfaces_kept *k = app->v3 != NULL ? app->v3->kept_surfaces : NULL;
    bool good = true;
    for (uint32_t i = 0; k != NULL && i < SURFACES; i++) {
        const struct surface *now = &app->v3->surfaces[i], *was = &k->was[i];
        if (now->frame != was->frame && now->frame != 0) {
            drop_pixels(app, &app->v3->surfaces[i]); /* the call is over: its frames go */
        }
        if (was->frame == 0) {
            app->v3->surfaces[i].generation = was->generation;
        } else if (now->frame == was->frame) {
            put_back_one(app, i, was);
        } else {
            good &= comes_back(k, was) && map_back(app, i, was);
        }
    }
    let_go(app);
    return good;
}

/* ---- images ---- */

static bool may_lie(uint32_t index, uint64_t at, uint64_t pages)
{
    uint64_t window = WINDOW_FIRST + (uint64_t)index * WINDOW_BYTES;
    return at >= window && at - window < WINDOW_BYTES &&
           pages * PAGE_SIZE <= WINDOW_BYTES - (at - window);
}

static ctx_status restore_one(struct app *app, const struct ctx_image_surface *from)
{
    struct surface fresh = {
        .format = from->format,
        .flags = from->flags,
        .generation = (uint16_t)from->generation,
        .at = from->at,
        .presented = {.count = from->presented},
    };
    if (from->presented != 0) {
        fresh.presented.time_ns = from->presented_ns - app->clock_offset;
    }
    ctx_status status = make_pixels(app, from->w, from->h, &fresh);
    if (status == CTX_OK) {
        app->v3->surfaces[from->index] = fresh;
        compose_list(app, true);
        surface_repaint();
    }
    return status;
}

/* ---- what an app has of this ---- */

static void tear_down(struct app *app)
{
    if (app->v3 != NULL) {
        surface_destroy_all(app);
        let_go(app);
        heap_free(app->v3->kept_surfaces, sizeof *app->v3->kept_surfaces);
        app->v3->kept_surfaces = NULL;
    }
}

static uint64_t count(const struct app *app)
{
    uint64_t n = 0;
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        n += app->v3->surfaces[i].frame != 0;
    }
    return n;
}

/* ---- images ---- */

static void each_area(const struct app *app, app_area_fn *fn, void *arg)
{
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        const struct surface *s = &app->v3->surfaces[i];
        if (s->frame != 0) {
            fn(arg, i, s->at, s->pages);
        }
    }
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return count(app) * sizeof(struct ctx_image_surface);
}

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        out->surface_generation[i] = app->v3->surfaces[i].generation;
    }
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    struct ctx_image_surface surfaces[SURFACES];
    uint32_t n = 0;
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        const struct surface *s = &app->v3->surfaces[i];
        if (s->frame == 0) {
            continue;
        }
        surfaces[n++] = (struct ctx_image_surface){
            .index = i,
            .generation = s->generation,
            .w = s->w,
            .h = s->h,
            .format = s->format,
            .flags = s->flags,
            .at = s->at,
            .presented = s->presented.count,
            .presented_ns = app_time(app, s->presented.time_ns),
        };
    }
    if (app->v3 != NULL) {
        image_write_whole(w, CTX_IMAGE_SURFACES, sizeof surfaces[0], surfaces,
                          n * sizeof surfaces[0], false);
    }
    return CTX_OK;
}

static ctx_status check(const struct image *image, uint64_t *pages, struct image_error *error)
{
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        uint64_t needs = ((uint64_t)s.w * s.h * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
        if (!may_lie(s.index, s.at, needs)) {
            image_refuse(error, "surface.at", s.at, "this system has its surfaces elsewhere");
            return CTX_E_NOSYS;
        }
        *pages += needs;
    }
    return CTX_OK;
}

static bool fits(const struct app *app, const struct image *image)
{
    uint32_t seen = 0;
    for (uint64_t i = 0; app->v3 != NULL && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        const struct surface *now = &app->v3->surfaces[s.index];
        if (now->frame == 0 || now->generation != s.generation || now->w != s.w || now->h != s.h ||
            now->format != s.format || now->flags != s.flags || now->at != s.at) {
            return false;
        }
        seen++;
    }
    return count(app) == seen;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        app->v3->surfaces[i].generation = image->app.surface_generation[i];
    }
    if (how->in_place) {
        surface_repaint();
        return CTX_OK;
    }
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface surface;
        image_entry(image, CTX_IMAGE_SURFACES, i, &surface, sizeof surface);
        status = restore_one(app, &surface);
    }
    return status;
}

const struct app_resource surface_resource = {
    .name = "surfaces",
    .tear_down = tear_down,
    .each_area = each_area,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .check = check,
    .fits = fits,
    .restore = restore,
    .remember = remember,
    .put_back = put_back,
    .let_go = let_go,
    .count = count,
};
