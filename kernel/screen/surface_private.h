/* SPDX-License-Identifier: MIT */
/* What surface.c, ctx_display.c and surface_image.c share: an app's pixels in its slot. */
#ifndef KERNEL_SURFACE_PRIVATE_H
#define KERNEL_SURFACE_PRIVATE_H

#include "app_surfaces.h"
#include "compose.h"
#include "resource.h"
#include "surface.h"

#define WINDOW_FIRST  0xe4000000u /* behind the canvas, which takes at most 64 MiB */
#define WINDOW_BYTES  0x03700000u
#define STAGGER_PAGES 151u /* out of step with heap and canvas, see CANVAS_STAGGER */

static inline uint64_t surface_window_of(uint32_t index)
{
    return WINDOW_FIRST + (uint64_t)index * WINDOW_BYTES + STAGGER_PAGES * PAGE_SIZE;
}

/* Frames for a surface of that size; they do not count as the app's yet. NOMEM. */
ctx_status surface_alloc(const struct app *app, uint32_t w, uint32_t h, struct surface *out);

/* The only way in which pixels get into the slot. NOMEM. */
ctx_status surface_map(struct app *app, const struct surface *s);

/* The same with frames that are new, and count as the app's from now on; if it fails they are free.
 */
ctx_status surface_map_new(struct app *app, struct surface *s);

/* Both. */
ctx_status surface_make(struct app *app, uint32_t w, uint32_t h, struct surface *out);

/* Its frames are free, or kept for the way back: those that came in this call are nobody's loss. */
void surface_free_frames(struct app *app, const struct surface *s);

/* What it was is not in the slot any more. */
void surface_lose(struct app *app, struct surface *s, const struct surface *was);

/* Take it out of the slot. */
void surface_drop(struct app *app, struct surface *s);

/* How many the app has. */
uint64_t surface_count(const struct app *app);

/* surface_image.c: of resource.h. */
uint64_t surface_image_bytes(struct app *app, uint32_t flags);
void surface_image_head(const struct app *app, struct ctx_image_app *out);
ctx_status surface_save(struct app *app, struct image_writer *w);
ctx_status surface_check(const struct image *image, uint64_t *pages, struct image_error *error);
bool surface_fits(const struct app *app, const struct image *image);
ctx_status surface_restore(struct app *app, const struct app_restore *how);

#endif
