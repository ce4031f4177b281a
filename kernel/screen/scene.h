/* SPDX-License-Identifier: MIT */
/*
 * What the screen shows, from below: the canvas, surfaces in their order, those that follow the
 * pointer. scene.c keeps the list of them and the tiles that have to be looked at; compose.c makes
 * pixels of it; surface*.c and ctx_*.c tell it what changed. [loop, in a call]
 */
#ifndef KERNEL_SCENE_H
#define KERNEL_SCENE_H

#include "app_surfaces.h"
#include "present.h"

/* One surface of the list. */
struct layer {
    struct app *app;
    struct surface *s; /* good until the list is made anew */
    struct surface_area at;
    bool opaque;   /* nothing shines through any of its pixels */
    bool mirrored; /* small pictures of others lie over it (mirror.h) */
};

/* ---- what surface*.c and ctx_*.c say ---- */

/*
 * Room for that many surfaces more (less: negative, which always works), whether they are there yet
 * or not: the list can be made in a picture, where nobody can be told of too little memory. NOMEM.
 */
ctx_status scene_reserve(int64_t more);

/* Put the app on the list of those that have surfaces, or take it off. */
void scene_list(struct app *app, bool shown);

/* Surfaces came, went, or lie elsewhere, or the arrays of them did: the list is made anew. */
void scene_changed(void);

/* This surface goes: whatever lies below it is seen again. */
void scene_lost(const struct surface *s);

/* It has damage. */
void scene_damaged(void);

/* All of it looks different, though nobody has said where. */
void scene_touched(const struct surface *s);

/* The tiles that this part of the screen reaches into have to be looked at. */
void scene_mark(struct surface_area a);

/* Where it lies on the screen, or would lie, and how large it is there. */
struct surface_area scene_area(const struct surface *s);

/* ---- what compose.c and present.c ask; all of it after scene_bring_up(), but for
 * scene_hit() ---- */

/* Make list and tiles right: at the beginning of a picture, or whenever somebody wants to know. */
void scene_bring_up(void);

/* From the lowest to the highest; the last of them follow the pointer. */
uint32_t scene_count(void);
uint32_t scene_followers(void);
const struct layer *scene_layer(uint32_t no);

/* Whether something in this part of the screen has to be looked at. */
bool scene_is_dirty(uint32_t x, uint32_t y, uint32_t w, uint32_t h);

/* Whether the display has a plane for the pointer. Then a single surface that follows it, and is
 * small enough, is not in the list: it is what scene_plane() says. */
void scene_use_plane(bool has);

/* That surface, or NULL. */
const struct surface *scene_plane(void);

/* Whether its pixels may be others since this was asked last, with nobody having said damage. */
bool scene_plane_touched(void);

/* Whether the highest surface is RELATIVE, where nobody manages windows: then it is played. */
bool scene_is_relative(void);

/* What of the surface that is highest there the pointer is over (route.h). False: the canvas. */
struct route_spot;
bool scene_hit(uint32_t x, uint32_t y, struct route_spot *out);

/* A place of the screen as one of this surface's. */
void scene_spot(const struct app *app, const struct surface *s, uint32_t x, uint32_t y,
                struct route_spot *out);

/* An array of scene_count() places for whoever makes a picture: those that matter for one tile. */
const struct layer **scene_scratch(void);

#endif
