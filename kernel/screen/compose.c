/* SPDX-License-Identifier: MIT */
/*
 * Pixels of the picture: the canvas, and over it the surfaces of scene.c's list. What an opaque
 * surface hides is never touched.
 */
#include "compose.h"

#include "canvas.h"
#include "mirror.h"
#include "scene.h"
#include "surface_private.h"

#include <kernel/machine.h>
#include <kernel/string.h>

static bool meets(const struct surface_area *a, int64_t x, int64_t y, int64_t w, int64_t h)
{
    return a->x < x + w && x < a->x + a->w && a->y < y + h && y < a->y + a->h;
}

static bool covers_all(const struct layer *l, int64_t x, int64_t y, int64_t w, int64_t h)
{
    return l->opaque && l->at.x <= x && l->at.y <= y && l->at.x + l->at.w >= x + w &&
           l->at.y + l->at.h >= y + h;
}

/* What of a row a surface's opacity makes; pixels that are all or nothing are most of them. */
static void blend_row(uint32_t *out, const uint32_t *in, uint32_t count, uint32_t opacity,
                      bool has_alpha)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t alpha = has_alpha ? in[i] >> 24 : 255;
        if (opacity != 255) {
            alpha = compose_part(alpha, opacity);
        }
        if (alpha == 255) {
            out[i] = in[i];
        } else if (alpha != 0) {
            out[i] = compose_blend(out[i], in[i], alpha);
        }
    }
}

static bool is_as_large(const struct layer *l)
{
    return l->at.w == l->s->w && l->at.h == l->s->h;
}

static const uint32_t *pixels_at(const struct layer *l, uint32_t x, uint32_t y)
{
    return (const uint32_t *)machine_direct(l->s->frame) + (uint64_t)(y - l->at.y) * l->s->w +
           (x - l->at.x);
}

/* count pixels in another size, over what is in out. */
static void compose_other(const struct layer *l, uint32_t opacity, uint32_t *out, uint32_t x,
                          uint32_t y, uint32_t count)
{
    uint32_t other[PRESENT_TILE];
    const struct sample picture = place_sample(l->s, &l->at);
    if (picture.how == SAMPLE_SMOOTH) {
        sample_over(&picture, opacity, out, x, y, count);
    } else if (l->opaque) {
        sample_copy(&picture, out, x, y, count);
    } else {
        sample_copy(&picture, other, x, y, count);
        blend_row(out, other, count, opacity, picture.has_alpha);
    }
}

/* The surface's part of row y, x .. x + w - 1, over what is in pixels; w is at most a tile. */
static void compose_one(const struct layer *l, uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w)
{
    const struct surface *s = l->s;
    uint32_t from = (uint32_t)MAX((int64_t)x, l->at.x);
    uint32_t count = (uint32_t)(MIN((int64_t)x + w, l->at.x + l->at.w) - from);
    bool placed = s->place.placed && (s->flags & CTX_SURFACE_POINTER) == 0;
    uint32_t opacity = placed ? s->place.opacity : 255;
    uint32_t *out = pixels + (from - x);
    if (!is_as_large(l)) {
        compose_other(l, opacity, out, from, y, count);
    } else if (l->opaque) {
        memcpy(out, pixels_at(l, from, y), (size_t)count * 4);
    } else {
        blend_row(out, pixels_at(l, from, y), count, opacity, s->format == CTX_SURFACE_RGBA);
    }
    if (l->mirrored) {
        mirrors_compose(s, opacity, out, from, y, count);
    }
}

/* Nothing has to be made of its pixels. */
static bool is_as_it_is(const struct layer *l)
{
    return is_as_large(l) && !l->mirrored;
}

/* Of the first `layers` of the list. */
static void find_tile(struct compose_tile *t, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
                      uint32_t layers)
{
    sample_begin();
    *t = (struct compose_tile){.x = x, .w = w, .layers = scene_scratch()};
    uint32_t no = layers;
    while (no > 0 && !covers_all(scene_layer(no - 1), x, y, w, h)) {
        no--;
    }
    t->hides_canvas = no > 0;
    for (no -= no > 0; no < layers; no++) {
        const struct layer *l = scene_layer(no);
        if (meets(&l->at, x, y, w, h)) {
            t->layers[t->count++] = l;
        }
    }
    if (t->count == 0) {
        t->plain = canvas_pixels() + (size_t)y * canvas_width() + x;
        t->pitch = canvas_width();
    } else if (t->count == 1 && t->hides_canvas && is_as_it_is(t->layers[0])) {
        t->plain = pixels_at(t->layers[0], x, y);
        t->pitch = t->layers[0]->s->w;
    }
}

void compose_tile(struct compose_tile *t, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    find_tile(t, x, y, w, h, scene_count());
}

void compose_still(struct compose_tile *t, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    find_tile(t, x, y, w, h, scene_count() - scene_followers());
}

const uint32_t *compose_row(const struct compose_tile *t, uint32_t y, uint32_t *room)
{
    const struct layer *base = t->hides_canvas ? t->layers[0] : NULL;
    const uint32_t *from;
    if (base == NULL) {
        from = canvas_pixels() + (size_t)y * canvas_width() + t->x;
    } else if (is_as_it_is(base)) {
        from = pixels_at(base, t->x, y);
    } else {
        compose_one(base, room, t->x, y, t->w);
        from = room;
    }
    for (uint32_t i = base != NULL; i < t->count; i++) {
        const struct layer *l = t->layers[i];
        if (!meets(&l->at, t->x, y, t->w, 1)) {
            continue;
        }
        if (from != room) {
            memcpy(room, from, (size_t)t->w * 4);
            from = room;
        }
        compose_one(l, room, t->x, y, t->w);
    }
    return from;
}

/* ---- surface.h, for tests ---- */

bool surface_covers(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    scene_bring_up();
    for (uint32_t i = 0; i < scene_count(); i++) {
        if (meets(&scene_layer(i)->at, x, y, w, h)) {
            return true;
        }
    }
    return false;
}

bool surface_damaged(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    scene_bring_up();
    return scene_is_dirty(x, y, w, h);
}

void surface_compose(uint32_t *pixels, uint32_t x, uint32_t y, uint32_t w)
{
    scene_bring_up();
    for (uint32_t part; w > 0; pixels += part, x += part, w -= part) {
        sample_begin();
        part = MIN(w, PRESENT_TILE);
        for (uint32_t i = 0; i < scene_count(); i++) {
            const struct layer *l = scene_layer(i);
            if (meets(&l->at, x, y, part, 1)) {
                compose_one(l, pixels, x, y, part);
            }
        }
    }
}
