/* SPDX-License-Identifier: MIT */
/* An app's surfaces in its image. Their pixels are an area of the slot (resource.h), which is saved
 * as such. */
#include "surface_private.h"

#include "image_check.h"
#include "image_write.h"

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
    ctx_status status = surface_make(app, from->w, from->h, &fresh);
    if (status == CTX_OK) {
        app->surfaces->all[from->index] = fresh;
        compose_list(app, true);
        surface_repaint();
    }
    return status;
}

uint64_t surface_image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return surface_count(app) * sizeof(struct ctx_image_surface);
}

void surface_image_head(const struct app *app, struct ctx_image_app *out)
{
    for (uint32_t i = 0; app->surfaces != NULL && i < SURFACES; i++) {
        out->surface_generation[i] = app->surfaces->all[i].generation;
    }
}

ctx_status surface_save(struct app *app, struct image_writer *w)
{
    struct ctx_image_surface surfaces[SURFACES];
    uint32_t n = 0;
    for (uint32_t i = 0; app->surfaces != NULL && i < SURFACES; i++) {
        const struct surface *s = &app->surfaces->all[i];
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
    if (app->surfaces != NULL) {
        image_write_whole(w, CTX_IMAGE_SURFACES, sizeof surfaces[0], surfaces,
                          n * sizeof surfaces[0], false);
    }
    return CTX_OK;
}

ctx_status surface_check(const struct image *image, uint64_t *pages, struct image_error *error)
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

bool surface_fits(const struct app *app, const struct image *image)
{
    uint32_t seen = 0;
    for (uint64_t i = 0; app->surfaces != NULL && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        const struct surface *now = &app->surfaces->all[s.index];
        if (now->frame == 0 || now->generation != s.generation || now->w != s.w || now->h != s.h ||
            now->format != s.format || now->flags != s.flags || now->at != s.at) {
            return false;
        }
        seen++;
    }
    return surface_count(app) == seen;
}

ctx_status surface_restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; app->surfaces != NULL && i < SURFACES; i++) {
        app->surfaces->all[i].generation = image->app.surface_generation[i];
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
