/* SPDX-License-Identifier: MIT */
/* An app's surfaces in its image. Their pixels are an area of the slot (resource.h), which is saved
 * as such, but for those that their app draws anew. */
#include "surface_private.h"

#include "heap.h"
#include "image_check.h"
#include "image_write.h"

#include <kernel/string.h>

/* Images from when each surface had a window of its own have them there too. */
static bool may_lie(uint64_t at, uint64_t pages)
{
    return at >= SURFACES_FIRST && at < SURFACES_END && pages <= (SURFACES_END - at) / PAGE_SIZE;
}

static void restore_place(struct surface *s, const struct ctx_image_surface *from)
{
    s->place = (struct surface_place){
        .x = from->x,
        .y = from->y,
        .level = from->level,
        .scale = from->scale,
        .opacity = from->opacity,
        .placed = (from->state & CTX_WINDOW_PLACED) != 0,
        .hidden = (from->state & CTX_WINDOW_HIDDEN) != 0,
        .shown = from->shown,
    };
}

static ctx_status restore_one(struct app *app, const struct ctx_image_surface *from)
{
    struct surface fresh = {
        .format = from->format,
        .flags = from->flags,
        .generation = (uint16_t)from->generation,
        .at = from->at,
        .presented = {.count = from->presented},
        .asked = from->asked,
        .asked_x = from->asked_x,
        .asked_y = from->asked_y,
        .smallest_w = from->smallest_w,
        .smallest_h = from->smallest_h,
        .cursor = from->cursor,
    };
    memcpy(fresh.title, from->title, sizeof fresh.title);
    restore_place(&fresh, from);
    if (from->presented != 0) {
        fresh.presented.time_ns = from->presented_ns - app->clock_offset;
    }
    ctx_status status = surface_make(app, from->w, from->h, &fresh);
    if (status == CTX_OK) {
        app->surfaces->all[from->index] = fresh;
        surface_expose(app, &app->surfaces->all[from->index]);
        surface_came_or_went(app);
    }
    return status;
}

/* What it asked for with a surface that it still has. */
static void restore_asked(struct app *app, const struct image *image)
{
    for (uint64_t i = 0; surface_has_own(app) && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface from;
        image_entry(image, CTX_IMAGE_SURFACES, i, &from, sizeof from);
        struct surface *s = &app->surfaces->all[from.index]; /* surface_fits() has looked */
        s->asked = from.asked;
        s->asked_x = from.asked_x;
        s->asked_y = from.asked_y;
        s->smallest_w = from.smallest_w;
        s->smallest_h = from.smallest_h;
        s->cursor = from.cursor;
        memcpy(s->title, from.title, sizeof s->title);
        restore_place(s, &from);
        surface_expose(app, s);
    }
}

uint64_t surface_image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return surface_count(app) * sizeof(struct ctx_image_surface);
}

void surface_image_head(const struct app *app, struct ctx_image_app *out)
{
    for (uint32_t i = 0; surface_has_own(app) && i < app->surfaces->room; i++) {
        *image_surface_generation(out, i) = app->surfaces->all[i].generation;
    }
}

ctx_status surface_save(struct app *app, struct image_writer *w)
{
    uint64_t most = surface_image_bytes(app, 0);
    uint32_t n = 0;
    if (most == 0) {
        return CTX_OK;
    }
    struct ctx_image_surface *surfaces = heap_alloc(most);
    if (surfaces == NULL) {
        return CTX_E_NOMEM;
    }
    for (uint32_t i = 0; i < app->surfaces->room; i++) {
        const struct surface *s = &app->surfaces->all[i];
        if (s->frame == 0) {
            continue;
        }
        struct ctx_image_surface *out = &surfaces[n++];
        *out = (struct ctx_image_surface){
            .index = i,
            .generation = s->generation,
            .w = s->w,
            .h = s->h,
            .format = s->format,
            .flags = s->flags,
            .at = s->at,
            .presented = s->presented.count,
            .presented_ns = app_time(app, s->presented.time_ns),
            .asked = s->asked,
            .asked_x = s->asked_x,
            .asked_y = s->asked_y,
            .smallest_w = s->smallest_w,
            .smallest_h = s->smallest_h,
            .cursor = s->cursor,
            .x = s->place.x,
            .y = s->place.y,
            .level = s->place.level,
            .scale = s->place.scale,
            .opacity = s->place.opacity,
            .state = (s->place.placed ? CTX_WINDOW_PLACED : 0u) |
                     (s->place.hidden ? CTX_WINDOW_HIDDEN : 0u),
            .shown = s->place.shown,
        };
        memcpy(out->title, s->title, sizeof out->title);
    }
    image_write_whole(w, CTX_IMAGE_SURFACES, sizeof *surfaces, surfaces, n * sizeof *surfaces,
                      false);
    heap_free(surfaces, most);
    return CTX_OK;
}

ctx_status surface_check(const struct image *image, uint64_t *pages, struct image_error *error)
{
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        uint64_t needs = surface_pages(s.w, s.h);
        if (!may_lie(s.at, needs)) {
            image_refuse(error, "surface.at", s.at, "this system has its surfaces elsewhere");
            return CTX_E_NOSYS;
        }
        *pages += needs;
    }
    return CTX_OK;
}

bool surface_fits(const struct app *app, const struct image *image)
{
    uint32_t seen = 0;
    for (uint64_t i = 0; surface_has_own(app) && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        if (s.index >= app->surfaces->room) {
            return false;
        }
        const struct surface *now = &app->surfaces->all[s.index];
        if (now->frame == 0 || now->generation != s.generation || now->w != s.w || now->h != s.h ||
            now->format != s.format || now->flags != s.flags || now->at != s.at) {
            return false;
        }
        seen++;
    }
    return surface_count(app) == seen;
}

/* The screen's scale, or the looks, are others than it knows: who draws for them hears that. */
static void tell_scale(struct app *app, const struct ctx_image_app *then)
{
    if (then->scale == display_scale() && then->looks == display_looks()) {
        return;
    }
    for (uint32_t i = 0; surface_has_own(app) && i < app->surfaces->room; i++) {
        const struct surface *s = &app->surfaces->all[i];
        if (s->frame != 0 && (s->flags & CTX_SURFACE_SCALED) != 0) {
            app->hints |= UINT32_C(1) << CTX_EVENT_SCALE;
            app->fresh_hints |= UINT32_C(1) << CTX_EVENT_SCALE;
        }
    }
}

ctx_status surface_restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    uint32_t last = SURFACES; /* the last place that was ever used */
    struct ctx_image_app head = image->app;
    while (last > 0 && *image_surface_generation(&head, last - 1) == 0) {
        last--;
    }
    if (surface_has_own(app) && last > 0) {
        status = surface_make_room(app, last - 1);
    }
    for (uint32_t i = 0; surface_has_own(app) && i < app->surfaces->room; i++) {
        app->surfaces->all[i].generation = *image_surface_generation(&head, i);
    }
    if (how->in_place) {
        restore_asked(app, image);
        tell_scale(app, &image->app);
        surface_repaint();
        return status;
    }
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface surface;
        image_entry(image, CTX_IMAGE_SURFACES, i, &surface, sizeof surface);
        status = surface_make_room(app, surface.index);
        if (status == CTX_OK) {
            status = restore_one(app, &surface);
        }
    }
    tell_scale(app, &image->app);
    return status;
}
