/* SPDX-License-Identifier: MIT */
/* What surface*.c, scene.c and ctx_*.c share: an app's pixels in its slot. */
#ifndef KERNEL_SURFACE_PRIVATE_H
#define KERNEL_SURFACE_PRIVATE_H

#include "app_surfaces.h"
#include "resource.h"
#include "sample.h"
#include "scene.h"
#include "surface.h"

/* Where pixels may lie: behind the canvas, which takes at most 64 MiB. */
#define SURFACES_FIRST UINT64_C(0xe4000000)
#define SURFACES_END   ((uint64_t)CTX_SLOT_CANVAS_END)
/* Before each of them: out of step with heap and canvas (see CANVAS_STAGGER), and never one right
 * behind another. */
#define STAGGER_PAGES 151u

static inline uint64_t surface_pages(uint32_t w, uint32_t h)
{
    return ((uint64_t)w * h * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* The first gap that pixels of so many pages fit into, for a surface other than those that the app
 * has but `except`. False: there is none. */
bool surface_find_gap(const struct app *app, uint64_t pages, const struct surface *except,
                      uint64_t *at);

/* Room for a surface of this index, which is below SURFACES. NOMEM. */
ctx_status surface_make_room(struct app *app, uint32_t index);

/* ---- place.c: on the screen and back, of those that do not follow the pointer ---- */

/* Where it lies, or would lie: where the manager has put it, where its app asked for it to lie, or
 * in the middle of the screen. */
struct surface_area place_area(const struct surface *s);

/* It as a picture that is shown there. */
struct sample place_sample(const struct surface *s, const struct surface_area *at);

/* The part of the screen that looks different when its damaged pixels do. */
struct surface_area place_damage(const struct surface *s, const struct surface_area *at);

/* Whether a pixel of it that is not transparent is seen there. */
bool place_is_there(const struct surface *s, const struct surface_area *at, int64_t x, int64_t y);

/* A place of the screen as one of its own. */
struct route_spot;
void place_spot(const struct app *app, const struct surface *s, const struct surface_area *at,
                uint32_t x, uint32_t y, struct route_spot *out);

/* ---- expose.c ---- */

/* All of it is to be drawn anew, if its app does that at any time (CTX_SURFACE_REDRAWN). */
void surface_expose(struct app *app, struct surface *s);

/* Of route.h. */
bool surface_exposed(struct app *app, struct ctx_event *out);
void surface_exposed_end(struct app *app, bool told);

/* ---- the others ---- */

/* The handle of surface number index of an app. */
static inline uint32_t surface_handle(const struct surface *s, uint32_t index)
{
    return (uint32_t)s->generation << 8 | index;
}

#define SCALE_LEAST 60u
#define SCALE_MOST  960u

/* How large things are to be, in 1/120: by the screen's pixels, and what people said on top of
 * that. All hear when it is another now: by what people said, or another screen. (ctx_display.c) */
uint32_t display_scale(void);
uint32_t display_looks(void);
void display_set_scale(uint32_t to);
void display_tell_scale(void);

/* How things are to look: CTX_DISPLAY_CONTRAST or 0. */
void display_set_looks(uint32_t to);

/* NULL: the app has no such surface. (ctx_display.c) */
struct surface *surface_by_handle(const struct app *app, uint64_t handle);

/* All that is known of it. (ctx_windows.c) */
void surface_describe(const struct app *app, const struct surface *s, struct ctx_surface_info *out);

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

/*
 * The canvas of an app of version 1 or 2 in a window (own_canvas.c): such an app has one surface,
 * whose frames are that one's, and which no function of `display` knows. NOMEM. (surface_canvas.c)
 */
ctx_status surface_show_canvas(struct app *app, paddr_t frame, uint32_t w, uint32_t h);
void surface_hide_canvas(struct app *app);
/* It may have drawn. */
void surface_canvas_drawn(struct app *app);
/* A place of the screen as one of its canvas, inside of it. */
void surface_canvas_point(const struct app *app, int32_t *x, int32_t *y);
/* Where it lies, into an image and out of one. */
void surface_canvas_place(const struct app *app, struct ctx_image_window *out);
void surface_canvas_put(struct app *app, const struct ctx_image_window *in);

/* Its array goes, and app->surfaces with it; nothing is in it any more. */
void surface_free_room(struct app *app);

/* Surfaces that it made itself. */
static inline bool surface_has_own(const struct app *app)
{
    return app->surfaces != NULL && app->version >= 3;
}

/* Tell all who count them. */
void surface_came_or_went(struct app *app);

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
